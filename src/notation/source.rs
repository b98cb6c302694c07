//! A TOML text as a tree that remembers where everything stands, and the list that collects faults.

use std::{
    fmt::{self, Display},
    ops::Range,
};

use toml::de::{DeTable, DeValue};

use crate::error::{Error, ErrorKind, Fault};

/// A value and the byte range it stands at.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    Number(f64),
    Flag(bool),
    List(Vec<Node>),
    Table(Vec<Entry>),
    /// What the format has no use for: dates, numbers that are no `f64`.
    Other(&'static str),
}

/// A key of a table; `at` is where the key itself stands.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) at: Range<usize>,
    pub(crate) node: Node,
}

impl Node {
    /// A number that stands nowhere yet.
    pub(crate) fn of_number(number: f64) -> Self {
        Self { span: 0..0, value: Value::Number(number) }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "text",
            Value::Number(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Other(kind) => kind,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        if let Value::Number(number) = self.value { Some(number) } else { None }
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        if let Value::Flag(flag) = self.value { Some(flag) } else { None }
    }

    /// The items of a list; nothing for anything else.
    pub(crate) fn list(&self) -> &[Node] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    /// The entries of a table in file order; nothing for anything else.
    pub(crate) fn entries(&self) -> &[Entry] {
        if let Value::Table(entries) = &self.value { entries } else { &[] }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    pub(crate) fn numbers(&self) -> Vec<f64> {
        self.list().iter().filter_map(Node::number).collect()
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.list().iter().filter_map(|node| node.text().map(str::to_owned)).collect()
    }
}

/// A key as it is written: bare where it may be.
pub(crate) fn key_text(key: &str) -> String {
    let is_bare = !key.is_empty()
        && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
    if is_bare { key.to_owned() } else { quoted(key) }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// As it is written on one line.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Text(text) => f.write_str(&quoted(text)),
            Value::Number(number) => write!(f, "{number}"),
            Value::Flag(flag) => write!(f, "{flag}"),
            Value::Other(kind) => f.write_str(kind),
            Value::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Value::Table(entries) => {
                f.write_str("{")?;
                for (at, entry) in entries.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma} {} = {}", key_text(&entry.key), entry.node)?;
                }
                f.write_str(if entries.is_empty() { "}" } else { " }" })
            }
        }
    }
}

/// A text being read, and the faults found in it so far.
#[derive(Debug)]
pub(crate) struct Faults<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<(usize, Fault)>,
}

impl<'a> Faults<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, found: Vec::new() }
    }

    /// Records a fault of the thing at `at`, reached by the key path `path`.
    pub(crate) fn add(&mut self, at: usize, path: &str, what: impl Into<String>, help: impl Into<String>) {
        let at = at.min(self.text.len());
        let line = self.text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let mut fault = Fault::new(what).in_file(self.file).line(line).help(help);
        if !path.is_empty() {
            fault = fault.key(path);
        }
        self.found.push((at, fault));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Every fault, in the order of the text.
    pub(crate) fn into_error(mut self, kind: ErrorKind) -> Error {
        self.found.sort_by_key(|(at, _)| *at);
        self.found.dedup();
        Error::new(kind, self.found.into_iter().map(|(_, fault)| fault).collect())
    }
}

/// Reads a TOML text as far as its syntax allows; every syntax error is recorded.
pub(crate) fn parse(text: &str, faults: &mut Faults<'_>) -> Node {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        faults.add(at, "", format!("not TOML: {}", error.message()), "");
    }
    let span = table.span();
    Node { span, value: convert_table(table.get_ref()) }
}

fn convert_table(table: &DeTable<'_>) -> Value {
    let entry = |(key, value): (&toml::Spanned<_>, &toml::Spanned<_>)| Entry {
        key: shown(key.get_ref()),
        at: key.span(),
        node: convert(value),
    };
    Value::Table(table.iter().map(entry).collect())
}

fn shown(key: &impl Display) -> String {
    key.to_string()
}

fn convert(value: &toml::Spanned<DeValue<'_>>) -> Node {
    let node = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => {
            let digits = integer.as_str();
            let parsed = i64::from_str_radix(digits, integer.radix()).ok();
            // A code or a count; what an f64 cannot hold exactly is none.
            #[expect(clippy::cast_possible_truncation, reason = "only compared with the number it came from")]
            let exact = parsed.map(|n| (n, n as f64)).filter(|(n, float)| *float as i64 == *n);
            exact.map_or(Value::Other("a number too large"), |(_, float)| Value::Number(float))
        }
        DeValue::Float(float) => match float.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            _ => Value::Other("a number that is not finite"),
        },
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Array(items) => Value::List(items.iter().map(convert).collect()),
        DeValue::Table(table) => convert_table(table),
    };
    Node { span: value.span(), value: node }
}
