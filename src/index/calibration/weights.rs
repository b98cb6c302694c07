//! The weights that were learned, to be shown.

use serde::Serialize;

use super::Calibration;

/// A sum of squared differences above this is one that shows in the fifth digit.
const REACHED: f64 = 1e-10;

/// The weights of one node that rest on a reference, or on comparisons.
///
/// **Standard error** none: they are frozen, and the error of an index takes them as they are.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LearnedWeights {
    /// The id of a domain or pillar; `index` for the index.
    pub node: String,
    /// Its children with their weights, which sum to 1.
    pub weights: Vec<(String, f64)>,
    /// How many rows of the reference they rest on: those with a score of every child. None of comparisons.
    pub rows: Option<usize>,
    /// How many rows were left out, because a child had no score.
    pub dropped: Option<usize>,
    /// Of weights that are to meet targets of importance: the sum of squared differences that is left at these weights.
    pub objective: Option<f64>,
    /// Of comparisons: Saaty's consistency ratio.
    pub consistency_ratio: Option<f64>,
}

impl LearnedWeights {
    /// Whether targets of importance were met; also where there are none.
    pub fn meets_targets(&self) -> bool {
        self.objective.is_none_or(|objective| objective <= REACHED)
    }
}

impl Calibration {
    /// The weights that were learned, by node.
    ///
    /// # Example
    /// ```
    /// use vointi::{Calibration, Cohort, Definition, Table};
    ///
    /// let definition = Definition::from_toml(r#"
    /// schema = 1
    /// id = "two"
    /// person = { id = "person" }
    /// measure.steps = { unit = "1" }
    /// measure.sleep = { unit = "h" }
    /// indicator.steps = { measure = "steps", utility = { goalposts = [0, 10000] } }
    /// indicator.sleep = { measure = "sleep", utility = { goalposts = [4, 8] } }
    /// index = { children = ["steps", "sleep"], weights = { importance = { steps = 0.5, sleep = 0.5 } } }
    /// "#)?;
    /// let table = Table::builder()
    ///     .number("person", [1.0, 2.0, 3.0, 4.0].map(Some))
    ///     .number("steps", [2_000.0, 9_000.0, 4_000.0, 6_000.0].map(Some))
    ///     .number("sleep", [6.5, 7.0, 6.0, 7.5].map(Some))
    ///     .build()?;
    /// let learned = Calibration::learn(&Cohort::new(&definition, table)?)?;
    /// let weights = &learned.weights()[0];
    /// assert_eq!((weights.node.as_str(), weights.rows, weights.dropped), ("index", Some(4), Some(0)));
    /// assert!(weights.meets_targets());
    /// // Steps differ more between these people, so that they need less weight to count the same.
    /// assert!(weights.weights.iter().all(|(child, weight)| (child == "steps") == (*weight < 0.5)));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn weights(&self) -> Vec<LearnedWeights> {
        let with = self.file.node.iter().filter(|(_, learned)| !learned.weights.is_empty());
        with.map(|(id, learned)| LearnedWeights {
            node: id.clone(),
            weights: learned.weights.iter().map(|(child, weight)| (child.clone(), *weight)).collect(),
            rows: learned.rows,
            dropped: learned.dropped,
            objective: learned.objective,
            consistency_ratio: learned.consistency_ratio,
        })
        .collect()
    }
}
