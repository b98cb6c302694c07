//! The 2-additive Choquet integral.

/// **Formula** Σ mᵢ xᵢ + Σ mᵢⱼ min(xᵢ, xⱼ), m the Möbius masses; every child is observed.
pub(super) fn integral(alone: &[f64], pairs: &[(usize, usize, f64)], row: &[(f64, f64)]) -> f64 {
    let single: f64 = alone.iter().zip(row).map(|(mass, (x, _))| mass * x).sum();
    let x = |at: usize| row.get(at).map_or(f64::NAN, |(x, _)| *x);
    let both: f64 = pairs.iter().map(|(i, j, mass)| mass * x(*i).min(x(*j))).sum();
    // `min` passes over a missing one; the sum alone has it.
    single + both
}

#[cfg(test)]
mod tests {
    use super::integral;

    /// The same by the capacity: Σ (x₍ₖ₎ − x₍ₖ₋₁₎) μ(those from k up).
    #[test]
    fn the_masses_give_the_integral_of_their_capacity() {
        let (alone, pairs) = ([0.4, 0.3, 0.2], [(0, 1, 0.3), (1, 2, -0.2)]);
        let row = [(70.0, 1.0), (20.0, 1.0), (90.0, 1.0)];
        let capacity = |of: &[usize]| -> f64 {
            let pairs = pairs.iter().filter(|(i, j, _)| of.contains(i) && of.contains(j));
            of.iter().map(|i| alone[*i]).sum::<f64>() + pairs.map(|(_, _, mass)| mass).sum::<f64>()
        };
        let by_steps = 20.0 * capacity(&[0, 1, 2]) + 50.0 * capacity(&[0, 2]) + 20.0 * capacity(&[2]);
        assert!((integral(&alone, &pairs, &row) - by_steps).abs() < 1e-12);
    }
}
