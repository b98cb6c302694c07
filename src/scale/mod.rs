//! From answers to scale scores, exactly as published, and what is known of each: how much was answered, how far it can
//! be trusted, which band it lies in; and answers that somebody has to look at.

mod agreement;
mod answers;
mod audience;
mod careless;
mod change;
mod changes;
mod check;
mod every;
mod formula;
mod icc;
pub(crate) mod kernel;
mod norm;
mod reliability;
mod safety;
mod score;
mod summary;

pub use agreement::{Agreement, UnitAgreement, agreement};
pub use answers::{Answers, answers};
pub(crate) use audience::FEWEST_FOR_EMPLOYER;
pub use careless::{Careless, CarelessFigures, CarelessSummary, careless};
pub use change::{ChangeClass, ChangeRule, GroupChange, PersonChange, Verdict, group_change};
pub use changes::{ChangeAsked, ChangeOfPerson, Changes, ClassOfChange, Matching};
pub use check::{CheckedCase, check, check_definition, check_file};
pub use every::{Agreements, NotJudged, Reliabilities};
pub use icc::{Icc, IccForm, icc};
use kernel::Kernel;
pub use norm::{Norm, NormScore, Norms, Stratum};
pub(crate) use reliability::alpha;
pub use reliability::{ItemFigures, NoOmega, Reliability, reliability};
pub use safety::{Safety, SafetyColumn};
pub use score::{GroupFigure, ScaleColumn, Scales, score, score_into};
pub use summary::{BandCount, GroupShareFigure, ScaleFigures, ScalesSummary};

use crate::definition::instrument::key::Instrument;

pub(crate) fn kernel(instrument: &Instrument, scale: usize) -> Option<Kernel> {
    Kernel::new(&instrument.key, scale)
}
