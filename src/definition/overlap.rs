//! A definition without what its choices share with its indicators: to see what of an estimate is overlap.

use std::collections::BTreeSet;

use super::{
    Definition, hash_of,
    instrument::key::{Cutting, InstrumentKey, Item, ItemAggregate, ItemMissing, Line, Scale, Way},
    parts::{Child, Node, Reading, Resolved},
};
use crate::error::Result;

impl Definition {
    /// The same definition without the items and measures that touch the content of a choice, or `None` where nothing
    /// does, or nothing would be left.
    ///
    /// An item that touches it is taken off its scale, whose sum is brought back to the full range; an indicator that rests
    /// on nothing else goes altogether, and the weights beside it are renormalised. Choices no longer share anything.
    /// The result names no calibration: it needs one of its own.
    ///
    /// # Errors
    /// Those of a definition that has no canonical form.
    ///
    /// # Example
    /// ```
    /// use vointi::Definition;
    /// let definition = Definition::builtin("nhanes")?; // sleep is a choice, and one item of the mood scale
    /// let apart = definition.without_overlap()?.unwrap();
    /// assert_ne!(apart.hash(), definition.hash());
    /// assert!(apart.without_overlap()?.is_none());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn without_overlap(&self) -> Result<Option<Self>> {
        let tags: BTreeSet<&str> =
            self.parts().choices.iter().flat_map(|choice| &choice.content).map(String::as_str).collect();
        let mut resolved = self.parts().clone();
        if !remove(&mut resolved, &tags) || resolved.nodes.is_empty() {
            return Ok(None);
        }
        resolved.norms = None;
        for choice in &mut resolved.choices {
            choice.shares.clear();
        }
        let hash = hash_of(&resolved)?;
        Ok(Some(Self { inner: std::sync::Arc::new(super::Inner { resolved, hash, text: None }) }))
    }
}

/// Takes out what has one of the tags; whether there was anything.
fn remove(resolved: &mut Resolved, tags: &BTreeSet<&str>) -> bool {
    let touches = |content: &[String]| content.iter().any(|tag| tags.contains(tag.as_str()));
    let mut found = false;
    // Scales of which nothing is left, by instrument and position.
    let mut empty: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (at, instrument) in resolved.instruments.iter_mut().enumerate() {
        let off: BTreeSet<usize> = (0..)
            .zip(&instrument.key.items)
            .filter(|(_, item)| touches(&item.content))
            .map(|(item, _)| item)
            .collect();
        if !off.is_empty() {
            found = true;
            empty.extend(shorten(&mut instrument.key, &off).into_iter().map(|scale| (at, scale)));
        }
    }
    let measures: BTreeSet<usize> = (0..)
        .zip(&resolved.measures)
        .filter(|(_, measure)| touches(&measure.content))
        .map(|(at, _)| at)
        .collect();
    let gone: Vec<bool> = resolved
        .indicators
        .iter()
        .map(|indicator| {
            touches(&indicator.content)
                || match &indicator.reading {
                    Reading::Scale { instrument, scale, .. } => empty.contains(&(*instrument, *scale)),
                    Reading::Measure { measure, .. } => measures.contains(measure),
                    Reading::Rule(rule) => {
                        rule.bands.measures().iter().any(|measure| measures.contains(measure))
                    }
                }
        })
        .collect();
    if !found && !gone.contains(&true) {
        return false;
    }
    prune(resolved, &gone);
    true
}

/// Takes items off the scales of an instrument; the scales that lose all, or are no sum or mean of what is left.
fn shorten(key: &mut InstrumentKey, off: &BTreeSet<usize>) -> Vec<usize> {
    let reach: Vec<[f64; 2]> = key.items.iter().map(Item::reach).collect();
    let mut empty = Vec::new();
    for (at, scale) in key.scales.iter_mut().enumerate() {
        if scale.items.iter().any(|item| off.contains(item)) && !shorten_scale(scale, off, &reach) {
            empty.push(at);
        }
    }
    for item in off {
        if let Some(item) = key.items.get_mut(*item) {
            item.content.clear();
        }
    }
    empty
}

/// Whether something is left that can be brought back to the full range.
fn shorten_scale(scale: &mut Scale, off: &BTreeSet<usize>, reach: &[[f64; 2]]) -> bool {
    let (Way::Items { reversed, weights, aggregate }, Cutting::None) = (&mut scale.way, &scale.cutting)
    else {
        return false;
    };
    let kept: Vec<(usize, bool, f64)> = scale
        .items
        .iter()
        .zip(reversed.iter())
        .zip(weights.iter())
        .filter(|((item, _), _)| !off.contains(item))
        .map(|((item, reversed), weight)| (*item, *reversed, *weight))
        .collect();
    if kept.is_empty() {
        return false;
    }
    let full: f64 = weights.iter().sum();
    let left: f64 = kept.iter().map(|(.., weight)| weight).sum();
    if *aggregate == ItemAggregate::Sum {
        if scale.line.from == 0.0 && scale.line.plus == 0.0 {
            scale.line.slope *= full / left;
        } else {
            let ends = |end: usize| {
                kept.iter().map(|(item, _, w)| w * reach.get(*item).map_or(0.0, |r| r[end])).sum::<f64>()
            };
            let [low, high] = scale.range;
            let slope = (high - low) / (ends(1) - ends(0));
            scale.line = Line { from: ends(0), slope, plus: low };
        }
    }
    scale.missing = match scale.missing {
        ItemMissing::AtLeast(needed) => ItemMissing::AtLeast(needed.min(kept.len())),
        ItemMissing::Prorate(needed) => ItemMissing::Prorate(needed.min(kept.len())),
        other => other,
    };
    scale.items = kept.iter().map(|(item, ..)| *item).collect();
    *reversed = kept.iter().map(|(_, reversed, _)| *reversed).collect();
    *weights = kept.iter().map(|(.., weight)| *weight).collect();
    true
}

/// Takes indicators out of the tree, and the nodes that are left without children.
fn prune(resolved: &mut Resolved, gone: &[bool]) {
    let mut indicators: Vec<Option<usize>> = Vec::new();
    for is_gone in gone {
        let next = indicators.iter().flatten().count();
        indicators.push((!is_gone).then_some(next));
    }
    let mut stays = indicators.iter();
    resolved.indicators.retain(|_| stays.next().is_some_and(Option::is_some));
    let mut nodes: Vec<Option<usize>> = Vec::new();
    let mut kept: Vec<Node> = Vec::new();
    // Children come before their parents.
    for mut node in std::mem::take(&mut resolved.nodes) {
        let place = |child: Child| match child {
            Child::Indicator(at) => indicators.get(at).copied().flatten().map(Child::Indicator),
            Child::Node(at) => nodes.get(at).copied().flatten().map(Child::Node),
        };
        let kept_children: Vec<bool> =
            node.children.iter().map(|(child, _)| place(*child).is_some()).collect();
        node.children =
            node.children.iter().filter_map(|(child, weight)| Some((place(*child)?, *weight))).collect();
        if kept_children.contains(&false) {
            node.weighting = node.weighting.of_kept(&kept_children);
            node.aggregate = node.aggregate.of_kept(&kept_children);
            if let Some(found) = node.weighting.comparisons() {
                node.children.iter_mut().zip(found.weights).for_each(|((_, weight), own)| *weight = own);
            }
        }
        let total: f64 = node.children.iter().map(|(_, weight)| weight).sum();
        if total > 0.0 {
            node.children.iter_mut().for_each(|(_, weight)| *weight /= total);
            nodes.push(Some(kept.len()));
            kept.push(node);
        } else {
            nodes.push(None);
        }
    }
    // Without the top, which is the last, there is no index.
    if nodes.last().is_some_and(Option::is_none) {
        kept.clear();
    }
    resolved.nodes = kept;
    resolved.declared = resolved.declared.iter().filter_map(|at| nodes.get(*at).copied().flatten()).collect();
}
