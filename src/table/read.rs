//! The passes over the text of a CSV file: records to columns, and once more for columns that turn out to be texts
//! late.

use csv::ByteRecord;

use super::cell::{self, Cell, Decimal, Sign};
use super::column::{Column, Interner};
use super::csv::Asked;
use super::detect::{self, Decoded};
use super::places::Places;
use super::records::Records;
use super::{Source, Table, TableBuilder};
use crate::error::Fault;

type Faults = Vec<Fault>;

/// The longest cell, in bytes.
const LONGEST: usize = 1 << 20;

/// The widest file, in columns.
const WIDEST: usize = 10_000;

/// A column while the file is being read.
struct Reading {
    name: String,
    /// Kept as written, whatever it looks like.
    asked_as_text: bool,
    cells: Cells,
    /// Lines with infinity, a fault if the column is of numbers.
    infinite: Places,
    comma: Evidence,
    point: Evidence,
}

enum Cells {
    /// Nothing but missing cells so far.
    Missing,
    Numbers(Vec<f64>),
    Texts(Interner),
    /// Numbers first and then a text: to be read again.
    Again,
}

/// The use of one decimal sign in a column of numbers.
#[derive(Default)]
struct Evidence {
    first_line: Option<usize>,
    /// Seen where it cannot separate thousands.
    certain: bool,
}

impl Evidence {
    fn add(&mut self, line: usize, groups: bool) {
        self.first_line.get_or_insert(line);
        self.certain |= !groups;
    }
}

/// What holds for every cell of the file.
struct Rules<'a> {
    decimal: Decimal,
    missing: &'a [String],
}

impl Rules<'_> {
    /// The cell without blanks; `None` if it is missing.
    fn observed<'c>(&self, cell: &'c [u8]) -> Option<&'c [u8]> {
        let cell = cell::trim(cell);
        let missing = cell.is_empty() || self.missing.iter().any(|text| text.as_bytes() == cell);
        (!missing).then_some(cell)
    }
}

/// The whole file was checked to be UTF-8, and is cut at ASCII signs only.
fn utf8(cell: &[u8]) -> &str {
    str::from_utf8(cell).unwrap_or_default()
}

impl Reading {
    fn new(name: &[u8], texts: &[String]) -> Self {
        let name = utf8(cell::trim(name)).to_owned();
        let asked_as_text = texts.contains(&name);
        let (infinite, comma, point) = (Places::default(), Evidence::default(), Evidence::default());
        Self { name, asked_as_text, cells: Cells::Missing, infinite, comma, point }
    }

    fn push(&mut self, cell: &[u8], row: usize, line: usize, rules: &Rules<'_>) {
        let cell = rules.observed(cell);
        match (&mut self.cells, cell) {
            (Cells::Again, _) | (Cells::Missing, None) => {}
            (Cells::Numbers(numbers), None) => numbers.push(f64::NAN),
            (Cells::Texts(texts), cell) => texts.push(cell.map(utf8)),
            (Cells::Numbers(_), Some(cell)) => self.push_number(cell, line, rules.decimal),
            (Cells::Missing, Some(cell)) => {
                let text = self.asked_as_text || cell::parse(cell, rules.decimal) == Cell::Text;
                if text {
                    let mut texts = Interner::after(row);
                    texts.push(Some(utf8(cell)));
                    self.cells = Cells::Texts(texts);
                } else {
                    self.cells = Cells::Numbers(vec![f64::NAN; row]);
                    self.push_number(cell, line, rules.decimal);
                }
            }
        }
    }

    fn push_number(&mut self, cell: &[u8], line: usize, decimal: Decimal) {
        let Cells::Numbers(numbers) = &mut self.cells else { return };
        match cell::parse(cell, decimal) {
            Cell::Number(value, sign) => {
                numbers.push(value);
                match sign {
                    Sign::None => {}
                    Sign::Comma { groups } => self.comma.add(line, groups),
                    Sign::Point { groups } => self.point.add(line, groups),
                }
            }
            Cell::Infinite => {
                numbers.push(f64::NAN);
                self.infinite.add(line);
            }
            Cell::Text => self.cells = Cells::Again,
        }
    }

    fn is_number(&self) -> bool {
        matches!(self.cells, Cells::Numbers(_))
    }
}

/// The faults of records, each collapsed over its lines.
#[derive(Default)]
struct Uneven {
    few: Places,
    many: Places,
    long: Places,
    empty: Places,
}

impl Uneven {
    fn faults(&self, width: usize, delimiter: u8) -> Faults {
        let mut faults = Vec::new();
        let fields = if width == 1 { "field" } else { "fields" };
        if !self.few.is_empty() {
            faults.push(self.few.fault(&format!("fewer than the {width} {fields} of the header")));
        }
        if !self.many.is_empty() {
            let help = if width == 1 {
                "if the header has several, say what stands between them with `--delimiter`".to_owned()
            } else {
                format!("a cell with `{}` in it must stand in quotes", char::from(delimiter).escape_default())
            };
            faults.push(self.many.fault(&format!("more than the {width} {fields} of the header")).help(help));
        }
        if !self.long.is_empty() {
            faults.push(self.long.fault("a cell of more than 1 MiB").help("is a quote missing?"));
        }
        if width == 1 && !self.empty.is_empty() {
            let help = "write `\"\"` for a missing cell, or delete the line";
            faults.push(self.empty.fault("an empty line between the cells of the only column").help(help));
        }
        faults
    }
}

/// Reads the text of a file as a table.
pub(super) fn table(decoded: &Decoded<'_>, asked: &Asked<'_>, name: &str) -> Result<Table, Faults> {
    let text = &*decoded.text;
    let delimiter = match asked.delimiter {
        Some(delimiter) => delimiter,
        None => detect::delimiter(text)?,
    };
    let mut source = Source {
        file: name.to_owned(),
        encoding: decoded.encoding,
        bom: decoded.bom,
        delimiter: char::from(delimiter),
        decimal: '.',
        line_ending: detect::line_ending(text),
        first_line: 0,
        lines: Vec::new(),
    };
    let decimal = match (asked.options.decimal, delimiter) {
        (Some(sign), _) => Decimal::from_char(sign),
        (None, b',') => Decimal::Point,
        (None, _) => Decimal::Either,
    };
    let rules = Rules { decimal, missing: &asked.options.missing };
    let (columns, rows) = first_pass(text, delimiter, &rules, &asked.options.text_columns, &mut source)?;
    let strict = match decimal {
        Decimal::Point => Some('.'),
        Decimal::Comma => Some(','),
        Decimal::Either => agreed(&columns)?,
    };
    let columns = finished(columns, rows, text, delimiter, &rules);
    source.decimal = strict.unwrap_or_else(|| likely(&columns, &asked.options.text_columns));
    let mut builder = TableBuilder::default();
    for (name, column) in columns {
        builder = builder.column(name, column);
    }
    builder.finish(Some(source)).map_err(crate::error::Error::into_faults)
}

/// Reads every record into its columns; fills in the lines of `source`.
fn first_pass(
    text: &str,
    delimiter: u8,
    rules: &Rules<'_>,
    texts: &[String],
    source: &mut Source,
) -> Result<(Vec<Reading>, usize), Faults> {
    let mut records = Records::new(text, delimiter);
    let mut record = ByteRecord::new();
    let Some(start) = records.next(&mut record) else {
        return Err(vec![Fault::new("the file is empty").help("the first line names the columns")]);
    };
    let width = record.len();
    if let Some((line, _)) = records.open_quote(start) {
        return Err(vec![open_quote(line)]);
    }
    if width > WIDEST {
        return Err(vec![Fault::new(format!("{width} columns; a file may have {WIDEST}")).line(start.line)]);
    }
    let mut uneven = Uneven::default();
    if record.iter().any(|cell| cell.len() > LONGEST) {
        uneven.long.add(start.line);
        return Err(uneven.faults(width, delimiter));
    }
    let mut columns: Vec<Reading> = record.iter().map(|name| Reading::new(name, texts)).collect();
    let mut faults = repeated(&columns, start.line);
    let mut rows = 0;
    let mut records_seen = false;
    while let Some(start) = records.next(&mut record) {
        records_seen = true;
        if let Some((line, field)) = records.open_quote(start) {
            let fault = open_quote(line);
            faults.push(match columns.get(field) {
                Some(column) if !column.name.is_empty() => fault.column(column.name.as_str()),
                _ => fault,
            });
            break;
        }
        if let Some(line) = start.empty_line {
            uneven.empty.add(line);
        }
        if record.as_slice().len() > LONGEST && record.iter().any(|cell| cell.len() > LONGEST) {
            uneven.long.add(start.line);
            continue;
        }
        if record.len() != width {
            let places = if record.len() < width { &mut uneven.few } else { &mut uneven.many };
            places.add(start.line);
            continue;
        }
        for (cell, column) in record.iter().zip(&mut columns) {
            column.push(cell, rows, start.line, rules);
        }
        if rows == 0 {
            source.first_line = start.line;
        }
        // Most files have a row on every line: then the first line says it all.
        if source.lines.is_empty() && start.line != source.first_line + rows {
            source.lines.extend((source.first_line..).take(rows));
        }
        if !source.lines.is_empty() {
            source.lines.push(start.line);
        }
        rows += 1;
    }
    if !records_seen {
        faults.push(Fault::new("no record after the header").line(start.line));
    }
    faults.extend(uneven.faults(width, delimiter));
    for (column, position) in columns.iter().zip(1_usize..) {
        if column.name.is_empty() && !matches!(column.cells, Cells::Missing) {
            let what = format!("column {position} has cells but no name");
            faults.push(Fault::new(what).line(start.line).help("name it in the header"));
        } else if column.is_number() && !column.infinite.is_empty() {
            let fault = column.infinite.fault("infinite number").column(column.name.as_str());
            faults.push(fault.help("a number is finite, or its cell empty"));
        }
    }
    if faults.is_empty() { Ok((columns, rows)) } else { Err(faults) }
}

fn open_quote(line: usize) -> Fault {
    Fault::new("a quote is opened and never closed")
        .line(line)
        .help("close it, or double it if it belongs to the text")
}

/// Names that stand in the header twice. Empty ones are another fault, and only if their column has cells.
fn repeated(columns: &[Reading], line: usize) -> Faults {
    let mut faults = super::builder::names(columns.iter().map(|column| column.name.as_str()));
    // Only a repetition comes with a remedy.
    faults.retain(|fault| !fault.remedy().is_empty());
    faults.into_iter().map(|fault| fault.line(line)).collect()
}

/// The decimal sign that the columns of numbers agree on, if any has one.
fn agreed(columns: &[Reading]) -> Result<Option<char>, Faults> {
    let numbers = || columns.iter().filter(|column| column.is_number());
    let first = |evidence: fn(&Reading) -> &Evidence| {
        let found = numbers().filter_map(|column| Some((evidence(column).first_line?, column.name.as_str())));
        found.min_by_key(|(line, _)| *line)
    };
    let (comma, point) = (first(|column| &column.comma), first(|column| &column.point));
    let (sign, word, (line, name), certain) = match (comma, point) {
        (None, None) => return Ok(None),
        (Some((comma_line, comma)), Some((point_line, point))) => {
            let what =
                format!("a decimal comma here, but a decimal point in column `{point}`, line {point_line}");
            let help = "say which one is meant with `--decimal`; numbers with the other are then texts";
            return Err(vec![Fault::new(what).line(comma_line).column(comma).help(help)]);
        }
        (Some(first), None) => (',', "comma", first, numbers().any(|column| column.comma.certain)),
        (None, Some(first)) => ('.', "point", first, numbers().any(|column| column.point.certain)),
    };
    if certain {
        return Ok(Some(sign));
    }
    let what = format!(
        "every {word} in a number has three digits after it, so it may be decimal or separate thousands"
    );
    let help = format!("`--decimal {sign}` if it is decimal; otherwise take it out of the file");
    Err(vec![Fault::new(what).line(line).column(name).help(help)])
}

/// The columns that have a name, with the late texts read in a second pass.
fn finished(
    columns: Vec<Reading>,
    rows: usize,
    text: &str,
    delimiter: u8,
    rules: &Rules<'_>,
) -> Vec<(String, Column)> {
    let again: Vec<usize> = (0..)
        .zip(&columns)
        .filter_map(|(at, column)| matches!(column.cells, Cells::Again).then_some(at))
        .collect();
    let mut texts: Vec<Interner> = again.iter().map(|_| Interner::default()).collect();
    if !again.is_empty() {
        let mut records = Records::new(text, delimiter);
        let mut record = ByteRecord::new();
        records.next(&mut record);
        while records.next(&mut record).is_some() {
            for (&at, texts) in again.iter().zip(&mut texts) {
                texts.push(record.get(at).and_then(|cell| rules.observed(cell)).map(utf8));
            }
        }
    }
    let mut texts = texts.into_iter();
    let mut named = Vec::with_capacity(columns.len());
    for column in columns {
        let cells = match column.cells {
            Cells::Missing if column.name.is_empty() => continue,
            Cells::Missing if column.asked_as_text => Interner::after(rows).finish(),
            Cells::Missing => Column::checked_numbers(vec![f64::NAN; rows]),
            Cells::Numbers(numbers) => Column::checked_numbers(numbers),
            Cells::Texts(texts) => texts.finish(),
            Cells::Again => texts.next().unwrap_or_default().finish(),
        };
        named.push((column.name, cells));
    }
    named
}

/// The decimal sign where no column of numbers has one: that of the numbers among the texts, if they agree. It only
/// matters to a definition that says such a column is of numbers, and names the cells that are not.
fn likely(columns: &[(String, Column)], asked_as_text: &[String]) -> char {
    let (mut comma, mut point) = (false, false);
    let texts =
        columns.iter().filter(|(name, _)| !asked_as_text.contains(name)).filter_map(|(_, c)| c.levels());
    for level in texts.flatten() {
        match cell::parse(level.as_bytes(), Decimal::Either) {
            Cell::Number(_, Sign::Comma { groups: false }) => comma = true,
            Cell::Number(_, Sign::Point { groups: false }) => point = true,
            _ => {}
        }
    }
    if comma && !point { ',' } else { '.' }
}
