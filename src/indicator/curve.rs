//! A utility ready to run: from a reading to a score, and to the moments of the score of a noisy reading.

use super::shape::{Ranks, Shape};
use crate::{
    definition::parts::{Direction, Steps, Utility},
    num::{
        normal::Normal,
        utility::{WorstOf, line_moments, line_value, step_moments, step_moments_per, step_value},
    },
};

/// What the score is of a reading, or of several.
#[derive(Debug, Clone)]
pub(crate) enum Curve {
    /// (x − from) × slope, clamped to 0..100.
    Line {
        from: f64,
        slope: f64,
        points: [[f64; 2]; 2],
    },
    /// (x − from) × slope + level between two points, flat outside.
    Ramp {
        from: f64,
        slope: f64,
        level: f64,
        points: [[f64; 2]; 2],
    },
    /// (x − from) × slope + level, unclamped: z, T and what is extrapolated.
    Standard {
        from: f64,
        slope: f64,
        level: f64,
    },
    Points(Vec<[f64; 2]>),
    /// Curved, or a reference distribution.
    Smooth(Shape),
    Bands(Bands),
    /// All readings are banded, the lowest score counts.
    Worst {
        bands: Vec<Bands>,
        of: WorstOf,
    },
    /// Readings after those of the curves say which curve it is.
    By(Vec<(Stratum, Curve)>),
}

/// Whom a curve is for, by readings that follow its own: a code, or age and sex as far as they count.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stratum {
    Code(f64),
    Person { ages: Option<[f64; 2]>, sex: Option<f64> },
}

impl Stratum {
    fn is(self, reading: impl Fn(usize) -> f64) -> bool {
        match self {
            Self::Code(code) => reading(0) == code,
            Self::Person { ages, sex } => {
                let of_age = ages.is_none_or(|[from, below]| reading(0) >= from && reading(0) < below);
                of_age && sex.is_none_or(|sex| reading(usize::from(ages.is_some())) == sex)
            }
        }
    }

    /// Readings that are of it.
    fn example(self) -> Vec<f64> {
        match self {
            Self::Code(code) => vec![code],
            Self::Person { ages, sex } => ages.map(|[from, _]| from).into_iter().chain(sex).collect(),
        }
    }
}

/// Steps, and the same without the bands that a case leaves without a score.
#[derive(Debug, Clone)]
pub(crate) struct Bands {
    at: Vec<f64>,
    score: Vec<f64>,
    /// By band, the name of the open case it belongs to; empty for none.
    case: Vec<String>,
    /// For moments: a band without a score takes that of its neighbour.
    smooth_at: Vec<f64>,
    smooth_score: Vec<f64>,
}

impl Bands {
    pub(crate) fn new(steps: &Steps) -> Self {
        let (mut smooth_at, mut smooth_score) = (Vec::new(), Vec::new());
        for (band, score) in steps.score.iter().enumerate() {
            if score.is_nan() {
                continue;
            }
            if !smooth_score.is_empty() {
                smooth_at.extend(band.checked_sub(1).and_then(|before| steps.at.get(before)));
            }
            smooth_score.push(*score);
        }
        Self {
            at: steps.at.clone(),
            score: steps.score.clone(),
            case: steps.case.clone(),
            smooth_at,
            smooth_score,
        }
    }

    pub(crate) fn value(&self, x: f64) -> f64 {
        step_value(&self.at, &self.score, x)
    }

    /// The case, left open by the published rule, that `x` is.
    fn case(&self, x: f64) -> Option<&str> {
        if x.is_nan() {
            return None;
        }
        let band = self.at.iter().filter(|at| x >= **at).count();
        self.case.get(band).map(String::as_str).filter(|case| !case.is_empty())
    }

    /// The variance of the score of N(x, s²), for s above 0.
    #[inline]
    pub(super) fn variance_per(&self, normal: &Normal, x: f64, per_s: f64) -> f64 {
        step_moments_per(normal, &self.smooth_at, &self.smooth_score, x, per_s).1
    }

    /// Every level and its probability for N(x, s²), s above 0.
    pub(super) fn each_level(&self, normal: &Normal, x: f64, s: f64, mut visit: impl FnMut(f64, f64)) {
        let mut below = 0.0;
        let cdf = self.smooth_at.iter().map(|at| normal.both_tails((at - x) / s).0).chain([1.0]);
        for (score, cdf) in self.smooth_score.iter().zip(cdf) {
            visit(*score, (cdf - below).max(0.0));
            below = cdf;
        }
    }

    pub(super) fn moments(&self, normal: &Normal, x: f64, s: f64) -> (f64, f64) {
        step_moments(normal, &self.smooth_at, &self.smooth_score, x, s)
    }
}

impl Curve {
    /// `standard` is the mean and sd of the reading in the calibration, for z and T.
    pub(crate) fn new(utility: &Utility, standard: Option<(f64, f64)>) -> Self {
        let standardised = |direction: &Direction, unit: f64, level: f64| {
            let (mean, sd) = standard.unwrap_or((f64::NAN, f64::NAN));
            let sign = if *direction == Direction::HigherBetter { 1.0 } else { -1.0 };
            Self::Standard { from: mean, slope: sign * unit / sd, level }
        };
        match utility {
            Utility::Goalposts { worst, best } => Self::line(*worst, *best),
            Utility::Points(points) => Self::Points(points.clone()),
            Utility::Steps(steps) => Self::Bands(Bands::new(steps)),
            Utility::Z(direction) => standardised(direction, 1.0, 0.0),
            Utility::T(direction) => standardised(direction, 10.0, 50.0),
            Utility::HazardRatio { knots, on_log } => Self::Points(hazard_points(knots, *on_log)),
            Utility::Desirability { rises, falls } => {
                Self::Smooth(Shape::Desirability { rises: *rises, falls: *falls })
            }
            Utility::Logistic { low, high } => Self::Smooth(Shape::logistic(*low, *high)),
            Utility::Lms { lms, direction } => Self::Smooth(Shape::lms(*lms, *direction)),
            Utility::Ecdf(reference) => Self::Smooth(Shape::Ranks(Ranks::new(reference))),
            Utility::LogGoalposts { worst, best } => Self::Smooth(Shape::Log { worst: *worst, best: *best }),
            // Compiled where their reference is at hand.
            Utility::Straight(_) | Utility::Learned(_) => standardised(&Direction::HigherBetter, 1.0, 0.0),
        }
    }

    pub(super) fn line(worst: f64, best: f64) -> Self {
        let width = best - worst;
        let mut slope = 100.0 / width;
        // A product in place of a division: the slope is rounded so that the better goalpost is 100 and not a hair less.
        while width * slope < 100.0 {
            slope = if slope > 0.0 { slope.next_up() } else { slope.next_down() };
        }
        let points = if worst < best { [[worst, 0.0], [best, 100.0]] } else { [[best, 100.0], [worst, 0.0]] };
        Self::Line { from: worst, slope, points }
    }

    /// How many readings are scored; those that only choose a curve follow them.
    pub(crate) fn scored(&self) -> usize {
        match self {
            Self::Worst { bands, .. } => bands.len(),
            Self::By(strata) => strata.first().map_or(1, |(_, curve)| curve.scored()),
            _ => 1,
        }
    }

    /// A curve that is chosen holds no other; by reference, the compiler knows that, too.
    fn value_by(&self, reading: &dyn Fn(usize) -> f64) -> f64 {
        self.value(reading)
    }

    fn moments_by(&self, normal: &Normal, reading: &dyn Fn(usize) -> (f64, f64)) -> (f64, f64) {
        self.moments(normal, reading)
    }

    /// The curve that other readings choose.
    fn chosen(&self, strata: &'_ [(Stratum, Self)], reading: impl Fn(usize) -> f64) -> Option<usize> {
        let scored = self.scored();
        strata.iter().position(|(stratum, _)| stratum.is(|k| reading(scored + k)))
    }

    /// The score; NaN where a reading is missing or a case leaves none.
    pub(crate) fn value(&self, reading: impl Fn(usize) -> f64) -> f64 {
        match self {
            Self::Line { from, slope, .. } => clamp((reading(0) - from) * slope),
            Self::Ramp { from, slope, level, points } => ramp(reading(0), *from, *slope, *level, points),
            Self::Standard { from, slope, level } => (reading(0) - from) * slope + level,
            Self::Points(points) => line_value(points, reading(0)),
            Self::Smooth(shape) => shape.value(reading(0)),
            Self::Bands(bands) => bands.value(reading(0)),
            Self::Worst { bands, .. } => {
                let mut worst = f64::INFINITY;
                for (at, bands) in bands.iter().enumerate() {
                    let score = bands.value(reading(at));
                    // Not `f64::min`, which would let a missing reading pass.
                    if score.is_nan() {
                        return score;
                    }
                    worst = worst.min(score);
                }
                worst
            }
            Self::By(strata) => {
                let found = self.chosen(strata, &reading).and_then(|at| strata.get(at));
                found.map_or(f64::NAN, |(_, curve)| curve.value_by(&reading))
            }
        }
    }

    /// The case, left open by the published rule, that the readings are.
    pub(crate) fn case(&self, reading: &dyn Fn(usize) -> f64) -> Option<&str> {
        match self {
            Self::Bands(bands) => bands.case(reading(0)),
            Self::Worst { bands, .. } => {
                bands.iter().enumerate().find_map(|(at, bands)| bands.case(reading(at)))
            }
            Self::By(strata) => strata.get(self.chosen(strata, reading)?)?.1.case(reading),
            _ => None,
        }
    }

    pub(crate) fn has_cases(&self) -> bool {
        let any = |bands: &Bands| bands.case.iter().any(|case| !case.is_empty());
        match self {
            Self::Bands(bands) => any(bands),
            Self::Worst { bands, .. } => bands.iter().any(any),
            Self::By(strata) => strata.iter().any(|(_, curve)| curve.has_cases()),
            _ => false,
        }
    }

    /// Mean and variance of the score when reading `k` is N(x, s²) with `(x, s) = reading(k)`.
    pub(crate) fn moments(&self, normal: &Normal, reading: impl Fn(usize) -> (f64, f64)) -> (f64, f64) {
        let (x, s) = reading(0);
        match self {
            Self::Line { points, .. } | Self::Ramp { points, .. } => line_moments(normal, points, x, s),
            Self::Standard { from, slope, level } => ((x - from) * slope + level, (slope * s) * (slope * s)),
            Self::Points(points) => line_moments(normal, points, x, s),
            Self::Smooth(shape) => shape.moments(normal, x, s),
            Self::Bands(bands) => bands.moments(normal, x, s),
            Self::Worst { of, .. } => of.moments(normal, reading),
            Self::By(strata) => {
                let found = self.chosen(strata, |k| reading(k).0).and_then(|at| strata.get(at));
                found.map_or((f64::NAN, f64::NAN), |(_, curve)| curve.moments_by(normal, &reading))
            }
        }
    }

    /// The steepest slope; none where the score jumps.
    pub(crate) fn steepest(&self) -> Option<f64> {
        match self {
            Self::Line { slope, .. } | Self::Ramp { slope, .. } | Self::Standard { slope, .. } => {
                Some(slope.abs())
            }
            Self::Points(points) => {
                let slope = |pair: &[[f64; 2]]| match pair {
                    [[a, u], [b, v]] => ((v - u) / (b - a)).abs(),
                    _ => 0.0,
                };
                Some(points.windows(2).map(slope).fold(0.0, f64::max))
            }
            Self::Smooth(shape) => shape.steepest(),
            Self::Bands(_) | Self::Worst { .. } | Self::By(_) => None,
        }
    }

    /// Where something happens, for each reading that is noisy: thresholds, knots, goalposts.
    pub(crate) fn knots(&self) -> Vec<Vec<f64>> {
        match self {
            Self::Line { points, .. } | Self::Ramp { points, .. } => {
                vec![points.iter().map(|point| point[0]).collect()]
            }
            Self::Standard { from, .. } => vec![vec![*from]],
            Self::Points(points) => vec![points.iter().map(|point| point[0]).collect()],
            Self::Smooth(shape) => vec![shape.knots()],
            Self::Bands(bands) => vec![bands.smooth_at.clone()],
            Self::Worst { bands, .. } => bands.iter().map(|bands| bands.smooth_at.clone()).collect(),
            Self::By(strata) => {
                let mut knots = vec![Vec::new(); self.scored()];
                for (_, curve) in strata {
                    for (all, own) in knots.iter_mut().zip(curve.knots()) {
                        all.extend(own);
                    }
                }
                knots
            }
        }
    }

    /// Readings that choose each curve; none where nothing chooses.
    pub(crate) fn strata(&self) -> Vec<Vec<f64>> {
        match self {
            Self::By(strata) => strata.iter().map(|(stratum, _)| stratum.example()).collect(),
            _ => vec![Vec::new()],
        }
    }

    /// Half the range, squared: no variance of a score is larger. Without ends there is no bound.
    pub(crate) fn cap(&self) -> f64 {
        let [low, high] = match self {
            Self::Standard { .. } => return f64::INFINITY,
            Self::Ramp { points: [[_, a], [_, b]], .. } => [a.min(*b), a.max(*b)],
            Self::Smooth(shape) => shape.range(),
            _ => [0.0, 100.0],
        };
        let half = 0.5 * (high - low);
        half * half
    }

    /// Whether it has no jumps, and its moments take a quadrature.
    pub(crate) fn is_smooth(&self) -> bool {
        match self {
            Self::Smooth(_) => true,
            Self::By(strata) => strata.iter().all(|(_, curve)| curve.is_smooth()),
            _ => false,
        }
    }
}

#[inline]
pub(crate) fn clamp(score: f64) -> f64 {
    // Two comparisons, so that NaN stays NaN and the loop over it stays vectors.
    let score = if score < 0.0 { 0.0 } else { score };
    // Adding 0 takes the sign off a zero: the worst goalpost of a reversed line is 0, not −0.
    (if score > 100.0 { 100.0 } else { score }) + 0.0
}

/// A line between two points, exact at both and flat outside.
#[inline]
pub(crate) fn ramp(x: f64, from: f64, slope: f64, level: f64, points: &[[f64; 2]; 2]) -> f64 {
    let [[low, at_low], [high, at_high]] = *points;
    let (least, most) = if at_low < at_high { (at_low, at_high) } else { (at_high, at_low) };
    // Comparisons that a missing reading passes through, as in `clamp`.
    let score = (x - from) * slope + level;
    let score = if score < least { least } else { score };
    let score = if score > most { most } else { score };
    let score = if x <= low { at_low } else { score };
    (if x >= high { at_high } else { score }) + 0.0
}

/// **Formula** u = 100 (1 − (h − min h)/(max h − min h)), h the hazard ratio or its logarithm at the knots.
fn hazard_points(knots: &[[f64; 2]], on_log: bool) -> Vec<[f64; 2]> {
    let hazard: Vec<f64> =
        knots.iter().map(|[_, ratio]| if on_log { libm::log(*ratio) } else { *ratio }).collect();
    let (least, most) =
        hazard.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), h| (a.min(*h), b.max(*h)));
    let score = |h: &f64| 100.0 * ((most - h) / (most - least));
    knots.iter().zip(&hazard).map(|([x, _], h)| [*x, score(h)]).collect()
}

pub(crate) fn worst_of(parts: &[&Steps]) -> Curve {
    let bands: Vec<Bands> = parts.iter().map(|steps| Bands::new(steps)).collect();
    let of =
        WorstOf::new(bands.iter().map(|bands| (bands.smooth_at.as_slice(), bands.smooth_score.as_slice())));
    Curve::Worst { bands, of }
}
