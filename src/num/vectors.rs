//! Work compiled once more for the processor's vector instructions.

#![expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]

use pulp::{Arch, Scalar256b, Simd, WithSimd};

/// Numbers in a vector, whatever the processor has: the order of sums depends on it.
pub(crate) const LANES: usize = 4;

/// Runs `work` with the longest vectors of the processor: AVX-512, AVX2, or what every processor of its kind has.
///
/// What it calls has to be inlined into it to be compiled for them. Nothing is fused or reordered: the bits are the same
/// on every machine.
#[inline(always)]
pub(crate) fn run<R>(work: impl FnMut() -> R) -> R {
    Arch::new().dispatch(Work(work))
}

/// A closure that is not called as `FnOnce`: for one that could run again that is a function of its own, which is
/// compiled for the least processor.
struct Work<F>(F);

impl<R, F: FnMut() -> R> WithSimd for Work<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) -> R {
        (self.0)()
    }
}

/// Work on vectors of [`LANES`] numbers, where a compiler left alone finds others.
pub(crate) trait OnLanes {
    type Output;

    /// To be marked `#[inline(always)]`.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// Runs work on vectors of [`LANES`] numbers if the processor has them, also where it has longer ones, else on arrays of as
/// many.
#[inline(always)]
pub(crate) fn on_lanes<W: OnLanes>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return Simd::vectorize(simd, Four(work));
    }
    Arch::new().dispatch(Four(work))
}

struct Four<W>(W);

impl<W: OnLanes> WithSimd for Four<W> {
    type Output = W::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> W::Output {
        if S::F64_LANES == LANES { self.0.run(simd) } else { self.0.run(Scalar256b) }
    }
}

/// The lanes of a vector added up, in pairs.
#[inline(always)]
pub(crate) fn total<S: Simd>(lanes: S::f64s) -> f64 {
    let mut cells = [0.0; LANES];
    if let Some(first) = S::as_mut_simd_f64s(&mut cells).0.first_mut() {
        *first = lanes;
    }
    (cells[0] + cells[1]) + (cells[2] + cells[3])
}
