//! Agreement of raters: the six intraclass correlations of Shrout and Fleiss.

use serde::Serialize;

use crate::{
    error::{Error, ErrorKind, Fault, Result},
    num::fisher,
};

/// Six intraclass correlations of a table of targets (rows) by raters (columns).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Icc {
    /// Targets that every rater rated.
    pub n: usize,
    /// Targets that a rater left out.
    pub incomplete: usize,
    /// Raters.
    pub raters: usize,
    /// The mean square between targets.
    pub ms_between: f64,
    /// The mean square within targets.
    pub ms_within: f64,
    /// The mean square between raters.
    pub ms_raters: f64,
    /// What is left over.
    pub ms_error: f64,
    /// Raters of each target drawn anew, one rating: (B − W) / (B + (k − 1) W).
    pub one_way: IccForm,
    /// The same raters, drawn from many: (B − E) / (B + (k − 1) E + k (J − E) / n).
    pub random_raters: IccForm,
    /// These raters and no others: (B − E) / (B + (k − 1) E).
    pub fixed_raters: IccForm,
    /// The mean of the ratings, [`one_way`](Self::one_way): (B − W) / B.
    pub one_way_mean: IccForm,
    /// The mean of the ratings, [`random_raters`](Self::random_raters): (B − E) / (B + (J − E) / n).
    pub random_raters_mean: IccForm,
    /// The mean of the ratings, [`fixed_raters`](Self::fixed_raters): (B − E) / B.
    pub fixed_raters_mean: IccForm,
}

/// One of the six, with the test that it is 0 and an interval of 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IccForm {
    /// The intraclass correlation.
    pub icc: f64,
    /// The ratio of mean squares.
    pub f: f64,
    /// Its degrees of freedom above.
    pub df1: usize,
    /// Its degrees of freedom below.
    pub df2: usize,
    /// P(F > f) if the correlation is 0.
    pub p: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

/// The six intraclass correlations, from one column a rater.
///
/// **Formula** those of the fields of [`Icc`], from a two-way analysis of variance without replication; B between
/// targets, W within them, J between raters, E left over. Intervals by F, that of the random raters by Satterthwaite.
///
/// **Missing data** is NaN; a target that a rater left out does not count, and is counted.
///
/// # Errors
/// Fewer than two raters, columns of different lengths, fewer than two complete targets, ratings without spread or without
/// error, for which there is no F.
///
/// **Reference** Shrout & Fleiss 1979, Psychological Bulletin 86:420; `McGraw` & Wong 1996, Psychological Methods 1:30.
///
/// # Example
/// ```
/// // Shrout & Fleiss 1979, table 2.
/// let raters = [
///     [9.0, 6.0, 8.0, 7.0, 10.0, 6.0],
///     [2.0, 1.0, 4.0, 1.0, 5.0, 2.0],
///     [5.0, 3.0, 6.0, 2.0, 6.0, 4.0],
///     [8.0, 2.0, 8.0, 6.0, 9.0, 7.0],
/// ];
/// let found = vointi::scale::icc(&raters.each_ref().map(|rater| rater.as_slice()))?;
/// assert_eq!(format!("{:.2} {:.2} {:.2}", found.one_way.icc, found.random_raters.icc, found.fixed_raters.icc), "0.17 0.29 0.71");
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn icc(columns: &[&[f64]]) -> Result<Icc> {
    let squares = Squares::of(columns)?;
    let Squares { n, k, between, within, raters, error, .. } = squares;
    if !(within > 0.0 && error > 0.0 && between > 0.0) {
        let what = "the ratings leave nothing to compare: no spread between targets, or no error at all";
        return Err(refuse(what, "look whether two columns are the same"));
    }
    let rows = n as f64;
    let [df_between, df_within, df_error] =
        [n - 1, n * (squares.raters_count - 1), (n - 1) * (squares.raters_count - 1)];
    let form = |icc: f64, over: f64, df2: usize, [low, high]: [f64; 2]| IccForm {
        icc,
        f: between / over,
        df1: df_between,
        df2,
        p: fisher::upper_tail(between / over, df_between as f64, df2 as f64),
        low,
        high,
    };
    // The ratio of mean squares divided and multiplied by its quantiles.
    let ends = |over: f64, df2: usize| {
        let (f, df1, df2) = (between / over, df_between as f64, df2 as f64);
        [f / fisher::quantile(0.975, df1, df2), f * fisher::quantile(0.975, df2, df1)]
    };
    let (of_within, of_error) = (ends(within, df_within), ends(error, df_error));
    let single = |ends: [f64; 2]| ends.map(|f| (f - 1.0) / (f + k - 1.0));
    let mean = |ends: [f64; 2]| ends.map(|f| 1.0 - 1.0 / f);
    let random = (between - error) / (between + (k - 1.0) * error + k * (raters - error) / rows);
    let of_random = squares.interval_of_random(random);
    let stepped = of_random.map(|r| r * k / (1.0 + r * (k - 1.0)));
    Ok(Icc {
        n,
        incomplete: squares.incomplete,
        raters: squares.raters_count,
        ms_between: between,
        ms_within: within,
        ms_raters: raters,
        ms_error: error,
        one_way: form(
            (between - within) / (between + (k - 1.0) * within),
            within,
            df_within,
            single(of_within),
        ),
        random_raters: form(random, error, df_error, of_random),
        fixed_raters: form(
            (between - error) / (between + (k - 1.0) * error),
            error,
            df_error,
            single(of_error),
        ),
        one_way_mean: form((between - within) / between, within, df_within, mean(of_within)),
        random_raters_mean: form(
            (between - error) / (between + (raters - error) / rows),
            error,
            df_error,
            stepped,
        ),
        fixed_raters_mean: form((between - error) / between, error, df_error, mean(of_error)),
    })
}

/// Mean squares of the analysis of variance.
struct Squares {
    n: usize,
    incomplete: usize,
    raters_count: usize,
    k: f64,
    between: f64,
    within: f64,
    raters: f64,
    error: f64,
}

impl Squares {
    fn of(columns: &[&[f64]]) -> Result<Self> {
        let rows = columns.first().map_or(0, |column| column.len());
        if columns.len() < 2 {
            return Err(refuse("fewer than two raters", "give one column a rater"));
        }
        if columns.iter().any(|column| column.len() != rows) {
            return Err(refuse(
                "raters of different numbers of targets",
                "give NaN where a rating is missing",
            ));
        }
        let targets: Vec<Vec<f64>> = (0..rows)
            .map(|row| columns.iter().filter_map(|column| column.get(row).copied()).collect::<Vec<f64>>())
            .filter(|ratings| ratings.iter().all(|rating| rating.is_finite()))
            .collect();
        let (n, raters_count) = (targets.len(), columns.len());
        if n < 2 {
            return Err(refuse("fewer than two targets that every rater rated", "rate more targets"));
        }
        let (rows_f, k) = (n as f64, raters_count as f64);
        let grand = targets.iter().flatten().sum::<f64>() / (rows_f * k);
        let means: Vec<f64> = targets.iter().map(|ratings| ratings.iter().sum::<f64>() / k).collect();
        let of_raters: Vec<f64> = (0..raters_count)
            .map(|rater| targets.iter().filter_map(|ratings| ratings.get(rater)).sum::<f64>() / rows_f)
            .collect();
        let square = |value: f64| value * value;
        let between: f64 = k * means.iter().map(|mean| square(mean - grand)).sum::<f64>();
        let raters: f64 = rows_f * of_raters.iter().map(|mean| square(mean - grand)).sum::<f64>();
        let (mut within, mut error) = (0.0, 0.0);
        for (ratings, mean) in targets.iter().zip(&means) {
            for (rating, of_rater) in ratings.iter().zip(&of_raters) {
                within += square(rating - mean);
                error += square(rating - mean - of_rater + grand);
            }
        }
        Ok(Self {
            n,
            incomplete: rows - n,
            raters_count,
            k,
            between: between / (rows_f - 1.0),
            within: within / (rows_f * (k - 1.0)),
            raters: raters / (k - 1.0),
            error: error / ((rows_f - 1.0) * (k - 1.0)),
        })
    }

    /// Shrout and Fleiss, with Satterthwaite's degrees of freedom.
    fn interval_of_random(&self, icc: f64) -> [f64; 2] {
        let (n, k) = (self.n as f64, self.k);
        let ratio = self.raters / self.error;
        let own = n * (1.0 + (k - 1.0) * icc) - k * icc;
        let above = k * icc * ratio + own;
        let df = (k - 1.0) * (n - 1.0) * above * above
            / ((n - 1.0) * k * k * icc * icc * ratio * ratio + own * own);
        let rest = k * self.raters + (k * n - k - n) * self.error;
        let low = fisher::quantile(0.975, n - 1.0, df);
        let high = fisher::quantile(0.975, df, n - 1.0);
        [
            n * (self.between - low * self.error) / (low * rest + n * self.between),
            n * (high * self.between - self.error) / (rest + n * high * self.between),
        ]
    }
}

fn refuse(what: &str, help: &str) -> Error {
    Error::new(ErrorKind::Model, vec![Fault::new(what).help(help)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_compared_is_refused() {
        assert!(icc(&[&[1.0, 2.0]]).is_err());
        assert!(icc(&[&[1.0, 2.0], &[1.0]]).is_err());
        assert!(icc(&[&[1.0, f64::NAN], &[1.0, 2.0]]).is_err());
        assert!(icc(&[&[1.0, 2.0], &[1.0, 2.0]]).unwrap_err().to_string().contains("no error"));
    }

    /// A target that is left out by one rater does not count.
    #[test]
    fn incomplete_targets_are_counted() {
        let whole = icc(&[&[1.0, 2.0, 4.0], &[1.0, 3.0, 4.0]]).unwrap();
        let more = icc(&[&[1.0, 9.0, 2.0, 4.0], &[1.0, f64::NAN, 3.0, 4.0]]).unwrap();
        assert_eq!((more.n, more.incomplete), (3, 1));
        assert_eq!(whole.fixed_raters, more.fixed_raters);
    }
}
