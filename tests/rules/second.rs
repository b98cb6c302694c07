//! Another file: other names, texts, units, a third of the cells empty, two waves; against Python, score by score.

use std::{fs, path::Path};

use vointi::{Calibration, Cohort, Definition, Index, study::Health};

use crate::{Sheet, number, own::assert_near};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/health");

fn place(file: &str) -> std::path::PathBuf {
    Path::new(FOLDER).join(file)
}

/// Relative: SCORE2 cancels for small risks, a biological age divides sums over what was learned.
fn tolerance(score: &str) -> f64 {
    match score {
        "sydanriski" | "amerikanriski" => 1e-12,
        "fenoika" => 1e-9,
        "biologinen" => 1e-10,
        "hdl_prosentti" => 1e-11,
        "kahdeksan" => 1e-14,
        _ => 0.0,
    }
}

#[test]
fn every_score_of_the_second_file_is_that_of_python() {
    let definition = Definition::from_toml(&fs::read_to_string(place("definition.toml")).unwrap()).unwrap();
    let cohort = Cohort::read_csv(&definition, place("people.csv")).unwrap();
    let learned = Calibration::learn(&cohort).unwrap();
    let index = Index::with(&definition, learned).unwrap();
    let health = Health::of(&index, &cohort).unwrap();
    assert_eq!(health.scores().len(), 9);
    let expected = Sheet::read(&place("expected.csv"));
    assert_eq!((cohort.rows(), expected.rows.len()), (100, 100));
    let (mut values, mut nothing) = (0, 0);
    for score in health.scores() {
        let (id, found) = (score.id(), score.scores());
        let of = |row: &[String], what: &str| expected.cell(row, &format!("{id}{what}")).to_owned();
        assert!(expected.names.iter().any(|name| name == id), "{id}");
        for (at, row) in expected.rows.iter().enumerate() {
            assert_eq!(cohort.id(at), Some(expected.cell(row, "koodi")));
            assert_eq!(cohort.wave(at), Some(expected.cell(row, "kierros")));
            let what = format!("{id} of row {}", at + 2);
            let value = number(&of(row, ""));
            assert_near(found.value(at).unwrap_or(f64::NAN), value, tolerance(id), &what);
            assert_eq!(found.note(at).unwrap_or_default(), of(row, ".note"), "{what}");
            assert_eq!(found.class(at).unwrap_or_default(), of(row, ".class"), "{what}");
            assert_eq!(found.flags(at).collect::<Vec<_>>().join(";"), of(row, ".flags"), "{what}");
            let parts = expected.names.iter().filter_map(|name| name.strip_prefix(&format!("{id}.part.")));
            for part in parts.filter(|_| !value.is_nan()) {
                let points = number(&of(row, &format!(".part.{part}")));
                assert_near(
                    found.part(part, at).unwrap_or(f64::NAN),
                    points,
                    0.0,
                    &format!("{part} of {what}"),
                );
            }
            values += usize::from(!value.is_nan());
            nothing += usize::from(value.is_nan());
        }
    }
    assert!(values > 400 && nothing > 400, "{values} values, {nothing} without");
}
