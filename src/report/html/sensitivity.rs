//! The page of a study of a definition's choices.

use maud::{Markup, html};

use super::{fact, figure, intended_use, page, paragraphs, table};
use crate::{
    report::{
        sensitivity::{FACTORS, READING, SHARES, factors, made, output, over_runs, shares, spread, title},
        svg,
        words::{self, begin, count, number, sureness},
    },
    study::{OutputFigures, Sensitivity},
};

/// A study of a definition's choices, as one self-contained HTML page.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// # use vointi::{Cohort, Definition, definition::Audience, report, study::{LearnsFrom, Sensitivity, SensitivitySpec}};
/// # let definition = Definition::builtin("nhanes")?;
/// # let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// # let spec = "schema = 1\npoints = 4\n[[factor]]\nid = \"weights\"\nweights = \"all\"\nshare = 0.25\n";
/// # let spec = SensitivitySpec::from_toml(spec)?;
/// let found = Sensitivity::of(&cohort, &spec, LearnsFrom::Persons, Audience::Research)?;
/// let page = report::sensitivity_html(&found);
/// assert!(page.contains("Where persons could stand") && !page.contains("<script"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn sensitivity_html(found: &Sensitivity) -> String {
    // Figures are numbered in the order in which they come.
    let mut numbers = 1..;
    let mut next = || numbers.next().unwrap_or_default();
    let definition = words::definition(&found.definition, &found.version);
    let body = html! {
        header {
            p class="kicker" { "Sensitivity · " (definition) }
            h1 { (title(found)) }
            dl class="facts" {
                (fact("people", &count(found.persons), true))
                (fact("with an index", &count(found.scored), true))
                (fact("runs", &count(found.runs), true))
                (fact("factors", &count(found.factors.len()), true))
            }
        }
        section {
            h2 { "What varies" }
            (paragraphs(&made(found)))
            (table("What varies, and the definition as it is among it", &FACTORS, 4..4, &factors(found)))
        }
        @for figures in &found.outputs { (one_output(found, figures, next())) }
        (persons(found, next()))
        (intended_use(found.intended_use))
        p class="fine" { "Definition " (definition) ", SHA-256 " (found.hash) ". For " (found.audience) "." }
    };
    page(&title(found), &body)
}

fn one_output(found: &Sensitivity, figures: &OutputFigures, number: usize) -> Markup {
    let heading = begin(output(figures));
    let shows = format!(
        "Shares of the variance by factor with {} intervals. Filled: S, with the factor alone. Hatched: ST, with the factor \
         and all it works with.",
        sureness(found.level)
    );
    html! {
        section {
            h2 { (heading) }
            p { (over_runs(figures, found.level)) }
            (figure(
                number,
                &[shows],
                &svg::shares(figures, &heading),
                &table("Shares of the variance", &SHARES, 1..5, &shares(figures)),
            ))
            p class="note" { (READING) }
        }
    }
}

/// At how many persons the table behind the picture looks.
const TABLED: usize = 12;

fn persons(found: &Sensitivity, figure_number: usize) -> Markup {
    let every = found.ranks.len().div_ceil(TABLED).max(1);
    let cells = |rank: &crate::study::RankInterval| {
        [rank.nominal, rank.low, rank.median, rank.high].map(|rank| number(rank, 1)).to_vec()
    };
    let rows: Vec<Vec<String>> = found.ranks.iter().step_by(every).map(cells).collect();
    let shows = format!(
        "Ranks of {} persons at even places, with {} intervals over all runs; a dot is the median. Whoever keeps the rank lies on \
         the dashed line.",
        count(found.ranks.len()),
        sureness(found.level)
    );
    html! {
        section class="page" {
            h2 { "Where persons could stand" }
            (paragraphs(&spread(found)))
            @if !found.ranks.is_empty() {
                (figure(
                    figure_number,
                    &[shows],
                    &svg::ranks(found),
                    &table("Ranks of some persons", &["as it is", "low", "median", "high"], 0..4, &rows),
                ))
            }
        }
    }
}
