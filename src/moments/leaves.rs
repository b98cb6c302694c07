//! Reductions over rows in a fixed tree: the same bits for any number of threads.

use std::ops::Range;

use super::kernel::ROWS;

/// Rows of a leaf: sixteen blocks at absolute row boundaries.
const LEAF: usize = 16 * ROWS;

/// Reduces the rows: `leaf` gives the result of up to [`LEAF`] rows, `merge` joins those of neighbours.
///
/// The rows are halved at leaf boundaries, so that the tree depends on their number alone.
pub(crate) fn reduce<T: Send>(
    rows: usize,
    leaf: &(impl Fn(Range<usize>) -> T + Sync),
    merge: &(impl Fn(T, T) -> T + Sync),
) -> T {
    halves(0..rows, leaf, merge)
}

fn halves<T: Send>(
    rows: Range<usize>,
    leaf: &(impl Fn(Range<usize>) -> T + Sync),
    merge: &(impl Fn(T, T) -> T + Sync),
) -> T {
    let leaves = rows.len().div_ceil(LEAF);
    if leaves <= 1 {
        return leaf(rows);
    }
    let middle = rows.start + leaves / 2 * LEAF;
    let (first, second) = (rows.start..middle, middle..rows.end);
    #[cfg(feature = "parallel")]
    let (first, second) = rayon::join(|| halves(first, leaf, merge), || halves(second, leaf, merge));
    #[cfg(not(feature = "parallel"))]
    let (first, second) = (halves(first, leaf, merge), halves(second, leaf, merge));
    merge(first, second)
}

/// The blocks of a leaf.
pub(crate) fn blocks(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(ROWS).map(move |from| from..end.min(from + ROWS))
}
