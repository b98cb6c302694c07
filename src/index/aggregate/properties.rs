//! What every method keeps and what it does not: law 8.

use serde::Serialize;

use crate::definition::parts::{Aggregate, Penalty, PowerMean};

/// Names the methods once: a method that is named has a word, stands in the list, and does not compile without an
/// entry in [`Method::properties`].
macro_rules! methods {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// A method that joins the scores of children into one.
        ///
        /// # Example
        /// ```
        /// use vointi::index::Method;
        /// let safe: Vec<&str> =
        ///     Method::ALL.iter().filter(|method| !method.properties().monotone).map(|method| method.word()).collect();
        /// assert_eq!(safe, ["mpi", "mpi_plus", "ampi", "ampi_plus", "topsis"]);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Method {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Method {
            /// Every method.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word for it, which definitions use.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

methods! {
    /// **Formula** Σ w x / Σ w.
    Arithmetic = "arithmetic",
    /// **Formula** exp(Σ w ln x / Σ w).
    Geometric = "geometric",
    /// **Formula** Σ w / Σ (w/x).
    Harmonic = "harmonic",
    /// **Formula** (Σ w xᵖ / Σ w)^(1/p); its limits are the geometric mean, the minimum and the maximum.
    Power = "power",
    /// **Formula** the smallest x whose cumulated weight exceeds half of all, or the mean of two neighbours.
    Median = "median",
    /// **Formula** min x.
    Minimum = "minimum",
    /// **Formula** max x.
    Maximum = "maximum",
    /// **Formula** Σ vₖ x₍ₖ₎, the best child first. **Reference** Yager 1988.
    Owa = "owa",
    /// **Formula** M − S²/M. **Reference** De Muro, Mazziotta & Pareto 2011.
    Mpi = "mpi",
    /// **Formula** M + S²/M, for what is worse when high.
    MpiPlus = "mpi_plus",
    /// **Formula** M − S²/M of children on the scale of the reference. **Reference** Mazziotta & Pareto 2016.
    Ampi = "ampi",
    /// **Formula** M + S²/M of children on the scale of the reference.
    AmpiPlus = "ampi_plus",
    /// **Formula** M − a (√((M − min)² + b²) − b). **Reference** Casadio Tarabusi & Guarini 2013.
    MeanMin = "mean_min",
    /// **Formula** Σ mᵢ xᵢ + Σ mᵢⱼ min(xᵢ, xⱼ). **Reference** Grabisch 1997.
    Choquet = "choquet",
    /// **Formula** 100 (mean sign(o − ½) + 1)/2 over the reference.
    Copeland = "copeland",
    /// **Formula** 100 D⁻/(D⁺ + D⁻). **Reference** Hwang & Yoon 1981.
    Topsis = "topsis",
    /// **Formula** 100 max Σ w x, nobody in the reference above 1. **Reference** Cherchye et al. 2007.
    BenefitOfTheDoubt = "benefit_of_the_doubt",
    /// **Formula** 100 (1 − c) where c ≥ k, else 100. **Reference** Alkire & Foster 2011.
    AlkireFoster = "alkire_foster",
}

/// What a [`Method`] keeps, of children that are all observed and, where it needs one, with a reference that stays.
///
/// What is declared holds for all parameters a definition may give; for what is not declared there is a case in which
/// it fails. Both are tested for every method.
///
/// # Example
/// ```
/// use vointi::index::Method;
/// let of = Method::Mpi.properties();
/// assert!(of.idempotent && of.homogeneous);
/// // The penalty of (90, 10, 10) is more than its mean: −2.1.
/// assert!(!of.bounded && !of.monotone);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "ten questions of yes and no")]
#[non_exhaustive]
pub struct Properties {
    /// No child that becomes better lowers the score.
    pub monotone: bool,
    /// The score lies between the lowest and the highest child.
    pub bounded: bool,
    /// Children that are all a give a.
    pub idempotent: bool,
    /// Only the ratios of the weights count.
    pub scale_free_weights: bool,
    /// Children times c, the reference as it is, give the score times c.
    pub homogeneous: bool,
    /// Children plus c give the score plus c.
    pub translation: bool,
    /// On 0 to 100 whatever the children are on: children, cut-offs and reference times c give the same score.
    pub own_range: bool,
    /// There is no score without a reference.
    pub needs_reference: bool,
    /// Errors of the children become an error of the score.
    pub has_std_error: bool,
    /// A child's move adds the same wherever the others are: a person's points are w (x − baseline).
    pub additive: bool,
}

impl Properties {
    /// The properties by name, in the order of the guide's table.
    pub fn list(self) -> [(&'static str, bool); 10] {
        [
            ("monotone", self.monotone),
            ("bounded", self.bounded),
            ("idempotent", self.idempotent),
            ("scale_free_weights", self.scale_free_weights),
            ("homogeneous", self.homogeneous),
            ("translation", self.translation),
            ("own_range", self.own_range),
            ("needs_reference", self.needs_reference),
            ("has_std_error", self.has_std_error),
            ("additive", self.additive),
        ]
    }
}

/// What weighs children in a fixed way and keeps their scale: the least a default must be.
const MEAN: Properties = Properties {
    monotone: true,
    bounded: true,
    idempotent: true,
    scale_free_weights: true,
    homogeneous: true,
    translation: false,
    own_range: false,
    needs_reference: false,
    has_std_error: true,
    additive: false,
};

/// What goes by the places of children: kinks wherever two change places, and no error that a slope could tell.
const ORDER: Properties = Properties { translation: true, has_std_error: false, ..MEAN };

/// What has a scale of its own.
const OWN: Properties =
    Properties { bounded: false, idempotent: false, homogeneous: false, own_range: true, ..MEAN };

impl Method {
    /// What it keeps.
    pub fn properties(self) -> Properties {
        match self {
            Self::Arithmetic => Properties { translation: true, additive: true, ..MEAN },
            Self::Geometric | Self::Harmonic | Self::Power => MEAN,
            Self::Median | Self::Minimum | Self::Maximum | Self::Owa | Self::Choquet => ORDER,
            Self::Mpi | Self::Ampi => Properties { monotone: false, bounded: false, ..MEAN },
            Self::MpiPlus | Self::AmpiPlus => Properties { monotone: false, ..MEAN },
            Self::MeanMin => Properties { homogeneous: false, translation: true, ..MEAN },
            Self::Copeland => Properties { needs_reference: true, has_std_error: false, ..OWN },
            // Beyond the best of the reference it moves away from it again.
            Self::Topsis => Properties { monotone: false, needs_reference: true, ..OWN },
            Self::BenefitOfTheDoubt => {
                Properties { homogeneous: true, needs_reference: true, has_std_error: false, ..OWN }
            }
            Self::AlkireFoster => Properties { has_std_error: false, ..OWN },
        }
    }
}

impl From<&Aggregate> for Method {
    fn from(aggregate: &Aggregate) -> Self {
        match aggregate {
            Aggregate::Power(PowerMean { power: 1.0, .. }) => Self::Arithmetic,
            Aggregate::Power(PowerMean { power: 0.0, .. }) => Self::Geometric,
            Aggregate::Power(PowerMean { power: -1.0, .. }) => Self::Harmonic,
            Aggregate::Power(_) => Self::Power,
            Aggregate::Median => Self::Median,
            Aggregate::Minimum => Self::Minimum,
            Aggregate::Maximum => Self::Maximum,
            Aggregate::Owa(_) => Self::Owa,
            Aggregate::Mpi(Penalty::Minus) => Self::Mpi,
            Aggregate::Mpi(Penalty::Plus) => Self::MpiPlus,
            Aggregate::Ampi(Penalty::Minus) => Self::Ampi,
            Aggregate::Ampi(Penalty::Plus) => Self::AmpiPlus,
            Aggregate::MeanMin { .. } => Self::MeanMin,
            Aggregate::Choquet { .. } => Self::Choquet,
            Aggregate::Copeland => Self::Copeland,
            Aggregate::Topsis => Self::Topsis,
            Aggregate::BenefitOfTheDoubt { .. } => Self::BenefitOfTheDoubt,
            Aggregate::AlkireFoster { .. } => Self::AlkireFoster,
        }
    }
}
