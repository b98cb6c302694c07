//! Law 6: explanations add up.

use std::fmt::Write;

use vointi::{
    Cohort, Definition, ErrorKind, Index, Person, Scores, Table,
    explain::{Baseline, BaselineOf, Contributions, contributions},
    index::{Keep, Run},
};

use super::Draws;

const MEANS: &[&str] = &[
    "\"arithmetic\"",
    "\"arithmetic\"",
    "\"arithmetic\"",
    "\"geometric\"",
    "\"harmonic\"",
    "{ mean = \"geometric\", floor = 1 }",
    "{ mean = \"harmonic\", floor = 5 }",
    "{ mean = \"arithmetic\", floor = 20 }",
    "{ power = 0.5 }",
    "{ power = 0.5, floor = 1 }",
    "{ power = 2 }",
    "{ power = -3, floor = 2 }",
    "{ power = 40 }",
    "{ power = -40 }",
];

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        ((self.uniform() * bound as f64) as usize).min(bound - 1)
    }

    fn happens(&mut self, share: f64) -> bool {
        self.uniform() < share
    }
}

/// A tree in which every indicator is a number from 0 to 100.
struct Written {
    text: String,
    indicators: usize,
    nodes: usize,
}

impl Written {
    /// A node with its children, which may be nodes if levels are left; gives its id.
    fn node(&mut self, draws: &mut Draws, levels: usize) -> String {
        let is_root = self.nodes == 0;
        let id = if is_root { "index".to_owned() } else { format!("n{}", self.nodes) };
        self.nodes += 1;
        let count = 1 + draws.below(4) + usize::from(is_root);
        let mut children = Vec::new();
        for at in 0..count {
            let child = if levels > 1 && draws.happens(0.6) {
                self.node(draws, levels - 1)
            } else {
                self.indicators += 1;
                format!("i{}", self.indicators - 1)
            };
            let weight = if at > 0 && draws.happens(0.15) { 0.0 } else { 0.1 + 4.0 * draws.uniform() };
            children.push(format!("{child} = {weight:?}"));
        }
        let section = if is_root { "index".to_owned() } else { format!("pillar.{id}") };
        let mean = MEANS[draws.below(MEANS.len())];
        let at_least = [0.2, 0.5, 0.75, 1.0][draws.below(4)];
        let children = children.join(", ");
        let _ = write!(
            self.text,
            "[{section}]\nchildren = {{ {children} }}\naggregate = {mean}\nmissing = {{ at_least = {at_least} }}\n"
        );
        id
    }
}

/// A definition of up to three levels.
fn random(draws: &mut Draws) -> (Definition, usize) {
    let levels = 1 + draws.below(3);
    let mut tree = Written { text: String::new(), indicators: 0, nodes: 0 };
    tree.node(draws, levels);
    (written(tree.indicators, &tree.text), tree.indicators)
}

/// Indicators that are their measures, and a tree of them.
fn written(indicators: usize, tree: &str) -> Definition {
    let mut text = "schema = 1\nid = \"generated\"\n[person]\nid = \"person\"\n".to_owned();
    for at in 0..indicators {
        let _ = write!(
            text,
            "[measure.m{at}]\nunit = \"1\"\n[indicator.i{at}]\nmeasure = \"m{at}\"\nutility = {{ goalposts = [0, 100] }}\n"
        );
    }
    Definition::from_toml(&(text + tree)).unwrap()
}

fn cohort(definition: &Definition, rows: &[Vec<Option<f64>>]) -> Cohort {
    let mut table = Table::builder().number("person", (0..rows.len()).map(|row| Some(row as f64)));
    for at in 0..rows[0].len() {
        table = table.number(format!("m{at}"), rows.iter().map(|row| row[at]));
    }
    Cohort::new(definition, table.build().unwrap()).unwrap()
}

fn value(draws: &mut Draws) -> f64 {
    match draws.below(10) {
        0 | 1 => 0.0,
        2 => [100.0, 5.0, 1.0][draws.below(3)],
        3 => 1e-6 * draws.uniform(),
        _ => 100.0 * draws.uniform(),
    }
}

fn profile(definition: &Definition, values: &[f64]) -> Person {
    let builder = Person::builder(definition, "somebody");
    let with = |builder: vointi::cohort::PersonBuilder, (at, value): (usize, &f64)| {
        builder.measure(&format!("m{at}"), *value)
    };
    values.iter().enumerate().fold(builder, with).build().unwrap()
}

fn points(why: &Contributions) -> Vec<f64> {
    why.rows.iter().map(|row| row.points).collect()
}

/// How far the rows are from the difference that they explain.
fn residual(why: &Contributions) -> f64 {
    (points(why).iter().sum::<f64>() - (why.score - why.baseline)).abs()
}

/// The contributions between two profiles without anything missing.
fn between(definition: &Definition, from: &[f64], to: &[f64]) -> Contributions {
    let index = Index::new(definition).unwrap();
    let rows: Vec<Option<f64>> = from.iter().copied().map(Some).collect();
    let baseline = Baseline::mean(&index.score_cohort(&cohort(definition, &[rows])).unwrap()).unwrap();
    contributions(&index, &profile(definition, to), &baseline).unwrap()
}

#[test]
fn rows_sum_to_score_minus_baseline() {
    let mut draws = Draws(6);
    let (mut explained, mut with_missing, mut without_baseline, mut without_index) = (0, 0, 0, 0);
    let mut largest: f64 = 0.0;
    for _ in 0..1000 {
        let (definition, indicators) = random(&mut draws);
        let rows: Vec<Vec<Option<f64>>> = (0..6)
            .map(|_| (0..indicators).map(|_| (!draws.happens(0.3)).then(|| value(&mut draws))).collect())
            .collect();
        let cohort = cohort(&definition, &rows);
        let index = Index::new(&definition).unwrap();
        let scores = index.score_cohort(&cohort).unwrap();
        let nobody: Vec<usize> =
            (0..indicators).filter(|at| rows.iter().all(|row| row[*at].is_none())).collect();
        let baseline = match Baseline::mean(&scores) {
            Ok(baseline) => baseline,
            Err(error) => {
                let named: Vec<_> = error.faults().iter().filter_map(|fault| fault.place().key()).collect();
                assert_eq!(named, nobody.iter().map(|at| format!("indicator.i{at}")).collect::<Vec<_>>());
                without_baseline += 1;
                continue;
            }
        };
        assert!(nobody.is_empty());
        let mean: Vec<f64> = (0..indicators).map(|at| baseline.value(&format!("i{at}")).unwrap()).collect();
        let at_mean = index.score(&profile(&definition, &mean)).unwrap().value().unwrap();
        for (row, values) in rows.iter().enumerate() {
            let person = cohort.person(&row.to_string()).unwrap();
            let Some(score) = scores.row(row).unwrap().value() else {
                let error = contributions(&index, &person, &baseline).unwrap_err();
                assert!(error.to_string().contains(scores.reasons()[row].code()), "{error}");
                without_index += 1;
                continue;
            };
            let why = contributions(&index, &person, &baseline).unwrap();
            assert_eq!(why.score.to_bits(), score.to_bits());
            assert!((why.baseline - at_mean).abs() < 1e-12);
            largest = largest.max(residual(&why));
            assert!(residual(&why) < 1e-9, "{}", residual(&why));
            assert!(points(&why).iter().all(|points| points.abs() < 1000.0));
            for (at, value) in values.iter().enumerate() {
                assert_eq!(why.rows[at].value, *value);
                assert!(value.is_some() || why.rows[at].points == 0.0);
            }
            let is_missing = values.iter().any(Option::is_none);
            assert_eq!(why.missing().is_some(), is_missing);
            assert_eq!(why.rows.len(), indicators + usize::from(is_missing));
            if let Some(missing) = why.missing() {
                let filled: Vec<f64> = values.iter().zip(&mean).map(|(x, mean)| x.unwrap_or(*mean)).collect();
                let filled = index.score(&profile(&definition, &filled)).unwrap().value().unwrap();
                assert!((missing.points - (score - filled)).abs() < 1e-11, "{}", definition.id());
            }
            explained += 1;
            with_missing += usize::from(is_missing);
        }
    }
    assert!(explained > 2000 && with_missing > 1000 && without_baseline > 1 && without_index > 100);
    assert!(largest < 1e-11, "{largest}");
}

/// Every order of the children of one parent, one after the other.
fn by_orders(mean: &dyn Fn(&[f64]) -> f64, from: &[f64], to: &[f64]) -> Vec<f64> {
    fn walk(
        mean: &dyn Fn(&[f64]) -> f64,
        at: &mut Vec<f64>,
        to: &[f64],
        left: &[usize],
        found: &mut [f64],
        share: f64,
    ) {
        let before = mean(at);
        for (k, child) in left.iter().enumerate() {
            let share = share / left.len() as f64;
            let own = at[*child];
            at[*child] = to[*child];
            found[*child] += share * (mean(at) - before);
            walk(mean, at, to, &[&left[..k], &left[k + 1..]].concat(), found, share);
            at[*child] = own;
        }
    }
    let mut found = vec![0.0; from.len()];
    let all: Vec<usize> = (0..from.len()).collect();
    walk(mean, &mut from.to_vec(), to, &all, &mut found, 1.0);
    found
}

#[test]
fn below_one_parent_rows_are_shapley_values() {
    let mut draws = Draws(7);
    for mean in MEANS {
        for _ in 0..4 {
            let n = 2 + draws.below(4);
            let weights: Vec<f64> = (0..n).map(|_| draws.uniform()).collect();
            let children: Vec<String> =
                weights.iter().enumerate().map(|(at, w)| format!("i{at} = {w:?}")).collect();
            let tree = format!("[index]\nchildren = {{ {} }}\naggregate = {mean}\n", children.join(", "));
            let definition = written(n, &tree);
            let index = Index::new(&definition).unwrap();
            let (from, to): (Vec<f64>, Vec<f64>) =
                (0..n).map(|_| (value(&mut draws), value(&mut draws))).unzip();
            let score = |values: &[f64]| index.score(&profile(&definition, values)).unwrap().value().unwrap();
            let expected = by_orders(&score, &from, &to);
            for (found, expected) in points(&between(&definition, &from, &to)).iter().zip(expected) {
                assert!((found - expected).abs() < 1e-10, "{mean}: {found} {expected}");
            }
        }
    }
}

/// Owen's value: the orders in which the two indicators of each of two pillars come one right after the other.
fn by_nested_orders(score: &dyn Fn(&[f64]) -> f64, from: &[f64], to: &[f64]) -> Vec<f64> {
    let mut found = vec![0.0; 4];
    for order in 0..8usize {
        let swap =
            |bit: usize, pair: [usize; 2]| if order >> bit & 1 == 1 { [pair[1], pair[0]] } else { pair };
        let pairs = [swap(0, [0, 1]), swap(1, [2, 3])];
        let mut at = from.to_vec();
        for child in swap(2, [0, 1]).into_iter().flat_map(|pair| pairs[pair]) {
            let before = score(&at);
            at[child] = to[child];
            found[child] += (score(&at) - before) / 8.0;
        }
    }
    found
}

#[test]
fn below_arithmetic_parents_rows_are_owens_value_and_elsewhere_near_it() {
    let tree = "[pillar.a]\nchildren = { i0 = 3, i1 = 1 }\naggregate = \"geometric\"\n\
                [pillar.b]\nchildren = { i2 = 1, i3 = 2 }\naggregate = \"harmonic\"\n\
                [index]\nchildren = { a = 1, b = 2 }\naggregate = ";
    let (from, to) = ([50.0, 60.0, 70.0, 40.0], [80.0, 30.0, 20.0, 90.0]);
    let off = |mean: &str| {
        let definition = written(4, &format!("{tree}\"{mean}\"\n"));
        let index = Index::new(&definition).unwrap();
        let score = |values: &[f64]| index.score(&profile(&definition, values)).unwrap().value().unwrap();
        let owen = by_nested_orders(&score, &from, &to);
        let found = points(&between(&definition, &from, &to));
        found.iter().zip(&owen).map(|(found, owen)| (found - owen).abs()).fold(0.0, f64::max)
    };
    assert!(off("arithmetic") < 1e-12);
    let geometric = off("geometric");
    assert!(geometric > 0.1 && geometric < 2.0, "{geometric}");
}

#[test]
fn where_all_means_are_arithmetic_rows_are_weights_times_moves() {
    let tree = "[pillar.a]\nchildren = { i0 = 3, i1 = 1 }\n[pillar.b]\nchildren = { i2 = 1, a = 4 }\n[index]\nchildren = { b = 1, i3 = 1 }\n";
    let why = between(&written(4, tree), &[10.0, 20.0, 30.0, 40.0], &[50.0, 10.0, 90.0, 40.0]);
    let expected = [0.3 * 40.0, -0.1 * 10.0, 0.1 * 60.0, 0.0];
    for (found, expected) in points(&why).iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
    let ids =
        |rows: Vec<&vointi::explain::Contribution>| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    assert_eq!(
        (ids(why.lifts()), ids(why.lowers())),
        (vec!["i0".into(), "i2".into()], vec!["i1".to_owned()])
    );
    assert_eq!((why.rows[0].path.join("."), why.rows[3].path.len()), ("b.a".to_owned(), 0));
}

const OPPOSITE: &str = "[pillar.a]\nchildren = [\"i0\", \"i1\"]\n[index]\nchildren = [\"a\", \"i2\"]\naggregate = \"geometric\"\n";

/// Two indicators move against each other inside a pillar that stays where it is.
#[test]
fn opposite_moves_inside_a_child_are_seen() {
    let definition = written(3, OPPOSITE);
    let at = |left: f64| between(&definition, &[40.0, 60.0, 20.0], &[70.0 + left, 30.0, 80.0]);
    // The pillar stays at 50: the derivative ½ √(y/50), and half the time y is 20, half 80.
    let slope = 0.25 * ((20.0 / 50.0f64).sqrt() + (80.0 / 50.0f64).sqrt());
    let still = points(&at(0.0));
    for (found, expected) in still.iter().zip([15.0 * slope, -15.0 * slope]) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
    // On both sides of where the quotient takes over from the derivative nothing jumps and nothing is lost.
    for left in [1e-14, 1e-10, 1e-6, 1e-4, 0.09, 0.1, 0.100_1, 0.101, 0.11, 0.2] {
        for left in [left, -left] {
            let why = at(left);
            assert!(residual(&why) < 1e-12);
            for (found, still) in points(&why).iter().zip(&still) {
                assert!((found - still).abs() < 1.0 * left.abs() + 1e-11, "{left}: {found} {still}");
            }
        }
    }
    let [low, high] = [0.1 - 1e-9, 0.1 + 1e-9].map(|left| points(&at(left)));
    assert!(low.iter().zip(&high).all(|(low, high)| (low - high).abs() < 1e-8));
}

/// Below the floor of its parent a pillar moves nothing, and from below to above what is above.
#[test]
fn moves_below_a_floor_give_nothing() {
    let tree = OPPOSITE.replace("\"geometric\"", "{ mean = \"geometric\", floor = 30 }");
    let definition = written(3, &tree);
    let why = between(&definition, &[10.0, 20.0, 50.0], &[24.0, 8.0, 60.0]);
    assert_eq!(points(&why)[..2], [0.0, 0.0]);
    assert!(residual(&why) < 1e-12);
    let why = between(&definition, &[20.0, 20.0, 50.0], &[50.0, 20.0, 50.0]);
    assert!((points(&why)[0] - ((35.0f64 * 50.0).sqrt() - (30.0f64 * 50.0).sqrt())).abs() < 1e-12);
}

/// A pillar at 0 without a floor: the slope has no bound, the sum holds, and no row is absurd.
#[test]
fn next_to_zero_rows_stay_within_reason() {
    let tree = OPPOSITE.replace("[\"i0\", \"i1\"]", "[\"i0\", \"i1\"]\naggregate = \"geometric\"");
    let definition = written(3, &tree);
    for least in [0.0, 1e-300, 1e-30, 1e-12, 1e-6, 1e-3] {
        let why = between(&definition, &[0.0, 100.0, 20.0], &[100.0, least, 80.0]);
        assert!(residual(&why) < 1e-12, "{least}: {}", residual(&why));
        assert!(points(&why).iter().all(|points| points.abs() <= 200.0), "{least}: {:?}", points(&why));
    }
}

/// Twelve of fifty rise to 80 and twelve fall to 20: by symmetry the Shapley values of two dozen are a sum over counts.
#[test]
fn many_children_of_one_parent_are_sampled_and_still_add_up() {
    let children: Vec<String> = (0..24).map(|at| format!("\"i{at}\"")).collect();
    let tree = format!("[index]\nchildren = [{}]\naggregate = \"harmonic\"\n", children.join(", "));
    let definition = written(24, &tree);
    let to: Vec<f64> = (0..24).map(|at| if at < 12 { 80.0 } else { 20.0 }).collect();
    let why = between(&definition, &[50.0; 24], &to);
    assert!(residual(&why) < 1e-11, "{}", residual(&why));
    let mean = |up: i32, down: i32| {
        24.0 / (f64::from(up) / 80.0 + f64::from(down) / 20.0 + f64::from(24 - up - down) / 50.0)
    };
    let choose = |n: i32, k: i32| (0..k).map(|at| f64::from(n - at) / f64::from(at + 1)).product::<f64>();
    let mut rise = 0.0;
    for up in 0..12 {
        for down in 0..13 {
            let weight = choose(11, up) * choose(12, down) / (24.0 * choose(23, up + down));
            rise += weight * (mean(up + 1, down) - mean(up, down));
        }
    }
    let fall = (why.score - why.baseline) / 12.0 - rise;
    let mut largest: f64 = 0.0;
    for (at, found) in points(&why).iter().enumerate() {
        largest = largest.max((found - if at < 12 { rise } else { fall }).abs());
    }
    assert!(largest < 0.01, "{largest}");
    assert_eq!(points(&why), points(&between(&definition, &[50.0; 24], &to)));
}

#[test]
fn z_scores_add_up_and_may_be_negative() {
    let text = "schema = 1\nid = \"z\"\n[person]\nid = \"person\"\n".to_owned()
        + &(0..3)
            .map(|at| format!("[measure.m{at}]\nunit = \"1\"\ndirection = \"higher_better\"\n[indicator.i{at}]\nmeasure = \"m{at}\"\nutility = \"z\"\n"))
            .collect::<String>()
        + "[pillar.a]\nchildren = [\"i0\", \"i1\"]\n[index]\nchildren = { a = 3, i2 = 1 }\nmissing = { at_least = 0.5 }\n";
    let definition = Definition::from_toml(&text).unwrap();
    let rows = [[1.0, 9.0, 4.0], [5.0, 2.0, 8.0], [3.0, 3.0, 1.0]].map(|row| row.map(Some).to_vec());
    let cohort = cohort(&definition, &rows);
    let index = Index::calibrate(&cohort).unwrap();
    let baseline = Baseline::calibration(&index).unwrap();
    assert_eq!((baseline.of(), baseline.persons()), (BaselineOf::Calibration, 3));
    let person = Person::builder(&definition, "low").measure("m0", -4.0).measure("m1", 0.0).build().unwrap();
    let why = contributions(&index, &person, &baseline).unwrap();
    assert!(residual(&why) < 1e-12 && why.baseline.abs() < 1e-12 && why.score < -1.0);
    // The third, at its mean of 0, would have drawn the index up by a quarter.
    assert!((why.missing().unwrap().points - why.score / 4.0).abs() < 1e-12);
    assert!((why.rows[0].points - 0.375 * why.rows[0].value.unwrap()).abs() < 1e-12);
}

#[test]
fn what_cannot_be_explained_says_why() {
    let definition = written(3, OPPOSITE);
    let other = written(2, "[index]\nchildren = [\"i0\", \"i1\"]\n");
    let index = Index::new(&definition).unwrap();
    let rows = [vec![Some(1.0), Some(2.0), Some(3.0)], vec![Some(4.0), None, Some(5.0)]];
    let scores = |rows: &[Vec<Option<f64>>]| index.score_cohort(&cohort(&definition, rows)).unwrap();
    let baseline = Baseline::mean(&scores(&rows)).unwrap();

    let too_few = Person::builder(&definition, "a").measure("m2", 50.0).build().unwrap();
    let error = contributions(&index, &too_few, &baseline).unwrap_err();
    assert!(error.kind() == ErrorKind::Data && error.to_string().contains("too_few"), "{error}");
    let error =
        contributions(&index, &Person::builder(&definition, "a").build().unwrap(), &baseline).unwrap_err();
    assert!(error.kind() == ErrorKind::Data && error.to_string().contains("nothing_scored"), "{error}");

    let error = contributions(&index, &profile(&other, &[1.0, 2.0]), &baseline).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Definition);
    let elsewhere = Index::new(&other).unwrap();
    let error = contributions(&elsewhere, &profile(&other, &[1.0, 2.0]), &baseline).unwrap_err();
    assert!(error.kind() == ErrorKind::Definition && error.to_string().contains("baseline"), "{error}");

    let error = Baseline::mean(&scores(&rows[1..])).unwrap_err();
    assert_eq!((error.faults().len(), error.faults()[0].place().key()), (1, Some("indicator.i1")));
    assert_eq!(Baseline::calibration(&index).unwrap_err().kind(), ErrorKind::Calibration);
    for keep in [Keep::Index, Keep::Pillars] {
        let lean: Scores =
            index.score_cohort_with(&cohort(&definition, &rows), &Run::new().keep(keep)).unwrap();
        assert!(Baseline::mean(&lean).unwrap_err().to_string().contains("Keep::All"));
    }
}

#[test]
fn contributions_can_be_written_down() {
    let why = between(&written(3, OPPOSITE), &[40.0, 60.0, 20.0], &[70.0, 30.0, 80.0]);
    let written: serde_json::Value = serde_json::to_value(&why).unwrap();
    assert_eq!(written["baseline_of"], "cohort");
    assert_eq!(written["rows"][0]["path"][0], "a");
    assert_eq!(written["rows"][2]["points"], why.rows[2].points);
}
