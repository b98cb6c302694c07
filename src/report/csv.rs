//! Values as CSV.

use std::io::{self, Write};

use super::{PIECE, same_rows, written};
use crate::{
    cohort::{Cohort, Inspection},
    definition::{Definition, Direction, MeasureSummary},
    error::Result,
    index::Scores,
    study::{GroupFigures, Summary},
};

/// How CSV is written: what stands between fields, the decimal sign, and a byte-order mark or none.
///
/// # Example
/// ```
/// use vointi::report::CsvStyle;
/// assert_ne!(CsvStyle::default(), CsvStyle::excel_eu());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvStyle {
    delimiter: u8,
    decimal: u8,
    bom: bool,
}

/// Commas between fields, decimal point, no byte-order mark.
impl Default for CsvStyle {
    fn default() -> Self {
        Self { delimiter: b',', decimal: b'.', bom: false }
    }
}

impl CsvStyle {
    /// What Excel opens rightly where the decimal sign is a comma: `;`, decimal comma, byte-order mark.
    pub fn excel_eu() -> Self {
        Self { delimiter: b';', decimal: b',', bom: true }
    }
}

/// Lines of fields, formatted into one buffer that is used again and again.
pub(super) struct Sheet<W> {
    out: W,
    buffer: Vec<u8>,
    style: CsvStyle,
    /// The next field is the first of its line.
    begins: bool,
}

impl<W: Write> Sheet<W> {
    fn new(out: W, style: CsvStyle) -> Self {
        let mut buffer = Vec::with_capacity(PIECE + PIECE / 4);
        if style.bom {
            buffer.extend_from_slice("\u{feff}".as_bytes());
        }
        Self { out, buffer, style, begins: true }
    }

    pub(super) fn header<'a>(
        out: W,
        style: CsvStyle,
        names: impl IntoIterator<Item = &'a str>,
    ) -> io::Result<Self> {
        let mut sheet = Self::new(out, style);
        for name in names {
            sheet.text(name);
        }
        sheet.end()?;
        Ok(sheet)
    }

    fn begin(&mut self) {
        if !self.begins {
            self.buffer.push(self.style.delimiter);
        }
        self.begins = false;
    }

    /// A text, quoted where it must be, and kept from being taken for a formula.
    pub(super) fn text(&mut self, text: &str) {
        self.begin();
        let needs_quotes = |byte: u8| byte == self.style.delimiter || matches!(byte, b'"' | b'\n' | b'\r');
        let quoted = text.bytes().any(needs_quotes);
        if quoted {
            self.buffer.push(b'"');
        }
        if looks_like_formula(text) {
            self.buffer.push(b'\'');
        }
        for byte in text.bytes() {
            if byte == b'"' {
                self.buffer.push(b'"');
            }
            self.buffer.push(byte);
        }
        if quoted {
            self.buffer.push(b'"');
        }
    }

    /// The shortest digits that give the number back, never with an exponent; NaN is an empty field.
    pub(super) fn number(&mut self, value: f64) -> io::Result<()> {
        self.begin();
        if value.is_nan() {
            return Ok(());
        }
        let start = self.buffer.len();
        // Adding 0 takes the sign off −0.
        write!(self.buffer, "{}", value + 0.0)?;
        if self.style.decimal != b'.' {
            let digits = self.buffer.get_mut(start..).unwrap_or_default();
            if let Some(point) = digits.iter_mut().find(|byte| **byte == b'.') {
                *point = self.style.decimal;
            }
        }
        Ok(())
    }

    pub(super) fn optional(&mut self, value: Option<f64>) -> io::Result<()> {
        self.number(value.unwrap_or(f64::NAN))
    }

    pub(super) fn count(&mut self, value: Option<usize>) -> io::Result<()> {
        self.begin();
        value.map_or(Ok(()), |value| write!(self.buffer, "{value}"))
    }

    /// Codes joined by `;`.
    pub(super) fn codes<'a>(&mut self, codes: impl Iterator<Item = &'a str>) {
        self.begin();
        let start = self.buffer.len();
        for code in codes {
            if self.buffer.len() > start {
                self.buffer.push(b';');
            }
            self.buffer.extend_from_slice(code.as_bytes());
        }
        if self.style.delimiter == b';' && self.buffer.get(start..).is_some_and(|codes| codes.contains(&b';'))
        {
            self.buffer.insert(start, b'"');
            self.buffer.push(b'"');
        }
    }

    pub(super) fn end(&mut self) -> io::Result<()> {
        self.buffer.push(b'\n');
        self.begins = true;
        if self.buffer.len() >= PIECE { self.hand_on() } else { Ok(()) }
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.hand_on()?;
        self.out.flush()
    }
}

/// Whether a spreadsheet would compute the text instead of showing it. Plain numbers may begin with a sign.
fn looks_like_formula(text: &str) -> bool {
    let Some(first) = text.bytes().next() else { return false };
    let is_number = || {
        let digits = text.get(1..).unwrap_or_default();
        matches!(first, b'+' | b'-')
            && digits.bytes().any(|byte| byte.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
            && digits.bytes().filter(|byte| !byte.is_ascii_digit()).count() < 2
    };
    matches!(first, b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r') && !is_number()
}

/// Writes one row a person, in the order of the cohort.
///
/// **Columns** the id, the wave if the definition has waves, `index`, `index_se`, `low`, `high`, `coverage`; in declared
/// order `pillar.<id>` and `pillar.<id>.se` (`domain.<id>` for domains), `indicator.<id>`; `flags`, joined by `;`; and
/// `reason`, why there is no index.
///
/// **Missing data** is an empty field. Numbers are the shortest that read back to the same bits. An id that a
/// spreadsheet would take for a formula gets a `'` before it.
///
/// # Errors
/// Scores of another cohort; an output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, report::{self, CsvStyle}};
///
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let scores = Index::new(&definition)?.score_cohort(&cohort)?;
/// let mut file = Vec::new();
/// report::scores_csv(&cohort, &scores, CsvStyle::default(), &mut file)?;
/// let text = String::from_utf8(file).unwrap();
/// assert!(text.starts_with("person,index,index_se,low,high,coverage,pillar.felt,pillar.felt.se,"));
/// assert_eq!(text.lines().count(), 1 + 5265);
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn scores_csv(cohort: &Cohort, scores: &Scores, style: CsvStyle, out: impl Write) -> Result<()> {
    same_rows(cohort, scores)?;
    written(write_scores(cohort, scores, style, out))
}

fn write_scores(cohort: &Cohort, scores: &Scores, style: CsvStyle, out: impl Write) -> io::Result<()> {
    let person = &cohort.parts().person;
    let names = scores.names();
    let ids = std::iter::once(person.id.as_str()).chain(person.wave.as_deref());
    let header = ids.chain(names.iter().map(String::as_str)).chain(["flags", "reason"]);
    let mut sheet = Sheet::header(out, style, header)?;
    for (row, (flags, reason)) in scores.flags().iter().zip(scores.reasons()).enumerate() {
        sheet.text(cohort.id(row).unwrap_or_default());
        if cohort.has_waves() {
            sheet.text(cohort.wave(row).unwrap_or_default());
        }
        for column in 0..names.len() {
            sheet.number(scores.cell(row, column))?;
        }
        sheet.codes(flags.iter().map(crate::cohort::Flag::code));
        sheet.text(reason.code());
        sheet.end()?;
    }
    sheet.finish()
}

/// Writes the summary of scores, one row a score: `score`, `n`, `mean`, `sd`, `q25`, `q50`, `q75`.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, study::Summary, report::{self, CsvStyle}};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let summary = Summary::of(&cohort, &index, &index.score_cohort(&cohort)?)?;
/// let mut file = Vec::new();
/// report::summary_csv(&summary, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"score,n,mean,sd,q25,q50,q75\nindex,"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn summary_csv(summary: &Summary, style: CsvStyle, out: impl Write) -> Result<()> {
    let write = || {
        let mut sheet = Sheet::header(out, style, ["score", "n", "mean", "sd", "q25", "q50", "q75"])?;
        for score in &summary.scores {
            sheet.text(&score.name);
            sheet.count(Some(score.n))?;
            sheet.optional(score.mean)?;
            sheet.optional(score.sd)?;
            for at in 0..3 {
                sheet.optional(score.quartiles.and_then(|quartiles| quartiles.get(at).copied()))?;
            }
            sheet.end()?;
        }
        sheet.finish()
    };
    written(write())
}

/// Writes what an employer may see, one row a figure; what is withheld is an empty field.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, Index, study::Summary, report::{self, CsvStyle}};
/// let definition = Definition::builtin("nhanes")?;
/// let cohort = Cohort::read_csv(&definition, "data/nhanes/adults.csv")?;
/// let index = Index::new(&definition)?;
/// let summary = Summary::of(&cohort, &index, &index.score_cohort(&cohort)?)?;
/// let mut file = Vec::new();
/// report::figures_csv(&summary.for_employer(), CsvStyle::default(), &mut file)?;
/// assert_eq!(String::from_utf8(file).unwrap().lines().count(), 7);
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn figures_csv(figures: &GroupFigures, style: CsvStyle, out: impl Write) -> Result<()> {
    let write = || {
        let mut sheet = Sheet::header(out, style, ["figure", "value"])?;
        sheet.text("n");
        sheet.count(figures.scored)?;
        sheet.end()?;
        for (name, value) in [("mean", figures.mean), ("sd", figures.sd)] {
            sheet.text(name);
            sheet.optional(value)?;
            sheet.end()?;
        }
        for band in &figures.bands {
            sheet.text(&format!("share.{}", band.band));
            sheet.optional(band.share)?;
            sheet.end()?;
        }
        sheet.finish()
    };
    written(write())
}

/// Writes the resolved tree, one row a node.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// use vointi::{Definition, report::{self, CsvStyle}};
/// let mut file = Vec::new();
/// report::tree_csv(&Definition::builtin("nhanes")?, CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"depth,kind,id,weight,effective_weight,how,note\n0,index,index,1,1,"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn tree_csv(definition: &Definition, style: CsvStyle, out: impl Write) -> Result<()> {
    let write = || {
        let header = ["depth", "kind", "id", "weight", "effective_weight", "how", "note"];
        let mut sheet = Sheet::header(out, style, header)?;
        for node in definition.tree() {
            sheet.count(Some(node.depth))?;
            sheet.text(node.kind);
            sheet.text(&node.id);
            sheet.optional(node.weight)?;
            sheet.optional(node.effective_weight)?;
            sheet.text(&node.how);
            sheet.text(&node.note);
            sheet.end()?;
        }
        sheet.finish()
    };
    written(write())
}

/// Writes definitions, one a row: id, version, title, whom they describe, whom they are for, and their hash.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// use vointi::{Definition, report::{self, CsvStyle}};
/// let mut file = Vec::new();
/// report::definitions_csv(&[Definition::builtin("nhanes")?], CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"id,version,title,population,audience,hash\nnhanes,"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn definitions_csv(definitions: &[Definition], style: CsvStyle, out: impl Write) -> Result<()> {
    let write = || {
        let mut sheet =
            Sheet::header(out, style, ["id", "version", "title", "population", "audience", "hash"])?;
        for one in definitions {
            let audience = one.audience().word();
            for cell in [one.id(), one.version(), one.title(), one.population(), audience, one.hash()] {
                sheet.text(cell);
            }
            sheet.end()?;
        }
        sheet.finish()
    };
    written(write())
}

/// Writes how full each column is that a definition reads; `observed` is empty where there is no such column.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::{Cohort, Definition, cohort::Inspection, report::{self, CsvStyle}};
/// let definition = Definition::builtin("nhanes")?;
/// let table = Cohort::csv_options(&definition).read("data/nhanes/adults.csv")?;
/// let mut file = Vec::new();
/// report::coverage_csv(&Inspection::of(&definition, table), CsvStyle::default(), &mut file)?;
/// assert!(file.starts_with(b"column,used_by,observed,rows\nperson,person.id,5265,5265\n"));
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn coverage_csv(found: &Inspection, style: CsvStyle, out: impl Write) -> Result<()> {
    let write = || {
        let mut sheet = Sheet::header(out, style, ["column", "used_by", "observed", "rows"])?;
        for column in &found.columns {
            sheet.text(&column.column);
            sheet.text(&column.used_by);
            sheet.count(column.observed)?;
            sheet.count(Some(found.rows))?;
            sheet.end()?;
        }
        sheet.finish()
    };
    written(write())
}

/// Writes the registry of measures, one row a measure.
///
/// # Errors
/// An output that cannot be written to.
///
/// # Example
/// ```
/// use vointi::{definition, report::{self, CsvStyle}};
/// let mut file = Vec::new();
/// report::measures_csv(&definition::measures()?, CsvStyle::default(), &mut file)?;
/// assert!(String::from_utf8(file).unwrap().contains("\nbmi,body mass index,kg/m2,"));
/// # Ok::<(), vointi::Error>(())
/// ```
pub fn measures_csv(measures: &[MeasureSummary], style: CsvStyle, out: impl Write) -> Result<()> {
    let write = || {
        let header = [
            "id",
            "title",
            "unit",
            "other_units",
            "analyte",
            "loinc",
            "lowest",
            "highest",
            "usual_from",
            "usual_to",
            "better",
            "target_from",
            "target_to",
            "fresh_months",
            "stale_months",
            "status",
        ];
        let mut sheet = Sheet::header(out, style, header)?;
        for measure in measures {
            for text in [&measure.id, &measure.title, &measure.unit] {
                sheet.text(text);
            }
            sheet.codes(measure.units.iter().map(String::as_str));
            sheet.text(measure.analyte.as_deref().unwrap_or_default());
            sheet.text(measure.loinc.as_deref().unwrap_or_default());
            for range in [measure.limits, measure.unusual] {
                for end in range.unwrap_or([f64::NAN; 2]) {
                    sheet.number(end)?;
                }
            }
            sheet.text(match measure.direction {
                Some(Direction::HigherBetter) => "higher",
                Some(Direction::LowerBetter) => "lower",
                None => "",
            });
            for end in measure.target.unwrap_or([f64::NAN; 2]) {
                sheet.number(end)?;
            }
            sheet.optional(measure.fresh_months)?;
            sheet.optional(measure.stale_months)?;
            sheet.text(measure.status.word());
            sheet.end()?;
        }
        sheet.finish()
    };
    written(write())
}

#[cfg(test)]
mod tests {
    use super::{CsvStyle, Sheet};

    fn line(style: CsvStyle, fill: impl FnOnce(&mut Sheet<&mut Vec<u8>>)) -> String {
        let mut file = Vec::new();
        let mut sheet = Sheet::new(&mut file, style);
        fill(&mut sheet);
        sheet.end().unwrap();
        sheet.finish().unwrap();
        String::from_utf8(file).unwrap()
    }

    #[test]
    fn numbers_are_shortest_and_without_exponent() {
        for value in [0.1 + 0.2, 100.0, 1e-7, 5.397_605_346_934_028e-79, 1e21, f64::MIN_POSITIVE, -3.25] {
            let text = line(CsvStyle::default(), |sheet| sheet.number(value).unwrap());
            let text = text.trim_end();
            assert!(text.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte)), "{text}");
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
        assert_eq!(line(CsvStyle::default(), |sheet| sheet.number(-0.0).unwrap()), "0\n");
        let missing = line(CsvStyle::default(), |sheet| {
            sheet.number(f64::NAN).unwrap();
            sheet.optional(None).unwrap();
            sheet.count(None).unwrap();
        });
        assert_eq!(missing, ",,\n");
    }

    #[test]
    fn excel_gets_its_signs() {
        let text = line(CsvStyle::excel_eu(), |sheet| {
            sheet.text("Mäki; Oy");
            sheet.number(71.5).unwrap();
            sheet.codes(["sentinel", "partial"].into_iter());
            sheet.codes(["partial"].into_iter());
            sheet.codes(std::iter::empty());
        });
        assert_eq!(text, "\u{feff}\"Mäki; Oy\";71,5;\"sentinel;partial\";partial;\n");
        let plain = line(CsvStyle::default(), |sheet| sheet.codes(["sentinel", "partial"].into_iter()));
        assert_eq!(plain, "sentinel;partial\n");
    }

    #[test]
    fn texts_are_quoted_and_never_formulas() {
        for (text, field) in [
            ("a,b", "\"a,b\""),
            ("say \"a\"", "\"say \"\"a\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("=A1,B1", "\"'=A1,B1\""),
            ("@sum", "'@sum"),
            ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""),
            ("-cmd", "'-cmd"),
            ("+inf", "'+inf"),
            ("-", "'-"),
            ("-.", "'-."),
            ("-1-2", "'-1-2"),
            ("-1.2.3", "'-1.2.3"),
            ("-12.5", "-12.5"),
            ("+358401234567", "+358401234567"),
            ("007", "007"),
            ("", ""),
        ] {
            assert_eq!(line(CsvStyle::default(), |sheet| sheet.text(text)), format!("{field}\n"));
        }
    }
}
