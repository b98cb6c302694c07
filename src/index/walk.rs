//! The tree of an index, to be walked: what every node is when all indicators have a value.

use super::{
    Index,
    branch::{Branch, Room},
    plan::Plan,
};

/// The tree of an index. Slots are numbered: indicators in the order of the definition, then nodes, each after its
/// children, the index last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tree<'a> {
    plan: &'a Plan,
}

impl Index {
    pub(crate) fn tree(&self) -> Tree<'_> {
        Tree { plan: &self.inner.plan }
    }

    /// The mean of every indicator in the reference of the calibration, none for one that nobody had there; none at
    /// all without a calibration.
    pub(crate) fn reference_means(&self) -> Option<Vec<Option<f64>>> {
        let learned = self.calibration()?.indicators();
        let mean = |id: &String| learned.get(id).filter(|learned| learned.n > 0).map(|learned| learned.mean);
        Some(self.definition().parts().indicators.iter().map(|indicator| mean(&indicator.id)).collect())
    }
}

impl<'a> Tree<'a> {
    /// The slot of the index.
    pub(crate) fn root(self) -> usize {
        self.plan.slots().saturating_sub(1)
    }

    /// The position in the definition of the node in a slot; none for an indicator.
    pub(crate) fn position(self, slot: usize) -> Option<usize> {
        slot.checked_sub(self.plan.leaves.len())
    }

    /// The node in a slot; none for an indicator.
    pub(crate) fn node(self, slot: usize) -> Option<&'a Branch> {
        self.plan.branches.get(self.position(slot)?)
    }

    /// The value of every slot, from the values of all indicators.
    pub(crate) fn values(self, profile: &[f64]) -> Vec<f64> {
        let mut values = profile.to_vec();
        let mut room = Room::default();
        for branch in &self.plan.branches {
            let below = branch.children().iter().map(|(slot, _)| values.get(*slot).copied());
            let mean = branch.mean(below.map(|value| value.unwrap_or(f64::NAN)), &mut room);
            values.push(mean);
        }
        values
    }
}
