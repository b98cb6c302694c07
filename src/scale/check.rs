//! The worked cases of a key, scored.

use std::path::Path;

use super::{
    kernel::{Kernel, Scratch},
    safety::Safety,
    score::band_of,
};
use crate::{
    cohort::Codes,
    definition::{
        Definition, catalogue,
        instrument::key::{BandSet, Check, InstrumentKey},
    },
    error::Result,
};

/// A worked case of an instrument's key, scored: one scale, band or safety flag of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CheckedCase {
    /// The instrument.
    pub instrument: String,
    /// The scale, `band of` a scale, or `flag` and its id.
    pub scale: String,
    /// Where the case comes from.
    pub source: String,
    /// What is published: a number, a word, or `missing`.
    pub expected: String,
    /// What is ours.
    pub scored: String,
    passes: bool,
}

impl CheckedCase {
    /// Whether ours is the published one: scores to 1e-12 of themselves, since cases are written in decimals.
    pub fn passes(&self) -> bool {
        self.passes
    }
}

/// Scores the worked cases of an instrument of the catalogue.
///
/// # Errors
/// An unknown instrument, with the nearest known one.
///
/// # Example
/// ```
/// let cases = vointi::scale::check("pss10")?;
/// assert!(cases.len() >= 9 && cases.iter().all(|case| case.passes()));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn check(instrument: &str) -> Result<Vec<CheckedCase>> {
    catalogue::instrument_key(instrument).map(|key| checked(&key))
}

/// Scores the worked cases of an instrument file of one's own.
///
/// # Errors
/// A file that cannot be read, or all its faults together.
///
/// # Example
/// ```
/// let cases = vointi::scale::check_file("data/instruments/who5.toml")?;
/// assert!(cases.iter().all(|case| case.passes()));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn check_file(path: impl AsRef<Path>) -> Result<Vec<CheckedCase>> {
    catalogue::read_instrument_file(path.as_ref()).map(|(key, _)| checked(&key))
}

/// Scores the worked cases of the instruments that a definition declares in place.
///
/// # Example
/// ```
/// let definition = vointi::Definition::from_toml(r#"
/// schema = 1
/// id = "small"
/// [person]
/// id = "person"
/// [instrument.strain]
/// items = ["a", "b"]
/// response = [0, 4]
/// [[instrument.strain.check]]
/// answers = [1, 3]
/// expect = { total = 4 }
/// source = "by hand"
/// [indicator.strain]
/// scale = "strain.total"
/// utility = "linear"
/// [index]
/// children = ["strain"]
/// "#)?;
/// let cases = vointi::scale::check_definition(&definition);
/// assert!(cases.len() == 1 && cases[0].passes());
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn check_definition(definition: &Definition) -> Vec<CheckedCase> {
    definition.parts().instruments.iter().flat_map(|instrument| checked(&instrument.key)).collect()
}

fn checked(key: &InstrumentKey) -> Vec<CheckedCase> {
    let mut cases = Vec::new();
    for case in &key.checks {
        let score = |id: &str| {
            let position = key.scales.iter().position(|scale| scale.id == id)?;
            score_case(key, position, case)
        };
        let add = |scale: String, expected: String, scored: String, passes: bool| CheckedCase {
            instrument: key.id.clone(),
            scale,
            source: case.source.clone(),
            expected,
            scored,
            passes,
        };
        let word = |score: Option<f64>| score.map_or_else(|| "missing".to_owned(), |score| score.to_string());
        for (id, expected) in &case.expect {
            let scored = score(id);
            let is_close = match (expected, scored) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(1.0),
                (a, b) => *a == b,
            };
            cases.push(add(id.clone(), word(*expected), word(scored), is_close));
        }
        for (id, expected) in &case.bands {
            let scale = key.scales.iter().find(|scale| scale.id == *id);
            // A set that is no default is shown all the same: a case may ask for any that is unambiguous.
            let sets: Vec<BandSet> =
                scale.map(|scale| sets_in_use(&scale.bands, scale.band_set.as_deref())).unwrap_or_default();
            let found =
                score(id).and_then(|score| band_of(&sets, score, case.female, case.age)).unwrap_or("missing");
            cases.push(add(format!("band of {id}"), expected.clone(), found.to_owned(), found == expected));
        }
        for (id, expected) in &case.flags {
            let flag = key.flags.iter().find(|flag| flag.id == *id);
            let says = flag.map_or("missing", |flag| {
                let code = case.answers.get(flag.item).copied().flatten().unwrap_or(f64::NAN);
                Safety::of(code, flag.at_least).word()
            });
            cases.push(add(format!("flag {id}"), expected.clone(), says.to_owned(), says == expected));
        }
    }
    cases
}

/// The default set, or the first where there is none.
fn sets_in_use(sets: &[BandSet], chosen: Option<&str>) -> Vec<BandSet> {
    let name = chosen.or_else(|| sets.first().map(|set| set.id.as_str()));
    sets.iter().filter(|set| Some(set.id.as_str()) == name).cloned().collect()
}

fn score_case(key: &InstrumentKey, position: usize, case: &Check) -> Option<f64> {
    let columns: Vec<Codes> =
        case.answers.iter().map(|answer| Codes::new([answer.unwrap_or(f64::NAN)].into())).collect();
    let (mut value, mut answered) = ([0.0], [0]);
    Kernel::new(key, position)?.score(&columns, &(0..1), &mut value, &mut answered, &mut Scratch::default());
    value.first().copied().filter(|value| !value.is_nan())
}
