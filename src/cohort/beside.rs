//! What scoring reads beside readings: the groups that gaps are filled by, a person's own waves, and who is kept or
//! dropped whatever is observed.

use std::sync::Arc;

use super::{
    Cohort, Inner,
    decode::{Decoder, ids as as_texts},
};
use crate::{
    definition::parts::{Formula, Resolved},
    error::{Fault, Result},
    table::{self, Column, Table},
};

/// Empty for a person who stands in no file.
#[derive(Clone, Default)]
pub(super) struct Beside {
    /// By column, as texts.
    groups: Vec<(String, Column)>,
    waves: Option<Arc<Waves>>,
    /// One a row, or none at all.
    forced: Vec<Forced>,
    /// For the rows of a larger cohort, that one and where in it they stand: a person's waves are looked up there.
    whole: Option<(Cohort, Arc<[usize]>)>,
}

/// What a definition says of a person whatever is observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Forced {
    /// Nothing.
    #[default]
    No,
    Keep,
    Drop,
}

/// The rows of each person in the order of their waves.
struct Waves {
    /// Row by row; persons together, the earliest wave first.
    order: Vec<usize>,
    /// By row, where its person stands in the order.
    span: Vec<(usize, usize)>,
    /// By row; the number of the wave or, where waves are texts, its place among them. NaN where it is missing.
    wave: Vec<f64>,
}

/// A row among the rows of the same person.
pub(crate) struct OwnWaves<'a> {
    /// Where the rows stand.
    pub(crate) cohort: &'a Cohort,
    /// The wave of the row itself.
    pub(crate) wave: f64,
    waves: &'a Waves,
    rows: &'a [usize],
}

impl OwnWaves<'_> {
    /// Wave and row, the earliest first.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (f64, usize)> {
        self.rows.iter().filter_map(|row| Some((*self.waves.wave.get(*row)?, *row)))
    }
}

impl Beside {
    pub(super) fn bind(
        parts: &Resolved,
        ids: Option<&Column>,
        waves: Option<&Column>,
        table: &Table,
        decoder: &mut Decoder<'_>,
    ) -> Self {
        let mut groups: Vec<(String, Column)> = Vec::new();
        let imputed = || parts.indicators.iter().filter_map(|i| Some((&i.id, i.impute.as_ref()?)));
        for (id, by) in imputed().filter_map(|(id, impute)| Some((id, impute.by()?))) {
            if groups.iter().any(|(known, _)| known == by) {
                continue;
            }
            if let Some(column) = decoder.column(by, &format!("indicator.{id}.impute.by")) {
                groups.push((by.to_owned(), as_texts(&column)));
            }
        }
        let reads_waves = imputed().any(|(_, impute)| impute.reads_waves());
        let needs_numbers = imputed().any(|(_, impute)| impute.needs_numbers());
        let waves = ids.zip(waves).filter(|_| reads_waves).and_then(|(ids, waves)| {
            let decimal = table.source().map_or('.', table::Source::decimal);
            match order_of(waves, decimal, needs_numbers) {
                Ok(wave) => Some(Arc::new(Waves::new(ids, wave))),
                Err((what, help)) => {
                    let column = parts.person.wave.clone().unwrap_or_default();
                    decoder.fault(Fault::new(what).column(column).key("person.wave").help(help));
                    None
                }
            }
        });
        let forced = bind_forced(parts, table.rows(), decoder);
        Self { groups, waves, forced, whole: None }
    }
}

fn bind_forced(parts: &Resolved, rows: usize, decoder: &mut Decoder<'_>) -> Vec<Forced> {
    let Some(screen) = &parts.screen else { return Vec::new() };
    if screen.keep_if.is_none() && screen.drop_if.is_none() {
        return Vec::new();
    }
    let mut holds = |formula: &Option<Formula>, key: &str| -> Vec<bool> {
        let Some(formula) = formula else { return vec![false; rows] };
        let Some(column) = decoder.evaluate(&formula.expression, key) else { return vec![false; rows] };
        let Some(numbers) = column.as_numbers() else {
            let help = "write a condition, as in age < 18";
            decoder.fault(Fault::new("the expression gives text, not yes or no").key(key).help(help));
            return vec![false; rows];
        };
        // What cannot be known holds for nobody.
        numbers.iter().map(|x| !x.is_nan() && *x != 0.0).collect()
    };
    let keep = holds(&screen.keep_if, "screen.keep_if");
    let drop = holds(&screen.drop_if, "screen.drop_if");
    let of = |(keep, drop): (bool, bool)| match (keep, drop) {
        (_, true) => Forced::Drop,
        (true, false) => Forced::Keep,
        (false, false) => Forced::No,
    };
    keep.into_iter().zip(drop).map(of).collect()
}

impl Waves {
    fn new(ids: &Column, wave: Vec<f64>) -> Self {
        let rows = wave.len();
        let codes: Vec<u32> = ids.as_codes().map(|(codes, _)| codes.to_vec()).unwrap_or_default();
        let person = |row: usize| codes.get(row).copied().unwrap_or(Column::MISSING);
        let at = |row: usize| wave.get(row).copied().unwrap_or(f64::NAN);
        // A row without its wave has no place among the others.
        let mut order: Vec<usize> =
            (0..rows).filter(|row| !at(*row).is_nan() && person(*row) != Column::MISSING).collect();
        order.sort_by(|a, b| person(*a).cmp(&person(*b)).then(at(*a).total_cmp(&at(*b))));
        let mut span = vec![(0, 0); rows];
        let mut from = 0;
        for own in order.chunk_by(|a, b| person(*a) == person(*b)) {
            for row in own {
                if let Some(span) = span.get_mut(*row) {
                    *span = (from, from + own.len());
                }
            }
            from += own.len();
        }
        Self { order, span, wave }
    }
}

/// Where each row stands in time: its number, or the place of its text among texts that differ in their numbers alone.
fn order_of(waves: &Column, decimal: char, needs_numbers: bool) -> Ordered<Vec<f64>> {
    let Some((codes, levels)) = waves.as_codes() else { return Ok(Vec::new()) };
    let numbers: Option<Vec<f64>> = levels.iter().map(|text| table::number(text, decimal)).collect();
    let places = match numbers {
        Some(numbers) => numbers,
        None if needs_numbers => {
            let help = "number the waves, or fill with `last` without `within`, or `constant`";
            return Err((
                "waves are no numbers, and how far they are apart counts".to_owned(),
                help.to_owned(),
            ));
        }
        None => {
            let parts: Vec<(String, Vec<u64>)> = levels.iter().map(|text| split(text)).collect();
            let same = |pair: &[(String, Vec<u64>)]| matches!(pair, [(a, _), (b, _)] if a == b);
            if !parts.windows(2).all(same) {
                let help = "number the waves, or name them alike, as in t1, t2, t3";
                return Err(("nothing says in which order the waves come".to_owned(), help.to_owned()));
            }
            let mut sorted: Vec<&Vec<u64>> = parts.iter().map(|(_, numbers)| numbers).collect();
            sorted.sort_unstable();
            sorted.dedup();
            let place = |(_, own): &(String, Vec<u64>)| {
                sorted.binary_search(&own).map_or(f64::NAN, |place| place as f64)
            };
            parts.iter().map(place).collect()
        }
    };
    let of = |code: &u32| usize::try_from(*code).ok().and_then(|code| places.get(code)).copied();
    Ok(codes.iter().map(|code| of(code).unwrap_or(f64::NAN)).collect())
}

/// Or what is wrong, and what to do.
type Ordered<T> = std::result::Result<T, (String, String)>;

/// A text without its whole numbers, and those.
fn split(text: &str) -> (String, Vec<u64>) {
    let (mut letters, mut numbers, mut open) = (String::new(), Vec::new(), None::<u64>);
    for c in text.chars() {
        match c.to_digit(10) {
            Some(digit) => {
                let so_far = open.unwrap_or(0);
                open = Some(so_far.saturating_mul(10).saturating_add(u64::from(digit)));
            }
            None => {
                if let Some(number) = open.take() {
                    numbers.push(number);
                    letters.push('0');
                }
                letters.push(c);
            }
        }
    }
    if let Some(number) = open {
        numbers.push(number);
        letters.push('0');
    }
    (letters, numbers)
}

impl Cohort {
    /// The group of a row by a column that gaps are filled by; none for a missing cell, or a person alone.
    pub(crate) fn group(&self, by: &str, row: usize) -> Option<&str> {
        let (_, column) = self.inner.beside.groups.iter().find(|(known, _)| known == by)?;
        column.text_at(row)
    }

    /// A row among the rows of the same person; none where waves are not read or its own is missing.
    pub(crate) fn own_waves(&self, row: usize) -> Option<OwnWaves<'_>> {
        if let Some((whole, rows)) = &self.inner.beside.whole {
            return whole.own_waves(*rows.get(row)?);
        }
        let waves = self.inner.beside.waves.as_deref()?;
        let wave = waves.wave.get(row).copied().filter(|wave| !wave.is_nan())?;
        let (from, to) = *waves.span.get(row)?;
        Some(OwnWaves { cohort: self, wave, waves, rows: waves.order.get(from..to)? })
    }

    /// What the definition says of a row whatever is observed.
    pub(crate) fn forced(&self, row: usize) -> Forced {
        self.inner.beside.forced.get(row).copied().unwrap_or_default()
    }

    /// These rows alone, to learn from. Each still knows its person's waves, as it does when it is scored.
    pub(crate) fn of_rows(&self, rows: &[usize]) -> Result<Self> {
        let inner = &self.inner;
        let ids = inner.ids.of_rows(rows);
        let identity = Table::builder().column(self.parts().person.id.clone(), ids.clone()).build()?;
        let flags = |row: &usize| inner.flags.get(*row).copied().unwrap_or_default();
        let beside = Beside {
            groups: inner.beside.groups.iter().map(|(by, all)| (by.clone(), all.of_rows(rows))).collect(),
            waves: None,
            forced: rows.iter().map(|row| self.forced(*row)).collect(),
            whole: Some((self.clone(), rows.into())),
        };
        let items = inner.items.iter().map(|all| all.iter().map(|codes| codes.of_rows(rows)).collect());
        let inner = Inner {
            definition: inner.definition.clone(),
            units: inner.units.as_ref().map(|units| units.of_rows(rows)),
            waves: inner.waves.as_ref().map(|waves| waves.of_rows(rows)),
            items: items.collect(),
            measures: inner.measures.iter().map(|measured| measured.of_rows(rows)).collect(),
            choices: identity.clone(),
            flags: rows.iter().map(flags).collect(),
            table: identity,
            beside,
            ids,
        };
        Ok(Self { inner: Arc::new(inner) })
    }
}

#[cfg(test)]
mod tests {
    use super::{order_of, split};
    use crate::table::Column;

    fn order(waves: &[&str]) -> Option<Vec<f64>> {
        order_of(&Column::text(waves.iter().map(|wave| Some(*wave))), '.', false).ok()
    }

    #[test]
    fn waves_are_in_the_order_of_their_numbers() {
        assert_eq!(order(&["2", "10", "1.5"]), Some(vec![2.0, 10.0, 1.5]));
        assert_eq!(order(&["t2", "t10", "t1"]), Some(vec![1.0, 2.0, 0.0]));
        assert_eq!(order(&["2021-11-02", "2021-2-14"]), Some(vec![1.0, 0.0]));
        assert_eq!(order(&["pre", "post"]), None, "letters have no time");
        assert_eq!(split("a12b3"), ("a0b0".to_owned(), vec![12, 3]));
    }

    #[test]
    fn how_far_apart_texts_are_is_not_known() {
        assert!(order_of(&Column::text([Some("t1")]), '.', true).is_err());
        assert!(order_of(&Column::text([Some("1")]), '.', true).is_ok());
    }
}
