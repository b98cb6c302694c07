//! The index: weights, aggregation, calibration; a compiled [`Index`] and the [`Scores`] it gives.

mod aggregate;
mod apart;
mod block;
mod branch;
mod calibration;
mod columns;
mod impute;
mod plan;
mod scores;
mod screen;
mod variant;
mod walk;
mod weights;

use std::{slice::from_mut, sync::Arc};

pub use aggregate::{Method, Properties};
pub use block::{Keep, Reason};
pub(crate) use branch::{Branch, Room};
pub use calibration::{Calibration, LearnedWeights, TreatedColumn};
pub(crate) use plan::check_calibration;
pub use scores::{ImputedCount, Score, Scores};
pub(crate) use variant::{Lessons, Shelf, Variant};
pub(crate) use walk::Tree;

use block::{Out, Scratch};
use ndarray::Array2;
use plan::Plan;

use crate::{
    cohort::{Cohort, Flags, Person},
    definition::Definition,
    error::{Error, ErrorKind, Fault, Result},
    indicator::Source,
};

/// A definition, and where it needs one a calibration, compiled: scores one person or a cohort.
///
/// Scoring is a pure function of definition, calibration and one person: nobody else in the file counts, and the
/// result has the same bits for any number of threads, block size and processor.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index};
///
/// let definition = Definition::builtin("nhanes")?;
/// let index = Index::new(&definition)?; // with the calibration that ships for it
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let score = index.score(&cohort.person("17")?)?;
/// assert!(score.low() < score.value() && score.value() < score.high());
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone)]
pub struct Index {
    inner: Arc<Inner>,
}

struct Inner {
    definition: Definition,
    calibration: Option<Calibration>,
    plan: Plan,
}

/// How a cohort is scored. Nothing here changes a number.
///
/// # Example
/// ```
/// use vointi::index::{Keep, Run};
/// let run = Run::new().keep(Keep::Index).block_rows(512).vectors(false);
/// assert_eq!(format!("{run:?}"), "Run { keep: Index, block_rows: 512, vectors: false }");
/// ```
#[derive(Debug, Clone)]
pub struct Run {
    keep: Keep,
    block_rows: usize,
    vectors: bool,
}

impl Default for Run {
    fn default() -> Self {
        Self { keep: Keep::All, block_rows: 1024, vectors: true }
    }
}

impl Run {
    /// Everything kept, blocks of 1,024 persons, wide vector instructions where the processor has them.
    pub fn new() -> Self {
        Self::default()
    }

    /// How much of the tree is kept beside the index.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// How many persons are scored at a time; at least 1.
    #[must_use]
    pub fn block_rows(mut self, rows: usize) -> Self {
        self.block_rows = rows.max(1);
        self
    }

    /// Whether wide vector instructions are used where the processor has them.
    #[must_use]
    pub fn vectors(mut self, vectors: bool) -> Self {
        self.vectors = vectors;
        self
    }

    fn arch(&self) -> pulp::Arch {
        if self.vectors { pulp::Arch::new() } else { pulp::Arch::Scalar }
    }
}

/// How many persons fell into a case that a published rule leaves open.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct CaseCount {
    /// The indicator.
    pub indicator: String,
    /// The case, as the rule names it.
    pub case: String,
    /// Persons.
    pub persons: usize,
}

impl Index {
    /// Compiles a definition, with the calibration it names in `norms`, if it names one.
    ///
    /// # Errors
    /// A definition that needs a calibration and names none; a named one that belongs to another definition.
    ///
    /// # Example
    /// ```
    /// let definition = vointi::Definition::builtin("nhanes")?;
    /// assert!(vointi::Index::new(&definition)?.calibration().is_some());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn new(definition: &Definition) -> Result<Self> {
        Self::compile(definition, calibration::of_definition(definition)?)
    }

    /// Learns a calibration from a reference cohort and compiles the cohort's definition with it.
    ///
    /// # Errors
    /// Those of [`Calibration::learn`].
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index};
    /// let definition = Definition::builtin("nhanes")?;
    /// let reference = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// assert_eq!(Index::calibrate(&reference)?.calibration(), Index::new(&definition)?.calibration());
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn calibrate(reference: &Cohort) -> Result<Self> {
        Self::compile(reference.definition(), Some(Calibration::learn(reference)?))
    }

    /// Compiles a definition with a calibration.
    ///
    /// # Errors
    /// A calibration of another definition, or one without what the definition needs.
    ///
    /// # Example
    /// ```
    /// use vointi::{Calibration, Definition, Index};
    /// let definition = Definition::builtin("nhanes")?;
    /// let index = Index::with(&definition, Calibration::load("data/norms/nhanes.toml")?)?;
    /// assert_eq!(index.definition().id(), "nhanes");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn with(definition: &Definition, calibration: Calibration) -> Result<Self> {
        Self::compile(definition, Some(calibration))
    }

    fn compile(definition: &Definition, calibration: Option<Calibration>) -> Result<Self> {
        plan::check_calibration(definition, calibration.as_ref())?;
        let plan = Plan::new(definition, calibration.as_ref())?;
        Ok(Self::assemble(definition.clone(), calibration, plan))
    }

    fn assemble(definition: Definition, calibration: Option<Calibration>, plan: Plan) -> Self {
        Self { inner: Arc::new(Inner { definition, calibration, plan }) }
    }

    /// The definition.
    pub fn definition(&self) -> &Definition {
        &self.inner.definition
    }

    /// The calibration, if there is one.
    pub fn calibration(&self) -> Option<&Calibration> {
        self.inner.calibration.as_ref()
    }

    /// Whether scores have a standard error: every indicator declares an error of measurement, and every aggregate
    /// says how it comes through; see [`Properties::has_std_error`].
    pub fn has_std_error(&self) -> bool {
        self.inner.plan.has_spread && self.inner.plan.has_slopes()
    }

    /// Whether scores have an interval: there is a calibration, too.
    pub fn has_interval(&self) -> bool {
        self.inner.plan.has_posterior && self.inner.plan.has_slopes()
    }

    /// Scores one person.
    ///
    /// **Formula** each indicator's utility u(x); each parent its children joined as its definition declares, over the
    /// observed ones if their weights reach the declared share; see [`Method`]. The standard error is √Var of the score
    /// under re-measurement, X ~ N(x, s²) for every reading, errors independent. `low` and `high` are
    /// m ± z √v of the true score, X | x ~ N(μ + R (x − μ), R s²), a missing reading distributed as in the
    /// calibration; they are not clipped at 0 and 100, so that their distance says how sure the score is.
    ///
    /// **Missing data** as the definition declares; what is missing or incomplete counts in the standard error
    /// and in the interval with the largest error it could have, so that fewer readings never look more certain.
    ///
    /// # Errors
    /// A person of another definition.
    pub fn score(&self, person: &Person) -> Result<Score> {
        let mut scorer = self.scorer();
        scorer.score(person)?;
        Ok(scorer.score)
    }

    /// A scorer that is used again and again without allocating.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let index = Index::new(&definition)?;
    /// let mut scorer = index.scorer();
    /// for id in ["1", "2", "3"] {
    ///     let score = scorer.score(&cohort.person(id)?)?;
    ///     assert!(score.coverage() > 0.0);
    /// }
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn scorer(&self) -> Scorer {
        let plan = &self.inner.plan;
        let nodes = plan.declared.len();
        Scorer {
            scratch: Scratch::new(plan),
            score: Score {
                definition: self.inner.definition.clone(),
                index: f64::NAN,
                se: f64::NAN,
                low: f64::NAN,
                high: f64::NAN,
                coverage: 0.0,
                flags: Flags::default(),
                reason: Reason::None,
                nodes: vec![f64::NAN; nodes],
                node_se: vec![f64::NAN; nodes],
                indicators: vec![f64::NAN; plan.leaves.len()],
                imputed: vec![false; if plan.has_fills() { plan.leaves.len() } else { 0 }],
            },
            index: self.clone(),
        }
    }

    /// Scores every person of a cohort, on all threads of the current rayon pool (feature `parallel`).
    ///
    /// The result has the same bits for any number of threads. See [`score`](Self::score) for formulas.
    ///
    /// # Errors
    /// A cohort of another definition.
    pub fn score_cohort(&self, cohort: &Cohort) -> Result<Scores> {
        self.score_cohort_with(cohort, &Run::default())
    }

    /// The same, with a say in how. Nothing in `run` changes a number.
    ///
    /// # Errors
    /// A cohort of another definition.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, index::{Keep, Run}};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let index = Index::new(&definition)?;
    /// let all = index.score_cohort(&cohort)?;
    /// let lean = index.score_cohort_with(&cohort, &Run::new().keep(Keep::Index).block_rows(7))?;
    /// let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    /// assert_eq!(bits(all.index_or_nan()), bits(lean.index_or_nan()));
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn score_cohort_with(&self, cohort: &Cohort, run: &Run) -> Result<Scores> {
        let mut scores = Scores::empty(&self.inner.definition);
        self.score_cohort_into(cohort, run, &mut scores)?;
        Ok(scores)
    }

    /// The same into scores that are there already, whose memory is used again: for cohorts that come one after
    /// the other.
    ///
    /// # Errors
    /// A cohort of another definition; the scores are then as they were.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, index::Run};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let index = Index::new(&definition)?;
    /// let mut scores = index.score_cohort(&cohort)?;
    /// let before = scores.observed();
    /// index.score_cohort_into(&cohort, &Run::new(), &mut scores)?;
    /// assert_eq!(scores.observed(), before);
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn score_cohort_into(&self, cohort: &Cohort, run: &Run, scores: &mut Scores) -> Result<()> {
        self.check(cohort)?;
        let plan = &self.inner.plan;
        let rows = cohort.rows();
        scores.definition = self.inner.definition.clone();
        let fit = |column: &mut Vec<f64>, wanted: bool| column.resize(if wanted { rows } else { 0 }, 0.0);
        fit(&mut scores.index, true);
        fit(&mut scores.coverage, true);
        fit(&mut scores.se, plan.has_spread);
        fit(&mut scores.low, plan.has_posterior);
        fit(&mut scores.high, plan.has_posterior);
        scores.flags.resize(rows, Flags::default());
        scores.reason.resize(rows, Reason::None);
        let nodes = if run.keep >= Keep::Pillars { plan.declared.len() } else { 0 };
        let leaves = if run.keep == Keep::All { plan.leaves.len() } else { 0 };
        reshape(&mut scores.nodes, rows, nodes);
        reshape(&mut scores.node_se, rows, nodes);
        reshape(&mut scores.indicators, rows, leaves);
        scores.imputed.resize(if plan.has_fills() { rows * plan.leaves.len() } else { 0 }, false);
        let out = Out {
            index: &mut scores.index,
            coverage: &mut scores.coverage,
            se: &mut scores.se,
            low: &mut scores.low,
            high: &mut scores.high,
            flags: &mut scores.flags,
            reason: &mut scores.reason,
            nodes: scores.nodes.as_slice_mut().unwrap_or_default(),
            node_se: scores.node_se.as_slice_mut().unwrap_or_default(),
            indicators: scores.indicators.as_slice_mut().unwrap_or_default(),
            imputed: &mut scores.imputed,
        };
        self.run(cohort, run, out);
        Ok(())
    }

    #[cfg(not(feature = "parallel"))]
    fn run(&self, cohort: &Cohort, run: &Run, out: Out<'_>) {
        let mut scratch = Scratch::new(&self.inner.plan);
        let (mut from, rows, mut rest) = (0, cohort.rows(), out);
        while from < rows {
            let to = rows.min(from + run.block_rows);
            let (block, more) = rest.split_at(to - from);
            self.run_block(cohort, run, from..to, &mut scratch, block);
            (from, rest) = (to, more);
        }
    }

    /// Halves the rows at block boundaries until a block is left: the tree is the same for any number of threads,
    /// and nothing is allocated on the way but a scratch per thread.
    #[cfg(feature = "parallel")]
    fn run(&self, cohort: &Cohort, run: &Run, out: Out<'_>) {
        let threads = rayon::current_num_threads();
        let scratch: Vec<_> =
            (0..=threads).map(|_| std::sync::Mutex::new(Scratch::new(&self.inner.plan))).collect();
        self.run_halves(cohort, run, 0..cohort.rows(), &scratch, out);
    }

    #[cfg(feature = "parallel")]
    fn run_halves(
        &self,
        cohort: &Cohort,
        run: &Run,
        rows: std::ops::Range<usize>,
        scratch: &[std::sync::Mutex<Scratch>],
        out: Out<'_>,
    ) {
        let blocks = rows.len().div_ceil(run.block_rows);
        if blocks > 1 {
            let left = blocks / 2 * run.block_rows;
            let (first, second) = out.split_at(left);
            let middle = rows.start + left;
            rayon::join(
                || self.run_halves(cohort, run, rows.start..middle, scratch, first),
                || self.run_halves(cohort, run, middle..rows.end, scratch, second),
            );
            return;
        }
        // A thread of the pool has a scratch of its own; the last one is for a caller outside.
        let own = rayon::current_thread_index().and_then(|at| scratch.get(at)).or(scratch.last());
        if let Some(own) = own {
            let mut own = own.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            self.run_block(cohort, run, rows, &mut own, out);
        }
    }

    fn run_block(
        &self,
        cohort: &Cohort,
        run: &Run,
        rows: std::ops::Range<usize>,
        scratch: &mut Scratch,
        out: Out<'_>,
    ) {
        self.inner.plan.run_on(run.arch(), cohort, rows, scratch, out, run.keep);
    }

    /// How many persons of a cohort fell into each case that a published rule leaves open.
    ///
    /// # Errors
    /// A cohort of another definition.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let cases = Index::new(&definition)?.cases(&cohort)?;
    /// assert_eq!((cases[0].case.as_str(), cases[0].persons), ("underweight", 82));
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn cases(&self, cohort: &Cohort) -> Result<Vec<CaseCount>> {
        self.check(cohort)?;
        let mut found: Vec<CaseCount> = Vec::new();
        let parts = self.inner.definition.parts();
        for (leaf, indicator) in
            self.inner.plan.leaves.iter().zip(&parts.indicators).filter(|(l, _)| l.curve.has_cases())
        {
            for row in 0..cohort.rows() {
                let reading = |k: usize| match leaf.sources.get(k) {
                    Some(Source::Measure(at)) => {
                        cohort.measures().get(*at).and_then(|m| m.value.get(row)).copied().unwrap_or(f64::NAN)
                    }
                    _ => f64::NAN,
                };
                let Some(case) = leaf.curve.case(&reading) else { continue };
                match found.iter_mut().find(|known| known.indicator == indicator.id && known.case == case) {
                    Some(known) => known.persons += 1,
                    None => {
                        found.push(CaseCount {
                            indicator: indicator.id.clone(),
                            case: case.to_owned(),
                            persons: 1,
                        });
                    }
                }
            }
        }
        Ok(found)
    }

    fn check(&self, cohort: &Cohort) -> Result<()> {
        if cohort.definition().hash() == self.inner.definition.hash() {
            return Ok(());
        }
        let what = format!(
            "the data are bound to the definition `{}`, the index is of `{}`",
            cohort.definition().id(),
            self.inner.definition.id()
        );
        let help = "bind and score with the same definition";
        Err(Error::new(ErrorKind::Definition, vec![Fault::new(what).help(help)]))
    }
}

/// Gives a matrix this shape; its values are to be overwritten.
fn reshape(matrix: &mut Array2<f64>, rows: usize, width: usize) {
    if matrix.dim() != (rows, width) {
        *matrix = Array2::zeros((rows, width));
    }
}

/// Shows the definition and whether there is a calibration.
impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("definition", &self.definition())
            .field("calibrated", &self.calibration().is_some())
            .finish_non_exhaustive()
    }
}

/// Scores persons one after the other without allocating; see [`Index::scorer`].
pub struct Scorer {
    index: Index,
    scratch: Scratch,
    score: Score,
}

/// Shows the definition, and no value of the person scored last.
impl std::fmt::Debug for Scorer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scorer").field("index", &self.index).finish_non_exhaustive()
    }
}

impl Scorer {
    /// Scores one person. The result is overwritten by the next.
    ///
    /// # Errors
    /// A person of another definition.
    pub fn score(&mut self, person: &Person) -> Result<&Score> {
        let Self { index, scratch, score } = self;
        index.check(person.cohort())?;
        let plan = &index.inner.plan;
        let of = |value, wanted: bool| if wanted { from_mut(value) } else { &mut [] };
        let out = Out {
            index: from_mut(&mut score.index),
            coverage: from_mut(&mut score.coverage),
            se: of(&mut score.se, plan.has_spread),
            low: of(&mut score.low, plan.has_posterior),
            high: of(&mut score.high, plan.has_posterior),
            flags: from_mut(&mut score.flags),
            reason: from_mut(&mut score.reason),
            nodes: &mut score.nodes,
            node_se: &mut score.node_se,
            indicators: &mut score.indicators,
            imputed: &mut score.imputed,
        };
        let row = person.row();
        index.run_block(person.cohort(), &Run::default(), row..row + 1, scratch, out);
        Ok(score)
    }
}
