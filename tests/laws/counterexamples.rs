//! For every property that a method does not declare, a case in which it fails.

use vointi::index::Method;

use super::properties::{Change, Subject};

/// Children of a method, and what is done to them.
pub(super) struct Case {
    pub(super) method: &'static str,
    pub(super) property: &'static str,
    pub(super) children: &'static [f64],
    /// By what they are multiplied or moved, or where they go.
    by: &'static [f64],
}

/// Whom the methods with a reference compare with.
const REFERENCE: &[[f64; 3]] =
    &[[20.0, 60.0, 40.0], [70.0, 30.0, 50.0], [40.0, 40.0, 80.0], [55.0, 65.0, 20.0], [10.0, 10.0, 10.0]];

const fn case(
    method: &'static str,
    property: &'static str,
    children: &'static [f64],
    by: &'static [f64],
) -> Case {
    Case { method, property, children, by }
}

/// Three that are far apart.
const UNEVEN: &[f64] = &[90.0, 10.0, 10.0];
const SPREAD: &[f64] = &[20.0, 50.0, 80.0];

pub(super) const CASES: &[Case] = &[
    case("arithmetic", "own_range", SPREAD, &[0.5]),
    case("arithmetic", "needs_reference", SPREAD, &[]),
    case("geometric", "translation", SPREAD, &[10.0]),
    case("geometric", "own_range", SPREAD, &[0.5]),
    case("geometric", "needs_reference", SPREAD, &[]),
    case("geometric", "additive", SPREAD, &[10.0, 10.0]),
    case("harmonic", "translation", SPREAD, &[10.0]),
    case("harmonic", "own_range", SPREAD, &[0.5]),
    case("harmonic", "needs_reference", SPREAD, &[]),
    case("harmonic", "additive", SPREAD, &[10.0, 10.0]),
    case("power", "translation", SPREAD, &[10.0]),
    case("power", "own_range", SPREAD, &[0.5]),
    case("power", "needs_reference", SPREAD, &[]),
    case("power", "additive", SPREAD, &[10.0, 10.0]),
    case("median", "own_range", SPREAD, &[0.5]),
    case("median", "needs_reference", SPREAD, &[]),
    case("median", "has_std_error", SPREAD, &[]),
    // The first passes the middle, and so does not move it any more once the last has come down.
    case("median", "additive", SPREAD, &[40.0, -50.0]),
    case("minimum", "own_range", SPREAD, &[0.5]),
    case("minimum", "needs_reference", SPREAD, &[]),
    case("minimum", "has_std_error", SPREAD, &[]),
    case("minimum", "additive", &[20.0, 80.0, 20.0], &[10.0, 10.0]),
    case("maximum", "own_range", SPREAD, &[0.5]),
    case("maximum", "needs_reference", SPREAD, &[]),
    case("maximum", "has_std_error", SPREAD, &[]),
    case("maximum", "additive", &[50.0, 20.0, 50.0], &[10.0, 10.0]),
    case("owa", "own_range", SPREAD, &[0.5]),
    case("owa", "needs_reference", SPREAD, &[]),
    case("owa", "has_std_error", SPREAD, &[]),
    case("owa", "additive", &[20.0, 80.0, 20.0], &[10.0, 10.0]),
    // 110/3 − (12800/9)/(110/3) = −2.1.
    case("mpi", "bounded", UNEVEN, &[]),
    case("mpi", "monotone", UNEVEN, &[100.0, 10.0, 10.0]),
    case("mpi", "translation", SPREAD, &[10.0]),
    case("mpi", "own_range", SPREAD, &[0.5]),
    case("mpi", "needs_reference", SPREAD, &[]),
    case("mpi", "additive", SPREAD, &[10.0, 10.0]),
    // Σ x²/Σ x: 90 beside nothing, and less beside a little.
    case("mpi_plus", "monotone", &[90.0, 0.0, 0.0], &[90.0, 10.0, 10.0]),
    case("mpi_plus", "translation", SPREAD, &[10.0]),
    case("mpi_plus", "own_range", SPREAD, &[0.5]),
    case("mpi_plus", "needs_reference", SPREAD, &[]),
    case("mpi_plus", "additive", SPREAD, &[10.0, 10.0]),
    case("ampi", "bounded", UNEVEN, &[]),
    case("ampi", "monotone", UNEVEN, &[100.0, 10.0, 10.0]),
    case("ampi", "translation", SPREAD, &[10.0]),
    case("ampi", "own_range", SPREAD, &[0.5]),
    case("ampi", "needs_reference", SPREAD, &[]),
    case("ampi", "additive", SPREAD, &[10.0, 10.0]),
    case("ampi_plus", "monotone", &[90.0, 0.0, 0.0], &[90.0, 10.0, 10.0]),
    case("ampi_plus", "translation", SPREAD, &[10.0]),
    case("ampi_plus", "own_range", SPREAD, &[0.5]),
    case("ampi_plus", "needs_reference", SPREAD, &[]),
    case("ampi_plus", "additive", SPREAD, &[10.0, 10.0]),
    // b is in points.
    case("mean_min", "homogeneous", SPREAD, &[0.5]),
    case("mean_min", "own_range", SPREAD, &[0.5]),
    case("mean_min", "needs_reference", SPREAD, &[]),
    case("mean_min", "additive", SPREAD, &[10.0, 10.0]),
    case("choquet", "own_range", SPREAD, &[0.5]),
    case("choquet", "needs_reference", SPREAD, &[]),
    case("choquet", "has_std_error", SPREAD, &[]),
    // The pair of the first two has what the lower of them has, so that it is the first until it has passed.
    case("choquet", "additive", &[50.0, 60.0], &[20.0, 20.0]),
    case("copeland", "bounded", &[71.0, 71.0, 81.0], &[]),
    case("copeland", "idempotent", &[90.0, 90.0, 90.0], &[]),
    case("copeland", "homogeneous", &[71.0, 71.0, 81.0], &[0.9]),
    case("copeland", "translation", &[71.0, 71.0, 71.0], &[10.0]),
    case("copeland", "has_std_error", SPREAD, &[]),
    case("copeland", "additive", &[30.0, 50.0, 30.0], &[60.0, 60.0]),
    // Beyond the best of the first child, 70, it moves away from the ideal.
    case("topsis", "monotone", &[70.0, 65.0, 80.0], &[100.0, 65.0, 80.0]),
    case("topsis", "bounded", &[70.0, 65.0, 80.0], &[]),
    case("topsis", "idempotent", &[10.0, 10.0, 10.0], &[]),
    case("topsis", "homogeneous", SPREAD, &[0.5]),
    case("topsis", "translation", SPREAD, &[10.0]),
    case("topsis", "additive", SPREAD, &[10.0, 10.0]),
    case("benefit_of_the_doubt", "bounded", &[70.0, 30.0, 50.0], &[]),
    case("benefit_of_the_doubt", "idempotent", &[50.0, 50.0, 50.0], &[]),
    case("benefit_of_the_doubt", "translation", SPREAD, &[10.0]),
    case("benefit_of_the_doubt", "has_std_error", SPREAD, &[]),
    case("benefit_of_the_doubt", "additive", &[70.0, 30.0, 50.0], &[10.0, 30.0]),
    case("alkire_foster", "needs_reference", SPREAD, &[]),
    case("alkire_foster", "bounded", &[60.0, 60.0, 60.0], &[]),
    case("alkire_foster", "idempotent", &[10.0, 10.0, 10.0], &[]),
    case("alkire_foster", "homogeneous", &[60.0, 60.0, 60.0], &[0.5]),
    case("alkire_foster", "translation", &[60.0, 60.0, 60.0], &[10.0]),
    case("alkire_foster", "has_std_error", SPREAD, &[]),
    // Poor at half of the weights: the first alone does not make poor, nor the last.
    case("alkire_foster", "additive", &[60.0, 60.0, 60.0], &[-30.0, -30.0]),
];

impl Case {
    /// Children that weigh the same. Dials at 0.6: a power of 0.8 or 0.5, an exponent of 2.6, half-way cut-offs.
    pub(super) fn subject(&self, method: Method) -> Subject {
        let children = self.children.len();
        let reference = REFERENCE.iter().map(|row| row[..children.min(3)].to_vec()).collect();
        Subject { method, weights: vec![1.0; children], dials: vec![0.6; 12], reference, error: 0.01 }
    }

    pub(super) fn change(&self) -> Change {
        match (self.property, self.by) {
            ("monotone", better) => Change::Better(better.to_vec()),
            ("translation", &[by]) => Change::Plus(by),
            (_, &[by]) => Change::Times(by),
            (_, &[first, last]) => Change::Moves(first, last),
            _ => Change::Nothing,
        }
    }
}
