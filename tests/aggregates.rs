//! How children are joined: what is refused and why, errors that come through, what is learned and read back, and
//! explanations that add up whatever the method.

use vointi::{
    Calibration, Cohort, Definition, ErrorKind, Index, Person, Table,
    explain::{Baseline, contributions},
    index::Reason,
};

/// Every method that needs no reference, and one that does, for four children.
const METHODS: &[&str] = &[
    "\"arithmetic\"",
    "\"geometric\"",
    "\"harmonic\"",
    "{ power = 3 }",
    "{ power = 0.0005 }",
    "\"median\"",
    "\"minimum\"",
    "\"maximum\"",
    "\"mpi\"",
    "{ mpi = \"plus\" }",
    "{ mean_min = { a = 0.5, b = 4 } }",
    "{ mean_min = { a = 1, b = 0 } }",
    "{ owa = [0.4, 0.3, 0.2, 0.1] }",
    "{ owa = { quantifier = 2 } }",
    "{ owa = { worst = 2 } }",
    "{ choquet = { alone = { i0 = 0.2, i1 = 0.1, i2 = 0.25, i3 = 0.15 }, pairs = [[\"i0\", \"i1\", 0.3], [\"i2\", \"i3\", -0.1], [\"i0\", \"i3\", 0.1]] } }",
    "{ alkire_foster = { cutoffs = { i0 = 50, i1 = 40, i2 = 60, i3 = 55 }, poor_at = 0.5 } }",
    "\"copeland\"",
    "\"topsis\"",
    "\"benefit_of_the_doubt\"",
    "{ benefit_of_the_doubt = { shares = [0.1, 0.6] } }",
];

fn text(children: usize, top: &str, sd: &str) -> String {
    let mut text = "schema = 1\nid = \"flat\"\n[person]\nid = \"person\"\n".to_owned();
    for at in 0..children {
        text += &format!("[measure.m{at}]\nunit = \"1\"\ndirection = \"higher_better\"\n{sd}\n");
        text += &format!("[indicator.i{at}]\nmeasure = \"m{at}\"\nutility = {{ goalposts = [0, 100] }}\n");
    }
    text + top
}

fn flat(aggregate: &str) -> Definition {
    let top = format!("[index]\nchildren = [\"i0\", \"i1\", \"i2\", \"i3\"]\naggregate = {aggregate}\n");
    Definition::from_toml(&text(4, &top, ERROR)).unwrap_or_else(|error| panic!("{aggregate}: {error}"))
}

const ERROR: &str = "error = { sd = 1.5, target = \"occasion\", source = \"assumed\" }";

fn cohort(definition: &Definition, rows: &[Vec<Option<f64>>]) -> Cohort {
    let mut table = Table::builder().number("person", (0..rows.len()).map(|row| Some(row as f64)));
    for at in 0..rows[0].len() {
        table = table.number(format!("m{at}"), rows.iter().map(|row| row[at]));
    }
    Cohort::new(definition, table.build().unwrap()).unwrap()
}

/// A small generator of our own.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

fn normal(state: &mut u64) -> f64 {
    let (u, v) = (uniform(state).max(1e-300), uniform(state));
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

fn people(rows: usize, seed: u64) -> Vec<Vec<Option<f64>>> {
    let mut state = seed;
    (0..rows).map(|_| (0..4).map(|_| Some((100.0 * uniform(&mut state)).round())).collect()).collect()
}

fn refused(top: &str) -> String {
    let error = Definition::from_toml(&text(3, top, "")).expect_err(top);
    assert_eq!(error.kind(), ErrorKind::Definition);
    error.to_string()
}

#[test]
fn what_does_not_fit_is_refused_with_the_remedy() {
    let index =
        |aggregate: &str| format!("[index]\nchildren = [\"i0\", \"i1\", \"i2\"]\naggregate = {aggregate}\n");
    let cases: &[(&str, &[&str])] = &[
        ("\"medain\"", &["unknown word `medain`", "median"]),
        (
            "{ mpi = \"minus\", owa = { best = 1 } }",
            &["the aggregate is not one mean", "mean_min, owa, choquet"],
        ),
        ("{ mpi = \"minus\", floor = 1 }", &["a floor does not belong to mpi", "only means have one"]),
        ("{ power = -101 }", &["the power -101 is too large", "the minimum and the maximum"]),
        ("{ mean_min = { a = 1.5, b = 1 } }", &["1.5 is no share", "from 0 to 1"]),
        ("{ mean_min = { a = 1, b = -1 } }", &["`b` is -1", "0 or more"]),
        ("{ mean_min = { a = 1 } }", &["the key `b` is missing"]),
        ("{ owa = [0.5, 0.5] }", &["2 weights of places for 3 children", "the best first"]),
        ("{ owa = [0.5, 0.3, 0.3] }", &["weights of places that sum to 1.1", "sum to 1"]),
        ("{ owa = [1.5, -0.5, 0] }", &["or are below 0"]),
        ("{ owa = { best = 4 } }", &["the mean of the 4 best", "from 1 to 3"]),
        ("{ owa = { worst = 1.5 } }", &["the mean of the 1.5 worst"]),
        ("{ owa = { quantifier = 0 } }", &["0 is no quantifier"]),
        ("{ owa = { quantifier = 2, best = 1 } }", &["said twice", "one of quantifier, best, worst"]),
        ("{ choquet = { alone = { i0 = 0.5, i1 = 0.5 } } }", &["the child `i2` is missing"]),
        ("{ choquet = { alone = { i0 = 0.5, i1 = 0.5, i2 = 0, i4 = 0 } } }", &["`i4` is no child here"]),
        ("{ choquet = { alone = { i0 = 0.5, i1 = 0.25, i2 = 0 } } }", &["the masses sum to 0.75"]),
        (
            "{ choquet = { alone = { i0 = 0.6, i1 = 0.6, i2 = 0.1 }, pairs = [[\"i1\", \"i2\", -0.3]] } }",
            &["more of `i2` would lower the score", "0 or more"],
        ),
        (
            "{ choquet = { alone = { i0 = 0.6, i1 = 0.2, i2 = 0.2 }, pairs = [[\"i0\", \"i0\", 0]] } }",
            &["`i0` is paired with itself"],
        ),
        (
            "{ choquet = { alone = { i0 = 0.6, i1 = 0.2, i2 = 0.2 }, pairs = [[\"i0\", \"i1\", 0], [\"i1\", \"i0\", 0]] } }",
            &["the pair of `i1` and `i0` stands here twice"],
        ),
        (
            "{ choquet = { alone = { i0 = 0.6, i1 = 0.2, i2 = 0.2 }, pairs = [[\"i0\", 0.1]] } }",
            &["no pair with its mass"],
        ),
        ("{ benefit_of_the_doubt = { shares = [0.4, 0.6] } }", &["sum to at least 1.2", "widen"]),
        ("{ benefit_of_the_doubt = { shares = [0, 0.3] } }", &["at most 0.8"]),
        ("{ benefit_of_the_doubt = { shares = [0.6, 0.3] } }", &["limits that no share can be within"]),
        (
            "{ alkire_foster = { cutoffs = { i0 = 1, i1 = 1, i2 = 1 }, poor_at = 0 } }",
            &["nobody is poor at 0"],
        ),
        (
            "{ alkire_foster = { cutoffs = { i0 = 1, i1 = 1 }, poor_at = 0.5 } }",
            &["the child `i2` is missing"],
        ),
        (
            "\"ampi\"",
            &[
                "ampi needs children on the scale of the reference",
                "the same formula on another range is `mpi`",
            ],
        ),
    ];
    for (aggregate, said) in cases {
        let error = refused(&index(aggregate));
        for said in *said {
            assert!(error.contains(said), "{aggregate}: {error}");
        }
    }
}

#[test]
fn a_parent_must_suit_its_aggregate() {
    for aggregate in [
        "{ owa = [0.5, 0.3, 0.2] }",
        "{ choquet = { alone = { i0 = 0.5, i1 = 0.3, i2 = 0.2 } } }",
        "\"topsis\"",
        "\"benefit_of_the_doubt\"",
        "{ alkire_foster = { cutoffs = { i0 = 1, i1 = 1, i2 = 1 }, poor_at = 0.5 } }",
    ] {
        let children = "children = [\"i0\", \"i1\", \"i2\"]";
        let error = refused(&format!(
            "[index]\n{children}\naggregate = {aggregate}\nmissing = {{ at_least = 0.5 }}\n"
        ));
        assert!(error.contains("the aggregate needs all children"), "{aggregate}: {error}");
    }
    for aggregate in [
        "{ owa = { best = 2 } }",
        "{ choquet = { alone = { i0 = 0.5, i1 = 0.3, i2 = 0.2 } } }",
        "\"benefit_of_the_doubt\"",
    ] {
        let error =
            refused(&format!("[index]\nchildren = {{ i0 = 1, i1 = 2, i2 = 1 }}\naggregate = {aggregate}\n"));
        assert!(error.contains("no place for weights"), "{aggregate}: {error}");
        let weights = "weights = \"pca\"";
        let error = refused(&format!(
            "[index]\nchildren = [\"i0\", \"i1\", \"i2\"]\naggregate = {aggregate}\n{weights}\n"
        ));
        assert!(error.contains("no place for weights"), "{aggregate}: {error}");
    }
}

/// The penalised mean of (90, 10, 10) is below 0: what stands above it must be able to take that.
#[test]
fn an_aggregate_that_can_leave_its_range_says_so_to_its_parent() {
    let tree = |below: &str, above: &str| {
        let top = format!(
            "[pillar.p]\nchildren = [\"i0\", \"i1\"]\naggregate = {below}\n[index]\nchildren = [\"p\", \"i2\"]\naggregate = {above}\n"
        );
        Definition::from_toml(&text(3, &top, "")).map_err(|error| error.to_string())
    };
    for above in [
        "\"geometric\"",
        "\"harmonic\"",
        "{ power = 0.5 }",
        "\"mpi\"",
        "\"topsis\"",
        "\"benefit_of_the_doubt\"",
    ] {
        let error = tree("\"mpi\"", above).unwrap_err();
        assert!(error.contains("can be negative here"), "{above}: {error}");
        assert!(tree("{ mpi = \"plus\" }", above).is_ok(), "{above}");
        assert!(tree("\"topsis\"", above).is_ok(), "{above}");
    }
    for above in ["\"arithmetic\"", "\"median\"", "\"minimum\"", "{ owa = { worst = 1 } }"] {
        assert!(tree("\"mpi\"", above).is_ok(), "{above}");
    }
    let z = text(2, "[index]\nchildren = [\"i0\", \"i1\"]\naggregate = \"mpi\"\n", "")
        .replace("{ goalposts = [0, 100] }", "\"z\"");
    assert!(Definition::from_toml(&z).unwrap_err().to_string().contains("can be negative here"));
}

#[test]
fn the_tree_says_how_children_are_joined() {
    let how = |aggregate: &str| flat(aggregate).tree()[0].how.clone();
    assert_eq!(how("\"geometric\""), "geometric mean");
    assert_eq!(how("\"median\""), "weighted median, orness 0.500");
    assert_eq!(how("\"minimum\""), "minimum, the worst child, orness 0.000");
    assert_eq!(how("{ owa = { best = 2 } }"), "mean of the 2 best, orness 0.833");
    assert_eq!(
        how("{ owa = [0.4, 0.3, 0.2, 0.1] }"),
        "ordered weighted average, 0.4, 0.3, 0.2, 0.1 from the best to the worst, orness 0.667"
    );
    // Places of 1, 3, 5 and 7 sixteenths: (1 + 3 · ⅔ + 5 · ⅓)/16.
    let quantifier = "ordered weighted average by the quantifier of exponent 2, orness 0.292";
    assert_eq!(how("{ owa = { quantifier = 2 } }"), quantifier);
    assert!(how("\"mpi\"").contains("MPI") && how("\"benefit_of_the_doubt\"").contains("reference"));
}

/// With 60,000 draws a standard deviation is known to about 0.3 %; linearised, it misses by a little more.
#[test]
fn a_standard_error_is_the_spread_of_new_measurements() {
    let center = [62.0, 48.0, 71.0, 55.0];
    let reference = people(40, 5);
    for aggregate in [
        "{ power = 3 }",
        "{ power = -2 }",
        "\"mpi\"",
        "{ mpi = \"plus\" }",
        "{ mean_min = { a = 0.6, b = 8 } }",
        "\"topsis\"",
    ] {
        let definition = flat(aggregate);
        let index = Index::calibrate(&cohort(&definition, &reference)).unwrap();
        let claimed = index.score_cohort(&cohort(&definition, &[center.map(Some).to_vec()])).unwrap();
        let claimed = claimed.row(0).unwrap().std_error().unwrap();
        let mut state = 11;
        let draws: Vec<Vec<Option<f64>>> =
            (0..60_000).map(|_| center.map(|x| Some(x + 1.5 * normal(&mut state))).to_vec()).collect();
        let scores = index.score_cohort(&cohort(&definition, &draws)).unwrap();
        let values = scores.index_or_nan();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        let found = (square / (values.len() - 1) as f64).sqrt();
        assert!((claimed / found - 1.0).abs() < 0.02, "{aggregate}: claimed {claimed}, simulated {found}");
    }
}

/// Empty, never 0; and what is beside it keeps its own.
#[test]
fn an_order_has_no_standard_error_and_no_interval() {
    let without = [5, 6, 7, 11, 12, 13, 14, 15, 16, 17, 19, 20];
    for (at, aggregate) in METHODS.iter().enumerate() {
        let definition = flat(aggregate);
        let index = Index::calibrate(&cohort(&definition, &people(40, 5))).unwrap();
        let scores =
            index.score_cohort(&cohort(&definition, &[[62.0, 48.0, 71.0, 55.0].map(Some).to_vec()])).unwrap();
        let score = scores.row(0).unwrap();
        assert!(score.value().is_some(), "{aggregate}");
        let has = !without.contains(&at);
        assert_eq!((score.std_error().is_some(), index.has_std_error()), (has, has), "{aggregate}");
        assert_eq!((score.low().is_some(), index.has_interval()), (has, has), "{aggregate}");
    }
    let top = "[pillar.p]\nchildren = [\"i0\", \"i1\"]\naggregate = \"median\"\n[pillar.q]\nchildren = [\"i2\", \"i3\"]\n\
               [index]\nchildren = [\"p\", \"q\"]\n";
    let definition = Definition::from_toml(&text(4, top, ERROR)).unwrap();
    let index = Index::new(&definition).unwrap();
    let scores =
        index.score_cohort(&cohort(&definition, &[[62.0, 48.0, 71.0, 55.0].map(Some).to_vec()])).unwrap();
    let score = scores.row(0).unwrap();
    assert_eq!((score.std_error(), score.pillar_se("p")), (None, None));
    assert!(score.pillar_se("q").is_some_and(|se| (se - 1.5 / 2f64.sqrt()).abs() < 1e-12));
}

#[test]
fn explanations_add_up_whatever_the_method() {
    let reference = people(60, 9);
    for aggregate in METHODS {
        let definition = flat(aggregate);
        let everybody = cohort(&definition, &reference);
        let index = Index::calibrate(&everybody).unwrap();
        let baseline = Baseline::mean(&index.score_cohort(&everybody).unwrap()).unwrap();
        for id in ["0", "7", "31", "59"] {
            let why = contributions(&index, &everybody.person(id).unwrap(), &baseline).unwrap();
            let sum: f64 = why.rows.iter().map(|row| row.points).sum();
            assert!((sum - (why.score - why.baseline)).abs() < 1e-9, "{aggregate} {id}");
            assert!(why.rows.iter().all(|row| row.points.is_finite()), "{aggregate} {id}");
        }
    }
}

#[test]
fn explanations_add_up_through_a_tree_of_methods() {
    for above in METHODS {
        for below in [
            "\"median\"",
            "{ mean_min = { a = 0.5, b = 4 } }",
            "\"minimum\"",
            "\"copeland\"",
            "{ mpi = \"plus\" }",
        ] {
            let above = above.replace("i0", "p").replace("i3", "q");
            let top = format!(
                "[pillar.p]\nchildren = [\"i0\", \"i4\", \"i5\"]\naggregate = {below}\n\
                 [pillar.q]\nchildren = [\"i3\", \"i6\"]\naggregate = {below}\n\
                 [index]\nchildren = [\"p\", \"i1\", \"i2\", \"q\"]\naggregate = {above}\n"
            );
            let definition =
                Definition::from_toml(&text(7, &top, "")).unwrap_or_else(|e| panic!("{e}\n{top}"));
            let mut state = 3;
            let rows: Vec<Vec<Option<f64>>> =
                (0..30).map(|_| (0..7).map(|_| Some(100.0 * uniform(&mut state))).collect()).collect();
            let everybody = cohort(&definition, &rows);
            let index = Index::calibrate(&everybody).unwrap();
            let baseline = Baseline::mean(&index.score_cohort(&everybody).unwrap()).unwrap();
            for id in ["0", "13"] {
                let why = contributions(&index, &everybody.person(id).unwrap(), &baseline).unwrap();
                let sum: f64 = why.rows.iter().map(|row| row.points).sum();
                assert!((sum - (why.score - why.baseline)).abs() < 1e-9, "{above} over {below}, {id}");
            }
        }
    }
}

#[test]
fn what_is_learned_is_written_and_read_back() {
    let top = "[index]\nchildren = [\"i0\", \"i1\", \"i2\", \"i3\"]\naggregate = \"copeland\"\nmissing = { at_least = 0.5 }\n";
    let gaps = Definition::from_toml(&text(4, top, "")).unwrap();
    let mut rows = people(25, 2);
    rows[3][1] = None;
    rows[8] = vec![None, Some(40.0), None, Some(90.0)];
    rows[9] = vec![None, None, None, Some(90.0)];
    let copeland = Calibration::learn(&cohort(&gaps, &rows)).unwrap();
    assert!(copeland.to_toml().contains("nan"), "what is missing is kept as missing");
    for (definition, learned) in [(&gaps, copeland)].into_iter().chain(
        [flat("\"topsis\""), flat("\"benefit_of_the_doubt\"")]
            .iter()
            .map(|definition| (definition, Calibration::learn(&cohort(definition, &people(25, 2))).unwrap())),
    ) {
        let again = Calibration::from_toml(&learned.to_toml()).unwrap();
        assert_eq!(again, learned);
        let one = Index::with(definition, learned.clone()).unwrap();
        let other = Index::with(definition, again).unwrap();
        let everybody = cohort(definition, &people(80, 6));
        let bits = |index: &Index| -> Vec<u64> {
            index.score_cohort(&everybody).unwrap().index_or_nan().iter().map(|x| x.to_bits()).collect()
        };
        assert_eq!(bits(&one), bits(&other));
    }
}

#[test]
fn what_cannot_be_learned_names_the_child() {
    let learn = |aggregate: &str, rows: &[Vec<Option<f64>>]| {
        Calibration::learn(&cohort(&flat(aggregate), rows)).map_err(|error| (error.kind(), error.to_string()))
    };
    let flat_child = |x: f64| {
        let mut rows = people(12, 4);
        rows.iter_mut().for_each(|row| row[2] = Some(x));
        rows
    };
    let (kind, said) = learn("\"topsis\"", &flat_child(30.0)).unwrap_err();
    assert!(
        kind == ErrorKind::Calibration
            && said.contains("index.children.i2")
            && said.contains("the same for everybody"),
        "{said}"
    );
    let (_, said) = learn("\"benefit_of_the_doubt\"", &flat_child(0.0)).unwrap_err();
    assert!(said.contains("index.children.i2") && said.contains("more than 0"), "{said}");
    assert!(learn("\"benefit_of_the_doubt\"", &flat_child(30.0)).is_ok());
    let nobody = vec![vec![None, Some(1.0), Some(1.0), Some(1.0)]; 3];
    for (aggregate, word) in [
        ("\"topsis\"", "has all children"),
        ("\"benefit_of_the_doubt\"", "has all children"),
        ("\"copeland\"", "enough of the children"),
    ] {
        let (_, said) = learn(aggregate, &nobody).unwrap_err();
        assert!(said.contains(word), "{said}");
    }
    let needs = Index::new(&flat("\"topsis\"")).unwrap_err();
    assert!(needs.to_string().contains("needs a calibration"), "{needs}");
}

/// A calibration from which something was deleted, or where somebody's row is short, is refused.
#[test]
fn a_calibration_that_was_edited_is_refused() {
    let definition = flat("\"topsis\"");
    let learned = Calibration::learn(&cohort(&definition, &people(25, 2))).unwrap().to_toml();
    let without: String =
        learned.lines().filter(|line| !line.starts_with("i2 =")).map(|line| format!("{line}\n")).collect();
    let error = Index::with(&definition, Calibration::from_toml(&without).unwrap()).unwrap_err();
    assert!(error.to_string().contains("index.aggregate"), "{error}");
    let definition = flat("\"copeland\"");
    let learned = Calibration::learn(&cohort(&definition, &people(5, 2))).unwrap().to_toml();
    let (before, after) = learned.split_once("persons = [[").expect(&learned);
    let (_, rest) = after.split_once(',').unwrap();
    let error = Calibration::from_toml(&format!("{before}persons = [[{rest}")).unwrap_err();
    assert!(error.to_string().contains("index"), "{error}");
}

#[test]
fn fewer_children_are_joined_where_the_formula_allows() {
    let score = |aggregate: &str, row: [Option<f64>; 4]| {
        let top = format!(
            "[index]\nchildren = [\"i0\", \"i1\", \"i2\", \"i3\"]\naggregate = {aggregate}\nmissing = {{ at_least = 0.5 }}\n"
        );
        let definition = Definition::from_toml(&text(4, &top, ERROR)).unwrap();
        let index = Index::new(&definition).unwrap();
        let scores = index.score_cohort(&cohort(&definition, &[row.to_vec()])).unwrap();
        scores.row(0).unwrap()
    };
    let row = [Some(30.0), None, Some(90.0), Some(60.0)];
    let value = |aggregate: &str| score(aggregate, row).value().unwrap();
    assert_eq!(value("\"median\""), 60.0);
    assert_eq!((value("\"minimum\""), value("\"maximum\"")), (30.0, 90.0));
    assert_eq!((value("{ owa = { best = 2 } }"), value("{ owa = { worst = 4 } }")), (75.0, 60.0));
    // The mean of squares is 4200.
    assert!((value("{ power = 2 }") - 4200f64.sqrt()).abs() < 1e-12);
    assert!((value("\"mpi\"") - (60.0 - 600.0 / 60.0)).abs() < 1e-12);
    assert!((value("{ mean_min = { a = 1, b = 0 } }") - 30.0).abs() < 1e-12);
    for aggregate in ["\"mpi\"", "{ mean_min = { a = 1, b = 2 } }", "{ power = 2 }"] {
        assert_eq!(
            score(aggregate, row).std_error(),
            None,
            "fewer readings never look more certain: {aggregate}"
        );
    }
    let few = score("\"median\"", [Some(30.0), None, None, None]);
    assert_eq!((few.value(), few.reason()), (None, Reason::TooFew));
}

/// Scored one by one, in blocks or with others, a person has the same bits.
#[test]
fn nobody_else_in_the_file_counts() {
    for aggregate in METHODS {
        let definition = flat(aggregate);
        let index = Index::calibrate(&cohort(&definition, &people(30, 5))).unwrap();
        let rows = people(37, 8);
        let all = index.score_cohort(&cohort(&definition, &rows)).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            let builder = Person::builder(&definition, "somebody");
            let with = |builder: vointi::cohort::PersonBuilder, (at, x): (usize, &Option<f64>)| {
                builder.measure(&format!("m{at}"), x.unwrap())
            };
            let person = cells.iter().enumerate().fold(builder, with).build().unwrap();
            let alone = index.score(&person).unwrap();
            assert_eq!(
                alone.value().map(f64::to_bits),
                all.row(row).unwrap().value().map(f64::to_bits),
                "{aggregate}"
            );
        }
    }
}
