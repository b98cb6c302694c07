//! From answers to scale scores, exactly as published, and what is known of each: how much was answered, how far it can
//! be trusted, which band it lies in; and answers that somebody has to look at.

mod answers;
mod check;
mod formula;
pub(crate) mod kernel;
mod reliability;
mod safety;
mod score;
mod summary;

pub use answers::{Answers, answers};
pub use check::{CheckedCase, check, check_file};
use kernel::Kernel;
pub(crate) use reliability::alpha;
pub use reliability::{ItemFigures, NoOmega, NoReliability, Reliabilities, Reliability, reliability};
pub use safety::{Safety, SafetyColumn};
pub use score::{GroupFigure, ScaleColumn, Scales, score, score_into};
pub use summary::{BandCount, GroupShareFigure, ScaleFigures, ScalesSummary};

use crate::definition::instrument::key::Instrument;

pub(crate) fn kernel(instrument: &Instrument, scale: usize) -> Option<Kernel> {
    Kernel::new(&instrument.key, scale)
}
