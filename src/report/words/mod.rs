//! Finished values in words and rounded numbers, the same on a page and in Markdown.

mod cohort;
mod person;

pub(super) use cohort::*;
pub(super) use person::*;

use crate::{
    definition::Audience,
    explain::{Change, Shared},
    study::{CalibrationUsed, GroupFigures},
};

/// A number with a true minus sign.
pub(super) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| matches!(byte, b'0' | b'.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// A dash where there is none.
pub(super) fn maybe(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| number(value, decimals))
}

/// A number with its sign, whichever it is.
pub(super) fn signed(value: f64, decimals: usize) -> String {
    let text = number(value, decimals);
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if text.starts_with('−') || is_zero { text } else { format!("+{text}") }
}

/// As few decimals as the number needs, at most three.
pub(super) fn plain(value: f64) -> String {
    let text = number(value, 3);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Thousands apart by commas.
pub(super) fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(super) fn percent(share: f64) -> String {
    format!("{}\u{a0}%", number(100.0 * share, 1))
}

/// How sure an interval is, as in "95 %".
pub(super) fn sureness(level: f64) -> String {
    format!("{}\u{a0}%", plain(100.0 * level))
}

pub(super) fn share(part: usize, of: usize) -> String {
    if of == 0 { "–".to_owned() } else { percent(part as f64 / of as f64) }
}

/// "66.2 to 67.0"; a dash without an interval.
pub(super) fn between(low: Option<f64>, high: Option<f64>, decimals: usize) -> String {
    match low.zip(high) {
        Some((low, high)) => format!("{} to\u{a0}{}", number(low, decimals), number(high, decimals)),
        None => "–".to_owned(),
    }
}

pub(super) fn p_value(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        Some(p) if p < 0.001 => "<\u{a0}0.001".to_owned(),
        Some(p) => number(p, 3),
    }
}

/// "a", "a and b", "a, b and c".
pub(super) fn list<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The first letter large, to begin a sentence.
pub(super) fn begin(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A column's name as words.
pub(super) fn column(name: &str) -> String {
    name.replace('_', " ")
}

/// What to call the index: its title, or the id of its definition.
pub(super) fn heading<'a>(title: &'a str, id: &'a str) -> &'a str {
    if title.is_empty() { id } else { title }
}

pub(super) fn definition(id: &str, version: &str) -> String {
    format!("{id} {version}").trim_end().to_owned()
}

pub(super) fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Clinic => "a clinic",
        Audience::Research => "research",
        Audience::Employer => "an employer",
    }
}

pub(super) fn design(waves: Option<usize>) -> String {
    match waves {
        None => "one cross-section".to_owned(),
        Some(waves) => format!("{} waves, each row counted as a person of its own", count(waves)),
    }
}

pub(super) fn calibration(used: Option<&CalibrationUsed>) -> String {
    match used {
        None => "none, so no person has an interval".to_owned(),
        Some(used) if used.from.is_empty() => format!("learned from {} persons", count(used.persons)),
        Some(used) => format!("{}, from {} persons", used.from, count(used.persons)),
    }
}

/// "+0.5 h", "former instead of never".
pub(super) fn change(change: &Change) -> String {
    match change {
        Change::Step { by, unit } => format!("{}{} {unit}", if *by > 0.0 { "+" } else { "" }, plain(*by)),
        Change::Level { to, from } => format!("{to} instead of {from}"),
    }
}

/// What a choice has in common with the index; empty if nothing.
pub(super) fn shares(shares: &[Shared]) -> String {
    let one = |shared: &Shared| {
        format!("shares “{}” with the index ({})", shared.content, list(&shared.indicators))
    };
    shares.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What is remarkable about scores, in words.
pub(super) fn flag(code: &str) -> &str {
    match code {
        "sentinel" => "an answer or reading was a code for missing",
        "out_of_limits" => "a reading outside its limits was taken as missing",
        "few_readings" => "fewer repeated readings or days than declared",
        "prorated" => "a scale was scored from fewer items than it has",
        "rule_case" => "a published rule has no row for a value",
        "partial" => "something is missing below the index",
        "floored" => "a score below the declared floor counted as the floor",
        "zero" => "an observed 0 under a geometric or harmonic mean",
        "stale" => "a value is older than its measure allows without remark",
        "imputed" => "something that was missing was filled",
        "outside_reference" => "a reading lies outside the range of the reference",
        other => other,
    }
}

/// Why there is no index, in words.
pub(super) fn reason(code: &str) -> &str {
    match code {
        "nothing_scored" => "nothing below the index has a score",
        "too_few" => "less is observed than the index asks for",
        "screened" => "left out by the definition's screening",
        other => other,
    }
}

pub(super) fn too_few(figures: &GroupFigures) -> String {
    format!("Fewer than {} people have an index, so no figure is shown.", figures.fewest)
}

/// What is withheld, and by which rule.
pub(super) fn withheld(figures: &GroupFigures) -> String {
    format!(
        "Nothing is shown of fewer than {} people, nor what would let such a group be worked out.",
        figures.fewest
    )
}

#[cfg(test)]
mod tests {
    use super::{begin, count, list, number, p_value, plain, signed};

    #[test]
    fn numbers_read_well() {
        assert_eq!([number(-0.04, 1), number(-1.25, 1), number(3.0, 0)], ["0.0", "−1.2", "3"]);
        assert_eq!([signed(0.04, 1), signed(1.0, 1), signed(-1.0, 1)], ["0.0", "+1.0", "−1.0"]);
        assert_eq!([plain(60.0), plain(0.5), plain(-60.0), plain(6.125)], ["60", "0.5", "−60", "6.125"]);
        assert_eq!([count(0), count(999), count(5265), count(1_000_000)], ["0", "999", "5,265", "1,000,000"]);
        assert_eq!(
            [p_value(Some(0.0002)), p_value(Some(0.0421)), p_value(None)],
            ["<\u{a0}0.001", "0.042", "–"]
        );
    }

    #[test]
    fn words_join() {
        assert_eq!(
            [list::<&str>(&[]), list(&["a"]), list(&["a", "b"]), list(&["a", "b", "c"])],
            ["", "a", "a and b", "a, b and c"]
        );
        assert_eq!(begin("äiti"), "Äiti");
    }
}
