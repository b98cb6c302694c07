//! Where a person stands, in words.

use super::{
    begin, between, column, count, design, flag, list, maybe, number, percent, plain, reason, shares, signed,
    sureness,
};
use crate::explain::{BaselineOf, Contribution, Setting, Standing, Suggestion};

/// How to read the ruler.
#[cfg(feature = "pages")]
pub(in crate::report) fn ruler_key() -> String {
    "Dots are your scores. The thick line is one standard error either way: how far the score would move if measured \
     again. The thin line with ends is the interval for your true index. The grey box holds the middle half of the \
     cohort, with its middle marked."
        .to_owned()
}

/// How to read the bars.
#[cfg(feature = "pages")]
pub(in crate::report) fn bars_key() -> String {
    "Points of the index above (solid, to the right) and below (hatched, to the left) that average; dashed, what is missing."
        .to_owned()
}

/// Where the person stands, and how sure that is.
pub(in crate::report) fn stands(standing: &Standing) -> Vec<String> {
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
pub(in crate::report) fn rests_on(standing: &Standing) -> Vec<String> {
    let mut found = vec![if standing.coverage >= 1.0 {
        "Everything the index asks for was observed.".to_owned()
    } else {
        format!("{} of what the index weighs was observed.", percent(standing.coverage))
    }];
    found.extend(standing.flags.iter().map(|code| format!("{}.", begin(flag(code)))));
    found
}

/// Up to three of what lifts or lowers the index, in words.
pub(in crate::report) fn pulls<'a>(rows: impl Iterator<Item = &'a Contribution>) -> Vec<String> {
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
pub(in crate::report) fn missing(points: f64) -> String {
    format!(
        "What is missing counts as the mean does; that the rest weighs more without it comes to {} points.",
        signed(points, 1)
    )
}

/// What contributions are held against, in words.
pub(in crate::report) fn held_against(standing: &Standing) -> Option<String> {
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
pub(in crate::report) fn setting(setting: &Setting) -> String {
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
pub(in crate::report) fn suggestion(standing: &Standing, suggestion: &Suggestion) -> Vec<String> {
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

/// Where no choice is worth a look.
pub(in crate::report) const NO_SUGGESTION: &str =
    "No choice both lies outside its recommended range and goes, beyond doubt, with a higher index.";
