//! The study: a scored cohort as a whole, in figures.

mod summary;

pub use summary::{BandCount, BandShare, CalibrationUsed, Count, GroupFigures, ScoreSummary, Summary};
