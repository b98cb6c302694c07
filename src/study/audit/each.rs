//! The same for every one of some things, on all threads of the current rayon pool: in order, so the same for any number.

#[cfg(feature = "parallel")]
pub(in crate::study) fn each<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    use rayon::prelude::*;
    items.par_iter().map(of).collect()
}

#[cfg(not(feature = "parallel"))]
pub(in crate::study) fn each<T, R>(items: &[T], of: impl Fn(&T) -> R) -> Vec<R> {
    items.iter().map(of).collect()
}
