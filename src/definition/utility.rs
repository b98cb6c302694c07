//! The `utility` of an indicator: from a scale or measure to a score, more is better.

use super::{
    normaliser::{BESIDE, Beside},
    parts::{Direction, Ramp, Reference, Steps, Utility},
    source::{Entry, Faults, Node},
};
use crate::num::utility::MOST_STEPS;

/// The exponents of a desirability (Derringer & Suich use no others).
const EXPONENTS: std::ops::RangeInclusive<f64> = 0.1..=10.0;

/// What a utility is read with: its place, and what the scale or measure says of itself.
pub(super) struct Reader<'a, 'b, 'f> {
    pub(super) path: String,
    pub(super) start: usize,
    direction: Option<Direction>,
    faults: &'b mut Faults<'f>,
    pub(super) value: &'a Node,
}

/// Reads the utility of the indicator `node` at `at`; `natural` is the range of a scale, from worst to best.
pub(super) fn read(
    node: &Node,
    natural: Option<[f64; 2]>,
    direction: Option<Direction>,
    at: usize,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Utility> {
    let path = format!("{path}.utility");
    let Some(utility) = node.get("utility") else {
        let help = "linear, min_max, z, t, { goalposts = [worst, best] }, { points = [[x, score], …] }, { steps = … } \
             or another shape";
        faults.add(at, &path, "the utility is missing", help);
        return None;
    };
    let start = utility.span.start;
    let mut reader = Reader { path, start, direction, faults, value: utility };
    match utility.text() {
        Some("linear") => {
            let Some([worst, best]) = natural else {
                reader.fault(
                    "a measure has no natural range",
                    "give { goalposts = [worst, best] }, or min_max",
                );
                return None;
            };
            return Some(Utility::Goalposts { worst, best });
        }
        Some("z") => return reader.direction().map(Utility::Z),
        Some("t") => return reader.direction().map(Utility::T),
        Some(word) => return reader.learned(word, Beside::default()),
        None => {}
    }
    let shapes: Vec<&Entry> =
        utility.entries().iter().filter(|entry| !BESIDE.contains(&entry.key.as_str())).collect();
    let &[Entry { key, node: value, .. }] = shapes.as_slice() else {
        let help = "give one of goalposts, min_max, fixed_range, z, distance_to_best, reference, target, \
                    share_of_maximum, rank, borda, percentile_rank, ampi, log_goalposts, points, steps, \
                    desirability, logistic, lms, ecdf, hazard_ratio, hazard_ratio_linear";
        reader.fault("a utility has exactly one shape", help);
        return None;
    };
    reader.value = value;
    let beside = reader.beside(key, utility);
    let inner = format!("{}.{key}", reader.path);
    match key.as_str() {
        "goalposts" => reader.learned(key, beside),
        "points" => reader.points(),
        "steps" => Some(reader.steps()),
        // The older shapes name the utility as their place, the others themselves.
        shape => {
            reader.path = inner;
            match shape {
                "log_goalposts" => reader.log_goalposts(),
                "desirability" => reader.desirability(),
                "logistic" => reader.logistic(),
                "lms" => reader.lms(),
                "ecdf" => reader.ecdf(),
                "hazard_ratio" => reader.hazard_ratio(true),
                "hazard_ratio_linear" => reader.hazard_ratio(false),
                // A method that a reference teaches, or no shape: a fault already.
                _ => reader.learned(shape, beside),
            }
        }
    }
}

impl Reader<'_, '_, '_> {
    pub(super) fn fault(&mut self, what: impl Into<String>, help: impl Into<String>) {
        self.faults.add(self.start, &self.path, what, help);
    }

    /// A fault of what stands under `key`.
    fn fault_of(&mut self, key: &str, what: impl Into<String>, help: impl Into<String>) {
        let at = self.value.get(key).map_or(self.start, |node| node.span.start);
        self.faults.add(at, &format!("{}.{key}", self.path), what, help);
    }

    pub(super) fn direction(&mut self) -> Option<Direction> {
        if self.direction.is_none() {
            self.fault("the measure has no direction", "give `direction` at the measure");
        }
        self.direction
    }

    pub(super) fn goalposts(&mut self) -> Option<[f64; 2]> {
        let [worst, best] = <[f64; 2]>::try_from(self.value.numbers()).ok()?;
        if worst == best {
            self.fault("both goalposts are the same", "give [worst, best]");
        }
        Some([worst, best])
    }

    fn log_goalposts(&mut self) -> Option<Utility> {
        let [worst, best] = self.goalposts()?;
        if worst <= 0.0 || best <= 0.0 {
            self.fault(
                "only a number above 0 has a logarithm",
                "give [worst, best], both above 0, or `goalposts`",
            );
        }
        Some(Utility::LogGoalposts { worst, best })
    }

    /// Pairs, and whether there are two or more whose first numbers ascend; none where one is no pair, which is a fault
    /// already.
    fn pairs(&self) -> Option<(Vec<[f64; 2]>, bool)> {
        let pair = |node: &Node| <[f64; 2]>::try_from(node.numbers()).ok();
        let pairs: Vec<[f64; 2]> = self.value.list().iter().map(pair).collect::<Option<_>>()?;
        let ascending = pairs.windows(2).all(|pair| matches!(pair, [a, b] if a[0] < b[0]));
        let holds = pairs.len() >= 2 && ascending;
        Some((pairs, holds))
    }

    /// The numbers of a list under `key`; none where one is no number, which is a fault already.
    fn numbers(&self, key: &str) -> Option<Vec<f64>> {
        self.value.get(key)?.list().iter().map(Node::number).collect()
    }

    fn points(&mut self) -> Option<Utility> {
        let (points, holds) = self.pairs()?;
        if !holds {
            self.fault("the points do not ascend", "give at least two [value, score], values ascending");
        }
        self.check_scores(points.iter().map(|point| point[1]));
        Some(Utility::Points(points))
    }

    fn steps(&mut self) -> Utility {
        let of = |key: &str| self.value.get(key).map(Node::numbers).unwrap_or_default();
        let (at, score) = (of("at"), of("score"));
        let ascending = at.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        if !ascending || at.is_empty() || score.len() != at.len() + 1 {
            let help = "`at` ascends, and `score` has one more, from the lowest step up";
            self.fault("thresholds and scores do not fit", help);
        }
        if at.len() > MOST_STEPS {
            self.fault(format!("{} thresholds", at.len()), format!("at most {MOST_STEPS}"));
        }
        self.check_scores(score.iter().copied());
        let case = vec![String::new(); score.len()];
        Utility::Steps(Steps { at, score, case })
    }

    fn check_scores(&mut self, scores: impl IntoIterator<Item = f64>) {
        if scores.into_iter().any(|score| !(0.0..=100.0).contains(&score)) {
            self.fault("a score lies outside 0 to 100", "more is better, 100 is best");
        }
    }

    fn desirability(&mut self) -> Option<Utility> {
        let pair = |key: &str| self.value.get(key).map(|node| <[f64; 2]>::try_from(node.numbers()).ok());
        let (rises, falls) = (pair("rises"), pair("falls"));
        if rises.is_none() && falls.is_none() {
            self.fault("it neither rises nor falls", "give `rises = [L, T1]`, `falls = [T2, U]` or both");
            return None;
        }
        // A pair that is no pair is a fault already.
        let is_unreadable = rises == Some(None) || falls == Some(None);
        let (rises, falls) = (rises.flatten(), falls.flatten());
        if rises.is_some_and(|[from, to]| from >= to) {
            self.fault_of(
                "rises",
                "it does not rise",
                "give [L, T1], the score is 0 up to L and 100 from T1",
            );
        }
        if falls.is_some_and(|[from, to]| from >= to) {
            self.fault_of(
                "falls",
                "it does not fall",
                "give [T2, U], the score is 100 up to T2 and 0 from U",
            );
        }
        if let (Some([_, up]), Some([down, _])) = (rises, falls)
            && up > down
        {
            let what = format!("it falls from {down}, before it has risen at {up}");
            self.fault_of("falls", what, "T1 is at most T2: between them the score is 100");
        }
        let given = self.numbers("exponents");
        let sides = usize::from(rises.is_some()) + usize::from(falls.is_some());
        if let Some(exponents) = given.as_ref().filter(|_| !is_unreadable) {
            if exponents.len() != sides {
                let help = "give one for each of `rises` and `falls` that is there, in this order";
                self.fault_of("exponents", format!("{} exponents for {sides}", exponents.len()), help);
            }
            if let Some(wrong) = exponents.iter().find(|exponent| !EXPONENTS.contains(*exponent)) {
                let help = format!("give {} to {}, 1 is straight", EXPONENTS.start(), EXPONENTS.end());
                self.fault_of("exponents", format!("the exponent {wrong} is out of range"), help);
            }
        }
        let mut exponents = given.into_iter().flatten();
        let mut ramp = |side: Option<[f64; 2]>, falls: bool| {
            side.map(|[from, to]| Ramp { from, to, exponent: exponents.next().unwrap_or(1.0), falls })
        };
        let (rises, falls) = (ramp(rises, false), ramp(falls, true));
        (!is_unreadable).then_some(Utility::Desirability { rises, falls })
    }

    fn logistic(&mut self) -> Option<Utility> {
        let (low, high) = (self.value.get("low")?.number()?, self.value.get("high")?.number()?);
        if low == high {
            let help = "`low` is the reading that scores 5, `high` the one that scores 95";
            self.fault("both points are the same", help);
        }
        Some(Utility::Logistic { low, high })
    }

    fn lms(&mut self) -> Option<Utility> {
        let direction = self.direction();
        // One that is no number is a fault already.
        let numbers: Vec<f64> = self.value.list().iter().map(Node::number).collect::<Option<_>>()?;
        let Ok(lms @ [_, m, s]) = <[f64; 3]>::try_from(numbers.as_slice()) else {
            self.fault(format!("{} numbers", numbers.len()), "give [L, M, S]");
            return None;
        };
        if m <= 0.0 {
            self.fault(format!("the median {m} is not above 0"), "M is the median of a reading above 0");
        }
        if s <= 0.0 {
            self.fault(
                format!("the spread {s} is not above 0"),
                "S is a coefficient of variation, as a share",
            );
        }
        Some(Utility::Lms { lms, direction: direction? })
    }

    fn ecdf(&mut self) -> Option<Utility> {
        let direction = self.direction();
        let text = |key: &str| self.value.get(key).and_then(Node::text).map(str::to_owned);
        let (name, version) = (text("reference"), text("version"));
        for (key, found) in [("reference", &name), ("version", &version)] {
            if found.as_ref().is_some_and(|text| text.trim().is_empty()) {
                self.fault_of(key, "it is empty", "a reference is named and versioned");
            }
        }
        let values = self.numbers("values")?;
        let is_weighted = self.value.get("weights").is_some();
        let weights = if is_weighted { self.numbers("weights")? } else { Vec::new() };
        if is_weighted && weights.len() != values.len() {
            let what = format!("{} weights for {} values", weights.len(), values.len());
            self.fault_of("weights", what, "give one weight a value, in the same order");
        }
        if weights.iter().any(|weight| *weight < 0.0) {
            self.fault_of("weights", "a weight is below 0", "weights are 0 or more");
        }
        let reference = Reference {
            name: name?,
            version: version?,
            values,
            weights,
            direction: direction.unwrap_or(Direction::HigherBetter),
        };
        let counted =
            || reference.values.iter().zip(reference.weights()).filter(|(_, w)| *w > 0.0).map(|(x, _)| *x);
        let first = counted().next();
        if !counted().any(|x| Some(x) != first) {
            self.fault_of("values", "the reference does not vary", "give at least two different values");
        }
        direction.map(|_| Utility::Ecdf(reference))
    }

    fn hazard_ratio(&mut self, on_log: bool) -> Option<Utility> {
        let (knots, holds) = self.pairs()?;
        if !holds {
            let help = "give at least two [value, hazard ratio], values ascending";
            self.fault("the knots do not ascend", help);
        }
        if knots.iter().any(|[_, ratio]| *ratio <= 0.0) {
            self.fault("a hazard ratio is not above 0", "1 is the hazard of the reference");
        }
        if knots.windows(2).all(|pair| matches!(pair, [a, b] if a[1] == b[1])) && knots.len() > 1 {
            self.fault("all hazard ratios are the same", "the score runs from the highest to the lowest");
        }
        Some(Utility::HazardRatio { knots, on_log })
    }
}
