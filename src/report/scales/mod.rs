//! What is found about scales: how far they can be trusted, who answered without care, who agrees, who changed.

mod reliability;

pub use reliability::{reliability_csv, reliability_text};

use super::{
    csv::{CsvStyle, Sheet},
    text::Grid,
    words, written,
};
