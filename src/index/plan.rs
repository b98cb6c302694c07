//! An index ready to run: the tree flattened into slots, leaves first, every parent after its children.

use super::{
    Calibration,
    branch::Branch,
    calibration::nodes::{self, LearnedNode},
    screen::Screening,
};
use crate::{
    cohort::Cohort,
    definition::{
        Definition,
        parts::{Child, Indicator, Resolved},
    },
    error::{Error, ErrorKind, Fault, Result},
    indicator::{self, Curve, Leaf, Lessons, ScaleRef, Source},
    num::normal::quantile,
    scale::{self, kernel::Kernel},
};

#[derive(Debug)]
pub(crate) struct Plan {
    pub(super) scales: Vec<ScalePlan>,
    pub(super) leaves: Vec<Leaf>,
    /// How many answers or readings are behind a complete reading, and whether it is a scale: by leaf and source.
    pub(super) full: Vec<(Vec<usize>, Vec<bool>)>,
    pub(super) branches: Vec<Branch>,
    /// Who gets an index at all.
    pub(super) screen: Option<Screening>,
    /// Nodes in the order of the file, for output; the index is not among them.
    pub(super) declared: Vec<usize>,
    /// Whether every indicator has an error, so that there are standard errors.
    pub(super) has_spread: bool,
    /// Whether every indicator has a posterior, so that there are intervals.
    pub(super) has_posterior: bool,
    /// How many standard deviations of the posterior the interval reaches: the normal quantile, but for one stepped
    /// indicator alone.
    pub(super) z: f64,
}

/// A goalpost of a single reading.
pub(super) struct PlainLine<'a> {
    pub(super) column: &'a [f64],
    pub(super) from: f64,
    pub(super) slope: f64,
}

#[derive(Debug)]
pub(super) struct ScalePlan {
    pub(super) instrument: usize,
    pub(super) kernel: Kernel,
}

impl Plan {
    pub(crate) fn new(definition: &Definition, calibration: Option<&Calibration>) -> Result<Self> {
        let parts = definition.parts();
        let all: Vec<usize> = (0..parts.indicators.len()).collect();
        let Self { scales, mut leaves, full, .. } =
            Self::of_leaves(parts, &all, calibration.map(Calibration::lessons))?;
        let (leaves_below, nodes_below) = below_curved(parts);
        for (leaf, is_below) in leaves.iter_mut().zip(leaves_below) {
            if is_below {
                leaf.refuse_incomplete();
            }
        }
        let has_spread = leaves.iter().all(Leaf::has_spread);
        let has_posterior = leaves.iter().all(Leaf::has_posterior);
        let branches = branches_of(parts, &leaves, &nodes_below, |id| calibration?.node(id))?;
        let alone = match leaves.as_slice() {
            [leaf] if branches.iter().all(Branch::is_arithmetic) => leaf.interval_multiple(parts.interval),
            _ => None,
        };
        let screen = Screening::new(parts, &indicator::scales_read(&parts.indicators));
        Ok(Self {
            scales,
            leaves,
            full,
            branches,
            screen,
            declared: parts.declared.clone(),
            has_spread,
            has_posterior,
            z: alone.unwrap_or_else(|| quantile(0.5 + parts.interval / 2.0)),
        })
    }

    /// The nodes anew, with other lessons of their own.
    pub(super) fn branches_of<'a>(
        &self,
        parts: &Resolved,
        learned: impl Fn(&str) -> Option<&'a LearnedNode>,
    ) -> Result<Vec<Branch>> {
        branches_of(parts, &self.leaves, &below_curved(parts).1, learned)
    }

    /// Some indicators and nothing above them.
    pub(super) fn of_leaves(parts: &Resolved, at: &[usize], lessons: Option<Lessons<'_>>) -> Result<Self> {
        let declared: Vec<&Indicator> = at.iter().filter_map(|at| parts.indicators.get(*at)).collect();
        let read: Vec<ScaleRef> = indicator::scales_read(declared.iter().copied());
        let mut faults = Vec::new();
        let mut leaves = Vec::new();
        for declared in declared {
            match indicator::compile(parts, declared, &read, lessons) {
                Ok(leaf) => leaves.push(leaf),
                Err(more) => faults.extend(more),
            }
        }
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Calibration, faults));
        }
        let full = leaves
            .iter()
            .map(|leaf| {
                let counts = leaf.sources.iter().map(|source| indicator::full_count(parts, *source, &read));
                let is_scale = leaf.sources.iter().map(|source| matches!(source, Source::Scale(_)));
                (counts.collect(), is_scale.collect())
            })
            .collect();
        let scales = read
            .iter()
            .filter_map(|(instrument, at)| {
                let kernel = scale::kernel(parts.instruments.get(*instrument)?, *at)?;
                Some(ScalePlan { instrument: *instrument, kernel })
            })
            .collect();
        Ok(Self {
            scales,
            leaves,
            full,
            branches: Vec::new(),
            screen: None,
            declared: Vec::new(),
            has_spread: false,
            has_posterior: false,
            z: f64::NAN,
        })
    }

    /// Whether errors of indicators reach the index.
    pub(super) fn has_slopes(&self) -> bool {
        self.branches.iter().all(Branch::has_slopes)
    }

    pub(super) fn slots(&self) -> usize {
        self.leaves.len() + self.branches.len()
    }

    /// The column and the line of a leaf that is a plain goalpost of a single reading: it can be fused into its parent.
    /// One whose gaps are filled cannot: what is missing there counts.
    pub(super) fn plain_line<'a>(&self, slot: usize, cohort: &'a Cohort) -> Option<PlainLine<'a>> {
        let leaf = self.leaves.get(slot).filter(|leaf| leaf.fill.is_none())?;
        let (Curve::Line { from, slope, .. }, [Source::Measure(at)]) = (&leaf.curve, leaf.sources.as_slice())
        else {
            return None;
        };
        let measured = cohort.measures().get(*at).filter(|measured| measured.count.is_none())?;
        Some(PlainLine { column: &measured.value, from: *from, slope: *slope })
    }
}

/// The nodes, each after its children, with what they have learned.
fn branches_of<'a>(
    parts: &Resolved,
    leaves: &[Leaf],
    below_curved: &[bool],
    learned: impl Fn(&str) -> Option<&'a LearnedNode>,
) -> Result<Vec<Branch>> {
    let mut faults = Vec::new();
    let mut branches: Vec<Branch> = Vec::new();
    for (node, is_below) in parts.nodes.iter().zip(below_curved) {
        let learned = learned(&node.id);
        let known = nodes::weights_of(parts, node, learned)
            .and_then(|weights| Ok((weights, nodes::join_of(parts, node, learned)?)));
        let (weights, join) = match known {
            Ok(known) => known,
            Err(error) => {
                faults.extend(error.into_faults());
                continue;
            }
        };
        let slots = node.children.iter().zip(weights).map(|((child, _), weight)| {
            let slot = match child {
                Child::Indicator(at) => *at,
                Child::Node(at) => leaves.len() + at,
            };
            (slot, weight)
        });
        let mut branch = Branch::new(slots.collect(), node, join, leaves, &branches);
        if *is_below {
            branch.refuse_incomplete();
        }
        branches.push(branch);
    }
    if faults.is_empty() { Ok(branches) } else { Err(Error::new(ErrorKind::Calibration, faults)) }
}

/// The indicators and the nodes that stand below an aggregate whose slopes change with the scores.
fn below_curved(parts: &Resolved) -> (Vec<bool>, Vec<bool>) {
    let (mut leaves, mut nodes) = (vec![false; parts.indicators.len()], vec![false; parts.nodes.len()]);
    // Parents come after their children.
    for (at, node) in parts.nodes.iter().enumerate().rev() {
        let is_below = nodes.get(at).copied().unwrap_or(false) || node.aggregate.is_curved();
        for (child, _) in &node.children {
            let mark = match child {
                Child::Indicator(at) => leaves.get_mut(*at),
                Child::Node(at) => nodes.get_mut(*at),
            };
            if let Some(mark) = mark {
                *mark |= is_below;
            }
        }
    }
    (leaves, nodes)
}

/// A calibration of another definition, or none where one is needed.
pub(crate) fn check_calibration(definition: &Definition, calibration: Option<&Calibration>) -> Result<()> {
    let parts = definition.parts();
    let fault = match calibration {
        Some(known) if known.definition_hash() != definition.hash() => {
            let what = if known.definition_id() == definition.id() {
                format!(
                    "the calibration was learned with another version of the definition `{}`",
                    definition.id()
                )
            } else {
                format!(
                    "the calibration belongs to the definition `{}`, not to `{}`",
                    known.definition_id(),
                    definition.id()
                )
            };
            Fault::new(what).help("learn it again with `vointi calibrate`")
        }
        None => {
            let indicators =
                parts.indicators.iter().filter(|indicator| indicator::needs_calibration(parts, indicator));
            let above = parts.nodes.iter().filter(|node| nodes::needs_calibration(node)).map(nodes::path_of);
            let needing: Vec<String> =
                indicators.map(|indicator| indicator.id.clone()).chain(above).collect();
            if needing.is_empty() {
                return Ok(());
            }
            Fault::new(format!(
                "the definition `{}` needs a calibration for {}",
                definition.id(),
                needing.join(", ")
            ))
            .help(
                "learn one with `vointi calibrate`, or learn it on the data at hand with `--calibrate-here`",
            )
        }
        Some(_) => return Ok(()),
    };
    Err(Error::new(ErrorKind::Calibration, vec![fault]))
}
