//! How a file was read.

use std::fmt;

/// How the file behind a [`Table`](super::Table) was read: its encoding, signs and lines.
///
/// Line ends are those of the header; a file whose other lines end differently is read all the same.
///
/// # Example
/// ```
/// # #[cfg(feature = "csv")] {
/// use vointi::table::CsvOptions;
/// let table = CsvOptions::default().read_bytes(b"\xef\xbb\xbfperson;mood\r\n1;3,5\r\n", "people.csv")?;
/// let source = table.source().unwrap();
/// assert_eq!(source.to_string(), "UTF-8 with BOM, `;` between fields, decimal comma, CRLF");
/// # }
/// # Ok::<(), vointi::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    pub(super) file: String,
    pub(super) encoding: &'static str,
    pub(super) bom: bool,
    pub(super) delimiter: char,
    pub(super) decimal: char,
    pub(super) line_ending: LineEnding,
    /// The line of row 0.
    pub(super) first_line: usize,
    /// The line of every row, unless they simply follow one another; then empty.
    pub(super) lines: Vec<usize>,
}

/// What ends a line of a file.
///
/// # Example
/// ```
/// use vointi::table::LineEnding;
/// assert_eq!(LineEnding::CrLf.to_string(), "CRLF");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineEnding {
    /// Line feed, as on Unix.
    Lf,
    /// Carriage return and line feed, as on Windows.
    CrLf,
    /// Carriage return, as on old Macs.
    Cr,
}

impl Source {
    /// The file, as it was named by the caller.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// let table = vointi::table::CsvOptions::default().read_bytes(b"a\n1\n", "people.csv")?;
    /// assert_eq!(table.source().unwrap().file(), "people.csv");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The encoding, by its name in the WHATWG standard: `UTF-8`, `UTF-16LE`, `UTF-16BE`, or the one asked for.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// let table = vointi::table::CsvOptions::default().read_bytes(b"a\n1\n", "people.csv")?;
    /// assert_eq!(table.source().unwrap().encoding(), "UTF-8");
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn encoding(&self) -> &str {
        self.encoding
    }

    /// Whether the file began with a byte-order mark.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// let table = vointi::table::CsvOptions::default().read_bytes(b"\xef\xbb\xbfa\n1\n", "people.csv")?;
    /// assert!(table.source().unwrap().bom());
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn bom(&self) -> bool {
        self.bom
    }

    /// The sign between fields; a comma if there is only one column.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// let table = vointi::table::CsvOptions::default().read_bytes(b"a\tb\n1\t2\n", "people.tsv")?;
    /// assert_eq!(table.source().unwrap().delimiter(), '\t');
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn delimiter(&self) -> char {
        self.delimiter
    }

    /// The decimal sign; a point if no number of the file has one.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// let table = vointi::table::CsvOptions::default().read_bytes(b"a;b\n1,5;2\n", "people.csv")?;
    /// assert_eq!(table.source().unwrap().decimal(), ',');
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn decimal(&self) -> char {
        self.decimal
    }

    /// What ends the header line.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "csv")] {
    /// use vointi::table::{CsvOptions, LineEnding};
    /// let table = CsvOptions::default().read_bytes(b"a\r\n1\r\n", "people.csv")?;
    /// assert_eq!(table.source().unwrap().line_ending(), LineEnding::CrLf);
    /// # }
    /// # Ok::<(), vointi::Error>(())
    /// ```
    pub fn line_ending(&self) -> LineEnding {
        self.line_ending
    }

    pub(super) fn line(&self, row: usize) -> usize {
        self.lines.get(row).copied().unwrap_or(self.first_line + row)
    }
}

impl fmt::Debug for Source {
    // One line however long the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({}: {self})", self.file)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encoding)?;
        if self.bom {
            f.write_str(" with BOM")?;
        }
        match self.delimiter {
            '\t' => f.write_str(", tab between fields")?,
            sign => write!(f, ", `{sign}` between fields")?,
        }
        let decimal = if self.decimal == ',' { "comma" } else { "point" };
        write!(f, ", decimal {decimal}, {}", self.line_ending)
    }
}

impl fmt::Display for LineEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lf => "LF",
            Self::CrLf => "CRLF",
            Self::Cr => "CR",
        })
    }
}
