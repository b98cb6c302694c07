//! Sums that merge: how many rows, and the sums and sums of products of their columns about a fixed shift.
//!
//! What a linear model needs of the data is in these sums, and those of two halves of the data add up to those of the
//! whole. So the same object serves threads, blocks of a file, and sites that may send sums but not rows.

pub(crate) mod extended;
pub(crate) mod kernel;
pub(crate) mod leaves;

use std::fmt;

use ndarray::{Array2, ArrayView2};

use crate::{
    error::{Error, ErrorKind, Fault, Result},
    num::double::Double,
};
use kernel::{ROWS, at};

/// The number of rows, Σ(x − c) and Σ(x − c)(x − c)ᵀ of some columns about a shift c.
///
/// **Formula** A mean is c + Σ(x − c)/n, a centred sum of products Σ(xᵢ − cᵢ)(xⱼ − cⱼ) − Σ(xᵢ − cᵢ) Σ(xⱼ − cⱼ)/n. With a
/// shift near the means little cancels; any row of the data will do.
///
/// Sums about the same shift merge by addition. The additions are done in blocks of 512 rows in a fixed order, so the
/// same rows give the same bits on every machine.
///
/// **Missing data.** There is none: a row is added whole.
///
/// **Reference** Chan, Golub & LeVeque 1983, The American Statistician 37: 242–247.
///
/// # Example
/// ```
/// use vointi::{moments::Moments, ndarray::array};
///
/// let mut here = Moments::about(vec![7.0, 60.0]);
/// here.add(array![[7.5, 61.0], [6.0, 55.0]].view())?;
/// let mut there = Moments::about(vec![7.0, 60.0]);
/// there.add(array![[8.0, 70.0]].view())?;
///
/// here.merge(&there)?;
/// assert_eq!((here.n(), here.means()), (3, vec![7.166666666666667, 62.0]));
/// assert_eq!(here.covariance().unwrap()[[1, 1]], 57.0);
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Moments {
    n: usize,
    shift: Vec<f64>,
    sums: Vec<f64>,
    /// The lower triangle, row after row.
    products: Vec<f64>,
}

impl Moments {
    /// No rows yet, of as many columns as the shift has numbers.
    ///
    /// # Example
    /// ```
    /// use vointi::moments::Moments;
    /// let moments = Moments::about(vec![7.0, 60.0]);
    /// assert_eq!((moments.n(), moments.width(), moments.shift()), (0, 2, [7.0, 60.0].as_slice()));
    /// ```
    pub fn about(shift: Vec<f64>) -> Self {
        let width = shift.len();
        Self { n: 0, sums: vec![0.0; width], products: vec![0.0; at(width, 0)], shift }
    }

    /// Adds rows, one a row of the matrix.
    ///
    /// # Errors
    /// Another number of columns than the shift has; a number that is not finite. Nothing is added then.
    ///
    /// # Example
    /// ```
    /// use vointi::{moments::Moments, ndarray::array};
    /// let mut moments = Moments::about(vec![0.0]);
    /// assert!(moments.add(array![[1.0, 2.0]].view()).is_err());
    /// assert!(moments.add(array![[f64::NAN]].view()).is_err());
    /// assert_eq!(moments.n(), 0);
    /// ```
    pub fn add(&mut self, rows: ArrayView2<'_, f64>) -> Result<()> {
        let width = self.shift.len();
        if rows.ncols() != width {
            let what = format!("{} columns, where the moments have {width}", rows.ncols());
            return Err(refuse(Fault::new(what).help("add rows of the same columns")));
        }
        if rows.iter().any(|value| !value.is_finite()) {
            let fault = Fault::new("a row has a missing or infinite number");
            return Err(refuse(fault.help("add complete rows only, and count the others by reason")));
        }
        let mut block = vec![0.0; width * ROWS];
        let mut from = 0;
        while from < rows.nrows() {
            let count = ROWS.min(rows.nrows() - from);
            for ((column, cells), shift) in
                rows.columns().into_iter().zip(block.chunks_exact_mut(ROWS)).zip(&self.shift)
            {
                cells.fill(0.0);
                for (cell, value) in cells.iter_mut().zip(column.iter().skip(from).take(count)) {
                    *cell = value - shift;
                }
            }
            self.add_block(&block, count);
            from += count;
        }
        Ok(())
    }

    /// Adds a block of shifted columns of [`ROWS`] cells each, of whose rows `count` are not filled up with zeros.
    pub(crate) fn add_block(&mut self, block: &[f64], count: usize) {
        self.n += count;
        kernel::add_sums(block, &mut self.sums);
        kernel::add_products(block, &mut self.products);
    }

    /// Adds the rows behind other moments.
    ///
    /// # Errors
    /// Moments about another shift, or of another number of columns.
    ///
    /// # Example
    /// ```
    /// use vointi::moments::Moments;
    /// let error = Moments::about(vec![0.0]).merge(&Moments::about(vec![1.0])).unwrap_err();
    /// assert!(error.to_string().contains("another shift"));
    /// ```
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.shift != other.shift {
            let fault = Fault::new("the moments are about another shift");
            return Err(refuse(fault.help("take the sums of all parts about one shift, fixed beforehand")));
        }
        self.n += other.n;
        for (own, more) in self.sums.iter_mut().zip(&other.sums) {
            *own += more;
        }
        for (own, more) in self.products.iter_mut().zip(&other.products) {
            *own += more;
        }
        Ok(())
    }

    /// How many rows.
    pub fn n(&self) -> usize {
        self.n
    }

    /// How many columns.
    pub fn width(&self) -> usize {
        self.shift.len()
    }

    /// The shift c.
    pub fn shift(&self) -> &[f64] {
        &self.shift
    }

    /// The means of the columns; the shift where there are no rows.
    ///
    /// **Formula** c + Σ(x − c)/n.
    ///
    /// # Example
    /// ```
    /// use vointi::{moments::Moments, ndarray::array};
    /// let mut moments = Moments::about(vec![5.0]);
    /// moments.add(array![[4.0], [7.0]].view())?;
    /// assert_eq!(moments.means(), [5.5]);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn means(&self) -> Vec<f64> {
        let n = self.n.max(1) as f64;
        self.shift.iter().zip(&self.sums).map(|(shift, sum)| shift + sum / n).collect()
    }

    /// The mean of a column with the digits that its `f64` has no room for.
    pub(crate) fn mean(&self, column: usize) -> Double {
        let of = |values: &[f64]| Double::from(values.get(column).copied().unwrap_or(0.0));
        of(&self.shift) + of(&self.sums) / Double::from(self.n.max(1) as f64)
    }

    /// The sum of products of two columns about their means, Σ(xᵢ − x̄ᵢ)(xⱼ − x̄ⱼ); 0 where there is no such column.
    ///
    /// # Example
    /// ```
    /// use vointi::{moments::Moments, ndarray::array};
    /// let mut moments = Moments::about(vec![0.0, 0.0]);
    /// moments.add(array![[1.0, 1.0], [2.0, 3.0], [3.0, 2.0], [4.0, 4.0]].view())?;
    /// assert_eq!((moments.centred(0, 0), moments.centred(0, 1)), (5.0, 4.0));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn centred(&self, i: usize, j: usize) -> f64 {
        let sum = |column: usize| self.sums.get(column).copied().unwrap_or(0.0);
        self.shifted(i, j) - sum(i) * sum(j) / self.n.max(1) as f64
    }

    /// The sum of products of two columns about the shift.
    pub(crate) fn shifted(&self, i: usize, j: usize) -> f64 {
        self.products.get(at(i.max(j), i.min(j))).copied().unwrap_or(0.0)
    }

    /// The covariance matrix over n − 1; `None` with fewer than two rows.
    ///
    /// **Formula** Σ(xᵢ − x̄ᵢ)(xⱼ − x̄ⱼ)/(n − 1).
    ///
    /// # Example
    /// ```
    /// use vointi::{moments::Moments, ndarray::array};
    /// let mut moments = Moments::about(vec![0.0]);
    /// moments.add(array![[1.0], [3.0]].view())?;
    /// assert_eq!(moments.covariance().unwrap()[[0, 0]], 2.0);
    /// assert!(Moments::about(vec![0.0]).covariance().is_none());
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn covariance(&self) -> Option<Array2<f64>> {
        let width = self.width();
        let over = self.n.checked_sub(1).filter(|over| *over > 0)? as f64;
        Some(Array2::from_shape_fn((width, width), |(i, j)| self.centred(i, j) / over))
    }
}

/// Shows the shape, no sum.
impl fmt::Debug for Moments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Moments({} rows, {} columns)", self.n, self.width())
    }
}

fn refuse(fault: Fault) -> Error {
    Error::new(ErrorKind::Model, vec![fault])
}
