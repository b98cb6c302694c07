//! Scale scores, and what is found about scales: how far they can be trusted, who answered without care, who agrees, who changed.

mod agreement;
mod careless;
mod change;
mod reliability;
mod scores;

pub use agreement::{agreement_csv, agreement_text};
pub use careless::{careless_csv, careless_text};
pub use change::{change_csv, change_text};
pub use reliability::{reliability_csv, reliability_text};
pub use scores::{safety_csv, scales_csv, scales_text};

use super::{
    csv::{CsvStyle, Sheet},
    text::Grid,
    words, written,
};

fn heading(definition: &str, version: &str) -> String {
    format!("{}\n", words::definition(definition, version))
}
