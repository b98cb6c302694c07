//! The rows of a separated text, each with its line.

use csv::ByteRecord;

use crate::{error::Fault, table::records::Records};

/// A row that is not blank.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) line: usize,
    cells: Vec<String>,
}

impl Row {
    /// A cell without the blanks around it; what is not there is empty.
    pub(super) fn cell(&self, at: usize) -> &str {
        self.cells.get(at).map_or("", String::as_str)
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(String::as_str)
    }

    /// How many cells there are, the empty ones at the end not counted.
    pub(super) fn width(&self) -> usize {
        self.cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1)
    }

    /// Whether it says nothing to scorify: it has fewer than two cells, or begins with `#`.
    pub(super) fn is_remark(&self) -> bool {
        self.cells().filter(|cell| !cell.is_empty()).count() < 2 || self.cell(0).starts_with('#')
    }
}

/// Every row. What separates cells is what stands behind the first one.
pub(super) fn rows(text: &str) -> Result<Vec<Row>, Vec<Fault>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut records = Records::new(text, separator(text));
    let mut record = ByteRecord::new();
    let mut rows = Vec::new();
    while let Some(start) = records.next(&mut record) {
        if let Some((line, _)) = records.open_quote(start) {
            let fault = Fault::new("a quote is opened and never closed").line(line);
            return Err(vec![fault.help("close it, or double it if it belongs to the text")]);
        }
        let cells = record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        rows.push(Row { line: start.line, cells });
    }
    Ok(rows)
}

fn separator(text: &str) -> u8 {
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b',' | b';' | b'\t' if !quoted => return byte,
            _ => {}
        }
    }
    b','
}
