//! Change, person by person and of the group.

use std::{fmt::Write as _, io::Write};

use super::{
    CsvStyle, Grid, Sheet,
    words::{count, maybe, number, plain, share, signed},
    written,
};
use crate::{
    definition::{Audience, Direction},
    error::{Error, ErrorKind, Fault, Result},
    scale::Changes,
};

/// The change of the group, and how many persons changed in which way.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, definition::Audience, report, scale::{ChangeAsked, Changes}};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let still = Changes::of(&cohort, &cohort, "mood.total", &ChangeAsked::default(), Audience::Research)?;
/// assert!(report::change_text(&still).contains("mean change 0.00"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn change_text(found: &Changes) -> String {
    let mut text = super::heading(&found.definition, &found.version);
    let better = match found.direction {
        Direction::HigherBetter => "more is better",
        Direction::LowerBetter => "less is better",
    };
    let _ = write!(text, "\n{} ({better}): {} persons with both scores", found.scale, count(found.group.n));
    if let Some(of) = &found.matching {
        let _ = write!(
            text,
            ", of {} in both files; {} only before, {} only after",
            count(of.matched),
            count(of.only_before),
            count(of.only_after)
        );
    }
    text.push('\n');
    let _ = writeln!(
        text,
        "  reliability {}, from {}; error of measurement {}, of a difference at 95 % {}",
        number(found.reliability, 3),
        found.reliability_source,
        number(found.sem, 2),
        number(found.mdc95, 2)
    );
    let [a, b, c] = found.cut_offs.map(|cut| maybe(cut, 2));
    let _ = writeln!(text, "  cut-offs: a {a}, b {b}, c {c}");
    let of = &found.group;
    let _ = writeln!(
        text,
        "  before: mean {}, sd {}; mean change {}, sd {}",
        number(of.mean_before, 2),
        number(of.sd_before, 2),
        signed(of.mean_change, 2),
        number(of.sd_change, 2)
    );
    let _ = writeln!(
        text,
        "  standardised response mean {}, by the spread before {}; for small samples {} and {}",
        maybe(of.srm, 2),
        maybe(of.d_pre, 2),
        maybe(of.srm_hedges, 2),
        maybe(of.d_pre_hedges, 2)
    );
    if let Some(classes) = &found.classes {
        let mut grid = Grid::new(&[false, true, true]);
        grid.row(["  by the RCI", "persons", "share"]);
        for class in classes {
            grid.row([format!("  {}", class.class.word()), count(class.persons), share(class.persons, of.n)]);
        }
        text.push_str(&grid.lines());
    }
    if let Some([better, worse]) = found.important {
        let _ = writeln!(
            text,
            "  by the least important change of {} points ({}), apart from error: {} for the better, {} for the worse",
            plain(found.important_change.unwrap_or(f64::NAN)),
            found.important_source,
            count(better),
            count(worse)
        );
    }
    text
}

const PERSONS: [&str; 19] = [
    "before",
    "after",
    "difference",
    "rci",
    "gulliksen_lord_novick",
    "edwards_nunnally_low",
    "edwards_nunnally_high",
    "practice_adjusted",
    "reliable",
    "reliable_gulliksen_lord_novick",
    "reliable_edwards_nunnally",
    "reliable_practice_adjusted",
    "crossed_a",
    "crossed_b",
    "crossed_c",
    "class",
    "important",
    "reliability",
    "scale",
];

/// The change of every person, one row a person; for an employer the figures of the group.
///
/// Columns: `person`, the scores `before` and `after`, their `difference`, `rci`, the other methods, verdicts (`improved`,
/// `unchanged`, `deteriorated`), cut-offs crossed (1 or 0), `class`, and by the least important change `important`.
///
/// **Missing data** is an empty field.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, definition::Audience, report::{self, CsvStyle}, scale::{ChangeAsked, Changes}};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let still = Changes::of(&cohort, &cohort, "mood.total", &ChangeAsked::default(), Audience::Employer)?;
/// let mut file = Vec::new();
/// report::change_csv(&still, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"scale,n,mean_before,"), "no person's row");
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn change_csv(found: &Changes, style: CsvStyle, out: impl Write) -> Result<()> {
    if found.audience == Audience::Employer {
        if !found.persons.is_empty() {
            let fault = Fault::new("rows of persons are not for an employer");
            return Err(Error::new(ErrorKind::Audience, vec![fault.help("ask for an employer")]));
        }
        return written(group(found, style, out));
    }
    written(rows(found, style, out))
}

fn group(found: &Changes, style: CsvStyle, out: impl Write) -> std::io::Result<()> {
    let names = ["scale", "n", "mean_before", "sd_before", "mean_change", "sd_change", "srm", "d_pre"];
    let mut sheet = Sheet::header(out, style, names)?;
    let of = &found.group;
    sheet.text(&found.scale);
    sheet.count(Some(of.n))?;
    for value in [of.mean_before, of.sd_before, of.mean_change, of.sd_change] {
        sheet.number(value)?;
    }
    sheet.optional(of.srm)?;
    sheet.optional(of.d_pre)?;
    sheet.end()?;
    sheet.finish()
}

fn rows(found: &Changes, style: CsvStyle, out: impl Write) -> std::io::Result<()> {
    let mut sheet = Sheet::header(out, style, std::iter::once("person").chain(PERSONS))?;
    for person in &found.persons {
        sheet.text(&person.person);
        sheet.optional(person.before)?;
        sheet.optional(person.after)?;
        match &person.change {
            None => (0..15).try_for_each(|_| sheet.optional(None))?,
            Some(of) => {
                let [low, high] = of.edwards_nunnally;
                for value in
                    [of.difference, of.rci, of.gulliksen_lord_novick, low, high, of.practice_adjusted]
                {
                    sheet.number(value)?;
                }
                for verdict in [
                    of.reliable,
                    of.reliable_gulliksen_lord_novick,
                    of.reliable_edwards_nunnally,
                    of.reliable_practice_adjusted,
                ] {
                    sheet.text(verdict.word());
                }
                for crossed in of.crossed {
                    sheet.count(crossed.map(usize::from))?;
                }
                sheet.text(of.class.word());
                sheet.text(of.important.map_or("", crate::scale::Verdict::word));
            }
        }
        sheet.number(found.reliability)?;
        sheet.text(&found.scale);
        sheet.end()?;
    }
    sheet.finish()
}
