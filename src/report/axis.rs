//! Where marks go on an axis, and which ticks it gets.

/// From values to places on paper.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Axis {
    /// The values `from` to `to` over the places `start` to `end`; an axis of one value is widened.
    pub(super) fn new([from, to]: [f64; 2], [start, end]: [f64; 2]) -> Self {
        let to = if to > from { to } else { from + 1.0 };
        Self { from, to, start, end }
    }

    /// The place of a value; what lies outside goes to the nearer end.
    pub(super) fn at(self, value: f64) -> f64 {
        let share = ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        self.start + share * (self.end - self.start)
    }

    /// About so many ticks at round values within the axis.
    pub(super) fn ticks(self, about: f64) -> Ticks {
        let step = round_step((self.to - self.from) / about);
        let first = (self.from / step - 1e-9).ceil();
        let last = (self.to / step + 1e-9).floor();
        let mut values = Vec::new();
        let mut at = first;
        while at <= last {
            // Adding 0 takes the sign off −0.
            values.push(at * step + 0.0);
            at += 1.0;
        }
        Ticks { values, decimals: decimals_of(step) }
    }
}

/// Round values along an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ticks {
    pub(super) values: Vec<f64>,
    /// Places after the point that tell them apart.
    pub(super) decimals: usize,
}

/// The range of some values and 0, with a little room beyond.
pub(super) fn range_with_0(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let room = if high > low { 0.04 * (high - low) } else { 0.5 };
    [low - room, high + room]
}

/// The step of 1, 2 or 5 times a power of ten nearest above.
fn round_step(rough: f64) -> f64 {
    let power = libm::pow(10.0, rough.log10().floor());
    let step = [1.0, 2.0, 5.0].into_iter().find(|step| step * power >= rough * (1.0 - 1e-9));
    step.unwrap_or(10.0) * power
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 9")]
fn decimals_of(step: f64) -> usize {
    (-(step.log10() + 1e-9).floor()).clamp(0.0, 9.0) as usize
}

#[cfg(test)]
mod tests {
    use super::{Axis, range_with_0};

    #[test]
    fn ticks_are_round() {
        let ticks = |from, to, about| {
            let found = Axis::new([from, to], [0.0, 1.0]).ticks(about);
            (found.values, found.decimals)
        };
        assert_eq!(ticks(0.0, 100.0, 5.0), (vec![0.0, 20.0, 40.0, 60.0, 80.0, 100.0], 0));
        assert_eq!(ticks(-3.0, 3.0, 6.0), (vec![-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0], 0));
        assert_eq!(ticks(-0.4, 0.5, 4.0), (vec![0.0, 0.5], 1), "a step of 0.5");
        assert_eq!(ticks(0.0, 0.0, 2.0), (vec![0.0, 0.5, 1.0], 1), "an axis of one value is widened");
    }

    #[test]
    fn ranges_take_in_0() {
        assert_eq!(range_with_0([1.5, 5.0].into_iter()), [-0.2, 5.2]);
        assert_eq!(range_with_0([-5.0, -1.5].into_iter()), [-5.2, 0.2]);
        assert_eq!(range_with_0([f64::NAN].into_iter()), [-0.5, 0.5]);
    }

    #[test]
    fn values_outside_stay_on_the_paper() {
        let axis = Axis::new([0.0, 100.0], [10.0, 210.0]);
        assert_eq!([axis.at(50.0), axis.at(-20.0), axis.at(120.0)], [110.0, 10.0, 210.0]);
    }
}
