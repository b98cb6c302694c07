//! The format of the files we read, as data: one description serves the reader, the messages and
//! the JSON Schema.

use super::source::{Faults, Node, Value};
use crate::error::suggest;

/// What may stand at a place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Text,
    Number,
    /// true or false
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    List(&'static Shape),
    /// Two numbers.
    Pair,
    /// Exactly these keys.
    Table(&'static [Key]),
    /// Any keys: column names, answer texts.
    Map(&'static Shape),
    /// Keys that are ids of ours: `[a-z][a-z0-9_]*`, none of them reserved.
    Ids(&'static Shape),
    Either(&'static [Shape]),
    /// What it may be is held against another format later.
    Anything,
}

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    pub(crate) doc: &'static str,
}

pub(crate) const fn key(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, required: false, doc }
}

pub(crate) const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, required: true, doc }
}

/// Names that columns of our output, terms of a model or the expression language already carry.
pub(crate) const RESERVED: &[&str] = &[
    "index",
    "index_se",
    "low",
    "high",
    "coverage",
    "flags",
    "reason",
    "person",
    "unit",
    "wave",
    "pillar",
    "domain",
    "indicator",
    "scale",
    "measure",
    "instrument",
    "derived",
    "choice",
    "missing",
    "intercept",
    "score",
    "true",
    "false",
    "and",
    "or",
    "not",
    "if",
];

/// `[a-z][a-z0-9_]*`
pub(crate) fn is_id(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Holds `node` against `shape` and records every departure; what passes can be read without a check.
pub(crate) fn check(node: &Node, shape: &Shape, path: &str, faults: &mut Faults<'_>) {
    match (shape, &node.value) {
        (Shape::Text, Value::Text(_))
        | (Shape::Number, Value::Number(_))
        | (Shape::Flag, Value::Flag(_))
        | (Shape::Anything, _) => {}
        (Shape::Word(words), Value::Text(text)) => {
            if !words.contains(&text.as_str()) {
                let help = suggest_among(text, words);
                faults.add(node.span.start, path, format!("unknown word `{text}`"), help);
            }
        }
        (Shape::List(item), Value::List(items)) => {
            for (position, node) in items.iter().enumerate() {
                check(node, item, &format!("{path}[{position}]"), faults);
            }
        }
        (Shape::Pair, Value::List(items))
            if items.len() == 2 && items.iter().all(|n| n.number().is_some()) => {}
        (Shape::Table(keys), Value::Table(entries)) => {
            for entry in entries {
                let path = join(path, &entry.key);
                match keys.iter().find(|key| key.name == entry.key) {
                    Some(key) => check(&entry.node, &key.shape, &path, faults),
                    None => {
                        let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
                        let help = suggest_among(&entry.key, &names);
                        faults.add(entry.at.start, &path, format!("unknown key `{}`", entry.key), help);
                    }
                }
            }
            for key in keys.iter().filter(|key| key.required && node.get(key.name).is_none()) {
                faults.add(
                    node.span.start,
                    path,
                    format!("the key `{}` is missing", key.name),
                    format!("it holds {}", key.doc),
                );
            }
        }
        (Shape::Map(item), Value::Table(entries)) => {
            for entry in entries {
                check(&entry.node, item, &join(path, &entry.key), faults);
            }
        }
        (Shape::Ids(item), Value::Table(entries)) => {
            for entry in entries {
                let path = join(path, &entry.key);
                if !is_id(&entry.key) {
                    let what = format!("`{}` cannot be an id", entry.key);
                    faults.add(entry.at.start, &path, what, "ids are lower-case letters, digits and `_`");
                } else if RESERVED.contains(&entry.key.as_str()) {
                    let what = format!("`{}` is a reserved name", entry.key);
                    faults.add(entry.at.start, &path, what, "choose another id");
                }
                check(&entry.node, item, &path, faults);
            }
        }
        (Shape::Either(shapes), _) => match shapes.iter().find(|shape| fits_outside(shape, node)) {
            Some(shape) => check(node, shape, path, faults),
            None => mismatch(node, shape, path, faults),
        },
        _ => mismatch(node, shape, path, faults),
    }
}

fn mismatch(node: &Node, shape: &Shape, path: &str, faults: &mut Faults<'_>) {
    faults.add(node.span.start, path, format!("found {}, expected {}", node.kind(), expected(shape)), "");
}

fn suggest_among(found: &str, names: &[&str]) -> String {
    suggest(found, names.iter().copied())
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Whether `node` is of the outer type of `shape`; which alternative is meant shows in that alone.
fn fits_outside(shape: &Shape, node: &Node) -> bool {
    match (shape, &node.value) {
        (Shape::Text | Shape::Word(_), Value::Text(_))
        | (Shape::Number, Value::Number(_))
        | (Shape::Flag, Value::Flag(_))
        | (Shape::Pair | Shape::List(_), Value::List(_))
        | (Shape::Table(_) | Shape::Map(_) | Shape::Ids(_), Value::Table(_))
        | (Shape::Anything, _) => true,
        (Shape::Either(shapes), _) => shapes.iter().any(|shape| fits_outside(shape, node)),
        _ => false,
    }
}

fn expected(shape: &Shape) -> String {
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Number => "a number".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::Word(words) => format!("one of {}", words.join(", ")),
        Shape::List(item) => format!("a list of {}", expected(item).trim_start_matches("a ")),
        Shape::Pair => "two numbers, as in [0, 100]".to_owned(),
        Shape::Table(keys) => {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            format!("a table with {}", names.join(", "))
        }
        Shape::Map(item) | Shape::Ids(item) => format!("a table of names, each with {}", expected(item)),
        Shape::Anything => "anything".to_owned(),
        Shape::Either(shapes) => shapes.iter().map(expected).collect::<Vec<_>>().join(", or "),
    }
}

/// The JSON Schema (draft 2020-12) of a file of this shape.
pub(crate) fn json_schema(title: &str, shape: &Shape) -> String {
    let mut out = String::from("{\n");
    let rest = schema_members(shape, 1);
    out.push_str("  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n");
    out.push_str("  \"title\": ");
    out.push_str(&quote(title));
    out.push_str(",\n");
    out.push_str(&rest.join(",\n"));
    out.push_str("\n}\n");
    out
}

fn schema(shape: &Shape, depth: usize) -> String {
    let members = schema_members(shape, depth + 1);
    if members.is_empty() {
        return "{}".to_owned();
    }
    format!("{{\n{}\n{}}}", members.join(",\n"), indent(depth))
}

fn schema_members(shape: &Shape, depth: usize) -> Vec<String> {
    let member = |name: &str, value: String| format!("{}{}: {value}", indent(depth), quote(name));
    let kind = |name: &str| member("type", quote(name));
    match shape {
        Shape::Anything => Vec::new(),
        Shape::Text => vec![kind("string")],
        Shape::Number => vec![kind("number")],
        Shape::Flag => vec![kind("boolean")],
        Shape::Word(words) => {
            vec![member(
                "enum",
                format!("[{}]", words.iter().map(|w| quote(w)).collect::<Vec<_>>().join(", ")),
            )]
        }
        Shape::List(item) => vec![kind("array"), member("items", schema(item, depth))],
        Shape::Pair => vec![
            kind("array"),
            member("items", "{ \"type\": \"number\" }".to_owned()),
            member("minItems", "2".to_owned()),
            member("maxItems", "2".to_owned()),
        ],
        Shape::Table(keys) => {
            let described = |key: &Key| {
                let mut members = vec![format!("{}\"description\": {}", indent(depth + 2), quote(key.doc))];
                members.extend(schema_members(&key.shape, depth + 2));
                format!(
                    "{}{}: {{\n{}\n{}}}",
                    indent(depth + 1),
                    quote(key.name),
                    members.join(",\n"),
                    indent(depth + 1)
                )
            };
            let properties: Vec<String> = keys.iter().map(described).collect();
            let needed: Vec<String> =
                keys.iter().filter(|key| key.required).map(|key| quote(key.name)).collect();
            let mut members = vec![
                kind("object"),
                member("properties", format!("{{\n{}\n{}}}", properties.join(",\n"), indent(depth))),
            ];
            if !needed.is_empty() {
                members.push(member("required", format!("[{}]", needed.join(", "))));
            }
            members.push(member("additionalProperties", "false".to_owned()));
            members
        }
        Shape::Map(item) => vec![kind("object"), member("additionalProperties", schema(item, depth))],
        Shape::Ids(item) => vec![
            kind("object"),
            member("propertyNames", "{ \"pattern\": \"^[a-z][a-z0-9_]*$\" }".to_owned()),
            member("additionalProperties", schema(item, depth)),
        ],
        Shape::Either(shapes) => {
            let options: Vec<String> =
                shapes.iter().map(|s| format!("{}{}", indent(depth + 1), schema(s, depth + 1))).collect();
            vec![member("anyOf", format!("[\n{}\n{}]", options.join(",\n"), indent(depth)))]
        }
    }
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
