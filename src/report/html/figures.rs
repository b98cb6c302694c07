//! The page for an employer: group figures and nothing else.

use maud::html;

use super::{fact, intended_use, page, table};
use crate::{
    report::{
        rows,
        words::{self, count},
    },
    study::GroupFigures,
    study::INTENDED_USE,
};

/// What an employer may see, as one self-contained HTML page.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, report, study::Summary};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let summary = Summary::of(&cohort, &index, &index.score_cohort(&cohort)?)?;
/// let page = report::figures_html(&summary.for_employer());
/// assert!(page.contains("4,822") && !page.contains("5,265"), "how many have no score is never said");
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn figures_html(figures: &GroupFigures) -> String {
    let definition = words::definition(&figures.definition, &figures.version);
    let body = html! {
        header {
            p class="kicker" { "Figures of a group, for an employer" }
            h1 { "The wellbeing index of the group" }
            dl class="facts" {
                @if let Some(scored) = figures.scored { (fact("people", &count(scored), true)) }
                (fact("mean index", &words::maybe(figures.mean, 1), true))
                (fact("standard deviation", &words::maybe(figures.sd, 1), false))
                (fact("definition", &definition, false))
            }
        }
        section {
            h2 { "The figures" }
            @match figures.scored {
                None => { p { (words::too_few(figures)) } }
                Some(_) => {
                    @if !figures.bands.is_empty() {
                        (table("Shares of people by band of the index", &["band", "share"], 1..6, &rows::band_shares(figures)))
                    }
                    p class="fine" { (words::withheld(figures)) }
                }
            }
        }
        (intended_use(INTENDED_USE))
        p class="fine" { "Definition " (definition) ", SHA-256 " (figures.hash) "." }
    };
    page("Group figures", &body)
}
