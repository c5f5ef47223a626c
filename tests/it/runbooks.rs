//! The runbooks that are part of the program, with the page, the scenario and the policies beside each.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use quell::actions::registry;
use quell::base::Phase;
use quell::graph::check;
use quell::runbook::{Runbook, Shipped, Source, Work, embedded, shipped};
use serde_json::Value;

use crate::cli_quell::Quell;
use crate::drill::{in_parallel, rehearsals};

/// The sections of a page, in this order.
const SECTIONS: &[&str] =
    &["When to use", "What it does", "What it breaks", "Who approves", "How to undo", "What it does not do"];

fn all() -> impl Iterator<Item = (&'static Shipped, Runbook)> {
    embedded().map(|name| {
        let one = shipped(name).expect("it is shipped");
        let checked = check(Source::new(one.name, one.text), registry());
        (one, checked.runbook.expect("a sound runbook").0)
    })
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks")
}

/// What a step names: an action or query.
fn named(work: &Work) -> Option<&'static str> {
    match work {
        Work::Action { name, .. } => registry().action(name).map(|action| action.name()),
        Work::Query { name, .. } => registry().query(name).map(|query| query.name()),
        Work::Gate { .. } => None,
    }
}

#[test]
fn every_file_in_the_folder_is_shipped() {
    let known: BTreeSet<String> = embedded().flat_map(|name| [format!("{name}.yaml"), format!("{name}.md")]).collect();
    for entry in fs::read_dir(folder()).expect("the folder is there") {
        let file = entry.expect("an entry").file_name().into_string().expect("a name");
        let other = file.chars().next().is_some_and(|c| c.is_ascii_uppercase()) || !file.contains('.');
        assert!(other || known.contains(&file), "runbooks/{file} belongs to no runbook of the program");
    }
}

#[test]
fn a_runbook_says_when_to_take_it_and_what_it_answers() {
    for (one, runbook) in all() {
        assert_eq!(runbook.name(), one.name);
        assert!(runbook.use_when().is_some(), "{}: no `use_when`", one.name);
        assert!(runbook.scenario().is_some(), "{}: no `scenario`", one.name);
        let classification = runbook.classification();
        assert!(classification.category.is_some(), "{}: no category", one.name);
        for list in [&classification.indicators, &classification.sources, &classification.teams] {
            assert!(!list.is_empty(), "{}: half a classification", one.name);
        }
        // Words with AWS Support counter nothing, and lifting what was put counters no technique.
        let techniques = runbook.techniques();
        let talks = |name: &str| name.starts_with("support.") || name == "iam.lift-denies";
        let counters = runbook.steps().iter().filter_map(|step| step.action()).any(|name| !talks(name));
        for list in [&techniques.attack, &techniques.atlas, &techniques.d3fend] {
            assert!(!list.is_empty() || !counters, "{}: a framework without an id", one.name);
        }
    }
}

#[test]
fn a_page_says_what_its_runbook_does() {
    for (one, runbook) in all() {
        let start = format!("# {}\n\n{}.\n", one.name, runbook.title());
        assert!(one.page.starts_with(&start), "{}: starts otherwise than\n{start}", one.name);
        let titles: Vec<&str> = one.page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(titles, SECTIONS, "{}", one.name);
        let does = one.page.split("\n## ").find(|part| part.starts_with("What it does\n")).unwrap_or_default();
        let used: BTreeSet<&str> = runbook.steps().iter().filter_map(|step| named(&step.work)).collect();
        for name in registry().actions().map(|one| one.name()).chain(registry().queries().map(|one| one.name())) {
            let link = format!("[{name}](../src/actions/{}.md)", name.replace(['.', '-'], "_"));
            assert_eq!(does.contains(&link), used.contains(name), "{}: {link}", one.name);
        }
        for phase in Phase::ALL {
            let there = runbook.steps().iter().any(|step| step.phase == phase);
            assert_eq!(does.contains(&format!("\n- {phase}: ")), there, "{}: {phase}", one.name);
        }
        for link in one.page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let found = link.starts_with("https://") || folder().join(link).exists();
            assert!(found, "{}: the link {link} leads nowhere", one.name);
        }
    }
}

/// A person who types a word has read what goes for good: the gate shows what the step will find.
#[test]
fn what_is_destroyed_is_named_by_the_gate_before_it() {
    for (one, runbook) in all() {
        for step in runbook.steps() {
            let Work::Action { name, .. } = &step.work else { continue };
            let action = registry().action(name).expect("a known action");
            let destroys = action.destroys();
            // What takes away only what it has itself made, when it is undone, destroys nothing of the account's.
            let makes = ["iam.create-access-key", "iam.create-role"].contains(&name.as_str());
            if !destroys || name.starts_with("support.") || makes {
                continue;
            }
            let gates: Vec<_> = step.needs.iter().filter_map(|id| runbook.step(&id.value)).collect();
            let named: BTreeSet<_> = gates
                .iter()
                .filter(|gate| matches!(gate.work, Work::Gate { .. }))
                .flat_map(|gate| gate.references())
                .map(|used| used.value)
                .collect();
            assert!(
                gates.iter().any(|gate| matches!(gate.work, Work::Gate { .. })),
                "{}: {} without a gate",
                one.name,
                step.id
            );
            for used in step.references() {
                assert!(
                    named.contains(&used.value),
                    "{}: the gate before {} says nothing of {}",
                    one.name,
                    step.id,
                    used.value
                );
            }
        }
    }
}

/// Opening a case is counted as for good, since nobody can take a conversation back; it destroys nothing.
#[test]
fn nothing_is_destroyed_while_containing() {
    for (one, runbook) in all() {
        for step in runbook.steps().iter().filter(|step| step.phase == Phase::Contain) {
            let Work::Action { name, .. } = &step.work else { continue };
            let action = registry().action(name).expect("a known action");
            let destroys = action.destroys();
            assert!(!destroys || name.starts_with("support."), "{}: {name} in contain", one.name);
        }
    }
}

/// Looking at every user takes minutes, in which whoever is known already would go on. Of the root user's incident nobody is
/// known who could be frozen: what it made is found by looking.
#[test]
fn nobody_who_is_known_waits_for_a_look_at_everybody() {
    for (one, runbook) in all().filter(|(one, _)| one.name != "root-credentials") {
        for step in runbook.steps().iter().filter(|step| step.phase == Phase::Contain) {
            assert_ne!(step.query(), Some("iam.persistence"), "{}: {}", one.name, step.id);
        }
    }
}

/// Sessions outlive the key that they came of, also where the key is another one of a user who has nothing to do with it.
#[test]
fn a_session_that_came_of_an_extra_key_is_ended_by_a_step_of_its_own() {
    let quell = Quell::new();
    for name in ["compromised-iam-user", "compromised-role-sessions"] {
        let whole = shipped(name).expect("it is shipped").text;
        let (before, step) = whole.split_once("  - id: end_left\n").expect("the step");
        let (_, after) = step.split_once("\n\n").expect("a step after it");
        let without = format!("{before}{after}").replace(" end_left,", "");
        let path = quell.home.path().join("without.yaml");
        fs::write(&path, without).expect("it can be written");
        let path = path.to_str().expect("text");
        let scenario = format!("examples/{name}.yaml");
        let said = quell.say(&["rehearse", path, "--scenario", &scenario, "--output", "json"]);
        assert_eq!(said.code, 29, "{name}: {}{}", said.out, said.talk);
        assert!(said.out.contains("with session ASIA"), "{name}: {}", said.out);
    }
}

/// Steps that send nothing in any rehearsal of their runbook, and why.
const IDLE: &[(&str, &str, &str)] = &[(
    "rogue-bedrock-agent",
    "pause_unknown",
    "an agent that is made while the deny is on its way has no alias yet when whoever makes it is refused",
)];

#[test]
fn every_runbook_contains_its_adversary_and_spares_the_workload() {
    let quell = Quell::new();
    let sending = Mutex::new(BTreeSet::new());
    in_parallel(rehearsals().collect(), |one| {
        let (name, values) = (one.name, one.values);
        let said = quell.say(&[&["rehearse", name], values, &["--output", "json"]].concat());
        let told: Value = serde_json::from_str(&said.out).expect("JSON");
        if one.is_as_expected {
            assert_eq!(said.code, 0, "{name} {values:?}: {}{}", said.out, said.talk);
            assert_eq!(told["outcome"], "contained", "{name}");
            assert_eq!(told["workload"]["refused"], 0, "{name}: {}", told["workload"]);
            assert_eq!(told["adversary"]["succeeded_after_containment"], serde_json::json!([]), "{name}");
        }
        assert!(told["adversary"]["calls"].as_u64() > Some(0), "{name}: nobody attacks");
        assert!(told["workload"]["calls"].as_u64() > Some(0), "{name}: nobody works");
        let residual = told["residual_access"].to_string();
        assert!(!residual.contains("take them out first"), "{name} has done it: {residual}");
        for step in told["steps"].as_array().expect("steps") {
            let good = ["verified", "skipped", "manual", "done"].map(Value::from);
            assert!(good.contains(&step["outcome"]), "{name}: {step}");
        }
        for journal in told["journals"].as_array().expect("journals") {
            let text = fs::read_to_string(journal.as_str().expect("a path")).expect("a journal");
            let entries = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
            let sent = entries.filter(|entry| entry["record"]["kind"] == "intended");
            let steps = sent.map(|entry| (name, entry["record"]["step"]["step"].as_str().expect("a step").to_owned()));
            sending.lock().expect("nobody panics with it").extend(steps);
        }
        Ok(())
    });
    let sending = sending.into_inner().expect("nobody panics with it");
    let all = all().flat_map(|(one, runbook)| {
        let actions = runbook.steps().iter().filter(|step| step.action().is_some());
        actions.map(|step| (one.name, step.id.to_string())).collect::<Vec<_>>()
    });
    let idle: BTreeSet<_> = all.filter(|step| !sending.contains(step)).collect();
    let excused = IDLE.iter().map(|(name, step, _)| (*name, (*step).to_owned())).collect();
    assert_eq!(idle, excused, "what a rehearsal does not play, no crash and no fault meets either");
}

#[test]
fn the_list_and_the_page_of_each_are_there() {
    let quell = Quell::new();
    let list = quell.say(&["runbooks"]).out;
    for (one, runbook) in all() {
        assert!(list.contains(&format!("{}: ", runbook.name())), "{list}");
        assert_eq!(quell.say(&["runbooks", one.name]).out.trim_end(), one.page.trim_end());
    }
    let said = quell.say(&["runbooks", "rogue-agent"]);
    assert_eq!((said.code, said.next()), (1, "Next: quell runbooks"));
    let told: Value = serde_json::from_str(&quell.say(&["runbooks", "--output", "json"]).out).expect("JSON");
    assert_eq!(told["runbooks"].as_array().map(Vec::len), Some(embedded().count()));
    for verb in ["actions", "queries"] {
        let text = quell.say(&[verb]).out;
        assert!(text.starts_with("AWS ") && text.contains("\nAmazon Bedrock\n"), "{text}");
    }
}

/// The rows of the page that leads from the playbooks to quell.
#[test]
fn the_page_of_the_playbooks_has_every_row_and_leads_somewhere() {
    let page = fs::read_to_string(folder().join("PLAYBOOKS.md")).expect("the page is there");
    let row = |line: &str| line.strip_prefix("| ")?.split(" |").next().map(str::to_owned);
    let found: Vec<String> = page.lines().filter_map(row).filter(|id| id.len() <= 3 && id.len() > 1).collect();
    let wanted = [('A', 20), ('B', 17), ('C', 25), ('D', 16)];
    let wanted: Vec<String> =
        wanted.into_iter().flat_map(|(part, count)| (1..=count).map(move |row| format!("{part}{row}"))).collect();
    assert_eq!(found, wanted);
    for link in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(link.starts_with("https://") || folder().join(link).exists(), "the link {link} leads nowhere");
    }
    for name in embedded() {
        assert!(page.contains(&format!("({name}.md)")), "the page does not name {name}");
    }
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    for name in registry().actions().map(|one| one.name()).chain(registry().queries().map(|one| one.name())) {
        let link = format!("[{name}](../src/actions/{}.md)", name.replace(['.', '-'], "_"));
        assert!(rows.iter().any(|row| row.contains(&link)), "no row has {name}");
    }
    // What is left to a person has a reason.
    for row in rows.iter().filter(|row| row.contains("by hand")) {
        let reasoned = ["since", "nobody but", "for whoever"].iter().any(|why| row.contains(why));
        assert!(reasoned, "by hand without a why: {row}");
    }
}

#[test]
fn the_evidence_queries_that_runbooks_print_have_all_their_names() {
    let quell = Quell::new();
    let list: Value = serde_json::from_str(&quell.say(&["evidence", "--output", "json"]).out).expect("JSON");
    let list = list["queries"].as_array().expect("queries");
    let files = fs::read_dir(folder().join("evidence")).expect("the folder is there").count();
    assert_eq!(list.len(), files, "a file that is no query of the program, or the other way round");
    for name in embedded() {
        let text = shipped(name).expect("it is shipped").text.split_whitespace().collect::<Vec<_>>().join(" ");
        for printed in text.split("`quell evidence ").skip(1).filter_map(|rest| rest.split('`').next()) {
            let query = printed.split(' ').next().expect("a name");
            let known = list.iter().find(|one| one["name"] == query).unwrap_or_else(|| panic!("{name}: {query}"));
            for needed in known["needs"].as_array().expect("names").iter().filter_map(Value::as_str) {
                assert!(printed.contains(&format!(" {needed}=")), "{name}: {query} without {needed}");
            }
        }
    }
    let session = "arn:aws:sts::111122223333:assumed-role/r/s";
    let principal = format!("principal={session}");
    let said = quell.say(&["evidence", "cloudtrail-by-principal", &principal, "since=2026-11-22T03:00:00Z"]);
    let whole_role = format!("= regexp_extract('{session}', '^(.+:assumed-role/[^/]+)/', 1)");
    assert!(said.out.contains(&whole_role), "a session stands for its role: {}", said.out);
    let said = quell.say(&["evidence", "bearer-token-calls"]);
    assert_eq!((said.code, said.next()), (64, "Next: quell evidence bearer-token-calls since=SINCE"));
    let said = quell.say(&["evidence", "bearer-token-calls", "since=2026-11-22T03:00:00Z"]);
    assert!(said.out.contains("from_iso8601_timestamp('2026-11-22T03:00:00Z')"), "{}", said.out);
}
