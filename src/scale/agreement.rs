//! Whether the persons of a unit agree, so that their mean says something of the unit.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Answers, audience::FEWEST_FOR_EMPLOYER};
use crate::{
    definition::Audience,
    error::{Error, ErrorKind, Fault, Result},
    num::fisher,
};

/// Agreement within units, of the persons who answered every item.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Agreement {
    /// The scale.
    pub scale: String,
    /// Persons who answered every item and belong to a unit.
    pub n: usize,
    /// Units of those.
    pub units: usize,
    /// Persons a unit, n over units.
    pub mean_size: f64,
    /// Persons without a unit; not for an employer.
    pub without_unit: Option<usize>,
    /// Persons of a unit who left out an item; not for an employer.
    pub incomplete: Option<usize>,
    /// The share of the variance that lies between units: (B − W) / (B + (n̄ − 1) W).
    pub icc1: f64,
    /// The reliability of the mean of a unit: (B − W) / B.
    pub icc2: f64,
    /// B / W.
    pub f: f64,
    /// Units less one.
    pub df1: usize,
    /// Persons less units.
    pub df2: usize,
    /// P(F > f) if units do not differ.
    pub p: f64,
    /// The mean square between units, of the mean of the items.
    pub ms_between: f64,
    /// The mean square within units.
    pub ms_within: f64,
    /// The variance of answers given at random, all alike likely.
    pub null_variance: f64,
    /// How many units agree less than answers given at random would; their rwg is shown as 0.
    pub below_chance: usize,
    /// Unit by unit.
    pub by_unit: Vec<UnitAgreement>,
    /// Units that are not shown to this audience.
    pub withheld: usize,
}

/// Agreement within one unit. A unit of one person has none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UnitAgreement {
    /// The unit.
    pub unit: String,
    /// Persons who answered every item.
    pub n: usize,
    /// 1 − s² / σ² of the mean of the items; 0 where it is negative.
    pub rwg: Option<f64>,
    /// The same of several items, k(1 − s̄²/σ²) / (k(1 − s̄²/σ²) + s̄²/σ²); 0 where 1 − s̄²/σ² is negative.
    pub rwg_j: Option<f64>,
    /// Lindell's 1 − s̄² / σ², negative where it is.
    pub r_star: Option<f64>,
    /// The mean distance from the unit's mean, of the mean of the items.
    pub ad_mean: Option<f64>,
    /// The mean distance from the unit's median, of the mean of the items.
    pub ad_median: Option<f64>,
    /// The mean over the items of the mean distance from the unit's mean.
    pub ad_mean_items: Option<f64>,
    /// The mean over the items of the mean distance from the unit's median.
    pub ad_median_items: Option<f64>,
    /// Whether rwg or rwg(j) would be negative: less agreement than of answers given at random.
    pub is_below_chance: bool,
}

/// Agreement on a scale within units; `units` names the unit of every row, none where there is none.
///
/// **Formula** those of the fields of [`Agreement`] and [`UnitAgreement`]. B and W are mean squares of a one-way analysis of
/// variance, units of one counted; n̄ is the plain mean size. Variances are over n − 1, distances over n. σ² = (A² − 1)/12 of A
/// whole answers from the lowest to the highest, all alike likely.
///
/// **Units** distances are those of one item's answer.
///
/// **Missing data** Persons who left out an item, or without a unit, do not count, and are counted.
///
/// # Errors
/// Another number of units than of rows; fewer than two units, no unit of two persons, or no spread within units. For an
/// employer, fewer than ten persons.
///
/// **Reference** Bliese 2000, in Klein & Kozlowski, Multilevel Theory; James, Demaree & Wolf 1984, J. Applied Psychology 69:85;
/// Lindell, Brandt & Whitney 1999, Applied Psychological Measurement 23:127; Burke, Finkelstein & Dusig 1999,
/// Organizational Research Methods 2:49.
///
/// # Example
/// ```
/// use vointi::{definition::Audience, scale::{self, Answers}};
/// let one = vec![4.0, 4.0, 5.0, 1.0, 2.0, 1.0];
/// let two = vec![5.0, 4.0, 5.0, 2.0, 1.0, 1.0];
/// let answers = Answers::from_columns(["a", "b"], vec![one, two], [1.0, 5.0])?;
/// let units = ["north", "north", "north", "south", "south", "south"].map(Some);
/// let found = scale::agreement(&answers, &units, Audience::Research)?;
/// assert!(found.icc1 > 0.9 && found.by_unit[0].rwg.unwrap() > 0.8);
/// assert!(scale::agreement(&answers, &units, Audience::Employer).is_err());
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn agreement(answers: &Answers, units: &[Option<&str>], audience: Audience) -> Result<Agreement> {
    if units.len() != answers.rows() {
        let what = format!("{} units for {} persons", units.len(), answers.rows());
        return Err(refuse(answers, what, "give one unit a person"));
    }
    if answers.is_empty() {
        return Err(refuse(answers, "the scale has no item".to_owned(), ""));
    }
    let mut groups: BTreeMap<&str, Vec<Vec<f64>>> = BTreeMap::new();
    let (mut without_unit, mut incomplete) = (0, 0);
    for (row, unit) in units.iter().enumerate() {
        let Some(unit) = unit else {
            without_unit += 1;
            continue;
        };
        let person: Vec<f64> =
            answers.parts().iter().filter_map(|item| item.values.get(row).copied()).collect();
        if person.iter().any(|answer| answer.is_nan()) {
            incomplete += 1;
        } else {
            groups.entry(unit).or_default().push(person);
        }
    }
    let is_employer = audience == Audience::Employer;
    if is_employer && groups.values().map(Vec::len).sum::<usize>() < FEWEST_FOR_EMPLOYER {
        let what = format!("fewer than {FEWEST_FOR_EMPLOYER} persons answered every item");
        let fault = Fault::new(what).key(answers.scale()).help("an employer sees nothing of fewer");
        return Err(Error::new(ErrorKind::Audience, vec![fault]));
    }
    let variance = Variance::of(answers, &groups)?;
    let null_variance = null_variance(answers);
    let mut by_unit: Vec<UnitAgreement> =
        groups.iter().map(|(unit, persons)| UnitAgreement::of(unit, persons, null_variance)).collect();
    let all = by_unit.len();
    if is_employer {
        withhold(&mut by_unit);
    }
    let Variance { n, between, within, mean_size } = variance;
    Ok(Agreement {
        scale: answers.scale().to_owned(),
        n,
        units: all,
        mean_size,
        without_unit: (!is_employer).then_some(without_unit),
        incomplete: (!is_employer).then_some(incomplete),
        icc1: (between - within) / (between + (mean_size - 1.0) * within),
        icc2: (between - within) / between,
        f: between / within,
        df1: all - 1,
        df2: n - all,
        p: fisher::upper_tail(between / within, (all - 1) as f64, (n - all) as f64),
        ms_between: between,
        ms_within: within,
        null_variance,
        below_chance: by_unit.iter().filter(|unit| unit.is_below_chance).count(),
        withheld: all - by_unit.len(),
        by_unit,
    })
}

/// Takes away units below ten persons, and then the smallest of the others until what is taken away is no single unit and not
/// fewer than ten persons: it would follow from the rest.
fn withhold(units: &mut Vec<UnitAgreement>) {
    let (mut hidden, mut persons) = (0, 0);
    units.retain(|unit| {
        let is_shown = unit.n >= FEWEST_FOR_EMPLOYER;
        if !is_shown {
            hidden += 1;
            persons += unit.n;
        }
        is_shown
    });
    while hidden > 0 && (hidden == 1 || persons < FEWEST_FOR_EMPLOYER) {
        let Some(smallest) = (0..units.len()).min_by_key(|at| units.get(*at).map_or(0, |unit| unit.n)) else {
            return;
        };
        persons += units.remove(smallest).n;
        hidden += 1;
    }
}

/// Of answers given at random: (A² − 1)/12 for A of them, the mean over the items.
fn null_variance(answers: &Answers) -> f64 {
    let of = |lowest: f64, highest: f64| {
        let options = highest - lowest + 1.0;
        (options * options - 1.0) / 12.0
    };
    let sum: f64 = answers.parts().iter().map(|item| of(item.lowest, item.highest)).sum();
    sum / answers.len() as f64
}

struct Variance {
    n: usize,
    between: f64,
    within: f64,
    mean_size: f64,
}

impl Variance {
    fn of(answers: &Answers, groups: &BTreeMap<&str, Vec<Vec<f64>>>) -> Result<Self> {
        let scores: Vec<Vec<f64>> =
            groups.values().map(|persons| persons.iter().map(|p| mean(p)).collect()).collect();
        let n: usize = scores.iter().map(Vec::len).sum();
        if scores.len() < 2 || n <= scores.len() {
            let what = format!("{n} persons who answered every item, in {} units", scores.len());
            return Err(refuse(answers, what, "agreement needs two units, and one of them of two persons"));
        }
        let grand = mean(&scores.concat());
        let (mut between, mut within) = (0.0, 0.0);
        for unit in &scores {
            let middle = mean(unit);
            between += unit.len() as f64 * (middle - grand) * (middle - grand);
            within += unit.iter().map(|score| (score - middle) * (score - middle)).sum::<f64>();
        }
        between /= scores.len() as f64 - 1.0;
        within /= (n - scores.len()) as f64;
        if within <= 0.0 {
            let help = "look whether the column of units names persons";
            return Err(refuse(answers, "no unit has any spread".to_owned(), help));
        }
        Ok(Self { n, between, within, mean_size: n as f64 / scores.len() as f64 })
    }
}

impl UnitAgreement {
    fn of(unit: &str, persons: &[Vec<f64>], null: f64) -> Self {
        let n = persons.len();
        let none = Self {
            unit: unit.to_owned(),
            n,
            rwg: None,
            rwg_j: None,
            r_star: None,
            ad_mean: None,
            ad_median: None,
            ad_mean_items: None,
            ad_median_items: None,
            is_below_chance: false,
        };
        if n < 2 {
            return none;
        }
        let scores: Vec<f64> = persons.iter().map(|person| mean(person)).collect();
        let k = persons.first().map_or(0, Vec::len);
        let items: Vec<Vec<f64>> =
            (0..k).map(|at| persons.iter().filter_map(|person| person.get(at).copied()).collect()).collect();
        let over_items =
            |of: &dyn Fn(&[f64]) -> f64| mean(&items.iter().map(|item| of(item)).collect::<Vec<_>>());
        let rwg = 1.0 - variance(&scores) / null;
        let share = over_items(&variance) / null;
        let agreed = (k as f64) * (1.0 - share).max(0.0);
        Self {
            rwg: Some(rwg.max(0.0)),
            rwg_j: Some(agreed / (agreed + share.min(1.0))),
            r_star: Some(1.0 - share),
            ad_mean: Some(distance(&scores, mean(&scores))),
            ad_median: Some(distance(&scores, median(&scores))),
            ad_mean_items: Some(over_items(&|item| distance(item, mean(item)))),
            ad_median_items: Some(over_items(&|item| distance(item, median(item)))),
            is_below_chance: rwg < 0.0 || share > 1.0,
            ..none
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let middle = mean(values);
    values.iter().map(|value| (value - middle) * (value - middle)).sum::<f64>() / (values.len() as f64 - 1.0)
}

fn distance(values: &[f64], from: f64) -> f64 {
    values.iter().map(|value| (value - from).abs()).sum::<f64>() / values.len() as f64
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let high = sorted.get(middle).copied().unwrap_or(f64::NAN);
    if sorted.len() % 2 == 1 {
        return high;
    }
    let low = middle.checked_sub(1).and_then(|at| sorted.get(at)).copied().unwrap_or(f64::NAN);
    0.5 * (low + high)
}

fn refuse(answers: &Answers, what: String, help: &str) -> Error {
    Error::new(ErrorKind::Model, vec![Fault::new(what).key(answers.scale()).help(help)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_sizes(sizes: &[usize]) -> Vec<usize> {
        let mut units: Vec<UnitAgreement> =
            sizes.iter().map(|n| UnitAgreement { n: *n, ..UnitAgreement::of("", &[], 2.0) }).collect();
        withhold(&mut units);
        units.iter().map(|unit| unit.n).collect()
    }

    #[test]
    fn what_is_withheld_does_not_follow() {
        assert_eq!(of_sizes(&[30, 12, 20]), [30, 12, 20]);
        // One hidden unit follows from the total, and so the next smallest goes.
        assert_eq!(of_sizes(&[30, 9, 12, 20]), [30, 20]);
        assert_eq!(of_sizes(&[30, 4, 5, 12]), [30]);
        assert_eq!(of_sizes(&[30, 5, 5, 12]), [30, 12]);
        assert!(of_sizes(&[30, 9]).is_empty());
    }

    /// Answers 1 1 5 5 to one item: s² = 16/3 beyond the 2 of chance, so rwg is 0 and r* is 1 − 8/3; both distances are 2.
    #[test]
    fn extremes_by_hand() {
        let persons: Vec<Vec<f64>> = [1.0, 1.0, 5.0, 5.0].map(|answer| vec![answer]).to_vec();
        let found = UnitAgreement::of("", &persons, 2.0);
        assert_eq!((found.rwg, found.rwg_j, found.is_below_chance), (Some(0.0), Some(0.0), true));
        assert!((found.r_star.unwrap() + 5.0 / 3.0).abs() < 1e-14);
        assert_eq!((found.ad_mean, found.ad_median, found.ad_mean_items), (Some(2.0), Some(2.0), Some(2.0)));
        assert_eq!(UnitAgreement::of("", &persons[..1], 2.0).rwg, None);
    }
}
