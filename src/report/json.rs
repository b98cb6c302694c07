//! Values as JSON, where there are too many for a tree of them.

use std::io::{self, Write};

use super::{PIECE, same_rows, written};
use crate::{cohort::Cohort, error::Result, index::Scores, study::Summary};

/// Writes the scores of a cohort as one object: the definition by id, version and hash, the calibration, how many
/// persons there are and how many have an index, and `rows`, one object a person with the names of
/// [`scores_csv`](super::scores_csv).
///
/// **Missing data** is `null`; `flags` is a list.
///
/// # Errors
/// Scores of another cohort; an output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, study::Summary, report};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let scores = index.score_cohort(&cohort)?;
/// let summary = Summary::of(&cohort, &index, &scores)?;
/// let mut file = Vec::new();
/// report::scores_json(&cohort, &scores, &summary, &mut file)?;
/// let text = String::from_utf8(file).unwrap();
/// assert!(text.starts_with("{\n\"definition\": \"nhanes\""));
/// assert!(text.contains("{\"person\":\"17\",\"index\":"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn scores_json(cohort: &Cohort, scores: &Scores, summary: &Summary, out: impl Write) -> Result<()> {
    same_rows(cohort, scores)?;
    written(write_scores(cohort, scores, summary, out))
}

fn write_scores(cohort: &Cohort, scores: &Scores, summary: &Summary, mut out: impl Write) -> io::Result<()> {
    let person = &cohort.parts().person;
    let keys: Vec<Vec<u8>> = scores
        .names()
        .iter()
        .map(|name| {
            let mut key = vec![b','];
            string(&mut key, name);
            key.push(b':');
            key
        })
        .collect();
    let mut buffer = Vec::with_capacity(PIECE + PIECE / 4);
    for (key, value) in [
        ("{\n\"definition", &summary.definition),
        (",\n\"version", &summary.version),
        (",\n\"hash", &summary.hash),
    ] {
        write!(buffer, "{key}\": ")?;
        string(&mut buffer, value);
    }
    buffer.extend_from_slice(b",\n\"calibration\": ");
    match &summary.calibration {
        Some(calibration) => {
            buffer.extend_from_slice(b"{\"from\": ");
            string(&mut buffer, &calibration.from);
            write!(buffer, ", \"persons\": {}}}", calibration.persons)?;
        }
        None => buffer.extend_from_slice(b"null"),
    }
    write!(buffer, ",\n\"persons\": {},\n\"scored\": {},\n\"rows\": [", summary.persons, summary.scored)?;
    for (row, (flags, reason)) in scores.flags().iter().zip(scores.reasons()).enumerate() {
        buffer.extend_from_slice(if row == 0 { b"\n{" } else { b",\n{" });
        pair(&mut buffer, &person.id, cohort.id(row));
        if let Some(wave) = &person.wave {
            buffer.push(b',');
            pair(&mut buffer, wave, cohort.wave(row));
        }
        for (column, key) in keys.iter().enumerate() {
            buffer.extend_from_slice(key);
            number(&mut buffer, scores.cell(row, column))?;
        }
        buffer.extend_from_slice(b",\"flags\":[");
        for (at, flag) in flags.iter().enumerate() {
            if at > 0 {
                buffer.push(b',');
            }
            string(&mut buffer, flag.code());
        }
        buffer.extend_from_slice(b"],");
        pair(&mut buffer, "reason", Some(reason.code()).filter(|code| !code.is_empty()));
        buffer.push(b'}');
        if buffer.len() >= PIECE {
            out.write_all(&buffer)?;
            buffer.clear();
        }
    }
    buffer.extend_from_slice(b"\n]\n}\n");
    out.write_all(&buffer)?;
    out.flush()
}

fn pair(buffer: &mut Vec<u8>, key: &str, value: Option<&str>) {
    string(buffer, key);
    buffer.push(b':');
    match value {
        Some(value) => string(buffer, value),
        None => buffer.extend_from_slice(b"null"),
    }
}

fn number(buffer: &mut Vec<u8>, value: f64) -> io::Result<()> {
    if value.is_finite() { write!(buffer, "{}", value + 0.0) } else { write!(buffer, "null") }
}

fn string(buffer: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    buffer.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => buffer.extend_from_slice(&[b'\\', byte]),
            b'\n' => buffer.extend_from_slice(b"\\n"),
            b'\t' => buffer.extend_from_slice(b"\\t"),
            b'\r' => buffer.extend_from_slice(b"\\r"),
            0..0x20 => {
                let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
                buffer.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            }
            _ => buffer.push(byte),
        }
    }
    buffer.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::string;

    #[test]
    fn strings_are_escaped() {
        let mut buffer = Vec::new();
        string(&mut buffer, "ä \"b\" \\ \n \u{1f} /");
        assert_eq!(String::from_utf8(buffer).unwrap(), r#""ä \"b\" \\ \n \u001f /""#);
    }
}
