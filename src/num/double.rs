//! Numbers of some 32 digits, as the unevaluated sum of two `f64`.
//!
//! **Reference** Dekker 1971, Numerische Mathematik 18; Hida, Li & Bailey 2001, 15th IEEE Symposium on Computer Arithmetic.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// hi + lo with |lo| at most half a unit in the last place of hi.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Double {
    hi: f64,
    lo: f64,
}

impl Double {
    pub(crate) const ZERO: Self = Self { hi: 0.0, lo: 0.0 };
    pub(crate) const ONE: Self = Self { hi: 1.0, lo: 0.0 };

    /// a − b, exactly.
    #[inline(always)]
    pub(crate) fn difference(a: f64, b: f64) -> Self {
        two_sum(a, -b)
    }

    /// x less this number.
    #[inline(always)]
    pub(crate) fn off(self, x: f64) -> f64 {
        (x - self.hi) - self.lo
    }

    /// The nearest `f64`.
    pub(crate) fn rounded(self) -> f64 {
        self.hi
    }

    pub(crate) fn sqrt(self) -> Self {
        if self.hi <= 0.0 {
            return Self::ZERO;
        }
        // One step of Newton's method from the root of the larger part.
        let root = self.hi.sqrt();
        let rest = self - Self::from(root) * Self::from(root);
        quick_two_sum(root, rest.hi / (2.0 * root))
    }
}

impl From<f64> for Double {
    fn from(hi: f64) -> Self {
        Self { hi, lo: 0.0 }
    }
}

#[inline(always)]
fn two_sum(a: f64, b: f64) -> Double {
    let hi = a + b;
    let part = hi - a;
    Double { hi, lo: (a - (hi - part)) + (b - part) }
}

/// The same for |a| ≥ |b|.
#[inline(always)]
fn quick_two_sum(a: f64, b: f64) -> Double {
    let hi = a + b;
    Double { hi, lo: b - (hi - a) }
}

impl Add for Double {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let high = two_sum(self.hi, other.hi);
        let low = two_sum(self.lo, other.lo);
        let sum = quick_two_sum(high.hi, high.lo + low.hi);
        quick_two_sum(sum.hi, sum.lo + low.lo)
    }
}

impl AddAssign for Double {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Neg for Double {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

impl Sub for Double {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Double {
    type Output = Self;

    /// The product of the larger parts is exact, by a fused multiplication: the same with and without the instruction.
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let hi = self.hi * other.hi;
        let lo = self.hi.mul_add(other.hi, -hi) + (self.hi * other.lo + self.lo * other.hi);
        quick_two_sum(hi, lo)
    }
}

impl Div for Double {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let first = self.hi / other.hi;
        let rest = self - other * Self::from(first);
        let second = rest.hi / other.hi;
        let rest = rest - other * Self::from(second);
        quick_two_sum(first, second) + Self::from(rest.hi / other.hi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_digits_and_more() {
        let third = Double::ONE / Double::from(3.0);
        let back = third * Double::from(3.0) - Double::ONE;
        assert!(back.rounded().abs() < 1e-31);
        let root = Double::from(2.0).sqrt();
        assert!((root * root - Double::from(2.0)).rounded().abs() < 1e-31);
        // 0.1 + 0.2 − 0.3 as the doubles they are.
        let sum = Double::from(0.1) + Double::from(0.2) - Double::from(0.3);
        assert_eq!(sum.rounded(), 2.775_557_561_562_891_4e-17);
    }
}
