//! The columns that are judged, and each of them in figures.

use ndarray::ArrayView2;
use serde::Serialize;

use super::{Thresholds, each::each};
use crate::{
    cohort::Cohort,
    definition::{
        parts::{Child, Indicator, NodeKind, named},
        range::Range,
    },
    index::{Index, Scores, Tree},
    num::{rank::Ordered, shape::skewness_and_kurtosis, spread::mean_and_sd},
};

/// Where in an index a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// What an indicator reads, in its own unit.
    Reading,
    /// The score of an indicator.
    Indicator,
    /// The score of a domain.
    Domain,
    /// The score of a pillar.
    Pillar,
    /// The index.
    Index,
}

impl Level {
    /// The word for it: `reading`, `indicator`, `domain`, `pillar` or `index`.
    ///
    /// # Example
    /// ```
    /// assert_eq!(vointi::study::Level::Pillar.word(), "pillar");
    /// ```
    pub fn word(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Indicator => "indicator",
            Self::Domain => "domain",
            Self::Pillar => "pillar",
            Self::Index => "index",
        }
    }

    /// The level of this name.
    ///
    /// # Example
    /// ```
    /// use vointi::study::Level;
    /// assert_eq!((Level::of("index"), Level::of("row")), (Some(Level::Index), None));
    /// ```
    pub fn of(word: &str) -> Option<Self> {
        [Self::Reading, Self::Indicator, Self::Domain, Self::Pillar, Self::Index]
            .into_iter()
            .find(|level| level.word() == word)
    }
}

/// A column in figures.
///
/// **Formula** sd over n − 1; G1 = √(n (n − 1))/(n − 2) · m₃/m₂^1.5; G2 = (n − 1)/((n − 2)(n − 3)) · ((n + 1)(n S₄/S₂² − 3)
/// + 6), `S_k = Σ (x − x̄)^k`, `m_k = S_k/n`. The modal share is that of the value most persons have.
///
/// **Units** of a reading its own, of a score its points.
///
/// **Missing data** is left out; `n` and `missing` are all rows together.
///
/// **Reference** Joanes & Gill 1998, The Statistician 47:183.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ColumnFigures {
    /// `reading.<name>`, `indicator.<id>`, `domain.<id>`, `pillar.<id>` or `index`.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// Where it stands.
    pub level: Level,
    /// The indicators that read it; empty for scores.
    pub read_by: Vec<String>,
    /// Persons with a value.
    pub n: usize,
    /// Persons without.
    pub missing: usize,
    /// n as a share of all rows; none of no rows.
    pub availability: Option<f64>,
    /// The share of the values that are 0.
    pub zeros: Option<f64>,
    /// How many different values there are.
    pub distinct: usize,
    /// The share of the values that are the commonest one.
    pub modal_share: Option<f64>,
    /// The lowest.
    pub min: Option<f64>,
    /// The highest.
    pub max: Option<f64>,
    /// The mean.
    pub mean: Option<f64>,
    /// Half the values are below.
    pub median: Option<f64>,
    /// The standard deviation; none below two values.
    pub sd: Option<f64>,
    /// G1; none below three values, or without spread.
    pub skewness: Option<f64>,
    /// G2; none below four values, or without spread.
    pub kurtosis: Option<f64>,
    /// What is remarkable, by the thresholds of the audit: `low_availability`, `zeros`, `modal`, `skewed`, `constant`.
    pub flags: Vec<&'static str>,
    /// How the values are distributed; none without a value.
    pub histogram: Option<Bins>,
}

/// Values by equal intervals from the lowest to the highest, or over the range of the scores.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Bins {
    /// Where the first interval begins.
    pub from: f64,
    /// Where the last ends.
    pub to: f64,
    /// Persons, interval by interval; a value on a border counts upwards, but for the last.
    pub persons: Vec<usize>,
}

/// How many intervals a histogram has.
const BINS: usize = 20;

/// A column that is judged.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) level: Level,
    pub(super) read_by: Vec<String>,
    /// From where to where it runs, where that is known.
    pub(super) range: Option<[f64; 2]>,
    pub(super) values: Vec<f64>,
    pub(super) ordered: Ordered,
}

/// All columns: the scores by the slots of the tree, the index last, and what the indicators read.
pub(super) struct Columns<'a> {
    pub(super) tree: Tree<'a>,
    pub(super) scores: Vec<Column>,
    pub(super) readings: Vec<Column>,
}

/// The columns of a matrix that lies row by row, in one pass.
fn columns_of(matrix: ArrayView2<'_, f64>) -> Vec<Vec<f64>> {
    let mut columns = vec![Vec::with_capacity(matrix.nrows()); matrix.ncols()];
    for row in matrix.rows() {
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(*value));
    }
    columns
}

impl<'a> Columns<'a> {
    /// Of scores of which everything was kept.
    pub(super) fn of(cohort: &Cohort, index: &'a Index, scores: &Scores) -> Self {
        type Wanted = (String, String, Level, Vec<String>, Option<[f64; 2]>, Vec<f64>);
        let parts = cohort.parts();
        let mut wanted: Vec<Wanted> = Vec::new();
        let range = |at: Option<&Indicator>| match at?.reading.range() {
            Range::Between(low, high) => Some([low, high]),
            _ => None,
        };
        for (indicator, values) in parts.indicators.iter().zip(columns_of(scores.indicators())) {
            let title = named(&indicator.title, &indicator.id);
            let name = format!("indicator.{}", indicator.id);
            wanted.push((name, title, Level::Indicator, Vec::new(), range(Some(indicator)), values));
        }
        let mut nodes = columns_of(scores.nodes());
        for (at, node) in parts.nodes.iter().enumerate() {
            let (level, name) = match node.kind {
                NodeKind::Domain => (Level::Domain, format!("domain.{}", node.id)),
                NodeKind::Pillar => (Level::Pillar, format!("pillar.{}", node.id)),
                NodeKind::Index => (Level::Index, "index".to_owned()),
            };
            let declared = parts.declared.iter().position(|declared| *declared == at);
            let values = match declared.and_then(|column| nodes.get_mut(column)) {
                Some(column) => std::mem::take(column),
                None => scores.index_or_nan().to_vec(),
            };
            // Children share one range.
            let first =
                parts.indicators_below(Child::Node(at)).first().and_then(|at| parts.indicators.get(*at));
            wanted.push((name, named(&node.title, &node.id), level, Vec::new(), range(first), values));
        }
        let slots = wanted.len();
        for reading in index.readings(cohort) {
            let read_by = reading.indicators.iter().filter_map(|at| parts.indicators.get(*at));
            let read_by = read_by.map(|indicator| indicator.id.clone()).collect();
            let (name, title) = (format!("reading.{}", reading.name), reading.name);
            wanted.push((name, title, Level::Reading, read_by, None, reading.values));
        }
        let ordered = each(&wanted, |(.., values)| Ordered::of(values));
        let mut columns: Vec<Column> = wanted
            .into_iter()
            .zip(ordered)
            .map(|((name, title, level, read_by, range, values), ordered)| Column {
                name,
                title,
                level,
                read_by,
                range,
                values,
                ordered,
            })
            .collect();
        let readings = columns.split_off(slots);
        Self { tree: index.tree(), scores: columns, readings }
    }

    /// The index.
    pub(super) fn index(&self) -> &[f64] {
        self.scores.last().map(|column| column.values.as_slice()).unwrap_or_default()
    }

    /// Readings first, then scores from the indicators to the index.
    pub(super) fn all(&self) -> impl Iterator<Item = &Column> {
        self.readings.iter().chain(&self.scores)
    }

    /// Every column in figures.
    pub(super) fn figures(&self, thresholds: &Thresholds) -> Vec<ColumnFigures> {
        let all: Vec<&Column> = self.all().collect();
        each(&all, |column| ColumnFigures::of(column, thresholds))
    }
}

impl ColumnFigures {
    fn of(column: &Column, thresholds: &Thresholds) -> Self {
        let (rows, n) = (column.values.len(), column.ordered.observed());
        let distinct = column.ordered.distinct();
        let (_, mean, sd) = mean_and_sd(column.values.iter().copied());
        let sorted: Vec<f64> = column.ordered.sorted(&column.values).collect();
        let of_n = |count: usize| (n > 0).then(|| count as f64 / n as f64);
        let is_constant = n > 1 && distinct == 1;
        let (skewness, kurtosis) =
            if distinct > 1 { skewness_and_kurtosis(&column.values) } else { (None, None) };
        let mut figures = Self {
            name: column.name.clone(),
            title: column.title.clone(),
            level: column.level,
            read_by: column.read_by.clone(),
            n,
            missing: rows - n,
            availability: (rows > 0).then(|| n as f64 / rows as f64),
            zeros: of_n(sorted.iter().filter(|value| **value == 0.0).count()),
            distinct,
            modal_share: of_n(column.ordered.largest_tie()),
            min: sorted.first().copied(),
            max: sorted.last().copied(),
            mean,
            median: median(&sorted),
            sd: if is_constant { Some(0.0) } else { sd },
            skewness,
            kurtosis,
            flags: Vec::new(),
            histogram: Bins::of(&sorted, column.range),
        };
        figures.flags = thresholds.flags(&figures);
        figures
    }
}

impl Bins {
    /// Of sorted values, over a range that is widened by what lies outside.
    fn of(sorted: &[f64], range: Option<[f64; 2]>) -> Option<Self> {
        let (low, high) = (*sorted.first()?, *sorted.last()?);
        let [from, to] = range.map_or([low, high], |[from, to]| [from.min(low), to.max(high)]);
        let to = if to > from { to } else { from + 1.0 };
        let mut persons = vec![0; BINS];
        for value in sorted {
            let at = (value - from) / (to - from) * BINS as f64;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to the number of bins"
            )]
            let at = (at as usize).min(BINS - 1);
            if let Some(persons) = persons.get_mut(at) {
                *persons += 1;
            }
        }
        Some(Self { from, to, persons })
    }
}

/// The middle of sorted values, or between the two in the middle.
fn median(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    let high = *sorted.get(half)?;
    let low = if sorted.len().is_multiple_of(2) { *sorted.get(half.checked_sub(1)?)? } else { high };
    Some(f64::midpoint(low, high))
}

#[cfg(test)]
mod tests {
    use super::{Bins, median};

    #[test]
    fn the_middle_and_the_bins() {
        assert_eq!(
            [median(&[]), median(&[3.0]), median(&[1.0, 2.0]), median(&[1.0, 2.0, 7.0])],
            [None, Some(3.0), Some(1.5), Some(2.0)]
        );
        let found = Bins::of(&[0.0, 4.9, 5.0, 100.0], Some([0.0, 100.0])).unwrap();
        assert_eq!((found.persons[0], found.persons[1], found.persons[19]), (2, 1, 1));
        let wider = Bins::of(&[-100.0, 100.0], Some([0.0, 100.0])).unwrap();
        assert_eq!((wider.from, wider.to, wider.persons[0]), (-100.0, 100.0, 1));
        assert_eq!(Bins::of(&[7.0, 7.0], None).unwrap().persons[0], 2);
        assert_eq!(Bins::of(&[], None), None);
    }
}
