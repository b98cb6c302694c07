//! The linfa door: complete rows as a `linfa::Dataset`.

use std::fmt;

use linfa::Dataset;
use ndarray::{Axis, Ix1};

use super::Table;
use crate::error::{Fault, Result};

/// The complete rows of a table as a [`linfa::Dataset`], and which rows they are.
///
/// **Missing data.** There is none in it: rows with a missing cell were left out, and `rows` tells which stayed.
///
/// `Debug` shows its shape, never a cell; beware that the dataset's own `Debug` shows all.
///
/// # Example
/// ```
/// use vointi::table::Table;
/// let table = Table::builder()
///     .number("sleep", [Some(8.0), None, Some(6.5)])
///     .number("mood", [Some(7.0), Some(5.0), Some(4.0)])
///     .build()?;
/// let complete = table.dataset(&["sleep"], "mood")?;
/// assert_eq!(complete.rows, [0, 2]);
/// assert_eq!(complete.dataset.targets.to_vec(), [7.0, 4.0]);
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Complete {
    /// Records and target, with the names of their columns.
    pub dataset: Dataset<f64, f64, Ix1>,
    /// The row of the table each record came from, counted from 0, rising.
    pub rows: Vec<usize>,
}

impl Table {
    /// The rows in which neither the records nor the target are missing, for any linfa estimator. Factors enter as
    /// in [`matrix_or_nan`](Self::matrix_or_nan).
    ///
    /// **Missing data.** Rows with a missing cell are left out; [`Complete::rows`] tells which stayed.
    ///
    /// # Errors
    /// All faults together: unknown columns, columns of texts, the target among the records; and if no row is
    /// complete.
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// let table = Table::builder().number("sleep", [Some(8.0)]).number("mood", [None]).build()?;
    /// let error = table.dataset(&["sleep"], "mood").unwrap_err();
    /// assert!(error.to_string().contains("no complete row"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn dataset(&self, records: &[&str], target: &str) -> Result<Complete> {
        let mut names = records.to_vec();
        names.push(target);
        let mut faults = Vec::new();
        if records.is_empty() {
            faults.push(Fault::new("no column for the records").help("name one or more"));
        }
        if records.contains(&target) {
            faults.push(
                Fault::new("both a record and the target").column(target).help("take it off the records"),
            );
        }
        let matrix = match self.matrix_or_nan(&names) {
            Ok(matrix) if faults.is_empty() => matrix,
            Ok(_) => return Err(self.error(faults)),
            Err(error) => {
                faults.extend(error.into_faults());
                return Err(self.error(faults));
            }
        };
        let complete = |row: &usize| !matrix.row(*row).iter().any(|value| value.is_nan());
        let rows: Vec<usize> = (0..self.rows()).filter(complete).collect();
        if rows.is_empty() {
            let what = format!("no complete row among {}", self.rows());
            let help = format!("every row misses one of {}", names.join(", "));
            return Err(self.error(vec![Fault::new(what).help(help)]));
        }
        let matrix = matrix.select(Axis(0), &rows);
        let target_values = matrix.column(records.len()).to_owned();
        let mut record_values = matrix;
        record_values.remove_index(Axis(1), records.len());
        let dataset = Dataset::new(record_values, target_values)
            .with_feature_names(records.to_vec())
            .with_target_names(vec![target]);
        Ok(Complete { dataset, rows })
    }
}

impl fmt::Debug for Complete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Complete({} rows, {} records each)", self.rows.len(), self.dataset.records.ncols())
    }
}
