//! Law 8: every method keeps what it declares, and for what it does not declare there is a case in which it fails.

use proptest::prelude::*;
use vointi::{Cohort, Definition, Index, Table, index::Method};

use super::{
    config,
    counterexamples::{CASES, Case},
};

/// An index that joins its indicators by one method; every indicator is its measure, a number from 0 to 100.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) method: Method,
    /// As a definition has it, with numbers that are scores times `scale`.
    pub(super) weights: Vec<f64>,
    /// Parameters of the method, from 0 to 1.
    pub(super) dials: Vec<f64>,
    /// Whom the method compares with, row by row.
    pub(super) reference: Vec<Vec<f64>>,
    /// The sd of the error of every measure.
    pub(super) error: f64,
}

impl Subject {
    fn dial(&self, at: usize) -> f64 {
        self.dials[at % self.dials.len()]
    }

    /// What the definition says; cut-offs are scores, and `scale` times what they are.
    fn aggregate(&self, scale: f64) -> String {
        let k = self.weights.len();
        let ids: Vec<String> = (0..k).map(|at| format!("i{at}")).collect();
        let named = |of: &dyn Fn(usize) -> String| -> String {
            ids.iter().enumerate().map(|(at, id)| format!("{id} = {}", of(at))).collect::<Vec<_>>().join(", ")
        };
        match self.method {
            Method::Power => {
                let powers = [-100.0, -3.0, -0.5, 1e-4, 0.5, 2.0, 100.0, 8.0 * self.dial(0) - 4.0];
                format!("{{ power = {:?} }}", powers[(self.dial(1) * 7.99) as usize])
            }
            Method::Mpi | Method::Ampi => format!("{{ {} = \"minus\" }}", self.method.word()),
            Method::MpiPlus => "{ mpi = \"plus\" }".to_owned(),
            Method::AmpiPlus => "{ ampi = \"plus\" }".to_owned(),
            Method::MeanMin => {
                format!("{{ mean_min = {{ a = {:?}, b = {:?} }} }}", self.dial(0), 0.1 + 20.0 * self.dial(1))
            }
            Method::Owa => match (self.dial(0) * 3.99) as usize {
                0 => format!("{{ owa = {{ best = {} }} }}", 1 + (self.dial(1) * (k as f64 - 0.01)) as usize),
                1 => format!("{{ owa = {{ worst = {} }} }}", 1 + (self.dial(1) * (k as f64 - 0.01)) as usize),
                2 => format!("{{ owa = {{ quantifier = {:?} }} }}", 0.2 + 4.0 * self.dial(1)),
                _ => {
                    let places = self.shares();
                    format!("{{ owa = {places:?} }}")
                }
            },
            // Up to half of every child's own mass goes into a pair with the next one, or comes out of it.
            Method::Choquet => {
                let masses = self.shares();
                let pairs: Vec<(usize, f64)> = (0..k.saturating_sub(1))
                    .map(|at| (at, (self.dial(at + 3) - 0.5) * masses[at].min(masses[at + 1])))
                    .collect();
                let total = 1.0 + pairs.iter().map(|(_, mass)| mass).sum::<f64>();
                let alone = named(&|at| format!("{:?}", masses[at] / total));
                let pairs: Vec<String> = pairs
                    .iter()
                    .map(|(at, mass)| format!("[\"i{at}\", \"i{}\", {:?}]", at + 1, mass / total))
                    .collect();
                format!("{{ choquet = {{ alone = {{ {alone} }}, pairs = [{}] }} }}", pairs.join(", "))
            }
            Method::BenefitOfTheDoubt if self.dial(0) < 0.5 => {
                let (low, high) = (0.9 * self.dial(1) / k as f64, (1.1 + self.dial(2)) / k as f64);
                format!("{{ benefit_of_the_doubt = {{ shares = [{low:?}, {:?}] }} }}", high.min(1.0))
            }
            Method::AlkireFoster => {
                let cutoffs = named(&|at| format!("{:?}", scale * (20.0 + 60.0 * self.dial(at))));
                let poor_at = 0.05 + 0.9 * self.dial(k);
                format!("{{ alkire_foster = {{ cutoffs = {{ {cutoffs} }}, poor_at = {poor_at:?} }} }}")
            }
            Method::Arithmetic
            | Method::Geometric
            | Method::Harmonic
            | Method::Median
            | Method::Minimum
            | Method::Maximum
            | Method::Copeland
            | Method::Topsis
            | Method::BenefitOfTheDoubt => format!("\"{}\"", self.method.word()),
            other => panic!("say how definitions have {}, and add it to the counterexamples", other.word()),
        }
    }

    /// Numbers that sum to 1, one a child.
    fn shares(&self) -> Vec<f64> {
        let raw: Vec<f64> = (0..self.weights.len()).map(|at| 0.05 + self.dial(at + 2)).collect();
        let total: f64 = raw.iter().sum();
        raw.iter().map(|share| share / total).collect()
    }

    fn takes_weights(&self) -> bool {
        !matches!(self.method, Method::Owa | Method::Choquet | Method::BenefitOfTheDoubt)
    }

    fn is_ampi(&self) -> bool {
        matches!(self.method, Method::Ampi | Method::AmpiPlus)
    }

    fn definition(&self, scale: f64, times: f64) -> Definition {
        let mut text = "schema = 1\nid = \"flat\"\n[person]\nid = \"person\"\n".to_owned();
        for at in 0..self.weights.len() {
            let error = format!(
                "error = {{ sd = {:?}, target = \"occasion\", source = \"assumed\", propagate = \"linear\" }}",
                self.error
            );
            text += &format!("[measure.m{at}]\nunit = \"1\"\ndirection = \"higher_better\"\n{error}\n");
            let utility = if self.is_ampi() {
                "{ ampi = 100, outside = \"extrapolate\" }"
            } else {
                "{ goalposts = [0, 100] }"
            };
            text += &format!("[indicator.i{at}]\nmeasure = \"m{at}\"\nutility = {utility}\n");
        }
        let children: Vec<String> = self
            .weights
            .iter()
            .enumerate()
            .map(|(at, weight)| {
                if self.takes_weights() {
                    format!("i{at} = {:?}", weight * times)
                } else {
                    format!("\"i{at}\"")
                }
            })
            .collect();
        let children = children.join(", ");
        let children =
            if self.takes_weights() { format!("{{ {children} }}") } else { format!("[{children}]") };
        text += &format!("[index]\nchildren = {children}\naggregate = {}\n", self.aggregate(scale));
        Definition::from_toml(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// The reference times `scale`. AMPI's children are their readings where the reference goes from 70 to 130.
    fn index(&self, scale: f64, times: f64) -> (Definition, Index) {
        let definition = self.definition(scale, times);
        let k = self.weights.len();
        let rows: Vec<Vec<f64>> = if self.is_ampi() {
            vec![vec![70.0; k], vec![130.0; k]]
        } else {
            self.reference.iter().map(|row| row.iter().map(|x| scale * x).collect()).collect()
        };
        let index = if self.is_ampi() || self.method.properties().needs_reference {
            Index::calibrate(&cohort(&definition, &rows)).unwrap()
        } else {
            Index::new(&definition).unwrap()
        };
        (definition, index)
    }

    fn scores(&self, rows: &[Vec<f64>]) -> Vec<f64> {
        let (definition, index) = self.index(1.0, 1.0);
        index.score_cohort(&cohort(&definition, rows)).unwrap().index_or_nan().to_vec()
    }

    fn scaled(&self, scale: f64, times: f64, row: &[f64]) -> f64 {
        let (definition, index) = self.index(scale, times);
        index.score_cohort(&cohort(&definition, &[row.to_vec()])).unwrap().index_or_nan()[0]
    }
}

fn cohort(definition: &Definition, rows: &[Vec<f64>]) -> Cohort {
    let mut table = Table::builder().number("person", (0..rows.len()).map(|row| Some(row as f64)));
    for at in 0..rows[0].len() {
        table = table.number(format!("m{at}"), rows.iter().map(|row| Some(row[at])));
    }
    Cohort::new(definition, table.build().unwrap()).unwrap()
}

/// What is done to the children to see whether a property holds.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Nothing,
    /// Every child at least as good.
    Better(Vec<f64>),
    Times(f64),
    Plus(f64),
    /// The first child by one, the last by the other; each alone and both together.
    Moves(f64, f64),
}

const NEAR: f64 = 1e-9;

/// Whether a property holds of this subject, for these children under this change.
pub(super) fn holds(
    property: &str,
    subject: &Subject,
    children: &[f64],
    change: &Change,
) -> Result<(), String> {
    let near = |one: f64, other: f64| {
        if (one - other).abs() <= NEAR * one.abs().max(1.0) {
            Ok(())
        } else {
            Err(format!("{property}: {one} and {other} of {children:?} by {change:?}, {subject:?}"))
        }
    };
    let moved = |by: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
        children.iter().enumerate().map(|(at, x)| by(at, *x)).collect()
    };
    let score = |row: Vec<f64>| subject.scores(&[row])[0];
    match (property, change) {
        ("monotone", Change::Better(better)) => {
            assert!(better.iter().zip(children).all(|(better, x)| better >= x));
            let found = subject.scores(&[children.to_vec(), better.clone()]);
            if found[1] >= found[0] - NEAR { Ok(()) } else { near(found[0], found[1]) }
        }
        ("bounded", _) => {
            let found = score(children.to_vec());
            let low = children.iter().copied().fold(f64::INFINITY, f64::min);
            let high = children.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            near(found, found.clamp(low, high))
        }
        ("idempotent", _) => near(score(moved(&|_, _| children[0])), children[0]),
        ("scale_free_weights", _) => near(score(children.to_vec()), subject.scaled(1.0, 1000.0, children)),
        ("homogeneous", Change::Times(c)) => near(c * score(children.to_vec()), score(moved(&|_, x| c * x))),
        ("translation", Change::Plus(c)) => near(c + score(children.to_vec()), score(moved(&|_, x| c + x))),
        ("own_range", Change::Times(c)) => {
            near(score(children.to_vec()), subject.scaled(*c, 1.0, &moved(&|_, x| c * x)))
        }
        ("needs_reference", _) => {
            let definition = subject.definition(1.0, 1.0);
            // AMPI's scale is its children's own affair.
            if Index::new(&definition).is_err() && !subject.is_ampi() {
                Ok(())
            } else {
                Err("it does not".to_owned())
            }
        }
        ("has_std_error", _) => has_std_error(subject, children),
        ("additive", Change::Moves(first, last)) => {
            let to = |one: f64, other: f64| {
                moved(&|at, x| {
                    x + if at == 0 { one } else { 0.0 } + if at + 1 == children.len() { other } else { 0.0 }
                })
            };
            let found = subject.scores(&[to(0.0, 0.0), to(*first, 0.0), to(0.0, *last), to(*first, *last)]);
            near(found[1] - found[0], found[3] - found[2])
        }
        _ => panic!("{property} is not tested by {change:?}"),
    }
}

/// The standard error is that of the slopes, by small differences of the score.
fn has_std_error(subject: &Subject, children: &[f64]) -> Result<(), String> {
    let (definition, index) = subject.index(1.0, 1.0);
    let score = index.score_cohort(&cohort(&definition, &[children.to_vec()])).unwrap();
    let Some(se) = score.row(0).unwrap().std_error() else { return Err("there is none".to_owned()) };
    assert!(index.has_std_error());
    let step = 1e-4;
    let mut rows = Vec::new();
    for at in 0..children.len() {
        for side in [step, -step] {
            let mut row = children.to_vec();
            row[at] += side;
            rows.push(row);
        }
    }
    let found = subject.scores(&rows);
    let square: f64 =
        found.chunks(2).map(|pair| ((pair[0] - pair[1]) / (2.0 * step) * subject.error).powi(2)).sum();
    let expected = square.sqrt();
    // A difference of scores of 100 over a step of 10⁻⁴ has seven digits, and a sharp bend of a high power fewer.
    let tolerance = 1e-4 * expected + 1e-6 * subject.error;
    if (se - expected).abs() <= tolerance {
        Ok(())
    } else {
        Err(format!("{se} for {expected}: {children:?} {subject:?}"))
    }
}

fn subjects() -> impl Strategy<Value = (Subject, Vec<f64>)> {
    (2usize..6).prop_flat_map(|k| {
        let row = || prop::collection::vec(2.0f64..98.0, k);
        let weights = prop::collection::vec(0.1f64..9.0, k);
        let dials = prop::collection::vec(0.0f64..1.0, 12);
        let reference = prop::collection::vec(row(), 3..9);
        (prop::sample::select(Method::ALL.to_vec()), weights, dials, reference, row()).prop_map(
            |(method, weights, dials, reference, children)| {
                (Subject { method, weights, dials, reference, error: 0.01 }, children)
            },
        )
    })
}

/// A change that tests the property, whatever the children: `dials` are from 0 to 1.
fn change_for(property: &str, children: &[f64], dials: &[f64]) -> (Vec<f64>, Change) {
    let dial = |at: usize| dials[at % dials.len()];
    match property {
        "monotone" => {
            let better = children
                .iter()
                .enumerate()
                .map(|(at, x)| if dial(at) < 0.5 { *x } else { x + (100.0 - x) * dial(at + 1) });
            (children.to_vec(), Change::Better(better.collect()))
        }
        "homogeneous" | "own_range" => (children.to_vec(), Change::Times(0.05 + 0.9 * dial(0))),
        "translation" => (children.iter().map(|x| 0.6 * x).collect(), Change::Plus(40.0 * dial(0))),
        "additive" => {
            let inside: Vec<f64> = children.iter().map(|x| 25.0 + 0.5 * x).collect();
            (inside, Change::Moves(50.0 * (dial(0) - 0.5), 50.0 * (dial(1) - 0.5)))
        }
        _ => (children.to_vec(), Change::Nothing),
    }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn every_method_keeps_what_it_declares((subject, children) in subjects(), dials in prop::collection::vec(0.0f64..1.0, 8)) {
        for (property, is_declared) in subject.method.properties().list() {
            // Whoever compares with a reference that is flat in a child is refused when that is learned.
            if is_declared {
                let (children, change) = change_for(property, &children, &dials);
                let found = holds(property, &subject, &children, &change);
                prop_assert!(found.is_ok(), "{}: {}", subject.method.word(), found.unwrap_err());
            }
        }
    }
}

#[test]
fn what_is_not_declared_fails_in_a_case_that_is_kept() {
    let mut without = Vec::new();
    for method in Method::ALL {
        for (property, is_declared) in method.properties().list() {
            let of = |case: &&Case| case.method == method.word() && case.property == property;
            let kept: Vec<&Case> = CASES.iter().filter(of).collect();
            assert!(
                !is_declared || kept.is_empty(),
                "{} declares {property}, and a case says no",
                method.word()
            );
            if !is_declared && kept.is_empty() {
                without.push(format!("{} {property}", method.word()));
            }
            for case in kept {
                let subject = case.subject(*method);
                let found = holds(property, &subject, case.children, &case.change());
                assert!(found.is_err(), "{} keeps {property} in {:?}", method.word(), case.children);
            }
        }
    }
    assert!(without.is_empty(), "no case for {without:#?}");
    for case in CASES {
        assert!(Method::ALL.iter().any(|method| method.word() == case.method), "there is no {}", case.method);
    }
}

#[test]
fn a_default_is_monotone() {
    let text = "schema = 1\nid = \"flat\"\n[person]\nid = \"person\"\n[measure.m0]\nunit = \"1\"\n\
                [indicator.i0]\nmeasure = \"m0\"\nutility = { goalposts = [0, 100] }\n[index]\nchildren = [\"i0\"]\n";
    let definition = Definition::from_toml(text).unwrap();
    assert_eq!(definition.tree()[0].how, "arithmetic mean");
    assert!(Method::Arithmetic.properties().monotone);
}

/// One word a method, and every word a definition can say, if not by itself then with parameters.
#[test]
fn every_method_has_a_word_of_its_own() {
    let words: std::collections::BTreeSet<&str> = Method::ALL.iter().map(|method| method.word()).collect();
    assert_eq!(words.len(), Method::ALL.len());
    let schema = Definition::json_schema();
    for word in words {
        let said = word.trim_end_matches("_plus");
        assert!(schema.contains(&format!("\"{said}\"")), "{word}");
    }
}
