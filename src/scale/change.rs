//! Change of one person and of a group: beyond error of measurement, across a cut-off, large enough to matter.

use serde::Serialize;

use super::reliability::Z95;
use crate::{
    definition::Direction,
    error::{Error, ErrorKind, Fault, Result},
    num::spread::mean_and_sd,
};

/// Beyond what a change is reliable, as Jacobson and Truax give it.
const RELIABLE: f64 = 1.96;

/// Φ⁻¹(0.95).
const Z90: f64 = 1.644_853_626_951_472_2;

/// What a change is held against: reliability, mean and deviation of a reference, and the way that is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChangeRule {
    reliability: f64,
    mean: f64,
    sd: f64,
    direction: Direction,
    functional: Option<[f64; 2]>,
    practice: f64,
    important: Option<f64>,
}

/// What a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Better, beyond error.
    Improved,
    /// Within error.
    Unchanged,
    /// Worse, beyond error.
    Deteriorated,
}

/// The four classes of Jacobson and Truax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeClass {
    /// Better beyond error, and across the cut-off.
    Recovered,
    /// Better beyond error.
    Improved,
    /// Within error.
    Unchanged,
    /// Worse beyond error.
    Deteriorated,
}

/// The change of one person.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PersonChange {
    /// The score before.
    pub before: f64,
    /// The score after.
    pub after: f64,
    /// After less before.
    pub difference: f64,
    /// Jacobson and Truax: the difference over √2 SEM.
    pub rci: f64,
    /// Gulliksen, Lord and Novick: ((y − M) − r (x − M)) / (s √(1 − r²)).
    pub gulliksen_lord_novick: f64,
    /// Edwards and Nunnally: M + r (x − M) ∓ 2 s √(1 − r), the range of no change.
    pub edwards_nunnally: [f64; 2],
    /// The difference less that of persons who were only asked twice, over √2 SEM.
    pub practice_adjusted: f64,
    /// By the RCI, at 1.96.
    pub reliable: Verdict,
    /// By Gulliksen, Lord and Novick, at 1.96.
    pub reliable_gulliksen_lord_novick: Verdict,
    /// By Edwards and Nunnally, outside the range.
    pub reliable_edwards_nunnally: Verdict,
    /// Adjusted for practice, at 1.96.
    pub reliable_practice_adjusted: Verdict,
    /// Whether the change leads across a, b and c; b and c need the mean and deviation of the other population.
    pub crossed: [Option<bool>; 3],
    /// The class, by the RCI and the cut-off c, or a where c is not known.
    pub class: ChangeClass,
    /// By the published least important change; apart from whether it is beyond error.
    pub important: Option<Verdict>,
}

impl ChangeRule {
    /// By the reliability of the score, and the mean and standard deviation of the persons before.
    ///
    /// # Errors
    /// A reliability that is not from 0 to below 1, a deviation that is not above 0.
    ///
    /// # Example
    /// ```
    /// use vointi::{definition::Direction, scale::{ChangeClass, ChangeRule}};
    /// let rule = ChangeRule::new(0.84, 10.3, 4.6, Direction::LowerBetter)?.functional(3.1, 3.7)?;
    /// let found = rule.judge(12.0, 4.0);
    /// assert_eq!((format!("{:.2}", found.rci).as_str(), found.class), ("-3.07", ChangeClass::Recovered));
    /// assert!(ChangeRule::new(1.0, 10.3, 4.6, Direction::LowerBetter).is_err());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn new(reliability: f64, mean: f64, sd: f64, direction: Direction) -> Result<Self> {
        let mut faults = Vec::new();
        if !(0.0..1.0).contains(&reliability) {
            let fault = Fault::new(format!("a reliability of {reliability}"));
            faults.push(fault.help("give a number from 0 to below 1"));
        }
        if !(sd > 0.0 && sd.is_finite() && mean.is_finite()) {
            faults
                .push(Fault::new("scores without mean or spread").help("give a standard deviation above 0"));
        }
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Definition, faults));
        }
        Ok(Self { reliability, mean, sd, direction, functional: None, practice: 0.0, important: None })
    }

    /// The same with mean and standard deviation of the population to be reached, for the cut-offs b and c.
    ///
    /// # Errors
    /// A deviation that is not above 0.
    pub fn functional(mut self, mean: f64, sd: f64) -> Result<Self> {
        if !(sd > 0.0 && sd.is_finite() && mean.is_finite()) {
            let fault = Fault::new("a population without mean or spread");
            return Err(Error::new(
                ErrorKind::Definition,
                vec![fault.help("give a standard deviation above 0")],
            ));
        }
        self.functional = Some([mean, sd]);
        Ok(self)
    }

    /// The same with the mean change of persons who were only asked twice.
    #[must_use]
    pub fn practice(mut self, by: f64) -> Self {
        self.practice = by;
        self
    }

    /// The same with the published least important change, as a size.
    #[must_use]
    pub fn important(mut self, least: f64) -> Self {
        self.important = Some(least.abs());
        self
    }

    /// The reliability.
    pub fn reliability(&self) -> f64 {
        self.reliability
    }

    /// The standard error of measurement, s √(1 − r).
    pub fn sem(&self) -> f64 {
        self.sd * (1.0 - self.reliability).sqrt()
    }

    /// That of a difference, √2 SEM.
    pub fn sem_of_difference(&self) -> f64 {
        std::f64::consts::SQRT_2 * self.sem()
    }

    /// The standard error of a true score, s √(r (1 − r)).
    pub fn se_of_true_score(&self) -> f64 {
        self.sd * (self.reliability * (1.0 - self.reliability)).sqrt()
    }

    /// The standard error of a prediction, s √(1 − r²).
    pub fn se_of_prediction(&self) -> f64 {
        self.sd * (1.0 - self.reliability * self.reliability).sqrt()
    }

    /// The least difference beyond error in 90 and in 95 of 100: z √2 SEM.
    ///
    /// # Example
    /// ```
    /// use vointi::{definition::Direction, scale::ChangeRule};
    /// let [of_90, of_95] = ChangeRule::new(0.84, 10.3, 4.6, Direction::LowerBetter)?.least_detectable();
    /// assert_eq!((format!("{of_90:.2}").as_str(), format!("{of_95:.2}").as_str()), ("4.28", "5.10"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn least_detectable(&self) -> [f64; 2] {
        [Z90, Z95].map(|z| z * self.sem_of_difference())
    }

    /// The cut-offs a (two deviations from the mean before), b (two from that of the other population) and c (between both,
    /// weighted by the deviations).
    ///
    /// # Example
    /// ```
    /// use vointi::{definition::Direction, scale::ChangeRule};
    /// let rule = ChangeRule::new(0.84, 10.3, 4.6, Direction::LowerBetter)?.functional(3.1, 3.7)?;
    /// let cuts = rule.cut_offs().map(|cut| format!("{:.2}", cut.unwrap()));
    /// assert_eq!(cuts, ["1.10", "10.50", "6.31"]);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn cut_offs(&self) -> [Option<f64>; 3] {
        let better = self.sign();
        let a = self.mean + better * 2.0 * self.sd;
        let b = self.functional.map(|[mean, sd]| mean - better * 2.0 * sd);
        let c = self.functional.map(|[mean, sd]| (sd * self.mean + self.sd * mean) / (sd + self.sd));
        [Some(a), b, c]
    }

    /// The change from one score to another.
    ///
    /// **Formula** those of the fields of [`PersonChange`]. A cut-off is crossed from the worse side of it to it or beyond.
    ///
    /// **Reference** Jacobson & Truax 1991, J. Consulting and Clinical Psychology 59:12; Hsu 1989; Speer 1992; Chelune 1993.
    pub fn judge(&self, before: f64, after: f64) -> PersonChange {
        let difference = after - before;
        let error = self.sem_of_difference();
        let rci = difference / error;
        let expected = self.reliability * (before - self.mean);
        let gulliksen_lord_novick = (after - self.mean - expected) / self.se_of_prediction();
        let (centre, half) = (self.mean + expected, 2.0 * self.sem());
        let practice_adjusted = (difference - self.practice) / error;
        let better = self.sign();
        let crossed = self
            .cut_offs()
            .map(|cut| cut.map(|cut| better * (before - cut) < 0.0 && better * (after - cut) >= 0.0));
        let reliable = self.verdict(rci, RELIABLE);
        let [a, _, c] = crossed;
        PersonChange {
            before,
            after,
            difference,
            rci,
            gulliksen_lord_novick,
            edwards_nunnally: [centre - half, centre + half],
            practice_adjusted,
            reliable,
            reliable_gulliksen_lord_novick: self.verdict(gulliksen_lord_novick, RELIABLE),
            reliable_edwards_nunnally: self.verdict(after - centre, half),
            reliable_practice_adjusted: self.verdict(practice_adjusted, RELIABLE),
            crossed,
            class: match reliable {
                Verdict::Improved if c.or(a) == Some(true) => ChangeClass::Recovered,
                Verdict::Improved => ChangeClass::Improved,
                Verdict::Unchanged => ChangeClass::Unchanged,
                Verdict::Deteriorated => ChangeClass::Deteriorated,
            },
            important: self.important.map(|least| self.verdict(difference, least)),
        }
    }

    /// +1 where more is better.
    fn sign(&self) -> f64 {
        match self.direction {
            Direction::HigherBetter => 1.0,
            Direction::LowerBetter => -1.0,
        }
    }

    fn verdict(&self, value: f64, limit: f64) -> Verdict {
        let towards = self.sign() * value;
        if towards >= limit {
            Verdict::Improved
        } else if towards <= -limit {
            Verdict::Deteriorated
        } else {
            Verdict::Unchanged
        }
    }
}

impl Verdict {
    /// The word for it in tables: `improved`, `unchanged` or `deteriorated`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Improved => "improved",
            Self::Unchanged => "unchanged",
            Self::Deteriorated => "deteriorated",
        }
    }
}

impl ChangeClass {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::Recovered, Self::Improved, Self::Unchanged, Self::Deteriorated];

    /// The word for it in tables: `recovered`, `improved`, `unchanged` or `deteriorated`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::Improved => "improved",
            Self::Unchanged => "unchanged",
            Self::Deteriorated => "deteriorated",
        }
    }
}

/// The change of a group, from pairs of scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupChange {
    /// Pairs.
    pub n: usize,
    /// The mean of after less before.
    pub mean_change: f64,
    /// The standard deviation of after less before, over n − 1.
    pub sd_change: f64,
    /// The mean before.
    pub mean_before: f64,
    /// The standard deviation before.
    pub sd_before: f64,
    /// The standardised response mean, the mean change over its deviation.
    pub srm: Option<f64>,
    /// The mean change over the deviation before.
    pub d_pre: Option<f64>,
    /// Hedges' factor against the bias of small samples, 1 − 3 / (4 df − 1) with df = n − 1.
    pub hedges_factor: f64,
    /// `srm` times Hedges' factor.
    pub srm_hedges: Option<f64>,
    /// `d_pre` times Hedges' factor.
    pub d_pre_hedges: Option<f64>,
}

/// The change of a group.
///
/// **Formula** those of the fields of [`GroupChange`].
///
/// **Missing data** Pairs with NaN are left out.
///
/// # Errors
/// Fewer than two pairs.
///
/// **Reference** Liang, Fossel & Larson 1990, Medical Care 28:632; Hedges 1981, J. Educational Statistics 6:107.
///
/// # Example
/// ```
/// let found = vointi::scale::group_change([(10.0, 8.0), (12.0, 6.0), (9.0, 9.0), (7.0, f64::NAN)])?;
/// assert_eq!((found.n, found.mean_change), (3, -8.0 / 3.0));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn group_change(pairs: impl IntoIterator<Item = (f64, f64)>) -> Result<GroupChange> {
    let pairs: Vec<(f64, f64)> =
        pairs.into_iter().filter(|(before, after)| !before.is_nan() && !after.is_nan()).collect();
    let n = pairs.len();
    let of_change = mean_and_sd(pairs.iter().map(|(before, after)| after - before));
    let of_before = mean_and_sd(pairs.iter().map(|(before, _)| *before));
    let ((_, Some(mean_change), Some(sd_change)), (_, Some(mean_before), Some(sd_before))) =
        (of_change, of_before)
    else {
        let fault = Fault::new(format!("{n} persons with a score before and after"));
        return Err(Error::new(ErrorKind::Data, vec![fault.help("two are the least")]));
    };
    let hedges_factor = 1.0 - 3.0 / (4.0 * (n as f64 - 1.0) - 1.0);
    let over = |sd: f64| (sd > 0.0).then(|| mean_change / sd);
    let (srm, d_pre) = (over(sd_change), over(sd_before));
    Ok(GroupChange {
        n,
        mean_change,
        sd_change,
        mean_before,
        sd_before,
        srm,
        d_pre,
        hedges_factor,
        srm_hedges: srm.map(|size| size * hedges_factor),
        d_pre_hedges: d_pre.map(|size| size * hedges_factor),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is better is turned round with everything else.
    #[test]
    fn both_directions_mirror() {
        let lower = ChangeRule::new(0.8, 10.0, 4.0, Direction::LowerBetter).unwrap();
        let higher = ChangeRule::new(0.8, -10.0, 4.0, Direction::HigherBetter).unwrap();
        let (lower, higher) = (lower.functional(4.0, 3.0).unwrap(), higher.functional(-4.0, 3.0).unwrap());
        for (before, after) in [(12.0, 2.0), (12.0, 11.0), (8.0, 14.0), (5.0, 0.0), (7.0, 7.0)] {
            let (one, other) = (lower.judge(before, after), higher.judge(-before, -after));
            assert_eq!((one.class, one.reliable, one.crossed), (other.class, other.reliable, other.crossed));
            assert_eq!(one.rci, -other.rci);
        }
    }

    #[test]
    fn importance_is_apart_from_error() {
        let rule = ChangeRule::new(0.5, 10.0, 4.0, Direction::LowerBetter).unwrap().important(-3.0);
        let found = rule.judge(10.0, 7.0);
        assert_eq!((found.reliable, found.important), (Verdict::Unchanged, Some(Verdict::Improved)));
        assert_eq!(found.crossed, [Some(false), None, None]);
    }
}
