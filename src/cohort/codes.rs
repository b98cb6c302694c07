//! The answers to one item, decoded.

use std::{ops::Deref, sync::Arc};

/// Answers to an item as codes, NaN where there is none; and, where all are whole numbers from 0 to 254, once more as bytes,
/// which are read eight times as fast.
#[derive(Clone)]
pub(crate) struct Codes {
    numbers: Arc<[f64]>,
    bytes: Option<Arc<[u8]>>,
}

impl Codes {
    /// The byte of no answer.
    pub(crate) const MISSING: u8 = u8::MAX;

    /// Below so many persons bytes are not worth their memory.
    const FEW: usize = 64;

    pub(crate) fn new(numbers: Arc<[f64]>) -> Self {
        let bytes = if numbers.len() < Self::FEW { None } else { bytes_of(&numbers) };
        Self { numbers, bytes }
    }

    /// Without bytes, to be held against those with them.
    #[cfg(test)]
    pub(crate) fn numbers_alone(numbers: Arc<[f64]>) -> Self {
        Self { numbers, bytes: None }
    }

    /// The answers of these rows.
    pub(super) fn of_rows(&self, rows: &[usize]) -> Self {
        Self::new(rows.iter().map(|row| self.numbers.get(*row).copied().unwrap_or(f64::NAN)).collect())
    }

    /// All answers as numbers.
    pub(crate) fn numbers(&self) -> &Arc<[f64]> {
        &self.numbers
    }

    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        self.bytes.as_deref()
    }
}

impl Deref for Codes {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.numbers
    }
}

/// None where a code is no whole number from 0 to 254.
fn bytes_of(numbers: &[f64]) -> Option<Arc<[u8]>> {
    let mut fits = true;
    let bytes: Arc<[u8]> = numbers
        .iter()
        .map(|code| {
            let is_missing = code.is_nan();
            // Casts of floats saturate, so that nothing else than a byte's own value comes back as it was.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "compared with what it came from"
            )]
            let byte = *code as u8;
            fits &= is_missing || (f64::from(byte) == *code && byte != Codes::MISSING);
            if is_missing { Codes::MISSING } else { byte }
        })
        .collect();
    fits.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::Codes;

    #[test]
    fn bytes_are_kept_where_every_code_comes_back() {
        let of = |more: &[f64]| {
            let mut codes = vec![1.0; 70];
            codes.extend(more);
            Codes::new(codes.into()).bytes().map(|bytes| bytes.iter().skip(70).copied().collect::<Vec<u8>>())
        };
        assert_eq!(of(&[0.0, 254.0, f64::NAN, -0.0]), Some(vec![0, 254, Codes::MISSING, 0]));
        for wrong in [255.0, -1.0, 0.5, 1e9, f64::INFINITY] {
            assert_eq!(of(&[wrong]), None, "{wrong}");
        }
        assert!(Codes::new([1.0].into()).bytes().is_none(), "of one person numbers are enough");
    }
}
