//! Published scores against stored values made elsewhere: every band edge, every refusal, every argument.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::pedantic,
    reason = "a test stops at the first surprise; its style is for its reader"
)]

use std::{collections::BTreeMap, fs, path::Path};

use vointi::{
    Table,
    indicator::{Rule, RuleScores},
    table::Column,
};

#[path = "rules/faults.rs"]
mod faults;
#[path = "rules/own.rs"]
mod own;
#[cfg(feature = "csv")]
#[path = "rules/second.rs"]
mod second;
#[path = "rules/traps.rs"]
mod traps;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/rules");

/// Arguments, and how many parts must be there.
type Asked = (Vec<(String, String)>, String);

struct Sheet {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        Self { names: lines.next().unwrap(), rows: lines.collect() }
    }

    fn cell<'s>(&'s self, row: &'s [String], name: &str) -> &'s str {
        self.names.iter().position(|known| known == name).map_or("", |at| row[at].as_str())
    }
}

fn number(cell: &str) -> f64 {
    if cell.is_empty() { f64::NAN } else { cell.parse().unwrap() }
}

/// Rows of one choice of arguments, scored together.
fn scored(
    rule: &str,
    sheet: &Sheet,
    rows: &[&Vec<String>],
    chosen: &[(String, String)],
    at_least: &str,
) -> RuleScores {
    let mut asked = Rule::builtin(rule).unwrap().accept_unverified();
    for (name, value) in chosen {
        asked = asked.argument(name, value);
    }
    if !at_least.is_empty() {
        asked = asked.at_least(at_least.parse().unwrap());
    }
    // The table of the waist is in inches, the stored people are not.
    let units: &[(&str, &str)] = if rule == "nhanes_percentiles.waist" { &[("value", "cm")] } else { &[] };
    asked.score_with_units(&table_of(sheet, rows), units).unwrap()
}

/// The inputs of stored people.
fn table_of(sheet: &Sheet, rows: &[&Vec<String>]) -> Table {
    let mut table = Table::builder();
    for (at, name) in sheet.names.iter().enumerate() {
        let is_input = !["value", "class", "note", "flags", "at_least"].contains(&name.as_str())
            && !name.contains("argument:")
            && !name.starts_with("part:");
        if is_input {
            let values = rows.iter().map(|row| number(&row[at])).collect();
            let name = name.strip_prefix("input:").unwrap_or(name);
            table = table.column(name, Column::numbers_or_nan(values).unwrap());
        }
    }
    table.build().unwrap()
}

#[test]
fn every_rule_gives_what_other_software_gives() {
    let mut files: Vec<_> = fs::read_dir(GOLDEN).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut faults = Vec::new();
    let (mut rules, mut compared) = (0, 0);
    for path in files.iter().filter(|path| path.extension().is_some_and(|e| e == "csv")) {
        let rule = path.file_stem().unwrap().to_str().unwrap();
        if own::FILES.contains(&rule) {
            continue;
        }
        rules += 1;
        let sheet = Sheet::read(path);
        let arguments: Vec<usize> =
            (0..sheet.names.len()).filter(|at| sheet.names[*at].starts_with("argument:")).collect();
        let mut groups: BTreeMap<Asked, Vec<(usize, &Vec<String>)>> = BTreeMap::new();
        for (line, row) in sheet.rows.iter().enumerate() {
            let chosen = arguments
                .iter()
                .filter(|at| !row[**at].is_empty())
                .map(|at| (sheet.names[*at].trim_start_matches("argument:").to_owned(), row[*at].clone()))
                .collect();
            groups.entry((chosen, sheet.cell(row, "at_least").to_owned())).or_default().push((line + 2, row));
        }
        for ((chosen, at_least), lines) in &groups {
            let rows: Vec<&Vec<String>> = lines.iter().map(|(_, row)| *row).collect();
            let scores = scored(rule, &sheet, &rows, chosen, at_least);
            for (at, (line, row)) in lines.iter().enumerate() {
                let mut differs = |what: &str, expected: String, found: String| {
                    if expected != found {
                        faults.push(format!("{rule}.csv:{line}: {what}: expected {expected}, found {found}"));
                    }
                };
                differs(
                    "class",
                    sheet.cell(row, "class").to_owned(),
                    scores.class(at).unwrap_or_default().to_owned(),
                );
                differs("note", sheet.cell(row, "note").to_owned(), scores.note(at).unwrap_or_default());
                differs(
                    "flags",
                    sheet.cell(row, "flags").to_owned(),
                    scores.flags(at).collect::<Vec<_>>().join(";"),
                );
                let mut near = |what: &str, cell: &str, found: Option<f64>| {
                    let expected = number(cell);
                    let found = found.unwrap_or(f64::NAN);
                    let is_near = (expected.is_nan() && found.is_nan())
                        || (found - expected).abs() <= 1e-12 * expected.abs().max(1e-3);
                    compared += 1;
                    if !is_near {
                        faults.push(format!("{rule}.csv:{line}: {what}: expected {expected}, found {found}"));
                    }
                };
                near("value", sheet.cell(row, "value"), scores.value(at));
                // Parts are stored beside a value alone.
                let parts = sheet.names.iter().filter(|_| !sheet.cell(row, "value").is_empty());
                for name in parts.filter_map(|name| name.strip_prefix("part:")) {
                    near(name, sheet.cell(row, &format!("part:{name}")), scores.part(name, at));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults[..faults.len().min(60)].join("\n"));
    assert!(rules >= 50 && compared > 8_000, "{rules} rules, {compared} numbers");
}

/// Rules of every kind: terms, percentiles on either scale, bands, a composite, what decides by itself what it needs.
const KINDS: &[&str] = &[
    "score2.risk",
    "prevent.total_cvd",
    "phenoage.levine",
    "nhanes_percentiles.hdl_c",
    "nhanes_percentiles.lpa",
    "rmssd.lifelines",
    "findrisc.score",
    "le8.score",
    "metabolic_syndrome.harmonised",
    "ipaq.categories",
];

#[test]
fn many_together_get_the_bits_of_each_alone() {
    for rule in KINDS {
        let sheet = Sheet::read(&Path::new(GOLDEN).join(format!("{rule}.csv")));
        let chosen: Vec<(String, String)> = sheet
            .names
            .iter()
            .zip(&sheet.rows[0])
            .filter_map(|(name, cell)| Some((name.strip_prefix("argument:")?.to_owned(), cell.clone())))
            .filter(|(_, cell)| !cell.is_empty())
            .collect();
        let alone: Vec<RuleScores> =
            sheet.rows.iter().map(|row| scored(rule, &sheet, &[row], &chosen, "")).collect();
        let parts: Vec<String> = alone[0].part_names().map(str::to_owned).collect();
        assert!(alone.iter().filter(|scores| scores.value(0).is_some()).count() > 20, "{rule}");
        for rows in [1, 7, 127, 128, 129, 511, 512, 513, 20_000] {
            // Where a block begins is another person every time.
            let people: Vec<&Vec<String>> = sheet.rows.iter().cycle().take(rows).collect();
            let asked = chosen
                .iter()
                .fold(Rule::builtin(rule).unwrap().accept_unverified(), |asked, (name, value)| {
                    asked.argument(name, value)
                });
            let table = table_of(&sheet, &people);
            for threads in [1, 2, 8] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let together = pool.install(|| asked.score(&table).unwrap());
                let values = pool.install(|| asked.values_or_nan(&table).unwrap());
                let bits = |value: Option<f64>| value.map(f64::to_bits);
                for (row, value) in values.iter().enumerate() {
                    let own = &alone[row % alone.len()];
                    let place = format!("{rule}, row {row} of {rows}, {threads} threads");
                    assert_eq!(bits(together.value(row)), bits(own.value(0)), "{place}");
                    assert_eq!(
                        bits(Some(*value).filter(|value| !value.is_nan())),
                        bits(own.value(0)),
                        "{place}"
                    );
                    assert_eq!(together.note(row), own.note(0), "{place}");
                    assert_eq!(together.class(row), own.class(0), "{place}");
                    assert!(together.flags(row).eq(own.flags(0)), "{place}");
                    assert_eq!(together.parts_observed(row), own.parts_observed(0), "{place}");
                    for part in &parts {
                        assert_eq!(
                            bits(together.part(part, row)),
                            bits(own.part(part, 0)),
                            "{place}, {part}"
                        );
                    }
                }
            }
        }
    }
}
