//! What each part of an index weighs: as declared, on the way to the index, and in what people scored.

use serde::Serialize;

use crate::{
    definition::parts::{Child, NodeKind, Resolved, named},
    error::{Error, ErrorKind, Fault, Result},
    index::{Index, Scores},
    num::importance::{Bins, covariance_share, squared_correlation},
};

/// Of fewer rows nothing is realised.
const FEWEST: usize = 10;

/// Nominal, effective and realised importance of every indicator, domain and pillar, side by side.
///
/// A weight says how many points of the parent go with one point of the child. How much of the *differences between people*
/// comes from the child is another matter: it depends on how far the child varies, and on what it varies with.
///
/// **Formula** nominal: the weight within the parent, as declared or learned. Effective: the product of the weights on the way
/// from the index down. Realised: see [`Realised`].
///
/// **Units** shares, from 0 to 1; a covariance share is below 0 where a child runs against its parent.
///
/// **Missing data** correlations and ratios rest on the rows with both scores, covariance shares on the rows in which nothing
/// below is missing; each says how many these are. Nothing is said of fewer than ten.
///
/// **Standard error** weights are frozen, so they have none; realised importance is that of these rows.
///
/// **Reference** Paruolo, Saisana & Saltelli 2013, J R Stat Soc A 176: 609–634; Becker, Saisana, Paruolo & Vandecasteele 2017,
/// Ecological Indicators 80: 12–22.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, study::Importance};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let found = Importance::of(&index, &index.score_cohort(&cohort)?)?;
///
/// let share = |part: &vointi::study::PartImportance| part.in_index.as_ref()?.covariance_share;
/// let indicators = found.parts.iter().filter(|part| part.kind == "indicator");
/// let total: f64 = indicators.filter_map(share).sum();
/// assert!((total - 1.0).abs() < 1e-12, "in a tree of arithmetic means they share all of the variance");
///
/// let mood = found.parts.iter().find(|part| part.id == "mood").unwrap();
/// assert_eq!((mood.nominal, mood.effective), (0.5, 0.25));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Importance {
    /// The id of the definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// Its hash.
    pub hash: String,
    /// How many rows there are.
    pub rows: usize,
    /// How many of them have a score of every indicator, and an index.
    pub complete: usize,
    /// Every indicator, domain and pillar, parents before their children, in the order of the tree.
    pub parts: Vec<PartImportance>,
}

/// One indicator, domain or pillar.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PartImportance {
    /// How far below the index it stands.
    pub depth: usize,
    /// `pillar`, `domain` or `indicator`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// What it is, in words.
    pub title: String,
    /// The id of its parent; `index` for the index.
    pub parent: String,
    /// Its weight within its parent, as declared or learned; siblings sum to 1.
    pub nominal: f64,
    /// Where that weight comes from, such as `weights by CRITIC`; empty where it is declared.
    pub weighting: String,
    /// The product of the weights on the way from the index; all indicators sum to 1.
    pub effective: f64,
    /// Within its parent.
    pub in_parent: Option<Realised>,
    /// Within the index.
    pub in_index: Option<Realised>,
}

/// How much of the variance of a score above goes with one below.
///
/// **Formula** covariance share cov(w x, y)/var(y), w the product of the weights between the two: where all means between them
/// are arithmetic; over the children of a parent, or over all indicators, these sum to 1. Squared correlation r²: the share
/// that a straight line in x explains. Correlation ratio Var(E[y | x])/Var(y), the share that any curve in x could explain: of
/// the means of y in bins of x of equal count (up to 20, of ten rows or more; equal values stay together).
///
/// The correlation ratio is biased upwards: of a child that says nothing, (bins − 1)/(n − 1) is to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Realised {
    /// How many rows have both scores.
    pub n: usize,
    /// How many rows the covariance share rests on.
    pub complete: usize,
    /// None below a mean that is not arithmetic, of fewer than ten complete rows, or where nothing varies.
    pub covariance_share: Option<f64>,
    /// None where one of the two does not vary.
    pub squared_correlation: Option<f64>,
    /// None where the score above does not vary.
    pub correlation_ratio: Option<f64>,
    /// The bins behind the correlation ratio.
    pub bins: usize,
}

impl Importance {
    /// Of an index, in the scores it gave.
    ///
    /// # Errors
    /// Scores of another definition, or without domains, pillars and indicators.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, index::{Keep, Run}, study::Importance};
    /// let definition = Definition::builtin("nhanes")?;
    /// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
    /// let index = Index::new(&definition)?;
    /// let lean = index.score_cohort_with(&cohort, &Run::new().keep(Keep::Index))?;
    /// assert!(Importance::of(&index, &lean).is_err(), "the parts were not kept");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(index: &Index, scores: &Scores) -> Result<Self> {
        let (definition, parts) = (index.definition(), index.definition().parts());
        let refuse =
            |what: &str, help: &str| Err(Error::new(ErrorKind::Data, vec![Fault::new(what).help(help)]));
        if scores.definition().hash() != definition.hash() {
            return refuse("the scores are not those of this index", "score with this index");
        }
        if scores.indicators().ncols() != parts.indicators.len()
            || scores.nodes().ncols() != parts.declared.len()
        {
            return refuse("the scores are those of the index alone", "keep all of them: `Keep::All`");
        }
        let columns = Columns::of(parts, scores);
        let complete = complete(&columns.all());
        let mut walk = Walk { parts, index, paths: Vec::new() };
        walk.below(parts.nodes.len().wrapping_sub(1), &[]);
        let part = |path: &Path| columns.part(parts, path, &complete);
        #[cfg(feature = "parallel")]
        let found = {
            use rayon::prelude::*;
            walk.paths.par_iter().map(part).collect()
        };
        #[cfg(not(feature = "parallel"))]
        let found = walk.paths.iter().map(part).collect();
        Ok(Self {
            definition: definition.id().to_owned(),
            version: definition.version().to_owned(),
            hash: definition.hash().to_owned(),
            rows: scores.rows(),
            complete: complete.len(),
            parts: found,
        })
    }
}

/// A step from a parent to a child: the position of the parent among the nodes, the child, its weight.
#[derive(Clone, Copy)]
struct Step {
    parent: usize,
    child: Child,
    weight: f64,
    is_arithmetic: bool,
}

/// The way from the index to a part.
type Path = Vec<Step>;

struct Walk<'a> {
    parts: &'a Resolved,
    index: &'a Index,
    paths: Vec<Path>,
}

impl Walk<'_> {
    fn below(&mut self, parent: usize, so_far: &[Step]) {
        let tree = self.index.tree();
        let Some((node, branch)) =
            self.parts.nodes.get(parent).zip(tree.node(self.parts.indicators.len() + parent))
        else {
            return;
        };
        for ((child, _), (_, weight)) in node.children.iter().zip(branch.children()) {
            let is_arithmetic = branch.is_arithmetic();
            let step = Step { parent, child: *child, weight: *weight, is_arithmetic };
            let path = [so_far, &[step]].concat();
            self.paths.push(path.clone());
            if let Child::Node(at) = child {
                self.below(*at, &path);
            }
        }
    }
}

/// The scores column by column.
struct Columns {
    indicators: Vec<Vec<f64>>,
    /// By position among the nodes, the index last.
    nodes: Vec<Vec<f64>>,
}

impl Columns {
    fn of(parts: &Resolved, scores: &Scores) -> Self {
        let mut nodes = vec![Vec::new(); parts.nodes.len()];
        for (at, position) in parts.declared.iter().enumerate() {
            if let Some(column) = nodes.get_mut(*position) {
                *column = scores.nodes().column(at).to_vec();
            }
        }
        if let Some(index) = nodes.last_mut() {
            *index = scores.index_or_nan().to_vec();
        }
        let indicators = scores.indicators().columns().into_iter().map(|column| column.to_vec()).collect();
        Self { indicators, nodes }
    }

    fn child(&self, child: Child) -> &[f64] {
        match child {
            Child::Indicator(at) => self.indicators.get(at),
            Child::Node(at) => self.nodes.get(at),
        }
        .map(Vec::as_slice)
        .unwrap_or_default()
    }

    fn node(&self, at: usize) -> &[f64] {
        self.nodes.get(at).map(Vec::as_slice).unwrap_or_default()
    }

    /// Every indicator, and the index.
    fn all(&self) -> Vec<&[f64]> {
        self.indicators.iter().map(Vec::as_slice).chain(self.nodes.last().map(Vec::as_slice)).collect()
    }

    fn part(&self, parts: &Resolved, path: &[Step], all: &[usize]) -> PartImportance {
        let top = parts.nodes.len().wrapping_sub(1);
        let last = path.last().copied().unwrap_or(Step {
            parent: top,
            child: Child::Node(top),
            weight: 1.0,
            is_arithmetic: true,
        });
        let parent = parts.nodes.get(last.parent);
        let (kind, title) = match last.child {
            Child::Indicator(at) => ("indicator", parts.indicators.get(at).map(|i| i.title.as_str())),
            Child::Node(at) => {
                let node = parts.nodes.get(at);
                let is_domain = node.is_some_and(|node| node.kind == NodeKind::Domain);
                (if is_domain { "domain" } else { "pillar" }, node.map(|node| node.title.as_str()))
            }
        };
        let id = parts.child_id(last.child);
        let siblings: Vec<&[f64]> = parent
            .map(|node| node.children.iter().map(|(child, _)| self.child(*child)).collect())
            .unwrap_or_default();
        let effective = path.iter().map(|step| step.weight).product();
        let is_arithmetic = path.iter().all(|step| step.is_arithmetic);
        let x = self.child(last.child);
        let beside = complete(&[siblings.as_slice(), &[self.node(last.parent)]].concat());
        PartImportance {
            depth: path.len(),
            kind,
            id: id.to_owned(),
            title: named(title.unwrap_or_default(), id),
            parent: parent.map(|node| node.id.clone()).unwrap_or_default(),
            nominal: last.weight,
            weighting: parent.and_then(|node| node.weighting.in_words()).unwrap_or_default(),
            effective,
            in_parent: realised_of(
                x,
                self.node(last.parent),
                last.is_arithmetic.then_some(last.weight),
                &beside,
            ),
            in_index: realised_of(x, self.node(top), is_arithmetic.then_some(effective), all),
        }
    }
}

/// The rows in which none of these is missing.
fn complete(columns: &[&[f64]]) -> Vec<usize> {
    let rows = columns.first().map_or(0, |column| column.len());
    let is_complete =
        |row: &usize| columns.iter().all(|column| column.get(*row).is_some_and(|x| !x.is_nan()));
    (0..rows).filter(is_complete).collect()
}

/// None of fewer than ten rows.
fn realised_of(x: &[f64], y: &[f64], weight: Option<f64>, full: &[usize]) -> Option<Realised> {
    let take = |column: &[f64], rows: &[usize]| -> Vec<f64> {
        rows.iter().filter_map(|row| column.get(*row).copied()).collect()
    };
    let both = complete(&[x, y]);
    if both.len() < FEWEST {
        return None;
    }
    let share = weight
        .filter(|_| full.len() >= FEWEST)
        .and_then(|weight| covariance_share(weight, &take(x, full), &take(y, full)));
    let (x, y) = (take(x, &both), take(y, &both));
    let bins = Bins::of(&x);
    Some(Realised {
        n: both.len(),
        complete: full.len(),
        covariance_share: share,
        squared_correlation: squared_correlation(&x, &y),
        correlation_ratio: bins.ratio(&y),
        bins: bins.len(),
    })
}
