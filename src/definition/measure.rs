//! Reads what is measured: entries of the registry, and the measures of a definition that `use` them.

use super::{
    catalogue, denominator,
    instrument::direction_of,
    parts::{Cleaning, Direction, ErrorOfMeasurement, ErrorSize, ErrorSource, Measure, Origin, Target},
    readings,
    registry::Status,
    resolve::{read_cleaning, read_error, read_origin, section, text_of, texts_of},
    source::{Entry, Faults, Node},
    units::{self, Conversion},
};

/// An entry of the registry: what a measure is, whoever measures it.
#[derive(Debug, Clone)]
pub(crate) struct MeasureKey {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) about: String,
    /// The canonical unit: limits, errors and targets are in it.
    pub(crate) unit: String,
    /// What else the unit of a column may be.
    pub(crate) units: Vec<String>,
    pub(crate) analyte: Option<String>,
    pub(crate) loinc: Option<Loinc>,
    pub(crate) limits: Option<[f64; 2]>,
    pub(crate) unusual: Option<[f64; 2]>,
    pub(crate) better: Option<Better>,
    pub(crate) context: String,
    pub(crate) errors: Vec<KnownError>,
    pub(crate) days: Vec<DaysNeeded>,
    pub(crate) freshness: Option<Freshness>,
    pub(crate) content: Vec<String>,
    pub(crate) source: String,
    pub(crate) status: Status,
}

#[derive(Debug, Clone)]
pub(crate) struct Loinc {
    pub(crate) code: String,
    pub(crate) status: Status,
}

/// Which way is better, or which range is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Better {
    Way(Direction),
    Target([f64; 2]),
}

/// A published error of measurement.
#[derive(Debug, Clone)]
pub(crate) struct KnownError {
    pub(crate) size: KnownSize,
    pub(crate) target: Target,
    /// What one reading is: "one visit", "one day", "the mean of 5 days".
    pub(crate) per: String,
    /// How many days are behind one reading, where it is more than one.
    pub(crate) days: Option<f64>,
    pub(crate) status: Status,
    pub(crate) source: String,
}

/// What is published: one number, or a range that sources or groups span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum KnownSize {
    Sd([f64; 2]),
    Cv([f64; 2]),
    Icc { share: [f64; 2], between_sd: Option<f64> },
    Reliability([f64; 2]),
}

/// How many days reach a reliability.
#[derive(Debug, Clone)]
pub(crate) struct DaysNeeded {
    pub(crate) reliability: f64,
    pub(crate) needs: [f64; 2],
    pub(crate) note: String,
    pub(crate) status: Status,
    pub(crate) source: String,
}

/// How long a reading counts in full, and when no more.
#[derive(Debug, Clone)]
pub(crate) struct Freshness {
    pub(crate) fresh_months: f64,
    pub(crate) stale_months: f64,
    pub(crate) source: String,
}

impl MeasureKey {
    pub(crate) fn direction(&self) -> Option<Direction> {
        match self.better? {
            Better::Way(direction) => Some(direction),
            Better::Target(_) => None,
        }
    }
}

impl KnownSize {
    /// The word for it in files.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sd(_) => "sd",
            Self::Cv(_) => "cv",
            Self::Icc { .. } => "icc",
            Self::Reliability(_) => "reliability",
        }
    }

    pub(crate) fn range(self) -> [f64; 2] {
        match self {
            Self::Sd(range) | Self::Cv(range) | Self::Reliability(range) => range,
            Self::Icc { share, .. } => share,
        }
    }

    /// The end of the range that claims less: the larger error, the smaller reliability.
    pub(crate) fn cautious(self) -> f64 {
        match self {
            Self::Sd([_, high]) | Self::Cv([_, high]) => high,
            Self::Icc { share: [low, _], .. } | Self::Reliability([low, _]) => low,
        }
    }

    /// As the error of one reading after the conversion `to`; none if it does not carry over.
    fn in_unit(self, to: Conversion) -> Option<ErrorSize> {
        let size = self.cautious();
        match self {
            Self::Sd(_) => Some(ErrorSize::Sd(size * to.slope())),
            // A share of the value stays one only where zero stays zero.
            Self::Cv(_) => (to.offset() == 0.0).then_some(ErrorSize::Cv(size)),
            Self::Icc { between_sd: Some(sd), .. } => {
                Some(ErrorSize::Icc { icc: size, between_sd: sd * to.slope() })
            }
            Self::Icc { between_sd: None, .. } | Self::Reliability(_) => Some(ErrorSize::Reliability(size)),
        }
    }
}

/// `[measure.ID]`. `target` is the one target of the errors that the definition declares itself.
pub(super) fn read(entry: &Entry, target: Option<Target>, faults: &mut Faults<'_>) -> Option<Measure> {
    let path = format!("measure.{}", entry.key);
    let node = &entry.node;
    let origin = read_origin(&entry.key, node, &path, faults);
    let used = match node.get("use") {
        Some(used) => Some(read_use(used, &path, faults)?),
        None => None,
    };
    if used.is_none() && node.get("unit").is_none() {
        let help = "it holds the UCUM unit; it may be left out with `use`";
        faults.add(node.span.start, &path, "the key `unit` is missing", help);
    }
    let origin = origin?;
    let given = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let analyte = given("analyte").or_else(|| used.as_ref().and_then(|used| used.analyte.clone()));
    let unit = given("unit").or_else(|| used.as_ref().map(|used| used.unit.clone())).unwrap_or_default();
    let to_column = match &used {
        Some(used) => read_unit(node, used, &unit, analyte.as_deref(), &path, faults)?,
        None => Conversion::SAME,
    };
    let in_column = |[low, high]: [f64; 2]| [to_column.apply(low), to_column.apply(high)];
    let own = read_cleaning(node, &path, faults);
    let limits = own.limits.or_else(|| used.as_ref().and_then(|used| used.limits).map(in_column));
    let unusual = read_unusual(node, limits, &path, faults)
        .or_else(|| used.as_ref().and_then(|used| used.unusual).map(in_column));
    let error = node.get("error").and_then(|error| match error.text() {
        Some(_) => used_error(node, used.as_ref(), to_column, target, &path, faults)
            .filter(|known| check_independent(node, &origin, known, &path, faults)),
        None => read_error(error, &format!("{path}.error"), faults),
    });
    check_learned(node, &origin, error.as_ref(), &path, faults);
    let readings = readings::read(node, &origin, &path, faults);
    readings::check_error(node, &readings, error.as_ref(), &path, faults);
    let per = denominator::read(node, &origin, &path, faults);
    let mut content = texts_of(node, "content");
    for tag in used.iter().flat_map(|used| &used.content) {
        if !content.contains(tag) {
            content.push(tag.clone());
        }
    }
    let title = given("title").or_else(|| used.as_ref().map(|used| used.title.clone()));
    let answers = node.get("answers").map(Node::entries).unwrap_or_default();
    Some(Measure {
        id: entry.key.clone(),
        title: title.unwrap_or_default(),
        origin,
        unit,
        cleaning: Cleaning { limits, ..own },
        answers: answers.iter().filter_map(|a| Some((a.key.clone(), a.node.number()?))).collect(),
        direction: direction_of(node).or_else(|| used.as_ref().and_then(MeasureKey::direction)),
        error,
        content,
        of: used.map(|used| used.id).unwrap_or_default(),
        analyte,
        unusual,
        readings,
        per,
    })
}

/// The entry of the registry that `use` names.
fn read_use(used: &Node, path: &str, faults: &mut Faults<'_>) -> Option<MeasureKey> {
    let name = used.text()?;
    match catalogue::MEASURE_SHELF.find(name) {
        Ok(_) => catalogue::measure_key(name).ok(),
        Err((what, help)) => {
            faults.add(used.span.start, &format!("{path}.use"), what, help);
            None
        }
    }
}

/// From the unit of the registry to that of the column.
fn read_unit(
    node: &Node,
    used: &MeasureKey,
    unit: &str,
    analyte: Option<&str>,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Conversion> {
    let refuse = |(what, help): (String, String)| {
        let at = node.get("unit").map_or(node.span.start, |unit| unit.span.start);
        faults.add(at, &format!("{path}.unit"), what, help);
    };
    let there = units::conversion(unit, &used.unit, analyte);
    there.and_then(|_| units::conversion(&used.unit, unit, analyte)).map_err(refuse).ok()
}

/// Readings outside are possible, and flagged.
fn read_unusual(
    node: &Node,
    limits: Option<[f64; 2]>,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<[f64; 2]> {
    let found = node.get("unusual")?;
    let &[low, high] = found.numbers().as_slice() else { return None };
    let is_inside = limits.is_none_or(|[lowest, highest]| lowest <= low && high <= highest);
    if low >= high || !is_inside {
        let help = "give [low, high] within the limits";
        faults.add(found.span.start, &format!("{path}.unusual"), "these hold no usual value", help);
    }
    Some([low, high])
}

/// What to do about an error that the registry cannot give.
const WRITE_OUT: &str = "write it out, with source = \"assumed\" and a `reference`";

/// `error = "registry"`: the one verified error of the target; anything less is said, never taken.
fn used_error(
    measure: &Node,
    used: Option<&MeasureKey>,
    to_column: Conversion,
    target: Option<Target>,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<ErrorOfMeasurement> {
    let path = format!("{path}.error");
    let node_days = measure.get("days");
    let node = measure.get("error")?;
    let Some(used) = used else {
        let help = "name an entry of the registry with `use`, or write the error out";
        faults.add(node.span.start, &path, "the measure uses no entry of the registry", help);
        return None;
    };
    let fits = |error: &&KnownError| target.is_none_or(|target| error.target == target);
    let verified: Vec<&KnownError> =
        used.errors.iter().filter(fits).filter(|error| error.status == Status::Verified).collect();
    let help = WRITE_OUT;
    let &[found] = verified.as_slice() else {
        let known: Vec<&KnownError> = used.errors.iter().filter(fits).collect();
        let what = match (known.is_empty(), verified.is_empty()) {
            (true, _) => format!(
                "the registry knows no error of `{}`{}",
                used.id,
                target.map_or_else(String::new, |target| format!(" of the target `{}`", target.word()))
            ),
            (false, true) => {
                format!("no error of `{}` is verified; in the registry: {}", used.id, listed(&known))
            }
            (false, false) => {
                format!("`{}` has more than one verified error: {}", used.id, listed(&verified))
            }
        };
        faults.add(node.span.start, &path, what, help);
        return None;
    };
    if let (Some(behind), Some(_)) = (found.days, node_days) {
        let what =
            format!("the error of the registry is that of {behind} days, and with `days` it is that of one");
        faults.add(node.span.start, &path, what, help);
        return None;
    }
    let Some(size) = found.size.in_unit(to_column) else {
        let what = format!("the error is a share of the value in `{}` and does not carry over", used.unit);
        faults.add(node.span.start, &path, what, help);
        return None;
    };
    Some(ErrorOfMeasurement {
        drift: None,
        size,
        target: found.target,
        source: ErrorSource::Verified,
        reference: format!("{}; {}", found.source, found.per),
        linear: false,
    })
}

/// Readings of one occasion share what makes that occasion unlike others: a published error of one reading says how
/// far their mean is from the usual level only where each has its own day.
fn check_independent(
    node: &Node,
    origin: &Origin,
    error: &ErrorOfMeasurement,
    path: &str,
    faults: &mut Faults<'_>,
) -> bool {
    let repeated = matches!(origin, Origin::Columns(columns) if columns.len() > 1);
    let shares = repeated && error.target == Target::Usual && node.get("ages").is_none();
    if shares {
        let at = node.get("error").map_or(node.span.start, |error| error.span.start);
        let what = "the error of the registry is that of one reading, and these are repeated on one occasion";
        faults.add(at, &format!("{path}.error"), what, WRITE_OUT);
    }
    !shares
}

fn listed(errors: &[&KnownError]) -> String {
    let one = |error: &&KnownError| {
        let size = error.size.cautious();
        let word = error.size.word();
        format!("{word} = {size} of {} ({}, {})", error.per, error.target.word(), error.status.word())
    };
    errors.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The error of a measure can be learned only from repeated readings.
fn check_learned(
    node: &Node,
    origin: &Origin,
    error: Option<&ErrorOfMeasurement>,
    path: &str,
    faults: &mut Faults<'_>,
) {
    let repeated = matches!(origin, Origin::Columns(columns) if columns.len() > 1);
    let (Some(node), Some(error)) = (node.get("error"), error) else { return };
    let help = match error.size {
        ErrorSize::CalibratedSd if !repeated => "list repeated readings in `columns`, or give a number",
        ErrorSize::CalibratedReliability | ErrorSize::CalibratedOmega => {
            "that is for scales; a measure takes `sd`, `cv` or a number"
        }
        _ => return,
    };
    faults.add(node.span.start, &format!("{path}.error"), "this error cannot be learned from the data", help);
}

/// The target that every error the definition writes out has; none if there is no such error, or two.
pub(super) fn target_of(root: &Node) -> Option<Target> {
    let errors = ["measure", "indicator"].into_iter().flat_map(|name| section(root, name));
    let mut targets = errors.filter_map(|entry| Target::of(entry.node.get("error")?.get("target")?.text()?));
    let first = targets.next()?;
    targets.all(|target| target == first).then_some(first)
}

/// The entry of a registry file whose shape has been checked; what is not consistent is a fault.
pub(super) fn key_of_file(node: &Node, faults: &mut Faults<'_>) -> MeasureKey {
    let unit = text_of(node, "unit");
    let analyte = node.get("analyte").and_then(Node::text).map(str::to_owned);
    for other in node.get("units").map(Node::list).unwrap_or_default() {
        let to = other.text().unwrap_or_default();
        let ways = [
            units::conversion(&unit, to, analyte.as_deref()),
            units::conversion(to, &unit, analyte.as_deref()),
        ];
        if let Some(Err((what, help))) = ways.into_iter().find(Result::is_err) {
            faults.add(other.span.start, "units", what, help);
        }
    }
    let limits = pair(node.get("limits"), "limits", faults);
    let unusual = read_unusual(node, limits, "", faults);
    let loinc =
        node.get("loinc").map(|loinc| Loinc { code: text_of(loinc, "code"), status: status_of(loinc) });
    let direction = node.get("direction");
    let target = pair(direction.and_then(|direction| direction.get("target")), "direction.target", faults);
    MeasureKey {
        id: text_of(node, "id"),
        title: text_of(node, "title"),
        about: text_of(node, "about"),
        unit,
        units: texts_of(node, "units"),
        analyte,
        loinc,
        limits,
        unusual,
        better: target.map(Better::Target).or_else(|| direction_of(node).map(Better::Way)),
        context: text_of(node, "context"),
        errors: list_of(node, "error", faults, read_known_error),
        days: list_of(node, "days", faults, read_days),
        freshness: node.get("freshness").and_then(|freshness| read_freshness(freshness, faults)),
        content: texts_of(node, "content"),
        source: text_of(node, "source"),
        status: status_of(node),
    }
}

fn list_of<T>(
    node: &Node,
    key: &str,
    faults: &mut Faults<'_>,
    read: impl Fn(&Node, &mut Faults<'_>) -> Option<T>,
) -> Vec<T> {
    node.get(key).map(Node::list).unwrap_or_default().iter().filter_map(|row| read(row, faults)).collect()
}

fn status_of(node: &Node) -> Status {
    Status::of(node.get("status").and_then(Node::text).unwrap_or_default())
}

/// Two numbers that ascend.
fn pair(node: Option<&Node>, path: &str, faults: &mut Faults<'_>) -> Option<[f64; 2]> {
    let node = node?;
    let &[low, high] = node.numbers().as_slice() else { return None };
    if low >= high {
        faults.add(node.span.start, path, "these hold no value", "give [low, high]");
    }
    Some([low, high])
}

/// One number, or a range of them.
fn range(node: &Node) -> Option<[f64; 2]> {
    match (node.number(), node.numbers().as_slice()) {
        (Some(number), _) => Some([number; 2]),
        (None, &[low, high]) => Some([low, high]),
        _ => None,
    }
}

fn read_known_error(node: &Node, faults: &mut Faults<'_>) -> Option<KnownError> {
    let given: Vec<(&str, [f64; 2])> = ["sd", "cv", "icc", "reliability"]
        .into_iter()
        .filter_map(|key| Some((key, range(node.get(key)?)?)))
        .collect();
    let &[(word, range)] = given.as_slice() else {
        let help = "give one of sd, cv, icc, reliability";
        faults.add(node.span.start, "error", "the error has no size, or two", help);
        return None;
    };
    let between_sd = node.get("between_sd").and_then(Node::number);
    let size = match word {
        "sd" => KnownSize::Sd(range),
        "cv" => KnownSize::Cv(range),
        "icc" => KnownSize::Icc { share: range, between_sd },
        _ => KnownSize::Reliability(range),
    };
    let [low, high] = range;
    let fits = match size {
        KnownSize::Sd(_) | KnownSize::Cv(_) => low > 0.0,
        KnownSize::Icc { .. } | KnownSize::Reliability(_) => low > 0.0 && high < 1.0,
    };
    if !fits || low > high || between_sd.is_some_and(|sd| sd <= 0.0) {
        let help = "an sd or cv is above 0, an icc or reliability between 0 and 1, a range ascends";
        faults.add(node.span.start, "error", format!("this is no {word}"), help);
    }
    Some(KnownError {
        size,
        target: Target::of(node.get("target")?.text()?)?,
        per: text_of(node, "per"),
        days: node.get("days").and_then(Node::number),
        status: status_of(node),
        source: text_of(node, "source"),
    })
}

fn read_days(node: &Node, faults: &mut Faults<'_>) -> Option<DaysNeeded> {
    let reliability = node.get("reliability")?.number()?;
    let needs = range(node.get("needs")?)?;
    if !(0.0..1.0).contains(&reliability) || needs[0] < 1.0 || needs[0] > needs[1] {
        let help = "a reliability lies between 0 and 1, days are counted from 1";
        faults.add(node.span.start, "days", "no number of days", help);
    }
    Some(DaysNeeded {
        reliability,
        needs,
        note: text_of(node, "note"),
        status: status_of(node),
        source: text_of(node, "source"),
    })
}

fn read_freshness(node: &Node, faults: &mut Faults<'_>) -> Option<Freshness> {
    let months = |key: &str| node.get(key).and_then(Node::number);
    let (fresh_months, stale_months) = (months("fresh_months")?, months("stale_months")?);
    if !(0.0 < fresh_months && fresh_months < stale_months) {
        faults.add(
            node.span.start,
            "freshness",
            "nothing is stale before it is fresh",
            "let the months ascend",
        );
    }
    Some(Freshness { fresh_months, stale_months, source: text_of(node, "source") })
}
