//! How unequally a score is spread over persons.

use serde::Serialize;

use crate::{
    error::{Error, ErrorKind, Fault, Result},
    scale::FEWEST_FOR_EMPLOYER,
};

/// How unequally a score is spread, and how many are below a line.
///
/// **Formula** Gini G = 2 Σ i x₍ᵢ₎/(n Σ x) − (n + 1)/n; Atkinson A = 1 − (mean x^(1 − ε))^(1/(1 − ε))/mean x, for ε = 1
/// one less the geometric mean over the mean. Below a line z: the share of persons with x < z, the mean of z − x among them, and
/// the mean over all of (z − x)/z where x < z, 0 elsewhere.
///
/// **Units** those of the score, which has a true 0; the shares and G, A from 0 to 1.
///
/// **Missing data** is left out; `n` says how many are behind the figures.
///
/// **Reference** Atkinson 1970, J. Econ. Theory 2:244; Foster, Greer & Thorbecke 1984, Econometrica 52:761.
///
/// # Example
/// ```
/// use vointi::study::Inequality;
/// let found = Inequality::of(&[20.0, 40.0, 60.0, 80.0], &[1.0], Some(50.0))?;
/// assert_eq!(found.gini, Some(0.25));
/// let line = found.below.unwrap();
/// assert_eq!((line.persons, line.share, line.mean_gap), (Some(2), Some(0.5), Some(20.0)));
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Inequality {
    /// Persons with a score.
    pub n: usize,
    /// Their mean.
    pub mean: Option<f64>,
    /// Gini's coefficient; none of a mean of 0, or of scores below 0.
    pub gini: Option<f64>,
    /// Atkinson's, by the aversions asked for.
    pub atkinson: Vec<Atkinson>,
    /// Those below a line, where one is given.
    pub below: Option<Below>,
    /// What could not be had, and why; empty if nothing.
    pub note: &'static str,
}

/// Atkinson's measure for one aversion to inequality.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Atkinson {
    /// ε: how much more the lowest count.
    pub aversion: f64,
    /// The share of the mean that could be given away for an equal spread of the rest.
    pub value: Option<f64>,
}

/// Those below a line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Below {
    /// The line.
    pub line: f64,
    /// How many are below it; none if too few are below or above for the audience.
    pub persons: Option<usize>,
    /// Their share.
    pub share: Option<f64>,
    /// How far they are below on average; none if nobody is.
    pub mean_gap: Option<f64>,
    /// The mean gap of all as a share of the line; none of a line that is not above 0.
    pub gap_index: Option<f64>,
}

impl Inequality {
    /// Of a score of some persons, NaN where there is none.
    ///
    /// # Errors
    /// An aversion below 0 or one that is no number; a line that is no number.
    ///
    /// # Example
    /// ```
    /// use vointi::study::Inequality;
    /// let found = Inequality::of(&[1.0, 4.0, f64::NAN], &[1.0], None)?;
    /// assert!((found.atkinson[0].value.unwrap() - 0.2).abs() < 1e-15); // 1 − 2/2.5
    /// assert!(Inequality::of(&[1.0], &[-1.0], None).is_err());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(values: &[f64], aversions: &[f64], line: Option<f64>) -> Result<Self> {
        let mut faults = Vec::new();
        for aversion in aversions.iter().filter(|aversion| !(aversion.is_finite() && **aversion >= 0.0)) {
            let fault = Fault::new(format!("{aversion} is no aversion to inequality"));
            faults.push(fault.help("it is 0 or more; 1 is usual"));
        }
        if let Some(line) = line.filter(|line| !line.is_finite()) {
            faults.push(Fault::new(format!("{line} is no line")).help("give a score"));
        }
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Data, faults));
        }
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len();
        let mean = (n > 0).then(|| sorted.iter().sum::<f64>() / n as f64);
        let is_below_0 = sorted.first().is_some_and(|lowest| *lowest < 0.0);
        let usable = mean.filter(|mean| *mean > 0.0 && !is_below_0);
        let note = match (n, usable) {
            (0, _) => "nobody has a score",
            (_, None) => "inequality is of scores of 0 or more with a mean above 0",
            _ => "",
        };
        let atkinson = |aversion: &f64| Atkinson {
            aversion: *aversion,
            value: usable.map(|mean| 1.0 - equal_share(&sorted, *aversion) / mean),
        };
        Ok(Self {
            n,
            mean,
            gini: usable.map(|mean| gini(&sorted, mean)),
            atkinson: aversions.iter().map(atkinson).collect(),
            below: line.map(|line| Below::of(&sorted, line)),
            note,
        })
    }

    /// What of it an employer may see: nothing of fewer than ten persons, on either side of the line.
    pub(super) fn for_employer(mut self) -> Self {
        let (n, fewest) = (self.n, FEWEST_FOR_EMPLOYER);
        if n < fewest {
            self.mean = None;
            self.gini = None;
            self.atkinson.clear();
            self.below = None;
            self.n = 0;
            self.note = "fewer than ten persons have a score: no figure is shown";
            return self;
        }
        if let Some(below) = &mut self.below
            && below.persons.is_some_and(|persons| persons < fewest || n - persons < fewest)
        {
            *below = Below { line: below.line, persons: None, share: None, mean_gap: None, gap_index: None };
        }
        self
    }
}

impl Below {
    fn of(sorted: &[f64], line: f64) -> Self {
        let n = sorted.len();
        let below: Vec<f64> = sorted.iter().copied().take_while(|value| *value < line).collect();
        let gaps: f64 = below.iter().map(|value| line - value).sum();
        let share = (n > 0).then(|| below.len() as f64 / n as f64);
        Self {
            line,
            persons: Some(below.len()),
            share,
            mean_gap: (!below.is_empty()).then(|| gaps / below.len() as f64),
            gap_index: (n > 0 && line > 0.0).then(|| gaps / (n as f64 * line)),
        }
    }
}

fn gini(sorted: &[f64], mean: f64) -> f64 {
    let n = sorted.len() as f64;
    // About the middle place, so that little cancels: Σ (2 i − n − 1) x/(n² x̄).
    let sum: f64 = sorted.iter().zip(1..).map(|(x, i)| (2.0 * f64::from(i) - n - 1.0) * x).sum();
    sum / (n * n * mean)
}

/// The score that, had by all, would be worth as much.
fn equal_share(sorted: &[f64], aversion: f64) -> f64 {
    let n = sorted.len() as f64;
    if aversion >= 1.0 && sorted.first().is_some_and(|lowest| *lowest <= 0.0) {
        return 0.0;
    }
    if aversion == 1.0 {
        return libm::exp(sorted.iter().map(|x| libm::log(*x)).sum::<f64>() / n);
    }
    // In units of the lowest or highest, so that no power is too large.
    let power = 1.0 - aversion;
    let unit = if power > 0.0 { sorted.last() } else { sorted.first() }.copied().unwrap_or(1.0);
    let mean = sorted.iter().map(|x| libm::pow(x / unit, power)).sum::<f64>() / n;
    unit * libm::pow(mean, 1.0 / power)
}

#[cfg(test)]
mod tests {
    use super::Inequality;

    #[test]
    fn ends_and_edges() {
        let of = |values: &[f64], aversion: f64| Inequality::of(values, &[aversion], Some(10.0)).unwrap();
        let equal = of(&[50.0; 4], 2.0);
        assert_eq!((equal.gini, equal.atkinson[0].value), (Some(0.0), Some(0.0)));
        assert_eq!(of(&[0.0, 10.0], 1.0).atkinson[0].value, Some(1.0), "somebody has nothing");
        assert!((of(&[0.0, 10.0], 0.5).atkinson[0].value.unwrap() - 0.5).abs() < 1e-15);
        assert_eq!(of(&[3.0, 10.0], 0.0).atkinson[0].value, Some(0.0));
        let line = of(&[4.0, 10.0, 12.0], 1.0).below.unwrap();
        assert_eq!((line.persons, line.mean_gap, line.gap_index), (Some(1), Some(6.0), Some(0.2)));
        assert_eq!(of(&[-1.0, 2.0], 1.0).gini, None);
        assert_eq!(of(&[], 1.0).below.unwrap().share, None);
    }

    #[test]
    fn an_employer_sees_ten_or_none() {
        let values: Vec<f64> = (1..=30).map(f64::from).collect();
        let below = |line: f64| {
            let found = Inequality::of(&values, &[1.0], Some(line)).unwrap().for_employer();
            found.below.unwrap().share
        };
        assert_eq!(
            [below(10.0), below(11.0), below(21.0), below(22.0)],
            [None, Some(1.0 / 3.0), Some(2.0 / 3.0), None]
        );
        let few = Inequality::of(&values[..9], &[1.0], None).unwrap().for_employer();
        assert_eq!((few.n, few.mean, few.gini), (0, None, None));
    }
}
