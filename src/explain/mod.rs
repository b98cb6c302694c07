//! Why a person stands where they stand, and what goes with a choice: contributions, and the model a definition asks for.

mod asked;
mod baseline;
mod contribution;
mod shapley;

pub(crate) use asked::shared_tags;
pub use asked::{model_of, remarks};
pub use baseline::{Baseline, BaselineOf};
pub use contribution::{Contribution, Contributions, contributions};
