//! Embeds the catalogues: every `*.toml` of a folder of `data/` becomes one `(file stem, text)` row,
//! so that a new instrument, measure, rule or definition is one new file and nothing else.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let mut code = String::new();
    for (constant, folder) in [
        ("INSTRUMENTS", "data/instruments"),
        ("MEASURES", "data/measures"),
        ("RULES", "data/rules"),
        ("DEFINITIONS", "data/definitions"),
        ("NORMS", "data/norms"),
    ] {
        let folder = Path::new(&root).join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
        files.sort();
        writeln!(code, "pub(crate) const {constant}: &[(&str, &str)] = &[")?;
        for path in files {
            let stem = path.file_stem().ok_or("a catalogue file without a name")?;
            let (stem, path) = (stem.to_string_lossy(), path.to_string_lossy());
            writeln!(code, "    ({stem:?}, include_str!({path:?})),")?;
        }
        writeln!(code, "];")?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("catalogue.rs"), code)?;
    Ok(())
}
