//! From a sheet to a key: which columns are items, what their codes count, which measures can be said.

use std::collections::BTreeMap;

use super::{
    Measure, Score, Sheet,
    mapping::{Counting, Mapping},
};
use crate::import::draft::{Codes, Draft, Item, Missing, Names, Scale, Way, extremes, number, shown};

/// The longest formula in bytes: with parentheses, an expression may have twice as many.
const LONGEST: usize = 2048;

/// The column of a score line, as an item of a scale.
#[derive(Debug, Clone)]
struct Use {
    item: usize,
    is_reversed: bool,
}

/// What is known of a column.
struct Column {
    codes: Codes,
    /// What its codes count; `None` where they count themselves.
    points: Option<Vec<f64>>,
}

/// A scale that is written, and what can become of it.
struct Made {
    scale: Scale,
    /// What every code of its items adds to the score; `None` where the score is no sum of such.
    terms: Option<Terms>,
    items: Vec<usize>,
}

/// Item to what each of its codes adds.
type Terms = BTreeMap<usize, Vec<f64>>;

/// What a measure reads under one name.
enum Operand<'a> {
    Uses(Vec<Use>),
    Made(&'a Made),
}

struct Key<'a> {
    sheet: &'a Sheet<'a>,
    /// Every scored column, in order.
    columns: Vec<&'a str>,
    known: Vec<Result<Column, String>>,
    ids: Vec<String>,
    names: Names,
    made: Vec<(&'a str, Result<Made, String>)>,
    assumed: Vec<&'a str>,
}

pub(super) fn of(sheet: &Sheet<'_>) -> Draft {
    let mut key = Key::new(sheet);
    for measure in &sheet.measures {
        let made = key.measure(measure);
        key.made.push((measure.name, made));
    }
    key.finish()
}

impl<'a> Key<'a> {
    fn new(sheet: &'a Sheet<'a>) -> Self {
        let mut columns: Vec<&str> = Vec::new();
        for score in &sheet.scores {
            if !columns.contains(&score.column) {
                columns.push(score.column);
            }
        }
        let common = common_codes(sheet);
        let mut assumed = Vec::new();
        let known = columns
            .iter()
            .map(|column| {
                let uses: Vec<&Mapping> = sheet
                    .scores
                    .iter()
                    .filter(|score| score.column == *column)
                    .map(|score| mapping(sheet, score))
                    .collect();
                let own = uses.iter().find_map(|mapping| mapping.codes());
                if own.is_none() && common.is_some() {
                    assumed.push(*column);
                }
                column_of(&uses, own.or_else(|| common.clone()))
            })
            .collect();
        let mut names = Names::default();
        let ids = columns.iter().map(|column| names.item(column)).collect();
        Self { sheet, columns, known, ids, names, made: Vec::new(), assumed }
    }

    fn measure(&mut self, measure: &Measure<'a>) -> Result<Made, String> {
        match measure.aggregator {
            "join" => return Err("join() gives a text, and no score".to_owned()),
            "imputed_fraction" => {
                return Err("imputed_fraction() counts answers, which is no score".to_owned());
            }
            _ => {}
        }
        // A scale of the same name as an item could not be told from it in a formula.
        let id = self.names.id(measure.name);
        let operands = measure.reads.iter().map(|name| self.operand(name)).collect::<Result<Vec<_>, _>>()?;
        match measure.aggregator {
            "ratio" | "min" | "max" => self.formula(id, measure.aggregator, &operands),
            aggregator => self.sum(id, aggregator, &operands),
        }
    }

    fn operand(&self, name: &str) -> Result<Operand<'_>, String> {
        let is_meant = |score: &&Score<'_>| score.name() == name;
        if self.sheet.scores.iter().any(|score| is_meant(&score)) {
            let uses = self.sheet.scores.iter().filter(is_meant).map(|score| self.use_of(score));
            return Ok(Operand::Uses(uses.collect::<Result<_, _>>()?));
        }
        match self.made.iter().find(|(known, _)| *known == name) {
            Some((_, Ok(made))) => Ok(Operand::Made(made)),
            _ => Err(format!("it reads {}, which is refused", shown(name))),
        }
    }

    fn use_of(&self, score: &Score<'_>) -> Result<Use, String> {
        let item = self.columns.iter().position(|column| *column == score.column).unwrap_or_default();
        let refuse = |why: &str| format!("column {}: {why}", shown(score.column));
        let column = match self.known.get(item) {
            Some(Ok(column)) => column,
            Some(Err(why)) => return Err(refuse(why)),
            None => return Err(refuse("it is not scored")),
        };
        let mapping = mapping(self.sheet, score);
        if let Mapping::NoNumbers(why) = mapping {
            return Err(refuse(why));
        }
        if mapping.codes().is_some_and(|codes| codes != column.codes) {
            return Err(refuse("it is mapped from different codes in two places"));
        }
        let differs = || refuse("it counts differently in two places");
        let is_reversed = match (mapping.counting(&column.codes), &column.points) {
            (Counting::Same, None) => false,
            (Counting::Reversed, None) => true,
            (Counting::Points(points), Some(base)) if points == *base => false,
            (Counting::Points(points), Some(base)) => {
                let [least, most] = extremes(base);
                if !points.iter().zip(base).all(|(points, base)| *points == least + most - base) {
                    return Err(differs());
                }
                true
            }
            (Counting::NoList, _) => return Err(refuse("its codes are too many to say what each counts")),
            _ => return Err(differs()),
        };
        Ok(Use { item, is_reversed })
    }

    /// A sum or mean of columns, or of measures before.
    fn sum(&self, id: String, aggregator: &str, operands: &[Operand<'_>]) -> Result<Made, String> {
        let mean = aggregator.starts_with("mean");
        let is_imputed = aggregator.ends_with("_imputed");
        let mut uses: Vec<&Use> = Vec::new();
        let mut scales: Vec<&Made> = Vec::new();
        for operand in operands {
            match operand {
                Operand::Uses(own) => uses.extend(own),
                Operand::Made(made) => scales.push(made),
            }
        }
        let (way, mut terms, count) = match (uses.as_slice(), scales.as_slice()) {
            (uses, []) => {
                let mut terms = Terms::new();
                for one in uses {
                    if terms.insert(one.item, self.points(one)).is_some() {
                        return Err("it reads a column twice".to_owned());
                    }
                }
                let id_of = |one: &&&Use| self.ids.get(one.item).cloned();
                let items = uses.iter().filter_map(|one| id_of(&one)).collect();
                let reverse =
                    uses.iter().filter(|one| one.is_reversed).filter_map(|one| id_of(&one)).collect();
                (Way::Items { items, reverse, mean }, Some(terms), uses.len())
            }
            ([], _) if is_imputed => return Err("it imputes measures, not columns".to_owned()),
            ([], scales) => {
                let ids: Vec<String> = scales.iter().map(|made| made.scale.id.clone()).collect();
                if ids.iter().zip(1..).any(|(id, next)| ids.iter().skip(next).any(|other| other == id)) {
                    return Err("it reads a measure twice".to_owned());
                }
                let terms = scales.iter().map(|made| made.terms.as_ref()).collect::<Option<Vec<_>>>();
                let Some(terms) = terms else {
                    return Err("it adds up a ratio, a minimum or a maximum".to_owned());
                };
                (Way::Of { scales: ids, mean }, Some(added(&terms)), scales.len())
            }
            _ => return Err("it adds up columns and measures together".to_owned()),
        };
        let missing = match (is_imputed, mean) {
            (false, _) => Missing::Complete,
            (true, true) => Missing::Answered,
            (true, false) => Missing::Prorated,
        };
        let [mut range, mut ends] = terms.as_ref().map(bounds).unwrap_or_default();
        if mean {
            let divided = |value: f64| value / count as f64;
            range = range.map(divided);
            ends = ends.map(divided);
            for points in terms.iter_mut().flat_map(Terms::values_mut).flatten() {
                *points /= count as f64;
            }
        }
        let items = terms.iter().flat_map(Terms::keys).copied().collect();
        let scale = Scale { id, way, missing, range: range.map(rounded), ends: ends.map(rounded) };
        Ok(Made { scale, terms, items })
    }

    /// A ratio, a minimum or a maximum, as an expression.
    fn formula(&self, id: String, aggregator: &str, operands: &[Operand<'_>]) -> Result<Made, String> {
        let mut parts: Vec<String> = Vec::new();
        // Of each part, where it ranges and what it is at both ends.
        let mut reach: Vec<[[f64; 2]; 2]> = Vec::new();
        let mut items: Vec<usize> = Vec::new();
        for operand in operands {
            match operand {
                Operand::Made(made) => {
                    parts.push(format!("`{}`", made.scale.id));
                    reach.push([made.scale.range, made.scale.ends]);
                    items.extend(&made.items);
                }
                Operand::Uses(uses) => {
                    for one in uses {
                        parts.push(self.expression(one)?);
                        let terms = Terms::from([(one.item, self.points(one))]);
                        reach.push(bounds(&terms));
                        items.push(one.item);
                    }
                }
            }
        }
        items.sort_unstable();
        let all = items.len();
        items.dedup();
        if items.len() < all {
            return Err(
                "a column is in more than one of its parts, so that its range is not known".to_owned()
            );
        }
        let (from, [range, ends]) = match (aggregator, parts.as_slice(), reach.as_slice()) {
            ("ratio", [above, below], [[of_above, above_ends], [of_below, below_ends]]) => {
                let [low, high] = *of_below;
                if low <= 0.0 && high >= 0.0 {
                    return Err("it could divide by 0".to_owned());
                }
                let corners: Vec<f64> = of_above.iter().flat_map(|a| of_below.map(|b| a / b)).collect();
                let [first, last] = [0, 1].map(|at| {
                    let of = |ends: &[f64; 2]| ends.get(at).copied().unwrap_or_default();
                    of(above_ends) / of(below_ends)
                });
                (format!("{above} / {below}"), [extremes(&corners), [first, last]])
            }
            ("ratio", ..) => return Err("ratio() is of two columns or measures".to_owned()),
            (_, [_], _) => return Err(format!("{aggregator}() of one column is that column")),
            (_, parts, reach) => {
                let choose = if aggregator == "min" { f64::min } else { f64::max };
                let chosen = reach.iter().copied().reduce(|[a, b], [c, d]| {
                    let both = |[a, b]: [f64; 2], [c, d]: [f64; 2]| [choose(a, c), choose(b, d)];
                    [both(a, c), both(b, d)]
                });
                (format!("{aggregator}({})", parts.join(", ")), chosen.unwrap_or_default())
            }
        };
        if from.len() > LONGEST {
            return Err("it reads too many columns for a formula".to_owned());
        }
        let scale = Scale { id, way: Way::From(from), missing: Missing::Complete, range, ends };
        Ok(Made { scale, terms: None, items })
    }

    /// A column in an expression, which reads codes as they are answered.
    fn expression(&self, one: &Use) -> Result<String, String> {
        let (Some(id), Some(Ok(column))) = (self.ids.get(one.item), self.known.get(one.item)) else {
            return Err("it reads a column that is not scored".to_owned());
        };
        if column.points.is_some() {
            return Err(format!("column {}: a formula reads its codes, not what they count", shown(id)));
        }
        let [low, high] = column.codes.ends();
        Ok(if one.is_reversed { format!("({} - `{id}`)", number(low + high)) } else { format!("`{id}`") })
    }

    /// What each code of an item adds, from the lowest up; of a range, what its ends add.
    fn points(&self, one: &Use) -> Vec<f64> {
        let Some(Ok(column)) = self.known.get(one.item) else { return Vec::new() };
        let base = column.points.clone().unwrap_or_else(|| match &column.codes {
            Codes::List(codes) => codes.clone(),
            range @ Codes::Range { .. } => range.ends().to_vec(),
        });
        let [least, most] = extremes(&base);
        if one.is_reversed { base.iter().map(|points| least + most - points).collect() } else { base }
    }

    fn finish(self) -> Draft {
        let mut notes = Vec::new();
        let mut scales = Vec::new();
        let mut used: Vec<usize> = Vec::new();
        for (name, made) in self.made {
            match made {
                Ok(made) => {
                    used.extend(&made.items);
                    scales.push(made.scale);
                }
                Err(why) => notes.push(format!("measure {} is refused: {why}", shown(name))),
            }
        }
        let mut remarks = Vec::new();
        let mut items = Vec::new();
        for (at, ((column, id), known)) in self.columns.iter().zip(&self.ids).zip(self.known).enumerate() {
            let Ok(known) = known else { continue };
            if !used.contains(&at) {
                continue;
            }
            if self.assumed.contains(column) {
                notes.push(format!(
                    "column {} has no map; its codes are taken to be those of the maps",
                    shown(column)
                ));
            }
            if id != column {
                remarks.push(format!("Column {} is item `{id}`.", shown(column)));
            }
            items.push(Item { points: known.points, ..Item::new(id.clone(), known.codes) });
        }
        if self.sheet.excludes > 0 {
            let count = self.sheet.excludes;
            notes.push(format!("lines that exclude people are no part of an instrument: {count}"));
        }
        Draft {
            origin: "a scorify sheet",
            remarks,
            notes,
            coding: "codes as in the imported sheet; what a low and a high code mean: fill in",
            items,
            scales,
            ..Draft::default()
        }
    }
}

fn mapping<'a>(sheet: &'a Sheet<'_>, score: &Score<'_>) -> &'a Mapping {
    sheet.transforms.get(score.transform).unwrap_or(&Mapping::Same)
}

/// The codes that all maps are for, if they agree.
fn common_codes(sheet: &Sheet<'_>) -> Option<Codes> {
    let mut all = sheet.transforms.values().filter_map(Mapping::codes);
    let first = all.next()?;
    all.all(|codes| codes == first).then_some(first)
}

/// What a column's codes are and count, from all its uses.
fn column_of(uses: &[&Mapping], codes: Option<Codes>) -> Result<Column, String> {
    let no_numbers = |mapping: &&&Mapping| matches!(mapping, Mapping::NoNumbers(_));
    let Some(codes) = codes else {
        let why = uses
            .iter()
            .find_map(|mapping| if let Mapping::NoNumbers(why) = mapping { Some(*why) } else { None });
        return Err(why
            .unwrap_or("no map says which codes it has; give it one, such as map(1:5,1:5)")
            .to_owned());
    };
    let countings: Vec<Counting> = uses
        .iter()
        .filter(|mapping| !no_numbers(mapping) && mapping.codes().is_none_or(|own| own == codes))
        .map(|mapping| mapping.counting(&codes))
        .collect();
    // Where one use takes the codes as they are, the others are held against that.
    let is_plain = |counting: &Counting| matches!(counting, Counting::Same | Counting::Reversed);
    let points = countings.iter().find_map(|counting| match counting {
        Counting::Points(points) if !countings.iter().any(is_plain) => Some(points.clone()),
        _ => None,
    });
    Ok(Column { codes, points })
}

/// The terms of several scales together.
fn added(all: &[&Terms]) -> Terms {
    let mut sum = Terms::new();
    for terms in all {
        for (item, points) in *terms {
            match sum.get_mut(item) {
                Some(known) => known.iter_mut().zip(points).for_each(|(known, points)| *known += points),
                None => {
                    sum.insert(*item, points.clone());
                }
            }
        }
    }
    sum
}

/// The least and the greatest sum, and those at the lowest and at the highest codes.
fn bounds(terms: &Terms) -> [[f64; 2]; 2] {
    let mut range = [0.0; 2];
    let mut ends = [0.0; 2];
    for points in terms.values() {
        let extremes = extremes(points);
        let at_ends = [points.first(), points.last()].map(|points| points.copied().unwrap_or_default());
        for (sum, one) in range.iter_mut().zip(extremes).chain(ends.iter_mut().zip(at_ends)) {
            *sum += one;
        }
    }
    [range, ends]
}

/// Without what is left of dividing and adding up again: 3, not 2.999…9.
fn rounded(value: f64) -> f64 {
    const DIGITS: f64 = 1e9;
    let short = (value * DIGITS).round() / DIGITS;
    if (short - value).abs() <= 1e-12 * value.abs().max(1.0) { short } else { value }
}
