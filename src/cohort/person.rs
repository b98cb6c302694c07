//! One person: a row of a cohort, or someone alone.

use std::{fmt, sync::Arc};

use super::{Codes, Cohort, Flag, Flags, Inner, beside::Beside, decode::is_unusual, readings::Given};
use crate::{
    definition::{
        Definition,
        parts::{Measure, Origin},
    },
    error::{Error, ErrorKind, Fault, Result, suggest},
    table::{Column, Table},
};

/// One person of a [`Cohort`], or built alone by [`Person::builder`].
#[derive(Clone)]
pub struct Person {
    cohort: Cohort,
    row: usize,
}

impl Person {
    pub(super) fn new(cohort: Cohort, row: usize) -> Self {
        Self { cohort, row }
    }

    /// Someone who stands in no file.
    ///
    /// # Example
    /// ```
    /// use vointi::{Definition, Index, Person};
    ///
    /// let definition = Definition::builtin("nhanes")?;
    /// let person = Person::builder(&definition, "p-001")
    ///     .respond("mood", [0, 1, 1, 1, 0, 0, 0, 0])
    ///     .respond("worry", [1])
    ///     .respond("health", [4])
    ///     .readings("systolic", [118.0, 121.0, 116.0])
    ///     .readings("diastolic", [74.0, 76.0, 75.0])
    ///     .measure("body_mass_index", 24.2)
    ///     .measure("non_hdl_cholesterol", 128.0)
    ///     .build()?;
    /// let score = Index::new(&definition)?.score(&person)?;
    /// assert!(score.value().unwrap() > 75.0);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn builder(definition: &Definition, id: &str) -> PersonBuilder {
        let parts = definition.parts();
        PersonBuilder {
            id: id.to_owned(),
            items: parts
                .instruments
                .iter()
                .map(|instrument| vec![f64::NAN; instrument.columns.len()])
                .collect(),
            measures: parts.measures.iter().map(|_| Said::default()).collect(),
            definition: definition.clone(),
            faults: Vec::new(),
        }
    }

    /// The cohort this person is a row of.
    pub fn cohort(&self) -> &Cohort {
        &self.cohort
    }

    /// The row, counted from 0.
    pub fn row(&self) -> usize {
        self.row
    }

    /// The id.
    pub fn id(&self) -> Option<&str> {
        self.cohort.id(self.row)
    }
}

/// Shows neither id nor values.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Person(definition {:?})", self.cohort.definition().id())
    }
}

/// Puts one [`Person`] together; all faults come back from [`build`](Self::build).
pub struct PersonBuilder {
    definition: Definition,
    id: String,
    items: Vec<Vec<f64>>,
    measures: Vec<Said>,
    faults: Vec<Fault>,
}

/// What was said of one measure: readings, the age of each (NaN for none), and the days behind the value.
#[derive(Default)]
struct Said {
    readings: Vec<f64>,
    ages: Vec<f64>,
    days: Option<f64>,
}

/// Shows neither id nor values.
impl fmt::Debug for PersonBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonBuilder(definition {:?})", self.definition.id())
    }
}

impl PersonBuilder {
    /// Answers to an instrument in item order, as codes; `f64::NAN` is a missing answer.
    #[must_use]
    pub fn respond<A: Into<f64>>(mut self, instrument: &str, answers: impl IntoIterator<Item = A>) -> Self {
        let key = format!("instrument.{instrument}");
        let parts = self.definition.parts();
        let Some(at) = parts.instruments.iter().position(|known| known.id == instrument) else {
            let help = suggest(instrument, parts.instruments.iter().map(|known| known.id.as_str()));
            self.faults.push(Fault::new(format!("there is no instrument `{instrument}`")).help(help));
            return self;
        };
        let answers: Vec<f64> = answers.into_iter().map(Into::into).collect();
        let (Some(known), Some(items)) = (parts.instruments.get(at), self.items.get_mut(at)) else {
            return self;
        };
        if answers.len() != items.len() {
            let what = format!("{} answers to {} items", answers.len(), items.len());
            self.faults.push(Fault::new(what).key(key).help("give one an item, NaN where it is missing"));
            return self;
        }
        for (position, (answer, item)) in answers.iter().zip(&known.key.items).enumerate() {
            if !answer.is_nan() && !item.admits(*answer) {
                let help = format!("allowed: {}", item.allowed());
                self.faults.push(
                    Fault::new(format!("the answer to item {} is not possible", position + 1))
                        .key(&key)
                        .help(help),
                );
            }
        }
        *items = answers;
        if known.turned {
            items.iter_mut().zip(&known.key.items).for_each(|(code, item)| *code = item.turned(*code));
        }
        self
    }

    /// A reading of a measure, in the unit of the definition; of one that is counted `per` something, the quotient.
    #[must_use]
    pub fn measure(self, measure: &str, value: f64) -> Self {
        self.readings(measure, [value])
    }

    /// Repeated readings of a measure, in the unit of the definition.
    #[must_use]
    pub fn readings(mut self, measure: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let definition = self.definition.clone();
        let Some(found) = find(&definition, measure, &mut self.faults) else { return self };
        for value in values {
            self.add_reading(found, value, f64::NAN);
        }
        self
    }

    /// A reading of a measure, in the unit of the definition, and its age in days before the day of scoring; called
    /// once a reading, for a measure with `ages`. `f64::NAN` is an unknown age.
    ///
    /// # Example
    /// ```
    /// use vointi::{Definition, Index, Person};
    /// let definition = Definition::from_toml(r#"
    /// schema = 1
    /// id = "small"
    /// [person]
    /// id = "person"
    /// [measure.systolic]
    /// columns = ["a", "b"]
    /// ages    = ["days_a", "days_b"]
    /// unit    = "mm[Hg]"
    /// error   = { sd = 8, drift = 6, target = "usual", source = "assumed" }
    /// [indicator.systolic]
    /// measure = "systolic"
    /// utility = { goalposts = [180, 80] }
    /// [index]
    /// children = ["systolic"]
    /// "#)?;
    /// let index = Index::new(&definition)?;
    /// let error_at = |days: f64| -> vointi::Result<f64> {
    ///     let person = Person::builder(&definition, "p-001")
    ///         .reading_aged("systolic", 131.0, days)
    ///         .reading_aged("systolic", 127.0, days)
    ///         .build()?;
    ///     Ok(index.score(&person)?.std_error().unwrap_or_default())
    /// };
    /// // √(8²/2 + 6² · 1) after a year, √(8²/2) on the day
    /// assert!((error_at(365.25)? - 68f64.sqrt()).abs() < 1e-6);
    /// assert!((error_at(0.0)? - 32f64.sqrt()).abs() < 1e-6);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn reading_aged(mut self, measure: &str, value: f64, age: f64) -> Self {
        let definition = self.definition.clone();
        let Some(found) = find(&definition, measure, &mut self.faults) else { return self };
        let key = format!("measure.{measure}");
        if found.1.readings.ages.is_empty() {
            let help = "name their columns in `ages`, or leave the age out";
            self.faults.push(Fault::new("the measure has readings without ages").key(&key).help(help));
        } else if age < 0.0 || age.is_infinite() {
            let help = "an age is counted in days before the day of scoring, from 0";
            self.faults.push(Fault::new("the age of the reading is not possible").key(&key).help(help));
        }
        self.add_reading(found, value, age);
        self
    }

    /// How many days a device averaged for the value of a measure with `days`.
    ///
    /// # Example
    /// ```
    /// use vointi::{Definition, Flag, Index, Person};
    /// let definition = Definition::from_toml(r#"
    /// schema = 1
    /// id = "small"
    /// [person]
    /// id = "person"
    /// [measure.steps]
    /// column = "steps_mean"
    /// days   = { column = "valid_days", full = 7, least = 3 }
    /// unit   = "{steps}/d"
    /// error  = { sd = 3000, target = "usual", source = "assumed" }
    /// [indicator.steps]
    /// measure = "steps"
    /// utility = { goalposts = [0, 100000] }
    /// [index]
    /// children = ["steps"]
    /// "#)?;
    /// let person = Person::builder(&definition, "p-001").measure("steps", 50000.0).days("steps", 4).build()?;
    /// let score = Index::new(&definition)?.score(&person)?;
    /// assert!((score.std_error().unwrap_or_default() - 1.5).abs() < 1e-9); // 3000 / √4 of 100000
    /// assert!(score.flags().contains(Flag::FewReadings));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn days(mut self, measure: &str, days: u16) -> Self {
        let definition = self.definition.clone();
        let Some((at, known)) = find(&definition, measure, &mut self.faults) else { return self };
        if known.readings.days.is_none() {
            let help = "name their column in `days`, or leave the days out";
            let key = format!("measure.{measure}");
            self.faults.push(Fault::new("the measure has a value without days").key(key).help(help));
        }
        if let Some(said) = self.measures.get_mut(at) {
            said.days = Some(f64::from(days));
        }
        self
    }

    fn add_reading(&mut self, (at, known): (usize, &Measure), value: f64, age: f64) {
        let Some(said) = self.measures.get_mut(at) else { return };
        let key = format!("measure.{}", known.id);
        let outside =
            known.cleaning.limits.is_some_and(|[lowest, highest]| !(lowest..=highest).contains(&value));
        if !value.is_nan() && (outside || value.is_infinite()) {
            let [lowest, highest] = known.cleaning.limits.unwrap_or([f64::MIN, f64::MAX]);
            let help = format!("allowed: {lowest} to {highest} {}", known.unit);
            self.faults.push(Fault::new("the reading is outside the limits").key(&key).help(help));
        }
        said.readings.push(value);
        said.ages.push(age);
    }

    /// No measure has more readings than it declares.
    fn check_counts(&mut self) {
        for (known, said) in self.definition.parts().measures.iter().zip(&self.measures) {
            let (given, most) = (said.readings.len(), most_readings(known));
            if given > most {
                let what = format!("{given} readings where at most {most} are declared");
                let help = "average them first, or declare more `columns`";
                self.faults.push(Fault::new(what).key(format!("measure.{}", known.id)).help(help));
            }
        }
    }

    /// The person.
    ///
    /// **Missing data.** What was not given is missing.
    ///
    /// # Errors
    /// Everything that did not fit, together.
    ///
    /// # Example
    /// ```
    /// use vointi::{Definition, Person};
    /// let definition = Definition::builtin("nhanes")?;
    /// let error = Person::builder(&definition, "x").respond("worry", [9]).measure("bmi", 20.0).build().unwrap_err();
    /// assert_eq!(error.faults().len(), 2);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn build(mut self) -> Result<Person> {
        self.check_counts();
        if !self.faults.is_empty() {
            return Err(Error::new(ErrorKind::Data, self.faults));
        }
        let one = |value: f64| -> Arc<[f64]> { Arc::from([value]) };
        let parts = self.definition.parts();
        let mut flags = vec![Flags::default()];
        for (at, (measure, said)) in parts.measures.iter().zip(&self.measures).enumerate() {
            let stands_out = |usual| said.readings.iter().any(|value| is_unusual(*value, usual));
            if let Some(flags) = flags.first_mut() {
                let unusual = measure.unusual.filter(|_| parts.is_scored(at));
                flags.insert_if(Flag::Unusual, unusual.is_some_and(stands_out));
            }
        }
        let measures = parts.measures.iter().zip(self.measures).map(|(measure, said)| {
            let most = most_readings(measure);
            let fill = |given: Vec<f64>| -> Vec<_> {
                given.into_iter().chain(std::iter::repeat(f64::NAN)).take(most).map(one).collect()
            };
            let readings = fill(said.readings);
            let ages = if measure.readings.ages.is_empty() { Vec::new() } else { fill(said.ages) };
            let days = measure.readings.days.as_ref().map(|_| one(said.days.unwrap_or(f64::NAN)));
            Given { readings, ages, days }.combine(&measure.readings, &mut flags)
        });
        let measures = measures.collect();
        let inner = Inner {
            ids: Column::text([Some(&self.id)]),
            units: None,
            waves: None,
            items: self
                .items
                .into_iter()
                .map(|items| items.into_iter().map(|code| Codes::new(one(code))).collect())
                .collect(),
            measures,
            choices: Table::builder().text(parts.person.id.clone(), [Some(&self.id)]).build()?,
            flags,
            beside: Beside::default(),
            table: Table::builder().text(parts.person.id.clone(), [Some(&self.id)]).build()?,
            definition: self.definition,
        };
        Ok(Person { cohort: Cohort { inner: Arc::new(inner) }, row: 0 })
    }
}

fn most_readings(of: &Measure) -> usize {
    match &of.origin {
        Origin::Columns(columns) => columns.len(),
        Origin::From(_) => 1,
    }
}

/// The measure of this id; that there is none is a fault.
fn find<'a>(definition: &'a Definition, id: &str, faults: &mut Vec<Fault>) -> Option<(usize, &'a Measure)> {
    let known = &definition.parts().measures;
    let found = known.iter().enumerate().find(|(_, known)| known.id == id);
    if found.is_none() {
        let help = suggest(id, known.iter().map(|known| known.id.as_str()));
        faults.push(Fault::new(format!("there is no measure `{id}`")).help(help));
    }
    found
}
