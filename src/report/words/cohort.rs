//! What is found in a cohort, in words.

use std::fmt::Write;

use super::{
    begin, between, change, column, count, design, list, maybe, number, percent, plain, share, signed,
    sureness,
};
#[cfg(feature = "pages")]
use crate::study::MeanEstimate;
use crate::{
    explain::{ChoiceEffect, ChoiceEffects, Findings},
    study::{Correlation, LeftOut, TwoSides},
};

/// How many, how high, how spread.
pub(in crate::report) fn index(findings: &Findings) -> Vec<String> {
    let summary = &findings.summary;
    let of = findings.histogram.to();
    let Some(mean) = findings.index.mean else {
        return vec![format!("Of {} people nobody has an index.", count(summary.persons))];
    };
    let mut found = vec![format!(
        "{} of {} people have an index ({}). It averages {} on a scale from {} to {} (95\u{a0}% interval of the mean {}; \
         standard deviation {}).",
        count(summary.scored),
        count(summary.persons),
        share(summary.scored, summary.persons),
        number(mean, 1),
        plain(findings.histogram.from),
        plain(of),
        between(findings.index.low, findings.index.high, 1),
        maybe(findings.index.sd, 1),
    )];
    if let Some([low, median, high]) = quartiles(findings) {
        found.push(format!(
            "Half of them lie between {} and {}; the one in the middle has {}.",
            number(low, 1),
            number(high, 1),
            number(median, 1)
        ));
    }
    found
}

pub(in crate::report) fn quartiles(findings: &Findings) -> Option<[f64; 3]> {
    findings.summary.scores.first().and_then(|index| index.quartiles)
}

/// r, its interval and n, without a verb.
pub(in crate::report) fn correlation(found: &Correlation) -> String {
    match found.r {
        None => format!("no correlation can be given (n = {})", count(found.n)),
        Some(r) => format!(
            "r = {} (95\u{a0}% interval {}; n = {})",
            number(r, 2),
            between(found.low, found.high, 2),
            count(found.n)
        ),
    }
}

/// Whether the two differ beyond doubt, or how they are put side by side.
pub(in crate::report) fn sides_heading(sides: &TwoSides) -> String {
    let differ = sides.between.high.is_some_and(|high| high < 0.5);
    let (said, measured) = (begin(&sides.said.title), &sides.measured.title);
    if differ { format!("{said} and {measured} differ") } else { format!("{said} beside {measured}") }
}

/// What people say beside what is measured.
pub(in crate::report) fn sides(findings: &Findings, sides: &TwoSides) -> Vec<String> {
    let differ = sides.between.high.is_some_and(|high| high < 0.5);
    let mut found = Vec::new();
    let verdict = if differ { "knowing one says little about the other" } else { "the two go together" };
    found.push(format!(
        "Between “{}”, which people say, and “{}”, which is measured, {}: {verdict}.",
        sides.said.title,
        sides.measured.title,
        correlation(&sides.between)
    ));
    if let Some(health) = &sides.general_health {
        found.push(format!(
            "“{}” and “{}” are two views of one thing, and only they are held against each other: {}.",
            begin(&health.indicator.title),
            sides.measured.title,
            correlation(&health.between)
        ));
    }
    found.push(format!(
        "Pearson’s correlation in {}; nothing is adjusted for. An association, not an effect.",
        design(findings.waves)
    ));
    found
}

/// The heart of it, a sentence or two each.
pub(in crate::report) fn in_short(findings: &Findings) -> Vec<String> {
    let mut points = Vec::new();
    if let Some(sides) = &findings.two_sides {
        points.push(format!("{}: {}.", sides_heading(sides), correlation(&sides.between)));
    }
    if let Some(fit) = &findings.choices {
        points.push(choices_with_grounds(fit));
    }
    let without = findings.summary.persons - findings.summary.scored;
    if without > 0 {
        points.push(format!("{} people have no index; the reasons are counted below.", count(without)));
    }
    points
}

/// Whom it is about.
pub(in crate::report) fn about(findings: &Findings) -> String {
    format!(
        "What is said here describes the people in this file, in {}; differences between them are associations.",
        design(findings.waves)
    )
}

/// "felt 76.2 (75.7 to 76.7; n = 5,000)".
#[cfg(feature = "pages")]
pub(in crate::report) fn mean(found: &MeanEstimate) -> String {
    format!(
        "{} {} ({}; n = {})",
        found.title,
        maybe(found.mean, 1),
        between(found.low, found.high, 1),
        count(found.n)
    )
}

/// How to read the picture of the means.
#[cfg(feature = "pages")]
pub(in crate::report) fn means_key() -> String {
    "Dots are means. The thick line, often hidden by its dot, is the 95\u{a0}% interval of the mean; the thin line \
     reaches one standard deviation either way."
        .to_owned()
}

/// What is held alike, beside the other choices.
fn held(effects: &ChoiceEffects) -> String {
    let adjusters: Vec<String> = effects.adjusters.iter().map(|name| column(name)).collect();
    if adjusters.is_empty() {
        "adjusted for each other only".to_owned()
    } else {
        format!("adjusted for each other and for {}", list(&adjusters))
    }
}

/// How the estimates were made and what they are.
pub(in crate::report) fn fit(findings: &Findings, effects: &ChoiceEffects) -> String {
    let r2 = effects.r2.map_or_else(String::new, |r2| format!("; R² = {}", number(r2, 2)));
    format!(
        "n = {}; {}; {}; standard errors {}{r2}. Associations, not effects: differences between people, not what would happen \
         to one of them.",
        count(effects.n),
        design(findings.waves),
        held(effects),
        effects.covariance.to_uppercase()
    )
}

/// What the choices come to, in two sentences.
pub(in crate::report) fn choices(effects: &ChoiceEffects) -> String {
    let excludes_0 =
        |row: &&ChoiceEffect| row.low.zip(row.high).is_some_and(|(low, high)| low > 0.0 || high < 0.0);
    let sure = effects.rows.iter().filter(excludes_0).count();
    let largest =
        effects.rows.iter().filter(excludes_0).max_by(|a, b| a.estimate.abs().total_cmp(&b.estimate.abs()));
    let mut text = format!(
        "Of {} differences between people who choose differently, {} {} a {} interval that excludes 0.",
        effects.rows.len(),
        sure,
        if sure == 1 { "has" } else { "have" },
        sureness(effects.level)
    );
    if let Some(row) = largest {
        let _ = write!(
            text,
            " The largest goes with {} ({}): {} points of {} ({}).",
            row.title,
            change(&row.change),
            signed(row.estimate, 2),
            outcome(&effects.outcome),
            between(row.low, row.high, 2)
        );
    }
    text
}

/// The same, with what it rests on.
fn choices_with_grounds(effects: &ChoiceEffects) -> String {
    let text = choices(effects);
    format!("{text} Associations; n = {}, {}.", count(effects.n), held(effects))
}

/// "the index", or the column that was modelled.
pub(in crate::report) fn outcome(column: &str) -> String {
    if column == "index" { "the index".to_owned() } else { format!("`{column}`") }
}

/// Why there is no model.
pub(in crate::report) fn refused(refusal: &str) -> String {
    format!("The model that the definition asks for could not be fitted: {refusal}.")
}

/// How large the two groups are and why, and what a difference between them would mean.
pub(in crate::report) fn left_out(left: &LeftOut, fit: Option<&ChoiceEffects>) -> String {
    let reasons: Vec<String> = fit
        .into_iter()
        .flat_map(|fit| &fit.dropped)
        .filter(|one| one.rows > 0)
        .map(|one| format!("{} ({})", column(&one.reason), count(one.rows)))
        .collect();
    let why = if reasons.is_empty() {
        "they have no index, or a value the model needs is missing".to_owned()
    } else {
        reasons.join(", ")
    };
    format!(
        "The model rests on {} people; {} were left out: {why}. Where the two groups differ much, by more than 0.1 \
         standard deviations say, what is found speaks less for those left out.",
        count(left.stayed),
        count(left.left)
    )
}

pub(in crate::report) fn coverage(mean: f64) -> String {
    format!("On average {} of what the index weighs was observed.", percent(mean))
}
