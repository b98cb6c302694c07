//! Reads what is published about scores: bands, reliabilities, norms, change; and safety flags and worked cases.

use super::{
    key::{
        Answer, BandSet, Check, InstrumentKey, Item, Norm, PublishedChange, Reliability, SafetyFlag, Scale,
        Stratum,
    },
    unknown_item,
};
use crate::{
    definition::{
        parts::Band,
        resolve::text_of as text,
        source::{Faults, Node},
    },
    error::suggest,
    notation::clock,
};

/// The name of the bands that a scale declares without one.
pub(crate) const PUBLISHED: &str = "published";

/// Fills in what the file publishes about a scale, and what of it is the default: the first that is verified.
pub(super) fn read_published(scale: &mut Scale, node: &Node, path: &str, faults: &mut Faults<'_>) {
    if let Some(bands) = node.get("bands") {
        scale.bands.push(BandSet {
            id: PUBLISHED.to_owned(),
            stratum: Stratum::default(),
            bands: read_bands(bands, path, faults),
            verified: text(node, "bands_status") != "unverified",
            source: text(node, "bands_source"),
        });
    }
    let list = |key: &str| node.get(key).map(Node::list).unwrap_or_default();
    for set in list("band_set") {
        let here = format!("{path}.band_set");
        scale.bands.push(BandSet {
            id: text(set, "id"),
            stratum: read_stratum(set, &here, faults),
            bands: set.get("bands").map(|bands| read_bands(bands, &here, faults)).unwrap_or_default(),
            verified: text(set, "status") == "verified",
            source: text(set, "source"),
        });
    }
    for one in list("reliability") {
        let value = one.get("value").and_then(Node::number).unwrap_or(f64::NAN);
        if !(value > 0.0 && value < 1.0) {
            let what = format!("{value} is no reliability");
            faults.add(one.span.start, &format!("{path}.reliability"), what, "a share between 0 and 1");
        }
        scale.reliability.push(Reliability {
            kind: text(one, "kind"),
            value,
            n: one.get("n").and_then(Node::number),
            about: text(one, "about"),
            verified: text(one, "status") == "verified",
            source: text(one, "source"),
        });
    }
    for norm in list("norm") {
        let here = format!("{path}.norm");
        let number = |key: &str| norm.get(key).and_then(Node::number);
        let sd = number("sd").unwrap_or(f64::NAN);
        if sd <= 0.0 {
            faults.add(norm.span.start, &here, format!("a standard deviation of {sd}"), "it is above 0");
        }
        let n = number("n").unwrap_or(f64::NAN);
        let persons = Some(n).filter(|n| *n >= 2.0 && *n == n.trunc() && *n < 1e9);
        if persons.is_none() {
            faults.add(
                norm.span.start,
                &here,
                format!("a norm of {n} persons"),
                "give a whole number from 2",
            );
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number below 10⁹"
        )]
        let persons = persons.unwrap_or_default() as usize;
        scale.norms.push(Norm {
            id: text(norm, "id"),
            stratum: read_stratum(norm, &here, faults),
            n: persons,
            mean: number("mean").unwrap_or(f64::NAN),
            sd,
            verified: text(norm, "status") == "verified",
            source: text(norm, "source"),
        });
    }
    for change in list("change") {
        scale.changes.push(PublishedChange {
            kind: text(change, "kind"),
            value: change.get("value").and_then(Node::number).unwrap_or(f64::NAN),
            about: text(change, "about"),
            verified: text(change, "status") == "verified",
            source: text(change, "source"),
        });
    }
    // A set is verified if all its strata are.
    let first_set = scale.bands.iter().map(|set| &set.id);
    let whole_set = |id: &&String| scale.bands.iter().filter(|set| set.id == **id).all(|set| set.verified);
    scale.band_set = first_set.clone().find(whole_set).cloned();
    let whole_norm =
        |id: &&String| scale.norms.iter().filter(|norm| norm.id == **id).all(|norm| norm.verified);
    scale.norm = scale.norms.iter().map(|norm| &norm.id).find(whole_norm).cloned();
    scale.reliability_kind = scale.reliability.iter().find(|one| one.verified).map(|one| one.kind.clone());
}

fn read_stratum(node: &Node, path: &str, faults: &mut Faults<'_>) -> Stratum {
    let ages = match node.get("age").map(Node::numbers).as_deref() {
        Some(&[from, below]) => Some([from, below]),
        _ => None,
    };
    if ages.is_some_and(|[from, below]| from >= below) {
        faults.add(node.span.start, path, "the ages hold nobody", "give [from, below)");
    }
    Stratum { female: sex_of(node), ages }
}

fn sex_of(node: &Node) -> Option<bool> {
    match node.get("sex")?.text()? {
        "female" => Some(true),
        "male" => Some(false),
        _ => None,
    }
}

pub(super) fn read_flag(
    node: &Node,
    items: &[Item],
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<SafetyFlag> {
    let name = node.get("item")?;
    let Some(item) = items.iter().position(|item| Some(item.id.as_str()) == name.text()) else {
        unknown_item(name.span.start, name.text().unwrap_or_default(), items, path, faults);
        return None;
    };
    Some(SafetyFlag {
        id: text(node, "id"),
        title: text(node, "title"),
        item,
        at_least: node.get("at_least")?.number()?,
        source: text(node, "source"),
    })
}

pub(super) fn read_check(
    node: &Node,
    key: &InstrumentKey,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Check> {
    let here = &format!("{path}.answers");
    let answers = node.get("answers")?;
    if answers.list().len() != key.items.len() {
        let what = format!("{} answers to {} items", answers.list().len(), key.items.len());
        faults.add(answers.span.start, here, what, "give one an item");
        return None;
    }
    let mut read = Vec::new();
    for (item, answer) in key.items.iter().zip(answers.list()) {
        let code = match (answer.number(), answer.text()) {
            (Some(code), _) => Some(code),
            (None, Some("missing")) => None,
            (None, text) => {
                let hours = text.filter(|_| item.answer == Answer::Clock).and_then(clock::hours);
                if hours.is_none() {
                    let what = format!("no answer to the item `{}`", item.id);
                    faults.add(answer.span.start, here, what, format!("allowed: {}", item.allowed()));
                }
                hours
            }
        };
        if let Some(code) = code.filter(|code| !item.admits(*code)) {
            let what = format!("{code} is no answer to the item `{}`", item.id);
            faults.add(answer.span.start, here, what, format!("allowed: {}", item.allowed()));
        }
        read.push(code);
    }
    let mut named = |section: &str, known: &[&str]| -> Vec<(String, Option<f64>, String)> {
        let mut found = Vec::new();
        for entry in node.get(section).map(Node::entries).unwrap_or_default() {
            if !known.contains(&entry.key.as_str()) {
                let help = suggest(&entry.key, known.iter().copied());
                faults.add(
                    entry.at.start,
                    &format!("{path}.{section}"),
                    format!("there is no `{}`", entry.key),
                    help,
                );
            }
            let word = entry.node.text().unwrap_or_default().to_owned();
            found.push((entry.key.clone(), entry.node.number(), word));
        }
        found
    };
    let scales: Vec<&str> = key.scales.iter().map(|scale| scale.id.as_str()).collect();
    let flags: Vec<&str> = key.flags.iter().map(|flag| flag.id.as_str()).collect();
    let expect = named("expect", &scales).into_iter().map(|(id, score, _)| (id, score)).collect();
    let bands = named("bands", &scales).into_iter().map(|(id, _, word)| (id, word)).collect();
    let flags = named("flags", &flags).into_iter().map(|(id, _, word)| (id, word)).collect();
    Some(Check {
        answers: read,
        expect,
        bands,
        flags,
        female: sex_of(node),
        age: node.get("age").and_then(Node::number),
        source: text(node, "source"),
    })
}

/// Named ranges, each `[from, below)`; they may not overlap.
pub(crate) fn read_bands(node: &Node, path: &str, faults: &mut Faults<'_>) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for entry in node.entries() {
        let &[from, below] = entry.node.numbers().as_slice() else { continue };
        let path = format!("{path}.bands.{}", entry.key);
        let at = entry.node.span.start;
        if from >= below {
            faults.add(at, &path, "the band is empty", "give [from, below) with from < below");
        }
        if let Some(other) = bands.iter().find(|band| from < band.below && band.from < below) {
            let what = format!("the band overlaps `{}`", other.id);
            faults.add(at, &path, what, "bands are half-open: [from, below)");
        }
        bands.push(Band { id: entry.key.clone(), from, below });
    }
    bands
}
