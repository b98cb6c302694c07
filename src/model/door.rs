//! The linfa door: a model as a linfa estimator.

use linfa::{
    DatasetBase,
    dataset::{AsSingleTargets, AsTargets},
    traits::{Fit, PredictInplace},
};
use ndarray::{Array1, ArrayBase, Data, Ix1, Ix2};

use super::{Fitted, Model};
use crate::{
    error::{Error, ErrorKind, Fault, Result},
    table::Table,
};

/// A [`Model`] as linfa fits it: `Fit` on a dataset whose feature names are the columns.
///
/// A type of its own, as an inherent `fit` on a model would hide the trait's.
///
/// # Example
/// ```
/// use vointi::{linfa::{Dataset, traits::{Fit, Predict}}, model::Model, ndarray::array};
/// let dataset = Dataset::new(array![[1.0], [2.0], [3.0], [4.0]], array![2.0, 4.0, 6.5, 8.0])
///     .with_feature_names(vec!["hours"]);
/// let fitted = Model::ols("score", ["hours"]).for_linfa().fit(&dataset)?;
/// let predicted = fitted.predict(&array![[5.0]]);
/// assert!((predicted[0] - 10.25).abs() < 1e-12);
/// assert!(fitted.fitted().estimate("hours").unwrap().std_error.is_some());
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LinfaModel {
    model: Model,
}

/// A [`Fitted`] model as linfa predicts with it; the example is at [`LinfaModel`].
#[derive(Debug, Clone)]
pub struct FittedLinfaModel {
    fitted: Fitted,
    names: Vec<String>,
}

impl Model {
    /// The model as a linfa estimator.
    pub fn for_linfa(&self) -> LinfaModel {
        LinfaModel { model: self.clone() }
    }
}

impl FittedLinfaModel {
    /// The estimates and all else.
    pub fn fitted(&self) -> &Fitted {
        &self.fitted
    }
}

impl<D, T> Fit<ArrayBase<D, Ix2>, T, Error> for LinfaModel
where
    D: Data<Elem = f64>,
    T: AsSingleTargets<Elem = f64> + AsTargets<Elem = f64, Ix = Ix1>,
{
    type Object = FittedLinfaModel;

    /// **Missing data.** NaN is missing, and treated as the model says.
    ///
    /// # Errors
    /// Those of [`Model::fit`]; a dataset without a name for every column.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Self::Object> {
        let names = dataset.feature_names().to_vec();
        let outcome: Vec<f64> = dataset.as_single_targets().iter().copied().collect();
        let table = matrix(&dataset.records.view().to_owned(), &names)?
            .with_column(self.model.outcome(), crate::table::Column::numbers_or_nan(outcome)?)?;
        Ok(FittedLinfaModel { fitted: self.model.fit(&table)?, names })
    }
}

/// A matrix as a table of named columns.
fn matrix(records: &ndarray::Array2<f64>, names: &[String]) -> Result<Table> {
    if names.len() != records.ncols() {
        let what = format!("{} feature names for {} columns", names.len(), records.ncols());
        let fault = Fault::new(what).help("name every column with `with_feature_names`");
        return Err(Error::new(ErrorKind::Model, vec![fault]));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Table::from_ndarray(&names, records.view())
}

impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<f64>> for FittedLinfaModel {
    /// The mean of the outcome for each row; NaN where a term is missing or holds a level that the model does not know,
    /// as this trait has no way to refuse.
    fn predict_inplace<'a>(&'a self, records: &'a ArrayBase<D, Ix2>, targets: &mut Array1<f64>) {
        targets.fill(f64::NAN);
        let Ok(table) = matrix(&records.view().to_owned(), &self.names) else { return };
        for (row, target) in targets.iter_mut().enumerate() {
            let profile = self.fitted.profile(&table, row);
            if let Ok(prediction) = profile.and_then(|profile| self.fitted.prediction(&profile)) {
                *target = prediction.mean;
            }
        }
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<f64> {
        Array1::zeros(records.nrows())
    }
}

/// What linfa itself refuses.
impl From<linfa::Error> for Error {
    fn from(error: linfa::Error) -> Self {
        Self::new(ErrorKind::Model, vec![Fault::new(format!("linfa: {error}"))])
    }
}
