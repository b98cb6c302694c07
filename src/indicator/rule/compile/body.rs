//! What a rule computes: terms, parts, percentiles.

use super::{Compiled, Compiler, broken, broken_with};
use crate::{
    definition::{
        parts::Steps,
        rule::{Bands, CasePolicy, Deduction, Form, Norm, Part, RuleKey, Term, settle},
    },
    error::Fault,
    expression::program::Meaning,
    indicator::rule::{
        engine::{EnginePart, Keep, Note, Why},
        norm::NormTable,
        stage::{Reason, Side, Stage},
        terms::Picked,
    },
};

impl Compiler<'_> {
    pub(super) fn terms(
        &mut self,
        key: &RuleKey,
        terms: &[Term],
        stratum: Option<usize>,
        parts: &mut Vec<EnginePart>,
    ) -> Compiled<usize> {
        let mut staged = Vec::new();
        for term in terms {
            let of = self.formula(&term.of)?;
            let values = self.by_stratum(key, &term.coefficient, &[])?;
            let coefficient = match stratum {
                Some(stratum) if matches!(values.len(), 2 | 4) => Picked::OfStratum(stratum, values),
                stratum => match self.pick(&values, stratum) {
                    Side::Number(number) => Picked::Same(number),
                    Side::Column(column) => Picked::By(column),
                },
            };
            let part = (self.keep == Keep::All).then(|| {
                let known =
                    parts.iter().find(|part: &&EnginePart| part.name == term.part).map(|part| part.column);
                known.unwrap_or_else(|| {
                    let column = self.program.column();
                    parts.push(EnginePart { name: term.part.clone(), column });
                    column
                })
            });
            staged.push((of, coefficient, part));
        }
        let to = self.program.column();
        self.stage(Stage::Terms { to, terms: staged });
        self.name("lp", Side::Column(to));
        Ok(to)
    }

    /// The parts, joined; and how many there are of each person.
    pub(super) fn parts(
        &mut self,
        key: &RuleKey,
        list: &[Part],
        asked: Option<usize>,
        note: usize,
        parts: &mut Vec<EnginePart>,
    ) -> Compiled<(usize, Option<usize>)> {
        let mut columns = Vec::new();
        let mut notes = Vec::new();
        for part in list {
            let (column, why) = self.part(key, part)?;
            if let Some(deduct) = &part.deduct {
                self.deduct(column, deduct)?;
            }
            self.name(&part.name, Side::Column(column));
            parts.push(EnginePart { name: part.name.clone(), column });
            columns.push(column);
            notes.extend(why);
        }
        let needed = asked.or(key.at_least).unwrap_or(columns.len());
        if asked.is_none() && needed == columns.len() && key.combine.is_some() || columns.len() == 1 {
            // All are needed: the reason of the first that is not there is the reason of the whole.
            // What is missing comes before what is left open.
            for is_missing in [true, false] {
                let codes =
                    self.notes.iter().zip(1..).filter(|(note, _)| (note.why == Why::Missing) == is_missing);
                let codes: Vec<f64> = codes.map(|(_, code)| f64::from(code)).collect();
                for why in &notes {
                    self.stage(Stage::Note { note, why: Reason::Of(*why, codes.clone()), code: 0.0 });
                }
            }
        }
        let (Some(how), observed) = (key.combine, self.program.column()) else {
            let only = columns.first().copied().ok_or_else(|| broken("the rule has no parts"))?;
            if let Some(deduct) = &key.deduct {
                self.deduct(only, deduct)?;
            }
            self.name("combined", Side::Column(only));
            return Ok((only, None));
        };
        let to = self.program.column();
        let at_least = needed as f64;
        self.stage(Stage::Combine { to, observed, parts: columns, how, at_least });
        if let Some(deduct) = &key.deduct {
            self.deduct(to, deduct)?;
        }
        if key.result.is_none() {
            let because = format!("fewer than {needed} of {} parts are there", list.len());
            let code = self.note(Note::new(Why::TooFew, "too_few", &because));
            self.stage(Stage::Note { note, why: Reason::Missing(to), code });
        }
        self.name("combined", Side::Column(to));
        self.name("parts_observed", Side::Column(observed));
        Ok((to, Some(observed)))
    }

    fn deduct(&mut self, to: usize, deduct: &Deduction) -> Compiled<()> {
        let input =
            self.input(&deduct.input).ok_or_else(|| broken(format!("no input `{}`", deduct.input)))?;
        self.stage(Stage::Deduct { to, input, points: deduct.points });
        Ok(())
    }

    /// One part, and the column of the reasons why it may not be there.
    fn part(&mut self, key: &RuleKey, part: &Part) -> Compiled<(usize, Option<usize>)> {
        let to = self.program.column();
        match &part.form {
            Form::From(formula) => {
                let from = self.formula(formula)?;
                self.stage(Stage::Copy { to, from });
                Ok((to, None))
            }
            Form::Line { input, points } => {
                let x = self.side(input)?;
                self.stage(Stage::Line { to, x, points: points.clone() });
                Ok((to, None))
            }
            Form::Bands { input, bands } => {
                let x = self.side(input)?;
                Ok((to, self.bands(key, to, x, bands)?))
            }
            Form::Rule { argument, rules } => {
                let chosen = argument.as_ref().and_then(|argument| match self.program.named(argument) {
                    Some(Meaning::Text(value)) => rules.iter().find(|(name, _)| name == value),
                    _ => None,
                });
                let (_, rule) = match argument {
                    Some(argument) => {
                        chosen.ok_or_else(|| broken(format!("no rule for what `{argument}` is")))?
                    }
                    None => rules.first().ok_or_else(|| broken("no rule"))?,
                };
                // Names of the other rule are its own.
                let outside = self.program.clone_names();
                let outcome = self.rule(rule, false);
                self.flush();
                self.program.restore_names(outside);
                let outcome = outcome?;
                Ok((outcome.value, Some(outcome.note)))
            }
        }
    }

    fn side(&self, name: &str) -> Compiled<Side> {
        match self.program.named(name) {
            Some(Meaning::Number(number)) => Ok(Side::Number(*number)),
            Some(Meaning::Column(column)) => Ok(Side::Column(*column)),
            _ => Err(broken(format!("there is no input `{name}`"))),
        }
    }

    /// Bands, and the column of the open cases they have.
    fn bands(&mut self, key: &RuleKey, to: usize, x: Side, bands: &Bands) -> Compiled<Option<usize>> {
        let (by, rows, strata): (_, Vec<(Option<f64>, &Steps)>, &[_]) = match bands {
            Bands::All(steps) => (None, vec![(None, steps)], &[]),
            Bands::By { input, rows } => {
                let by = self.input(input).ok_or_else(|| broken(format!("there is no input `{input}`")))?;
                (Some(by), rows.iter().map(|(when, steps)| (Some(*when), steps)).collect(), rows)
            }
        };
        let has_cases = rows.iter().any(|(_, steps)| steps.case.iter().any(|case| !case.is_empty()));
        let cases = has_cases.then(|| self.program.column());
        if by.is_some() {
            self.stage(Stage::Blank { to });
        }
        if let Some(cases) = cases {
            self.stage(Stage::Clear { note: cases });
        }
        for (when, steps) in &rows {
            let (settled, codes) = self.settle(key, steps, strata)?;
            let (at, score) = (settled.at, settled.score);
            let stage = |to: usize, score: Vec<f64>| match (by, when) {
                (Some(by), Some(when)) => Stage::BandsWhere { to, x, by, when: *when, at: at.clone(), score },
                _ => Stage::Bands { to, x, at: at.clone(), score },
            };
            let (value, case) = (stage(to, score), cases.map(|cases| stage(cases, codes)));
            self.stage(value);
            if let Some(case) = case {
                self.stage(case);
            }
        }
        Ok(cases)
    }

    /// The bands with every open case as it is chosen; and by band the code of the reason why there is no score.
    fn settle(
        &mut self,
        key: &RuleKey,
        steps: &Steps,
        strata: &[(f64, Steps)],
    ) -> Compiled<(Steps, Vec<f64>)> {
        let policy = |case: &str| self.chosen.cases.get(case).copied().unwrap_or(CasePolicy::Missing);
        let settled = settle(steps, strata, policy).map_err(no_stratum)?;
        let mut codes = Vec::new();
        for (score, case) in settled.score.iter().zip(&settled.case) {
            let is_open = score.is_nan() && !case.is_empty();
            codes.push(if is_open {
                let meaning = key.cases.iter().find(|(known, _)| known == case).map_or("", |(_, text)| text);
                self.note(Note::new(Why::Case, case, meaning))
            } else {
                0.0
            });
        }
        Ok((settled, codes))
    }

    pub(super) fn norm(&mut self, key: &RuleKey, norm: &Norm) -> Compiled<(usize, usize)> {
        // The value is the first input.
        let value = key.inputs.first().and_then(|input| self.input(&input.name));
        let value = value.ok_or_else(|| broken("a norm needs an input for the value"))?;
        let (age, sex) = (self.own_input(key, "age"), self.own_input(key, "sex"));
        let (to, censored) = (self.program.column(), self.program.column());
        self.stage(Stage::Norm { to, value, age, sex, table: NormTable::new(norm), censored });
        Ok((to, censored))
    }
}

fn no_stratum(stratum: f64) -> Box<Fault> {
    broken_with(format!("the rule has no stratum {stratum}"), "name one of the values it has rows for")
}
