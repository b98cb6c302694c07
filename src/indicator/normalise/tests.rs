use proptest::prelude::*;

use super::*;
use crate::{
    definition::parts::{Straight, Then, Treatment, Winsorise},
    num::normal::normal,
};

fn indicator(utility: Utility, treat: Option<Treatment>) -> Indicator {
    Indicator {
        id: "it".to_owned(),
        title: String::new(),
        reading: Reading::Measure { measure: 0, utility },
        error: None,
        content: Vec::new(),
        treat,
        impute: None,
    }
}

fn by(by: By, direction: Direction, to: [f64; 2], outside: Outside) -> Utility {
    Utility::Learned(Normaliser { direction, to, outside, by })
}

fn ready(indicator: &Indicator, reference: &[f64], own: Option<f64>) -> Result<Ready, Fault> {
    let learned = LearnedUtility::learn(indicator, reference, own)?;
    assert!(learned.is_sound());
    curve(indicator, utility_of(indicator), None, Some(&learned))
}

fn score(curve: &Curve, x: f64) -> f64 {
    curve.value(|_| x)
}

/// By column; NaN where a cell is empty or NA.
fn columns(text: &str) -> Vec<(String, Vec<f64>)> {
    let mut lines = text.lines().map(|line| line.split(',').map(|cell| cell.trim_matches('"').to_owned()));
    let mut columns: Vec<(String, Vec<f64>)> = lines.next().unwrap().map(|name| (name, Vec::new())).collect();
    for line in lines {
        for ((_, column), cell) in columns.iter_mut().zip(line) {
            column.push(cell.parse().unwrap_or(f64::NAN));
        }
    }
    columns
}

const RANK: Ranking = Ranking { counts: Counts::Rank, ties: Ties::Min, quantiles: None };
const UP: Direction = Direction::HigherBetter;
const ONE: [f64; 2] = [0.0, 1.0];
const ON: Outside = Outside::Extrapolate;

/// The edge cases of COINr 1.1.14 under R 4.2.2: ties, gaps, negative numbers, two values; what does not vary is refused.
#[test]
fn they_are_those_of_another_program() {
    let cases: [(&str, Utility); 13] = [
        (
            include_str!("../../../tests/golden/composite/oracle/norm_minmax.csv"),
            by(By::MinMax, UP, [0.0, 100.0], ON),
        ),
        (
            include_str!("../../../tests/golden/composite/oracle/norm_minmax_1_100.csv"),
            by(By::MinMax, UP, [1.0, 100.0], Outside::Clamp),
        ),
        (
            include_str!("../../../tests/golden/composite/oracle/norm_dist2max.csv"),
            by(By::DistanceToBest, UP, ONE, ON),
        ),
        (
            include_str!("../../../tests/golden/composite/oracle/norm_fracmax.csv"),
            by(By::ShareOfMaximum, UP, ONE, ON),
        ),
        (include_str!("../../../tests/golden/composite/oracle/norm_zscore.csv"), Utility::Z(UP)),
        (
            include_str!("../../../tests/golden/composite/oracle/norm_zscore_100_10.csv"),
            by(By::Standard([100.0, 10.0]), UP, ONE, ON),
        ),
        (
            include_str!("../../../tests/golden/composite/oracle/norm_rank.csv"),
            by(By::Ranking(RANK), UP, ONE, ON),
        ),
        (
            include_str!("../../../tests/golden/composite/oracle/norm_rank_avg.csv"),
            by(By::Ranking(Ranking { ties: Ties::Average, ..RANK }), UP, ONE, ON),
        ),
        (
            include_str!("../../../tests/golden/composite/oracle/norm_borda.csv"),
            by(By::Ranking(Ranking { counts: Counts::Borda, ..RANK }), UP, ONE, ON),
        ),
        (
            include_str!("../../../tests/golden/composite/oracle/norm_prank.csv"),
            by(By::Ranking(Ranking { counts: Counts::Percentile, ..RANK }), UP, ONE, ON),
        ),
        (
            include_str!("../../../tests/golden/composite/oracle/norm_dist2ref_5.csv"),
            by(By::Person("5".to_owned()), UP, ONE, ON),
        ),
        (
            include_str!("../../../tests/golden/composite/oracle/norm_dist2ref_5_cap.csv"),
            by(By::Person("5".to_owned()), UP, ONE, Outside::Clamp),
        ),
        (
            include_str!("../../../tests/golden/composite/oracle/norm_scaled_0_100.csv"),
            Utility::Straight(Straight { worst: 0.0, best: 100.0, to: [0.0, 100.0], outside: ON }),
        ),
    ];
    let input = columns(include_str!("../../../tests/golden/composite/oracle/input.csv"));
    let mut compared = 0;
    for (expected, utility) in cases {
        // z needs a treatment to be learned here rather than with the measure.
        let never = Treatment {
            winsorise: Some(Winsorise::Points(1)),
            then: None,
            combine: false,
            skewness: 1e9,
            kurtosis: 1e9,
        };
        let is_straight = matches!(utility, Utility::Straight(_));
        let is_share = matches!(&utility, Utility::Learned(Normaliser { by: By::ShareOfMaximum, .. }));
        let it = indicator(utility, Some(never));
        for ((name, values), (_, expected)) in input.iter().zip(columns(expected)) {
            let own = values.get(4).copied();
            let is_constant = ["const", "one"].contains(&name.as_str()) && !is_straight;
            let found = ready(&it, values, own);
            if is_constant || (is_share && name == "neg") {
                assert!(found.is_err(), "{name}");
                continue;
            }
            let Ready { curve, .. } = found.unwrap();
            for (x, expected) in values.iter().zip(expected) {
                let found = score(&curve, *x);
                let is_close = (found - expected).abs() <= 2e-14 * expected.abs().max(1.0);
                assert!(
                    is_close || (found.is_nan() && expected.is_nan()),
                    "{name} {it:?}: {found} {expected}"
                );
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 8 * (12 * 4 - 1 + 6));
}

#[test]
fn a_line_of_its_reference_is_fused() {
    let it = indicator(by(By::MinMax, UP, [0.0, 100.0], Outside::Clamp), None);
    let Ready { curve, seen } = ready(&it, &[3.0, f64::NAN, 7.0], None).unwrap();
    assert!(matches!(curve, Curve::Line { .. }));
    assert_eq!(seen, Some([3.0, 7.0]));
    // Winsorised to both ends it still is, and then every reading has been seen.
    let treat = Treatment {
        winsorise: Some(Winsorise::Points(2)),
        then: None,
        combine: false,
        skewness: 2.0,
        kurtosis: 3.5,
    };
    let it = indicator(by(By::MinMax, UP, [0.0, 100.0], Outside::Extrapolate), Some(treat));
    let Ready { curve, seen } = ready(&it, &[-3.0, -1.0, 0.0, 0.0, 2.0, 4.0, 8.0, 100.0], None).unwrap();
    assert!(matches!(curve, Curve::Line { .. }));
    assert_eq!((score(&curve, 8.0), score(&curve, 90.0), seen), (100.0, 100.0, None));
}

/// Natural numbers of a definition are treated as the readings are.
#[test]
fn declared_numbers_are_treated() {
    let values: Vec<f64> = (0..40).map(|k| libm::exp(0.35 * f64::from(k))).collect();
    let treat =
        Treatment { winsorise: None, then: Some(Then::Log), combine: false, skewness: 2.0, kurtosis: 3.5 };
    let target = values[30];
    let it = indicator(by(By::Target(target), UP, ONE, Outside::Clamp), Some(treat));
    let Ready { curve, seen } = ready(&it, &values, None).unwrap();
    assert_eq!((score(&curve, target), score(&curve, values[0]), score(&curve, values[39])), (1.0, 0.0, 1.0));
    let t = |x: f64| libm::log(x - values[0] + 0.01 * (values[39] - values[0]));
    let expected = (t(50.0) - t(values[0])) / (t(target) - t(values[0]));
    assert!((score(&curve, 50.0) - expected).abs() < 1e-14);
    assert_eq!(seen, Some([values[0], values[39]]));
    let it = indicator(Utility::Goalposts { worst: -1e9, best: 5.0 }, Some(treat));
    assert!(ready(&it, &values, None).unwrap_err().what().contains("no logarithm"));
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let up = |what: By| indicator(by(what, UP, ONE, Outside::Clamp), None);
    let down = |what: By| indicator(by(what, Direction::LowerBetter, ONE, Outside::Clamp), None);
    let of =
        |it: &Indicator, values: &[f64]| ready(it, values, None).err().map(|fault| fault.what().to_owned());
    assert!(of(&up(By::MinMax), &[2.0, 2.0, f64::NAN]).unwrap().contains("the same for everybody"));
    assert!(of(&up(By::MinMax), &[f64::NAN]).unwrap().contains("nobody"));
    assert!(of(&up(By::ShareOfMaximum), &[-1.0, 2.0]).unwrap().contains("share of a maximum"));
    assert!(of(&up(By::Target(1.0)), &[1.0, 2.0]).unwrap().contains("the target 1"));
    assert!(of(&down(By::Target(3.0)), &[1.0, 2.0]).unwrap().contains("the target 3"));
    assert!(of(&up(By::Reference(0.0)), &[1.0, 2.0]).unwrap().contains("the reference value 0"));
    assert!(of(&up(By::Person("a".to_owned())), &[1.0, 2.0]).unwrap().contains("no reading"));
    assert_eq!(of(&down(By::Target(0.0)), &[1.0, 2.0]), None);
}

/// Quantiles of many persons are no longer persons.
#[test]
fn what_keeps_persons_is_personal() {
    let values: Vec<f64> = (0..1100).map(|k| f64::from(k % 700)).collect();
    let of = |quantiles: Option<usize>| {
        let it = indicator(by(By::Ranking(Ranking { quantiles, ..RANK }), UP, ONE, Outside::Clamp), None);
        LearnedUtility::learn(&it, &values, None).unwrap()
    };
    assert!(of(None).is_personal() && !of(Some(100)).is_personal() && of(Some(200)).is_personal());
    let most = of(None).most_quantiles().unwrap();
    assert!(!of(Some(most)).is_personal() && of(Some(most + 1)).is_personal());
    let expected: Vec<f64> = (0..=4).map(|part| quantile_of(&values, part)).collect();
    assert_eq!(of(Some(4)).values, expected);
    let it = indicator(by(By::MinMax, UP, ONE, Outside::Clamp), None);
    assert!(!LearnedUtility::learn(&it, &values, None).unwrap().is_personal());
    let shown = format!("{:?}", of(None));
    assert!(shown.contains("values: 700") && !shown.contains("699"), "{shown}");
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
fn quantile_of(values: &[f64], part: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (values.len() - 1) as f64 * part as f64 / 4.0;
    let below = sorted[at.floor() as usize];
    below + (sorted[at.ceil() as usize] - below) * (at - at.floor())
}

/// Every method there is, with ends in and outside the readings; two of them take a number between.
fn methods(reference: &[f64], direction: Direction) -> Vec<By> {
    let low = reference.iter().copied().fold(f64::INFINITY, f64::min);
    let high = reference.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (worst, best) = if direction == UP { (low, high) } else { (high, low) };
    let inside = worst + 0.7 * (best - worst);
    let mut all = vec![
        By::MinMax,
        By::DistanceToBest,
        By::ShareOfMaximum,
        By::Standard([100.0, 10.0]),
        By::Reference(inside),
        By::Target(best + 0.2 * (best - worst)),
        By::Ampi(None),
        By::Ampi(Some(inside)),
    ];
    for counts in [Counts::Rank, Counts::Borda, Counts::Percentile] {
        for ties in [Ties::Min, Ties::Average, Ties::Max] {
            for quantiles in [None, Some(7)] {
                all.push(By::Ranking(Ranking { counts, ties, quantiles }));
            }
        }
    }
    all
}

const TREATMENTS: [Option<Treatment>; 6] = {
    #[expect(clippy::unnecessary_wraps, reason = "one of a list of options")]
    const fn of(winsorise: Option<Winsorise>, then: Option<Then>, combine: bool) -> Option<Treatment> {
        Some(Treatment { winsorise, then, combine, skewness: 0.4, kurtosis: 0.4 })
    }
    [
        None,
        of(Some(Winsorise::Points(3)), None, false),
        of(Some(Winsorise::Points(2)), Some(Then::Log), false),
        of(Some(Winsorise::Points(2)), Some(Then::BoxCox(None)), true),
        of(None, Some(Then::LogPlus), false),
        of(None, Some(Then::LogOrig), false),
    ]
};

fn reference() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((0.0..6.0f64, 0..3u8), 8..40).prop_map(|drawn| {
        drawn
            .into_iter()
            .map(|(log, kind)| match kind {
                0 => libm::exp(log),
                1 => libm::floor(log),
                _ => log,
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        rng_seed: proptest::test_runner::RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// More is better: a score never falls with a better reading, the ends have the ends' scores, and a variance is finite
    /// and no larger than its bound.
    #[test]
    fn every_method_is_monotone(
        reference in reference(),
        is_up: bool,
        clamps: bool,
        treat in 0..TREATMENTS.len(),
        s in 0.01..50.0f64,
    ) {
        let direction = if is_up { UP } else { Direction::LowerBetter };
        let outside = if clamps { Outside::Clamp } else { ON };
        let least = reference.iter().copied().fold(f64::INFINITY, f64::min);
        let most = reference.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        prop_assume!(most - least > 0.1);
        for method in methods(&reference, direction) {
            let to = [1.0, 3.5];
            let it = indicator(by(method.clone(), direction, to, outside), TREATMENTS[treat]);
            let Ok(Ready { curve, .. }) = ready(&it, &reference, None) else { continue };
            let mut x: Vec<f64> = reference.clone();
            x.extend((-20..120).map(|k| least + (most - least) * f64::from(k) / 100.0));
            x.sort_by(f64::total_cmp);
            if !is_up {
                x.reverse();
            }
            let scores: Vec<f64> = x.iter().map(|x| score(&curve, *x)).collect();
            for pair in scores.windows(2) {
                prop_assert!(pair[0] <= pair[1] + 1e-12, "{method:?} {:?}: {} {}", it.treat, pair[0], pair[1]);
            }
            let (worst, best) = if is_up { (least, most) } else { (most, least) };
            if matches!(method, By::MinMax | By::DistanceToBest) {
                let found = (score(&curve, worst), score(&curve, best));
                prop_assert_eq!(found.0, 1.0);
                // Gone on with, a line has no posts to hold on to.
                prop_assert!(found.1 == 3.5 || !clamps && (found.1 - 3.5).abs() < 1e-12, "{:?}", found);
            }
            if clamps && it.reading.is_bounded() {
                prop_assert!(scores.iter().all(|score| (1.0..=3.5).contains(score)), "{method:?}");
            }
            prop_assert!(score(&curve, f64::NAN).is_nan());
            for x in x.iter().step_by(7) {
                let (mean, variance) = curve.moments(normal(), |_| (*x, s));
                prop_assert!(mean.is_finite() && variance >= 0.0 && variance <= curve.cap() * (1.0 + 1e-12));
                if let Some(slope) = curve.steepest() {
                    prop_assert!(variance <= (slope * s) * (slope * s) * (1.0 + 1e-9) + 1e-12, "{method:?} {:?}: {variance}", it.treat);
                }
            }
        }
    }

    /// With everything turned round, the method's score is the same.
    #[test]
    fn turned_round_it_is_mirrored(reference in reference(), clamps: bool) {
        let outside = if clamps { Outside::Clamp } else { ON };
        let turned: Vec<f64> = reference.iter().map(|x| 0.0 - x).collect();
        let pairs = [
            (By::MinMax, By::MinMax),
            (By::DistanceToBest, By::DistanceToBest),
            (By::Standard([3.0, 2.0]), By::Standard([3.0, 2.0])),
            (By::Ampi(None), By::Ampi(None)),
            (By::Target(500.0), By::Target(-500.0)),
            (By::Ranking(RANK), By::Ranking(RANK)),
            (By::Ranking(Ranking { ties: Ties::Average, ..RANK }), By::Ranking(Ranking { ties: Ties::Average, ..RANK })),
            (By::Ranking(Ranking { ties: Ties::Max, ..RANK }), By::Ranking(Ranking { ties: Ties::Max, ..RANK })),
        ];
        for (up, down) in pairs {
            let up = ready(&indicator(by(up, UP, ONE, outside), None), &reference, None);
            let down = ready(&indicator(by(down, Direction::LowerBetter, ONE, outside), None), &turned, None);
            let (Ok(up), Ok(down)) = (up, down) else { continue };
            for x in reference.iter().copied().chain([-3.0, 17.25, 1000.0]) {
                let (a, b) = (score(&up.curve, x), score(&down.curve, 0.0 - x));
                prop_assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{x}: {a} {b}");
            }
        }
    }
}

/// Simpson's rule over ±9 errors: an independent, slow way.
#[test]
fn moments_of_treated_lines_agree_with_quadrature() {
    let reference: Vec<f64> = (0..40).map(|k| libm::exp(0.2 * f64::from(k))).collect();
    for then in
        [Then::Log, Then::LogPlus, Then::LogOrig, Then::LogGii, Then::BoxCox(None), Then::BoxCox(Some(-1.0))]
    {
        let treat =
            Treatment { winsorise: None, then: Some(then), combine: false, skewness: 0.1, kurtosis: 0.1 };
        for direction in [UP, Direction::LowerBetter] {
            for (method, to) in [
                (By::MinMax, [0.0, 100.0]),
                (By::Reference(100.0), [-1.0, 1.0]),
                (By::Standard([0.0, 1.0]), ONE),
            ] {
                let it = indicator(by(method, direction, to, Outside::Clamp), Some(treat));
                let Ready { curve, .. } = ready(&it, &reference, None).unwrap();
                for (x, s) in [(2.0, 0.3), (30.0, 10.0), (400.0, 300.0), (2440.0, 100.0), (-50.0, 40.0)] {
                    let n = 40_000;
                    let (mut m0, mut m1, mut m2) = (0.0, 0.0, 0.0);
                    for k in 0..=n {
                        let z = -9.0 + 18.0 * f64::from(k) / f64::from(n);
                        let w = libm::exp(-0.5 * z * z)
                            * if k == 0 || k == n {
                                1.0
                            } else if k % 2 == 1 {
                                4.0
                            } else {
                                2.0
                            };
                        let u = score(&curve, x + s * z);
                        (m0, m1, m2) = (m0 + w, m1 + w * u, m2 + w * u * u);
                    }
                    let (m, v) = (m1 / m0, m2 / m0 - (m1 / m0) * (m1 / m0));
                    let (mean, variance) = curve.moments(normal(), |_| (x, s));
                    let width = libm::sqrt(curve.cap());
                    assert!((mean - m).abs() < 2e-6 * width, "{then:?} {x} {s}: {mean} {m}");
                    assert!(
                        (variance - v).abs() < 2e-5 * v + 1e-9 * width * width,
                        "{then:?} {x} {s}: {variance} {v}"
                    );
                }
            }
        }
    }
}
