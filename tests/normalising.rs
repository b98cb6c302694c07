//! Treatment and normalisation: what definitions may say, what is learned and kept, and what the program makes of it.

use vointi::{
    Calibration, Cohort, Definition, Error, ErrorKind, Flag, Index, Table,
    index::{Keep, Run},
};

/// One reading with a utility; `more` stands at the end of the text.
fn one(utility: &str, keys: &str, more: &str) -> String {
    format!(
        "schema = 1\nid = \"one\"\n[person]\nid = \"id\"\n\
         [measure.x]\nunit = \"1\"\ndirection = \"higher_better\"\n\
         [indicator.x]\nmeasure = \"x\"\nutility = {utility}\n{keys}\n\
         [index]\nchildren = [\"x\"]\n{more}"
    )
}

fn faults(text: &str) -> Vec<String> {
    shown(&Definition::from_toml(text).unwrap_err())
}

fn shown(error: &Error) -> Vec<String> {
    let one = |fault: &vointi::Fault| format!("{}: {}", fault.place().key().unwrap_or(""), fault.what());
    error.faults().iter().map(one).collect()
}

fn cohort(definition: &Definition, readings: &[Option<f64>]) -> Cohort {
    let ids: Vec<String> = (0..readings.len()).map(|k| format!("p{k}")).collect();
    let table = Table::builder()
        .text("id", ids.iter().map(|id| Some(id.as_str())))
        .number("x", readings.iter().copied())
        .build()
        .unwrap();
    Cohort::new(definition, table).unwrap()
}

fn readings(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

#[test]
fn what_a_definition_may_not_say_of_utilities() {
    for (utility, found) in [
        ("{ min_max = [0, 1], to = [0, 1] }", "indicator.x.utility.min_max: the range is given twice"),
        ("{ min_max = [1, 0] }", "indicator.x.utility.min_max: the range 1 to 0 does not rise"),
        ("{ target = 5, to = [3, 3] }", "indicator.x.utility.to: the range 3 to 3 does not rise"),
        ("{ z = [100, 0] }", "indicator.x.utility.z: the standard deviation 0 is not above 0"),
        ("{ z = [100, 10], to = [0, 1] }", "indicator.x.utility.to: `to` does not go with `z`"),
        (
            "{ points = [[0, 0], [1, 100]], outside = \"clamp\" }",
            "indicator.x.utility.outside: `outside` does not go with `points`",
        ),
        ("{ rank = \"min\", to = [0, 1] }", "indicator.x.utility.to: `to` does not go with `rank`"),
        ("{ rank = \"min\", quantiles = 1 }", "indicator.x.utility.quantiles: 1 is no number of parts"),
        ("{ rank = \"min\", quantiles = 2.5 }", "indicator.x.utility.quantiles: 2.5 is no number of parts"),
        ("{ target = 1, reference = 2 }", "indicator.x.utility: a utility has exactly one shape"),
        ("{ to = [0, 1] }", "indicator.x.utility: a utility has exactly one shape"),
        ("{ fixed_range = [1, 1] }", "indicator.x.utility.fixed_range: both goalposts are the same"),
        ("\"min_mx\"", "indicator.x.utility: unknown word `min_mx`"),
        ("{ reference = { persn = \"a\" } }", "indicator.x.utility.reference: the key `person` is missing"),
    ] {
        let all = faults(&one(utility, "", ""));
        assert_eq!(all.first().map(String::as_str), Some(found), "{utility}: {all:?}");
    }
    let without = one("\"min_max\"", "", "").replace("direction = \"higher_better\"\n", "");
    assert_eq!(faults(&without), ["indicator.x.utility: the measure has no direction"]);
}

#[test]
fn what_a_definition_may_not_say_of_treatments() {
    for (treat, found) in [
        ("{ skewness = 3 }", "indicator.x.treat: the treatment does nothing"),
        ("{ winsorise = 0 }", "indicator.x.treat.winsorise: 0 is no number of points"),
        ("{ winsorise = 1.5 }", "indicator.x.treat.winsorise: 1.5 is no number of points"),
        ("{ winsorise = \"all\" }", "indicator.x.treat.winsorise: unknown word `all`"),
        ("{ then = \"ln\" }", "indicator.x.treat.then: unknown word `ln`"),
        ("{ then = \"log\", lambda = 0.5 }", "indicator.x.treat.lambda: there is no power to give"),
        ("{ then = \"box_cox\", lambda = 9 }", "indicator.x.treat.lambda: the power 9 is too large"),
        ("{ then = \"log\", combine = true }", "indicator.x.treat.combine: there is nothing to combine"),
        ("{ winsorise = 5, kurtosis = -1 }", "indicator.x.treat.kurtosis: no column is below -1"),
    ] {
        let all = faults(&one("\"min_max\"", &format!("treat = {treat}"), ""));
        assert_eq!(all.first().map(String::as_str), Some(found), "{treat}: {all:?}");
    }
    let of_points = one("{ points = [[0, 0], [9, 100]] }", "treat = \"winsorise_then_log\"", "");
    let why = "the indicator cannot be treated: its utility is declared point by point on untreated readings";
    assert_eq!(faults(&of_points), [format!("indicator.x.treat: {why}")]);
    let of_rule = "schema = 1\nid = \"rule\"\n[person]\nid = \"id\"\n[measure.sleep]\nuse = \"sleep_duration\"\n\
        [indicator.sleep]\nrule = \"le8.sleep\"\ntreat = { winsorise = 1 }\n[index]\nchildren = [\"sleep\"]\n";
    assert_eq!(
        faults(of_rule),
        ["indicator.sleep.treat: the indicator cannot be treated: a rule has its own scores"]
    );
}

/// What all are treated with passes by those that cannot be, and `none` is none; both leave the definition what it was.
#[test]
fn a_treatment_for_all_is_for_those_that_can_take_it() {
    let points = "{ points = [[0, 0], [9, 100]] }";
    let hash = |text: &str| Definition::from_toml(text).unwrap().hash().to_owned();
    let plain = hash(&one(points, "", ""));
    assert_eq!(plain, hash(&one(points, "", "[treat]\nwinsorise = 5\n")));
    let min_max = |keys: &str, more: &str| hash(&one("\"min_max\"", keys, more));
    assert_eq!(min_max("", ""), min_max("treat = \"none\"", "[treat]\nwinsorise = 5\n"));
    assert_eq!(min_max("treat = { winsorise = 5 }", ""), min_max("", "[treat]\nwinsorise = 5\n"));
    assert_ne!(min_max("", ""), min_max("", "[treat]\nwinsorise = 5\n"));
    let same = hash(&one("{ goalposts = [0, 9] }", "", ""));
    assert_eq!(same, hash(&one("{ fixed_range = [0, 9], outside = \"clamp\", to = [0, 100] }", "", "")));
}

#[test]
fn parents_refuse_what_may_be_negative() {
    let geometric = "aggregate = \"geometric\"\n";
    for (utility, is_refused) in [
        ("\"min_max\"", false),
        ("{ min_max = [1, 100] }", false),
        ("{ min_max = [-1, 1] }", true),
        ("{ min_max = [1, 100], outside = \"extrapolate\" }", true),
        ("{ fixed_range = [0, 9] }", true),
        ("{ z = [100, 10] }", true),
        ("\"percentile_rank\"", false),
    ] {
        assert_eq!(Definition::from_toml(&one(utility, "", geometric)).is_err(), is_refused, "{utility}");
    }
    let two = one("\"min_max\"", "", "")
        .replace("children = [\"x\"]", "children = [\"x\", \"y\"]")
        .replace("[index]", "[indicator.y]\nmeasure = \"x\"\nutility = { min_max = [0, 1] }\n[index]");
    let error = Definition::from_toml(&two).unwrap_err();
    assert_eq!(shown(&error), ["index: the children are on different ranges"]);
    assert!(error.to_string().contains("one is on 0 to 100, another on 0 to 1"), "{error}");
}

/// All faults of a reference together, each with its indicator, none with a reading.
#[test]
fn what_a_reference_cannot_teach() {
    let text =
        one("\"min_max\"", "", "").replace("children = [\"x\"]", "children = [\"x\", \"y\", \"z\"]").replace(
            "[index]",
            "[indicator.y]\nmeasure = \"x\"\nutility = { target = 3 }\n\
         [indicator.z]\nmeasure = \"x\"\nutility = { reference = { person = \"nobody\" } }\n[index]",
        );
    let definition = Definition::from_toml(&text).unwrap();
    let error = Calibration::learn(&cohort(&definition, &readings(&[77_123.0; 5]))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Calibration);
    let same = "its readings are the same for everybody in the reference";
    assert_eq!(shown(&error), ["x", "y", "z"].map(|id| format!("indicator.{id}: {same}")));
    let error = Calibration::learn(&cohort(&definition, &readings(&[77_123.0, 77_124.0]))).unwrap_err();
    let what =
        ["the target 3 is no better than the worst", "the person it names has no reading in the reference"];
    assert_eq!(shown(&error), [format!("indicator.y: {}", what[0]), format!("indicator.z: {}", what[1])]);
    for word in ["77123", "77124", "nobody"] {
        assert!(!error.to_string().contains(word), "{error}");
    }
    let needs = Index::new(&definition).unwrap_err();
    assert!(needs.to_string().contains("needs a calibration for x, y, z"), "{needs}");
}

const SKEWED: [f64; 12] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 400.0];

#[test]
fn what_is_learned_is_written_and_read_back() {
    let text = one("{ ampi = \"mean\" }", "treat = \"winsorise_then_log\"", "");
    let definition = Definition::from_toml(&text).unwrap();
    let people = cohort(&definition, &readings(&SKEWED));
    let learned = Calibration::learn(&people).unwrap();
    let toml = learned.to_toml();
    assert!(toml.contains("[learned.x]\nn = 12\nlow = 1.0\nhigh = 11.0\n"), "{toml}");
    assert!(
        toml.contains("[learned.x.treatment]\nstep = \"winsorise\"\nlimits = [1.0, 11.0]\nmoved = [0, 1]\n"),
        "{toml}"
    );
    assert!(!learned.is_personal() && !toml.contains("ersonal") && !toml.contains("PERSONAL"), "{toml}");
    assert_eq!(Calibration::from_toml(&toml).unwrap(), learned);
    for (from, to) in [
        ("low = 1.0", "low = 12.0"),
        ("low = 1.0", "low = nan"),
        ("n = 12\nlow", "n = 0\nlow"),
        ("limits = [1.0, 11.0]", "limits = [11.0, 1.0]"),
        ("step = \"winsorise\"", "step = \"none\""),
        ("step = \"winsorise\"", "step = \"box_cox\""),
    ] {
        assert!(toml.contains(from));
        let error = Calibration::from_toml(&toml.replace(from, to)).unwrap_err();
        assert_eq!(shown(&error), ["learned.x: numbers that no reference teaches"], "{to}");
    }
}

#[test]
fn ranks_keep_persons() {
    let definition = Definition::from_toml(&one("{ rank = \"average\" }", "", "")).unwrap();
    let people = cohort(&definition, &readings(&[5.0, 3.0, 5.0, 9.0]));
    let learned = Calibration::learn(&people).unwrap();
    let toml = learned.to_toml();
    assert!(learned.is_personal() && toml.starts_with("# PERSONAL: "), "{toml}");
    assert!(
        toml.contains("\npersonal = true\n")
            && toml.contains("values = [3.0, 5.0, 9.0]\ncounts = [1, 2, 1]\n"),
        "{toml}"
    );
    assert_eq!(Calibration::from_toml(&toml).unwrap(), learned);
    // Whoever takes the line out has not taken the persons out.
    assert!(Calibration::from_toml(&toml.replace("personal = true\n", "")).unwrap().is_personal());
    assert!(Calibration::from_toml(&toml.replace("[1, 2, 1]", "[1, 0, 1]")).is_err());
    assert!(!format!("{learned:?}").contains("9.0"), "{learned:?}");
    let path = std::env::temp_dir().join("vointi-test-personal.toml");
    let error = learned.save(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Calibration);
    assert!(error.to_string().contains("save_personal") && !path.exists(), "{error}");
    learned.save_personal(&path).unwrap();
    assert_eq!(Calibration::load(&path).unwrap(), learned);
    std::fs::remove_file(&path).unwrap();
    let scores = Index::with(&definition, learned).unwrap().score_cohort(&people).unwrap();
    assert_eq!(scores.index_or_nan(), [2.5, 1.0, 2.5, 4.0]);
}

/// With and without the indicators kept: the fused path flags what the other one does.
#[test]
fn what_the_reference_has_not_seen_is_flagged() {
    for (utility, scores) in [
        ("\"min_max\"", [0.0, 0.0, 50.0, 100.0, 100.0]),
        ("{ min_max = [0, 100], outside = \"extrapolate\" }", [-100.0, 0.0, 50.0, 100.0, 150.0]),
        ("\"rank\"", [1.0, 1.0, 3.0, 3.0, 3.0]),
        ("{ rank = \"min\", outside = \"extrapolate\" }", [1.0, 1.0, 3.0, 3.0, 4.0]),
    ] {
        let definition = Definition::from_toml(&one(utility, "", "")).unwrap();
        let learned = Calibration::learn(&cohort(&definition, &readings(&[2.0, 3.0, 4.0]))).unwrap();
        let index = Index::with(&definition, learned).unwrap();
        let mut given = readings(&[0.0, 2.0, 3.0, 4.0, 5.0]);
        if utility.contains("rank") {
            given[2] = Some(3.5);
        }
        given.push(None);
        let people = cohort(&definition, &given);
        for keep in [Keep::Index, Keep::All] {
            let found = index.score_cohort_with(&people, &Run::new().keep(keep).block_rows(4)).unwrap();
            assert_eq!(found.index_or_nan()[..5], scores, "{utility}");
            let flagged: Vec<bool> =
                found.flags().iter().map(|flags| flags.contains(Flag::OutsideReference)).collect();
            assert_eq!(flagged, [true, false, false, false, true, false], "{utility} {keep:?}");
        }
    }
    let declared =
        Definition::from_toml(&one("{ goalposts = [2, 4], outside = \"extrapolate\" }", "", "")).unwrap();
    let scores =
        Index::new(&declared).unwrap().score_cohort(&cohort(&declared, &readings(&[0.0, 9.0]))).unwrap();
    assert_eq!(scores.index_or_nan(), [-100.0, 350.0]);
    assert!(scores.flags().iter().all(|flags| flags.is_empty()));
}

#[test]
fn what_a_utility_does_is_said_in_words() {
    let words = |utility: &str, keys: &str| {
        let text = one(utility, keys, "").replace("higher", "lower");
        Definition::from_toml(&text).unwrap().tree()[1].how.clone()
    };
    assert_eq!(words("\"min_max\"", ""), "x, the reference's worst is 0 and its best is 100, less is better");
    assert_eq!(
        words("{ target = 3, to = [0, 1], outside = \"extrapolate\" }", "treat = \"winsorise_then_log\""),
        "x, winsorised up to 5 points if skewed, log if still skewed, the reference's worst is 0 and the target 3 is 1, \
         and so on beyond, less is better"
    );
    assert_eq!(
        words("{ percentile_rank = \"average\", quantiles = 100 }", ""),
        "x, percentile rank in the reference, 0 to 100, ties at their mean rank, kept as 100 quantiles, less is better"
    );
    let person = words("{ reference = { person = \"p3\" } }", "");
    assert!(person.contains("one person") && !person.contains("p3"), "{person}");
    assert_eq!(words("{ fixed_range = [9, 1] }", ""), "x, 9 is 0 and 1 is 100, and so on beyond");
}

#[cfg(feature = "cli")]
mod program {
    use super::{SKEWED, one};
    use crate::program::Desk;

    fn desk(utility: &str, keys: &str) -> Desk {
        let desk = Desk::new();
        desk.put("one.toml", one(utility, keys, ""));
        let rows = SKEWED.iter().enumerate().map(|(k, x)| format!("p{k},{x}\n"));
        desk.put("skewed.csv", format!("id,x\n{}", rows.collect::<String>()));
        desk
    }

    #[test]
    fn a_personal_calibration_is_written_only_when_asked() {
        let desk = desk("\"rank\"", "");
        for command in [
            &["calibrate", "one.toml", "skewed.csv", "-o", "c.toml"][..],
            &["calibrate", "one.toml", "skewed.csv", "-o", "-"],
            &["score", "one.toml", "skewed.csv", "--calibrate-here", "c.toml", "-o", "s.csv"],
        ] {
            let _ = std::fs::remove_file(desk.path("c.toml"));
            let refused = desk.run(command);
            assert_eq!((refused.code, refused.out.as_str()), (Some(3), ""), "{}", refused.told());
            assert!(refused.err.contains("single persons"), "{}", refused.told());
            assert!(refused.err.contains("--keep-personal"), "{}", refused.told());
            assert!(!desk.path("c.toml").exists() && !desk.path("s.csv").exists());
            desk.run(&[command, &["--keep-personal"]].concat()).ok();
        }
        assert!(desk.read("c.toml").starts_with("# PERSONAL: "));
        desk.run(&["score", "one.toml", "skewed.csv", "--calibration", "c.toml", "-o", "s.csv"]).ok();
        let alone = desk.run(&["score", "one.toml", "skewed.csv", "--keep-personal"]);
        assert_eq!(alone.code, Some(2), "{}", alone.told());
    }

    #[test]
    fn a_treatment_that_does_not_help_is_told() {
        let desk = desk("\"min_max\"", "treat = { then = \"box_cox\", lambda = 1 }");
        let run = desk.run(&["calibrate", "one.toml", "skewed.csv", "-o", "c.toml"]).ok();
        let told = "note: indicator.x: still skewed after its treatment (box_cox): skewness 3.4";
        assert!(run.err.contains(told), "{}", run.told());
        let here =
            desk.run(&["score", "one.toml", "skewed.csv", "--calibrate-here", "h.toml", "-o", "s.csv"]).ok();
        assert!(here.err.contains(told), "{}", here.told());
        assert!(desk.read("c.toml").contains("fails = true"));
    }
}
