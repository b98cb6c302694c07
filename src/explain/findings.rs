//! What there is to say about a cohort.

use std::collections::BTreeSet;

use serde::Serialize;

use super::effects::ChoiceEffects;
use crate::{
    cohort::Cohort,
    definition::{
        Audience,
        parts::{Aggregate, Node, NodeKind, Resolved, named},
        range::Range,
    },
    error::{Error, ErrorKind, Fault, Result},
    index::{Index, Scores},
    study::{INTENDED_USE, LeftOut, MeanEstimate, Summary, TwoSides},
};

/// What there is to say about a scored cohort, as values; `report` lays them out.
///
/// Nothing in it is a person's, but for the points of a picture of up to 3,000 persons, which are in neither `Debug`
/// nor what is serialised. It is never made for an employer, who sees
/// [`Summary::for_employer`](crate::study::Summary::for_employer) and nothing else.
///
/// **Missing data** is left out number by number; each says its n.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, ErrorKind, Index, definition::Audience, explain::Findings};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let scores = index.score_cohort(&cohort)?;
/// let findings = Findings::of(&cohort, &index, &scores, Audience::Research)?;
/// let sides = findings.two_sides.unwrap();
/// assert_eq!((sides.said.title.as_str(), sides.measured.title.as_str()), ("felt", "measured"));
/// assert!(sides.between.r.unwrap() < 0.3, "felt and measured differ");
///
/// let refused = Findings::of(&cohort, &index, &scores, Audience::Employer).unwrap_err();
/// assert_eq!(refused.kind(), ErrorKind::Audience);
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Findings {
    /// What the numbers are for, and what not.
    pub intended_use: &'static str,
    /// Whom the definition describes, in words; may be empty.
    pub population: String,
    /// Who the findings are for.
    pub audience: Audience,
    /// How many waves there are; none of a single cross-section.
    pub waves: Option<usize>,
    /// The figures: how many, how high, how spread, and why not.
    pub summary: Summary,
    /// The mean index with its interval.
    pub index: MeanEstimate,
    /// How the index is distributed.
    pub histogram: Histogram,
    /// What people say beside what is measured, where the index has the two.
    pub two_sides: Option<TwoSides>,
    /// The mean of every pillar and domain, in declared order.
    pub pillars: Vec<MeanEstimate>,
    /// What goes with the choices.
    pub choices: Option<ChoiceEffects>,
    /// The same fit without the indicators or items that touch the same as a choice.
    pub choices_without_overlap: Option<ChoiceEffects>,
    /// Why there is no model, where the one the definition asks for could not be fitted.
    pub model_refused: Option<String>,
    /// Whom the model left out.
    pub left_out: Option<LeftOut>,
    /// How many persons have each indicator.
    pub observed: Vec<Observed>,
    /// The mean coverage of the rows; none of no rows.
    pub mean_coverage: Option<f64>,
}

/// How many persons are in each interval of the index; twenty of them across its range.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Histogram {
    /// Where the first interval begins.
    pub from: f64,
    /// How wide each is; a value on a border counts upwards, but for the last.
    pub width: f64,
    /// Persons, interval by interval.
    pub persons: Vec<usize>,
    /// Persons below the first.
    pub below: usize,
    /// Persons above the last.
    pub above: usize,
}

/// How many persons have an indicator.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Observed {
    /// The indicator.
    pub id: String,
    /// What it is, in words.
    pub title: String,
    /// How many have it.
    pub persons: usize,
    /// Their share of all; none of no rows.
    pub share: Option<f64>,
}

impl Histogram {
    fn of(values: &[f64], from: f64, width: f64, count: usize) -> Self {
        let to = from + width * count as f64;
        let mut found = Self { from, width, persons: vec![0; count], below: 0, above: 0 };
        for value in values.iter().filter(|value| !value.is_nan()) {
            if *value < from {
                found.below += 1;
            } else if *value > to {
                found.above += 1;
            } else {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "within the range"
                )]
                let at = (((value - from) / width) as usize).min(count - 1);
                if let Some(persons) = found.persons.get_mut(at) {
                    *persons += 1;
                }
            }
        }
        found
    }

    /// Where the last interval ends.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Findings};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// let histogram = Findings::of(&cohort, &index, &scores, Audience::Research)?.histogram;
    /// assert_eq!((histogram.from, histogram.to()), (0.0, 100.0));
    /// assert_eq!(histogram.persons.iter().sum::<usize>() + histogram.below + histogram.above, scores.observed());
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn to(&self) -> f64 {
        self.from + self.width * self.persons.len() as f64
    }
}

/// From where to where an index runs, for pictures and cells: 0 to 100, or −3 to 3 where it is made of z.
pub(super) fn range(parts: &Resolved) -> [f64; 2] {
    let has_own = |node: &Node| {
        matches!(
            node.aggregate,
            Aggregate::Copeland
                | Aggregate::Topsis
                | Aggregate::BenefitOfTheDoubt { .. }
                | Aggregate::AlkireFoster { .. }
        )
    };
    // Siblings share one range, and most aggregates keep it.
    let first = parts.indicators.first().filter(|_| !parts.nodes.iter().any(has_own));
    match first.map(|indicator| indicator.reading.range()) {
        Some(Range::Between(low, high)) => [low, high],
        Some(Range::Standard { mean, sd }) if (mean, sd) != (50.0, 10.0) => {
            [mean - 3.0 * sd, mean + 3.0 * sd]
        }
        Some(Range::Ampi) => [70.0, 130.0],
        _ => [0.0, 100.0],
    }
}

/// How many waves there are; none of a single cross-section.
pub(super) fn waves(cohort: &Cohort) -> Option<usize> {
    let waves: BTreeSet<&str> = (0..cohort.rows()).filter_map(|row| cohort.wave(row)).collect();
    (waves.len() > 1).then_some(waves.len())
}

/// An employer sees figures of groups and nothing else.
pub(super) fn refuse_employer(audience: Audience, what: &str) -> Result<()> {
    if audience != Audience::Employer {
        return Ok(());
    }
    let fault = Fault::new(format!("{what} is not for an employer"))
        .help("an employer sees group figures of no fewer than ten people");
    Err(Error::new(ErrorKind::Audience, vec![fault]))
}

impl Findings {
    /// Everything but the model, which is added by [`with_choices`](Self::with_choices).
    ///
    /// # Errors
    /// For an employer; scores of another cohort or definition.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Findings};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// let findings = Findings::of(&cohort, &index, &scores, Audience::Research)?;
    /// assert_eq!(format!("{:.1}", findings.index.mean.unwrap()), "68.2");
    /// assert_eq!(findings.observed.iter().find(|one| one.id == "mood").unwrap().persons, 4827);
    /// assert!(findings.choices.is_none());
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(cohort: &Cohort, index: &Index, scores: &Scores, audience: Audience) -> Result<Self> {
        refuse_employer(audience, "what is found in a cohort")?;
        if cohort.rows() != scores.rows() || cohort.definition().hash() != scores.definition().hash() {
            let fault = Fault::new("the scores are not those of this cohort").help("score this cohort");
            return Err(Error::new(ErrorKind::Data, vec![fault]));
        }
        let summary = Summary::of(cohort, index, scores)?;
        let parts = cohort.parts();
        let range = range(parts);
        let [from, to] = range;
        let values = scores.index_or_nan();
        let mut pillars = Vec::new();
        for (column, node) in parts.declared.iter().filter_map(|at| parts.nodes.get(*at)).enumerate() {
            if column < scores.nodes().ncols() {
                let kind = if node.kind == NodeKind::Domain { "domain" } else { "pillar" };
                let column = scores.nodes().column(column).to_vec();
                let title = named(&node.title, &node.id);
                pillars.push(MeanEstimate::of(&node.id, kind, &title, column.into_iter()));
            }
        }
        let mut observed = Vec::new();
        let filled = scores.imputed();
        for (column, indicator) in parts.indicators.iter().enumerate() {
            if column < scores.indicators().ncols() {
                let scored =
                    scores.indicators().column(column).iter().filter(|value| !value.is_nan()).count();
                let filled = filled.iter().find(|one| one.indicator == indicator.id);
                let has = scored - filled.map_or(0, |one| one.persons);
                observed.push(Observed {
                    id: indicator.id.clone(),
                    title: named(&indicator.title, &indicator.id),
                    persons: has,
                    share: (scores.rows() > 0).then(|| has as f64 / scores.rows() as f64),
                });
            }
        }
        let rows = scores.rows();
        Ok(Self {
            intended_use: INTENDED_USE,
            population: parts.population.clone(),
            audience,
            waves: waves(cohort),
            index: MeanEstimate::of("index", "index", "index", values.iter().copied()),
            histogram: Histogram::of(values, from, (to - from) / 20.0, 20),
            two_sides: TwoSides::of(scores, range),
            pillars,
            choices: None,
            choices_without_overlap: None,
            model_refused: None,
            left_out: None,
            observed,
            mean_coverage: (rows > 0).then(|| scores.coverage().iter().sum::<f64>() / rows as f64),
            summary,
        })
    }

    /// Says where the calibration comes from: the index does not know.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Findings};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// let findings = Findings::of(&cohort, &index, &scores, Audience::Research)?;
    /// let findings = findings.calibrated_from("shipped with the definition");
    /// assert_eq!(findings.summary.calibration.unwrap().from, "shipped with the definition");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn calibrated_from(mut self, from: &str) -> Self {
        self.summary = self.summary.calibrated_from(from);
        self
    }

    /// With what goes with the choices, and whom the model left out.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience};
    /// use vointi::{explain::{self, ChoiceEffects, Findings}, study::LeftOut};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// # let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
    /// let left_out = LeftOut::of(&cohort, &scores, fitted.used_rows())?;
    /// let findings = Findings::of(&cohort, &index, &scores, Audience::Research)?
    ///     .with_choices(ChoiceEffects::of(&definition, &fitted), left_out);
    /// assert_eq!(findings.choices.unwrap().n, findings.left_out.unwrap().stayed);
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn with_choices(mut self, choices: ChoiceEffects, left_out: LeftOut) -> Self {
        (self.choices, self.left_out) = (Some(choices), Some(left_out));
        self
    }

    /// With the same fit without what overlaps with the choices; [`gathered`](Self::gathered) makes it from
    /// [`Definition::without_overlap`](crate::Definition::without_overlap).
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience};
    /// use vointi::explain::{self, ChoiceEffects, Findings};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// # let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
    /// let findings = Findings::of(&cohort, &index, &scores, Audience::Research)?
    ///     .without_overlap(ChoiceEffects::of(&definition, &fitted));
    /// assert_eq!(findings.choices_without_overlap.unwrap().rows.len(), 12);
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn without_overlap(mut self, choices: ChoiceEffects) -> Self {
        self.choices_without_overlap = Some(choices);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Histogram;

    #[test]
    fn borders_count_upwards_but_for_the_last() {
        let found = Histogram::of(&[0.0, 4.9, 5.0, 100.0, f64::NAN, -1.0, 101.0], 0.0, 5.0, 20);
        assert_eq!((found.persons[0], found.persons[1], found.persons[19]), (2, 1, 1));
        assert_eq!((found.below, found.above, found.to()), (1, 1, 100.0));
    }
}
