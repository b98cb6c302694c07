//! Drafts a definition from a table: what can be seen in the columns is written down, what only a person can
//! know is marked.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    definition::{
        Definition, catalogue,
        instrument::key::{InstrumentKey, Item},
    },
    error::{Error, ErrorKind, Fault, Result},
    expression::FUNCTIONS,
    notation::format,
    table::{Column, Table},
};

/// Codes that questionnaires use for "no answer".
const MISSING_CODES: [f64; 17] = [
    -9.0, -8.0, -7.0, -1.0, -99.0, -88.0, -77.0, -999.0, 77.0, 88.0, 99.0, 777.0, 888.0, 999.0, 7777.0,
    8888.0, 9999.0,
];
/// A text that fewer people share could point at one of them.
const FEWEST_TO_SHOW: usize = 10;
/// A text column of more levels is rather a remark than a choice.
const MOST_LEVELS: usize = 12;
/// Numbers this close to zero are zero in SAS transport files.
const DUST: f64 = 1e-60;

impl Definition {
    /// Drafts a definition of a table, as TOML to be read and completed by a person.
    ///
    /// Written down are columns, types, ranges, suspected codes for missing, and instruments of the catalogue
    /// recognised by the names of their items (`phq8_1` … `phq8_8`, `WHO5.1`, `gad7_q1`). The draft is a valid
    /// definition; directions, units and errors of measurement are marked where only a person can know them.
    ///
    /// **Missing data** does not count in a range.
    ///
    /// # Errors
    /// A table with nothing to score: no number besides the ids.
    ///
    /// # Example
    /// ```
    /// use vointi::{Cohort, Definition, Table};
    ///
    /// let mut table = Table::builder().text("Code", [Some("a"), Some("b")]);
    /// for item in 1..=5 {
    ///     table = table.number(format!("WHO5_{item}"), [Some(3.0), Some(4.0)]);
    /// }
    /// let table = table.number("Sitting", [Some(300.0), Some(9999.0)]).build()?;
    /// let draft = Definition::draft(&table, "mine")?;
    /// assert!(draft.contains("use     = \"who5\""));
    ///
    /// let definition = Definition::from_toml(&draft)?;
    /// assert_eq!(Cohort::new(&definition, table)?.rows(), 2);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn draft(table: &Table, id: &str) -> Result<String> {
        let mut draft = Draft {
            names: BTreeSet::new(),
            used: BTreeSet::new(),
            children: Vec::new(),
            text: String::new(),
        };
        draft.head(table, id);
        draft.instruments(table)?;
        draft.numbers(table);
        draft.texts(table);
        if draft.children.is_empty() {
            let fault = Fault::new("nothing to score: the table has no column of numbers besides the ids");
            return Err(Error::new(
                ErrorKind::Table,
                vec![fault.help("look at the delimiter and the decimal sign")],
            ));
        }
        draft.line("# ---- one index: weights are equal until somebody says otherwise ----");
        draft.line("[index]");
        let children: Vec<String> = draft.children.iter().map(|child| quote(child)).collect();
        draft.line(&format!("children = [{}]", children.join(", ")));
        draft.line("missing  = { at_least = 0.5 }");
        Ok(draft.text)
    }
}

struct Draft {
    /// Ids given so far.
    names: BTreeSet<String>,
    /// Columns dealt with.
    used: BTreeSet<String>,
    children: Vec<String>,
    text: String,
}

impl Draft {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn head(&mut self, table: &Table, id: &str) {
        let person = id_column(table);
        let id = self.id(id);
        self.line("# A draft. Lines marked ? are guesses or gaps that only a person can settle.");
        self.line("schema   = 1");
        self.line(&format!("id       = {}", quote(&id)));
        self.line("version  = \"0.1.0\"");
        self.line("title    = \"?\"");
        self.line("audience = \"research\"");
        self.line("");
        self.line("[person]");
        self.line(&format!("id = {}", quote(&person)));
        if let Some(wave) = wave_column(table, &person) {
            self.line(&format!("wave = {}  # ? persons come back", quote(&wave)));
            self.used.insert(wave);
        }
        self.line("");
        self.used.insert(person);
        let has_dust = |column: &Column| {
            column.as_numbers().is_some_and(|values| values.iter().any(|v| *v != 0.0 && v.abs() < DUST))
        };
        if table.names().filter_map(|name| table.get(name)).any(has_dust) {
            self.line("[data]");
            self.line("zero_below = 1e-60  # numbers this close to zero are zero in SAS transport files");
            self.line("");
        }
    }

    fn instruments(&mut self, table: &Table) -> Result<()> {
        for key in catalogue::INSTRUMENT_SHELF.ids() {
            let key = catalogue::instrument_key(key)?;
            let Some(columns) = items_of(&key, table) else { continue };
            if columns.iter().any(|column| self.used.contains(column)) {
                continue;
            }
            let names: Vec<String> = columns.iter().map(|column| quote(column)).collect();
            if let Some(licence) = key.licence.as_ref().filter(|licence| licence.class == "C") {
                self.line(&format!(
                    "# ? {} look like {}, which is used by permission.",
                    names.join(", "),
                    key.title
                ));
                self.line(&format!(
                    "#   Ask {}; then: use = {} and licence_ack = \"…\".",
                    licence.ask,
                    quote(&key.id)
                ));
                self.line("");
                self.used.extend(columns);
                continue;
            }
            let id = self.id(&key.id);
            let answered: Vec<&Column> = columns.iter().filter_map(|column| table.get(column)).collect();
            let sentinels = sentinels(&answered, Some(response_of(&key)));
            self.line(&format!("# {}: recognised by the names of its items.", key.title));
            self.line(&format!("[instrument.{id}]"));
            self.line(&format!("use     = {}", quote(&key.id)));
            self.line(&format!("columns = [{}]", names.join(", ")));
            if !sentinels.is_empty() {
                self.line(&format!("sentinels = {}  # ? codes for missing", list(&sentinels)));
            }
            self.line("");
            if let Some(scale) = key.scales.iter().find(|scale| !scale.is_for_groups && !scale.is_label) {
                self.line(&format!("[indicator.{id}]"));
                self.line(&format!("scale   = \"{id}.{}\"", scale.id));
                self.line("utility = \"linear\"");
                self.line("# error = { reliability = \"calibrated\", target = \"occasion\", source = \"calibrated\" }  # ?");
                self.line("");
                self.children.push(id);
            }
            self.used.extend(columns);
        }
        Ok(())
    }

    fn numbers(&mut self, table: &Table) {
        let recognised = !self.children.is_empty();
        let names: Vec<String> = table.names().map(str::to_owned).collect();
        for name in names {
            let Some(column) = table.get(&name).filter(|column| column.is_number()) else { continue };
            if !self.used.insert(name.clone()) {
                continue;
            }
            let sentinels = sentinels(&[column], None);
            let Some([lowest, highest]) = range(column, &sentinels) else {
                self.line(&format!("# The column {} is empty.\n", quote(&name)));
                continue;
            };
            let id = self.id(&name);
            self.line(&format!("# {lowest} to {highest}; {} of {} rows", column.observed(), table.rows()));
            self.line(&format!("[measure.{id}]"));
            self.line(&format!("column = {}", quote(&name)));
            self.line("unit   = \"1\"  # ?");
            if !sentinels.is_empty() {
                self.line(&format!("sentinels = {}  # ? codes for missing", list(&sentinels)));
            }
            self.line("");
            // Where no instrument is recognised the numbers are all there is to score.
            if !recognised && lowest < highest {
                self.line(&format!("[indicator.{id}]"));
                self.line(&format!("measure = {}", quote(&id)));
                self.line(&format!("utility = {{ goalposts = [{lowest:?}, {highest:?}] }}  # ? [worst, best]; turn round where less is better"));
                self.line("");
                self.children.push(id);
            }
        }
    }

    fn texts(&mut self, table: &Table) {
        let names: Vec<String> = table.names().map(str::to_owned).collect();
        for name in names {
            let Some((codes, levels)) = table.get(&name).and_then(Column::as_codes) else { continue };
            if !self.used.insert(name.clone()) {
                continue;
            }
            let count = |code: u32| codes.iter().filter(|known| **known == code).count();
            let common = levels.len() <= MOST_LEVELS
                && levels.len() >= 2
                && (0..).zip(levels).all(|(code, _)| count(code) >= FEWEST_TO_SHOW);
            if !common {
                self.line(&format!(
                    "# The column {} holds {} different texts.\n",
                    quote(&name),
                    levels.len()
                ));
                continue;
            }
            let levels: Vec<String> = levels.iter().map(|level| quote(level)).collect();
            let id = self.id(&name);
            self.line(&format!("[choice.{id}]  # ? or an adjuster, or answers of an instrument"));
            self.line(&format!("column    = {}", quote(&name)));
            self.line(&format!("levels    = [{}]  # ? in this order", levels.join(", ")));
            self.line("");
        }
    }

    /// An id made of a name: allowed, not reserved, not given before.
    fn id(&mut self, name: &str) -> String {
        let mut id: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
            .collect();
        if !format::is_id(&id) || format::RESERVED.contains(&id.as_str()) || FUNCTIONS.contains(&id.as_str())
        {
            id = format!("x_{id}");
        }
        let mut unique = id.clone();
        let mut number = 2;
        while !self.names.insert(unique.clone()) {
            unique.clone_from(&id);
            let _ = write!(unique, "_{number}");
            number += 1;
        }
        unique
    }
}

/// The first column without a gap and without repetition, one named like an id before others; or the first.
fn id_column(table: &Table) -> String {
    let is_unique = |name: &&str| {
        table.get(name).is_some_and(|column| {
            let distinct = match (column.as_codes(), column.as_numbers()) {
                (Some((_, levels)), _) => levels.len(),
                (_, Some(values)) => {
                    values.iter().map(|value| value.to_bits()).collect::<BTreeSet<_>>().len()
                }
                _ => 0,
            };
            column.observed() == table.rows() && distinct == table.rows()
        })
    };
    let is_named = |name: &&str| {
        let name = name.to_lowercase();
        ["id", "person", "code", "koodi", "tunnus", "seqn"].iter().any(|word| name.contains(word))
    };
    let named = table.names().find(|name| is_named(name) && is_unique(name));
    named
        .or_else(|| table.names().find(is_unique))
        .or_else(|| table.names().find(is_named))
        .or_else(|| table.names().next())
        .unwrap_or("person")
        .to_owned()
}

/// A column named like a wave, if ids repeat.
fn wave_column(table: &Table, person: &str) -> Option<String> {
    let ids = table.get(person)?;
    let distinct: BTreeSet<String> = (0..table.rows())
        .filter_map(|row| ids.text_at(row).map(str::to_owned).or(ids.number(row).map(|n| n.to_string())))
        .collect();
    if distinct.len() == table.rows() {
        return None;
    }
    let words = ["wave", "visit", "time", "round", "year", "mittaus", "kierros"];
    table.names().find(|name| words.iter().any(|word| name.to_lowercase().contains(word))).map(str::to_owned)
}

/// The lowest and the highest code of any item.
fn response_of(key: &InstrumentKey) -> [f64; 2] {
    let ends = key.items.iter().map(Item::ends);
    ends.fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], [low, high]| [a.min(low), b.max(high)])
}

/// The columns of an instrument's items, if all are there under names such as `phq8_1`, `PHQ8.q01`, `phq8item1`.
fn items_of(key: &InstrumentKey, table: &Table) -> Option<Vec<String>> {
    let plain = |name: &str| -> String {
        let name: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        name.strip_prefix(&key.id).map_or_else(String::new, |rest| {
            rest.trim_start_matches("item").trim_start_matches('q').trim_start_matches('0').to_owned()
        })
    };
    let column_of = |item: &Item| table.names().find(|name| plain(name) == item.id).map(str::to_owned);
    let columns: Vec<String> = key.items.iter().map(column_of).collect::<Option<_>>()?;
    columns.iter().all(|column| table.get(column).is_some_and(Column::is_number)).then_some(columns)
}

/// Codes for missing among the numbers: known codes outside the response, or far from everything else.
fn sentinels(columns: &[&Column], response: Option<[f64; 2]>) -> Vec<f64> {
    let values =
        || columns.iter().filter_map(|column| column.as_numbers()).flatten().copied().filter(|v| !v.is_nan());
    let others = values().filter(|v| !MISSING_CODES.contains(v));
    let [lowest, highest] = response
        .unwrap_or_else(|| others.fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], v| [a.min(v), b.max(v)]));
    let is_far = |code: f64| match response {
        Some(_) => code < lowest || code > highest,
        None => lowest <= highest && ((code < 0.0 && lowest >= 0.0) || code > 2.0 * highest.max(1.0)),
    };
    MISSING_CODES.iter().copied().filter(|code| is_far(*code) && values().any(|v| v == *code)).collect()
}

fn range(column: &Column, sentinels: &[f64]) -> Option<[f64; 2]> {
    let values = column.as_numbers()?.iter().filter(|v| !v.is_nan() && !sentinels.contains(v));
    let clean = values.map(|v| if v.abs() < DUST { 0.0 } else { *v });
    let [lowest, highest] = clean.fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], v| [a.min(v), b.max(v)]);
    (lowest <= highest).then_some([lowest, highest])
}

fn list(numbers: &[f64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
    format!("[{}]", numbers.join(", "))
}

/// A TOML text.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
