//! Utilities that a reference teaches: frozen, the same by every path, and never more certain than they can be.

use proptest::prelude::*;
use vointi::{
    Calibration, Cohort, Definition, Flag, Index, Scores, Table,
    index::{Keep, Run},
};

use super::config;

const UTILITIES: [&str; 14] = [
    "\"min_max\"",
    "{ min_max = [0, 100], outside = \"extrapolate\" }",
    "\"distance_to_best\"",
    "\"share_of_maximum\"",
    "{ reference = 40 }",
    "{ target = 60, outside = \"extrapolate\" }",
    "{ target = 60 }",
    "{ percentile_rank = \"min\" }",
    "{ percentile_rank = \"average\", quantiles = 5 }",
    "{ percentile_rank = \"max\", outside = \"extrapolate\" }",
    "{ goalposts = [20, 70] }",
    "{ fixed_range = [20, 70] }",
    "{ goalposts = [70, 20] }",
    "{ reference = { person = \"p3\" } }",
];

const TREATMENTS: [&str; 6] = [
    "\"none\"",
    "{ winsorise = 3, skewness = 0.4, kurtosis = 0.4 }",
    "{ winsorise = 2, then = \"log\", skewness = 0.4, kurtosis = 0.4 }",
    "{ winsorise = 2, then = \"box_cox\", combine = true, skewness = 0.4, kurtosis = 0.4 }",
    "{ then = \"log_plus\", skewness = 0.4, kurtosis = 0.4 }",
    "{ then = \"log_orig\", skewness = 0.4, kurtosis = 0.4 }",
];

/// Two indicators of each of two measures, one of them better low, with errors.
fn definition(utility: usize, treat: usize) -> Definition {
    let mut text = "schema = 1\nid = \"learned\"\n[person]\nid = \"id\"\n".to_owned();
    for (at, direction) in ["higher_better", "lower_better"].iter().enumerate() {
        let utility = match UTILITIES[utility] {
            // Better than the worst, whichever that is.
            "{ reference = 40 }" if at == 1 => "{ reference = 30 }",
            "{ target = 60 }" if at == 1 => "{ target = 10 }",
            "{ target = 60, outside = \"extrapolate\" }" if at == 1 => {
                "{ target = 10, outside = \"extrapolate\" }"
            }
            same => same,
        };
        text += &format!(
            "[measure.m{at}]\nunit = \"1\"\ndirection = \"{direction}\"\n\
             error = {{ sd = {}, target = \"occasion\", source = \"assumed\" }}\n\
             [indicator.i{at}]\nmeasure = \"m{at}\"\nutility = {utility}\ntreat = {}\n",
            2 + at,
            TREATMENTS[treat]
        );
    }
    text += "[index]\nchildren = { i0 = 2, i1 = 1 }\nmissing = { at_least = 0.3 }\n";
    Definition::from_toml(&text).unwrap()
}

type Row = [Option<f64>; 2];

fn cohort(definition: &Definition, rows: &[Row]) -> Cohort {
    let mut table = Table::builder().text("id", (0..rows.len()).map(|k| Some(format!("p{k}"))));
    for at in 0..2 {
        table = table.number(format!("m{at}"), rows.iter().map(|row| row[at]));
    }
    Cohort::new(definition, table.build().unwrap()).unwrap()
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let reading = prop_oneof![1 => Just(None), 6 => (0.0f64..4.5).prop_map(|log| Some(log.exp().round())), 3 => (0.0..90.0f64).prop_map(Some)];
    prop::collection::vec(prop::array::uniform2(reading), 8..40)
}

fn errors(scores: &Scores) -> Vec<Option<f64>> {
    (0..scores.rows()).map(|row| scores.row(row).unwrap().std_error()).collect()
}

fn bits(scores: &Scores) -> Vec<(u64, Option<u64>, String)> {
    let index = scores.index_or_nan().iter().map(|x| x.to_bits());
    let errors = errors(scores).into_iter().map(|se| se.map(f64::to_bits));
    let flags = scores.flags().iter().map(ToString::to_string);
    index.zip(errors).zip(flags).map(|((index, se), flags)| (index, se, flags)).collect()
}

proptest! {
    #![proptest_config(config(300))]

    /// A score depends on nobody else, nor on how it is computed; what is written is read back.
    #[test]
    fn it_is_frozen(
        reference in rows(),
        others in rows(),
        utility in 0..UTILITIES.len(),
        treat in 0..TREATMENTS.len(),
        cut in 1usize..8,
    ) {
        let definition = definition(utility, treat);
        let Ok(learned) = Calibration::learn(&cohort(&definition, &reference)) else { return Ok(()) };
        let again = Calibration::from_toml(&learned.to_toml()).unwrap();
        prop_assert_eq!(&again, &learned);
        let index = Index::with(&definition, again).unwrap();
        let all = index.score_cohort(&cohort(&definition, &others)).unwrap();
        let some = index.score_cohort(&cohort(&definition, &others[..cut])).unwrap();
        prop_assert_eq!(&bits(&all)[..cut], &bits(&some)[..]);
        for run in [Run::new().keep(Keep::Index), Run::new().block_rows(3).vectors(false), Run::new().keep(Keep::Index).block_rows(5)] {
            let other = index.score_cohort_with(&cohort(&definition, &others), &run).unwrap();
            prop_assert_eq!(bits(&all), bits(&other), "{:?}", run);
        }
        // Nobody of the reference is outside of it.
        let own = index.score_cohort(&cohort(&definition, &reference)).unwrap();
        prop_assert!(own.flags().iter().all(|flags| !flags.contains(Flag::OutsideReference)));
    }

    /// More is better, less is worse, and with one reading less the score is no surer.
    #[test]
    fn better_readings_score_better(
        reference in rows(),
        utility in 0..UTILITIES.len(),
        treat in 0..TREATMENTS.len(),
        (x, y, more) in (-20.0..140.0f64, -20.0..140.0f64, 0.0..80.0f64),
    ) {
        let definition = definition(utility, treat);
        let Ok(learned) = Calibration::learn(&cohort(&definition, &reference)) else { return Ok(()) };
        let index = Index::with(&definition, learned).unwrap();
        let given: [Row; 5] = [
            [Some(x), Some(y)],
            [Some(x + more), Some(y)],
            [Some(x), Some(y - more)],
            [Some(x), None],
            [None, Some(y)],
        ];
        let scores = index.score_cohort(&cohort(&definition, &given)).unwrap();
        let [at, first, second, ..] = scores.index_or_nan() else { unreachable!() };
        // Declared goalposts have their own direction.
        let rises = |at: usize| match UTILITIES[utility] {
            "{ goalposts = [20, 70] }" | "{ fixed_range = [20, 70] }" => at == 0,
            "{ goalposts = [70, 20] }" => at == 1,
            _ => true,
        };
        prop_assert!(if rises(0) { first >= &(at - 1e-12) } else { first <= &(at + 1e-12) }, "{} {}", at, first);
        prop_assert!(if rises(1) { second >= &(at - 1e-12) } else { second <= &(at + 1e-12) }, "{} {}", at, second);
        let se: Vec<f64> = errors(&scores).into_iter().map(|se| se.unwrap_or(f64::NAN)).collect();
        prop_assert!(se.iter().all(|se| se.is_finite() && *se >= 0.0), "{:?}", se);
        prop_assert!(se[0] <= se[3] * (1.0 + 1e-9) && se[0] <= se[4] * (1.0 + 1e-9), "{:?}", se);
    }
}
