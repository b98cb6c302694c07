//! vointi
pub mod definition;
mod error;
mod expression;
mod num;

pub use definition::Definition;
pub use error::{Error, ErrorKind, Fault, Place, Result};
