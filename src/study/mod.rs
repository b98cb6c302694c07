//! The study: a scored cohort as a whole, in figures: how high and how spread, what people say beside what is measured,
//! published health scores, who was left out of a model, whether the parts of the index hold together, and which choices
//! of the definition move it.

mod audit;
mod comparison;
mod deprivation;
mod health;
mod health_summary;
mod importance;
mod inequality;
mod left_out;
mod sensitivity;
mod sides;
mod spread;
mod strengths;
mod summary;

pub use audit::{
    Audit, AuditAsked, Bartlett, Bins, ColumnFigures, Component, CorrelationMap, Level, MeanChange,
    PairFigures, ParentFigures, Relation, Removal, Thresholds, WaveChange, WeightFigures,
};
pub use comparison::{
    BandMove, BandMoves, ComparedIndex, ComparedPerson, Comparison, OnlyOne, ShiftQuantile, ShiftSize,
};
pub use deprivation::{Deprivation, DeprivationGroup, Dimension, DimensionShare};
pub use health::{Health, HealthScore};
pub use health_summary::{
    Choice, ClassCount, Components, HealthFigures, HealthGroup, HealthSummary, PartMean, ReasonCount,
};
pub use importance::{Importance, PartImportance, Realised};
pub use inequality::{Atkinson, Below, Inequality};
pub use left_out::{Compared, Group, LeftOut};
pub use sensitivity::{
    DesignCell, DesignRows, Estimator, Factor, FactorShares, LearnsFrom, OtherBand, Output, OutputFigures,
    PersonStand, RankInterval, Sensitivity, SensitivitySpec, Share, SpreadFigures,
};
pub use sides::{Cell, Cloud, Correlation, GeneralHealth, Side, TwoSides};
pub use spread::MeanEstimate;
pub use strengths::{StandingOf, Strengths};
pub use summary::{BandCount, BandShare, CalibrationUsed, Count, GroupFigures, ScoreSummary, Summary};

/// What every output is for, and what not, in short; the guide has it at length.
///
/// # Example
/// ```
/// assert!(vointi::study::INTENDED_USE.contains("not a medical device"));
/// ```
pub const INTENDED_USE: &str = "For describing populations and for self-knowledge. It is not a medical device: it \
    does not diagnose, treat or predict disease, and nothing in it is meant to guide the care of a person. \
    Differences between people are associations; they do not say what would happen to one of them.";
