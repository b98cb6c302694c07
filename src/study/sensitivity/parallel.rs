//! Many independent things at once, given back in their order.

/// What `make` gives for 0, 1, …, in that order.
#[cfg(feature = "parallel")]
pub(super) fn each<T: Send>(count: usize, make: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    use rayon::prelude::*;
    (0..count).into_par_iter().map(make).collect()
}

#[cfg(not(feature = "parallel"))]
pub(super) fn each<T>(count: usize, make: impl Fn(usize) -> T) -> Vec<T> {
    (0..count).map(make).collect()
}

/// Does something with every item, which knows its place.
#[cfg(feature = "parallel")]
pub(super) fn for_rows<T: Send>(items: &mut [T], act: impl Fn(usize, &mut T) + Sync + Send) {
    use rayon::prelude::*;
    items.par_iter_mut().with_min_len(256).enumerate().for_each(|(row, item)| act(row, item));
}

#[cfg(not(feature = "parallel"))]
pub(super) fn for_rows<T>(items: &mut [T], act: impl Fn(usize, &mut T)) {
    items.iter_mut().enumerate().for_each(|(row, item)| act(row, item));
}
