//! What people say: the catalogue of instruments, their scores beside other software, and psychometrics.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs,
    reason = "a test stops at the first surprise; its style is for its reader"
)]

#[path = "instruments/catalogue.rs"]
mod catalogue;
#[path = "instruments/faults.rs"]
mod faults;
#[path = "instruments/golden.rs"]
mod golden;
#[path = "instruments/laws.rs"]
mod laws;
#[path = "instruments/second.rs"]
mod second;
#[path = "instruments/traps.rs"]
mod traps;
