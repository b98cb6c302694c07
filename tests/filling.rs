//! Denominators, screening and imputation: what definitions may say, and what becomes of persons.

use vointi::{
    Calibration, Cohort, Definition, ErrorKind, Flag, Index, Person, Table,
    explain::{self, Baseline},
    index::{Keep, Reason, Run},
    study::Summary,
};

/// Two readings on 0 to 100 below one index; `more` stands at the end of the text.
fn two(first: &str, second: &str, more: &str) -> String {
    let goalposts = "utility = { goalposts = [0, 100] }";
    format!(
        "schema = 1\nid = \"two\"\n[person]\nid = \"id\"\nwave = \"wave\"\n\
         [measure.a]\nunit = \"1\"\n[measure.b]\nunit = \"1\"\n\
         [indicator.a]\nmeasure = \"a\"\n{goalposts}\n{first}\n\
         [indicator.b]\nmeasure = \"b\"\n{goalposts}\n{second}\n\
         [index]\nchildren = [\"a\", \"b\"]\n{more}"
    )
}

fn faults(text: &str) -> Vec<String> {
    let error = Definition::from_toml(text).unwrap_err();
    error
        .faults()
        .iter()
        .map(|fault| format!("{}: {}", fault.place().key().unwrap_or(""), fault.what()))
        .collect()
}

fn cohort(definition: &Definition, rows: &[(&str, f64, Option<f64>, Option<f64>)]) -> Cohort {
    let table = Table::builder()
        .text("id", rows.iter().map(|row| Some(row.0)))
        .number("wave", rows.iter().map(|row| Some(row.1)))
        .number("a", rows.iter().map(|row| row.2))
        .number("b", rows.iter().map(|row| row.3))
        .text("region", rows.iter().map(|row| Some(if row.0 < "n" { "south" } else { "north" })))
        .build()
        .unwrap();
    Cohort::new(definition, table).unwrap()
}

#[test]
fn what_a_definition_may_not_say_of_gaps() {
    for (key, found) in [
        ("impute = { method = \"last\", by = \"region\" }", "indicator.a.impute.by: `by` with `last`"),
        ("impute = { method = \"none\", by = \"region\" }", "indicator.a.impute.by: `by` with `none`"),
        ("impute = { method = \"mean\", within = 2 }", "indicator.a.impute.within: `within` with `mean`"),
        ("impute = { method = \"last\", within = 0 }", "indicator.a.impute.within: 0 is no number of waves"),
        ("impute = \"average\"", "indicator.a.impute: it is neither a word nor a table"),
        ("impute = { by = \"region\" }", "indicator.a.impute: the key `method` is missing"),
    ] {
        let all = faults(&two(key, "", ""));
        if key.contains("average") || key.contains("{ by") {
            assert_eq!(all.len(), 1, "{key}: {all:?}");
        } else {
            assert_eq!(all, [found], "{key}");
        }
    }
    let no_waves = two("impute = \"linear\"", "", "").replace("wave = \"wave\"\n", "");
    assert_eq!(
        faults(&no_waves),
        ["indicator.a.impute: `linear` fills a gap from the person's other waves, and there are none"]
    );
    let of_all = two("", "", "[impute]\nmethod = \"last\"\n").replace("wave = \"wave\"\n", "");
    assert_eq!(faults(&of_all).len(), 1, "said once, not for every indicator");
    let alone = two("impute = \"siblings\"", "", "").replace("[\"a\", \"b\"]", "[\"p\", \"b\"]")
        + "[pillar.p]\nchildren = [\"a\"]\n";
    assert_eq!(faults(&alone), ["indicator.a.impute: `p` has no other indicator as a child"]);
    let rule = "schema = 1\nid = \"rule\"\n[person]\nid = \"id\"\n[measure.sleep]\nuse = \"sleep_duration\"\n\
        [measure.x]\nunit = \"1\"\n[indicator.x]\nmeasure = \"x\"\nutility = { goalposts = [0, 1] }\n\
        [indicator.sleep]\nrule = \"le8.sleep\"\nimpute = \"mean\"\n[index]\nchildren = [\"sleep\", \"x\"]\n";
    let found = faults(rule);
    assert!(
        found.iter().any(|fault| fault == "indicator.sleep.impute: the readings of a rule cannot be imputed"),
        "{found:?}"
    );
}

#[test]
fn what_a_definition_may_not_say_of_screening_and_denominators() {
    let screen = |keys: &str| faults(&two("", "", &format!("[screen]\n{keys}\n")));
    assert_eq!(screen(""), ["screen: nobody is screened by nothing"]);
    assert_eq!(screen("at_least = 66"), ["screen.at_least: 66 is no share"]);
    assert_eq!(screen("keep_if = \"a > 1\""), ["screen.keep_if: there is nothing to be kept from"]);
    assert_eq!(screen("at_least = 0.5\ndrop_if = \"a >\"").len(), 1);
    let per =
        |key: &str| faults(&two("", "", "").replace("[measure.b]", &format!("per = {key}\n[measure.b]")));
    assert_eq!(per("\"a\""), ["measure.a.per: `a` is divided by itself, which is 1 for everybody"]);
    assert_eq!(per("{ column = \"n\", scale = -1 }"), ["measure.a.per.scale: -1 is no scale"]);
    assert_eq!(per("{ scale = 10 }").len(), 1);
    let of_registry = two("", "", "")
        .replace("[measure.a]\nunit = \"1\"", "[measure.a]\nuse = \"systolic_bp\"\nper = \"n\"");
    let what = "measure.a.per: limits and errors of the registry are of the measure alone, not of a quotient";
    assert_eq!(faults(&of_registry), [what]);
}

#[test]
fn a_choice_may_be_neither_a_denominator_nor_a_group() {
    let choice = "[choice.habit]\ncolumn = \"n\"\n";
    let per = two("", "", choice).replace("[measure.b]", "per = \"n\"\n[measure.b]");
    let what = "choice.habit: the choice and the indicator `a` both rest on the column `n`";
    assert_eq!(faults(&per), [what]);
    let by = two("impute = { method = \"mean\", by = \"half\" }", "", choice)
        + "[derived.half]\nfrom = \"n / 2\"\n";
    assert_eq!(faults(&by), [what]);
}

#[test]
fn columns_that_are_not_there_are_named_with_the_nearest() {
    let text =
        two("impute = { method = \"mean\", by = \"regoin\" }", "", "[screen]\ndrop_if = \"agee > 1\"\n");
    let definition = Definition::from_toml(&text).unwrap();
    let table = Table::builder()
        .text("id", [Some("x")])
        .number("wave", [Some(1.0)])
        .number("a", [Some(1.0)])
        .number("b", [Some(1.0)])
        .text("region", [Some("south")])
        .number("age", [Some(1.0)])
        .build()
        .unwrap();
    let error = Cohort::new(&definition, table).unwrap_err().to_string();
    assert!(error.contains("did you mean `region`?") && error.contains("did you mean `age`?"), "{error}");
}

#[test]
fn a_quotient_has_the_limits_and_loses_what_has_no_denominator() {
    let text = "schema = 1\nid = \"per\"\n[person]\nid = \"id\"\n\
        [measure.cases]\nper = { column = \"people\", scale = 1000 }\nunit = \"1\"\nlimits = [0, 50]\n\
        outside = \"missing\"\nsentinels = [999]\n\
        [indicator.cases]\nmeasure = \"cases\"\nutility = { goalposts = [50, 0] }\n\
        [index]\nchildren = [\"cases\"]\n";
    let definition = Definition::from_toml(text).unwrap();
    let cases = [Some(30.0), Some(999.0), Some(30.0), Some(30.0), Some(30.0), None, Some(900.0)];
    let people = [Some(2000.0), Some(2000.0), Some(0.0), None, Some(-5.0), Some(0.0), Some(1.0)];
    let table = Table::builder()
        .number("id", (0..7).map(|row| Some(f64::from(row))))
        .number("cases", cases)
        .number("people", people)
        .build()
        .unwrap();
    let cohort = Cohort::new(&definition, table).unwrap();
    let scores = Index::new(&definition).unwrap().score_cohort(&cohort).unwrap();
    assert_eq!(scores.row(0).unwrap().value(), Some(70.0), "30 in 2,000 are 15 in 1,000");
    assert!((1..7).all(|row| scores.row(row).unwrap().value().is_none()));
    let flags: Vec<String> = scores.flags().iter().map(ToString::to_string).collect();
    assert_eq!(flags, ["", "sentinel", "out_of_limits", "", "out_of_limits", "", "out_of_limits"]);
    let person = Person::builder(&definition, "alone").measure("cases", 15.0).build().unwrap();
    assert_eq!(Index::new(&definition).unwrap().score(&person).unwrap().value(), Some(70.0));
}

#[test]
fn who_is_screened_out_has_no_index_and_teaches_nothing() {
    let more = "missing = { at_least = 0.1 }\n[screen]\nat_least = 0.9\nkeep_if = \"b >= 90\"\ndrop_if = \"a == 7\"\n";
    let text = two("impute = \"mean\"", "", more).replace("wave = \"wave\"\n", "");
    let definition = Definition::from_toml(&text).unwrap();
    let rows = [
        ("both", 1.0, Some(20.0), Some(40.0)),
        ("one", 1.0, None, Some(80.0)),
        ("kept", 1.0, None, Some(90.0)),
        ("dropped", 1.0, Some(7.0), Some(90.0)),
        ("none", 1.0, None, None),
        ("other", 1.0, Some(40.0), Some(40.0)),
    ];
    let reference = cohort(&definition, &rows);
    let learned = Calibration::learn(&reference).unwrap();
    assert_eq!((learned.rows(), learned.screened()), (6, 3));
    let index = Index::with(&definition, learned.clone()).unwrap();
    let scores = index.score_cohort(&reference).unwrap();
    let found: Vec<_> = (0..6).map(|row| scores.row(row).unwrap()).collect();
    let values: Vec<_> = found.iter().map(|score| score.value()).collect();
    assert_eq!(
        values,
        [Some(30.0), None, Some(60.0), None, None, Some(40.0)],
        "the fill is the mean of 20 and 40"
    );
    assert_eq!(found[1].reason(), Reason::Screened);
    assert_eq!(found[1].indicator("b"), Some(80.0), "indicator scores stay");
    assert_eq!(scores.without_index(Reason::Screened), 3);
    let summary = Summary::of(&reference, &index, &scores).unwrap();
    let without: usize = summary.without_index.iter().map(|count| count.persons).sum();
    assert_eq!(summary.persons, summary.scored + without);
    // The screened rows gone, the same is learned.
    let kept = cohort(&definition, &[rows[0], rows[2], rows[5]]);
    let again = Calibration::learn(&kept).unwrap().to_toml();
    let same = learned.to_toml().replace("rows = 6\nscreened = 3\n", "rows = 3\n");
    assert_eq!(again, same);
    assert_eq!(Calibration::from_toml(&learned.to_toml()).unwrap(), learned);
    let all_out = cohort(&definition, &rows[1..2]);
    assert_eq!(Calibration::learn(&all_out).unwrap_err().kind(), ErrorKind::Calibration);
}

#[test]
fn gaps_take_the_fill_of_their_group_and_are_counted() {
    let text = two("impute = { method = \"median\", by = \"region\" }", "impute = \"mean\"", "")
        .replace("wave = \"wave\"\n", "");
    let definition = Definition::from_toml(&text).unwrap();
    assert!(Index::new(&definition).unwrap_err().to_string().contains("needs a calibration for a, b"));
    let reference = cohort(
        &definition,
        &[
            ("a1", 1.0, Some(10.0), Some(50.0)),
            ("a2", 1.0, Some(20.0), Some(70.0)),
            ("a3", 1.0, Some(60.0), None),
            ("z1", 1.0, Some(90.0), None),
            ("z2", 1.0, Some(80.0), None),
            ("z3", 1.0, None, None),
            ("b1", 1.0, None, Some(60.0)),
        ],
    );
    let learned = Calibration::learn(&reference).unwrap();
    let text = learned.to_toml();
    assert!(text.contains("[imputed.a]\nn = 5\nvalue = 60.0\nfewest = 2\n"), "{text}");
    assert!(text.contains("[imputed.a.groups]\nnorth = 85.0\nsouth = 20.0\n"), "{text}");
    // What was filled is in no mean and no standard deviation.
    assert!(text.contains("[indicator.b]\nn = 3\nmean = 60.0\nsd = 10.0\n"), "{text}");
    let index = Index::with(&definition, learned).unwrap();
    let scores = index.score_cohort(&reference).unwrap();
    let of = |row: usize, id: &str| scores.row(row).unwrap().indicator(id);
    assert_eq!((of(5, "a"), of(6, "a"), of(5, "b")), (Some(85.0), Some(20.0), Some(60.0)));
    assert_eq!(scores.count(Flag::Imputed), 5);
    let counted: Vec<_> = scores.imputed().into_iter().map(|one| (one.indicator, one.persons)).collect();
    assert_eq!(counted, [("a".to_owned(), 2), ("b".to_owned(), 4)]);
    let row = scores.row(5).unwrap();
    assert_eq!((row.coverage(), row.is_imputed("a")), (0.0, true));
    assert!(scores.row(0).unwrap().flags().is_empty());
    // An unknown group, and a person alone, take the overall fill.
    let other = Table::builder()
        .text("id", [Some("x")])
        .number("a", [None])
        .number("b", [Some(40.0)])
        .text("region", [Some("east")])
        .build()
        .unwrap();
    let other = index.score_cohort(&Cohort::new(&definition, other).unwrap()).unwrap();
    assert_eq!(other.row(0).unwrap().indicator("a"), Some(60.0));
    let alone = Person::builder(&definition, "x").measure("b", 40.0).build().unwrap();
    assert_eq!(index.score(&alone).unwrap().value(), Some(50.0));
    // The explanation takes the filled score for what it is, and says so.
    let why = explain::contributions(&index, &alone, &Baseline::mean(&scores).unwrap()).unwrap();
    assert!(why.rows[0].imputed && !why.rows[1].imputed && why.missing().is_none());
}

#[test]
fn waves_fill_gaps_from_the_persons_own_rows() {
    let rows = [
        ("p", 4.0, None, Some(1.0)),
        ("q", 1.0, Some(99.0), Some(1.0)),
        ("p", 1.0, Some(10.0), Some(1.0)),
        ("p", 3.0, Some(40.0), Some(1.0)),
        ("p", 2.0, None, Some(1.0)),
        ("p", 6.0, None, Some(1.0)),
        ("p", 0.0, None, Some(1.0)),
        ("r", 1.0, None, Some(1.0)),
        ("r", 2.0, Some(5.0), Some(1.0)),
        ("r", 3.0, None, Some(1.0)),
    ];
    let filled = |key: &str| -> Vec<Option<f64>> {
        let definition = Definition::from_toml(&two(key, "", "missing = { at_least = 0.1 }")).unwrap();
        let cohort = cohort(&definition, &rows);
        let index = Index::new(&definition).unwrap();
        let scores = index.score_cohort(&cohort).unwrap();
        let all = (0..rows.len()).map(|row| scores.row(row).unwrap().indicator("a")).collect();
        // One row of the cohort, scored alone, sees its own waves too.
        assert_eq!(
            index.score(&cohort.person("p").unwrap()).unwrap().indicator("a"),
            scores.row(0).unwrap().indicator("a")
        );
        all
    };
    let of = |values: [f64; 10]| values.map(|x| Some(x).filter(|x| !x.is_nan())).to_vec();
    let none = f64::NAN;
    assert_eq!(filled("impute = \"last\""), of([40.0, 99.0, 10.0, 40.0, 10.0, 40.0, none, none, 5.0, 5.0]));
    assert_eq!(
        filled("impute = { method = \"last\", within = 2 }"),
        of([40.0, 99.0, 10.0, 40.0, 10.0, none, none, none, 5.0, 5.0])
    );
    assert_eq!(filled("impute = \"linear\""), of([40.0, 99.0, 10.0, 40.0, 25.0, 40.0, 10.0, 5.0, 5.0, 5.0]));
    assert_eq!(
        filled("impute = \"constant\""),
        of([40.0, 99.0, 10.0, 40.0, 10.0, 40.0, 10.0, 5.0, 5.0, 5.0])
    );
    let definition =
        Definition::from_toml(&two("impute = \"linear\"", "", "missing = { at_least = 0.1 }")).unwrap();
    let alone = Person::builder(&definition, "p").measure("b", 1.0).build().unwrap();
    assert_eq!(
        Index::new(&definition).unwrap().score(&alone).unwrap().indicator("a"),
        None,
        "nothing to fill from"
    );
}

#[test]
fn scales_are_filled_over_waves_as_measures_are() {
    let text = "schema = 1\nid = \"scale\"\n[person]\nid = \"id\"\nwave = \"wave\"\n\
        [instrument.mood]\nitems = [\"i1\", \"i2\"]\nresponse = [0, 4]\n[instrument.mood.scale.total]\n\
        direction = \"higher_better\"\nmissing = \"complete\"\n\
        [indicator.mood]\nscale = \"mood.total\"\nutility = \"linear\"\nimpute = \"linear\"\n\
        [index]\nchildren = [\"mood\"]\n";
    let definition = Definition::from_toml(text).unwrap();
    let table = Table::builder()
        .text("id", [Some("p"); 3])
        .text("wave", [Some("1"), Some("2"), Some("4")])
        .number("i1", [Some(1.0), Some(4.0), Some(4.0)])
        .number("i2", [Some(1.0), None, Some(4.0)])
        .build()
        .unwrap();
    let cohort = Cohort::new(&definition, table).unwrap();
    let scores = Index::new(&definition).unwrap().score_cohort(&cohort).unwrap();
    let values: Vec<_> = (0..3).map(|row| scores.row(row).unwrap().value()).collect();
    assert_eq!(values, [Some(25.0), Some(50.0), Some(100.0)]);
}

#[test]
fn waves_without_an_order_are_refused_without_a_cell() {
    let definition = Definition::from_toml(&two("impute = \"constant\"", "", "")).unwrap();
    let table = |waves: [&'static str; 2]| {
        Table::builder()
            .text("id", [Some("p"), Some("p")])
            .text("wave", waves.map(Some))
            .number("a", [None, Some(1.0)])
            .number("b", [Some(1.0), Some(1.0)])
            .build()
            .unwrap()
    };
    let error = Cohort::new(&definition, table(["before", "after"])).unwrap_err().to_string();
    assert!(
        error.contains("nothing says in which order the waves come") && !error.contains("before"),
        "{error}"
    );
    assert!(Cohort::new(&definition, table(["t2", "t10"])).is_ok());
    let linear = Definition::from_toml(&two("impute = \"linear\"", "", "")).unwrap();
    let error = Cohort::new(&linear, table(["t2", "t10"])).unwrap_err().to_string();
    assert!(error.contains("waves are no numbers"), "{error}");
}

#[test]
fn siblings_fill_the_score_and_are_observed_themselves() {
    let text = "schema = 1\nid = \"three\"\n[person]\nid = \"id\"\n\
        [measure.a]\nunit = \"1\"\n[measure.b]\nunit = \"1\"\n[measure.c]\nunit = \"1\"\n\
        [indicator.a]\nmeasure = \"a\"\nutility = { goalposts = [0, 10] }\n\
        [indicator.b]\nmeasure = \"b\"\nutility = { goalposts = [100, 0] }\n\
        [indicator.c]\nmeasure = \"c\"\nutility = { goalposts = [0, 1] }\n\
        [impute]\nmethod = \"siblings\"\n\
        [index]\nchildren = { a = 1, b = 2, c = 5 }\n";
    let definition = Definition::from_toml(text).unwrap();
    let index = Index::new(&definition).unwrap();
    let score = |a: f64, b: f64, c: f64| {
        let person = Person::builder(&definition, "x").measure("a", a).measure("b", b).measure("c", c);
        index.score(&person.build().unwrap()).unwrap()
    };
    let one = score(3.0, 50.0, f64::NAN);
    assert_eq!((one.indicator("c"), one.value()), (Some(40.0), Some((30.0 + 2.0 * 50.0 + 5.0 * 40.0) / 8.0)));
    assert_eq!(one.coverage(), 3.0 / 8.0);
    assert!(one.flags().contains(Flag::Imputed) && one.flags().contains(Flag::Partial));
    let two = score(f64::NAN, 50.0, f64::NAN);
    assert_eq!((two.indicator("a"), two.indicator("c"), two.value()), (Some(50.0), Some(50.0), Some(50.0)));
    let none = score(f64::NAN, f64::NAN, f64::NAN);
    assert_eq!((none.value(), none.reason()), (None, Reason::NothingScored));
    assert!(score(1.0, 1.0, 1.0).flags().is_empty());
}

#[test]
fn how_much_is_kept_changes_no_filled_score() {
    let definition = Definition::from_toml(&two(
        "impute = \"linear\"",
        "impute = \"siblings\"",
        "missing = { at_least = 0.1 }",
    ))
    .unwrap();
    let rows: Vec<(String, f64, Option<f64>, Option<f64>)> = (0..200)
        .map(|k| {
            let x = |m: i32, d: i32| Some(f64::from((k * m) % 97)).filter(|_| k % d != 0);
            (format!("p{}", k % 50), f64::from(k / 50), x(31, 3), x(17, 4))
        })
        .collect();
    let rows: Vec<_> = rows.iter().map(|(id, wave, a, b)| (id.as_str(), *wave, *a, *b)).collect();
    let cohort = cohort(&definition, &rows);
    let index = Index::new(&definition).unwrap();
    let all = index.score_cohort(&cohort).unwrap();
    assert!(all.count(Flag::Imputed) > 50);
    let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    for run in [Run::new().keep(Keep::Index), Run::new().block_rows(7), Run::new().vectors(false)] {
        let other = index.score_cohort_with(&cohort, &run).unwrap();
        assert_eq!(bits(all.index_or_nan()), bits(other.index_or_nan()));
        assert_eq!((all.flags(), all.imputed()), (other.flags(), other.imputed()));
    }
}
