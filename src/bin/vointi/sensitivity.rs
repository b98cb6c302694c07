//! `sensitivity`.

use std::path::{Path, PathBuf};

use vointi::{
    Calibration, Cohort,
    definition::Audience,
    report::{self, CsvStyle},
    study::{LearnsFrom, Sensitivity, SensitivitySpec},
};

use crate::{
    args::Format,
    exit::{Failure, note},
    input,
    output::{self, Fill, Target, text_of},
    progress::Progress,
    scale_args::Answered,
    study::{audience_of_people, pool},
};

const SPEC: &str = "\
The spec, in TOML (`vointi schema sensitivity-spec`):
  schema = 1
  points = 256                     N; there are N (factors + 2) runs, and powers of two lie most evenly
  output = \"mean_rank_shift\"       max_rank_shift, rank_shift_sd, mean_index, median_index, index_sd, band_changes, scored;
                                   one or a list
  [[factor]]
  id = \"weights\"                   every weight × (1 ± share), renormalised
  weights = [\"index\", \"pillar.felt\"]   or \"all\"; each = true makes every node a factor of its own
  share = 0.25
  [[factor]]
  id = \"aggregation\"               other values at any key of the definition, the definition as it is among them
  key = \"index.aggregate\"          `*` stands for every key of a table: \"indicator.*.utility\"
  values = [\"geometric\", { power = 0.5 }]
  [[factor]]
  id = \"cut\"                       a number between two
  key = \"index.missing.at_least\"
  range = [0.4, 0.8]

Also seed = 1, level = 0.9 of the intervals, bootstrap = 1000, estimator = \"centred\", \"saltelli\" or \"jansen\", recalibrate = false (every \
run with the calibration of the definition as it is), cells = 4000000 (up to how many scores of runs are kept for exact intervals \
of persons); in a factor keys = { … } of several keys that move together, except = [ … ] of those that `*` stands for, nominal = \
false where the definition as it is is not among the values.

S is the share of the variance that goes with a factor alone, ST the share that goes with it and all it works with.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = SPEC)]
pub(crate) struct Asked {
    #[command(flatten)]
    pub(crate) answered: Answered,
    /// What varies
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: PathBuf,
    /// The people every run learns from, one a row [default: a calibration the definition names, else the people themselves]
    #[arg(long, value_name = "REF", conflicts_with = "calibration")]
    pub(crate) reference: Option<PathBuf>,
    /// A calibration written by `vointi calibrate`, which then serves every run
    #[arg(long, value_name = "FILE")]
    pub(crate) calibration: Option<PathBuf>,
    /// Where each person could stand, as CSV
    #[arg(long, value_name = "FILE")]
    pub(crate) persons: Option<PathBuf>,
    /// Every run with what came of it, as CSV
    #[arg(long, value_name = "FILE")]
    pub(crate) design: Option<PathBuf>,
    /// How many threads run; the results are the same for any number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

/// How the result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Text,
    Html,
    Markdown,
    Json,
    Csv,
}

impl Layout {
    fn of(path: Option<&Path>, format: Option<Format>) -> Result<Self, Failure> {
        let ending = path
            .and_then(|path| path.extension())
            .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        match (format, ending.as_deref()) {
            (Some(Format::Json), _) | (None, Some("json")) => Ok(Self::Json),
            (Some(Format::Csv), _) | (None, Some("csv")) => Ok(Self::Csv),
            (None, Some("html" | "htm")) => Ok(Self::Html),
            (None, Some("md" | "markdown")) => Ok(Self::Markdown),
            (Some(Format::Text), _) | (None, None | Some("txt")) => Ok(Self::Text),
            (None, Some(_)) => Err(Failure::usage(
                "the ending of the file says how the result is written: .html, .md, .txt, .json or .csv",
            )),
        }
    }
}

pub(crate) fn sensitivity(asked: &Asked, format: Option<Format>) -> Result<(), Failure> {
    let shown = &asked.answered.shown;
    let layout = Layout::of(shown.output.as_deref(), format)?;
    let (definition, file) = input::definition(&asked.answered.definition)?;
    let audience = shown.audience.map_or(definition.audience(), Into::into);
    if asked.persons.is_some() {
        audience_of_people(shown.audience, &definition, "where a person could stand")?;
    }
    let target = Target::new(shown.output.as_deref());
    let persons_to = asked.persons.as_deref().map(|path| Target::new(Some(path)));
    let design_to = asked.design.as_deref().map(|path| Target::new(Some(path)));
    let targets: Vec<&Target> =
        [Some(&target), persons_to.as_ref(), design_to.as_ref()].into_iter().flatten().collect();
    let inputs: Vec<&Path> = [
        file.as_deref(),
        Some(asked.answered.data.as_path()),
        Some(asked.spec.as_path()),
        asked.reference.as_deref(),
        asked.calibration.as_deref(),
    ]
    .into_iter()
    .flatten()
    .collect();
    output::check_places(&inputs, &targets)?;
    let mut spec = SensitivitySpec::read(&asked.spec)?;
    if asked.design.is_some() {
        spec = spec.with_design();
    }
    let calibration = match &asked.calibration {
        Some(path) => Some(Calibration::load(path)?),
        None if asked.reference.is_some() => None,
        None => Calibration::of_definition(&definition)?,
    };
    let read = |path: &Path| -> Result<Cohort, Failure> {
        Ok(Cohort::new(&definition, input::table(&definition, path, &shown.reading)?)?)
    };
    let cohort = read(&asked.answered.data)?;
    let reference = asked.reference.as_deref().map(read).transpose()?;
    let learns = match (&reference, &calibration) {
        (Some(reference), _) => LearnsFrom::Reference(reference),
        (None, Some(calibration)) => LearnsFrom::Calibration(calibration),
        (None, None) => LearnsFrom::Persons,
    };
    let running = Progress::new("running");
    let study = || Sensitivity::of(&cohort, &spec, learns, audience);
    let found = match asked.threads {
        None => study(),
        Some(threads) => pool(threads)?.install(study),
    }?;
    drop(running);
    if audience == Audience::Employer {
        note("for an employer: group figures only, and none of fewer than ten people");
    }
    let style = CsvStyle::from(shown.csv);
    let mut outputs: Vec<(&Target, Fill<'_>)> = Vec::new();
    if let Some(target) = &persons_to {
        outputs.push((target, Box::new(|out| report::sensitivity_persons_csv(&cohort, &found, style, out))));
    }
    if let (Some(target), Some(design)) = (&design_to, found.design()) {
        outputs.push((target, Box::new(move |out| report::design_csv(design, style, out))));
    }
    let fill: Fill<'_> = match layout {
        Layout::Text => text_of(report::sensitivity_text(&found)),
        Layout::Html => text_of(report::sensitivity_html(&found)),
        Layout::Markdown => text_of(report::sensitivity_markdown(&found)),
        Layout::Json => text_of(output::json(&found)?),
        Layout::Csv => Box::new(|out| report::sensitivity_csv(&found, style, out)),
    };
    outputs.push((&target, fill));
    output::write(outputs)
}
