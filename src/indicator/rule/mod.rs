//! Published scores: one engine for bands, points, equations and percentiles, read from `data/rules`.

mod algorithm;
mod compile;
mod engine;
mod ladder;
mod norm;
mod scores;
mod stage;
mod terms;
mod tidy;

use std::{fmt, sync::Arc};

pub(crate) use algorithm::LearnedRule;
use algorithm::Listed;
use engine::Engine;
pub(crate) use engine::{Given, Keep};
pub(crate) use norm::NormCurve;
pub use scores::{Outcome, RuleScores};

use crate::{
    definition::{
        CasePolicy, Cut, Direction, Gives, Status,
        parts::{HealthAsked, Measure},
        rule::{self, Body, Chosen, RuleKey},
        units::Conversion,
    },
    error::{Error, ErrorKind, Fault, Result},
    table::Table,
};

/// A published score, as the catalogue has it: Life's Essential 8, SCORE2, FINDRISC and others.
///
/// Every rule states its source, whom it was made for and how far its numbers were checked; it refuses people outside
/// of that, one by one, and says why. [`definition::rules`](crate::definition::rules) lists them.
///
/// # Example
/// ```
/// use vointi::{Table, indicator::{Outcome, Rule}};
///
/// // The published example: 50 years, smoker, 140 mmHg, total cholesterol 5.5 and HDL 1.3 mmol/L, a woman and a man.
/// let people = Table::builder()
///     .number("age", [Some(50.0), Some(50.0), Some(39.0)])
///     .number("sex", [Some(0.0), Some(1.0), Some(1.0)])
///     .number("smoker", [Some(1.0), Some(1.0), Some(0.0)])
///     .number("sbp", [Some(140.0), Some(140.0), Some(120.0)])
///     .number("total_cholesterol", [Some(5.5), Some(5.5), Some(5.0)])
///     .number("hdl", [Some(1.3), Some(1.3), Some(1.2)])
///     .number("diabetes", [Some(0.0); 3])
///     .number("prior_cvd", [Some(0.0); 3])
///     .build()?;
/// let risk = Rule::builtin("score2.risk")?.argument("region", "low").score(&people)?;
/// assert_eq!(risk.value(0).map(|risk| format!("{risk:.1}")).as_deref(), Some("4.2"));
/// assert_eq!(risk.value(1).map(|risk| format!("{risk:.1}")).as_deref(), Some("5.9"));
/// assert!(matches!(risk.outcome(2), Outcome::Refused { code: "age", .. }));
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone)]
pub struct Rule {
    key: Arc<RuleKey>,
    chosen: Chosen,
    accepts_unverified: bool,
}

impl Rule {
    /// A rule of the catalogue, as `file.rule`.
    ///
    /// # Errors
    /// An unknown name, with the nearest known one.
    ///
    /// # Example
    /// ```
    /// let error = vointi::indicator::Rule::builtin("score2.rsk").unwrap_err();
    /// assert!(error.to_string().contains("did you mean `score2.risk`?"));
    /// ```
    pub fn builtin(name: &str) -> Result<Self> {
        Ok(Self::of(rule::rule(name)?))
    }

    fn of(key: RuleKey) -> Self {
        Self { key: Arc::new(key), chosen: Chosen::default(), accepts_unverified: false }
    }

    /// How many of the listed measures lie beyond their cuts.
    ///
    /// **Formula** Σ 1[x beyond its cut], the cut itself not counted. **Missing data** all must be there, unless
    /// [`at_least`](Self::at_least) says otherwise.
    ///
    /// # Errors
    /// Nothing listed.
    ///
    /// **Reference** the count of Seeman et al. 1997, Arch Intern Med 157:2259, with one's own cuts.
    ///
    /// # Example
    /// ```
    /// use vointi::{Table, definition::Cut, indicator::Rule};
    /// let rule = Rule::high_risk([("systolic", Cut::Above(148.0)), ("hdl", Cut::Below(37.0))])?;
    /// let people = Table::builder().number("systolic", [Some(150.0)]).number("hdl", [Some(37.0)]).build()?;
    /// assert_eq!(rule.score(&people)?.value(0), Some(1.0));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn high_risk<'a>(cuts: impl IntoIterator<Item = (&'a str, Cut)>) -> Result<Self> {
        let listed: Vec<Listed> =
            cuts.into_iter().map(|(name, cut)| Listed { cut: Some(cut), ..Listed::named(name) }).collect();
        Ok(Self::of(algorithm::key(&rule::rule("high_risk.count")?, &listed, None)?))
    }

    /// The share of deficits, each from 0 (none) to 1 (full).
    ///
    /// **Formula** Σ deficit / number observed. **Missing data** at least 80 % of them must be there (a convention),
    /// unless [`at_least`](Self::at_least) says otherwise.
    ///
    /// # Errors
    /// Fewer than 30 deficits.
    ///
    /// **Reference** Searle et al. 2008, BMC Geriatrics 8:24.
    ///
    /// # Example
    /// ```
    /// use vointi::{Table, indicator::Rule};
    /// let names: Vec<String> = (1..=30).map(|deficit| format!("d{deficit}")).collect();
    /// let rule = Rule::frailty(names.iter().map(String::as_str))?;
    /// let people = names.iter().fold(Table::builder(), |table, name| table.number(name, [Some(0.5)]));
    /// assert_eq!(rule.score(&people.build()?)?.value(0), Some(0.5));
    /// assert!(Rule::frailty(["d1", "d2"]).is_err());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn frailty<'a>(deficits: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let listed: Vec<Listed> = deficits.into_iter().map(Listed::named).collect();
        Ok(Self::of(algorithm::key(&rule::rule("frailty.index")?, &listed, None)?))
    }

    /// Biological age, learned by sex from a reference with columns `age`, `sex` and one a marker.
    ///
    /// **Formula** per marker x = q + k age, residual sd s; (Σ (xⱼ − qⱼ) kⱼ/sⱼ² + age/v) / (Σ (kⱼ/sⱼ)² + 1/v),
    /// both sums over the markers that are there. **Units** years. **Missing data** at most two markers.
    ///
    /// # Errors
    /// A reference without one of the columns, or whose markers say too little of age.
    ///
    /// **Reference** Klemera and Doubal 2006, Mech Ageing Dev 127:240.
    pub fn klemera_doubal<'a>(markers: impl IntoIterator<Item = &'a str>, reference: &Table) -> Result<Self> {
        let listed: Vec<Listed> = markers.into_iter().map(Listed::named).collect();
        Self::learned("biological_age.klemera_doubal", &listed, reference)
    }

    /// How many markers lie in the worst quartile of their sex, learned from a reference with a column `sex` and one a
    /// marker.
    ///
    /// **Formula** Σ 1[x strictly beyond the quartile]; quartiles of type 7 of Hyndman and Fan 1996. **Missing data** all
    /// must be there, unless [`at_least`](Self::at_least) says otherwise.
    ///
    /// # Errors
    /// A reference without one of the columns, or without a value.
    ///
    /// **Reference** after Seeman et al. 1997, Arch Intern Med 157:2259.
    pub fn allostatic_quartiles<'a>(
        markers: impl IntoIterator<Item = (&'a str, Direction)>,
        reference: &Table,
    ) -> Result<Self> {
        let listed: Vec<Listed> = markers
            .into_iter()
            .map(|(name, direction)| Listed { direction: Some(direction), ..Listed::named(name) })
            .collect();
        Self::learned("allostatic_load.quartiles", &listed, reference)
    }

    fn learned(name: &str, listed: &[Listed], reference: &Table) -> Result<Self> {
        let base = rule::rule(name)?;
        let column = |name: &str| {
            reference.column(name)?.as_numbers().ok_or_else(|| {
                let fault = Fault::new("the column holds text where numbers are needed").column(name);
                Error::new(ErrorKind::Calibration, vec![fault])
            })
        };
        let columns = listed.iter().map(|marker| column(&marker.name)).collect::<Result<Vec<_>>>()?;
        let sexes = column("sex")?;
        let Body::Algorithm(algorithm) = &base.body else { return Ok(Self::of(base)) };
        let ages = if algorithm == algorithm::KLEMERA_DOUBAL { column("age")? } else { &[] };
        let learned = algorithm::learn(algorithm, listed, &columns, ages, sexes)?;
        Ok(Self::of(algorithm::key(&base, listed, Some(&learned))?))
    }

    /// A rule as a definition asks for it.
    pub(crate) fn asked(
        asked: &HealthAsked,
        measures: &[Measure],
        learned: Option<&LearnedRule>,
    ) -> Result<Self> {
        let key = match &asked.rule.body {
            Body::Algorithm(_) => algorithm::key(&asked.rule, &listed(asked, measures), learned)?,
            _ => asked.rule.clone(),
        };
        let rule = Self::of(key);
        Ok(Self { chosen: asked.chosen.clone(), accepts_unverified: asked.accepts_unverified, ..rule })
    }

    /// Chooses an argument, such as the risk region of a country.
    #[must_use]
    pub fn argument(mut self, name: &str, value: &str) -> Self {
        self.chosen.arguments.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Says what happens in a case that the source leaves open; without it there is no value.
    #[must_use]
    pub fn case(mut self, case: &str, policy: CasePolicy) -> Self {
        self.chosen.cases.insert(case.to_owned(), policy);
        self
    }

    /// How many parts must be there for their sum or mean; by default as published, mostly all.
    #[must_use]
    pub fn at_least(mut self, parts: usize) -> Self {
        self.chosen.at_least = Some(parts);
        self
    }

    /// Takes a rule whose numbers nobody checked.
    #[must_use]
    pub fn accept_unverified(mut self) -> Self {
        self.accepts_unverified = true;
        self
    }

    pub(crate) fn key(&self) -> &RuleKey {
        &self.key
    }

    /// Compiles it, with all that it says of a person or for the value alone.
    pub(crate) fn engine(&self, keep: Keep) -> Result<Engine> {
        if self.key.status == Status::Unverified && !self.accepts_unverified {
            let what = format!("the numbers of `{}` are not verified: {}", self.key.name, self.key.locator);
            let help = "take them by name: `accept = \"unverified\"`, or `Rule::accept_unverified`";
            return Err(Error::new(ErrorKind::Definition, vec![Fault::new(what).help(help)]));
        }
        compile::compile(&self.key, &self.chosen, keep)
    }

    /// Scores every row of a table, whose columns are named as the inputs and are in the rule's units.
    ///
    /// The same bits for any number of threads.
    ///
    /// **Missing data** an input whose column is not there is missing for everybody. What follows is the rule's: most
    /// inputs are needed, some count as the usual where they are missing, which is flagged.
    ///
    /// # Errors
    /// An argument that is not chosen, or is none of the rule's; a rule that is not verified and not accepted; a
    /// column that holds no numbers.
    pub fn score(&self, table: &Table) -> Result<RuleScores> {
        self.score_in(table, &[])
    }

    /// The values alone, NaN where there is none: the same numbers, sooner.
    ///
    /// # Errors
    /// Those of [`score`](Self::score).
    ///
    /// # Example
    /// ```
    /// use vointi::{Table, indicator::Rule};
    /// let people = Table::builder().number("systolic", [Some(128.0), None]).number("diastolic", [Some(70.0); 2]).build()?;
    /// let scores = Rule::builtin("le8.blood_pressure")?.values_or_nan(&people)?;
    /// assert_eq!(scores[0], 75.0);
    /// assert!(scores[1].is_nan());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn values_or_nan(&self, table: &Table) -> Result<Vec<f64>> {
        let engine = self.engine(Keep::Value)?;
        Ok(scores::values(&engine, &self.given(table, &[])?, table.rows()))
    }

    /// Scores a table some of whose columns are in other units than the rule's: `("total_cholesterol", "mg/dL")`.
    ///
    /// # Errors
    /// Those of [`score`](Self::score), and a unit that cannot be the input's, with those that can.
    ///
    /// # Example
    /// ```
    /// use vointi::{Table, indicator::Rule};
    /// let people = Table::builder().number("fasting_glucose", [Some(7.0)]).build()?;
    /// let scores = Rule::builtin("glycaemia.ada_glucose")?.score_with_units(&people, &[("fasting_glucose", "mmol/L")])?;
    /// assert_eq!(scores.class(0), Some("diabetes_range"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn score_with_units(&self, table: &Table, units: &[(&str, &str)]) -> Result<RuleScores> {
        self.score_in(table, units)
    }

    fn score_in(&self, table: &Table, units: &[(&str, &str)]) -> Result<RuleScores> {
        let engine = Arc::new(self.engine(Keep::All)?);
        Ok(RuleScores::of(engine, &self.given(table, units)?, table.rows()))
    }

    /// The column of every input, where the table has one.
    fn given<'t>(&self, table: &'t Table, units: &[(&str, &str)]) -> Result<Vec<Option<Given<'t>>>> {
        let mut faults = Vec::new();
        let mut given = Vec::new();
        for input in &self.key.inputs {
            let Some(column) = table.get(&input.name) else {
                given.push(None);
                continue;
            };
            let unit = units.iter().find(|(name, _)| *name == input.name).map(|(_, unit)| *unit);
            let converted = unit.map_or(Ok(Conversion::SAME), |unit| input.conversion_from(unit, None));
            match (column.as_numbers(), converted) {
                (Some(values), Ok(conversion)) => given.push(Some(Given { values, conversion })),
                (None, _) => {
                    let fault = Fault::new("the column holds text where the rule takes numbers");
                    faults.push(fault.column(&input.name).help(format!("give it in {}", input.unit)));
                }
                (_, Err((what, help))) => faults.push(Fault::new(what).column(&input.name).help(help)),
            }
        }
        for (name, _) in units {
            if !self.key.inputs.iter().any(|input| input.name == *name) {
                faults.push(Fault::new(format!("`{}` has no input `{name}`", self.key.name)));
            }
        }
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Data, faults));
        }
        Ok(given)
    }

    /// Its name, as `file.rule`.
    pub fn name(&self) -> &str {
        &self.key.name
    }

    /// What it scores, in words.
    pub fn title(&self) -> &str {
        &self.key.title
    }

    /// The unit of its number; may be empty.
    pub fn unit(&self) -> &str {
        &self.key.unit
    }

    /// What its number is.
    pub fn gives(&self) -> Gives {
        self.key.gives
    }

    /// How far its numbers were checked.
    pub fn status(&self) -> Status {
        self.key.status
    }

    /// Whether it is for the clinic and research only: never in an index, nor on a person's page.
    pub fn is_clinical(&self) -> bool {
        self.key.is_clinical
    }
}

/// Shows its name and what is chosen.
impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("name", &self.key.name)
            .field("chosen", &self.chosen)
            .finish_non_exhaustive()
    }
}

/// The measures that an algorithm counts, as a definition lists them.
fn listed(asked: &HealthAsked, measures: &[Measure]) -> Vec<Listed> {
    let of = |(name, at): &(String, usize)| {
        let measure = measures.get(*at)?;
        let cut = asked.cuts.iter().find(|(cut, _)| cut == name).map(|(_, cut)| *cut);
        let (unit, direction) = (measure.unit.clone(), measure.direction);
        Some(Listed { name: name.clone(), unit, direction, cut })
    };
    let persons = |name: &str| matches!(name, "age" | "sex");
    asked.inputs.iter().filter(|(name, _)| !persons(name)).filter_map(of).collect()
}

/// What a reference teaches of a rule that a definition asks for; none if there is nothing to learn.
pub(crate) fn learn(
    asked: &HealthAsked,
    measures: &[Measure],
    column: impl Fn(usize) -> Vec<f64>,
) -> Result<Option<LearnedRule>> {
    let Body::Algorithm(algorithm) = &asked.rule.body else { return Ok(None) };
    if !algorithm::is_learned(algorithm) {
        return Ok(None);
    }
    let of = |wanted: &str| {
        asked.inputs.iter().find(|(name, _)| name == wanted).map(|(_, at)| column(*at)).unwrap_or_default()
    };
    let listed = listed(asked, measures);
    let columns: Vec<Vec<f64>> = listed.iter().map(|marker| of(&marker.name)).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    algorithm::learn(algorithm, &listed, &columns, &of("age"), &of("sex")).map(Some)
}
