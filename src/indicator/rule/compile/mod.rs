//! From a rule to the stages that compute it.

mod body;

use super::{
    engine::{Engine, EngineFlag, EngineInput, EnginePart, Keep, Note, Why},
    stage::{Reason, Side, Stage},
};
use crate::{
    definition::{
        parts::Formula,
        rule::{Body, Chosen, Constant, Input, Part, Remark, RuleKey},
    },
    error::{Error, ErrorKind, Fault, Result},
    expression::program::{Meaning, Program},
};

/// Compiles a rule with what is chosen for it.
pub(super) fn compile(key: &RuleKey, chosen: &Chosen, keep: Keep) -> Result<Engine> {
    let misfits = key.misfits(chosen);
    if !misfits.is_empty() {
        let faults = misfits.into_iter().map(|(what, help)| Fault::new(what).help(help)).collect();
        return Err(Error::new(ErrorKind::Definition, faults));
    }
    let mut compiler = Compiler { keep, ..Compiler::new(key, chosen) };
    compiler.inputs(&key.inputs);
    let outcome = compiler.rule(key, true).map_err(|fault| {
        let file = key.name.split('.').next().unwrap_or_default();
        let fault = fault.in_file(format!("data/rules/{file}.toml"));
        Error::new(ErrorKind::Definition, vec![fault.key(format!("rule `{}`", key.name))])
    })?;
    Ok(compiler.finish(outcome))
}

/// What a refusal for want of an input begins with.
const MISSING: &str = "missing:";

/// The columns a rule leaves.
struct Outcome {
    value: usize,
    note: usize,
    observed: Option<usize>,
    class: Option<usize>,
    parts: Vec<EnginePart>,
    flags: Vec<EngineFlag>,
    classes: Vec<String>,
}

struct Compiler<'a> {
    chosen: &'a Chosen,
    keep: Keep,
    program: Program,
    stages: Vec<Stage>,
    /// The steps of the program that are in a stage already.
    done: usize,
    /// Inputs of the whole rule: name, raw column, column as it counts.
    inputs: Vec<EngineInput>,
    notes: Vec<Note>,
}

/// A rule whose file does not say what it must.
type Compiled<T> = std::result::Result<T, Box<Fault>>;

fn broken(what: impl Into<String>) -> Box<Fault> {
    broken_with(what, "")
}

fn broken_with(what: impl Into<String>, help: impl Into<String>) -> Box<Fault> {
    Box::new(Fault::new(what).help(help))
}

impl<'a> Compiler<'a> {
    fn new(key: &RuleKey, chosen: &'a Chosen) -> Self {
        let mut program = Program::default();
        for argument in &key.arguments {
            let value = chosen.arguments.get(&argument.name).or(argument.default.as_ref());
            program.name(&argument.name, Meaning::Text(value.cloned().unwrap_or_default()));
        }
        Self {
            chosen,
            keep: Keep::All,
            program,
            stages: Vec::new(),
            done: 0,
            inputs: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn finish(mut self, outcome: Outcome) -> Engine {
        self.flush();
        Engine {
            program: self.program,
            stages: self.stages,
            inputs: self.inputs,
            notes: self.notes,
            value: outcome.value,
            note: outcome.note,
            keeps_reasons: self.keep == Keep::All,
            observed: outcome.observed,
            class: outcome.class,
            parts: outcome.parts,
            flags: outcome.flags,
            classes: outcome.classes,
        }
        .tidy()
    }

    /// A column for every input; one that may be absent has a second one, as it counts.
    fn inputs(&mut self, inputs: &[Input]) {
        for input in inputs {
            let raw = self.program.column();
            let (mut column, mut assumed) = (raw, None);
            if let Some(value) = input.absent {
                column = self.program.column();
                let marked = self.program.column();
                self.stages.push(Stage::Absent { from: raw, to: column, value, marked });
                assumed = Some(marked);
            }
            self.inputs.push(EngineInput { name: input.name.clone(), raw, column, assumed, is_used: false });
        }
    }

    fn input(&self, name: &str) -> Option<usize> {
        self.inputs.iter().find(|input| input.name == name).map(|input| input.column)
    }

    /// A composite only passes on what its parts read: an argument may leave some of that unread.
    fn mark_used(&mut self, key: &RuleKey) {
        let parts = if let Body::Parts(parts) = &key.body { parts.as_slice() } else { &[] };
        let is_passed_on = |name: &str| {
            parts.iter().flat_map(Part::rules).any(|rule| rule.inputs.iter().any(|input| input.name == name))
        };
        for input in &mut self.inputs {
            input.is_used |=
                key.inputs.iter().any(|own| own.name == input.name) && !is_passed_on(&input.name);
        }
    }

    /// The code of a reason; the same reason has one code.
    fn note(&mut self, note: Note) -> f64 {
        let at = self.notes.iter().position(|known| *known == note).unwrap_or_else(|| {
            self.notes.push(note);
            self.notes.len() - 1
        });
        (at + 1) as f64
    }

    fn stage(&mut self, stage: Stage) {
        self.flush();
        self.stages.push(stage);
    }

    /// Puts what the program has grown by before the next stage.
    fn flush(&mut self) {
        let len = self.program.len();
        if len > self.done {
            self.stages.push(Stage::Program(self.done..len));
            self.done = len;
        }
    }

    fn formula(&mut self, formula: &Formula) -> Compiled<Side> {
        let meaning = self.program.compile(&formula.expression);
        match meaning
            .map_err(|error| broken_with(format!("`{}`: {}", formula.text, error.what), error.help))?
        {
            Meaning::Number(number) => Ok(Side::Number(number)),
            Meaning::Column(column) => Ok(Side::Column(column)),
            Meaning::Text(_) => Err(broken(format!("`{}` gives text, not a number", formula.text))),
        }
    }

    fn name(&mut self, name: &str, side: Side) {
        let meaning = match side {
            Side::Number(number) => Meaning::Number(number),
            Side::Column(column) => Meaning::Column(column),
        };
        self.program.name(name, meaning);
    }

    /// One rule; `is_top` for the one that is asked for, whose inputs may be needed.
    fn rule(&mut self, key: &RuleKey, is_top: bool) -> Compiled<Outcome> {
        let note = self.program.column();
        self.stage(Stage::Clear { note });
        self.mark_used(key);
        let mut needed = Vec::new();
        for input in &key.inputs {
            let column =
                self.input(&input.name).ok_or_else(|| broken(format!("no input `{}`", input.name)))?;
            self.name(&input.name, Side::Column(column));
            if input.is_needed {
                needed.push((column, self.note(Note::new(Why::Missing, &input.name, ""))));
            }
        }
        self.stage(Stage::Missing { note, of: needed });
        let stratum = self.strata(key)?;
        self.constants(key, stratum)?;
        for (name, formula) in &key.lets {
            let side = self.formula(formula)?;
            self.name(name, side);
        }
        self.refusals(key, note)?;
        let mut parts = Vec::new();
        let mut observed = None;
        let mut censored = None;
        let value = match &key.body {
            Body::Result => None,
            Body::Terms(terms) => Some(self.terms(key, terms, stratum, &mut parts)?),
            Body::Parts(list) => {
                let asked = self.chosen.at_least.filter(|_| is_top);
                let (value, count) = self.parts(key, list, asked, note, &mut parts)?;
                observed = count;
                Some(value)
            }
            Body::Norm(norm) => {
                let (value, marks) = self.norm(key, norm)?;
                censored = Some(marks);
                Some(value)
            }
            Body::Algorithm(name) => return Err(broken(format!("`{name}` is an algorithm of its own"))),
        };
        let mut value = match value {
            Some(value) => Side::Column(value),
            None => Side::Number(f64::NAN),
        };
        if let Some(result) = &key.result {
            value = self.formula(result)?;
        }
        if let Some(undefined) = &key.undefined {
            let when = self.formula(undefined)?;
            let code =
                self.note(Note::new(Why::Undetermined, "undetermined", "what is missing could decide"));
            self.stage(Stage::Note { note, why: Reason::True(when), code });
        }
        let result = self.program.column();
        self.stage(Stage::Copy { to: result, from: value });
        self.stage(Stage::Without { to: result, note });
        let code = self.note(Note::new(
            Why::Undetermined,
            "undetermined",
            "it cannot be computed from what is there",
        ));
        self.stage(Stage::Note { note, why: Reason::Missing(result), code });
        self.name("result", Side::Column(result));
        if self.keep == Keep::Value {
            let (observed, class, flags, classes) = (None, None, Vec::new(), Vec::new());
            parts.clear();
            return Ok(Outcome { value: result, note, observed, class, parts, flags, classes });
        }
        let mut flags = self.flags(key, is_top)?;
        if let Some(column) = censored {
            let because = "beyond the outermost tabulated percentile".to_owned();
            flags.push(EngineFlag { code: "censored".to_owned(), because, columns: vec![column] });
        }
        let class = self.classes(key, result)?;
        let classes = key.classes.iter().map(|class| class.name.clone()).collect();
        Ok(Outcome { value: result, note, observed, class, parts, flags, classes })
    }

    fn strata(&mut self, key: &RuleKey) -> Compiled<Option<usize>> {
        if key.strata.is_empty() {
            return Ok(None);
        }
        let when = key.strata.iter().map(|(_, when)| self.formula(when)).collect::<Compiled<Vec<_>>>()?;
        let to = self.program.column();
        self.stage(Stage::Stratum { to, when });
        Ok(Some(to))
    }

    /// Every constant, by stratum.
    fn constants(&mut self, key: &RuleKey, stratum: Option<usize>) -> Compiled<()> {
        let mut known: Vec<(String, Vec<f64>)> = Vec::new();
        for (name, constant) in &key.constants {
            let values = self.by_stratum(key, constant, &known)?;
            let picked = self.pick(&values, stratum);
            known.push((name.clone(), values));
            self.name(name, picked);
        }
        Ok(())
    }

    /// A constant of every stratum; of one if there are none.
    fn by_stratum(
        &self,
        key: &RuleKey,
        constant: &Constant,
        known: &[(String, Vec<f64>)],
    ) -> Compiled<Vec<f64>> {
        let strata: Vec<Option<&str>> = match key.strata.as_slice() {
            [] => vec![None],
            strata => strata.iter().map(|(name, _)| Some(name.as_str())).collect(),
        };
        strata
            .iter()
            .enumerate()
            .map(|(at, stratum)| self.constant_of(key, constant, *stratum, at, known))
            .collect()
    }

    fn constant_of(
        &self,
        key: &RuleKey,
        constant: &Constant,
        stratum: Option<&str>,
        at: usize,
        known: &[(String, Vec<f64>)],
    ) -> Compiled<f64> {
        match constant {
            Constant::Number(number) => Ok(*number),
            Constant::From(formula) => {
                let mut program = Program::default();
                for (name, values) in known {
                    program.name(name, Meaning::Number(values.get(at).copied().unwrap_or(f64::NAN)));
                }
                match program.compile(&formula.expression) {
                    Ok(Meaning::Number(number)) => Ok(number),
                    Ok(_) => Err(broken(format!("`{}` is no number", formula.text))),
                    Err(error) => Err(broken_with(format!("`{}`: {}", formula.text, error.what), error.help)),
                }
            }
            Constant::By(entries) => {
                let of = |name: &str| {
                    entries.iter().find(|(entry, _)| entry == name).map(|(_, constant)| constant)
                };
                let by_argument = || {
                    key.arguments.iter().find_map(|argument| match self.program.named(&argument.name) {
                        Some(Meaning::Text(value)) if argument.one_of.contains(value) => of(value),
                        _ => None,
                    })
                };
                let found = stratum.and_then(of).or_else(by_argument).ok_or_else(|| {
                    broken(format!("no constant for {}", stratum.unwrap_or("what is chosen")))
                })?;
                self.constant_of(key, found, stratum, at, known)
            }
        }
    }

    /// One number if there is one stratum or all are the same; a column of them otherwise.
    fn pick(&mut self, values: &[f64], stratum: Option<usize>) -> Side {
        let first = values.first().copied().unwrap_or(f64::NAN);
        match stratum {
            Some(stratum) if values.iter().any(|value| *value != first) => {
                let to = self.program.column();
                self.stage(Stage::Pick { to, stratum, values: values.to_vec() });
                Side::Column(to)
            }
            _ => Side::Number(first),
        }
    }

    fn refusals(&mut self, key: &RuleKey, note: usize) -> Compiled<()> {
        let (missing, others): (Vec<_>, Vec<_>) =
            key.refuse.iter().partition(|refusal| refusal.code.starts_with(MISSING));
        self.refuse(&missing, note)?;
        if let (Some([from, below]), Some(age)) = (key.ages, self.own_input(key, "age")) {
            let because = format!("made for ages from {from} to below {below}");
            let code = self.note(Note::new(Why::Refused, "age", &because));
            self.stage(Stage::Note { note, why: Reason::Below(age, from), code });
            self.stage(Stage::Note { note, why: Reason::AtLeast(age, below), code });
        }
        for input in &key.inputs {
            let Some(column) = self.input(&input.name) else { continue };
            let codes: Option<Vec<f64>> =
                input.codes().map(|codes| codes.into_iter().map(|(_, value)| value).collect());
            let why = match (input.limits, codes) {
                (Some(limits), _) => Reason::Outside(column, limits),
                (None, Some(codes)) => Reason::NotAmong(column, codes),
                (None, None) => continue,
            };
            let because = match input.limits {
                Some([lowest, highest]) => format!("made for {lowest} to {highest} {}", input.unit),
                None => format!("the codes are {}", input.unit),
            };
            let code = self.note(Note::new(Why::Outside, &input.name, &because));
            self.stage(Stage::Note { note, why, code });
        }
        self.refuse(&others, note)
    }

    /// A refusal may say `missing:input` or `outside:input` where a rule decides by itself what it needs.
    fn refuse(&mut self, refusals: &[&Remark], note: usize) -> Compiled<()> {
        for refusal in refusals {
            let when = self.formula(&refusal.when)?;
            let because = refusal.because.as_str();
            let reason = if let Some(input) = refusal.code.strip_prefix(MISSING) {
                Note::new(Why::Missing, input, because)
            } else if let Some(input) = refusal.code.strip_prefix("outside:") {
                Note::new(Why::Outside, input, because)
            } else {
                Note::new(Why::Refused, &refusal.code, because)
            };
            let code = self.note(reason);
            self.stage(Stage::Note { note, why: Reason::True(when), code });
        }
        Ok(())
    }

    fn own_input(&self, key: &RuleKey, name: &str) -> Option<usize> {
        key.inputs.iter().find(|input| input.name == name).and_then(|input| self.input(&input.name))
    }

    /// The flags of a rule; at the top, also what was assumed of any input.
    fn flags(&mut self, key: &RuleKey, is_top: bool) -> Compiled<Vec<EngineFlag>> {
        let mut flags = Vec::new();
        if !is_top {
            return Ok(flags);
        }
        for flag in &key.flags {
            if let Side::Column(column) = self.formula(&flag.when)? {
                flags.push(EngineFlag {
                    code: flag.code.clone(),
                    because: flag.because.clone(),
                    columns: vec![column],
                });
            }
        }
        let assumed: Vec<usize> =
            self.inputs.iter().filter(|input| input.is_used).filter_map(|input| input.assumed).collect();
        if !assumed.is_empty() {
            let because = "something that was not there counts as the usual".to_owned();
            flags.push(EngineFlag { code: "assumed".to_owned(), because, columns: assumed });
        }
        Ok(flags)
    }

    fn classes(&mut self, key: &RuleKey, result: usize) -> Compiled<Option<usize>> {
        if key.classes.is_empty() {
            return Ok(None);
        }
        let when = key
            .classes
            .iter()
            .map(|class| class.when.as_ref().map_or(Ok(Side::Number(1.0)), |when| self.formula(when)))
            .collect::<Compiled<Vec<_>>>()?;
        let to = self.program.column();
        self.stage(Stage::Class { to, result, when });
        Ok(Some(to))
    }
}
