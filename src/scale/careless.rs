//! Who answered without care: runs of the same answer, too little spread, patterns unlike all others, halves and near
//! doubles that contradict each other.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use statrs::function::gamma::gamma_ur;

use super::{Answers, reliability::Products};
use crate::{
    cohort::Cohort,
    definition::parts::{Audience, Instrument},
    error::{Error, ErrorKind, Result},
    num::cholesky::Cholesky,
};

/// A pattern is flagged if fewer than one in a thousand would be as far out.
const UNLIKELY: f64 = 0.001;

/// Items this much alike are near doubles.
const ALIKE: f64 = 0.60;

/// Fewer pairs of answers than this give no correlation.
const FEWEST_PAIRS: usize = 3;

/// Signs of care, person by person, for one set of items answered in one go.
#[derive(Clone)]
pub struct Careless {
    name: String,
    persons: Vec<CarelessFigures>,
    pairs: Vec<(String, String)>,
    scales: usize,
    no_distance: Option<String>,
}

/// Signs of care of one person. None is a verdict: a healthy person may answer alike to all items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CarelessFigures {
    /// How many items are answered.
    pub answered: usize,
    /// The longest run of the same answer, as given, in the order of the items; a gap ends a run.
    pub longstring: usize,
    /// The standard deviation of the answers as given, over n − 1.
    pub irv: Option<f64>,
    /// The squared distance of Mahalanobis from the mean of the complete persons, as given; of a complete person.
    pub mahalanobis: Option<f64>,
    /// How many in one would be farther out, by χ² with as many degrees of freedom as items.
    pub p: Option<f64>,
    /// Whether the distance is beyond χ²(.999).
    pub flagged: Option<bool>,
    /// The correlation of odd with even items over the scales, by Spearman and Brown; higher is more consistent.
    pub even_odd: Option<f64>,
    /// The correlation over pairs of items that are near doubles.
    pub synonyms: Option<f64>,
}

/// How many persons show signs of carelessness.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CarelessSummary {
    /// The instrument.
    pub instrument: String,
    /// Persons with at least one answer.
    pub persons: usize,
    /// Persons who gave the same answer to every item, of those who answered all.
    pub same_throughout: usize,
    /// Persons who answered every item.
    pub complete: usize,
    /// Persons beyond χ²(.999).
    pub flagged: usize,
    /// The longest run, and how many persons have it.
    pub longest: BTreeMap<usize, usize>,
    /// Pairs of items that are near doubles.
    pub pairs: usize,
    /// Scales whose halves are compared.
    pub scales: usize,
    /// Persons whose halves go against each other.
    pub contradicting_halves: usize,
    /// Persons whose near doubles go against each other.
    pub contradicting_pairs: usize,
    /// Why there is no distance.
    pub no_distance: Option<String>,
}

/// Signs of care in the answers to some items, given in their order.
///
/// **Formula** Longest run: a missing answer ends it. Spread: over n − 1, of two answers or more. Distance: (x − x̄)ᵀ S⁻¹ (x −
/// x̄), of and among persons who answered all, on the answers as given. Odd and even: for every scale the mean of its
/// first, third … answered item and that of its second, fourth …; over the scales with both, three or more, their
/// correlation r, then 2r / (1 + r), never below −1. Near doubles: pairs of keyed items with |r| ≥ .60 among complete
/// persons; over those with both answers, three or more, the correlation of the earlier with the later item, the later
/// turned round where r is negative.
///
/// **Missing data** counts where it says so; a correlation of something constant is none.
///
/// # Errors
/// An item of a scale that is not there.
///
/// **Reference** Curran 2016, J. Experimental Social Psychology 66:4; Meade & Craig 2012, Psychological Methods 17:437.
///
/// # Example
/// ```
/// use vointi::scale::{Answers, careless};
/// let answers = Answers::from_columns(["a", "b", "c"], vec![vec![1.0, 3.0], vec![1.0, 4.0], vec![1.0, 2.0]], [1.0, 5.0])?;
/// let found = careless(&answers, &[])?;
/// let one = found.person(0).unwrap();
/// assert_eq!((one.longstring, one.irv, found.person(1).unwrap().longstring), (3, Some(0.0), 1));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn careless(answers: &Answers, scales: &[&[&str]]) -> Result<Careless> {
    let mut faults = Vec::new();
    let mut found: Vec<Vec<usize>> = Vec::new();
    for scale in scales {
        let mut items = Vec::new();
        for name in *scale {
            match answers.position(name) {
                Some(at) => items.push(at),
                None => faults.push(answers.unknown(name)),
            }
        }
        found.push(items);
    }
    if !faults.is_empty() {
        return Err(Error::new(ErrorKind::Definition, faults));
    }
    Ok(Careless::new(answers, &found))
}

impl Careless {
    /// Of every instrument of a cohort with two items or more; the halves compared are those of its smallest scales that share no item.
    ///
    /// **Missing data** as in [`careless`].
    ///
    /// # Errors
    /// An employer, who sees nothing of single persons.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::{Cohort, Definition, definition::Audience, scale::Careless};
    /// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
    /// let found = Careless::of(&cohort, Audience::Research)?;
    /// assert_eq!(found[0].name(), "mood");
    /// assert!(Careless::of(&cohort, Audience::Employer).is_err());
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn of(cohort: &Cohort, audience: Audience) -> Result<Vec<Self>> {
        super::audience::not_for_an_employer(audience, "how a person answers")?;
        let instruments = Answers::of_instruments(cohort).filter(|(answers, _)| answers.len() > 1);
        Ok(instruments.map(|(answers, instrument)| Self::new(&answers, &disjoint(instrument))).collect())
    }

    fn new(answers: &Answers, scales: &[Vec<usize>]) -> Self {
        let (distances, no_distance) = match distances(answers) {
            Ok(distances) => (distances, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        let pairs = near_doubles(answers);
        let df = answers.len() as f64;
        let mut halves = Vec::new();
        let mut doubles = Vec::new();
        let persons = (0..answers.rows())
            .map(|row| {
                halves.clear();
                halves.extend(scales.iter().filter_map(|scale| both_halves(answers, scale, row)));
                doubles.clear();
                doubles.extend(pairs.iter().filter_map(|pair| pair.of(answers, row)));
                let mahalanobis = distances.get(row).copied().filter(|distance| !distance.is_nan());
                let p = mahalanobis.map(|distance| gamma_ur(0.5 * df, 0.5 * distance.max(f64::MIN_POSITIVE)));
                CarelessFigures {
                    answered: answers.parts().iter().filter(|item| known(&item.given, row).is_some()).count(),
                    longstring: longest_run(answers, row),
                    irv: spread(answers, row),
                    mahalanobis,
                    p,
                    flagged: p.map(|p| p < UNLIKELY),
                    even_odd: correlation(&halves).map(|r| (2.0 * r / (1.0 + r)).max(-1.0)),
                    synonyms: correlation(&doubles),
                }
            })
            .collect();
        let name = |at: usize| answers.items().nth(at).unwrap_or_default().to_owned();
        Self {
            name: answers.scale().to_owned(),
            persons,
            pairs: pairs.iter().map(|pair| (name(pair.earlier), name(pair.later))).collect(),
            scales: scales.len(),
            no_distance,
        }
    }

    /// The instrument.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The signs of the person of a row.
    pub fn person(&self, row: usize) -> Option<&CarelessFigures> {
        self.persons.get(row)
    }

    /// How many persons.
    pub fn rows(&self) -> usize {
        self.persons.len()
    }

    /// The pairs of items that are near doubles, the earlier first.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Why no person has a distance, if so.
    pub fn no_distance(&self) -> Option<&str> {
        self.no_distance.as_deref()
    }

    /// How many persons show which signs.
    ///
    /// # Example
    /// ```
    /// use vointi::scale::{Answers, careless};
    /// let answers = Answers::from_columns(["a", "b"], vec![vec![1.0, 3.0], vec![1.0, 4.0]], [1.0, 5.0])?;
    /// assert_eq!(careless(&answers, &[])?.summary().same_throughout, 1);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn summary(&self) -> CarelessSummary {
        let count = |is: fn(&CarelessFigures) -> bool| self.persons.iter().filter(|one| is(one)).count();
        let items = self.persons.iter().map(|one| one.answered).max().unwrap_or(0);
        let all = self.persons.iter().filter(|one| one.answered == items && items > 0);
        let mut longest = BTreeMap::new();
        for one in self.persons.iter().filter(|one| one.answered > 0) {
            *longest.entry(one.longstring).or_insert(0) += 1;
        }
        CarelessSummary {
            instrument: self.name.clone(),
            persons: count(|one| one.answered > 0),
            same_throughout: all.clone().filter(|one| one.longstring == items).count(),
            complete: all.count(),
            flagged: count(|one| one.flagged == Some(true)),
            longest,
            pairs: self.pairs.len(),
            scales: self.scales,
            contradicting_halves: count(|one| one.even_odd.is_some_and(|r| r < 0.0)),
            contradicting_pairs: count(|one| one.synonyms.is_some_and(|r| r < 0.0)),
            no_distance: self.no_distance.clone(),
        }
    }
}

/// Shows the shape, nothing of a person.
impl fmt::Debug for Careless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Careless({}, {} persons)", self.name, self.persons.len())
    }
}

/// The smallest scales that share no item.
fn disjoint(instrument: &Instrument) -> Vec<Vec<usize>> {
    let mut scales: Vec<&Vec<usize>> = instrument.key.scales.iter().map(|scale| &scale.items).collect();
    scales.sort_by_key(|items| items.len());
    let mut found: Vec<Vec<usize>> = Vec::new();
    for items in scales {
        if !found.iter().flatten().any(|item| items.contains(item)) {
            found.push(items.clone());
        }
    }
    found
}

fn known(values: &[f64], row: usize) -> Option<f64> {
    values.get(row).copied().filter(|value| !value.is_nan())
}

fn longest_run(answers: &Answers, row: usize) -> usize {
    let (mut longest, mut run, mut last) = (0, 0, None);
    for item in answers.parts() {
        let answer = known(&item.given, row);
        run = match answer {
            None => 0,
            Some(_) if answer == last => run + 1,
            Some(_) => 1,
        };
        last = answer;
        longest = longest.max(run);
    }
    longest
}

fn spread(answers: &Answers, row: usize) -> Option<f64> {
    crate::num::spread::mean_and_sd(answers.parts().iter().filter_map(|item| known(&item.given, row))).2
}

/// Every complete person's squared distance, NaN for the others; or why there is none.
fn distances(answers: &Answers) -> std::result::Result<Vec<f64>, String> {
    let given = answers.as_given();
    let sums = given.sums();
    if answers.len() < 2 || sums.moments.n() <= answers.len() {
        return Err(format!(
            "{} items need more than as many complete persons; there are {}",
            answers.len(),
            sums.moments.n()
        ));
    }
    let products = Products::of(&sums.moments);
    let means = sums.moments.means();
    if let Some(item) = answers.items().zip(products.variances()).find(|(_, variance)| *variance <= 0.0) {
        return Err(format!("everybody answers the item `{}` alike", item.0));
    }
    let sds: Vec<f64> = products.variances().map(f64::sqrt).collect();
    let factor = Cholesky::pivoted(products.standardised().matrix(), 1e-12);
    if factor.rank < answers.len() {
        return Err("an item follows from the others".to_owned());
    }
    let inverse = factor.inverse();
    let of = |row: usize| {
        let z: Vec<f64> = given
            .parts()
            .iter()
            .zip(means.iter().zip(&sds))
            .map(|(item, (mean, sd))| (item.values.get(row).copied().unwrap_or(f64::NAN) - mean) / sd)
            .collect();
        crate::num::cholesky::dot(&z, &inverse.times(&z))
    };
    Ok((0..answers.rows()).map(of).collect())
}

struct Pair {
    earlier: usize,
    later: usize,
    is_opposite: bool,
}

impl Pair {
    fn of(&self, answers: &Answers, row: usize) -> Option<(f64, f64)> {
        let (one, other) = (answers.parts().get(self.earlier)?, answers.parts().get(self.later)?);
        let (x, y) = (known(&one.values, row)?, known(&other.values, row)?);
        Some((x, if self.is_opposite { other.lowest + other.highest - y } else { y }))
    }
}

fn near_doubles(answers: &Answers) -> Vec<Pair> {
    let sums = answers.sums();
    if sums.moments.n() < 3 {
        return Vec::new();
    }
    let correlations = Products::of(&sums.moments).standardised();
    let mut pairs = Vec::new();
    for earlier in 0..answers.len() {
        for later in earlier + 1..answers.len() {
            let r = correlations.matrix().get(earlier, later);
            if r.abs() >= ALIKE {
                pairs.push(Pair { earlier, later, is_opposite: r < 0.0 });
            }
        }
    }
    pairs
}

/// The means of the odd and of the even items of a scale, if both have an answer.
fn both_halves(answers: &Answers, scale: &[usize], row: usize) -> Option<(f64, f64)> {
    let half = |from: usize| {
        let items = scale.iter().skip(from).step_by(2);
        let (mut sum, mut count) = (0.0, 0.0);
        for value in items.filter_map(|at| known(&answers.parts().get(*at)?.values, row)) {
            sum += value;
            count += 1.0;
        }
        (count > 0.0).then(|| sum / count)
    };
    half(0).zip(half(1))
}

fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    if pairs.len() < FEWEST_PAIRS {
        return None;
    }
    let n = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (mx, my) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        xx += (x - mx) * (x - mx);
        yy += (y - my) * (y - my);
        xy += (x - mx) * (y - my);
    }
    // Means of thirds are not exact, so neither is no spread.
    let is_spread = |squares: f64, mean: f64| squares > 1e-24 * n * (1.0 + mean * mean);
    (is_spread(xx, mx) && is_spread(yy, my)).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One person answers 1 5 _ 5 5 2: the gap parts nothing that is longer than two; halves of three scales (1, 5), (5), (5, 2).
    #[test]
    fn runs_and_gaps_by_hand() {
        let columns = [1.0, 5.0, f64::NAN, 5.0, 5.0, 2.0].map(|answer| vec![answer]).to_vec();
        let answers = Answers::from_columns(["a", "b", "c", "d", "e", "f"], columns, [1.0, 5.0]).unwrap();
        let found = careless(&answers, &[&["a", "b"], &["c", "d"], &["e", "f"]]).unwrap();
        let one = found.person(0).unwrap();
        assert_eq!((one.answered, one.longstring, one.even_odd, one.synonyms), (5, 2, None, None));
        assert!((one.irv.unwrap() - 3.8_f64.sqrt()).abs() < 1e-15, "{one:?}");
        assert!(found.no_distance().is_some() && one.mahalanobis.is_none());
        assert!(careless(&answers, &[&["z"]]).is_err());
    }

    /// The mean of the squared distances of n persons is k (n − 1) / n.
    #[test]
    fn distances_sum_to_what_they_must() {
        let column =
            |seed: u32| (0..50_u32).map(|row| f64::from((row * seed + row * row) % 7)).collect::<Vec<_>>();
        let answers =
            Answers::from_columns(["a", "b", "c"], vec![column(1), column(3), column(5)], [0.0, 6.0])
                .unwrap();
        let found = careless(&answers, &[]).unwrap();
        let sum: f64 = found.persons.iter().filter_map(|one| one.mahalanobis).sum();
        assert!((sum - 3.0 * 49.0).abs() < 1e-10, "{sum}");
    }
}
