//! Definitions and persons to hold the laws against.

use proptest::prelude::*;
use vointi::{Definition, Person, Result};

/// What an indicator reads and how it becomes a score; every one is monotone, and more is better or worse by `rising`.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub(super) kind: Kind,
    pub(super) rising: bool,
    pub(super) error: Noise,
    /// Repeated readings, or items of a scale.
    pub(super) readings: usize,
    pub(super) weight: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Goalposts,
    Points,
    Steps,
    Desirability,
    Logistic,
    Percentile,
    Ranks,
    LogGoalposts,
    HazardRatio,
    /// The sum of items from 0 to 4, prorated from half of them.
    Scale,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Noise {
    None,
    Sd(f64),
    Linear(f64),
    Cv(f64),
}

/// How a parent joins its children.
#[derive(Debug, Clone)]
pub(super) struct Join {
    pub(super) aggregate: String,
    pub(super) at_least: f64,
    /// Children of one parent; the last takes what is left.
    pub(super) width: usize,
    pub(super) weight: f64,
}

/// A definition that can be written down.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    pub(super) leaves: Vec<Leaf>,
    /// Levels between the indicators and the index.
    pub(super) levels: usize,
    /// Used in turn, for one parent after the other; never empty.
    pub(super) joins: Vec<Join>,
    pub(super) top: Join,
}

/// A node of the tree that [`Spec::tree`] builds.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    Leaf(usize),
    Parent { id: String, join: Join, children: Vec<(Tree, f64)> },
}

impl Tree {
    fn id(&self) -> String {
        match self {
            Self::Leaf(at) => format!("i{at}"),
            Self::Parent { id, .. } => id.clone(),
        }
    }

    /// Whether it has a score, and the share of the weights below that is observed.
    pub(super) fn observed(&self, is_observed: &dyn Fn(usize) -> bool) -> (bool, f64) {
        match self {
            Self::Leaf(at) => (is_observed(*at), f64::from(u8::from(is_observed(*at)))),
            Self::Parent { id, join, children } => {
                let total: f64 = children.iter().map(|(_, weight)| weight).sum();
                let (mut share, mut coverage) = (0.0, 0.0);
                for (child, weight) in children {
                    let (has_score, below) = child.observed(is_observed);
                    share += if has_score { weight / total } else { 0.0 };
                    coverage += weight / total * below;
                }
                let has_score = share >= join.at_least - 1e-9;
                (has_score, if has_score || id == "index" { coverage } else { 0.0 })
            }
        }
    }
}

impl Spec {
    pub(super) fn tree(&self) -> Tree {
        let mut row: Vec<(Tree, f64)> =
            self.leaves.iter().enumerate().map(|(at, leaf)| (Tree::Leaf(at), leaf.weight)).collect();
        let mut joins = self.joins.iter().cycle();
        let mut parents = 0;
        for _ in 0..self.levels {
            let mut above = Vec::new();
            let mut rest = row.into_iter().peekable();
            while rest.peek().is_some() {
                let join = joins.next().expect("there is a join").clone();
                let children: Vec<_> = rest.by_ref().take(join.width).collect();
                let weight = join.weight;
                above.push((Tree::Parent { id: format!("n{parents}"), join, children }, weight));
                parents += 1;
            }
            row = above;
        }
        Tree::Parent { id: "index".to_owned(), join: self.top.clone(), children: row }
    }

    pub(super) fn toml(&self) -> String {
        let mut text = "schema = 1\nid = \"generated\"\n[person]\nid = \"person\"\n".to_owned();
        for (at, leaf) in self.leaves.iter().enumerate() {
            let error = match leaf.error {
                Noise::None => String::new(),
                Noise::Sd(sd) => {
                    format!("error = {{ sd = {sd:?}, target = \"occasion\", source = \"assumed\" }}\n")
                }
                Noise::Linear(sd) => format!(
                    "error = {{ sd = {sd:?}, target = \"occasion\", source = \"assumed\", propagate = \"linear\" }}\n"
                ),
                Noise::Cv(cv) => {
                    format!("error = {{ cv = {cv:?}, target = \"occasion\", source = \"assumed\" }}\n")
                }
            };
            let names: Vec<String> = (0..leaf.readings).map(|k| format!("\"x{at}_{k}\"")).collect();
            let list = names.join(", ");
            let direction = if leaf.rising { "higher_better" } else { "lower_better" };
            if leaf.kind == Kind::Scale {
                let half = leaf.readings.div_ceil(2);
                text += &format!("[instrument.m{at}]\nitems = [{list}]\nresponse = [0, 4]\n");
                text += &format!(
                    "[instrument.m{at}.scale.total]\ndirection = \"{direction}\"\nmissing = {{ prorate = {half} }}\n"
                );
                text += &format!("[indicator.i{at}]\nscale = \"m{at}.total\"\nutility = \"linear\"\n{error}");
                continue;
            }
            text += &format!(
                "[measure.m{at}]\ncolumns = [{list}]\nunit = \"1\"\ndirection = \"{direction}\"\n{error}"
            );
            let turn = |scores: [f64; 4]| {
                let [a, b, c, d] = scores;
                if leaf.rising { [a, b, c, d] } else { [d, c, b, a] }
            };
            let [a, b, c, d] = turn([0.0, 30.0, 80.0, 100.0]);
            let utility = match leaf.kind {
                Kind::Points => format!("points = [[10, {a:?}], [35, {b:?}], [60, {c:?}], [90, {d:?}]]"),
                Kind::Steps => {
                    format!("steps = {{ at = [25, 50, 75], score = [{a:?}, {b:?}, {c:?}, {d:?}] }}")
                }
                Kind::Desirability if leaf.rising => {
                    "desirability = { rises = [10, 90], exponents = [1.7] }".to_owned()
                }
                Kind::Desirability => "desirability = { falls = [10, 90], exponents = [0.6] }".to_owned(),
                Kind::Logistic if leaf.rising => "logistic = { low = 20, high = 80 }".to_owned(),
                Kind::Logistic => "logistic = { low = 80, high = 20 }".to_owned(),
                Kind::Percentile => "lms = [0.5, 45, 0.5]".to_owned(),
                Kind::Ranks => {
                    let values: Vec<String> = (0..40).map(|k| (10 + k * k / 20).to_string()).collect();
                    format!(
                        "ecdf = {{ values = [{}], reference = \"forty\", version = \"1\" }}",
                        values.join(", ")
                    )
                }
                Kind::LogGoalposts if leaf.rising => "log_goalposts = [5, 95]".to_owned(),
                Kind::LogGoalposts => "log_goalposts = [95, 5]".to_owned(),
                Kind::HazardRatio => {
                    let [a, b, c, d] = if leaf.rising { [3.0, 1.6, 1.1, 1.0] } else { [1.0, 1.2, 1.9, 2.5] };
                    format!("hazard_ratio = [[10, {a:?}], [35, {b:?}], [60, {c:?}], [90, {d:?}]]")
                }
                _ if leaf.rising => "goalposts = [10, 90]".to_owned(),
                _ => "goalposts = [90, 10]".to_owned(),
            };
            text += &format!("[indicator.i{at}]\nmeasure = \"m{at}\"\nutility = {{ {utility} }}\n");
        }
        write_parents(&self.tree(), &mut text);
        text
    }

    pub(super) fn definition(&self) -> Result<Definition> {
        Definition::from_toml(&self.toml())
    }

    /// One reading or answer: `position` from 0 to 1 is the whole range.
    pub(super) fn reading(&self, leaf: usize, position: f64) -> f64 {
        if self.leaves[leaf].kind == Kind::Scale { (position * 4.0).round() } else { position * 100.0 }
    }

    /// A person with these readings, by indicator; NaN where missing.
    pub(super) fn person(&self, definition: &Definition, readings: &[Vec<f64>]) -> Result<Person> {
        let mut builder = Person::builder(definition, "somebody");
        for (at, readings) in readings.iter().enumerate() {
            let id = format!("m{at}");
            builder = if self.leaves[at].kind == Kind::Scale {
                builder.respond(&id, readings.iter().copied())
            } else {
                builder.readings(&id, readings.iter().copied())
            };
        }
        builder.build()
    }

    /// Whether the indicator has a score with these readings.
    pub(super) fn is_observed(&self, leaf: usize, readings: &[f64]) -> bool {
        let answered = readings.iter().filter(|x| !x.is_nan()).count();
        let needed = if self.leaves[leaf].kind == Kind::Scale { readings.len().div_ceil(2) } else { 1 };
        answered >= needed
    }

    /// Every indicator gets this error.
    pub(super) fn with_error(mut self, error: Noise) -> Self {
        for leaf in &mut self.leaves {
            leaf.error = match error {
                // A scale ends at 0, where nothing is left of a share.
                Noise::Cv(cv) if leaf.kind == Kind::Scale => Noise::Sd(10.0 * cv),
                error => error,
            };
        }
        self
    }

    /// Every parent joins like this.
    pub(super) fn with_aggregate(mut self, aggregate: &str) -> Self {
        for join in self.joins.iter_mut().chain([&mut self.top]) {
            join.aggregate = aggregate.to_owned();
        }
        self
    }

    pub(super) fn with_at_least(mut self, share: f64) -> Self {
        for join in self.joins.iter_mut().chain([&mut self.top]) {
            join.at_least = share;
        }
        self
    }
}

fn write_parents(tree: &Tree, text: &mut String) {
    let Tree::Parent { id, join, children } = tree else { return };
    for (child, _) in children {
        write_parents(child, text);
    }
    let list: Vec<String> =
        children.iter().map(|(child, weight)| format!("{} = {weight:?}", child.id())).collect();
    let section = if id == "index" { "index".to_owned() } else { format!("pillar.{id}") };
    *text += &format!(
        "[{section}]\nchildren = {{ {} }}\naggregate = {}\nmissing = {{ at_least = {:?} }}\n",
        list.join(", "),
        join.aggregate,
        join.at_least
    );
}

/// Means that no observed 0 breaks: those below the arithmetic one have a floor.
pub(super) const MEANS: &[&str] = &[
    "\"arithmetic\"",
    "{ mean = \"arithmetic\", floor = 5 }",
    "{ mean = \"geometric\", floor = 1 }",
    "{ mean = \"harmonic\", floor = 2 }",
    "{ power = 0.5, floor = 1 }",
    "{ power = -3, floor = 5 }",
    "{ power = 2 }",
];

fn join() -> impl Strategy<Value = Join> {
    let mean = prop_oneof![3 => Just(0usize), 4 => 0..MEANS.len()];
    (mean, prop::sample::select(vec![1.0, 0.75, 0.5, 0.25]), 1usize..4, 0.1f64..5.0).prop_map(
        |(mean, at_least, width, weight)| Join { aggregate: MEANS[mean].to_owned(), at_least, width, weight },
    )
}

fn noise() -> impl Strategy<Value = Noise> {
    prop_oneof![
        (0.2f64..8.0).prop_map(Noise::Sd),
        (0.2f64..8.0).prop_map(Noise::Linear),
        (0.005f64..0.2).prop_map(Noise::Cv)
    ]
}

fn leaf() -> impl Strategy<Value = Leaf> {
    let straight = prop::sample::select(vec![Kind::Goalposts, Kind::Points, Kind::Steps, Kind::Scale]);
    let curved = prop::sample::select(vec![
        Kind::Desirability,
        Kind::Logistic,
        Kind::Percentile,
        Kind::Ranks,
        Kind::LogGoalposts,
        Kind::HazardRatio,
    ]);
    let kind = prop_oneof![2 => straight, 1 => curved];
    (kind, any::<bool>(), noise(), 1usize..4, 0.1f64..5.0).prop_map(
        |(kind, rising, error, readings, weight)| {
            let readings = if kind == Kind::Scale { readings + 1 } else { readings };
            let error = match error {
                Noise::Cv(cv) if kind == Kind::Scale => Noise::Sd(10.0 * cv),
                error => error,
            };
            Leaf { kind, rising, error, readings, weight }
        },
    )
}

/// Two to four levels, two to six indicators.
pub(super) fn spec() -> impl Strategy<Value = Spec> {
    (prop::collection::vec(leaf(), 2..=6), 0usize..=2, prop::collection::vec(join(), 1..4), join())
        .prop_map(|(leaves, levels, joins, top)| Spec { leaves, levels, joins, top })
}

/// Readings for a spec, from 0 to 1 of the range, some missing.
pub(super) fn positions() -> impl Strategy<Value = Vec<Vec<Option<f64>>>> {
    let reading = prop_oneof![3 => (0.02f64..0.98).prop_map(Some), 1 => Just(None)];
    prop::collection::vec(prop::collection::vec(reading, 4), 6)
}

/// The readings of one person.
pub(super) fn readings(spec: &Spec, positions: &[Vec<Option<f64>>]) -> Vec<Vec<f64>> {
    let of = |(at, leaf): (usize, &Leaf)| {
        let row = positions[at].iter().take(leaf.readings);
        row.map(|position| position.map_or(f64::NAN, |position| spec.reading(at, position))).collect()
    };
    spec.leaves.iter().enumerate().map(of).collect()
}

/// The same with nothing missing.
pub(super) fn complete(spec: &Spec, positions: &[Vec<Option<f64>>]) -> Vec<Vec<f64>> {
    let filled: Vec<Vec<Option<f64>>> = positions
        .iter()
        .map(|row| row.iter().map(|position| Some(position.unwrap_or(0.5))).collect())
        .collect();
    readings(spec, &filled)
}
