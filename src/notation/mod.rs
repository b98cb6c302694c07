//! Texts in TOML that people write and we read: where everything stands, what may stand there, and every fault at once.

pub(crate) mod clock;
pub(crate) mod format;
pub(crate) mod model;
pub(crate) mod path;
pub(crate) mod source;
