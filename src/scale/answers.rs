//! The answers of one scale: what every figure about a questionnaire is made from.

use std::{fmt, ops::Range, sync::Arc};

use super::kernel::{Kernel, Scratch};
use crate::{
    cohort::{Codes, Cohort},
    definition::instrument::key::{Cutting, Instrument, InstrumentKey, ItemAggregate, Scale, Way},
    error::{Error, ErrorKind, Fault, Result, suggest},
    moments::{
        Moments,
        kernel::ROWS,
        leaves::{blocks, reduce},
    },
    num::vectors,
};

/// The answers of many persons to the items of one scale, after points and reversal: higher always means more of
/// what the scale measures.
///
/// **Formula** A reversed item counts lowest + highest − answer.
///
/// **Missing data** is NaN; what asks for complete persons counts the others.
///
/// # Example
/// ```
/// use vointi::scale::Answers;
///
/// let answers = Answers::from_columns(
///     ["calm", "rested"],
///     vec![vec![1.0, 2.0, 5.0, f64::NAN], vec![2.0, 2.0, 4.0, 3.0]],
///     [1.0, 5.0],
/// )?;
/// assert_eq!((answers.rows(), answers.len(), answers.complete()), (4, 2, 3));
/// assert_eq!(format!("{answers:?}"), "Answers(4 persons, 2 items)");
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone)]
pub struct Answers {
    scale: String,
    items: Vec<Item>,
    rows: usize,
    /// One point of the sum of the items is as many of the score.
    multiply: f64,
    range: [f64; 2],
}

/// One item, ready to be added up.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) name: String,
    /// As given, before reversal.
    pub(super) given: Arc<[f64]>,
    pub(super) values: Arc<[f64]>,
    pub(super) lowest: f64,
    pub(super) highest: f64,
}

impl Item {
    /// An item as a scale has it.
    fn of(
        key: &InstrumentKey,
        at: usize,
        reversed: bool,
        weight: f64,
        columns: &[Codes],
        rows: usize,
    ) -> Option<Self> {
        let (item, given) = (key.items.get(at)?, columns.get(at)?.numbers().clone());
        let is_excused = key.skips.iter().any(|skip| skip.items.contains(&at));
        let values = if reversed || weight != 1.0 || is_excused || !item.points.is_empty() {
            score(&Kernel::of_item(key, at, reversed, weight), columns, rows)
        } else {
            given.clone()
        };
        let [lowest, highest] = item.reach().map(|end| weight * end);
        Some(Self { name: item.id.clone(), given, values, lowest, highest })
    }

    /// A scale that another is made of.
    fn of_scale(key: &InstrumentKey, part: &Scale, columns: &[Codes], rows: usize) -> Option<Self> {
        let values = score(&Kernel::of(key, part, &mut 0)?, columns, rows);
        let [lowest, highest] = part.range;
        Some(Self { name: part.id.clone(), given: values.clone(), values, lowest, highest })
    }
}

fn score(kernel: &Kernel, columns: &[Codes], rows: usize) -> Arc<[f64]> {
    let (mut values, mut answered) = (vec![0.0; rows], vec![0; rows]);
    kernel.score(columns, &(0..rows), &mut values, &mut answered, &mut Scratch::default());
    values.into()
}

/// The answers of one scale of a cohort, by its name `instrument.scale`.
///
/// # Errors
/// No such scale, with the nearest known one.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, scale};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let mood = scale::answers(&cohort, "mood.total")?;
/// assert_eq!((mood.rows(), mood.complete(), mood.range()), (5265, 4827, [0.0, 24.0]));
/// assert!(scale::answers(&cohort, "mood.totl").unwrap_err().to_string().contains("did you mean `mood.total`?"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn answers(cohort: &Cohort, scale: &str) -> Result<Answers> {
    let names = || Answers::names(cohort);
    let found = names().position(|name| name == scale).and_then(|at| Answers::of(cohort).into_iter().nth(at));
    found.ok_or_else(|| {
        let known: Vec<String> = names().collect();
        let fault = Fault::new(format!("there is no scale `{scale}`"));
        let help = suggest(scale, known.iter().map(String::as_str));
        Error::new(ErrorKind::Definition, vec![fault.help(help)])
    })
}

impl Answers {
    /// Columns of answers, one an item, with the lowest and highest answer that is possible; NaN is missing. The scale is
    /// named `scale`, and its score is the sum.
    ///
    /// # Errors
    /// Another number of names than of columns, columns of different lengths, a repeated name, a range that is none,
    /// an answer outside it: all at once, by column and row.
    ///
    /// # Example
    /// ```
    /// use vointi::scale::Answers;
    /// let error = Answers::from_columns(["a", "a"], vec![vec![1.0, 9.0], vec![2.0]], [1.0, 5.0]).unwrap_err();
    /// assert_eq!(error.faults().len(), 3, "{error}");
    /// assert!(!error.to_string().contains('9'), "an error shows no answer");
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn from_columns<S: Into<String>>(
        names: impl IntoIterator<Item = S>,
        columns: Vec<Vec<f64>>,
        [lowest, highest]: [f64; 2],
    ) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let mut faults = Vec::new();
        if names.len() != columns.len() {
            let what = format!("{} names for {} columns", names.len(), columns.len());
            faults.push(Fault::new(what).help("give one name a column"));
        }
        if !(lowest.is_finite() && highest.is_finite() && lowest < highest) {
            let fault = Fault::new("the range of the answers is none");
            faults.push(fault.help("give [lowest, highest], the lowest first"));
        }
        let rows = columns.first().map_or(0, Vec::len);
        for (at, (name, column)) in names.iter().zip(&columns).enumerate() {
            if names.iter().take(at).any(|other| other == name) {
                faults.push(Fault::new("an item comes twice").column(name));
            }
            if column.len() != rows {
                let what = format!("{} answers, where the first column has {rows}", column.len());
                faults.push(Fault::new(what).column(name).help("give every item as many, NaN for missing"));
            }
            let outside = |value: &f64| !value.is_nan() && !(lowest..=highest).contains(value);
            if let Some(row) = column.iter().position(outside) {
                let what = format!("an answer outside {lowest} to {highest} in row {}", row + 1);
                faults.push(Fault::new(what).column(name).help("correct it, or give NaN for missing"));
            }
        }
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Data, faults));
        }
        let count = names.len();
        let items = names
            .into_iter()
            .zip(columns)
            .map(|(name, values)| {
                let given: Arc<[f64]> = values.into();
                Item { name, values: given.clone(), given, lowest, highest }
            })
            .collect();
        let range = [lowest, highest].map(|end| end * count as f64);
        Ok(Self { scale: "scale".to_owned(), items, rows, multiply: 1.0, range })
    }

    /// The same with items reversed: lowest + highest − answer.
    ///
    /// # Errors
    /// No item of a name, with the nearest known one.
    ///
    /// # Example
    /// ```
    /// use vointi::scale::Answers;
    /// let answers = Answers::from_columns(["calm", "tense"], vec![vec![4.0], vec![2.0]], [1.0, 5.0])?;
    /// assert_eq!(answers.clone().reversed(["tense"])?.column_or_nan(1), Some([4.0].as_slice()));
    /// assert!(answers.reversed(["tensed"]).unwrap_err().to_string().contains("did you mean `tense`?"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn reversed<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut faults = Vec::new();
        for name in names {
            let at = self.position(name.as_ref());
            match at.and_then(|at| self.items.get_mut(at)) {
                Some(item) => {
                    item.values = item.values.iter().map(|code| item.lowest + item.highest - code).collect();
                }
                None => faults.push(self.unknown(name.as_ref())),
            }
        }
        if faults.is_empty() { Ok(self) } else { Err(Error::new(ErrorKind::Definition, faults)) }
    }

    /// Where an item stands.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.items.iter().position(|item| item.name == name)
    }

    /// The fault of asking for an item that is not there.
    pub(super) fn unknown(&self, name: &str) -> Fault {
        let help = suggest(name, self.items());
        Fault::new(format!("there is no item `{name}`")).key(&self.scale).help(help)
    }

    /// The same as given, before reversal.
    pub(super) fn as_given(&self) -> Self {
        let items = self.items.iter().map(|item| Item { values: item.given.clone(), ..item.clone() });
        Self { items: items.collect(), ..self.clone() }
    }

    /// Those of every scale that is a sum or mean, in the order of the definition: of its items, or of the scales it is made
    /// of. What is cut, looked up or said by a formula has no parts that add up, and is left out.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, scale::Answers};
    /// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
    /// assert_eq!(Answers::of(&cohort)[0].scale(), "mood.total");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(cohort: &Cohort) -> Vec<Self> {
        let mut found = Vec::new();
        for (at, instrument) in cohort.parts().instruments.iter().enumerate() {
            for scale in instrument.key.scales.iter().filter(|scale| adds_up(scale)) {
                found.extend(Self::keyed(instrument, scale, cohort.items(at), cohort.rows()));
            }
        }
        found
    }

    fn names(cohort: &Cohort) -> impl Iterator<Item = String> {
        let instruments = cohort.parts().instruments.iter();
        instruments.flat_map(|instrument| {
            let scales = instrument.key.scales.iter().filter(|scale| adds_up(scale));
            scales.map(|scale| format!("{}.{}", instrument.id, scale.id))
        })
    }

    pub(crate) fn keyed(
        instrument: &Instrument,
        scale: &Scale,
        columns: &[Codes],
        rows: usize,
    ) -> Option<Self> {
        let key = &instrument.key;
        let items: Vec<Item> = match &scale.way {
            Way::Items { reversed, weights, .. } => {
                let items = scale.items.iter().zip(reversed).zip(weights);
                items
                    .map(|((at, reversed), weight)| Item::of(key, *at, *reversed, *weight, columns, rows))
                    .collect::<Option<_>>()?
            }
            // Of weighted scales no part is a column of its own.
            Way::Scales { weights, .. } if weights.iter().any(|weight| *weight != 1.0) => return None,
            Way::Scales { of, .. } => {
                let parts = of.iter().filter_map(|at| key.scales.get(*at));
                parts.map(|part| Item::of_scale(key, part, columns, rows)).collect::<Option<_>>()?
            }
            Way::Formula { .. } => return None,
        };
        let of_one = match &scale.way {
            Way::Items { aggregate: ItemAggregate::Mean, weights, .. }
            | Way::Scales { aggregate: ItemAggregate::Mean, weights, .. } => {
                1.0 / weights.iter().sum::<f64>()
            }
            _ => 1.0,
        };
        let name = format!("{}.{}", instrument.id, scale.id);
        Some(Self { scale: name, rows, multiply: of_one * scale.line.slope, range: scale.range, items })
    }

    /// Every item of every instrument, reversed where a scale reverses it; named as the instrument.
    pub(super) fn of_instruments(cohort: &Cohort) -> impl Iterator<Item = (Self, &Instrument)> {
        cohort.parts().instruments.iter().enumerate().map(|(at, instrument)| {
            let key = &instrument.key;
            let is_reversed = |item: usize| {
                let of = |scale: &Scale| match &scale.way {
                    Way::Items { reversed, .. } => {
                        let mut items = scale.items.iter().zip(reversed);
                        items.find(|(other, _)| **other == item).map(|(_, reversed)| *reversed)
                    }
                    _ => None,
                };
                key.scales.iter().find_map(of).unwrap_or(false)
            };
            let (columns, rows) = (cohort.items(at), cohort.rows());
            let items: Vec<Item> = (0..columns.len())
                .filter_map(|item| Item::of(key, item, is_reversed(item), 1.0, columns, rows))
                .collect();
            let range = [|item: &Item| item.lowest, |item: &Item| item.highest]
                .map(|end| items.iter().map(end).sum::<f64>());
            (Self { scale: instrument.id.clone(), items, rows, multiply: 1.0, range }, instrument)
        })
    }

    /// The scale's name, `instrument.scale`.
    pub fn scale(&self) -> &str {
        &self.scale
    }

    /// How many persons, complete or not.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether the scale has no item.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The names of the items, in the order of the scale.
    pub fn items(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| item.name.as_str())
    }

    /// The answers to one item, NaN where missing.
    pub fn column_or_nan(&self, item: usize) -> Option<&[f64]> {
        self.items.get(item).map(|item| &*item.values)
    }

    /// The lowest and highest answer to one item.
    pub fn ends(&self, item: usize) -> Option<[f64; 2]> {
        self.items.get(item).map(|item| [item.lowest, item.highest])
    }

    /// The lowest and highest score that the scale can give.
    pub fn range(&self) -> [f64; 2] {
        self.range
    }

    /// How many persons answered every item.
    pub fn complete(&self) -> usize {
        let count = |rows: Range<usize>| {
            let mut kept = [0.0; ROWS];
            blocks(rows).map(|rows| self.kept(&rows, &mut kept)).sum::<usize>()
        };
        reduce(self.rows, &count, &|first: usize, second| first + second)
    }

    /// One point of the sum of the items is as many of the score.
    pub(super) fn multiply(&self) -> f64 {
        self.multiply
    }

    pub(super) fn parts(&self) -> &[Item] {
        &self.items
    }

    /// Marks the rows of a block that are complete by 1, the others by 0, and counts them.
    pub(super) fn kept(&self, rows: &Range<usize>, kept: &mut [f64; ROWS]) -> usize {
        vectors::run(
            #[inline(always)]
            || {
                let kept = kept.get_mut(..rows.len()).unwrap_or_default();
                kept.fill(1.0);
                for item in &self.items {
                    let values = item.values.get(rows.clone()).unwrap_or_default();
                    for (kept, value) in kept.iter_mut().zip(values) {
                        *kept = if value.is_nan() { 0.0 } else { *kept };
                    }
                }
                kept.iter().filter(|kept| **kept > 0.0).count()
            },
        )
    }

    /// Sums over the complete persons, and how many of them gave the lowest and how many the highest answer to every item.
    pub(super) fn sums(&self) -> Sums {
        // The middle of the answers: with whole codes every sum is exact.
        let shift: Vec<f64> =
            self.items.iter().map(|item| (0.5 * (item.lowest + item.highest)).floor()).collect();
        let leaf = |rows: Range<usize>| {
            let mut own = Sums { moments: Moments::about(shift.clone()), floor: 0, ceiling: 0 };
            let mut block = vec![0.0; self.items.len() * ROWS];
            let (mut kept, mut low, mut high) = ([0.0; ROWS], [0.0; ROWS], [0.0; ROWS]);
            for rows in blocks(rows) {
                let count = self.kept(&rows, &mut kept);
                vectors::run(
                    #[inline(always)]
                    || {
                        low = kept;
                        high = kept;
                        for ((cells, item), shift) in
                            block.chunks_exact_mut(ROWS).zip(&self.items).zip(&shift)
                        {
                            let values = item.values.get(rows.clone()).unwrap_or_default();
                            let ends = low.iter_mut().zip(high.iter_mut());
                            for (((cell, value), kept), (low, high)) in
                                cells.iter_mut().zip(values).zip(&kept).zip(ends)
                            {
                                *cell = if *kept > 0.0 { value - shift } else { 0.0 };
                                *low = if *value == item.lowest { *low } else { 0.0 };
                                *high = if *value == item.highest { *high } else { 0.0 };
                            }
                            // The last block may be shorter.
                            cells.iter_mut().skip(values.len()).for_each(|cell| *cell = 0.0);
                        }
                    },
                );
                let marked =
                    |marks: &[f64; ROWS]| marks.iter().take(rows.len()).filter(|mark| **mark > 0.0).count();
                own.floor += marked(&low);
                own.ceiling += marked(&high);
                own.moments.add_block(&block, count);
            }
            own
        };
        let merge = |mut first: Sums, second: Sums| {
            // Both are about `shift`.
            let _ = first.moments.merge(&second.moments);
            first.floor += second.floor;
            first.ceiling += second.ceiling;
            first
        };
        reduce(self.rows, &leaf, &merge)
    }
}

/// Whether a scale is a sum or mean of parts, on a line.
fn adds_up(scale: &Scale) -> bool {
    scale.cutting == Cutting::None && !scale.is_label && !matches!(scale.way, Way::Formula { .. })
}

/// What a pass over complete persons finds.
pub(super) struct Sums {
    pub(super) moments: Moments,
    pub(super) floor: usize,
    pub(super) ceiling: usize,
}

/// Shows the shape, never an answer.
impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answers({} persons, {} items)", self.rows, self.items.len())
    }
}
