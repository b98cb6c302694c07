//! The page of a person: words first.

use maud::{Markup, html};

use super::{bullets, fact, figure, intended_use, page, paragraphs, table};
use crate::{
    explain::Standing,
    report::{
        rows, svg,
        words::{self, begin},
    },
};

/// Where a person stands, as one self-contained HTML page: words first, then pictures with their numbers behind them.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Standing, report};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let standing = Standing::of(&Index::new(&definition)?, &cohort.person("17")?, Audience::Clinic)?;
/// assert!(report::standing_html(&standing).contains("Where you stand"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn standing_html(standing: &Standing) -> String {
    let title = words::heading(&standing.title, &standing.definition);
    let mut numbers = 1..;
    let mut next = || numbers.next().unwrap_or_default();
    let body = html! {
        header {
            p class="kicker" { (begin(title)) " · " (words::definition(&standing.definition, &standing.version)) }
            h1 { "Where you stand" }
            dl class="facts" {
                (fact("person", &standing.person, true))
                (fact("index", &words::maybe(standing.index, 1), true))
                (fact("interval", &words::between(standing.low, standing.high, 1), false))
                (fact("observed", &words::percent(standing.coverage), false))
            }
        }
        (stands(standing, next()))
        @if standing.index.is_some() && standing.baseline.is_some() { (why(standing, next())) }
        @if standing.looked_at_choices { (choices(standing)) }
        section {
            h2 { "What the index rests on" }
            (bullets(&words::rests_on(standing)))
        }
        (intended_use(standing.intended_use))
        p class="fine" {
            "Definition " (words::definition(&standing.definition, &standing.version)) ", SHA-256 " (standing.hash)
            ". For " (words::audience(standing.audience)) "."
        }
    };
    page(title, &body)
}

fn stands(standing: &Standing, number: usize) -> Markup {
    let heads = ["", "you", "se", "interval", "quartiles of the cohort", "n"];
    let words = words::stands(standing);
    let (first, rest) = words.split_at(1.min(words.len()));
    html! {
        section {
            h2 { "Where you stand, and how sure that is" }
            p class="lede" { (first.concat()) }
            (paragraphs(rest))
            @if standing.index.is_some() {
                (figure(
                    number,
                    &[words::ruler_key()],
                    &svg::ruler(standing),
                    &table("Your scores", &heads, 1..6, &rows::placed(standing)),
                ))
            }
        }
    }
}

fn why(standing: &Standing, number: usize) -> Markup {
    let heads = ["", "you", "mean", "points"];
    html! {
        section class="page" {
            h2 { "What lifts it, what lowers it" }
            @if let Some(held) = words::held_against(standing) { p { (held) } }
            h3 { "What lifts it" }
            @if standing.lifts.is_empty() { p { "Nothing lies above the mean." } }
            (bullets(&words::pulls(standing.lifts.iter())))
            h3 { "What lowers it" }
            @if standing.lowers.is_empty() { p { "Nothing lies below the mean." } }
            (bullets(&words::pulls(standing.lowers.iter())))
            @if let Some(points) = standing.missing { p { (words::missing(points)) } }
            (figure(
                number,
                &[words::bars_key()],
                &svg::bars(standing),
                &table("From the mean to your index", &heads, 1..6, &rows::contributions(standing)),
            ))
        }
    }
}

fn choices(standing: &Standing) -> Markup {
    html! {
        section {
            h2 { "Worth a look" }
            @if standing.suggestions.is_empty() { p { (words::NO_SUGGESTION) } }
            @for suggestion in &standing.suggestions {
                h3 { (begin(&suggestion.proposal.title)) }
                (paragraphs(&words::suggestion(standing, suggestion)))
            }
        }
    }
}
