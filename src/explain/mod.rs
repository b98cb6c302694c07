//! Why a score is what it is: how many points each indicator adds to it or takes from it, against a baseline.

mod baseline;
mod contribution;
mod shapley;

pub use baseline::{Baseline, BaselineOf};
pub use contribution::{Contribution, Contributions, contributions};
