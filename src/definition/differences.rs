//! In which keys two definitions differ, as they are written.

use serde::Serialize;

use super::Definition;
use crate::notation::source::{Node, Value, key_text};

/// A key that two definitions do not write alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeyDifference {
    /// The path of the key, as `pillar.felt.aggregate`.
    pub key: String,
    /// What the first says, as TOML; none where it says nothing.
    pub first: Option<String>,
    /// What the second says.
    pub second: Option<String>,
}

impl Definition {
    /// The keys that this definition and another do not write alike, in the order of this one, then those of the other alone.
    ///
    /// Comments and layout do not count. Lists are compared as a whole. A definition that was made from another, and not
    /// from a file, has no keys to compare.
    ///
    /// # Example
    /// ```
    /// use vointi::Definition;
    /// let text = Definition::builtin_text("nhanes")?;
    /// let one = Definition::from_toml(text)?;
    /// let other = Definition::from_toml(&text.replacen("limits  = [60, 270]", "limits = [60, 280]", 1))?;
    /// let found = one.differences(&other);
    /// assert_eq!((found.len(), found[0].key.as_str()), (1, "measure.systolic.limits"));
    /// assert_eq!(found[0].second.as_deref(), Some("[60, 280]"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn differences(&self, other: &Self) -> Vec<KeyDifference> {
        let mut found = Vec::new();
        if let (Some(one), Some(other)) = (self.source(), other.source()) {
            compare(Some(one), Some(other), "", &mut found);
        }
        found
    }
}

fn compare(one: Option<&Node>, other: Option<&Node>, path: &str, found: &mut Vec<KeyDifference>) {
    if let (Some(Value::Table(first)), Some(Value::Table(second))) =
        (one.map(|n| &n.value), other.map(|n| &n.value))
    {
        let only_second = second.iter().filter(|entry| first.iter().all(|known| known.key != entry.key));
        for entry in first.iter().chain(only_second) {
            let path = if path.is_empty() {
                key_text(&entry.key)
            } else {
                format!("{path}.{}", key_text(&entry.key))
            };
            let of = |node: Option<&'_ Node>| node.and_then(|node| node.get(&entry.key)).cloned();
            compare(of(one).as_ref(), of(other).as_ref(), &path, found);
        }
        return;
    }
    let [first, second] = [one, other].map(|node| node.map(ToString::to_string));
    if first != second {
        found.push(KeyDifference { key: path.to_owned(), first, second });
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyDifference, compare};
    use crate::notation::source::{Faults, parse};

    fn differences(one: &str, other: &str) -> Vec<KeyDifference> {
        let read = |text: &str| parse(text, &mut Faults::new("test", text));
        let mut found = Vec::new();
        compare(Some(&read(one)), Some(&read(other)), "", &mut found);
        found
    }

    #[test]
    fn what_is_written_alike_does_not_differ() {
        assert_eq!(differences("a = 1.0 # one\n[b]\nc = [1, 2]", "b = { c = [1,2] }\na = 1"), []);
    }

    #[test]
    fn absent_keys_and_whole_tables_are_shown() {
        let found = differences(
            "a = \"x\\ny\"\n[p.q]\nr = true",
            "a = { b = 1 }\n[p.\"q r\"]\ns = [{ t = 2.5 }]\n[p.u]",
        );
        let shown: Vec<(&str, Option<&str>, Option<&str>)> =
            found.iter().map(|one| (one.key.as_str(), one.first.as_deref(), one.second.as_deref())).collect();
        assert_eq!(
            shown,
            [
                ("a", Some("\"\"\"\nx\ny\"\"\""), Some("{ b = 1 }")),
                ("p.q", Some("{ r = true }"), None),
                ("p.\"q r\"", None, Some("{ s = [{ t = 2.5 }] }")),
                ("p.u", None, Some("{}")),
            ]
        );
    }
}
