//! Binds a table to a definition: every column found and decoded, every fault collected.

use std::{collections::HashSet, sync::Arc};

use super::{
    Codes, Cohort, Flags, Inner,
    beside::Beside,
    decode::{Decoder, error_of, ids, mean_observed},
    readings::Given,
};
use crate::{
    definition::{
        Definition,
        instrument::key::{Answer, Item},
        parts::{Adjuster, Choice, ChoiceKind, Origin},
    },
    error::{Fault, Result},
    table::{Column, Table, TableBuilder},
};

pub(super) fn bind(definition: &Definition, table: Table) -> Result<Cohort> {
    let parts = definition.parts();
    let mut decoder = Decoder::new(&table, &parts.derived, parts.file.zero_below);
    let mut role = |name: &Option<String>, key: &str| {
        name.as_ref().and_then(|name| decoder.column(name, key)).map(|column| ids(&column))
    };
    let id = role(&Some(parts.person.id.clone()), "person.id");
    let units = role(&parts.person.unit, "person.unit");
    let waves = role(&parts.person.wave, "person.wave");
    if let Some(id) = &id {
        check_ids(&table, id, waves.as_ref(), &parts.person.id, &mut decoder);
    }
    let mut items = Vec::new();
    for instrument in &parts.instruments {
        let key = format!("instrument.{}", instrument.id);
        let mut columns = Vec::new();
        for (item, name) in instrument.key.items.iter().zip(&instrument.columns) {
            let read = match item.answer {
                Answer::Clock => decoder.hours(name, &instrument.answers, &key),
                _ => decoder.numbers(name, &instrument.answers, &key),
            };
            if let Some(values) = read {
                let codes = decoder.codes(values, item, &instrument.sentinels, name, &key);
                columns.push(Codes::new(if instrument.turned { turn(&codes, item) } else { codes }));
            }
        }
        items.push(columns);
    }
    let mut measures = Vec::new();
    for (at, measure) in parts.measures.iter().enumerate() {
        // A score is flagged for what it rests on, and for nothing else.
        let is_scored = parts.is_scored(at);
        let key = format!("measure.{}", measure.id);
        let Some(columns) = decoder.origin(&measure.origin, &measure.answers, &key) else { continue };
        let clean = |(name, values): (String, _)| decoder.reading(values, measure, &name, &key, is_scored);
        let readings: Vec<_> = columns.into_iter().map(clean).collect();
        let unusual = measure.unusual.filter(|_| is_scored);
        for reading in &readings {
            decoder.flag_unusual(reading, unusual);
        }
        let ages: Option<Vec<_>> =
            measure.readings.ages.iter().map(|name| decoder.ages(name, &key)).collect();
        let days = measure.readings.days.as_ref().map(|days| decoder.days(&days.column, &key));
        // A column that is not there is a fault already.
        let (Some(ages), Some(days)) = (ages, days.map_or(Some(None), |days| days.map(Some))) else {
            continue;
        };
        let given = Given { readings, ages, days };
        measures.push(if is_scored {
            given.combine(&measure.readings, &mut decoder.flags)
        } else {
            given.combine(&measure.readings, &mut vec![Flags::default(); table.rows()])
        });
    }
    // Without ids the table is not bound, whatever else is found.
    let ids_or_blank = id.clone().unwrap_or_else(|| Column::text(vec![None::<&str>; table.rows()]));
    let identity = Table::builder().column(parts.person.id.clone(), ids_or_blank);
    let choices = bind_choices(identity, &parts.choices, &parts.adjusters, &mut decoder);
    let beside = Beside::bind(parts, id.as_ref(), waves.as_ref(), &table, &mut decoder);
    let (flags, faults) = decoder.into_faults();
    match (id, choices) {
        (Some(ids), Some(choices)) if faults.is_empty() => {
            let definition = definition.clone();
            let inner =
                Inner { definition, ids, units, waves, items, measures, choices, flags, table, beside };
            Ok(Cohort { inner: std::sync::Arc::new(inner) })
        }
        _ => Err(error_of(&table, faults)),
    }
}

/// Codes of a file that codes answers the other way round.
fn turn(codes: &[f64], item: &Item) -> Arc<[f64]> {
    codes.iter().map(|code| item.turned(*code)).collect()
}

/// Every row has an id, and no two rows of a wave have the same.
fn check_ids(table: &Table, ids: &Column, waves: Option<&Column>, name: &str, decoder: &mut Decoder<'_>) {
    let line = |row: usize| table.line(row).unwrap_or(row + 1);
    let Some((codes, known)) = ids.as_codes() else { return };
    let wave_codes = waves.and_then(Column::as_codes).map(|(codes, _)| codes);
    // Without waves the codes themselves are places.
    let mut once = vec![false; if waves.is_none() { known.len() } else { 0 }];
    let mut seen = HashSet::new();
    let (mut missing, mut repeated) = (Vec::new(), Vec::new());
    for (row, code) in codes.iter().enumerate() {
        let wave = wave_codes.and_then(|codes| codes.get(row)).copied();
        let is_first = |once: &mut bool| !std::mem::replace(once, true);
        if *code == Column::MISSING {
            missing.push(line(row));
        } else if !once.get_mut(*code as usize).map_or_else(|| seen.insert((*code, wave)), is_first) {
            repeated.push(line(row));
        }
    }
    let mut add = |lines: &[usize], [one, many]: [&str; 2], help: &str| {
        if let Some(first) = lines.first() {
            let shown: Vec<String> = lines.iter().take(5).map(usize::to_string).collect();
            let more = if lines.len() > 5 { ", …" } else { "" };
            let what = match lines.len() {
                1 => format!("1 row {one} (line {})", shown.join(", ")),
                n => format!("{n} rows {many} (lines {}{more})", shown.join(", ")),
            };
            decoder.fault(Fault::new(what).line(*first).column(name).help(help));
        }
    };
    add(&missing, ["has no id", "have no id"], "every row needs one");
    let help = if waves.is_some() {
        "a person may stand once in each wave"
    } else {
        "if persons come back, name the column that tells the rows apart: [person] wave"
    };
    add(&repeated, ["repeats an id", "repeat an id"], help);
}

/// The ids, then the choices by id, then the adjusters by column.
fn bind_choices(
    identity: TableBuilder,
    choices: &[Choice],
    adjusters: &[Adjuster],
    decoder: &mut Decoder<'_>,
) -> Option<Table> {
    let mut builder = identity;
    for choice in choices {
        let key = format!("choice.{}", choice.id);
        let column = match &choice.kind {
            ChoiceKind::Number { cleaning, .. } => {
                decoder.origin(&choice.origin, &[], &key).and_then(|columns| {
                    let clean =
                        |(name, values): (String, _)| decoder.clean(values, cleaning, &name, &key, false);
                    let readings: Vec<_> = columns.into_iter().map(clean).collect();
                    Column::numbers_or_nan(mean_observed(&readings).0.to_vec()).ok()
                })
            }
            ChoiceKind::Levels { levels, reference, answers, .. } => {
                let raw = match &choice.origin {
                    Origin::From(formula) => decoder
                        .evaluate(&formula.expression, &format!("{key}.from"))
                        .map(|column| (formula.text.clone(), column)),
                    Origin::Columns(columns) => {
                        columns.first().and_then(|name| Some((name.clone(), decoder.column(name, &key)?)))
                    }
                };
                raw.map(|(name, column)| {
                    let decoded = decoder.levels(&column, &name, levels, answers, &key);
                    // A column that could not be decoded is a fault already.
                    let reference = levels.get(*reference).map(String::as_str).unwrap_or_default();
                    decoded.with_reference(reference).unwrap_or(decoded)
                })
            }
        };
        if let Some(column) = column {
            builder = builder.column(choice.id.clone(), column);
        }
    }
    for adjuster in adjusters {
        let Some(column) = decoder.column(&adjuster.column, "adjust.columns") else { continue };
        let column = if adjuster.levels.is_empty() {
            column
        } else {
            decoder.levels(&column, &adjuster.column, &adjuster.levels, &[], "adjust.levels")
        };
        builder = builder.column(adjuster.column.clone(), column);
    }
    match builder.build() {
        Ok(table) => Some(table),
        Err(error) => {
            error.into_faults().into_iter().for_each(|fault| decoder.fault(fault));
            None
        }
    }
}
