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

const SCALES: &str = "\
Columns: the id, the wave if there are waves, and for every scale `<instrument>.<scale>`, `….answered` (how many items), \
`….prorated` (1 where the score stands for items that were not answered), `….sem` (the standard error of measurement, \
where a reliability and a spread are known), `….band` (where bands are in use); where a norm is in use `….z`, `….t`, `….stanine`, `….percentile`, `….small_norm_t` (Crawford and Howell's), `….norm` (whose norm) and \
`….norm_n` (of how many persons). A missing value is an empty field. Scales \
that are valid for groups alone are in the text and JSON only.

--safety writes the answers that somebody has to look at instead, whatever the score: `yes`, `no` or `unanswered`.

For an employer there are no rows and no bands: only group figures, and nothing of fewer than ten people.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = SCALES)]
pub(crate) struct Scales {
    #[command(flatten)]
    pub(crate) answered: Answered,
    /// Write the safety flags instead of the scores
    #[arg(long)]
    pub(crate) safety: bool,
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

const CARELESS: &str = "\
Columns of the CSV: the id, the wave if there are waves, and for every instrument `<id>.answered`; `<id>.longstring`, the \
longest run of the same answer as given; `<id>.irv`, the standard deviation of a person's answers; `<id>.mahalanobis`, the \
squared distance from the mean of the complete persons, with its `<id>.p` and `<id>.flag` beyond χ²(.999); `<id>.even_odd`, \
the agreement of odd with even items over three scales or more, stepped up by Spearman and Brown; `<id>.synonyms`, the \
agreement over three pairs or more of items that correlate by .60. A higher value of the last two is more consistent. None \
of them is proof of carelessness. For the clinic or research only.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = CARELESS)]
pub(crate) struct Careless {
    #[command(flatten)]
    pub(crate) answered: Answered,
}

const AGREEMENT: &str = "\
Of the persons who answered every item: ICC(1), the share of the variance between units; ICC(2), the reliability of a \
unit's mean; and by unit rwg and rwg(j) against answers at random, Lindell's r*, and the mean distance from the unit's mean \
and median. A negative rwg is shown as 0, and such units are counted. For an employer no unit below ten persons is shown, \
nor another from which it would follow.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = AGREEMENT)]
pub(crate) struct Agreement {
    #[command(flatten)]
    pub(crate) answered: Answered,
    /// The column that names the unit of each person
    #[arg(long, value_name = "COLUMN")]
    pub(crate) unit: String,
    /// Of this scale alone, as instrument.scale
    #[arg(long, value_name = "NAME")]
    pub(crate) scale: Option<String>,
}

const CHANGE: &str = "\
Persons are matched by id. The reliability is the one given, else the one that an indicator of the definition declares \
for the scale, else the published one that was read in its source or asked for, else alpha of the persons before; the output \
says which. So is the least important change the one given, else the published one. Mean and standard deviation are those before.

Columns of the CSV: person, before, after, difference, rci (Jacobson and Truax), gulliksen_lord_novick, \
edwards_nunnally_low and _high (the range of no change), practice_adjusted, the verdict of each (improved, unchanged, \
deteriorated), crossed_a, crossed_b, crossed_c, class (recovered, improved, unchanged, deteriorated), important. For an \
employer there are figures of the group only, of ten persons or more.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = CHANGE)]
pub(crate) struct Change {
    /// A definition: a file, or an id of the catalogue
    #[arg(value_name = "DEF")]
    pub(crate) definition: String,
    /// People before, one a row
    pub(crate) before: PathBuf,
    /// The same people after, one a row
    pub(crate) after: PathBuf,
    /// The scale, as instrument.scale [default: the only one there is]
    #[arg(long, value_name = "NAME")]
    pub(crate) scale: Option<String>,
    /// The reliability of the score, from 0 to below 1
    #[arg(long, value_name = "R", requires = "source")]
    pub(crate) reliability: Option<f64>,
    /// Where the reliability is from
    #[arg(long, value_name = "WORDS", requires = "reliability")]
    pub(crate) source: Option<String>,
    /// Mean and standard deviation of the population to be reached, for the cut-offs b and c
    #[arg(long, value_names = ["MEAN", "SD"], num_args = 2, allow_negative_numbers = true)]
    pub(crate) functional: Option<Vec<f64>>,
    /// The mean change of people who were only asked twice
    #[arg(long, value_name = "POINTS", allow_negative_numbers = true)]
    pub(crate) practice: Option<f64>,
    /// The published least important change; judged apart from error of measurement
    #[arg(long, value_name = "POINTS")]
    pub(crate) important: Option<f64>,
    #[command(flatten)]
    pub(crate) shown: Shown,
}
