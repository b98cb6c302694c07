//! A definition with some of its choices made otherwise, ready to be scored again and again for its index alone.
//!
//! What a variant has in common with others is made once: what an indicator learns and how it scores the persons depends on
//! what it is made of, and not on which variant asks.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;

use super::{
    Calibration,
    block::{Keep, Out, Reason, Scratch},
    branch::Branch,
    calibration::{
        fills::screened,
        nodes::{self, LearnedNodes},
    },
    columns::{self, OfIndicator},
    plan::Plan,
};
use crate::{
    cohort::{Cohort, Flags},
    definition::{
        Definition,
        parts::{Indicator, Reading, Resolved},
    },
    error::{Error, ErrorKind, Fault, Result},
};

/// A compiled variant of a definition with the persons it scores.
pub(crate) struct Variant {
    definition: Definition,
    plan: Plan,
    cohort: Cohort,
    /// By indicator, the scores of the persons; none where they are made in each run.
    known: Vec<Option<Arc<OfIndicator>>>,
    /// The scores of indicators in the reference, where nodes learn from them; they learn anew when weights below change.
    reference: Option<Vec<OfIndicator>>,
}

/// What the variants of a definition learn from.
#[derive(Clone, Copy)]
pub(crate) enum Lessons<'a> {
    /// The persons themselves.
    Own,
    /// Others, read as the variant reads them.
    Reference(&'a Cohort),
    /// Nobody: what was learned before serves all.
    Fixed(Option<&'a Calibration>),
}

/// What variants have in common: what indicators learned, and their scores, by what they are made of.
#[derive(Default)]
pub(crate) struct Shelf {
    leaves: Mutex<HashMap<String, Arc<Shelved>>>,
}

struct Shelved {
    /// What the indicator learned, by itself; none where nobody learns.
    lessons: Option<Calibration>,
    persons: Option<Arc<OfIndicator>>,
    /// None where no node learns, or where the reference is the persons themselves.
    reference: Option<Arc<OfIndicator>>,
}

/// Up to how many scores of indicators are kept; those beyond are made again in each run.
const MOST_CELLS: usize = 48_000_000;

/// Rows at a time, as in [`Run`](super::Run).
const BLOCK: usize = 1024;

impl Variant {
    /// Compiles a variant for persons that are bound as it reads them.
    ///
    /// # Errors
    /// A reference in which something needed cannot be learned; lessons that lack something.
    pub(crate) fn new(
        definition: &Definition,
        cohort: &Cohort,
        lessons: Lessons<'_>,
        shelf: &Shelf,
    ) -> Result<Self> {
        let parts = definition.parts();
        let reference = match lessons {
            Lessons::Own => Some(screened(cohort)?),
            Lessons::Reference(reference) => Some(screened(reference)?),
            Lessons::Fixed(_) => None,
        };
        let is_own = matches!((&lessons, &reference), (Lessons::Own, Some(Cow::Borrowed(_))));
        let learns = reference.is_some() && parts.nodes.iter().any(nodes::learns);
        let from = From {
            definition,
            cohort,
            reference: reference.as_deref(),
            fixed: if let Lessons::Fixed(calibration) = lessons { calibration } else { None },
            wants_reference: learns && !is_own,
            wants_persons: learns && is_own,
        };
        let leaves = shelf.leaves(&from)?;
        let reference = learns.then(|| {
            let of = |leaf: &Arc<Shelved>| {
                let own = if is_own { &leaf.persons } else { &leaf.reference };
                own.as_deref().cloned().unwrap_or_default()
            };
            leaves.iter().map(of).collect::<Vec<_>>()
        });
        let node = match &reference {
            Some(columns) => nodes::learn_all(parts, columns)?,
            None => LearnedNodes::new(),
        };
        let learned;
        let calibration = match lessons {
            Lessons::Fixed(calibration) => calibration,
            _ => {
                learned = Calibration::joined(leaves.iter().filter_map(|leaf| leaf.lessons.as_ref()), node);
                Some(&learned)
            }
        };
        let mut plan = Plan::new(definition, calibration)?;
        (plan.has_spread, plan.has_posterior) = (false, false);
        Ok(Self {
            definition: definition.clone(),
            plan,
            cohort: cohort.clone(),
            known: leaves.iter().map(|leaf| leaf.persons.clone()).collect(),
            reference,
        })
    }

    /// Every weight of every node, in the order of the definition, after each was multiplied; those of a node sum to 1.
    ///
    /// # Errors
    /// As of [`score`](Self::score).
    pub(crate) fn weights(&self, multipliers: &[f64]) -> Result<Vec<f64>> {
        let branches = self.reweighted(multipliers)?;
        Ok(branches.iter().flat_map(|branch| branch.children().iter().map(|(_, weight)| *weight)).collect())
    }

    /// Writes the index of every person, NaN where there is none.
    ///
    /// `multipliers` has one number for every child of every node, in the order of the definition, or is empty.
    ///
    /// # Errors
    /// Nodes that cannot learn what they need with these weights below them.
    pub(crate) fn score(&self, multipliers: &[f64], out: &mut Vec<f64>) -> Result<()> {
        let mut scratch = Scratch::new(&self.plan);
        scratch.known.clone_from(&self.known);
        if !multipliers.is_empty() {
            scratch.branches = Some(self.reweighted(multipliers)?);
        }
        let mut coverage = [0.0; BLOCK];
        let mut flags = [Flags::default(); BLOCK];
        let mut reason = [Reason::None; BLOCK];
        out.clear();
        out.resize(self.cohort.rows(), f64::NAN);
        for (block, index) in out.chunks_mut(BLOCK).enumerate() {
            let (from, n) = (block * BLOCK, index.len());
            let cut = Out {
                index,
                coverage: coverage.get_mut(..n).unwrap_or_default(),
                flags: flags.get_mut(..n).unwrap_or_default(),
                reason: reason.get_mut(..n).unwrap_or_default(),
                ..Out::default()
            };
            let rows = from..from + n;
            self.plan.run_on(pulp::Arch::new(), &self.cohort, rows, &mut scratch, cut, Keep::Index);
        }
        Ok(())
    }

    /// The nodes with every weight multiplied; what they learn, they learn with these weights.
    fn reweighted(&self, multipliers: &[f64]) -> Result<Vec<Branch>> {
        let parts = self.definition.parts();
        let mut branches = match &self.reference {
            Some(columns) if !multipliers.is_empty() => {
                let learned = learn_with(parts, columns, multipliers)?;
                self.plan.branches_of(parts, |id| learned.get(id))?
            }
            _ => self.plan.branches.clone(),
        };
        let mut rest = multipliers;
        for branch in &mut branches {
            let (own, more) = rest.split_at(branch.children().len().min(rest.len()));
            branch.multiply_weights(own);
            rest = more;
        }
        Ok(branches)
    }
}

/// Everything the nodes learn where weights are multiplied.
fn learn_with(parts: &Resolved, indicators: &[OfIndicator], multipliers: &[f64]) -> Result<LearnedNodes> {
    let mut found = LearnedNodes::new();
    let mut columns: Vec<Option<Vec<f64>>> = Vec::new();
    let mut rest = multipliers;
    for node in &parts.nodes {
        let (own, more) = rest.split_at(node.children.len().min(rest.len()));
        rest = more;
        let Some(below) = columns::below(parts, node, indicators, &columns) else {
            columns.push(None);
            continue;
        };
        let below: Vec<&[f64]> = below.iter().map(|column| &**column).collect();
        let learned = nodes::learn_node(parts, node, &below)?;
        let mut weights = nodes::weights_of(parts, node, Some(&learned))?;
        weights.iter_mut().zip(own).for_each(|(weight, multiplier)| *weight *= multiplier);
        let total: f64 = weights.iter().sum();
        for weight in &mut weights {
            *weight /= total;
        }
        let join = nodes::join_of(parts, node, Some(&learned))?;
        columns.push(Some(columns::of_node(node, join, &weights, &below)));
        found.insert(node.id.clone(), learned);
    }
    Ok(found)
}

/// What leaves are made from.
struct From<'a> {
    definition: &'a Definition,
    cohort: &'a Cohort,
    reference: Option<&'a Cohort>,
    fixed: Option<&'a Calibration>,
    wants_reference: bool,
    /// Whatever room there is.
    wants_persons: bool,
}

impl Shelf {
    /// The leaves of a variant, those that are there already and those that are made now.
    fn leaves(&self, from: &From<'_>) -> Result<Vec<Arc<Shelved>>> {
        let keys = keys(from.definition.parts())?;
        let (mut found, mut faults) = (Vec::with_capacity(keys.len()), Vec::new());
        for (at, key) in keys.into_iter().enumerate() {
            let known = self.lock().get(&key).cloned();
            let fits = |leaf: &Arc<Shelved>| {
                (!from.wants_reference || leaf.reference.is_some())
                    && (!from.wants_persons || leaf.persons.is_some())
            };
            match known.filter(fits).map_or_else(|| from.leaf(at, self.has_room(from.cohort)), Ok) {
                Ok(leaf) => {
                    self.lock().insert(key, Arc::clone(&leaf));
                    found.push(leaf);
                }
                Err(error) => faults.extend(error.into_faults()),
            }
        }
        if faults.is_empty() { Ok(found) } else { Err(Error::new(ErrorKind::Calibration, faults)) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Shelved>>> {
        self.leaves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_room(&self, cohort: &Cohort) -> bool {
        (self.lock().len() + 1).saturating_mul(cohort.rows()) <= MOST_CELLS
    }
}

impl From<'_> {
    /// One indicator learned, and scored for the persons and, where nodes learn, for the reference.
    fn leaf(&self, at: usize, has_room: bool) -> Result<Arc<Shelved>> {
        let alone = self.definition.of_indicator(at);
        let lessons =
            self.reference.map(|reference| Calibration::learn(&reference.under(&alone))).transpose()?;
        let taught = lessons.as_ref().or(self.fixed).map(Calibration::lessons);
        let column = |cohort: &Cohort| -> Result<Option<Arc<OfIndicator>>> {
            Ok(columns::of_indicators(alone.parts(), &[0], cohort, taught)?.pop().map(Arc::new))
        };
        let persons = if has_room || self.wants_persons { column(self.cohort)? } else { None };
        let reference = match self.reference.filter(|_| self.wants_reference) {
            Some(reference) => column(reference)?,
            None => None,
        };
        Ok(Arc::new(Shelved { lessons, persons, reference }))
    }
}

/// For every indicator what it is made of, as a text.
fn keys(parts: &Resolved) -> Result<Vec<String>> {
    let mut common = text(&parts.upstream())?;
    if parts.screen.is_some() {
        // Who is screened out shows in the readings of all.
        for indicator in &parts.indicators {
            common += &text(indicator)?;
        }
    }
    let of_measure = |at: usize| parts.measures.get(at).map_or_else(|| Ok(String::new()), text);
    let key = |indicator: &Indicator| -> Result<String> {
        let mut key = text(indicator)?;
        match &indicator.reading {
            Reading::Scale { instrument, .. } => {
                if let Some(instrument) = parts.instruments.get(*instrument) {
                    key += &text(instrument)?;
                }
            }
            Reading::Measure { measure, .. } => key += &of_measure(*measure)?,
            Reading::Rule(rule) => {
                for measure in rule.bands.measures() {
                    key += &of_measure(measure)?;
                }
            }
        }
        key += &common;
        Ok(key)
    };
    parts.indicators.iter().map(key).collect()
}

fn text(of: &impl Serialize) -> Result<String> {
    toml::to_string(of).map_err(|error| {
        Error::new(ErrorKind::Definition, vec![Fault::new(format!("no canonical form: {error}"))])
    })
}
