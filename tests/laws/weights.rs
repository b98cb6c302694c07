//! Weights that are learned are frozen, found again in the calibration, and refused where they say nothing.

use proptest::prelude::*;
use vointi::{Calibration, Cohort, Definition, ErrorKind, Index, Table, study::Importance};

use super::{Draws, config};

/// Four indicators in two pillars, read as they are.
fn definition(pillar: &str, index: &str) -> vointi::Result<Definition> {
    let mut text = "schema = 1\nid = \"weighed\"\n[person]\nid = \"person\"\n".to_owned();
    for name in ["a", "b", "c", "d"] {
        text += &format!(
            "[measure.{name}]\nunit = \"1\"\nerror = {{ sd = 2, target = \"occasion\", source = \"assumed\" }}\n"
        );
        text += &format!("[indicator.{name}]\nmeasure = \"{name}\"\nutility = {{ goalposts = [0, 100] }}\n");
    }
    text += &format!(
        "[pillar.p]\nchildren = [\"a\", \"b\"]\n{pillar}\n[pillar.q]\nchildren = [\"c\", \"d\"]\nmissing = {{ at_least = 0.3 }}\n"
    );
    text += &format!("[index]\nchildren = [\"p\", \"q\"]\nmissing = {{ at_least = 0.5 }}\n{index}\n");
    Definition::from_toml(&text)
}

/// People whose scores go together; `gaps` of every hundred are missing.
fn people(definition: &Definition, seed: u64, rows: usize, gaps: f64) -> Cohort {
    let mut draws = Draws(seed);
    let mut columns = vec![Vec::new(); 4];
    for _ in 0..rows {
        let common = draws.normal();
        for (at, column) in columns.iter_mut().enumerate() {
            let own = 50.0 + (4.0 + 2.0 * at as f64) * (common + draws.normal());
            let missing = draws.uniform() * 100.0 < gaps;
            column.push((!missing).then_some(own.clamp(1.0, 99.0)));
        }
    }
    let mut table = Table::builder().number("person", (0..rows).map(|row| Some(row as f64)));
    for (name, column) in ["a", "b", "c", "d"].into_iter().zip(columns) {
        table = table.number(name, column);
    }
    Cohort::new(definition, table.build().unwrap()).unwrap()
}

const LEARNED: [&str; 6] = [
    "weights = \"pca\"",
    "weights = \"pca_squared\"",
    "weights = \"entropy\"",
    "weights = \"critic\"",
    "weights = \"sd\"",
    "weights = { importance = { a = 0.3, b = 0.7 } }",
];

#[test]
fn what_is_learned_is_frozen_and_found_again() {
    for pillar in LEARNED {
        for aggregate in ["", "aggregate = \"geometric\""] {
            let definition = definition(&format!("{pillar}\n{aggregate}"), "weights = \"sd\"").unwrap();
            let error = Index::new(&definition).unwrap_err();
            assert!(error.to_string().contains("needs a calibration for pillar.p, index"), "{error}");
            let reference = people(&definition, 5, 200, 5.0);
            let learned = Calibration::learn(&reference).unwrap();
            let back = Calibration::from_toml(&learned.to_toml()).unwrap();
            assert_eq!(learned, back, "{pillar}");
            let weights = learned.weights();
            assert_eq!(weights.iter().map(|w| w.node.as_str()).collect::<Vec<_>>(), ["index", "p"]);
            for weights in &weights {
                let sum: f64 = weights.weights.iter().map(|(_, weight)| weight).sum();
                assert!((sum - 1.0).abs() < 1e-12);
                assert_eq!(weights.rows.unwrap() + weights.dropped.unwrap(), 200);
                assert!(weights.dropped.unwrap() > 0);
            }
            // Others are scored with the same weights, and one alone as among others.
            let index = Index::with(&definition, back).unwrap();
            let others = people(&definition, 6, 30, 10.0);
            let together = index.score_cohort(&others).unwrap();
            for row in 0..30 {
                let alone = index.score(&others.person(&row.to_string()).unwrap()).unwrap();
                assert_eq!(
                    alone.value().map(f64::to_bits),
                    together.row(row).unwrap().value().map(f64::to_bits)
                );
            }
            let parts = Importance::of(&index, &together).unwrap().parts;
            let a = parts.iter().find(|part| part.id == "a").unwrap();
            let own = &weights[1].weights[0];
            assert_eq!((own.0.as_str(), own.1), ("a", a.nominal), "{pillar}");
            assert!(!a.weighting.is_empty());
        }
    }
}

/// The weights of another file are not taken for these.
#[test]
fn weights_that_do_not_fit_are_refused() {
    let definition = definition("weights = \"sd\"", "").unwrap();
    let learned = Calibration::learn(&people(&definition, 5, 50, 0.0)).unwrap().to_toml();
    let weights = learned.lines().find(|line| line.starts_with("a = ")).unwrap();
    let renamed = weights.replace("a = ", "z = ");
    for (changed, what) in [("a = 0.9", "0 or more and sum to 1"), (renamed.as_str(), "")] {
        let text = learned.replace(weights, changed);
        match Calibration::from_toml(&text) {
            Err(error) => {
                assert_eq!((error.kind(), true), (ErrorKind::Calibration, error.to_string().contains(what)))
            }
            Ok(learned) => {
                let error = Index::with(&definition, learned).unwrap_err();
                assert!(
                    error.to_string().contains("pillar.p.weights: the calibration has no weights"),
                    "{error}"
                );
            }
        }
    }
}

/// Below arithmetic means the realised importance is what was asked for, at every level.
#[test]
fn importance_is_what_was_asked_for() {
    let definition = definition(
        "weights = { importance = { b = 0.8, a = 0.2 } }",
        "weights = { importance = { p = 0.5, q = 0.5 } }",
    )
    .unwrap();
    let reference = people(&definition, 9, 300, 0.0);
    let index = Index::calibrate(&reference).unwrap();
    let found = Importance::of(&index, &index.score_cohort(&reference).unwrap()).unwrap();
    assert_eq!((found.rows, found.complete), (300, 300));
    let of = |id: &str| found.parts.iter().find(|part| part.id == id).unwrap();
    for (id, wanted) in [("a", 0.2), ("b", 0.8), ("p", 0.5), ("q", 0.5)] {
        let share = of(id).in_parent.unwrap().covariance_share.unwrap();
        assert!((share - wanted).abs() < 1e-10, "{id}: {share}");
    }
    let all: f64 =
        ["a", "b", "c", "d"].iter().map(|id| of(id).in_index.unwrap().covariance_share.unwrap()).sum();
    assert!((all - 1.0).abs() < 1e-12);
    let ids: Vec<&str> = found.parts.iter().map(|part| part.id.as_str()).collect();
    assert_eq!(ids, ["p", "a", "b", "q", "c", "d"]);
    for part in &found.parts {
        let realised = part.in_parent.unwrap();
        // A curve explains at least what a line does, but for what its steps lose.
        assert!(
            realised.correlation_ratio.unwrap() > realised.squared_correlation.unwrap() - 0.1,
            "{part:?}"
        );
        assert_eq!(realised.bins, 20);
    }
    assert!((of("a").effective - of("a").nominal * of("p").nominal).abs() < 1e-15);
}

/// Faults of `weights`, each where it stands and with what to do.
#[test]
fn faults_of_weights() {
    for (pillar, wanted) in [
        ("weights = \"pcq\"", "unknown word `pcq`; did you mean `pca`?"),
        (
            "weights = { ahp = [[1, 3]] }",
            "pillar.p.weights.ahp: the matrix does not fit the children; give 2 rows of 2 numbers",
        ),
        (
            "weights = { ahp = [[1, 3], [0.5, 1]] }",
            "the comparison of `a` and `b` is not one over its reverse",
        ),
        ("weights = { ahp = [[2, 3], [0.3333, 1]] }", "the comparison of `a` and `a` with itself is not 1"),
        ("weights = { ahp = [[1, -3], [-0.3333, 1]] }", "the comparison of `a` and `b` is not above 0"),
        ("weights = { importance = { a = 1 } }", "pillar.p.weights.importance: `b` has no target"),
        ("weights = { importance = { a = 1, b = 0, x = 3 } }", "`x` is no child; allowed: a, b"),
        ("weights = { importance = { a = -1, b = 2 } }", "the target of `a` is below 0"),
        ("weights = { importance = { a = 0, b = 0 } }", "all targets are 0"),
        (
            "weights = { importance = { a = 1, b = 1 }, max_ratio = 1 }",
            "only comparisons have a consistency ratio",
        ),
        (
            "weights = { max_ratio = 1 }",
            "the weights do not come from one place; give one of ahp, importance",
        ),
    ] {
        let error = definition(pillar, "").unwrap_err();
        assert!(error.to_string().contains(wanted), "{pillar}: {error}");
    }
    let text = "schema = 1\nid = \"x\"\n[person]\nid = \"person\"\n[measure.a]\nunit = \"1\"\n[indicator.a]\nmeasure = \"a\"\nutility = { goalposts = [0, 1] }\n[index]\nchildren = { a = 1 }\nweights = \"equal\"\n";
    let error = Definition::from_toml(text).unwrap_err();
    assert!(error.to_string().contains("index.weights: the children have weights already"), "{error}");
}

/// Without `weights` the hash is what it was; with it, the definition is another one.
#[test]
fn how_weights_come_about_is_part_of_a_definition() {
    let hash = |pillar: &str| definition(pillar, "").unwrap().hash().to_owned();
    let all: std::collections::BTreeSet<String> = LEARNED
        .into_iter()
        .chain(["", "weights = \"equal\"", "weights = { ahp = [[1, 2], [0.5, 1]] }"])
        .map(hash)
        .collect();
    assert_eq!(all.len(), 9);
    let tree = definition("weights = \"critic\"", "").unwrap().tree();
    assert_eq!(
        (tree[2].weight, tree[2].effective_weight),
        (None, None),
        "nothing is known before a reference"
    );
    assert!(tree[1].how.contains("weights by CRITIC"), "{}", tree[1].how);
    let scores = |pillar: &str| {
        let definition = definition(pillar, "").unwrap();
        let cohort = people(&definition, 3, 20, 0.0);
        Index::new(&definition).unwrap().score_cohort(&cohort).unwrap().index_or_nan().to_vec()
    };
    assert_eq!(scores(""), scores("weights = \"equal\""));
}

proptest! {
    #![proptest_config(config(32))]

    /// Comparisons that agree give their ratios back, and do not contradict each other.
    #[test]
    fn comparisons_that_agree_give_their_ratios(ratio in 0.12..8.0f64) {
        let reverse = 1.0 / ratio;
        let text = format!("weights = {{ ahp = [[1, {ratio}], [{reverse}, 1]], max_ratio = 0 }}");
        let definition = definition(&text, "").unwrap();
        let tree = definition.tree();
        let (a, b) = (tree[2].weight.unwrap(), tree[3].weight.unwrap());
        prop_assert!((a / b / ratio - 1.0).abs() < 1e-12);
        prop_assert!((a + b - 1.0).abs() < 1e-15);
        prop_assert!(tree[1].how.contains("consistency ratio 0.000"), "{}", tree[1].how);
        // They need no reference, and one that is there says what was found.
        let index = Index::calibrate(&people(&definition, 2, 30, 0.0)).unwrap();
        let learned = index.calibration().unwrap().weights();
        prop_assert_eq!(learned[0].consistency_ratio, Some(0.0));
        prop_assert!(Index::new(&definition).is_ok());
    }
}
