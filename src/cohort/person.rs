//! One person: a row of a cohort, or someone alone.

use std::{fmt, sync::Arc};

use super::{
    Cohort, Flag, Flags, Inner, Measured,
    decode::{is_unusual, mean_observed},
};
use crate::{
    definition::Definition,
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
            measures: parts.measures.iter().map(|_| Vec::new()).collect(),
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
    measures: Vec<Vec<f64>>,
    faults: Vec<Fault>,
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
        let [lowest, highest] = [known.key.lowest, known.key.highest];
        for (position, answer) in answers.iter().enumerate() {
            let fits = answer.is_nan()
                || ((lowest..=highest).contains(answer) && (!known.key.whole || *answer == answer.trunc()));
            if !fits {
                let help = format!("allowed: {lowest} to {highest}");
                self.faults.push(
                    Fault::new(format!("the answer to item {} is not possible", position + 1))
                        .key(&key)
                        .help(help),
                );
            }
        }
        *items = answers;
        self
    }

    /// A reading of a measure, in the unit of the definition.
    #[must_use]
    pub fn measure(self, measure: &str, value: f64) -> Self {
        self.readings(measure, [value])
    }

    /// Repeated readings of a measure, in the unit of the definition.
    #[must_use]
    pub fn readings(mut self, measure: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let key = format!("measure.{measure}");
        let parts = self.definition.parts();
        let Some(at) = parts.measures.iter().position(|known| known.id == measure) else {
            let help = suggest(measure, parts.measures.iter().map(|known| known.id.as_str()));
            self.faults.push(Fault::new(format!("there is no measure `{measure}`")).help(help));
            return self;
        };
        let (Some(known), Some(readings)) = (parts.measures.get(at), self.measures.get_mut(at)) else {
            return self;
        };
        for value in values {
            let outside =
                known.cleaning.limits.is_some_and(|[lowest, highest]| !(lowest..=highest).contains(&value));
            if !value.is_nan() && (outside || value.is_infinite()) {
                let [lowest, highest] = known.cleaning.limits.unwrap_or([f64::MIN, f64::MAX]);
                let help = format!("allowed: {lowest} to {highest} {}", known.unit);
                self.faults.push(Fault::new("the reading is outside the limits").key(&key).help(help));
            }
            readings.push(value);
        }
        let most = match &known.origin {
            crate::definition::parts::Origin::Columns(columns) => columns.len(),
            crate::definition::parts::Origin::From(_) => 1,
        };
        if readings.len() > most {
            let what = format!("{} readings where at most {most} are declared", readings.len());
            self.faults
                .push(Fault::new(what).key(&key).help("average them first, or declare more `columns`"));
        }
        self
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
    pub fn build(self) -> Result<Person> {
        if !self.faults.is_empty() {
            return Err(Error::new(ErrorKind::Data, self.faults));
        }
        let one = |value: f64| -> Arc<[f64]> { Arc::from([value]) };
        let parts = self.definition.parts();
        let mut flags = Flags::default();
        for (measure, given) in parts.measures.iter().zip(&self.measures) {
            let stands_out = |usual| given.iter().any(|value| is_unusual(*value, usual));
            flags.insert_if(Flag::Unusual, measure.unusual.is_some_and(stands_out));
        }
        let measures = parts.measures.iter().zip(self.measures).map(|(measure, given)| {
            let most = match &measure.origin {
                crate::definition::parts::Origin::Columns(columns) => columns.len(),
                crate::definition::parts::Origin::From(_) => 1,
            };
            let readings: Vec<_> =
                given.into_iter().chain(std::iter::repeat(f64::NAN)).take(most).map(one).collect();
            let (value, count) = mean_observed(&readings);
            Measured { value, count, readings }
        });
        let inner = Inner {
            ids: Column::text([Some(&self.id)]),
            units: None,
            waves: None,
            items: self.items.into_iter().map(|items| items.into_iter().map(one).collect()).collect(),
            measures: measures.collect(),
            choices: Table::builder().text(parts.person.id.clone(), [Some(&self.id)]).build()?,
            flags: vec![flags],
            table: Table::builder().text(parts.person.id.clone(), [Some(&self.id)]).build()?,
            definition: self.definition,
        };
        Ok(Person { cohort: Cohort { inner: Arc::new(inner) }, row: 0 })
    }
}
