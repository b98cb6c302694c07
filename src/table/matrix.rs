//! The ndarray door: in with NaN for missing, out with NaN for missing.

use ndarray::{Array2, ArrayView2};

use super::column::Column;
use super::{Table, TableBuilder};
use crate::error::{Error, ErrorKind, Fault, Result};

impl Table {
    /// A table of number columns, one per column of `values`.
    ///
    /// **Missing data.** NaN is a missing number.
    ///
    /// # Errors
    /// All faults together: a number of names that is not the number of columns, repeated or empty names, and for
    /// each column the rows with an infinite number.
    ///
    /// # Example
    /// ```
    /// use vointi::{ndarray::array, table::Table};
    /// let table = Table::from_ndarray(&["mood", "sleep"], array![[7.0, 8.0], [f64::NAN, 6.5]].view())?;
    /// assert_eq!(table.column("mood")?.number(1), None);
    /// assert_eq!(table.column("sleep")?.number(1), Some(6.5));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn from_ndarray(names: &[&str], values: ArrayView2<'_, f64>) -> Result<Self> {
        let mut builder = TableBuilder::default();
        if names.len() != values.ncols() {
            let what = format!("{} names for a matrix of {} columns", names.len(), values.ncols());
            return Err(Error::new(ErrorKind::Table, vec![Fault::new(what)]));
        }
        for (name, column) in names.iter().zip(values.columns()) {
            builder = builder.made((*name).to_owned(), Column::numbers_or_nan(column.to_vec()));
        }
        builder.build()
    }

    /// The named columns side by side, one row per row of the table. A factor gives the positions of its levels:
    /// 0, 1, ….
    ///
    /// **Missing data.** A missing cell is NaN.
    ///
    /// # Errors
    /// All faults together: unknown columns, and columns of texts without declared levels, whose numbers would
    /// depend on the order of the rows.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// let table = Table::builder()
    ///     .number("age", [Some(41.0), None])
    ///     .factor("size", ["small", "large"], [Some("large"), Some("small")])
    ///     .build()?;
    /// let matrix = table.matrix_or_nan(&["size", "age"])?;
    /// assert_eq!(matrix[[0, 0]], 1.0);
    /// assert!(matrix[[1, 1]].is_nan());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn matrix_or_nan(&self, names: &[&str]) -> Result<Array2<f64>> {
        let mut faults = Vec::new();
        let mut columns = Vec::new();
        for &name in names {
            match self.get(name) {
                None => faults.push(self.unknown(name)),
                Some(column) if column.is_number() || column.is_factor() || column.observed() == 0 => {
                    columns.push(column);
                }
                Some(_) => faults.push(
                    Fault::new("texts, where numbers are needed")
                        .column(name)
                        .help("leave it out, or declare its levels with `Column::with_levels`"),
                ),
            }
        }
        if !faults.is_empty() {
            return Err(self.error(faults));
        }
        let mut matrix = Array2::from_elem((self.rows(), names.len()), f64::NAN);
        for (mut to, column) in matrix.columns_mut().into_iter().zip(columns) {
            if let Some(numbers) = column.as_numbers() {
                to.iter_mut().zip(numbers).for_each(|(to, from)| *to = *from);
            } else if let Some((codes, _)) = column.as_codes() {
                for (to, &code) in to.iter_mut().zip(codes) {
                    *to = if code == Column::MISSING { f64::NAN } else { f64::from(code) };
                }
            }
        }
        Ok(matrix)
    }
}
