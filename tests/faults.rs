//! Faulty definitions: every independent fault comes back, each with its line, and nothing panics.

use std::collections::BTreeSet;

use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngSeed},
};
use vointi::{Definition, Error, ErrorKind};

const TWELVE: &str = include_str!("fixtures/faults/twelve.toml");
const BASE: &str = include_str!("fixtures/faults/base.toml");

fn refused(text: &str) -> Error {
    Definition::from_toml(text).expect_err("the definition has faults")
}

#[test]
fn twelve_planted_faults_are_twelve_faults() {
    let error = refused(TWELVE);
    let lines: Vec<usize> = error.faults().iter().filter_map(|fault| fault.place().line()).collect();
    // Every planted fault is numbered in a comment on its line.
    let planted: Vec<usize> = (1..=12)
        .map(|n| TWELVE.lines().position(|line| line.contains(&format!("# {n}: "))).unwrap() + 1)
        .collect();
    assert_eq!(lines, planted, "{error}");
    assert_eq!(error.kind(), ErrorKind::Definition);
    let of_weight = |key: &str| key.starts_with("measure.weight.");
    assert_eq!(error.faults().iter().filter(|fault| fault.place().key().is_some_and(of_weight)).count(), 3);
    let said = [
        ("unknown key `colour`", "schema, id"),
        ("found a number, expected text", ""),
        ("no instrument `phq88`", "did you mean `phq8`?"),
        ("found a number, expected text", ""),
        ("unknown word `ignore`", "error, missing"),
        ("the key `source` is missing", "where the figure comes from"),
        ("`Height` cannot be an id", "lower-case"),
        ("the expression ends too early", "a value"),
        ("no scale `strain.sum`", "did you mean `strain.total`?"),
        ("the weight of `strain` is -2", "0 or more"),
        ("no indicator, domain or pillar `wieght`", "did you mean `weight`?"),
        ("the band overlaps `low`", "half-open"),
    ];
    for (fault, (what, remedy)) in error.faults().iter().zip(said) {
        assert!(fault.what().contains(what) && fault.remedy().contains(remedy), "{fault}");
    }
    insta::assert_snapshot!(error.to_string());
}

/// A case: its name, edits of the base, and a fragment of every fault they make, in the order of the file.
/// `#!` stands on the lines where faults are expected.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const CASES: &[Case] = &[
    // resolve
    (
        "another schema",
        &[("schema = 1", "schema = 2 #!")],
        &["unknown version of the format; this version reads schema = 1"],
    ),
    ("bad id", &[("id = \"base\"", "id = \"My base\" #!")], &["`My base` cannot be an id"]),
    (
        "reserved id",
        &[("[derived.ratio]", "[derived.coverage] #!"), ("ratio * 100", "coverage * 100")],
        &["`coverage` is a reserved name"],
    ),
    ("not TOML", &[("id = \"base\"", "id = base #!")], &["not TOML"]),
    (
        "origin twice",
        &[
            ("[measure.mass]", "[measure.mass] #!"),
            ("column = \"body\"", "column = \"body\"\nfrom = \"body\""),
        ],
        &["column and from are given together"],
    ),
    ("no columns", &[("columns = [\"p1\", \"p2\"]", "columns = [] #!")], &["the list of columns is empty"]),
    ("empty limits", &[("limits = [25, 150]", "limits = [150, 25] #!")], &["the limits hold no value"]),
    (
        "error without size",
        &[("{ sd = 2, target", "{ target"), ("source = \"assumed\" }", "source = \"assumed\" } #!")],
        &["the size of the error is missing"],
    ),
    (
        "error with two sizes",
        &[("sd = 2,", "sd = 2, cv = 0.1,"), ("source = \"assumed\" }", "source = \"assumed\" } #!")],
        &["the error has two sizes"],
    ),
    (
        "error of 0",
        &[("sd = 2,", "sd = 0,"), ("source = \"assumed\" }", "source = \"assumed\" } #!")],
        &["0 is no sd"],
    ),
    (
        "reliability of 1",
        &[("sd = 2,", "reliability = 1,"), ("source = \"assumed\" }", "source = \"assumed\" } #!")],
        &["1 is no reliability"],
    ),
    (
        "error learned and assumed",
        &[("sd = 2,", "sd = \"calibrated\","), ("source = \"assumed\" }", "source = \"assumed\" } #!")],
        &["the source does not fit the size"],
    ),
    (
        "error of one reading learned",
        &[(
            "unit = \"kg/m2\"",
            "unit = \"kg/m2\"\nerror = { sd = \"calibrated\", target = \"occasion\", source = \"calibrated\" } #!",
        )],
        &["this error cannot be learned"],
    ),
    // readings
    (
        "ages of another length",
        &[("columns = [\"p1\", \"p2\"]", "columns = [\"p1\", \"p2\"]\nages = [\"a1\"] #!")],
        &["1 age for 2 readings; name one column of ages a reading"],
    ),
    (
        "one age for one reading only",
        &[("columns = [\"p1\", \"p2\"]", "columns = [\"p1\", \"p2\"]\nages = \"a1\" #!")],
        &["1 age for 2 readings"],
    ),
    (
        "a window without ages",
        &[("columns = [\"p1\", \"p2\"]", "columns = [\"p1\", \"p2\"]\nwithin = 365 #!")],
        &["`within` needs to know how old the readings are; name their columns of ages in `ages`"],
    ),
    (
        "stale without ages",
        &[("columns = [\"p1\", \"p2\"]", "columns = [\"p1\", \"p2\"]\nstale = 365 #!")],
        &["`stale` needs to know how old"],
    ),
    (
        "the last without ages",
        &[("columns = [\"p1\", \"p2\"]", "columns = [\"p1\", \"p2\"]\ncombine = \"last\" #!")],
        &["`combine` needs to know how old"],
    ),
    (
        "a window of 0",
        &[(
            "columns = [\"p1\", \"p2\"]",
            "columns = [\"p1\", \"p2\"]\nages = [\"a1\", \"a2\"]\nwithin = 0 #!",
        )],
        &["0 is no length of time; give days, above 0"],
    ),
    (
        "stale beyond the window",
        &[(
            "columns = [\"p1\", \"p2\"]",
            "columns = [\"p1\", \"p2\"]\nages = [\"a1\", \"a2\"]\nwithin = 365\nstale = 365 #!",
        )],
        &["nothing within 365 days is older than 365"],
    ),
    (
        "days of two readings",
        &[("columns = [\"p1\", \"p2\"]", "columns = [\"p1\", \"p2\"]\ndays = \"n\" #!")],
        &["days of 2 readings; days are behind one value"],
    ),
    (
        "no full days",
        &[("column = \"body\"", "column = \"body\"\ndays = { column = \"n\", full = 0 } #!")],
        &["0 is no number of days; give a whole number from 1 to 366"],
    ),
    (
        "half a day",
        &[("column = \"body\"", "column = \"body\"\ndays = { column = \"n\", full = 7, least = 2.5 } #!")],
        &["2.5 is no number of days"],
    ),
    (
        "more than the full days",
        &[("column = \"body\"", "column = \"body\"\ndays = { column = \"n\", full = 3, least = 4 } #!")],
        &["at least 4 days are more than the full 3"],
    ),
    (
        "days without a column",
        &[("column = \"body\"", "column = \"body\"\ndays = { full = 7 } #!")],
        &["the key `column` is missing"],
    ),
    (
        "a drift without ages",
        &[("sd = 2,", "sd = 2, drift = 1,"), ("source = \"assumed\" }", "source = \"assumed\" } #!")],
        &["an error that grows with age, of readings without ages; name the columns"],
    ),
    (
        "a drift of 0",
        &[
            ("columns = [\"p1\", \"p2\"]", "columns = [\"p1\", \"p2\"]\nages = [\"a1\", \"a2\"]\n"),
            ("sd = 2,", "sd = 2, drift = 0,"),
            ("source = \"assumed\" }", "source = \"assumed\" } #!"),
        ],
        &["0 is no drift; give an sd per √year"],
    ),
    (
        "a drift and an error learned",
        &[
            ("columns = [\"p1\", \"p2\"]", "columns = [\"p1\", \"p2\"]\nages = [\"a1\", \"a2\"]\n"),
            ("sd = 2,", "sd = \"calibrated\", drift = 1,"),
            ("source = \"assumed\" }", "source = \"calibrated\" } #!"),
        ],
        &["readings of several ages differ by the drift, too"],
    ),
    (
        "a drift of a scale",
        &[(
            "[indicator.mood]",
            "[indicator.mood]\nerror = { sd = 1, drift = 1, target = \"occasion\", source = \"assumed\" } #!",
        )],
        &["`drift` belongs to a measure whose readings have ages"],
    ),
    (
        "a drift without an end",
        &[
            ("columns = [\"p1\", \"p2\"]", "columns = [\"p1\", \"p2\"]\nages = [\"a1\", \"a2\"]\n"),
            ("sd = 2,", "sd = 2, drift = 1, propagate = \"linear\","),
            ("[indicator.pulse]", "[indicator.pulse] #!"),
        ],
        &["nothing says how old readings may be; give `within` to the measure `pulse`"],
    ),
    (
        "an icc alone",
        &[("sd = 2,", "icc = 0.6,"), ("source = \"assumed\" }", "source = \"assumed\" } #!")],
        &["an intraclass correlation alone is no size of an error"],
    ),
    (
        "an icc of 1",
        &[("sd = 2,", "icc = 1, between_sd = 3,"), ("source = \"assumed\" }", "source = \"assumed\" } #!")],
        &["1 is no icc; an sd or cv is above 0, a reliability or icc between 0 and 1"],
    ),
    (
        "a spread of 0",
        &[("sd = 2,", "icc = 0.5, between_sd = 0,"), ("source = \"assumed\" }", "source = \"assumed\" } #!")],
        &["0 is no sd"],
    ),
    (
        "a spread without an icc",
        &[("sd = 2,", "sd = 2, between_sd = 3,"), ("source = \"assumed\" }", "source = \"assumed\" } #!")],
        &["`between_sd` belongs to `icc`"],
    ),
    (
        "the reliability of a day of any number",
        &[(
            "column = \"body\"",
            "column = \"body\"\ndays = \"n\"\nerror = { reliability = 0.5, target = \"occasion\", source = \"assumed\" } #!",
        )],
        &["the reliability of one day says nothing"],
    ),
    (
        "a choice that is the days of an indicator",
        &[
            ("column = \"body\"", "column = \"body\"\ndays = \"sleep_hours\""),
            ("[choice.sleep]", "[choice.sleep] #!"),
        ],
        &["both rest on the column `sleep_hours`"],
    ),
    (
        "alpha of a measure",
        &[(
            "sd = 2, target = \"occasion\", source = \"assumed\" }",
            "reliability = \"calibrated\", target = \"occasion\", source = \"calibrated\" } #!",
        )],
        &["that is for scales"],
    ),
    (
        "repeated readings of a scale",
        &[(
            "utility = \"linear\"",
            "utility = \"linear\"\nerror = { sd = \"calibrated\", target = \"occasion\", source = \"calibrated\" } #!",
        )],
        &["a scale has no repeated readings"],
    ),
    (
        "two targets of error",
        &[
            (
                "utility = \"linear\"",
                "utility = \"linear\"\nerror = { sd = 1, target = \"usual\", source = \"assumed\" }",
            ),
            ("[measure.pulse]", "[measure.pulse] #!"),
        ],
        &["the errors of measurement have two targets"],
    ),
    (
        "an indicator of nothing",
        &[("[indicator.mood]", "[indicator.mood] #!"), ("scale = \"mood.total\"\n", "")],
        &["the indicator reads nothing"],
    ),
    (
        "an indicator of two things",
        &[
            ("[indicator.mood]", "[indicator.mood] #!"),
            ("scale = \"mood.total\"", "scale = \"mood.total\"\nmeasure = \"pulse\""),
        ],
        &["the indicator reads two things"],
    ),
    (
        "inputs without a rule",
        &[("utility = \"linear\"", "utility = \"linear\"\ninputs = { x = \"pulse\" } #!")],
        &["`inputs` belongs to an indicator with a rule"],
    ),
    (
        "error at an indicator of a measure",
        &[(
            "measure = \"pulse\"",
            "measure = \"pulse\"\nerror = { sd = 1, target = \"occasion\", source = \"assumed\" } #!",
        )],
        &["the error of a measure stands at the measure"],
    ),
    (
        "a rule with a utility",
        &[("rule = \"le8.bmi\"", "rule = \"le8.bmi\"\nutility = \"z\" #!")],
        &["a rule has its own scores"],
    ),
    (
        "unknown scale",
        &[("scale = \"mood.total\"", "scale = \"mood.totale\" #!")],
        &["did you mean `mood.total`?"],
    ),
    ("unknown measure", &[("measure = \"pulse\"", "measure = \"puls\" #!")], &["did you mean `pulse`?"]),
    (
        "no utility",
        &[("[indicator.mood]", "[indicator.mood] #!"), ("utility = \"linear\"\n", "")],
        &["the utility is missing"],
    ),
    (
        "linear on a measure",
        &[("utility = { goalposts = [100, 50] }", "utility = \"linear\" #!")],
        &["a measure has no natural range"],
    ),
    (
        "z without direction",
        &[("utility = { goalposts = [100, 50] }", "utility = \"z\" #!")],
        &["the measure has no direction"],
    ),
    (
        "two shapes of a utility",
        &[("{ goalposts = [100, 50] }", "{ goalposts = [100, 50], points = [[0, 0], [1, 1]] } #!")],
        &["a utility has exactly one shape"],
    ),
    ("goalposts at one place", &[("[100, 50] }", "[50, 50] } #!")], &["both goalposts are the same"]),
    (
        "points that do not ascend",
        &[("{ goalposts = [100, 50] }", "{ points = [[1, 0], [1, 100]] } #!")],
        &["the points do not ascend"],
    ),
    (
        "one point",
        &[("{ goalposts = [100, 50] }", "{ points = [[1, 0]] } #!")],
        &["the points do not ascend"],
    ),
    (
        "a score of 101",
        &[("{ goalposts = [100, 50] }", "{ points = [[1, 0], [2, 101]] } #!")],
        &["a score lies outside 0 to 100"],
    ),
    (
        "steps that do not fit",
        &[("score = [100, 50, 0] } }", "score = [100, 50] } } #!")],
        &["thresholds and scores do not fit"],
    ),
    (
        "steps that descend",
        &[("at = [50, 60]", "at = [60, 50]"), ("0] } }", "0] } } #!")],
        &["thresholds and scores do not fit"],
    ),
    ("an id taken", &[("[choice.sleep]", "[choice.ratio] #!")], &["the id `ratio` is taken"]),
    ("a coverage of 1", &[("bands = {", "interval = 1 #!\nbands = {")], &["1 is no coverage"]),
    (
        "an empty band",
        &[("low = [0, 50], high = [50, 101] }", "low = [0, 50], high = [60, 60] } #!")],
        &["the band is empty"],
    ),
    ("overlapping bands", &[("high = [50, 101] }", "high = [49, 101] } #!")], &["the band overlaps `low`"]),
    (
        "an expression that ends",
        &[("from = \"waist / height\"", "from = \"waist /\" #!")],
        &["ends too early"],
    ),
    ("an unknown function", &[("from = \"waist / height\"", "from = \"sqroot(waist)\" #!")], &["sqroot"]),
    // a number that is none
    (
        "infinity",
        &[("sd = 2,", "sd = inf,"), ("source = \"assumed\" }", "source = \"assumed\" } #!")],
        &["a number that is not finite"],
    ),
    (
        "a large integer",
        &[("[100, 50] }", "[100, 9007199254740993] } #!")],
        &["found a list, expected two numbers"],
    ),
    // tree
    (
        "a cycle",
        &[
            ("children = [\"mood\"]", "children = [\"mood\", \"body\"]"),
            ("{ pulse = 1,", "{ felt = 1, pulse = 1,"),
            ("waist = 1 }", "waist = 1 } #!"),
            ("children = [\"felt\", \"body\"]", "children = [\"felt\"]"),
        ],
        &["the tree runs in a circle: felt → body → felt"],
    ),
    (
        "a pillar in itself",
        &[("children = [\"mood\"]", "children = [\"mood\", \"felt\"] #!")],
        &["the tree runs in a circle: felt → felt"],
    ),
    (
        "an empty pillar",
        &[
            (
                "children = { pulse = 1, bmi = 2, waist = 1 }",
                "children = { pulse = 1, bmi = 2, waist = 1, void = 1 }",
            ),
            ("[index]", "[pillar.void]\nchildren = [] #!\n\n[index]"),
        ],
        &["it has no children; name at least one"],
    ),
    (
        "weights all 0",
        &[("{ pulse = 1, bmi = 2, waist = 1 }", "{ pulse = 0, bmi = 0, waist = 0 } #!")],
        &["all weights are 0"],
    ),
    (
        "a negative weight",
        &[("bmi = 2, waist = 1 }", "bmi = -2, waist = 4 } #!")],
        &["the weight of `bmi` is -2"],
    ),
    ("an unknown child", &[("waist = 1 }", "waist = 1, pusle = 1 } #!")], &["did you mean `pulse`?"]),
    (
        "two parents",
        &[("children = [\"mood\"]", "children = [\"mood\", \"pulse\"]"), ("waist = 1 }", "waist = 1 } #!")],
        &["the indicator `pulse` has two parents"],
    ),
    (
        "a pillar with two parents",
        &[("[pillar.felt]", "[pillar.felt] #!"), ("waist = 1 }", "waist = 1, felt = 1 }")],
        &["`felt` has 2 parents"],
    ),
    (
        "in no pillar",
        &[("[indicator.pulse]", "[indicator.pulse] #!"), ("pulse = 1, ", "")],
        &["the indicator `pulse` is in no pillar"],
    ),
    (
        "a pillar in no pillar",
        &[
            ("[pillar.felt]", "[pillar.felt] #!"),
            ("children = [\"felt\", \"body\"]", "children = [\"body\"]"),
        ],
        &["`felt` is in no pillar and not in the index"],
    ),
    (
        "a child twice",
        &[("children = [\"felt\", \"body\"]", "children = [\"felt\", \"body\", \"body\"] #!")],
        &["`body` stands here twice"],
    ),
    (
        "a domain of pillars",
        &[
            ("[pillar.body]", "[domain.body]"),
            ("waist = 1 }", "waist = 1, felt = 1 } #!"),
            ("children = [\"felt\", \"body\"]", "children = [\"body\"]"),
        ],
        &["the domain has `felt` as a child"],
    ),
    (
        "children of two ranges",
        &[
            ("utility = \"linear\"", "utility = \"z\""),
            ("children = [\"felt\", \"body\"]", "children = [\"felt\", \"body\"] #!"),
        ],
        &["the children are on different ranges"],
    ),
    (
        "a geometric mean of z",
        &[
            ("utility = \"linear\"", "utility = \"z\""),
            ("children = [\"mood\"]", "children = [\"mood\"] #!\naggregate = \"geometric\""),
            ("children = [\"felt\", \"body\"]", "children = [\"felt\", \"body\"] #!"),
        ],
        &["this mean needs children that are never negative", "the children are on different ranges"],
    ),
    (
        "no mean",
        &[("aggregate = \"geometric\"", "aggregate = { floor = 1 } #!")],
        &["the aggregate is not one mean"],
    ),
    (
        "two means",
        &[("aggregate = \"geometric\"", "aggregate = { mean = \"geometric\", power = 2 } #!")],
        &["the aggregate is not one mean"],
    ),
    (
        "a floor of 100",
        &[("aggregate = \"geometric\"", "aggregate = { mean = \"geometric\", floor = 100 } #!")],
        &["the floor 100 is outside"],
    ),
    (
        "a power of 101",
        &[("aggregate = \"geometric\"", "aggregate = { power = 101 } #!")],
        &["the power 101 is too large"],
    ),
    ("a share of 0", &[("at_least = 0.5 }", "at_least = 0 } #!")], &["0 is no share of the weights"]),
    ("a share of 2", &[("at_least = 0.5 }", "at_least = 2 } #!")], &["2 is no share of the weights"]),
    // roles
    (
        "a choice is an indicator",
        &[("[choice.sleep]", "[choice.sleep] #!"), ("column = \"sleep_hours\"", "column = \"p2\"")],
        &["the indicator `pulse` both rest on the column `p2`"],
    ),
    (
        "a choice is an item",
        &[("[choice.sleep]", "[choice.sleep] #!"), ("column = \"sleep_hours\"", "column = \"m1\"")],
        &["both rest on the column `m1`"],
    ),
    (
        "a choice is the input of a rule",
        &[("[choice.sleep]", "[choice.sleep] #!"), ("column = \"sleep_hours\"", "column = \"body\"")],
        &["the indicator `bmi` both rest on the column `body`"],
    ),
    (
        "a choice is an indicator through a derived column",
        &[("[choice.sleep]", "[choice.sleep] #!"), ("column = \"sleep_hours\"", "from = \"waist - 3\"")],
        &["both rest on the column `waist`"],
    ),
    (
        "a choice is an item through a derived column",
        &[
            (
                "items = [\"m1\", \"m2\", \"m3\"]",
                "items = [\"m1\", \"m2\", \"m3\"]\ncolumns = [\"m1\", \"m2\", \"tired\"]",
            ),
            ("[derived.ratio]", "[derived.tired]\nfrom = \"4 - sleep_hours\"\n\n[derived.ratio]"),
            ("[choice.sleep]", "[choice.sleep] #!"),
        ],
        &["the indicator `mood` both rest on the column `sleep_hours`"],
    ),
    (
        "a choice and an indicator share a derived column",
        &[("[choice.sleep]", "[choice.sleep] #!"), ("column = \"sleep_hours\"", "column = \"ratio\"")],
        &["both rest on the column `height`"],
    ),
    (
        "a choice is an indicator by content",
        &[("[choice.sleep]", "[choice.sleep] #!\ncontent = [\"sleep\"]")],
        &["shares the content `sleep` with the indicator `mood`"],
    ),
    (
        "derived columns in a circle",
        &[
            ("[derived.ratio]", "[derived.half]\nfrom = \"ratio / 2\"\n\n[derived.ratio]"),
            ("from = \"waist / height\"", "from = \"half * 2\""),
            ("[derived.half]", "[derived.half] #!"),
        ],
        &["the derived column `half` is made of itself"],
    ),
    // choice
    (
        "a choice of two kinds",
        &[("unit = \"h\"", "unit = \"h\"\nkind = \"levels\" #!")],
        &["the kind does not fit"],
    ),
    (
        "levels of a number",
        &[("unit = \"h\"", "unit = \"h\"\nreference = \"8\" #!")],
        &["`reference` belongs to a choice with levels"],
    ),
    ("a step backwards", &[("step = 0.5", "step = -0.5 #!")], &["a step of -0.5 goes nowhere"]),
    (
        "favourable levels of a number",
        &[("target = [7, 9]", "favours = [\"more\"] #!")],
        &["a number has no levels"],
    ),
    (
        "a target without a source",
        &[("source = \"sleep foundation\"", ""), ("[choice.sleep]", "[choice.sleep] #!")],
        &["the target or direction has no source"],
    ),
    ("a target upside down", &[("target = [7, 9]", "target = [9, 7] #!")], &["the target holds no value"]),
    (
        "a step between levels",
        &[("reference = \"never\"", "reference = \"never\"\nstep = 1 #!")],
        &["`step` belongs to a choice that is a number"],
    ),
    (
        "one level",
        &[(
            "levels = [\"never\", \"former\", \"current\"]\nreference = \"never\"\nreachable = { current = [\"former\", \"current\"] }",
            "levels = [\"never\"] #!",
        )],
        &["a choice needs two levels"],
    ),
    (
        "a level twice",
        &[("[\"never\", \"former\", \"current\"]", "[\"never\", \"former\", \"current\", \"former\"] #!")],
        &["the level `former` stands here twice"],
    ),
    (
        "an unknown reference",
        &[("reference = \"never\"", "reference = \"nevr\" #!")],
        &["did you mean `never`?"],
    ),
    (
        "an unknown favourable level",
        &[("favours = [\"never\"]", "favours = [\"past\"] #!")],
        &["there is no level `past`"],
    ),
    (
        "an unknown level of an answer",
        &[("{ \"0\" = \"never\" }", "{ \"0\" = \"none\" } #!")],
        &["there is no level `none`"],
    ),
    (
        "an unknown level to reach",
        &[("{ current = [\"former\", \"current\"] }", "{ current = [\"stopped\"] } #!")],
        &["there is no level `stopped`"],
    ),
    (
        "an unknown level to start from",
        &[("{ current = [\"former\", \"current\"] }", "{ daily = [\"former\"] } #!")],
        &["there is no level `daily`"],
    ),
    (
        "a direction of levels",
        &[("favours = [\"never\"]", "favours = \"lower\" #!")],
        &["levels have no higher or lower"],
    ),
    (
        "levels of no adjuster",
        &[("sex = [\"f\", \"m\"]", "gender = [\"f\", \"m\"] #!")],
        &["`gender` is no adjuster"],
    ),
    // rule
    (
        "an unknown file of rules",
        &[("\"le8.bmi\"", "\"le9.bmi\" #!")],
        &["there is no rule `le9.bmi` in the catalogue; did you mean `le8.bmi`?"],
    ),
    ("an unknown rule", &[("\"le8.bmi\"", "\"le8.bim\" #!")], &["did you mean `le8.bmi`?"]),
    (
        "an input in another unit",
        &[
            ("unit = \"kg/m2\"", "unit = \"lb/ft2\""),
            ("inputs = { bmi = \"mass\" }", "inputs = { bmi = \"mass\" } #!"),
        ],
        &["the measure `mass` is no `bmi`: unknown unit `lb/ft2`; accepted: `kg/m2`"],
    ),
    (
        "an unknown measure of a rule",
        &[("{ bmi = \"mass\" }", "{ bmi = \"masss\" } #!")],
        &["did you mean `mass`?"],
    ),
    (
        "an unbound input",
        &[("rule = \"le8.bmi\"", "rule = \"le8.bmi\" #!"), ("inputs = { bmi = \"mass\" }\n", "")],
        &["the input `bmi` of the rule is not bound"],
    ),
    (
        "an input the rule has not",
        &[("{ bmi = \"mass\" }", "{ bmi = \"mass\", height = \"pulse\" } #!")],
        &["the rule has no input `height`"],
    ),
    (
        "an open case",
        &[("rule = \"le8.bmi\"", "rule = \"le8.bmi\" #!"), ("cases = { underweight = \"missing\" }\n", "")],
        &["the rule leaves the case `underweight` open"],
    ),
    (
        "an unknown case",
        &[("{ underweight = \"missing\" }", "{ underweight = \"missing\", obese = \"missing\" } #!")],
        &["the rule has no open case `obese`"],
    ),
    (
        "a stratum the rule has not",
        &[("{ underweight = \"missing\" }", "{ underweight = { stratum = 3 } } #!")],
        &["the rule has no stratum 3"],
    ),
    // instrument
    (
        "items of a catalogue instrument",
        &[
            ("content = { m3 = [\"sleep\"] }", ""),
            ("items = [\"m1\", \"m2\", \"m3\"]", "use = \"who5\"\nitems = [\"m1\"] #!"),
            ("response = [0, 4]", "response = [0, 4] #!"),
            ("[instrument.mood.scale.total]", "[instrument.mood.scale.total] #!"),
        ],
        &[
            "`items` is given by the catalogue",
            "`response` is given by the catalogue",
            "`scale` is given by the catalogue",
        ],
    ),
    (
        "too few columns",
        &[("response = [0, 4]", "response = [0, 4]\ncolumns = [\"m1\"] #!")],
        &["1 columns for the 3 items"],
    ),
    (
        "an answer out of range",
        &[("response = [0, 4]", "response = [0, 4]\nanswers = { often = 5 } #!")],
        &["the code 5 is outside 0 to 4"],
    ),
    (
        "no items",
        &[("[instrument.mood]", "[instrument.mood] #!"), ("items = [\"m1\", \"m2\", \"m3\"]\n", "")],
        &["the instrument has no items"],
    ),
    (
        "an empty list of items",
        &[
            ("[\"m1\", \"m2\", \"m3\"]", "[] #!"),
            ("content = { m3 = [\"sleep\"] }\n", ""),
            ("reverse = [\"m2\"]\nmissing = { prorate = 2 }\n", ""),
        ],
        &["the list of items is empty"],
    ),
    (
        "an item twice",
        &[("[\"m1\", \"m2\", \"m3\"]", "[\"m1\", \"m2\", \"m3\", \"m1\"] #!")],
        &["the item `m1` stands here twice"],
    ),
    (
        "no range of answers",
        &[("[instrument.mood]", "[instrument.mood] #!"), ("response = [0, 4]\n", "")],
        &["the range of the answers is not known"],
    ),
    (
        "content of an unknown item",
        &[("{ m3 = [\"sleep\"] }", "{ m4 = [\"sleep\"] } #!")],
        &["unknown item `m4`"],
    ),
    ("an unknown reversed item", &[("reverse = [\"m2\"]", "reverse = [\"m9\"] #!")], &["unknown item `m9`"]),
    (
        "a multiple of 0",
        &[("reverse = [\"m2\"]", "reverse = [\"m2\"]\nmultiply = 0 #!")],
        &["a score times 0"],
    ),
    (
        "a rule of means for a sum",
        &[("{ prorate = 2 }", "{ at_least = 2 } #!")],
        &["`at_least` does not suit this aggregate; use `prorate`"],
    ),
    (
        "a rule of sums for a mean",
        &[("missing = { prorate = 2 }", "aggregate = \"mean\"\nmissing = { prorate = 2 } #!")],
        &["`prorate` does not suit this aggregate; use `at_least`"],
    ),
    ("more items than there are", &[("{ prorate = 2 }", "{ prorate = 4 } #!")], &["no such number of items"]),
    ("half an item", &[("{ prorate = 2 }", "{ prorate = 1.5 } #!")], &["no such number of items"]),
    // several at once, and none hidden by another
    (
        "a choice that is an indicator, and no person",
        &[
            ("[person]\nid = \"person\"\n", ""),
            ("schema = 1", "schema = 1 #!"),
            ("[choice.sleep]", "[choice.sleep] #!"),
            ("column = \"sleep_hours\"", "column = \"p2\""),
        ],
        &["the key `person` is missing", "both rest on the column `p2`"],
    ),
    (
        "a choice that is an indicator, after a faulty one",
        &[
            ("unit = \"h\"", "unit = \"h\"\nfrom = \"a +\""),
            ("[choice.sleep]", "[choice.sleep] #!"),
            ("[choice.smoking]", "[choice.smoking] #!\ncolumn = \"p2\""),
        ],
        &["column and from are given together", "both rest on the column `p2`"],
    ),
    (
        "two circles",
        &[
            (
                "[derived.ratio]",
                "[derived.one]\nfrom = \"one + 1\"\n\n[derived.two]\nfrom = \"two + 1\"\n\n[derived.ratio]",
            ),
            ("[derived.one]", "[derived.one] #!"),
            ("[derived.two]", "[derived.two] #!"),
        ],
        &["`one` is made of itself", "`two` is made of itself"],
    ),
    (
        "a level of an adjuster twice",
        &[("sex = [\"f\", \"m\"]", "sex = [\"f\", \"m\", \"f\"] #!")],
        &["the level `f` stands here twice"],
    ),
    (
        "a scale without items",
        &[("reverse = [\"m2\"]\nmissing = { prorate = 2 }", "items = [] #!")],
        &["the list of items is empty"],
    ),
    (
        "a circle and what hangs on it",
        &[
            (
                "[derived.ratio]",
                "[derived.one]\nfrom = \"two + 1\"\n\n[derived.two]\nfrom = \"one + 1\"\n\n[derived.three]\nfrom = \"one + two\"\n\n[derived.ratio]",
            ),
            ("[derived.one]", "[derived.one] #!"),
        ],
        &["`one` is made of itself"],
    ),
    (
        "a faulty instrument is one fault",
        &[("items = [\"m1\", \"m2\", \"m3\"]\n", ""), ("[instrument.mood]", "[instrument.mood] #!")],
        &["the instrument has no items"],
    ),
    (
        "a faulty measure is one fault",
        &[("from = \"ratio * 100\"", "from = \"ratio *\" #!")],
        &["ends too early"],
    ),
];

fn edited(edits: &[(&str, &str)]) -> String {
    let mut text = BASE.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "the base has no {from:?}");
        text = text.replacen(from, to, 1);
    }
    text
}

#[test]
fn the_base_has_no_fault() {
    Definition::from_toml(BASE).unwrap();
}

#[test]
fn every_rule_of_the_reader_refuses_its_case() {
    let mut wrong = Vec::new();
    for (name, edits, expected) in CASES {
        let text = edited(edits);
        let marked: BTreeSet<usize> =
            text.lines().zip(1..).filter(|(line, _)| line.contains("#!")).map(|(_, line)| line).collect();
        match Definition::from_toml(&text) {
            Ok(_) => wrong.push(format!("{name}: accepted")),
            Err(error) => {
                let faults = error.faults();
                let said = faults.len() == expected.len()
                    && faults.iter().zip(*expected).all(|(fault, part)| fault.to_string().contains(part));
                let lines: BTreeSet<usize> = faults.iter().filter_map(|fault| fault.place().line()).collect();
                if !said || lines != marked {
                    wrong.push(format!("{name} (lines {marked:?}): {error}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

/// What shares content is accepted when the definition says so, and a choice beside an indicator always.
#[test]
fn an_acknowledged_share_is_accepted() {
    let text = edited(&[("[choice.sleep]", "[choice.sleep]\ncontent = [\"sleep\"]\nshares = [\"sleep\"]")]);
    Definition::from_toml(&text).unwrap();
}

#[test]
fn the_schema_file_is_the_schema() {
    const PATH: &str = "data/definitions/schema.json";
    let schema = Definition::json_schema();
    if std::env::var_os("VOINTI_UPDATE").is_some() {
        std::fs::write(PATH, &schema).unwrap();
    }
    assert!(std::fs::read_to_string(PATH).unwrap() == schema, "run the tests once with VOINTI_UPDATE=1");
    let value: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(value["additionalProperties"], false);
    assert_eq!(value["required"], serde_json::json!(["schema", "id", "person", "index"]));
    assert_eq!(value["properties"]["measure"]["propertyNames"]["pattern"], "^[a-z][a-z0-9_]*$");
}

/// One careless edit: a slice cut out, doubled, or typed over.
#[derive(Debug, Clone)]
enum Edit {
    Cut(usize, usize),
    Double(usize, usize),
    Type(usize, usize, String),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = 0usize..100_000;
    let len = prop_oneof![1usize..4, 1usize..60, 1usize..2_000];
    let typed = prop_oneof![
        "[\\[\\]{}=\"'.,#\\n0-9a-z -]{0,12}",
        "\\PC{0,6}",
        Just("[index]\n".to_owned()),
        Just("-1".to_owned())
    ];
    prop_oneof![
        (at.clone(), len.clone()).prop_map(|(at, len)| Edit::Cut(at, len)),
        (at.clone(), len.clone()).prop_map(|(at, len)| Edit::Double(at, len)),
        (at, 0usize..20, typed).prop_map(|(at, len, text)| Edit::Type(at, len, text)),
    ]
}

fn apply(text: &str, edits: &[Edit]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for edit in edits {
        let (Edit::Cut(at, len) | Edit::Double(at, len) | Edit::Type(at, len, _)) = edit;
        let from = at % (chars.len() + 1);
        let to = (from + len).min(chars.len());
        let new: Vec<char> = match edit {
            Edit::Cut(..) => Vec::new(),
            Edit::Double(..) => [&chars[from..to], &chars[from..to]].concat(),
            Edit::Type(_, _, text) => text.chars().collect(),
        };
        chars.splice(from..to, new);
    }
    chars.into_iter().collect()
}

fn config(cases: u32) -> Config {
    let file = FileFailurePersistence::Direct("tests/proptest-regressions/faults.txt");
    Config {
        cases,
        rng_seed: RngSeed::Fixed(2),
        failure_persistence: Some(Box::new(file)),
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn a_careless_edit_is_accepted_or_refused_with_a_line(edits in prop::collection::vec(edit(), 1..4)) {
        let text = apply(Definition::builtin_text("nhanes").unwrap(), &edits);
        if let Err(error) = Definition::from_toml(&text) {
            prop_assert!(!error.faults().is_empty());
            let lines = text.matches('\n').count() + 1;
            for fault in error.faults() {
                let line = fault.place().line();
                prop_assert!(line.is_some_and(|line| (1..=lines).contains(&line)), "{fault} of {lines} lines");
            }
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
