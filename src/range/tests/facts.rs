//! What the code says about AWS stands in `FACTS.md`, and the other way round.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::range::scenario::Knobs;

const FACTS: &str = include_str!("../FACTS.md");

/// The rows: id, how it is known, and the knob.
fn rows() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    let rows = FACTS.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _, known, knob] = cells[..] else { panic!("four cells: {line}") };
        (id.trim_matches('`'), (known, knob.trim_matches('`')))
    })
    .collect()
}

fn cited(folder: &Path, ids: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            cited(&path, ids);
        } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests/facts.rs") {
            let text = std::fs::read_to_string(&path).expect("text");
            for rest in text.split("FACT ").skip(1) {
                let id: String =
                    rest.chars().take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-').collect();
                ids.insert(id);
            }
        }
    }
}

#[test]
fn each_cited_fact_exists_and_each_fact_is_cited() {
    let mut ids = BTreeSet::new();
    cited(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/range"), &mut ids);
    let known: BTreeSet<String> = rows().keys().map(|id| (*id).to_owned()).collect();
    assert_eq!(ids.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "cited, but no row");
    assert_eq!(known.difference(&ids).collect::<Vec<_>>(), Vec::<&String>::new(), "a row that nothing cites");
}

#[test]
fn what_is_unconfirmed_is_a_knob() {
    let knobs = serde_json::to_value(Knobs::default()).expect("JSON");
    for (id, (known, knob)) in rows() {
        let is_knob = knobs.get(knob).is_some();
        assert!(is_knob || knob.is_empty(), "`{id}` names the knob `{knob}`, which there is not");
        assert!(is_knob || known != "unconfirmed", "`{id}` is unconfirmed and needs a knob");
    }
    let named: BTreeSet<&str> = rows().values().map(|(_, knob)| *knob).collect();
    for knob in knobs.as_object().expect("an object").keys() {
        assert!(named.contains(knob.as_str()), "the knob `{knob}` has no row");
    }
}
