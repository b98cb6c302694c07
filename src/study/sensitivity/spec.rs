//! What a sensitivity study varies, as it is written down.

use std::{fs, path::Path};

use super::{Estimator, outcome::Output};
use crate::{
    error::{Error, ErrorKind, Fault, Result},
    notation::{
        format::{self, Key, Shape, key, required},
        path::KeyPath,
        source::{self, Faults, Node},
    },
};

const FACTOR: &[Key] = &[
    required("id", Shape::Text, "the name of the factor: lower-case letters, digits and `_`"),
    key("key", Shape::Text, "the key of the definition that varies; `*` stands for every key of a table"),
    key("values", Shape::List(&Shape::Anything), "what stands there instead, as one would write it"),
    key("range", Shape::Pair, "a number that varies evenly between two"),
    key(
        "keys",
        Shape::Map(&Shape::List(&Shape::Anything)),
        "keys that vary together, each with as many values",
    ),
    key("except", Shape::List(&Shape::Text), "keys that stay, of those that `*` stands for"),
    key("nominal", Shape::Flag, "whether the definition as it is counts among the values; by default yes"),
    key(
        "weights",
        Shape::Either(&[Shape::Text, Shape::List(&Shape::Text)]),
        "the nodes whose weights vary: `index`, `pillar.felt`, or `all`",
    ),
    key("share", Shape::Number, "by how much of itself a weight varies up and down, from above 0 to below 1"),
    key("each", Shape::Flag, "whether every node is a factor of its own; by default no"),
];

const KEYS: &[Key] = &[
    required("schema", Shape::Number, "the version of the format, 1"),
    key("points", Shape::Number, "the rows N of each block of the design; by default 256"),
    key("seed", Shape::Number, "the seed of the design and of the bootstrap; by default 1"),
    key(
        "output",
        Shape::Either(&[Shape::Text, Shape::List(&Shape::Text)]),
        "what is looked at; by default mean_rank_shift",
    ),
    key("level", Shape::Number, "how sure the intervals are; by default 0.9"),
    key("bootstrap", Shape::Number, "how often the rows are drawn again; by default 1000"),
    key(
        "estimator",
        Shape::Word(&["centred", "saltelli", "jansen"]),
        "how first-order indices are estimated",
    ),
    key(
        "recalibrate",
        Shape::Flag,
        "whether every variant learns from the reference anew; by default yes, unless a calibration is given",
    ),
    key(
        "cells",
        Shape::Number,
        "up to how many scores are kept whole for exact intervals; by default 4000000",
    ),
    required("factor", Shape::List(&Shape::Table(FACTOR)), "what varies"),
];

/// The format of the file.
const FILE: Shape = Shape::Table(KEYS);

/// What a [`Sensitivity`](super::Sensitivity) study varies, and how it looks at what comes of it.
///
/// Faults of the file come back together; whether its keys and values fit a definition shows when it is run.
///
/// # Example
/// ```
/// use vointi::study::SensitivitySpec;
/// let spec = SensitivitySpec::from_toml(r#"
/// schema = 1
/// points = 64
/// [[factor]]
/// id = "weights"
/// weights = "all"
/// share = 0.25
/// [[factor]]
/// id = "aggregation"
/// key = "index.aggregate"
/// values = ["geometric", { power = 0.5 }]
/// "#)?;
/// assert_eq!(spec.factors().collect::<Vec<_>>(), ["weights", "aggregation"]);
///
/// let error = SensitivitySpec::from_toml("schema = 1\npoints = 1.5\n[[factor]]\nid = \"Mine\"").unwrap_err();
/// assert_eq!(error.faults().len(), 3);
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SensitivitySpec {
    pub(super) file: String,
    pub(super) points: u32,
    pub(super) seed: u64,
    pub(super) outputs: Vec<Output>,
    pub(super) level: f64,
    pub(super) bootstrap: usize,
    pub(super) estimator: Estimator,
    pub(super) recalibrate: Option<bool>,
    pub(super) cells: usize,
    pub(super) factors: Vec<Asked>,
    pub(super) keeps_design: bool,
}

/// A factor as it is written down.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) varies: Varies,
}

#[derive(Debug, Clone)]
pub(super) enum Varies {
    Weights {
        nodes: Vec<String>,
        share: f64,
        each: bool,
    },
    /// Keys that vary together, with as many values each.
    Levels {
        keys: Vec<(KeyPath, Vec<Node>)>,
        except: Vec<KeyPath>,
        nominal: bool,
    },
    Range {
        key: KeyPath,
        except: Vec<KeyPath>,
        ends: [f64; 2],
    },
}

/// The most points that are asked for; with 62 factors 2³² runs are not reached.
const MOST_POINTS: f64 = 65_536.0;
const MOST_BOOTSTRAPS: f64 = 100_000.0;

impl SensitivitySpec {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, or all its faults together.
    ///
    /// # Example
    /// ```
    /// let error = vointi::study::SensitivitySpec::read("no such file.toml").unwrap_err();
    /// assert_eq!(error.kind(), vointi::ErrorKind::Io);
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|e| Error::io(ErrorKind::Io, "read", path, e))?;
        read_text(&path.display().to_string(), text.strip_prefix('\u{feff}').unwrap_or(&text))
    }

    /// Reads a text.
    ///
    /// # Errors
    /// All faults of the text together.
    pub fn from_toml(text: &str) -> Result<Self> {
        read_text("spec", text)
    }

    /// The JSON Schema (draft 2020-12) of the file, for editors.
    ///
    /// # Example
    /// ```
    /// assert!(vointi::study::SensitivitySpec::json_schema().contains("\"factor\""));
    /// ```
    pub fn json_schema() -> String {
        format::json_schema("what a vointi sensitivity study varies", &FILE)
    }

    /// The ids of the factors.
    pub fn factors(&self) -> impl Iterator<Item = &str> {
        self.factors.iter().map(|factor| factor.id.as_str())
    }

    /// The same, and what is found keeps [every run](super::Sensitivity::design).
    #[must_use]
    pub fn with_design(mut self) -> Self {
        self.keeps_design = true;
        self
    }

    /// A fault of this file, at a key of it.
    pub(super) fn fault(&self, key: &str, what: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault::new(what).in_file(&self.file).key(key).help(help)
    }
}

fn read_text(name: &str, text: &str) -> Result<SensitivitySpec> {
    let mut faults = Faults::new(name, text);
    let root = source::parse(text, &mut faults);
    format::check(&root, &FILE, "", &mut faults);
    let mut reader = Reader { root: &root, faults: &mut faults };
    let [points, seed, bootstrap, cells] = [
        reader.whole("points", 256.0, [2.0, MOST_POINTS]),
        reader.whole("seed", 1.0, [0.0, 9_007_199_254_740_991.0]),
        reader.whole("bootstrap", 1000.0, [0.0, MOST_BOOTSTRAPS]),
        reader.whole("cells", 4_000_000.0, [0.0, 1e12]),
    ];
    let level = root.get("level").and_then(Node::number).unwrap_or(0.9);
    if !(level > 0.0 && level < 1.0) {
        reader.add("level", format!("{level} is no share"), "give a share between 0 and 1, as in 0.9");
    }
    if root.get("schema").and_then(Node::number).is_some_and(|schema| schema != 1.0) {
        reader.add("schema", "unknown version of the format", "this version reads schema = 1");
    }
    let outputs = reader.outputs();
    let factors = reader.factors();
    let spec = SensitivitySpec {
        file: name.to_owned(),
        points: u32::try_from(points).unwrap_or(u32::MAX),
        seed,
        outputs,
        level,
        bootstrap: usize::try_from(bootstrap).unwrap_or(usize::MAX),
        estimator: match root.get("estimator").and_then(Node::text) {
            Some("jansen") => Estimator::Jansen,
            Some("saltelli") => Estimator::Saltelli,
            _ => Estimator::Centred,
        },
        recalibrate: root.get("recalibrate").and_then(Node::flag),
        cells: usize::try_from(cells).unwrap_or(usize::MAX),
        factors,
        keeps_design: false,
    };
    if faults.is_empty() { Ok(spec) } else { Err(faults.into_error(ErrorKind::Definition)) }
}

struct Reader<'a, 'b, 'f> {
    root: &'a Node,
    faults: &'b mut Faults<'f>,
}

/// One text or several.
fn texts(node: &Node) -> Vec<String> {
    node.text().map_or_else(|| node.texts(), |text| vec![text.to_owned()])
}

impl Reader<'_, '_, '_> {
    fn add(&mut self, key: &str, what: impl Into<String>, help: impl Into<String>) {
        let at = self.root.get(key).map_or(0, |node| node.span.start);
        self.faults.add(at, key, what, help);
    }

    fn whole(&mut self, key: &str, default: f64, [least, most]: [f64; 2]) -> u64 {
        let number = self.root.get(key).and_then(Node::number).unwrap_or(default);
        if number.fract() != 0.0 || !(least..=most).contains(&number) {
            let help = format!("give a whole number from {least} to {most}");
            self.add(key, format!("{number} is no number of them"), help);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and in bounds")]
        let whole = number as u64;
        whole
    }

    fn outputs(&mut self) -> Vec<Output> {
        let Some(node) = self.root.get("output") else { return vec![Output::MeanRankShift] };
        let mut found = Vec::new();
        for name in texts(node) {
            match Output::ALL.into_iter().find(|output| output.word() == name) {
                Some(output) if found.contains(&output) => {
                    self.add("output", format!("`{name}` stands here twice"), "name it once");
                }
                Some(output) => found.push(output),
                None => {
                    let help = crate::error::suggest(&name, Output::ALL.into_iter().map(Output::word));
                    self.add("output", format!("there is no output `{name}`"), help);
                }
            }
        }
        if found.is_empty() && node.list().is_empty() && node.text().is_none() {
            self.add("output", "no output is asked for", "name one, as in \"mean_rank_shift\"");
        }
        found
    }

    fn factors(&mut self) -> Vec<Asked> {
        let list = self.root.get("factor").map(Node::list).unwrap_or_default();
        if list.is_empty() && self.root.get("factor").is_some() {
            self.add("factor", "nothing varies", "add a [[factor]] or more");
        }
        let mut found: Vec<Asked> = Vec::new();
        for (position, node) in list.iter().enumerate() {
            let path = format!("factor[{position}]");
            let id = node.get("id").and_then(Node::text).unwrap_or_default();
            let at = node.get("id").map_or(node.span.start, |id| id.span.start);
            if node.get("id").is_some() && !format::is_id(id) {
                let help = "ids are lower-case letters, digits and `_`";
                self.faults.add(at, &path, format!("`{id}` cannot be an id"), help);
            } else if found.iter().any(|known| known.id == id) {
                self.faults.add(at, &path, format!("the id `{id}` is taken"), "choose another");
            }
            if let Some(varies) = self.varies(node, &path) {
                found.push(Asked { id: id.to_owned(), varies });
            }
        }
        found
    }

    /// What a factor varies; none if that is a fault.
    fn varies(&mut self, node: &Node, path: &str) -> Option<Varies> {
        let at = node.span.start;
        let kind: Vec<&str> = ["weights", "values", "range", "keys"]
            .into_iter()
            .filter(|kind| node.get(kind).is_some())
            .collect();
        let &[kind] = kind.as_slice() else {
            let what =
                if kind.is_empty() { "nothing says what varies" } else { "the factor varies in two ways" };
            let help = "give one of weights (with share), key with values, key with range, keys";
            self.faults.add(at, path, what, help);
            return None;
        };
        let belongs: &[(&str, &[&str])] = &[
            ("key", &["values", "range"]),
            ("except", &["values", "range", "keys"]),
            ("nominal", &["values", "keys"]),
            ("share", &["weights"]),
            ("each", &["weights"]),
        ];
        for (key, kinds) in belongs {
            if let Some(found) = node.get(key).filter(|_| !kinds.contains(&kind)) {
                let what = format!("`{key}` does not go with `{kind}`");
                let help = format!("it belongs to {}", kinds.join(", "));
                self.faults.add(found.span.start, &format!("{path}.{key}"), what, help);
            }
        }
        let except: Vec<KeyPath> = node
            .get("except")
            .map(|list| list.list().iter().filter_map(|key| self.key_path(key, &format!("{path}.except"))))
            .into_iter()
            .flatten()
            .collect();
        let nominal = node.get("nominal").and_then(Node::flag).unwrap_or(true);
        match kind {
            "weights" => self.weights(node, path),
            "keys" => {
                let mut keys = Vec::new();
                for entry in node.get("keys").map(Node::entries).unwrap_or_default() {
                    let path = format!("{path}.keys");
                    let key = match KeyPath::parse(&entry.key) {
                        Ok(key) => key,
                        Err(why) => {
                            let what = format!("`{}` is no key path: {why}", entry.key);
                            self.faults.add(entry.at.start, &path, what, PATHS);
                            continue;
                        }
                    };
                    keys.push((key, self.values(&entry.node, &path, nominal)?));
                }
                let count = |(_, values): &(KeyPath, Vec<Node>)| values.len();
                let first = keys.first().map(count)?;
                if keys.iter().any(|key| count(key) != first) {
                    let what = "the keys have different numbers of values";
                    let help = "keys that vary together have as many values each";
                    self.faults.add(at, &format!("{path}.keys"), what, help);
                    return None;
                }
                Some(Varies::Levels { keys, except, nominal })
            }
            _ => {
                let Some(key) = node.get("key") else {
                    let what = format!("nothing says where the {kind} stand");
                    self.faults.add(at, path, what, "give `key`, as in \"index.aggregate\"");
                    return None;
                };
                let key = self.key_path(key, &format!("{path}.key"))?;
                if kind == "values" {
                    let values = self.values(node.get("values")?, &format!("{path}.values"), nominal)?;
                    return Some(Varies::Levels { keys: vec![(key, values)], except, nominal });
                }
                let &[low, high] = node.get("range")?.numbers().as_slice() else { return None };
                if low >= high {
                    let at = node.get("range")?.span.start;
                    self.faults.add(at, &format!("{path}.range"), "the range is empty", "give [low, high]");
                }
                Some(Varies::Range { key, except, ends: [low, high] })
            }
        }
    }

    fn values(&mut self, list: &Node, path: &str, nominal: bool) -> Option<Vec<Node>> {
        let least = if nominal { 1 } else { 2 };
        if list.list().len() < least {
            let what = if nominal { "there is no value" } else { "one value alone does not vary" };
            self.faults.add(list.span.start, path, what, "name more values");
            return None;
        }
        Some(list.list().to_vec())
    }

    fn weights(&mut self, node: &Node, path: &str) -> Option<Varies> {
        let nodes = texts(node.get("weights")?);
        if nodes.is_empty() {
            self.faults.add(node.span.start, path, "no node is named", "name nodes, or \"all\"");
        }
        let share = node.get("share").and_then(Node::number).unwrap_or(f64::NAN);
        if !(share > 0.0 && share < 1.0) {
            let at = node.get("share").map_or(node.span.start, |share| share.span.start);
            let what = if node.get("share").is_some() {
                format!("{share} is no share")
            } else {
                "nothing says by how much the weights vary".to_owned()
            };
            self.faults.add(at, &format!("{path}.share"), what, "give a share between 0 and 1, as in 0.25");
        }
        Some(Varies::Weights { nodes, share, each: node.get("each").and_then(Node::flag).unwrap_or(false) })
    }

    fn key_path(&mut self, node: &Node, path: &str) -> Option<KeyPath> {
        let text = node.text()?;
        match KeyPath::parse(text) {
            Ok(key) => Some(key),
            Err(why) => {
                self.faults.add(node.span.start, path, format!("`{text}` is no key path: {why}"), PATHS);
                None
            }
        }
    }
}

const PATHS: &str = "write it as in `indicator.*.utility` or `indicator.bmi.utility.goalposts[1]`";
