//! What the commands that judge an index can be asked.

use std::path::PathBuf;

use crate::args::{For, People, Reading, Style};

const AUDIT: &str = "\
Of every column, from the readings over the scores to the index: how many have it, zeros, the commonest value, mean, median, \
spread, skewness G1, kurtosis G2; of columns that belong together Pearson's, Spearman's and Kendall's correlations with n \
and p; of the children of each parent components, KMO, Bartlett's test and alpha; the index without each part in turn; Gini, \
Atkinson and the share below a line; with waves, who changed. What is remarkable is flagged, by thresholds that are said.

FILE's ending says how it is written: .html (with pictures), .md, .json or .txt.

For an employer there are the weights, and n, inequality and change of the index: nothing of fewer than ten people.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = AUDIT)]
pub(crate) struct Audit {
    #[command(flatten)]
    pub(crate) people: People,
    /// Say what this person is strong and weak in, too, by the id in the file
    #[arg(long, value_name = "ID")]
    pub(crate) person: Option<String>,
    /// Correlate the columns of two levels instead: reading, indicator, domain, pillar, index; may be given again
    #[arg(long, value_names = ["LEVEL", "LEVEL"], num_args = 2, action = clap::ArgAction::Append)]
    pub(crate) between: Vec<String>,
    /// Count who is below this index [default: where the lowest band ends]
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub(crate) poverty_line: Option<f64>,
    /// An aversion to inequality for Atkinson's measure, besides 1; may be given again
    #[arg(long, value_name = "E")]
    pub(crate) aversion: Vec<f64>,
    /// The column of the file that names subgroups, for a parent that counts deprivations
    #[arg(long, value_name = "COLUMN")]
    pub(crate) by: Option<String>,
}

const COMPARE: &str = "\
Both definitions score the same file, each with its own calibration: the one it names, the one given, or one learned on these \
people themselves. Places are counted from the highest, among the persons who have both indices; a shift is the number of \
places between the two. The keys that differ are shown with what each definition says.

FILE's ending says how it is written: .html, .md, .json or .txt.

For an employer there are means, correlations and the mean shift, and nothing of fewer than ten people.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = COMPARE)]
pub(crate) struct Compare {
    /// A definition: a file, or an id of the catalogue
    #[arg(value_name = "A")]
    pub(crate) first: String,
    /// Another definition
    #[arg(value_name = "B")]
    pub(crate) second: String,
    /// People, one a row
    pub(crate) data: PathBuf,
    /// The calibration of the first, written by `vointi calibrate` [default: the one the definition names]
    #[arg(long, value_name = "FILE", conflicts_with = "calibrate_here")]
    pub(crate) calibration_a: Option<PathBuf>,
    /// The calibration of the second
    #[arg(long, value_name = "FILE", conflicts_with = "calibrate_here")]
    pub(crate) calibration_b: Option<PathBuf>,
    /// Learn both calibrations from these people themselves
    #[arg(long)]
    pub(crate) calibrate_here: bool,
    /// Write a row a person here, as CSV: both indices, both places, and how far the person moves
    #[arg(long, value_name = "FILE")]
    pub(crate) persons: Option<PathBuf>,
    /// Where the result goes [default: standard output, as `-`]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Who may see the results [default: what the definitions declare]
    #[arg(long, value_enum)]
    pub(crate) audience: Option<For>,
    /// How CSV is written
    #[arg(long, value_enum, value_name = "STYLE", default_value = "plain")]
    pub(crate) csv: Style,
    #[command(flatten)]
    pub(crate) reading: Reading,
}
