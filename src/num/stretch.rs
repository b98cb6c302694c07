//! Mean and variance of u(X), X ~ N(x, s²), for utilities that are curved: by a fixed quadrature, split at every kink.
//!
//! Gauss and Legendre's sixteen nodes, panel by panel (Golub & Welsch 1969, Mathematics of Computation 23:221). A panel
//! is at most 4.5 errors long and never longer than the curve allows, so that each is computed to rounding; beyond
//! nine errors the normal counts as 0, as everywhere here. Powers that are whole up to four have closed forms.

use super::normal::Normal;

/// Node and weight of the upper half of −1 to 1; the lower half mirrors it.
const NODES: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_58),
    (0.458_016_777_657_227_37, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_8, 0.149_595_988_816_576_74),
    (0.755_404_408_355_003, 0.124_628_971_255_533_88),
    (0.865_631_202_387_831_8, 0.095_158_511_682_492_79),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_894),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_096),
];

/// The normal counts as 0 further out than so many errors.
const WINDOW: f64 = 9.0;
/// A panel of so many errors is integrated to rounding.
const LONGEST: f64 = WINDOW / 2.0;
/// However a curve winds, after so many panels the rest of a stretch is one.
const MOST_PANELS: usize = 512;
/// The highest whole power with a closed form.
const MOST_CLOSED: u8 = 4;

/// Calls `visit(t, weight)` at the nodes of a panel.
#[inline]
pub(super) fn panel(from: f64, to: f64, mut visit: impl FnMut(f64, f64)) {
    let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
    for (node, weight) in NODES {
        visit(middle - half * node, half * weight);
        visit(middle + half * node, half * weight);
    }
}

/// How a utility behaves at the anchor of a stretch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Start {
    /// It could be continued.
    Plain,
    /// Like a power of the distance, which no polynomial follows there.
    Power(f64),
}

/// A part of a utility without a kink inside: from `anchor` over `length` in the direction of `sign`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch<Score, Reach> {
    pub(crate) anchor: f64,
    /// 1 or −1.
    pub(crate) sign: f64,
    pub(crate) length: f64,
    pub(crate) start: Start,
    /// The score at a distance from the anchor.
    pub(crate) score: Score,
    /// From a distance, the distance up to which sixteen nodes follow the score.
    pub(crate) reach: Reach,
}

/// The sums of a reading N(x, s²): parts are added one by one, whatever their order.
///
/// The score at x is taken off first, which keeps the digits of a small variance.
#[derive(Debug)]
pub(crate) struct Sums<'a> {
    normal: &'a Normal,
    x: f64,
    s: f64,
    score: f64,
    mean: f64,
    square: f64,
}

impl<'a> Sums<'a> {
    /// `score` is that at x; s above 0.
    pub(crate) fn new(normal: &'a Normal, x: f64, s: f64, score: f64) -> Self {
        Self { normal, x, s, score, mean: 0.0, square: 0.0 }
    }

    #[inline]
    fn add(&mut self, score: f64, weight: f64) {
        let off = score - self.score;
        self.mean += weight * off;
        self.square += weight * off * off;
    }

    /// P(a < Z < b): the difference of the smaller tails keeps more digits.
    fn share(&self, a: f64, b: f64) -> f64 {
        let ((below_a, above_a), (below_b, above_b)) = (self.normal.both_tails(a), self.normal.both_tails(b));
        if a > 0.0 { above_a - above_b } else { below_b - below_a }
    }

    /// All below `to` has one score.
    pub(crate) fn flat_below(&mut self, to: f64, score: f64) {
        let (share, _) = self.normal.both_tails((to - self.x) / self.s);
        self.add(score, share);
    }

    /// All above `from` has one score.
    pub(crate) fn flat_above(&mut self, from: f64, score: f64) {
        let (_, share) = self.normal.both_tails((from - self.x) / self.s);
        self.add(score, share);
    }

    /// All from `from` to `to` has one score.
    pub(crate) fn flat_between(&mut self, from: f64, to: f64, score: f64) {
        let share = self.share((from - self.x) / self.s, (to - self.x) / self.s);
        self.add(score, share);
    }

    /// A stretch of a curve.
    pub(crate) fn curve(&mut self, of: &Stretch<impl Fn(f64) -> f64, impl Fn(f64) -> f64>) {
        let s = self.s;
        let centre = of.sign * (self.x - of.anchor);
        let (nearest, end) = (centre - WINDOW * s, of.length.min(centre + WINDOW * s));
        // At a power the panels are laid from its root, even if that is outside the window but near.
        let is_rooted = of.start != Start::Plain && nearest < LONGEST * s;
        let start = if is_rooted { 0.0 } else { nearest.max(0.0) };
        let mut from = start;
        for count in 0..=MOST_PANELS {
            let is_root = is_rooted && from == 0.0;
            let longest = if is_root { s } else { LONGEST * s };
            let followed = if count < MOST_PANELS { (of.reach)(from).min(from + longest) } else { end };
            let to = followed.min(end);
            if to <= from {
                break;
            }
            match of.start {
                Start::Power(power) if is_root => self.root(of, to, power),
                _ => panel(from, to, |d, weight| self.node(of, d, centre, weight)),
            }
            from = to;
        }
    }

    #[inline]
    fn node<R>(&mut self, of: &Stretch<impl Fn(f64) -> f64, R>, d: f64, centre: f64, weight: f64) {
        let density = self.normal.density((d - centre) / self.s);
        self.add((of.score)(d), weight * density / self.s);
    }

    /// The panel at the root of a power: with d = to · tᵐ the score goes like a high power of t, which nodes follow.
    fn root<R>(&mut self, of: &Stretch<impl Fn(f64) -> f64, R>, to: f64, power: f64) {
        let m = libm::ceil(8.0 / (1.0 + power)).max(1.0);
        let centre = of.sign * (self.x - of.anchor);
        for (from_t, to_t) in [(0.0, 0.5), (0.5, 1.0)] {
            panel(from_t, to_t, |t, weight| {
                let last = libm::pow(t, m - 1.0);
                self.node(of, to * last * t, centre, weight * to * m * last);
            });
        }
    }

    /// 100 (d/length)ⁿ over a distance from 0 to `length`, in closed form where that keeps its digits.
    ///
    /// **Formula** u − c = Σ cⱼ Zʲ, a polynomial in Z ~ N(0, 1); Iⱼ = (j − 1) Iⱼ₋₂ + Aʲ⁻¹ φ(A) − Bʲ⁻¹ φ(B), the moments
    /// of Z between A and B.
    pub(crate) fn power(&mut self, anchor: f64, sign: f64, length: f64, power: f64) {
        let s = self.s;
        let centre = sign * (self.x - anchor);
        let (a, b) = (-centre / s, (length - centre) / s);
        // Over a short way the closed form is a small difference of large numbers.
        let closed = (1..=MOST_CLOSED).find(|n| f64::from(*n) == power).filter(|_| b - a >= 1.0);
        let Some(n) = closed else {
            let is_whole = power == libm::floor(power);
            self.curve(&Stretch {
                anchor,
                sign,
                length,
                start: if is_whole { Start::Plain } else { Start::Power(power) },
                score: |d: f64| power_score(d, length, power),
                // A fractional power is followed over a factor of four.
                reach: |d: f64| if is_whole || d == 0.0 { f64::INFINITY } else { 4.0 * d },
            });
            return;
        };
        // Out there the density is 0, and a power of an endless number would still be endless.
        let (a, b) = (a.clamp(-40.0, 40.0), b.clamp(-40.0, 40.0));
        let n = usize::from(n);
        let mut coefficient = [0.0; MOST_CLOSED as usize + 1];
        let mut binomial = 1.0;
        for (j, cell) in coefficient.iter_mut().take(n + 1).enumerate() {
            *cell = 100.0 * binomial * whole(centre / length, n - j) * whole(s / length, j);
            binomial *= (n - j) as f64 / (j + 1) as f64;
        }
        if let Some(first) = coefficient.first_mut() {
            // Where x itself is on the stretch, nothing is left of the difference, not even rounding.
            let is_here = (0.0..=length).contains(&centre);
            *first = if is_here { 0.0 } else { *first - self.score };
        }
        let mut moment = [0.0; 2 * MOST_CLOSED as usize + 1];
        let (mut power_a, mut power_b) = (self.normal.density(a), self.normal.density(b));
        for j in 0..=2 * n {
            let found = match j {
                0 => self.share(a, b),
                _ => {
                    let before = j.checked_sub(2).and_then(|at| moment.get(at)).copied().unwrap_or(0.0);
                    let found = (j as f64 - 1.0) * before + power_a - power_b;
                    power_a *= a;
                    power_b *= b;
                    found
                }
            };
            if let Some(cell) = moment.get_mut(j) {
                *cell = found;
            }
        }
        for (i, ci) in coefficient.iter().enumerate() {
            self.mean += ci * moment.get(i).unwrap_or(&0.0);
            for (j, cj) in coefficient.iter().enumerate() {
                self.square += ci * cj * moment.get(i + j).unwrap_or(&0.0);
            }
        }
    }

    /// Mean and variance of a score on 0 to 100.
    pub(crate) fn moments(&self) -> (f64, f64) {
        self.moments_between([0.0, 100.0])
    }

    /// The same on another range.
    pub(crate) fn moments_between(&self, [low, high]: [f64; 2]) -> (f64, f64) {
        let mean = (self.score + self.mean).clamp(low, high);
        // Half the range, squared, is the largest variance there is.
        let half = 0.5 * (high - low);
        (mean, (self.square - self.mean * self.mean).clamp(0.0, half * half))
    }
}

/// 100 (d/length)ᵖ, exact at both ends.
#[inline]
pub(crate) fn power_score(d: f64, length: f64, power: f64) -> f64 {
    let share = (d / length).clamp(0.0, 1.0);
    100.0 * if power == 1.0 { share } else { libm::pow(share, power) }
}

fn whole(base: f64, exponent: usize) -> f64 {
    (0..exponent).fold(1.0, |product, _| product * base)
}
