//! The laws of the design, each held over generated definitions and persons.

mod aggregate;
#[cfg(feature = "frontier")]
mod counterexamples;
mod error;
mod explain;
mod filling;
mod generate;
mod independence;
mod learned;
mod missing;
mod model;
#[cfg(feature = "frontier")]
mod properties;
mod roles;
mod silence;
mod weights;

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed};

/// A fixed seed, so that a run is the same everywhere; what failed once is kept beside the tests.
fn config(cases: u32) -> Config {
    let file = FileFailurePersistence::Direct("tests/proptest-regressions/laws.txt");
    Config {
        cases,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: Some(Box::new(file)),
        ..Config::default()
    }
}

/// A small generator of our own for simulated persons: the same draws everywhere.
struct Draws(u64);

impl Draws {
    /// Uniform on (0, 1).
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The low bits of such a generator are poor; splitmix's finaliser mixes the high ones in.
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 + f64::EPSILON / 4.0
    }

    /// Standard normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let (u, v) = (self.uniform(), self.uniform());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}
