//! Numbers only: the normal distribution, and moments of a utility of a normal reading.

pub(crate) mod normal;
pub(crate) mod utility;
