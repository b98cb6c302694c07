use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngSeed},
};

use super::*;
use crate::{
    definition::{Definition, parts::Utility},
    indicator::Curve,
    num::normal::normal,
};

const UTILITIES: &str = include_str!("../../../tests/golden/measures/utilities.toml");
const CURVED: &str = include_str!("../../../tests/golden/measures/curved_utility_vectors.csv");
const POINTWISE: &str = include_str!("../../../tests/golden/measures/utility_vectors.csv");

/// The curve of a utility as a definition has it; `z` and `T` against mean 0 and sd 1.
fn curve(utility: &str, direction: &str) -> Curve {
    let text = format!(
        "schema = 1\nid = \"one\"\n[person]\nid = \"person\"\n[measure.x]\nunit = \"1\"\n\
         direction = \"{direction}\"\n[indicator.u]\nmeasure = \"x\"\nutility = {utility}\n[index]\nchildren = [\"u\"]\n"
    );
    let definition = Definition::from_toml(&text).unwrap();
    let crate::definition::parts::Reading::Measure { utility, .. } =
        &definition.parts().indicators[0].reading
    else {
        panic!("no measure")
    };
    let utility: &Utility = utility;
    Curve::new(utility, Some((0.0, 1.0)))
}

/// The curve with a name of `utilities.toml`.
fn named(name: &str) -> Curve {
    let table: toml::Table = UTILITIES.parse().unwrap();
    let row = &table[name];
    let direction = row.get("direction").and_then(|d| d.as_str()).unwrap_or("higher_better");
    curve(&row["utility"].to_string(), direction)
}

/// mpmath with 30 digits. The quadrature is good to rounding: 1e-12 of the scale for a mean; for a variance 1e-9 of
/// itself, since with an error of a millionth of the curve u(X) − u(x) has some ten digits, or 1e-14 of the largest.
#[test]
fn moments_are_those_of_another_program() {
    let mut compared = 0;
    let mut wrong = Vec::new();
    let mut curves: std::collections::BTreeMap<&str, Curve> = std::collections::BTreeMap::new();
    for row in CURVED.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let [x, s, u, e, v] = [1, 2, 3, 4, 5].map(|at| cells[at].parse::<f64>().unwrap());
        let curve = curves.entry(cells[0]).or_insert_with(|| named(cells[0]));
        let value = curve.value(|_| x);
        let (mean, variance) = curve.moments(normal(), |_| (x, s));
        let far = (value - u).abs() > 1e-12 * u.max(1.0)
            || (mean - e).abs() > 1e-10
            || (variance - v).abs() > 1e-9 * v + 2.5e-11;
        if far {
            wrong.push(format!(
                "{row}: u {:.1e}, E {:.1e}, Var {:.1e} or {:.1e} of it",
                value - u,
                mean - e,
                variance - v,
                variance / v - 1.0
            ));
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((compared, curves.len()), (480, 18));
}

/// R 4.2.2, see tests/golden/measures/README.md; it prints 15 digits.
#[test]
fn scores_are_those_of_another_program() {
    let mut compared = 0;
    for row in POINTWISE.lines().skip(1) {
        let cells: Vec<&str> = row.split('"').collect();
        let [function, parameters, numbers] = [1, 3, 4].map(|at| cells[at]);
        let numbers: Vec<f64> = numbers.split(',').filter_map(|cell| cell.parse().ok()).collect();
        let &[x, expected] = numbers.as_slice() else { panic!("{row}") };
        let (utility, x, expected) = match (function, parameters) {
            ("ds_target", "L=4,T=8,U=10,s=1,t=2") => (
                "{ desirability = { rises = [4, 8], falls = [8, 10], exponents = [1, 2] } }",
                x,
                100.0 * expected,
            ),
            ("ds_max", "L=2000,T=8000,r=0.5") => {
                ("{ desirability = { rises = [2000, 8000], exponents = [0.5] } }", x, 100.0 * expected)
            }
            ("lms_z", "L=-1.4,M=25,S=0.16") => {
                ("{ lms = [-1.4, 25, 0.16] }", x, 50.0 * libm::erfc(-expected / libm::sqrt(2.0)))
            }
            ("lms_z", "L=0,M=35,S=0.5") => {
                ("{ lms = [0, 35, 0.5] }", x, 50.0 * libm::erfc(-expected / libm::sqrt(2.0)))
            }
            // With L = 1 the LMS score is (x − M)/(M S).
            ("normal_pct", _) => ("{ lms = [1, 10, 0.1] }", 10.0 + x, expected),
            ("T_score", _) => ("\"t\"", x, expected),
            ("logistic_5_95", "x05=40,x95=100") => ("{ logistic = { low = 40, high = 100 } }", x, expected),
            other => panic!("no utility {other:?}"),
        };
        let found = curve(utility, "higher_better").value(|_| x);
        assert!((found - expected).abs() < 1e-12 * expected.abs().max(1.0), "{row}: {found}");
        compared += 1;
    }
    assert_eq!(compared, 39);
}

/// u = 100 (1 − (ln HR − least)/(most − least)): at 22.5 the ratio is least, at 42 highest; at 20, ln 1.05/ln 2.9 up.
#[test]
fn hazard_ratios_by_hand() {
    let of = |x: f64| named("hazard").value(|_| x);
    let at_20 = 100.0 * (1.0 - 1.05f64.ln() / 2.9f64.ln());
    assert_eq!((of(22.5), of(42.0), of(50.0)), (100.0, 0.0, 0.0));
    assert!((of(20.0) - at_20).abs() < 1e-12);
    assert!((of(21.25) - 0.5 * (at_20 + 100.0)).abs() < 1e-12, "halfway in the logarithm");
    // Paluch et al. 2022: 100 (1 − 0.60)/(1 − 0.47) and 100 (1 − 0.55)/(1 − 0.47).
    let steps = |x: f64| named("hazard_linear").value(|_| x);
    assert!((steps(5801.0) - 40.0 / 0.53).abs() < 1e-12 && (steps(7842.0) - 45.0 / 0.53).abs() < 1e-12);
}

/// Weights 1, 2.5 and 0.5, 4 at 10, 20 and 35; less is better, so 100 minus the mid-rank.
#[test]
fn mid_ranks_by_hand() {
    let of = |x: f64| named("rank_weighted").value(|_| x);
    let all = 8.0;
    assert_eq!(of(9.0), 100.0);
    assert_eq!(of(10.0), 100.0 - 100.0 * 0.5 / all);
    assert_eq!(of(15.0), 100.0 - 100.0 * 1.0 / all);
    assert_eq!(of(20.0), 100.0 - 100.0 * 2.5 / all);
    assert_eq!(of(35.0), 100.0 - 100.0 * 6.0 / all);
    assert_eq!(of(36.0), 0.0);
    assert!(of(f64::NAN).is_nan());
}

/// The double exponential rule of Takahasi and Mori, which shares nothing with the quadrature it is held against.
fn slow(u: impl Fn(f64) -> f64, knots: &[f64], x: f64, s: f64) -> (f64, f64) {
    let mut cuts: Vec<f64> = (-12..=12).map(|z| x + s * f64::from(z)).collect();
    let (from, to) = (x - 12.0 * s, x + 12.0 * s);
    cuts.extend(knots.iter().filter(|knot| (from..to).contains(*knot)));
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    let integral = |f: &dyn Fn(f64) -> f64| {
        let mut sum = 0.0;
        for pair in cuts.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let h = 1.0 / 32.0;
            for k in -140..=140 {
                let t = h * f64::from(k);
                let (outer, inner) = (t.cosh(), std::f64::consts::FRAC_PI_2 * t.sinh());
                let weight = h * 0.5 * (b - a) * std::f64::consts::FRAC_PI_2 * outer / inner.cosh().powi(2);
                // The distance from the nearer end, which near it has more digits than the difference.
                let off = 0.5 * (b - a) * libm::exp(-inner.abs()) / inner.cosh();
                let at = if inner < 0.0 { a + off } else { b - off };
                if weight > 0.0 && at > a && at < b {
                    let z = (at - x) / s;
                    sum += weight * f(at) * libm::exp(-0.5 * z * z)
                        / (s * libm::sqrt(2.0 * std::f64::consts::PI));
                }
            }
        }
        sum
    };
    let all = integral(&|_| 1.0);
    let mean = integral(&u) / all;
    (mean, integral(&|x| (u(x) - mean) * (u(x) - mean)) / all)
}

/// A shape, the scale it bends on, and whether it rises, falls or does neither throughout.
#[derive(Debug, Clone)]
struct Case {
    shape: Shape,
    middle: f64,
    unit: f64,
    way: f64,
}

impl Case {
    /// Kinks, and where the shape bends most.
    fn cuts(&self) -> Vec<f64> {
        let mut cuts = self.shape.knots();
        if let Shape::Lms(lms) = &self.shape {
            cuts.extend((-18..=18).filter_map(|z| lms.at(0.5 * f64::from(z))));
            cuts.push(0.0);
        }
        if let Shape::Logistic { middle, steepness } = self.shape {
            cuts.extend((-20..=20).map(|k| middle + 2.0 * f64::from(k) / steepness));
        }
        cuts
    }
}

fn exponent() -> impl Strategy<Value = f64> {
    prop_oneof![(1u8..=10).prop_map(f64::from), 0.1f64..10.0]
}

fn case() -> impl Strategy<Value = Case> {
    let ramp =
        |from: f64, width: f64, exponent: f64, falls: bool| Ramp { from, to: from + width, exponent, falls };
    let one = (-50.0f64..50.0, 0.01f64..100.0, exponent(), any::<bool>()).prop_map(
        move |(from, width, e, falls)| {
            let side = Some(ramp(from, width, e, falls));
            let (rises, falls) = if falls { (None, side) } else { (side, None) };
            let way = if rises.is_some() { 1.0 } else { -1.0 };
            Case { shape: Shape::Desirability { rises, falls }, middle: from + 0.5 * width, unit: width, way }
        },
    );
    let two = (-50.0f64..50.0, 0.1f64..50.0, 0.0f64..20.0, 0.1f64..50.0, exponent(), exponent()).prop_map(
        move |(from, up, flat, down, e, f)| {
            let (rises, falls) = (ramp(from, up, e, false), ramp(from + up + flat, down, f, true));
            let shape = Shape::Desirability { rises: Some(rises), falls: Some(falls) };
            Case { shape, middle: from + up, unit: up + flat + down, way: 0.0 }
        },
    );
    let logistic =
        (-50.0f64..50.0, prop_oneof![0.01f64..100.0, -100.0f64..-0.01]).prop_map(|(low, width)| {
            let shape = Shape::logistic(low, low + width);
            Case { shape, middle: low + 0.5 * width, unit: width.abs(), way: width.signum() }
        });
    let way = any::<bool>();
    let lms = (prop_oneof![Just(0.0), Just(1.0), -3.0f64..3.0], 0.5f64..200.0, 0.05f64..0.9, way).prop_map(
        |(l, m, s, up)| {
            let direction = if up { Direction::HigherBetter } else { Direction::LowerBetter };
            Case { shape: Shape::lms([l, m, s], direction), middle: m, unit: m * s, way: sign(direction) }
        },
    );
    let log = (0.01f64..100.0, 1.05f64..200.0, any::<bool>()).prop_map(|(low, factor, up)| {
        let high = low * factor;
        let (worst, best) = if up { (low, high) } else { (high, low) };
        let way = if up { 1.0 } else { -1.0 };
        Case { shape: Shape::Log { worst, best }, middle: 0.5 * (low + high), unit: high - low, way }
    });
    let ranks =
        (prop::collection::vec((-20i8..20, 0.0f64..3.0), 2..90), any::<bool>()).prop_map(|(rows, up)| {
            let direction = if up { Direction::HigherBetter } else { Direction::LowerBetter };
            let reference = Reference {
                name: "r".to_owned(),
                version: "1".to_owned(),
                values: rows.iter().map(|(x, _)| f64::from(*x)).collect(),
                weights: rows.iter().map(|(_, w)| w + 0.1).collect(),
                direction,
            };
            Case {
                shape: Shape::Ranks(Ranks::new(&reference)),
                middle: 0.0,
                unit: 40.0,
                way: sign(direction),
            }
        });
    prop_oneof![one, two, logistic, lms, log, ranks]
}

fn config(cases: u32) -> Config {
    Config {
        cases,
        rng_seed: RngSeed::Fixed(20_261_122),
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn scores_and_their_moments_stay_on_the_scale(case in case(), at in -3.0f64..3.0, log_s in -9.0f64..6.0, step in 0.0f64..1.0) {
        let (x, s) = (case.middle + at * case.unit, case.unit * libm::pow(10.0, log_s));
        let u = case.shape.value(x);
        let (mean, variance) = case.shape.moments(normal(), x, s);
        prop_assert!((0.0..=100.0).contains(&u), "u {u}");
        prop_assert!((0.0..=100.0).contains(&mean), "E {mean}");
        prop_assert!((0.0..=2500.0).contains(&variance), "Var {variance}");
        // Over all x and s: no variance is larger than that of the two ends with this mean.
        prop_assert!(variance <= mean * (100.0 - mean) * (1.0 + 1e-12) + 1e-9, "E {mean}, Var {variance}");
        if case.way != 0.0 {
            let further = x + step * case.unit;
            prop_assert!(case.way * (case.shape.value(further) - u) >= -1e-12);
            let (later, _) = case.shape.moments(normal(), further, s);
            prop_assert!(case.way * (later - mean) >= -1e-9, "E {mean} to {later}");
        }
    }

    #[test]
    fn without_an_error_the_mean_is_the_score(case in case(), at in -3.0f64..3.0) {
        let x = case.middle + at * case.unit;
        let u = case.shape.value(x);
        prop_assert_eq!(case.shape.moments(normal(), x, 0.0), (u, 0.0));
        let (mean, variance) = case.shape.moments(normal(), x, 1e-12 * case.unit);
        // A tenth power of a distance of 1e-11 is 8 on a scale of 100: only next to a kink is there any difference.
        if case.shape.knots().iter().all(|knot| (x - knot).abs() > 1e-4 * case.unit) {
            prop_assert!((mean - u).abs() < 1e-6 && variance < 1e-6, "{u}: {mean} {variance}");
        }
        // Ties count half, and half of what is measured at one is above it.
        if let Shape::Ranks(ranks) = &case.shape {
            for x in &ranks.at {
                let (mean, _) = case.shape.moments(normal(), *x, 1e-6);
                prop_assert!((mean - case.shape.value(*x)).abs() < 1e-10);
            }
        }
    }

    /// A linear error is never smaller than the closed form says, and the steepest slope is reached.
    #[test]
    fn no_slope_is_steeper_than_the_steepest(case in case(), at in -3.0f64..3.0) {
        if let Some(steepest) = case.shape.steepest() {
            let (x, h) = (case.middle + at * case.unit, 1e-3 * case.unit);
            let slope = (case.shape.value(x + h) - case.shape.value(x)).abs() / h;
            prop_assert!(slope <= steepest * (1.0 + 1e-9) + 1e-9 / h, "{slope} {steepest}");
            let (_, variance) = case.shape.moments(normal(), x, h);
            prop_assert!(variance <= (steepest * h) * (steepest * h) * (1.0 + 1e-9));
        }
    }
}

proptest! {
    #![proptest_config(config(400))]

    /// 1e-10 of the scale, and of the largest variance; where a step falls the slow rule has no digits.
    #[test]
    fn moments_are_those_of_a_slow_quadrature(case in case(), at in -2.0f64..2.0, log_s in -4.0f64..3.0) {
        let (x, s) = (case.middle + at * case.unit, case.unit * libm::pow(10.0, log_s));
        let cuts = match &case.shape {
            Shape::Ranks(ranks) => ranks.at.clone(),
            _ => case.cuts(),
        };
        let (mean, variance) = case.shape.moments(normal(), x, s);
        let (m, v) = slow(|x| case.shape.value(x), &cuts, x, s);
        prop_assert!((mean - m).abs() < 1e-8 && (variance - v).abs() < 2.5e-7, "{mean} {m} {variance} {v}");
    }
}

/// Closed forms of whole powers against the quadrature: only the exponent 1e-13 away tells them apart.
#[test]
fn closed_forms_are_those_of_the_quadrature() {
    for n in 1..=4 {
        for (x, s) in [(3.0, 0.5), (4.1, 1.0), (6.0, 2.0), (8.5, 3.9), (20.0, 4.0), (-10.0, 2.0)] {
            let of = |exponent: f64| {
                let rises = Some(Ramp { from: 4.0, to: 8.0, exponent, falls: false });
                Shape::Desirability { rises, falls: None }.moments(normal(), x, s)
            };
            let ((m, v), (mean, variance)) = (of(f64::from(n)), of(f64::from(n) + 1e-13));
            assert!((m - mean).abs() < 1e-10 && (v - variance).abs() < 1e-8, "{n} {x} {s}");
        }
    }
}
