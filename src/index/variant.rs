//! A definition with some of its choices made otherwise, ready to be scored again and again for its index alone.

use std::sync::Arc;

use super::{
    Calibration,
    block::{Keep, Out, Scratch},
    plan::Plan,
};
use crate::{
    cohort::{Cohort, Flags},
    definition::Definition,
    error::Result,
    index::Reason,
};

/// A compiled variant of a definition with the persons it scores.
#[derive(Clone)]
pub(crate) struct Variant {
    plan: Plan,
    cohort: Cohort,
}

/// What a thread needs to score variants; used again and again.
#[derive(Debug, Default)]
pub(crate) struct VariantScratch {
    scratch: Option<(usize, Scratch)>,
    coverage: Vec<f64>,
    flags: Vec<Flags>,
    reason: Vec<Reason>,
}

/// Rows at a time, as in [`Run`](super::Run).
const BLOCK: usize = 1024;

impl Variant {
    /// Compiles a variant, with what its own reference teaches or with lessons that are fixed.
    ///
    /// # Errors
    /// A reference in which something needed cannot be learned; lessons that lack something.
    pub(crate) fn new(definition: &Definition, cohort: &Cohort, lessons: &Lessons<'_>) -> Result<Self> {
        let cohort = cohort.under(definition);
        let learned;
        let calibration = match lessons {
            Lessons::Here => {
                learned = Calibration::learn(&cohort)?;
                Some(&learned)
            }
            Lessons::Reference(reference) => {
                learned = Calibration::learn(&reference.under(definition))?;
                Some(&learned)
            }
            Lessons::Fixed(calibration) => *calibration,
        };
        let mut plan = Plan::new(definition, calibration)?;
        (plan.has_spread, plan.has_posterior) = (false, false);
        Ok(Self { plan, cohort })
    }

    /// How many children each node has, in the order of the definition.
    pub(crate) fn widths(&self) -> impl Iterator<Item = usize> + '_ {
        self.plan.branches.iter().map(|branch| branch.children().len())
    }

    /// The weights of each node, summing to 1, after each was multiplied.
    pub(crate) fn weights(&self, multipliers: &[f64]) -> Vec<f64> {
        let plan = self.plan.reweighted(multipliers);
        plan.branches.iter().flat_map(|branch| branch.children().iter().map(|(_, weight)| *weight)).collect()
    }

    /// Writes the index of every person, NaN where there is none.
    ///
    /// `multipliers` has one number for every child of every node, in the order of the definition, or is empty.
    pub(crate) fn score(&self, multipliers: &[f64], scratch: &mut VariantScratch, out: &mut [f64]) {
        let own;
        let plan = if multipliers.is_empty() {
            &self.plan
        } else {
            own = self.plan.reweighted(multipliers);
            &own
        };
        let slots = plan.slots();
        let VariantScratch { scratch, coverage, flags, reason } = scratch;
        if scratch.as_ref().is_none_or(|(known, scratch)| *known != slots || !scratch.fits(plan)) {
            *scratch = Some((slots, Scratch::new(plan)));
        }
        let Some((_, scratch)) = scratch else { return };
        coverage.resize(BLOCK, 0.0);
        flags.resize(BLOCK, Flags::default());
        reason.resize(BLOCK, Reason::None);
        let mut from = 0;
        for index in out.chunks_mut(BLOCK) {
            let n = index.len();
            let cut = Out {
                index,
                coverage: coverage.get_mut(..n).unwrap_or_default(),
                flags: flags.get_mut(..n).unwrap_or_default(),
                reason: reason.get_mut(..n).unwrap_or_default(),
                ..Out::default()
            };
            let rows = from..from + n;
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || plan.run(&self.cohort, rows, scratch, cut, Keep::Index),
            );
            from += n;
        }
    }
}

/// What the variants of a definition learn from.
#[derive(Clone, Copy)]
pub(crate) enum Lessons<'a> {
    /// The persons themselves.
    Here,
    /// Others, read as the variants read them.
    Reference(&'a Cohort),
    /// Nobody: what was learned before serves all.
    Fixed(Option<&'a Calibration>),
}

impl Plan {
    /// The same with every weight multiplied, and renormalised within its parent.
    fn reweighted(&self, multipliers: &[f64]) -> Self {
        let mut plan = self.clone();
        let mut rest = multipliers;
        for branch in &mut plan.branches {
            let (own, more) = rest.split_at(branch.children().len().min(rest.len()));
            branch.multiply_weights(own);
            rest = more;
        }
        plan
    }
}

/// The scores of leaves, so that leaves made of the same need not be scored again.
pub(crate) type KnownLeaves = Arc<[Option<Arc<[f64]>>]>;
