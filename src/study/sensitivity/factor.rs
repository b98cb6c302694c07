//! Factors held against a definition: every place found, every level known, every number of a run turned into what it means.

use std::collections::HashMap;

use serde::Serialize;

use super::spec::{Asked, SensitivitySpec, Varies};
use crate::{
    definition::{
        Definition,
        parts::{Child, NodeKind, Resolved},
    },
    error::{Error, ErrorKind, Fault, Result, suggest},
    notation::{path::KeyPath, source::Node},
    num::{draw::Draws, sobol::unit},
};

/// Something that varies.
///
/// The number of a run, u from 0 to below 1, says which of k values is taken, value ⌊u k⌋ of the equal parts, or where in a
/// range; for weights it is the seed of one multiplier a weight, 1 + share · U(−1, 1), so that they all move together.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Factor {
    /// The id.
    pub id: String,
    /// `weights`, `values` or `range`.
    pub kind: &'static str,
    /// The keys of the definition that vary, or the nodes whose weights do.
    pub keys: Vec<String>,
    /// The values, as one would write them; several keys that move together stand beside each other. Empty but for `values`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// By how much of itself a weight varies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// The ends of the range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
    #[serde(skip)]
    pub(super) moves: Moves,
    /// The key of the spec, for messages.
    #[serde(skip)]
    pub(super) key: String,
}

#[derive(Debug, Clone)]
pub(super) enum Moves {
    /// The nodes, by id.
    Weights {
        nodes: Vec<String>,
        share: f64,
    },
    /// What each value puts where; nothing for the definition as it is.
    Levels(Vec<Change>),
    Range {
        places: Vec<KeyPath>,
        ends: [f64; 2],
    },
}

/// Values at places of a definition's file.
pub(super) type Change = Vec<(KeyPath, Node)>;

/// The name of the definition as it is, among values.
const NOMINAL: &str = "as it is";

impl Factor {
    /// How many values it has; none where it is continuous.
    pub(super) fn levels(&self) -> Option<u32> {
        match &self.moves {
            Moves::Levels(levels) => u32::try_from(levels.len()).ok(),
            _ => None,
        }
    }

    /// What tells two runs apart: the value that is taken, or the number itself.
    pub(super) fn state(&self, bits: u32) -> u32 {
        match self.levels() {
            // ⌊u k⌋
            Some(levels) => u32::try_from((u64::from(bits) * u64::from(levels)) >> 32).unwrap_or(0),
            None => bits,
        }
    }

    /// What a state puts into the definition's file.
    pub(super) fn change(&self, state: u32) -> Change {
        match &self.moves {
            Moves::Weights { .. } => Vec::new(),
            Moves::Levels(levels) => levels.get(state as usize).cloned().unwrap_or_default(),
            Moves::Range { places, ends: [low, high] } => {
                let value = Node::of_number(low + (high - low) * unit(state));
                places.iter().map(|place| (place.clone(), value.clone())).collect()
            }
        }
    }

    /// A state in words, for messages and the design.
    pub(super) fn state_text(&self, state: u32) -> String {
        match &self.moves {
            Moves::Levels(_) => self.values.get(state as usize).cloned().unwrap_or_default(),
            Moves::Range { ends: [low, high], .. } => (low + (high - low) * unit(state)).to_string(),
            Moves::Weights { .. } => unit(state).to_string(),
        }
    }

    /// Whether every state has the same file.
    pub(super) fn is_of_weights(&self) -> bool {
        matches!(self.moves, Moves::Weights { .. })
    }
}

/// Whose multiplier a weight gets, and what tells it apart from others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved {
    pub(super) factor: usize,
    tag: u64,
    share: f64,
}

impl Moved {
    /// 1 + share · U(−1, 1), of the state of its factor.
    pub(super) fn multiplier(&self, seed: u64, state: u32) -> f64 {
        let draw = Draws::of(&[seed, self.tag, u64::from(state)]).unit();
        1.0 + self.share * (2.0 * draw - 1.0)
    }
}

/// For every child of every node of a definition the factor that moves its weight; empty where none moves any.
pub(super) fn moved(factors: &[Factor], parts: &Resolved) -> Vec<Option<Moved>> {
    let mut by_node: HashMap<&str, (usize, f64)> = HashMap::new();
    for (at, factor) in factors.iter().enumerate() {
        if let Moves::Weights { nodes, share } = &factor.moves {
            by_node.extend(nodes.iter().map(|node| (node.as_str(), (at, *share))));
        }
    }
    if by_node.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for node in &parts.nodes {
        let moved = by_node.get(node.id.as_str()).copied();
        found.extend(node.children.iter().map(|(child, _)| {
            let (factor, share) = moved?;
            let tag = hash(node.id.bytes().chain([0]).chain(child_id(parts, *child).bytes()));
            Some(Moved { factor, tag, share })
        }));
    }
    found
}

/// The id of a child.
pub(super) fn child_id(parts: &Resolved, child: Child) -> &str {
    match child {
        Child::Indicator(at) => parts.indicators.get(at).map_or("", |indicator| &indicator.id),
        Child::Node(at) => parts.nodes.get(at).map_or("", |node| &node.id),
    }
}

/// FNV-1a: Fowler, Noll & Vo.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Holds every factor against a definition; all faults together.
pub(super) fn bind(spec: &SensitivitySpec, definition: &Definition) -> Result<Vec<Factor>> {
    let mut binder = Binder { spec, definition, faults: Vec::new(), taken: HashMap::new() };
    let mut found = Vec::new();
    for (at, asked) in spec.factors.iter().enumerate() {
        binder.factor(asked, &format!("factor[{at}]"), &mut found);
    }
    let mut faults = binder.faults;
    if 2 * found.len() > crate::num::sobol::MOST_DIMENSIONS {
        let most = crate::num::sobol::MOST_DIMENSIONS / 2;
        let what = format!("there are {} factors, and at most {most} can be varied at once", found.len());
        faults.push(spec.fault("factor", what, "let some move together"));
    }
    if faults.is_empty() { Ok(found) } else { Err(Error::new(ErrorKind::Definition, faults)) }
}

struct Binder<'a> {
    spec: &'a SensitivitySpec,
    definition: &'a Definition,
    faults: Vec<Fault>,
    /// Which factor moves a place or the weights of a node.
    taken: HashMap<String, String>,
}

impl Binder<'_> {
    fn fault(&mut self, key: &str, what: impl Into<String>, help: impl Into<String>) {
        self.faults.push(self.spec.fault(key, what, help));
    }

    /// Nothing is moved by two factors.
    fn take(&mut self, place: &str, asked: &Asked, key: &str) {
        if let Some(other) = self.taken.insert(place.to_owned(), asked.id.clone()) {
            let what = format!("`{place}` varies already, by `{other}`");
            self.fault(key, what, "let each place vary by one factor");
        }
    }

    fn factor(&mut self, asked: &Asked, key: &str, found: &mut Vec<Factor>) {
        let factor = |id: String, kind, keys, moves| Factor {
            id,
            kind,
            keys,
            values: Vec::new(),
            share: None,
            range: None,
            moves,
            key: key.to_owned(),
        };
        match &asked.varies {
            Varies::Weights { nodes, share, each } => {
                let named = self.nodes(nodes, key);
                for (name, _) in &named {
                    self.take(&format!("the weights of {name}"), asked, key);
                }
                let of = |id: String, named: &[(String, String)]| Factor {
                    share: Some(*share),
                    ..factor(
                        id,
                        "weights",
                        named.iter().map(|(name, _)| name.clone()).collect(),
                        Moves::Weights {
                            nodes: named.iter().map(|(_, id)| id.clone()).collect(),
                            share: *share,
                        },
                    )
                };
                if *each {
                    let one = |(name, node): &(String, String)| {
                        of(format!("{}.{node}", asked.id), &[(name.clone(), node.clone())])
                    };
                    found.extend(named.iter().map(one));
                } else {
                    found.push(of(asked.id.clone(), &named));
                }
            }
            Varies::Levels { keys, except, nominal } => {
                let count = keys.first().map_or(0, |(_, values)| values.len());
                let mut levels: Vec<Change> = vec![Vec::new(); count];
                for (path, values) in keys {
                    let places = self.places(path, except, asked, key);
                    for (change, value) in levels.iter_mut().zip(values) {
                        change.extend(places.iter().map(|place| (place.clone(), value.clone())));
                    }
                }
                let text = |at: usize| {
                    let values = keys.iter().filter_map(|(_, values)| values.get(at));
                    values.map(ToString::to_string).collect::<Vec<_>>().join("; ")
                };
                let mut values: Vec<String> = (0..count).map(text).collect();
                if *nominal && !levels.iter().any(|change| self.is_nominal(change)) {
                    levels.insert(0, Vec::new());
                    values.insert(0, NOMINAL.to_owned());
                }
                let names = keys.iter().map(|(path, _)| path.to_string()).collect();
                found.push(Factor {
                    values,
                    ..factor(asked.id.clone(), "values", names, Moves::Levels(levels))
                });
            }
            Varies::Range { key: path, except, ends } => {
                let places = self.places(path, except, asked, key);
                found.push(Factor {
                    range: Some(*ends),
                    ..factor(
                        asked.id.clone(),
                        "range",
                        vec![path.to_string()],
                        Moves::Range { places, ends: *ends },
                    )
                });
            }
        }
    }

    /// Whether these values stand there already: then the definition as it is is among them.
    fn is_nominal(&self, change: &Change) -> bool {
        let Some(root) = self.definition.source() else { return false };
        let mut varied = root.clone();
        for (place, value) in change {
            place.put(&mut varied, value);
        }
        varied.to_string() == root.to_string()
    }

    fn places(&mut self, path: &KeyPath, except: &[KeyPath], asked: &Asked, key: &str) -> Vec<KeyPath> {
        let Some(root) = self.definition.source() else { return Vec::new() };
        let mut places = match path.places(root) {
            Ok(places) => places,
            Err(why) => {
                self.fault(key, why, "name places of the definition, as `vointi check` shows it");
                return Vec::new();
            }
        };
        places.retain(|place| !except.contains(place));
        for place in &places {
            self.take(&place.to_string(), asked, key);
        }
        places
    }

    /// Nodes by the names that output gives them, and their ids.
    fn nodes(&mut self, asked: &[String], key: &str) -> Vec<(String, String)> {
        let named = |kind: NodeKind, id: &str| match kind {
            NodeKind::Index => "index".to_owned(),
            NodeKind::Pillar => format!("pillar.{id}"),
            NodeKind::Domain => format!("domain.{id}"),
        };
        let nodes = &self.definition.parts().nodes;
        let known: Vec<(String, String)> =
            nodes.iter().map(|node| (named(node.kind, &node.id), node.id.clone())).collect();
        if asked == ["all"] {
            // The weight of an only child is 1 whatever happens.
            let several = known.into_iter().zip(nodes).filter(|(_, node)| node.children.len() > 1);
            return several.map(|(named, _)| named).collect();
        }
        let mut found = Vec::new();
        for name in asked {
            match known.iter().find(|(known, _)| known == name) {
                Some(node) => found.push(node.clone()),
                None => {
                    let help = suggest(name, known.iter().map(|(name, _)| name.as_str()).chain(["all"]));
                    self.fault(key, format!("there is no node `{name}`"), help);
                }
            }
        }
        found
    }
}
