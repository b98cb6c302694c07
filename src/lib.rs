//! vointi
pub mod cohort;
pub mod definition;
mod error;
mod expression;
pub mod index;
pub mod indicator;
mod num;
pub mod report;
pub mod scale;
pub mod table;

pub use cohort::{Cohort, Flag, Flags, Person};
pub use definition::Definition;
pub use error::{Error, ErrorKind, Fault, Place, Result};
pub use index::{Calibration, Index, Scores};
#[cfg(feature = "linfa")]
pub use linfa;
pub use ndarray;
pub use table::Table;
