//! Rotation of loadings to simple structure.

/// Rotates loadings, one row a variable, so that the variance of their squares within components is largest.
///
/// **Formula** rows brought to unit length (Kaiser's normalisation); two components at a time are turned by a quarter of
/// the angle of D − 2AB/p against C − (A² − B²)/p, with u = x² − y², v = 2xy, A = Σu, B = Σv, C = Σ(u² − v²), D = 2Σuv
/// over p rows, until nothing turns.
///
/// **Reference** Kaiser 1958, Psychometrika 23: 187–200.
pub(crate) fn rotate(loadings: &mut [Vec<f64>]) {
    let kept = loadings.first().map_or(0, Vec::len);
    let length = |row: &Vec<f64>| row.iter().map(|x| x * x).sum::<f64>().sqrt();
    let lengths: Vec<f64> = loadings.iter().map(length).collect();
    scale(loadings, &lengths, |x, length| x / length);
    for _sweep in 0..1000 {
        let mut largest: f64 = 0.0;
        for one in 0..kept {
            for other in one + 1..kept {
                largest = largest.max(turn(loadings, one, other));
            }
        }
        if largest <= 1e-15 {
            break;
        }
    }
    scale(loadings, &lengths, |x, length| x * length);
}

fn scale(loadings: &mut [Vec<f64>], lengths: &[f64], by: fn(f64, f64) -> f64) {
    for (row, length) in loadings.iter_mut().zip(lengths).filter(|(_, length)| **length > 0.0) {
        for x in row.iter_mut() {
            *x = by(*x, *length);
        }
    }
}

/// Turns two components against each other; by how much.
fn turn(loadings: &mut [Vec<f64>], one: usize, other: usize) -> f64 {
    let pair =
        |row: &Vec<f64>| (row.get(one).copied().unwrap_or(0.0), row.get(other).copied().unwrap_or(0.0));
    let [mut a, mut b, mut c, mut d] = [0.0; 4];
    for (x, y) in loadings.iter().map(pair) {
        let (u, v) = (x * x - y * y, 2.0 * x * y);
        a += u;
        b += v;
        c += u * u - v * v;
        d += 2.0 * u * v;
    }
    let rows = loadings.len() as f64;
    let (across, along) = (d - 2.0 * a * b / rows, c - (a * a - b * b) / rows);
    // Where both are rounding there is no best angle.
    if across.abs().max(along.abs()) <= 1e-14 {
        return 0.0;
    }
    let angle = libm::atan2(across, along) / 4.0;
    let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
    for row in loadings.iter_mut() {
        let (x, y) = pair(row);
        for (at, value) in [(one, cosine * x + sine * y), (other, cosine * y - sine * x)] {
            if let Some(cell) = row.get_mut(at) {
                *cell = value;
            }
        }
    }
    angle.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Simple structure, turned away, comes back up to order and sign; lengths stay.
    #[test]
    fn simple_structure_comes_back() {
        let simple = [[0.9, 0.0], [0.8, 0.0], [0.0, 0.7], [0.0, 0.6]];
        let (sine, cosine) = 0.4_f64.sin_cos();
        let mut loadings: Vec<Vec<f64>> =
            simple.iter().map(|[x, y]| vec![cosine * x - sine * y, sine * x + cosine * y]).collect();
        rotate(&mut loadings);
        for (row, [x, y]) in loadings.iter().zip(simple) {
            assert!((row[0].abs() - x).abs() < 1e-14 && (row[1].abs() - y).abs() < 1e-14, "{row:?}");
        }
    }
}
