//! All tests of the public API and of the program, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::pedantic,
    reason = "a test stops at the first surprise; its style is for its reader"
)]

#[cfg(feature = "frontier")]
mod aggregates;
mod determinism;
#[cfg(feature = "csv")]
mod examples;
mod faults;
mod filling;
#[cfg(feature = "csv")]
mod golden;
mod indicators;
mod laws;
#[cfg(feature = "csv")]
mod models_golden;
mod models_pitfalls;
mod normalising;
#[cfg(all(feature = "csv", feature = "pages"))]
mod pages;
#[cfg(feature = "csv")]
mod readings;
mod registry;
mod rooms;
mod utilities;

#[cfg(feature = "cli")]
mod health;
#[cfg(feature = "cli")]
mod import;
#[cfg(all(feature = "cli", feature = "linfa"))]
mod judging;
#[cfg(all(feature = "cli", feature = "linfa"))]
mod modelling;
#[cfg(feature = "cli")]
mod program;
#[cfg(feature = "cli")]
mod questionnaires;
#[cfg(feature = "cli")]
mod scales;
#[cfg(all(feature = "cli", feature = "linfa"))]
mod sensitivity;
