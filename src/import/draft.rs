//! An instrument on its way from another format to the text of its file.

use std::{collections::HashSet, fmt::Write};

use super::Imported;
use crate::{
    error::Fault,
    notation::format::{RESERVED, is_id},
};

/// What to write where a file of another format says nothing.
const UNKNOWN: &str = "unknown: fill in";

/// The most items an instrument can have.
const MOST_ITEMS: usize = 255;

/// What is known of an instrument.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Empty if the file names nothing.
    pub(super) id: String,
    pub(super) version: Option<String>,
    /// What it comes from, with its article.
    pub(super) origin: &'static str,
    /// What a reader has to know of every import of this kind.
    pub(super) remarks: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) coding: &'static str,
    pub(super) items: Vec<Item>,
    pub(super) scales: Vec<Scale>,
    /// The LOINC code of the whole.
    pub(super) panel: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) codes: Codes,
    /// What each code counts, from the lowest code up; `None` where a code counts itself.
    pub(super) points: Option<Vec<f64>>,
    pub(super) loinc: Option<String>,
}

/// What an answer can be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Codes {
    /// Every whole number, or every number.
    Range { low: f64, high: f64, whole: bool },
    /// These alone, ascending.
    List(Vec<f64>),
}

#[derive(Debug)]
pub(super) struct Scale {
    pub(super) id: String,
    pub(super) way: Way,
    pub(super) missing: Missing,
    /// The lowest and the highest score.
    pub(super) range: [f64; 2],
    /// The scores of the lowest and of the highest codes.
    pub(super) ends: [f64; 2],
}

#[derive(Debug)]
pub(super) enum Way {
    Items { items: Vec<String>, reverse: Vec<String>, mean: bool },
    Of { scales: Vec<String>, mean: bool },
    From(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Complete,
    /// The mean of what is answered.
    Answered,
    /// The mean of what is answered, for every item.
    Prorated,
}

impl Codes {
    /// The range of whole numbers if they are all there, otherwise the list; `None` for fewer than two.
    pub(super) fn of(mut codes: Vec<f64>) -> Option<Self> {
        codes.sort_by(f64::total_cmp);
        codes.dedup();
        let (&low, &high) = (codes.first()?, codes.last()?);
        if low >= high {
            return None;
        }
        let is_full = codes.iter().zip(codes.iter().skip(1)).all(|(a, b)| a + 1.0 == *b);
        let whole = is_full && low.fract() == 0.0;
        Some(if whole { Self::Range { low, high, whole } } else { Self::List(codes) })
    }

    pub(super) fn ends(&self) -> [f64; 2] {
        match self {
            Self::Range { low, high, .. } => [*low, *high],
            Self::List(codes) => {
                [codes.first().copied().unwrap_or_default(), codes.last().copied().unwrap_or_default()]
            }
        }
    }

    /// Every code, if there are no more than `most`.
    pub(super) fn all(&self, most: usize) -> Option<Vec<f64>> {
        match self {
            Self::Range { low, high, whole: true } if high - low < most as f64 => Some(
                std::iter::successors(Some(*low), |code| Some(code + 1.0))
                    .take_while(|c| c <= high)
                    .collect(),
            ),
            Self::Range { .. } => None,
            Self::List(codes) => Some(codes.clone()).filter(|codes| codes.len() <= most),
        }
    }
}

impl Item {
    pub(super) fn new(id: String, codes: Codes) -> Self {
        Self { id, codes, points: None, loinc: None }
    }

    /// What the lowest and the highest code count, and the fewest and the most points.
    fn counts(&self) -> ([f64; 2], [f64; 2]) {
        match self.points.as_deref() {
            Some(points @ [first, .., last]) => ([*first, *last], extremes(points)),
            _ => (self.codes.ends(), self.codes.ends()),
        }
    }
}

impl Scale {
    /// The plain sum of some items.
    pub(super) fn sum(id: String, items: &[&Item]) -> Self {
        let mut range = [0.0; 2];
        let mut ends = [0.0; 2];
        for item in items {
            let (of_codes, of_points) = item.counts();
            for (sum, one) in range.iter_mut().zip(of_points).chain(ends.iter_mut().zip(of_codes)) {
                *sum += one;
            }
        }
        let items = items.iter().map(|item| item.id.clone()).collect();
        let way = Way::Items { items, reverse: Vec::new(), mean: false };
        Self { id, way, missing: Missing::Complete, range, ends }
    }
}

impl Draft {
    /// The text of the file.
    pub(super) fn finish(mut self) -> Result<Imported, Vec<Fault>> {
        if self.items.len() > MOST_ITEMS {
            let what = format!("{} items; an instrument has at most {MOST_ITEMS}", self.items.len());
            return Err(vec![Fault::new(what).help("import a part of the questionnaire")]);
        }
        if self.scales.is_empty() {
            // Every note of something left out is then a reason.
            let mut faults: Vec<Fault> = self.notes.into_iter().map(Fault::new).collect();
            faults.insert(0, Fault::new("nothing is left that could be scored"));
            return Err(faults);
        }
        if self.scales.iter().any(|scale| !scale.range.iter().all(|end| end.is_finite())) {
            let fault = Fault::new("a score would be too large for a number");
            return Err(vec![fault.help("are the codes right?")]);
        }
        if let Some(scale) =
            self.scales.iter().find(|scale| matches!(scale.range, [low, high] if low >= high))
        {
            let fault = Fault::new(format!("the score of `{}` would always be the same", scale.id));
            return Err(vec![fault.help("are the weights right?")]);
        }
        self.id = Names::default().id(if self.id.is_empty() { "imported" } else { &self.id });
        let toml = self.text();
        Ok(Imported { id: self.id, toml, notes: self.notes })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut remark = |words: &str| {
            let _ = writeln!(text, "# {}", one_line(words));
        };
        remark(&format!(
            "Imported from {}. Keys only: no text of an item or of an answer was taken over.",
            self.origin
        ));
        remark("Hold it against the publication, and fill in what is marked; then set `status`.");
        self.remarks.iter().for_each(|words| remark(words));
        if !self.notes.is_empty() {
            remark("Left out or assumed:");
            self.notes.iter().for_each(|words| remark(&format!("- {words}")));
        }
        let plain = self.plain_response();
        let ids: Vec<&str> = self.items.iter().map(|item| item.id.as_str()).collect();
        let title = format!("{}, imported: fill in", self.id);
        let mut line = |key: &str, value: String| {
            let _ = writeln!(text, "{key:8} = {value}");
        };
        line("schema", "1".to_owned());
        line("id", quoted(&self.id));
        line("version", quoted(self.version.as_deref().unwrap_or(UNKNOWN)));
        line("title", quoted(&title));
        line("about", quoted("imported; what it asks, of whom, and what to know: fill in"));
        line("citation", format!("[{}]", quoted(UNKNOWN)));
        line("status", quoted("unverified"));
        line("items", texts(&ids));
        line("response", numbers(&plain));
        line("coding", quoted(self.coding));
        self.write_loinc(&mut text);
        text += "\n[licence]\nclass  = \"C\"\n";
        let _ = writeln!(text, "holder = {}", quoted(UNKNOWN));
        let _ =
            writeln!(text, "note   = {}", quoted("not known from the imported file: fill in the condition"));
        let _ = writeln!(text, "ask    = {}", quoted("whoever holds the rights: fill in"));
        self.write_items(plain, &mut text);
        self.scales.iter().for_each(|scale| scale.write(&mut text));
        text
    }

    /// The range of whole numbers that most items share.
    fn plain_response(&self) -> [f64; 2] {
        let mut found: Vec<([f64; 2], usize)> = Vec::new();
        for item in &self.items {
            let Codes::Range { low, high, whole: true } = item.codes else { continue };
            match found.iter_mut().find(|(range, _)| *range == [low, high]) {
                Some((_, count)) => *count += 1,
                None => found.push(([low, high], 1)),
            }
        }
        // The first of the most frequent, whatever the order of equals in a maximum.
        let most = found.iter().map(|(_, count)| *count).max();
        let plain = found.iter().find(|(_, count)| Some(*count) == most).map(|(range, _)| *range);
        plain.unwrap_or_else(|| {
            let ends: Vec<f64> = self.items.iter().flat_map(|item| item.codes.ends()).collect();
            extremes(&ends)
        })
    }

    /// LOINC codes are a table where all are known, and otherwise remarks.
    fn write_loinc(&self, text: &mut String) {
        let known: Vec<&str> = self.items.iter().filter_map(|item| item.loinc.as_deref()).collect();
        let all = known.len() == self.items.len();
        if let Some(panel) = &self.panel {
            let items = if all { format!("items = {}, ", texts(&known)) } else { String::new() };
            let _ =
                writeln!(text, "loinc    = {{ panel = {}, {items}status = \"unverified\" }}", quoted(panel));
        }
        if !all || self.panel.is_none() {
            for item in &self.items {
                if let Some(code) = &item.loinc {
                    let _ = writeln!(text, "# LOINC {} is item {}", one_line(code), quoted(&item.id));
                }
            }
        }
    }

    /// Items that are answered or counted otherwise than the rest, alike ones together.
    fn write_items(&self, plain: [f64; 2], text: &mut String) {
        let [low, high] = plain;
        let plain = Codes::Range { low, high, whole: true };
        let mut tables: Vec<(&Item, Vec<&str>)> = Vec::new();
        for item in self.items.iter().filter(|item| item.codes != plain || item.points.is_some()) {
            let alike =
                tables.iter_mut().find(|(other, _)| other.codes == item.codes && other.points == item.points);
            match alike {
                Some((_, ids)) => ids.push(&item.id),
                None => tables.push((item, vec![&item.id])),
            }
        }
        for (item, ids) in tables {
            let _ = writeln!(text, "\n[[item]]\nids      = {}", texts(&ids));
            match &item.codes {
                same if *same == plain => {}
                Codes::List(codes) => {
                    let _ = writeln!(text, "codes    = {}", numbers(codes));
                }
                Codes::Range { low, high, whole } => {
                    let _ = writeln!(text, "response = {}", numbers(&[*low, *high]));
                    if !whole {
                        text.push_str("kind     = \"decimal\"\n");
                    }
                }
            }
            if let Some(points) = &item.points {
                let _ = writeln!(text, "points   = {}", numbers(points));
            }
        }
    }
}

impl Scale {
    fn write(&self, text: &mut String) {
        let _ = writeln!(text, "\n[scale.{}]", self.id);
        let mut line = |key: &str, value: String| {
            let _ = writeln!(text, "{key:9} = {value}");
        };
        line("title", quoted(&format!("{}: fill in", self.id)));
        let aggregate = |mean: bool| quoted(if mean { "mean" } else { "sum" });
        match &self.way {
            Way::Items { items, reverse, mean } => {
                line("items", texts(items));
                if !reverse.is_empty() {
                    line("reverse", texts(reverse));
                }
                line("aggregate", aggregate(*mean));
            }
            Way::Of { scales, mean } => {
                line("of", texts(scales));
                line("aggregate", aggregate(*mean));
            }
            Way::From(expression) => line("from", quoted(expression)),
        }
        line("direction", "\"higher_better\" # not known from the imported file: check".to_owned());
        let missing = match self.missing {
            Missing::Complete => quoted("complete"),
            Missing::Answered => "{ at_least = 1 }".to_owned(),
            Missing::Prorated => "{ prorate = 1 }".to_owned(),
        };
        // A formula without a rule needs every item it reads.
        if !matches!(self.way, Way::From(_)) {
            line("missing", missing);
        }
        line("range", numbers(&self.range));
        line("ends", numbers(&self.ends));
    }
}

/// Names made from the keys of a file, none of them twice.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// The name of an item: letters, digits and `_`.
    pub(super) fn item(&mut self, key: &str) -> String {
        self.once(&plain(key, char::is_alphanumeric), "item")
    }

    /// The id of a scale or of an instrument.
    pub(super) fn id(&mut self, key: &str) -> String {
        let mut id = plain(&key.to_lowercase(), |sign| sign.is_ascii_alphanumeric());
        if RESERVED.contains(&id.as_str()) {
            id += "_score";
        }
        if !id.is_empty() && !is_id(&id) {
            id.insert_str(0, "q_");
        }
        self.once(&id, "imported")
    }

    fn once(&mut self, name: &str, otherwise: &str) -> String {
        let name = if name.is_empty() { otherwise } else { name };
        let mut found = name.to_owned();
        let mut count = 1_usize;
        while !self.0.insert(found.clone()) {
            count += 1;
            found = format!("{name}_{count}");
        }
        found
    }
}

/// A key with `_` for everything else than what is kept, and none at its ends.
fn plain(key: &str, keep: impl Fn(char) -> bool) -> String {
    let words: Vec<&str> = key.split(|sign| !keep(sign)).filter(|word| !word.is_empty()).collect();
    words.join("_")
}

/// The least and the greatest.
pub(super) fn extremes(values: &[f64]) -> [f64; 2] {
    let least = values.iter().copied().reduce(f64::min).unwrap_or_default();
    [least, values.iter().copied().reduce(f64::max).unwrap_or_default()]
}

/// A finite number as TOML reads it back.
pub(super) fn number(value: f64) -> String {
    // Negative zero is zero.
    let value = value + 0.0;
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value}") } else { format!("{value:?}") }
}

fn numbers(values: &[f64]) -> String {
    let values: Vec<String> = values.iter().map(|value| number(*value)).collect();
    format!("[{}]", values.join(", "))
}

fn texts(values: &[impl AsRef<str>]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value.as_ref())).collect();
    format!("[{}]", values.join(", "))
}

/// A text as a TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' | '\\' => quoted.extend(['\\', sign]),
            sign if sign.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(sign));
            }
            sign => quoted.push(sign),
        }
    }
    quoted + "\""
}

/// A text without what would end a remark.
fn one_line(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

/// A key of a file as it is shown in messages: no longer than a key is.
pub(super) fn shown(key: &str) -> String {
    const LONGEST: usize = 64;
    let mut shown: String = key.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if key.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

#[cfg(test)]
mod tests {
    use super::{Codes, Names, number, quoted};

    #[test]
    fn names_are_plain_and_never_twice() {
        let mut names = Names::default();
        assert_eq!(names.item("H1/T1/Q1"), "H1_T1_Q1");
        assert_eq!(names.item("H1.T1.Q1"), "H1_T1_Q1_2");
        assert_eq!(names.item("//"), "item");
        assert_eq!(names.id("1 Mood"), "q_1_mood");
        assert_eq!(names.id("index"), "index_score");
    }

    #[test]
    fn codes_without_a_gap_are_a_range() {
        let range = Codes::Range { low: 0.0, high: 2.0, whole: true };
        assert_eq!(Codes::of(vec![2.0, 0.0, 1.0, 1.0]), Some(range));
        assert_eq!(Codes::of(vec![4.0, 0.0, 2.0]), Some(Codes::List(vec![0.0, 2.0, 4.0])));
        assert_eq!(Codes::of(vec![0.5, 1.5]), Some(Codes::List(vec![0.5, 1.5])));
        assert_eq!(Codes::of(vec![3.0]), None);
    }

    #[test]
    fn numbers_and_texts_come_back_from_toml() {
        for value in [0.0, -0.0, 1.0, -3.5, 1e15, 1e300, -2.5e-9, 0.1 + 0.2] {
            let table: toml::Table = format!("x = {}", number(value)).parse().unwrap();
            let read = table.get("x").unwrap();
            let read = read.as_float().or(read.as_integer().map(|whole| whole as f64));
            assert_eq!(read, Some(value), "{value}");
        }
        for text in ["", "a\"b\\c", "new\nline\ttab\u{7f}\u{0}", "ä", "\u{85}\u{2028}"] {
            let table: toml::Table = format!("x = {}", quoted(text)).parse().unwrap();
            assert_eq!(table.get("x").unwrap().as_str(), Some(text));
        }
    }
}
