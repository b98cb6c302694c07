//! What the commands about scales can be asked.

use std::path::PathBuf;

use crate::args::{For, Reading, Style};

/// People whose answers are looked at, and where what is found goes.
#[derive(Debug, clap::Args)]
pub(crate) struct Answered {
    /// A definition: a file, or an id of the catalogue
    #[arg(value_name = "DEF")]
    pub(crate) definition: String,
    /// People, one a row
    pub(crate) data: PathBuf,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

/// Where what is found goes, and who may see it.
#[derive(Debug, clap::Args)]
pub(crate) struct Shown {
    /// Where the result goes [default: standard output, as `-`]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Who may see the results [default: what the definition declares]
    #[arg(long, value_enum)]
    pub(crate) audience: Option<For>,
    /// How CSV is written
    #[arg(long, value_enum, value_name = "STYLE", default_value = "plain")]
    pub(crate) csv: Style,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

const RELIABILITY: &str = "\
Of every scale with two or more items, from the persons who answered all of them: alpha with Feldt's interval, omega of one \
factor by maximum likelihood, Guttman's lambdas, the split half, the error of measurement of a score, and the shares at the \
ends of the scale; of every item its correlation with the rest, and alpha without it. An item that goes against the others \
is named, with alpha as it would be with that item turned round.

`lambda2` and `lambda4` are of the covariances, `lambda2_r` and `lambda4_r` of the correlations; `lambda6` is of the \
correlations. Not for an employer, because it shows single items.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = RELIABILITY)]
pub(crate) struct Reliability {
    #[command(flatten)]
    pub(crate) answered: Answered,
    /// Of this scale alone, as instrument.scale
    #[arg(long, value_name = "NAME")]
    pub(crate) scale: Option<String>,
}
