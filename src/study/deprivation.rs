//! Who is deprived in many things at once, and in which: the decomposition of Alkire and Foster.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    error::{Error, ErrorKind, Fault, Result},
    scale::FEWEST_FOR_EMPLOYER,
};

/// A column in which a person can be deprived.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Dimension<'a> {
    /// Its name.
    pub name: &'a str,
    /// The score of each person, NaN where there is none.
    pub values: &'a [f64],
    /// Whoever is below is deprived.
    pub cutoff: f64,
    /// What it counts; the weights of all are made to sum to 1.
    pub weight: f64,
}

impl<'a> Dimension<'a> {
    /// A column with its cutoff and weight.
    pub fn new(name: &'a str, values: &'a [f64], cutoff: f64, weight: f64) -> Self {
        Self { name, values, cutoff, weight }
    }
}

/// How many are deprived in a weighted share k or more, how widely, and in what.
///
/// **Formula** g = 1 where a score is below its cutoff, else 0; c = Σ w g; whoever has c ≥ k counts. H = q/n, A the mean of c
/// among the q, M₀ = H A. A dimension adds w h(k)/M₀, h(k) the share of all who count and are deprived in it; a subgroup
/// adds its share of persons times its M₀ over M₀.
///
/// **Missing data** persons without one of the scores are left out, and counted.
///
/// **Reference** Alkire & Foster 2011, J. Public Econ. 95:476.
///
/// # Example
/// The worked example of the source: four persons, four dimensions of equal weight, two or more count.
/// ```
/// use vointi::study::{Deprivation, Dimension};
/// let income   = [13.1, 15.2, 12.5, 20.0];
/// let schooling = [14.0, 7.0, 10.0, 11.0];
/// let ill      = [4.0, 5.0, 1.0, 3.0];
/// let services = [1.0, 0.0, 0.0, 1.0];
/// let dimensions = [
///     Dimension::new("income", &income, 13.0, 1.0),
///     Dimension::new("schooling", &schooling, 12.0, 1.0),
///     Dimension::new("health", &ill, 3.0, 1.0),
///     Dimension::new("services", &services, 1.0, 1.0),
/// ];
/// let found = Deprivation::of(&dimensions, 0.5, None)?;
/// assert_eq!((found.headcount, found.intensity, found.adjusted), (Some(0.5), Some(0.75), Some(0.375)));
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Deprivation {
    /// The parent whose children are looked at; empty where columns are given.
    pub name: String,
    /// The share of the weights from which on a person counts.
    pub poor_at: f64,
    /// Persons with every score.
    pub n: usize,
    /// Persons without one of them.
    pub incomplete: Option<usize>,
    /// Persons who count; none if too few for the audience.
    pub persons: Option<usize>,
    /// H: their share.
    pub headcount: Option<f64>,
    /// A: how widely they are deprived; none if nobody counts.
    pub intensity: Option<f64>,
    /// M₀ = H A.
    pub adjusted: Option<f64>,
    /// Dimension by dimension.
    pub dimensions: Vec<DimensionShare>,
    /// Subgroup by subgroup, where a column names them.
    pub groups: Vec<DeprivationGroup>,
}

/// What a dimension adds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DimensionShare {
    /// The dimension.
    pub name: String,
    /// Whoever is below is deprived.
    pub cutoff: f64,
    /// Its share of the weights.
    pub weight: f64,
    /// The share of all persons who are deprived in it.
    pub deprived: Option<f64>,
    /// The share of all persons who count and are deprived in it.
    pub censored: Option<f64>,
    /// What it adds to M₀, as a share; none if nobody counts.
    pub contribution: Option<f64>,
}

/// A subgroup.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DeprivationGroup {
    /// Its name.
    pub group: String,
    /// Its persons with every score.
    pub n: usize,
    /// H among them.
    pub headcount: Option<f64>,
    /// A among them.
    pub intensity: Option<f64>,
    /// M₀ among them.
    pub adjusted: Option<f64>,
    /// What it adds to M₀ of all, as a share.
    pub contribution: Option<f64>,
}

/// A share of the weights that misses the threshold by rounding alone has not missed it.
const HAIR: f64 = 1e-9;

#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    n: usize,
    poor: usize,
    /// Σ c of those who count.
    breadth: f64,
}

impl Counted {
    fn headcount(self) -> Option<f64> {
        (self.n > 0).then(|| self.poor as f64 / self.n as f64)
    }

    fn intensity(self) -> Option<f64> {
        (self.poor > 0).then(|| self.breadth / self.poor as f64)
    }

    fn adjusted(self) -> Option<f64> {
        (self.n > 0).then(|| self.breadth / self.n as f64)
    }
}

impl Deprivation {
    /// Of some dimensions; `groups` names the subgroup of every person.
    ///
    /// # Errors
    /// No dimension, columns of unlike length, weights that are negative or sum to 0, a cutoff that is no number, a threshold
    /// outside 0 to 1.
    ///
    /// # Example
    /// ```
    /// use vointi::study::{Deprivation, Dimension};
    /// let scores = [10.0, 60.0, 30.0, 90.0];
    /// let groups = ["north", "north", "south", "south"].map(Some);
    /// let found = Deprivation::of(&[Dimension::new("a", &scores, 50.0, 1.0)], 1.0, Some(&groups))?;
    /// assert_eq!(found.groups.iter().map(|group| group.contribution.unwrap()).sum::<f64>(), 1.0);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(dimensions: &[Dimension<'_>], poor_at: f64, groups: Option<&[Option<&str>]>) -> Result<Self> {
        let rows = dimensions.first().map_or(0, |dimension| dimension.values.len());
        check(dimensions, poor_at, rows, groups)?;
        let total: f64 = dimensions.iter().map(|dimension| dimension.weight).sum();
        let weights: Vec<f64> = dimensions.iter().map(|dimension| dimension.weight / total).collect();
        let mut all = Counted::default();
        let mut by_group: BTreeMap<&str, Counted> = BTreeMap::new();
        let mut deprived = vec![[0_usize; 2]; dimensions.len()];
        for row in 0..rows {
            let at = |dimension: &Dimension<'_>| dimension.values.get(row).copied().unwrap_or(f64::NAN);
            if dimensions.iter().any(|dimension| at(dimension).is_nan()) {
                continue;
            }
            let is_deprived = || dimensions.iter().map(|dimension| at(dimension) < dimension.cutoff);
            let breadth: f64 =
                is_deprived().zip(&weights).filter(|(is, _)| *is).map(|(_, weight)| weight).sum();
            let counts = breadth >= poor_at - HAIR;
            for (is, [raw, censored]) in is_deprived().zip(&mut deprived) {
                *raw += usize::from(is);
                *censored += usize::from(is && counts);
            }
            let group = groups.and_then(|groups| groups.get(row).copied().flatten());
            let own = group.map(|group| by_group.entry(group).or_default());
            for counted in std::iter::once(&mut all).chain(own) {
                counted.n += 1;
                counted.poor += usize::from(counts);
                counted.breadth += if counts { breadth } else { 0.0 };
            }
        }
        let share = |count: usize| (all.n > 0).then(|| count as f64 / all.n as f64);
        let of_all = |added: f64| (all.breadth > 0.0).then(|| added / all.breadth);
        let dimensions = dimensions.iter().zip(weights).zip(deprived);
        Ok(Self {
            name: String::new(),
            poor_at,
            n: all.n,
            incomplete: Some(rows - all.n),
            persons: Some(all.poor),
            headcount: all.headcount(),
            intensity: all.intensity(),
            adjusted: all.adjusted(),
            dimensions: dimensions
                .map(|((dimension, weight), [raw, censored])| DimensionShare {
                    name: dimension.name.to_owned(),
                    cutoff: dimension.cutoff,
                    weight,
                    deprived: share(raw),
                    censored: share(censored),
                    contribution: of_all(weight * censored as f64),
                })
                .collect(),
            groups: by_group
                .into_iter()
                .map(|(group, counted)| DeprivationGroup {
                    group: group.to_owned(),
                    n: counted.n,
                    headcount: counted.headcount(),
                    intensity: counted.intensity(),
                    adjusted: counted.adjusted(),
                    contribution: of_all(counted.breadth),
                })
                .collect(),
        })
    }

    /// What of it an employer may see: the share of those who count if ten do and ten do not, and nothing of the dimensions.
    pub(super) fn for_employer(mut self) -> Self {
        let counts = self.persons.unwrap_or(0);
        let safe = counts >= FEWEST_FOR_EMPLOYER && self.n - counts >= FEWEST_FOR_EMPLOYER;
        self.incomplete = None;
        self.dimensions.clear();
        self.groups.clear();
        if !safe {
            (self.persons, self.headcount, self.intensity, self.adjusted) = (None, None, None, None);
            if self.n < FEWEST_FOR_EMPLOYER {
                self.n = 0;
            }
        }
        self
    }
}

fn check(
    dimensions: &[Dimension<'_>],
    poor_at: f64,
    rows: usize,
    groups: Option<&[Option<&str>]>,
) -> Result<()> {
    let mut faults = Vec::new();
    if dimensions.is_empty() {
        faults.push(Fault::new("there is no dimension").help("name at least one"));
    }
    for dimension in dimensions {
        let name = dimension.name;
        if dimension.values.len() != rows {
            let what = format!("`{name}` has {} persons, the first dimension {rows}", dimension.values.len());
            faults.push(Fault::new(what).help("give every dimension the same persons"));
        }
        if !(dimension.weight.is_finite() && dimension.weight >= 0.0) {
            let what = format!("the weight of `{name}` is {}", dimension.weight);
            faults.push(Fault::new(what).help("weights are 0 or more"));
        }
        if !dimension.cutoff.is_finite() {
            let what = format!("the cutoff of `{name}` is {}", dimension.cutoff);
            faults.push(Fault::new(what).help("give a score"));
        }
    }
    let total: f64 = dimensions.iter().map(|dimension| dimension.weight).sum();
    if !dimensions.is_empty() && total <= 0.0 {
        faults.push(Fault::new("all weights are 0").help("give at least one weight above 0"));
    }
    if !(poor_at > 0.0 && poor_at <= 1.0) {
        let fault = Fault::new(format!("{poor_at} is no share of the weights"));
        faults.push(fault.help("give a share above 0 and up to 1"));
    }
    if let Some(groups) = groups.filter(|groups| groups.len() != rows) {
        let what = format!("{} persons have a subgroup, of {rows}", groups.len());
        faults.push(Fault::new(what).help("give every person one, or none"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::new(ErrorKind::Data, faults)) }
}

#[cfg(test)]
mod tests {
    use super::{Deprivation, Dimension};

    /// Parts add up: over dimensions and over subgroups.
    #[test]
    fn parts_sum_to_the_whole() {
        let column =
            |by: usize| (0..60).map(|k| if k == by { f64::NAN } else { (k * by % 41) as f64 }).collect();
        let columns: Vec<Vec<f64>> = [7, 11, 23].map(column).into();
        let dimensions: Vec<Dimension<'_>> = columns
            .iter()
            .zip([("a", 20.0, 1.0), ("b", 25.0, 2.0), ("c", 10.0, 0.5)])
            .map(|(values, (name, cutoff, weight))| Dimension::new(name, values, cutoff, weight))
            .collect();
        let groups: Vec<Option<&str>> = (0..60).map(|k| Some(["x", "y", "z"][k % 3])).collect();
        let found = Deprivation::of(&dimensions, 0.4, Some(&groups)).unwrap();
        assert_eq!((found.n, found.incomplete), (57, Some(3)));
        let sum = |parts: Vec<f64>| parts.iter().sum::<f64>();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(sum(found.dimensions.iter().filter_map(|one| one.contribution).collect()), 1.0);
        close(sum(found.groups.iter().filter_map(|one| one.contribution).collect()), 1.0);
        let from_groups =
            found.groups.iter().map(|one| one.n as f64 / 57.0 * one.adjusted.unwrap()).collect();
        close(sum(from_groups), found.adjusted.unwrap());
        let from_parts = found.dimensions.iter().map(|one| one.weight * one.censored.unwrap()).collect();
        close(sum(from_parts), found.adjusted.unwrap());
        close(found.headcount.unwrap() * found.intensity.unwrap(), found.adjusted.unwrap());
    }

    #[test]
    fn all_faults_come_together() {
        let error =
            Deprivation::of(&[Dimension::new("a", &[1.0], f64::NAN, -1.0)], 2.0, Some(&[])).unwrap_err();
        assert_eq!(error.faults().len(), 5, "{error}");
        let nobody = Deprivation::of(&[Dimension::new("a", &[9.0], 5.0, 1.0)], 1.0, None).unwrap();
        assert_eq!((nobody.headcount, nobody.intensity, nobody.adjusted), (Some(0.0), None, Some(0.0)));
    }
}
