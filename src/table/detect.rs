//! What a CSV file is: its encoding, its line ends, its delimiter. Found out, never guessed.

use std::borrow::Cow;

use csv::ByteRecord;
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::csv::Asked;
use super::places::Places;
use super::records::{Lines, Records};
use super::source::LineEnding;
use crate::error::Fault;

type Faults = Vec<Fault>;

/// The text of a file, without its byte-order mark.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) encoding: &'static str,
    pub(super) bom: bool,
}

/// Decodes by byte-order mark, or as asked, or as UTF-8; refuses bytes that are none of it.
pub(super) fn decode<'a>(bytes: &'a [u8], asked: &Asked<'_>) -> Result<Decoded<'a>, Faults> {
    let mark = Encoding::for_bom(bytes);
    if let (Some((found, _)), Some(wanted)) = (mark, asked.encoding)
        && found != wanted
    {
        let what =
            format!("the file begins with the byte-order mark of {}, not of {}", found.name(), wanted.name());
        return Err(vec![Fault::new(what).help("leave out `--encoding`")]);
    }
    let encoding = mark.map(|(found, _)| found).or(asked.encoding).unwrap_or(UTF_8);
    let body = mark.and_then(|(_, length)| bytes.get(length..)).unwrap_or(bytes);
    if encoding == UTF_8 {
        // UTF-16 without its mark is full of NUL, and should be told so before it is told to be no UTF-8.
        let help = "UTF-16 without a byte-order mark looks like this: `--encoding utf-16le`";
        refuse_nul(body, if mark.is_none() { help } else { "" })?;
    }
    let text = if encoding == UTF_8 {
        str::from_utf8(body).map(Cow::Borrowed).map_err(|error| not_utf8(body, error.valid_up_to(), asked))
    } else {
        encoding
            .decode_without_bom_handling_and_without_replacement(body)
            .ok_or_else(|| undecodable(body, encoding, asked))
    }?;
    refuse_nul(text.as_bytes(), "")?;
    Ok(Decoded { text, encoding: encoding.name(), bom: mark.is_some() })
}

fn refuse_nul(text: &[u8], help: &str) -> Result<(), Faults> {
    if !text.contains(&0) {
        return Ok(());
    }
    let mut places = Places::default();
    let newline = newline(text);
    for (line, _) in (1..).zip(text.split(|byte| *byte == newline)).filter(|(_, line)| line.contains(&0)) {
        places.add(line);
    }
    Err(vec![places.fault("NUL, which no text has").help(help)])
}

/// Every line that is not UTF-8; and the column, if it is in only one.
fn not_utf8(body: &[u8], valid: usize, asked: &Asked<'_>) -> Faults {
    let mut places = Places::default();
    let newline = newline(body);
    for (line, _) in
        (1..).zip(body.split(|byte| *byte == newline)).filter(|(_, line)| str::from_utf8(line).is_err())
    {
        places.add(line);
    }
    let before = body.get(..valid).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default();
    let fault = places
        .fault("not UTF-8")
        .help("`--encoding windows-1252` reads files saved by Excel in Western Europe");
    vec![in_column(fault, before, asked)]
}

/// The first place that is not of an encoding other than UTF-8.
fn undecodable(body: &[u8], encoding: &'static Encoding, asked: &Asked<'_>) -> Faults {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut before =
        String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(body.len()).unwrap_or(0));
    let (result, _) = decoder.decode_to_string_without_replacement(body, &mut before, true);
    let fault = Fault::new(format!("not {}", encoding.name()));
    if !matches!(result, DecoderResult::Malformed(..)) {
        return vec![fault];
    }
    let line = Lines::new(&before).line_at(before.len());
    let help =
        if encoding == UTF_16LE || encoding == UTF_16BE { "the file is damaged: save it again" } else { "" };
    vec![in_column(fault.line(line).help(help), &before, asked)]
}

/// Names the column in which the good text ends.
fn in_column(fault: Fault, before: &str, asked: &Asked<'_>) -> Fault {
    // Something stands in for the bad bytes, so that their field exists.
    let before = format!("{before}?");
    let Ok(delimiter) = asked.delimiter.map_or_else(|| delimiter(&before), Ok) else { return fault };
    let mut records = Records::new(&before, delimiter);
    let (mut header, mut record) = (ByteRecord::new(), ByteRecord::new());
    if records.next(&mut header).is_none() {
        return fault;
    }
    let mut fields = 0;
    while records.next(&mut record).is_some() {
        fields = record.len();
    }
    let name =
        fields.checked_sub(1).and_then(|last| header.get(last)).and_then(|name| str::from_utf8(name).ok());
    match name.map(str::trim) {
        Some(name) if !name.is_empty() => fault.column(name),
        _ => fault,
    }
}

/// The byte lines are counted by: the line feed, unless the file has none.
pub(super) fn newline(text: &[u8]) -> u8 {
    if text.contains(&b'\n') { b'\n' } else { b'\r' }
}

/// The bytes outside quotes, with their places. A quote opens only where a field begins, whatever separates them.
fn outside_quotes(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut bytes = text.bytes().enumerate().peekable();
    let mut quoted = false;
    let mut before = b',';
    std::iter::from_fn(move || {
        loop {
            let (at, byte) = bytes.next()?;
            let begins = matches!(before, b',' | b';' | b'\t');
            before = byte;
            if quoted {
                // A doubled quote is a quote sign of the text.
                quoted = byte != b'"' || bytes.next_if(|(_, next)| *next == b'"').is_some();
            } else if byte == b'"' && begins {
                quoted = true;
            } else {
                return Some((at, byte));
            }
        }
    })
}

/// What ends the header, and the header up to there.
fn header(text: &str) -> (&str, LineEnding) {
    let text = text.trim_start_matches(['\r', '\n']);
    let Some((at, byte)) = outside_quotes(text).find(|(_, byte)| matches!(byte, b'\r' | b'\n')) else {
        return (text, LineEnding::Lf);
    };
    let ending = match (byte, text.as_bytes().get(at + 1)) {
        (b'\n', _) => LineEnding::Lf,
        (_, Some(b'\n')) => LineEnding::CrLf,
        _ => LineEnding::Cr,
    };
    (text.get(..at).unwrap_or(text), ending)
}

pub(super) fn line_ending(text: &str) -> LineEnding {
    header(text).1
}

/// How many records decide between two delimiters that both occur in the header.
const DECIDING: usize = 100;

/// The delimiter that occurs in the header; if several do, the only one that gives the first records as many fields.
pub(super) fn delimiter(text: &str) -> Result<u8, Faults> {
    let mut found: Vec<u8> = Vec::new();
    for (_, byte) in outside_quotes(header(text).0) {
        if matches!(byte, b',' | b';' | b'\t') && !found.contains(&byte) {
            found.push(byte);
        }
    }
    match found.as_slice() {
        // One column: nothing to separate.
        [] => return Ok(b','),
        &[only] => return Ok(only),
        _ => {}
    }
    let mut records = Records::new(text, b',');
    let mut record = ByteRecord::new();
    if let (Some(_), None, Some(&first)) =
        (records.next(&mut record), records.next(&mut record), found.first())
    {
        // Nothing but a header, which is the fault to hear of.
        return Ok(first);
    }
    let fits: Vec<u8> = found.iter().copied().filter(|&delimiter| even(text, delimiter)).collect();
    if let &[only] = fits.as_slice() {
        return Ok(only);
    }
    let name = |sign: &u8| if *sign == b'\t' { "tab".to_owned() } else { format!("`{}`", char::from(*sign)) };
    let names: Vec<String> = found.iter().map(name).collect();
    let names = names.join(" or ");
    let why = if fits.is_empty() { "none gives even records" } else { "the first records do not tell" };
    let fault = Fault::new(format!("{names} may stand between the fields of the header, and {why}"));
    Err(vec![fault.line(1).help("say which with `--delimiter`")])
}

/// Whether the first records have as many fields as the header.
fn even(text: &str, delimiter: u8) -> bool {
    let mut records = Records::new(text, delimiter);
    let mut record = ByteRecord::new();
    if records.next(&mut record).is_none() {
        return false;
    }
    let width = record.len();
    for _ in 0..DECIDING {
        if records.next(&mut record).is_none() {
            break;
        }
        if record.len() != width {
            return false;
        }
    }
    true
}
