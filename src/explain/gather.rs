//! What a page needs, gathered: a cohort's findings with its model, and a person's standing with what goes with choices.

use super::{Baseline, ChoiceEffects, Findings, Standing, contributions, model_of};
use crate::{
    cohort::{Cohort, Person},
    definition::Audience,
    error::Result,
    index::{Index, Keep, Run, Scores},
    model::Fitted,
    study::{LeftOut, Summary},
};

impl Findings {
    /// Everything about a scored cohort, with the model its definition asks for and, where choices share content with
    /// indicators, the same fit without what overlaps.
    ///
    /// A model that cannot be fitted is no reason for no report: the refusal stands in [`Findings::model_refused`].
    ///
    /// # Errors
    /// Those of [`Findings::of`].
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Findings};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let index = Index::new(&definition)?;
    /// let findings = Findings::gathered(&cohort, &index, &index.score_cohort(&cohort)?, Audience::Research)?;
    /// assert_eq!(findings.choices.unwrap().n, 3974);
    /// assert!(findings.choices_without_overlap.is_some() && findings.model_refused.is_none());
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn gathered(cohort: &Cohort, index: &Index, scores: &Scores, audience: Audience) -> Result<Self> {
        let mut findings = Self::of(cohort, index, scores, audience)?;
        let definition = index.definition();
        if definition.parts().choices.is_empty() {
            return Ok(findings);
        }
        let model = model_of(definition);
        let fitted = match model.fit(&cohort.with_scores(scores)?) {
            Ok(fitted) => fitted,
            Err(refusal) => {
                findings.model_refused = Some(refusal.to_string());
                return Ok(findings);
            }
        };
        let left_out = LeftOut::of(cohort, scores, fitted.used_rows())?;
        let mut effects = ChoiceEffects::of(definition, &fitted);
        let opinion = fitted.opinion()?.map(|opinion| format!("another solver: {opinion}"));
        effects.remarks.extend(opinion);
        findings = findings.with_choices(effects, left_out);
        if let Some(apart) = apart(cohort)? {
            findings = findings.without_overlap(ChoiceEffects::of(apart.0.definition(), &apart.1));
        }
        Ok(findings)
    }
}

/// The cohort by its definition without what overlaps with choices, and the model fitted to that; `None` where nothing
/// overlaps, or what is left cannot be scored or fitted.
fn apart(cohort: &Cohort) -> Result<Option<(Cohort, Fitted)>> {
    let Some(definition) = cohort.definition().without_overlap()? else { return Ok(None) };
    let cohort = Cohort::new(&definition, cohort.table().clone())?;
    let fit = || {
        // What is learned here serves the errors alone, which this fit does not use, and z, which needs its own.
        let index = Index::calibrate(&cohort)?;
        let scores = index.score_cohort_with(&cohort, &Run::new().keep(Keep::Pillars))?;
        model_of(&definition).fit(&cohort.with_scores(&scores)?)
    };
    let fitted = fit().ok();
    Ok(fitted.map(|fitted| (cohort, fitted)))
}

impl Standing {
    /// Everything about a person: the scores, why, among whom, and with a fitted model at most two choices worth a look.
    ///
    /// # Errors
    /// For an employer; a person, scores or model of another definition.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience, explain::{self, Standing}};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let index = Index::new(&definition)?;
    /// let scores = index.score_cohort(&cohort)?;
    /// let fitted = explain::model_of(&definition).fit(&cohort.with_scores(&scores)?)?;
    /// let person = cohort.person("3")?;
    /// let standing = Standing::gathered(&index, &person, &scores, Some(&fitted), Audience::Clinic)?;
    /// assert!(standing.looked_at_choices && standing.suggestions.len() <= 2);
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn gathered(
        index: &Index,
        person: &Person,
        scores: &Scores,
        fitted: Option<&Fitted>,
        audience: Audience,
    ) -> Result<Self> {
        let mut standing =
            Self::of(index, person, audience)?.among(&Summary::of(person.cohort(), index, scores)?);
        if standing.index.is_some() {
            standing = standing.explained(&contributions(index, person, &Baseline::mean(scores)?)?);
        }
        if let Some(fitted) = fitted {
            standing = standing.with_choices(fitted, person)?;
        }
        Ok(standing)
    }
}
