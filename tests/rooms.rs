//! The rooms of the house: who may import whom, as `design` draws it, held against the sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use syn::visit::{self, Visit};

/// Free to all; they import nothing but each other. `error` is a file.
const GROUND: &[&str] = &["error", "num", "moments", "expression", "notation"];

/// A room and what it may import besides the ground. Importing a room includes everything that room may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("table", &[]),
    ("model", &["table"]),
    ("definition", &[]),
    ("cohort", &["table", "definition"]),
    ("import", &["table", "definition"]),
    ("scale", &["cohort"]),
    ("indicator", &["scale"]),
    ("index", &["indicator"]),
    ("study", &["index"]),
    ("explain", &["study", "model"]),
    ("report", &["explain"]),
];

/// Folders of `src/` that are no rooms: the program, which has the public API only, and texts.
const NO_ROOMS: &[&str] = &["bin", "guide"];

/// Files of `src/` itself: the root, which holds every room together, and the build script.
const ROOTS: &[&str] = &["lib.rs", "build.rs"];

fn may_import(room: &str) -> BTreeSet<&'static str> {
    let mut found: BTreeSet<&str> = GROUND.iter().copied().collect();
    let mut open: Vec<&str> = vec![room];
    while let Some(of) = open.pop() {
        for next in
            ROOMS.iter().filter(|(name, _)| *name == of).flat_map(|(_, imports)| imports.iter().copied())
        {
            if found.insert(next) {
                open.push(next);
            }
        }
    }
    found
}

/// Every path from the root of the crate that a file names, each as its segments after `crate`.
struct Paths {
    /// The module the walk is in.
    module: Vec<String>,
    found: Vec<Vec<String>>,
}

impl Paths {
    fn of(module: &[String], text: &str) -> syn::Result<Vec<Vec<String>>> {
        let file = syn::parse_file(text)?;
        let mut paths = Self { module: module.to_vec(), found: Vec::new() };
        paths.visit_file(&file);
        Ok(paths.found)
    }

    /// Keeps the path if it starts at the root, by `crate` or by as many `super` as lead there.
    fn add(&mut self, segments: &[String]) {
        let up = segments.iter().take_while(|segment| *segment == "super").count();
        let rest = match segments.first().map(String::as_str) {
            Some("crate" | "$crate") => &segments[1..],
            Some("super") if up >= self.module.len() => &segments[up..],
            _ => return,
        };
        // `pub(crate)` and `pub(super)` name a place and import nothing.
        if !rest.is_empty() {
            self.found.push(rest.to_vec());
        }
    }

    fn add_tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.add(&with(&name.ident)),
            syn::UseTree::Rename(rename) => self.add(&with(&rename.ident)),
            syn::UseTree::Glob(_) => self.add(&[before, &["*".to_owned()]].concat()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.add_tree(item, before)),
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(&path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>());
        visit::visit_path(self, path);
    }

    /// What a macro is given is no syntax tree yet; its text is searched.
    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let text = mac.tokens.to_string().replace(" :: ", "::").replace(":: ", "::").replace(" ::", "::");
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        for word in text.split(|c: char| !is_name(c)).filter(|word| word.contains("::")) {
            self.add(&word.split("::").map(str::to_owned).collect::<Vec<_>>());
        }
        visit::visit_macro(self, mac);
    }
}

/// What is wrong with the paths of one file of a room.
fn violations(room: &str, file: &str, paths: &[Vec<String>]) -> Vec<String> {
    let allowed = may_import(room);
    let is_room = |name: &str| GROUND.contains(&name) || ROOMS.iter().any(|(room, _)| *room == name);
    let mut faults = Vec::new();
    for path in paths {
        let of = path.first().map_or("", String::as_str);
        let shown = format!("{file}: crate::{}", path.join("::"));
        if !is_room(of) {
            faults.push(format!("{shown} goes through the root; name the room it lives in"));
        } else if of != room && !allowed.contains(of) {
            faults.push(format!("{shown}: `{room}` may not import `{of}`"));
        }
    }
    faults
}

fn source_files(folder: &Path, into: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            source_files(&path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
    into.sort();
    Ok(())
}

/// The module a file under `src/` is, as segments.
fn module_of(file: &Path) -> Vec<String> {
    let mut segments: Vec<String> = file.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let last = segments.pop().unwrap_or_default();
    match last.trim_end_matches(".rs") {
        "mod" => {}
        name => segments.push(name.to_owned()),
    }
    segments
}

#[test]
fn every_import_is_one_the_table_allows() {
    let root = Path::new("src");
    let mut files = Vec::new();
    source_files(root, &mut files).unwrap();
    let (mut seen, mut faults) = (0, Vec::new());
    for path in files {
        let inside = path.strip_prefix(root).unwrap();
        let module = module_of(inside);
        let name = inside.to_string_lossy();
        if ROOTS.contains(&&*name) || NO_ROOMS.iter().any(|folder| module[0] == *folder) {
            continue;
        }
        let paths = Paths::of(&module, &fs::read_to_string(&path).unwrap()).unwrap();
        seen += paths.len();
        faults.extend(violations(&module[0], &name, &paths));
    }
    assert!(faults.is_empty(), "{} violations\n{}", faults.len(), faults.join("\n"));
    assert!(seen > 50, "only {seen} paths were seen");
}

#[test]
fn the_rooms_are_the_folders() {
    let folders: BTreeSet<String> = fs::read_dir("src")
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !NO_ROOMS.contains(&name.as_str()))
        .collect();
    let ground = GROUND.iter().filter(|name| **name != "error");
    let rooms: BTreeSet<String> =
        ROOMS.iter().map(|(name, _)| name).chain(ground).map(|name| (*name).to_owned()).collect();
    assert_eq!(rooms, folders);
}

/// The program is another crate: it could reach inside only by taking in a source file of the library.
#[test]
fn the_program_has_the_public_api_only() {
    let mut files = Vec::new();
    source_files(Path::new("src/bin"), &mut files).unwrap();
    assert!(!files.is_empty());
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        for way in ["#[path", "include!", "extern crate"] {
            assert!(!text.contains(way), "{}: {way}", path.display());
        }
    }
}

#[test]
fn seeded_bad_files_are_refused() {
    let faults = |module: &[&str], text: &str| {
        let module: Vec<String> = module.iter().map(|name| (*name).to_owned()).collect();
        violations(&module[0], "seeded.rs", &Paths::of(&module, text).unwrap())
    };
    let upward = "use crate::{error::Result, index::{Index, Scores}};";
    assert_eq!(faults(&["definition", "tree"], upward).len(), 2);
    assert_eq!(faults(&["index", "plan"], upward).len(), 0);
    let through_root = "use crate::{Definition, Result}; fn f() -> crate::Table { todo!() }";
    assert_eq!(faults(&["cohort", "bind"], through_root).len(), 3);
    for hidden in [
        "fn f() { let _ = crate::index::Index::new; }",
        "fn f(_: super::super::index::Index) {}",
        "mod tests { use super::super::super::index; }",
        "fn f() { assert!(crate::index::ready()); }",
        "use crate::index as i;",
        "use crate::*;",
        "#[cfg(test)] mod tests { fn f() -> crate::Result<()> { Ok(()) } }",
    ] {
        assert_eq!(faults(&["definition", "tree"], hidden).len(), 1, "{hidden}");
    }
    let own = "pub(crate) use super::tree; use super::super::definition::parts; pub(in crate::definition) fn f() {}";
    assert_eq!(faults(&["definition", "tree"], own), Vec::<String>::new());
}
