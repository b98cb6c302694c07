//! The CSV door: what a caller may ask for.

use std::{fs, io, path::Path};

use super::{Table, detect, read};
use crate::error::{Error, ErrorKind, Fault, Result, suggest};

/// How a CSV file is to be read. What is not said is found out from the file, and refused where it is ambiguous.
///
/// - **Encoding**: UTF-8, or UTF-16 if the file begins with its byte-order mark; any other only when asked for.
/// - **Delimiter**: the one of `,` `;` and tab that occurs in the header, outside quotes. If several do, the one
///   that gives every one of the first records as many fields as the header.
/// - **Decimal sign**: the point between commas. Otherwise the one the numbers of the file use: a file that uses
///   both is refused, and so is one whose every decimal looks like `1,234`, which may be a thousand and more.
/// - **Types**: a column is of numbers if every cell that is not missing is a finite number (`+1`, `1e-3` and blanks
///   around it are fine), otherwise of texts, trimmed. Columns of identifiers should be asked for as
///   [texts](Self::text_columns).
/// - **Shape**: the first line is the header. Every record has as many fields as it; a column without a name is
///   left out if it is empty, as behind a delimiter at the end of every line.
///
/// **Missing data.** Cells that are empty or blank are missing, and those listed in [`missing`](Self::missing).
///
/// # Example
/// ```
/// use vointi::table::CsvOptions;
/// let bytes = b"person;steps;mood\n007;8200;3,5\n008;NA;4,0\n";
/// let table = CsvOptions::default().missing(["NA"]).text_columns(["person"]).read_bytes(bytes, "people.csv")?;
/// assert_eq!(table.column("person")?.text_at(0), Some("007"));
/// assert_eq!(table.column("steps")?.number(1), None);
/// assert_eq!(table.column("mood")?.number(0), Some(3.5));
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct CsvOptions {
    pub(super) delimiter: Option<char>,
    pub(super) decimal: Option<char>,
    pub(super) encoding: Option<String>,
    pub(super) missing: Vec<String>,
    pub(super) text_columns: Vec<String>,
}

impl CsvOptions {
    /// The sign between fields: `,` `;` `|` or a tab.
    ///
    /// # Example
    /// ```
    /// use vointi::table::CsvOptions;
    /// let table = CsvOptions::default().delimiter('|').read_bytes(b"a, b|c\n1|2\n", "people.csv")?;
    /// assert!(table.names().eq(["a, b", "c"]));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn delimiter(mut self, delimiter: char) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// The decimal sign: `.` or `,`. Cells that use the other are texts. In a comma-separated file, numbers with a
    /// decimal comma must stand in quotes.
    ///
    /// # Example
    /// ```
    /// use vointi::table::CsvOptions;
    /// let table = CsvOptions::default().decimal(',').read_bytes(b"a;b\n1,234;2\n", "people.csv")?;
    /// assert_eq!(table.column("a")?.number(0), Some(1.234));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn decimal(mut self, decimal: char) -> Self {
        self.decimal = Some(decimal);
        self
    }

    /// The encoding, by a label of the WHATWG standard such as `windows-1252`.
    ///
    /// # Example
    /// ```
    /// use vointi::table::CsvOptions;
    /// let table = CsvOptions::default().encoding("windows-1252").read_bytes(b"ik\xe4\n41\n", "people.csv")?;
    /// assert_eq!(table.column("ikä")?.number(0), Some(41.0));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn encoding(mut self, label: impl Into<String>) -> Self {
        self.encoding = Some(label.into());
        self
    }

    /// Cells that mean "missing", in place of any listed before; empty and blank cells always do.
    ///
    /// **Missing data.** A cell is compared as written, without the blanks around it: `-9` does not match `-9.0`.
    ///
    /// # Example
    /// ```
    /// use vointi::table::CsvOptions;
    /// let table = CsvOptions::default().missing(["NA", "-9"]).read_bytes(b"a\n1\nNA\n-9\n", "people.csv")?;
    /// assert_eq!(table.column("a")?.observed(), 1);
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn missing<S: Into<String>>(mut self, cells: impl IntoIterator<Item = S>) -> Self {
        self.missing = cells.into_iter().map(|cell| cell.into().trim().to_owned()).collect();
        self
    }

    /// Columns kept as written even if every cell is a number: identifiers such as `007`. Names that the file does
    /// not have are ignored.
    ///
    /// # Example
    /// ```
    /// use vointi::table::CsvOptions;
    /// let table = CsvOptions::default().text_columns(["person"]).read_bytes(b"person\n1e5\n", "people.csv")?;
    /// assert_eq!(table.column("person")?.text_at(0), Some("1e5"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn text_columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.text_columns = names.into_iter().map(Into::into).collect();
        self
    }

    /// Reads a file.
    ///
    /// **Missing data.** See [`missing`](Self::missing).
    ///
    /// # Errors
    /// If the file cannot be opened, and as [`read_bytes`](Self::read_bytes).
    ///
    /// # Example
    /// ```
    /// use vointi::{ErrorKind, table::CsvOptions};
    /// let error = CsvOptions::default().read("no/such/people.csv").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Io);
    /// ```
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Table> {
        let path = path.as_ref();
        let io = |source: io::Error| Error::io(ErrorKind::Io, "open", path, source);
        // A folder's own message differs between systems.
        if fs::metadata(path).map_err(io)?.is_dir() {
            let fault = Fault::new("a folder, where a file is needed").in_file(path.display().to_string());
            return Err(Error::new(ErrorKind::Io, vec![fault]));
        }
        self.read_bytes(&fs::read(path).map_err(io)?, &path.display().to_string())
    }

    /// Reads the bytes of a file; `name` stands for it in errors.
    ///
    /// **Missing data.** See [`missing`](Self::missing).
    ///
    /// # Errors
    /// All independent faults together, each with its line or column and never with a cell: an option that does not
    /// exist; bytes that are not of the encoding; NUL; no record; a delimiter or decimal sign that is ambiguous;
    /// records with too few or too many fields; repeated or missing names; a quote that is never closed; infinite
    /// numbers; cells above 1 MiB; more than 10,000 columns; empty lines in a file of one column.
    ///
    /// # Example
    /// ```
    /// use vointi::table::CsvOptions;
    /// let error = CsvOptions::default().read_bytes(b"a,b\n1,2\n3\n", "people.csv").unwrap_err();
    /// assert_eq!(error.faults()[0].place().line(), Some(3));
    /// ```
    pub fn read_bytes(&self, bytes: &[u8], name: &str) -> Result<Table> {
        let asked = self.asked().map_err(|faults| Error::new(ErrorKind::Table, faults))?;
        let table = detect::decode(bytes, &asked).and_then(|text| read::table(&text, &asked, name));
        table.map_err(|faults| Error::new(ErrorKind::Table, faults).in_file(name))
    }

    /// The options, checked.
    fn asked(&self) -> std::result::Result<Asked<'_>, Vec<Fault>> {
        let mut faults = Vec::new();
        let delimiter = self.delimiter.map(|sign| {
            let allowed = matches!(sign, ',' | ';' | '|' | '\t');
            if !allowed {
                let what = format!("{sign:?} cannot stand between fields");
                faults.push(Fault::new(what).help("`--delimiter` allows `,`, `;`, `|` and tab"));
            }
            u8::try_from(sign).unwrap_or(b',')
        });
        if let Some(sign) = self.decimal.filter(|sign| !matches!(sign, '.' | ',')) {
            let what = format!("{sign:?} is no decimal sign");
            faults.push(Fault::new(what).help("`--decimal` allows `.` and `,`"));
        }
        let encoding = self.encoding.as_ref().and_then(|label| {
            let encoding = encoding_rs::Encoding::for_label(label.as_bytes())
                .filter(|encoding| *encoding != encoding_rs::REPLACEMENT);
            if encoding.is_none() {
                let known = ["utf-8", "windows-1252", "iso-8859-15", "utf-16le", "utf-16be"];
                faults.push(Fault::new(format!("unknown encoding `{label}`")).help(suggest(label, known)));
            }
            encoding
        });
        if faults.is_empty() { Ok(Asked { delimiter, encoding, options: self }) } else { Err(faults) }
    }
}

/// Options that exist.
pub(super) struct Asked<'a> {
    pub(super) delimiter: Option<u8>,
    pub(super) encoding: Option<&'static encoding_rs::Encoding>,
    pub(super) options: &'a CsvOptions,
}

impl Table {
    /// Reads a CSV file, finding out its encoding, delimiter and decimal sign: [`CsvOptions`] has the rules, and
    /// what to ask for where the file does not tell.
    ///
    /// **Missing data.** Empty and blank cells are missing.
    ///
    /// # Errors
    /// As [`CsvOptions::read`].
    ///
    /// # Example
    /// ```
    /// use vointi::table::Table;
    /// let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("people.csv");
    /// std::fs::write(&path, "age,smoking\n41,never\n,former\n").unwrap();
    /// let table = Table::read_csv(&path)?;
    /// assert_eq!(table.column("age")?.number(1), None);
    /// assert_eq!(table.column("smoking")?.text_at(1), Some("former"));
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn read_csv(path: impl AsRef<Path>) -> Result<Self> {
        CsvOptions::default().read(path)
    }
}
