//! The pages of an audit and of a comparison.

use maud::{Markup, html};

use super::{bullets, fact, figure, page, table};
use crate::{
    report::{
        judge::{Part, Picture, Table, audit_parts, comparison_parts},
        svg,
        words::{self, begin, count, maybe},
    },
    study::{Audit, Comparison},
};

/// An audit as one self-contained HTML page: no script, nothing from outside, pictures in place, each with its numbers behind it.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, report, study::{Audit, AuditAsked}};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let scores = index.score_cohort(&cohort)?;
/// let audit = Audit::of(&cohort, &index, &scores, &AuditAsked::default(), Audience::Research)?;
/// let page = report::audit_html(&audit);
/// assert!(page.contains("The tree and its weights") && !page.contains("<script"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn audit_html(audit: &Audit) -> String {
    let title = words::heading(&audit.title, &audit.definition);
    let definition = words::definition(&audit.definition, &audit.version);
    let body = html! {
        header {
            p class="kicker" { "Audit of an index · " (definition) }
            h1 { (begin(title)) }
            dl class="facts" {
                @if let Some(persons) = audit.persons { (fact("people", &count(persons), true)) }
                @if let Some(scored) = audit.scored { (fact("with an index", &count(scored), true)) }
                @if let Some(found) = &audit.inequality {
                    (fact("mean index", &maybe(found.mean, 1), true))
                    (fact("Gini", &maybe(found.gini, 3), true))
                }
            }
        }
        (sections(&audit_parts(audit), |picture| match picture {
            Picture::Weights => svg::weights(audit),
            Picture::Distributions => svg::distributions(audit),
            Picture::Correlations => svg::correlations(audit),
        }))
    };
    page(title, &body)
}

/// A comparison as one self-contained HTML page.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, report, study::Comparison};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let scores = Index::new(cohort.definition())?.score_cohort(&cohort)?;
/// let found = Comparison::of([(&cohort, &scores), (&cohort, &scores)], Audience::Research)?;
/// assert!(report::comparison_html(&found).contains("How far they agree"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn comparison_html(found: &Comparison) -> String {
    let title = "Two definitions on the same people";
    let [first, second] = &found.indices;
    let name = |index: &crate::study::ComparedIndex| words::definition(&index.definition, &index.version);
    let body = html! {
        header {
            p class="kicker" { "Comparison · " (name(first)) " · " (name(second)) }
            h1 { (title) }
            dl class="facts" {
                @if let Some(both) = found.both { (fact("people with both", &count(both), true)) }
                (fact("Spearman", &maybe(found.spearman, 3), true))
                (fact("mean shift, places", &maybe(found.mean_shift, 1), true))
                (fact("keys that differ", &count(found.differences.len()), true))
            }
        }
        (sections(&comparison_parts(found), |_| html! {}))
    };
    page(title, &body)
}

/// Every heading begins a section; the last is what the numbers are for.
fn sections(parts: &[Part], picture: impl Fn(Picture) -> Markup) -> Markup {
    let mut numbers = 1..;
    let mut next = || numbers.next().unwrap_or_default();
    let groups: Vec<&[Part]> = parts.chunk_by(|_, after| !matches!(after, Part::Heading(_))).collect();
    let last = groups.len().saturating_sub(1);
    html! {
        @for (at, group) in groups.iter().enumerate() {
            section class=[(at == last).then_some("use")] {
                @for part in *group {
                    @match part {
                        Part::Heading(text) => { h2 { (begin(text)) } }
                        Part::Paragraph(text) => { p { (text) } }
                        Part::Bullets(all) => { (bullets(all)) }
                        Part::Table(of) => { (table_of(of)) }
                        Part::Figure(which, shows, of) => { (figure(next(), shows, &picture(*which), &table_of(of))) }
                    }
                }
            }
        }
    }
}

fn table_of(of: &Table) -> Markup {
    let heads: Vec<&str> = of.heads.iter().map(String::as_str).collect();
    table(&of.caption, &heads, of.numbers(), &of.rows)
}
