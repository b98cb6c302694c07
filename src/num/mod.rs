//! Numbers only: the normal, Student's and Fisher's distributions, moments of a utility of a normal reading, small
//! symmetric matrices, one common factor, evenly spread points.

pub(crate) mod cholesky;
pub(crate) mod correlation;
pub(crate) mod double;
pub(crate) mod draw;
pub(crate) mod eigen;
pub(crate) mod exponential;
pub(crate) mod fisher;
pub(crate) mod importance;
pub(crate) mod normal;
pub(crate) mod one_factor;
pub(crate) mod pairwise;
pub(crate) mod peak;
pub(crate) mod rank;
pub(crate) mod shape;
pub(crate) mod singular;
pub(crate) mod sobol;
pub(crate) mod spread;
pub(crate) mod stretch;
pub(crate) mod student;
pub(crate) mod utility;
pub(crate) mod varimax;
pub(crate) mod vectors;
