//! Scale scores, and what is found about scales: how far they can be trusted, who answered without care, who agrees, who changed.

mod reliability;
mod scores;

pub use reliability::{reliability_csv, reliability_text};
pub use scores::{safety_csv, scales_csv, scales_text};

use super::{
    csv::{CsvStyle, Sheet},
    text::Grid,
    words, written,
};
