//! Key paths: which places of a parsed text are meant, what stands there, and the same text with something else there.

use std::fmt;

use super::source::{Entry, Node, Value, key_text};

/// The way from the root to a place, as `indicator.*.utility` or `indicator.bmi.utility.goalposts[1]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    /// `*`: every key of a table.
    Any,
    /// An item of a list, from 0.
    At(usize),
}

impl KeyPath {
    /// Reads a path; a key with other signs than letters, digits, `_` and `-` stands in quotes.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = text;
        loop {
            rest = if let Some(quoted) = rest.strip_prefix('"') {
                let (key, rest) = quoted.split_once('"').ok_or("a quotation mark is not closed")?;
                steps.push(Step::Key(key.to_owned()));
                rest
            } else if let Some(rest) = rest.strip_prefix('*') {
                steps.push(Step::Any);
                rest
            } else {
                let is_bare = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
                let (key, rest) = rest.split_at(rest.find(|c| !is_bare(c)).unwrap_or(rest.len()));
                if key.is_empty() {
                    return Err("a key is missing".to_owned());
                }
                steps.push(Step::Key(key.to_owned()));
                rest
            };
            while let Some(item) = rest.strip_prefix('[') {
                let (place, after) = item.split_once(']').ok_or("a bracket is not closed")?;
                let place = place.parse().map_err(|_| format!("`{place}` is no place in a list"))?;
                steps.push(Step::At(place));
                rest = after;
            }
            if rest.is_empty() {
                return Ok(Self(steps));
            }
            rest = rest.strip_prefix('.').ok_or_else(|| format!("`{rest}` does not follow a key"))?;
        }
    }

    /// The places of a tree that are meant, each without `*`, in the order of the text.
    ///
    /// A last key, or a table on the way, that is not there yet is a place all the same.
    pub(crate) fn places(&self, root: &Node) -> Result<Vec<Self>, String> {
        let mut found = vec![(Vec::new(), Some(root))];
        for step in &self.0 {
            let mut next = Vec::new();
            for (before, node) in found {
                let with = |step: Step| [before.as_slice(), &[step]].concat();
                match (step, node) {
                    (Step::Any, Some(node)) => next.extend(
                        node.entries().iter().map(|e| (with(Step::Key(e.key.clone())), Some(&e.node))),
                    ),
                    (Step::Any, None) => {}
                    (Step::At(at), node) => {
                        let items = node.map(Node::list).unwrap_or_default();
                        let item = items.get(*at).ok_or_else(|| {
                            format!("`{}` is no list of more than {at}", Self(before.clone()))
                        })?;
                        next.push((with(Step::At(*at)), Some(item)));
                    }
                    (Step::Key(key), node) => {
                        if let Some(node) = node.filter(|node| !matches!(node.value, Value::Table(_))) {
                            return Err(format!("`{}` is {}, no table", Self(before), node.kind()));
                        }
                        next.push((with(Step::Key(key.clone())), node.and_then(|node| node.get(key))));
                    }
                }
            }
            found = next;
        }
        if found.is_empty() {
            return Err(format!("nothing stands at `{self}`"));
        }
        Ok(found.into_iter().map(|(steps, _)| Self(steps)).collect())
    }

    /// Whether it begins with one of these keys.
    pub(crate) fn is_of(&self, keys: &[&str]) -> bool {
        matches!(self.0.first(), Some(Step::Key(first)) if keys.contains(&first.as_str()))
    }

    /// Puts a value at a place, which is of [`places`](Self::places).
    ///
    /// What is put there stands, for the lines of messages, where the nearest thing stood that was there before.
    pub(crate) fn put(&self, root: &mut Node, value: &Node) {
        let mut node = root;
        for step in &self.0 {
            let span = node.span.clone();
            let below = match (step, &mut node.value) {
                (Step::Key(key), Value::Table(entries)) => {
                    let at = entries.iter().position(|entry| entry.key == *key).unwrap_or_else(|| {
                        let node = Node { span: span.clone(), value: Value::Table(Vec::new()) };
                        entries.push(Entry { key: key.clone(), at: span, node });
                        entries.len() - 1
                    });
                    entries.get_mut(at).map(|entry| &mut entry.node)
                }
                (Step::At(at), Value::List(items)) => items.get_mut(*at),
                _ => None,
            };
            let Some(below) = below else { return };
            node = below;
        }
        *node = standing_at(value, &node.span);
    }
}

/// The same value at another place of the text.
fn standing_at(node: &Node, span: &std::ops::Range<usize>) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(|item| standing_at(item, span)).collect()),
        Value::Table(entries) => {
            let moved = |entry: &Entry| Entry {
                key: entry.key.clone(),
                at: span.clone(),
                node: standing_at(&entry.node, span),
            };
            Value::Table(entries.iter().map(moved).collect())
        }
        value => value.clone(),
    };
    Node { span: span.clone(), value }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::At(place) => write!(f, "[{place}]")?,
                step => {
                    f.write_str(if at == 0 { "" } else { "." })?;
                    match step {
                        Step::Key(key) => f.write_str(&key_text(key))?,
                        _ => f.write_str("*")?,
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::KeyPath;
    use crate::notation::source::{Faults, Node, parse};

    fn tree(text: &str) -> Node {
        parse(text, &mut Faults::new("", text))
    }

    const TEXT: &str = "[a.x]\nu = [1, 2]\n[a.y]\nv = { \"b c\" = true }\n[index]\n";

    fn places(path: &str) -> Result<Vec<String>, String> {
        let found = KeyPath::parse(path)?.places(&tree(TEXT))?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn places_are_found() {
        assert_eq!(places("a.*.u").unwrap(), ["a.x.u", "a.y.u"]);
        assert_eq!(places("a.x.u[1]").unwrap(), ["a.x.u[1]"]);
        assert_eq!(places("a.y.v.\"b c\"").unwrap(), ["a.y.v.\"b c\""]);
        assert_eq!(places("index.missing.at_least").unwrap(), ["index.missing.at_least"]);
        assert_eq!(places("index.*").unwrap_err(), "nothing stands at `index.*`");
        assert_eq!(places("a.x.u[2]").unwrap_err(), "`a.x.u` is no list of more than 2");
        assert_eq!(places("a.x.u.w").unwrap_err(), "`a.x.u` is a list, no table");
        for (wrong, why) in [
            ("", "a key is missing"),
            ("a..b", "a key is missing"),
            ("a[x]", "`x` is no place in a list"),
            ("a[1", "a bracket is not closed"),
            ("\"a", "a quotation mark is not closed"),
            ("a b", "` b` does not follow a key"),
        ] {
            assert_eq!(KeyPath::parse(wrong).unwrap_err(), why);
        }
    }

    #[test]
    fn values_are_put() {
        let mut root = tree(TEXT);
        let value = tree("v = [0.5, \"w\"]");
        let value = value.get("v").unwrap();
        for path in ["a.x.u[0]", "a.y.v", "index.missing.at_least"] {
            KeyPath::parse(path).unwrap().put(&mut root, value);
        }
        let expected = "{ a = { x = { u = [[0.5, \"w\"], 2] }, y = { v = [0.5, \"w\"] } }, \
            index = { missing = { at_least = [0.5, \"w\"] } } }";
        assert_eq!(root.to_string(), expected);
    }
}
