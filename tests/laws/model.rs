//! Linear models: the same bits however they are computed, and what least squares owes to algebra.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, Slice};
use proptest::prelude::*;
use vointi::{
    Table,
    model::{Covariance, Fitted, Model, Term},
    moments::Moments,
    table::Column,
};

use super::{Draws, config};

const COVARIANCES: [Covariance; 5] =
    [Covariance::Classical, Covariance::Hc0, Covariance::Hc1, Covariance::Hc2, Covariance::Hc3];

const LEVELS: [&str; 3] = ["never", "former", "current"];

/// Columns of several means and spreads, a factor, and an outcome of them with noise whose spread varies.
#[derive(Debug, Clone)]
struct Data {
    /// Columns of numbers.
    x: Vec<Vec<f64>>,
    levels: Vec<usize>,
    y: Vec<f64>,
}

impl Data {
    fn new(seed: u64, rows: usize, width: usize) -> Self {
        let mut draws = Draws(seed);
        let mut x: Vec<Vec<f64>> = Vec::new();
        for at in 0..width {
            let (mean, spread) = (20.0 * draws.normal(), 0.5 + 4.0 * draws.uniform());
            let before = x.last().cloned();
            let cell = |row: usize| {
                let other = before.as_ref().map_or(0.0, |before| 0.5 * before[row]);
                mean + spread * draws.normal() + if at % 2 == 1 { other } else { 0.0 }
            };
            x.push((0..rows).map(cell).collect());
        }
        let level = |_| (3.0 * draws.uniform()) as usize;
        let levels: Vec<usize> = (0..rows).map(level).collect();
        let y = (0..rows).map(|row| {
            let sum: f64 = x.iter().map(|column| column[row]).sum();
            sum - 2.0 * levels[row] as f64 + (1.0 + levels[row] as f64) * draws.normal()
        });
        Self { y: y.collect(), x, levels }
    }

    /// With a share of the cells of the first column and of the outcome missing.
    fn with_holes(mut self, share: f64) -> Self {
        let mut draws = Draws(self.y.len() as u64);
        for column in [0, 1] {
            let column = if column == 0 { &mut self.y } else { &mut self.x[0] };
            for cell in column.iter_mut().filter(|_| draws.uniform() < share) {
                *cell = f64::NAN;
            }
        }
        self
    }

    fn table(&self) -> Table {
        let mut table = Table::builder().column("y", Column::numbers_or_nan(self.y.clone()).unwrap());
        for (at, column) in self.x.iter().enumerate() {
            table = table.column(format!("x{at}"), Column::numbers_or_nan(column.clone()).unwrap());
        }
        table.factor("smoking", LEVELS, self.levels.iter().map(|level| Some(LEVELS[*level]))).build().unwrap()
    }

    fn terms(&self) -> Vec<Term> {
        let numbers = (0..self.x.len()).map(|at| Term::linear(format!("x{at}")));
        numbers.chain([Term::factor("smoking")]).collect()
    }

    fn fit(&self, covariance: Covariance) -> Fitted {
        Model::ols("y", self.terms()).covariance(covariance).fit(&self.table()).unwrap()
    }

    /// The residuals of the rows, by predictions of the fit.
    fn residuals(&self, fitted: &Fitted) -> Vec<f64> {
        let table = self.table();
        let mean = |row| fitted.prediction(&fitted.profile(&table, row).unwrap()).unwrap().mean;
        self.y.iter().enumerate().map(|(row, y)| y - mean(row)).collect()
    }
}

/// Everything a fit says, to the bit.
fn bits(fitted: &Fitted) -> Vec<u64> {
    let estimates = fitted.estimates().iter().flat_map(|of| {
        [Some(of.estimate), of.std_error, of.statistic, of.p, of.low, of.high]
            .map(|value| value.unwrap_or(f64::NAN))
    });
    let whole = [
        fitted.r2(),
        fitted.adj_r2(),
        Some(fitted.sigma()),
        fitted.log_likelihood(),
        fitted.aic(),
        fitted.bic(),
    ]
    .map(|value| value.unwrap_or(f64::NAN));
    let rest = whole.into_iter().chain([fitted.condition_number(), fitted.n() as f64]);
    estimates.chain(rest).chain(fitted.covariance_matrix()).map(f64::to_bits).collect()
}

fn rows_of(matrix: &Array2<f64>, rows: Range<usize>) -> ArrayView2<'_, f64> {
    matrix.slice_axis(Axis(0), Slice::from(rows))
}

fn close(found: f64, expected: f64, size: f64, tolerance: f64) -> Result<(), TestCaseError> {
    let size = size.abs().max(expected.abs());
    prop_assert!((found - expected).abs() <= tolerance * size, "{found:?}, expected {expected:?}");
    Ok(())
}

/// Estimates and errors of the same terms agree; what an estimate is off is measured by its error too.
fn agree(found: &Fitted, expected: &Fitted, tolerance: f64) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.estimates().len(), expected.estimates().len());
    for expected in expected.estimates() {
        let found = found.estimate(&expected.term).unwrap();
        let se = expected.std_error.unwrap();
        close(found.estimate, expected.estimate, se, tolerance)?;
        close(found.std_error.unwrap(), se, 0.0, tolerance)?;
    }
    Ok(())
}

/// Rows, columns of numbers, a seed.
fn data() -> impl Strategy<Value = Data> {
    (40usize..400, 1usize..5, any::<u64>()).prop_map(|(rows, width, seed)| Data::new(seed, rows, width))
}

fn covariance() -> impl Strategy<Value = Covariance> {
    prop::sample::select(COVARIANCES.to_vec())
}

/// Short tables are solved to 32 digits, long ones are not: both, with missing cells, and a last block that is not full.
#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for (rows, width) in [(700, 3), (20_001, 4), (150_003, 6)] {
        let data = Data::new(7, rows, width).with_holes(0.05);
        for covariance in COVARIANCES {
            let fit = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| data.fit(covariance))
            };
            let one = fit(1);
            let row = one.used_rows().next().unwrap();
            let far = |fitted: &Fitted| {
                let profile = fitted.profile(&data.table(), row).unwrap();
                fitted.prediction(&profile).unwrap()
            };
            for threads in [2, 7] {
                let other = fit(threads);
                assert!(
                    bits(&one) == bits(&other),
                    "{rows} rows, {} on {threads} threads",
                    covariance.word()
                );
                assert_eq!(far(&one), far(&other));
                assert!(one.used_rows().eq(other.used_rows()));
            }
        }
    }
}

/// The first term leaves the second nothing that depends on which rows came first, but for digits.
#[test]
fn long_and_short_tables_are_solved_alike() {
    // Of the same rows, once with 32 digits and, repeated beyond what that is done for, without.
    let data = Data::new(11, 6000, 6);
    let repeat = |of: &[f64]| of.repeat(25);
    let long = Data {
        x: data.x.iter().map(|column| repeat(column)).collect(),
        levels: data.levels.repeat(25),
        y: repeat(&data.y),
    };
    let (short, long) = (data.fit(Covariance::Hc0), long.fit(Covariance::Hc0));
    for (short, long) in short.estimates().iter().zip(long.estimates()) {
        assert!((long.estimate - short.estimate).abs() <= 1e-11 * short.estimate.abs(), "{short:?} {long:?}");
        let (se, expected) = (long.std_error.unwrap(), short.std_error.unwrap() / 5.0);
        assert!((se - expected).abs() <= 1e-11 * expected, "{short:?} {long:?}");
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn moments_of_parts_are_those_of_the_whole(rows in 1usize..3000, width in 1usize..8, seed: u64, cuts in prop::collection::vec(0.0f64..1.0, 0..5)) {
        let data = Data::new(seed, rows, width);
        let matrix = Array2::from_shape_fn((rows, width), |(row, column)| data.x[column][row]);
        let about = |rows: ArrayView2<'_, f64>| {
            let mut moments = Moments::about(matrix.row(0).to_vec());
            moments.add(rows).unwrap();
            moments
        };
        let whole = about(matrix.view());
        let merged = |cuts: &[usize]| {
            let mut merged = Moments::about(matrix.row(0).to_vec());
            for cut in cuts.windows(2) {
                merged.merge(&about(rows_of(&matrix, cut[0]..cut[1]))).unwrap();
            }
            merged
        };
        let cut_at = |unit: usize| {
            let mut at: Vec<usize> = cuts.iter().map(|cut| (cut * rows as f64) as usize / unit * unit).collect();
            at.extend([0, rows]);
            at.sort_unstable();
            at
        };
        // In any parts, to the last digits.
        let parts = merged(&cut_at(1));
        prop_assert_eq!((parts.n(), parts.width()), (rows, width));
        for i in 0..width {
            let size = whole.centred(i, i).sqrt();
            close(parts.means()[i], whole.means()[i], matrix.column(i).fold(0.0, |most: f64, x| most.max(x.abs())), 1e-12)?;
            for j in 0..width {
                close(parts.centred(i, j), whole.centred(i, j), size * whole.centred(j, j).sqrt(), 1e-12)?;
            }
        }
        // Block by block, where the sums are taken anyway, to the bit.
        let blocks: Vec<usize> = (0..rows).step_by(512).chain([rows]).collect();
        prop_assert!(merged(&blocks) == whole);
    }

    #[test]
    fn a_cut_at_a_block_changes_no_bit(rows in 513usize..3000, width in 1usize..6, seed: u64, at in 1usize..6) {
        let data = Data::new(seed, rows, width);
        let cut = (at * 512).min(rows);
        let matrix = Array2::from_shape_fn((rows, width), |(row, column)| data.x[column][row]);
        let mut whole = Moments::about(vec![1.0; width]);
        whole.add(matrix.view()).unwrap();
        let mut one_by_one = Moments::about(vec![1.0; width]);
        one_by_one.add(rows_of(&matrix, 0..cut)).unwrap();
        one_by_one.add(rows_of(&matrix, cut..rows)).unwrap();
        prop_assert!(one_by_one == whole);
    }

    #[test]
    fn the_order_of_the_terms_permutes_the_estimates(data in data(), covariance in covariance(), turn in 0usize..5) {
        let mut terms = data.terms();
        let expected = data.fit(covariance);
        terms.rotate_left(turn % data.terms().len());
        agree(&Model::ols("y", terms.clone()).covariance(covariance).fit(&data.table()).unwrap(), &expected, 1e-9)?;
        terms.reverse();
        let adjusters = terms.split_off(1);
        let adjusted = Model::ols("y", terms).adjust(adjusters).covariance(covariance).fit(&data.table()).unwrap();
        agree(&adjusted, &expected, 1e-9)?;
    }

    #[test]
    fn another_unit_of_a_column_rescales_its_estimate(data in data(), covariance in covariance(), log in -6.0f64..6.0) {
        let unit = 10f64.powf(log);
        let before = data.fit(covariance);
        let mut rescaled = data.clone();
        rescaled.x[0].iter_mut().for_each(|x| *x *= unit);
        let after = rescaled.fit(covariance);
        for (before, after) in before.estimates().iter().zip(after.estimates()) {
            let factor = if before.term == "x0" { unit } else { 1.0 };
            close(after.estimate * factor, before.estimate, before.std_error.unwrap(), 1e-9)?;
            close(after.std_error.unwrap() * factor, before.std_error.unwrap(), 0.0, 1e-9)?;
            close(after.p.unwrap(), before.p.unwrap(), 1e-9, 1e-6)?;
        }
        close(after.r2().unwrap(), before.r2().unwrap(), 1.0, 1e-11)?;
        // And of the outcome, all of them.
        let mut rescaled = data.clone();
        rescaled.y.iter_mut().for_each(|y| *y *= unit);
        for (before, after) in before.estimates().iter().zip(rescaled.fit(covariance).estimates()) {
            close(after.estimate / unit, before.estimate, before.std_error.unwrap(), 1e-9)?;
            close(after.std_error.unwrap() / unit, before.std_error.unwrap(), 0.0, 1e-9)?;
        }
    }

    #[test]
    fn another_zero_of_a_column_changes_the_intercept_alone(data in data(), covariance in covariance(), shift in -1e4f64..1e4) {
        let before = data.fit(covariance);
        let mut shifted = data.clone();
        shifted.x[0].iter_mut().for_each(|x| *x += shift);
        let after = shifted.fit(covariance);
        let slope = before.estimate("x0").unwrap().estimate;
        for (before, after) in before.estimates().iter().zip(after.estimates()) {
            if before.term == "(intercept)" {
                let size = slope * shift;
                close(after.estimate, before.estimate - size, size.abs() + before.std_error.unwrap(), 1e-9)?;
            } else {
                close(after.estimate, before.estimate, before.std_error.unwrap(), 1e-9)?;
                close(after.std_error.unwrap(), before.std_error.unwrap(), 0.0, 1e-8)?;
            }
        }
        close(after.sigma(), before.sigma(), 0.0, 1e-9)?;
    }

    #[test]
    fn the_covariance_changes_no_coefficient(data in data()) {
        let classical = data.fit(Covariance::Classical);
        let errors = |fitted: &Fitted| -> Vec<f64> { fitted.estimates().iter().filter_map(|of| of.std_error).collect() };
        let of: Vec<Vec<f64>> = COVARIANCES[1..]
            .iter()
            .map(|covariance| {
                let fitted = data.fit(*covariance);
                for (a, b) in fitted.estimates().iter().zip(classical.estimates()) {
                    assert_eq!(a.estimate.to_bits(), b.estimate.to_bits());
                }
                assert_eq!((fitted.sigma(), fitted.r2(), fitted.aic()), (classical.sigma(), classical.r2(), classical.aic()));
                errors(&fitted)
            })
            .collect();
        let ratio = (data.y.len() as f64 / classical.residual_df()).sqrt();
        let [hc0, hc1, hc2, hc3] = of.as_slice() else { panic!("four of them") };
        for (((hc0, hc1), hc2), hc3) in hc0.iter().zip(hc1).zip(hc2).zip(hc3) {
            close(*hc1, ratio * hc0, 0.0, 1e-12)?;
            // Leverages are between 0 and 1, so each weighs more than the one before.
            prop_assert!(hc0 < hc2 && hc2 < hc3);
        }
    }

    #[test]
    fn residuals_are_orthogonal_to_the_terms(data in data()) {
        let fitted = data.fit(Covariance::Classical);
        let e = data.residuals(&fitted);
        let norm = |of: &[f64]| of.iter().map(|x| x * x).sum::<f64>().sqrt();
        let (sum, length) = (e.iter().sum::<f64>(), norm(&e));
        prop_assert!(sum.abs() <= 1e-9 * length * (e.len() as f64).sqrt(), "{sum}");
        for x in &data.x {
            let product: f64 = x.iter().zip(&e).map(|(x, e)| x * e).sum();
            prop_assert!(product.abs() <= 1e-9 * norm(x) * length, "{product}");
        }
        for level in 0..3 {
            let of_level: f64 = data.levels.iter().zip(&e).filter(|(of, _)| **of == level).map(|(_, e)| e).sum();
            prop_assert!(of_level.abs() <= 1e-9 * length * (e.len() as f64).sqrt(), "{of_level}");
        }
        // What they add up to: Σ(y − ȳ)² = Σ(ŷ − ȳ)² + Σe², and all that is said of it.
        let (n, df) = (e.len() as f64, fitted.residual_df());
        let mean = data.y.iter().sum::<f64>() / n;
        let total: f64 = data.y.iter().map(|y| (y - mean) * (y - mean)).sum();
        let explained: f64 = data.y.iter().zip(&e).map(|(y, e)| (y - e - mean) * (y - e - mean)).sum();
        let squares = length * length;
        close(explained + squares, total, 0.0, 1e-10)?;
        close(fitted.sigma(), (squares / df).sqrt(), 0.0, 1e-10)?;
        close(fitted.r2().unwrap(), explained / total, 0.0, 1e-10)?;
        close(1.0 - fitted.adj_r2().unwrap(), (squares / df) / (total / (n - 1.0)), 0.0, 1e-9)?;
        let (l, p) = (fitted.log_likelihood().unwrap(), fitted.estimates().len() as f64);
        close(l, -0.5 * n * ((std::f64::consts::TAU * squares / n).ln() + 1.0), n, 1e-11)?;
        close(fitted.aic().unwrap(), 2.0 * (p + 1.0) - 2.0 * l, n, 1e-12)?;
        close(fitted.bic().unwrap(), (p + 1.0) * n.ln() - 2.0 * l, n, 1e-12)?;
    }

    #[test]
    fn the_mean_person_has_the_mean_outcome(seed: u64, rows in 40usize..400, width in 1usize..5, covariance in covariance()) {
        let data = Data::new(seed, rows, width);
        let table = data.table();
        let terms = (0..width).map(|at| Term::linear(format!("x{at}")));
        let fitted = Model::ols("y", terms).covariance(covariance).fit(&table).unwrap();
        let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
        let mut profile = fitted.profile(&table, 0).unwrap();
        for (at, column) in data.x.iter().enumerate() {
            profile = profile.with(&format!("x{at}"), mean(column)).unwrap();
        }
        let prediction = fitted.prediction(&profile).unwrap();
        close(prediction.mean, mean(&data.y), fitted.sigma(), 1e-10)?;
        prop_assert!(prediction.outside.is_empty() && !prediction.is_far);
        if covariance == Covariance::Classical {
            // The least error there is: σ/√n.
            close(prediction.std_error, fitted.sigma() / (rows as f64).sqrt(), 0.0, 1e-9)?;
        }
    }

    #[test]
    fn a_difference_is_that_of_the_predictions(data in data(), covariance in covariance(), from in 0.0f64..1.0, to in 0.0f64..1.0) {
        let (fitted, table) = (data.fit(covariance), data.table());
        let row = |share: f64| (share * table.rows() as f64) as usize;
        let (from, to) = (fitted.profile(&table, row(from)).unwrap(), fitted.profile(&table, row(to)).unwrap());
        let difference = fitted.difference(&from, &to).unwrap();
        let (before, after) = (fitted.prediction(&from).unwrap(), fitted.prediction(&to).unwrap());
        close(difference.estimate, after.mean - before.mean, before.mean.abs() + fitted.sigma(), 1e-10)?;
        // Backwards it is the same with another sign; to oneself it is nothing.
        let back = fitted.difference(&to, &from).unwrap();
        close(back.estimate, -difference.estimate, fitted.sigma(), 1e-12)?;
        close(back.std_error, difference.std_error, fitted.sigma(), 1e-12)?;
        let none = fitted.difference(&to, &to).unwrap();
        prop_assert_eq!((none.estimate, none.std_error, none.p), (0.0, 0.0, None));
        // By the matrix of the estimates: d′V d.
        let step = from.clone().with("smoking", LEVELS[2]).unwrap();
        let never = from.with("smoking", LEVELS[0]).unwrap();
        let of_level = fitted.difference(&never, &step).unwrap();
        let current = fitted.estimate("smoking[current]").unwrap();
        close(of_level.estimate, current.estimate, 0.0, 1e-12)?;
        close(of_level.std_error, current.std_error.unwrap(), 0.0, 1e-10)?;
        close(of_level.p.unwrap(), current.p.unwrap(), 1e-9, 1e-6)?;
    }

    #[test]
    fn rows_may_come_in_any_order(data in data(), covariance in covariance(), turn in 1usize..400) {
        let expected = data.fit(covariance);
        let mut turned = data.clone();
        let turn = turn % data.y.len();
        turned.x.iter_mut().for_each(|column| column.rotate_left(turn));
        turned.levels.rotate_left(turn);
        turned.y.rotate_left(turn);
        agree(&turned.fit(covariance), &expected, 1e-9)?;
    }
}
