//! Who may see what of scales.

use crate::{
    definition::Audience,
    error::{Error, ErrorKind, Fault, Result},
};

/// An employer sees nothing of fewer persons.
pub(crate) const FEWEST_FOR_EMPLOYER: usize = 10;

/// Refuses an employer what is said of single persons.
pub(super) fn not_for_an_employer(audience: Audience, what: &str) -> Result<()> {
    if audience != Audience::Employer {
        return Ok(());
    }
    let fault = Fault::new(format!("{what} is not for an employer"))
        .help("an employer gets figures of groups, of ten persons or more");
    Err(Error::new(ErrorKind::Audience, vec![fault]))
}
