//! What there is to say of an audit.

use std::fmt::Write as _;

use super::{Part, Picture, Table, heading, paragraph};
use crate::{
    index::TreatedColumn,
    report::words::{
        self, begin, between, count, list, maybe, number, p_value, percent, plain, share, signed, sureness,
    },
    study::{
        Audit, Deprivation, Inequality, Level, MeanChange, PairFigures, ParentFigures, Relation, Strengths,
        WaveChange, WeightFigures,
    },
};

type Rows = Vec<Vec<String>>;

pub(super) fn title(audit: &Audit) -> String {
    let definition = words::definition(&audit.definition, &audit.version);
    if audit.title.is_empty() { definition } else { format!("{definition}: {}", audit.title) }
}

/// Everything, in the order of reading.
pub(in crate::report) fn parts(audit: &Audit) -> Vec<Part> {
    let mut parts = about(audit);
    parts.extend(audit.person.iter().flat_map(strengths));
    parts.extend(weights(audit));
    parts.extend(columns(audit));
    parts.extend(skewed(audit));
    parts.extend(imputed(audit));
    parts.extend(correlations(audit));
    if !audit.parents.is_empty() {
        parts.push(heading("whether the children of a parent belong together"));
        parts.extend(audit.parents.iter().flat_map(parent));
    }
    parts.extend(removals(audit));
    parts.extend(audit.inequality.iter().flat_map(inequality));
    parts.extend(audit.deprivation.iter().flat_map(deprivation));
    parts.extend(audit.changes.iter().flat_map(changes));
    parts.push(heading("what this is for"));
    parts.push(paragraph(audit.intended_use));
    parts
}

fn about(audit: &Audit) -> Vec<Part> {
    let mut lines = Vec::new();
    match (audit.persons, audit.scored) {
        (Some(persons), Some(scored)) => {
            lines.push(format!("{} persons, {} scored", count(persons), count(scored)));
        }
        (_, Some(scored)) => lines.push(format!("{} persons scored", count(scored))),
        (_, None) => lines.push("fewer than 10 persons are scored: no figure is shown".to_owned()),
    }
    if audit.persons.is_some() {
        lines.push(format!("calibration: {}", words::calibration(audit.calibration.as_ref())));
    }
    lines.push(format!("for {}; SHA-256 {}", words::audience(audit.audience), audit.hash));
    vec![Part::Bullets(lines)]
}

fn weights(audit: &Audit) -> Vec<Part> {
    let row = |row: &WeightFigures| {
        vec![
            format!("{}{}", "\u{a0}\u{a0}".repeat(row.depth), row.name),
            number(row.weight, 3),
            number(row.effective_weight, 3),
            maybe(row.in_parent.and_then(|of| of.correlation_ratio), 3),
            maybe(row.in_index.and_then(|of| of.covariance_share), 3),
            maybe(row.in_index.and_then(|of| of.correlation_ratio), 3),
            row.weighting.clone(),
        ]
    };
    let heads = [
        "",
        "among siblings",
        "in the index",
        "ratio in parent",
        "share of variance",
        "ratio in index",
        "learned by",
    ];
    let said = "Effective weights are the products of the weights on the way down from the index. Realised importance: the \
                share of the variance of the index that comes from a part, where all means are arithmetic (those of the \
                indicators sum to 1), and the correlation ratio, the share that any curve in the part could explain.";
    let shows =
        "Bars: effective weights. Diamonds: the share of the variance of the index that comes from the part.";
    let table = Table::new("", &heads, 1, audit.weights.iter().map(row).collect());
    vec![
        heading("the tree and its weights"),
        paragraph(said),
        Part::Figure(Picture::Weights, vec![shows.to_owned()], table),
    ]
}

fn flags(flags: &[&str]) -> String {
    flags.join(", ")
}

fn columns(audit: &Audit) -> Vec<Part> {
    if audit.columns.is_empty() {
        return Vec::new();
    }
    let thresholds = &audit.thresholds;
    let rows: Rows = audit
        .columns
        .iter()
        .map(|of| {
            vec![
                of.name.clone(),
                count(of.n),
                of.availability.map_or_else(|| "–".to_owned(), percent),
                of.zeros.map_or_else(|| "–".to_owned(), percent),
                count(of.distinct),
                of.modal_share.map_or_else(|| "–".to_owned(), percent),
                maybe(of.min, 1),
                maybe(of.mean, 1),
                maybe(of.median, 1),
                maybe(of.max, 1),
                maybe(of.sd, 1),
                maybe(of.skewness, 2),
                maybe(of.kurtosis, 2),
                flags(&of.flags),
            ]
        })
        .collect();
    let heads = [
        "column",
        "n",
        "available",
        "zeros",
        "distinct",
        "modal",
        "min",
        "mean",
        "median",
        "max",
        "sd",
        "G1",
        "G2",
        "flags",
    ];
    let said = format!(
        "Flagged: low_availability below {}, zeros above {}, modal where more than {} have one value, skewed where |G1| is {} or \
         more and G2 {} or more, constant. Readings are in their own units.",
        percent(thresholds.availability),
        percent(thresholds.zeros),
        percent(thresholds.modal),
        plain(thresholds.skewness),
        plain(thresholds.kurtosis)
    );
    let shows = vec![
        "To the left what is read, in its own unit from the lowest to the highest; to the right the score it becomes.".to_owned(),
        "Where an indicator reads several, the first is drawn.".to_owned(),
    ];
    let table = Table::new("", &heads, 1, rows);
    vec![
        heading("every column, from the readings to the index"),
        paragraph(said),
        Part::Figure(Picture::Distributions, shows, table),
    ]
}

/// What was done to skewed readings, with words of its own for what did not help.
fn skewed(audit: &Audit) -> Vec<Part> {
    if audit.skewed.is_empty() {
        return Vec::new();
    }
    let row = |of: &TreatedColumn| {
        let limits =
            of.limits.map_or_else(|| "–".to_owned(), |[low, high]| between(Some(low), Some(high), 2));
        vec![
            format!("indicator.{}", of.indicator),
            count(of.winsorised_low + of.winsorised_high),
            maybe(of.skewness, 2),
            maybe(of.kurtosis, 2),
            maybe(of.skewness_after, 2),
            maybe(of.kurtosis_after, 2),
            limits,
            of.step.to_owned(),
            if of.fails { "still skewed".to_owned() } else { String::new() },
        ]
    };
    let heads =
        ["", "winsorised", "G1", "G2", "G1 after", "G2 after", "counts as from and to", "last step", "flags"];
    let failing = audit.skewed.iter().filter(|of| of.fails).count();
    let said = match failing {
        0 => "In the reference of the calibration; nothing is left that is flagged.".to_owned(),
        _ => format!(
            "In the reference of the calibration; {} still skewed after the last step, and kept.",
            match failing {
                1 => "one column is".to_owned(),
                many => format!("{} columns are", count(many)),
            }
        ),
    };
    vec![
        heading("skewed readings, and what was done with them"),
        paragraph(said),
        Part::Table(Table::new("", &heads, 2, audit.skewed.iter().map(row).collect())),
    ]
}

fn imputed(audit: &Audit) -> Vec<Part> {
    if audit.imputed.is_empty() {
        return Vec::new();
    }
    let persons = audit.persons.unwrap_or(0);
    let rows = audit.imputed.iter().map(|one| {
        vec![format!("indicator.{}", one.indicator), count(one.persons), share(one.persons, persons)]
    });
    vec![
        heading("gaps that were filled"),
        Part::Table(Table::new("", &["", "persons", "share"], 0, rows.collect())),
    ]
}

fn relation(of: &PairFigures) -> &'static str {
    match of.relation {
        Relation::Siblings => "siblings",
        Relation::Above => "above",
        _ => "",
    }
}

fn correlations(audit: &Audit) -> Vec<Part> {
    if audit.correlations.is_empty() {
        return Vec::new();
    }
    let thresholds = &audit.thresholds;
    let row = |of: &PairFigures| {
        vec![
            of.first.clone(),
            count(of.n),
            maybe(of.pearson, 3),
            p_value(of.pearson_p),
            maybe(of.spearman, 3),
            p_value(of.spearman_p),
            maybe(of.kendall, 3),
            p_value(of.kendall_p),
            of.second.clone(),
            relation(of).to_owned(),
            flags(&of.flags),
        ]
    };
    let heads = ["", "n", "Pearson", "p", "Spearman", "p", "Kendall", "p", "with", "stands", "flags"];
    let said = format!(
        "Of persons who have both. Flagged: redundant where Pearson’s r of siblings is above {}, low where it is below {} with a \
         column above, negative below 0.",
        plain(thresholds.redundant),
        plain(thresholds.low)
    );
    let table = Table::new("", &heads, 3, audit.correlations.iter().map(row).collect());
    let mut parts = vec![heading("what goes with what"), paragraph(said)];
    match &audit.map {
        Some(_) => parts.push(Part::Figure(
            Picture::Correlations,
            vec![
                "Pearson’s r of indicators: the area is its size; filled is positive, hollow negative."
                    .to_owned(),
            ],
            table,
        )),
        None => parts.push(Part::Table(table)),
    }
    parts
}

fn parent(of: &ParentFigures) -> Vec<Part> {
    let mut said = format!("{}: {} children", of.name, count(of.children.len()));
    if of.children.len() > 1 {
        let _ = write!(said, ", {} persons have all; alpha {}", count(of.complete), maybe(of.alpha, 3));
    }
    if let Some(kmo) = of.kmo {
        let _ = write!(said, "; KMO {}", number(kmo, 3));
    }
    if let Some(test) = &of.bartlett {
        let p = p_value(Some(test.p));
        let is = if p.starts_with('<') { "" } else { "= " };
        let _ = write!(said, "; Bartlett’s χ² {} ({} df), p {is}{p}", number(test.chi2, 1), test.df);
    }
    if !of.note.is_empty() {
        let _ = write!(said, "; {}", of.note);
    }
    let mut parts = vec![paragraph(said)];
    let Some(first) = of.components.first() else { return parts };
    let shares: Vec<String> = of
        .components
        .iter()
        .map(|one| format!("{} ({})", number(one.eigenvalue, 3), percent(one.share)))
        .collect();
    parts.push(paragraph(format!("eigenvalues {}", list(&shares))));
    let second = of.components.get(1);
    let rows = of.children.iter().enumerate().map(|(at, child)| {
        vec![
            child.clone(),
            maybe(first.loadings.get(at).copied(), 3),
            maybe(second.and_then(|one| one.loadings.get(at).copied()), 3),
            maybe(of.kmo_of.get(at).copied().flatten(), 3),
        ]
    });
    let heads = ["child", "first component", "second", "KMO"];
    parts.push(Part::Table(Table::new("", &heads, 0, rows.collect())));
    parts
}

fn removals(audit: &Audit) -> Vec<Part> {
    if audit.removals.is_empty() {
        return Vec::new();
    }
    let rows = audit.removals.iter().map(|of| {
        vec![
            of.name.clone(),
            count(of.n),
            maybe(of.mean_shift, 1),
            of.max_shift.map_or_else(|| "–".to_owned(), |places| count(places as usize)),
            maybe(of.pearson, 4),
            maybe(of.spearman, 4),
            of.mean_change.map_or_else(|| "–".to_owned(), |change| signed(change, 2)),
            of.note.to_owned(),
        ]
    });
    let heads = ["left out", "n", "mean shift", "largest", "Pearson", "Spearman", "mean", "note"];
    let said = "The weights of the rest are renormalised. Shifts are in places among the persons who have both indices; the \
                correlations are with the index as it is, and the mean is the change of the mean index.";
    vec![
        heading("the index without each part"),
        paragraph(said),
        Part::Table(Table::new("", &heads, 1, rows.collect())),
    ]
}

fn inequality(of: &Inequality) -> Vec<Part> {
    let mut rows: Rows = vec![vec!["persons".to_owned(), count(of.n)]];
    let mut row = |name: String, value: String| rows.push(vec![name, value]);
    row("mean index".to_owned(), maybe(of.mean, 2));
    row("Gini".to_owned(), maybe(of.gini, 4));
    for one in &of.atkinson {
        row(format!("Atkinson, aversion {}", plain(one.aversion)), maybe(one.value, 4));
    }
    if let Some(below) = &of.below {
        let line = plain(below.line);
        let withheld = below.persons.is_none();
        let or = |text: String| if withheld { "withheld".to_owned() } else { text };
        row(format!("share below {line}"), or(below.share.map_or_else(|| "–".to_owned(), percent)));
        row(format!("mean gap of those below {line}, points"), or(maybe(below.mean_gap, 2)));
        row("gap of all, as a share of the line".to_owned(), or(maybe(below.gap_index, 4)));
    }
    let mut parts = vec![
        heading("how unequally the index is spread"),
        Part::Table(Table::new("", &["", "value"], 0, rows)),
    ];
    if !of.note.is_empty() {
        parts.push(paragraph(begin(of.note) + "."));
    }
    parts
}

fn deprivation(of: &Deprivation) -> Vec<Part> {
    let mut parts = vec![heading(format!("deprivation in {}", of.name))];
    parts.push(paragraph(format!(
        "Of {} persons with every score {} count, being deprived in {} of the weights or more ({}). H = {}, A = {}, M₀ = {}.",
        count(of.n),
        of.persons.map_or_else(|| "a number that is withheld".to_owned(), count),
        percent(of.poor_at),
        of.persons.map_or_else(|| "–".to_owned(), |persons| share(persons, of.n)),
        maybe(of.headcount, 4),
        maybe(of.intensity, 4),
        maybe(of.adjusted, 4)
    )));
    if !of.dimensions.is_empty() {
        let rows = of.dimensions.iter().map(|one| {
            vec![
                one.name.clone(),
                plain(one.cutoff),
                number(one.weight, 3),
                maybe(one.deprived, 4),
                maybe(one.censored, 4),
                maybe(one.contribution, 4),
            ]
        });
        let heads = ["dimension", "cutoff", "weight", "deprived", "deprived and counting", "adds to M₀"];
        parts.push(Part::Table(Table::new("", &heads, 0, rows.collect())));
    }
    if !of.groups.is_empty() {
        let rows = of.groups.iter().map(|one| {
            vec![
                one.group.clone(),
                count(one.n),
                maybe(one.headcount, 4),
                maybe(one.intensity, 4),
                maybe(one.adjusted, 4),
                maybe(one.contribution, 4),
            ]
        });
        let heads = ["subgroup", "n", "H", "A", "M₀", "adds to M₀"];
        parts.push(Part::Table(Table::new("", &heads, 0, rows.collect())));
    }
    parts
}

fn changes(of: &WaveChange) -> Vec<Part> {
    let mut parts = vec![heading(format!("change from {} to {}", of.from, of.to))];
    let persons = of
        .persons
        .map_or_else(String::new, |persons| format!("{} persons are in both waves. ", count(persons)));
    let adds = match of.rest {
        Some(rest) => format!(
            " What the indicators add up to is the change of the index, but for {} of what was observed in one wave only.",
            signed(rest, 2)
        ),
        None => String::new(),
    };
    parts.push(paragraph(format!(
        "{persons}Means of differences within persons, with {} intervals, on one calibration.{adds}",
        sureness(0.95)
    )));
    let row = |one: &MeanChange| {
        vec![
            one.name.clone(),
            count(one.n),
            maybe(one.before, 1),
            maybe(one.after, 1),
            one.change.map_or_else(|| "–".to_owned(), |change| signed(change, 2)),
            between(one.low, one.high, 2),
            match (one.level, one.contribution) {
                (Level::Indicator, Some(adds)) => signed(adds, 2),
                _ => String::new(),
            },
        ]
    };
    let heads = ["", "n", "before", "after", "change", "interval", "adds"];
    parts.push(Part::Table(Table::new("", &heads, 0, of.changes.iter().map(row).collect())));
    parts
}

fn strengths(of: &Strengths) -> Vec<Part> {
    let wave = of.wave.as_ref().map_or_else(String::new, |wave| format!(", wave {wave}"));
    let mut parts = vec![heading(format!("one person: {}{wave}", of.person))];
    parts.push(paragraph(format!(
        "Index {}, percentile {}.",
        maybe(of.index, 1),
        maybe(of.index_percentile, 0)
    )));
    for (caption, all) in [("Strengths", &of.strengths), ("Weaknesses", &of.weaknesses)] {
        let rows = all.iter().map(|one| {
            vec![
                begin(&one.title),
                number(one.score, 1),
                number(one.percentile, 0),
                number(one.mean, 1),
                count(one.n),
            ]
        });
        let heads = ["indicator", "score", "percentile", "mean of all", "n"];
        parts.push(Part::Table(Table::new(caption, &heads, 0, rows.collect())));
    }
    parts
}
