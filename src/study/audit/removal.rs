//! What the index would be without one of its parts.

use serde::Serialize;

use super::{
    columns::{Columns, Level},
    correlations::pearson,
    each::each,
};
use crate::num::rank::{Ordered, places};

/// The index without an indicator, domain or pillar.
///
/// **Formula** the weights of its siblings are renormalised, and the share of them that must be observed is of what is left; a
/// parent that is left without a child goes, too. What is learned from a reference stays as it is. Places are counted
/// from the highest, among the persons who have both; those who are alike share the best place.
///
/// **Missing data** persons who have no index with it or without it do not count.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Removal {
    /// What is left out.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// Where it stands.
    pub level: Level,
    /// Persons who have an index with it and without it.
    pub n: usize,
    /// The mean of how many places a person moves, up or down.
    pub mean_shift: Option<f64>,
    /// The most places a person moves.
    pub max_shift: Option<u32>,
    /// Pearson's correlation of the index without it with the index.
    pub pearson: Option<f64>,
    /// Spearman's.
    pub spearman: Option<f64>,
    /// The mean of the index without it less the mean of the index.
    pub mean_change: Option<f64>,
    /// Why there is nothing to say; empty if there is.
    pub note: &'static str,
}

pub(super) fn removals(columns: &Columns<'_>) -> Vec<Removal> {
    let all: Vec<&[f64]> = columns.scores.iter().map(|column| column.values.as_slice()).collect();
    let slots: Vec<usize> = (0..columns.tree.root()).collect();
    each(&slots, |slot| without(columns, &all, *slot)).into_iter().flatten().collect()
}

fn without(columns: &Columns<'_>, all: &[&[f64]], slot: usize) -> Option<Removal> {
    let column = columns.scores.get(slot)?;
    let mut found = Removal {
        name: column.name.clone(),
        title: column.title.clone(),
        level: column.level,
        n: 0,
        mean_shift: None,
        max_shift: None,
        pearson: None,
        spearman: None,
        mean_change: None,
        note: "",
    };
    let nominal = columns.index();
    let mut other = match columns.tree.index_without(slot, all) {
        Ok(other) => other,
        Err(note) => {
            found.note = note;
            return Some(found);
        }
    };
    // Whoever has no index for another reason has none here.
    for (other, nominal) in other.iter_mut().zip(nominal) {
        *other = if nominal.is_nan() { f64::NAN } else { *other };
    }
    let shift = Shift::between(nominal, &other);
    found.n = shift.n;
    if shift.n == 0 {
        found.note = "without it nobody has an index";
        return Some(found);
    }
    found.mean_shift = Some(shift.mean);
    found.max_shift = shift.sizes.last().copied();
    found.pearson = pearson(nominal, &other).1;
    found.spearman = Ordered::of(nominal).in_common(&Ordered::of(&other)).spearman.map(|of| of.value);
    let both = nominal.iter().zip(&other).filter(|(_, other)| !other.is_nan());
    found.mean_change = Some(both.map(|(nominal, other)| other - nominal).sum::<f64>() / shift.n as f64);
    Some(found)
}

/// How far persons move between two orders, of those who stand in both.
pub(in crate::study) struct Shift {
    pub(in crate::study) n: usize,
    /// The mean number of places.
    pub(in crate::study) mean: f64,
    /// How many places each moves, in rising order.
    pub(in crate::study) sizes: Vec<u32>,
    /// Row by row: the place in each order; none of those who do not stand in both.
    pub(in crate::study) places: Vec<Option<[u32; 2]>>,
}

impl Shift {
    pub(in crate::study) fn between(one: &[f64], other: &[f64]) -> Self {
        let has_both: Vec<bool> = one.iter().zip(other).map(|(a, b)| !a.is_nan() && !b.is_nan()).collect();
        let among = |values: &[f64]| {
            let masked =
                values.iter().zip(&has_both).map(|(value, both)| if *both { *value } else { f64::NAN });
            places(&masked.collect::<Vec<f64>>())
        };
        let (first, second) = (among(one), among(other));
        let both = first.iter().zip(&second).zip(&has_both);
        let places: Vec<Option<[u32; 2]>> = both.map(|((a, b), both)| both.then_some([*a, *b])).collect();
        let mut sizes: Vec<u32> = places.iter().flatten().map(|[a, b]| a.abs_diff(*b)).collect();
        sizes.sort_unstable();
        let sum: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
        Self { n: sizes.len(), mean: sum as f64 / sizes.len() as f64, sizes, places }
    }
}

#[cfg(test)]
mod tests {
    use super::Shift;

    #[test]
    fn places_move() {
        let shift = Shift::between(&[9.0, 5.0, 7.0, f64::NAN, 1.0], &[1.0, 6.0, 7.0, 9.0, f64::NAN]);
        assert_eq!(shift.places, [Some([1, 3]), Some([3, 2]), Some([2, 1]), None, None]);
        assert_eq!((shift.n, shift.mean, shift.sizes), (3, 4.0 / 3.0, vec![1, 1, 2]));
    }
}
