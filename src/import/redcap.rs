//! REDCap data dictionaries.

use std::collections::{BTreeMap, HashMap};

use super::{
    Imported, Importer, Source,
    draft::{Codes, Draft, Item, Names, Scale, shown},
    sheet::{self, Row},
};
use crate::error::{Fault, Result, suggest};

/// Imports a REDCap data dictionary with one form, as CSV with either header: that of the download, or that of the API.
///
/// Fields become items under their own names: `radio` and `dropdown` with the codes of their choices, `yesno` and `truefalse`
/// as 0 and 1, `slider` from 0 to 100 unless it says otherwise, `text` that is validated as a number between two limits.
/// A matrix group becomes a scale, the sum of its items; without one, `total` is the sum of all fields with choices (of all
/// items, if none has). Calculated fields are not run: each is named, with the fields it reads.
///
/// Left out by name: `checkbox` (several answers), `sql`, files and notes, choices that are no numbers, texts without limits,
/// what is marked as an identifier. A dictionary with several forms is imported by
/// [`Importer::form`], one at a time.
///
/// **Missing data.** All items are needed: a dictionary has no rule for missing answers, and does not say which codes mean
/// that there is none. Choices with a gap between their codes are noted for that.
///
/// # Errors
/// A header without the columns that are needed; rows without a name, a form or a known type; names given twice; choices
/// without a code, or with one given twice; limits that are no numbers; several forms, by name.
///
/// **Reference.** REDCap, Help & FAQ, "Data dictionary": the 18 columns.
///
/// # Example
/// ```
/// use vointi::import;
/// let imported = import::redcap("Variable / Field Name,Form Name,Field Type,\"Choices, Calculations, OR Slider Labels\"\n\
///     tense_1,strain,radio,\"0, … | 1, … | 2, …\"\n\
///     tense_2,strain,dropdown,\"0, … | 1, … | 2, …\"\n\
///     tense,strain,calc,\"sum([tense_1], [tense_2])\"\n")?;
/// assert!(imported.toml.contains("items    = [\"tense_1\", \"tense_2\"]\nresponse = [0, 2]\n"));
/// assert_eq!(imported.notes, ["field `tense` is calculated, which is not run; it reads tense_1, tense_2"]);
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn redcap(text: &str) -> Result<Imported> {
    Importer::new().source(Source::Redcap).read(text)
}

type Faults = Vec<Fault>;

/// The columns that are read: the name in the download, the name in the API, whether a form can do without it.
const COLUMNS: &[(&str, &str, bool)] = &[
    ("Variable / Field Name", "field_name", true),
    ("Form Name", "form_name", true),
    ("Field Type", "field_type", true),
    ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations", false),
    ("Text Validation Type OR Show Slider Number", "text_validation_type_or_show_slider_number", false),
    ("Text Validation Min", "text_validation_min", false),
    ("Text Validation Max", "text_validation_max", false),
    ("Identifier?", "identifier", false),
    ("Branching Logic (Show field only if...)", "branching_logic", false),
    ("Matrix Group Name", "matrix_group_name", false),
];

const TYPES: &[&str] = &[
    "text",
    "notes",
    "calc",
    "dropdown",
    "radio",
    "checkbox",
    "yesno",
    "truefalse",
    "file",
    "slider",
    "descriptive",
    "sql",
];

/// A field of the dictionary, as it stands there.
struct Field<'a> {
    line: usize,
    name: &'a str,
    form: &'a str,
    of_type: &'a str,
    choices: &'a str,
    validation: &'a str,
    low: &'a str,
    high: &'a str,
    is_identifier: bool,
    is_conditional: bool,
    matrix: &'a str,
}

/// Whether a row is the header of a dictionary.
pub(super) fn is_header(row: &Row) -> bool {
    position(row, "Variable / Field Name", "field_name").is_some()
        && position(row, "Form Name", "form_name").is_some()
}

fn position(header: &Row, long: &str, short: &str) -> Option<usize> {
    header.cells().position(|cell| cell.eq_ignore_ascii_case(long) || cell.eq_ignore_ascii_case(short))
}

pub(super) fn draft(text: &str, form: Option<&str>) -> std::result::Result<Draft, Faults> {
    let rows = sheet::rows(text)?;
    let Some((header, rows)) = rows.split_first() else {
        return Err(vec![Fault::new("the file is empty").help("the first line names the columns")]);
    };
    let fields = fields(header, rows)?;
    let form = one_form(&fields, form)?;
    let mut notes = Vec::new();
    let mut faults = Vec::new();
    let mut found: Vec<(&Field<'_>, Codes)> = Vec::new();
    for field in fields.iter().filter(|field| field.form == form) {
        match field.codes(&mut faults, &mut notes) {
            Ok(Some(codes)) => found.push((field, codes)),
            Ok(None) => {}
            Err(why) => notes.push(format!("field {} {why}", shown(field.name))),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut names = Names::default();
    let items: Vec<Item> =
        found.iter().map(|(field, codes)| Item::new(names.item(field.name), codes.clone())).collect();
    let scales = scales(&items, &found, &mut notes);
    Ok(Draft {
        id: form.to_owned(),
        origin: "a form of a REDCap data dictionary",
        remarks: vec![
            "A dictionary has no scoring key: every scale is a plain sum; which items are reversed is not known.".to_owned(),
        ],
        notes,
        coding: "codes as in the imported data dictionary; what a low and a high code mean: fill in",
        items,
        scales,
        ..Draft::default()
    })
}

/// The fields of all forms.
fn fields<'a>(header: &Row, rows: &'a [Row]) -> std::result::Result<Vec<Field<'a>>, Faults> {
    let mut faults = Vec::new();
    let mut at = Vec::with_capacity(COLUMNS.len());
    for (long, short, needed) in COLUMNS {
        let found = position(header, long, short);
        if found.is_none() && *needed {
            let fault = Fault::new(format!("there is no column `{long}`")).line(header.line);
            faults.push(fault.help(format!("it may be called `{short}` too")));
        }
        at.push(found);
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut fields = Vec::new();
    let mut lines: HashMap<&str, usize> = HashMap::new();
    for row in rows.iter().filter(|row| row.width() > 0) {
        let cell = |column: usize| at.get(column).copied().flatten().map_or("", |at| row.cell(at));
        let field = Field {
            line: row.line,
            name: cell(0),
            form: cell(1),
            of_type: cell(2),
            choices: cell(3),
            validation: cell(4),
            low: cell(5),
            high: cell(6),
            is_identifier: cell(7).eq_ignore_ascii_case("y"),
            is_conditional: !cell(8).is_empty(),
            matrix: cell(9),
        };
        if row.width() > header.width() {
            let what = format!("more than the {} cells of the header", header.width());
            let help = "a cell with a comma in it must stand in quotes";
            faults.push(Fault::new(what).line(row.line).help(help));
            continue;
        }
        let mut fault = |what: String, column: &str, help: String| {
            faults.push(Fault::new(what).line(row.line).column(column).help(help));
        };
        if field.name.is_empty() {
            fault("the field has no name".to_owned(), "field_name", String::new());
        } else if let Some(before) = lines.insert(field.name, row.line) {
            let what = format!("the field {} stands on line {before} already", shown(field.name));
            fault(what, "field_name", "every field has a name of its own".to_owned());
        }
        if field.form.is_empty() {
            fault("the field is of no form".to_owned(), "form_name", String::new());
        }
        if !TYPES.contains(&field.of_type) {
            let help = suggest(field.of_type, TYPES.iter().copied());
            fault("the type of the field is not known".to_owned(), "field_type", help);
        }
        fields.push(field);
    }
    if fields.is_empty() && faults.is_empty() {
        faults.push(Fault::new("no field after the header").line(header.line));
    }
    if faults.is_empty() { Ok(fields) } else { Err(faults) }
}

/// The form that is meant.
fn one_form<'a>(fields: &[Field<'a>], asked: Option<&str>) -> std::result::Result<&'a str, Faults> {
    let mut forms: Vec<&str> = Vec::new();
    for field in fields {
        if !forms.contains(&field.form) {
            forms.push(field.form);
        }
    }
    let names = forms.iter().map(|form| shown(form).replace('`', "")).collect::<Vec<_>>().join(", ");
    match (asked, forms.as_slice()) {
        (Some(asked), forms) => forms.iter().find(|form| **form == asked).copied().ok_or_else(|| {
            vec![
                Fault::new(format!("there is no form {}", shown(asked)))
                    .help(suggest(asked, forms.iter().copied())),
            ]
        }),
        (None, [only]) => Ok(only),
        (None, _) => {
            let fault = Fault::new(format!("the dictionary has {} forms: {names}", forms.len()));
            Err(vec![fault.help("an instrument is one of them; say which with `--form`")])
        }
    }
}

impl Field<'_> {
    /// What can be answered; nothing for what is no question, otherwise why the field is left out.
    fn codes(
        &self,
        faults: &mut Faults,
        notes: &mut Vec<String>,
    ) -> std::result::Result<Option<Codes>, String> {
        if self.of_type == "descriptive" {
            return Ok(None);
        }
        if self.of_type == "calc" {
            let reads = self.reads();
            return Err(format!("is calculated, which is not run; it reads {reads}"));
        }
        let left_out = |why: &str| Err(format!("is left out: {why}"));
        if self.is_identifier {
            return left_out("it is marked as an identifier");
        }
        if [self.low, self.high].iter().any(|limit| limit.starts_with('[')) {
            return left_out("its limits depend on other fields");
        }
        let codes = match self.of_type {
            "radio" | "dropdown" => self.choices(faults, notes)?,
            "yesno" | "truefalse" => Codes::Range { low: 0.0, high: 1.0, whole: true },
            "slider" => {
                let low = self.limit(self.low, "text_validation_min", faults).unwrap_or(0.0);
                let high = self.limit(self.high, "text_validation_max", faults).unwrap_or(100.0);
                self.range(low, high, true, faults)
            }
            "text" => {
                let whole = self.validation == "integer";
                if !whole && !self.validation.starts_with("number") {
                    return left_out("its text is not validated as a number");
                }
                let low = self.limit(self.low, "text_validation_min", faults);
                let high = self.limit(self.high, "text_validation_max", faults);
                let (Some(low), Some(high)) = (low, high) else {
                    return left_out("its lowest and highest number are not given");
                };
                self.range(low, high, whole, faults)
            }
            "checkbox" => return left_out("it takes several answers (checkbox)"),
            other => return left_out(&format!("fields of type {other} have no score")),
        };
        if self.is_conditional {
            let name = shown(self.name);
            notes.push(format!(
                "field {name} is asked on a condition only; without an answer it is missing here"
            ));
        }
        Ok(Some(codes))
    }

    fn choices(&self, faults: &mut Faults, notes: &mut Vec<String>) -> std::result::Result<Codes, String> {
        let mut fault = |what: String, help: &str| {
            let fault = Fault::new(what).line(self.line).column("select_choices_or_calculations");
            faults.push(fault.help(help));
        };
        let mut codes: Vec<f64> = Vec::new();
        let mut are_numbers = true;
        for (choice, count) in self.choices.split('|').zip(1..) {
            let code = choice.split(',').next().unwrap_or_default().trim();
            match code.parse::<f64>() {
                _ if code.is_empty() => {
                    fault(format!("choice {count} has no code"), "choices are written `0, text | 1, text`");
                }
                Ok(code) if code.is_finite() => {
                    if codes.contains(&code) {
                        fault(
                            format!("the code of choice {count} is given twice"),
                            "every choice has a code of its own",
                        );
                    }
                    codes.push(code);
                }
                _ => are_numbers = false,
            }
        }
        if !are_numbers {
            return Err("is left out: the codes of its choices are no numbers".to_owned());
        }
        let codes = Codes::of(codes).ok_or("is left out: it has fewer than two choices")?;
        if matches!(codes, Codes::List(_)) {
            notes.push(format!(
                "field {}: there is a gap between its codes; if one of them means that there is no answer, take it out",
                shown(self.name)
            ));
        }
        Ok(codes)
    }

    fn limit(&self, text: &str, column: &str, faults: &mut Faults) -> Option<f64> {
        if text.is_empty() {
            return None;
        }
        // `number_comma_decimal` and its like.
        let found = text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
        if found.is_none() {
            let fault = Fault::new("the limit is no number").line(self.line).column(column);
            faults.push(fault.help("give a number, or none"));
        }
        found
    }

    fn range(&self, low: f64, high: f64, whole: bool, faults: &mut Faults) -> Codes {
        if low >= high {
            let fault = Fault::new("the lowest number is not below the highest").line(self.line);
            faults.push(fault.column("text_validation_min"));
        }
        Codes::Range { low, high, whole }
    }

    /// The fields a calculation reads, in order.
    fn reads(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for part in self.choices.split('[').skip(1) {
            let name = part.split([']', '(']).next().unwrap_or_default();
            let is_name =
                name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_') && !name.is_empty();
            if is_name && part.contains(']') && !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() { "no field".to_owned() } else { names.join(", ") }
    }
}

/// One a matrix group, or one of all that can be summed.
fn scales(items: &[Item], found: &[(&Field<'_>, Codes)], notes: &mut Vec<String>) -> Vec<Scale> {
    let mut order: Vec<&str> = Vec::new();
    let mut groups: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    let mut alone: Vec<(&Item, bool)> = Vec::new();
    for (item, (field, _)) in items.iter().zip(found) {
        if field.matrix.is_empty() {
            alone.push((item, !matches!(field.of_type, "text" | "slider")));
            continue;
        }
        if !order.contains(&field.matrix) {
            order.push(field.matrix);
        }
        groups.entry(field.matrix).or_default().push(item);
    }
    if order.is_empty() {
        let has_choices = alone.iter().any(|(_, is_choice)| *is_choice);
        let summed: Vec<&Item> =
            alone.iter().filter(|(_, is_choice)| *is_choice == has_choices).map(|(item, _)| *item).collect();
        return if summed.is_empty() { Vec::new() } else { vec![Scale::sum("total".to_owned(), &summed)] };
    }
    if !alone.is_empty() {
        let names: Vec<&str> = alone.iter().map(|(item, _)| item.id.as_str()).collect();
        notes.push(format!("in no matrix group, and so in no scale: {}", names.join(", ")));
    }
    let mut names = Names::default();
    let of_group = |group: &&str| groups.get(group).map(|items| Scale::sum(names.id(group), items));
    order.iter().filter_map(of_group).collect()
}
