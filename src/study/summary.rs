//! A scored cohort in a few figures: how many, how high, how spread, and why not.

use serde::Serialize;

use crate::{
    cohort::{Cohort, Flag},
    error::Result,
    index::{CaseCount, ImputedCount, Index, Reason, Scores},
    num::spread::mean_and_sd,
    scale::FEWEST_FOR_EMPLOYER,
};

/// The scores of a cohort in a few figures. No figure is of one person.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, study::Summary};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let summary = Summary::of(&cohort, &index, &index.score_cohort(&cohort)?)?;
///
/// let without: usize = summary.without_index.iter().map(|count| count.persons).sum();
/// assert_eq!(summary.persons, summary.scored + without, "nobody is dropped without being counted");
/// let [low, median, high] = summary.scores[0].quartiles.unwrap();
/// assert!(low < median && median < high);
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// The id of the definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// What the index is, in words.
    pub title: String,
    /// Its hash.
    pub hash: String,
    /// The calibration that was used, if one was.
    pub calibration: Option<CalibrationUsed>,
    /// Rows: persons, or persons × waves.
    pub persons: usize,
    /// How many of them have an index.
    pub scored: usize,
    /// How many have none, by reason.
    pub without_index: Vec<Count>,
    /// The index, then domains and pillars, then indicators, as far as they were kept.
    pub scores: Vec<ScoreSummary>,
    /// The bands of the index.
    pub bands: Vec<BandCount>,
    /// How many carry each flag; flags that nobody carries are left out.
    pub flags: Vec<Count>,
    /// How many fell into each case that a published rule leaves open.
    pub cases: Vec<CaseCount>,
    /// How many scores of each indicator were filled; indicators without any are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub imputed: Vec<ImputedCount>,
}

/// Which calibration made the scores.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CalibrationUsed {
    /// Where it comes from, in words; see [`Summary::calibrated_from`].
    pub from: String,
    /// How many rows its reference had.
    pub persons: usize,
}

/// How many persons share a code.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Count {
    /// The code.
    pub code: &'static str,
    /// Persons.
    pub persons: usize,
}

/// One score of all persons who have it.
///
/// **Formula** the standard deviation is over n − 1; quartiles interpolate between order statistics, at
/// 1 + (n − 1) p.
///
/// **Reference** Hyndman & Fan 1996, type 7.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScoreSummary {
    /// `index`, `pillar.<id>`, `domain.<id>` or `indicator.<id>`.
    pub name: String,
    /// How many persons have it.
    pub n: usize,
    /// The mean; none if nobody has it.
    pub mean: Option<f64>,
    /// The standard deviation; none below two persons.
    pub sd: Option<f64>,
    /// A quarter, half and three quarters of the persons are below; none if nobody has it.
    pub quartiles: Option<[f64; 3]>,
}

/// A band of the index.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BandCount {
    /// The band.
    pub band: String,
    /// Where it begins.
    pub from: f64,
    /// Where it ends; the end belongs to the next.
    pub below: f64,
    /// How many persons are in it.
    pub persons: usize,
    /// Their share of those who have an index; none if nobody has one.
    pub share: Option<f64>,
}

/// What an employer may see of a cohort: figures of no fewer than ten people.
///
/// No rows, pillars, indicators, items or flags. A band is shown if at least ten people are in it and at least ten
/// outside, and no band at all if those that are not shown would together be fewer than ten people. How many have no
/// score is never said.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, study::Summary};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let summary = Summary::of(&cohort, &index, &index.score_cohort(&cohort)?)?;
/// let figures = summary.for_employer();
/// assert_eq!(figures.scored, Some(summary.scored));
/// assert_eq!(figures.bands.len(), 3);
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupFigures {
    /// What the numbers are for, and what not.
    pub intended_use: &'static str,
    /// The id of the definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// Its hash.
    pub hash: String,
    /// No group smaller than this is shown.
    pub fewest: usize,
    /// How many persons have an index; none if they are too few, and then nothing else is shown.
    pub scored: Option<usize>,
    /// The mean index.
    pub mean: Option<f64>,
    /// Its standard deviation over n − 1.
    pub sd: Option<f64>,
    /// The bands of the index.
    pub bands: Vec<BandShare>,
}

/// The share of people in a band, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BandShare {
    /// The band.
    pub band: String,
    /// The share of those who have an index; none if too few are in the band or outside.
    pub share: Option<f64>,
}

impl Summary {
    /// Sums up the scores of a cohort.
    ///
    /// **Missing data** is left out, score by score; `n` says how many are behind each.
    ///
    /// # Errors
    /// A cohort of another definition.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, study::Summary};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// let summary = Summary::of(&cohort, &index, &scores)?;
    /// assert_eq!((summary.persons, summary.scored), (5265, 4822));
    /// assert_eq!(format!("{:.1}", summary.scores[0].mean.unwrap()), "68.2");
    /// assert_eq!((summary.bands[0].band.as_str(), summary.bands[0].persons), ("low", 429));
    /// assert_eq!((summary.without_index[0].code, summary.without_index[0].persons), ("nothing_scored", 34));
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(cohort: &Cohort, index: &Index, scores: &Scores) -> Result<Self> {
        let definition = index.definition();
        let count = |code, persons| Count { code, persons };
        let is_score = |name: &String| {
            let of_index = ["index_se", "low", "high", "coverage"].contains(&name.as_str());
            // `pillar.<id>.se` is the only name of three parts.
            !of_index && name.split('.').count() < 3
        };
        let columns = scores.names().into_iter().enumerate().filter(|(_, name)| is_score(name));
        let summaries = columns.map(|(at, name)| {
            let values = (0..scores.rows()).map(|row| scores.cell(row, at)).filter(|value| !value.is_nan());
            ScoreSummary::of(name, values.collect())
        });
        let scored = scores.observed();
        let bands = definition.parts().bands.iter().map(|band| {
            let inside = |value: &&f64| **value >= band.from && **value < band.below;
            let persons = scores.index_or_nan().iter().filter(inside).count();
            let share = (scored > 0).then(|| persons as f64 / scored as f64);
            BandCount { band: band.id.clone(), from: band.from, below: band.below, persons, share }
        });
        let screened = definition.parts().screen.as_ref().map(|_| Reason::Screened);
        let reasons = [Reason::NothingScored, Reason::TooFew].into_iter().chain(screened);
        let flags = Flag::ALL.map(|flag| count(flag.code(), scores.count(flag)));
        Ok(Self {
            definition: definition.id().to_owned(),
            version: definition.version().to_owned(),
            title: definition.title().to_owned(),
            hash: definition.hash().to_owned(),
            calibration: index
                .calibration()
                .map(|known| CalibrationUsed { from: String::new(), persons: known.rows() }),
            persons: scores.rows(),
            scored,
            without_index: reasons.map(|reason| count(reason.code(), scores.without_index(reason))).collect(),
            scores: summaries.collect(),
            bands: bands.collect(),
            flags: flags.into_iter().filter(|flag| flag.persons > 0).collect(),
            cases: index.cases(cohort)?,
            imputed: scores.imputed(),
        })
    }

    /// Says where the calibration comes from: the index does not know.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, study::Summary};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// let summary = Summary::of(&cohort, &index, &scores)?.calibrated_from("shipped");
    /// assert_eq!(summary.calibration.unwrap().from, "shipped");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn calibrated_from(mut self, from: &str) -> Self {
        if let Some(calibration) = &mut self.calibration {
            from.clone_into(&mut calibration.from);
        }
        self
    }

    /// What of it an employer may see; the rule is at [`GroupFigures`].
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, study::Summary};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// let summary = Summary::of(&cohort, &index, &scores)?;
    /// let figures = summary.for_employer();
    /// assert_eq!((figures.fewest, figures.mean), (10, summary.scores[0].mean));
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn for_employer(&self) -> GroupFigures {
        let enough = self.scored >= FEWEST_FOR_EMPLOYER;
        let may_show = |band: &&BandCount| {
            enough && band.persons >= FEWEST_FOR_EMPLOYER && self.scored - band.persons >= FEWEST_FOR_EMPLOYER
        };
        let shown: usize = self.bands.iter().filter(may_show).map(|band| band.persons).sum();
        let rest_is_safe = self.scored.saturating_sub(shown) >= FEWEST_FOR_EMPLOYER
            || self.bands.iter().all(|band| may_show(&band));
        let bands = self.bands.iter().map(|band| BandShare {
            band: band.band.clone(),
            share: band.share.filter(|_| rest_is_safe && may_show(&band)),
        });
        let index = self.scores.first().filter(|_| enough);
        GroupFigures {
            intended_use: super::INTENDED_USE,
            definition: self.definition.clone(),
            version: self.version.clone(),
            hash: self.hash.clone(),
            fewest: FEWEST_FOR_EMPLOYER,
            scored: enough.then_some(self.scored),
            mean: index.and_then(|index| index.mean),
            sd: index.and_then(|index| index.sd),
            bands: bands.collect(),
        }
    }
}

impl ScoreSummary {
    /// Of observed values.
    fn of(name: String, mut values: Vec<f64>) -> Self {
        let (n, mean, sd) = mean_and_sd(values.iter().copied());
        values.sort_unstable_by(f64::total_cmp);
        let quartiles = match (quantile(&values, 1), quantile(&values, 2), quantile(&values, 3)) {
            (Some(low), Some(median), Some(high)) => Some([low, median, high]),
            _ => None,
        };
        Self { name, n, mean, sd, quartiles }
    }
}

/// The quantile at `quarters`/4 of sorted values.
fn quantile(sorted: &[f64], quarters: usize) -> Option<f64> {
    let steps = sorted.len().checked_sub(1)? * quarters;
    let (below, share) = (steps / 4, (steps % 4) as f64 / 4.0);
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    Some(low + share * (high - low))
}

#[cfg(test)]
mod tests {
    use super::{BandCount, ScoreSummary, Summary, quantile};

    /// By hand: 1 + (5 − 1)/4 is the second value; of four values, 1 + 3/4 lies three quarters between the first two.
    #[test]
    fn quartiles_interpolate() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0, 8.0, 16.0], 1), Some(2.0));
        assert_eq!(quantile(&[1.0, 2.0, 4.0, 8.0], 1), Some(1.75));
        assert_eq!((quantile(&[3.0], 3), quantile(&[], 2)), (Some(3.0), None));
    }

    #[test]
    fn one_value_has_no_spread() {
        let one = ScoreSummary::of("index".to_owned(), vec![50.0]);
        assert_eq!((one.n, one.mean, one.sd, one.quartiles), (1, Some(50.0), None, Some([50.0; 3])));
    }

    fn shares(persons: &[usize]) -> (Option<usize>, Vec<bool>) {
        let scored = persons.iter().sum();
        let bands = persons.iter().map(|persons| BandCount {
            band: String::new(),
            from: 0.0,
            below: 1.0,
            persons: *persons,
            share: Some(0.5),
        });
        let summary = Summary {
            definition: String::new(),
            version: String::new(),
            title: String::new(),
            hash: String::new(),
            calibration: None,
            persons: scored,
            scored,
            without_index: Vec::new(),
            scores: vec![ScoreSummary::of("index".to_owned(), vec![1.0; scored])],
            bands: bands.collect(),
            flags: Vec::new(),
            cases: Vec::new(),
            imputed: Vec::new(),
        };
        let figures = summary.for_employer();
        assert_eq!(figures.mean.is_some(), figures.scored.is_some());
        (figures.scored, figures.bands.iter().map(|band| band.share.is_some()).collect())
    }

    #[test]
    fn an_employer_sees_no_group_below_ten() {
        assert_eq!(shares(&[4, 5]), (None, vec![false, false]));
        assert_eq!(shares(&[10, 10, 10]), (Some(30), vec![true, true, true]));
        // What is left out must not follow from what is shown.
        assert_eq!(shares(&[9, 100, 100]), (Some(209), vec![false, false, false]));
        assert_eq!(shares(&[0, 100, 100]), (Some(200), vec![false, false, false]));
        assert_eq!(shares(&[5, 5, 100]), (Some(110), vec![false, false, true]));
        assert_eq!(shares(&[5, 300]), (Some(305), vec![false, false]));
    }
}
