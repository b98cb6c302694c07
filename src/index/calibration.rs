//! What is learned once from a reference cohort, frozen, written down and read back.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{Index, Keep, Run, plan::Plan};
use crate::{
    cohort::{Cohort, Measured},
    definition::{
        Definition, catalogue,
        instrument::key::Scale,
        parts::{ErrorOfMeasurement, ErrorSize, Measure, Reading, Resolved},
    },
    error::{Error, ErrorKind, Fault, Result},
    indicator::{self, Behind, Learned, LearnedOf, LearnedRule, Noise, scale_name},
    num::spread::mean_and_sd,
    scale,
};

/// Means, spreads and reliabilities of a reference cohort, for one [`Definition`].
///
/// A calibration holds no person's value: only n, means, standard deviations and alpha.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Calibration, Cohort, Definition, Index};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let learned = Calibration::learn(&cohort)?;
/// assert_eq!(learned.to_toml(), std::fs::read_to_string("data/norms/nhanes.toml").unwrap());
///
/// let index = Index::with(&definition, learned)?;
/// assert!(index.calibration().is_some());
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    file: File,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    definition: String,
    version: String,
    /// SHA-256 of the resolved definition.
    definition_hash: String,
    /// Rows of the reference.
    rows: usize,
    #[serde(default)]
    scale: LearnedOf,
    #[serde(default)]
    measure: LearnedOf,
    #[serde(default)]
    indicator: LearnedOf,
    /// Of published scores that are learned from a reference.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    health: BTreeMap<String, LearnedRule>,
}

impl Calibration {
    /// Learns from a reference cohort.
    ///
    /// **Formula** means, and standard deviations over n − 1, of scales, measures and indicator scores; Cronbach's
    /// alpha of scales of several items; the standard deviation of one reading pooled within persons,
    /// √(Σᵢ Σᵣ (xᵢᵣ − x̄ᵢ)² / Σᵢ (nᵢ − 1)).
    ///
    /// **Missing data** is left out, reading by reading; alpha takes complete answers.
    ///
    /// # Errors
    /// A reference in which something needed cannot be learned: no spread, no repeated readings, too few answers.
    pub fn learn(cohort: &Cohort) -> Result<Self> {
        let definition = cohort.definition();
        let parts = definition.parts();
        let mut scale = LearnedOf::new();
        for read in indicator::scales_read(parts) {
            scale.insert(scale_name(parts, read), learn_scale(parts, read, cohort));
        }
        let mut measure = LearnedOf::new();
        for (at, declared) in parts.measures.iter().enumerate() {
            if is_read(parts, at) {
                measure.insert(declared.id.clone(), learn_measure(declared, at, cohort));
            }
        }
        let file = File {
            schema: 1,
            definition: definition.id().to_owned(),
            version: definition.version().to_owned(),
            definition_hash: definition.hash().to_owned(),
            rows: cohort.rows(),
            scale,
            measure,
            indicator: LearnedOf::new(),
            health: learn_health(parts, cohort)?,
        };
        let mut learned = Self { file };
        let plan = Plan::new(definition, Some(&learned))?;
        let scores = Index::assemble(definition.clone(), Some(learned.clone()), plan)
            .score_cohort_with(cohort, &Run::new().keep(Keep::All))?;
        for (at, declared) in parts.indicators.iter().enumerate() {
            let values: Vec<f64> = scores.indicators().column(at).to_vec();
            learned.file.indicator.insert(declared.id.clone(), summary(&values));
        }
        Ok(learned)
    }

    /// A calibration of the catalogue.
    pub(super) fn builtin(id: &str) -> Result<Self> {
        let text = catalogue::NORM_SHELF.get(id, ErrorKind::Calibration)?;
        Self::from_toml(text).map_err(|error| error.in_file(&format!("data/norms/{id}.toml")))
    }

    /// Reads a calibration from its TOML text.
    ///
    /// # Errors
    /// A text that is no calibration, with the line.
    ///
    /// # Example
    /// ```
    /// let error = vointi::Calibration::from_toml("schema = 1").unwrap_err();
    /// assert_eq!(error.kind(), vointi::ErrorKind::Calibration);
    /// ```
    pub fn from_toml(text: &str) -> Result<Self> {
        let refuse = |fault: Fault| Error::new(ErrorKind::Calibration, vec![fault]);
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
            refuse(
                Fault::new(format!("no calibration: {}", error.message()))
                    .line(line)
                    .help("learn it again with `vointi calibrate`"),
            )
        })?;
        if file.schema != 1 {
            return Err(refuse(
                Fault::new("unknown version of the format")
                    .key("schema")
                    .help("this version reads schema = 1"),
            ));
        }
        let all = file.scale.iter().chain(&file.measure).chain(&file.indicator);
        for (name, learned) in all {
            let optional = [learned.alpha, learned.omega, learned.within_sd, learned.error_sd];
            let numbers = [learned.mean, learned.sd].into_iter().chain(optional.into_iter().flatten());
            if numbers.into_iter().any(|number| !number.is_finite()) || learned.sd < 0.0 {
                return Err(refuse(
                    Fault::new(format!("`{name}` has a number that is none"))
                        .help("learn it again with `vointi calibrate`"),
                ));
            }
        }
        for (name, learned) in &file.health {
            if !learned.is_sound() {
                return Err(refuse(
                    Fault::new("a number that none is learned from")
                        .key(format!("health.{name}"))
                        .help("learn it again with `vointi calibrate`"),
                ));
            }
        }
        Ok(Self { file })
    }

    /// Reads a calibration file.
    ///
    /// # Errors
    /// A file that cannot be read or is no calibration.
    ///
    /// # Example
    /// ```
    /// let norms = vointi::Calibration::load("data/norms/nhanes.toml")?;
    /// assert_eq!((norms.definition_id(), norms.rows()), ("nhanes", 5265));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text =
            fs::read_to_string(path).map_err(|e| Error::io(ErrorKind::Calibration, "read", path, e))?;
        Self::from_toml(&text).map_err(|error| error.in_file(&path.display().to_string()))
    }

    /// Writes the calibration to a file beside its place first, and then renames it: never half of it.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    ///
    /// # Example
    /// ```
    /// let norms = vointi::Calibration::load("data/norms/nhanes.toml")?;
    /// let path = std::env::temp_dir().join("vointi-doc-norms.toml");
    /// norms.save(&path)?;
    /// assert_eq!(vointi::Calibration::load(&path)?, norms);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        fs::write(&beside, self.to_toml())
            .and_then(|()| fs::rename(&beside, path))
            .map_err(|e| Error::io(ErrorKind::Io, "write", path, e))
    }

    /// The calibration as a TOML text; the same text for the same calibration.
    pub fn to_toml(&self) -> String {
        let body = toml::to_string(&self.file).unwrap_or_default();
        format!(
            "# What `vointi calibrate` learned from a reference; scores are made with it, so do not edit it.\n\n{body}"
        )
    }

    /// The id of the definition it belongs to.
    pub fn definition_id(&self) -> &str {
        &self.file.definition
    }

    /// The hash of the definition it belongs to.
    pub fn definition_hash(&self) -> &str {
        &self.file.definition_hash
    }

    /// How many rows the reference had.
    pub fn rows(&self) -> usize {
        self.file.rows
    }

    pub(super) fn scales(&self) -> &LearnedOf {
        &self.file.scale
    }

    pub(super) fn measures(&self) -> &LearnedOf {
        &self.file.measure
    }

    /// What was learned of a published score.
    pub(crate) fn health(&self, id: &str) -> Option<&LearnedRule> {
        self.file.health.get(id)
    }

    pub(super) fn indicators(&self) -> &LearnedOf {
        &self.file.indicator
    }
}

fn learn_health(parts: &Resolved, cohort: &Cohort) -> Result<BTreeMap<String, LearnedRule>> {
    let column =
        |at: usize| cohort.measures().get(at).map(|measured| measured.value.to_vec()).unwrap_or_default();
    let mut all = BTreeMap::new();
    for asked in &parts.health {
        let learned = indicator::learn(asked, &parts.measures, column)
            .map_err(|error| error.at_key(&format!("health.{}", asked.id)))?;
        if let Some(learned) = learned {
            all.insert(asked.id.clone(), learned);
        }
    }
    Ok(all)
}

/// Whether an indicator reads the measure for its value, and not only to choose a table.
fn is_read(parts: &Resolved, at: usize) -> bool {
    parts.indicators.iter().any(|indicator| match &indicator.reading {
        Reading::Scale { .. } => false,
        Reading::Measure { measure, .. } => *measure == at,
        Reading::Rule(rule) => rule.bands.scored().contains(&at),
    })
}

/// n, mean and standard deviation of what is not missing, in two passes in row order.
fn summary(values: &[f64]) -> Learned {
    let (n, mean, sd) = mean_and_sd(values.iter().copied());
    Learned {
        n,
        mean: mean.unwrap_or(0.0),
        sd: sd.unwrap_or(0.0),
        alpha: None,
        omega: None,
        within_sd: None,
        error_sd: None,
    }
}

fn learn_scale(parts: &Resolved, (instrument, at): (usize, usize), cohort: &Cohort) -> Learned {
    let of = parts.instruments.get(instrument);
    let declared: Option<&Scale> = of.and_then(|of| of.key.scales.get(at));
    let (Some(of), Some(declared)) = (of, declared) else { return summary(&[]) };
    let mut values = vec![0.0; cohort.rows()];
    let mut answered = vec![0; cohort.rows()];
    if let Some(kernel) = scale::kernel(of, at) {
        let mut scratch = scale::kernel::Scratch::default();
        kernel.score(cohort.items(instrument), &(0..cohort.rows()), &mut values, &mut answered, &mut scratch);
        kernel.settle_answered(&mut answered);
    }
    let answers = scale::Answers::keyed(of, declared, cohort.items(instrument), cohort.rows());
    let alpha = answers.as_ref().and_then(scale::alpha);
    let error = parts.indicators.iter().find_map(|indicator| match &indicator.reading {
        Reading::Scale { instrument: i, scale: s, .. } if (*i, *s) == (instrument, at) => {
            indicator.error.as_ref()
        }
        _ => None,
    });
    let is_omega = |error: &&ErrorOfMeasurement| error.size == ErrorSize::CalibratedOmega;
    let omega = || scale::reliability(answers.as_ref()?).ok()?.omega;
    let omega = error.filter(is_omega).and_then(|_| omega());
    let mut learned = Learned { alpha, omega, ..summary(&values) };
    let name = scale_name(parts, (instrument, at));
    learned.error_sd = error.and_then(|error| {
        let noise = Noise::of_scale(&name, error, declared.items.len(), Some(&learned)).ok()?;
        let scored = values.iter().zip(&answered).filter(|(x, _)| !x.is_nan());
        root_mean_square(scored.map(|(x, n)| noise.sd(*x, usize::from(*n))))
    });
    learned
}

fn learn_measure(declared: &Measure, at: usize, cohort: &Cohort) -> Learned {
    let Some(measured) = cohort.measures().get(at) else { return summary(&[]) };
    let mut learned = summary(&measured.value);
    let is_learned = |error: &ErrorOfMeasurement| error.size == ErrorSize::CalibratedSd;
    if declared.error.as_ref().is_some_and(is_learned) {
        learned.within_sd = within_sd(&measured.readings);
    }
    learned.error_sd = declared.error.as_ref().and_then(|error| {
        let full = indicator::readings_in_full(declared);
        let noise = Noise::of_measure(declared, error, full, Some(&learned)).ok()?;
        let observed = measured.value.iter().enumerate().filter(|(_, x)| !x.is_nan());
        root_mean_square(observed.map(|(row, x)| noise.sd_behind(*x, behind(measured, row))))
    });
    learned
}

/// The sd of one reading, pooled within persons.
fn within_sd(readings: &[Arc<[f64]>]) -> Option<f64> {
    let (mut squares, mut df) = (0.0, 0usize);
    for row in 0..readings.first().map_or(0, |reading| reading.len()) {
        let own = readings.iter().filter_map(|reading| reading.get(row)).filter(|x| !x.is_nan());
        let (n, sum) = own.clone().fold((0usize, 0.0), |(n, sum), x| (n + 1, sum + x));
        if n > 1 {
            let mean = sum / n as f64;
            squares += own.map(|x| (x - mean) * (x - mean)).sum::<f64>();
            df += n - 1;
        }
    }
    (df > 0).then(|| (squares / df as f64).sqrt())
}

/// What is behind the value of a row.
fn behind(measured: &Measured, row: usize) -> Behind {
    let days = measured.days.as_ref().map(|days| days.get(row).map_or(0, |n| usize::from(*n)));
    let readings = measured.count.as_ref().map(|count| count.get(row).map_or(0, |n| usize::from(*n)));
    let age = measured.age.as_ref().map_or(0.0, |age| age.get(row).copied().unwrap_or(f64::NAN));
    Behind { count: days.or(readings).unwrap_or(1), age }
}

/// Of what is not missing.
fn root_mean_square(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.filter(|v| !v.is_nan()).fold((0.0, 0usize), |(sum, n), v| (sum + v * v, n + 1));
    (n > 0).then(|| (sum / n as f64).sqrt())
}

/// The calibration a definition names, if it names one.
pub(super) fn of_definition(definition: &Definition) -> Result<Option<Calibration>> {
    definition.parts().norms.as_deref().map(Calibration::builtin).transpose()
}
