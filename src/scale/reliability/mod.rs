//! How far a scale can be trusted: alpha, omega, Guttman's lambdas, what each item does to it, and what that means for
//! one person's score.

mod cronbach;
mod figures;
mod splits;

pub(crate) use cronbach::alpha;
pub(super) use figures::Products;

use serde::Serialize;

use super::Answers;
use crate::{
    error::{Error, ErrorKind, Fault, Result},
    num::{fisher, one_factor::OneFactor, spread::spearman_brown},
};
use splits::Parts;

/// A share of persons at an end of the scale above this is remarkable.
const MANY_AT_AN_END: f64 = 0.15;

/// Φ⁻¹(0.975).
pub(super) const Z95: f64 = 1.959_963_984_540_054;

/// How far a scale can be trusted, from the persons who answered every item.
///
/// Intervals are of 95 %. The names are those of the JSON that the program writes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Reliability {
    /// The scale.
    pub scale: String,
    /// How many persons answered every item.
    pub n: usize,
    /// How many items.
    pub items: usize,
    /// Cronbach's α, k/(k − 1) · (1 − Σ s²ⱼ / s²).
    pub alpha: f64,
    /// Feldt's interval of α: 1 − (1 − α) F, with n − 1 and (n − 1)(k − 1) degrees of freedom.
    pub alpha_low: f64,
    /// See [`alpha_low`](Self::alpha_low).
    pub alpha_high: f64,
    /// α of standardised items, k r̄ / (1 + (k − 1) r̄).
    pub alpha_std: f64,
    /// `McDonald`'s ω of one factor by maximum likelihood, (Σλ)² / ((Σλ)² + Σθ), of the items as they are.
    pub omega: Option<f64>,
    /// Guttman's λ2 from the covariances.
    pub lambda2: f64,
    /// Guttman's λ4 from the covariances: the split into two parts, of any sizes, that agree best.
    pub lambda4: f64,
    /// Guttman's λ6 from the correlations: 1 − Σ(1 − R²ⱼ) / ΣR. None if an item follows from the others.
    pub lambda6: Option<f64>,
    /// The mean correlation of two items.
    pub average_r: f64,
    /// The standard error of measurement of a score, s √(1 − α).
    pub sem: Option<f64>,
    /// The least difference of two scores of one person that is beyond error in 95 of 100: 1.96 √2 SEM (with all digits of 1.96).
    pub mdc95: Option<f64>,
    /// The share of persons at the lowest score there is.
    pub floor: f64,
    /// The share of persons at the highest score there is.
    pub ceiling: f64,
    /// Item by item.
    pub item: Vec<ItemFigures>,
    /// How many persons there are, complete or not.
    pub persons: usize,
    /// The standard error of α under normality (it divides by n).
    pub alpha_se: f64,
    /// α − 1.96 standard errors.
    pub alpha_normal_low: f64,
    /// α + 1.96 standard errors.
    pub alpha_normal_high: f64,
    /// ω of standardised items.
    pub omega_std: Option<f64>,
    /// Why there is no ω.
    pub no_omega: Option<NoOmega>,
    /// λ2 from the correlations.
    pub lambda2_r: f64,
    /// λ4 from the correlations, over the splits into halves alone.
    pub lambda4_r: f64,
    /// Whether λ4 is the greatest of all splits, rather than of those a search met.
    pub lambda4_exact: bool,
    /// The correlation of the odd with the even items.
    pub split_half_r: Option<f64>,
    /// The same stepped up to the whole length by Spearman and Brown.
    pub split_half: Option<f64>,
    /// The mean score.
    pub mean: f64,
    /// The standard deviation of the scores, over n − 1.
    pub sd: f64,
    /// The lowest and highest score there can be.
    pub range: [f64; 2],
    /// More than 15 % are at the lowest score.
    pub floor_is_high: bool,
    /// More than 15 % are at the highest score.
    pub ceiling_is_high: bool,
    /// Items that go against the first principal component of all: their key may be the wrong way round.
    pub wrong_keys: Vec<String>,
    /// α with those turned round.
    pub alpha_turned: Option<f64>,
}

/// What one item does to a scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ItemFigures {
    /// The item.
    pub item: String,
    /// How many persons: those who answered every item.
    pub n: usize,
    /// The mean answer, after reversal.
    pub mean: f64,
    /// Its standard deviation, over n − 1.
    pub sd: f64,
    /// The correlation with the sum of the other items.
    pub r_drop: Option<f64>,
    /// α without the item; none of a single item.
    pub alpha_if_dropped: Option<f64>,
    /// The standardised loading on the common factor.
    pub loading: Option<f64>,
}

/// Why there is no ω.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoOmega {
    /// One factor of fewer than three items is not identified.
    TooFewItems,
    /// An item follows from the others.
    Dependent,
    /// The unique variance of these items would be 0 or less (a Heywood case).
    Heywood(Vec<String>),
    /// No maximum of the likelihood was found.
    NotConverged,
}

/// How far a scale can be trusted.
///
/// **Formula** those of the fields of [`Reliability`]; covariances over n − 1. A wrong key is found where an item loads
/// negatively on the first principal component of the correlations, turned so that the loadings sum to more than 0.
///
/// **Units** those of the scale's score for `sem`, `mdc95`, `mean` and `sd`; the rest has none.
///
/// **Missing data** Only persons who answered every item count; `n` of `persons`.
///
/// # Errors
/// Fewer than two items or three complete persons; items that everybody answers alike, each named; items that cancel, so
/// that all sums are the same.
///
/// **Reference** Cronbach 1951, Psychometrika 16:297; Feldt 1965, Psychometrika 30:357; Duhachek & Iacobucci 2004, J.
/// Applied Psychology 89:792; `McDonald` 1999, Test Theory; Guttman 1945, Psychometrika 10:255; Terwee 2007, J. Clinical
/// Epidemiology 60:34.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, scale};
/// let cohort = Cohort::read_csv(&Definition::builtin("nhanes")?, "data/nhanes/adults.csv")?;
/// let mood = scale::reliability(&scale::answers(&cohort, "mood.total")?)?;
/// assert_eq!((mood.n, mood.items, format!("{:.3}", mood.alpha).as_str()), (4827, 8, "0.832"));
/// assert!(mood.floor_is_high && mood.wrong_keys.is_empty());
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn reliability(answers: &Answers) -> Result<Reliability> {
    let (sums, products) = complete(answers)?;
    let k = answers.len() as f64;
    let n = products.n() as f64;
    let alpha = products.alpha();
    let [alpha_low, alpha_high] = [0.975, 0.025]
        .map(|below| 1.0 - (1.0 - alpha) * fisher::quantile(below, n - 1.0, (n - 1.0) * (k - 1.0)));
    let alpha_se = products.alpha_se();
    let of_correlations = products.standardised();
    let smc = of_correlations.squared_multiple();
    let (lambda4, lambda4_exact) = splits::greatest(products.matrix(), Parts::Any);
    let wrong: Vec<usize> = of_correlations.against_the_first();
    let factor = Factor::of(&products, &of_correlations, answers);
    let [mean, sd] = [products.mean(), products.variance().sqrt()].map(|value| answers.multiply() * value);
    let sem = Some(sd * (1.0 - alpha).sqrt()).filter(|sem| sem.is_finite());
    let share = |persons: usize| persons as f64 / n;
    let (floor, ceiling) = (share(sums.floor), share(sums.ceiling));
    let odd_even: Vec<f64> = (0..answers.len()).map(|at| if at % 2 == 0 { 1.0 } else { 0.0 }).collect();
    let split_half_r = products.correlation_of_parts(&odd_even);
    let average_r = of_correlations.average_off();
    Ok(Reliability {
        scale: answers.scale().to_owned(),
        n: products.n(),
        items: answers.len(),
        alpha,
        alpha_low,
        alpha_high,
        alpha_std: spearman_brown(average_r, k),
        omega: factor.omega,
        lambda2: products.lambda2(),
        lambda4,
        lambda6: smc.map(|smc| of_correlations.lambda6(&smc)),
        average_r,
        sem,
        mdc95: sem.map(|sem| Z95 * std::f64::consts::SQRT_2 * sem),
        floor,
        ceiling,
        item: items(answers, &products, &factor),
        persons: answers.rows(),
        alpha_se,
        alpha_normal_low: alpha - Z95 * alpha_se,
        alpha_normal_high: alpha + Z95 * alpha_se,
        omega_std: factor.omega_std,
        no_omega: factor.none,
        lambda2_r: of_correlations.lambda2(),
        lambda4_r: splits::greatest(of_correlations.matrix(), Parts::Halves).0,
        lambda4_exact,
        split_half_r,
        split_half: split_half_r.map(|r| spearman_brown(r, 2.0)),
        mean,
        sd,
        range: answers.range(),
        floor_is_high: floor > MANY_AT_AN_END,
        ceiling_is_high: ceiling > MANY_AT_AN_END,
        alpha_turned: (!wrong.is_empty()).then(|| products.turned(&wrong).alpha()),
        wrong_keys: answers
            .items()
            .enumerate()
            .filter(|(at, _)| wrong.contains(at))
            .map(|(_, name)| name.to_owned())
            .collect(),
    })
}

/// The sums over complete persons, if they can be judged.
fn complete(answers: &Answers) -> Result<(super::answers::Sums, Products)> {
    let refuse = |what: String, help: &str| {
        let fault = Fault::new(what).key(answers.scale()).help(help);
        Err(Error::new(ErrorKind::Model, vec![fault]))
    };
    if answers.len() < 2 {
        return refuse(
            format!("a scale of {} has no reliability of its own", in_items(answers.len())),
            "alpha and its kin need two items",
        );
    }
    let sums = answers.sums();
    let n = sums.moments.n();
    if n < 3 {
        return refuse(
            format!("{n} of {} persons answered every item", answers.rows()),
            "three complete persons are the least",
        );
    }
    let products = Products::of(&sums.moments);
    let constant: Vec<Fault> = answers
        .items()
        .zip(products.variances())
        .filter(|(_, variance)| *variance <= 0.0)
        .map(|(name, _)| {
            Fault::new(format!("everybody answers the item `{name}` alike"))
                .key(answers.scale())
                .help("leave the item out, or look whether its column is the right one")
        })
        .collect();
    if !constant.is_empty() {
        return Err(Error::new(ErrorKind::Model, constant));
    }
    if products.variance() <= 1e-12 * products.variances().sum::<f64>() {
        return refuse(
            "everybody has the same sum of the items".to_owned(),
            "look whether an item is turned the wrong way",
        );
    }
    Ok((sums, products))
}

fn in_items(count: usize) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}

fn items(answers: &Answers, products: &Products, factor: &Factor) -> Vec<ItemFigures> {
    let of = |(at, name): (usize, &str)| ItemFigures {
        item: name.to_owned(),
        n: products.n(),
        mean: products.item_mean(at),
        sd: products.item_variance(at).sqrt(),
        r_drop: products.rest_correlation(at),
        alpha_if_dropped: products.without(at).filter(|rest| rest.len() > 1).map(|rest| rest.alpha()),
        loading: factor.loadings.get(at).copied(),
    };
    answers.items().enumerate().map(of).collect()
}

/// The common factor and what it says of the sum.
struct Factor {
    loadings: Vec<f64>,
    omega: Option<f64>,
    omega_std: Option<f64>,
    none: Option<NoOmega>,
}

impl Factor {
    fn of(products: &Products, standardised: &Products, answers: &Answers) -> Self {
        let none = |why| Self { loadings: Vec::new(), omega: None, omega_std: None, none: Some(why) };
        let name = |at: &usize| answers.items().nth(*at).map(str::to_owned);
        let (loadings, uniquenesses) = match standardised.one_factor() {
            OneFactor::Fitted { loadings, uniquenesses } => (loadings, uniquenesses),
            OneFactor::Heywood(items) => {
                return none(NoOmega::Heywood(items.iter().filter_map(name).collect()));
            }
            OneFactor::NotIdentified if answers.len() < 3 => return none(NoOmega::TooFewItems),
            OneFactor::NotIdentified => return none(NoOmega::Dependent),
            OneFactor::NotConverged => return none(NoOmega::NotConverged),
        };
        let of = |variances: &mut dyn Iterator<Item = f64>| {
            let (mut common, mut unique) = (0.0, 0.0);
            for ((loading, own), variance) in loadings.iter().zip(&uniquenesses).zip(variances) {
                common += loading * variance.sqrt();
                unique += own * variance;
            }
            Some(common * common / (common * common + unique))
        };
        let omega = of(&mut products.variances());
        let omega_std = of(&mut standardised.variances());
        Self { omega, omega_std, none: None, loadings }
    }
}

impl NoOmega {
    /// Why, in words.
    ///
    /// # Example
    /// ```
    /// use vointi::scale::NoOmega;
    /// assert!(NoOmega::Heywood(vec!["a".to_owned()]).because().contains("a Heywood case"));
    /// ```
    pub fn because(&self) -> String {
        match self {
            Self::TooFewItems => "one factor needs three items".to_owned(),
            Self::Dependent => "an item follows from the others".to_owned(),
            Self::Heywood(items) => {
                format!("a Heywood case: nothing of its own is left to {}", items.join(", "))
            }
            Self::NotConverged => "the likelihood has no maximum that was found".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
