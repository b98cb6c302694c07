//! A definition with some of its choices made otherwise, ready to be scored again and again for its index alone.

use super::{
    Calibration,
    block::{Keep, Out, Reason, Scratch},
    branch::Branch,
    plan::Plan,
};
use crate::{
    cohort::{Cohort, Flags},
    definition::Definition,
    error::Result,
};

/// A compiled variant of a definition with the persons it scores.
pub(crate) struct Variant {
    plan: Plan,
    cohort: Cohort,
}

/// What the variants of a definition learn from.
#[derive(Clone, Copy)]
pub(crate) enum Lessons<'a> {
    /// A reference, read as the variant reads it; the persons themselves, or others.
    Reference(&'a Cohort),
    /// Nobody: what was learned before serves all.
    Fixed(Option<&'a Calibration>),
}

/// Rows at a time, as in [`Run`](super::Run).
const BLOCK: usize = 1024;

impl Variant {
    /// Compiles a variant for persons that are bound as it reads them.
    ///
    /// # Errors
    /// A reference in which something needed cannot be learned; lessons that lack something.
    pub(crate) fn new(definition: &Definition, cohort: &Cohort, lessons: Lessons<'_>) -> Result<Self> {
        let learned;
        let calibration = match lessons {
            Lessons::Reference(reference) => {
                learned = Calibration::learn(&reference.under(definition))?;
                Some(&learned)
            }
            Lessons::Fixed(calibration) => calibration,
        };
        let mut plan = Plan::new(definition, calibration)?;
        (plan.has_spread, plan.has_posterior) = (false, false);
        Ok(Self { plan, cohort: cohort.clone() })
    }

    pub(crate) fn rows(&self) -> usize {
        self.cohort.rows()
    }

    /// Every weight of every node, in the order of the definition, after each was multiplied; those of a node sum to 1.
    pub(crate) fn weights(&self, multipliers: &[f64]) -> Vec<f64> {
        let branches = self.reweighted(multipliers);
        branches.iter().flat_map(|branch| branch.children().iter().map(|(_, weight)| *weight)).collect()
    }

    /// Writes the index of every person, NaN where there is none.
    ///
    /// `multipliers` has one number for every child of every node, in the order of the definition, or is empty.
    pub(crate) fn score(&self, multipliers: &[f64], out: &mut Vec<f64>) {
        let mut scratch = Scratch::new(&self.plan);
        if !multipliers.is_empty() {
            scratch.branches = Some(self.reweighted(multipliers));
        }
        let mut coverage = [0.0; BLOCK];
        let mut flags = [Flags::default(); BLOCK];
        let mut reason = [Reason::None; BLOCK];
        out.clear();
        out.resize(self.rows(), f64::NAN);
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
    }

    /// The nodes with every weight multiplied.
    fn reweighted(&self, multipliers: &[f64]) -> Vec<Branch> {
        let mut rest = multipliers;
        let mut branches = self.plan.branches.clone();
        for branch in &mut branches {
            let (own, more) = rest.split_at(branch.children().len().min(rest.len()));
            branch.multiply_weights(own);
            rest = more;
        }
        branches
    }
}
