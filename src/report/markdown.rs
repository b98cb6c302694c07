//! Findings as Markdown, in the words and numbers of the pages.

use std::{fmt::Write, ops::Range};

use super::{rows, words};
use crate::{
    explain::{ChoiceEffects, Findings, Standing},
    study::GroupFigures,
    study::{INTENDED_USE, LeftOut},
};

/// What a name may not do to the text around it.
fn escaped(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => found.push(' '),
            '&' => found.push_str("&amp;"),
            '<' => found.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' => {
                found.push('\\');
                found.push(letter);
            }
            _ => found.push(letter),
        }
    }
    found
}

/// A text that is put together block by block, each a line apart.
pub(super) struct Page(pub(super) String);

impl Page {
    pub(super) fn new(title: &str) -> Self {
        Self(format!("# {}\n", escaped(title)))
    }

    pub(super) fn heading(&mut self, text: &str) {
        let _ = write!(self.0, "\n## {}\n", escaped(text));
    }

    fn smaller(&mut self, text: &str) {
        let _ = write!(self.0, "\n### {}\n", escaped(text));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        let _ = write!(self.0, "\n{}\n", escaped(text));
    }

    pub(super) fn paragraphs(&mut self, texts: &[String]) {
        for text in texts {
            self.paragraph(text);
        }
    }

    pub(super) fn bullets(&mut self, texts: &[String]) {
        if !texts.is_empty() {
            self.0.push('\n');
        }
        for text in texts {
            let _ = writeln!(self.0, "- {}", escaped(text));
        }
    }

    /// A table whose columns `numbers` hold numbers.
    pub(super) fn table(&mut self, heads: &[&str], numbers: Range<usize>, rows: &[Vec<String>]) {
        let line = |cells: &mut dyn Iterator<Item = String>| {
            format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
        };
        self.0.push('\n');
        self.0 += &line(&mut heads.iter().map(|head| escaped(head)));
        self.0 += &line(
            &mut (0..heads.len()).map(|at| if numbers.contains(&at) { "---:" } else { "---" }.to_owned()),
        );
        for row in rows {
            let empty = (row.len()..heads.len()).map(|_| String::new());
            self.0 += &line(&mut row.iter().map(|cell| escaped(cell)).chain(empty));
        }
    }
}

/// What is found in a cohort, as Markdown.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Findings, report};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let scores = index.score_cohort(&cohort)?;
/// let text = report::findings_markdown(&Findings::of(&cohort, &index, &scores, Audience::Research)?);
/// assert!(text.contains("\n## Felt and measured differ\n"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn findings_markdown(findings: &Findings) -> String {
    let summary = &findings.summary;
    let mut page = Page::new(&words::begin(words::heading(&summary.title, &summary.definition)));
    if !findings.population.is_empty() {
        page.paragraph(&findings.population);
    }
    page.bullets(&[
        format!("people: {}, with an index: {}", words::count(summary.persons), words::count(summary.scored)),
        format!("design: {}", words::design(findings.waves)),
        format!("calibration: {}", words::calibration(summary.calibration.as_ref())),
        format!(
            "definition: {}, SHA-256 {}",
            words::definition(&summary.definition, &summary.version),
            summary.hash
        ),
        format!("for {}", words::audience(findings.audience)),
    ]);
    page.heading("In short");
    page.paragraph(&words::index(findings).join(" "));
    page.bullets(&words::in_short(findings));
    page.paragraph(&words::about(findings));
    page.heading("How the index is distributed");
    page.table(&["index", "people", "share"], 1..6, &rows::histogram(findings));
    if let Some(sides) = &findings.two_sides {
        page.heading(&words::sides_heading(sides));
        page.paragraphs(&words::sides(findings, sides));
        page.paragraph(&format!(
            "People by “{}” (rows) and “{}” (columns):",
            sides.measured.title, sides.said.title
        ));
        let (heads, body) = rows::fifths(sides);
        page.table(&heads.iter().map(String::as_str).collect::<Vec<_>>(), 1..6, &body);
    }
    if !findings.pillars.is_empty() {
        page.heading("The index and its parts");
        page.table(&["part", "n", "mean", "95\u{a0}% interval", "sd"], 1..6, &rows::means(findings));
        page.paragraph(&format!(
            "{}; nothing is adjusted for.",
            words::begin(&words::design(findings.waves))
        ));
    }
    if let Some(fit) = &findings.choices {
        page.heading("What goes with the choices");
        page.paragraph(&words::choices(fit));
        effects(&mut page, findings, fit);
        if let Some(beside) = &findings.choices_without_overlap {
            page.smaller("The same fit without overlapping items");
            effects(&mut page, findings, beside);
        }
    }
    if let Some(refusal) = &findings.model_refused {
        page.heading("What goes with the choices");
        page.paragraph(&words::refused(refusal));
    }
    if let Some(left) = &findings.left_out {
        left_out(&mut page, findings, left);
    }
    quality(&mut page, findings);
    intended_use(page, findings.intended_use)
}

fn effects(page: &mut Page, findings: &Findings, fit: &ChoiceEffects) {
    let interval = format!("{} interval", words::sureness(fit.level));
    let heads = ["between", "difference", &interval, "se", "p"];
    page.table(&heads, 1..6, &rows::choices(fit));
    page.paragraph(&words::fit(findings, fit));
    page.bullets(&rows::overlaps(fit));
    page.bullets(&fit.remarks);
}

fn left_out(page: &mut Page, findings: &Findings, left: &LeftOut) {
    page.heading("Who was left out of the model");
    page.paragraph(&words::left_out(left, findings.choices.as_ref()));
    page.table(&["", "stayed", "left out", "sd apart"], 1..6, &rows::left_out(left));
    page.paragraph(&format!(
        "Means with standard deviations, or shares; a dash: fewer than {} people.",
        left.fewest
    ));
}

fn quality(page: &mut Page, findings: &Findings) {
    let summary = &findings.summary;
    page.heading("How good the data are");
    if let Some(coverage) = findings.mean_coverage {
        page.paragraph(&words::coverage(coverage));
    }
    for (head, rows) in [
        ("why people have no index", rows::reasons(summary)),
        ("indicator", rows::observed(findings)),
        ("what is remarkable about how scores came to be", rows::flags(summary)),
        ("case that a published rule leaves open", rows::cases(findings)),
        ("indicator whose gaps were filled", rows::imputed(findings)),
    ] {
        if !rows.is_empty() {
            page.table(&[head, "people", "share"], 1..6, &rows);
        }
    }
}

fn intended_use(mut page: Page, text: &str) -> String {
    page.heading("What this is for");
    page.paragraph(text);
    page.0
}

/// Where a person stands, as Markdown: words first.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Standing, report};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let standing = Standing::of(&Index::new(&definition)?, &cohort.person("17")?, Audience::Clinic)?;
/// assert!(report::standing_markdown(&standing).starts_with("# Where you stand\n"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn standing_markdown(standing: &Standing) -> String {
    let mut page = Page::new("Where you stand");
    page.bullets(&[
        format!("person: {}", standing.person),
        words::begin(words::heading(&standing.title, &standing.definition)),
        format!(
            "definition: {}, SHA-256 {}",
            words::definition(&standing.definition, &standing.version),
            standing.hash
        ),
        format!("for {}", words::audience(standing.audience)),
    ]);
    page.heading("Where you stand, and how sure that is");
    page.paragraphs(&words::stands(standing));
    if standing.index.is_some() {
        page.table(
            &["", "you", "se", "interval", "quartiles of the cohort", "n"],
            1..6,
            &rows::placed(standing),
        );
    }
    if standing.index.is_some() && standing.baseline.is_some() {
        page.heading("What lifts it, what lowers it");
        page.paragraphs(&words::held_against(standing).into_iter().collect::<Vec<_>>());
        for (heading, rows) in [("What lifts it", &standing.lifts), ("What lowers it", &standing.lowers)] {
            page.smaller(heading);
            page.bullets(&words::pulls(rows.iter()));
            if rows.is_empty() {
                page.paragraph("Nothing.");
            }
        }
        page.table(&["", "you", "mean", "points"], 1..6, &rows::contributions(standing));
        page.paragraphs(&standing.missing.map(words::missing).into_iter().collect::<Vec<_>>());
    }
    if standing.looked_at_choices {
        page.heading("Worth a look");
        if standing.suggestions.is_empty() {
            page.paragraph(words::NO_SUGGESTION);
        }
        for suggestion in &standing.suggestions {
            page.smaller(&words::begin(&suggestion.proposal.title));
            page.paragraphs(&words::suggestion(standing, suggestion));
        }
    }
    page.heading("What the index rests on");
    page.bullets(&words::rests_on(standing));
    intended_use(page, standing.intended_use)
}

/// What an employer may see, as Markdown.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, report, study::Summary};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let summary = Summary::of(&cohort, &index, &index.score_cohort(&cohort)?)?;
/// let text = report::figures_markdown(&summary.for_employer());
/// assert!(text.contains("people: 4,822") && !text.contains("5,265"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn figures_markdown(figures: &GroupFigures) -> String {
    let mut page = Page::new("The wellbeing index of the group");
    let mut facts = Vec::new();
    if let Some(scored) = figures.scored {
        facts.push(format!("people: {}", words::count(scored)));
        facts.push(format!("mean index: {}", words::maybe(figures.mean, 1)));
        facts.push(format!("standard deviation: {}", words::maybe(figures.sd, 1)));
    }
    facts.push(format!(
        "definition: {}, SHA-256 {}",
        words::definition(&figures.definition, &figures.version),
        figures.hash
    ));
    page.bullets(&facts);
    match figures.scored {
        None => page.paragraph(&words::too_few(figures)),
        Some(_) => {
            if !figures.bands.is_empty() {
                page.table(&["band", "share"], 1..6, &rows::band_shares(figures));
            }
            page.paragraph(&words::withheld(figures));
        }
    }
    intended_use(page, INTENDED_USE)
}

#[cfg(test)]
mod tests {
    use super::{Page, escaped};

    #[test]
    fn names_stay_in_their_cells() {
        assert_eq!(escaped("<b>a|b</b> & `c`\n# d"), "&lt;b>a\\|b&lt;/b> &amp; \\`c\\` \\# d");
        let mut page = Page::new("a");
        page.table(&["x", "y"], 1..2, &[vec!["a|b".to_owned(), "1".to_owned()]]);
        assert_eq!(page.0, "# a\n\n| x | y |\n| --- | ---: |\n| a\\|b | 1 |\n");
    }
}
