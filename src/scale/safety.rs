//! Answers that somebody has to look at, whatever the score.

use std::{fmt, sync::Arc};

use crate::cohort::Cohort;

/// What a person's answer says to a safety flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// `yes`: the answer raises the flag.
    Yes,
    /// `no`: the answer does not.
    No,
    /// `unanswered`: nobody knows; it is never taken for no.
    Unanswered,
}

impl Safety {
    /// The word written to files: `yes`, `no` or `unanswered`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unanswered => "unanswered",
        }
    }

    pub(super) fn of(code: f64, at_least: f64) -> Self {
        if code.is_nan() {
            Self::Unanswered
        } else if code >= at_least {
            Self::Yes
        } else {
            Self::No
        }
    }
}

/// One safety flag of every person of a cohort.
pub struct SafetyColumn {
    name: String,
    title: String,
    answers: Arc<[f64]>,
    at_least: f64,
}

impl SafetyColumn {
    /// `instrument.flag`
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the answer of a row says; `unanswered` where there is none.
    ///
    /// # Example
    /// ```
    /// use vointi::{Cohort, Definition, scale::{self, Safety}, table::Table};
    /// let definition = Definition::from_toml(r#"
    /// schema = 1
    /// id = "small"
    /// audience = "clinic"
    /// [person]
    /// id = "person"
    /// [instrument.mood]
    /// use = "phq9"
    /// [indicator.mood]
    /// scale = "mood.total"
    /// utility = "linear"
    /// [index]
    /// children = ["mood"]
    /// "#)?;
    /// let mut table = Table::builder().text("person", ["a", "b", "c"].map(Some));
    /// for item in ["1", "2", "3", "4", "5", "6", "7", "8"] {
    ///     table = table.number(item, [Some(0.0); 3]);
    /// }
    /// let table = table.number("9", [Some(0.0), Some(1.0), None]).build()?;
    /// let scales = scale::score(&Cohort::new(&definition, table)?);
    /// let says: Vec<Safety> = (0..3).map(|row| scales.safety()[0].answer(row)).collect();
    /// assert_eq!(says, [Safety::No, Safety::Yes, Safety::Unanswered]);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn answer(&self, row: usize) -> Safety {
        Safety::of(self.answers.get(row).copied().unwrap_or(f64::NAN), self.at_least)
    }
}

/// Shows the name.
impl fmt::Debug for SafetyColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} persons)", self.name, self.answers.len())
    }
}

pub(super) fn columns(cohort: &Cohort) -> Vec<SafetyColumn> {
    let mut found = Vec::new();
    for (at, instrument) in cohort.parts().instruments.iter().enumerate() {
        for flag in &instrument.key.flags {
            let Some(answers) = cohort.items(at).get(flag.item) else { continue };
            found.push(SafetyColumn {
                name: format!("{}.{}", instrument.id, flag.id),
                title: flag.title.clone(),
                answers: answers.numbers().clone(),
                at_least: flag.at_least,
            });
        }
    }
    found
}
