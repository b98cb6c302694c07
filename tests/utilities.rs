//! Utilities that are curved or follow a reference: what a definition may say of them, in which words they come back,
//! and the standard error that an index of one of them has.

use std::collections::BTreeMap;

use vointi::{Cohort, Definition, Index, Table};

pub(crate) const SHAPES: &str = "tests/golden/measures/utilities.toml";
pub(crate) const CURVED: &str = "tests/golden/measures/curved_utility_vectors.csv";

/// A definition of one indicator; `measure` is the rest of its measure.
fn one(utility: &str, measure: &str) -> String {
    format!(
        "schema = 1\nid = \"one\"\n[person]\nid = \"person\"\n[measure.x]\nunit = \"1\"\n{measure}\n\
         [indicator.u]\nmeasure = \"x\"\nutility = {utility}\n[index]\nchildren = [\"u\"]\n"
    )
}

const HIGHER: &str = "direction = \"higher_better\"";

/// The errors of one size make one index; the bound that holds every variance down must hold none of these down.
/// mpmath; 1e-9 of a variance, or 1e-14 of the largest there is.
#[test]
fn the_standard_error_is_that_of_another_program() -> vointi::Result<()> {
    let shapes: toml::Table = std::fs::read_to_string(SHAPES).unwrap().parse().unwrap();
    let text = std::fs::read_to_string(CURVED).unwrap();
    let mut groups: BTreeMap<(&str, &str), Vec<(f64, f64)>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        groups
            .entry((cells[0], cells[2]))
            .or_default()
            .push((cells[1].parse().unwrap(), cells[5].parse().unwrap()));
    }
    assert_eq!(groups.len(), 90);
    let mut wrong = Vec::new();
    for ((name, s), rows) in groups {
        let row = &shapes[name];
        let direction = row.get("direction").and_then(|d| d.as_str()).unwrap_or("higher_better");
        let measure = format!(
            "direction = \"{direction}\"\nerror = {{ sd = {s}, target = \"occasion\", source = \"assumed\" }}"
        );
        let definition = Definition::from_toml(&one(&row["utility"].to_string(), &measure))?;
        let table = Table::builder()
            .number("person", (0..rows.len()).map(|row| Some(row as f64)))
            .number("x", rows.iter().map(|(x, _)| Some(*x)))
            .build()?;
        let scores = Index::new(&definition)?.score_cohort(&Cohort::new(&definition, table)?)?;
        let errors = scores.matrix_or_nan(&["index_se"])?;
        for ((x, variance), se) in rows.iter().zip(errors.iter()) {
            if (se * se - variance).abs() > 1e-9 * variance + 2.5e-11 {
                wrong.push(format!("{name} at {x}, {s}: {}, expected {variance}", se * se));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn a_definition_says_in_words_what_its_utilities_are() {
    let cases = [
        ("{ desirability = { rises = [4, 8] } }", "x, rises from 4 to 8"),
        (
            "{ desirability = { rises = [4, 7], falls = [9, 11], exponents = [1, 2.5] } }",
            "x, rises from 4 to 7, falls from 9 to 11 by the power 2.5",
        ),
        ("{ logistic = { low = 40, high = 100 } }", "x, logistic, 40 is 5 and 100 is 95"),
        ("{ lms = [-1.4, 25, 0.16] }", "x, percentile by L -1.4, M 25, S 0.16"),
        (
            "{ ecdf = { values = [3, 1, 2], reference = \"the town\", version = \"2020\" } }",
            "x, percentile among 3 values of the town (version 2020)",
        ),
        (
            "{ hazard_ratio = [[1, 2], [3, 1]] }",
            "x, 2 hazard ratios, lines in their logarithm, the lowest is 100",
        ),
        (
            "{ hazard_ratio_linear = [[1, 2], [3, 1]] }",
            "x, 2 hazard ratios, lines in them, the lowest is 100",
        ),
        ("{ log_goalposts = [10, 0.5] }", "x, 10 is 0 and 0.5 is 100, by the logarithm"),
    ];
    for (utility, words) in cases {
        let definition = Definition::from_toml(&one(utility, HIGHER)).unwrap();
        let how = |definition: &Definition| {
            definition.tree().into_iter().find(|row| row.kind == "indicator").unwrap().how
        };
        assert_eq!(how(&definition), words);
        if words.contains("percentile") {
            let turned = Definition::from_toml(&one(utility, "direction = \"lower_better\"")).unwrap();
            assert_eq!(how(&turned), format!("{words}, less is better"));
            assert_ne!(turned.hash(), definition.hash(), "the direction is part of what is computed");
        }
    }
}

/// By utility and rest of the measure: the key path below the utility of every fault, what it says, and the remedy.
type Faulty = (&'static str, &'static str, &'static [(&'static str, &'static str, &'static str)]);

const FAULTY: &[Faulty] = &[
    // desirability
    ("{ desirability = {} }", "", &[("desirability", "it neither rises nor falls", "rises = [L, T1]")]),
    ("{ desirability = { exponents = [1] } }", "", &[("desirability", "neither rises nor falls", "")]),
    (
        "{ desirability = { rises = [8, 4] } }",
        "",
        &[("desirability.rises", "it does not rise", "100 from T1")],
    ),
    ("{ desirability = { rises = [4, 4] } }", "", &[("desirability.rises", "it does not rise", "")]),
    ("{ desirability = { falls = [9, 4] } }", "", &[("desirability.falls", "it does not fall", "0 from U")]),
    (
        "{ desirability = { rises = [4, 8], falls = [7, 11] } }",
        "",
        &[("desirability.falls", "it falls from 7, before it has risen at 8", "T1 is at most T2")],
    ),
    (
        "{ desirability = { rises = [4, 8], exponents = [1, 2] } }",
        "",
        &[("desirability.exponents", "2 exponents for 1", "one for each")],
    ),
    (
        "{ desirability = { rises = [4, 8], exponents = [0] } }",
        "",
        &[("desirability.exponents", "the exponent 0 is out of range", "give 0.1 to 10")],
    ),
    ("{ desirability = { rises = [4, 8], exponents = [-1] } }", "", &[("desirability.exponents", "-1", "")]),
    (
        "{ desirability = { rises = [4, 8], exponents = [10.5] } }",
        "",
        &[("desirability.exponents", "10.5", "")],
    ),
    (
        "{ desirability = { rises = [4, inf] } }",
        "",
        &[("desirability.rises", "found a list, expected two numbers", "")],
    ),
    (
        "{ desirability = { rises = [4], falls = [5, 6] } }",
        "",
        &[("desirability.rises", "expected two numbers", "")],
    ),
    (
        "{ desirability = { rises = [4, 8], exponents = [nan] } }",
        "",
        &[("desirability.exponents[0]", "a number that is not finite", "")],
    ),
    (
        "{ desirability = { rises = [8, 4], falls = [9, 3], exponents = [0, 11, 1] } }",
        "",
        &[
            ("desirability.rises", "it does not rise", ""),
            ("desirability.falls", "it does not fall", ""),
            ("desirability.exponents", "3 exponents for 2", ""),
            ("desirability.exponents", "the exponent 0 is out of range", ""),
        ],
    ),
    (
        "{ desirability = { rise = [4, 8] } }",
        "",
        &[("desirability", "neither", ""), ("desirability.rise", "unknown key", "rises")],
    ),
    // logistic
    ("{ logistic = { low = 4 } }", "", &[("logistic", "the key `high` is missing", "scores 95")]),
    ("{ logistic = { low = 4, high = 4 } }", "", &[("logistic", "both points are the same", "scores 5")]),
    ("{ logistic = { low = -inf, high = 4 } }", "", &[("logistic.low", "a number that is not finite", "")]),
    // lms
    ("{ lms = [1, 2, 3] }", "", &[("lms", "the measure has no direction", "at the measure")]),
    ("{ lms = [1, 2] }", HIGHER, &[("lms", "2 numbers", "give [L, M, S]")]),
    (
        "{ lms = [1, 0, -3] }",
        HIGHER,
        &[("lms", "the median 0 is not above 0", ""), ("lms", "the spread -3 is not above 0", "")],
    ),
    (
        "{ lms = [1, 0, 0] }",
        "",
        &[("lms", "no direction", ""), ("lms", "the median 0", ""), ("lms", "the spread 0", "")],
    ),
    ("{ lms = [1, inf, 0.1] }", HIGHER, &[("lms[1]", "a number that is not finite", "")]),
    // ecdf
    (
        "{ ecdf = { values = [1, 2] } }",
        HIGHER,
        &[("ecdf", "the key `reference` is missing", "whose"), ("ecdf", "the key `version` is missing", "")],
    ),
    (
        "{ ecdf = { values = [1, 2], reference = \" \", version = \"\" } }",
        HIGHER,
        &[("ecdf.reference", "it is empty", "named and versioned"), ("ecdf.version", "it is empty", "")],
    ),
    (
        "{ ecdf = { values = [1, 2], reference = \"r\", version = \"1\" } }",
        "",
        &[("ecdf", "no direction", "")],
    ),
    (
        "{ ecdf = { values = [2, 2], reference = \"r\", version = \"1\" } }",
        HIGHER,
        &[("ecdf.values", "the reference does not vary", "two different values")],
    ),
    (
        "{ ecdf = { values = [], reference = \"r\", version = \"1\" } }",
        HIGHER,
        &[("ecdf.values", "not vary", "")],
    ),
    (
        "{ ecdf = { values = [1, 2], weights = [1, 0], reference = \"r\", version = \"1\" } }",
        HIGHER,
        &[("ecdf.values", "the reference does not vary", "")],
    ),
    (
        "{ ecdf = { values = [1, 2, 3], weights = [1, -1], reference = \"r\", version = \"1\" } }",
        HIGHER,
        &[
            ("ecdf.values", "not vary", ""),
            ("ecdf.weights", "2 weights for 3 values", ""),
            ("ecdf.weights", "below 0", ""),
        ],
    ),
    (
        "{ ecdf = { values = [1, nan], reference = \"r\", version = \"1\" } }",
        HIGHER,
        &[("ecdf.values[1]", "a number that is not finite", "")],
    ),
    (
        "{ ecdf = { values = [1, 2], weights = [1, inf], reference = \"r\", version = \"1\" } }",
        HIGHER,
        &[("ecdf.weights[1]", "a number that is not finite", "")],
    ),
    // hazard ratios
    ("{ hazard_ratio = [[1, 2]] }", "", &[("hazard_ratio", "the knots do not ascend", "at least two")]),
    ("{ hazard_ratio = [[2, 2], [1, 1]] }", "", &[("hazard_ratio", "the knots do not ascend", "")]),
    ("{ hazard_ratio = [[1, 2], [2, 0]] }", "", &[("hazard_ratio", "a hazard ratio is not above 0", "1 is")]),
    (
        "{ hazard_ratio_linear = [[1, 2], [1, 2]] }",
        "",
        &[
            ("hazard_ratio_linear", "the knots do not ascend", ""),
            ("hazard_ratio_linear", "all hazard ratios are the same", "highest to the lowest"),
        ],
    ),
    ("{ hazard_ratio = [[1, 2], [2, inf]] }", "", &[("hazard_ratio[1]", "expected two numbers", "")]),
    // logarithmic goalposts
    ("{ log_goalposts = [3, 3] }", "", &[("log_goalposts", "both goalposts are the same", "")]),
    (
        "{ log_goalposts = [0, 3] }",
        "",
        &[("log_goalposts", "only a number above 0 has a logarithm", "both above 0")],
    ),
    ("{ log_goalposts = [1, nan] }", "", &[("log_goalposts", "expected two numbers", "")]),
    // none of these, or two
    ("{ }", "", &[("", "a utility has exactly one shape", "hazard_ratio_linear")]),
    ("{ logit = [1, 2] }", "", &[("logit", "unknown key `logit`", "")]),
    (
        "{ lms = [1, 2, 3], log_goalposts = [1, 2] }",
        HIGHER,
        &[("", "a utility has exactly one shape", "give one of goalposts")],
    ),
];

#[test]
fn every_fault_of_a_utility_comes_back_with_its_place_and_remedy() {
    let mut wrong = Vec::new();
    for (utility, measure, expected) in FAULTY {
        let Err(error) = Definition::from_toml(&one(utility, measure)) else {
            wrong.push(format!("{utility}: accepted"));
            continue;
        };
        let found: Vec<(String, &str, &str)> = error
            .faults()
            .iter()
            .map(|fault| (fault.place().key().unwrap_or_default().to_owned(), fault.what(), fault.remedy()))
            .collect();
        let all_there = expected.iter().all(|(key, what, remedy)| {
            let path = if key.is_empty() {
                "indicator.u.utility".to_owned()
            } else {
                format!("indicator.u.utility.{key}")
            };
            found
                .iter()
                .any(|(place, said, help)| *place == path && said.contains(what) && help.contains(remedy))
        });
        if !all_there || found.len() != expected.len() {
            wrong.push(format!("{utility}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), FAULTY.len(), wrong.join("\n"));
}

/// More than 31 steps are too many for published bands, not for a reference.
#[test]
fn a_reference_may_have_as_many_values_as_it_has() {
    let values: Vec<String> = (0..2000).map(|k| format!("{:?}", f64::from(k) / 10.0)).collect();
    let utility =
        format!("{{ ecdf = {{ values = [{}], reference = \"r\", version = \"1\" }} }}", values.join(", "));
    let measure = format!("{HIGHER}\nerror = {{ sd = 3, target = \"occasion\", source = \"assumed\" }}");
    let definition = Definition::from_toml(&one(&utility, &measure)).unwrap();
    let person = vointi::Person::builder(&definition, "a").measure("x", 100.0).build().unwrap();
    let score = Index::new(&definition).unwrap().score(&person).unwrap();
    // 1,000 of 2,000 values are below 100 and one is 100 itself; the ranks rise by half a point a unit.
    assert!((score.value().unwrap() - 50.025).abs() < 1e-9);
    assert!((score.std_error().unwrap() - 1.5).abs() < 1e-3);
}

/// Steps have no slope: carried linearly their error is the exact one at the reading, not that of some other reading.
#[test]
fn an_error_carried_linearly_over_steps_is_that_at_the_reading() {
    let steps = "{ steps = { at = [25, 50], score = [0, 60, 100] } }";
    let se = |propagate: &str, x: f64| {
        let measure = format!(
            "error = {{ sd = 4, target = \"occasion\", source = \"assumed\", propagate = \"{propagate}\" }}"
        );
        let definition = Definition::from_toml(&one(steps, &measure)).unwrap();
        let person = vointi::Person::builder(&definition, "a").measure("x", x).build().unwrap();
        Index::new(&definition).unwrap().score(&person).unwrap().std_error().unwrap()
    };
    for x in [20.0, 26.0, 49.0] {
        assert!(se("linear", x) > 1.0);
        assert_eq!(se("linear", x), se("exact", x));
    }
}
