//! Order of values: what two columns have in common in it, and where a value stands.

use super::{normal::normal, student};

/// No rank.
const MISSING: u32 = u32::MAX;
/// Below so many values without ties the p-value of Kendall's τ is exact.
const EXACT_BELOW: usize = 50;

/// Values that differ by no more than this share of themselves differ by rounding alone, and count as the same.
const HAIR: f64 = 1e-12;

/// A column put in order once, to be held against many others. NaN is missing; what differs by rounding alone is a tie.
#[derive(Debug, Clone)]
pub(crate) struct Ordered {
    /// By row: how many distinct values are below.
    rank: Vec<u32>,
    /// The observed rows by rising value.
    order: Vec<u32>,
    /// How many distinct values there are.
    levels: usize,
}

/// A coefficient with the two-sided p-value of none at all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coefficient {
    pub(crate) value: f64,
    pub(crate) p: f64,
}

/// What two columns have in common in their order, over the rows in which both are observed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct InCommon {
    pub(crate) n: usize,
    pub(crate) spearman: Option<Coefficient>,
    pub(crate) kendall: Option<Coefficient>,
}

/// The sums over ties that Kendall's τ and its variance need.
#[derive(Debug, Clone, Copy, Default)]
struct Ties {
    /// Σ t(t − 1)/2
    pairs: u64,
    /// Σ t(t − 1)(t − 2)
    triples: f64,
    /// Σ t(t − 1)(2t + 5)
    variance: f64,
    /// Σ (t³ − t)
    cubes: i128,
}

impl Ties {
    fn add(&mut self, size: usize) {
        let (whole, t) = (size as u64, size as f64);
        self.pairs += whole * whole.saturating_sub(1) / 2;
        self.triples += t * (t - 1.0) * (t - 2.0);
        self.variance += t * (t - 1.0) * (2.0 * t + 5.0);
        self.cubes += (size as i128).pow(3) - size as i128;
    }
}

impl Ordered {
    pub(crate) fn of(values: &[f64]) -> Self {
        let observed = values.iter().enumerate().filter(|(_, value)| !value.is_nan());
        // Adding 0 takes the sign off −0, which is no other value than 0.
        let mut pairs: Vec<(f64, u32)> =
            observed.map(|(row, value)| (value + 0.0, u32::try_from(row).unwrap_or(MISSING))).collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut rank = vec![MISSING; values.len()];
        let (mut levels, mut last) = (0_u32, f64::NAN);
        for (value, row) in &pairs {
            if last.is_nan() || (value - last).abs() > HAIR * value.abs() {
                levels += 1;
            }
            last = *value;
            if let Some(cell) = rank.get_mut(*row as usize) {
                *cell = levels - 1;
            }
        }
        Self { rank, order: pairs.into_iter().map(|(_, row)| row).collect(), levels: levels as usize }
    }

    fn rank(&self, row: u32) -> u32 {
        self.rank.get(row as usize).copied().unwrap_or(MISSING)
    }

    /// How many rows are observed.
    pub(crate) fn observed(&self) -> usize {
        self.order.len()
    }

    /// How many distinct values there are.
    pub(crate) fn distinct(&self) -> usize {
        self.levels
    }

    /// How many rows share the value that most rows share.
    pub(crate) fn largest_tie(&self) -> usize {
        let mut counts = vec![0_usize; self.levels];
        for rank in self.rank.iter().filter(|rank| **rank != MISSING) {
            if let Some(count) = counts.get_mut(*rank as usize) {
                *count += 1;
            }
        }
        counts.into_iter().max().unwrap_or(0)
    }

    /// The observed values in rising order.
    pub(crate) fn sorted<'a>(&'a self, values: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        self.order.iter().filter_map(|row| values.get(*row as usize).copied())
    }

    /// What this column has in common with another of the same rows, in their order.
    ///
    /// **Formula** ρ is Pearson's correlation of mean ranks; its p is that of t = ρ √((n − 2)/(1 − ρ²)). τ-b is
    /// (P − Q)/√((n₀ − n₁)(n₀ − n₂)), by Knight's count of exchanges; its p is exact below fifty rows without ties, else normal
    /// with the variance for ties. Neither below three rows, nor where a column is constant.
    ///
    /// **Reference** Knight 1966, J. Am. Stat. Assoc. 61:436; Kendall 1970, Rank Correlation Methods, 4th edition.
    pub(crate) fn in_common(&self, other: &Self) -> InCommon {
        let mut of_x = vec![0_u32; self.levels + 1];
        let mut of_y = vec![0_u32; other.levels];
        let both = || other.order.iter().map(|row| (self.rank(*row), other.rank(*row)));
        let mut n = 0_usize;
        for (x, y) in both().filter(|(x, _)| *x != MISSING) {
            n += 1;
            of_x[x as usize + 1] += 1;
            of_y[y as usize] += 1;
        }
        if n < 3 {
            return InCommon { n, spearman: None, kendall: None };
        }
        let (mut ties_x, mut ties_y) = (Ties::default(), Ties::default());
        of_x.iter().filter(|count| **count > 0).for_each(|count| ties_x.add(*count as usize));
        of_y.iter().filter(|count| **count > 0).for_each(|count| ties_y.add(*count as usize));
        let doubled_x = doubled_ranks(of_x.get(1..).unwrap_or_default(), n);
        let doubled_y = doubled_ranks(&of_y, n);
        // From counts to where each level of x begins.
        let mut sum = 0;
        for start in &mut of_x {
            sum += *start;
            *start = sum;
        }
        let mut sorted = vec![0_u32; n];
        let mut products = 0_i128;
        for (x, y) in both().filter(|(x, _)| *x != MISSING) {
            products += i128::from(doubled_x[x as usize]) * i128::from(doubled_y[y as usize]);
            let place = &mut of_x[x as usize];
            sorted[*place as usize] = y;
            *place += 1;
        }
        // `sorted` is y by rising x, and by rising y where x is the same.
        let joint = tied_pairs(&sorted, &of_x);
        let exchanges = exchanges(&mut sorted);
        InCommon {
            n,
            spearman: spearman(n, products, &ties_x, &ties_y),
            kendall: kendall(n, exchanges, joint, &ties_x, &ties_y),
        }
    }
}

/// Twice the mean rank of every level less n + 1: whole numbers about 0.
#[expect(clippy::cast_possible_wrap, reason = "a count of rows")]
fn doubled_ranks(counts: &[u32], n: usize) -> Vec<i64> {
    let middle = n as i64 + 1;
    let mut below = 0_i64;
    let of = |count: &u32| {
        let doubled = 2 * below + i64::from(*count) + 1 - middle;
        below += i64::from(*count);
        doubled
    };
    counts.iter().map(of).collect()
}

/// Pairs of rows that are tied in both columns; `ends` says where each level of x ends.
fn tied_pairs(sorted: &[u32], ends: &[u32]) -> u64 {
    let (mut pairs, mut start) = (0, 0);
    for end in ends {
        let group = sorted.get(start..*end as usize).unwrap_or_default();
        start = *end as usize;
        for run in group.chunk_by(|a, b| a == b) {
            let t = run.len() as u64;
            pairs += t * (t - 1) / 2;
        }
    }
    pairs
}

/// How many exchanges of neighbours sort the values: pairs of which the larger comes first. Sorts them.
fn exchanges(values: &mut Vec<u32>) -> u64 {
    let n = values.len();
    let mut other = vec![0_u32; n];
    let (mut width, mut count) = (1, 0_u64);
    while width < n {
        for start in (0..n).step_by(2 * width) {
            let (middle, end) = ((start + width).min(n), (start + 2 * width).min(n));
            count += merge(&values[start..middle], &values[middle..end], &mut other[start..end]);
        }
        std::mem::swap(values, &mut other);
        width *= 2;
    }
    count
}

/// Merges two sorted runs; how many pairs have the larger one on the left.
fn merge(left: &[u32], right: &[u32], out: &mut [u32]) -> u64 {
    let (mut i, mut j, mut count) = (0, 0, 0_u64);
    let mut places = out.iter_mut();
    while i < left.len() && j < right.len() {
        let takes_right = right[j] < left[i];
        if let Some(place) = places.next() {
            *place = if takes_right { right[j] } else { left[i] };
        }
        count += if takes_right { (left.len() - i) as u64 } else { 0 };
        i += usize::from(!takes_right);
        j += usize::from(takes_right);
    }
    for (place, value) in places.zip(left[i..].iter().chain(&right[j..])) {
        *place = *value;
    }
    count
}

fn spearman(n: usize, products: i128, x: &Ties, y: &Ties) -> Option<Coefficient> {
    let n = n as i128;
    // Σ of the squares of doubled ranks about their mean.
    let squares = |ties: &Ties| (n * n * n - n - ties.cubes) as f64 / 3.0;
    let (xx, yy) = (squares(x), squares(y));
    if xx <= 0.0 || yy <= 0.0 {
        return None;
    }
    let value = (products as f64 / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0);
    Some(Coefficient { value, p: p_of_correlation(value, n as f64) })
}

/// The two-sided p-value of a correlation of n pairs, by Student's t of n − 2 degrees of freedom.
pub(crate) fn p_of_correlation(r: f64, n: f64) -> f64 {
    let df = n - 2.0;
    student::p_two_sided(r * (df / ((1.0 - r) * (1.0 + r))).sqrt(), df).unwrap_or(0.0)
}

fn kendall(n: usize, exchanges: u64, joint: u64, x: &Ties, y: &Ties) -> Option<Coefficient> {
    let total = n as u64 * (n as u64 - 1) / 2;
    if x.pairs == total || y.pairs == total {
        return None;
    }
    let concordant_less = i128::from(total) - i128::from(x.pairs) - i128::from(y.pairs) + i128::from(joint)
        - 2 * i128::from(exchanges);
    let (free_x, free_y) = ((total - x.pairs) as f64, (total - y.pairs) as f64);
    let value = (concordant_less as f64 / free_x.sqrt() / free_y.sqrt()).clamp(-1.0, 1.0);
    let p = if x.pairs == 0 && y.pairs == 0 && n < EXACT_BELOW {
        2.0 * share_of_orders(n, exchanges.min(total - exchanges))
    } else {
        let size = n as f64;
        let m = size * (size - 1.0);
        let variance = (m * (2.0 * size + 5.0) - x.variance - y.variance) / 18.0
            + 2.0 * x.pairs as f64 * y.pairs as f64 / m
            + x.triples * y.triples / (9.0 * m * (size - 2.0));
        2.0 * normal().both_tails((concordant_less as f64).abs() / variance.sqrt()).1
    };
    Some(Coefficient { value, p: p.min(1.0) })
}

/// The share of all orders of n things that need at most so many exchanges.
fn share_of_orders(n: usize, most: u64) -> f64 {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut shares = vec![1.0];
    for size in 2..=n {
        // The next thing goes before 0 to size − 1 of those that are there, all alike likely.
        let mut longer = vec![0.0; shares.len() + size - 1];
        for (at, share) in shares.iter().enumerate() {
            for cell in longer.iter_mut().skip(at).take(size) {
                *cell += share / size as f64;
            }
        }
        shares = longer;
    }
    shares.iter().take(most.saturating_add(1)).sum()
}

/// Places from the highest, 1 first; those who are alike share the best place. 0 where there is no value.
pub(crate) fn places(values: &[f64]) -> Vec<u32> {
    let ordered = Ordered::of(values);
    let mut found = vec![0; values.len()];
    let (mut place, mut last) = (0_u32, MISSING);
    for (above, row) in ordered.order.iter().rev().enumerate() {
        let rank = ordered.rank(*row);
        if rank != last {
            place = u32::try_from(above + 1).unwrap_or(MISSING);
            last = rank;
        }
        if let Some(cell) = found.get_mut(*row as usize) {
            *cell = place;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Ordered, places};

    fn in_common(x: &[f64], y: &[f64]) -> super::InCommon {
        Ordered::of(x).in_common(&Ordered::of(y))
    }

    /// By counting every pair, for columns with ties and holes.
    #[test]
    fn every_pair_counts() {
        let value = |k: usize, by: usize, levels: usize, hole: usize| {
            if k.is_multiple_of(hole) { f64::NAN } else { (k * by % levels) as f64 }
        };
        for (levels, hole) in [(3, 7), (7, 5), (101, 13), (2, 99), (97, 200)] {
            let x: Vec<f64> = (1..140).map(|k| value(k, 37, levels, hole)).collect();
            let y: Vec<f64> = (1..140).map(|k| value(k, 11, levels + 2, hole + 4)).collect();
            let both: Vec<(f64, f64)> = x
                .iter()
                .copied()
                .zip(y.iter().copied())
                .filter(|(a, b)| !a.is_nan() && !b.is_nan())
                .collect();
            let (mut sum, mut free_x, mut free_y) = (0.0, 0.0, 0.0);
            for (at, (a, b)) in both.iter().enumerate() {
                for (c, d) in &both[..at] {
                    let sign = |value: f64| if value == 0.0 { 0.0 } else { value.signum() };
                    sum += sign(a - c) * sign(b - d);
                    free_x += sign(a - c).abs();
                    free_y += sign(b - d).abs();
                }
            }
            let tau = sum / f64::sqrt(free_x) / f64::sqrt(free_y);
            let found = in_common(&x, &y);
            assert_eq!(found.n, both.len());
            assert!((found.kendall.unwrap().value - tau).abs() < 1e-15, "{found:?} {tau}");
        }
    }

    /// R 4.2.2: cor.test(c(1, 2, 3, 4, 6), c(2, 1, 4, 3, 7), method = "kendall") and "spearman" by t.
    #[test]
    fn few_values_have_an_exact_p() {
        let found = in_common(&[1.0, 2.0, 3.0, 4.0, 6.0], &[2.0, 1.0, 4.0, 3.0, 7.0]);
        let (kendall, spearman) = (found.kendall.unwrap(), found.spearman.unwrap());
        assert!((kendall.value - 0.6).abs() < 1e-15 && (kendall.p - 0.233_333_333_333_333_3).abs() < 1e-15);
        assert!(
            (spearman.value - 0.8).abs() < 1e-15 && (spearman.p - 0.104_088_038_661_827_78).abs() < 1e-12
        );
    }

    #[test]
    fn nothing_is_said_of_too_few_or_of_a_constant() {
        assert_eq!(in_common(&[1.0, 2.0], &[2.0, 1.0]).kendall, None);
        let constant = in_common(&[1.0, 2.0, 3.0], &[4.0; 3]);
        assert_eq!((constant.n, constant.spearman, constant.kendall), (3, None, None));
        assert_eq!(in_common(&[f64::NAN, 1.0], &[1.0, f64::NAN]).n, 0);
        assert_eq!(in_common(&[], &[]).n, 0);
    }

    #[test]
    fn the_highest_comes_first() {
        assert_eq!(places(&[3.0, 9.0, f64::NAN, 9.0, -0.0, 0.0]), [3, 1, 0, 1, 4, 4]);
        let ordered = Ordered::of(&[3.0, 9.0, f64::NAN, 9.0]);
        assert_eq!((ordered.observed(), ordered.distinct(), ordered.largest_tie()), (3, 2, 2));
        assert_eq!(
            Ordered::of(&[0.1 + 0.2, 0.3, 0.300_001, 0.0]).distinct(),
            3,
            "rounding makes no difference"
        );
    }
}
