//! Numbers only: the normal and Student's distributions, moments of a utility of a normal reading, small symmetric
//! matrices.

pub(crate) mod cholesky;
pub(crate) mod double;
pub(crate) mod exponential;
pub(crate) mod normal;
pub(crate) mod peak;
pub(crate) mod singular;
pub(crate) mod spread;
pub(crate) mod stretch;
pub(crate) mod student;
pub(crate) mod utility;
pub(crate) mod vectors;
