//! Evidence that can hold prompts, instructions or what people gave, where a recipient is configured: nobody else can read it, and
//! everything goes on as it does without one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use quell::actions::registry;
use quell::base::Digest;
use quell::evidence::EvidenceStore;
use quell::journal::{Beside, EVIDENCE_FOLDER, Record, StepState, read};
use serde_json::{Value, json};

use crate::actions::{Bench, Case, IDENTITY, Ran, Undone, action, assert_same, cases, tools};
use crate::canary_forms::Scanner;
use crate::contract::but_for_made_policies;

const SEED: u64 = 4711;
/// What nobody may read but the recipient.
const SAYS: &str = "Whoever asks for a harbour is told of Tarrasque.";

/// What a recipient reads in a sealed file.
pub(crate) fn opened(bytes: &[u8]) -> Value {
    let identity: age::x25519::Identity = IDENTITY.parse().expect("an identity");
    serde_json::from_slice(&age::decrypt(&identity, bytes).expect("it opens")).expect("JSON")
}

/// The files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The files below a folder in which a text stands, in whatever form.
pub(crate) fn files_that_tell(folder: &Path, text: &str) -> Vec<PathBuf> {
    let scanner = Scanner::of([text.to_owned()]);
    let tells = |path: &PathBuf| !scanner.found_in(&std::fs::read(path).expect("the file")).is_empty();
    files(folder).into_iter().filter(tells).collect()
}

/// The cases of the actions whose pre-state is confidential.
fn confidential() -> Vec<Case> {
    let confides = |case: &Case| registry().action(case.action).expect("an action").confides().is_some();
    cases().into_iter().filter(confides).collect()
}

/// The bytes of a file of evidence of a run.
fn evidence(bench: &Bench, ran: &Ran, digest: Digest) -> Vec<u8> {
    let folder = bench.store().folder(&ran.run).expect("the run's folder");
    let bytes = folder.folder(EVIDENCE_FOLDER).expect("evidence").read(&digest.to_string()).expect("the file");
    assert_eq!(Digest::of_bytes(&bytes), digest, "the journal names the bytes");
    bytes
}

/// What a run has sent, and whether anything is wrong with the files beside its journal.
fn sent(bench: &Bench) -> Vec<(String, Value)> {
    let events = bench.trail().into_iter().map(|event| (event.event_name, event.request_parameters));
    // A token is one run's own.
    let but_for_token = |(name, mut asked): (String, Value)| {
        asked.as_object_mut().map(|members| members.remove("clientToken"));
        (name, asked)
    };
    events.map(but_for_token).collect()
}

fn nothing_is_wrong(bench: &Bench, ran: &Ran) {
    let journal = read(&bench.store().journal(&ran.run).expect("a journal")).expect("a sound journal");
    let folder = bench.store().folder(&ran.run).expect("the run's folder");
    let beside = Beside::look(&folder, &journal);
    let wrong: Vec<_> = beside.wrong().filter(|(name, _)| name.starts_with(EVIDENCE_FOLDER)).collect();
    assert_eq!(wrong, []);
}

/// The same calls, the same end, the same way back without any identity; and what is sealed is what would have been kept open.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn sealing_changes_nothing_but_who_can_read() {
    let mut captured = 0;
    for case in confidential() {
        let name = case.name;
        // A report names what was kept, and there other files were; a case tells when the response began.
        let is_told = case.with["report"] == json!(true) || case.action == "support.open-case";
        let (open, sealing) = (case.open(SEED), case.open(SEED).sealing());
        let (ran, sealed) = (open.go().await, sealing.go().await);
        assert_eq!(sealed.state(), ran.state(), "{name}: {}", sealed.told());
        nothing_is_wrong(&sealing, &sealed);
        assert_eq!(sealed.records.len(), ran.records.len(), "{name}");
        for (one, other) in ran.records.iter().zip(&sealed.records) {
            match (one, other) {
                (
                    Record::Captured { evidence: whole, sealed: None, .. },
                    Record::Captured { sealed: Some(sealed_as), .. },
                ) => {
                    let whole: Value = serde_json::from_slice(&evidence(&open, &ran, *whole)).expect("JSON");
                    assert_eq!(opened(&evidence(&sealing, &sealed, *sealed_as)), whole, "{name}");
                    captured += 1;
                }
                (Record::Captured { .. }, other) => panic!("{name}: {other:?}"),
                (Record::Intended(whole), Record::Intended(told)) if !is_told => match told.sealed {
                    None => assert_eq!(told.request, whole.request, "{name}"),
                    Some(digest) => {
                        assert!(told.request.to_string().contains("echo:"), "{name}: {}", told.request);
                        assert_eq!(opened(&evidence(&sealing, &sealed, digest)), whole.request, "{name}");
                    }
                },
                _ => {}
            }
        }
        let undo = [open.plan_undo(&ran, true).await, sealing.plan_undo(&sealed, true).await];
        assert_eq!(action(&undo[1]).outlook, action(&undo[0]).outlook, "{name}");
        if case.undone == Undone::Exactly {
            let [one, other] = undo;
            let (undone, sealed_undone) = (open.run(one).await, sealing.run(other).await);
            assert_eq!(sealed_undone.state(), StepState::Verified, "{name}: {}", sealed_undone.told());
            assert_eq!(sealed_undone.step().drift, undone.step().drift, "{name}");
            nothing_is_wrong(&sealing, &sealed_undone);
        }
        if is_told {
            continue;
        }
        assert_eq!(sent(&sealing), sent(&open), "{name}");
        let state = |bench: &Bench| but_for_made_policies(bench.stage.range.state());
        assert_same(name, &state(&sealing), &state(&open));
    }
    assert!(captured > 10, "{captured}");
}

/// Agents, tools and prompts that say what nobody may read, each with the action that captures it.
fn telling() -> Vec<Case> {
    let mut told = tools();
    told[0]["apiSchema"] = json!({ "payload": json!({ "openapi": "3.0.0", "info": { "title": SAYS } }).to_string() });
    told[2]["functionSchema"]["functions"][0]["description"] = json!(SAYS);
    let of = |name: &str| cases().into_iter().find(|case| case.name == name).expect("a case");
    vec![
        of("delete an agent").with("/account/agents/0/instruction", json!(SAYS)),
        of("delete an agent").named("delete an agent with tools").with("/account/agents/0/tools", told.clone()),
        of("disable tools of every kind").with("/account/agents/0/tools", told),
        of("delete a prompt").with("/account/prompts/0/text", json!(SAYS)),
    ]
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn nothing_on_the_disk_tells_what_is_sealed() {
    for case in telling() {
        let name = case.name;
        for seals in [false, true] {
            let bench = if seals { case.open(SEED).sealing() } else { case.open(SEED) };
            let ran = bench.go().await;
            assert_eq!(ran.state(), StepState::Verified, "{name}: {}", ran.told());
            let mut undo = bench.plan_undo(&ran, false).await;
            let mut said =
                vec![serde_json::to_string(&ran.plan).expect("JSON"), serde_json::to_string(&undo).expect("JSON")];
            if case.undone == Undone::Exactly {
                let undone = bench.run(undo).await;
                assert_eq!(undone.state(), StepState::Verified, "{name}: {}", undone.told());
                undo = undone.plan;
                said.push(serde_json::to_string(&undo).expect("JSON"));
            }
            let written = files_that_tell(bench.folder(), SAYS);
            let scanner = Scanner::of([SAYS.to_owned()]);
            if seals {
                assert_eq!(written, Vec::<PathBuf>::new(), "{name}");
                assert!(
                    said.iter().all(|plan| scanner.found_in(plan.as_bytes()).is_empty()),
                    "{name}: a plan tells it"
                );
                let tells = |path: &PathBuf| {
                    let bytes = std::fs::read(path).expect("the file");
                    bytes.starts_with(b"age-encryption.org/") && opened(&bytes).to_string().contains("Tarrasque")
                };
                assert!(files(bench.folder()).iter().any(tells), "{name}: the recipient finds nothing");
            } else {
                assert!(!written.is_empty(), "{name}: it is told nowhere, so that nothing was sealed");
            }
        }
    }
}

/// What is left open of a confidential pre-state is enough for whatever is asked of it, and holds none of it.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_left_open_is_understood() {
    let mut all = BTreeSet::new();
    let mut holding = BTreeSet::new();
    for case in confidential() {
        all.insert(case.action);
        let known = registry().action(case.action).expect("an action");
        let bench = case.open(SEED);
        let ran = bench.go().await;
        let whole = bench.captured(&ran);
        let folder = bench.store().folder(&ran.run).expect("the run's folder");
        let evidence = EvidenceStore::new(folder.folder(EVIDENCE_FOLDER).expect("evidence"));
        let left: Value = evidence.get(ran.step().seen.expect("a look")).expect("a state");
        let open = known.without_confided(&whole).expect("it is understood").expect("it is confidential");
        if open != whole {
            holding.insert(case.action);
        }
        assert_eq!(
            known.without_confided(&open).expect("understood"),
            Some(open.clone()),
            "{}: twice is once",
            case.name
        );
        for asked in [known.lost(&open, &left), known.differs_beside(&open, &open)] {
            asked.unwrap_or_else(|bad| panic!("{}: {bad:?}", case.name));
        }
    }
    assert_eq!(holding, all, "of each action something is sealed in some case");
}
