//! Published scores as data: what a rule file says, and how a definition binds it.

mod bind;
mod describe;
mod key;
mod keys;
mod read;

pub(crate) use bind::read_reading;
pub(in crate::definition) use bind::{Bound, bind_input};
pub use describe::{RuleSummary, rule as summary, rules as summaries};
pub(crate) use key::{
    Bands, Body, Chosen, Combine, Constant, Deduction, FEWEST_DEFICITS, Form, Input, Norm, NormRow, Part,
    Remark, RuleKey, Term, misnamed,
};
pub use key::{CasePolicy, Gives};
pub(crate) use read::rule;
