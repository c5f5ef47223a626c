//! The map of the house in `CONTRIBUTING.md` is kept here: which room may name which, and what no file may do.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use syn::visit::{self, Visit};

/// The rooms, rung by rung from the bottom. A room may name itself and what stands on lower rungs.
const LADDER: &[&[&str]] = &[
    &["base"],
    &["iam", "journal", "secrets", "detect"],
    &["evidence"],
    &["aws"],
    &["actions"],
    &["runbook"],
    &["graph"],
    &["plan"],
    &["guard"],
    &["run"],
    &["report"],
    &["autopilot"],
    &["cli"],
];

/// The witness stands beside the ladder: it shares no type with what it judges.
const RANGE: &str = "range";
const RANGE_MAY_NAME: &[&str] = &["base", "iam"];
const MAY_NAME_RANGE: &[&str] = &["cli"];

/// Past this a file holds more than one thing.
const LONGEST_FILE: usize = 600;

/// A source file, parsed.
struct Source {
    path: PathBuf,
    room: Option<String>,
    lines: usize,
    names: Names,
}

/// What a file names.
#[derive(Default)]
struct Names {
    /// The module that is being visited, from the root of the crate.
    module: Vec<String>,
    /// Rooms, by paths from the root of the crate.
    rooms: BTreeSet<String>,
    /// The first segments of all other paths, crates among them.
    firsts: BTreeSet<String>,
    /// Macros that print.
    prints: BTreeSet<String>,
}

impl Names {
    /// Notes a path. `super` is followed to the root of the crate, since it reaches other rooms as well as `crate` does.
    fn note(&mut self, segments: &[String]) {
        let supers = segments.iter().take_while(|segment| *segment == "super").count();
        let from_root = match segments.first().map(String::as_str) {
            Some("crate") => segments.get(1),
            Some("super") if supers >= self.module.len() => segments.get(supers),
            Some(first) => {
                self.firsts.insert(first.to_owned());
                None
            }
            None => None,
        };
        self.rooms.extend(from_root.cloned());
    }

    fn note_tree(&mut self, before: &mut Vec<String>, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.note_tree(before, &path.tree);
                before.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.note_tree(before, item)),
            syn::UseTree::Name(syn::UseName { ident }) | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                before.push(ident.to_string());
                self.note(before);
                before.pop();
            }
            syn::UseTree::Glob(_) => self.note(before),
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note_tree(&mut Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.note(&segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        if let Some(name) = called.path.segments.last().map(|segment| segment.ident.to_string())
            && ["print", "println", "eprint", "eprintln", "dbg"].contains(&name.as_str())
        {
            self.prints.insert(name);
        }
        // What stands in a macro is not parsed: its paths are found in its tokens.
        let tokens = called.tokens.to_string();
        let words: Vec<&str> = tokens.split_whitespace().collect();
        for at in words.windows(3).filter(|at| at[0].ends_with("crate") && at[1] == "::") {
            let room: String = at[2].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            self.note(&["crate".to_owned(), room]);
        }
        visit::visit_macro(self, called);
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Every source file, parsed once for all that ask.
static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let src = root().join("src");
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("a text");
        let path = file.strip_prefix(&src).expect("it is under src").to_owned();
        let mut module: Vec<String> =
            path.with_extension("").iter().map(|part| part.to_str().expect("a plain name").to_owned()).collect();
        let room = (module.len() > 1).then(|| module[0].clone());
        if ["mod", "lib", "main"].contains(&module.last().map_or("", String::as_str)) {
            module.pop();
        }
        let mut names = Names { module, ..Names::default() };
        names.visit_file(&syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        Source { path, room, lines: text.lines().count(), names }
    };
    rust_files(&src).into_iter().map(read).collect()
});

fn rung(room: &str) -> Option<usize> {
    LADDER.iter().position(|rooms| rooms.contains(&room))
}

fn may_name(room: &str, other: &str) -> bool {
    if room == other {
        return true;
    }
    match (room, other) {
        (RANGE, other) => RANGE_MAY_NAME.contains(&other),
        (room, RANGE) => MAY_NAME_RANGE.contains(&room),
        (room, other) => rung(other) < rung(room),
    }
}

#[test]
fn imports_point_only_down() {
    let mut wrong = Vec::new();
    for source in SOURCES.iter() {
        let Some(room) = &source.room else { continue };
        for other in source.names.rooms.iter().filter(|other| rung(other).is_some() || *other == RANGE) {
            if !may_name(room, other) {
                wrong.push(format!("src/{} names `crate::{other}`", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "imports that point up or sideways:\n{}", wrong.join("\n"));
}

#[test]
fn every_room_stands_on_the_ladder() {
    for source in SOURCES.iter() {
        if let Some(room) = &source.room {
            assert!(rung(room).is_some() || room == RANGE, "`src/{room}` has no rung: say in LADDER where it stands");
        }
    }
}

#[test]
fn only_the_room_that_talks_to_aws_names_its_clients() {
    for source in SOURCES.iter() {
        let clients = source.names.firsts.iter().find(|first| first.starts_with("aws_sdk_") || *first == "aws_config");
        // The range's own tests use the clients as witnesses against it.
        let may = ["aws", RANGE].map(Some).contains(&source.room.as_deref());
        assert!(may || clients.is_none(), "src/{} names `{}`", source.path.display(), clients.unwrap());
    }
}

#[test]
fn only_the_cli_prints() {
    for source in SOURCES.iter() {
        let may = source.room.as_deref() == Some("cli");
        let prints = &source.names.prints;
        assert!(may || prints.is_empty(), "src/{} prints: {prints:?}", source.path.display());
    }
}

#[test]
fn no_file_holds_too_much() {
    let long: Vec<String> = SOURCES
        .iter()
        .filter(|source| source.lines > LONGEST_FILE)
        .map(|source| format!("src/{}: {} lines", source.path.display(), source.lines))
        .collect();
    assert!(long.is_empty(), "split what has more than {LONGEST_FILE} lines:\n{}", long.join("\n"));
}

#[test]
fn no_test_file_is_forgotten() {
    let folder = root().join("tests/it");
    let main = syn::parse_file(&fs::read_to_string(folder.join("main.rs")).unwrap()).unwrap();
    let listed: BTreeSet<String> = main
        .items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) => Some(module.ident.to_string()),
            _ => None,
        })
        .collect();
    let present: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs") || path.join("mod.rs").exists())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "main")
        .collect();
    assert_eq!(listed, present, "tests/it/main.rs lists the left, the folder holds the right");
}

#[test]
fn the_reader_of_imports_sees_them_all() {
    let text = r"
        use crate::{aws::Call, base};
        use super::super::iam;
        fn f() { let _ = crate::journal::read; vec![crate::plan::Plan]; }
        mod tests { use super::super::super::graph; use super::super::local; }
    ";
    let mut names = Names { module: vec!["run".into(), "worker".into()], ..Names::default() };
    names.visit_file(&syn::parse_file(text).unwrap());
    assert_eq!(
        names.rooms.iter().map(String::as_str).collect::<Vec<_>>(),
        ["aws", "base", "graph", "iam", "journal", "plan"]
    );
}
