//! All tests of the public API and of the program, in one binary.

mod determinism;
mod examples;
mod faults;
mod golden;
mod laws;
mod rooms;

#[cfg(feature = "cli")]
mod program;
