//! How far scales can be trusted, as text and as a table.

use std::{fmt::Write as _, io::Write};

use super::{
    CsvStyle, Grid, Sheet,
    words::{begin, between, count, list, maybe, number, percent},
    written,
};
use crate::{
    error::Result,
    scale::{Reliabilities, Reliability},
};

/// How far each scale can be trusted, and what each item does to it.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, report, scale::Reliabilities};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let text = report::reliability_text(&Reliabilities::of(&cohort, Some("mood.total"))?);
/// assert!(text.contains("alpha") && text.contains("0.832"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn reliability_text(found: &Reliabilities) -> String {
    let mut text = super::heading(&found.definition, &found.version);
    found.scales.iter().for_each(|scale| one(&mut text, scale));
    for scale in &found.without {
        let _ = writeln!(text, "\n{}: not judged: {}", scale.scale, scale.because);
    }
    text
}

fn one(text: &mut String, of: &Reliability) {
    let _ = writeln!(
        text,
        "\n{}: {} items, {} of {} persons answered all of them",
        of.scale,
        of.items,
        count(of.n),
        count(of.persons)
    );
    let mut grid = Grid::new(&[false, true, false]);
    let mut row = |name: &str, value: Option<f64>, note: String| {
        grid.row([format!("  {name}"), maybe(value, 3), note]);
    };
    let interval = between(Some(of.alpha_low), Some(of.alpha_high), 3);
    row("alpha", Some(of.alpha), format!("{interval} (Feldt), standard error {}", number(of.alpha_se, 4)));
    row("alpha, standardised", Some(of.alpha_std), format!("mean correlation {}", number(of.average_r, 3)));
    let omega = match &of.no_omega {
        Some(why) => why.because(),
        None => format!("one factor by maximum likelihood; standardised {}", maybe(of.omega_std, 3)),
    };
    row("omega", of.omega, omega);
    row("lambda 2", Some(of.lambda2), format!("of correlations {}", number(of.lambda2_r, 3)));
    let tried = if of.lambda4_exact { "the best of all splits" } else { "the best split of a search" };
    row("lambda 4", Some(of.lambda4), tried.to_owned());
    row("lambda 6", of.lambda6, "of correlations".to_owned());
    row("split half", of.split_half, "odd and even items, by Spearman and Brown".to_owned());
    text.push_str(&grid.lines());
    let [low, high] = of.range;
    let _ = writeln!(
        text,
        "  score: mean {}, sd {}, of {} to {}; error of measurement {}, of a difference at 95 % {}",
        number(of.mean, 2),
        number(of.sd, 2),
        number(low, 0),
        number(high, 0),
        maybe(of.sem, 2),
        maybe(of.mdc95, 2)
    );
    let high = |is_high: bool| if is_high { ", more than 15 %" } else { "" };
    let _ = writeln!(
        text,
        "  at the lowest score {}{}; at the highest {}{}",
        percent(of.floor),
        high(of.floor_is_high),
        percent(of.ceiling),
        high(of.ceiling_is_high)
    );
    if !of.wrong_keys.is_empty() {
        let _ = writeln!(
            text,
            "  {} against the others: {}. Is the key turned? With {} turned round alpha is {}",
            if of.wrong_keys.len() == 1 { "an item goes" } else { "items go" },
            list(&of.wrong_keys),
            if of.wrong_keys.len() == 1 { "it" } else { "them" },
            maybe(of.alpha_turned, 3)
        );
    }
    let mut grid = Grid::new(&[false, true, true, true, true, true]);
    grid.row(["  item", "mean", "sd", "r with the rest", "alpha without", "loading"]);
    for item in &of.item {
        grid.row([
            format!("  {}", item.item),
            number(item.mean, 2),
            number(item.sd, 2),
            maybe(item.r_drop, 3),
            maybe(item.alpha_if_dropped, 3),
            maybe(item.loading, 3),
        ]);
    }
    text.push_str(&grid.lines());
}

const COLUMNS: [&str; 33] = [
    "scale",
    "item",
    "n",
    "persons",
    "items",
    "alpha",
    "alpha_low",
    "alpha_high",
    "alpha_se",
    "alpha_std",
    "omega",
    "omega_std",
    "lambda2",
    "lambda2_r",
    "lambda4",
    "lambda4_r",
    "lambda6",
    "average_r",
    "split_half",
    "mean",
    "sd",
    "sem",
    "mdc95",
    "floor",
    "ceiling",
    "low",
    "high",
    "alpha_turned",
    "r_drop",
    "alpha_if_dropped",
    "loading",
    "against",
    "note",
];

/// The same as a table: a row a scale, with `item` empty, then a row an item.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, report::{self, CsvStyle}, scale::Reliabilities};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let mut file = Vec::new();
/// report::reliability_csv(&Reliabilities::of(&cohort, None)?, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"scale,item,n,persons,items,alpha,"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn reliability_csv(found: &Reliabilities, style: CsvStyle, out: impl Write) -> Result<()> {
    written(rows(found, style, out))
}

fn rows(found: &Reliabilities, style: CsvStyle, out: impl Write) -> std::io::Result<()> {
    let mut sheet = Sheet::header(out, style, COLUMNS)?;
    for of in &found.scales {
        sheet.text(&of.scale);
        sheet.text("");
        for size in [of.n, of.persons, of.items] {
            sheet.count(Some(size))?;
        }
        let [low, high] = of.range.map(Some);
        for value in [
            Some(of.alpha),
            Some(of.alpha_low),
            Some(of.alpha_high),
            Some(of.alpha_se),
            Some(of.alpha_std),
            of.omega,
            of.omega_std,
            Some(of.lambda2),
            Some(of.lambda2_r),
            Some(of.lambda4),
            Some(of.lambda4_r),
            of.lambda6,
            Some(of.average_r),
            of.split_half,
            Some(of.mean),
            Some(of.sd),
            of.sem,
            of.mdc95,
            Some(of.floor),
            Some(of.ceiling),
            low,
            high,
            of.alpha_turned,
            None,
            None,
            None,
        ] {
            sheet.optional(value)?;
        }
        sheet.text(&of.wrong_keys.join(";"));
        sheet.text(&of.no_omega.as_ref().map_or(String::new(), |why| format!("no omega: {}", why.because())));
        sheet.end()?;
        for item in &of.item {
            sheet.text(&of.scale);
            sheet.text(&item.item);
            sheet.count(Some(item.n))?;
            (0..16).try_for_each(|_| sheet.optional(None))?;
            sheet.number(item.mean)?;
            sheet.number(item.sd)?;
            (0..7).try_for_each(|_| sheet.optional(None))?;
            for value in [item.r_drop, item.alpha_if_dropped, item.loading] {
                sheet.optional(value)?;
            }
            sheet.text(if of.wrong_keys.contains(&item.item) { "yes" } else { "" });
            sheet.text("");
            sheet.end()?;
        }
    }
    for scale in &found.without {
        sheet.text(&scale.scale);
        (0..31).try_for_each(|_| sheet.optional(None))?;
        sheet.text(&begin(&scale.because));
        sheet.end()?;
    }
    sheet.finish()
}
