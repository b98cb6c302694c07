//! What the treatment of skewed indicators did to a reference.

use serde::Serialize;

use super::Calibration;

/// What was done to one indicator of the reference, and whether it helped.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TreatedColumn {
    /// The indicator.
    pub indicator: String,
    /// The step taken last: `none` where the column passed, `winsorise`, `log`, `log_plus`, `log_orig`, `log_gii`,
    /// `box_cox`.
    pub step: &'static str,
    /// Readings that winsorising moved, at the lower end.
    pub winsorised_low: usize,
    /// Readings that winsorising moved, at the upper end.
    pub winsorised_high: usize,
    /// The least and the largest that readings count as from then on; none where the column passed.
    pub limits: Option<[f64; 2]>,
    /// The power of `box_cox`.
    pub lambda: Option<f64>,
    /// The adjusted skewness of the readings; none of fewer than four, or of equal ones.
    pub skewness: Option<f64>,
    /// Their excess kurtosis.
    pub kurtosis: Option<f64>,
    /// The skewness after the treatment; none where there was none to take, or it is unknown.
    pub skewness_after: Option<f64>,
    /// The kurtosis after the treatment.
    pub kurtosis_after: Option<f64>,
    /// Whether the column is still as skewed as no column should be; it is kept all the same.
    pub fails: bool,
}

impl Calibration {
    /// What the treatment of skewed indicators did to the reference, indicator by indicator.
    ///
    /// # Example
    /// ```
    /// use vointi::{Calibration, Cohort, Definition, table::Table};
    /// let definition = Definition::from_toml(r#"
    /// schema = 1
    /// id = "steps"
    /// [person]
    /// id = "person"
    /// [measure.steps]
    /// unit = "1"
    /// direction = "higher_better"
    /// [indicator.active]
    /// measure = "steps"
    /// utility = "min_max"
    /// treat = { winsorise = 1 }
    /// [index]
    /// children = ["active"]
    /// "#)?;
    /// let ids: Vec<String> = (0..9).map(|k| k.to_string()).collect();
    /// let steps = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1000.0].map(Some);
    /// let table = Table::builder().text("person", ids.iter().map(|id| Some(id.as_str()))).number("steps", steps).build()?;
    /// let learned = Calibration::learn(&Cohort::new(&definition, table)?)?;
    /// let treated = learned.treated();
    /// assert_eq!((treated[0].step, treated[0].winsorised_high, treated[0].fails), ("winsorise", 1, false));
    /// assert_eq!(treated[0].limits, Some([1.0, 8.0]));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn treated(&self) -> Vec<TreatedColumn> {
        let columns = self.file.learned.iter().filter_map(|(name, learned)| {
            let of = learned.treatment.as_ref()?;
            let [winsorised_low, winsorised_high] = of.moved;
            Some(TreatedColumn {
                indicator: name.clone(),
                step: of.step.word(),
                winsorised_low,
                winsorised_high,
                limits: of.limits,
                lambda: of.lambda,
                skewness: of.skewness,
                kurtosis: of.kurtosis,
                skewness_after: of.skewness_after,
                kurtosis_after: of.kurtosis_after,
                fails: of.fails,
            })
        });
        columns.collect()
    }
}
