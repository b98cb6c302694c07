//! Binds a published rule to the measures of a definition, as an indicator of an index.

use super::{
    key::{Bands, Body, CasePolicy, Combine, Deduction, Form, Gives, Input, Norm, Part, RuleKey},
    read,
    settle::settle,
};
use crate::{
    definition::{
        Status, catalogue,
        parts::{Direction, Measure, NormReading, Reading, RuleBands, RuleReading, Steps},
        units::{Conversion, conversion},
    },
    error::suggest,
    notation::source::{Faults, Node},
};

/// `rule = "file.rule"` of an indicator, with its `inputs` and `cases`.
pub(crate) fn read_reading(
    rule: &Node,
    indicator: &Node,
    measures: &[Measure],
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Reading> {
    let name = rule.text()?;
    let at = rule.span.start;
    let key = match read::rule(name) {
        Ok(key) => key,
        Err(error) => {
            for fault in error.faults() {
                faults.add(at, &format!("{path}.rule"), fault.what(), fault.remedy());
            }
            return None;
        }
    };
    if let Some((what, help)) = why_not(&key) {
        faults.add(at, &format!("{path}.rule"), what, help);
        return None;
    }
    let inputs = bind_inputs(&key, indicator, measures, at, path, faults)?;
    let mut settle = Settle { key: &key, inputs: &inputs, measures, indicator, at, path, faults };
    let bands = settle.bands()?;
    Some(Reading::Rule(RuleReading {
        rule: name.to_owned(),
        source: key.source.clone(),
        locator: key.locator.clone(),
        population: key.population.clone(),
        bands,
    }))
}

/// What and help, where a rule cannot be an indicator.
fn why_not(key: &RuleKey) -> Option<(String, String)> {
    let name = &key.name;
    let why = if key.is_clinical {
        format!("`{name}` is for the clinic and research only: it enters no index")
    } else if key.status == Status::Unverified {
        format!("`{name}` is not verified, and no index rests on what is not")
    } else if !matches!(key.gives, Gives::Score | Gives::Percentile) {
        format!("`{name}` gives {}, not a score from 0 to 100", key.gives.word())
    } else if key.gives == Gives::Percentile && key.direction.is_none() {
        format!("`{name}` does not say which way is better")
    } else if !is_plain(key) {
        format!("`{name}` is computed in a way an indicator cannot follow")
    } else {
        return None;
    };
    Some((why, "ask for it in [health], and for the index choose one of its components".to_owned()))
}

/// Bands, a line or a norm, whose error can be carried through.
fn is_plain(key: &RuleKey) -> bool {
    if key.result.is_some() || !key.lets.is_empty() || !key.refuse.is_empty() {
        return false;
    }
    match &key.body {
        Body::Norm(norm) => !norm.percentiles.is_empty(),
        Body::Parts(parts) => match parts.as_slice() {
            [part] => matches!(part.form, Form::Bands { .. } | Form::Line { .. }),
            parts => {
                key.combine == Some(Combine::Worst)
                    && parts.iter().all(|part| {
                        part.deduct.is_none()
                            && matches!(&part.form, Form::Bands { bands: Bands::All(_), .. })
                    })
            }
        },
        _ => false,
    }
}

/// Which measure is which input: (input, measure). An input that may be absent need not be bound.
fn bind_inputs(
    rule: &RuleKey,
    indicator: &Node,
    measures: &[Measure],
    at: usize,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Vec<(String, usize)>> {
    let given = indicator.get("inputs");
    let path = format!("{path}.inputs");
    let mut bound = Vec::new();
    let mut is_complete = true;
    for input in &rule.inputs {
        match bind_input(input, given.and_then(|given| given.get(&input.name)), measures, at, &path, faults) {
            Bound::To(measure) => bound.push((input.name.clone(), measure)),
            Bound::Absent => {}
            Bound::Faulty => is_complete = false,
        }
    }
    for entry in given.map(Node::entries).unwrap_or_default() {
        if !rule.inputs.iter().any(|input| input.name == entry.key) {
            let help = suggest(&entry.key, rule.inputs.iter().map(|input| input.name.as_str()));
            faults.add(entry.at.start, &path, format!("the rule has no input `{}`", entry.key), help);
        }
    }
    is_complete.then_some(bound)
}

/// What became of an input.
pub(in crate::definition) enum Bound {
    To(usize),
    Absent,
    Faulty,
}

/// The measure that is named for an input, or the one that is the registry entry the input is.
pub(in crate::definition) fn bind_input(
    input: &Input,
    given: Option<&Node>,
    measures: &[Measure],
    at: usize,
    path: &str,
    faults: &mut Faults<'_>,
) -> Bound {
    let (measure, place) = match given {
        Some(node) => {
            let name = node.text().unwrap_or_default();
            let Some(measure) = measures.iter().position(|known| known.id == name) else {
                let help = suggest(name, measures.iter().map(|known| known.id.as_str()));
                faults.add(node.span.start, path, format!("unknown measure `{name}`"), help);
                return Bound::Faulty;
            };
            (measure, node.span.start)
        }
        None => {
            let mut of_registry = measures
                .iter()
                .enumerate()
                .filter(|(_, measure)| !input.measure.is_empty() && measure.of == input.measure);
            match (of_registry.next(), of_registry.next()) {
                (Some((measure, _)), None) => (measure, at),
                (Some(_), Some(_)) => {
                    let what = format!("several measures are `{}`", input.measure);
                    let help = format!("say which: inputs = {{ {} = \"…\" }}", input.name);
                    faults.add(at, path, what, help);
                    return Bound::Faulty;
                }
                (None, _) if !input.is_needed => return Bound::Absent,
                (None, _) => {
                    let what = format!("the input `{}` of the rule is not bound", input.name);
                    let registry = match input.measure.as_str() {
                        "" => String::new(),
                        id => format!(", or one that uses `{id}`"),
                    };
                    faults.add(at, path, what, format!("name a measure in {}{registry}", input.unit));
                    return Bound::Faulty;
                }
            }
        }
    };
    let Some(known) = measures.get(measure) else { return Bound::Faulty };
    if let Err((what, help)) = known.conversion_to(input) {
        let what = format!("the measure `{}` is no `{}`: {what}", known.id, input.name);
        faults.add(place, path, what, help);
        return Bound::Faulty;
    }
    Bound::To(measure)
}

impl Measure {
    /// How its numbers become those of an input of a rule.
    pub(crate) fn conversion_to(&self, input: &Input) -> Result<Conversion, (String, String)> {
        input.conversion_from(&self.unit, self.analyte.as_deref())
    }
}

impl Input {
    /// How numbers in `unit` become the rule's; the analyte is that of the registry entry, or the one given.
    pub(crate) fn conversion_from(
        &self,
        unit: &str,
        analyte: Option<&str>,
    ) -> Result<Conversion, (String, String)> {
        let registered = catalogue::measure_key(&self.measure).ok().and_then(|key| key.analyte);
        conversion(unit, &self.unit, registered.as_deref().or(analyte))
    }
}

/// Turns the rows of a rule into rows in the units of the measures, with every open case settled.
struct Settle<'a, 'f, 't> {
    key: &'a RuleKey,
    inputs: &'a [(String, usize)],
    measures: &'a [Measure],
    indicator: &'a Node,
    at: usize,
    path: &'a str,
    faults: &'f mut Faults<'t>,
}

impl Settle<'_, '_, '_> {
    fn measure(&self, input: &str) -> Option<usize> {
        self.inputs.iter().find(|(name, _)| name == input).map(|(_, measure)| *measure)
    }

    /// How the numbers of a bound input become the rule's.
    fn conversion(&self, input: &str) -> Conversion {
        let declared = self.key.inputs.iter().find(|known| known.name == input);
        let measure = self.measure(input).and_then(|measure| self.measures.get(measure));
        let found = declared.zip(measure).and_then(|(input, measure)| measure.conversion_to(input).ok());
        found.unwrap_or(Conversion::SAME)
    }

    /// The bands of an input in the unit of its measure: thresholds are turned, so that no reading has to be.
    fn in_unit(&self, input: &str, steps: Steps) -> Steps {
        let conversion = self.conversion(input);
        if conversion.is_same() {
            return steps;
        }
        Steps { at: steps.at.iter().map(|at| conversion.least(*at)).collect(), ..steps }
    }

    fn bands(&mut self) -> Option<RuleBands> {
        self.check_cases();
        let parts = match &self.key.body {
            Body::Norm(norm) => return self.norm(norm),
            Body::Parts(parts) => parts,
            _ => return None,
        };
        if let [Part { form, .. }] = parts.as_slice() {
            match form {
                Form::Line { input, points } => {
                    let back = self.conversion(input).inverse();
                    let points = points.iter().map(|[x, score]| [back.apply(*x), *score]).collect();
                    return Some(RuleBands::Line { measure: self.measure(input)?, points });
                }
                Form::Bands { input, bands: Bands::By { input: by, rows } } => {
                    let measure = self.measure(input)?;
                    let Some(by) = self.measure(by) else {
                        // Not bound: everybody has what it then counts as.
                        let absent = self.key.inputs.iter().find(|known| known.name == *by)?.absent?;
                        let (_, steps) = rows.iter().find(|(when, _)| *when == absent)?;
                        let steps = self.settle(steps, rows);
                        return Some(RuleBands::Worst(vec![(measure, self.in_unit(input, steps))]));
                    };
                    let settled = rows.iter().map(|(when, steps)| (*when, self.settle(steps, rows)));
                    let settled: Vec<_> = settled.collect();
                    let strata =
                        settled.into_iter().map(|(when, steps)| (when, self.in_unit(input, steps))).collect();
                    return Some(RuleBands::By { measure, by, strata });
                }
                _ => {}
            }
        }
        let rows: Option<Vec<(usize, Steps)>> = parts
            .iter()
            .map(|part| match &part.form {
                Form::Bands { input, bands: Bands::All(steps) } => {
                    let settled = self.settle(steps, &[]);
                    Some((self.measure(input)?, self.in_unit(input, settled)))
                }
                _ => None,
            })
            .collect();
        let rows = rows?;
        let of_part = parts.iter().find_map(|part| part.deduct.as_ref());
        let deduct = self.key.deduct.as_ref().or(of_part);
        let deduct = deduct.and_then(|deduct| Some((deduct, self.measure(&deduct.input)?)));
        Some(match deduct {
            None => RuleBands::Worst(rows),
            Some((deduct, by)) => {
                let less = rows.iter().map(|(measure, steps)| (*measure, less(steps, deduct))).collect();
                RuleBands::WorstBy { by, strata: vec![(0.0, rows), (1.0, less)] }
            }
        })
    }

    fn norm(&mut self, norm: &Norm) -> Option<RuleBands> {
        let value = &self.key.inputs.first()?.name;
        let measure = self.measure(value)?;
        let back = self.conversion(value).inverse();
        let mut norm = norm.clone();
        for value in norm.rows.iter_mut().flat_map(|row| &mut row.values) {
            *value = back.apply(*value);
        }
        Some(RuleBands::Norm(NormReading {
            measure,
            age: self.measure("age"),
            sex: self.measure("sex"),
            is_higher_better: self.key.direction == Some(Direction::HigherBetter),
            norm,
        }))
    }

    fn check_cases(&mut self) {
        for entry in self.indicator.get("cases").map(Node::entries).unwrap_or_default() {
            if !self.key.cases.iter().any(|(case, _)| *case == entry.key) {
                let help = suggest(&entry.key, self.key.cases.iter().map(|(case, _)| case.as_str()));
                let what = format!("the rule has no open case `{}`", entry.key);
                self.faults.add(entry.at.start, &format!("{}.cases", self.path), what, help);
            }
        }
    }

    /// Replaces every open case by what the definition says of it.
    fn settle(&mut self, steps: &Steps, strata: &[(f64, Steps)]) -> Steps {
        let policy = |case: &str| match policy_of(self.indicator, case) {
            Some(policy) => policy,
            None => {
                let cases = &self.key.cases;
                let meaning = cases.iter().find(|(known, _)| known == case).map_or("", |(_, text)| text);
                let what = format!("the rule leaves the case `{case}` open: {meaning}");
                let help = format!("say what happens: cases = {{ {case} = \"missing\" }}");
                self.faults.add(self.at, &format!("{}.cases", self.path), what, help);
                CasePolicy::Missing
            }
        };
        match settle(steps, strata, policy) {
            Ok(settled) => settled,
            Err(stratum) => {
                let at = self.indicator.get("cases").map_or(self.at, |cases| cases.span.start);
                let what = format!("the rule has no stratum {stratum}");
                let help = match strata {
                    [] => "it has no strata; give \"missing\" or a score".to_owned(),
                    strata => {
                        let known: Vec<String> = strata.iter().map(|(when, _)| when.to_string()).collect();
                        format!("allowed: {}", known.join(", "))
                    }
                };
                self.faults.add(at, &format!("{}.cases", self.path), what, help);
                steps.clone()
            }
        }
    }
}

/// What a section says of an open case.
pub(in crate::definition) fn policy_of(section: &Node, case: &str) -> Option<CasePolicy> {
    let policy = section.get("cases")?.get(case)?;
    let number = |key: &str| policy.get(key).and_then(Node::number);
    Some(match (number("score"), number("stratum")) {
        (Some(score), _) => CasePolicy::Score(score),
        (None, Some(stratum)) => CasePolicy::Stratum(stratum),
        (None, None) => CasePolicy::Missing,
    })
}

/// The same bands with points taken off, not below 0.
fn less(steps: &Steps, deduct: &Deduction) -> Steps {
    let less = |score: &f64| if *score < deduct.points { 0.0 } else { score - deduct.points };
    Steps { score: steps.score.iter().map(less).collect(), ..steps.clone() }
}
