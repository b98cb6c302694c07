//! What people say beside what is measured about them.

use std::fmt;

use serde::Serialize;

use super::spread::LEVEL;
use crate::{
    definition::{
        parts::{Child, NodeKind, Reading, Resolved, named},
        roles,
    },
    index::Scores,
    num::normal,
};

/// Beyond so many persons a picture of single dots says less than one of cells.
const MOST_POINTS: usize = 3000;

/// Cells across the range of a score.
const CELLS_ACROSS: f64 = 20.0;

/// The content tag of an item that asks for one's own view of one's health.
const GENERAL_HEALTH: &str = "general health";

/// The part of an index that people say, beside the part that is measured.
///
/// A direct child of the index is *said* if every indicator below it reads a scale, and *measured* if every one reads
/// a measure or a published rule. The two sides exist where there is exactly one of each.
///
/// **Units** both sides on 0 to 100, more is better (or z, if the definition says so).
///
/// **Missing data** persons without one of the two are left out; `between.n` says how many are not.
///
/// The example is at `Findings` in [`explain`](crate::explain).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TwoSides {
    /// What people say.
    pub said: Side,
    /// What is measured about them.
    pub measured: Side,
    /// How far the two go together.
    pub between: Correlation,
    /// How people lie in the plane of the two.
    pub cloud: Cloud,
    /// One's own view of one's health against the measured side: two views of one thing.
    pub general_health: Option<GeneralHealth>,
}

/// A direct child of the index.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Side {
    /// The id of a pillar, domain or indicator.
    pub id: String,
    /// What it is, in words.
    pub title: String,
}

/// Pearson's correlation of two scores.
///
/// **Formula** tanh(atanh r ± z/√(n − 3)).
///
/// **Missing data** persons without one of the two are left out.
///
/// **Reference** Fisher 1921.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Correlation {
    /// How many persons have both.
    pub n: usize,
    /// The correlation; none below two persons, or where one of the scores is the same for all.
    pub r: Option<f64>,
    /// The lower end of its 95 % interval; none below four persons.
    pub low: Option<f64>,
    /// The upper end of its 95 % interval; none below four persons.
    pub high: Option<f64>,
}

/// An indicator that asks for one's own view of one's health, against the measured side.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GeneralHealth {
    /// The indicator.
    pub indicator: Side,
    /// How far it goes with the measured side.
    pub between: Correlation,
}

/// Where people lie in the plane of what is said (x) and what is measured (y).
///
/// Up to 3,000 persons are kept as points, for a picture; they are neither in `Debug` nor serialised. Cells are
/// hexagons standing on a corner.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Cloud {
    /// From where to where both sides run.
    pub range: [f64; 2],
    /// One person a point; empty where there are more than 3,000.
    #[serde(skip)]
    pub points: Vec<[f64; 2]>,
    /// The width of a cell.
    pub width: f64,
    /// The cells with anybody in them.
    pub cells: Vec<Cell>,
    /// Persons by fifths of the range: a row a fifth of what is measured, a column a fifth of what is said.
    pub fifths: [[usize; 5]; 5],
}

/// Shows how many points and cells there are, and none of them.
impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cloud({} points, {} cells)", self.points.len(), self.cells.len())
    }
}

/// A cell of the plane.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Cell {
    /// Its centre on the side of what is said.
    pub said: f64,
    /// Its centre on the side of what is measured.
    pub measured: f64,
    /// How many persons are in it.
    pub persons: usize,
}

impl Correlation {
    /// Of pairs without missing values.
    pub(super) fn of(pairs: &[[f64; 2]]) -> Self {
        let n = pairs.len();
        let count = n as f64;
        let (sum_x, sum_y) = pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair[0], y + pair[1]));
        let (mean_x, mean_y) = (sum_x / count, sum_y / count);
        let (xx, yy, xy) = pairs.iter().fold((0.0, 0.0, 0.0), |(xx, yy, xy), [x, y]| {
            let (dx, dy) = (x - mean_x, y - mean_y);
            (xx + dx * dx, yy + dy * dy, xy + dx * dy)
        });
        let r = (n > 1 && xx > 0.0 && yy > 0.0).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0));
        let half = normal::quantile(0.5 + LEVEL / 2.0) / (count - 3.0).sqrt();
        let end = |sign: f64| r.filter(|_| n > 3).map(|r| libm::tanh(libm::atanh(r) + sign * half));
        Self { n, r, low: end(-1.0), high: end(1.0) }
    }
}

impl Cloud {
    pub(super) fn of(pairs: &[[f64; 2]], range: [f64; 2]) -> Self {
        let [from, to] = range;
        let width = (to - from) / CELLS_ACROSS;
        let mut cells: Vec<Cell> = Vec::new();
        let mut fifths = [[0; 5]; 5];
        let mut counts = std::collections::BTreeMap::new();
        for [said, measured] in pairs {
            *counts.entry(hexagon(said - from, measured - from, width)).or_insert(0) += 1;
            let (column, row) = (fifth(*said, range), fifth(*measured, range));
            if let Some(cell) = fifths.get_mut(row).and_then(|row| row.get_mut(column)) {
                *cell += 1;
            }
        }
        for ((row, column), persons) in counts {
            let (said, measured) = centre(row, column, width);
            cells.push(Cell { said: from + said, measured: from + measured, persons });
        }
        let points = if pairs.len() <= MOST_POINTS { pairs.to_vec() } else { Vec::new() };
        Self { range, points, width, cells, fifths }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 4")]
fn fifth(value: f64, [from, to]: [f64; 2]) -> usize {
    (5.0 * (value - from) / (to - from)).clamp(0.0, 4.0) as usize
}

/// Rows of hexagons are this share of their width apart.
const ROW: f64 = 0.866_025_403_784_438_6;

/// The row and column of the hexagon whose centre is nearest: of the two rows beside the point.
#[expect(clippy::cast_possible_truncation, reason = "some twenty rows and columns")]
fn hexagon(x: f64, y: f64, width: f64) -> (i32, i32) {
    let below = (y / (width * ROW)).floor() as i32;
    let nearest = [below, below + 1].map(|row| {
        let shift = if row.rem_euclid(2) == 0 { 0.0 } else { 0.5 };
        let column = (x / width - shift).round() as i32;
        let (cx, cy) = centre(row, column, width);
        ((x - cx) * (x - cx) + (y - cy) * (y - cy), (row, column))
    });
    if nearest[0].0 <= nearest[1].0 { nearest[0].1 } else { nearest[1].1 }
}

fn centre(row: i32, column: i32, width: f64) -> (f64, f64) {
    let shift = if row.rem_euclid(2) == 0 { 0.0 } else { 0.5 };
    ((f64::from(column) + shift) * width, f64::from(row) * width * ROW)
}

/// A direct child of the index with the kind of everything below it.
struct Direct {
    side: Side,
    child: Child,
    is_said: bool,
    is_measured: bool,
}

fn direct(parts: &Resolved) -> Vec<Direct> {
    let index = parts.nodes.iter().find(|node| node.kind == NodeKind::Index);
    let children = index.map(|node| node.children.as_slice()).unwrap_or_default();
    let read = |child: Child| {
        let (id, title) = match child {
            Child::Indicator(at) => parts.indicators.get(at).map(|one| (&one.id, &one.title))?,
            Child::Node(at) => parts.nodes.get(at).map(|one| (&one.id, &one.title))?,
        };
        let is_said = |at: &usize| {
            parts.indicators.get(*at).is_some_and(|one| matches!(one.reading, Reading::Scale { .. }))
        };
        let all = parts.indicators_below(child);
        Some(Direct {
            side: Side { id: id.clone(), title: named(title, id) },
            child,
            is_said: all.iter().all(is_said),
            is_measured: !all.iter().any(is_said),
        })
    };
    children.iter().filter_map(|(child, _)| read(*child)).collect()
}

/// The scores of a child, row by row; none if they were not kept.
fn column(parts: &Resolved, scores: &Scores, child: Child) -> Option<Vec<f64>> {
    let (from, at) = match child {
        Child::Indicator(at) => (scores.indicators(), at),
        Child::Node(at) => (scores.nodes(), parts.declared.iter().position(|declared| *declared == at)?),
    };
    (at < from.ncols()).then(|| from.column(at).to_vec())
}

fn pairs(x: &[f64], y: &[f64]) -> Vec<[f64; 2]> {
    x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan()).map(|(x, y)| [*x, *y]).collect()
}

impl TwoSides {
    /// The two sides of the index, where it has them and the scores below it were kept.
    pub(crate) fn of(scores: &Scores, range: [f64; 2]) -> Option<Self> {
        let parts = scores.definition().parts();
        let all = direct(parts);
        let only = |wanted: fn(&Direct) -> bool| {
            let mut found = all.iter().filter(|direct| wanted(direct));
            found.next().filter(|_| found.next().is_none())
        };
        let said = only(|direct| direct.is_said)?;
        let measured = only(|direct| direct.is_measured)?;
        let x = column(parts, scores, said.child)?;
        let y = column(parts, scores, measured.child)?;
        let both = pairs(&x, &y);
        let general_health = parts.indicators_below(said.child).into_iter().find_map(|at| {
            let indicator = parts.indicators.get(at)?;
            let is_view = roles::content(parts, &indicator.id).contains(GENERAL_HEALTH);
            let own = column(parts, scores, Child::Indicator(at)).filter(|_| is_view)?;
            Some(GeneralHealth {
                indicator: Side { id: indicator.id.clone(), title: named(&indicator.title, &indicator.id) },
                between: Correlation::of(&pairs(&own, &y)),
            })
        });
        Some(Self {
            said: said.side.clone(),
            measured: measured.side.clone(),
            between: Correlation::of(&both),
            cloud: Cloud::of(&both, range),
            general_health,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Cloud, Correlation};

    /// R 4.2.2: cor.test(c(1, 2, 3, 4, 6), c(2, 1, 4, 3, 7))
    #[test]
    fn correlation_has_an_interval() {
        let found = Correlation::of(&[[1.0, 2.0], [2.0, 1.0], [3.0, 4.0], [4.0, 3.0], [6.0, 7.0]]);
        let [r, low, high] = [found.r, found.low, found.high].map(Option::unwrap);
        assert!((r - 0.880_695_566_7).abs() < 1e-9, "{r}");
        assert!((low + 0.007_044_467).abs() < 1e-8 && (high - 0.992_095_626).abs() < 1e-8, "{low} {high}");
        assert_eq!(Correlation::of(&[[1.0, 2.0], [1.0, 3.0]]).r, None, "no spread, no correlation");
        assert_eq!(Correlation::of(&[]).r, None);
        assert_eq!(Correlation::of(&[[1.0, 2.0], [2.0, 3.0]]).low, None);
    }

    #[test]
    fn everybody_is_in_one_cell_and_one_fifth() {
        let pairs: Vec<[f64; 2]> = (0..500).map(|k| [f64::from(k % 101), f64::from(k * 7 % 101)]).collect();
        let cloud = Cloud::of(&pairs, [0.0, 100.0]);
        assert_eq!(cloud.cells.iter().map(|cell| cell.persons).sum::<usize>(), 500);
        assert_eq!(cloud.fifths.iter().flatten().sum::<usize>(), 500);
        assert_eq!(format!("{cloud:?}"), format!("Cloud(500 points, {} cells)", cloud.cells.len()));
        for [x, y] in &pairs {
            let near = |cell: &&super::Cell| {
                ((cell.said - x).powi(2) + (cell.measured - y).powi(2)).sqrt() < 5.0 / 3.0_f64.sqrt() + 1e-9
            };
            assert!(cloud.cells.iter().any(|cell| near(&cell)));
        }
    }
}
