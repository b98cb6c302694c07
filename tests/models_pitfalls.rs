//! What goes wrong with data, and what a model says to it: each pitfall that least squares can meet, by name.
//!
//! Where there are numbers they are known: from arithmetic, from the same data said in another way, or from the law of
//! Student in closed form.

use std::fmt::Write as _;

use vointi::{
    Cohort, Definition, Error, ErrorKind, Fault, Index, Table,
    model::{Covariance, Estimate, Fitted, Model, Profile, Term},
    table::Column,
};

const COVARIANCES: [Covariance; 5] =
    [Covariance::Classical, Covariance::Hc0, Covariance::Hc1, Covariance::Hc2, Covariance::Hc3];

/// A table of columns of numbers, in which NaN is missing.
fn numbers(columns: &[(&str, &[f64])]) -> Table {
    let column = |values: &[f64]| Column::numbers_or_nan(values.to_vec()).unwrap();
    let add = |builder: vointi::table::TableBuilder, (name, values): &(&str, &[f64])| {
        builder.column(*name, column(values))
    };
    columns.iter().fold(Table::builder(), add).build().unwrap()
}

fn with_factor(table: &Table, name: &str, levels: &[&str], cells: &[Option<&str>]) -> Table {
    let column = Column::factor(levels.iter().copied(), cells.iter().copied()).unwrap();
    table.with_column(name, column).unwrap()
}

fn with_text(table: &Table, name: &str, cells: &[&str]) -> Table {
    table.with_column(name, Column::text(cells.iter().copied().map(Some))).unwrap()
}

/// Everything that an error says.
fn told(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}");
    for fault in error.faults() {
        write!(text, "\n{} {} {}", fault.what(), fault.place(), fault.remedy()).unwrap();
    }
    text
}

/// The error of a model that is refused.
fn refused(model: &Model, table: &Table) -> Error {
    let error = model.fit(table).expect_err("the model is refused");
    assert_eq!(error.kind(), ErrorKind::Model, "{error}");
    error
}

/// The faults of a model that is refused, each with its column.
fn faults(model: &Model, table: &Table) -> Vec<(String, Option<String>)> {
    let of = |fault: &Fault| (fault.what().to_owned(), fault.place().column().map(str::to_owned));
    refused(model, table).faults().iter().map(of).collect()
}

fn one_fault(model: &Model, table: &Table) -> String {
    let faults = faults(model, table);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].0.clone()
}

fn estimate(fitted: &Fitted, term: &str) -> f64 {
    fitted.estimate(term).unwrap_or_else(|| panic!("no estimate {term}")).estimate
}

fn std_error(fitted: &Fitted, term: &str) -> f64 {
    fitted.estimate(term).and_then(|estimate| estimate.std_error).unwrap()
}

/// Close to the digits, relative to the larger.
fn close(found: f64, expected: f64, tolerance: f64) {
    let size = found.abs().max(expected.abs());
    assert!(
        found == expected || (found - expected).abs() <= tolerance * size,
        "{found:?}, expected {expected:?}"
    );
}

/// No number anywhere in a fit is NaN or infinite.
fn is_finite(fitted: &Fitted) {
    for of in fitted.estimates() {
        let Estimate { estimate, std_error, df, statistic, p, low, high, .. } = of;
        for value in
            [Some(*estimate), *std_error, Some(*df), *statistic, *p, *low, *high].into_iter().flatten()
        {
            assert!(value.is_finite(), "{of:?}");
        }
    }
    let whole = [
        fitted.r2(),
        fitted.adj_r2(),
        Some(fitted.sigma()),
        fitted.log_likelihood(),
        fitted.aic(),
        fitted.bic(),
    ];
    for value in whole.into_iter().flatten().chain([fitted.condition_number()]) {
        assert!(value.is_finite(), "{whole:?} {}", fitted.condition_number());
    }
    assert!(fitted.covariance_matrix().iter().all(|value| value.is_finite()));
}

/// Draws that look random and are the same everywhere, between −1 and 1 in steps of 2⁻²⁰.
fn draws(seed: u64, rows: usize) -> Vec<f64> {
    let cell = |row: usize| {
        let mut z = (seed << 32).wrapping_add(row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 43) as f64 / f64::from(1 << 20) - 1.0
    };
    (0..rows).map(cell).collect()
}

// ---- terms that say the same ----------------------------------------------------------------------------------------

#[test]
fn hours_asleep_and_awake_are_told_apart_from_an_estimate() {
    let sleep = [6.0, 7.0, 8.0, 7.5, 5.0, 9.0];
    let awake = sleep.map(|hours| 24.0 - hours);
    let table =
        numbers(&[("sleep_h", &sleep), ("awake_h", &awake), ("mood", &[5.0, 7.0, 6.0, 8.0, 3.0, 9.0])]);
    for covariance in COVARIANCES {
        let model = Model::ols("mood", ["sleep_h", "awake_h"]).covariance(covariance);
        assert_eq!(one_fault(&model, &table), "collinear terms: sleep_h = 24 − awake_h");
    }
    let remedy = refused(&Model::ols("mood", ["sleep_h", "awake_h"]), &table).faults()[0].remedy().to_owned();
    assert_eq!(remedy, "leave out one of sleep_h, awake_h");
    // Without either there is nothing wrong.
    assert!(Model::ols("mood", ["awake_h"]).fit(&table).is_ok());
}

/// linfa-linear answers this with 1.8e14 and −9.1e13.
#[test]
fn a_column_made_of_another_is_named_with_its_equation() {
    let x1 = draws(1, 40);
    let x3: Vec<f64> = x1.iter().map(|x| 2.0 * x + 1.0).collect();
    let table = numbers(&[("x1", &x1), ("x2", &draws(2, 40)), ("x3", &x3), ("y", &draws(3, 40))]);
    assert_eq!(one_fault(&Model::ols("y", ["x1", "x2", "x3"]), &table), "collinear terms: x3 = 1 + 2 x1");
    // The same as an adjuster.
    let model = Model::ols("y", ["x1", "x2"]).adjust(["x3"]);
    assert_eq!(one_fault(&model, &table), "collinear terms: x3 = 1 + 2 x1");
    // Without an intercept they are two columns.
    assert!(Model::ols("y", ["x1", "x2", "x3"]).without_intercept().fit(&table).is_ok());
    let x3: Vec<f64> = x1.iter().map(|x| 2.0 * x).collect();
    let table = numbers(&[("x1", &x1), ("x3", &x3), ("y", &draws(3, 40))]);
    let model = Model::ols("y", ["x1", "x3"]).without_intercept();
    assert_eq!(one_fault(&model, &table), "collinear terms: x3 = 2 x1");
}

#[test]
fn shares_of_a_whole_are_collinear() {
    let (work, home) = (draws(1, 30), draws(2, 30));
    let rest: Vec<f64> = work.iter().zip(&home).map(|(a, b)| 24.0 - a - b).collect();
    let table = numbers(&[("work", &work), ("home", &home), ("rest", &rest), ("y", &draws(3, 30))]);
    let fault = one_fault(&Model::ols("y", ["work", "home", "rest"]), &table);
    assert_eq!(fault, "collinear terms: work = 24 − home − rest");
}

#[test]
fn a_column_twice_under_two_names_is_collinear() {
    let x = draws(1, 30);
    let table = numbers(&[("x", &x), ("copy", &x), ("y", &draws(3, 30))]);
    assert_eq!(one_fault(&Model::ols("y", ["x", "copy"]), &table), "collinear terms: x = copy");
    let fault = one_fault(&Model::ols("y", ["x", "x"]), &table);
    assert_eq!(fault, "the column is a term twice");
}

/// The dummy trap: two factors of which each is the other.
#[test]
fn factors_that_say_the_same_are_named_by_level() {
    let cells: Vec<Option<&str>> = (0..12).map(|row| Some(["f", "m"][row % 2])).collect();
    let same: Vec<Option<&str>> = (0..12).map(|row| Some(["woman", "man"][row % 2])).collect();
    let table = numbers(&[("y", &draws(1, 12))]);
    let table = with_factor(&table, "sex", &["f", "m"], &cells);
    let table = with_factor(&table, "gender", &["woman", "man"], &same);
    assert_eq!(
        one_fault(&Model::ols("y", ["sex", "gender"]), &table),
        "collinear terms: sex[m] = gender[man]"
    );
    // The reference on the other side: one is what the other is not.
    let model = Model::ols("y", [Term::factor("sex"), Term::factor("gender").reference("man")]);
    assert_eq!(one_fault(&model, &table), "collinear terms: sex[m] = 1 − gender[woman]");
}

#[test]
fn every_dependency_is_told_at_once() {
    let cells: Vec<Option<&str>> = (0..30).map(|row| Some(["a", "b", "c"][row % 3])).collect();
    let same: Vec<Option<&str>> = (0..30).map(|row| Some(["x", "y", "z"][row % 3])).collect();
    let table = numbers(&[("y", &draws(1, 30))]);
    let table = with_factor(&table, "one", &["a", "b", "c"], &cells);
    let table = with_factor(&table, "two", &["x", "y", "z"], &same);
    let found = faults(&Model::ols("y", ["one", "two"]), &table);
    let found: Vec<&str> = found.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(found, ["collinear terms: one[b] = two[y]", "collinear terms: one[c] = two[z]"]);
}

/// A number that counts the levels of a factor is made of them.
#[test]
fn a_number_that_follows_from_a_factor_is_collinear() {
    let cells: Vec<Option<&str>> = (0..30).map(|row| Some(["low", "mid", "high"][row % 3])).collect();
    let points: Vec<f64> = (0..30).map(|row| [0.0, 1.0, 2.0][row % 3]).collect();
    let table = with_factor(
        &numbers(&[("points", &points), ("y", &draws(1, 30))]),
        "f",
        &["low", "mid", "high"],
        &cells,
    );
    let fault = one_fault(&Model::ols("y", ["f", "points"]), &table);
    assert_eq!(fault, "collinear terms: points = f[mid] + 2 f[high]");
}

/// One part in 10⁹ is beyond what doubles can tell; one in 10⁵ is not, and warns.
#[test]
fn nearly_collinear_columns_are_refused_or_right() {
    let (x, d) = (draws(1, 50), draws(2, 50));
    let apart = |by: f64| -> Vec<f64> { x.iter().zip(&d).map(|(x, d)| x + by * d).collect() };
    let noise = draws(3, 50);
    let table = numbers(&[("x", &x), ("near", &apart(1e-9)), ("y", &noise)]);
    assert_eq!(one_fault(&Model::ols("y", ["x", "near"]), &table), "collinear terms: x = near");

    // In steps of 2⁻³⁷ the sum is exact, and so is the answer: y = 3 + x + 5 d + e is one of x and near.
    let scale = f64::from(1 << 17);
    let near = apart(1.0 / scale);
    let y: Vec<f64> = (0..50).map(|row| 3.0 + x[row] + 5.0 * d[row] + noise[row]).collect();
    let table = numbers(&[("x", &x), ("near", &near), ("d", &d), ("y", &y)]);
    let fit = |terms| Model::ols("y", terms).covariance(Covariance::Classical).fit(&table).unwrap();
    let (close_fit, plain) = (fit(["x", "near"]), fit(["x", "d"]));
    close(estimate(&close_fit, "near"), scale * estimate(&plain, "d"), 1e-9);
    close(estimate(&close_fit, "x"), estimate(&plain, "x") - scale * estimate(&plain, "d"), 1e-9);
    close(estimate(&close_fit, "(intercept)"), estimate(&plain, "(intercept)"), 1e-9);
    close(std_error(&close_fit, "near"), scale * std_error(&plain, "d"), 1e-9);
    // Residuals of slopes some 10⁶ large keep ten digits.
    close(close_fit.sigma(), plain.sigma(), 1e-9);
    assert!(close_fit.condition_number() > 1e5);
    assert!(close_fit.warnings()[0].starts_with("condition number"), "{:?}", close_fit.warnings());
    assert!(plain.warnings().is_empty() && plain.condition_number() < 30.0);
}

// ---- terms without differences --------------------------------------------------------------------------------------

#[test]
fn constant_columns_are_refused_by_name_all_together() {
    let table = numbers(&[
        ("x", &draws(1, 8)),
        ("seven", &[7.0; 8]),
        ("zero", &[0.0; 8]),
        // Varies only where the outcome is missing.
        ("hidden", &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0]),
        ("y", &[1.0, 2.0, 4.0, 3.0, 6.0, 5.0, 7.0, f64::NAN]),
    ]);
    let found = faults(&Model::ols("y", ["seven", "x", "zero", "hidden"]), &table);
    let what = "the column does not vary in the complete rows".to_owned();
    let expected = ["seven", "zero", "hidden"].map(|column| (what.clone(), Some(column.to_owned())));
    assert_eq!(found, expected);
}

#[test]
fn a_factor_with_one_level_is_refused() {
    let table = numbers(&[("x", &draws(1, 8)), ("y", &draws(2, 8))]);
    let table = with_factor(&table, "f", &["no", "yes"], &[Some("yes"); 8]);
    let found = faults(&Model::ols("y", ["f", "x"]), &table);
    assert_eq!(found, [("the complete rows have one level of this factor".to_owned(), Some("f".to_owned()))]);
}

/// fixest and statsmodels invert a singular matrix here.
#[test]
fn an_empty_level_is_a_warning_and_no_column() {
    let cells = ["never", "never", "current", "current", "never", "current", "never", "current"].map(Some);
    let plain = numbers(&[("x", &draws(1, 8)), ("y", &draws(2, 8))]);
    let table = with_factor(&plain, "smoking", &["never", "former", "current"], &cells);
    let fitted = Model::ols("y", ["smoking", "x"]).fit(&table).unwrap();
    let terms: Vec<&str> = fitted.estimates().iter().map(|of| of.term.as_str()).collect();
    assert_eq!(terms, ["(intercept)", "smoking[current]", "x"]);
    assert_eq!(fitted.warnings(), ["smoking[former]: no complete row has this level"]);

    // The same numbers as without the level.
    let two = with_factor(&plain, "smoking", &["never", "current"], &cells);
    let two = Model::ols("y", ["smoking", "x"]).fit(&two).unwrap();
    assert_eq!(fitted.estimates(), two.estimates());
    assert!(two.warnings().is_empty());

    // And nothing is said of people with it, neither alone nor against others.
    let never = fitted.profile(&table, 0).unwrap();
    let former = never.clone().with("smoking", "former").unwrap();
    let what = "no row behind the estimates has this level";
    for error in [fitted.prediction(&former).unwrap_err(), fitted.difference(&never, &former).unwrap_err()] {
        assert_eq!((error.kind(), error.faults()[0].what()), (ErrorKind::Model, what));
    }
    assert!(fitted.difference(&former, &never).is_err());
    // Where it is no difference it does not matter.
    let other = former.clone().with("x", 0.5).unwrap();
    assert!(fitted.difference(&former, &other).is_ok());
}

#[test]
fn a_level_that_loses_its_rows_to_missing_cells_is_empty_too() {
    let cells = ["a", "b", "c", "a", "b", "a", "b", "a"].map(Some);
    let y = [1.0, 2.0, f64::NAN, 4.0, 3.0, 2.0, 5.0, 2.5];
    let table = with_factor(&numbers(&[("y", &y)]), "f", &["a", "b", "c"], &cells);
    let fitted = Model::ols("y", ["f"]).fit(&table).unwrap();
    assert_eq!(fitted.warnings(), ["f[c]: no complete row has this level"]);
    close(estimate(&fitted, "f[b]"), 10.0 / 3.0 - 9.5 / 4.0, 1e-14);
}

#[test]
fn a_reference_without_rows_is_refused() {
    let cells = ["b", "c", "b", "c", "b", "c"].map(Some);
    let table = with_factor(&numbers(&[("y", &draws(1, 6))]), "f", &["a", "b", "c"], &cells);
    assert_eq!(one_fault(&Model::ols("y", ["f"]), &table), "no complete row has the reference level");
    let fitted = Model::ols("y", [Term::factor("f").reference("b")]).fit(&table).unwrap();
    assert_eq!(fitted.estimate("f[c]").unwrap().reference.as_deref(), Some("b"));
    assert_eq!(fitted.warnings(), ["f[a]: no complete row has this level"]);
}

// ---- rows -----------------------------------------------------------------------------------------------------------

/// Ten rows, of which four lack something, and the six of them that do not.
fn with_holes() -> (Table, Table) {
    const NAN: f64 = f64::NAN;
    let y = [1.0, 2.0, NAN, 4.0, 3.0, 6.0, 5.0, NAN, 7.0, 9.0];
    let x = [1.0, 2.0, 3.0, NAN, 4.0, 5.0, 6.0, NAN, 8.0, 7.0];
    let age = [30.0, 40.0, 50.0, 60.0, NAN, 35.0, 45.0, 55.0, 65.0, 25.0];
    let f = ["a", "b", "a", "b", "", "b", "a", "b", "a", "a"];
    let unused = [NAN; 10];
    let kept = [0, 1, 5, 6, 8, 9];
    let build = |rows: &[usize]| {
        let pick = |column: &[f64]| rows.iter().map(|row| column[*row]).collect::<Vec<f64>>();
        let cells: Vec<Option<&str>> =
            rows.iter().map(|row| Some(f[*row]).filter(|cell| !cell.is_empty())).collect();
        let table =
            numbers(&[("y", &pick(&y)), ("x", &pick(&x)), ("age", &pick(&age)), ("unused", &pick(&unused))]);
        with_factor(&table, "f", &["a", "b"], &cells)
    };
    (build(&(0..10).collect::<Vec<_>>()), build(&kept))
}

/// statsmodels lets the model drop rows that clusters and weights keep.
#[test]
fn one_mask_holds_over_outcome_terms_and_adjusters() {
    let (table, kept) = with_holes();
    for covariance in COVARIANCES {
        let model = Model::ols("y", ["x", "f"]).adjust(["age"]).covariance(covariance);
        let (with, without) = (model.fit(&table).unwrap(), model.fit(&kept).unwrap());
        for (with, without) in with.estimates().iter().zip(without.estimates()) {
            assert_eq!((&with.term, with.df), (&without.term, 2.0));
            close(with.estimate, without.estimate, 1e-14);
            close(with.std_error.unwrap(), without.std_error.unwrap(), 1e-13);
        }
        close(with.sigma(), without.sigma(), 1e-13);
        assert_eq!((with.estimates().len(), with.n()), (without.estimates().len(), 6));
        assert_eq!(with.used_rows().collect::<Vec<_>>(), [0, 1, 5, 6, 8, 9]);
        assert_eq!(with.residual_df(), 2.0);
    }
}

#[test]
fn rows_left_out_are_counted_once_by_the_first_reason() {
    let (table, kept) = with_holes();
    let model = Model::ols("y", ["x", "f"]).adjust(["age"]);
    let of = |fitted: &Fitted| -> Vec<(String, usize)> {
        fitted.dropped().iter().map(|dropped| (dropped.reason.clone(), dropped.rows)).collect()
    };
    // Row 7 lacks outcome and x, row 4 the factor and the age.
    let expected = [("missing y", 2), ("missing x", 1), ("missing f", 1)]
        .map(|(reason, rows)| (reason.to_owned(), rows));
    assert_eq!(of(&model.fit(&table).unwrap()), expected);
    assert!(of(&model.fit(&kept).unwrap()).is_empty());
    let only = Model::ols("x", ["age"]).fit(&table).unwrap();
    assert_eq!(of(&only), [("missing x".to_owned(), 2), ("missing age".to_owned(), 1)]);
    assert_eq!(only.n() + 3, table.rows());
}

#[test]
fn missing_cells_are_an_error_where_they_shall_be() {
    let (table, kept) = with_holes();
    let model = Model::ols("y", ["x", "f"]).adjust(["age"]).missing(vointi::model::Missing::Error);
    let found = faults(&model, &table);
    let expected = [("y", 2), ("x", 1), ("f", 1)]
        .map(|(column, rows)| (format!("missing in {rows} of 10 rows"), Some(column.to_owned())));
    assert_eq!(found, expected);
    assert!(model.fit(&kept).is_ok());
    let read = Model::from_toml("outcome = 'y'\nmissing = 'error'\n[[term]]\ncolumn = 'x'").unwrap();
    assert!(read.fit(&table).is_err());
}

#[test]
fn no_complete_row_says_why() {
    let nan = f64::NAN;
    let table = numbers(&[("x", &[1.0, nan, 3.0]), ("y", &[nan, 2.0, nan]), ("void", &[nan; 3])]);
    assert_eq!(one_fault(&Model::ols("y", ["x"]), &table), "no complete row among 3");
    assert_eq!(one_fault(&Model::ols("x", ["void"]), &table), "no complete row among 3");
    assert_eq!(
        one_fault(&Model::ols("y", ["x"]), &numbers(&[("x", &[]), ("y", &[])])),
        "no complete row among 0"
    );
}

#[test]
fn infinite_numbers_stop_at_the_door() {
    for infinite in [f64::INFINITY, f64::NEG_INFINITY] {
        assert!(Column::numbers_or_nan(vec![1.0, infinite]).is_err());
        let error = Table::builder().number("x", [Some(1.0), Some(infinite)]).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Table);
        assert!(told(&error).contains("row 1"), "{error}");
        // And at the one of a prediction.
        let table = numbers(&[("x", &[1.0, 2.0, 3.0]), ("y", &[1.0, 2.0, 4.0])]);
        let fitted = Model::ols("y", ["x"]).fit(&table).unwrap();
        let profile = fitted.profile(&table, 0).unwrap();
        assert!(profile.clone().with("x", infinite).is_err() && profile.with("x", f64::NAN).is_err());
    }
    #[cfg(feature = "csv")]
    for cell in ["inf", "-inf", "1e999"] {
        let text = format!("x,y\n1,2\n{cell},3\n4,5\n5,7\n");
        let read = vointi::table::CsvOptions::default().read_bytes(text.as_bytes(), "rows");
        // A word is a text, and no term of numbers; a number beyond all is an error.
        if let Ok(table) = read {
            assert!(Model::ols("y", [Term::linear("x")]).fit(&table).is_err(), "{cell}");
        }
    }
}

/// Squares of 1e200 are infinite, and those of 1e-200 are 0: neither is an answer.
#[test]
fn numbers_whose_squares_leave_the_range_are_refused() {
    let (x, y) = (draws(1, 20), draws(2, 20));
    let scaled = |by: f64| -> Vec<f64> { x.iter().map(|x| x * by).collect() };
    for by in [1e300, 1e200, 1e-150, 1e-200, 1e-300] {
        let table = numbers(&[("x", &scaled(by)), ("y", &y)]);
        let what = "the squares of the column's numbers are too large or too small to be added up";
        for (outcome, term) in [("y", "x"), ("x", "y")] {
            for covariance in COVARIANCES {
                let model = Model::ols(outcome, [term]).covariance(covariance);
                let found = [(what.to_owned(), Some("x".to_owned()))];
                assert_eq!(faults(&model, &table), found, "{by} {outcome}");
                assert_eq!(faults(&model.without_intercept(), &table), found, "{by} {outcome}");
            }
        }
    }
    // Inside it, a unit is a unit.
    let plain = Model::ols("y", ["x"]).fit(&numbers(&[("x", &x), ("y", &y)])).unwrap();
    for by in [1e100, 1e-100] {
        let fitted = Model::ols("y", ["x"]).fit(&numbers(&[("x", &scaled(by)), ("y", &y)])).unwrap();
        is_finite(&fitted);
        close(estimate(&fitted, "x") * by, estimate(&plain, "x"), 1e-12);
        close(std_error(&fitted, "x") * by, std_error(&plain, "x"), 1e-12);
    }
}

// ---- levels ---------------------------------------------------------------------------------------------------------

/// patsy and its heirs predict with zeros, which is the reference.
#[test]
fn a_level_unseen_at_the_fit_is_an_error_at_prediction() {
    let cells = ["never", "current", "never", "current", "never", "current"].map(Some);
    let table = with_factor(&numbers(&[("y", &draws(1, 6))]), "smoking", &["never", "current"], &cells);
    let fitted = Model::ols("y", ["smoking"]).fit(&table).unwrap();
    let new = with_text(&numbers(&[("y", &[1.0, 2.0])]), "smoking", &["never", "Xerxes"]);
    assert!(fitted.profile(&new, 0).and_then(|profile| fitted.prediction(&profile)).is_ok());
    let error = fitted.profile(&new, 1).unwrap_err();
    let fault = &error.faults()[0];
    assert_eq!((error.kind(), fault.place().column()), (ErrorKind::Model, Some("smoking")));
    assert_eq!(fault.what(), "a level that the model does not know");
    assert!(!told(&error).contains("Xerxes"), "{}", told(&error));
    // What the caller says may be repeated to the caller.
    let profile = fitted.profile(&table, 0).unwrap();
    let error = profile.clone().with("smoking", "curent").unwrap_err();
    assert!(told(&error).contains("did you mean `current`?"), "{error}");
    assert!(profile.clone().with("smoking", 1.0).is_err());
    assert!(profile.with("somking", "never").unwrap_err().to_string().contains("did you mean `smoking`?"));
}

#[test]
fn what_is_missing_is_not_predicted() {
    let (table, _) = with_holes();
    let fitted = Model::ols("y", ["x", "f"]).fit(&table).unwrap();
    let profile = fitted.profile(&table, 4).unwrap();
    assert!(profile.value("f").is_none());
    assert_eq!(fitted.prediction(&profile).unwrap_err().faults()[0].what(), "the value is missing");
    let filled = profile.clone().with("f", "a").unwrap();
    assert!(fitted.prediction(&filled).is_ok());
    let error = fitted.difference(&profile, &filled).unwrap_err();
    assert_eq!(error.faults()[0].what(), "the value to compare with is missing");
}

/// No formula guesses what a code is: numbers are numbers until they are said to be levels.
#[test]
fn codes_are_numbers_or_levels_as_they_are_said_to_be() {
    let cyl = [4.0, 4.0, 6.0, 6.0, 8.0, 8.0, 8.0];
    let mpg = [30.0, 26.0, 21.0, 19.0, 15.0, 14.0, 16.0];
    let table = numbers(&[("cyl", &cyl), ("mpg", &mpg)]);
    let slope = |model: Model| model.fit(&table).unwrap();
    let linear = slope(Model::ols("mpg", ["cyl"]));
    assert_eq!(linear.estimates().len(), 2);
    assert_eq!(linear.estimates(), slope(Model::ols("mpg", [Term::linear("cyl")])).estimates());
    // Means of the levels: 28, 20, 15.
    for reference in ["6", "6.0", "6e0", " 6 "] {
        let factor = slope(Model::ols("mpg", [Term::factor("cyl").reference(reference)]));
        let terms: Vec<&str> = factor.estimates().iter().map(|of| of.term.as_str()).collect();
        assert_eq!(terms, ["(intercept)", "cyl[4]", "cyl[8]"]);
        for (term, expected) in [("(intercept)", 20.0), ("cyl[4]", 8.0), ("cyl[8]", -5.0)] {
            close(estimate(&factor, term), expected, 1e-14);
        }
        assert_eq!(factor.estimate("cyl[8]").unwrap().reference.as_deref(), Some("6"));
        // √(Σe²/(n − p)) of 4 + 4, 1 + 1, 0 + 1 + 1
        close(factor.sigma(), 3.0_f64.sqrt(), 1e-14);
        let profile = factor.profile(&table, 0).unwrap().with("cyl", 8.0).unwrap();
        close(factor.prediction(&profile).unwrap().mean, 15.0, 1e-14);
        assert!(profile.with("cyl", 5.0).is_err());
    }
    let spec = "outcome = 'mpg'\n[[term]]\ncolumn = 'cyl'\nreference = 6";
    close(estimate(&slope(Model::from_toml(spec).unwrap()), "cyl[8]"), -5.0, 1e-14);
}

#[test]
fn a_reference_is_named_and_not_the_first_of_the_alphabet() {
    let cells: Vec<&str> =
        (0..30).map(|row| if row == 29 { "Xerxes" } else { ["b", "a"][row % 2] }).collect();
    let table = with_text(
        &numbers(&[
            ("code", &(0..30).map(|row| f64::from(row % 2)).collect::<Vec<_>>()),
            ("y", &draws(1, 30)),
        ]),
        "f",
        &cells,
    );
    let what = "the factor declares no level that the others are compared with";
    for term in [Term::factor("f"), Term::from("f")] {
        let error = refused(&Model::ols("y", [term]), &table);
        assert_eq!(error.faults()[0].what(), what);
        // A level of few rows is somebody's answer.
        assert_eq!(error.faults()[0].remedy(), "name one as `reference`: b, a");
    }
    assert_eq!(one_fault(&Model::ols("y", [Term::factor("code")]), &table), what);
    let error = refused(&Model::ols("y", [Term::factor("f").reference("Xerxe")]), &table);
    assert!(!told(&error).contains("Xerxes"), "{error}");
    let declared = table.column("f").unwrap().with_levels(["Xerxes", "a", "b"]).unwrap();
    let table = table.with_column("g", declared.with_reference("b").unwrap()).unwrap();
    let fitted = Model::ols("y", ["g"]).covariance(Covariance::Classical).fit(&table).unwrap();
    assert_eq!(fitted.estimate("g[a]").unwrap().reference.as_deref(), Some("b"));
    assert_eq!(one_fault(&Model::ols("y", [Term::linear("f")]), &table), "the column holds texts");
    assert_eq!(one_fault(&Model::ols("f", ["y"]), &table), "the outcome holds texts");
    let of_numbers = Model::ols("y", [Term::linear("code").reference("1")]);
    assert_eq!(one_fault(&of_numbers, &table), "a linear term has no reference");
}

/// The estimates of a factor are differences of means, and HC2 is the error of Welch's t.
#[test]
fn two_groups_are_the_two_sample_t_test() {
    let (a, b) = ([1.0, 2.0, 4.0, 5.0], [10.0, 13.0, 11.0, 18.0, 8.0, 12.0]);
    let y: Vec<f64> = a.iter().chain(&b).copied().collect();
    let cells: Vec<Option<&str>> = (0..10).map(|row| Some(if row < 4 { "a" } else { "b" })).collect();
    let table = with_factor(&numbers(&[("y", &y)]), "group", &["a", "b"], &cells);
    let squares = |of: &[f64]| {
        let mean = of.iter().sum::<f64>() / of.len() as f64;
        of.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()
    };
    let (in_a, in_b) = (squares(&a), squares(&b));
    for (covariance, variance) in [
        (Covariance::Classical, (in_a + in_b) / 8.0 * (1.0 / 4.0 + 1.0 / 6.0)),
        (Covariance::Hc0, in_a / 16.0 + in_b / 36.0),
        (Covariance::Hc1, (in_a / 16.0 + in_b / 36.0) * 10.0 / 8.0),
        (Covariance::Hc2, in_a / 3.0 / 4.0 + in_b / 5.0 / 6.0),
        (Covariance::Hc3, in_a / 9.0 + in_b / 25.0),
    ] {
        let fitted = Model::ols("y", ["group"]).covariance(covariance).fit(&table).unwrap();
        close(estimate(&fitted, "group[b]"), 9.0, 1e-14);
        close(std_error(&fitted, "group[b]"), variance.sqrt(), 1e-13);
    }
}

/// An id is a level of its own for everyone.
#[test]
fn ids_are_no_factor() {
    let rows = 3000;
    let ids: Vec<f64> = (0..rows).map(f64::from).collect();
    let names: Vec<String> = ids.iter().map(|id| format!("Xerxes-{id}")).collect();
    let texts: Vec<&str> = names.iter().map(String::as_str).collect();
    let table = with_text(&numbers(&[("id", &ids), ("y", &draws(1, 3000))]), "name", &texts);
    for term in [
        Term::factor("id").reference("0"),
        Term::factor("id").reference("2999"),
        Term::factor("name").reference("Xerxes-0"),
        Term::factor("name"),
    ] {
        let error = refused(&Model::ols("y", [term]), &table);
        assert_eq!(error.faults()[0].what(), "more than 1000 levels");
        assert!(!told(&error).contains("Xerxes"), "{error}");
    }
    // Two factors of 600 levels each are too many together.
    let table = numbers(&[
        ("one", &ids.iter().map(|id| id % 600.0).collect::<Vec<_>>()),
        ("two", &ids.iter().map(|id| id % 601.0).collect::<Vec<_>>()),
        ("y", &draws(1, 3000)),
    ]);
    let model = Model::ols("y", ["one", "two"].map(|column| Term::factor(column).reference("0")));
    assert_eq!(one_fault(&model, &table), "1199 coefficients, where at most 1000 are estimated");
    // Few ids: no more rows than coefficients.
    let few = numbers(&[("id", &ids[..20]), ("y", &draws(1, 20))]);
    let what = one_fault(&Model::ols("y", [Term::factor("id").reference("0")]), &few);
    assert_eq!(what, "20 complete rows cannot settle 20 coefficients, let alone their errors");
}

// ---- few rows -------------------------------------------------------------------------------------------------------

#[test]
fn no_more_rows_than_coefficients_is_refused() {
    let nan = f64::NAN;
    for rows in 1..=3 {
        let (a, b, y) = (draws(1, rows), draws(2, rows), draws(3, rows));
        let error = refused(&Model::ols("y", ["a", "b"]), &numbers(&[("a", &a), ("b", &b), ("y", &y)]));
        let what = error.faults()[0].what();
        let said = if rows == 1 { "does not vary" } else { "cannot settle 3 coefficients" };
        assert!(what.contains(said), "{rows}: {what}");
    }
    let table = numbers(&[
        ("a", &[1.0, 2.0, 3.0, nan, nan, 4.0]),
        ("b", &[1.0, 3.0, 2.0, 5.0, 4.0, nan]),
        ("y", &[1.0, 2.0, 4.0, 3.0, 5.0, 6.0]),
    ]);
    let error = refused(&Model::ols("y", ["a", "b"]), &table);
    assert_eq!(
        error.faults()[0].what(),
        "3 complete rows cannot settle 3 coefficients, let alone their errors"
    );
    let remedy = "take fewer terms; most rows were left out for the reason `missing a`";
    assert_eq!(error.faults()[0].remedy(), remedy);
}

/// A t of one degree of freedom is Cauchy's law, of two it has a closed form as well.
#[test]
fn tiny_degrees_of_freedom_have_their_own_quantiles() {
    for rows in [3, 4] {
        let (x, y) = (draws(1, rows), draws(2, rows));
        let table = numbers(&[("x", &x), ("y", &y)]);
        for covariance in COVARIANCES {
            let fitted = Model::ols("y", ["x"]).covariance(covariance).fit(&table).unwrap();
            is_finite(&fitted);
            let of = fitted.estimate("x").unwrap();
            let (t, se) = (of.statistic.unwrap().abs(), of.std_error.unwrap());
            let (p, quantile) = if rows == 3 {
                (1.0 - 2.0 / std::f64::consts::PI * t.atan(), (0.475 * std::f64::consts::PI).tan())
            } else {
                (1.0 - t / (2.0 + t * t).sqrt(), 0.95 * (2.0 / (1.0 - 0.95_f64.powi(2))).sqrt())
            };
            assert_eq!(of.df, (rows - 2) as f64);
            close(of.p.unwrap(), p, 1e-11);
            close(of.high.unwrap() - of.estimate, quantile * se, 1e-11);
            close(of.estimate - of.low.unwrap(), quantile * se, 1e-11);
        }
    }
}

#[test]
fn a_confidence_outside_0_to_1_is_refused() {
    let table = numbers(&[("x", &draws(1, 9)), ("y", &draws(2, 9))]);
    for level in [0.0, 1.0, 95.0, -0.5, f64::NAN] {
        assert!(one_fault(&Model::ols("y", ["x"]).level(level), &table).contains("no confidence"));
    }
}

/// A row alone behind a coefficient has leverage 1 and no residual: HC2 and HC3 would divide 0 by 0.
#[test]
fn a_level_with_one_row_has_no_hc2_and_no_hc3() {
    let cells = ["a", "a", "a", "a", "b", "a", "a"].map(Some);
    let y = [1.0, 2.0, 3.0, 4.0, 9.0, 2.0, 3.0];
    let table = with_factor(&numbers(&[("y", &y)]), "f", &["a", "b"], &cells);
    for covariance in [Covariance::Hc2, Covariance::Hc3] {
        let what = one_fault(&Model::ols("y", ["f"]).covariance(covariance), &table);
        let word = covariance.word();
        assert_eq!(
            what,
            format!("1 of the 7 rows are alone behind a coefficient, which {word} cannot weigh")
        );
    }
    for covariance in [Covariance::Classical, Covariance::Hc0, Covariance::Hc1] {
        let fitted = Model::ols("y", ["f"]).covariance(covariance).fit(&table).unwrap();
        is_finite(&fitted);
        close(estimate(&fitted, "f[b]"), 9.0 - 2.5, 1e-14);
    }
    // Of two rows neither is alone.
    let two = ["a", "a", "a", "a", "b", "b", "a"].map(Some);
    let table = with_factor(&numbers(&[("y", &y)]), "f", &["a", "b"], &two);
    assert!(Model::ols("y", ["f"]).fit(&table).is_ok());
}

// ---- outcomes -------------------------------------------------------------------------------------------------------

const INDEX: &str = r#"
schema = 1
id = "made"
[person]
id = "person"
[instrument.mood]
items = ["m1", "m2"]
response = [0, 4]
[indicator.mood]
scale = "mood.total"
utility = "linear"
[derived.bmi]
from = "weight / height^2"
[measure.mass]
from = "bmi"
unit = "kg/m2"
[indicator.mass]
measure = "mass"
utility = { goalposts = [40, 20] }
[measure.pulse]
unit = "1/min"
[indicator.pulse]
measure = "pulse"
utility = { goalposts = [100, 50] }
[pillar.felt]
children = ["mood"]
[pillar.measured]
children = ["mass", "pulse"]
[index]
children = ["felt", "measured"]
[choice.sleep]
limits = [0, 24]
"#;

/// Law 4: a regression of an index on what it is made of gives back our own weights.
#[test]
fn an_outcome_that_contains_the_term_is_refused() {
    let definition = Definition::from_toml(INDEX).unwrap();
    let rows = 20;
    let between = |seed: u64, low: f64, high: f64| {
        draws(seed, rows)
            .into_iter()
            .map(move |x| Some(low + (high - low) * (x + 1.0) / 2.0))
            .collect::<Vec<_>>()
    };
    let whole =
        |seed: u64| between(seed, 0.0, 4.0).into_iter().map(|x| x.map(f64::round)).collect::<Vec<_>>();
    let table = Table::builder()
        .number("person", (0..rows).map(|row| Some(row as f64)))
        .number("m1", whole(1))
        .number("m2", whole(2))
        .number("weight", between(3, 50.0, 110.0))
        .number("height", between(4, 1.5, 2.0))
        .number("pulse", between(5, 50.0, 100.0))
        .number("sleep", between(6, 4.0, 10.0))
        .number("age", between(7, 20.0, 80.0))
        .build()
        .unwrap();
    let cohort = Cohort::new(&definition, table).unwrap();
    let scores = Index::new(&definition).unwrap().score_cohort(&cohort).unwrap();
    let table = cohort.with_scores(&scores).unwrap();

    let contains =
        |outcome: &str, term: &str| format!("the outcome `{outcome}` contains this column `{term}`");
    for (outcome, term, said) in [
        // Columns of the file: an item, a reading, what a derived column is made of.
        ("index", "m1", "the outcome `index` contains this column"),
        ("index", "pulse", "the outcome `index` contains this column"),
        ("index", "weight", "the outcome `index` contains this column"),
        ("index", "height", "the outcome `index` contains this column"),
        ("index_se", "m2", "the outcome `index_se` contains this column"),
        ("pillar.measured", "weight", "the outcome `pillar.measured` contains this column"),
        ("indicator.mass", "height", "the outcome `indicator.mass` contains this column"),
        // Parts of the index, and wholes of a part.
        ("index", "indicator.mood", "both contain `m1`"),
        ("index", "pillar.felt", "both contain `m1`"),
        ("pillar.felt", "indicator.mood", "both contain `m1`"),
        ("indicator.mass", "index", "both contain `height`"),
        ("index", "coverage", "both contain"),
        ("index", "index", "both contain"),
        ("age", "age", "the outcome `age` contains this column"),
    ] {
        for model in [Model::ols(outcome, [term]), Model::ols(outcome, ["sleep"]).adjust([term])] {
            let error = refused(&model, &table);
            let fault = &error.faults()[0];
            assert!(fault.what().contains(said), "{}: {error}", contains(outcome, term));
            assert_eq!(fault.place().column(), Some(term));
        }
    }
    // What is on another side is no part, and choices and adjusters never are.
    for (outcome, term) in [
        ("index", "sleep"),
        ("index", "age"),
        ("pillar.felt", "weight"),
        ("pillar.felt", "pillar.measured"),
        ("indicator.mass", "indicator.pulse"),
        ("sleep", "index"),
    ] {
        Model::ols(outcome, [term]).fit(&table).unwrap_or_else(|error| panic!("{outcome} {term}: {error}"));
    }
}

#[test]
fn a_perfect_fit_is_said_to_be_one() {
    let x = draws(1, 12);
    let y: Vec<f64> = x.iter().map(|x| 3.0 - 2.0 * x).collect();
    let table = numbers(&[("x", &x), ("y", &y)]);
    for covariance in COVARIANCES {
        let fitted = Model::ols("y", ["x"]).covariance(covariance).fit(&table).unwrap();
        is_finite(&fitted);
        close(estimate(&fitted, "x"), -2.0, 1e-14);
        close(estimate(&fitted, "(intercept)"), 3.0, 1e-14);
        close(fitted.r2().unwrap(), 1.0, 1e-15);
        assert!(fitted.sigma() < 1e-14 && std_error(&fitted, "x") < 1e-13);
        let said = "the fit is perfect to the digits there are; its errors mean nothing";
        assert_eq!(fitted.warnings(), [said]);
    }
}

#[test]
fn an_outcome_that_does_not_vary_has_no_share_explained() {
    let table = numbers(&[("x", &draws(1, 12)), ("y", &[5.0; 12])]);
    for covariance in COVARIANCES {
        let fitted = Model::ols("y", ["x"]).covariance(covariance).fit(&table).unwrap();
        is_finite(&fitted);
        assert_eq!((estimate(&fitted, "x"), estimate(&fitted, "(intercept)")), (0.0, 5.0));
        assert_eq!(
            (fitted.r2(), fitted.adj_r2(), fitted.log_likelihood(), fitted.aic()),
            (None, None, None, None)
        );
        assert_eq!((std_error(&fitted, "x"), fitted.estimate("x").unwrap().p), (0.0, None));
        assert_eq!(fitted.warnings().len(), 1);
    }
}

// ---- numbers far from 0 ---------------------------------------------------------------------------------------------

/// Estimates and errors of x, and what describes the fit, as another fit has them.
fn same_slopes(found: &Fitted, expected: &Fitted, terms: &[&str], tolerance: f64) {
    for term in terms {
        close(estimate(found, term), estimate(expected, term), tolerance);
        close(std_error(found, term), std_error(expected, term), tolerance);
    }
    close(found.sigma(), expected.sigma(), tolerance);
    close(found.r2().unwrap(), expected.r2().unwrap(), tolerance);
}

/// The shift is exact in these steps, so the answer may not change but for the intercept.
#[test]
fn a_column_far_from_zero_keeps_its_digits() {
    let (x, z, e) = (draws(1, 200), draws(2, 200), draws(3, 200));
    let y: Vec<f64> = (0..200).map(|row| 1.0 + 2.0 * x[row] - 3.0 * z[row] + e[row]).collect();
    let plain = numbers(&[("x", &x), ("z", &z), ("y", &y)]);
    let shift = f64::from(1 << 30);
    let far = |of: &[f64]| -> Vec<f64> { of.iter().map(|x| x + shift).collect() };
    let table = numbers(&[("x", &far(&x)), ("z", &far(&z)), ("y", &y)]);
    for covariance in COVARIANCES {
        let model = Model::ols("y", ["x", "z"]).covariance(covariance);
        let (found, expected) = (model.fit(&table).unwrap(), model.fit(&plain).unwrap());
        same_slopes(&found, &expected, &["x", "z"], 1e-11);
        let level = estimate(&expected, "(intercept)")
            - shift * (estimate(&expected, "x") + estimate(&expected, "z"));
        close(estimate(&found, "(intercept)"), level, 1e-12);
        // The prediction of a row is that of the plain one, in which 30 bits more are left.
        let at = |fitted: &Fitted, table: &Table| {
            let profile = fitted.profile(table, 7).unwrap();
            fitted.prediction(&profile).unwrap()
        };
        close(at(&found, &table).mean, at(&expected, &plain).mean, 1e-11);
        close(at(&found, &table).std_error, at(&expected, &plain).std_error, 1e-11);
    }
}

/// Sums about the first row would lose the digits of the others.
#[test]
fn an_outlier_in_the_first_row_costs_no_digit() {
    let rows = 200;
    let (x, e) = (draws(1, rows), draws(2, rows));
    let mut x: Vec<f64> = x.iter().map(|x| 10.0 + x).collect();
    let y: Vec<f64> = (0..rows).map(|row| x[row] + e[row]).collect();
    for outlier in [1e6, 1e9] {
        x[0] = outlier;
        let first = numbers(&[("x", &x), ("y", &y)]);
        let turned = |of: &[f64]| -> Vec<f64> { of.iter().rev().copied().collect() };
        let last = numbers(&[("x", &turned(&x)), ("y", &turned(&y))]);
        for covariance in [Covariance::Classical, Covariance::Hc0] {
            let model = Model::ols("y", ["x"]).covariance(covariance);
            same_slopes(
                &model.fit(&first).unwrap(),
                &model.fit(&last).unwrap(),
                &["(intercept)", "x"],
                1e-10,
            );
        }
    }
}

/// Tables too long for arithmetic of 32 digits: the same rows many times over have the same coefficients, and known
/// errors.
#[test]
fn a_long_table_has_the_estimates_of_the_short_one_it_repeats() {
    let (rows, times) = (1000, 80);
    let names: Vec<String> = (0..10).map(|at| format!("x{at}")).collect();
    let shift = |at: usize| if at == 3 { f64::from(1 << 30) } else { 0.0 };
    let columns: Vec<Vec<f64>> =
        (0..10).map(|at| draws(at as u64, rows).iter().map(|x| x + shift(at)).collect()).collect();
    let y: Vec<f64> = draws(77, rows).iter().zip(&columns[4]).map(|(e, x)| 10.0 * e + x).collect();
    let table = |times: usize| {
        let all: Vec<Vec<f64>> = columns.iter().chain([&y]).map(|column| column.repeat(times)).collect();
        let names = names.iter().map(String::as_str).chain(["y"]);
        numbers(&names.zip(&all).map(|(name, values)| (name, values.as_slice())).collect::<Vec<_>>())
    };
    let (once, often) = (table(1), table(times));
    let (n, p) = (rows as f64, 11.0);
    for (covariance, factor) in [
        (Covariance::Classical, ((n - p) / (n * times as f64 - p)).sqrt()),
        (Covariance::Hc0, 1.0 / (times as f64).sqrt()),
        (Covariance::Hc1, ((n - p) / (n * times as f64 - p)).sqrt()),
    ] {
        let model = Model::ols("y", names.iter().map(String::as_str)).covariance(covariance);
        let (short, long) = (model.fit(&once).unwrap(), model.fit(&often).unwrap());
        for (short, long) in short.estimates().iter().zip(long.estimates()) {
            close(long.estimate, short.estimate, 1e-9);
            close(long.std_error.unwrap(), factor * short.std_error.unwrap(), 1e-9);
        }
        close(long.r2().unwrap(), short.r2().unwrap(), 1e-10);
        close(
            long.sigma() * (n * times as f64 - p).sqrt(),
            short.sigma() * ((n - p) * times as f64).sqrt(),
            1e-12,
        );
        close(long.condition_number(), short.condition_number(), 1e-6);
    }
    // A perfect fit of as many rows, where the sum of squared residuals is all rounding.
    let y: Vec<f64> = (0..rows).map(|row| 3.0 + columns[0][row] - 2.0 * columns[5][row]).collect();
    let all: Vec<Vec<f64>> = columns.iter().map(|column| column.repeat(times)).collect();
    let mut of: Vec<(&str, &[f64])> =
        names.iter().map(String::as_str).zip(all.iter().map(Vec::as_slice)).collect();
    let y = y.repeat(times);
    of.push(("y", &y));
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != "x3").collect();
    let fitted = Model::ols("y", names).covariance(Covariance::Classical).fit(&numbers(&of)).unwrap();
    is_finite(&fitted);
    close(estimate(&fitted, "x5"), -2.0, 1e-13);
    assert!(estimate(&fitted, "x1").abs() < 1e-13 && fitted.sigma() < 1e-13, "{}", fitted.sigma());
    assert_eq!(fitted.warnings().len(), 1);
}

// ---- no intercept ---------------------------------------------------------------------------------------------------

#[test]
fn without_an_intercept_squares_are_about_zero() {
    let (x, y) = ([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 7.0, 8.0]);
    let table = numbers(&[("x", &x), ("y", &y)]);
    let model = Model::ols("y", ["x"]).without_intercept().covariance(Covariance::Classical);
    let fitted = model.fit(&table).unwrap();
    // Σxy = 61, Σx² = 30, Σy² = 126
    let residual = 126.0 - 61.0 * 61.0 / 30.0;
    assert!(fitted.estimate("(intercept)").is_none() && fitted.residual_df() == 3.0);
    close(estimate(&fitted, "x"), 61.0 / 30.0, 1e-15);
    close(fitted.sigma(), (residual / 3.0_f64).sqrt(), 1e-13);
    close(std_error(&fitted, "x"), (residual / 3.0 / 30.0_f64).sqrt(), 1e-13);
    close(fitted.r2().unwrap(), 1.0 - residual / 126.0, 1e-14);
    close(fitted.adj_r2().unwrap(), 1.0 - residual / 126.0 * 4.0 / 3.0, 1e-14);
    close(fitted.condition_number(), 1.0, 1e-15);
    let profile = fitted.profile(&table, 0).unwrap().with("x", 10.0).unwrap();
    close(fitted.prediction(&profile).unwrap().mean, 610.0 / 30.0, 1e-14);
    assert!(
        Model::from_toml("outcome = 'y'\nintercept = false\n[[term]]\ncolumn = 'x'")
            .unwrap()
            .fit(&table)
            .is_ok()
    );
}

/// A column of ones is an intercept by another name.
#[test]
fn a_constant_column_is_a_term_without_an_intercept() {
    let (x, y) = (draws(1, 30), draws(2, 30));
    let table = numbers(&[("one", &[1.0; 30]), ("x", &x), ("y", &y)]);
    for covariance in COVARIANCES {
        let with = Model::ols("y", ["x"]).covariance(covariance).fit(&table).unwrap();
        let without =
            Model::ols("y", ["one", "x"]).covariance(covariance).without_intercept().fit(&table).unwrap();
        for (one, other) in [("(intercept)", "one"), ("x", "x")] {
            close(estimate(&without, other), estimate(&with, one), 1e-13);
            close(std_error(&without, other), std_error(&with, one), 1e-12);
        }
        close(without.sigma(), with.sigma(), 1e-13);
    }
}

#[test]
fn a_factor_without_an_intercept_warns_that_its_reference_is_zero() {
    let cells: Vec<Option<&str>> = (0..12).map(|row| Some(["a", "b"][row % 2])).collect();
    let y: Vec<f64> = draws(1, 12).iter().map(|e| 10.0 + e).collect();
    let table = with_factor(&numbers(&[("y", &y)]), "f", &["a", "b"], &cells);
    let fitted = Model::ols("y", ["f"]).without_intercept().fit(&table).unwrap();
    assert_eq!(fitted.warnings(), ["f: without an intercept the reference level `a` is held at 0"]);
    close(estimate(&fitted, "f[b]"), y.iter().skip(1).step_by(2).sum::<f64>() / 6.0, 1e-14);
    assert!(Model::ols("y", ["f"]).fit(&table).unwrap().warnings().is_empty());
}

// ---- specifications -------------------------------------------------------------------------------------------------

/// A text with faults in the lines that are marked, and what is said of each.
const SPECS: &[(&str, &[&str])] = &[
    ("outcom = 'y' #!\noutcome = 'y'\n[[term]]\ncolumn = 'x'", &["did you mean `outcome`?"]),
    ("outcome = 'y'\nmethod = 'olss' #!\n[[term]]\ncolumn = 'x'", &["did you mean `ols`?"]),
    ("outcome = 'y'\ncovariance = 'hc4' #!\n[[term]]\ncolumn = 'x'", &["did you mean"]),
    ("outcome = 'y'\nmissing = 'impute' #!\n[[term]]\ncolumn = 'x'", &["allowed: drop, error"]),
    ("outcome = 'y'\nlevel = 95 #!\n[[term]]\ncolumn = 'x'", &["95 is no confidence"]),
    ("outcome = 'y'\nintercept = 'no' #!\n[[term]]\ncolumn = 'x'", &["intercept"]),
    ("outcome = 'y'\n[[terms]] #!\ncolumn = 'x'\n[[term]]\ncolumn = 'x'", &["did you mean `term`?"]),
    ("outcome = 'y'\n[[term]]\ncolumn = 'x'\nkind = 'linaer' #!", &["did you mean `linear`?"]),
    ("outcome = 'y'\n[[term]]\ncolum = 'x' #!\ncolumn = 'x'", &["did you mean `column`?"]),
    ("outcome = 'y'\n[[term]] #!\nkind = 'linear'", &["column"]),
    ("outcome = 5 #!\n[[term]]\ncolumn = 'x'", &["outcome"]),
    ("outcome = 'y'\n[[adjust]]\ncolumn = 'age'\nref = 'a' #!\n[[term]]\ncolumn = 'x'", &["reference"]),
    (
        "outcome = 'y'\ncovariance = 'robust' #!\nweights = 'w' #!\n[[term]]\ncolumn = 'x'\nkind = 'poly' #!",
        &["covariance", "weights", "kind"],
    ),
];

#[test]
fn faulty_specifications_name_the_line_and_the_way_out() {
    let mut wrong = Vec::new();
    for (text, expected) in SPECS {
        let marked: Vec<usize> =
            text.lines().zip(1..).filter(|(line, _)| line.contains("#!")).map(|(_, line)| line).collect();
        match Model::from_toml(text) {
            Ok(_) => wrong.push(format!("accepted: {text}")),
            Err(error) => {
                let lines: Vec<usize> =
                    error.faults().iter().filter_map(|fault| fault.place().line()).collect();
                let said = error.faults().len() == expected.len()
                    && error
                        .faults()
                        .iter()
                        .zip(*expected)
                        .all(|(fault, part)| fault.to_string().contains(part));
                if lines != marked || !said || error.kind() != ErrorKind::Model {
                    wrong.push(format!("{text}\n  {error}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), SPECS.len(), wrong.join("\n"));
    for (text, key) in [("[[term]]\ncolumn = 'x'", "outcome"), ("outcome = 'y'", "term")] {
        let error = Model::from_toml(text).unwrap_err();
        assert_eq!(error.faults()[0].what(), format!("the key `{key}` is missing"));
    }
    assert!(Model::from_toml("outcome = ").is_err());
    assert!(Model::read("tests/nowhere.toml").unwrap_err().to_string().contains("tests/nowhere.toml"));
}

#[test]
fn names_that_are_not_there_come_back_all_together() {
    let table = numbers(&[("sleep", &draws(1, 9)), ("mood", &draws(2, 9))]);
    let error = refused(&Model::ols("mod", ["slep", "steps"]).adjust(["age"]), &table);
    let columns: Vec<Option<&str>> = error.faults().iter().map(|fault| fault.place().column()).collect();
    assert_eq!(columns, [Some("mod"), Some("slep"), Some("steps"), Some("age")]);
    assert!(told(&error).contains("did you mean `mood`?") && told(&error).contains("did you mean `sleep`?"));
    assert_eq!(one_fault(&Model::ols::<Term>("mood", []), &table), "the model has no term");
    assert_eq!(one_fault(&Model::ols("mood", ["mood"]), &table), "the outcome `mood` contains this column");
}

// ---- silence --------------------------------------------------------------------------------------------------------

/// A number and a word that occur in cells only.
const NUMBER: f64 = 83.717_171;
const WORD: &str = "Xerxes";

/// Every way to be refused over a table full of them.
#[test]
fn no_error_of_a_model_repeats_a_cell() {
    let nan = f64::NAN;
    let rows = 24;
    let half: Vec<f64> = (0..rows).map(|row| if row % 2 == 0 { NUMBER } else { -3.0 * NUMBER }).collect();
    let last =
        |value: f64| -> Vec<f64> { (0..rows).map(|row| if row == rows - 1 { value } else { nan }).collect() };
    let mut once = vec![0.5; rows];
    once[7] = NUMBER;
    let x: Vec<f64> = draws(1, rows).iter().map(|x| NUMBER * x).collect();
    let texts: Vec<&str> = (0..rows).map(|row| if row == 7 { WORD } else { ["a", "b"][row % 2] }).collect();
    let other: Vec<&str> = (0..rows).map(|row| if row == 7 { "Xerxes-2" } else { "c" }).collect();
    let table = numbers(&[
        ("y", &half),
        ("x", &x),
        ("copy", &x),
        ("same", &vec![NUMBER; rows]),
        ("holes", &last(NUMBER)),
        ("once", &once),
        ("large", &x.iter().map(|x| x * 1e300).collect::<Vec<_>>()),
    ]);
    let table = with_text(&with_text(&table, "word", &texts), "other", &other);
    let word = || Term::factor("word").reference("a");
    let is_other = || Term::factor("other").reference("c");
    let models = [
        Model::ols("y", ["x", "copy"]),
        Model::ols("y", ["same"]),
        Model::ols("y", ["holes"]),
        Model::ols("y", ["x", "holes"]).missing(vointi::model::Missing::Error),
        Model::ols("y", ["large"]),
        Model::ols("y", ["once"]).covariance(Covariance::Hc3),
        Model::ols("y", [Term::factor("word")]),
        Model::ols("y", [Term::factor("word").reference("c")]),
        Model::ols("y", [Term::factor("x")]),
        Model::ols("y", [Term::factor("x").reference("7")]),
        Model::ols("y", [Term::linear("word")]),
        Model::ols("word", ["x"]),
        Model::ols("y", [word(), is_other()]),
        Model::ols("y", [word()]),
        Model::ols("y", [is_other(), Term::linear("once")]),
        Model::ols("y", ["xx"]),
    ];
    let silent = |text: &str| {
        assert!(!text.contains("7171") && !text.contains(WORD) && !text.contains("837171"), "{text}");
    };
    for model in models {
        silent(&told(&refused(&model, &table)));
    }

    // A fit that stands: what it shows of itself, its warnings, and the errors of its predictions.
    let fitted = Model::ols("x", [word()]).covariance(Covariance::Hc1).fit(&table).unwrap();
    let profile = fitted.profile(&table, 7).unwrap();
    let errors = [
        profile.clone().with("word", "Xerxe").unwrap_err(),
        profile.clone().with("word", 1.0).unwrap_err(),
        profile.clone().with("y", 1.0).unwrap_err(),
        fitted.profile(&table, rows).unwrap_err(),
        fitted.profile(&with_text(&numbers(&[("x", &[NUMBER])]), "word", &["Xerxes-3"]), 0).unwrap_err(),
    ];
    errors.iter().for_each(|error| silent(&told(error)));
    silent(&format!("{fitted:?} {profile:?} {:?} {:?}", profile.value("word"), fitted.warnings()));
    let without: Vec<f64> = (0..rows).map(|row| if row == 7 { nan } else { x[row] }).collect();
    let table = table.with_column("dropped", Column::numbers_or_nan(without).unwrap()).unwrap();
    let warned = Model::ols("dropped", [word()]).fit(&table).unwrap();
    assert_eq!(warned.warnings(), ["word[…]: no complete row has this level"]);
}

#[cfg(feature = "linfa")]
#[test]
fn the_linfa_door_answers_an_unseen_level_with_nan_and_not_with_zero() {
    use ndarray::array;
    use vointi::linfa::{
        Dataset,
        traits::{Fit, Predict},
    };
    let records = array![[4.0], [4.0], [6.0], [6.0], [8.0], [8.0]];
    let dataset =
        Dataset::new(records, array![30.0, 26.0, 21.0, 19.0, 15.0, 14.0]).with_feature_names(vec!["cyl"]);
    let fitted = Model::ols("mpg", [Term::factor("cyl").reference("4")]).for_linfa().fit(&dataset).unwrap();
    let predicted = fitted.predict(&array![[6.0], [5.0], [f64::NAN], [4.0]]);
    close(predicted[0], 20.0, 1e-14);
    assert!(predicted[1].is_nan() && predicted[2].is_nan());
    close(predicted[3], 28.0, 1e-14);
}

/// A profile belongs to the fit that made it.
#[test]
fn profiles_of_another_fit_are_refused() {
    let table = numbers(&[("x", &draws(1, 9)), ("y", &draws(2, 9))]);
    let model = Model::ols("y", ["x"]);
    let (one, other) = (model.fit(&table).unwrap(), model.fit(&table).unwrap());
    let profile: Profile = other.profile(&table, 0).unwrap();
    assert!(one.prediction(&profile).is_err() && one.difference(&profile, &profile).is_err());
    assert!(one.clone().prediction(&one.profile(&table, 0).unwrap()).is_ok());
}
