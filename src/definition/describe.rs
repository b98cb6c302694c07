//! A definition as plain values to be shown: the resolved tree.

use serde::Serialize;

use super::{
    Definition,
    parts::{Child, Direction, ErrorSize, ErrorSource, Indicator, NodeKind, Ramp, Reading, Utility},
};
/// A row of the resolved tree, parents before their children.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct NodeSummary {
    /// How far below the index it stands.
    pub depth: usize,
    /// `index`, `pillar`, `domain` or `indicator`.
    pub kind: &'static str,
    /// Its id; `index` for the index.
    pub id: String,
    /// Its weight among its siblings; siblings sum to 1. None where weights are learned from a reference.
    pub weight: Option<f64>,
    /// The product of the weights on the way down from the index; all indicators sum to 1. None below a weight that is
    /// learned.
    pub effective_weight: Option<f64>,
    /// How it is made, in words: the aggregation, or what is read and how it becomes 0 to 100.
    pub how: String,
    /// What must be observed, or the error of measurement.
    pub note: String,
}

impl Definition {
    /// The resolved tree, the index first, every parent before its children.
    ///
    /// # Example
    /// ```
    /// let tree = vointi::Definition::builtin("nhanes")?.tree();
    /// let mood = tree.iter().find(|row| row.id == "mood").unwrap();
    /// assert_eq!((mood.depth, mood.weight, mood.effective_weight), (2, Some(0.5), Some(0.25)));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn tree(&self) -> Vec<NodeSummary> {
        let mut rows = Vec::new();
        if let Some(top) = self.parts().nodes.len().checked_sub(1) {
            self.describe_node(top, 0, Some(1.0), Some(1.0), &mut rows);
        }
        rows
    }

    fn describe_node(
        &self,
        position: usize,
        depth: usize,
        weight: Option<f64>,
        effective: Option<f64>,
        rows: &mut Vec<NodeSummary>,
    ) {
        let Some(node) = self.parts().nodes.get(position) else { return };
        let orness = node.aggregate.orness(node.children.len());
        let orness = orness.map(|orness| format!(", orness {orness:.3}")).unwrap_or_default();
        let weights = node.weighting.in_words().map(|words| format!(", {words}")).unwrap_or_default();
        let note = if node.at_least >= 1.0 {
            "all children needed".to_owned()
        } else {
            format!("at least {} % of the weights needed", 100.0 * node.at_least)
        };
        let screen = self.parts().screen.as_ref().filter(|_| node.kind == NodeKind::Index);
        let note = match screen {
            Some(screen) => format!("{note}; screened: {}", screen.in_words()),
            None => note,
        };
        rows.push(NodeSummary {
            depth,
            kind: match node.kind {
                NodeKind::Domain => "domain",
                NodeKind::Pillar => "pillar",
                NodeKind::Index => "index",
            },
            id: node.id.clone(),
            weight,
            effective_weight: effective,
            how: format!("{}{orness}{weights}", node.aggregate),
            note,
        });
        for (child, weight) in &node.children {
            let weight = Some(*weight).filter(|_| !node.weighting.is_learned());
            let effective = effective.zip(weight).map(|(above, own)| above * own);
            match child {
                Child::Node(position) => {
                    self.describe_node(*position, depth + 1, weight, effective, rows);
                }
                Child::Indicator(position) => {
                    let Some(indicator) = self.parts().indicators.get(*position) else { continue };
                    rows.push(NodeSummary {
                        depth: depth + 1,
                        kind: "indicator",
                        id: indicator.id.clone(),
                        weight,
                        effective_weight: effective,
                        how: self.reading_in_words(indicator),
                        note: self.errors_in_words(indicator),
                    });
                }
            }
        }
    }

    fn reading_in_words(&self, indicator: &Indicator) -> String {
        let read = self.utility_of_reading(indicator);
        match &indicator.impute {
            Some(impute) => format!("{read}, {}", impute.in_words()),
            None => read,
        }
    }

    fn utility_of_reading(&self, indicator: &Indicator) -> String {
        let parts = self.parts();
        let measure = |at: usize| parts.measures.get(at).map_or("?", |measure| measure.id.as_str());
        match &indicator.reading {
            Reading::Scale { instrument, scale, utility } => {
                let name = parts.instruments.get(*instrument).map_or_else(String::new, |i| {
                    format!("{}.{}", i.id, i.key.scales.get(*scale).map_or("?", |scale| scale.id.as_str()))
                });
                format!("{name}, {}{}", treatment_in_words(indicator), utility_in_words(utility))
            }
            Reading::Measure { measure: at, utility } => {
                let per = parts.measures.get(*at).and_then(|measure| measure.per.as_ref());
                let per = per.map(|per| format!(" {}", per.in_words())).unwrap_or_default();
                let treated = treatment_in_words(indicator);
                format!("{}{per}, {treated}{}", measure(*at), utility_in_words(utility))
            }
            Reading::Rule(rule) => {
                let inputs: Vec<&str> = rule.bands.measures().into_iter().map(measure).collect();
                format!("{} of {} ({})", rule.rule, inputs.join(", "), rule.source)
            }
        }
    }

    fn errors_in_words(&self, indicator: &Indicator) -> String {
        let measures: Vec<usize> = match &indicator.reading {
            Reading::Scale { .. } => Vec::new(),
            Reading::Measure { measure, .. } => vec![*measure],
            Reading::Rule(rule) => rule.bands.scored(),
        };
        let of_measures = measures.iter().filter_map(|at| self.parts().measures.get(*at)?.error.as_ref());
        let words: Vec<String> = indicator
            .error
            .iter()
            .chain(of_measures)
            .map(|error| {
                let size = match error.size {
                    ErrorSize::Sd(sd) => format!("sd {sd}"),
                    ErrorSize::Cv(cv) => format!("cv {cv}"),
                    ErrorSize::Reliability(share) => format!("reliability {share}"),
                    ErrorSize::Icc { icc, between_sd } => format!("icc {icc} between sd {between_sd}"),
                    ErrorSize::CalibratedSd => "sd of repeated readings".to_owned(),
                    ErrorSize::CalibratedReliability => "alpha".to_owned(),
                    ErrorSize::CalibratedOmega => "omega".to_owned(),
                };
                let source = match error.source {
                    ErrorSource::Verified => "verified",
                    ErrorSource::Calibrated => "calibrated",
                    ErrorSource::Assumed => "assumed",
                };
                let drift = error.drift.map(|drift| format!(", drift {drift} per √year")).unwrap_or_default();
                format!("{size}{drift} ({source})")
            })
            .collect();
        if words.is_empty() {
            "no error of measurement declared: no standard error".to_owned()
        } else {
            words.join("; ")
        }
    }
}

fn utility_in_words(utility: &Utility) -> String {
    match utility {
        Utility::Goalposts { worst, best } => format!("{worst} is 0 and {best} is 100"),
        Utility::Points(points) => format!("lines through {} points", points.len()),
        Utility::Steps(steps) => format!("{} bands", steps.score.len()),
        Utility::Z(_) => "z against the calibration".to_owned(),
        Utility::T(_) => "T against the calibration".to_owned(),
        Utility::Desirability { rises, falls } => {
            let side = |way: &str, ramp: &Ramp| {
                let Ramp { from, to, exponent, .. } = ramp;
                let power =
                    if *exponent == 1.0 { String::new() } else { format!(" by the power {exponent}") };
                format!("{way} from {from} to {to}{power}")
            };
            let sides = rises.iter().map(|r| side("rises", r)).chain(falls.iter().map(|f| side("falls", f)));
            sides.collect::<Vec<_>>().join(", ")
        }
        Utility::Logistic { low, high } => format!("logistic, {low} is 5 and {high} is 95"),
        Utility::Lms { lms: [l, m, s], direction } => {
            format!("percentile by L {l}, M {m}, S {s}{}", turned(*direction))
        }
        Utility::Ecdf(reference) => format!(
            "percentile among {} values of {} (version {}){}",
            reference.values.len(),
            reference.name,
            reference.version,
            turned(reference.direction)
        ),
        Utility::HazardRatio { knots, on_log } => {
            let lines = if *on_log { "their logarithm" } else { "them" };
            format!("{} hazard ratios, lines in {lines}, the lowest is 100", knots.len())
        }
        Utility::LogGoalposts { worst, best } => format!("{worst} is 0 and {best} is 100, by the logarithm"),
        Utility::Straight(line) => line.in_words(),
        Utility::Learned(normaliser) => normaliser.in_words(),
    }
}

fn treatment_in_words(indicator: &Indicator) -> String {
    indicator.treat.map(|treatment| treatment.in_words() + ", ").unwrap_or_default()
}

fn turned(direction: Direction) -> &'static str {
    if direction == Direction::LowerBetter { ", less is better" } else { "" }
}
