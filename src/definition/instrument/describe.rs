//! Instruments as plain values to be shown: what is asked, how it is scored, how far it can be trusted.

use std::path::Path;

use serde::Serialize;

use super::key::{Cutting, GroupShare, InstrumentKey, Item, ItemAggregate, ItemMissing, Line, Scale, Way};
use crate::{
    definition::{catalogue, parts::Direction},
    error::{ErrorKind, Result},
};

/// An instrument, explained.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct InstrumentSummary {
    /// The id to `use`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// What it asks, of whom, and what to know.
    pub about: String,
    /// The version that is keyed.
    pub version: String,
    /// Its items, in order.
    pub items: Vec<ItemSummary>,
    /// Lowest and highest code of any answer.
    pub response: [f64; 2],
    /// What a low and a high code mean.
    pub coding: String,
    /// The period asked about, in days.
    pub window_days: Option<f64>,
    /// Whether the key was read in its source.
    pub verified: bool,
    /// Who may use it.
    pub licence: Terms,
    /// Author, year, where.
    pub citation: Vec<String>,
    /// The LOINC code of the panel, where two sources agree on it.
    pub loinc: Option<String>,
    /// Which items are not asked after which answers.
    pub skips: Vec<String>,
    /// Its scales.
    pub scales: Vec<ScaleSummary>,
    /// Answers that somebody has to look at, whatever the score.
    pub flags: Vec<SafetySummary>,
    /// How many worked cases it has.
    pub checks: usize,
}

/// An item of an instrument; its text stays with the holder of the rights.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ItemSummary {
    /// The id.
    pub id: String,
    /// The possible answers, in words.
    pub answers: String,
    /// Lowest and highest code; of a time, hours.
    pub response: [f64; 2],
    /// Every possible code, where they can be counted.
    pub codes: Option<Vec<f64>>,
    /// What each code counts, where it does not count itself: `[code, points]`.
    pub points: Vec<[f64; 2]>,
    /// The unit of the answer; may be empty.
    pub unit: String,
    /// What it touches: a choice that touches the same is refused, or said beside every estimate.
    pub content: Vec<String>,
    /// Its LOINC code, where two sources agree on it.
    pub loinc: Option<String>,
}

/// Who may use an instrument.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Terms {
    /// `A` free, `B` free under conditions, `C` by permission; empty for a user's own.
    pub class: String,
    /// Who holds the rights.
    pub holder: String,
    /// Under which conditions.
    pub note: String,
    /// Whom to ask.
    pub ask: String,
}

/// A scale of an instrument, explained.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ScaleSummary {
    /// The id.
    pub id: String,
    /// What it measures.
    pub title: String,
    /// The formula in words.
    pub formula: String,
    /// Every item behind the score, directly or through other scales.
    pub items: Vec<String>,
    /// Those that are reversed.
    pub reversed: Vec<String>,
    /// Lowest and highest score.
    pub range: [f64; 2],
    /// The score where every answer has its lowest code, and where every answer has its highest.
    pub ends: Option<[Option<f64>; 2]>,
    /// `higher_better` or `lower_better`.
    pub direction: Direction,
    /// What happens when answers are missing.
    pub missing: String,
    /// Whether it is valid for groups alone.
    pub is_for_groups: bool,
    /// Whether it is a profile or a code, and no quantity.
    pub is_label: bool,
    /// What is said of a group, in words; may be empty.
    pub group: String,
    /// Its LOINC code, where two sources agree on it.
    pub loinc: Option<String>,
    /// Sets of bands; the one in use says so.
    pub bands: Vec<BandSummary>,
    /// Published reliabilities.
    pub reliability: Vec<ReliabilitySummary>,
    /// Published norms.
    pub norms: Vec<NormSummary>,
    /// Published figures of change.
    pub change: Vec<ChangeSummary>,
}

/// A set of bands of a score, of everybody or of some.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct BandSummary {
    /// The name to ask for it by.
    pub id: String,
    /// Whom it is for; empty for anybody.
    pub of: String,
    /// Named ranges, each `[from, below)`.
    pub bands: Vec<(String, f64, f64)>,
    /// Whether it was read in its source.
    pub verified: bool,
    /// Whether it is used where nothing else is asked for.
    pub is_default: bool,
    /// Where it comes from.
    pub source: String,
}

/// A published reliability of a score.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ReliabilitySummary {
    /// `alpha`, `omega`, `retest` or `icc`.
    pub kind: String,
    /// The share of the variance that is not error.
    pub value: f64,
    /// How many persons.
    pub n: Option<f64>,
    /// Who they were; may be empty.
    pub about: String,
    /// Whether it was read in its source.
    pub verified: bool,
    /// Where it comes from.
    pub source: String,
}

/// A published mean and standard deviation of a score.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct NormSummary {
    /// The name to ask for it by.
    pub id: String,
    /// Whom it is for; empty for anybody.
    pub of: String,
    /// How many persons.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: f64,
    /// Whether it was read in its source.
    pub verified: bool,
    /// Where it comes from.
    pub source: String,
}

/// A published figure of change of a score.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ChangeSummary {
    /// `minimal_important`, `sem` or `reliable`.
    pub kind: String,
    /// In points of the score.
    pub value: f64,
    /// Of whom, and how it was found; may be empty.
    pub about: String,
    /// Whether it was read in its source.
    pub verified: bool,
    /// Where it comes from.
    pub source: String,
}

/// An answer that somebody has to look at.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SafetySummary {
    /// The id.
    pub id: String,
    /// What it says.
    pub title: String,
    /// The item.
    pub item: String,
    /// Raised by this code and those above it.
    pub at_least: f64,
    /// Where it comes from; may be empty.
    pub source: String,
}

/// Every instrument of the catalogue.
///
/// # Errors
/// None in a released crate: the catalogue is read by the tests.
///
/// # Example
/// ```
/// let instruments = vointi::definition::instruments()?;
/// assert!(instruments.iter().any(|instrument| instrument.id == "phq8" && instrument.items.len() == 8));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn summaries() -> Result<Vec<InstrumentSummary>> {
    catalogue::INSTRUMENT_SHELF.ids().map(summary).collect()
}

/// One instrument of the catalogue.
///
/// # Errors
/// An unknown id, with the nearest known one.
///
/// # Example
/// ```
/// let who5 = vointi::definition::instrument("who5")?;
/// assert_eq!(who5.scales[0].formula, "4 × the sum of items 1, 2, 3, 4, 5");
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn summary(id: &str) -> Result<InstrumentSummary> {
    catalogue::instrument_key(id).map(|key| InstrumentSummary::of(&key))
}

/// The text of an instrument of the catalogue, to be copied and changed.
///
/// # Errors
/// An unknown id, with the nearest known one.
///
/// # Example
/// ```
/// assert!(vointi::definition::instrument_toml("who5")?.contains("[scale.total]"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn text(id: &str) -> Result<&'static str> {
    catalogue::INSTRUMENT_SHELF.get(id, ErrorKind::Definition)
}

/// An instrument file of one's own.
///
/// # Errors
/// A file that cannot be read, or all its faults together.
///
/// # Example
/// ```
/// let same = vointi::definition::instrument_file("data/instruments/who5.toml")?;
/// assert_eq!(same.id, "who5");
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn file(path: impl AsRef<Path>) -> Result<InstrumentSummary> {
    catalogue::read_instrument_file(path.as_ref()).map(|(key, _)| InstrumentSummary::of(&key))
}

impl InstrumentSummary {
    pub(crate) fn of(key: &InstrumentKey) -> Self {
        let ends = key.items.iter().map(Item::ends);
        let response =
            ends.fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], [low, high]| [a.min(low), b.max(high)]);
        let loinc = key.loinc.as_ref().filter(|loinc| loinc.verified);
        let items = key.items.iter().enumerate().map(|(at, item)| ItemSummary {
            id: item.id.clone(),
            answers: item.allowed(),
            response: item.ends(),
            codes: item.codes(),
            points: item.points.clone(),
            unit: item.unit.clone(),
            content: item.content.clone(),
            loinc: loinc.and_then(|loinc| loinc.items.get(at).cloned()),
        });
        let name = |at: &usize| key.items.get(*at).map_or("?", |item| item.id.as_str()).to_owned();
        let names = |items: &[usize]| items.iter().map(name).collect::<Vec<_>>().join(", ");
        let skips = key.skips.iter().map(|skip| {
            let many = if skip.when_zero.len() == 1 { "counts" } else { "count" };
            format!("{} need no answer where {} {many} 0", names(&skip.items), names(&skip.when_zero))
        });
        let flags = key.flags.iter().map(|flag| SafetySummary {
            id: flag.id.clone(),
            title: flag.title.clone(),
            item: name(&flag.item),
            at_least: flag.at_least,
            source: flag.source.clone(),
        });
        let licence = key.licence.as_ref().map_or_else(Terms::default, |licence| Terms {
            class: licence.class.clone(),
            holder: licence.holder.clone(),
            note: licence.note.clone(),
            ask: licence.ask.clone(),
        });
        Self {
            items: items.collect(),
            response,
            skips: skips.collect(),
            flags: flags.collect(),
            scales: key.scales.iter().map(|scale| ScaleSummary::of(scale, key)).collect(),
            loinc: loinc.map(|loinc| loinc.panel.clone()),
            checks: key.checks.len(),
            licence,
            id: key.id.clone(),
            title: key.title.clone(),
            about: key.about.clone(),
            version: key.version.clone(),
            coding: key.coding.clone(),
            window_days: key.window_days,
            verified: key.verified,
            citation: key.citation.clone(),
        }
    }
}

impl ScaleSummary {
    fn of(scale: &Scale, key: &InstrumentKey) -> Self {
        let names = |items: &[usize]| -> Vec<String> {
            items.iter().filter_map(|at| key.items.get(*at)).map(|item| item.id.clone()).collect()
        };
        let bands = scale.bands.iter().map(|set| BandSummary {
            id: set.id.clone(),
            of: set.stratum.words(),
            bands: set.bands.iter().map(|band| (band.id.clone(), band.from, band.below)).collect(),
            verified: set.verified,
            is_default: scale.band_set.as_ref() == Some(&set.id),
            source: set.source.clone(),
        });
        let reliability = scale.reliability.iter().map(|one| ReliabilitySummary {
            kind: one.kind.clone(),
            value: one.value,
            n: one.n,
            about: one.about.clone(),
            verified: one.verified,
            source: one.source.clone(),
        });
        let norms = scale.norms.iter().map(|norm| NormSummary {
            id: norm.id.clone(),
            of: norm.stratum.words(),
            n: norm.n,
            mean: norm.mean,
            sd: norm.sd,
            verified: norm.verified,
            source: norm.source.clone(),
        });
        let change = scale.changes.iter().map(|change| ChangeSummary {
            kind: change.kind.clone(),
            value: change.value,
            about: change.about.clone(),
            verified: change.verified,
            source: change.source.clone(),
        });
        Self {
            id: scale.id.clone(),
            title: scale.title.clone(),
            formula: formula(scale, key),
            items: names(&scale.items),
            reversed: match &scale.way {
                Way::Items { reversed, .. } => {
                    let turned = scale.items.iter().zip(reversed).filter(|(_, reversed)| **reversed);
                    names(&turned.map(|(item, _)| *item).collect::<Vec<_>>())
                }
                Way::Scales { .. } | Way::Formula { .. } => Vec::new(),
            },
            range: scale.range,
            ends: scale.ends,
            direction: scale.direction,
            missing: missing_in_words(scale),
            is_for_groups: scale.is_for_groups,
            is_label: scale.is_label,
            group: scale.group.map(group_in_words).unwrap_or_default(),
            loinc: scale.loinc.as_ref().filter(|(_, verified)| *verified).map(|(code, _)| code.clone()),
            bands: bands.collect(),
            reliability: reliability.collect(),
            norms: norms.collect(),
            change: change.collect(),
        }
    }
}

fn group_in_words(group: GroupShare) -> String {
    let [from, to] = group.plus;
    let less =
        group.minus.map(|[from, to]| format!(" less the share from {from} to {to}")).unwrap_or_default();
    format!("of a group: the share from {from} to {to}{less}, in %")
}

/// How the score is made, in words.
fn formula(scale: &Scale, key: &InstrumentKey) -> String {
    let mut remarks: Vec<String> = Vec::new();
    let core = match &scale.way {
        Way::Items { reversed, weights, aggregate } => {
            let mut ends: Vec<f64> = Vec::new();
            let terms = scale.items.iter().zip(reversed).zip(weights).map(|((at, reversed), weight)| {
                let item = key.items.get(*at);
                let name = item.map_or("?", |item| item.id.as_str());
                let mark = if *reversed { "r" } else { "" };
                if let Some([low, high]) = item.filter(|_| *reversed).map(Item::reach)
                    && !ends.contains(&(low + high))
                {
                    ends.push(low + high);
                }
                if *weight == 1.0 { format!("{name}{mark}") } else { format!("{weight} × {name}{mark}") }
            });
            let terms: Vec<String> = terms.collect();
            match ends.as_slice() {
                [] => {}
                [one] => remarks.push(format!("r: {one} − answer")),
                _ => remarks.push("r: lowest + highest − points".to_owned()),
            }
            remarks.extend(points_in_words(scale, key));
            match terms.as_slice() {
                [one] => format!("item {one}"),
                terms => format!("the {} of items {}", word(*aggregate), terms.join(", ")),
            }
        }
        Way::Scales { of, weights, aggregate } => {
            let terms = of.iter().zip(weights).map(|(at, weight)| {
                let name = key.scales.get(*at).map_or("?", |scale| scale.id.as_str());
                if *weight == 1.0 { name.to_owned() } else { format!("{weight} × {name}") }
            });
            format!("the {} of scales {}", word(*aggregate), terms.collect::<Vec<_>>().join(", "))
        }
        Way::Formula { from, refuse } => {
            let used = lets_of(from.text.as_str(), refuse.iter().map(|one| one.text.as_str()), key);
            remarks.extend(used);
            remarks.extend(refuse.iter().map(|one| format!("no score where {}", one.text)));
            from.text.clone()
        }
    };
    let lined = match scale.line {
        Line { from: 0.0, slope: 1.0, plus: 0.0 } => core,
        Line { from: 0.0, slope, plus: 0.0 } => format!("{slope} × {core}"),
        Line { from, slope, plus } => {
            let less = if from == 0.0 { core } else { format!("({core} − {from})") };
            let more = if plus == 0.0 { String::new() } else { format!(" + {plus}") };
            format!("{slope} × {less}{more}")
        }
    };
    match &scale.cutting {
        Cutting::None => {}
        Cutting::Bins { at, points } => {
            let mut words: Vec<String> = Vec::new();
            let edges = [f64::NEG_INFINITY].iter().chain(at).zip(at.iter().map(Some).chain([None]));
            for ((from, below), points) in edges.zip(points) {
                words.push(match (from.is_finite(), below) {
                    (false, Some(below)) => format!("{points} {}", edge_in_words(*below, true)),
                    (true, Some(below)) => {
                        format!("{points} {} {}", edge_in_words(*from, false), edge_in_words(*below, true))
                    }
                    (_, None) => format!("{points} {}", edge_in_words(*from, false)),
                });
            }
            remarks.push(format!("cut: {}", words.join(", ")));
        }
        Cutting::Table { first, scores } => {
            let scores: Vec<String> = scores.iter().map(f64::to_string).collect();
            remarks.push(format!("looked up from {first} on: {}", scores.join(", ")));
        }
    }
    if remarks.is_empty() { lined } else { format!("{lined}; {}", remarks.join("; ")) }
}

/// A threshold moved up by the last digit belongs to the bin below it.
fn edge_in_words(edge: f64, is_upper: bool) -> String {
    let before = edge.next_down();
    let is_moved = before.to_string().len() < edge.to_string().len();
    match (is_moved, is_upper) {
        (true, true) => format!("up to {before}"),
        (true, false) => format!("above {before}"),
        (false, true) => format!("below {edge}"),
        (false, false) => format!("from {edge}"),
    }
}

/// The `let` expressions behind a formula.
fn lets_of<'a>(from: &'a str, refuse: impl Iterator<Item = &'a str>, key: &InstrumentKey) -> Vec<String> {
    let text: Vec<&str> = [from].into_iter().chain(refuse).collect();
    let mut open: Vec<String> = text.iter().map(|text| (*text).to_owned()).collect();
    let mut used: Vec<&(String, crate::definition::parts::Formula)> = Vec::new();
    while let Some(text) = open.pop() {
        for one in &key.lets {
            let is_named = text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == one.0);
            if is_named && !used.iter().any(|known| known.0 == one.0) {
                used.push(one);
                open.push(one.1.text.clone());
            }
        }
    }
    key.lets
        .iter()
        .filter(|one| used.iter().any(|known| known.0 == one.0))
        .map(|(name, f)| format!("{name} = {}", f.text))
        .collect()
}

fn points_in_words(scale: &Scale, key: &InstrumentKey) -> Vec<String> {
    let mut found: Vec<(Vec<&str>, &[[f64; 2]])> = Vec::new();
    for item in scale.items.iter().filter_map(|at| key.items.get(*at)).filter(|item| !item.points.is_empty())
    {
        match found.iter_mut().find(|(_, points)| *points == item.points.as_slice()) {
            Some((names, _)) => names.push(&item.id),
            None => found.push((vec![&item.id], &item.points)),
        }
    }
    found
        .into_iter()
        .map(|(names, points)| {
            let points: Vec<String> =
                points.iter().map(|[code, points]| format!("{code} → {points}")).collect();
            format!("{} counted {}", names.join(", "), points.join(", "))
        })
        .collect()
}

fn word(aggregate: ItemAggregate) -> &'static str {
    match aggregate {
        ItemAggregate::Sum => "sum",
        ItemAggregate::Mean => "mean",
    }
}

fn missing_in_words(scale: &Scale) -> String {
    let (count, of) = match &scale.way {
        Way::Scales { of, .. } => (of.len(), "scales"),
        _ => (scale.items.len(), "items"),
    };
    match scale.missing {
        ItemMissing::Complete if count == 1 => format!("the {} must be there", of.trim_end_matches('s')),
        ItemMissing::Complete if of == "scales" => format!("all {count} scales must have a score"),
        ItemMissing::Complete => format!("all {count} items must be answered"),
        ItemMissing::AtLeast(n) => format!("the mean of the answered {of}, if at least {n} of {count}"),
        ItemMissing::Prorate(n) => {
            format!("{count} times the mean of the answered {of}, if at least {n} of {count}")
        }
        ItemMissing::Formula => "by the formula".to_owned(),
    }
}
