//! How much of the variance of one column goes with another: in a straight line, in any shape, and as a share of a sum.

use super::correlation::centred;

/// Bins of fewer rows have means too rough to be told from chance.
const FEWEST_IN_BIN: usize = 10;
const MOST_BINS: usize = 20;

/// The rows of a column in groups of about the same size, by their value; equal values stay together.
#[derive(Debug, Clone)]
pub(crate) struct Bins {
    /// By row.
    at: Vec<usize>,
    counts: Vec<f64>,
}

impl Bins {
    /// Up to 20, of ten rows or more each; two at least.
    pub(crate) fn of(column: &[f64]) -> Self {
        let rows = column.len();
        let bins = (rows / FEWEST_IN_BIN).clamp(2, MOST_BINS);
        let mut order: Vec<usize> = (0..rows).collect();
        let value = |row: &usize| column.get(*row).copied().unwrap_or(f64::NAN);
        order.sort_by(|a, b| value(a).total_cmp(&value(b)));
        let mut at = vec![0; rows];
        let mut counts: Vec<f64> = Vec::new();
        let (mut known, mut before) = (None, None);
        for (place, row) in order.iter().enumerate() {
            // The first of those that are equal says where all of them belong.
            let bin = match before {
                Some((x, bin)) if x == value(row) => bin,
                _ => place * bins / rows,
            };
            before = Some((value(row), bin));
            if known != Some(bin) {
                known = Some(bin);
                counts.push(0.0);
            }
            let own = counts.len() - 1;
            if let (Some(cell), Some(count)) = (at.get_mut(*row), counts.get_mut(own)) {
                *cell = own;
                *count += 1.0;
            }
        }
        Self { at, counts }
    }

    pub(crate) fn len(&self) -> usize {
        self.counts.len()
    }

    /// The correlation ratio of a column over these groups; none where it does not vary.
    ///
    /// **Formula** Σ n (ȳ − ȳ)²/Σ (y − ȳ)²: the variance of the means of the groups over that of the column.
    pub(crate) fn ratio(&self, of: &[f64]) -> Option<f64> {
        let off = centred(of);
        let mut sums = vec![0.0; self.counts.len()];
        let mut all = 0.0;
        for (bin, y) in self.at.iter().zip(&off) {
            if let Some(sum) = sums.get_mut(*bin) {
                *sum += y;
            }
            all += y * y;
        }
        let between: f64 = sums.iter().zip(&self.counts).map(|(sum, count)| sum * sum / count).sum();
        (all > 0.0).then(|| (between / all).min(1.0))
    }
}

/// Pearson's correlation, squared; none where one of the two does not vary.
pub(crate) fn squared_correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let (x, y) = (centred(x), centred(y));
    let [xx, yy, xy] =
        x.iter().zip(&y).fold([0.0; 3], |[xx, yy, xy], (x, y)| [xx + x * x, yy + y * y, xy + x * y]);
    (xx > 0.0 && yy > 0.0).then(|| (xy * xy / (xx * yy)).min(1.0))
}

/// **Formula** cov(w x, y)/var(y): over the parts of a weighted sum y these add up to 1.
pub(crate) fn covariance_share(weight: f64, x: &[f64], y: &[f64]) -> Option<f64> {
    let (x, y) = (centred(x), centred(y));
    let (xy, yy) = x.iter().zip(&y).fold((0.0, 0.0), |(xy, yy), (x, y)| (xy + x * y, yy + y * y));
    (yy > 0.0).then(|| weight * xy / yy)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A parabola has no straight line in it, and its groups say nearly all; parts of a sum share all of it.
    #[test]
    fn shapes_and_shares() {
        let x: Vec<f64> = (-100..=100).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| x * x).collect();
        assert!(squared_correlation(&x, &y).unwrap() < 1e-20);
        let bins = Bins::of(&x);
        assert_eq!(bins.len(), 20);
        assert!(bins.ratio(&y).unwrap() > 0.97);
        let sum: Vec<f64> = x.iter().zip(&y).map(|(x, y)| 0.3 * x + 0.7 * y).collect();
        let shares = covariance_share(0.3, &x, &sum).unwrap() + covariance_share(0.7, &y, &sum).unwrap();
        assert!((shares - 1.0).abs() < 1e-14);
        assert_eq!(bins.ratio(&vec![1.0; x.len()]), None);
    }

    /// Two values are two groups, whatever their sizes; the ratio is the squared correlation then.
    #[test]
    fn equal_values_stay_together() {
        let x: Vec<f64> = (0..300).map(|k| f64::from(u8::from(k % 7 == 0))).collect();
        let y: Vec<f64> = (0..300).map(|k| f64::from((k * k) % 31)).collect();
        let bins = Bins::of(&x);
        assert_eq!(bins.len(), 2);
        let (ratio, squared) = (bins.ratio(&y).unwrap(), squared_correlation(&x, &y).unwrap());
        assert!((ratio - squared).abs() < 1e-14, "{ratio} {squared}");
    }
}
