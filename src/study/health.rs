//! Published health scores of a cohort, beside its index and never in it.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    cohort::Cohort,
    definition::{
        Definition, Gives, Status,
        health::can_be_made,
        parts::{HealthAsked, Measure},
        roles,
        rule::Body,
    },
    error::{Error, ErrorKind, Fault, Result},
    index::Index,
    indicator::{Given, Rule, RuleScores},
    table::{Column, Table},
};

/// The published scores that a definition asks for in `[health]`, of every person of a cohort.
///
/// They stand beside the index: they enter neither it nor a person's page.
///
/// `Debug` shows a shape, never a value.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, study::Health};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let health = Health::of(&Index::new(&definition)?, &cohort)?;
/// let five = health.score("le8_five").unwrap();
/// assert_eq!(five.parts_made(), Some((5, 8)));
/// assert_eq!(five.scores().part("sleep", 0), Some(90.0));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Health {
    definition: Definition,
    scores: Vec<HealthScore>,
}

/// One published score of a cohort, and what it rests on.
#[derive(Debug, Clone)]
pub struct HealthScore {
    id: String,
    title: String,
    rule: Rule,
    arguments: Vec<(String, String)>,
    parts_made: Option<(usize, usize)>,
    not_observed: Vec<String>,
    unknown: Vec<String>,
    columns: BTreeSet<String>,
    scores: RuleScores,
}

impl Health {
    /// Computes what the definition asks for.
    ///
    /// **Missing data** as each rule says; every person without a value has a reason.
    ///
    /// # Errors
    /// A cohort of another definition; a score that has to be learned from a reference, without a calibration.
    pub fn of(index: &Index, cohort: &Cohort) -> Result<Self> {
        let definition = index.definition();
        if cohort.definition().hash() != definition.hash() {
            let fault =
                Fault::new("the cohort belongs to another definition").help("bind the people to this one");
            return Err(Error::new(ErrorKind::Data, vec![fault]));
        }
        let of = |asked: &HealthAsked| {
            let learned = index.calibration().and_then(|calibration| calibration.health(&asked.id));
            let score = Rule::asked(asked, &definition.parts().measures, learned)
                .and_then(|rule| HealthScore::of(asked, rule, cohort));
            score.map_err(|error| error.at_key(&format!("health.{}", asked.id)))
        };
        let scores = definition.parts().health.iter().map(of).collect::<Result<_>>()?;
        Ok(Self { definition: definition.clone(), scores })
    }

    /// The definition that asks for them.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// The scores, in the order of the definition.
    pub fn scores(&self) -> &[HealthScore] {
        &self.scores
    }

    /// One of them, by its id in the definition.
    pub fn score(&self, id: &str) -> Option<&HealthScore> {
        self.scores.iter().find(|score| score.id == id)
    }

    /// A table of the same people with the scores as columns `health.<id>`, to be modelled; the table knows which
    /// columns each is made of, so that no model explains a score by its own parts.
    ///
    /// # Errors
    /// A table with another number of rows, or with columns of these names.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, model::{Model, Term}, study::Health};
    ///
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let health = Health::of(&Index::new(&definition)?, &cohort)?;
    /// let table = health.join(cohort.choices())?;
    /// let fitted = Model::ols("health.le8_factors", [Term::linear("sleep_hours")]).fit(&table)?;
    /// assert!(fitted.estimate("sleep_hours").is_some());
    /// // Sleep is a part of the five, so it explains nothing of them.
    /// assert!(Model::ols("health.le8_five", [Term::linear("sleep_hours")]).fit(&table).is_err());
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn join(&self, table: &Table) -> Result<Table> {
        let mut joined = table.clone();
        for score in &self.scores {
            let column = Column::numbers_or_nan(score.scores.values_or_nan().to_vec())?;
            joined = joined.with_column(format!("health.{}", score.id), column)?;
        }
        let made = self.scores.iter().map(|score| (format!("health.{}", score.id), score.columns.clone()));
        let choices = roles::made_of(self.definition.parts());
        Ok(joined.with_origins(choices).with_origins(made))
    }
}

impl HealthScore {
    fn of(asked: &HealthAsked, rule: Rule, cohort: &Cohort) -> Result<Self> {
        let parts = cohort.parts();
        let measure = |name: &str| {
            let at = asked.inputs.iter().find(|(input, _)| input == name).map(|(_, at)| *at)?;
            parts.measures.get(at).map(|measure| (at, measure))
        };
        let mut columns = BTreeSet::new();
        let mut given = Vec::new();
        let mut unknown = Vec::new();
        for input in &rule.key().inputs {
            let Some((at, known)) = measure(&input.name) else {
                if input.absent.is_some() {
                    unknown.push(input.name.clone());
                }
                given.push(None);
                continue;
            };
            columns.extend(roles::sources(&known.origin, &parts.derived));
            columns.insert(known.id.clone());
            let conversion = known.conversion_to(input).map_err(|(what, help)| {
                let fault = Fault::new(what).key(format!("health.{}.inputs.{}", asked.id, input.name));
                Error::new(ErrorKind::Definition, vec![fault.help(help)])
            })?;
            let values = cohort.measures().get(at).map(|measured| &*measured.value).unwrap_or_default();
            given.push(Some(Given { values, conversion }));
        }
        let (mut parts_made, mut not_observed) = (None, Vec::new());
        if let Body::Parts(all) = &rule.key().body
            && all.iter().any(|part| part.rules().next().is_some())
        {
            let lacks =
                |part: &&crate::definition::rule::Part| !can_be_made(part, &asked.chosen, &asked.inputs);
            not_observed.extend(all.iter().filter(lacks).map(|part| part.name.clone()));
            parts_made = Some((all.len() - not_observed.len(), all.len()));
        }
        let engine = Arc::new(rule.engine(true)?);
        let scores = RuleScores::of(engine, &given, cohort.rows(), true);
        Ok(Self {
            id: asked.id.clone(),
            title: if asked.title.is_empty() { rule.title().to_owned() } else { asked.title.clone() },
            arguments: asked.chosen.arguments.clone().into_iter().collect(),
            rule,
            parts_made,
            not_observed,
            unknown,
            columns,
            scores,
        })
    }

    /// Its id in the definition.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is, in words.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The published rule.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// What was chosen for everybody.
    pub fn arguments(&self) -> &[(String, String)] {
        &self.arguments
    }

    /// How many of its components can be made of what was measured, and how many there are; of a score with components.
    pub fn parts_made(&self) -> Option<(usize, usize)> {
        self.parts_made
    }

    /// The components that nothing was measured of.
    pub fn not_observed(&self) -> &[String] {
        &self.not_observed
    }

    /// What nothing is known of, and counts as the usual: mostly treatment.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// The values, classes, reasons and parts of every person.
    pub fn scores(&self) -> &RuleScores {
        &self.scores
    }

    /// What its number is.
    pub fn gives(&self) -> Gives {
        self.rule.gives()
    }

    /// How far its numbers were checked.
    pub fn status(&self) -> Status {
        self.rule.status()
    }
}

/// A measure that is this entry of the registry, of every person.
pub(super) fn of_registry<'c>(cohort: &'c Cohort, id: &str) -> Option<(&'c Measure, &'c [f64])> {
    let at = cohort.parts().measures.iter().position(|measure| measure.of == id)?;
    Some((cohort.parts().measures.get(at)?, &cohort.measures().get(at)?.value))
}
