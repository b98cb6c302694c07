//! The registry of measures as plain values to be shown: what each is, and how far its readings can be trusted.

use serde::Serialize;

use super::{
    catalogue,
    measure::{Better, KnownError, KnownSize, MeasureKey},
    parts::{Direction, Target},
};
use crate::{error::Result, num::spread::spearman_brown};

/// The normal quantile of 0.975.
const TWO_SIDED_95: f64 = 1.959_963_984_540_054;

/// How a published figure was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Read in its source.
    Verified,
    /// Read in a transcription of its source.
    Secondary,
    /// Not checked; never taken as a default.
    Unverified,
}

impl Status {
    /// The word for it in files; anything else is unverified.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "verified" => Self::Verified,
            "secondary" => Self::Secondary,
            _ => Self::Unverified,
        }
    }

    /// The word for it in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Secondary => "secondary",
            Self::Unverified => "unverified",
        }
    }
}

/// An entry of the registry of measures.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct MeasureSummary {
    /// The id to `use`.
    pub id: String,
    /// What is measured, in plain words.
    pub title: String,
    /// What it is, and how it is measured.
    pub about: String,
    /// The unit that limits, errors and targets are in, as a UCUM code.
    pub unit: String,
    /// The other units a column may be in.
    pub units: Vec<String>,
    /// What is measured, where mass and amount of substance convert by it.
    pub analyte: Option<String>,
    /// The LOINC code; none unless it is verified.
    pub loinc: Option<String>,
    /// Lowest and highest possible value; what lies outside is an error, or missing.
    pub limits: Option<[f64; 2]>,
    /// Lowest and highest usual value; what lies outside is flagged.
    pub unusual: Option<[f64; 2]>,
    /// Which way is better; none where a range is, or neither.
    pub direction: Option<Direction>,
    /// The range that is best.
    pub target: Option<[f64; 2]>,
    /// Under which circumstances it is measured.
    pub context: String,
    /// Published errors of measurement.
    pub errors: Vec<MeasureError>,
    /// How many days are needed for a reliability.
    pub days: Vec<MeasureDays>,
    /// Months for which a reading counts in full.
    pub fresh_months: Option<f64>,
    /// Months after which a reading counts no more.
    pub stale_months: Option<f64>,
    /// Where the months come from.
    pub freshness_source: String,
    /// What it touches, to keep a choice apart from what it may move.
    pub content: Vec<String>,
    /// Where limits and direction come from.
    pub source: String,
    /// How limits and direction were checked; `unverified` limits are proposals.
    pub status: Status,
}

/// A published error of measurement.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct MeasureError {
    /// `sd`, `cv` (a share of the value), `icc` or `reliability`.
    pub kind: &'static str,
    /// What is published: from and to, equal where it is one number.
    pub size: [f64; 2],
    /// The standard deviation between persons that an intraclass correlation goes with.
    pub between_sd: Option<f64>,
    /// `occasion` or `usual`: what a second reading would aim at.
    pub target: &'static str,
    /// What one reading is.
    pub per: String,
    /// How many days are behind one reading, where it is more than one.
    pub days: Option<f64>,
    /// How it was checked; `error = "registry"` takes a verified one only.
    pub status: Status,
    /// Where it comes from.
    pub source: String,
    /// How far apart two readings of a person who has not changed lie at most, 19 times out of 20: 1.96 √2 times the
    /// standard deviation, in the unit of the measure; of a `cv` a share of the value. None where no deviation is known.
    pub apart: Option<f64>,
    /// What it is for the mean of 1, 2, 3 and 7 readings, from the end of `size` that claims less.
    pub averaged: Vec<(u32, f64)>,
}

/// How many days reach a reliability.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct MeasureDays {
    /// The reliability of their mean.
    pub reliability: f64,
    /// From and to, equal where it is one number.
    pub needs: [f64; 2],
    /// Under which circumstances.
    pub note: String,
    /// How it was checked.
    pub status: Status,
    /// Where it comes from.
    pub source: String,
}

/// Every entry of the registry of measures.
///
/// # Errors
/// None in a released crate: the registry is read by the tests.
///
/// # Example
/// ```
/// let measures = vointi::definition::measures()?;
/// assert!(measures.iter().any(|measure| measure.id == "systolic_bp" && measure.unit == "mm[Hg]"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn measures() -> Result<Vec<MeasureSummary>> {
    catalogue::MEASURE_SHELF.ids().map(measure).collect()
}

/// One entry of the registry of measures.
///
/// **Formula** two readings of standard deviation s differ by less than 1.96 √2 s, 19 times out of 20. For the mean of n readings: sd and cv are divided by √n; a reliability R becomes
/// nR/(1 + (n − 1)R), as Spearman (1910) and Brown (1910) have it.
///
/// # Errors
/// An unknown id, with the nearest known one.
///
/// # Example
/// ```
/// let diastolic = vointi::definition::measure("diastolic_bp")?;
/// let reliability = diastolic.errors.iter().find(|error| error.kind == "reliability").unwrap();
/// let (readings, of_mean) = reliability.averaged[1];
/// assert_eq!((readings, (100.0 * of_mean).round()), (2, 80.0)); // 0.67 of one reading
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn measure(id: &str) -> Result<MeasureSummary> {
    let key = catalogue::measure_key(id)?;
    let target = match key.better {
        Some(Better::Target(range)) => Some(range),
        _ => None,
    };
    let days = key.days.iter().map(|days| MeasureDays {
        reliability: days.reliability,
        needs: days.needs,
        note: days.note.clone(),
        status: days.status,
        source: days.source.clone(),
    });
    let months = |of: fn(&super::measure::Freshness) -> f64| key.freshness.as_ref().map(of);
    Ok(MeasureSummary {
        direction: MeasureKey::direction(&key),
        target,
        errors: key.errors.iter().map(error).collect(),
        days: days.collect(),
        fresh_months: months(|freshness| freshness.fresh_months),
        stale_months: months(|freshness| freshness.stale_months),
        freshness_source: key.freshness.as_ref().map(|found| found.source.clone()).unwrap_or_default(),
        loinc: key.loinc.filter(|loinc| loinc.status == Status::Verified).map(|loinc| loinc.code),
        id: key.id,
        title: key.title,
        about: key.about,
        unit: key.unit,
        units: key.units,
        analyte: key.analyte,
        limits: key.limits,
        unusual: key.unusual,
        context: key.context,
        content: key.content,
        source: key.source,
        status: key.status,
    })
}

fn error(known: &KnownError) -> MeasureError {
    let one = known.size.cautious();
    let sd = match known.size {
        KnownSize::Sd(_) | KnownSize::Cv(_) => Some(one),
        KnownSize::Icc { between_sd, .. } => between_sd.map(|sd| sd * libm::sqrt((1.0 - one) / one)),
        KnownSize::Reliability(_) => None,
    };
    let of_mean = |n: u32| match known.size {
        KnownSize::Sd(_) | KnownSize::Cv(_) => one / libm::sqrt(f64::from(n)),
        KnownSize::Icc { .. } | KnownSize::Reliability(_) => spearman_brown(one, f64::from(n)),
    };
    MeasureError {
        kind: known.size.word(),
        size: known.size.range(),
        between_sd: match known.size {
            KnownSize::Icc { between_sd, .. } => between_sd,
            _ => None,
        },
        target: known.target.word(),
        per: known.per.clone(),
        days: known.days,
        status: known.status,
        source: known.source.clone(),
        apart: sd.map(|sd| TWO_SIDED_95 * core::f64::consts::SQRT_2 * sd),
        averaged: [1, 2, 3, 7].map(|n| (n, of_mean(n))).to_vec(),
    }
}

impl Target {
    /// The word for it in files.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Occasion => "occasion",
            Self::Usual => "usual",
        }
    }

    /// The target of a word in a file.
    pub(crate) fn of(word: &str) -> Option<Self> {
        [Self::Occasion, Self::Usual].into_iter().find(|target| target.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::units;

    /// Every file is read, named by its id, and holds together: what the reader itself holds (limits, units that
    /// convert, ranges) and what only the whole can show.
    #[test]
    fn the_registry_is_consistent() -> Result<()> {
        let all = measures()?;
        assert!(all.len() > 40, "{}", all.len());
        let mut titles: Vec<&str> = all.iter().map(|one| one.title.as_str()).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), all.len(), "every title once");
        for (one, stem) in all.iter().zip(catalogue::MEASURE_SHELF.ids()) {
            assert_eq!(one.id, stem);
            assert!(units::is_coded(&one.unit) || units::conversion(&one.unit, &one.unit, None).is_ok());
            assert!(one.limits.is_some(), "{stem}: a registry entry has limits");
            assert!(!one.about.is_empty() && !one.source.is_empty(), "{stem}");
            assert!(!(one.direction.is_some() && one.target.is_some()), "{stem}");
            if let (Some([low, high]), Some([from, to])) = (one.limits, one.target) {
                assert!(low <= from && to <= high, "{stem}: the target lies within the limits");
            }
            for error in &one.errors {
                assert!(!error.per.is_empty() && !error.source.is_empty(), "{stem}");
            }
            let key = catalogue::measure_key(stem)?;
            assert_eq!(key.loinc.is_some_and(|l| l.status == Status::Verified), one.loinc.is_some());
            let shipped =
                key.analyte.as_deref().is_none_or(|analyte| units::analytes().any(|a| a == analyte));
            assert!(shipped || key.units.iter().all(|unit| units::conversion(&key.unit, unit, None).is_ok()));
        }
        Ok(())
    }

    /// A careless file is refused where it is careless.
    #[test]
    fn a_careless_entry_is_refused() -> Result<()> {
        let good = catalogue::MEASURE_SHELF.get("systolic_bp", crate::error::ErrorKind::Definition)?;
        for (from, to, told) in [
            ("[60, 270]", "[270, 60]", "these hold no value"),
            ("[90, 200]", "[50, 200]", "within the limits"),
            ("\"kPa\"", "\"cm\"", "they measure different things"),
            ("\"kPa\"", "\"kpa\"", "did you mean `kPa`?"),
            ("sd = 4", "sd = 0", "this is no sd"),
            ("sd = 4", "sd = 4, cv = 0.1", "no size, or two"),
            ("sd = 4", "icc = 1.2", "this is no icc"),
            ("[12, 13.5]", "[13.5, 12]", "a range ascends"),
            ("fresh_months = 1", "fresh_months = 7", "stale before it is fresh"),
            ("\"secondary\"", "\"believed\"", "unknown word `believed`"),
            ("about ", "abuot ", "unknown key `abuot`; did you mean `about`?"),
        ] {
            assert!(good.contains(from), "{from}");
            let error =
                catalogue::read_measure("x.toml", &good.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(told), "{to}: {error}");
        }
        Ok(())
    }

    /// No figure that is not verified is ever taken: of each measure at most one verified error stands for a target.
    #[test]
    fn at_most_one_verified_error_stands_for_a_target() -> Result<()> {
        for one in measures()? {
            for target in ["occasion", "usual"] {
                let verified =
                    one.errors.iter().filter(|e| e.target == target && e.status == Status::Verified).count();
                assert!(verified <= 1, "{}: {verified} verified errors of the target {target}", one.id);
            }
        }
        Ok(())
    }
}
