//! What is remarkable about how a person's score came to be.

use std::fmt;

/// A data-quality code; the list is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// `sentinel`: an answer or reading was a declared code for missing.
    Sentinel,
    /// `out_of_limits`: a reading outside its limits was taken as missing.
    OutOfLimits,
    /// `few_readings`: fewer repeated readings or days than declared.
    FewReadings,
    /// `prorated`: a scale was scored from fewer items than it has.
    Prorated,
    /// `rule_case`: a published rule has no row for a value, and the definition's policy was applied.
    RuleCase,
    /// `partial`: something is missing below the index, and weights were renormalised.
    Partial,
    /// `floored`: a child below the declared floor counted as the floor.
    Floored,
    /// `zero`: an observed 0 under a geometric or harmonic mean without a floor makes the mean 0, without a standard error.
    Zero,
    /// `unusual`: a reading is possible, but outside what is usual.
    Unusual,
    /// `stale`: a value is older than its measure allows without remark.
    Stale,
    /// `imputed`: something that was missing was filled as the definition says.
    Imputed,
    /// `outside_reference`: a reading lies outside the range that its utility learned.
    OutsideReference,
}

impl Flag {
    /// Every flag, in the order of output.
    ///
    /// # Example
    /// ```
    /// let codes: Vec<&str> = vointi::Flag::ALL.iter().map(|flag| flag.code()).collect();
    /// assert_eq!(codes[0], "sentinel");
    /// ```
    pub const ALL: [Self; 12] = [
        Self::Sentinel,
        Self::OutOfLimits,
        Self::FewReadings,
        Self::Prorated,
        Self::RuleCase,
        Self::Partial,
        Self::Floored,
        Self::Zero,
        Self::Unusual,
        Self::Stale,
        Self::Imputed,
        Self::OutsideReference,
    ];

    /// The code written to files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sentinel => "sentinel",
            Self::OutOfLimits => "out_of_limits",
            Self::FewReadings => "few_readings",
            Self::Prorated => "prorated",
            Self::RuleCase => "rule_case",
            Self::Partial => "partial",
            Self::Floored => "floored",
            Self::Zero => "zero",
            Self::Unusual => "unusual",
            Self::Stale => "stale",
            Self::Imputed => "imputed",
            Self::OutsideReference => "outside_reference",
        }
    }

    fn bit(self) -> u16 {
        1 << self as u8
    }
}

/// A set of [`Flag`]s.
///
/// # Example
/// ```
/// use vointi::{Flag, Flags};
/// let mut flags = Flags::default();
/// flags.insert(Flag::Partial);
/// flags.insert(Flag::Sentinel);
/// assert_eq!(flags.to_string(), "sentinel;partial");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags(u16);

impl Flags {
    /// Adds a flag.
    pub fn insert(&mut self, flag: Flag) {
        self.0 |= flag.bit();
    }

    /// Adds a flag if `condition` holds, without a branch.
    #[inline]
    pub(crate) fn insert_if(&mut self, flag: Flag, condition: bool) {
        self.0 |= u16::from(condition) << flag as u8;
    }

    /// Whether the flag is in the set.
    pub fn contains(self, flag: Flag) -> bool {
        self.0 & flag.bit() != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The flags, in the order of [`Flag::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.contains(*flag))
    }
}

/// The codes, joined by `;`.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, flag) in self.iter().enumerate() {
            if position > 0 {
                f.write_str(";")?;
            }
            f.write_str(flag.code())?;
        }
        Ok(())
    }
}
