//! Sobol′ points: evenly spread in as many as 128 dimensions.

mod directions;

use directions::DIRECTIONS;

use super::draw::Draws;

/// The most dimensions a point may have.
pub(crate) const MOST_DIMENSIONS: usize = DIRECTIONS.len();

const BITS: usize = 32;

/// Sobol′ points, shifted by a seed.
///
/// **Formula** point n is ⊕ vₖ over the bits k of n ⊕ ⌊n/2⌋, with the direction numbers vₖ of Joe and Kuo; a digital shift
/// adds, bit by bit without carry, one random number a dimension, which keeps how evenly the points lie.
///
/// **Reference** Sobol′ 1967; Antonov & Saleev 1979 for the order; Joe & Kuo 2008 for the numbers.
#[derive(Debug, Clone)]
pub(crate) struct Sobol {
    directions: Vec<[u32; BITS]>,
    shift: Vec<u32>,
}

impl Sobol {
    /// Points of so many dimensions, at most [`MOST_DIMENSIONS`].
    pub(crate) fn new(dimensions: usize, seed: u64) -> Self {
        let mut plain = Self::plain(dimensions);
        for (at, shift) in plain.shift.iter_mut().enumerate() {
            *shift = u32::try_from(Draws::of(&[seed, at as u64]).next() >> 32).unwrap_or(0);
        }
        plain
    }

    /// Without a shift.
    fn plain(dimensions: usize) -> Self {
        let directions: Vec<_> = DIRECTIONS.iter().take(dimensions).map(expand).collect();
        let shift = vec![0; directions.len()];
        Self { directions, shift }
    }

    /// Coordinate `dimension` of point `n`, as a whole number of 2⁻³².
    pub(crate) fn bits(&self, n: u32, dimension: usize) -> u32 {
        let (Some(directions), Some(shift)) = (self.directions.get(dimension), self.shift.get(dimension))
        else {
            return 0;
        };
        let gray = n ^ (n >> 1);
        let of_bit = directions.iter().enumerate().filter(|(bit, _)| gray >> bit & 1 == 1);
        of_bit.fold(*shift, |sum, (_, direction)| sum ^ direction)
    }
}

/// From 0 to below 1.
pub(crate) fn unit(bits: u32) -> f64 {
    f64::from(bits) / 4_294_967_296.0
}

/// All direction numbers of a dimension, by the recurrence of its polynomial.
fn expand((polynomial, first): &(u32, &[u32])) -> [u32; BITS] {
    let degree = polynomial.ilog2() as usize;
    let mut numbers = first.to_vec();
    for at in numbers.len()..BITS {
        let back = |k: usize| numbers.get(at.wrapping_sub(k)).copied().unwrap_or(0);
        // The first dimension has no polynomial; its numbers are all 1.
        let mut number = if degree == 0 { 1 } else { back(degree) };
        for k in 1..=degree {
            if polynomial >> (degree - k) & 1 == 1 {
                number ^= back(k) << k;
            }
        }
        numbers.push(number);
    }
    let mut scaled = [0; BITS];
    for (at, (scaled, number)) in scaled.iter_mut().zip(&numbers).enumerate() {
        *scaled = number << (BITS - 1 - at);
    }
    scaled
}

#[cfg(test)]
mod tests {
    use super::{MOST_DIMENSIONS, Sobol, unit};

    /// Of scipy 1.17.1, `qmc.Sobol(128, scramble=False, bits=32)`.
    const SCIPY: [(u32, [f64; 8]); 5] = [
        (1, [0.5; 8]),
        (2, [0.75, 0.25, 0.25, 0.75, 0.25, 0.75, 0.75, 0.25]),
        (7, [0.125, 0.625, 0.375, 0.375, 0.125, 0.375, 0.125, 0.375]),
        (
            1000,
            [
                0.219_726_562_5,
                0.096_679_687_5,
                0.518_554_687_5,
                0.907_226_562_5,
                0.344_726_562_5,
                0.446_289_062_5,
                0.129_882_812_5,
                0.543_945_312_5,
            ],
        ),
        (
            4095,
            [
                0.000_244_140_625,
                0.941_162_109_375,
                0.334_228_515_625,
                0.078_857_421_875,
                0.609_130_859_375,
                0.553_466_796_875,
                0.130_126_953_125,
                0.261_474_609_375,
            ],
        ),
    ];

    #[test]
    fn points_are_those_of_scipy() {
        let points = Sobol::plain(MOST_DIMENSIONS);
        for (n, expected) in SCIPY {
            let found = [0, 1, 2, 5, 17, 63, 64, 127].map(|dimension| unit(points.bits(n, dimension)));
            assert_eq!(found, expected, "point {n}");
        }
        let weighed =
            |n| (0..MOST_DIMENSIONS).map(|at| unit(points.bits(n, at)) * (at as f64 + 1.0)).sum::<f64>();
        assert_eq!((0..4096).map(weighed).sum::<f64>(), 16_904_160.0, "all 4,096 points of all dimensions");
    }

    #[test]
    fn a_shift_keeps_every_quarter_as_full() {
        let points = Sobol::new(6, 3);
        for dimension in 0..6 {
            let mut quarters = [0; 4];
            (0..64).for_each(|n| quarters[(points.bits(n, dimension) >> 30) as usize] += 1);
            assert_eq!(quarters, [16; 4]);
        }
        assert_ne!(points.bits(0, 0), Sobol::new(6, 4).bits(0, 0));
        let shift = points.bits(0, 2);
        assert_eq!(points.bits(9, 2) ^ shift, Sobol::plain(6).bits(9, 2));
    }
}
