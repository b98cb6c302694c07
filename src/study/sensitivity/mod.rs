//! Which choices of a definition move the index, and where each person could stand.

mod design;
mod engine;
mod factor;
mod indices;
mod outcome;
mod parallel;
mod persons;
mod spec;
mod spread;

use serde::Serialize;

pub use design::{DesignCell, DesignRows};
pub use factor::Factor;
pub use indices::{Estimator, Share};
pub use outcome::Output;
pub use persons::{OtherBand, PersonStand, RankInterval, SpreadFigures};
pub use spec::SensitivitySpec;

use crate::{
    cohort::Cohort,
    definition::Audience,
    error::{Error, ErrorKind, Fault, Result},
    index::{Calibration, check_calibration},
    num::spread::{mean_and_sd, quantile},
    scale::FEWEST_FOR_EMPLOYER,
};
use design::Design;
use engine::{Basis, Done, Engine};
use indices::Outcomes;

/// Which choices of a definition move the index: their first-order and total shares of what varies, and how far persons
/// move while all of them vary at once.
///
/// **Method** every factor of a [`SensitivitySpec`] varies over N (d + 2) runs: N rows A, N rows B, and for each of d factors
/// the rows A with that factor from B, A and B being the two halves of shifted Sobol′ points. Each run is the definition with
/// other values at some of its keys, resolved and (unless told otherwise) calibrated anew, which scores the same persons. A run
/// is summed up in an [`Output`], by default the mean of |rank − rank under the definition as it is|.
///
/// **Formula** of factor i: `S = mean((y_B − m)(y_ABᵢ − y_A))/V`, the share of the variance that goes with it alone, m the mean of A and
/// B (or another [`Estimator`]); ST =
/// `Σ(y_A − y_ABᵢ)²/(2NV)`, the share that goes with it and all it works with; V is the variance of y over A and B together, over
/// 2N − 1. Intervals are percentiles of bootstrapped rows, the same rows for S, ST and V.
///
/// **Units** shares of a variance; at few points S can be below 0, and ST below S. A factor that changes nothing has exactly 0.
/// Ranks count from 1, the highest index; persons whose scores are the same to 2⁻³⁰ share the mean of their ranks.
///
/// **Missing data** a person without an index in a run has no rank in it, and is left out of what is said of that run.
///
/// **Reference** Saltelli et al. 2008, Global Sensitivity Analysis: The Primer; Saisana, Saltelli & Tarantola 2005, J. R. Stat.
/// Soc. A 168:307–323, for composite indicators.
///
/// `Debug` shows no value.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, definition::Audience, study::{LearnsFrom, Sensitivity, SensitivitySpec}};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let spec = SensitivitySpec::from_toml(r#"
/// schema = 1
/// points = 8
/// [[factor]]
/// id = "weights"
/// weights = "all"
/// share = 0.25
/// [[factor]]
/// id = "aggregation"
/// key = "index.aggregate"
/// values = ["geometric"]
/// "#)?;
/// let found = Sensitivity::of(&cohort, &spec, LearnsFrom::Persons, Audience::Research)?;
/// assert_eq!((found.runs, found.factors.len()), (32, 2));
/// let weights = &found.outputs[0].factors[0];
/// assert!(weights.total.value.unwrap() > 0.0);
/// let person = &found.persons()[0];
/// assert!(person.rank_low <= person.rank_high);
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Sensitivity {
    /// What the numbers are for, and what not.
    pub intended_use: &'static str,
    /// The id of the definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// What the index is, in words.
    pub title: String,
    /// Its hash.
    pub hash: String,
    /// Who may see this.
    pub audience: &'static str,
    /// What the runs learned from: `persons`, `reference`, `calibration` or `nothing`.
    pub learned_from: &'static str,
    /// The rows N of each block of the design.
    pub points: u32,
    /// Runs: N (d + 2).
    pub runs: usize,
    /// How many of them differ, and were scored.
    pub distinct_runs: usize,
    /// The seed.
    pub seed: u64,
    /// How first-order indices are estimated.
    pub estimator: Estimator,
    /// How sure the intervals are.
    pub level: f64,
    /// How often rows were drawn again.
    pub bootstrap: usize,
    /// Rows: persons, or persons × waves.
    pub persons: usize,
    /// How many of them have an index under the definition as it is.
    pub scored: usize,
    /// What varied.
    pub factors: Vec<Factor>,
    /// What came of it, output by output.
    pub outputs: Vec<OutputFigures>,
    /// How far persons move, in a few figures.
    pub spread: SpreadFigures,
    /// The ranks of some persons, evenly from the first to the last; none for an employer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranks: Vec<RankInterval>,
    #[serde(skip)]
    stands: Vec<PersonStand>,
    #[serde(skip)]
    design: Option<DesignRows>,
}

/// One output over all runs, and how much of its variance goes with which factor.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OutputFigures {
    /// What is looked at.
    pub output: Output,
    /// Under the definition as it is.
    pub nominal: Option<f64>,
    /// The mean over the rows A and B.
    pub mean: Option<f64>,
    /// Their standard deviation.
    pub sd: Option<f64>,
    /// The lower end of the interval that so many of them lie in.
    pub low: Option<f64>,
    /// Their median.
    pub median: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// By factor.
    pub factors: Vec<FactorShares>,
    /// The sum of the first-order shares: what is left to 1 goes with factors together.
    pub first_sum: Option<f64>,
}

/// How much of the variance of an output goes with a factor.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FactorShares {
    /// The id of the factor.
    pub factor: String,
    /// With it alone: S.
    pub first: Share,
    /// With it, alone and together with others: ST.
    pub total: Share,
}

/// What the runs of a study learn from.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum LearnsFrom<'a> {
    /// Each from the persons themselves.
    Persons,
    /// Each from others, who are bound to the same definition.
    Reference(&'a Cohort),
    /// None of them: this calibration of the definition serves all, as far as it has what they need.
    Calibration(&'a Calibration),
}

impl Sensitivity {
    /// Runs a study.
    ///
    /// # Errors
    /// Before anything runs, every fault of the spec against the definition, and every alternative that is no valid definition or
    /// cannot be calibrated, by factor and value; a reference or calibration of another definition; for an employer, fewer than
    /// ten people, or an output that is of one person.
    pub fn of(
        cohort: &Cohort,
        spec: &SensitivitySpec,
        learns: LearnsFrom<'_>,
        audience: Audience,
    ) -> Result<Self> {
        let definition = cohort.definition();
        check_audience(cohort, spec, audience)?;
        let factors = factor::bind(spec, definition)?;
        let learned;
        let (basis, learned_from) = match (learns, spec.recalibrate) {
            (LearnsFrom::Persons, Some(false)) => {
                learned = Calibration::learn(cohort)?;
                (Basis::Fixed(Some(&learned)), "calibration")
            }
            (LearnsFrom::Persons, _) => (Basis::Here, "persons"),
            (LearnsFrom::Reference(reference), recalibrate) => {
                check_reference(cohort, reference)?;
                if recalibrate == Some(false) {
                    learned = Calibration::learn(reference)?;
                    (Basis::Fixed(Some(&learned)), "calibration")
                } else {
                    (Basis::Reference(reference), "reference")
                }
            }
            (LearnsFrom::Calibration(_), Some(true)) => {
                let what = "a calibration is given, and nothing that a variant could learn from";
                let help = "give the reference itself (--reference), or leave out `recalibrate`";
                let fault = spec.fault("recalibrate", what, help);
                return Err(Error::new(ErrorKind::Calibration, vec![fault]));
            }
            (LearnsFrom::Calibration(calibration), _) => {
                check_calibration(definition, Some(calibration))?;
                (Basis::Fixed(Some(calibration)), "calibration")
            }
        };
        let design = Design::new(spec, &factors);
        let engine = Engine::new(spec, &factors, &design, cohort, basis)?;
        let done = engine.run(&design, &spec.outputs)?;
        let outputs = outputs(spec, &factors, &design, &done)?;
        let rows = if spec.keeps_design { Some(design.rows(&engine, &done, &spec.outputs)?) } else { None };
        let (stands, spread, ranks) = persons::of(&done, spec.level, &definition.parts().bands, audience);
        Ok(Self {
            intended_use: super::INTENDED_USE,
            definition: definition.id().to_owned(),
            version: definition.version().to_owned(),
            title: definition.title().to_owned(),
            hash: definition.hash().to_owned(),
            audience: audience.word(),
            learned_from,
            points: spec.points,
            runs: design.runs(),
            distinct_runs: design.distinct.len(),
            seed: spec.seed,
            estimator: spec.estimator,
            level: spec.level,
            bootstrap: spec.bootstrap,
            persons: cohort.rows(),
            scored: done.nominal.scores.iter().filter(|score| !score.is_nan()).count(),
            factors,
            outputs,
            spread,
            ranks,
            stands,
            design: rows,
        })
    }

    /// Where each person could stand, in the order of the cohort; nobody for an employer.
    pub fn persons(&self) -> &[PersonStand] {
        &self.stands
    }

    /// The runs, one a row, if the spec asked for [them](SensitivitySpec::with_design).
    pub fn design(&self) -> Option<&DesignRows> {
        self.design.as_ref()
    }
}

/// Shows how much there is, and no value.
impl std::fmt::Debug for Sensitivity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sensitivity")
            .field("definition", &self.definition)
            .field("persons", &self.persons)
            .field("runs", &self.runs)
            .field("factors", &self.factors.len())
            .finish_non_exhaustive()
    }
}

fn check_audience(cohort: &Cohort, spec: &SensitivitySpec, audience: Audience) -> Result<()> {
    if audience != Audience::Employer {
        return Ok(());
    }
    let mut faults = Vec::new();
    if cohort.rows() < FEWEST_FOR_EMPLOYER {
        let what =
            format!("there are fewer than {FEWEST_FOR_EMPLOYER} people, which is too few for an employer");
        faults.push(Fault::new(what).help("nothing of so few people is shown"));
    }
    if spec.outputs.contains(&Output::MaxRankShift) {
        let help = "ask for mean_rank_shift";
        faults.push(spec.fault("output", "max_rank_shift is of one person, and not for an employer", help));
    }
    if spec.keeps_design {
        let what = "the single runs are not for an employer";
        faults.push(Fault::new(what).help("leave out --design"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::new(ErrorKind::Audience, faults)) }
}

fn check_reference(cohort: &Cohort, reference: &Cohort) -> Result<()> {
    if cohort.definition().hash() == reference.definition().hash() {
        return Ok(());
    }
    let fault = Fault::new("the reference is bound to another definition than the people")
        .help("read both with the same definition");
    Err(Error::new(ErrorKind::Definition, vec![fault]))
}

/// The figures of every output.
fn outputs(
    spec: &SensitivitySpec,
    factors: &[Factor],
    design: &Design,
    done: &Done,
) -> Result<Vec<OutputFigures>> {
    let n = spec.points as usize;
    let mut found = Vec::new();
    for (output, (by_run, nominal)) in
        spec.outputs.iter().zip(done.outcomes.iter().zip(&done.nominal_outcomes))
    {
        let y: Vec<f64> =
            design.run_of.iter().map(|run| by_run.get(*run as usize).copied().unwrap_or(f64::NAN)).collect();
        let without = y.iter().filter(|y| y.is_nan()).count();
        if without > 0 {
            let what = format!("in {without} of {} runs there is no {}", y.len(), output.word());
            let help =
                "too few persons have an index in them: ask for another output, or for milder alternatives";
            return Err(Error::new(ErrorKind::Data, vec![spec.fault("output", what, help)]));
        }
        let mut blocks = y.chunks_exact(n);
        let (a, b) = (blocks.next().unwrap_or_default(), blocks.next().unwrap_or_default());
        let shares = Outcomes { a, b, ab: blocks.collect() }.shares(
            spec.estimator,
            spec.level,
            spec.bootstrap,
            spec.seed,
        );
        let both = || a.iter().chain(b).copied();
        let (_, mean, sd) = mean_and_sd(both());
        let mut sorted: Vec<f64> = both().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - spec.level) / 2.0;
        let factors: Vec<FactorShares> = factors
            .iter()
            .zip(shares)
            .map(|(factor, (first, total))| FactorShares { factor: factor.id.clone(), first, total })
            .collect();
        found.push(OutputFigures {
            output: *output,
            nominal: Some(*nominal).filter(|nominal| !nominal.is_nan()),
            mean,
            sd,
            low: quantile(&sorted, tail),
            median: quantile(&sorted, 0.5),
            high: quantile(&sorted, 1.0 - tail),
            first_sum: factors.iter().map(|factor| factor.first.value).sum(),
            factors,
        });
    }
    Ok(found)
}
