//! What each indicator adds to a person's index or takes from it, against a baseline.

use std::fmt;

use serde::Serialize;

use super::{
    Baseline, BaselineOf,
    shapley::{self, Child},
};
use crate::{
    cohort::Person,
    definition::parts::{Resolved, named},
    error::{Error, ErrorKind, Fault, Result},
    index::{Index, Tree},
};

/// Why a person's index differs from that of a baseline: rows that sum to the difference.
///
/// It says how the index was put together, and nothing about causes.
///
/// **Units** those of the index.
///
/// **Formula** and example are at [`contributions`].
///
/// `Debug` shows no value.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Contributions {
    /// The id of the definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// Its hash.
    pub hash: String,
    /// Whose means the baseline is made of.
    pub baseline_of: BaselineOf,
    /// How many persons are behind the baseline.
    pub baseline_persons: usize,
    /// The index of the baseline.
    pub baseline: f64,
    /// The person's index.
    pub score: f64,
    /// One row an indicator, in the order of the definition, and `missing` at the end if an indicator is.
    pub rows: Vec<Contribution>,
}

/// What one indicator contributes.
///
/// `Debug` shows no value.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Contribution {
    /// The indicator; `missing` for what the missing ones together do.
    pub id: String,
    /// Its title; its id if it has none.
    pub title: String,
    /// The pillars and domains it is in, the outermost first; the index is not named.
    pub path: Vec<String>,
    /// The person's value; none if it is missing.
    pub value: Option<f64>,
    /// Whether the value was filled, because the reading is missing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub imputed: bool,
    /// The baseline's value; none for the row `missing`.
    pub baseline: Option<f64>,
    /// Points of the index: above 0 it lifts the person above the baseline. 0 for an indicator that is missing.
    pub points: f64,
}

/// The id of the row for what is missing.
const MISSING: &str = "missing";

/// On 0 to 100 no index moves by more.
const RANGE: f64 = 100.0;

/// What each indicator contributes to the difference between a person's index and that of a baseline.
///
/// **Formula** with F the index of a profile of indicator values, b the baseline's and x the person's, filled with b
/// where something is missing, the indicators' points sum to F(x) − F(b). Within a parent, children share its move by
/// their Shapley value: w (x − b) where the mean is arithmetic, otherwise the mean over all orders in which the
/// children go from b to x of what each adds. Downwards each child's points φ are shared among its own children in the
/// same way, times its slope φ/Δ, Δ the child's own move. Where Δ is next to 0 the slope is the mean derivative instead,
/// so that moves against each other inside the child still show. The row `missing` is the person's index minus F(x).
///
/// With more than 16 children of one parent that count, where its mean is not arithmetic, 1,024 orders of a fixed seed
/// stand for all, each taken forwards and backwards; the sum stays exact. A slope has no bound where a child is next
/// to 0 and its parent has no floor: it is held where no row of that parent exceeds 100 points, and what is left over
/// is shared by the size of the moves.
///
/// The method is Shapley values propagated through the tree. Where every parent above an indicator's own is arithmetic,
/// that is Owen's value for the nested groups, and elsewhere not; see [methods](crate::guide::methods).
///
/// **Units** points of the index. They sum to `score − baseline` to 10⁻⁹.
///
/// **Missing data** an indicator that is missing has 0 points; what its absence does is in the last row, which is
/// there only if something is missing. One whose gap was filled counts with the score that fills it, and says so.
///
/// # Errors
/// A person or a baseline of another definition; a person without an index, with the code of the reason.
///
/// **Reference** Shapley 1953; Owen 1977; Winter 1989; Chen, Lundberg & Lee 2022, Nature Communications 13:4512.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, explain::{Baseline, contributions}};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let baseline = Baseline::mean(&index.score_cohort(&cohort)?)?;
///
/// let why = contributions(&index, &cohort.person("1")?, &baseline)?;
/// let sum: f64 = why.rows.iter().map(|row| row.points).sum();
/// assert!((sum - (why.score - why.baseline)).abs() < 1e-9);
///
/// let lowers = why.lowers();
/// assert_eq!((lowers[0].id.as_str(), lowers[0].path[0].as_str()), ("health", "felt"));
/// assert_eq!(format!("{:.1}", lowers[0].points), "-6.6");
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn contributions(index: &Index, person: &Person, baseline: &Baseline) -> Result<Contributions> {
    let definition = index.definition();
    if baseline.definition().hash() != definition.hash() {
        let what = format!(
            "the baseline is of the definition `{}`, the index is of `{}`",
            baseline.definition().id(),
            definition.id()
        );
        let fault = Fault::new(what).help("make the baseline of scores by the same definition");
        return Err(Error::new(ErrorKind::Definition, vec![fault]));
    }
    let found = index.score(person)?;
    let Some(score) = found.value() else {
        let what = format!("the person has no index, and nothing to explain: {}", found.reason().code());
        let help = "less is observed than `missing` asks for in the definition";
        return Err(Error::new(ErrorKind::Data, vec![Fault::new(what).help(help)]));
    };
    let (parts, tree) = (definition.parts(), index.tree());
    let values: Vec<Option<f64>> =
        parts.indicators.iter().map(|indicator| found.indicator(&indicator.id)).collect();
    let filled: Vec<f64> =
        values.iter().zip(baseline.values()).map(|(value, mean)| value.unwrap_or(*mean)).collect();
    let mut sharing = Sharing {
        tree,
        parts,
        from: tree.values(baseline.values()),
        to: tree.values(&filled),
        points: vec![0.0; filled.len()],
        paths: vec![Vec::new(); filled.len()],
    };
    let last = |values: &[f64]| values.last().copied().unwrap_or(f64::NAN);
    let (start, end) = (last(&sharing.from), last(&sharing.to));
    sharing.share(tree.root(), end - start, 1.0, &[]);
    let whole = sharing.points.into_iter().zip(sharing.paths);
    let read = parts.indicators.iter().zip(values).zip(baseline.values());
    let mut rows: Vec<Contribution> = read
        .zip(whole)
        .map(|(((indicator, value), mean), (points, path))| Contribution {
            id: indicator.id.clone(),
            title: named(&indicator.title, &indicator.id),
            path,
            value,
            imputed: found.is_imputed(&indicator.id),
            baseline: Some(*mean),
            points,
        })
        .collect();
    if rows.iter().any(|row| row.value.is_none()) {
        rows.push(Contribution {
            id: MISSING.to_owned(),
            title: "what is missing".to_owned(),
            path: Vec::new(),
            value: None,
            imputed: false,
            baseline: None,
            points: score - end,
        });
    }
    Ok(Contributions {
        definition: definition.id().to_owned(),
        version: definition.version().to_owned(),
        hash: definition.hash().to_owned(),
        baseline_of: baseline.of(),
        baseline_persons: baseline.persons(),
        baseline: start,
        score,
        rows,
    })
}

/// The tree on its way from one profile to another.
struct Sharing<'a> {
    tree: Tree<'a>,
    parts: &'a Resolved,
    /// By slot: the values at the baseline's profile and at the person's.
    from: Vec<f64>,
    to: Vec<f64>,
    /// By indicator.
    points: Vec<f64>,
    paths: Vec<Vec<String>>,
}

impl Sharing<'_> {
    /// Shares `points` of the index out below a slot, which has `slope` points of the index for one of its own.
    fn share(&mut self, slot: usize, points: f64, slope: f64, path: &[String]) {
        let Some(node) = self.tree.node(slot) else {
            if let (Some(own), Some(parents)) = (self.points.get_mut(slot), self.paths.get_mut(slot)) {
                *own = points;
                *parents = path.to_vec();
            }
            return;
        };
        let of = |values: &[f64], slot: usize| values.get(slot).copied().unwrap_or(f64::NAN);
        let children: Vec<Child> = node
            .children()
            .iter()
            .map(|(child, _)| Child {
                from: of(&self.from, *child),
                to: of(&self.to, *child),
                has_children: self.tree.node(*child).is_some(),
            })
            .collect();
        let shares = shapley::shares(node, &children);
        let largest = shares.iter().map(|share| share.points.abs()).fold(0.0, f64::max);
        // Slopes of means are weights, or not far above 1, but where a child is next to 0 without a floor.
        let slope = if slope * largest > RANGE && slope > 1.0 { RANGE / largest } else { slope };
        let slope = if slope.is_finite() { slope } else { 0.0 };
        let size: f64 = shares.iter().map(|share| share.points.abs()).sum();
        let left = points - shares.iter().map(|share| slope * share.points).sum::<f64>();
        for ((child, _), share) in node.children().iter().zip(&shares) {
            let rest = if size > 0.0 { left * (share.points.abs() / size) } else { 0.0 };
            let below = self.tree.position(*child).and_then(|at| self.parts.nodes.get(at));
            let path: Vec<String> = path.iter().cloned().chain(below.map(|node| node.id.clone())).collect();
            self.share(*child, slope * share.points + rest, slope * share.slope, &path);
        }
    }
}

impl Contributions {
    /// The indicators that lift the person above the baseline, the largest first.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, explain::{Baseline, contributions}};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// # let baseline = Baseline::mean(&scores)?;
    /// let why = contributions(&index, &cohort.person("3")?, &baseline)?;
    /// let ids: Vec<&str> = why.lifts().into_iter().take(2).map(|row| row.id.as_str()).collect();
    /// assert_eq!(ids, ["blood_pressure", "bmi"]);
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn lifts(&self) -> Vec<&Contribution> {
        self.sorted(|points| points)
    }

    /// The indicators that lower the person below the baseline, the largest first.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, explain::{Baseline, contributions}};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// # let baseline = Baseline::mean(&scores)?;
    /// let why = contributions(&index, &cohort.person("3")?, &baseline)?;
    /// assert_eq!(why.lowers()[0].id, "non_hdl");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn lowers(&self) -> Vec<&Contribution> {
        self.sorted(|points| -points)
    }

    /// What the missing indicators together do; none if nothing is missing.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, explain::{Baseline, contributions}};
    /// # let definition = Definition::builtin("nhanes")?;
    /// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// # let index = Index::new(&definition)?;
    /// # let scores = index.score_cohort(&cohort)?;
    /// # let baseline = Baseline::mean(&scores)?;
    /// assert!(contributions(&index, &cohort.person("1")?, &baseline)?.missing().is_none());
    /// let why = contributions(&index, &cohort.person("3")?, &baseline)?; // never said how often they worry
    /// assert_eq!(format!("{:+.1}", why.missing().unwrap().points), "+0.8");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn missing(&self) -> Option<&Contribution> {
        self.rows.last().filter(|row| row.baseline.is_none())
    }

    /// Those with a size above 0, in order; of the same size in the order of the definition.
    fn sorted(&self, size: fn(f64) -> f64) -> Vec<&Contribution> {
        let mut rows: Vec<&Contribution> =
            self.rows.iter().filter(|row| row.baseline.is_some() && size(row.points) > 0.0).collect();
        rows.sort_by(|one, other| size(other.points).total_cmp(&size(one.points)));
        rows
    }
}

/// Shows the shape, no value.
impl fmt::Debug for Contributions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contributions({} rows, definition {:?})", self.rows.len(), self.definition)
    }
}

/// Shows which row it is, no value.
impl fmt::Debug for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contribution").field("id", &self.id).field("path", &self.path).finish_non_exhaustive()
    }
}
