//! Published health scores: of persons as rows, of a cohort as text, and the rules themselves in words.

use std::{fmt::Write as _, io::Write};

use super::{
    csv::{CsvStyle, Sheet},
    text::Grid,
    words::{count, maybe, number, share},
    written,
};
use crate::{
    cohort::{Cohort, Person},
    definition::RuleSummary,
    error::{Error, ErrorKind, Fault, Result},
    study::{Health, HealthFigures, HealthGroup, HealthSummary},
};

/// Every person's published scores, one row a person.
///
/// Columns: the id, the wave if there are waves, and for every score `<id>`, `<id>.class` if it has classes,
/// `<id>.note` (why there is no value), `<id>.flags` joined by `;`, `<id>.parts` (how many components are there) if it
/// has components, and `<id>.part.<name>`: points of a part, or what a term adds to the linear predictor.
///
/// # Errors
/// Scores of another cohort; an output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, report::{self, CsvStyle}, study::Health};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let health = Health::of(&Index::new(&definition)?, &cohort)?;
/// let mut file = Vec::new();
/// report::health_csv(&cohort, &health, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"person,le8_five,le8_five.class,le8_five.note"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn health_csv(cohort: &Cohort, health: &Health, style: CsvStyle, out: impl Write) -> Result<()> {
    same_cohort(cohort, health)?;
    written(write_rows(cohort, health, style, out))
}

fn same_cohort(cohort: &Cohort, health: &Health) -> Result<()> {
    let is_same = cohort.definition().hash() == health.definition().hash()
        && health.scores().iter().all(|score| score.scores().rows() == cohort.rows());
    if is_same {
        return Ok(());
    }
    let fault =
        Fault::new("the scores are not those of this cohort").help("score this cohort, and write that");
    Err(Error::new(ErrorKind::Data, vec![fault]))
}

fn write_rows(cohort: &Cohort, health: &Health, style: CsvStyle, out: impl Write) -> std::io::Result<()> {
    let person = &cohort.parts().person;
    let mut names = vec![person.id.clone()];
    names.extend(person.wave.iter().cloned());
    for score in health.scores() {
        let (id, found) = (score.id(), score.scores());
        names.push(id.to_owned());
        if !found.classes().is_empty() {
            names.push(format!("{id}.class"));
        }
        names.extend([format!("{id}.note"), format!("{id}.flags")]);
        if found.joins_parts() {
            names.push(format!("{id}.parts"));
        }
        names.extend(found.part_names().map(|part| format!("{id}.part.{part}")));
    }
    let mut sheet = Sheet::header(out, style, names.iter().map(String::as_str))?;
    for row in 0..cohort.rows() {
        sheet.text(cohort.id(row).unwrap_or_default());
        if person.wave.is_some() {
            sheet.text(cohort.wave(row).unwrap_or_default());
        }
        for score in health.scores() {
            let found = score.scores();
            sheet.optional(found.value(row))?;
            if !found.classes().is_empty() {
                sheet.text(found.class(row).unwrap_or_default());
            }
            sheet.text(&found.note(row).unwrap_or_default());
            sheet.text(&found.flags(row).collect::<Vec<_>>().join(";"));
            if found.joins_parts() {
                sheet.number(found.parts_observed(row) as f64)?;
            }
            for part in found.part_names() {
                sheet.optional(found.part(part, row))?;
            }
        }
        sheet.end()?;
    }
    sheet.finish()
}

/// One person's published scores: value, class, what every component adds, or why there is no value.
///
/// For who treats the person or for research, in a file of its own: a page for a person has none of it.
///
/// # Errors
/// Scores of another cohort than the person's.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, report, study::Health};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let health = Health::of(&Index::new(&definition)?, &cohort)?;
/// let text = report::health_person_text(&cohort.person("1")?, &health)?;
/// assert!(text.contains("le8_five: 69.0, moderate"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn health_person_text(person: &Person, health: &Health) -> Result<String> {
    same_cohort(person.cohort(), health)?;
    let row = person.row();
    let mut text = String::new();
    for score in health.scores() {
        let found = score.scores();
        let value = match (found.value(row), found.note(row)) {
            (Some(value), _) => {
                let unit = score.rule().unit();
                let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
                let class = found.class(row).map_or(String::new(), |class| format!(", {class}"));
                format!("{}{unit}{class}", number(value, 1))
            }
            (None, note) => format!("no value: {}", note.unwrap_or_default()),
        };
        let _ = writeln!(text, "{}: {value}", score.id());
        let _ = writeln!(text, "  {}, {} ({})", score.title(), score.rule().name(), score.status().word());
        let flags: Vec<&str> = found.flags(row).collect();
        if !flags.is_empty() {
            let _ = writeln!(text, "  flagged: {}", flags.join(", "));
        }
        let mut grid = Grid::new(&[false, true]);
        for part in found.part_names() {
            grid.row([format!("  {part}"), maybe(found.part(part, row), 2)]);
        }
        text.push_str(&grid.lines());
    }
    Ok(text)
}

/// Published scores of a cohort in words and figures.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, report, study::{Health, HealthSummary}};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let health = Health::of(&index, &cohort)?;
/// let summary = HealthSummary::of(&health, &cohort, &index.score_cohort(&cohort)?, Audience::Research)?;
/// assert!(report::health_text(&summary).contains("five of eight components"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn health_text(summary: &HealthSummary) -> String {
    let mut text = format!("{} {}", summary.definition, summary.version).trim_end().to_owned();
    let _ = writeln!(text, ", {} persons", count(summary.persons));
    for score in &summary.scores {
        figures(&mut text, score, summary.persons);
    }
    let _ = writeln!(text, "\n{}", summary.intended_use);
    text
}

fn figures(text: &mut String, score: &HealthFigures, persons: usize) {
    let _ = writeln!(text, "\n{}: {}", score.id, score.title);
    let _ = writeln!(text, "  by the rule {} ({}): {}", score.rule, score.status.word(), score.source);
    let ages = score.ages.map_or(String::new(), |[from, below]| {
        if below >= EVER {
            format!("; from {from} years of age")
        } else {
            format!("; {from} to below {below} years of age")
        }
    });
    let _ = writeln!(text, "  population: {}{ages}", score.population);
    for chosen in &score.arguments {
        let _ = writeln!(text, "  {}: {}", chosen.argument, chosen.value);
    }
    if let Some(components) = &score.components {
        let _ = write!(text, "  {} of {} components", in_words(components.made), in_words(components.of));
        if !components.not_observed.is_empty() {
            let _ = write!(text, "; not measured: {}", components.not_observed.join(", "));
        }
        text.push('\n');
    }
    if !score.unknown.is_empty() {
        let unknown: Vec<String> = score.unknown.iter().map(|name| name.replace('_', " ")).collect();
        let treated = if score.unknown.iter().any(|name| name.contains("treatment")) {
            "treatment unknown; "
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "  {treated}counted as absent, because it is in no column: {}",
            unknown.join(", ")
        );
    }
    let unit = match plain(&score.unit) {
        "" | "1" => String::new(),
        "a" => " years".to_owned(),
        unit => format!(" {unit}"),
    };
    let _ = writeln!(
        text,
        "  {} of {} persons; mean {}{unit}, sd {}",
        count(score.n),
        count(persons),
        maybe(score.mean, 1),
        maybe(score.sd, 1)
    );
    for reason in &score.without {
        let because =
            if reason.because.is_empty() { String::new() } else { format!(" ({})", reason.because) };
        let _ = writeln!(text, "  without a value: {}, {}{because}", in_persons(reason.persons), reason.code);
    }
    for flag in &score.flags {
        let _ = writeln!(text, "  flagged: {}, {} ({})", in_persons(flag.persons), flag.code, flag.because);
    }
    if !score.classes.is_empty() {
        let mut grid = Grid::new(&[false, true, true]);
        grid.row(["  by class", "persons", "share"]);
        for class in &score.classes {
            grid.row([format!("  {}", class.class), count(class.persons), share(class.persons, score.n)]);
        }
        text.push_str(&grid.lines());
    }
    // What nothing was measured of is said above.
    let parts: Vec<_> = score.parts.iter().filter(|part| part.n > 0).collect();
    if !parts.is_empty() {
        let mut grid = Grid::new(&[false, true, true]);
        grid.row(["  by part", "n", "mean"]);
        for part in parts {
            grid.row([format!("  {}", part.part), count(part.n), maybe(part.mean, 1)]);
        }
        text.push_str(&grid.lines());
    }
    if !score.groups.is_empty() {
        text.push_str(&groups(&score.groups));
    }
}

/// A unit without the braces of an annotation.
fn plain(unit: &str) -> &str {
    unit.strip_prefix('{').and_then(|unit| unit.strip_suffix('}')).unwrap_or(unit)
}

fn in_persons(n: usize) -> String {
    format!("{} {}", count(n), if n == 1 { "person" } else { "persons" })
}

/// An upper age that is none.
const EVER: f64 = 150.0;

fn groups(groups: &[HealthGroup]) -> String {
    let mut grid = Grid::new(&[false, true, true, true, true, true]);
    grid.row(["  by sex and age", "n", "mean", "sd", "n of index", "mean index"]);
    for group in groups {
        let ages = group.ages.map_or(String::new(), |[from, below]| match (from, below) {
            (0.0, _) => format!("below {below}"),
            (_, EVER..) => format!("{from} and over"),
            _ => format!("{from}–{}", below - 1.0),
        });
        grid.row([
            format!("  {} {ages}", group.sex.unwrap_or_default()),
            count(group.n),
            maybe(group.mean, 1),
            maybe(group.sd, 1),
            count(group.index_n),
            maybe(group.index_mean, 1),
        ]);
    }
    grid.lines()
}

fn in_words(n: usize) -> String {
    const WORDS: [&str; 13] = [
        "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    WORDS.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// The rules of the catalogue, a line each.
///
/// # Example
/// ```
/// let text = vointi::report::rules_text(&vointi::definition::rules()?);
/// assert!(text.contains("score2.risk"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn rules_text(rules: &[RuleSummary]) -> String {
    let mut grid = Grid::new(&[false, false, false, false]);
    grid.row(["rule", "gives", "checked", "what"]);
    for rule in rules {
        let clinic = if rule.is_clinical { " (clinic and research only)" } else { "" };
        let what = format!("{}{clinic}", rule.title);
        grid.row([rule.name.clone(), rule.gives.word().to_owned(), rule.status.word().to_owned(), what]);
    }
    grid.lines()
}

/// One rule, in words: whom it is for, what it reads, what it gives, and how.
///
/// # Example
/// ```
/// let text = vointi::report::rule_text(&vointi::definition::rule("le8.sleep")?);
/// assert!(text.contains("7 to below 9: 100"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn rule_text(rule: &RuleSummary) -> String {
    let mut text = format!("{}: {}\n", rule.name, rule.title);
    let mut line = |what: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "{what}: {value}");
        }
    };
    let unit = match plain(&rule.unit) {
        "" | "1" | "a" | "points" => String::new(),
        unit => format!(", in {unit}"),
    };
    let range = rule.range.map_or(String::new(), |[low, high]| format!(", from {low} to {high}"));
    line("gives", &format!("{}{unit}{range}", rule.gives.word()));
    line(
        "for",
        if rule.is_clinical {
            "the clinic and research only: in no index, and on no person's page"
        } else {
            "everyone"
        },
    );
    line("population", &rule.population);
    line(
        "ages",
        &rule.ages.map_or(String::new(), |[from, below]| {
            if below >= EVER { format!("from {from}") } else { format!("{from} to below {below}") }
        }),
    );
    line("version", &rule.version);
    line("source", &rule.source);
    line("where", &rule.locator);
    line("checked", rule.status.word());
    let mut list = |head: &str, lines: &[String]| {
        if !lines.is_empty() {
            let _ = writeln!(text, "\n{head}");
            for line in lines {
                let _ = writeln!(text, "  {line}");
            }
        }
    };
    list("reads", &rule.inputs);
    list("to be chosen", &rule.arguments);
    list("refuses", &rule.refusals);
    list("computes", &rule.steps);
    list("classes, the first that is true", &rule.classes);
    list("flags", &rule.flags);
    list("left open by the source", &rule.cases);
    text
}

/// The rules of the catalogue as a table.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// use vointi::{definition::rules, report::{self, CsvStyle}};
/// let mut file = Vec::new();
/// report::rules_csv(&rules()?, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"rule,title,gives"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn rules_csv(rules: &[RuleSummary], style: CsvStyle, out: impl Write) -> Result<()> {
    let write = || {
        let heads = [
            "rule",
            "title",
            "gives",
            "unit",
            "audience",
            "checked",
            "ages_from",
            "ages_below",
            "population",
            "source",
        ];
        let mut sheet = Sheet::header(out, style, heads)?;
        for rule in rules {
            let audience = if rule.is_clinical { "clinic or research" } else { "everyone" };
            for text in [&rule.name, &rule.title, rule.gives.word(), &rule.unit, audience, rule.status.word()]
            {
                sheet.text(text);
            }
            sheet.optional(rule.ages.map(|[from, _]| from))?;
            sheet.optional(rule.ages.map(|[_, below]| below))?;
            sheet.text(&rule.population);
            sheet.text(&rule.source);
            sheet.end()?;
        }
        sheet.finish()
    };
    written(write())
}
