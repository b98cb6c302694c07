//! The largest value a function has had on the way to a point.

/// Between two points of the scan; a feature of a normal error narrower than this does not exist.
const STEP: f64 = 1.2;
/// Of golden sections: 1.44 · 0.618⁴⁰ of the point is far below what a peak, flat at its top, can show.
const SECTIONS: u32 = 40;
/// From 0 the way begins at this share of its end.
const NEAREST: f64 = 1.0 / 4096.0;

/// **Formula** max f(s) over `from` ≤ s ≤ `to`, for `f` smooth in log s. The scan goes over powers of 1.2, the same for
/// every end, and each peak is found by golden section, so that the result never falls as `to` grows.
pub(crate) fn largest_up_to(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    if to <= from {
        return f(to);
    }
    let from = from.max(to * NEAREST);
    let mut exponent = (libm::log(from) / libm::log(STEP)).floor();
    let mut next = |after: f64| loop {
        exponent += 1.0;
        let point = libm::pow(STEP, exponent);
        if point > after {
            return point;
        }
    };
    let mut largest = f(from).max(f(to));
    // Of the point before, the point, and the one after it; at the start the first two are one.
    let (mut left, mut middle) = (from, from);
    let (mut f_left, mut f_middle) = (f64::NEG_INFINITY, f(from));
    while left < to {
        let right = next(middle);
        let f_right = f(right);
        if f_middle > f_left && f_middle > f_right {
            let (at, peak) = peak_between(left, right, &f);
            if at <= to {
                largest = largest.max(peak);
            }
        }
        if middle <= to {
            largest = largest.max(f_middle);
        }
        (left, f_left) = (middle, f_middle);
        (middle, f_middle) = (right, f_right);
    }
    largest
}

/// Golden section.
fn peak_between(mut left: f64, mut right: f64, f: impl Fn(f64) -> f64) -> (f64, f64) {
    let golden = (libm::sqrt(5.0) - 1.0) / 2.0;
    let mut inner = right - golden * (right - left);
    let mut outer = left + golden * (right - left);
    let (mut f_inner, mut f_outer) = (f(inner), f(outer));
    for _ in 0..SECTIONS {
        if f_inner >= f_outer {
            right = outer;
            (outer, f_outer) = (inner, f_inner);
            inner = right - golden * (right - left);
            f_inner = f(inner);
        } else {
            left = inner;
            (inner, f_inner) = (outer, f_outer);
            outer = left + golden * (right - left);
            f_outer = f(outer);
        }
    }
    if f_inner >= f_outer { (inner, f_inner) } else { (outer, f_outer) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f = s e^(1 − s) has its peak, 1, at s = 1; before it the value itself is the largest.
    #[test]
    fn a_peak_is_kept() {
        let f = |s: f64| s * (1.0 - s).exp();
        for to in [0.2, 0.7, 0.99] {
            assert_eq!(largest_up_to(0.1, to, f), f(to));
        }
        for to in [1.0001, 1.05, 1.3, 2.0, 40.0] {
            assert!((largest_up_to(0.1, to, f) - 1.0).abs() < 1e-12, "{to}");
        }
        assert_eq!(largest_up_to(2.0, 5.0, f), f(2.0));
        assert_eq!(largest_up_to(3.0, 3.0, f), f(3.0));
        assert!((largest_up_to(0.0, 3.0, f) - 1.0).abs() < 1e-12);
    }

    /// Several peaks: the result never falls.
    #[test]
    fn it_never_falls() {
        let f = |s: f64| 2.0 + (3.0 * s.ln()).sin() - 0.1 * s;
        let mut before = 0.0;
        for k in 0..4000 {
            let found = largest_up_to(0.3, 0.3 + 0.005 * f64::from(k), f);
            assert!(found >= before * (1.0 - 1e-12), "{k}: {before} to {found}");
            before = found;
        }
    }
}
