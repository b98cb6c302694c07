//! Finished values in words and rounded numbers, the same on a page and in Markdown.

#[cfg(feature = "pages")]
use crate::explain::MeanEstimate;
use crate::{
    definition::Audience,
    explain::{
        BaselineOf, Change, ChoiceEffect, ChoiceEffects, Correlation, Findings, LeftOut, Setting, Shared,
        Standing, Suggestion, TwoSides,
    },
    study::{CalibrationUsed, GroupFigures},
};

/// A number with a true minus sign.
pub(super) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| matches!(byte, b'0' | b'.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// A dash where there is none.
pub(super) fn maybe(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| number(value, decimals))
}

/// A number with its sign, whichever it is.
pub(super) fn signed(value: f64, decimals: usize) -> String {
    let text = number(value, decimals);
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if text.starts_with('−') || is_zero { text } else { format!("+{text}") }
}

/// As few decimals as the number needs, at most three.
pub(super) fn plain(value: f64) -> String {
    let text = number(value, 3);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Thousands apart by commas.
pub(super) fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(super) fn percent(share: f64) -> String {
    format!("{}\u{a0}%", number(100.0 * share, 1))
}

/// How sure an interval is, as in "95 %".
pub(super) fn sureness(level: f64) -> String {
    format!("{}\u{a0}%", plain(100.0 * level))
}

pub(super) fn share(part: usize, of: usize) -> String {
    if of == 0 { "–".to_owned() } else { percent(part as f64 / of as f64) }
}

/// "66.2 to 67.0"; a dash without an interval.
pub(super) fn between(low: Option<f64>, high: Option<f64>, decimals: usize) -> String {
    match low.zip(high) {
        Some((low, high)) => format!("{} to {}", number(low, decimals), number(high, decimals)),
        None => "–".to_owned(),
    }
}

pub(super) fn p_value(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        Some(p) if p < 0.001 => "< 0.001".to_owned(),
        Some(p) => number(p, 3),
    }
}

/// "a", "a and b", "a, b and c".
pub(super) fn list<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The first letter large, to begin a sentence.
pub(super) fn begin(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A column's name as words.
pub(super) fn column(name: &str) -> String {
    name.replace('_', " ")
}

// ---- of a cohort ----------------------------------------------------------------------------------------------------

/// What to call the index: its title, or the id of its definition.
pub(super) fn heading<'a>(title: &'a str, id: &'a str) -> &'a str {
    if title.is_empty() { id } else { title }
}

pub(super) fn definition(id: &str, version: &str) -> String {
    format!("{id} {version}").trim_end().to_owned()
}

pub(super) fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Clinic => "a clinic",
        Audience::Research => "research",
        Audience::Employer => "an employer",
    }
}

pub(super) fn design(waves: Option<usize>) -> String {
    match waves {
        None => "one cross-section".to_owned(),
        Some(waves) => format!("{} waves, each row counted as a person of its own", count(waves)),
    }
}

pub(super) fn calibration(used: Option<&CalibrationUsed>) -> String {
    match used {
        None => "none, so no person has an interval".to_owned(),
        Some(used) if used.from.is_empty() => format!("learned from {} persons", count(used.persons)),
        Some(used) => format!("{}, from {} persons", used.from, count(used.persons)),
    }
}

/// How many, how high, how spread.
pub(super) fn index(findings: &Findings) -> Vec<String> {
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

pub(super) fn quartiles(findings: &Findings) -> Option<[f64; 3]> {
    findings.summary.scores.first().and_then(|index| index.quartiles)
}

/// r, its interval and n, without a verb.
pub(super) fn correlation(found: &Correlation) -> String {
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
pub(super) fn sides_heading(sides: &TwoSides) -> String {
    let differ = sides.between.high.is_some_and(|high| high < 0.5);
    let (said, measured) = (begin(&sides.said.title), &sides.measured.title);
    if differ { format!("{said} and {measured} differ") } else { format!("{said} beside {measured}") }
}

/// What people say beside what is measured.
pub(super) fn sides(findings: &Findings, sides: &TwoSides) -> Vec<String> {
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
pub(super) fn in_short(findings: &Findings) -> Vec<String> {
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
pub(super) fn about(findings: &Findings) -> String {
    format!(
        "What is said here describes the people in this file, in {}; differences between them are associations.",
        design(findings.waves)
    )
}

/// "felt 76.2 (75.7 to 76.7; n = 5,000)".
#[cfg(feature = "pages")]
pub(super) fn mean(found: &MeanEstimate) -> String {
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
pub(super) fn means_key() -> String {
    "Dots are means. The thick line, often hidden by its dot, is the 95\u{a0}% interval of the mean; the thin line \
     reaches one standard deviation either way."
        .to_owned()
}

/// How to read the ruler.
#[cfg(feature = "pages")]
pub(super) fn ruler_key() -> String {
    "Dots are your scores. The thick line is one standard error either way: how far the score would move if measured \
     again. The thin line with ends is the interval for your true index. The grey box holds the middle half of the \
     cohort, with its middle marked."
        .to_owned()
}

/// How to read the bars.
#[cfg(feature = "pages")]
pub(super) fn bars_key() -> String {
    "Points of the index above (solid, to the right) and below (hatched, to the left) that average; dashed, what is missing."
        .to_owned()
}

/// "+0.5 h", "former instead of never".
pub(super) fn change(change: &Change) -> String {
    match change {
        Change::Step { by, unit } => format!("{}{} {unit}", if *by > 0.0 { "+" } else { "" }, plain(*by)),
        Change::Level { to, from } => format!("{to} instead of {from}"),
    }
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
pub(super) fn fit(findings: &Findings, effects: &ChoiceEffects) -> String {
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
pub(super) fn choices(effects: &ChoiceEffects) -> String {
    let excludes_0 =
        |row: &&ChoiceEffect| row.low.zip(row.high).is_some_and(|(low, high)| low > 0.0 || high < 0.0);
    let sure = effects.rows.iter().filter(excludes_0).count();
    let largest =
        effects.rows.iter().filter(excludes_0).max_by(|a, b| a.estimate.abs().total_cmp(&b.estimate.abs()));
    let mut text = format!(
        "Of {} differences between people who choose differently, {} have a {} interval that excludes 0.",
        effects.rows.len(),
        sure,
        sureness(effects.level)
    );
    if let Some(row) = largest {
        text.push_str(&format!(
            " The largest goes with {} ({}): {} points of {} ({}).",
            row.title,
            change(&row.change),
            signed(row.estimate, 2),
            outcome(&effects.outcome),
            between(row.low, row.high, 2)
        ));
    }
    text
}

/// The same, with what it rests on.
fn choices_with_grounds(effects: &ChoiceEffects) -> String {
    let text = choices(effects);
    format!("{text} Associations; n = {}, {}.", count(effects.n), held(effects))
}

/// "the index", or the column that was modelled.
pub(super) fn outcome(column: &str) -> String {
    if column == "index" { "the index".to_owned() } else { format!("`{column}`") }
}

/// What a choice has in common with the index; empty if nothing.
pub(super) fn shares(shares: &[Shared]) -> String {
    let one = |shared: &Shared| {
        format!("shares “{}” with the index ({})", shared.content, list(&shared.indicators))
    };
    shares.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// How large the two groups are and why, and what a difference between them would mean.
pub(super) fn left_out(left: &LeftOut, fit: Option<&ChoiceEffects>) -> String {
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

pub(super) fn coverage(mean: f64) -> String {
    format!("On average {} of what the index weighs was observed.", percent(mean))
}

/// What is remarkable about scores, in words.
pub(super) fn flag(code: &str) -> &str {
    match code {
        "sentinel" => "an answer or reading was a code for missing",
        "out_of_limits" => "a reading outside its limits was taken as missing",
        "few_readings" => "fewer repeated readings than declared",
        "prorated" => "a scale was scored from fewer items than it has",
        "rule_case" => "a published rule has no row for a value",
        "partial" => "something is missing below the index",
        "floored" => "a score below the declared floor counted as the floor",
        "zero" => "an observed 0 under a geometric or harmonic mean",
        other => other,
    }
}

/// Why there is no index, in words.
pub(super) fn reason(code: &str) -> &str {
    match code {
        "nothing_scored" => "nothing below the index has a score",
        "too_few" => "less is observed than the index asks for",
        other => other,
    }
}

// ---- of a person ----------------------------------------------------------------------------------------------------

/// Where the person stands, and how sure that is.
pub(super) fn stands(standing: &Standing) -> Vec<String> {
    let [from, to] = standing.range;
    let Some(index) = standing.index else {
        return vec![format!("There is no index: {}.", reason(standing.reason))];
    };
    let mut found = Vec::new();
    let band = match &standing.band {
        Some(band) => format!(
            " That is in the band “{}”, {} to below {}.",
            band.band,
            plain(band.from),
            plain(band.below)
        ),
        None => String::new(),
    };
    found.push(format!(
        "Your index is {} on a scale from {} to {}.{band}",
        number(index, 1),
        plain(from),
        plain(to)
    ));
    if let Some(error) = standing.std_error {
        found.push(format!(
            "If everything were asked and measured again, it would typically move by {} points up or down.",
            number(error, 1)
        ));
    }
    match standing.low.zip(standing.high) {
        Some((low, high)) => found.push(format!(
            "Your true index lies between {} and {} with {} probability, given the people the calibration is from.",
            number(low, 1),
            number(high, 1),
            sureness(standing.level)
        )),
        None => found.push("How sure that is cannot be said as an interval: there is no calibration.".to_owned()),
    }
    if let Some(among) = &standing.among {
        let [low, median, high] = among.quartiles;
        let place = if index < low {
            "which is in the lowest quarter"
        } else if index < median {
            "which is in the second quarter from below"
        } else if index < high {
            "which is in the second quarter from above"
        } else {
            "which is in the highest quarter"
        };
        found.push(format!(
            "Of {} people in this cohort half lie between {} and {}; {}, {place}.",
            count(among.n),
            number(low, 1),
            number(high, 1),
            format_args!("you have {}", number(index, 1)),
        ));
    }
    found
}

/// What the score rests on.
pub(super) fn rests_on(standing: &Standing) -> Vec<String> {
    let mut found = vec![if standing.coverage >= 1.0 {
        "Everything the index asks for was observed.".to_owned()
    } else {
        format!("{} of what the index weighs was observed.", percent(standing.coverage))
    }];
    found.extend(standing.flags.iter().map(|code| format!("{}.", begin(flag(code)))));
    found
}

/// Up to three of what lifts or lowers the index, in words.
pub(super) fn pulls<'a>(rows: impl Iterator<Item = &'a crate::explain::Contribution>) -> Vec<String> {
    rows.take(3)
        .map(|row| {
            format!(
                "{}: {} of 100, where the mean is {}: {} points",
                begin(&row.title),
                maybe(row.value, 0),
                maybe(row.baseline, 0),
                signed(row.points, 1)
            )
        })
        .collect()
}

/// What the missing readings come to, in words.
pub(super) fn missing(points: f64) -> String {
    format!(
        "What is missing counts as the mean does; that the rest weighs more without it comes to {} points.",
        signed(points, 1)
    )
}

/// What contributions are held against, in words.
pub(super) fn held_against(standing: &Standing) -> Option<String> {
    let (baseline, index) = standing.baseline.zip(standing.index)?;
    let of = match standing.baseline_of? {
        BaselineOf::Cohort => "this cohort",
        BaselineOf::Calibration => "the calibration",
    };
    Some(format!(
        "Someone who is like the average of the {} people of {of} in everything has {}. What follows leads from there to \
         your {}.",
        count(standing.baseline_persons),
        number(baseline, 1),
        number(index, 1)
    ))
}

/// "6.5 h", "former".
pub(super) fn setting(setting: &Setting) -> String {
    match setting {
        Setting::Number { value, unit } => format!("{} {unit}", plain(*value)).trim_end().to_owned(),
        Setting::Level { level } => level.clone(),
    }
}

fn quoted(at: &Setting) -> String {
    match at {
        Setting::Number { .. } => setting(at),
        Setting::Level { level } => format!("“{level}”"),
    }
}

/// A choice worth a look: what goes with it, and what that does not say.
pub(super) fn suggestion(standing: &Standing, suggestion: &Suggestion) -> Vec<String> {
    let (proposal, difference) = (&suggestion.proposal, &suggestion.difference);
    let adjusters: Vec<String> = standing.adjusters.iter().map(|name| column(name)).collect();
    let alike = if adjusters.is_empty() {
        "alike in the other choices".to_owned()
    } else {
        format!("alike in the other choices and in {}", list(&adjusters))
    };
    let mut found = vec![format!(
        "You are at {}. People at {} who are {alike} have on average an index that is {} points higher ({} interval {}; \
         n = {}; {}). That is an association between people, not what would happen to you.",
        quoted(&proposal.from),
        quoted(&proposal.to),
        number(difference.estimate, 2),
        sureness(standing.level),
        between(Some(difference.low), Some(difference.high), 2),
        count(suggestion.n),
        design(standing.waves)
    )];
    if !proposal.shares.is_empty() {
        found.push(format!(
            "{} {}: a part of the difference is that overlap.",
            begin(&proposal.title),
            shares(&proposal.shares)
        ));
    }
    if suggestion.outside_data {
        found.push("The new value lies outside what was seen in the data.".to_owned());
    }
    found
}

// ---- for an employer ------------------------------------------------------------------------------------------------

pub(super) fn too_few(figures: &GroupFigures) -> String {
    format!("Fewer than {} people have an index, so no figure is shown.", figures.fewest)
}

/// What is withheld, and by which rule.
pub(super) fn withheld(figures: &GroupFigures) -> String {
    format!(
        "Nothing is shown of fewer than {} people, nor what would let such a group be worked out.",
        figures.fewest
    )
}

/// Where no choice is worth a look.
pub(super) const NO_SUGGESTION: &str =
    "No choice both lies outside its recommended range and goes, beyond doubt, with a higher index.";

#[cfg(test)]
mod tests {
    use super::{begin, count, list, number, p_value, plain, signed};

    #[test]
    fn numbers_read_well() {
        assert_eq!([number(-0.04, 1), number(-1.25, 1), number(3.0, 0)], ["0.0", "−1.2", "3"]);
        assert_eq!([signed(0.04, 1), signed(1.0, 1), signed(-1.0, 1)], ["0.0", "+1.0", "−1.0"]);
        assert_eq!([plain(60.0), plain(0.5), plain(-60.0), plain(6.125)], ["60", "0.5", "−60", "6.125"]);
        assert_eq!([count(0), count(999), count(5265), count(1_000_000)], ["0", "999", "5,265", "1,000,000"]);
        assert_eq!([p_value(Some(0.0002)), p_value(Some(0.0421)), p_value(None)], ["< 0.001", "0.042", "–"]);
    }

    #[test]
    fn words_join() {
        assert_eq!(
            [list::<&str>(&[]), list(&["a"]), list(&["a", "b"]), list(&["a", "b", "c"])],
            ["", "a", "a and b", "a, b and c"]
        );
        assert_eq!(begin("äiti"), "Äiti");
    }
}
