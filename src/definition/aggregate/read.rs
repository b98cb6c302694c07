//! Reading how the children of a node are joined.

use super::{Aggregate, HAIR, Owa, Penalty, PowerMean};
use crate::{
    error::suggest,
    notation::{
        format::{Key, Shape, key, required},
        source::{Faults, Node},
    },
};

const MEANS: Shape = Shape::Word(&["arithmetic", "geometric", "harmonic"]);
const SIGN: Shape = Shape::Word(&["minus", "plus"]);

/// The key `aggregate`.
pub(in crate::definition) const AGGREGATE: Key = key(
    "aggregate",
    Shape::Either(&[
        Shape::Word(&[
            "arithmetic",
            "geometric",
            "harmonic",
            "median",
            "minimum",
            "maximum",
            "mpi",
            "ampi",
            "copeland",
            "topsis",
            "benefit_of_the_doubt",
        ]),
        Shape::Table(&[
            key("mean", MEANS, "the mean by name"),
            key("power", Shape::Number, "the power mean of this exponent"),
            key("floor", Shape::Number, "of a mean: children below this count as this"),
            key("mpi", SIGN, "the mean, and off it or to it what the children are uneven by"),
            key("ampi", SIGN, "the same of children on the scale of the reference"),
            key(
                "mean_min",
                Shape::Table(&[
                    required("a", Shape::Number, "how far the mean is drawn to the minimum, 0 to 1"),
                    required("b", Shape::Number, "how gently, 0 or more"),
                ]),
                "the mean drawn to the minimum",
            ),
            key(
                "owa",
                Shape::Either(&[
                    Shape::List(&Shape::Number),
                    Shape::Table(&[
                        key("quantifier", Shape::Number, "the exponent: above 1 the worst count more"),
                        key("best", Shape::Number, "the mean of so many best"),
                        key("worst", Shape::Number, "the mean of so many worst"),
                    ]),
                ]),
                "weights of places, the best child first",
            ),
            key(
                "choquet",
                Shape::Table(&[
                    required("alone", Shape::Map(&Shape::Number), "the mass of every child"),
                    key(
                        "pairs",
                        Shape::List(&Shape::List(&Shape::Either(&[Shape::Text, Shape::Number]))),
                        "masses of pairs, each [child, child, mass]: above 0 they need each other",
                    ),
                ]),
                "the 2-additive Choquet integral by Möbius masses that sum to 1",
            ),
            key(
                "benefit_of_the_doubt",
                Shape::Table(&[required(
                    "shares",
                    Shape::Either(&[Shape::Pair, Shape::Map(&Shape::Pair)]),
                    "lowest and highest share of the score, of all children or by child",
                )]),
                "the most favourable weights that nobody in the reference would pass 100 by",
            ),
            key(
                "alkire_foster",
                Shape::Table(&[
                    required("cutoffs", Shape::Map(&Shape::Number), "by child: deprived below it"),
                    required("poor_at", Shape::Number, "poor from this share of the weights on"),
                ]),
                "100 less the share of deprivations of those who are poor",
            ),
        ]),
    ]),
    "how children are joined; by default the arithmetic mean",
);

/// What has to be named in a table, one of.
const WAYS: &[&str] =
    &["mean", "power", "mpi", "ampi", "mean_min", "owa", "choquet", "benefit_of_the_doubt", "alkire_foster"];

/// Reads `aggregate` of a node with these children.
pub(in crate::definition) fn read(
    node: &Node,
    path: &str,
    children: &[&str],
    faults: &mut Faults<'_>,
) -> Aggregate {
    let Some(aggregate) = node.get("aggregate") else { return Aggregate::ARITHMETIC };
    if let Some(name) = aggregate.text() {
        return by_name(name);
    }
    let mut reader = Reader { path: format!("{path}.aggregate"), children, faults };
    let given: Vec<&str> = WAYS.iter().copied().filter(|way| aggregate.get(way).is_some()).collect();
    let &[way] = given.as_slice() else {
        let help = format!("give one of {}", WAYS.join(", "));
        reader.refuse(aggregate, "the aggregate is not one mean", &help);
        return Aggregate::ARITHMETIC;
    };
    let floor = aggregate.get("floor");
    if let Some(floor) = floor.filter(|_| !matches!(way, "mean" | "power")) {
        reader.refuse(floor, &format!("a floor does not belong to {way}"), "only means have one");
    }
    let of = aggregate.get(way).unwrap_or(aggregate);
    let read = match way {
        "mean" | "power" => Some(reader.power_mean(of, floor)),
        "mpi" => Some(Aggregate::Mpi(sign(of))),
        "ampi" => Some(Aggregate::Ampi(sign(of))),
        "mean_min" => reader.mean_min(of),
        "owa" => reader.owa(of).map(Aggregate::Owa),
        "choquet" => reader.choquet(of),
        "benefit_of_the_doubt" => reader.benefit_of_the_doubt(of),
        _ => reader.alkire_foster(of),
    };
    read.unwrap_or(Aggregate::ARITHMETIC)
}

fn by_name(name: &str) -> Aggregate {
    let mean = |power| Aggregate::Power(PowerMean { power, floor: 0.0 });
    match name {
        "geometric" => mean(0.0),
        "harmonic" => mean(-1.0),
        "median" => Aggregate::Median,
        "minimum" => Aggregate::Minimum,
        "maximum" => Aggregate::Maximum,
        "mpi" => Aggregate::Mpi(Penalty::Minus),
        "ampi" => Aggregate::Ampi(Penalty::Minus),
        "copeland" => Aggregate::Copeland,
        "topsis" => Aggregate::Topsis,
        "benefit_of_the_doubt" => Aggregate::BenefitOfTheDoubt { shares: Vec::new() },
        // Anything else is a fault already.
        _ => Aggregate::ARITHMETIC,
    }
}

fn sign(node: &Node) -> Penalty {
    if node.text() == Some("plus") { Penalty::Plus } else { Penalty::Minus }
}

struct Reader<'a, 'b, 'f> {
    path: String,
    children: &'a [&'a str],
    faults: &'b mut Faults<'f>,
}

impl Reader<'_, '_, '_> {
    fn refuse(&mut self, at: &Node, what: &str, help: &str) {
        self.faults.add(at.span.start, &self.path, what, help);
    }

    fn power_mean(&mut self, of: &Node, floor_at: Option<&Node>) -> Aggregate {
        let power = of.number().unwrap_or_else(|| match by_name(of.text().unwrap_or_default()) {
            Aggregate::Power(mean) => mean.power,
            _ => 1.0,
        });
        let floor = floor_at.and_then(Node::number).unwrap_or(0.0);
        if let Some(at) = floor_at.filter(|_| !(0.0..100.0).contains(&floor)) {
            self.refuse(at, &format!("the floor {floor} is outside 0 to 100"), "");
        }
        if power.abs() > 100.0 {
            let help = "powers beyond ±100 are the minimum and the maximum";
            self.refuse(of, &format!("the power {power} is too large"), help);
        }
        Aggregate::Power(PowerMean { power, floor })
    }

    fn mean_min(&mut self, of: &Node) -> Option<Aggregate> {
        let (a, b) = (of.get("a")?.number()?, of.get("b")?.number()?);
        if !(0.0..=1.0).contains(&a) {
            self.refuse(of.get("a")?, &format!("{a} is no share"), "`a` is from 0 to 1");
        }
        if b < 0.0 {
            self.refuse(of.get("b")?, &format!("`b` is {b}"), "`b` is 0 or more");
        }
        Some(Aggregate::MeanMin { a, b })
    }

    fn owa(&mut self, of: &Node) -> Option<Owa> {
        let children = self.children.len();
        if of.entries().is_empty() {
            return self.places(of);
        }
        let &[entry] = of.entries().iter().collect::<Vec<_>>().as_slice() else {
            self.refuse(of, "the weights of places are said twice", "give one of quantifier, best, worst");
            return None;
        };
        let number = entry.node.number()?;
        if entry.key == "quantifier" {
            if number <= 0.0 {
                let help = "the exponent is above 0: above 1 the worst count more, below 1 the best";
                self.refuse(&entry.node, &format!("{number} is no quantifier"), help);
            }
            return Some(Owa::Quantifier(number));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked below")]
        let count = number.max(0.0) as usize;
        if count as f64 != number || count == 0 || count > children {
            let help = format!("give a whole number from 1 to {children}, the number of children");
            self.refuse(&entry.node, &format!("the mean of the {number} {}", entry.key), &help);
        }
        Some(if entry.key == "best" { Owa::Best(count) } else { Owa::Worst(count) })
    }

    fn places(&mut self, of: &Node) -> Option<Owa> {
        let weights = of.numbers();
        if weights.len() != self.children.len() {
            let what = format!("{} weights of places for {} children", weights.len(), self.children.len());
            self.refuse(of, &what, "give one a child, the best first");
            return None;
        }
        let sum: f64 = weights.iter().sum();
        if weights.iter().any(|weight| *weight < 0.0) || (sum - 1.0).abs() > HAIR {
            let help = "they are 0 or more and sum to 1";
            self.refuse(of, &format!("weights of places that sum to {sum}, or are below 0"), help);
        }
        Some(Owa::Places(to_one(weights, sum)))
    }

    /// The number of every child, in the order of the children.
    fn of_all<T: Clone>(
        &mut self,
        of: &Node,
        value: fn(&Node) -> Option<T>,
        default: Option<&T>,
    ) -> Option<Vec<T>> {
        for entry in of.entries() {
            self.position(&entry.key, &entry.node);
        }
        let mut found = Vec::new();
        for child in self.children {
            let given = of.get(child);
            match given.map_or_else(|| default.cloned(), value) {
                Some(value) => found.push(value),
                // No number where it is named: a fault already.
                None if given.is_some() => return None,
                None => {
                    self.refuse(of, &format!("the child `{child}` is missing"), "name every child");
                    return None;
                }
            }
        }
        Some(found)
    }

    fn position(&mut self, name: &str, at: &Node) -> Option<usize> {
        let found = self.children.iter().position(|child| *child == name);
        if found.is_none() {
            let help = suggest(name, self.children.iter().copied());
            self.refuse(at, &format!("`{name}` is no child here"), &help);
        }
        found
    }

    fn choquet(&mut self, of: &Node) -> Option<Aggregate> {
        let alone = self.of_all(of.get("alone")?, Node::number, None)?;
        let mut pairs: Vec<(usize, usize, f64)> = Vec::new();
        for pair in of.get("pairs").map(Node::list).unwrap_or_default() {
            let [one, other, mass] = pair.list() else {
                self.refuse(pair, "this is no pair with its mass", "write [\"one\", \"other\", 0.1]");
                return None;
            };
            let (Some(a), Some(b), Some(mass)) = (one.text(), other.text(), mass.number()) else {
                self.refuse(pair, "this is no pair with its mass", "write [\"one\", \"other\", 0.1]");
                return None;
            };
            let (i, j) = (self.position(a, one)?, self.position(b, other)?);
            if i == j {
                self.refuse(pair, &format!("`{a}` is paired with itself"), "name two children");
            }
            let (i, j) = (i.min(j), i.max(j));
            if pairs.iter().any(|(k, l, _)| (*k, *l) == (i, j)) {
                self.refuse(pair, &format!("the pair of `{a}` and `{b}` stands here twice"), "name it once");
            }
            pairs.push((i, j, mass));
        }
        let sum: f64 = alone.iter().chain(pairs.iter().map(|(_, _, mass)| mass)).sum();
        if (sum - 1.0).abs() > HAIR {
            self.refuse(of, &format!("the masses sum to {sum}"), "alone and in pairs they sum to 1");
        }
        for (at, (child, own)) in self.children.iter().zip(&alone).enumerate() {
            let taken: f64 =
                pairs.iter().filter(|(i, j, _)| *i == at || *j == at).map(|(_, _, mass)| mass.min(0.0)).sum();
            if own + taken < -HAIR {
                let help = "the mass alone and the negative ones of its pairs together are 0 or more";
                let what =
                    format!("more of `{child}` would lower the score: its masses come to {}", own + taken);
                self.refuse(of, &what, help);
            }
        }
        let masses = to_one(pairs.iter().map(|(_, _, mass)| *mass).collect(), sum);
        let pairs = pairs.into_iter().zip(masses).map(|((i, j, _), mass)| (i, j, mass)).collect();
        Some(Aggregate::Choquet { alone: to_one(alone, sum), pairs })
    }

    fn benefit_of_the_doubt(&mut self, of: &Node) -> Option<Aggregate> {
        let given = of.get("shares")?;
        let shares = match pair(given) {
            Some(limits) => vec![limits; self.children.len()],
            None => self.of_all(given, pair, Some(&[0.0, 1.0]))?,
        };
        if shares.iter().any(|[low, high]| !(0.0 <= *low && low <= high && *high <= 1.0)) {
            self.refuse(given, "limits that no share can be within", "give [lowest, highest], from 0 to 1");
        }
        let ends = shares.iter().fold((0.0, 0.0), |(low, high), [l, h]| (low + l, high + h));
        if ends.0 > 1.0 + HAIR || ends.1 < 1.0 - HAIR {
            let what = format!("the shares sum to at least {} and at most {}", ends.0, ends.1);
            self.refuse(given, &what, "1 must lie between: widen them");
        }
        Some(Aggregate::BenefitOfTheDoubt { shares })
    }

    fn alkire_foster(&mut self, of: &Node) -> Option<Aggregate> {
        let cutoffs = self.of_all(of.get("cutoffs")?, Node::number, None)?;
        let at = of.get("poor_at")?;
        let poor_at = at.number()?;
        if !(poor_at > 0.0 && poor_at <= 1.0) {
            let help = "give a share of the weights above 0 and up to 1";
            self.refuse(at, &format!("nobody is poor at {poor_at} of the weights"), help);
        }
        Some(Aggregate::AlkireFoster { cutoffs, poor_at })
    }
}

/// Of numbers that were rounded when they were written; those that sum to 1 but for the last bits stay as they are.
fn to_one(mut numbers: Vec<f64>, sum: f64) -> Vec<f64> {
    if (sum - 1.0).abs() > 1e-12 {
        for number in &mut numbers {
            *number /= sum;
        }
    }
    numbers
}

fn pair(node: &Node) -> Option<[f64; 2]> {
    match node.numbers().as_slice() {
        &[low, high] => Some([low, high]),
        _ => None,
    }
}

/// What a parent has to be for its aggregate: all its children there, or their weights equal.
pub(in crate::definition) fn check_parent(
    aggregate: &Aggregate,
    has_weights: bool,
    at_least: f64,
    at: &Node,
    path: &str,
    faults: &mut Faults<'_>,
) {
    let place = at.get("aggregate").map_or(at.span.start, |node| node.span.start);
    if aggregate.needs_all() && at_least < 1.0 {
        let place = at.get("missing").map_or(place, |node| node.span.start);
        let help = "this aggregate has no formula for fewer; leave out `missing`, or say \"complete\"";
        faults.add(place, &format!("{path}.missing"), "the aggregate needs all children", help);
    }
    if aggregate.takes_no_weights() && has_weights {
        let help = "its own parameters say what counts how much: list the children without weights";
        faults.add(place, &format!("{path}.aggregate"), "this aggregate has no place for weights", help);
    }
}
