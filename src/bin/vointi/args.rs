//! What can be asked for on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use vointi::{definition::Audience, import::Source, report::CsvStyle};

use crate::{
    judge_args,
    scale_args::{self, Shown},
};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  a bug in this program, or a worked case that fails
  2  usage
  3  a fault of the definition or of the calibration
  4  a fault of the data, or a file that cannot be read or written
  5  a fault of the model

DEF is a definition file (a name with a folder, or ending in .toml, or of a file that is there), or the id of a \
definition of the catalogue. People's values and ids stay in the files: no message shows them.";

const COLUMNS: &str = "\
Columns: the id, the wave if there are waves, `index`, `index_se` (how far it would move if measured again), `low` and \
`high` (interval for the true index, with a calibration), `coverage` (the share of the weights that is observed), then \
`pillar.<id>` and `pillar.<id>.se` (`domain.<id>` for domains), `indicator.<id>`, `flags`, `reason`. A missing value is \
an empty field.

Flags, joined by `;`:
  sentinel       an answer or reading was a declared code for missing
  out_of_limits  a reading outside its limits was taken as missing
  few_readings   fewer repeated readings or days than declared
  prorated       a scale was scored from fewer items than it has
  rule_case      a published rule has no row for a value; the definition says what happens
  partial        something is missing below the index; the weights of the rest were renormalised
  floored        a child below the declared floor counted as the floor
  zero           an observed 0 made a geometric or harmonic mean 0, without a standard error
  unusual        a reading is possible, but outside what is usual
  stale          a value is older than its measure allows without remark
  imputed        something that was missing was filled as the definition says
  outside_reference  a reading lies outside the range that its utility learned from the reference

Reasons for no index:
  nothing_scored  nothing below the index has a score
  too_few         less is observed than the index asks for
  screened        left out by the definition's screening

For an employer there are no rows: only the number, mean and standard deviation of the index and the shares in its \
bands, and nothing of fewer than ten people.";

/// One open 0–100 wellbeing index, with its uncertainty, from questionnaires and measurements.
///
/// A tool for populations and self-knowledge, not a medical device.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    /// How results are written [default: csv for `score`, `scales`, `health` and `careless`, otherwise text]
    #[arg(long, global = true, value_enum)]
    pub(crate) format: Option<AnyFormat>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Score 5,265 adults of a public survey, and report on them
    Demo(Demo),
    /// Draft a definition from a file, to be read and corrected
    Init(Init),
    /// Show what a definition says, and whether data fit it
    Check(Check),
    /// Learn from a reference what a definition needs to be calibrated
    Calibrate(Calibrate),
    /// Score every person of a file
    Score(Score),
    /// Fit a model of a score, or of any column of numbers
    Model(Model),
    /// Say what lifts and what lowers a person's index
    Explain(Explain),
    /// Say what goes with other choices, among people
    WhatIf(WhatIf),
    /// Write a report of a cohort, or the page of a person
    Report(Report),
    /// Score the questionnaires of every person of a file: value, answers, standard error, band
    Scales(scale_args::Scales),
    /// Compute the published health scores a definition asks for: beside the index, never in it
    Health(Health),
    /// Say how far each scale can be trusted: alpha, omega, and what each item does
    Reliability(scale_args::Reliability),
    /// Look for answers given without care: runs, unlikely patterns, contradictions
    Careless(scale_args::Careless),
    /// Say whether the persons of a unit agree
    Agreement(scale_args::Agreement),
    /// Say who changed from one time to another, beyond error of measurement
    Change(scale_args::Change),
    /// Hold an index against its own data: do its parts belong together, and what does each do to it
    Audit(judge_args::Audit),
    /// Score the same people by two definitions, and say who moves
    Compare(judge_args::Compare),
    /// Say which choices of a definition move the index, and where each person could stand
    Sensitivity(crate::sensitivity::Asked),
    /// List the published rules, or explain one
    Rules {
        /// A rule, as file.rule
        name: Option<String>,
    },
    /// List the instruments, explain one, run their worked cases, or import one
    Instruments(Instruments),
    /// List the measures of the registry, or explain one
    Measures {
        /// A measure of the registry
        id: Option<String>,
    },
    /// List the definitions of the catalogue, or print one to be copied and changed
    Definitions {
        /// A definition of the catalogue
        id: Option<String>,
    },
    /// Print a JSON Schema, for editors and programs
    Schema {
        /// Of what
        #[arg(value_enum, default_value = "definition")]
        of: SchemaOf,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page of the program, or of a command
    Man {
        /// A command
        command: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// The folder for the scores, the report, the model and a person's page; made if it is not there
    #[arg(short, long, value_name = "DIR", default_value = "vointi-demo")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// People, one a row
    pub(crate) data: PathBuf,
    /// The definition file to write; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// The id of the definition [default: made from the name of the data file]
    #[arg(long)]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// A definition: a file, or an id of the catalogue
    #[arg(value_name = "DEF")]
    pub(crate) definition: String,
    /// People, one a row
    pub(crate) data: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Calibrate {
    /// A definition: a file, or an id of the catalogue
    #[arg(value_name = "DEF")]
    pub(crate) definition: String,
    /// The people to learn from, one a row
    #[arg(value_name = "REF")]
    pub(crate) reference: PathBuf,
    /// The calibration file to write; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Write it even if it holds readings of single persons, as ranks do
    #[arg(long)]
    pub(crate) keep_personal: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = COLUMNS)]
pub(crate) struct Score {
    /// A definition: a file, or an id of the catalogue
    #[arg(value_name = "DEF")]
    pub(crate) definition: String,
    /// People, one a row
    pub(crate) data: PathBuf,
    /// A calibration written by `vointi calibrate` [default: the one the definition names]
    #[arg(long, value_name = "FILE", conflicts_with = "calibrate_here")]
    pub(crate) calibration: Option<PathBuf>,
    /// Learn the calibration from these people themselves, and write it here
    #[arg(long, value_name = "FILE")]
    pub(crate) calibrate_here: Option<PathBuf>,
    /// Write that calibration even if it holds readings of single persons, as ranks do
    #[arg(long, requires = "calibrate_here")]
    pub(crate) keep_personal: bool,
    /// Where the scores go [default: standard output, as `-`]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// How many threads score; the scores are the same for any number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Who may see the results [default: what the definition declares]
    #[arg(long, value_enum)]
    pub(crate) audience: Option<For>,
    /// How CSV is written
    #[arg(long, value_enum, value_name = "STYLE", default_value = "plain")]
    pub(crate) csv: Style,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

const MODEL: &str = "\
The model's file, in TOML:
  outcome    = \"index\"           a column of numbers
  method     = \"ols\"
  covariance = \"hc3\"             classical, hc0, hc1, hc2 or hc3
  missing    = \"drop\"            or error
  [[term]]                       and [[adjust]], alike
  column    = \"smoking\"
  kind      = \"factor\"           or linear
  reference = \"never\"

Instead of it: a definition, whose [model] is fitted, or the index on all its choices and adjusters with HC3. With a \
definition the columns are the choices, the adjusters, the scores as `vointi score` names them, and the columns of the \
file; without one, those of the file.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = MODEL)]
pub(crate) struct Model {
    /// The model's file, or a definition, then people, one a row; with --definition the people alone will do
    #[arg(value_names = ["SPEC", "DATA"], num_args = 1..=2, required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Score the people by this definition, and model scores and choices
    #[arg(long, value_name = "DEF")]
    pub(crate) definition: Option<String>,
    /// A cell that means missing, besides the empty one; with a definition it is declared there
    #[arg(long, value_name = "TEXT")]
    pub(crate) missing: Vec<String>,
    #[command(flatten)]
    pub(crate) scoring: Scoring,
}

/// How people are scored and read, who may see what comes out, and where it goes.
#[derive(Debug, clap::Args)]
pub(crate) struct Scoring {
    /// A calibration written by `vointi calibrate` [default: the one the definition names]
    #[arg(long, value_name = "FILE", conflicts_with = "calibrate_here")]
    pub(crate) calibration: Option<PathBuf>,
    /// Learn the calibration from these people themselves
    #[arg(long)]
    pub(crate) calibrate_here: bool,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

/// People to be scored and explained.
#[derive(Debug, clap::Args)]
pub(crate) struct People {
    /// A definition: a file, or an id of the catalogue
    #[arg(value_name = "DEF")]
    pub(crate) definition: String,
    /// People, one a row
    pub(crate) data: PathBuf,
    #[command(flatten)]
    pub(crate) scoring: Scoring,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) people: People,
    /// The person, by the id in the file
    #[arg(long, value_name = "ID")]
    pub(crate) person: String,
    /// What the person is held against
    #[arg(long, value_enum, value_name = "WHOM", default_value = "cohort")]
    pub(crate) against: Against,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WhatIf {
    #[command(flatten)]
    pub(crate) people: People,
    /// The person, by the id in the file [default: everyone behind the model]
    #[arg(long, value_name = "ID")]
    pub(crate) person: Option<String>,
    /// A choice set otherwise; may be given again for another choice
    #[arg(long, value_name = "CHOICE=VALUE", required = true)]
    pub(crate) set: Vec<String>,
    /// For everyone: the share at or above this score [default: where the highest band begins]
    #[arg(long, value_name = "SCORE", conflicts_with = "person")]
    pub(crate) above: Option<f64>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) people: People,
    /// The page of this person instead, by the id in the file
    #[arg(long, value_name = "ID")]
    pub(crate) person: Option<String>,
}

const HEALTH: &str = "\
Columns of the CSV: the id, the wave if there are waves, and for every score of [health] `<id>`, `<id>.class`, \
`<id>.note` (why there is no value), `<id>.flags`, `<id>.parts` (how many components are there) and \
`<id>.part.<name>`. Reasons: missing:<input>, age, outside:<input>, what the rule refuses, case:<case>, undetermined, \
too_few. Flags, joined by `;`: assumed (something that was not there counts as the usual), censored (beyond the outermost \
tabulated percentile), and those of the rule. For the clinic or research only.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = HEALTH)]
pub(crate) struct Health {
    #[command(flatten)]
    pub(crate) people: People,
    /// The scores of this person as text, component by component, by the id in the file
    #[arg(long, value_name = "ID")]
    pub(crate) person: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Against {
    /// The mean of these people, indicator by indicator
    Cohort,
    /// The mean of those the calibration was learned from
    Calibration,
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Instruments {
    #[command(subcommand)]
    pub(crate) import: Option<OfInstruments>,
    /// An instrument of the catalogue, or a file of your own
    pub(crate) id: Option<String>,
    /// Score the worked cases of its sources; exit 1 if one differs
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OfInstruments {
    /// Draft an instrument file from a questionnaire in another format, to be read and corrected
    Import(Import),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// A FHIR Questionnaire (JSON), a REDCap data dictionary (CSV), or a scorify sheet (CSV or tabs)
    pub(crate) file: PathBuf,
    /// The id of the instrument [default: from the file]
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// The form of a REDCap data dictionary that has several
    #[arg(long, value_name = "NAME")]
    pub(crate) form: Option<String>,
    /// The format [default: what the file shows]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) from: Option<Questionnaires>,
    /// The instrument file to write [default: standard output, as `-`]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// How a CSV file is read. What is not said is found out from the file, and printed.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Reading the file")]
pub(crate) struct Reading {
    /// Its encoding, such as windows-1252 [default: UTF-8, or UTF-16 with a byte-order mark]
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,
    /// What stands between fields [default: what the header shows]
    #[arg(long, value_enum, value_name = "SIGN")]
    pub(crate) delimiter: Option<Delimiter>,
    /// The decimal sign [default: what the numbers show]
    #[arg(long, value_enum, value_name = "SIGN")]
    pub(crate) decimal: Option<Decimal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnyFormat {
    /// For reading
    Text,
    /// For programs
    Json,
    /// For tables
    Csv,
    /// For copying: `instruments` alone
    Toml,
}

/// How the results of every command can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
    Csv,
}

impl AnyFormat {
    /// None where only instruments can be written so.
    pub(crate) fn of_results(self) -> Option<Format> {
        match self {
            Self::Text => Some(Format::Text),
            Self::Json => Some(Format::Json),
            Self::Csv => Some(Format::Csv),
            Self::Toml => None,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Questionnaires {
    /// A FHIR R4 or R5 Questionnaire as JSON
    Fhir,
    /// A REDCap data dictionary as CSV
    Redcap,
    /// A scorify sheet
    Scorify,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SchemaOf {
    /// Definition files
    Definition,
    /// Files that a model is read from
    Model,
    /// What `model --format json` writes
    Fitted,
    /// What `audit --format json` writes
    Audit,
    /// What `compare --format json` writes
    Compare,
    /// Files that say what `sensitivity` varies
    SensitivitySpec,
    /// What `sensitivity --format json` writes
    Sensitivity,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum For {
    /// Those who treat the person
    Clinic,
    /// A research team
    Research,
    /// An employer: group figures only
    Employer,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Style {
    /// Commas and decimal points
    Plain,
    /// What Excel opens rightly in Europe: `;`, decimal commas, byte-order mark
    ExcelEu,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Delimiter {
    #[value(name = ",")]
    Comma,
    #[value(name = ";")]
    Semicolon,
    #[value(name = "tab")]
    Tab,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Decimal {
    #[value(name = ".")]
    Point,
    #[value(name = ",")]
    Comma,
}

impl From<For> for Audience {
    fn from(asked: For) -> Self {
        match asked {
            For::Clinic => Self::Clinic,
            For::Research => Self::Research,
            For::Employer => Self::Employer,
        }
    }
}

impl From<Questionnaires> for Source {
    fn from(asked: Questionnaires) -> Self {
        match asked {
            Questionnaires::Fhir => Self::Fhir,
            Questionnaires::Redcap => Self::Redcap,
            Questionnaires::Scorify => Self::Scorify,
        }
    }
}

impl From<Style> for CsvStyle {
    fn from(asked: Style) -> Self {
        match asked {
            Style::Plain => Self::default(),
            Style::ExcelEu => Self::excel_eu(),
        }
    }
}

impl Delimiter {
    pub(crate) fn sign(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
        }
    }
}

impl Decimal {
    pub(crate) fn sign(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}
