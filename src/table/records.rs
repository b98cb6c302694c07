//! The records of a CSV text, each with the line an editor shows for it.

use csv::{ByteRecord, ReaderBuilder};

use super::detect;

/// Counts the lines of a text, forward only.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    newline: u8,
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), newline: detect::newline(text.as_bytes()), at: 0, line: 1 }
    }

    /// The line, counted from 1, of a byte at or after the last one asked for.
    pub(super) fn line_at(&mut self, at: usize) -> usize {
        let passed = self.text.get(self.at..at).unwrap_or_default();
        self.line += passed.iter().map(|byte| usize::from(*byte == self.newline)).sum::<usize>();
        self.at = self.at.max(at);
        self.line
    }
}

/// The records of a text with their lines.
pub(crate) struct Records<'a> {
    reader: csv::Reader<&'a [u8]>,
    lines: Lines<'a>,
    delimiter: u8,
}

/// Where a record begins.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    pub(crate) line: usize,
    byte: usize,
    /// The line of an empty line passed over on the way.
    pub(crate) empty_line: Option<usize>,
}

impl<'a> Records<'a> {
    pub(crate) fn new(text: &'a str, delimiter: u8) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(1 << 16)
            .from_reader(text.as_bytes());
        Self { reader, lines: Lines::new(text), delimiter }
    }

    /// Reads the next record; `None` after the last one.
    pub(crate) fn next(&mut self, record: &mut ByteRecord) -> Option<Start> {
        // Reading memory with uneven records allowed cannot fail.
        if !self.reader.read_byte_record(record).unwrap_or(false) {
            return None;
        }
        let text = self.lines.text;
        let mut byte = usize::try_from(record.position()?.byte()).ok()?;
        // The reader leaves the line feed of CRLF, and any empty lines, to the next record.
        if byte > 0 && text.get(byte - 1..=byte) == Some(b"\r\n") {
            byte += 1;
        }
        let empty = matches!(text.get(byte), Some(b'\r' | b'\n')).then(|| self.lines.line_at(byte));
        while matches!(text.get(byte), Some(b'\r' | b'\n')) {
            byte += 1;
        }
        Some(Start { line: self.lines.line_at(byte), byte, empty_line: empty })
    }

    /// The line and field of a quote that is open at the end of the file, if the record that begins here is the last.
    pub(crate) fn open_quote(&mut self, start: Start) -> Option<(usize, usize)> {
        let text = self.lines.text;
        if self.reader.position().byte() < text.len() as u64 {
            return None;
        }
        let mut opened = None;
        let mut field = 0;
        let mut before = None;
        let mut bytes = text.iter().enumerate().skip(start.byte).peekable();
        while let Some((at, &byte)) = bytes.next() {
            if opened.is_some() {
                // A doubled quote is a quote sign of the text.
                if byte == b'"' && bytes.next_if(|(_, next)| **next == b'"').is_none() {
                    opened = None;
                }
            } else if byte == b'"' && before.is_none_or(|byte| byte == self.delimiter) {
                opened = Some((at, field));
            } else if byte == self.delimiter {
                field += 1;
            }
            before = Some(byte);
        }
        opened.map(|(at, field)| (self.lines.line_at(at), field))
    }
}
