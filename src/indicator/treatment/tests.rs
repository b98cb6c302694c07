use proptest::prelude::*;

use super::*;

const CHAIN: Treatment = Treatment {
    winsorise: Some(Winsorise::Points(5)),
    then: Some(Then::Log),
    combine: false,
    skewness: 2.0,
    kurtosis: 3.5,
};

const TRANSFORMS: [Then; 8] = [
    Then::Log,
    Then::LogPlus,
    Then::LogOrig,
    Then::LogGii,
    Then::BoxCox(None),
    Then::BoxCox(Some(0.0)),
    Then::BoxCox(Some(0.5)),
    Then::BoxCox(Some(-2.0)),
];

/// Eight units of the edge cases: one outlier, moved to its neighbour.
#[test]
fn winsorising_stops_where_it_passes() {
    let neg = [-3.0, -1.0, 0.0, 0.0, 2.0, 4.0, 8.0, 100.0];
    let (learned, treated) = LearnedTreatment::learn(&CHAIN, &neg).unwrap();
    assert_eq!((learned.step, learned.limits, learned.moved), (Step::Winsorise, Some([-3.0, 8.0]), [0, 1]));
    assert_eq!(treated, [-3.0, -1.0, 0.0, 0.0, 2.0, 4.0, 8.0, 8.0]);
    assert!(!learned.fails && learned.is_sound() && !learned.knows_ends());
    let mirrored: Vec<f64> = neg.iter().map(|x| -x).collect();
    let (learned, _) = LearnedTreatment::learn(&CHAIN, &mirrored).unwrap();
    assert_eq!((learned.limits, learned.moved), (Some([-8.0, 3.0]), [1, 0]));
}

/// The edge cases of COINr 1.1.14 under R 4.2.2.
#[test]
fn shapes_are_those_of_another_program() {
    let lines =
        |text: &'static str| text.lines().map(|line| line.split(',').map(|cell| cell.trim_matches('"')));
    let mut rows = lines(include_str!("../../../tests/golden/composite/oracle/input.csv"));
    let names: Vec<&str> = rows.next().unwrap().collect();
    let rows: Vec<Vec<&str>> = rows.map(Iterator::collect).collect();
    let mut compared = 0;
    for row in lines(include_str!("../../../tests/golden/composite/oracle/skew_kurt.csv")).skip(1) {
        let row: Vec<&str> = row.collect();
        let at = names.iter().position(|name| *name == row[0]).unwrap();
        let values: Vec<f64> = rows.iter().filter_map(|cells| cells[at].parse().ok()).collect();
        let expected =
            row[1].parse().ok().zip(row[2].parse().ok()).filter(|(a, _): &(f64, f64)| a.is_finite());
        match (shape(&values), expected) {
            (Some([skewness, kurtosis]), Some((a, b))) => {
                assert!((skewness - a).abs() < 1e-13 && (kurtosis - b).abs() < 1e-13, "{row:?}");
                compared += 1;
            }
            (found, expected) => assert!(found.is_none() && expected.is_none(), "{row:?}"),
        }
    }
    assert_eq!(compared, 4);
}

#[test]
fn what_passes_or_is_unknown_is_left() {
    for values in [vec![3.0; 8], vec![1.0, 2.0, 1000.0], vec![1.0, 3.0, 5.0, 6.0, 7.0, 8.0]] {
        let (learned, treated) = LearnedTreatment::learn(&CHAIN, &values).unwrap();
        assert_eq!((learned.step, learned.fails, treated), (Step::None, false, values));
    }
}

/// The logarithm is of the readings themselves, or with `combine` of the winsorised ones.
#[test]
fn the_transformation_is_of_the_readings() {
    let two = Treatment { winsorise: Some(Winsorise::Points(2)), ..CHAIN };
    let values: Vec<f64> = (0..40).map(|k| libm::exp(0.35 * f64::from(k))).collect();
    let (learned, treated) = LearnedTreatment::learn(&two, &values).unwrap();
    let (min, max) = (values[0], values[39]);
    assert_eq!((learned.step, learned.limits, learned.moved), (Step::Log, Some([min, max]), [0, 0]));
    assert!(learned.knows_ends());
    assert_eq!(treated[7], libm::log(values[7] - min + 0.01 * (max - min)));
    let combined = Treatment { combine: true, ..two };
    let (learned, treated) = LearnedTreatment::learn(&combined, &values).unwrap();
    assert_eq!((learned.limits, learned.moved), (Some([min, values[37]]), [0, 2]));
    assert_eq!(treated[39], treated[37]);
    assert!(!learned.knows_ends());
}

/// Two values: one more step of winsorising would leave a constant.
#[test]
fn winsorising_leaves_two_values() {
    let mut values = vec![0.0; 60];
    values[0] = 1.0;
    for winsorise in [Winsorise::Unlimited, Winsorise::Points(5)] {
        let of = Treatment { winsorise: Some(winsorise), then: None, ..CHAIN };
        let (learned, treated) = LearnedTreatment::learn(&of, &values).unwrap();
        assert_eq!((learned.step, learned.moved, learned.fails), (Step::Winsorise, [0, 0], true));
        assert_eq!(treated, values);
    }
}

#[test]
fn a_logarithm_needs_its_argument() {
    let of = Treatment { winsorise: None, then: Some(Then::LogGii), ..CHAIN };
    let mut values = vec![0.0; 60];
    values[0] = 0.5;
    let fault = LearnedTreatment::learn(&of, &values).unwrap_err();
    assert!(fault.what().contains("a maximum above 1"), "{fault:?}");
}

/// scipy 1.17.1: `scipy.stats.boxcox_llf` has its maximum where the derivative is 0; the root in 40 digits by mpmath 1.4.1.
#[test]
fn the_likeliest_power_is_a_root() {
    let values: Vec<f64> = (1..=30).map(|k| f64::from(k * k * k)).collect();
    let power = likeliest_power(&values, 1.0);
    let logs: Vec<f64> = values.iter().map(|x| libm::log(x - 1.0 + 1.0)).collect();
    assert!(slope_of_likelihood(&logs, power - 1e-9) > 0.0 && slope_of_likelihood(&logs, power + 1e-9) < 0.0);
}

/// One long tail on the right, or on the left.
fn skewed() -> impl Strategy<Value = Vec<f64>> {
    (prop::collection::vec(-1.0..1.0f64, 12..40), 2.0..6.0f64, prop::bool::ANY).prop_map(
        |(mut values, long, is_left)| {
            for (k, x) in values.iter_mut().enumerate() {
                *x = libm::exp(long * *x * if k % 2 == 0 { 1.0 } else { 0.5 }) + 2.0;
                *x = if is_left { 700.0 - *x } else { *x };
            }
            values
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A treatment rises, is frozen, and its inverse gives the reading back.
    #[test]
    fn it_rises(values in skewed(), which in 0..TRANSFORMS.len(), combine: bool, first: bool) {
        let winsorise = first.then_some(Winsorise::Points(3));
        let combine = combine && first;
        let of = Treatment { winsorise, then: Some(TRANSFORMS[which]), combine, skewness: 0.3, kurtosis: 0.3 };
        let Ok((learned, treated)) = LearnedTreatment::learn(&of, &values) else { return Ok(()) };
        prop_assert!(learned.is_sound());
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        for pair in order.windows(2) {
            prop_assert!(treated[pair[0]] <= treated[pair[1]]);
        }
        if let Treated::By(transform) = learned.treated() {
            for x in &values {
                let held = x.clamp(transform.min, transform.max);
                let t = transform.value(*x);
                let back = transform.inverse(t);
                prop_assert!((back - held).abs() <= 1e-7 * (transform.max - transform.min), "{back} {held}");
                prop_assert!(transform.slope(held) > 0.0);
            }
            let (low, high) = (transform.slope(transform.min), transform.slope(transform.max));
            for share in [0.1, 0.5, 0.9] {
                let x = transform.min + share * (transform.max - transform.min);
                prop_assert!(transform.slope(x) <= low.max(high) * (1.0 + 1e-12));
            }
        }
    }
}
