//! Reads rule files.

use super::{
    key::{
        Argument, Bands, Body, Class, Combine, Constant, Deduction, Form, Gives, Input, Norm, NormRow, Part,
        Remark, RuleKey, Term,
    },
    keys,
};
use crate::{
    definition::{
        Status, catalogue,
        instrument::direction_of,
        parts::{Formula, Steps},
        resolve::{read_formula, text_of},
    },
    error::{Error, ErrorKind, Fault, Result, nearest, suggest},
    notation::{
        format,
        source::{self, Faults, Node},
    },
};

/// The rules of the catalogue, as `file.rule`.
pub(crate) fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in catalogue::RULE_SHELF.ids() {
        let document = document(file)?;
        let rules = document.get("rule").map(Node::entries).unwrap_or_default();
        names.extend(rules.iter().map(|entry| format!("{file}.{}", entry.key)));
    }
    Ok(names)
}

/// A rule of the catalogue.
pub(crate) fn rule(name: &str) -> Result<RuleKey> {
    let refuse =
        |(what, help): (String, String)| Error::new(ErrorKind::Definition, vec![Fault::new(what).help(help)]);
    let (file, part) = name.split_once('.').unwrap_or((name, ""));
    let text = catalogue::RULE_SHELF.find(file).map_err(|_| {
        let help = match nearest(file, catalogue::RULE_SHELF.ids()) {
            Some(near) if !part.is_empty() => format!("did you mean `{near}.{part}`?"),
            _ => "`vointi rules` lists them".to_owned(),
        };
        refuse((format!("there is no rule `{name}` in the catalogue"), help))
    })?;
    let document = document(file)?;
    let rules = document.get("rule").map(Node::entries).unwrap_or_default();
    if !rules.iter().any(|entry| entry.key == part) {
        let names: Vec<String> = rules.iter().map(|entry| format!("{file}.{}", entry.key)).collect();
        let help = suggest(name, names.iter().map(String::as_str));
        return Err(refuse((format!("there is no rule `{name}` in the catalogue"), help)));
    }
    let path = format!("data/rules/{file}.toml");
    let mut faults = Faults::new(&path, text);
    match read(&document, file, part, &mut Vec::new(), &mut faults) {
        Some(rule) if faults.is_empty() => Ok(rule),
        _ => Err(faults.into_error(ErrorKind::Definition)),
    }
}

fn document(file: &str) -> Result<Node> {
    let text = catalogue::RULE_SHELF.get(file, ErrorKind::Definition)?;
    let path = format!("data/rules/{file}.toml");
    let mut faults = Faults::new(&path, text);
    let document = source::parse(text, &mut faults);
    format::check(&document, &keys::FILE, "", &mut faults);
    if faults.is_empty() { Ok(document) } else { Err(faults.into_error(ErrorKind::Definition)) }
}

/// Reads one rule of a file; `open` are the rules that are being read, which may not need each other.
fn read(
    document: &Node,
    file: &str,
    id: &str,
    open: &mut Vec<String>,
    faults: &mut Faults<'_>,
) -> Option<RuleKey> {
    let node = document.get("rule")?.get(id)?;
    let path = format!("rule.{id}");
    if open.iter().any(|known| known == id) {
        faults.add(node.span.start, &path, "the rule is made of itself", "rules may not run in a circle");
        return None;
    }
    open.push(id.to_owned());
    let reader = Reader { document, file, node, path };
    let rule = reader.rule(id, open, faults);
    open.pop();
    rule
}

struct Reader<'n> {
    document: &'n Node,
    file: &'n str,
    node: &'n Node,
    path: String,
}

impl Reader<'_> {
    fn rule(&self, id: &str, open: &mut Vec<String>, faults: &mut Faults<'_>) -> Option<RuleKey> {
        let node = self.node;
        let own = |key: &str| node.get(key).or_else(|| self.document.get(key));
        let text = |key: &str| own(key).and_then(Node::text).unwrap_or_default().to_owned();
        let pair = |node: Option<&Node>| {
            node.map(Node::numbers).and_then(|numbers| <[f64; 2]>::try_from(numbers).ok())
        };
        let body = self.body(open, faults)?;
        let mut inputs = self.inputs();
        // A composite reads what its parts read.
        if let Body::Parts(parts) = &body {
            for rule in parts.iter().flat_map(Part::rules) {
                for input in &rule.inputs {
                    if !inputs.iter().any(|known| known.name == input.name) {
                        inputs.push(Input { is_needed: false, ..input.clone() });
                    }
                }
            }
        }
        // Who was made for certain ages refuses others wherever an age is known.
        let ages = pair(own("ages"));
        if ages.is_some() && !inputs.iter().any(|input| input.name == "age") {
            inputs.push(Input { is_needed: false, ..Input::age() });
        }
        let classes = node.get("class").map(Node::list).unwrap_or_default().iter().map(|class| Class {
            name: text_of(class, "name"),
            when: class
                .get("when")
                .and_then(|when| read_formula(when, &format!("{}.class", self.path), faults)),
        });
        let classes = classes.collect();
        let pairs = |key: &str, faults: &mut Faults<'_>| -> Vec<(String, Formula)> {
            let entries = node.get(key).map(Node::entries).unwrap_or_default();
            let read = entries.iter().filter_map(|entry| {
                let formula =
                    read_formula(&entry.node, &format!("{}.{key}.{}", self.path, entry.key), faults)?;
                Some((entry.key.clone(), formula))
            });
            read.collect()
        };
        let cases = node.get("case").map(Node::entries).unwrap_or_default().iter();
        let mut rule = RuleKey {
            name: format!("{}.{id}", self.file),
            title: text_of(node, "title"),
            version: text("version"),
            gives: Gives::of(&text_of(node, "gives")),
            unit: text_of(node, "unit"),
            range: pair(node.get("range")),
            is_clinical: node.get("audience").is_some(),
            status: Status::of(&text("status")),
            source: text("source"),
            locator: text("locator"),
            population: text("population"),
            ages,
            direction: direction_of(node),
            inputs,
            arguments: self.arguments(),
            refuse: self.remarks("refuse", faults),
            flags: self.remarks("flag", faults),
            lets: pairs("let", faults),
            strata: pairs("strata", faults),
            constants: self.constants(faults),
            body,
            combine: match node.get("combine").and_then(Node::text) {
                Some("worst") => Some(Combine::Worst),
                Some("sum") => Some(Combine::Sum),
                Some("mean") => Some(Combine::Mean),
                _ => None,
            },
            at_least: node.get("at_least").and_then(Node::number).map(whole),
            deduct: deduction(node),
            result: self.formula("result", faults),
            undefined: self.formula("undefined", faults),
            classes,
            cases: cases.filter_map(|case| Some((case.key.clone(), case.node.text()?.to_owned()))).collect(),
        };
        rule.inherit();
        Some(rule)
    }

    fn formula(&self, key: &str, faults: &mut Faults<'_>) -> Option<Formula> {
        read_formula(self.node.get(key)?, &format!("{}.{key}", self.path), faults)
    }

    fn inputs(&self) -> Vec<Input> {
        let entries = self.node.get("inputs").map(Node::entries).unwrap_or_default();
        let read = entries.iter().map(|entry| {
            let number = |key: &str| entry.node.get(key).and_then(Node::number);
            let limits = entry.node.get("limits").map(Node::numbers);
            let absent = number("absent");
            Input {
                name: entry.key.clone(),
                unit: text_of(&entry.node, "unit"),
                measure: text_of(&entry.node, "measure"),
                limits: limits.and_then(|limits| <[f64; 2]>::try_from(limits).ok()),
                absent,
                is_needed: absent.is_none() && entry.node.get("needed").and_then(Node::flag) != Some(false),
            }
        });
        read.collect()
    }

    fn arguments(&self) -> Vec<Argument> {
        let entries = self.node.get("arguments").map(Node::entries).unwrap_or_default();
        let read = entries.iter().map(|entry| Argument {
            name: entry.key.clone(),
            title: text_of(&entry.node, "title"),
            one_of: entry.node.get("one_of").map(Node::texts).unwrap_or_default(),
            default: entry.node.get("default").and_then(Node::text).map(str::to_owned),
        });
        read.collect()
    }

    fn remarks(&self, key: &str, faults: &mut Faults<'_>) -> Vec<Remark> {
        let path = format!("{}.{key}", self.path);
        let list = self.node.get(key).map(Node::list).unwrap_or_default();
        let read = list.iter().filter_map(|remark| {
            Some(Remark {
                when: read_formula(remark.get("when")?, &path, faults)?,
                code: text_of(remark, "code"),
                because: text_of(remark, "because"),
            })
        });
        read.collect()
    }

    fn constants(&self, faults: &mut Faults<'_>) -> Vec<(String, Constant)> {
        let path = format!("{}.constant", self.path);
        let entries = self.node.get("constant").map(Node::entries).unwrap_or_default();
        entries
            .iter()
            .filter_map(|entry| Some((entry.key.clone(), constant(&entry.node, &path, faults)?)))
            .collect()
    }

    fn body(&self, open: &mut Vec<String>, faults: &mut Faults<'_>) -> Option<Body> {
        let node = self.node;
        let given: Vec<&str> =
            ["term", "part", "norm", "algorithm"].into_iter().filter(|key| node.get(key).is_some()).collect();
        Some(match given.as_slice() {
            [] if node.get("result").is_some() => Body::Result,
            ["term"] => Body::Terms(self.terms(faults)),
            ["part"] => Body::Parts(self.parts(open, faults)),
            ["norm"] => Body::Norm(norm(node.get("norm")?)),
            ["algorithm"] => Body::Algorithm(text_of(node, "algorithm")),
            _ => {
                let what = match given.as_slice() {
                    [] => "nothing says how the rule is computed".to_owned(),
                    many => format!("{} are given together", many.join(" and ")),
                };
                let help = "give one of term, part, norm, algorithm, or a result alone";
                faults.add(node.span.start, &self.path, what, help);
                return None;
            }
        })
    }

    fn terms(&self, faults: &mut Faults<'_>) -> Vec<Term> {
        let path = format!("{}.term", self.path);
        let list = self.node.get("term").map(Node::list).unwrap_or_default();
        let read = list.iter().filter_map(|term| {
            let of = read_formula(term.get("of")?, &path, faults)?;
            let part = match text_of(term, "part") {
                part if part.is_empty() => of.text.clone(),
                part => part,
            };
            Some(Term { of, part, coefficient: constant(term.get("coefficient")?, &path, faults)? })
        });
        read.collect()
    }

    fn parts(&self, open: &mut Vec<String>, faults: &mut Faults<'_>) -> Vec<Part> {
        let mut parts = Vec::new();
        for node in self.node.get("part").map(Node::list).unwrap_or_default() {
            let name = text_of(node, "name");
            let path = format!("{}.part.{name}", self.path);
            if let Some(form) = self.form(node, &path, open, faults) {
                parts.push(Part { name, title: text_of(node, "title"), form, deduct: deduction(node) });
            }
        }
        parts
    }

    fn form(&self, node: &Node, path: &str, open: &mut Vec<String>, faults: &mut Faults<'_>) -> Option<Form> {
        if let Some(from) = node.get("from") {
            return Some(Form::From(read_formula(from, path, faults)?));
        }
        if let Some(of) = node.get("rule") {
            return self.other_rules(of, path, open, faults);
        }
        let input = text_of(node, "input");
        if let Some(points) = node.get("points") {
            let points: Vec<[f64; 2]> =
                points.list().iter().filter_map(|pair| <[f64; 2]>::try_from(pair.numbers()).ok()).collect();
            return Some(Form::Line { input, points });
        }
        if node.get("at").is_some() {
            return Some(Form::Bands { input, bands: Bands::All(steps(node, path, faults)) });
        }
        let Some(rows) = node.get("rows") else {
            let help = "give from, rule, or an input with at and score, rows, or points";
            faults.add(node.span.start, path, "nothing says how the part is computed", help);
            return None;
        };
        let rows = rows
            .list()
            .iter()
            .filter_map(|row| Some((row.get("when")?.number()?, steps(row, path, faults))))
            .collect();
        Some(Form::Bands { input, bands: Bands::By { input: text_of(node, "by"), rows } })
    }

    fn other_rules(
        &self,
        of: &Node,
        path: &str,
        open: &mut Vec<String>,
        faults: &mut Faults<'_>,
    ) -> Option<Form> {
        let mut other = |id: &str, faults: &mut Faults<'_>| {
            let found = read(self.document, self.file, id, open, faults);
            if found.is_none() {
                faults.add(of.span.start, path, format!("there is no rule `{id}` in this file"), "");
            }
            found
        };
        if let Some(id) = of.text() {
            let rule = other(id, faults)?;
            return Some(Form::Rule { argument: None, rules: vec![(id.to_owned(), rule)] });
        }
        let mut rules = Vec::new();
        let argument = of.get("argument").and_then(Node::text)?;
        for entry in of.entries().iter().filter(|entry| entry.key != "argument") {
            rules.push((entry.key.clone(), other(entry.node.text()?, faults)?));
        }
        Some(Form::Rule { argument: Some(argument.to_owned()), rules })
    }
}

impl Part {
    /// The rules it may be.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &RuleKey> {
        let rules = if let Form::Rule { rules, .. } = &self.form { rules.as_slice() } else { &[] };
        rules.iter().map(|(_, rule)| rule)
    }
}

impl RuleKey {
    /// A composite has the arguments and cases of its parts.
    fn inherit(&mut self) {
        let Body::Parts(parts) = &self.body else { return };
        for rule in parts.iter().flat_map(Part::rules) {
            for argument in &rule.arguments {
                if !self.arguments.iter().any(|known| known.name == argument.name) {
                    self.arguments.push(argument.clone());
                }
            }
            for case in &rule.cases {
                if !self.cases.contains(case) {
                    self.cases.push(case.clone());
                }
            }
        }
    }
}

fn deduction(node: &Node) -> Option<Deduction> {
    let deduct = node.get("deduct")?;
    Some(Deduction { input: text_of(deduct, "input"), points: deduct.get("points")?.number()? })
}

fn constant(node: &Node, path: &str, faults: &mut Faults<'_>) -> Option<Constant> {
    if let Some(number) = node.number() {
        return Some(Constant::Number(number));
    }
    if node.text().is_some() {
        return read_formula(node, path, faults).map(Constant::From);
    }
    let by = node
        .entries()
        .iter()
        .filter_map(|entry| Some((entry.key.clone(), constant(&entry.node, path, faults)?)));
    Some(Constant::By(by.collect()))
}

/// Thresholds and scores; a threshold that belongs to the band below is the next number up.
fn steps(node: &Node, path: &str, faults: &mut Faults<'_>) -> Steps {
    let mut at = Vec::new();
    for threshold in node.get("at").map(Node::list).unwrap_or_default() {
        let above = threshold.text().and_then(|text| text.strip_prefix('>')?.trim().parse::<f64>().ok());
        match threshold.number().or(above.map(f64::next_up)) {
            Some(number) => at.push(number),
            None => faults.add(
                threshold.span.start,
                path,
                "this is no threshold",
                "give a number, or as in \">30\" one that belongs to the band below it",
            ),
        }
    }
    let scores = node.get("score").map(Node::list).unwrap_or_default();
    let steps = Steps {
        at,
        score: scores.iter().map(|score| score.number().unwrap_or(f64::NAN)).collect(),
        case: scores.iter().map(|score| score.text().unwrap_or_default().to_owned()).collect(),
    };
    if !steps.at.windows(2).all(|pair| matches!(pair, [a, b] if a < b))
        || steps.score.len() != steps.at.len() + 1
    {
        let help = "`at` ascends, and `score` has one more, from the lowest band up";
        faults.add(node.span.start, path, "thresholds and scores do not fit", help);
    }
    steps
}

fn norm(node: &Node) -> Norm {
    let row = |row: &Node| {
        let age = row.get("age").and_then(Node::number).map(|age| [age, age]);
        let ages = row.get("ages").map(Node::numbers).and_then(|ages| <[f64; 2]>::try_from(ages).ok());
        let values = row.get("values").or_else(|| row.get("lms")).map(Node::numbers);
        NormRow {
            sex: row.get("sex").and_then(Node::number),
            ages: ages.or(age),
            values: values.unwrap_or_default(),
        }
    };
    Norm {
        is_log: node.get("transform").is_some(),
        percentiles: node.get("percentiles").map(Node::numbers).unwrap_or_default(),
        rows: node.get("rows").map(Node::list).unwrap_or_default().iter().map(row).collect(),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of parts")]
fn whole(number: f64) -> usize {
    number.max(0.0) as usize
}
