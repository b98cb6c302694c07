//! scorify score sheets: reading the lines. What they mean as an instrument is in [`key`].

mod key;
mod mapping;

use std::collections::HashMap;

use super::{
    Imported, Importer, Source,
    draft::{Draft, shown},
    sheet::{self, Row},
};
use crate::error::{Fault, Result, suggest};
use mapping::Mapping;

/// Imports a scorify score sheet, separated by commas, semicolons or tabs.
///
/// Columns that are scored under a measure become items, and measures become scales: `sum`, `mean`, `sum_imputed`,
/// `mean_imputed`, of columns or of measures before; `min`, `max` and `ratio` by a formula. `map(1:5,5:1)` is a reversed item;
/// other maps become what each code counts, and so does `discrete_map` from numbers to numbers.
///
/// Refused by name, each with its reason: `join`, `imputed_fraction`, `passthrough_map`; a ratio that could divide by 0; columns of
/// which nothing says what codes they have (without a map, those of all maps are taken where they agree); a
/// column that counts differently in two measures, unless it is only reversed. A measure is refused whole, never scored from
/// some of its columns.
///
/// `exclude` lines are about people, and never shown. `layout` lines are about a file.
///
/// **Missing data.** `sum` and `mean` need all items. `mean_imputed` is the mean of what is answered, `sum_imputed` that mean for
/// every item. A code outside its map is no answer here; scorify follows the line further.
///
/// # Errors
/// Lines with an unknown verb, with too few cells, or with a map that cannot be read; names given twice; names that no line
/// before declares; a sheet of which no measure is left.
///
/// **Reference.** scorify, README, "Scoresheet reference" (Vack & Fitch, University of Wisconsin).
///
/// # Example
/// ```
/// use vointi::import;
/// let imported = import::scorify("transform\tup\tmap(0:3,0:3)\ntransform\tdown\tmap(0:3,3:0)\n\
///     score\tq1\ttired\tup\nscore\tq2\ttired\tdown\n\
///     measure\ttired\tsum_imputed(tired)\nmeasure\tall\tjoin(tired)\n")?;
/// assert!(imported.toml.contains("missing   = { prorate = 1 }\nrange     = [0, 6]\nends      = [3, 3]\n"));
/// assert_eq!(imported.notes, ["measure `all` is refused: join() gives a text, and no score"]);
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn scorify(text: &str) -> Result<Imported> {
    Importer::new().source(Source::Scorify).read(text)
}

type Faults = Vec<Fault>;

const VERBS: &[&str] = &["layout", "rename", "exclude", "transform", "score", "measure"];

const AGGREGATORS: &[&str] =
    &["sum", "mean", "sum_imputed", "mean_imputed", "imputed_fraction", "join", "ratio", "min", "max"];

/// What the lines of a sheet say.
#[derive(Default)]
struct Sheet<'a> {
    renamed: HashMap<&'a str, &'a str>,
    transforms: HashMap<&'a str, Mapping>,
    scores: Vec<Score<'a>>,
    measures: Vec<Measure<'a>>,
    excludes: usize,
}

/// A column that is scored under a measure.
struct Score<'a> {
    line: usize,
    column: &'a str,
    /// Empty where it is only copied.
    measure: &'a str,
    transform: &'a str,
}

struct Measure<'a> {
    line: usize,
    name: &'a str,
    aggregator: &'a str,
    reads: Vec<&'a str>,
}

/// Whether a word begins the lines of a sheet.
pub(super) fn is_verb(word: &str) -> bool {
    VERBS.contains(&word)
}

pub(super) fn draft(text: &str) -> std::result::Result<Draft, Faults> {
    let rows = sheet::rows(text)?;
    let mut sheet = Sheet::default();
    let mut faults = Vec::new();
    for row in rows.iter().filter(|row| !row.is_remark()) {
        if let Err(fault) = sheet.add(row) {
            faults.push(fault.line(row.line));
        }
    }
    sheet.check_names(&mut faults);
    faults.sort_by_key(|fault| fault.place().line());
    if faults.is_empty() { Ok(key::of(&sheet)) } else { Err(faults) }
}

impl<'a> Sheet<'a> {
    fn add(&mut self, row: &'a Row) -> std::result::Result<(), Box<Fault>> {
        let cell = |at: usize| row.cell(at);
        let needs = |width: usize, what: &str| {
            let is_empty = (1..width).any(|at| cell(at).is_empty());
            let fault = || Box::new(Fault::new(format!("`{}` needs {what}", cell(0))));
            if is_empty { Err(fault()) } else { Ok(()) }
        };
        let twice = |what: &str, name: &str| {
            Fault::new(format!("the {what} {} is given twice", shown(name)))
                .help("every one has a name of its own")
        };
        match cell(0) {
            "layout" => {
                let words = ["header", "data", "skip", "keep"];
                if !words.contains(&cell(1).to_lowercase().as_str()) {
                    return Err(Fault::new("the layout is not known").help(suggest(cell(1), words)).into());
                }
            }
            "exclude" => {
                needs(2, "a column")?;
                self.excludes += 1;
            }
            "rename" => {
                needs(3, "a column and its new name")?;
                if self.renamed.values().any(|known| *known == cell(2)) || self.renamed.contains_key(cell(1))
                {
                    return Err(twice("renamed column", cell(2)).into());
                }
                self.renamed.insert(cell(1), cell(2));
            }
            "transform" => {
                needs(2, "a name")?;
                let mapping = Mapping::read(cell(2))?;
                if self.transforms.insert(cell(1), mapping).is_some() {
                    return Err(twice("transform", cell(1)).into());
                }
            }
            "score" => {
                needs(2, "a column")?;
                let (column, measure) = (cell(1), cell(2));
                if self.scores.iter().any(|score| score.column == column && score.measure == measure) {
                    return Err(twice("column under the same measure", column).into());
                }
                self.scores.push(Score { line: row.line, column, measure, transform: cell(3) });
            }
            "measure" => {
                needs(3, "a name and an aggregator")?;
                if self.measures.iter().any(|measure| measure.name == cell(1)) {
                    return Err(twice("measure", cell(1)).into());
                }
                let (aggregator, reads) = read_aggregator(cell(2))?;
                self.measures.push(Measure { line: row.line, name: cell(1), aggregator, reads });
            }
            other => {
                let help = suggest(other, VERBS.iter().copied());
                return Err(Fault::new("the first cell is no verb of a sheet").help(help).into());
            }
        }
        Ok(())
    }

    /// Names that are used and not declared.
    fn check_names(&self, faults: &mut Faults) {
        for score in &self.scores {
            if !score.transform.is_empty() && !self.transforms.contains_key(score.transform) {
                let fault =
                    Fault::new(format!("there is no transform {}", shown(score.transform))).line(score.line);
                faults.push(fault.help(suggest(score.transform, self.transform_names())));
            }
            if let Some(new) = self.renamed.get(score.column) {
                let fault =
                    Fault::new(format!("the column {} is renamed", shown(score.column))).line(score.line);
                faults.push(fault.help(format!("use its new name, {}", shown(new))));
            }
        }
        for (position, measure) in self.measures.iter().enumerate() {
            let before = self.measures.iter().take(position).map(|measure| measure.name);
            let known: Vec<&str> = before.chain(self.scores.iter().map(Score::name)).collect();
            for name in measure.reads.iter().filter(|name| !known.contains(name)) {
                let fault = Fault::new(format!("nothing is scored as {}", shown(name))).line(measure.line);
                faults.push(fault.help("name a measure of `score` lines, or one of the measures before"));
            }
            if measure.aggregator == "ratio" && measure.reads.len() != 2 {
                faults.push(Fault::new("ratio() is of two").line(measure.line));
            }
        }
    }

    fn transform_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.transforms.keys().copied().collect();
        names.sort_unstable();
        names
    }
}

impl<'a> Score<'a> {
    /// What measures can call it: its measure; itself, where it has none.
    fn name(&self) -> &'a str {
        if self.measure.is_empty() { self.column } else { self.measure }
    }
}

/// `mean(a, b)`: the aggregator and what it reads.
fn read_aggregator(text: &str) -> std::result::Result<(&str, Vec<&str>), Box<Fault>> {
    let parts = text.strip_suffix(')').and_then(|text| text.split_once('('));
    let Some((name, reads)) = parts else {
        let fault = Fault::new("the aggregator is not written as `mean(measure)`");
        return Err(fault.help("a cell with a comma in it must stand in quotes").into());
    };
    let lower = name.trim().to_lowercase();
    let Some(known) = AGGREGATORS.iter().find(|known| **known == lower) else {
        let help = suggest(&lower, AGGREGATORS.iter().copied());
        return Err(Fault::new("the aggregator is not known").help(help).into());
    };
    let reads: Vec<&str> = reads.split(',').map(str::trim).collect();
    if reads.iter().any(|name| name.is_empty()) {
        return Err(Fault::new("the aggregator reads a measure without a name").into());
    }
    Ok((known, reads))
}
