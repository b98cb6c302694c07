//! Why a person stands where they stand, and what goes with a choice: contributions, what-if, findings.

mod asked;

pub(crate) use asked::shared_tags;
pub use asked::{model_of, remarks};
