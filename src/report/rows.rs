//! Finished values as rows of cells, the same in the tables of a page and in Markdown.

use crate::{
    explain::{ChoiceEffects, Findings, Standing},
    report::words::{self, begin, between, count, maybe, number, percent, plain, share, signed},
    study::{Group, LeftOut, TwoSides},
    study::{GroupFigures, Summary},
};

type Rows = Vec<Vec<String>>;

pub(super) fn histogram(findings: &Findings) -> Rows {
    let found = &findings.histogram;
    let n = findings.index.n;
    let row = |name: String, persons: usize| vec![name, count(persons), share(persons, n)];
    let mut rows: Rows = found
        .persons
        .iter()
        .enumerate()
        .map(|(at, persons)| {
            let from = found.from + found.width * at as f64;
            row(format!("{} to {}", plain(from), plain(from + found.width)), *persons)
        })
        .collect();
    if found.below > 0 {
        rows.insert(0, row(format!("below {}", plain(found.from)), found.below));
    }
    if found.above > 0 {
        rows.push(row(format!("above {}", plain(found.to())), found.above));
    }
    rows
}

/// The heads and rows of persons by fifths of both sides, the highest measured first.
pub(super) fn fifths(sides: &TwoSides) -> (Vec<String>, Rows) {
    let [from, to] = sides.cloud.range;
    let name = |at: usize| {
        let start = from + (to - from) * at as f64 / 5.0;
        format!("{} to {}", plain(start), plain(start + (to - from) / 5.0))
    };
    let heads = std::iter::once(String::new()).chain((0..5).map(name)).collect();
    let row = |(at, persons): (usize, &[usize; 5])| {
        std::iter::once(name(at)).chain(persons.iter().map(|persons| count(*persons))).collect()
    };
    (heads, sides.cloud.fifths.iter().enumerate().rev().map(row).collect())
}

pub(super) fn means(findings: &Findings) -> Rows {
    std::iter::once(&findings.index)
        .chain(&findings.pillars)
        .map(|row| {
            vec![
                begin(&row.title),
                count(row.n),
                maybe(row.mean, 1),
                between(row.low, row.high, 1),
                maybe(row.sd, 1),
            ]
        })
        .collect()
}

/// A row of one cell names the choice, and what it has in common with the index; its estimates follow.
pub(super) fn choices(fit: &ChoiceEffects) -> Rows {
    let mut rows = Rows::new();
    let mut last = "";
    for row in &fit.rows {
        if row.choice != last {
            let remark = words::shares(&row.shares);
            let colon = if remark.is_empty() { "" } else { ": " };
            rows.push(vec![format!("{}{colon}{remark}", begin(&row.title))]);
            last = &row.choice;
        }
        rows.push(vec![
            format!("\u{2003}{}", words::change(&row.change)),
            signed(row.estimate, 2),
            between(row.low, row.high, 2),
            maybe(row.std_error, 2),
            words::p_value(row.p),
        ]);
    }
    rows
}

/// Every choice that overlaps with the index, once.
pub(super) fn overlaps(fit: &ChoiceEffects) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for row in fit.rows.iter().filter(|row| !row.shares.is_empty()) {
        let said = format!(
            "{} {}: a part of each of its estimates is that overlap.",
            begin(&row.title),
            words::shares(&row.shares)
        );
        if !found.contains(&said) {
            found.push(said);
        }
    }
    found
}

pub(super) fn left_out(left: &LeftOut) -> Rows {
    let people = |group: &Group, is_share: bool| match (group.mean, group.sd) {
        (Some(part), _) if is_share => percent(part),
        (Some(mean), Some(sd)) => format!("{} ({})", number(mean, 1), number(sd, 1)),
        (Some(mean), None) => number(mean, 1),
        (None, _) => "–".to_owned(),
    };
    let levels_of = |column: &str| left.rows.iter().filter(|row| row.column == column).count();
    let mut rows = Rows::new();
    let mut last = "";
    for row in &left.rows {
        let (title, levels) = (begin(&words::column(&row.title)), levels_of(&row.column));
        let is_first = row.column != last;
        last = &row.column;
        let name = match &row.level {
            // One of two shares says the other.
            Some(_) if levels == 2 && is_first => continue,
            Some(level) if levels == 2 => format!("{title}: {level}"),
            Some(level) => {
                if is_first {
                    rows.push(vec![title]);
                }
                format!("\u{2003}{level}")
            }
            None if row.unit.is_empty() => title,
            None => format!("{title}, {}", row.unit),
        };
        let is_share = row.level.is_some();
        let difference = row.difference.map_or_else(|| "–".to_owned(), |value| signed(value, 2));
        rows.push(vec![name, people(&row.stayed, is_share), people(&row.left, is_share), difference]);
    }
    rows
}

pub(super) fn reasons(summary: &Summary) -> Rows {
    let some = summary.without_index.iter().filter(|count| count.persons > 0);
    some.map(|one| {
        vec![begin(words::reason(one.code)), count(one.persons), share(one.persons, summary.persons)]
    })
    .collect()
}

pub(super) fn flags(summary: &Summary) -> Rows {
    let row = |one: &crate::study::Count| {
        vec![begin(words::flag(one.code)), count(one.persons), share(one.persons, summary.persons)]
    };
    summary.flags.iter().map(row).collect()
}

/// An indicator by its title.
fn title(findings: &Findings, id: &str) -> String {
    let known = findings.observed.iter().find(|one| one.id == id);
    known.map_or_else(|| words::column(id), |one| one.title.clone())
}

pub(super) fn imputed(findings: &Findings) -> Rows {
    let summary = &findings.summary;
    let row = |one: &crate::index::ImputedCount| {
        let name = begin(&title(findings, &one.indicator));
        vec![name, count(one.persons), share(one.persons, summary.persons)]
    };
    summary.imputed.iter().map(row).collect()
}

pub(super) fn cases(findings: &Findings) -> Rows {
    let summary = &findings.summary;
    let row = |case: &crate::index::CaseCount| {
        vec![
            format!("{}: {}", begin(&title(findings, &case.indicator)), words::column(&case.case)),
            count(case.persons),
            share(case.persons, summary.persons),
        ]
    };
    summary.cases.iter().map(row).collect()
}

pub(super) fn observed(findings: &Findings) -> Rows {
    findings
        .observed
        .iter()
        .map(|one| {
            vec![begin(&one.title), count(one.persons), one.share.map_or_else(|| "–".to_owned(), percent)]
        })
        .collect()
}

pub(super) fn placed(standing: &Standing) -> Rows {
    let quartiles = |among: Option<&crate::explain::Among>| match among {
        Some(among) => (among.quartiles.map(|value| number(value, 1)).join(" · "), count(among.n)),
        None => ("–".to_owned(), "–".to_owned()),
    };
    let (of_index, n) = quartiles(standing.among.as_ref());
    let mut rows = vec![vec![
        "Index".to_owned(),
        maybe(standing.index, 1),
        maybe(standing.std_error, 1),
        between(standing.low, standing.high, 1),
        of_index,
        n,
    ]];
    for pillar in &standing.pillars {
        let (of_pillar, n) = quartiles(pillar.among.as_ref());
        rows.push(vec![
            begin(&pillar.title),
            maybe(pillar.score, 1),
            maybe(pillar.std_error, 1),
            "–".to_owned(),
            of_pillar,
            n,
        ]);
    }
    rows
}

/// From the baseline to the person's index; the rows add up.
pub(super) fn contributions(standing: &Standing) -> Rows {
    let dash = || "–".to_owned();
    let mut rows = vec![vec!["The mean profile".to_owned(), dash(), dash(), maybe(standing.baseline, 1)]];
    for row in standing.lifts.iter().chain(standing.lowers.iter().rev()) {
        rows.push(vec![
            begin(&row.title),
            maybe(row.value, 1),
            maybe(row.baseline, 1),
            signed(row.points, 1),
        ]);
    }
    if let Some(points) = standing.missing {
        rows.push(vec!["Missing".to_owned(), dash(), dash(), signed(points, 1)]);
    }
    rows.push(vec!["Your index".to_owned(), dash(), dash(), maybe(standing.index, 1)]);
    rows
}

pub(super) fn band_shares(figures: &GroupFigures) -> Rows {
    let row = |band: &crate::study::BandShare| {
        vec![band.band.clone(), band.share.map_or_else(|| "withheld".to_owned(), percent)]
    };
    figures.bands.iter().map(row).collect()
}
