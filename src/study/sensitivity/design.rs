//! The design: which runs there are, which of them differ, and what came of each as a table.

use std::collections::HashMap;

use super::{
    SensitivitySpec,
    engine::{Done, Engine},
    factor::{Factor, child_id},
    outcome::Output,
};
use crate::{
    error::Result,
    num::sobol::{Sobol, unit},
};

/// Rows of a design: A, B, and A with one factor from B each; a row is a state a factor.
pub(super) struct Design {
    pub(super) points: u32,
    /// The runs that differ, in the order in which they first occur.
    pub(super) distinct: Vec<Vec<u32>>,
    /// By row, which of them it is.
    pub(super) run_of: Vec<u32>,
    /// How often each occurs.
    pub(super) times: Vec<u32>,
    sobol: Sobol,
}

impl Design {
    pub(super) fn new(spec: &SensitivitySpec, factors: &[Factor]) -> Self {
        let d = factors.len();
        let sobol = Sobol::new(2 * d, spec.seed);
        let mut design = Self {
            points: spec.points,
            distinct: Vec::new(),
            run_of: Vec::with_capacity(spec.points as usize * (d + 2)),
            times: Vec::new(),
            sobol,
        };
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        for block in 0..d + 2 {
            for row in 0..spec.points {
                let state = |(at, factor): (usize, &Factor)| factor.state(design.bits(block, row, at, d));
                let run: Vec<u32> = factors.iter().enumerate().map(state).collect();
                let next = u32::try_from(design.distinct.len()).unwrap_or(u32::MAX);
                let at = *known.entry(run).or_insert_with_key(|run| {
                    design.distinct.push(run.clone());
                    design.times.push(0);
                    next
                });
                design.run_of.push(at);
                if let Some(times) = design.times.get_mut(at as usize) {
                    *times += 1;
                }
            }
        }
        design
    }

    /// Block 0 is A, 1 is B, and from 2 on A with one factor from B.
    pub(super) fn bits(&self, block: usize, row: u32, factor: usize, factors: usize) -> u32 {
        let from_b = block == 1 || block == factor + 2;
        self.sobol.bits(row, if from_b { factors + factor } else { factor })
    }

    pub(super) fn runs(&self) -> usize {
        self.run_of.len()
    }
}

/// The runs of a study, one a row: what each factor was, the weights, and what came of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DesignRows {
    /// `block` and `row`; of every factor `u.<id>`, the number from 0 to below 1, and `<id>`, what it stands for; every weight
    /// as `weight.<parent>.<child>`; every output.
    pub columns: Vec<String>,
    /// A cell a column; `block` is `A`, `B`, or the factor that is from B.
    pub rows: Vec<Vec<DesignCell>>,
}

/// A cell of a design.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DesignCell {
    /// A word.
    Text(String),
    /// A number; none where there is none.
    Number(Option<f64>),
}

impl Design {
    /// Everything about every run.
    pub(super) fn rows(&self, engine: &Engine<'_>, done: &Done, outputs: &[Output]) -> Result<DesignRows> {
        let factors = engine.factors;
        let parts = engine.definition().parts();
        let weights: Vec<String> = parts
            .nodes
            .iter()
            .flat_map(|node| {
                let named = move |child| format!("weight.{}.{}", node.id, child_id(parts, child));
                node.children.iter().map(move |(child, _)| named(*child))
            })
            .collect();
        let mut columns = vec!["block".to_owned(), "row".to_owned()];
        columns.extend(factors.iter().flat_map(|factor| [format!("u.{}", factor.id), factor.id.clone()]));
        columns.extend(weights.iter().cloned());
        columns.extend(outputs.iter().map(|output| output.word().to_owned()));
        let mut rows = Vec::with_capacity(self.runs());
        for (at, run) in self.run_of.iter().enumerate() {
            let points = self.points as usize;
            let (block, row) = (at / points, u32::try_from(at % points).unwrap_or(0));
            let states = self.distinct.get(*run as usize).map(Vec::as_slice).unwrap_or_default();
            let name = match block {
                0 => "A",
                1 => "B",
                _ => factors.get(block - 2).map_or("", |factor| factor.id.as_str()),
            };
            let mut cells = vec![DesignCell::Text(name.to_owned()), DesignCell::Number(Some(f64::from(row)))];
            for (place, (factor, state)) in factors.iter().zip(states).enumerate() {
                let u = unit(self.bits(block, row, place, factors.len()));
                cells.extend([DesignCell::Number(Some(u)), DesignCell::Text(factor.state_text(*state))]);
            }
            let used = engine.weights(states)?;
            // A variant with other children has no place for its weights here.
            let is_alike = used.len() == weights.len();
            cells.extend(
                (0..weights.len()).map(|k| DesignCell::Number(used.get(k).copied().filter(|_| is_alike))),
            );
            cells.extend(done.outcomes.iter().map(|by_run| {
                DesignCell::Number(by_run.get(*run as usize).copied().filter(|value| !value.is_nan()))
            }));
            rows.push(cells);
        }
        Ok(DesignRows { columns, rows })
    }
}
