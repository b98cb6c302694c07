//! The tree of domains, pillars and the index: children, weights, how they are joined.

use std::collections::HashMap;

use super::{
    aggregate::{self, Aggregate},
    parts::{Child, Indicator, Node as TreeNode, NodeKind},
    range::Range,
    resolve::{section, text_of},
    source::{Entry, Faults, Node},
    weights,
};
use crate::error::suggest;

/// The nodes, each after its children, the index last; and the others in the order of the file.
pub(super) fn read(
    root: &Node,
    indicators: &[Indicator],
    faults: &mut Faults<'_>,
) -> (Vec<TreeNode>, Vec<usize>) {
    let mut order: Vec<&Entry> = section(root, "domain").chain(section(root, "pillar")).collect();
    order.sort_by_key(|entry| entry.at.start);
    let mut builder = Builder {
        file: order.iter().map(|entry| (entry.key.as_str(), &entry.node)).collect(),
        domains: section(root, "domain").map(|entry| entry.key.as_str()).collect(),
        indicators,
        declared: section(root, "indicator").map(|entry| entry.key.as_str()).collect(),
        nodes: Vec::new(),
        ranges: Vec::new(),
        done: HashMap::new(),
        open: Vec::new(),
        parent_of_indicator: HashMap::new(),
        faults,
    };
    let Some(index) = root.get("index") else { return (Vec::new(), Vec::new()) };
    let mut declared = Vec::new();
    for entry in &order {
        if let Some(position) = builder.node(&entry.key, &entry.node) {
            declared.push(position);
        }
    }
    builder.build("index", NodeKind::Index, index);
    builder.check_use(root, &order);
    let nodes = builder.nodes;
    (nodes, declared)
}

struct Builder<'a, 'b, 'f> {
    file: Vec<(&'a str, &'a Node)>,
    domains: Vec<&'a str>,
    indicators: &'a [Indicator],
    /// Also those that could not be read: naming them is no further fault.
    declared: Vec<&'a str>,
    nodes: Vec<TreeNode>,
    /// By node, and whether no score lies outside it.
    ranges: Vec<(Range, bool)>,
    done: HashMap<String, Option<usize>>,
    /// The nodes being built, outermost first: a child among them closes a cycle.
    open: Vec<String>,
    parent_of_indicator: HashMap<usize, usize>,
    faults: &'b mut Faults<'f>,
}

impl<'a> Builder<'a, '_, '_> {
    fn node(&mut self, id: &str, node: &'a Node) -> Option<usize> {
        if let Some(known) = self.done.get(id) {
            return *known;
        }
        let kind = if self.domains.contains(&id) { NodeKind::Domain } else { NodeKind::Pillar };
        self.open.push(id.to_owned());
        let built = self.build(id, kind, node);
        self.open.pop();
        self.done.insert(id.to_owned(), built);
        built
    }

    fn build(&mut self, id: &str, kind: NodeKind, node: &'a Node) -> Option<usize> {
        let path = kind.path(id);
        let at_least = self.at_least(node, &path);
        let list = node.get("children")?;
        let mut children: Vec<(Child, f64)> = Vec::new();
        let named = named_weights(list);
        let names: Vec<&str> = named.iter().map(|(name, _, _)| *name).collect();
        let aggregate = aggregate::read(node, &path, &names, self.faults);
        for (name, at, weight) in named {
            if !weight.is_finite() || weight < 0.0 {
                let what = format!("the weight of `{name}` is {weight}");
                self.faults.add(at, &format!("{path}.children"), what, "weights are 0 or more");
            }
            if let Some(child) = self.child(name, at, kind, &path) {
                if children.iter().any(|(known, _)| *known == child) {
                    self.faults.add(
                        at,
                        &format!("{path}.children"),
                        format!("`{name}` stands here twice"),
                        "",
                    );
                }
                children.push((child, weight));
            }
        }
        let total: f64 = children.iter().map(|(_, weight)| weight).sum();
        if list.list().is_empty() && list.entries().is_empty() {
            self.faults.add(list.span.start, &path, "it has no children", "name at least one");
            return None;
        }
        if !children.is_empty() && total <= 0.0 {
            self.faults.add(list.span.start, &path, "all weights are 0", "give at least one weight above 0");
        }
        for (_, weight) in &mut children {
            *weight /= total;
        }
        let weighting = weights::read(node, &names, &path, self.faults);
        // What one fault has left without weights keeps the same for all.
        if let Some(found) = weighting.comparisons().filter(|found| found.weights.len() == children.len()) {
            children.iter_mut().zip(found.weights).for_each(|((_, weight), own)| *weight = own);
        }
        let weights: Vec<f64> = children.iter().map(|(_, weight)| *weight).collect();
        let has_weights =
            weighting.is_learned() || weights.iter().any(|weight| Some(weight) != weights.first());
        aggregate::check_parent(&aggregate, has_weights, at_least, node, &path, self.faults);
        let range = self.range(&children, &aggregate, list.span.start, &path);
        self.nodes.push(TreeNode {
            id: id.to_owned(),
            kind,
            title: text_of(node, "title"),
            children,
            aggregate,
            at_least,
            weighting,
        });
        self.ranges.push(range);
        Some(self.nodes.len() - 1)
    }

    fn child(&mut self, name: &'a str, at: usize, parent: NodeKind, path: &str) -> Option<Child> {
        let path = format!("{path}.children");
        if let Some(position) = self.indicators.iter().position(|indicator| indicator.id == name) {
            if self.parent_of_indicator.insert(position, self.nodes.len()).is_some() {
                let what = format!("the indicator `{name}` has two parents");
                self.faults.add(at, &path, what, "each thing counts once");
            }
            return Some(Child::Indicator(position));
        }
        if self.declared.contains(&name) {
            return None;
        }
        let Some(node) = self.file.iter().find(|(id, _)| *id == name).map(|(_, node)| *node) else {
            let known = self.declared.iter().chain(self.file.iter().map(|(id, _)| id)).copied();
            let help = suggest(name, known);
            self.faults.add(at, &path, format!("there is no indicator, domain or pillar `{name}`"), help);
            return None;
        };
        if parent == NodeKind::Domain {
            let help = "a domain joins readings of one construct; join domains in a pillar";
            self.faults.add(
                at,
                &path,
                format!("the domain has `{name}` as a child, which is no indicator"),
                help,
            );
        }
        if self.open.iter().any(|open| open == name) {
            let cycle = format!("{} → {name}", self.open.join(" → "));
            self.faults.add(
                at,
                &path,
                format!("the tree runs in a circle: {cycle}"),
                "no pillar may contain itself",
            );
            return None;
        }
        self.node(name, node).map(Child::Node)
    }

    fn at_least(&mut self, node: &Node, path: &str) -> f64 {
        let Some(share) = node.get("missing").and_then(|rule| rule.get("at_least")) else { return 1.0 };
        let value = share.number().unwrap_or(1.0);
        if !(value > 0.0 && value <= 1.0) {
            let what = format!("{value} is no share of the weights");
            self.faults.add(
                share.span.start,
                &format!("{path}.missing"),
                what,
                "give a share above 0 and up to 1",
            );
        }
        value
    }

    fn range(
        &mut self,
        children: &[(Child, f64)],
        aggregate: &Aggregate,
        at: usize,
        path: &str,
    ) -> (Range, bool) {
        // Whether every score is inside the range, too.
        let of = |child: &Child| match child {
            Child::Node(position) => self.ranges.get(*position).copied().unwrap_or((Range::HUNDRED, true)),
            Child::Indicator(position) => match self.indicators.get(*position) {
                Some(indicator) => (indicator.reading.range(), indicator.reading.is_bounded()),
                None => (Range::HUNDRED, true),
            },
        };
        let ranges: Vec<(Range, bool)> = children.iter().map(|(child, _)| of(child)).collect();
        let (first, _) = ranges.first().copied().unwrap_or((Range::HUNDRED, true));
        let is_bounded = ranges.iter().all(|(_, is_bounded)| *is_bounded);
        if let Some((other, _)) = ranges.iter().find(|(range, _)| *range != first) {
            let help =
                format!("one is on {first}, another on {other}; the children of a parent share one range");
            self.faults.add(at, path, "the children are on different ranges", help);
        }
        aggregate.range(first, is_bounded).unwrap_or_else(|(what, help)| {
            self.faults.add(at, path, what, help);
            (first, is_bounded)
        })
    }

    /// What is declared and not used has been forgotten.
    fn check_use(&mut self, root: &Node, order: &[&Entry]) {
        for entry in section(root, "indicator") {
            let position = self.indicators.iter().position(|indicator| indicator.id == entry.key);
            if position.is_some_and(|position| !self.parent_of_indicator.contains_key(&position)) {
                let what = format!("the indicator `{}` is in no pillar", entry.key);
                self.faults.add(
                    entry.at.start,
                    &format!("indicator.{}", entry.key),
                    what,
                    "name it as a child, or delete it",
                );
            }
        }
        for entry in order {
            let Some(Some(position)) = self.done.get(&entry.key).copied() else { continue };
            let parents = self
                .nodes
                .iter()
                .filter(|n| n.children.iter().any(|(c, _)| *c == Child::Node(position)))
                .count();
            if parents != 1 {
                let what = match parents {
                    0 => format!("`{}` is in no pillar and not in the index", entry.key),
                    _ => format!("`{}` has {parents} parents", entry.key),
                };
                self.faults.add(entry.at.start, &entry.key, what, "each thing counts once");
            }
        }
    }
}

fn named_weights(list: &Node) -> Vec<(&str, usize, f64)> {
    let by_name = list.list().iter().filter_map(|node| Some((node.text()?, node.span.start, 1.0)));
    let weighted =
        list.entries().iter().map(|e| (e.key.as_str(), e.at.start, e.node.number().unwrap_or(f64::NAN)));
    by_name.chain(weighted).collect()
}
