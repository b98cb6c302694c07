//! The page of a cohort.

use maud::{Markup, html};

use super::{bullets, fact, figure, intended_use, page, paragraphs, table};
use crate::{
    explain::{ChoiceEffects, Findings},
    report::{
        rows, svg,
        words::{self, begin, count},
    },
    study::{LeftOut, TwoSides},
};

/// What is found in a cohort, as one self-contained HTML page: no script, nothing from outside, pictures in place,
/// each with its numbers behind it.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Findings, report};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let scores = index.score_cohort(&cohort)?;
/// let page = report::findings_html(&Findings::of(&cohort, &index, &scores, Audience::Research)?);
/// assert!(page.contains("Felt and measured differ") && !page.contains("<script"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn findings_html(findings: &Findings) -> String {
    let summary = &findings.summary;
    let title = words::heading(&summary.title, &summary.definition);
    // Figures are numbered in the order in which they come.
    let mut numbers = 1..;
    let mut next = || numbers.next().unwrap_or_default();
    let body = html! {
        (header(findings, title))
        (in_short(findings))
        (distribution(findings, next()))
        @if let Some(sides) = &findings.two_sides { (two_sides(findings, sides, next())) }
        @if !findings.pillars.is_empty() { (parts(findings, next())) }
        @if let Some(fit) = &findings.choices { (choices(findings, fit, next())) }
        @if let Some(refusal) = &findings.model_refused {
            section { h2 { "What goes with the choices" } p { (words::refused(refusal)) } }
        }
        @if let Some(left) = &findings.left_out { (left_out(findings, left)) }
        (quality(findings))
        (intended_use(findings.intended_use))
        p class="fine" {
            "Definition " (words::definition(&summary.definition, &summary.version)) ", SHA-256 " (summary.hash)
            ". For " (words::audience(findings.audience)) "."
        }
    };
    page(title, &body)
}

fn header(findings: &Findings, title: &str) -> Markup {
    let summary = &findings.summary;
    html! {
        header {
            p class="kicker" { "Findings in a cohort · " (words::definition(&summary.definition, &summary.version)) }
            h1 { (begin(title)) }
            @if !findings.population.is_empty() { p class="about" { (findings.population) } }
            dl class="facts" {
                (fact("people", &count(summary.persons), true))
                (fact("with an index", &count(summary.scored), true))
                (fact("design", &words::design(findings.waves), false))
                (fact("calibration", &words::calibration(summary.calibration.as_ref()), false))
            }
        }
    }
}

fn in_short(findings: &Findings) -> Markup {
    html! {
        section {
            h2 { "In short" }
            p class="lede" { (words::index(findings).join(" ")) }
            (bullets(&words::in_short(findings)))
            p { (words::about(findings)) }
        }
    }
}

fn distribution(findings: &Findings, number: usize) -> Markup {
    let behind = html! {
        (table("People by index", &["index", "people", "share"], 1..6, &rows::histogram(findings)))
    };
    html! {
        section {
            h2 { "How the index is distributed" }
            p class="note" {
                "n = " (count(findings.index.n)) "; " (words::design(findings.waves))
                ". The three lines are the quartiles: a quarter, half and three quarters of the people are below."
            }
            (figure(
                number,
                &[format!("People by index, in steps of {}.", words::plain(findings.histogram.width))],
                &svg::histogram(findings),
                &behind,
            ))
        }
    }
}

fn two_sides(findings: &Findings, sides: &TwoSides, number: usize) -> Markup {
    let shows = if sides.cloud.points.is_empty() {
        "A hexagon’s area says how many people are in it. Whoever is alike on both sides lies on the dashed line."
    } else {
        "Each dot is a person. Whoever is alike on both sides lies on the dashed line."
    };
    let (heads, body) = rows::fifths(sides);
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let caption = format!("People by “{}” (rows) and “{}” (columns)", sides.measured.title, sides.said.title);
    html! {
        section class="page" {
            h2 { (words::sides_heading(sides)) }
            (paragraphs(&words::sides(findings, sides)))
            (figure(number, &[shows.to_owned()], &svg::scatter(sides), &table(&caption, &heads, 1..6, &body)))
        }
    }
}

fn parts(findings: &Findings, number: usize) -> Markup {
    let heads = ["part", "n", "mean", "95\u{a0}% interval", "sd"];
    html! {
        section {
            h2 { "The index and its parts" }
            p class="note" {
                (begin(&words::design(findings.waves))) "; nothing is adjusted for. Parts rest on whoever has them, so n differs."
            }
            (figure(
                number,
                &[words::means_key()],
                &svg::means(findings),
                &table("Means with 95\u{a0}% intervals", &heads, 1..6, &rows::means(findings)),
            ))
        }
    }
}

fn choices(findings: &Findings, fit: &ChoiceEffects, number: usize) -> Markup {
    let beside = findings.choices_without_overlap.as_ref();
    let heads = ["between", "difference", "interval", "se", "p"];
    let interval = words::sureness(fit.level);
    let shows = if beside.is_some() {
        format!(
            "Differences in {} with {interval} intervals. Dot and thick line: the index as it is. Diamond and thin line: \
             the same fit without items that overlap with a choice.",
            words::outcome(&fit.outcome)
        )
    } else {
        format!("Differences in {} with {interval} intervals.", words::outcome(&fit.outcome))
    };
    let mut shows = vec![shows];
    shows.extend(rows::overlaps(fit).iter().map(|overlap| format!("† {overlap}")));
    shows.extend(fit.remarks.iter().map(|remark| begin(remark)));
    html! {
        section class="page" {
            h2 { "What goes with the choices" }
            p { (words::choices(fit)) }
            p class="note" { (words::fit(findings, fit)) }
            (figure(number, &shows, &svg::forest(fit, beside), &html! {
                (table(&format!("The fit, n = {}", count(fit.n)), &heads, 1..6, &rows::choices(fit)))
                @if let Some(beside) = beside {
                    (table(
                        &format!("The same fit without overlapping items, n = {}", count(beside.n)),
                        &heads,
                        1..6,
                        &rows::choices(beside),
                    ))
                }
            }))
        }
    }
}

fn left_out(findings: &Findings, left: &LeftOut) -> Markup {
    let heads = ["", "stayed", "left out", "sd apart"];
    let withheld = left.rows.iter().any(|row| row.stayed.mean.is_none() || row.left.mean.is_none());
    html! {
        section {
            h2 { "Who was left out of the model" }
            p { (words::left_out(left, findings.choices.as_ref())) }
            (table("Means with standard deviations, or shares", &heads, 1..6, &rows::left_out(left)))
            @if withheld { p class="fine" { "A dash: fewer than " (left.fewest) " people." } }
        }
    }
}

fn quality(findings: &Findings) -> Markup {
    let summary = &findings.summary;
    let reasons = rows::reasons(summary);
    let flags = rows::flags(summary);
    let cases = rows::cases(findings);
    let imputed = rows::imputed(findings);
    html! {
        section class="page" {
            h2 { "How good the data are" }
            @if let Some(coverage) = findings.mean_coverage {
                p { (words::coverage(coverage)) }
            }
            @if reasons.is_empty() { p { "Everybody has an index." } }
            @else { (table("Why people have no index", &["reason", "people", "share"], 1..6, &reasons)) }
            @if !findings.observed.is_empty() {
                (table("How many have each indicator", &["indicator", "people", "share"], 1..6, &rows::observed(findings)))
            }
            @if !flags.is_empty() {
                (table("What is remarkable about how scores came to be", &["flag", "people", "share"], 1..6, &flags))
            }
            @if !cases.is_empty() {
                (table("Cases that a published rule leaves open", &["indicator and case", "people", "share"], 1..6, &cases))
            }
            @if !imputed.is_empty() {
                (table("Gaps that were filled", &["indicator", "people", "share"], 1..6, &imputed))
            }
        }
    }
}
