//! Normalisation: what a reference teaches a utility, and the curve it becomes.
//!
//! Direction is applied inside every method: natural numbers go in, more is better comes out, and nothing is multiplied
//! by −1 on the way.

#![expect(clippy::result_large_err, reason = "a fault is rare, and whoever learns collects them")]

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{
    curve::Curve,
    shape::{Ranks, Shape, TreatedLine},
    treatment::{LearnedTreatment, Treated},
};
use crate::{
    definition::{
        impute::Impute,
        parts::{By, Counts, Direction, Indicator, Normaliser, Outside, Ranking, Reading, Ties, Utility},
    },
    error::Fault,
    num::spread::mean_and_sd,
};

/// What a reference taught about the utility of one indicator. Numbers are of treated readings, but for `values`.
///
/// `Debug` shows no value.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LearnedUtility {
    /// Persons with a reading.
    pub(crate) n: usize,
    low: f64,
    high: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mean: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sd: Option<f64>,
    /// That of one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<f64>,
    /// Readings of the reference, or quantiles of them, ascending, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<f64>,
    /// How often each stands there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    counts: Vec<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) treatment: Option<LearnedTreatment>,
}

/// By indicator.
pub(crate) type LearnedUtilities = BTreeMap<String, LearnedUtility>;

/// Fewer persons behind a quantile would show them.
const PERSONS_BEHIND: usize = 10;

/// Shows how much was learned.
impl fmt::Debug for LearnedUtility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LearnedUtility")
            .field("n", &self.n)
            .field("values", &self.values.len())
            .field("treatment", &self.treatment.as_ref().map(|treatment| treatment.step))
            .finish_non_exhaustive()
    }
}

/// The utility of an indicator, unless it is a rule.
fn utility_of(indicator: &Indicator) -> Option<&Utility> {
    match &indicator.reading {
        Reading::Scale { utility, .. } | Reading::Measure { utility, .. } => Some(utility),
        Reading::Rule(_) => None,
    }
}

/// Whether a reference must teach the utility of an indicator its range, or how its readings are treated; or, where gaps
/// are filled, the mean of what is then there.
pub(crate) fn learns(indicator: &Indicator) -> bool {
    let is_filled = indicator.impute.as_ref().is_some_and(|how| *how != Impute::Siblings);
    indicator.treat.is_some()
        || utility_of(indicator).is_some_and(|utility| match utility {
            Utility::Z(_) | Utility::T(_) => is_filled,
            other => other.is_learned(),
        })
}

/// The person whose reading is the best score of an indicator.
pub(crate) fn person_of(indicator: &Indicator) -> Option<&str> {
    match utility_of(indicator)? {
        Utility::Learned(Normaliser { by: By::Person(id), .. }) => Some(id),
        _ => None,
    }
}

impl LearnedUtility {
    /// Learns on the readings of a reference, some of them missing; `own` is that of the person the utility names.
    pub(crate) fn learn(indicator: &Indicator, readings: &[f64], own: Option<f64>) -> Result<Self, Fault> {
        let utility = utility_of(indicator);
        // Ends alone take one pass over the readings as they are.
        let by_ends = matches!(utility, Some(Utility::Learned(normaliser)) if normaliser.by.takes_ends());
        let readings: Cow<'_, [f64]> = if by_ends && indicator.treat.is_none() {
            Cow::Borrowed(readings)
        } else {
            Cow::Owned(readings.iter().copied().filter(|x| !x.is_nan()).collect())
        };
        let (treatment, treated) = match &indicator.treat {
            Some(treat) => {
                let (learned, treated) = LearnedTreatment::learn(treat, &readings)?;
                (Some(learned), Cow::Owned(treated))
            }
            None => (None, Cow::Borrowed(&*readings)),
        };
        let (n, low, high) = ends(&treated);
        let mut learned = Self {
            n,
            low,
            high,
            mean: None,
            sd: None,
            reference: None,
            values: Vec::new(),
            counts: Vec::new(),
            treatment,
        };
        if learned.n == 0 {
            return Err(
                Fault::new("nobody in the reference has a reading").help("learn it on another reference")
            );
        }
        let is_declared = matches!(utility, Some(Utility::Goalposts { .. } | Utility::Straight(_)));
        if learned.low >= learned.high && !is_declared {
            let help = "a range, a spread or ranks take two different readings; learn it on another reference, give \
                        goalposts, or leave the indicator out";
            return Err(Fault::new("its readings are the same for everybody in the reference").help(help));
        }
        match utility {
            Some(Utility::Z(_) | Utility::T(_)) => learned.spread_of(&treated),
            Some(Utility::Learned(normaliser)) => learned.by(normaliser, &readings, &treated, own)?,
            _ => {}
        }
        // What is learned here can be read.
        curve(indicator, utility, None, Some(&learned)).map(|_| learned)
    }

    fn spread_of(&mut self, treated: &[f64]) {
        let (_, mean, sd) = mean_and_sd(treated.iter().copied());
        (self.mean, self.sd) = (mean, sd);
    }

    fn by(
        &mut self,
        normaliser: &Normaliser,
        readings: &[f64],
        treated: &[f64],
        own: Option<f64>,
    ) -> Result<(), Fault> {
        match &normaliser.by {
            By::Standard(_) => self.spread_of(treated),
            By::Ampi(None) => self.mean = mean_and_sd(treated.iter().copied()).1,
            By::Person(_) => {
                let own = own.filter(|x| !x.is_nan()).ok_or_else(|| {
                    Fault::new("the person it names has no reading in the reference")
                        .help("name another person, or give the number itself: { reference = 12.5 }")
                })?;
                self.reference = Some(self.treated().of_reading(own));
            }
            By::Ranking(ranking) => self.rank(*ranking, readings),
            _ => {}
        }
        Ok(())
    }

    /// Treatments rise, so that ranks are those of the readings, held where they are held.
    fn rank(&mut self, ranking: Ranking, readings: &[f64]) {
        let mut sorted: Vec<f64> = readings.to_vec();
        if let Some([low, high]) = self.treatment.as_ref().and_then(|treatment| treatment.limits) {
            for x in &mut sorted {
                *x = x.clamp(low, high);
            }
        }
        sorted.sort_by(f64::total_cmp);
        if let Some(parts) = ranking.quantiles {
            sorted = (0..=parts).map(|part| quantile(&sorted, part, parts)).collect();
        }
        for x in sorted {
            match (self.values.last(), self.counts.last_mut()) {
                (Some(last), Some(count)) if *last == x => *count += 1,
                _ => {
                    // −0 would not be read back as the same text.
                    self.values.push(x + 0.0);
                    self.counts.push(1);
                }
            }
        }
    }

    fn treated(&self) -> Treated {
        self.treatment.as_ref().map_or(Treated::Plain, LearnedTreatment::treated)
    }

    /// Whether it holds readings of single persons, but for the least and the largest.
    pub(crate) fn is_personal(&self) -> bool {
        let kept: usize = self.counts.iter().sum();
        self.reference.is_some() || (kept > 0 && self.n < PERSONS_BEHIND * kept)
    }

    /// Into how many parts its reference can be kept without showing anybody; none where it keeps no ranks.
    pub(crate) fn most_quantiles(&self) -> Option<usize> {
        (!self.counts.is_empty()).then(|| (self.n / PERSONS_BEHIND).saturating_sub(1))
    }

    /// Whether it can have been learned.
    pub(crate) fn is_sound(&self) -> bool {
        let optional = [self.mean, self.sd, self.reference];
        let mut numbers = [self.low, self.high]
            .into_iter()
            .chain(optional.into_iter().flatten())
            .chain(self.values.clone());
        let ascend = self.values.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        let counted = self.counts.len() == self.values.len() && self.counts.iter().all(|count| *count > 0);
        let total = self.counts.iter().try_fold(0usize, |sum, count| sum.checked_add(*count));
        numbers.all(f64::is_finite)
            && self.n > 0
            && self.low <= self.high
            && self.sd.is_none_or(|sd| sd > 0.0)
            && ascend
            && counted
            && total.is_some_and(|total| total <= 1 << 53)
            && self.treatment.as_ref().is_none_or(LearnedTreatment::is_sound)
    }

    /// Where readings of the reference end, if that is known of them: beyond is what it has never seen.
    fn seen(&self, is_range_learned: bool) -> Option<[f64; 2]> {
        match &self.treatment {
            Some(treatment) if !treatment.knows_ends() => None,
            Some(treatment) if treatment.limits.is_some() => treatment.limits,
            _ => Some([self.low, self.high]).filter(|_| is_range_learned),
        }
    }
}

/// How many are there, the least and the largest, in one pass; NaN is missing.
fn ends(values: &[f64]) -> (usize, f64, f64) {
    const LANES: usize = 8;
    let mut low = [f64::INFINITY; LANES];
    let mut high = [f64::NEG_INFINITY; LANES];
    let mut count = [0usize; LANES];
    let mut add = |values: &[f64]| {
        for ((x, low), (high, count)) in values.iter().zip(&mut low).zip(high.iter_mut().zip(&mut count)) {
            // Comparisons that a missing value fails.
            *low = if *x < *low { *x } else { *low };
            *high = if *x > *high { *x } else { *high };
            *count += usize::from(!x.is_nan());
        }
    };
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    chunks.for_each(&mut add);
    add(rest);
    let low = low.into_iter().fold(f64::INFINITY, f64::min);
    let high = high.into_iter().fold(f64::NEG_INFINITY, f64::max);
    // −0 would not be read back as the same text.
    (count.iter().sum(), low + 0.0, high + 0.0)
}

/// R's type 7: straight between the order statistics at 1 + (n − 1) p.
fn quantile(sorted: &[f64], part: usize, parts: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    // Exactly: part · last / parts as a whole and a rest.
    let (whole, rest) = (part * last / parts, part * last % parts);
    let at = |position: usize| sorted.get(position).copied().unwrap_or(f64::NAN);
    let (below, above) = (at(whole), at((whole + 1).min(last)));
    if rest == 0 || below == above {
        return below;
    }
    let found = below + (above - below) * (rest as f64 / parts as f64);
    found.clamp(below, above)
}

impl Treated {
    fn of_reading(&self, x: f64) -> f64 {
        match self {
            Self::Plain => x,
            Self::Within([low, high]) => x.clamp(*low, *high),
            Self::By(transform) => transform.value(x),
        }
    }
}

/// A utility ready to run, and where readings end that the reference has seen.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) curve: Curve,
    pub(super) seen: Option<[f64; 2]>,
}

/// A straight line on treated readings.
#[derive(Debug, Clone, Copy)]
struct Line {
    from: f64,
    slope: f64,
    level: f64,
    /// Two treated readings and their scores, which hold exactly.
    posts: [[f64; 2]; 2],
    /// Where it is flat outside.
    ends: Option<[f64; 2]>,
}

impl Line {
    /// Through two points, flat outside of them if it is clamped.
    fn between(worst: f64, best: f64, [low, high]: [f64; 2], outside: Outside) -> Self {
        Self {
            from: worst,
            slope: (high - low) / (best - worst),
            level: low,
            posts: [[worst, low], [best, high]],
            ends: (outside == Outside::Clamp).then_some([worst.min(best), worst.max(best)]),
        }
    }

    fn score(&self, t: f64) -> f64 {
        match self.posts.iter().find(|[at, _]| *at == t) {
            Some([_, score]) => *score,
            None => (t - self.from) * self.slope + self.level,
        }
    }

    /// On readings as they are, or held inside `limits`.
    fn plain(self, limits: Option<[f64; 2]>) -> Curve {
        let Self { from, slope, level, posts: [[worst, zero], [best, hundred]], .. } = self;
        let ends = match (self.ends, limits) {
            (None, None) => return Curve::Standard { from, slope, level },
            (Some(only), None) | (None, Some(only)) => only,
            (Some([low, high]), Some([least, most])) => [least.clamp(low, high), most.clamp(low, high)],
        };
        if [zero, hundred] == [0.0, 100.0] && ends == [worst.min(best), worst.max(best)] {
            return Curve::line(worst, best);
        }
        Curve::Ramp { from, slope, level, points: ends.map(|at| [at, self.score(at)]) }
    }

    fn treated(self, treated: Treated) -> Curve {
        let transform = match treated {
            Treated::Plain => return self.plain(None),
            Treated::Within(limits) => return self.plain(Some(limits)),
            Treated::By(transform) => transform,
        };
        let ends = [transform.min, transform.max].map(|x| {
            let t = transform.value(x);
            match self.ends {
                // It is flat from here on: back to the reading of that.
                Some([low, high]) if t < low || t > high => {
                    let held = t.clamp(low, high);
                    [transform.inverse(held).clamp(transform.min, transform.max), self.score(held)]
                }
                _ => [x, self.score(t)],
            }
        });
        let Self { from, slope, level, .. } = self;
        Curve::Smooth(Shape::Treated(TreatedLine { transform, from, slope, level, ends }))
    }
}

/// Compiles the utility of an indicator; `standard` is the mean and sd of the reading itself, for z and T of readings that
/// are not treated.
pub(super) fn curve(
    indicator: &Indicator,
    utility: Option<&Utility>,
    standard: Option<(f64, f64)>,
    learned: Option<&LearnedUtility>,
) -> Result<Ready, Fault> {
    let Some(utility) = utility else { return Err(lack()) };
    if !learns(indicator) {
        let curve = match utility {
            Utility::Straight(line) => {
                Line::between(line.worst, line.best, line.to, line.outside).plain(None)
            }
            other => Curve::new(other, standard),
        };
        return Ok(Ready { curve, seen: None });
    }
    let learned = learned.ok_or_else(lack)?;
    let treated = learned.treated();
    let line = match utility {
        Utility::Goalposts { worst, best } => {
            declared(&treated, *worst, *best, [0.0, 100.0], Outside::Clamp)?
        }
        Utility::Straight(of) => declared(&treated, of.worst, of.best, of.to, of.outside)?,
        Utility::Z(direction) => standardised(learned, *direction, [0.0, 1.0])?,
        Utility::T(direction) => standardised(learned, *direction, [50.0, 10.0])?,
        Utility::Learned(Normaliser { by: By::Ranking(ranking), .. }) => {
            return Ok(Ready { curve: ranked(utility, *ranking, learned)?, seen: learned.seen(true) });
        }
        Utility::Learned(normaliser) => by_reference(normaliser, learned, &treated)?,
        // Never treated, never learned.
        other => return Ok(Ready { curve: Curve::new(other, standard), seen: None }),
    };
    let is_range_learned =
        matches!(utility, Utility::Learned(normaliser) if !matches!(normaliser.by, By::Standard(_)));
    Ok(Ready { curve: line.treated(treated), seen: learned.seen(is_range_learned) })
}

fn lack() -> Fault {
    Fault::new("the calibration holds nothing of its utility").help("learn it again with `vointi calibrate`")
}

fn declared(treated: &Treated, worst: f64, best: f64, to: [f64; 2], outside: Outside) -> Result<Line, Fault> {
    let (worst, best) = (treated_number(treated, worst)?, treated_number(treated, best)?);
    Ok(Line::between(worst, best, to, outside))
}

/// What a number of the definition becomes by the treatment.
fn treated_number(treated: &Treated, x: f64) -> Result<f64, Fault> {
    let found = treated.of_declared(x);
    if found.is_finite() {
        return Ok(found);
    }
    let what = format!("{x} has no logarithm in the treatment that the reference calls for");
    let help =
        "give a number nearer to the readings of the reference, or `treat = \"none\"` at the indicator";
    Err(Fault::new(what).help(help))
}

fn standardised(learned: &LearnedUtility, direction: Direction, [mean, sd]: [f64; 2]) -> Result<Line, Fault> {
    let (Some(centre), Some(spread)) = (learned.mean, learned.sd) else { return Err(lack()) };
    let sign = if direction == Direction::HigherBetter { 1.0 } else { -1.0 };
    let slope = sign * sd / spread;
    Ok(Line { from: centre, slope, level: mean, posts: [[centre, mean]; 2], ends: None })
}

/// The line of a method that knows worst and best of the reference.
fn by_reference(normaliser: &Normaliser, learned: &LearnedUtility, treated: &Treated) -> Result<Line, Fault> {
    let Normaliser { direction, to, outside, by } = normaliser;
    let is_higher = *direction == Direction::HigherBetter;
    let (low, high) = (learned.low, learned.high);
    let (worst, best) = if is_higher { (low, high) } else { (high, low) };
    let up_to = |best: f64, what: &dyn Fn() -> String| {
        if if is_higher { best > worst } else { best < worst } {
            return Ok(Line::between(worst, best, *to, *outside));
        }
        let side = if is_higher { "above the lowest" } else { "below the highest" };
        let help = format!("it has the best score, so it lies {side} reading of the reference");
        Err(Fault::new(what()).help(help))
    };
    match by {
        By::MinMax | By::DistanceToBest => Ok(Line::between(worst, best, *to, *outside)),
        By::ShareOfMaximum => {
            if low < 0.0 || high <= 0.0 {
                let what = "the share of a maximum needs readings of 0 or more, and some above 0";
                let help = "readings of the reference, or their treated values, are negative; take min_max";
                return Err(Fault::new(what).help(help));
            }
            let (zero, whole) = if is_higher { (0.0, high) } else { (high, 0.0) };
            Ok(Line::between(zero, whole, *to, *outside))
        }
        By::Standard(to) => standardised(learned, *direction, *to),
        By::Reference(x) => up_to(treated_number(treated, *x)?, &|| {
            format!("the reference value {x} is no better than the worst")
        }),
        By::Target(x) => {
            up_to(treated_number(treated, *x)?, &|| format!("the target {x} is no better than the worst"))
        }
        By::Person(_) => up_to(learned.reference.ok_or_else(lack)?, &|| {
            "the person it names is no better than the worst".to_owned()
        }),
        By::Ampi(reference) => {
            let centre = match reference {
                Some(x) => treated_number(treated, *x)?,
                None => learned.mean.ok_or_else(lack)?,
            };
            let half = 0.5 * (high - low);
            let slope = if is_higher { 30.0 / half } else { -30.0 / half };
            Ok(Line {
                from: centre,
                slope,
                level: 100.0,
                posts: [[centre, 100.0]; 2],
                ends: (*outside == Outside::Clamp).then_some([low, high]),
            })
        }
        By::Ranking(_) => Err(lack()),
    }
}

/// **Formula** 1 + how many of the reference are worse; equal ones share a rank by the rule for ties.
fn ranked(utility: &Utility, ranking: Ranking, learned: &LearnedUtility) -> Result<Curve, Fault> {
    let Utility::Learned(Normaliser { direction, to: [low, high], outside, .. }) = utility else {
        return Err(lack());
    };
    let total: usize = learned.counts.iter().sum();
    if learned.values.len() < 2 || learned.counts.len() != learned.values.len() {
        return Err(lack());
    }
    let n = total as f64;
    let score = |rank: f64| match ranking.counts {
        Counts::Rank => rank,
        Counts::Borda => rank - 1.0,
        Counts::Percentile => low + (high - low) * ((rank - 1.0) / (n - 1.0)),
    };
    // One better than all of the reference would be one rank above its best.
    let most = if *outside == Outside::Clamp { n } else { n + 1.0 };
    let is_higher = *direction == Direction::HigherBetter;
    let (mut between, mut on) = (Vec::with_capacity(total + 1), Vec::with_capacity(total));
    let mut below = 0usize;
    for count in learned.counts.iter().chain([&0]) {
        let worse = if is_higher { below } else { total - below };
        between.push(score((worse as f64 + 1.0).min(most)));
        if *count > 0 {
            let worse = if is_higher { below } else { total - below - count };
            let shared = match ranking.ties {
                Ties::Min => 0.0,
                Ties::Average => 0.5 * (*count as f64 - 1.0),
                Ties::Max => *count as f64 - 1.0,
            };
            on.push(score(worse as f64 + 1.0 + shared));
        }
        below += count;
    }
    // Readings that are held at the ends have the ranks of the ends.
    if learned.treatment.as_ref().is_some_and(|treatment| treatment.limits.is_some())
        && let ([first, .., last], [on_first, .., on_last]) = (between.as_mut_slice(), on.as_slice())
    {
        (*first, *last) = (*on_first, *on_last);
    }
    Ok(Curve::Smooth(Shape::Ranks(Ranks::counted(learned.values.clone(), &learned.counts, between, on))))
}

#[cfg(test)]
mod tests;
