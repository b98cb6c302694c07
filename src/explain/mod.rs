//! Why the scores are as they are, as finished values: what is found in a cohort, where a person stands and why, and what
//! goes with a change.
//!
//! Nothing here formats for people; `report` lays these values out.

mod asked;
mod baseline;
mod contribution;
mod effects;
mod findings;
mod gather;
mod scenario;
mod shapley;
mod standing;
mod suggestion;
mod what_if;

use asked::remarks_on;
pub use asked::{model_of, remarks};
pub use baseline::{Baseline, BaselineOf};
pub use contribution::{Contribution, Contributions, contributions};
pub use effects::{Change, ChoiceEffect, ChoiceEffects, Shared};
pub use findings::{Findings, Histogram, Observed};
pub use scenario::Scenario;
pub use standing::{Among, InBand, Placed, Standing};
pub use suggestion::{Look, Proposal, Setting, Suggestion, proposals, worth_a_look};
pub use what_if::{CohortWhatIf, NewValue, SetTo, Share, WhatIf, what_if, what_if_cohort};
