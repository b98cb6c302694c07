//! From the checked tree of a definition file to its resolved parts: every reference followed.

use std::{collections::HashSet, path::Path};

use super::{
    choice, health, impute,
    instrument::{self, key::Scale, read_bands},
    measure,
    parts::{
        Audience, Cleaning, Derived, Direction, ErrorOfMeasurement, ErrorSize, ErrorSource, FileFormat,
        Formula, Indicator, Instrument, Measure, Origin, PersonColumns, Reading, Resolved, Target,
    },
    readings, roles, rule, screen,
    source::{Entry, Faults, Node},
    treatment::{self, Treatment},
    tree, utility,
};
use crate::{error::suggest, expression::Expression, notation::model};

/// Resolves a definition as far as it can be read; it holds only if no fault was found.
pub(super) fn resolve(root: &Node, folder: Option<&Path>, faults: &mut Faults<'_>) -> Resolved {
    if let Some(schema) = root.get("schema").filter(|schema| schema.number().is_some_and(|n| n != 1.0)) {
        faults.add(
            schema.span.start,
            "schema",
            "unknown version of the format",
            "this version reads schema = 1",
        );
    }
    if let Some(id) = root.get("id").and_then(|id| id.text().map(|text| (id.span.start, text)))
        && !super::format::is_id(id.1)
    {
        let what = format!("`{}` cannot be an id", id.1);
        faults.add(id.0, "id", what, "ids are lower-case letters, digits and `_`");
    }
    let derived: Vec<Derived> = section(root, "derived").filter_map(|e| read_derived(e, faults)).collect();
    roles::check_cycles(&derived, root, faults);
    let instruments: Vec<Instrument> = section(root, "instrument")
        .filter_map(|e| instrument::read(&e.key, e.at.start, &e.node, folder, faults))
        .collect();
    let target = measure::target_of(root);
    let measures: Vec<Measure> =
        section(root, "measure").filter_map(|e| measure::read(e, target, faults)).collect();
    let treat = treatment::read_standing(root, faults);
    let person = read_person(root);
    impute::of_all(root, &person, faults);
    let mut indicators: Vec<Indicator> = section(root, "indicator")
        .filter_map(|e| read_indicator(e, root, &instruments, &measures, treat, faults))
        .collect();
    for indicator in &mut indicators {
        let path = format!("indicator.{}", indicator.id);
        if let Some(node) = root.get("indicator").and_then(|all| all.get(&indicator.id)) {
            indicator.impute = impute::read(node, root, &indicator.reading, &person, &path, faults);
        }
    }
    let health = health::read(root, &measures, faults);
    let (nodes, declared) = tree::read(root, &indicators, faults);
    impute::check_siblings(root, &indicators, &nodes, faults);
    let screen = screen::read(root, faults);
    let choices = section(root, "choice").filter_map(|e| choice::read(e, faults)).collect();
    let adjusters = choice::read_adjusters(root, faults);
    check_names(root, faults);
    check_targets(root, &indicators, &measures, faults);
    let text = |key: &str| root.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    let index = root.get("index");
    let interval = index.and_then(|index| index.get("interval"));
    let level = interval.and_then(Node::number).unwrap_or(0.95);
    if !(0.5..1.0).contains(&level) {
        let at = interval.map_or(0, |node| node.span.start);
        faults.add(
            at,
            "index.interval",
            format!("{level} is no coverage"),
            "give a share from 0.5 to below 1",
        );
    }
    let bands =
        index.and_then(|i| i.get("bands")).map(|b| read_bands(b, "index", faults)).unwrap_or_default();
    let resolved = Resolved {
        id: text("id"),
        version: text("version"),
        title: text("title"),
        population: text("population"),
        audience: match text("audience").as_str() {
            "clinic" => Audience::Clinic,
            "employer" => Audience::Employer,
            _ => Audience::Research,
        },
        norms: root.get("norms").and_then(Node::text).map(str::to_owned),
        person,
        file: read_file_format(root),
        instruments,
        measures,
        derived,
        indicators,
        nodes,
        declared,
        bands,
        interval: level,
        choices,
        adjusters,
        health,
        screen,
        model: root.get("model").map(|node| model::read(node, "model", faults)),
    };
    roles::check(&resolved, root, faults);
    resolved
}

pub(super) fn section<'a>(root: &'a Node, name: &str) -> impl Iterator<Item = &'a Entry> + use<'a> {
    root.get(name).map(Node::entries).unwrap_or_default().iter()
}

/// Without an id column, which is a fault already, the rest of the definition is checked all the same.
fn read_person(root: &Node) -> PersonColumns {
    let column = |key: &str| {
        root.get("person").and_then(|person| person.get(key)).and_then(Node::text).map(str::to_owned)
    };
    PersonColumns { id: column("id").unwrap_or_default(), unit: column("unit"), wave: column("wave") }
}

fn read_file_format(root: &Node) -> FileFormat {
    let of_data = |key: &str| root.get("data").and_then(|data| data.get(key));
    let sign = |key: &str| {
        of_data(key)
            .and_then(Node::text)
            .and_then(|text| if text == "tab" { Some('\t') } else { text.chars().next() })
    };
    FileFormat {
        zero_below: of_data("zero_below").and_then(Node::number),
        missing: of_data("missing").map(Node::texts).unwrap_or_default(),
        delimiter: sign("delimiter"),
        decimal: sign("decimal"),
        encoding: of_data("encoding").and_then(Node::text).map(str::to_owned),
    }
}

/// Parses an expression; its syntax error is a fault.
pub(super) fn read_formula(node: &Node, path: &str, faults: &mut Faults<'_>) -> Option<Formula> {
    let text = node.text()?;
    match Expression::parse(text) {
        Ok(expression) => Some(Formula { text: text.to_owned(), expression }),
        Err(error) => {
            let before = text.get(..error.at.start).unwrap_or(text);
            let what = format!("{} (after `{before}`)", error.what);
            faults.add(node.span.start, path, what, error.help);
            None
        }
    }
}

/// `column`, `columns` or `from`; by default the column named like the id.
pub(super) fn read_origin(id: &str, node: &Node, path: &str, faults: &mut Faults<'_>) -> Option<Origin> {
    let given: Vec<&str> =
        ["column", "columns", "from"].into_iter().filter(|key| node.get(key).is_some()).collect();
    if given.len() > 1 {
        let what = format!("{} are given together", given.join(" and "));
        faults.add(node.span.start, path, what, "say once where the numbers come from");
        return None;
    }
    if let Some(from) = node.get("from") {
        return read_formula(from, &format!("{path}.from"), faults).map(Origin::From);
    }
    if let Some(columns) = node.get("columns") {
        let names = columns.texts();
        if names.is_empty() {
            faults.add(columns.span.start, path, "the list of columns is empty", "name at least one");
        }
        return Some(Origin::Columns(names));
    }
    Some(Origin::Columns(vec![node.get("column").and_then(Node::text).unwrap_or(id).to_owned()]))
}

pub(super) fn read_cleaning(node: &Node, path: &str, faults: &mut Faults<'_>) -> Cleaning {
    let limits = match node.get("limits").map(Node::numbers).as_deref() {
        Some(&[lowest, highest]) => Some([lowest, highest]),
        _ => None,
    };
    if let Some([lowest, highest]) = limits
        && lowest >= highest
    {
        let at = node.get("limits").map_or(0, |limits| limits.span.start);
        faults.add(at, &format!("{path}.limits"), "the limits hold no value", "give [lowest, highest]");
    }
    Cleaning {
        limits,
        drop_outside: node.get("outside").and_then(Node::text) == Some("missing"),
        sentinels: node.get("sentinels").map(Node::numbers).unwrap_or_default(),
    }
}

/// In a list of names each stands once.
pub(super) fn check_twice(list: Option<&Node>, what: &str, path: &str, faults: &mut Faults<'_>) {
    let mut seen = HashSet::new();
    for node in list.map(Node::list).unwrap_or_default() {
        if let Some(name) = node.text().filter(|name| !seen.insert(*name)) {
            faults.add(
                node.span.start,
                path,
                format!("the {what} `{name}` stands here twice"),
                "name it once",
            );
        }
    }
}

pub(super) fn texts_of(node: &Node, key: &str) -> Vec<String> {
    node.get(key).map(Node::texts).unwrap_or_default()
}

pub(super) fn text_of(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::text).unwrap_or_default().to_owned()
}

fn read_derived(entry: &Entry, faults: &mut Faults<'_>) -> Option<Derived> {
    let formula = read_formula(entry.node.get("from")?, &format!("derived.{}.from", entry.key), faults)?;
    Some(Derived { id: entry.key.clone(), formula, unit: text_of(&entry.node, "unit") })
}

pub(super) fn read_error(node: &Node, path: &str, faults: &mut Faults<'_>) -> Option<ErrorOfMeasurement> {
    let given: Vec<&str> =
        ["sd", "cv", "reliability", "icc"].into_iter().filter(|key| node.get(key).is_some()).collect();
    let &[key] = given.as_slice() else {
        let what =
            if given.is_empty() { "the size of the error is missing" } else { "the error has two sizes" };
        faults.add(node.span.start, path, what, "give one of sd, cv, reliability, icc");
        return None;
    };
    readings::refuse_lone_between_sd(node, path, faults);
    let value = node.get(key)?;
    let number = value.number();
    let size = match (key, number) {
        // Neither a number nor `calibrated`: a fault already.
        (_, None) if !matches!(value.text(), Some("calibrated" | "omega")) => return None,
        ("sd", Some(sd)) => ErrorSize::Sd(sd),
        ("sd", None) => ErrorSize::CalibratedSd,
        ("cv", number) => ErrorSize::Cv(number?),
        ("icc", number) => {
            ErrorSize::Icc { icc: number?, between_sd: readings::between_sd(node, path, faults)? }
        }
        (_, Some(reliability)) => ErrorSize::Reliability(reliability),
        (_, None) if value.text() == Some("omega") => ErrorSize::CalibratedOmega,
        (_, None) => ErrorSize::CalibratedReliability,
    };
    let fits = match size {
        ErrorSize::Sd(size) | ErrorSize::Cv(size) => size > 0.0,
        ErrorSize::Reliability(share) | ErrorSize::Icc { icc: share, .. } => share > 0.0 && share < 1.0,
        ErrorSize::CalibratedSd | ErrorSize::CalibratedReliability | ErrorSize::CalibratedOmega => true,
    };
    if !fits {
        let help = "an sd or cv is above 0, a reliability or icc between 0 and 1";
        faults.add(value.span.start, path, format!("{} is no {key}", number.unwrap_or(f64::NAN)), help);
    }
    let source = match node.get("source")?.text()? {
        "verified" => ErrorSource::Verified,
        "calibrated" => ErrorSource::Calibrated,
        _ => ErrorSource::Assumed,
    };
    let learned = matches!(
        size,
        ErrorSize::CalibratedSd | ErrorSize::CalibratedReliability | ErrorSize::CalibratedOmega
    );
    if learned != (source == ErrorSource::Calibrated) {
        let help = "what is learned is `calibrated`, a number is `verified` or `assumed`";
        faults.add(node.get("source")?.span.start, path, "the source does not fit the size", help);
    }
    Some(ErrorOfMeasurement {
        size,
        target: if node.get("target")?.text()? == "usual" { Target::Usual } else { Target::Occasion },
        source,
        reference: text_of(node, "reference"),
        linear: node.get("propagate").and_then(Node::text) == Some("linear"),
        drift: node.get("drift").and_then(Node::number),
    })
}

fn read_indicator(
    entry: &Entry,
    root: &Node,
    instruments: &[Instrument],
    measures: &[Measure],
    treat: Option<Treatment>,
    faults: &mut Faults<'_>,
) -> Option<Indicator> {
    let path = format!("indicator.{}", entry.key);
    let node = &entry.node;
    let given: Vec<&str> =
        ["scale", "measure", "rule"].into_iter().filter(|key| node.get(key).is_some()).collect();
    let &[kind] = given.as_slice() else {
        let what =
            if given.is_empty() { "the indicator reads nothing" } else { "the indicator reads two things" };
        faults.add(entry.at.start, &path, what, "give one of scale, measure, rule");
        return None;
    };
    for (key, of) in [("inputs", "rule"), ("cases", "rule"), ("error", "scale")] {
        if let Some(found) = node.get(key).filter(|_| kind != of) {
            let what = format!("`{key}` belongs to an indicator with a {of}");
            let help = if key == "error" { "the error of a measure stands at the measure" } else { "" };
            faults.add(found.span.start, &format!("{path}.{key}"), what, help);
        }
    }
    if kind == "rule"
        && let Some(utility) = node.get("utility")
    {
        faults.add(
            utility.span.start,
            &format!("{path}.utility"),
            "a rule has its own scores",
            "leave out `utility`",
        );
    }
    if is_unreadable(kind, node, root, instruments, measures) {
        return None;
    }
    let reading = match kind {
        "scale" => read_scale_reading(node.get("scale")?, node, instruments, entry.at.start, &path, faults)?,
        "measure" => {
            read_measure_reading(node.get("measure")?, node, measures, entry.at.start, &path, faults)?
        }
        _ => rule::read_reading(node.get("rule")?, node, measures, &path, faults)?,
    };
    let error = node.get("error").and_then(|error| read_error(error, &format!("{path}.error"), faults));
    if let Some(found) = node.get("error").and_then(|error| error.get("drift")) {
        readings::refuse_drift(found, &format!("{path}.error.drift"), faults);
    }
    if let (Reading::Scale { instrument, scale, .. }, Some(error)) = (&reading, &error) {
        let parts =
            instruments.get(*instrument).and_then(|i| i.key.scales.get(*scale)).map_or(0, Scale::parts);
        let help = match error.size {
            ErrorSize::CalibratedReliability if parts < 2 => {
                "alpha needs the sum or mean of two items or scales; give a number"
            }
            ErrorSize::CalibratedOmega if parts < 3 => {
                "omega needs the sum or mean of three items or scales; give a number"
            }
            ErrorSize::CalibratedSd => {
                "a scale has no repeated readings; give `reliability = \"calibrated\"`"
            }
            _ => "",
        };
        if !help.is_empty() {
            let at = node.get("error").map_or(0, |node| node.span.start);
            faults.add(at, &format!("{path}.error"), "this error cannot be learned from the data", help);
        }
    }
    let treat = treatment::of_indicator(node, treat, &reading, &path, faults);
    Some(Indicator {
        id: entry.key.clone(),
        title: text_of(node, "title"),
        reading,
        error,
        content: texts_of(node, "content"),
        treat,
        impute: None,
    })
}

/// Whether what the indicator names is declared but faulty: one fault is enough.
fn is_unreadable(
    kind: &str,
    node: &Node,
    root: &Node,
    instruments: &[Instrument],
    measures: &[Measure],
) -> bool {
    let name = text_of(node, kind);
    let lost_measure =
        |id: &str| section(root, "measure").any(|e| e.key == id) && !measures.iter().any(|m| m.id == id);
    match kind {
        "scale" => {
            let of = name.split('.').next().unwrap_or_default();
            let scale = name.split_once('.').map_or("total", |(_, scale)| scale);
            let declared = section(root, "instrument").find(|e| e.key == of);
            let is_declared =
                declared.is_some_and(|e| e.node.get("scale").is_some_and(|s| s.get(scale).is_some()));
            match instruments.iter().find(|instrument| instrument.id == of) {
                Some(read) => is_declared && !read.key.scales.iter().any(|known| known.id == scale),
                None => declared.is_some(),
            }
        }
        "measure" => lost_measure(&name),
        _ => section(node, "inputs").any(|input| input.node.text().is_some_and(lost_measure)),
    }
}

fn read_scale_reading(
    name: &Node,
    node: &Node,
    instruments: &[Instrument],
    at: usize,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Reading> {
    let text = name.text()?;
    let (of, id) = text.split_once('.').unwrap_or((text, "total"));
    let found = instruments.iter().enumerate().find(|(_, instrument)| instrument.id == of);
    let position =
        found.and_then(|(at, i)| Some((at, i.key.scales.iter().position(|scale| scale.id == id)?)));
    let Some((instrument, scale)) = position else {
        let known: Vec<String> = instruments
            .iter()
            .flat_map(|i| i.key.scales.iter().map(move |s| format!("{}.{}", i.id, s.id)))
            .collect();
        let help = suggest(text, known.iter().map(String::as_str));
        faults.add(name.span.start, &format!("{path}.scale"), format!("there is no scale `{text}`"), help);
        return None;
    };
    let key = instruments.get(instrument)?.key.scales.get(scale)?;
    let why = match (key.is_for_groups, key.is_label) {
        (true, _) => "is valid for groups alone, and an index is of persons",
        (_, true) => "is a label and no quantity",
        _ => "",
    };
    if !why.is_empty() {
        let what = format!("the scale `{text}` {why}");
        faults.add(name.span.start, &format!("{path}.scale"), what, "take another scale");
        return None;
    }
    let natural = match key.direction {
        Direction::HigherBetter => key.range,
        Direction::LowerBetter => [key.range[1], key.range[0]],
    };
    let utility = utility::read(node, Some(natural), Some(key.direction), at, path, faults)?;
    Some(Reading::Scale { instrument, scale, utility })
}

fn read_measure_reading(
    name: &Node,
    node: &Node,
    measures: &[Measure],
    at: usize,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Reading> {
    let text = name.text()?;
    let Some(measure) = measures.iter().position(|measure| measure.id == text) else {
        let help = suggest(text, measures.iter().map(|measure| measure.id.as_str()));
        faults.add(
            name.span.start,
            &format!("{path}.measure"),
            format!("there is no measure `{text}`"),
            help,
        );
        return None;
    };
    let of = measures.get(measure)?;
    let utility = utility::read(node, None, of.direction, at, path, faults)?;
    let is_cv = |error: &ErrorOfMeasurement| matches!(error.size, ErrorSize::Cv(_));
    let is_straight = utility.is_endless() || of.error.as_ref().is_some_and(|e| e.linear);
    if is_straight && of.error.as_ref().is_some_and(is_cv) && of.cleaning.limits.is_none() {
        let what = "the error grows with the reading, and nothing says how far readings go";
        faults.add(at, path, what, format!("give `limits` to the measure `{text}`"));
    }
    if is_straight {
        readings::check_reach(of, at, path, faults);
    }
    Some(Reading::Measure { measure, utility })
}

/// Ids of derived columns, measures and choices name columns of one table; indicators and nodes terms of one tree.
fn check_names(root: &Node, faults: &mut Faults<'_>) {
    for family in [["derived", "measure", "choice"], ["indicator", "domain", "pillar"]] {
        let mut seen: HashSet<&str> = HashSet::new();
        for name in family {
            for entry in section(root, name) {
                if !seen.insert(&entry.key) {
                    let what = format!("the id `{}` is taken", entry.key);
                    faults.add(
                        entry.at.start,
                        &format!("{name}.{}", entry.key),
                        what,
                        "ids are unique among these sections",
                    );
                }
            }
        }
    }
}

/// One index uses one target of its errors of measurement.
fn check_targets(root: &Node, indicators: &[Indicator], measures: &[Measure], faults: &mut Faults<'_>) {
    let mut target = None;
    let errors = indicators.iter().map(|i| ("indicator", &i.id, &i.error));
    for (section_name, id, error) in errors.chain(measures.iter().map(|m| ("measure", &m.id, &m.error))) {
        let Some(error) = error else { continue };
        if *target.get_or_insert(error.target) != error.target {
            let at = root.get(section_name).and_then(|s| s.get(id)).map_or(0, |node| node.span.start);
            let help = "one index uses one target: `occasion` or `usual` throughout";
            faults.add(
                at,
                &format!("{section_name}.{id}.error"),
                "the errors of measurement have two targets",
                help,
            );
        }
    }
}
