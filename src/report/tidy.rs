//! Findings as one tidy table: a row a number, the same columns for all of them.

use std::io::{self, Write};

use super::{
    CsvStyle,
    csv::Sheet,
    words::{self, plain},
    written,
};
use crate::{
    error::Result,
    explain::{Change, ChoiceEffects, Findings, Setting, Standing},
    study::{Correlation, GroupFigures, LeftOut, MeanEstimate},
};

const COLUMNS: [&str; 12] =
    ["section", "name", "level", "unit", "n", "value", "sd", "std_error", "low", "high", "p", "text"];

/// A line of the table; what does not apply is empty.
#[derive(Debug, Default)]
struct Line<'a> {
    section: &'a str,
    name: &'a str,
    level: &'a str,
    unit: &'a str,
    n: Option<usize>,
    value: Option<f64>,
    sd: Option<f64>,
    std_error: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    p: Option<f64>,
    text: &'a str,
}

struct Tidy<W>(Sheet<W>);

impl<W: Write> Tidy<W> {
    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        for text in [line.section, line.name, line.level, line.unit] {
            self.0.text(text);
        }
        self.0.count(line.n)?;
        for value in [line.value, line.sd, line.std_error, line.low, line.high, line.p] {
            self.0.optional(value)?;
        }
        self.0.text(line.text);
        self.0.end()
    }

    fn about(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.line(&Line { section: "about", name, text, ..Line::default() })
    }

    fn number(&mut self, section: &str, name: &str, level: &str, value: Option<f64>) -> io::Result<()> {
        self.line(&Line { section, name, level, value, ..Line::default() })
    }

    fn people(&mut self, section: &str, name: &str, level: &str, persons: usize) -> io::Result<()> {
        self.line(&Line { section, name, level, n: Some(persons), ..Line::default() })
    }

    fn mean(&mut self, row: &MeanEstimate) -> io::Result<()> {
        self.line(&Line {
            section: row.kind,
            name: &row.id,
            level: "mean",
            n: Some(row.n),
            value: row.mean,
            sd: row.sd,
            std_error: row.std_error,
            low: row.low,
            high: row.high,
            text: &row.title,
            ..Line::default()
        })
    }

    fn correlation(&mut self, section: &str, name: &str, level: &str, row: &Correlation) -> io::Result<()> {
        let (n, value, low, high) = (Some(row.n), row.r, row.low, row.high);
        self.line(&Line { section, name, level, n, value, low, high, text: "Pearson's r", ..Line::default() })
    }

    fn effects(&mut self, section: &str, fit: &ChoiceEffects) -> io::Result<()> {
        for one in &fit.dropped {
            self.people(section, "dropped", &one.reason, one.rows)?;
        }
        self.number(section, "r2", "", fit.r2)?;
        self.line(&Line { section, name: "adjusters", text: &fit.adjusters.join(", "), ..Line::default() })?;
        self.line(&Line { section, name: "covariance", text: fit.covariance, ..Line::default() })?;
        for row in &fit.rows {
            let (level, unit) = match &row.change {
                Change::Step { by, unit } => (by.to_string(), unit.as_str()),
                Change::Level { .. } => (words::change(&row.change), ""),
            };
            self.line(&Line {
                section,
                name: &row.choice,
                level: &level,
                unit,
                n: Some(fit.n),
                value: Some(row.estimate),
                std_error: row.std_error,
                low: row.low,
                high: row.high,
                p: row.p,
                text: &words::shares(&row.shares),
                ..Line::default()
            })?;
        }
        Ok(())
    }

    fn left_out(&mut self, left: &LeftOut) -> io::Result<()> {
        let section = "left_out";
        self.people(section, "stayed", "", left.stayed)?;
        self.people(section, "left out", "", left.left)?;
        for row in &left.rows {
            let name = match &row.level {
                Some(level) => format!("{}[{level}]", row.column),
                None => row.column.clone(),
            };
            for (level, group) in [("stayed", &row.stayed), ("left out", &row.left)] {
                let (n, value, sd, unit) = (Some(group.n), group.mean, group.sd, row.unit.as_str());
                self.line(&Line { section, name: &name, level, unit, n, value, sd, ..Line::default() })?;
            }
            self.number(section, &name, "standardised difference", row.difference)?;
        }
        Ok(())
    }
}

/// Writes what is found in a cohort, one row a number: `section`, `name`, `level`, `unit`, `n`, `value`, `sd`,
/// `std_error`, `low`, `high`, `p`, `text`. What does not apply is empty. Of a choice that is a number, `level` is the
/// step that the difference goes with, in `unit`.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Findings, report::{self, CsvStyle}};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let scores = index.score_cohort(&cohort)?;
/// let findings = Findings::of(&cohort, &index, &scores, Audience::Research)?;
/// let mut file = Vec::new();
/// report::findings_csv(&findings, CsvStyle::default(), &mut file)?;
/// assert!(String::from_utf8(file).unwrap().contains("\nindex,index,mean,,4822,"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn findings_csv(findings: &Findings, style: CsvStyle, out: impl Write) -> Result<()> {
    written(write_findings(findings, style, out))
}

fn write_findings(findings: &Findings, style: CsvStyle, out: impl Write) -> io::Result<()> {
    let mut tidy = Tidy(Sheet::header(out, style, COLUMNS)?);
    let summary = &findings.summary;
    for (name, text) in [
        ("definition", summary.definition.as_str()),
        ("version", &summary.version),
        ("hash", &summary.hash),
        ("title", &summary.title),
        ("population", &findings.population),
        ("audience", findings.audience.word()),
        ("design", &words::design(findings.waves)),
        ("calibration", &words::calibration(summary.calibration.as_ref())),
        ("association", "differences between people are associations, not effects"),
        ("intended use", findings.intended_use),
    ] {
        tidy.about(name, text)?;
    }
    tidy.people("people", "persons", "", summary.persons)?;
    tidy.people("people", "scored", "", summary.scored)?;
    tidy.mean(&findings.index)?;
    if let Some(quartiles) = words::quartiles(findings) {
        for (level, value) in ["q25", "q50", "q75"].into_iter().zip(quartiles) {
            tidy.number("index", "index", level, Some(value))?;
        }
    }
    let found = &findings.histogram;
    tidy.people("histogram", "index", &format!("below {}", plain(found.from)), found.below)?;
    for (at, persons) in found.persons.iter().enumerate() {
        let from = found.from + found.width * at as f64;
        let level = format!("{} to {}", plain(from), plain(from + found.width));
        tidy.people("histogram", "index", &level, *persons)?;
    }
    tidy.people("histogram", "index", &format!("above {}", plain(found.to())), found.above)?;
    for pillar in &findings.pillars {
        tidy.mean(pillar)?;
    }
    if let Some(sides) = &findings.two_sides {
        tidy.correlation("two_sides", &sides.said.id, &sides.measured.id, &sides.between)?;
        if let Some(health) = &sides.general_health {
            tidy.correlation("two_views", &health.indicator.id, &sides.measured.id, &health.between)?;
        }
    }
    for (section, fit) in
        [("choices", &findings.choices), ("choices_without_overlap", &findings.choices_without_overlap)]
    {
        if let Some(fit) = fit {
            tidy.effects(section, fit)?;
        }
    }
    if let Some(refusal) = &findings.model_refused {
        tidy.line(&Line { section: "choices", name: "refused", text: refusal, ..Line::default() })?;
    }
    if let Some(left) = &findings.left_out {
        tidy.left_out(left)?;
    }
    for one in &summary.without_index {
        tidy.people("without_index", one.code, "", one.persons)?;
    }
    for one in &summary.flags {
        tidy.people("flags", one.code, "", one.persons)?;
    }
    for case in &summary.cases {
        tidy.people("cases", &case.indicator, &case.case, case.persons)?;
    }
    for one in &summary.imputed {
        tidy.people("imputed", &one.indicator, "", one.persons)?;
    }
    for one in &findings.observed {
        let (name, n, value, text) = (one.id.as_str(), Some(one.persons), one.share, one.title.as_str());
        tidy.line(&Line { section: "observed", name, n, value, text, ..Line::default() })?;
    }
    tidy.number("coverage", "mean", "", findings.mean_coverage)?;
    tidy.0.finish()
}

/// Writes what an employer may see, with the columns of [`findings_csv`].
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, report::{self, CsvStyle}, study::Summary};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let summary = Summary::of(&cohort, &index, &index.score_cohort(&cohort)?)?;
/// let mut file = Vec::new();
/// report::figures_tidy_csv(&summary.for_employer(), CsvStyle::default(), &mut file)?;
/// let text = String::from_utf8(file).unwrap();
/// assert!(text.contains("\nindex,index,mean,,4822,") && text.contains("not a medical device"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn figures_tidy_csv(figures: &GroupFigures, style: CsvStyle, out: impl Write) -> Result<()> {
    written(write_figures(figures, style, out))
}

fn write_figures(figures: &GroupFigures, style: CsvStyle, out: impl Write) -> io::Result<()> {
    let mut tidy = Tidy(Sheet::header(out, style, COLUMNS)?);
    for (name, text) in [
        ("definition", figures.definition.as_str()),
        ("version", &figures.version),
        ("hash", &figures.hash),
        ("intended use", figures.intended_use),
    ] {
        tidy.about(name, text)?;
    }
    let (n, value, sd) = (figures.scored, figures.mean, figures.sd);
    tidy.line(&Line { section: "index", name: "index", level: "mean", n, value, sd, ..Line::default() })?;
    for band in &figures.bands {
        tidy.number("bands", "index", &band.band, band.share)?;
    }
    tidy.0.finish()
}

/// Writes where a person stands, with the columns of [`findings_csv`].
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, explain::Standing, report::{self, CsvStyle}};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let standing = Standing::of(&Index::new(&definition)?, &cohort.person("17")?, Audience::Clinic)?;
/// let mut file = Vec::new();
/// report::standing_csv(&standing, CsvStyle::default(), &mut file)?;
/// assert!(String::from_utf8(file).unwrap().contains("\npillar,felt,,,,"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn standing_csv(standing: &Standing, style: CsvStyle, out: impl Write) -> Result<()> {
    written(write_standing(standing, style, out))
}

fn write_standing(standing: &Standing, style: CsvStyle, out: impl Write) -> io::Result<()> {
    let mut tidy = Tidy(Sheet::header(out, style, COLUMNS)?);
    for (name, text) in [
        ("definition", standing.definition.as_str()),
        ("version", &standing.version),
        ("hash", &standing.hash),
        ("person", &standing.person),
        ("audience", standing.audience.word()),
        ("intended use", standing.intended_use),
        ("band", standing.band.as_ref().map_or("", |band| &band.band)),
        ("reason", standing.reason),
        ("flags", &standing.flags.join(";")),
    ] {
        tidy.about(name, text)?;
    }
    tidy.line(&Line {
        section: "index",
        name: "index",
        value: standing.index,
        std_error: standing.std_error,
        low: standing.low,
        high: standing.high,
        ..Line::default()
    })?;
    tidy.number("coverage", "index", "", Some(standing.coverage))?;
    for pillar in &standing.pillars {
        tidy.line(&Line {
            section: pillar.kind,
            name: &pillar.id,
            value: pillar.score,
            std_error: pillar.std_error,
            text: &pillar.title,
            ..Line::default()
        })?;
    }
    let places = std::iter::once(("index", standing.among.as_ref()))
        .chain(standing.pillars.iter().map(|pillar| (pillar.id.as_str(), pillar.among.as_ref())));
    for (name, among) in places {
        let Some(among) = among else { continue };
        for (level, value) in ["q25", "q50", "q75"].into_iter().zip(among.quartiles) {
            let (n, value) = (Some(among.n), Some(value));
            tidy.line(&Line { section: "cohort", name, level, n, value, ..Line::default() })?;
        }
    }
    tidy.number("contribution", "baseline", "", standing.baseline)?;
    for row in standing.lifts.iter().chain(standing.lowers.iter().rev()) {
        tidy.number("contribution", &row.id, "points", Some(row.points))?;
        tidy.number("contribution", &row.id, "value", row.value)?;
        tidy.number("contribution", &row.id, "baseline", row.baseline)?;
    }
    if let Some(points) = standing.missing {
        tidy.number("contribution", "missing", "points", Some(points))?;
    }
    for one in &standing.suggestions {
        let unit = match &one.proposal.to {
            Setting::Number { unit, .. } => unit.as_str(),
            Setting::Level { .. } => "",
        };
        let change =
            format!("{} to {}", words::setting(&one.proposal.from), words::setting(&one.proposal.to));
        tidy.line(&Line {
            section: "choice",
            name: &one.proposal.choice,
            level: &change,
            unit,
            n: Some(one.n),
            value: Some(one.difference.estimate),
            low: Some(one.difference.low),
            high: Some(one.difference.high),
            text: "difference between people, an association",
            ..Line::default()
        })?;
    }
    tidy.0.finish()
}
