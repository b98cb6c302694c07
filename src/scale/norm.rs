//! Where a score stands among those of others: z, T, stanine, sten, percentile, and against a small sample.

use serde::Serialize;

use crate::{
    error::{Error, ErrorKind, Fault, Result},
    num::{
        normal,
        student::{p_two_sided, upper_tail},
    },
};

/// The scores of a reference: their number, mean and standard deviation, or the scores themselves.
///
/// # Example
/// ```
/// use vointi::scale::Norm;
/// let of = Norm::normal(40, 3.3, 4.1)?.score(7.0);
/// assert_eq!((of.stanine, of.sten, format!("{:.1}", of.t_score).as_str()), (7, 7, "59.0"));
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Norm {
    n: usize,
    mean: f64,
    sd: f64,
    /// Sorted; empty where only mean and deviation are known.
    scores: Vec<f64>,
}

/// A score against a norm. A high score is a high norm, whether or not more is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NormScore {
    /// How many persons the norm rests on.
    pub n: usize,
    /// (x − M) / s.
    pub z: f64,
    /// 50 + 10 z.
    pub t_score: f64,
    /// Whole, from 1 to 9: 2 z + 5, rounded.
    pub stanine: u8,
    /// Whole, from 1 to 10: 2 z + 5.5, rounded.
    pub sten: u8,
    /// The share of the reference below, with half of the same score: of the scores, or by the normal distribution.
    pub mid_percentile: f64,
    /// 50 + 10 Φ⁻¹ of the mid-percentile of the scores; none beyond all of them.
    pub normalised_t: Option<f64>,
    /// Crawford and Howell's (x − M) / (s √((n + 1)/n)).
    pub crawford_howell_t: f64,
    /// Its two-sided p, with n − 1 degrees of freedom.
    pub crawford_howell_p: Option<f64>,
    /// The share of the population expected below, by the same t.
    pub crawford_howell_below: f64,
}

impl Norm {
    /// A norm of which number, mean and standard deviation are published.
    ///
    /// # Errors
    /// Fewer than two persons, a deviation that is not above 0, numbers that are not finite.
    ///
    /// # Example
    /// ```
    /// use vointi::scale::Norm;
    /// assert!(Norm::normal(1, 50.0, 10.0).is_err() && Norm::normal(100, 50.0, 0.0).is_err());
    /// ```
    pub fn normal(n: usize, mean: f64, sd: f64) -> Result<Self> {
        let mut faults = Vec::new();
        if n < 2 {
            faults.push(Fault::new(format!("a norm of {n} persons")).help("two are the least"));
        }
        if !(sd > 0.0 && sd.is_finite()) {
            faults.push(Fault::new("a norm without spread").help("give a standard deviation above 0"));
        }
        if !mean.is_finite() {
            faults.push(Fault::new("a norm without a mean"));
        }
        if faults.is_empty() {
            Ok(Self { n, mean, sd, scores: Vec::new() })
        } else {
            Err(Error::new(ErrorKind::Definition, faults))
        }
    }

    /// A norm from the scores of a reference.
    ///
    /// **Missing data** NaN is left out.
    ///
    /// # Errors
    /// As [`Norm::normal`], of what is left.
    ///
    /// # Example
    /// ```
    /// use vointi::scale::Norm;
    /// let norm = Norm::from_scores([1.0, 2.0, 2.0, 3.0, f64::NAN])?;
    /// assert_eq!((norm.n(), norm.score(2.0).mid_percentile), (4, 0.5));
    /// assert_eq!(norm.score(9.0).normalised_t, None);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn from_scores(scores: impl IntoIterator<Item = f64>) -> Result<Self> {
        let mut scores: Vec<f64> = scores.into_iter().filter(|score| !score.is_nan()).collect();
        scores.sort_unstable_by(f64::total_cmp);
        let (n, mean, sd) = crate::num::spread::mean_and_sd(scores.iter().copied());
        let norm = Self::normal(n, mean.unwrap_or(f64::NAN), sd.unwrap_or(f64::NAN))?;
        Ok(Self { scores, ..norm })
    }

    /// How many persons it rests on.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Their mean.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Their standard deviation, over n − 1.
    pub fn sd(&self) -> f64 {
        self.sd
    }

    /// Where a score stands.
    ///
    /// **Formula** those of the fields of [`NormScore`].
    ///
    /// **Reference** Crawford & Howell 1998, The Clinical Neuropsychologist 12:482.
    ///
    /// # Example
    /// ```
    /// use vointi::scale::Norm;
    /// let of = Norm::normal(10, 100.0, 15.0)?.score(70.0);
    /// assert_eq!(of.z, -2.0);
    /// assert!(of.crawford_howell_p.unwrap() > 0.05, "ten persons are few");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn score(&self, score: f64) -> NormScore {
        let n = self.n as f64;
        let z = (score - self.mean) / self.sd;
        let t = z / ((n + 1.0) / n).sqrt();
        let mid_percentile = if self.scores.is_empty() {
            normal::normal().cdf_and_density(z).0
        } else {
            let below = self.scores.partition_point(|other| *other < score);
            let to = self.scores.partition_point(|other| *other <= score);
            0.5 * (below + to) as f64 / n
        };
        let is_among = !self.scores.is_empty() && mid_percentile > 0.0 && mid_percentile < 1.0;
        let whole =
            |value: f64, most: u8| (1..most).find(|step| value < f64::from(*step) + 0.5).unwrap_or(most);
        NormScore {
            n: self.n,
            z,
            t_score: 50.0 + 10.0 * z,
            stanine: whole(2.0 * z + 5.0, 9),
            sten: whole(2.0 * z + 5.5, 10),
            mid_percentile,
            normalised_t: is_among.then(|| 50.0 + 10.0 * normal::quantile(mid_percentile)),
            crawford_howell_t: t,
            crawford_howell_p: p_two_sided(t, n - 1.0),
            crawford_howell_below: upper_tail(-t, n - 1.0),
        }
    }
}

/// Shows the shape, no score.
impl std::fmt::Debug for Norm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Norm({} persons)", self.n)
    }
}

/// Whom a norm is of.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Stratum {
    /// Of this sex alone.
    pub sex: Option<String>,
    /// From this age to below that, in years.
    pub ages: Option<[f64; 2]>,
}

impl Stratum {
    /// Of everybody.
    ///
    /// # Example
    /// ```
    /// use vointi::scale::Stratum;
    /// assert_eq!(Stratum::all().of_sex("female").aged(18.0, 65.0).to_string(), "female, 18 to below 65");
    /// ```
    pub fn all() -> Self {
        Self::default()
    }

    /// Of one sex.
    #[must_use]
    pub fn of_sex(mut self, sex: impl Into<String>) -> Self {
        self.sex = Some(sex.into());
        self
    }

    /// Of an age, in years, from the first to below the second.
    #[must_use]
    pub fn aged(mut self, from: f64, below: f64) -> Self {
        self.ages = Some([from, below]);
        self
    }

    fn holds(&self, sex: Option<&str>, age: Option<f64>) -> bool {
        let of_sex = self.sex.as_deref().is_none_or(|own| sex == Some(own));
        of_sex && self.ages.is_none_or(|[from, below]| age.is_some_and(|age| age >= from && age < below))
    }
}

impl std::fmt::Display for Stratum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.sex, self.ages) {
            (Some(sex), Some([from, below])) => write!(f, "{sex}, {from} to below {below}"),
            (Some(sex), None) => write!(f, "{sex}"),
            (None, Some([from, below])) => write!(f, "{from} to below {below}"),
            (None, None) => write!(f, "all"),
        }
    }
}

/// Norms by sex and age.
///
/// # Example
/// ```
/// use vointi::scale::{Norm, Norms, Stratum};
/// let norms = Norms::new(20)
///     .with(Stratum::all(), Norm::normal(900, 5.0, 4.0)?)
///     .with(Stratum::all().of_sex("female"), Norm::normal(480, 5.5, 4.2)?)
///     .with(Stratum::all().of_sex("female").aged(18.0, 30.0), Norm::normal(12, 7.0, 4.0)?);
/// // Twelve are too few, so the norm of her sex is taken.
/// let (stratum, norm) = norms.find(Some("female"), Some(25.0)).unwrap();
/// assert_eq!((stratum.to_string().as_str(), norm.n()), ("female", 480));
/// assert_eq!(norms.find(Some("male"), None).unwrap().1.n(), 900);
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Norms {
    least: usize,
    norms: Vec<(Stratum, Norm)>,
}

impl Norms {
    /// None yet; a norm of fewer than `least` persons is passed over where a wider one is there.
    pub fn new(least: usize) -> Self {
        Self { least, norms: Vec::new() }
    }

    /// The same with one more.
    #[must_use]
    pub fn with(mut self, stratum: Stratum, norm: Norm) -> Self {
        self.norms.push((stratum, norm));
        self
    }

    /// The norm for a person: of the same sex and age, else of the same sex, else of everybody.
    ///
    /// **Missing data** A person of unknown sex or age is held against a norm that does not ask for it.
    pub fn find(&self, sex: Option<&str>, age: Option<f64>) -> Option<(&Stratum, &Norm)> {
        let rank = |stratum: &Stratum| match (stratum.sex.is_some(), stratum.ages.is_some()) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        let fitting = || self.norms.iter().filter(|(stratum, _)| stratum.holds(sex, age));
        let large =
            fitting().filter(|(_, norm)| norm.n >= self.least).min_by_key(|(stratum, _)| rank(stratum));
        // With nothing large enough, the widest there is.
        let found = large.or_else(|| fitting().max_by_key(|(stratum, _)| rank(stratum)));
        found.map(|(stratum, norm)| (stratum, norm))
    }
}
