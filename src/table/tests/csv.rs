//! Every rule of the CSV door, on small files.

use proptest::prelude::*;

use crate::error::{Error, ErrorKind};
use crate::table::{Column, CsvOptions, LineEnding, Table};

fn read(bytes: &[u8]) -> Table {
    CsvOptions::default().read_bytes(bytes, "t.csv").unwrap()
}

fn refused(bytes: &[u8]) -> Error {
    let error = CsvOptions::default().read_bytes(bytes, "t.csv").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Table);
    assert!(error.faults().iter().all(|fault| fault.place().file() == Some("t.csv")));
    error
}

/// The whole of the only fault.
fn fault(bytes: &[u8]) -> String {
    let error = refused(bytes);
    assert_eq!(error.faults().len(), 1, "{error}");
    error.to_string()
}

fn numbers(table: &Table, name: &str) -> Vec<Option<f64>> {
    let column = table.column(name).unwrap();
    assert!(column.is_number(), "{name}");
    (0..table.rows()).map(|row| column.number(row)).collect()
}

fn texts<'a>(table: &'a Table, name: &str) -> Vec<Option<&'a str>> {
    let column = table.column(name).unwrap();
    assert!(!column.is_number(), "{name}");
    (0..table.rows()).map(|row| column.text_at(row)).collect()
}

fn same(a: &Column, b: &Column) -> bool {
    match (a.as_numbers(), b.as_numbers()) {
        (Some(a), Some(b)) => a.iter().map(|x| x.to_bits()).eq(b.iter().map(|x| x.to_bits())),
        (None, None) => a.as_codes() == b.as_codes(),
        _ => false,
    }
}

fn assert_same(a: &Table, b: &Table) {
    assert!(a.names().eq(b.names()));
    assert!(a.names().all(|name| same(a.column(name).unwrap(), b.column(name).unwrap())));
    assert!((0..a.rows().max(b.rows())).all(|row| a.line(row) == b.line(row)));
}

#[test]
fn types_follow_the_cells() {
    let table = read(b"n,t,late,none,mixed\n1,a,1,,+1.5e1\n , b ,2, ,\n-2.50,,x y,,-0\n");
    assert_eq!(numbers(&table, "n"), [Some(1.0), None, Some(-2.5)]);
    assert_eq!(texts(&table, "t"), [Some("a"), Some("b"), None]);
    assert_eq!(texts(&table, "late"), [Some("1"), Some("2"), Some("x y")]);
    assert_eq!(numbers(&table, "none"), [None, None, None]);
    assert_eq!(numbers(&table, "mixed"), [Some(15.0), None, Some(0.0)]);
    assert!(table.column("mixed").unwrap().as_numbers().unwrap()[2].is_sign_negative());
    assert_eq!((table.line(0), table.line(2), table.line(3)), (Some(2), Some(4), None));
}

#[test]
fn nan_is_a_text_unless_listed() {
    assert_eq!(texts(&read(b"a\n1\nNaN\n"), "a"), [Some("1"), Some("NaN")]);
    let options = CsvOptions::default().missing(["NaN", "-9"]);
    let table = options.read_bytes(b"a,b\n1,-9\nNaN,x\n-9.0,\n", "t.csv").unwrap();
    assert_eq!(numbers(&table, "a"), [Some(1.0), None, Some(-9.0)]);
    assert_eq!(texts(&table, "b"), [None, Some("x"), None]);
}

#[test]
fn identifiers_are_kept_as_written() {
    let options = CsvOptions::default().text_columns(["id", "wave", "absent"]);
    let table =
        options.read_bytes(b"id,wave,x\n007, ,1\n1e5,,2\n12345678901234567890,,3\n", "t.csv").unwrap();
    assert_eq!(texts(&table, "id"), [Some("007"), Some("1e5"), Some("12345678901234567890")]);
    assert_eq!(texts(&table, "wave"), [None, None, None]);
}

#[test]
fn infinity_among_numbers_is_refused_and_among_texts_is_text() {
    assert_eq!(
        fault(b"a,b\n1,x\ninf,Inf\n-Infinity,y\n1e999,z\n"),
        "t.csv:3: column `a`: infinite number, lines 3, 4, 5; a number is finite, or its cell empty"
    );
    assert_eq!(texts(&read(b"a\ninf\nabc\n"), "a"), [Some("inf"), Some("abc")]);
    assert!(fault(b"a\ninf\n").starts_with("t.csv:2: column `a`: infinite number;"));
}

#[test]
fn the_source_is_described() {
    let cases: [(&[u8], &str); 5] = [
        (b"\xef\xbb\xbfa;b\r\n1,5;2\r\n", "UTF-8 with BOM, `;` between fields, decimal comma, CRLF"),
        (b"a,b\n1.5,2\n", "UTF-8, `,` between fields, decimal point, LF"),
        (b"a\tb\n1,5\t2\n", "UTF-8, tab between fields, decimal comma, LF"),
        (b"a;b\r1;2\r", "UTF-8, `;` between fields, decimal point, CR"),
        (b"\"a\nb\";c\r\n1.5;2", "UTF-8, `;` between fields, decimal point, CRLF"),
    ];
    for (bytes, expected) in cases {
        let table = read(bytes);
        assert_eq!(table.source().unwrap().to_string(), expected);
        assert_eq!(table.rows(), 1);
    }
    let source = read(b"a\r1\r").source().unwrap().clone();
    assert_eq!((source.line_ending(), source.file()), (LineEnding::Cr, "t.csv"));
}

const FINNISH: &str = "henkilö;ikä;vireys;huomio\r\nÄ1;41;3,5;\"hyvä\r\nolo\"\r\nÖ2;;4,25;työ\r\n";

fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.then_some(0xfeff).into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn utf_16_and_windows_1252_twins_are_equal() {
    let twin = read(FINNISH.as_bytes());
    assert_eq!(numbers(&twin, "vireys"), [Some(3.5), Some(4.25)]);
    assert_eq!(texts(&twin, "huomio"), [Some("hyvä\r\nolo"), Some("työ")]);
    assert_eq!((twin.line(0), twin.line(1)), (Some(2), Some(4)));
    for (bytes, name) in [
        (utf16(FINNISH, true, u16::to_le_bytes), "UTF-16LE"),
        (utf16(FINNISH, true, u16::to_be_bytes), "UTF-16BE"),
    ] {
        let table = read(&bytes);
        assert_same(&twin, &table);
        assert_eq!((table.source().unwrap().encoding(), table.source().unwrap().bom()), (name, true));
    }
    let asked = |bytes: &[u8], label: &str| CsvOptions::default().encoding(label).read_bytes(bytes, "t.csv");
    assert_same(&twin, &asked(&utf16(FINNISH, false, u16::to_le_bytes), "utf-16le").unwrap());
    // Every letter of it is below U+0100, where windows-1252 and Unicode agree.
    let cp1252: Vec<u8> = FINNISH.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let table = asked(&cp1252, "windows-1252").unwrap();
    assert_same(&twin, &table);
    assert_eq!(table.source().unwrap().encoding(), "windows-1252");
    let marked = [b"\xef\xbb\xbf".as_slice(), FINNISH.as_bytes()].concat();
    assert_same(&twin, &read(&marked));
    assert_same(&twin, &asked(&marked, "utf-8").unwrap());
    let error = asked(&marked, "windows-1252").unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.csv: the file begins with the byte-order mark of UTF-8, not of windows-1252; leave out `--encoding`"
    );
}

#[test]
fn bytes_that_are_not_of_the_encoding() {
    let help = "`--encoding windows-1252` reads files saved by Excel in Western Europe";
    assert_eq!(
        fault(b"a;note\n1;x\n2;\"y\nhyv\xe4\";\n"),
        format!("t.csv:4: column `note`: not UTF-8; {help}")
    );
    assert_eq!(fault(b"ik\xe4;b\n1;2\n"), format!("t.csv:1: not UTF-8; {help}"));
    assert_eq!(
        fault(b"a,b\n\xe4,\xe4\n1,1\n\xf6,1\n"),
        format!("t.csv:2: column `a`: not UTF-8, lines 2, 4; {help}")
    );
    // Half a character at the end.
    let mut bytes = utf16("a,b\n1,x\n2,y", true, u16::to_le_bytes);
    bytes.push(0);
    assert_eq!(fault(&bytes), "t.csv:3: column `b`: not UTF-16LE; the file is damaged: save it again");
}

#[test]
fn nul_is_refused() {
    assert_eq!(
        fault(&utf16("a,b\n1,2\n", false, u16::to_le_bytes)),
        "t.csv:1: NUL, which no text has, lines 1, 2, 3; \
         UTF-16 without a byte-order mark looks like this: `--encoding utf-16le`"
    );
    assert!(fault(b"\xef\xbb\xbfa\n1\n\0\n").starts_with("t.csv:3: NUL"));
    assert!(fault(&utf16("a\n\0\n", true, u16::to_be_bytes)).starts_with("t.csv:2: NUL"));
}

#[test]
fn the_delimiter_is_the_one_of_the_header() {
    assert!(read(b"a;b\n1;2\n").names().eq(["a", "b"]));
    assert!(read(b"\"a;b\",c\n1,2\n").names().eq(["a;b", "c"]));
    assert!(read(b"a;\"b, c\"\n1;2\n").names().eq(["a", "b, c"]));
    assert!(read(b"\"a \"\";\"\" \",b\n1,2\n").names().eq(["a \";\"", "b"]));
    // A quote inside a field opens nothing.
    assert!(read(b"5\" pipe;b\n1;2\n").names().eq(["5\" pipe", "b"]));
    // Both occur: the records tell.
    assert!(read(b"a;b, or c\n1;2\n3;4\n").names().eq(["a", "b, or c"]));
    assert!(read(b"a;b, or c\n1,5;2,5\n").names().eq(["a", "b, or c"]));
    let ambiguous = "t.csv:1: `;` or `,` may stand between the fields of the header, and ";
    let help = "; say which with `--delimiter`";
    assert_eq!(fault(b"a;b, c\n1,5;2\n"), format!("{ambiguous}the first records do not tell{help}"));
    assert_eq!(fault(b"a;b, c\n1\n"), format!("{ambiguous}none gives even records{help}"));
    assert!(fault(b"a\tb,c\n1\t2,3\n").contains("tab or `,`"));
    let asked = CsvOptions::default().delimiter(';').read_bytes(b"a;b, c\n1,5;2\n", "t.csv").unwrap();
    assert_eq!(numbers(&asked, "a"), [Some(1.5)]);
}

#[test]
fn the_decimal_sign_is_the_one_of_the_numbers() {
    let comma = read("a;b;c\n3,5;1,234;x\n;\"0,5\";1.5\n".as_bytes());
    assert_eq!(numbers(&comma, "b"), [Some(1.234), Some(0.5)]);
    assert_eq!(texts(&comma, "c"), [Some("x"), Some("1.5")]);
    assert_eq!(comma.source().unwrap().decimal(), ',');
    assert_eq!(numbers(&read(b"a;b\n3.5;1.234\n"), "b"), [Some(1.234)]);
    // Between commas the point is decimal, and a quoted comma is text.
    let point = read(b"a,b\n1.234,\"3,5\"\n");
    assert_eq!((numbers(&point, "a"), texts(&point, "b")), (vec![Some(1.234)], vec![Some("3,5")]));
    let asked = CsvOptions::default().decimal(',').read_bytes(b"a,b\n1.234,\"3,5\"\n", "t.csv").unwrap();
    assert_eq!((texts(&asked, "a"), numbers(&asked, "b")), (vec![Some("1.234")], vec![Some(3.5)]));
}

#[test]
fn two_decimal_signs_are_refused() {
    let help = "; say which one is meant with `--decimal`; numbers with the other are then texts";
    assert_eq!(
        fault(b"a;b\n1;3.5\n2,5;1\n"),
        format!("t.csv:3: column `a`: a decimal comma here, but a decimal point in column `b`, line 2{help}")
    );
    assert_eq!(
        fault(b"a;b\n1,5;1\n2.5;1\n"),
        format!("t.csv:2: column `a`: a decimal comma here, but a decimal point in column `a`, line 3{help}")
    );
    assert!(refused(b"a;b\n1,234;3.5\n").to_string().contains("--decimal"));
    let asked = CsvOptions::default().decimal('.').read_bytes(b"a;b\n1,234;3.5\n", "t.csv").unwrap();
    assert_eq!((texts(&asked, "a"), numbers(&asked, "b")), (vec![Some("1,234")], vec![Some(3.5)]));
}

#[test]
fn what_may_be_thousands_is_refused() {
    assert_eq!(
        fault(b"a;b\n1;1,234\n2;12,500\n"),
        "t.csv:2: column `b`: every comma in a number has three digits after it, so it may be decimal or separate \
         thousands; `--decimal ,` if it is decimal; otherwise take it out of the file"
    );
    assert!(fault(b"steps;b\n7.512;x\n").contains("every point in a number"));
    for enough in ["0,234", "1,23", "1234,567", "1,2345"] {
        let table = read(format!("a;b\n1,234;{enough}\n").as_bytes());
        assert_eq!(numbers(&table, "a"), [Some(1.234)], "{enough}");
    }
    // Thousands beside decimals are no numbers.
    assert_eq!(texts(&read(b"a;b\n1.234,5;2,5\n"), "a"), [Some("1.234,5")]);
}

#[test]
fn without_a_column_of_numbers_the_texts_hint_at_the_sign() {
    let decimal = |bytes: &[u8]| read(bytes).source().unwrap().decimal();
    assert_eq!(decimal(b"a;b\n3,5;1\nx;2\n"), ',');
    assert_eq!(decimal(b"a;b\n3.5;1\nx;2\n"), '.');
    assert_eq!(decimal(b"a;b\n3,5;1\nx;2\n4.5;2\n"), '.');
    assert_eq!(decimal(b"a;b\n1,234;1\nx;2\n"), '.');
    assert_eq!(decimal(b"a;b\n3,5;1.5\nx;2\n"), '.');
}

#[test]
fn lines_are_those_of_an_editor() {
    for (end, blank) in [("\n", "\n"), ("\r\n", "\r\n"), ("\r", "\r")] {
        let text =
            format!("{blank}a,b{end}1,x{end}{blank}2,\"y{end}z\"{end}3,w{end}4,\"v\"{end}{blank}{blank}");
        let table = read(text.as_bytes());
        assert_eq!(table.rows(), 4, "{end:?}");
        let lines: Vec<_> = (0..4).map(|row| table.line(row).unwrap()).collect();
        assert_eq!(lines, [3, 5, 7, 8], "{end:?}");
    }
    assert_eq!(read(b"a,b\n1,2").line(0), Some(2));
}

#[test]
fn uneven_records_are_refused_by_line() {
    let mut text = "a,b,c\n1,2,3\n1,2\n".to_owned();
    text += &"1,2,3,4\n\"x\ny\",2\n".repeat(6);
    let error = refused(text.as_bytes());
    let whats: Vec<_> = error.faults().iter().map(|fault| (fault.place().line(), fault.what())).collect();
    assert_eq!(
        whats,
        [
            (Some(3), "fewer than the 3 fields of the header, lines 3, 5, 8, 11, 14 and 2 more"),
            (Some(4), "more than the 3 fields of the header, lines 4, 7, 10, 13, 16 and 1 more"),
        ]
    );
    assert!(fault(b"a\n3,5\n").ends_with("say what stands between them with `--delimiter`"));
}

#[test]
fn names_are_needed_once_each() {
    let error = refused(b"a,b,a,,b\n1,2,3,4,5\n");
    assert_eq!(
        error.to_string(),
        "3 faults\n  t.csv:1: columns 1 and 3 have the same name; every column needs a name of its own\n  \
         t.csv:1: columns 2 and 5 have the same name; every column needs a name of its own\n  \
         t.csv:1: column 4 has cells but no name; name it in the header"
    );
    assert!(read(b"a; b ;;\n1;2;;\n3;4; ;\n").names().eq(["a", "b"]));
    assert_eq!(fault(b";\n;\n"), "t.csv: a table needs a column");
}

#[test]
fn files_without_records_are_refused() {
    for bytes in [b"".as_slice(), b"\n\r\n", b"\xef\xbb\xbf"] {
        assert_eq!(fault(bytes), "t.csv: the file is empty; the first line names the columns");
    }
    assert_eq!(fault(b"a;b,c\n\n"), "t.csv:1: no record after the header");
}

#[test]
fn an_open_quote_is_refused() {
    let help = "a quote is opened and never closed; close it, or double it if it belongs to the text";
    assert_eq!(fault(b"a,b\n1,\"x\n2,y\n3,z\n"), format!("t.csv:2: column `b`: {help}"));
    assert_eq!(fault(b"a,b\n1,x\n\"p\nq\",\"x\"\"\n"), format!("t.csv:4: column `b`: {help}"));
    assert_eq!(fault(b"a,\"b\n1,x\n"), format!("t.csv:1: {help}"));
    assert_eq!(texts(&read(b"a,b\n1,\"x\"\"\""), "b"), [Some("x\"")]);
    assert_eq!(texts(&read(b"a,b\n1,x\"y"), "b"), [Some("x\"y")]);
}

#[test]
fn an_empty_line_is_nothing_unless_it_could_be_a_cell() {
    assert_eq!(read(b"a,b\n\n1,2\n\n3,4\n\n\n").rows(), 2);
    assert_eq!(read(b"a\n1\n\"\"\n2\n\n").rows(), 3);
    assert!(
        fault(b"a\n1\n\n2\n").starts_with("t.csv:3: an empty line between the cells of the only column;")
    );
}

#[test]
fn sizes_are_limited() {
    let long = "x".repeat((1 << 20) + 1);
    let fits = "x".repeat(1 << 20);
    assert!(fault(format!("a,b\n1,{long}\n").as_bytes()).starts_with("t.csv:2: a cell of more than 1 MiB"));
    assert!(fault(format!("a,{long}\n1,2\n").as_bytes()).starts_with("t.csv:1: a cell of more than 1 MiB"));
    assert_eq!(read(format!("a,b\n{fits},{fits}\n").as_bytes()).rows(), 1);
    let wide = |columns: usize| {
        let names: Vec<String> = (0..columns).map(|at| format!("c{at}")).collect();
        format!("{}\n{}\n", names.join(","), vec!["1"; columns].join(","))
    };
    assert_eq!(read(wide(10_000).as_bytes()).names().count(), 10_000);
    assert_eq!(fault(wide(10_001).as_bytes()), "t.csv:1: 10001 columns; a file may have 10000");
}

#[test]
fn options_that_do_not_exist() {
    let options = CsvOptions::default().delimiter('x').decimal(';').encoding("windows-1525");
    let error = options.read_bytes(b"a\n1\n", "t.csv").unwrap_err();
    assert_eq!(
        error.to_string(),
        "3 faults\n  'x' cannot stand between fields; `--delimiter` allows `,`, `;`, `|` and tab\n  \
         ';' is no decimal sign; `--decimal` allows `.` and `,`\n  \
         unknown encoding `windows-1525`; did you mean `windows-1252`?"
    );
}

#[test]
fn files_that_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let error = Table::read_csv(folder.path()).unwrap_err();
    assert_eq!((error.kind(), error.faults()[0].what()), (ErrorKind::Io, "a folder, where a file is needed"));
    let error = Table::read_csv(folder.path().join("absent.csv")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(std::error::Error::source(&error).is_some());
    let path = folder.path().join("people.csv");
    std::fs::write(&path, FINNISH).unwrap();
    assert_same(&Table::read_csv(&path).unwrap(), &read(FINNISH.as_bytes()));
}

#[test]
fn a_fault_of_a_file_names_the_file() {
    assert_eq!(read(b"age\n1\n").column("ages").unwrap_err().faults()[0].place().file(), Some("t.csv"));
}

/// Law 11: no error shows a cell.
#[test]
fn no_error_shows_a_cell() {
    let bad: [&[u8]; 8] = [
        b"a,b\nSENTINEL\nSENTINEL,1,2\n",
        b"a;b\nSENTINEL;1,5\nSENTINEL;1.5\n",
        b"a;b\nSENTINEL;1,555\n",
        b"a,b\nSENTINEL,\"SENTINEL\n",
        b"a,b\nSENTINEL,inf\n",
        b"a,\nSENTINEL,SENTINEL\n",
        b"a,b\nSENTINEL,\xe4SENTINEL\n",
        b"a,b\nSENTINEL,\0SENTINEL\n",
    ];
    for bytes in bad {
        let error = refused(bytes);
        assert!(!format!("{error} {error:?}").contains("SENTINEL"), "{error}");
    }
    let table = read(b"a,b\nSENTINEL,1\n");
    assert!(!format!("{table:?} {:?} {:?}", table.source(), table.get("a")).contains("SENTINEL"));
}

proptest! {
    /// Whatever the bytes, there is a table or an error, never a panic.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in "[ab01,;\t\".\n\r é\0-]{0,60}", windows in any::<bool>()) {
        let options = if windows { CsvOptions::default().encoding("windows-1252") } else { CsvOptions::default() };
        if let Ok(table) = options.read_bytes(bytes.as_bytes(), "t.csv") {
            prop_assert!(table.rows() > 0);
            prop_assert!((0..table.rows()).all(|row| table.line(row).is_some()));
        }
    }

    /// Written by the `csv` crate, read back: cells, missing cells and lines.
    #[test]
    fn written_cells_come_back(cells in prop::collection::vec(("[a-zäö,;\"\n]{0,6}", prop::option::of(-1e6..1e6_f64)), 1..20)) {
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        writer.write_record(["text", "number", "one"]).unwrap();
        let mut lines = Vec::new();
        let mut line = 2;
        for (text, number) in &cells {
            let number = number.map_or(String::new(), |number| number.to_string().replace('.', ","));
            writer.write_record([text, &number, "0,5"]).unwrap();
            lines.push(Some(line));
            line += 1 + text.matches('\n').count();
        }
        let table = CsvOptions::default().read_bytes(&writer.into_inner().unwrap(), "t.csv").unwrap();
        let numbers = table.column("number").unwrap();
        let texts = table.column("text").unwrap();
        for (row, (text, number)) in cells.iter().enumerate() {
            prop_assert_eq!(numbers.number(row).map(f64::to_bits), number.map(f64::to_bits));
            prop_assert_eq!(texts.text_at(row).unwrap_or_default(), text.trim());
            prop_assert_eq!(table.line(row), lines[row]);
        }
    }
}
