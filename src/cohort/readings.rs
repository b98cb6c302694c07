//! From the readings of a measure to one value a person: which of them count, what is behind the value, how old it is.

use std::sync::Arc;

use super::{
    Cohort,
    decode::mean_observed,
    flag::{Flag, Flags},
};
use crate::{
    definition::parts::{Combine, Days, Readings},
    error::{Error, ErrorKind, Fault, Result, suggest},
    table::{Column, Table},
};

/// A measure of every person.
#[derive(Clone)]
pub(crate) struct Measured {
    /// The mean of the readings that count, or the last of them.
    pub(crate) value: Arc<[f64]>,
    /// How many readings are behind a mean, where there can be several.
    pub(crate) count: Option<Arc<[u8]>>,
    /// How many days a device averaged, where the definition asks; 0 where the value is missing.
    pub(crate) days: Option<Arc<[u16]>>,
    /// The mean age in days of the readings behind the value, where the definition names ages; NaN where one of them
    /// is not known.
    pub(crate) age: Option<Arc<[f64]>>,
    /// The readings that count.
    pub(crate) readings: Vec<Arc<[f64]>>,
}

impl Measured {
    /// Those of these rows.
    pub(super) fn of_rows(&self, rows: &[usize]) -> Self {
        let numbers =
            |all: &Arc<[f64]>| rows.iter().map(|row| all.get(*row).copied().unwrap_or(f64::NAN)).collect();
        Self {
            value: numbers(&self.value),
            count: self.count.as_ref().map(|all| pick(all, rows)),
            days: self.days.as_ref().map(|all| pick(all, rows)),
            age: self.age.as_ref().map(numbers),
            readings: self.readings.iter().map(numbers).collect(),
        }
    }
}

/// Counts of these rows.
fn pick<T: Copy + Default>(all: &[T], rows: &[usize]) -> Arc<[T]> {
    rows.iter().map(|row| all.get(*row).copied().unwrap_or_default()).collect()
}

/// The readings of a measure, with what is known about them; `ages` is empty where the definition names none.
pub(super) struct Given {
    pub(super) readings: Vec<Arc<[f64]>>,
    pub(super) ages: Vec<Arc<[f64]>>,
    pub(super) days: Option<Arc<[f64]>>,
}

impl Given {
    /// One value a person.
    pub(super) fn combine(self, of: &Readings, flags: &mut [Flags]) -> Measured {
        let Self { mut readings, ages, days } = self;
        let mut behind = None;
        if let (Some(declared), Some(days), [value]) = (&of.days, &days, readings.as_mut_slice()) {
            behind = Some(count_days(declared, days, value, flags));
        }
        let mut measured = if ages.is_empty() {
            let (value, count) = mean_observed(&readings);
            Measured { value, count, days: None, age: None, readings }
        } else {
            let too_old = leave_out(of, &mut readings, &ages);
            let measured = with_ages(of.combine, readings, &ages);
            flag_age(of, &measured, &too_old, flags);
            measured
        };
        measured.days = behind;
        measured
    }
}

/// The days behind each value. A value with too few, or with an unknown number where a least is asked for, is missing.
fn count_days(of: &Days, days: &[f64], value: &mut Arc<[f64]>, flags: &mut [Flags]) -> Arc<[u16]> {
    let mut kept = value.to_vec();
    let mut behind = Vec::with_capacity(kept.len());
    for ((x, days), flags) in kept.iter_mut().zip(days).zip(flags) {
        if x.is_nan() {
            behind.push(0);
            continue;
        }
        // An unknown number counts as the fewest there can be.
        let known = if days.is_nan() { f64::from(u8::from(of.least.is_none())) } else { *days };
        let whole = whole_days(known);
        if whole < of.least.unwrap_or(1) {
            *x = f64::NAN;
            flags.insert(Flag::FewReadings);
            behind.push(0);
            continue;
        }
        flags.insert_if(Flag::FewReadings, of.full.is_some_and(|full| whole < full));
        behind.push(whole);
    }
    *value = kept.into();
    behind.into()
}

/// More than [`Days::MOST`] count as so many.
fn whole_days(days: f64) -> u16 {
    let most = Days::MOST;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the most")]
    let whole = days.clamp(0.0, f64::from(most)) as u16;
    whole
}

/// Takes out the readings that do not count, and says in which rows one was too old.
fn leave_out(of: &Readings, readings: &mut [Arc<[f64]>], ages: &[Arc<[f64]>]) -> Vec<bool> {
    let oldest = of.within.unwrap_or(f64::INFINITY);
    let needs_age = of.within.is_some() || of.combine == Combine::Last;
    let mut too_old = vec![false; readings.first().map_or(0, |reading| reading.len())];
    for (reading, ages) in readings.iter_mut().zip(ages) {
        let counts = |(x, age): (&f64, &f64)| *age <= oldest || (age.is_nan() && !needs_age) || x.is_nan();
        if reading.iter().zip(ages.iter()).all(counts) {
            continue;
        }
        let mut kept = reading.to_vec();
        for ((x, age), too_old) in kept.iter_mut().zip(ages.iter()).zip(&mut too_old) {
            if !counts((x, age)) {
                *too_old |= *age > oldest;
                *x = f64::NAN;
            }
        }
        *reading = kept.into();
    }
    too_old
}

/// The mean of the readings with the mean of their ages, or the last of them with its own.
fn with_ages(how: Combine, readings: Vec<Arc<[f64]>>, ages: &[Arc<[f64]>]) -> Measured {
    let rows = readings.first().map_or(0, |reading| reading.len());
    let at = |column: &Arc<[f64]>, row: usize| column.get(row).copied().unwrap_or(f64::NAN);
    let observed = |row: usize| {
        let pairs = readings.iter().zip(ages).map(move |(x, age)| (at(x, row), at(age, row)));
        pairs.filter(|(x, _)| !x.is_nan())
    };
    let mut age = Vec::with_capacity(rows);
    let (value, count) = if how == Combine::Last && readings.len() > 1 {
        let mut value = Vec::with_capacity(rows);
        for row in 0..rows {
            // Of two of one age the one declared first.
            let younger = |last: (f64, f64), next: (f64, f64)| if next.1 < last.1 { next } else { last };
            let (x, its_age) = observed(row).reduce(younger).unwrap_or((f64::NAN, f64::NAN));
            value.push(x);
            age.push(its_age);
        }
        (value.into(), None)
    } else {
        for row in 0..rows {
            let (n, sum) = observed(row).fold((0.0, 0.0), |(n, sum), (_, age)| (n + 1.0, sum + age));
            age.push(sum / n);
        }
        mean_observed(&readings)
    };
    Measured { value, count, days: None, age: Some(age.into()), readings }
}

/// Flags values older than `stale`, and those that are missing because every reading is older than `within`.
fn flag_age(of: &Readings, measured: &Measured, too_old: &[bool], flags: &mut [Flags]) {
    let stale = of.stale.unwrap_or(f64::INFINITY);
    let ages = measured.age.iter().flat_map(|ages| ages.iter());
    for (((x, age), too_old), flags) in measured.value.iter().zip(ages).zip(too_old).zip(flags) {
        flags.insert_if(Flag::Stale, *age > stale || (*too_old && x.is_nan()));
    }
}

impl Cohort {
    /// What became of a measure, row by row: `value`, `count` (readings or days behind it, 0 where it is missing) and
    /// `age` (days before the day of scoring, the mean of the readings used).
    ///
    /// **Units** the value in the unit of the definition, the age in days.
    ///
    /// **Missing data** a value whose readings are missing or do not count; an age that the definition does not name
    /// or the data do not know.
    ///
    /// # Errors
    /// An unknown measure, with the nearest known one.
    ///
    /// # Example
    /// ```
    /// use vointi::{Cohort, Definition, Table};
    /// let definition = Definition::from_toml(r#"
    /// schema = 1
    /// id = "small"
    /// [person]
    /// id = "person"
    /// [measure.systolic]
    /// columns = ["a", "b"]
    /// ages    = ["days_a", "days_b"]
    /// combine = "last"
    /// within  = 365
    /// unit    = "mm[Hg]"
    /// [indicator.systolic]
    /// measure = "systolic"
    /// utility = { goalposts = [180, 110] }
    /// [index]
    /// children = ["systolic"]
    /// "#)?;
    /// let table = Table::builder()
    ///     .text("person", [Some("x"), Some("y")])
    ///     .number("a", [Some(131.0), Some(140.0)])
    ///     .number("days_a", [Some(200.0), Some(400.0)])
    ///     .number("b", [Some(127.0), None])
    ///     .number("days_b", [Some(10.0), None])
    ///     .build()?;
    /// let systolic = Cohort::new(&definition, table)?.measured("systolic")?;
    /// assert_eq!(systolic.column("value")?.number(0), Some(127.0)); // ten days old
    /// assert_eq!(systolic.column("value")?.number(1), None); // too old
    /// assert_eq!(systolic.column("age")?.number(0), Some(10.0));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn measured(&self, measure: &str) -> Result<Table> {
        let known = &self.parts().measures;
        let found = known.iter().zip(self.measures()).find(|(declared, _)| declared.id == measure);
        let Some((_, measured)) = found else {
            let help = suggest(measure, known.iter().map(|measure| measure.id.as_str()));
            let fault = Fault::new(format!("there is no measure `{measure}`")).help(help);
            return Err(Error::new(ErrorKind::Data, vec![fault]));
        };
        let count = |(row, x): (usize, &f64)| {
            let readings = measured.count.as_ref().and_then(|count| count.get(row)).map(|n| f64::from(*n));
            let days = measured.days.as_ref().and_then(|days| days.get(row)).map(|n| f64::from(*n));
            Some(days.or(readings).unwrap_or(f64::from(u8::from(!x.is_nan()))))
        };
        let age = measured.age.as_ref().map_or_else(|| vec![f64::NAN; self.rows()], |age| age.to_vec());
        Table::builder()
            .column("value", Column::numbers_or_nan(measured.value.to_vec())?)
            .number("count", measured.value.iter().enumerate().map(count).collect::<Vec<_>>())
            .column("age", Column::numbers_or_nan(age)?)
            .build()
    }
}
