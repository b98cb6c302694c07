//! Tables in a program; the rules of CSV are tested beside its reader.

#[cfg(feature = "csv")]
mod csv;

use ndarray::{Array2, array};
use proptest::prelude::*;

use super::{Column, Table};
use crate::error::{Error, ErrorKind};

fn assert_shared<T: Send + Sync + Clone>() {}

/// `what` of every fault.
fn whats(error: &Error) -> Vec<&str> {
    assert_eq!(error.kind(), ErrorKind::Table);
    error.faults().iter().map(crate::error::Fault::what).collect()
}

fn table() -> Table {
    Table::builder()
        .number("age", [Some(41.0), None, Some(30.0)])
        .text("note", [Some("b"), Some("a"), None])
        .factor("size", ["small", "large"], [None, Some("large"), Some("small")])
        .build()
        .unwrap()
}

#[test]
fn tables_may_go_to_other_threads() {
    assert_shared::<Table>();
    assert_shared::<Column>();
}

#[test]
fn cells_come_back() {
    let table = table();
    assert_eq!((table.rows(), table.names().count()), (3, 3));
    let age = table.column("age").unwrap();
    assert!(age.is_number() && !age.is_factor() && age.levels().is_none() && age.as_codes().is_none());
    assert_eq!([age.number(0), age.number(1), age.number(9)], [Some(41.0), None, None]);
    assert_eq!((age.len(), age.observed(), age.text_at(0)), (3, 2, None));
    let note = table.column("note").unwrap();
    assert_eq!([note.text_at(0), note.text_at(2), note.text_at(9)], [Some("b"), None, None]);
    assert_eq!((note.number(0), note.observed(), note.is_factor()), (None, 2, false));
    assert_eq!(note.as_codes().unwrap().0, [0, 1, Column::MISSING]);
    assert!(table.source().is_none() && table.line(0).is_none());
}

#[test]
fn a_clone_and_a_wider_table_share_cells() {
    let table = table();
    let wider =
        table.clone().with_column("double", Column::numbers([None, None, Some(1.0)]).unwrap()).unwrap();
    let shared = |table: &Table| table.column("age").unwrap().shared_numbers().unwrap();
    assert!(std::sync::Arc::ptr_eq(&shared(&table), &shared(&wider)));
    assert_eq!((table.names().count(), wider.names().count()), (3, 4));
    assert!(table.column("note").unwrap().shared_numbers().is_none());
}

#[test]
fn with_column_refuses_length_and_name_together() {
    let error = table().with_column("age", Column::numbers([None]).unwrap()).unwrap_err();
    assert_eq!(whats(&error), ["the table has a column of this name", "1 rows, where the table has 3"]);
    let error = table().with_column("", Column::text([None::<&str>; 3])).unwrap_err();
    assert_eq!(whats(&error), ["a column needs a name"]);
}

#[test]
fn the_builder_returns_all_faults_together() {
    let error = Table::builder()
        .number("a", [Some(1.0), Some(f64::NEG_INFINITY), Some(f64::NAN)])
        .number("b", [Some(1.0)])
        .number("c", [Some(1.0), None])
        .factor("d", ["x", "y", "x"], [Some("SENTINEL"), Some("y"), Some("SENTINEL")])
        .text("b", [Some("q")])
        .text("", [Some("q")])
        .build()
        .unwrap_err();
    assert_eq!(
        whats(&error),
        [
            "NaN in row 2 (counted from 0)",
            "infinite number in row 1 (counted from 0)",
            "declared levels 0 and 2 are the same",
            "none of the declared levels in rows 0, 2 (counted from 0)",
            "columns 2 and 5 have the same name",
            "column 6 has no name",
            "2 rows, where the first column, `b`, has 1",
        ]
    );
    assert_eq!(error.faults()[1].place().column(), Some("a"));
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
    assert_eq!(whats(&Table::builder().build().unwrap_err()), ["a table needs a column"]);
}

#[test]
fn an_unknown_column_suggests_the_nearest() {
    let error = table().column("sise").unwrap_err();
    assert_eq!(error.to_string(), "column `sise`: no such column; did you mean `size`?");
}

#[test]
fn levels_may_be_declared_later() {
    let table = table();
    let note = table.column("note").unwrap();
    let factor = note.with_levels(["a", "b", "c"]).unwrap();
    assert!(factor.is_factor());
    assert_eq!(factor.as_codes().unwrap().0, [1, 0, Column::MISSING]);
    assert_eq!(factor.text_at(0), Some("b"));
    let error = note.with_levels(["a"]).unwrap_err();
    assert_eq!(error.faults()[0].what(), "none of the declared levels in row 0 (counted from 0)");
    assert!(table.column("age").unwrap().with_levels(["a"]).is_err());
    let nothing = Column::numbers([None, None]).unwrap().with_levels(["a"]).unwrap();
    assert_eq!((nothing.len(), nothing.observed(), nothing.is_factor()), (2, 0, true));
}

#[test]
fn texts_are_parsed_as_numbers_on_request() {
    let column = Column::text([Some("3,5"), Some("x"), None, Some("inf"), Some(" 7 ")]);
    let (values, bad) = column.parse_numbers(',');
    assert_eq!(bad, [1, 3]);
    assert_eq!((values[0], values[4]), (3.5, 7.0));
    assert!(values[1].is_nan() && values[2].is_nan() && values[3].is_nan());
    assert_eq!(column.parse_numbers('.').1, [0, 1, 3]);
    let (values, bad) = Column::numbers([Some(2.0), None]).unwrap().parse_numbers('.');
    assert!(values[0] == 2.0 && values[1].is_nan() && bad.is_empty());
}

#[test]
fn nothing_shows_a_cell() {
    let column = Column::text([Some("SENTINEL"), None]);
    let builder = Table::builder().column("a", column.clone()).number("b", [Some(98_765.0), None]);
    let builder_text = format!("{builder:?}");
    let table = builder.build().unwrap();
    let mut shown = format!("{builder_text} {column:?} {table:?} {:?}", table.column("b").unwrap());
    shown += &table.matrix_or_nan(&["a", "z"]).unwrap_err().to_string();
    #[cfg(feature = "linfa")]
    {
        let table = table.with_column("y", Column::numbers([Some(98_765.0), None]).unwrap()).unwrap();
        shown += format!("{:?}", table.dataset(&["b"], "y").unwrap()).as_str();
    }
    assert!(!shown.contains("SENTINEL") && !shown.contains("98765"), "{shown}");
}

#[test]
fn matrices_need_numbers() {
    let table = table();
    let matrix = table.matrix_or_nan(&["size", "age", "size"]).unwrap();
    assert!(matrix[[0, 0]].is_nan() && matrix[[1, 1]].is_nan());
    assert_eq!((matrix[[1, 0]], matrix[[2, 2]], matrix[[2, 1]]), (1.0, 0.0, 30.0));
    let error = table.matrix_or_nan(&["note", "age", "ages"]).unwrap_err();
    assert_eq!(whats(&error), ["texts, where numbers are needed", "no such column"]);
    assert_eq!(table.matrix_or_nan(&[]).unwrap().dim(), (3, 0));
}

#[test]
fn infinity_in_a_matrix_is_refused_by_row_and_column() {
    let inf = f64::INFINITY;
    let matrix = array![[inf, 1.0, -inf], [2.0, f64::NAN, inf], [1.0, 1.0, 1.0]];
    let error = Table::from_ndarray(&["a", "b", "c"], matrix.view()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "2 faults\n  column `a`: infinite number in row 0 (counted from 0); a number is finite or missing\n  \
         column `c`: infinite number in rows 0, 1 (counted from 0); a number is finite or missing"
    );
    let error = Table::from_ndarray(&["a"], matrix.view()).unwrap_err();
    assert_eq!(whats(&error), ["1 names for a matrix of 3 columns"]);
    let error = Table::from_ndarray(&["a", "a", ""], array![[1.0, 1.0, 1.0]].view()).unwrap_err();
    assert_eq!(error.faults().len(), 2);
}

proptest! {
    /// Out of ndarray and back in changes no bit, whatever the layout.
    #[test]
    fn ndarray_round_trip(cells in prop::collection::vec(prop::option::of(-1e300..1e300_f64), 12)) {
        let cells: Vec<f64> = cells.into_iter().map(|cell| cell.unwrap_or(f64::NAN)).collect();
        let matrix = Array2::from_shape_vec((3, 4), cells).unwrap();
        let transposed = matrix.t();
        for view in [matrix.view(), transposed] {
            let names: Vec<String> = (0..view.ncols()).map(|at| format!("c{at}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let back = Table::from_ndarray(&names, view).unwrap().matrix_or_nan(&names).unwrap();
            prop_assert!(back.iter().zip(view.iter()).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
}

#[cfg(feature = "linfa")]
#[test]
fn a_dataset_has_complete_rows_only() {
    let table =
        table().with_column("y", Column::numbers([Some(1.0), Some(2.0), Some(3.0)]).unwrap()).unwrap();
    let complete = table.dataset(&["age", "size"], "y").unwrap();
    assert_eq!(complete.rows, [2]);
    assert_eq!(complete.dataset.records, array![[30.0, 0.0]]);
    assert_eq!(complete.dataset.targets, array![3.0]);
    assert_eq!(complete.dataset.feature_names(), ["age", "size"]);
    assert_eq!(complete.dataset.target_names(), ["y"]);
    let all = table.dataset(&["y"], "age").unwrap();
    assert_eq!((all.rows, all.dataset.records.dim()), (vec![0, 2], (2, 1)));
}

#[cfg(feature = "linfa")]
#[test]
fn a_dataset_refuses() {
    let none =
        Table::builder().number("x", [Some(1.0), None]).number("y", [None, Some(1.0)]).build().unwrap();
    let error = none.dataset(&["x"], "y").unwrap_err();
    assert_eq!(error.to_string(), "no complete row among 2; every row misses one of x, y");
    let error = table().dataset(&["age", "note", "agee"], "age").unwrap_err();
    assert_eq!(
        whats(&error),
        ["both a record and the target", "texts, where numbers are needed", "no such column"]
    );
    assert_eq!(whats(&table().dataset(&[], "age").unwrap_err()), ["no column for the records"]);
}
