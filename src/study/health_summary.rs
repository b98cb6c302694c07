//! Published health scores of a cohort in figures, by age and sex beside the index.

use serde::Serialize;

use super::{
    INTENDED_USE,
    health::{Health, HealthScore, of_registry},
};
use crate::{
    cohort::Cohort,
    definition::{Audience, Gives, Status},
    error::{Error, ErrorKind, Fault, Result},
    index::Scores,
    num::spread::mean_and_sd,
};

/// Published scores in figures. No mean is of one person alone.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, definition::Audience, study::{Health, HealthSummary}};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let health = Health::of(&index, &cohort)?;
/// let summary = HealthSummary::of(&health, &cohort, &index.score_cohort(&cohort)?, Audience::Research)?;
/// let five = &summary.scores[0];
/// let without: usize = five.without.iter().map(|reason| reason.persons).sum();
/// assert_eq!(five.n + without, summary.persons, "nobody is dropped without a reason");
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HealthSummary {
    /// What the numbers are for, and what not.
    pub intended_use: &'static str,
    /// The id of the definition.
    pub definition: String,
    /// Its version.
    pub version: String,
    /// Its hash.
    pub hash: String,
    /// Rows: persons, or persons × waves.
    pub persons: usize,
    /// The scores, in the order of the definition.
    pub scores: Vec<HealthFigures>,
}

/// One published score in figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HealthFigures {
    /// Its id in the definition.
    pub id: String,
    /// What it is, in words.
    pub title: String,
    /// The rule, as `file.rule`.
    pub rule: String,
    /// What its number is.
    pub gives: Gives,
    /// The unit of the number; may be empty.
    pub unit: String,
    /// How far its numbers were checked.
    pub status: Status,
    /// Author, year, where.
    pub source: String,
    /// Where in the source, and how it was checked.
    pub locator: String,
    /// Whom it was made for.
    pub population: String,
    /// The ages it was made for, from and below.
    pub ages: Option<[f64; 2]>,
    /// What was chosen for everybody.
    pub arguments: Vec<Choice>,
    /// How many components could be made, of how many.
    pub components: Option<Components>,
    /// What nothing is known of, and counts as the usual.
    pub unknown: Vec<String>,
    /// How many persons have a value.
    pub n: usize,
    /// The mean of two persons or more.
    pub mean: Option<f64>,
    /// The standard deviation over n − 1.
    pub sd: Option<f64>,
    /// Lowest, and highest value, of two persons or more.
    pub range: Option<[f64; 2]>,
    /// The classes of the rule.
    pub classes: Vec<ClassCount>,
    /// How many have no value, by reason; reasons that nobody has are left out.
    pub without: Vec<ReasonCount>,
    /// What is said beside values, and of how many.
    pub flags: Vec<ReasonCount>,
    /// The means of the parts.
    pub parts: Vec<PartMean>,
    /// By sex and age, beside the index; empty where the definition knows neither.
    pub groups: Vec<HealthGroup>,
}

/// What was chosen for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Choice {
    /// The argument.
    pub argument: String,
    /// Its value.
    pub value: String,
}

/// The components of a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Components {
    /// How many could be made.
    pub made: usize,
    /// How many there are.
    pub of: usize,
    /// Those that nothing was measured of.
    pub not_observed: Vec<String>,
}

/// A class of a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClassCount {
    /// The class.
    pub class: String,
    /// Persons.
    pub persons: usize,
    /// Their share of those with a value.
    pub share: Option<f64>,
}

/// A reason, and how many share it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReasonCount {
    /// The reason, as it is written to files.
    pub code: String,
    /// In words; may be empty.
    pub because: String,
    /// Persons.
    pub persons: usize,
}

/// The mean of a part of those who have it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PartMean {
    /// The part.
    pub part: String,
    /// Persons.
    pub n: usize,
    /// The mean.
    pub mean: Option<f64>,
}

/// People of one sex and age.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HealthGroup {
    /// `women` or `men`; none where sex is not known of the cohort.
    pub sex: Option<&'static str>,
    /// From and below, in years.
    pub ages: Option<[f64; 2]>,
    /// Persons with a value.
    pub n: usize,
    /// The mean of two persons or more.
    pub mean: Option<f64>,
    /// The standard deviation over n − 1.
    pub sd: Option<f64>,
    /// Persons with an index.
    pub index_n: usize,
    /// The mean index of two persons or more.
    pub index_mean: Option<f64>,
}

/// The ages of groups: decades, and what lies beyond them.
const AGES: [[f64; 2]; 7] =
    [[0.0, 20.0], [20.0, 30.0], [30.0, 40.0], [40.0, 50.0], [50.0, 60.0], [60.0, 70.0], [70.0, 200.0]];

impl HealthSummary {
    /// Sums up.
    ///
    /// # Errors
    /// An employer, who sees no health scores; scores of another cohort.
    pub fn of(health: &Health, cohort: &Cohort, scores: &Scores, audience: Audience) -> Result<Self> {
        let definition = health.definition();
        if audience == Audience::Employer {
            let fault = Fault::new("health scores are not for an employer")
                .help("they are for the clinic or for research; an employer gets group figures of the index");
            return Err(Error::new(ErrorKind::Audience, vec![fault]));
        }
        let is_same = cohort.definition().hash() == definition.hash()
            && scores.definition().hash() == definition.hash()
            && scores.rows() == cohort.rows();
        if !is_same {
            let fault = Fault::new("the scores are not those of this cohort")
                .help("score this cohort, and take that");
            return Err(Error::new(ErrorKind::Data, vec![fault]));
        }
        Ok(Self {
            intended_use: INTENDED_USE,
            definition: definition.id().to_owned(),
            version: definition.version().to_owned(),
            hash: definition.hash().to_owned(),
            persons: cohort.rows(),
            scores: health.scores().iter().map(|score| figures(score, cohort, scores)).collect(),
        })
    }
}

fn figures(score: &HealthScore, cohort: &Cohort, index: &Scores) -> HealthFigures {
    let key = score.rule().key();
    let found = score.scores();
    let values = found.values_or_nan();
    let (n, mean, sd) = of_several(mean_and_sd(values.iter().copied()));
    // The ends of one person are that person's own number, too.
    let ends = values.iter().filter(|value| n > 1 && !value.is_nan());
    let range = ends.fold(None, |ends: Option<[f64; 2]>, value| {
        let [low, high] = ends.unwrap_or([*value; 2]);
        Some([low.min(*value), high.max(*value)])
    });
    let count = |code: String, because: &str, persons: usize| ReasonCount {
        code,
        because: because.to_owned(),
        persons,
    };
    let parts = found.part_names().map(|part| {
        let (n, mean, _) = of_several(mean_and_sd((0..found.rows()).filter_map(|row| found.part(part, row))));
        PartMean { part: part.to_owned(), n, mean }
    });
    HealthFigures {
        id: score.id().to_owned(),
        title: score.title().to_owned(),
        rule: key.name.clone(),
        gives: key.gives,
        unit: key.unit.clone(),
        status: key.status,
        source: key.source.clone(),
        locator: key.locator.clone(),
        population: key.population.clone(),
        ages: key.ages,
        arguments: score
            .arguments()
            .iter()
            .map(|(argument, value)| Choice { argument: argument.clone(), value: value.clone() })
            .collect(),
        components: score.parts_made().map(|(made, of)| Components {
            made,
            of,
            not_observed: score.not_observed().to_vec(),
        }),
        unknown: score.unknown().to_vec(),
        n,
        mean,
        sd,
        range,
        classes: classes(score, n),
        without: found
            .notes()
            .filter(|(.., persons)| *persons > 0)
            .map(|(code, because, persons)| count(code, because, persons))
            .collect(),
        flags: found
            .flag_counts()
            .filter(|(.., persons)| *persons > 0)
            .map(|(code, because, persons)| count(code.to_owned(), because, persons))
            .collect(),
        parts: parts.collect(),
        groups: groups(values, cohort, index),
    }
}

/// The mean of one person is that person's own number.
fn of_several((n, mean, sd): (usize, Option<f64>, Option<f64>)) -> (usize, Option<f64>, Option<f64>) {
    (n, mean.filter(|_| n > 1), sd)
}

/// A name that stands for several conditions is one class.
fn classes(score: &HealthScore, n: usize) -> Vec<ClassCount> {
    let found = score.scores();
    let mut classes: Vec<ClassCount> = Vec::new();
    for class in found.classes() {
        if !classes.iter().any(|known| known.class == *class) {
            let persons = (0..found.rows()).filter(|row| found.class(*row) == Some(class)).count();
            let share = (n > 0).then(|| persons as f64 / n as f64);
            classes.push(ClassCount { class: class.clone(), persons, share });
        }
    }
    classes
}

fn groups(values: &[f64], cohort: &Cohort, index: &Scores) -> Vec<HealthGroup> {
    let ages = of_registry(cohort, "age").map(|(_, values)| values);
    let sexes = of_registry(cohort, "sex").map(|(_, values)| values);
    if ages.is_none() && sexes.is_none() {
        return Vec::new();
    }
    let of_sex: &[(Option<&'static str>, f64)] = match sexes {
        Some(_) => &[(Some("women"), 0.0), (Some("men"), 1.0)],
        None => &[(None, 0.0)],
    };
    let of_age: Vec<Option<[f64; 2]>> = match ages {
        Some(_) => AGES.iter().map(|ages| Some(*ages)).collect(),
        None => vec![None],
    };
    let mut groups = Vec::new();
    for (sex, code) in of_sex {
        for ages_of in &of_age {
            let is_in = |row: &usize| {
                let at = |column: &[f64]| column.get(*row).copied().unwrap_or(f64::NAN);
                sexes.is_none_or(|sexes| at(sexes) == *code)
                    && ages
                        .zip(*ages_of)
                        .is_none_or(|(ages, [from, below])| at(ages) >= from && at(ages) < below)
            };
            let rows: Vec<usize> = (0..cohort.rows()).filter(is_in).collect();
            let pick = |column: &[f64]| -> Vec<f64> {
                rows.iter().filter_map(|row| column.get(*row).copied()).collect()
            };
            if rows.is_empty() {
                continue;
            }
            let (n, mean, sd) = of_several(mean_and_sd(pick(values).into_iter()));
            let (index_n, index_mean, _) = of_several(mean_and_sd(pick(index.index_or_nan()).into_iter()));
            groups.push(HealthGroup { sex: *sex, ages: *ages_of, n, mean, sd, index_n, index_mean });
        }
    }
    groups
}
