//! What the pages and policies say is what the program does.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use quell::actions::registry;
use quell::aws::{Operation, Place, operations};
use quell::base::{Effect, Partition};
use quell::iam::{self, Locked, PolicyDocument, TRUST_LOCK_SID};
use quell::plan::{Need, needs_of_actions, needs_of_planning, policy_of};
use quell::runbook::{embedded, shipped as shipped_runbook};
use serde_json::Value;

/// The sections of a page, in this order.
const SECTIONS: &[&str] =
    &["What it does", "What it can break", "Permissions", "Undo", "What remains", "Before and after"];

/// A page, and what it has to agree with.
struct Page {
    name: &'static str,
    text: &'static str,
    summary: &'static str,
    /// Each operation with the resource that it needs its permissions on.
    operations: Vec<(&'static Operation, &'static str)>,
}

fn pages() -> Vec<Page> {
    let actions = registry().actions().map(|action| Page {
        name: action.name(),
        text: action.page(),
        summary: action.summary(),
        operations: [action.reads(), action.sends()]
            .concat()
            .into_iter()
            .map(|one| (one, action.resource_of(one)))
            .collect(),
    });
    let queries = registry().queries().map(|query| Page {
        name: query.name(),
        text: query.page(),
        summary: query.summary(),
        operations: query.reads().iter().map(|one| (*one, one.resource)).collect(),
    });
    actions.chain(queries).collect()
}

/// The text under a heading of the second level.
fn section<'a>(page: &'a str, title: &str) -> Option<&'a str> {
    let (_, after) = page.split_once(&format!("\n## {title}\n"))?;
    Some(after.split("\n## ").next().unwrap_or(after).trim())
}

/// The rows of the table in a section: what it holds in each cell.
fn rows(section: &str) -> Vec<Vec<String>> {
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect()).collect()
}

fn effect(operation: &Operation) -> &'static str {
    match operation.effect {
        Effect::Read => "read",
        Effect::Session => "session",
        Effect::Delivery => "delivery",
        Effect::Reversible => "reversible",
        Effect::Irreversible => "irreversible",
    }
}

/// The row that an operation has to have in a page's table of permissions.
fn row((operation, resource): &(&Operation, &str)) -> Vec<String> {
    let cells = [&operation.to_string(), effect(operation), &operation.permissions.join(", "), resource];
    cells.map(str::to_owned).to_vec()
}

#[test]
fn a_page_names_exactly_the_operations_that_its_action_declares() {
    for page in pages() {
        let permissions = section(page.text, "Permissions").unwrap_or_else(|| panic!("{}: no permissions", page.name));
        let declared: Vec<Vec<String>> = page.operations.iter().map(row).collect();
        let shown: String = declared.iter().map(|row| format!("| `{}` |\n", row.join("` | `"))).collect();
        assert_eq!(rows(permissions), declared, "{}: the table should hold these rows:\n{shown}", page.name);
    }
}

#[test]
fn a_page_speaks_of_no_other_operation() {
    for page in pages() {
        // How sessions come about is spoken of, and no action makes one.
        let others = operations().filter(|known| known.effect != Effect::Session);
        for known in others.filter(|known| !page.operations.iter().any(|(one, _)| one == known)) {
            let sent = section(page.text, "What it does").unwrap_or_default();
            assert!(!sent.contains(&format!("`{known}`")), "{}: speaks of {known} but does not declare it", page.name);
        }
    }
}

#[test]
fn every_page_has_the_same_sections() {
    for page in pages() {
        let title = format!("# {}\n\n{}.\n", page.name, page.summary);
        assert!(page.text.starts_with(&title), "{}: starts otherwise than\n{title}", page.name);
        let titles: Vec<&str> = page.text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(titles, SECTIONS, "{}", page.name);
    }
}

#[test]
fn the_example_of_a_page_is_what_a_runbook_may_write() {
    for page in pages() {
        let example = page.text.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let step: serde_yaml::Value = serde_yaml::from_str(example).unwrap();
        let with = serde_json::to_value(&step["with"]).unwrap();
        let decoded = match (step.get("action"), step.get("query")) {
            (Some(name), None) => registry().action(name.as_str().unwrap()).unwrap().decode(&with),
            (None, Some(name)) => registry().query(name.as_str().unwrap()).unwrap().decode(&with),
            _ => panic!("{}: the example names no action and no query", page.name),
        };
        assert!(decoded.is_ok(), "{}: {}", page.name, decoded.unwrap_err());
    }
}

fn shipped(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn as_json(document: &PolicyDocument) -> Value {
    serde_json::from_str(&document.to_json()).expect("a document is JSON")
}

#[test]
fn the_shipped_denies_are_what_the_program_writes() {
    let cut_off = "2026-11-22T03:00:30Z".parse().unwrap();
    assert_eq!(shipped("revoke-older-sessions.json"), as_json(&iam::revoke_older_sessions(cut_off)));
    for (name, locked) in
        [("trust-lock.json", Locked::EverybodyButServices), ("trust-lock-with-aws-services.json", Locked::Everybody)]
    {
        assert_eq!(shipped(name), as_json(&PolicyDocument::of(iam::trust_lock(TRUST_LOCK_SID, locked))), "{name}");
    }
}

#[test]
fn the_shipped_ladder_of_denies_is_what_the_program_writes() {
    let built = [
        ("deny-ai-services.json", iam::deny_ai_services()),
        ("deny-from-outside.json", iam::deny_from_outside(["203.0.113.0/24"], ["vpc-0a1b2c3d4e5f60718"])),
        ("deny-session.json", iam::deny_session("AROAEXAMPLEID", "i-0abc1234")),
        ("deny-session-started-at.json", iam::deny_session_started_at("2026-11-22T02:20:05Z".parse().expect("a time"))),
        ("deny-everything.json", iam::deny_everything()),
        ("quarantine.json", iam::deny_missed_by_quarantine()),
    ];
    for (name, document) in built {
        assert_eq!(shipped(name), as_json(&document), "{name}");
    }
}

/// What the actions and queries of a runbook need in the account of the documentation.
fn needs_of_runbook(text: &str) -> BTreeSet<Need> {
    let runbook: serde_yaml::Value = serde_yaml::from_str(text).expect("a runbook");
    let steps = runbook["steps"].as_sequence().expect("steps");
    let names = steps.iter().filter_map(|step| step.get("action").or_else(|| step.get("query"))?.as_str());
    let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
    needs_of_actions(names, &place)
}

/// With `QUELL_WRITE_POLICIES=1` the files are written, to be reviewed as a change.
#[test]
fn the_shipped_responder_policies_are_what_the_runbooks_need() {
    for name in embedded() {
        let act = needs_of_runbook(shipped_runbook(name).expect("it is shipped").text);
        let plan = needs_of_planning(&act);
        for (file, needs) in [(format!("{name}/plan.json"), plan), (format!("{name}/act.json"), act)] {
            let built = policy_of(&needs);
            let text = serde_json::to_string_pretty(&built).expect("JSON") + "\n";
            if std::env::var_os("QUELL_WRITE_POLICIES").is_some() {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(&file);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(path, &text).expect("it can be written");
            }
            assert_eq!(shipped(&file), built, "{file} should be\n{text}");
        }
    }
}

#[test]
fn every_shipped_policy_has_its_reasons_beside_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let reasons = fs::read_to_string(folder.join("README.md")).unwrap();
    for name in std::iter::once(".").chain(embedded()) {
        for entry in fs::read_dir(folder.join(name)).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            assert!(!file.ends_with(".json") || reasons.contains(&file), "policies/README.md says nothing of {file}");
            assert!(name == "." || reasons.contains(name), "policies/README.md says nothing of {name}");
        }
    }
}

/// What shows data that people have put in or got out, and what of it a runbook may ask for: that stands in the page with its reason.
#[test]
fn what_reads_data_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let reasons = fs::read_to_string(folder.join("README.md")).unwrap();
    let told = ["qbusiness:ListConversations", "qbusiness:ListMessages"];
    let never = [
        "bedrock:GetInvocationStep",
        "bedrock:InvokeModel",
        "bedrock:Retrieve",
        "qbusiness:GetDocumentContent",
        "qbusiness:SearchRelevantContent",
        "s3:GetObject",
        "secretsmanager:GetSecretValue",
    ];
    for name in embedded() {
        let text = fs::read_to_string(folder.join(name).join("act.json")).unwrap();
        for action in told.iter().filter(|action| text.contains(&format!("\"{action}\""))) {
            assert!(
                reasons.contains(&format!("| `{action}`")) || reasons.contains(&format!(", `{action}`")),
                "{action}"
            );
            assert!(
                reasons.contains(&format!("`{name}`")),
                "policies/README.md does not say that {name} needs {action}"
            );
        }
        assert!(never.iter().all(|action| !text.contains(&format!("\"{action}"))), "{name}");
    }
}

#[test]
fn the_readme_lists_the_exit_codes() {
    let readme = include_str!("../../README.md");
    let listed = rows(section(readme, "Exit codes").unwrap());
    let codes: Vec<Vec<String>> =
        quell::cli::EXIT_CODES.iter().map(|(code, meaning)| vec![code.to_string(), meaning.replace('`', "")]).collect();
    assert_eq!(listed, codes);
}
