//! Every instrument beside a scorer that was written from its publication, without the library.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use vointi::{
    Cohort, Definition,
    definition::instruments,
    scale::{self, Scales},
    table::{Column, CsvOptions, Table},
};

const FOLDER: &str = "tests/golden/instruments";

/// A definition that does nothing but use an instrument.
pub(crate) fn using(id: &str, more: &str) -> String {
    format!(
        r#"
schema = 1
id = "small"
[person]
id = "person"
[instrument.it]
use = "{id}"
{more}
[measure.age]
use = "age"
column = "age_of_person"
[measure.sex]
use = "sex"
column = "sex_of_person"
answers = {{ female = 0, male = 1 }}
[indicator.age]
measure = "age"
utility = {{ goalposts = [0, 100] }}
[index]
children = ["age"]
"#
    )
}

/// A golden file as a cohort, its table, and the names of its scales.
fn scored(id: &str) -> (Table, Scales, Vec<String>) {
    let mut table = CsvOptions::default().read(format!("{FOLDER}/{id}.csv")).unwrap();
    let rows = table.rows();
    let persons: Vec<String> = (0..rows).map(|row| format!("p{row}")).collect();
    table = table.with_column("person", Column::text(persons.iter().map(Some))).unwrap();
    let or_empty = |name: &str, table: &Table| {
        table.get(name).cloned().unwrap_or_else(|| Column::text(vec![None::<&str>; rows]))
    };
    for (own, from) in [("age_of_person", "age"), ("sex_of_person", "sex")] {
        let column = or_empty(from, &table);
        table = table.with_column(own, column).unwrap();
    }
    let key = vointi::definition::instrument(id).unwrap();
    let columns: Vec<String> = key
        .items
        .iter()
        .map(|item| {
            let renamed = format!("input:{}", item.id);
            format!("{:?}", if table.get(&renamed).is_some() { renamed } else { item.id.clone() })
        })
        .collect();
    let more =
        format!("columns = [{}]\nlicence_ack = \"a test\"\naccept = \"unverified\"", columns.join(", "));
    let definition = Definition::from_toml(&using(id, &more)).unwrap();
    let cohort = Cohort::new(&definition, table.clone()).unwrap();
    (table, scale::score(&cohort), key.scales.into_iter().map(|scale| scale.id).collect())
}

fn number(table: &Table, name: &str, row: usize) -> Option<f64> {
    table.get(name).unwrap_or_else(|| panic!("no column {name}")).number(row)
}

/// 1e-12 of the score: sums and means of a few whole numbers, in another order at most.
#[test]
fn every_instrument_is_scored_as_published() {
    let mut differ = Vec::new();
    for id in instruments().unwrap().into_iter().map(|one| one.id) {
        let (table, scales, names) = scored(&id);
        for name in names {
            let column = scales.get(&format!("it.{name}")).unwrap();
            for row in 0..table.rows() {
                let expected = number(&table, &name, row);
                let is_same = match (expected, column.value(row)) {
                    (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(1.0),
                    (a, b) => a == b,
                };
                let answered = number(&table, &format!("{name}.answered"), row);
                if !is_same || answered != column.answered(row).map(|n| n as f64) {
                    let ours = (column.value(row), column.answered(row));
                    differ.push(format!("{id}.{name} row {row}: {expected:?} {answered:?}, ours {ours:?}"));
                }
            }
        }
    }
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ[..differ.len().min(40)].join("\n"));
}

/// The n-th band of the golden file is the n-th of the key.
#[test]
fn every_verified_band_is_the_published_one() {
    let text = fs::read_to_string(format!("{FOLDER}/bands.csv")).unwrap();
    let mut edges: BTreeMap<(String, String, String), Vec<f64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let numbers = cells[3].split(' ').map(|edge| edge.parse().unwrap()).collect();
        edges.insert((cells[0].into(), cells[1].into(), cells[2].into()), numbers);
    }
    let mut differ = Vec::new();
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    for one in instruments().unwrap() {
        let (table, scales, names) = scored(&one.id);
        for name in names {
            let column = scales.get(&format!("it.{name}")).unwrap();
            let key = one.scales.iter().find(|scale| scale.id == name).unwrap();
            if table.get(&format!("{name}.band")).is_none() {
                continue;
            }
            for row in 0..table.rows() {
                let sex = table.get("sex").and_then(|sex| sex.text_at(row)).unwrap_or_default().to_owned();
                let of = |sex: &str| edges.get(&(one.id.clone(), name.clone(), sex.to_owned()));
                let theirs = number(&table, &format!("{name}.band"), row).map(|edge| {
                    let edges = of(&sex).or(of("")).unwrap();
                    edges.iter().position(|known| *known == edge).unwrap()
                });
                let sets = key.bands.iter().filter(|set| set.is_default);
                let names = sets
                    .filter(|set| set.of.is_empty() || (set.of == "women") == (sex == "female"))
                    .flat_map(|set| set.bands.iter().map(|band| band.0.as_str()));
                let names: Vec<&str> = names.collect();
                let ours = column.band(row).and_then(|band| names.iter().position(|known| *known == band));
                if theirs != ours {
                    differ.push(format!(
                        "{}.{name} row {row}: score {:?} place {theirs:?}, ours {ours:?}",
                        one.id,
                        column.value(row)
                    ));
                }
            }
            seen.insert((one.id.clone(), name.clone()));
        }
    }
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ[..differ.len().min(40)].join("\n"));
    for (instrument, scale, _) in edges.keys() {
        assert!(
            seen.contains(&(instrument.clone(), scale.clone())),
            "{instrument}.{scale} was not looked at"
        );
    }
}

#[test]
fn group_figures_and_safety_flags_are_the_published_ones() {
    let text = fs::read_to_string(format!("{FOLDER}/groups.csv")).unwrap();
    assert_eq!(text.lines().count(), 4);
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (_, scales, _) = scored(cells[0]);
        let figure = scales.get("it.total").unwrap().group().unwrap();
        assert_eq!(figure.n as f64, cells[1].parse::<f64>().unwrap());
        for (ours, theirs) in [(figure.value, cells[4]), (figure.std_error, cells[5])] {
            let theirs: f64 = theirs.parse().unwrap();
            assert!((ours - theirs).abs() <= 1e-12 * theirs.abs(), "{}: {ours} {theirs}", cells[0]);
        }
    }
    let (table, scales, _) = scored("phq9");
    let flag = &scales.safety()[0];
    assert_eq!(flag.name(), "it.item_9");
    for row in 0..table.rows() {
        assert_eq!(
            table.get("flag.item_9").unwrap().text_at(row),
            Some(flag.answer(row).word()),
            "row {row}"
        );
    }
}

#[test]
fn every_stored_file_is_used() {
    let known: BTreeSet<String> =
        instruments().unwrap().into_iter().map(|one| format!("{}.csv", one.id)).collect();
    let mut found: BTreeSet<String> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".csv"))
        .collect();
    for other in ["bands.csv", "groups.csv"] {
        assert!(found.remove(other), "{other} is not there");
    }
    assert_eq!(found, known);
}
