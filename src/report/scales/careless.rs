//! Signs of carelessness, person by person and in numbers.

use std::{fmt::Write as _, io::Write};

use super::{CsvStyle, Grid, Sheet, words::count, written};
use crate::{
    cohort::Cohort,
    error::{Error, ErrorKind, Fault, Result},
    scale::{Careless, CarelessSummary},
};

/// Signs of carelessness of every person, one row a person.
///
/// Columns: the id, the wave if there are waves, and for every instrument `<id>.answered`, `<id>.longstring`, `<id>.irv`,
/// `<id>.mahalanobis`, `<id>.p`, `<id>.flag` (1 beyond χ²(.999)), `<id>.even_odd` and `<id>.synonyms`.
///
/// **Missing data** is an empty field.
///
/// # Errors
/// Signs of other persons; an output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, definition::Audience, report::{self, CsvStyle}, scale::Careless};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let mut file = Vec::new();
/// let found = Careless::of(&cohort, Audience::Research)?;
/// report::careless_csv(&cohort, &found, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"person,mood.answered,mood.longstring,mood.irv,"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn careless_csv(cohort: &Cohort, found: &[Careless], style: CsvStyle, out: impl Write) -> Result<()> {
    if found.iter().any(|one| one.rows() != cohort.rows()) {
        let fault =
            Fault::new("the signs are not those of this cohort").help("look at this cohort, and write that");
        return Err(Error::new(ErrorKind::Data, vec![fault]));
    }
    written(rows(cohort, found, style, out))
}

const SIGNS: [&str; 8] =
    ["answered", "longstring", "irv", "mahalanobis", "p", "flag", "even_odd", "synonyms"];

fn rows(cohort: &Cohort, found: &[Careless], style: CsvStyle, out: impl Write) -> std::io::Result<()> {
    let person = &cohort.parts().person;
    let mut names = vec![person.id.clone()];
    names.extend(person.wave.iter().cloned());
    for one in found {
        names.extend(SIGNS.map(|sign| format!("{}.{sign}", one.name())));
    }
    let mut sheet = Sheet::header(out, style, names.iter().map(String::as_str))?;
    for row in 0..cohort.rows() {
        sheet.text(cohort.id(row).unwrap_or_default());
        if person.wave.is_some() {
            sheet.text(cohort.wave(row).unwrap_or_default());
        }
        for signs in found.iter().filter_map(|one| one.person(row)) {
            sheet.count(Some(signs.answered))?;
            sheet.count(Some(signs.longstring))?;
            for value in [signs.irv, signs.mahalanobis, signs.p] {
                sheet.optional(value)?;
            }
            sheet.count(signs.flagged.map(usize::from))?;
            sheet.optional(signs.even_odd)?;
            sheet.optional(signs.synonyms)?;
        }
        sheet.end()?;
    }
    sheet.finish()
}

/// How many persons show which signs.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, definition::Audience, report, scale::Careless};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let found: Vec<_> =
///     Careless::of(&cohort, Audience::Research)?.iter().map(Careless::summary).collect();
/// assert!(report::careless_text(&found).contains("none of these is proof of carelessness"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn careless_text(found: &[CarelessSummary]) -> String {
    let mut text = String::new();
    for of in found {
        let _ = writeln!(
            text,
            "{}: {} persons answered something, {} everything",
            of.instrument,
            count(of.persons),
            count(of.complete)
        );
        let mut grid = Grid::new(&[false, true, false]);
        let mut row = |name: &str, persons: Option<usize>, note: String| {
            grid.row([format!("  {name}"), persons.map_or_else(|| "–".to_owned(), count), note]);
        };
        row("the same answer throughout", Some(of.same_throughout), String::new());
        let (flagged, note) = match &of.no_distance {
            None => (Some(of.flagged), "Mahalanobis, beyond χ²(.999)".to_owned()),
            Some(why) => (None, format!("not judged: {why}")),
        };
        row("a pattern unlike the others", flagged, note);
        let (halves, note) = match of.scales {
            0..3 => (None, "not judged: needs three scales that share no item".to_owned()),
            scales => (Some(of.contradicting_halves), format!("odd and even items of {scales} scales")),
        };
        row("halves against each other", halves, note);
        let (pairs, note) = match of.pairs {
            0..3 => (None, "not judged: needs three pairs of items with r of .60 or more".to_owned()),
            pairs => (Some(of.contradicting_pairs), format!("{pairs} pairs of items with r of .60 or more")),
        };
        row("near doubles against each other", pairs, note);
        text.push_str(&grid.lines());
        text.push('\n');
    }
    text.push_str(
        "These are reasons to look again; none of these is proof of carelessness. Who feels well may say so throughout.\n",
    );
    text
}
