//! Two definitions on the same people.

use std::fmt;

use serde::Serialize;

use super::audit::{Shift, pearson, same_cohort};
use crate::{
    cohort::Cohort,
    definition::{Audience, Definition, KeyDifference},
    error::{Error, ErrorKind, Fault, Result},
    index::Scores,
    num::{
        rank::{Ordered, p_of_correlation},
        spread::mean_and_sd,
    },
    scale::FEWEST_FOR_EMPLOYER,
};

/// Two definitions held against each other on the same people: how far their indices agree, who moves, and in which keys
/// they differ.
///
/// **Formula** Places are counted from the highest among the persons who have both indices; those who are alike share the best
/// place. A shift is the number of places between the two. Quantiles interpolate between order statistics, at 1 + (n − 1) p.
/// Correlations as at [`PairFigures`](super::PairFigures).
///
/// **Missing data** persons with one of the indices only are counted, and left out of everything that is of both.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, study::Comparison};
///
/// let text = Definition::builtin_text("nhanes")?.replacen("norms      = \"nhanes\"", "", 1);
/// let harsh = text.replacen("[index]", "[index]\naggregate = \"geometric\"", 1);
/// let scored = |text: &str| {
///     let cohort = Cohort::read_csv(&Definition::from_toml(text)?, "data/nhanes/adults.csv")?;
///     let scores = Index::calibrate(&cohort)?.score_cohort(&cohort)?;
///     Ok::<_, vointi::Error>((cohort, scores))
/// };
/// let ((a, first), (b, second)) = (scored(&text)?, scored(&harsh)?);
/// let found = Comparison::of([(&a, &first), (&b, &second)], Audience::Research)?;
/// assert_eq!((found.both, found.differences[0].key.as_str()), (Some(4822), "index.aggregate"));
/// assert!(found.mean_difference.unwrap() < 0.0, "a geometric mean is never above the arithmetic one");
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// What the numbers are for, and what not.
    pub intended_use: &'static str,
    /// Who may see it.
    pub audience: Audience,
    /// By the one definition, and by the other.
    pub indices: [ComparedIndex; 2],
    /// Rows; none for an employer.
    pub persons: Option<usize>,
    /// Persons with both indices; none where they are too few for an employer, and then nothing else is shown.
    pub both: Option<usize>,
    /// Persons whom the first alone scores; not for an employer.
    pub only_first: Option<OnlyOne>,
    /// Persons whom the second alone scores; not for an employer.
    pub only_second: Option<OnlyOne>,
    /// The mean of the second less the first, of persons with both.
    pub mean_difference: Option<f64>,
    /// Pearson's correlation of the two.
    pub pearson: Option<f64>,
    /// Its two-sided p-value.
    pub pearson_p: Option<f64>,
    /// Spearman's.
    pub spearman: Option<f64>,
    /// Its two-sided p-value.
    pub spearman_p: Option<f64>,
    /// Kendall's τ-b.
    pub kendall: Option<f64>,
    /// Its two-sided p-value.
    pub kendall_p: Option<f64>,
    /// The mean shift, in places.
    pub mean_shift: Option<f64>,
    /// The largest; not for an employer.
    pub max_shift: Option<u32>,
    /// Quantiles of the shifts; not for an employer.
    pub shift_quantiles: Vec<ShiftQuantile>,
    /// How many persons shift how far, as a share of all places; not for an employer.
    pub shift_sizes: Vec<ShiftSize>,
    /// Who changes band, where both definitions declare bands.
    pub bands: Option<BandMoves>,
    /// The keys the two definitions do not write alike.
    pub differences: Vec<KeyDifference>,
    /// What there is to say beside; empty if nothing.
    pub note: &'static str,
    /// Person by person, for a table of their own; not for an employer, and not serialised.
    #[serde(skip)]
    pub rows: Vec<ComparedPerson>,
}

/// An index that is compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ComparedIndex {
    /// The id of the definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// What the index is, in words.
    pub title: String,
    /// Its hash.
    pub hash: String,
    /// Where the calibration comes from, in words; empty without one.
    pub calibration: String,
    /// Persons who have it; not for an employer.
    pub scored: Option<usize>,
    /// The mean of the persons with both indices.
    pub mean: Option<f64>,
    /// Their standard deviation.
    pub sd: Option<f64>,
}

/// Persons whom one of the definitions alone scores.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OnlyOne {
    /// How many.
    pub persons: usize,
    /// Their share of all rows.
    pub share: Option<f64>,
}

/// A quantile of the shifts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ShiftQuantile {
    /// The share of the persons who shift no farther.
    pub share: f64,
    /// Places.
    pub places: f64,
}

/// Persons by the size of their shift.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ShiftSize {
    /// More than this share of all places, …
    pub above: f64,
    /// … up to this one; the first is no shift at all.
    pub up_to: f64,
    /// Persons.
    pub persons: usize,
    /// Their share.
    pub share: f64,
}

/// Persons by their bands in both indices.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BandMoves {
    /// Persons whose bands have different names; none where they or the others are too few for the audience.
    pub changed: Option<usize>,
    /// Their share.
    pub share: Option<f64>,
    /// From each band of the first to each of the second; not for an employer.
    pub moves: Vec<BandMove>,
}

/// Persons in one band of each index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BandMove {
    /// The band of the first.
    pub first: String,
    /// The band of the second.
    pub second: String,
    /// Persons.
    pub persons: usize,
}

/// A person with both indices.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ComparedPerson {
    /// The id, as in the file.
    pub person: String,
    /// The wave, where there are waves.
    pub wave: Option<String>,
    /// The two indices.
    pub index: [f64; 2],
    /// The two places.
    pub place: [u32; 2],
}

/// Shows nothing of the person.
impl fmt::Debug for ComparedPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComparedPerson").finish_non_exhaustive()
    }
}

/// Ends of the sizes of shifts, as shares of all places.
const SIZES: [f64; 7] = [0.0, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0];
const QUANTILES: [f64; 6] = [0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

impl Comparison {
    /// Of the same people by two definitions, each with its scores; rows are matched by where they stand.
    ///
    /// # Errors
    /// Scores of another cohort; cohorts of which the rows are not the same persons.
    pub fn of(scored: [(&Cohort, &Scores); 2], audience: Audience) -> Result<Self> {
        let [(first, one), (second, other)] = scored;
        same_cohort(first, one)?;
        same_cohort(second, other)?;
        same_persons(first, second)?;
        let (x, y) = (one.index_or_nan(), other.index_or_nan());
        let shift = Shift::between(x, y);
        let common = Ordered::of(x).in_common(&Ordered::of(y));
        let (_, r) = pearson(x, y);
        let r = r.filter(|_| common.spearman.is_some());
        let (spearman, kendall) = (common.spearman, common.kendall);
        let persons = first.rows();
        let has_both = |row: usize| shift.places.get(row).is_some_and(Option::is_some);
        let index = |cohort: &Cohort, scores: &Scores| {
            let both = scores.index_or_nan().iter().enumerate().filter(|(row, _)| has_both(*row));
            let (_, mean, sd) = mean_and_sd(both.map(|(_, value)| *value));
            let definition = cohort.definition();
            ComparedIndex {
                definition: definition.id().to_owned(),
                version: definition.version().to_owned(),
                title: definition.title().to_owned(),
                hash: definition.hash().to_owned(),
                calibration: String::new(),
                scored: Some(scores.observed()),
                mean,
                sd,
            }
        };
        let only = |scores: &Scores| {
            let own = scores.observed() - shift.n;
            OnlyOne { persons: own, share: (persons > 0).then(|| own as f64 / persons as f64) }
        };
        let indices = [index(first, one), index(second, other)];
        let [a, b] = [first.definition(), second.definition()];
        let differences = a.differences(b);
        let note = if a.hash() != b.hash() && differences.is_empty() {
            "the two are written alike, and differ in what they refer to"
        } else {
            ""
        };
        let found = Self {
            intended_use: super::INTENDED_USE,
            audience,
            persons: Some(persons),
            both: Some(shift.n),
            only_first: Some(only(one)),
            only_second: Some(only(other)),
            mean_difference: indices[1].mean.zip(indices[0].mean).map(|(second, first)| second - first),
            pearson: r,
            pearson_p: r.map(|r| p_of_correlation(r, shift.n as f64)),
            spearman: spearman.map(|of| of.value),
            spearman_p: spearman.map(|of| of.p),
            kendall: kendall.map(|of| of.value),
            kendall_p: kendall.map(|of| of.p),
            mean_shift: (shift.n > 0).then_some(shift.mean),
            max_shift: shift.sizes.last().copied(),
            shift_quantiles: quantiles(&shift.sizes),
            shift_sizes: sizes(&shift.sizes),
            bands: BandMoves::of([a, b], [x, y], &shift),
            differences,
            note,
            rows: rows(first, [x, y], &shift),
            indices,
        };
        Ok(if audience == Audience::Employer { found.for_employer() } else { found })
    }

    /// Says where the calibrations come from: the indices do not know.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, Index, definition::Audience, study::Comparison};
    /// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
    /// let scores = Index::new(cohort.definition())?.score_cohort(&cohort)?;
    /// let found = Comparison::of([(&cohort, &scores), (&cohort, &scores)], Audience::Research)?;
    /// assert_eq!((found.max_shift, found.differences.len()), (Some(0), 0));
    /// assert_eq!(found.calibrated_from(["shipped", "shipped"]).indices[1].calibration, "shipped");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    #[must_use]
    pub fn calibrated_from(mut self, from: [&str; 2]) -> Self {
        for (index, from) in self.indices.iter_mut().zip(from) {
            from.clone_into(&mut index.calibration);
        }
        self
    }

    fn for_employer(mut self) -> Self {
        self.persons = None;
        (self.only_first, self.only_second, self.max_shift) = (None, None, None);
        self.shift_quantiles.clear();
        self.shift_sizes.clear();
        self.rows.clear();
        self.both = self.both.filter(|both| *both >= FEWEST_FOR_EMPLOYER);
        for index in &mut self.indices {
            index.scored = None;
            index.calibration.clear();
            if self.both.is_none() {
                (index.mean, index.sd) = (None, None);
            }
        }
        match (self.both, &mut self.bands) {
            (Some(both), Some(bands)) => {
                bands.moves.clear();
                let is_safe = |changed: &usize| {
                    *changed >= FEWEST_FOR_EMPLOYER && both - changed >= FEWEST_FOR_EMPLOYER
                };
                bands.changed = bands.changed.filter(is_safe);
                bands.share = bands.share.filter(|_| bands.changed.is_some());
            }
            (Some(_), None) => {}
            (None, _) => {
                self.bands = None;
                self.mean_difference = None;
                self.mean_shift = None;
                (self.pearson, self.pearson_p) = (None, None);
                (self.spearman, self.spearman_p) = (None, None);
                (self.kendall, self.kendall_p) = (None, None);
            }
        }
        self
    }
}

/// Rows are matched by where they stand: there must be as many, with the same ids where both read one column for them.
fn same_persons(first: &Cohort, second: &Cohort) -> Result<()> {
    let [one, other] = [first, second].map(|cohort| &cohort.parts().person.id);
    let is_same = first.rows() == second.rows()
        && (one != other || (0..first.rows()).all(|row| first.id(row) == second.id(row)));
    if is_same {
        return Ok(());
    }
    let fault = Fault::new("the two definitions are not bound to the same persons");
    Err(Error::new(ErrorKind::Data, vec![fault.help("bind both to the same file")]))
}

fn quantiles(sorted: &[u32]) -> Vec<ShiftQuantile> {
    let Some(steps) = sorted.len().checked_sub(1) else { return Vec::new() };
    let of = |share: f64| {
        let at = share * steps as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the values")]
        let below = at.floor() as usize;
        let value = |at: usize| sorted.get(at.min(steps)).copied().map_or(0.0, f64::from);
        let (low, high) = (value(below), value(below + 1));
        ShiftQuantile { share, places: low + (at - below as f64) * (high - low) }
    };
    QUANTILES.map(of).into()
}

fn sizes(sorted: &[u32]) -> Vec<ShiftSize> {
    let n = sorted.len() as f64;
    if sorted.is_empty() {
        return Vec::new();
    }
    let within = |share: f64| sorted.partition_point(|size| f64::from(*size) <= share * n);
    let mut before = 0;
    let mut above = 0.0;
    let of = |up_to: f64| {
        let persons = within(up_to) - before;
        before += persons;
        let size = ShiftSize { above, up_to, persons, share: persons as f64 / n };
        above = up_to;
        size
    };
    SIZES.map(of).into()
}

impl BandMoves {
    fn of(definitions: [&Definition; 2], values: [&[f64]; 2], shift: &Shift) -> Option<Self> {
        let [one, other] = definitions.map(|definition| definition.parts().bands.as_slice());
        if one.is_empty() || other.is_empty() {
            return None;
        }
        let [x, y] = values;
        let mut counts = vec![vec![0_usize; other.len()]; one.len()];
        let (mut changed, mut n) = (0_usize, 0_usize);
        for ((a, b), _) in x.iter().zip(y).zip(&shift.places).filter(|(_, place)| place.is_some()) {
            let [from, to] = [(one, *a), (other, *b)]
                .map(|(bands, value)| bands.iter().position(|band| value >= band.from && value < band.below));
            n += 1;
            let name = |bands: &[crate::definition::parts::Band], at: Option<usize>| {
                at.and_then(|at| bands.get(at)).map(|band| band.id.clone())
            };
            changed += usize::from(name(one, from) != name(other, to));
            let cell = from.zip(to).and_then(|(from, to)| counts.get_mut(from)?.get_mut(to));
            if let Some(cell) = cell {
                *cell += 1;
            }
        }
        let moves = one.iter().zip(&counts).flat_map(|(from, row)| {
            other.iter().zip(row).map(|(to, persons)| BandMove {
                first: from.id.clone(),
                second: to.id.clone(),
                persons: *persons,
            })
        });
        Some(Self {
            changed: Some(changed),
            share: (n > 0).then(|| changed as f64 / n as f64),
            moves: moves.collect(),
        })
    }
}

fn rows(cohort: &Cohort, [x, y]: [&[f64]; 2], shift: &Shift) -> Vec<ComparedPerson> {
    let both = shift.places.iter().zip(x.iter().zip(y)).enumerate();
    both.filter_map(|(row, (place, (x, y)))| {
        Some(ComparedPerson {
            person: cohort.id(row).unwrap_or_default().to_owned(),
            wave: cohort.wave(row).map(str::to_owned),
            index: [*x, *y],
            place: (*place)?,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{quantiles, sizes};

    #[test]
    fn shifts_are_counted_by_size() {
        let shifts: Vec<u32> = vec![0, 0, 1, 1, 2, 3, 5, 10, 30, 60, 100]
            .into_iter()
            .chain(std::iter::repeat_n(100, 89))
            .collect();
        let found = sizes(&shifts);
        let persons: Vec<usize> = found.iter().map(|size| size.persons).collect();
        assert_eq!(persons, [2, 2, 1, 2, 1, 0, 92]);
        assert_eq!(persons.iter().sum::<usize>(), 100);
        let found: Vec<f64> = quantiles(&[0, 2, 4, 6]).iter().map(|quantile| quantile.places).collect();
        assert_eq!(found[..3], [1.5, 3.0, 4.5]);
        assert!(quantiles(&[]).is_empty() && sizes(&[]).is_empty());
    }
}
