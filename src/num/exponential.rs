//! e^x of many numbers: the bits of `libm::exp`, without a branch, so that vectors can do it.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

/// From here on a result may be infinite, subnormal or 0, and `libm` is asked. Above it in high words: 0x4086232b.
const FAR: f64 = 708.0;
/// Above 2⁻²⁸, 1.5 ln 2 and 0.5 ln 2, as `libm` tells them: by the upper half of their bits.
const TINY: u64 = 0x3e30_0001_0000_0000;
const HALF_LN2: u64 = 0x3fd6_2e43_0000_0000;
const MUCH_LN2: u64 = 0x3ff0_a2b2_0000_0000;
/// The bits of 1.5 × 2⁵² are whole numbers; and the bias of an exponent.
const TO_BITS: f64 = 6_755_399_441_055_744.0 + 1023.0;

/// `out` = `settle` of e^x.
#[inline(always)]
pub(crate) fn exponentials(out: &mut [f64], x: &[f64], settle: impl Fn(f64) -> f64) {
    let mut is_far = false;
    for (out, x) in out.iter_mut().zip(x) {
        *out = settle(near(*x));
        is_far |= x.abs() >= FAR;
    }
    if is_far {
        for (out, x) in out.iter_mut().zip(x).filter(|(_, x)| x.abs() >= FAR) {
            *out = settle(libm::exp(*x));
        }
    }
}

/// The steps of `libm::exp` where |x| < 708, each branch taken and one chosen.
///
/// **Formula** x = k ln 2 + r with |r| ≤ 0.5 ln 2; e^r = 1 + 2 r / (R − r) + …, a rational approximation; 2^k e^r.
/// **Reference** FreeBSD `e_exp.c` (Sun Microsystems 2004), as `libm` has it.
#[inline(always)]
fn near(x: f64) -> f64 {
    const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const P1: f64 = 0.166_666_666_666_666_02;
    const P2: f64 = -0.002_777_777_777_701_559_3;
    const P3: f64 = 6.613_756_321_437_934e-5;
    const P4: f64 = -1.653_390_220_546_525_2e-6;
    const P5: f64 = 4.138_136_797_057_238_5e-8;
    let size = x.abs();
    let k = (std::f64::consts::LOG2_E * x + 0.5_f64.copysign(x)).trunc();
    let k = if size >= f64::from_bits(MUCH_LN2) { k } else { 1.0_f64.copysign(x) };
    let k = if size >= f64::from_bits(HALF_LN2) { k } else { 0.0 };
    let (high, low) = (x - k * LN2_HIGH, k * LN2_LOW);
    let r = high - low;
    let rr = r * r;
    let c = r - rr * (P1 + rr * (P2 + rr * (P3 + rr * (P4 + rr * P5))));
    let y = 1.0 + (r * c / (2.0 - c) - low + high);
    let power = f64::from_bits((k + TO_BITS).to_bits() << 52);
    if size >= f64::from_bits(TINY) { y * power } else { 1.0 + x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_that_of_libm() {
        // Where branches meet, one number to both sides; then all over, small and large.
        let edges = [HALF_LN2, MUCH_LN2, TINY, FAR.to_bits(), 0x4086_232b_0000_0000, 0x4086_2e42_fefa_39ef];
        let around = edges.into_iter().flat_map(|edge| [edge - 1, edge, edge + 1]).map(f64::from_bits);
        let others = [0.0, f64::MIN_POSITIVE, 709.0, 710.0, 745.0, 746.0, 1e300, f64::INFINITY];
        let mut x: Vec<f64> = around.chain(others).collect();
        x.extend((0..400_000).map(|k| f64::from(k) * 1.8e-3 + 1.7e-5));
        x.extend((0..400_000).map(|k| f64::from(k) * 3e-6 + 1e-9));
        x.extend((0..1_000).map(|k| f64::from(k) * 1e-11));
        let mut both = x.clone();
        both.extend(x.iter().map(|x| -x));
        let mut out = vec![0.0; both.len()];
        for at_once in [both.len(), 1] {
            for (out, x) in out.chunks_mut(at_once).zip(both.chunks(at_once)) {
                crate::num::vectors::run(
                    #[inline(always)]
                    || exponentials(out, x, |x| x),
                );
            }
            for (out, x) in out.iter().zip(&both) {
                assert_eq!(out.to_bits(), libm::exp(*x).to_bits(), "e^{x}");
            }
        }
        exponentials(&mut out, &[f64::NAN], |x| x);
        assert!(out.first().is_some_and(|x| x.is_nan()));
    }
}
