//! People read and scored: what `score`, `explain`, `what-if`, `report` and `model` have in common.

use std::path::{Path, PathBuf};

use vointi::{Calibration, Cohort, Definition, Index, Scores, definition::Audience};

use crate::{
    args::{People, Reading},
    exit::{Failure, note},
    input,
    progress::Progress,
};

pub(crate) const SHIPPED: &str = "shipped with the definition";

/// A cohort with its scores, and where the calibration came from.
pub(crate) struct Study {
    pub(crate) cohort: Cohort,
    pub(crate) index: Index,
    pub(crate) scores: Scores,
    pub(crate) calibrated_from: String,
}

/// What a study is made from, with everything checked that can be checked without the data.
pub(crate) struct Planned {
    pub(crate) definition: Definition,
    file: Option<PathBuf>,
    data: PathBuf,
    calibration: Option<PathBuf>,
    /// None where it is learned on the people themselves.
    index: Option<Index>,
}

impl Planned {
    pub(crate) fn new(
        definition: &str,
        data: &Path,
        calibration: Option<&Path>,
        calibrate_here: bool,
    ) -> Result<Self, Failure> {
        let (definition, file) = input::definition(definition)?;
        let index = match calibration {
            Some(path) => Some(Index::with(&definition, Calibration::load(path)?)?),
            None if calibrate_here => None,
            None => Some(Index::new(&definition)?),
        };
        Ok(Self {
            definition,
            file,
            data: data.to_owned(),
            calibration: calibration.map(Path::to_owned),
            index,
        })
    }

    /// Of people as the arguments give them.
    pub(crate) fn of(people: &People) -> Result<Self, Failure> {
        let scoring = &people.scoring;
        Self::new(&people.definition, &people.data, scoring.calibration.as_deref(), scoring.calibrate_here)
    }

    /// The files that are read.
    pub(crate) fn inputs(&self) -> Vec<&Path> {
        let files = [self.file.as_deref(), Some(self.data.as_path()), self.calibration.as_deref()];
        files.into_iter().flatten().collect()
    }

    /// Reads and scores.
    pub(crate) fn run(self, reading: &Reading, threads: Option<u16>) -> Result<Study, Failure> {
        let cohort = Cohort::new(&self.definition, input::table(&self.definition, &self.data, reading)?)?;
        let (index, calibrated_from) = match (self.index, self.calibration) {
            (Some(index), Some(path)) => (index, path.display().to_string()),
            (Some(index), None) => (index, SHIPPED.to_owned()),
            (None, _) => {
                note(
                    "the calibration is learned on these people themselves: their scores depend on who is in the file",
                );
                (Index::calibrate(&cohort)?, "learned on these people themselves".to_owned())
            }
        };
        let scores = score_all(&index, &cohort, threads)?;
        Ok(Study { cohort, index, scores, calibrated_from })
    }
}

/// Who the results are for: as asked, or as the definition declares; an employer sees nothing of single people.
pub(crate) fn audience_of_people(
    asked: Option<crate::args::For>,
    definition: &Definition,
    what: &str,
) -> Result<Audience, Failure> {
    let audience = asked.map_or(definition.audience(), Into::into);
    if audience == Audience::Employer {
        return Err(Failure::usage(format!(
            "{what} is not for an employer, who gets group figures only: `vointi score … --audience employer`"
        )));
    }
    Ok(audience)
}

fn score_all(index: &Index, cohort: &Cohort, threads: Option<u16>) -> Result<Scores, Failure> {
    let _scoring = Progress::new("scoring");
    let Some(threads) = threads else { return Ok(index.score_cohort(cohort)?) };
    Ok(pool(threads)?.install(|| index.score_cohort(cohort))?)
}

/// So many threads.
pub(crate) fn pool(threads: u16) -> Result<rayon::ThreadPool, Failure> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(threads))
        .build()
        .map_err(|error| Failure::usage(format!("{threads} threads cannot be had: {error}")))
}
