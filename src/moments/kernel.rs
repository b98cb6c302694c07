//! Sums of products of the columns of a block, a tile of columns at a time.

/// Rows of a block. Shorter ones are filled up with zeros, which add nothing.
pub(crate) const ROWS: usize = 512;

/// Columns of a tile: nine sums of four lanes stay in registers.
const TILE: usize = 3;
const LANES: usize = 4;

/// Where the product of two columns stands in a packed lower triangle; `row` ≥ `column`.
pub(crate) fn at(row: usize, column: usize) -> usize {
    row * (row + 1) / 2 + column
}

/// Adds Σ xᵢ xⱼ of every pair of columns to the triangle; `block` holds [`ROWS`] cells a column, one after the other.
///
/// The order of the additions is fixed, four lanes of every fourth row, whatever the processor has.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
pub(crate) fn add_products(block: &[f64], triangle: &mut [f64]) {
    let width = block.len() / ROWS;
    let mut left = 0;
    while left < width {
        let mut right = 0;
        while right <= left {
            let sums = tile(columns(block, left), columns(block, right));
            for (row, sums) in (left..width).zip(sums) {
                for (column, sum) in (right..=row).zip(sums) {
                    if let Some(cell) = triangle.get_mut(at(row, column)) {
                        *cell += sum;
                    }
                }
            }
            right += TILE;
        }
        left += TILE;
    }
}

/// Adds Σ x of every column.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
pub(crate) fn add_sums(block: &[f64], sums: &mut [f64]) {
    for (column, sum) in block.chunks_exact(ROWS).zip(sums) {
        let mut lanes = [0.0; LANES];
        for chunk in column.chunks_exact(LANES) {
            for (lane, value) in lanes.iter_mut().zip(chunk) {
                *lane += value;
            }
        }
        *sum += (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    }
}

/// The columns of a tile; beyond the last one, the last again, whose sums nobody takes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn columns(block: &[f64], first: usize) -> [&[f64]; TILE] {
    let last = (block.len() / ROWS).saturating_sub(1);
    [0, 1, 2].map(|k| {
        let from = (first + k).min(last) * ROWS;
        block.get(from..from + ROWS).unwrap_or_default()
    })
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled once more inside the vector dispatch")]
fn tile(left: [&[f64]; TILE], right: [&[f64]; TILE]) -> [[f64; TILE]; TILE] {
    let mut sums = [[[0.0; LANES]; TILE]; TILE];
    let [l0, l1, l2] = left.map(|column| column.as_chunks::<LANES>().0);
    let [r0, r1, r2] = right.map(|column| column.as_chunks::<LANES>().0);
    let pairs = l0.iter().zip(l1).zip(l2).zip(r0.iter().zip(r1).zip(r2));
    for (((a0, a1), a2), ((b0, b1), b2)) in pairs {
        for (row, a) in sums.iter_mut().zip([a0, a1, a2]) {
            for (sum, b) in row.iter_mut().zip([b0, b1, b2]) {
                for lane in 0..LANES {
                    sum[lane] += a[lane] * b[lane];
                }
            }
        }
    }
    sums.map(|row| row.map(|lanes| (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])))
}
