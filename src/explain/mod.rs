//! Why a person stands where they stand, and what goes with a choice: contributions, and the model a definition asks for.

mod asked;
mod baseline;
mod contribution;
mod scenario;
mod shapley;
mod what_if;

use asked::remarks_on;
pub use asked::{model_of, remarks};
pub use baseline::{Baseline, BaselineOf};
pub use contribution::{Contribution, Contributions, contributions};
pub use scenario::Scenario;
pub use what_if::{CohortWhatIf, SetTo, Share, WhatIf, what_if, what_if_cohort};
