//! Random numbers of a seed.

/// `SplitMix64`.
///
/// **Reference** Steele, G. L., Lea, D. & Flood, C. H. 2014, Fast splittable pseudorandom number generators, OOPSLA.
#[derive(Debug, Clone)]
pub(crate) struct Draws(u64);

impl Draws {
    /// A stream that is told apart from others by all of `path`.
    pub(crate) fn of(path: &[u64]) -> Self {
        let mut draws = Self(0);
        for part in path {
            draws.0 ^= part.wrapping_mul(0xd6e8_feb8_6659_fd93);
            draws.0 = draws.next();
        }
        draws
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1, in steps of 2⁻⁵³.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below `bound`, which is above 0.
    ///
    /// **Formula** ⌊draw × bound / 2⁶⁴⌋.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * bound as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::Draws;

    #[test]
    fn streams_are_told_apart_and_even() {
        let mut draws = Draws(0);
        assert_eq!(draws.next(), 0xe220_a839_7b1d_cdaf, "the first number of the published generator");
        assert_ne!(Draws::of(&[1, 2]).next(), Draws::of(&[2, 1]).next());
        let mut draws = Draws::of(&[7]);
        let mean = (0..10_000).map(|_| draws.unit()).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.01);
        let mut counts = [0; 3];
        for _ in 0..30_000 {
            counts[draws.below(3)] += 1;
        }
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)));
    }
}
