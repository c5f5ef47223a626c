//! Conversations with Q Business: kept before anything goes, where AWS lets us read them, and asked for by hand where not.

use quell::base::{Digest, Phase, RunId};
use quell::evidence::EvidenceStore;
use quell::journal::{Record, RunStore};
use quell::plan::PlannedWork;
use quell::range::Scenario;
use quell::run::Event;
use quell::runbook::find;
use serde_json::Value;

use super::RECIPIENT;
use crate::drill::scenario_of;
use crate::sealed_evidence::{files, files_that_tell, opened};
use crate::stage::Stage;

const SAID: &str = "It asks for my password.";

fn stage(readable: bool) -> Stage {
    let text = find("rogue-q-application").expect("a shipped runbook").text().to_owned();
    let mut scenario = Scenario::parse(&scenario_of(&text)).expect("a scenario");
    scenario.knobs.q_conversations_by_name = readable;
    // Nobody works and nobody attacks: what is kept and when is asked for.
    Stage::with(&text, scenario, 7)
}

/// The evidence that a run has kept of what was said, in the order of the records; and where the first deletion was intended.
async fn kept(stage: &Stage, phase: Phase) -> (Vec<(usize, Value)>, Option<usize>) {
    let approved = stage.approve(stage.plan(phase).await).await;
    let plan = serde_json::to_string(approved.plan()).expect("JSON");
    assert!(!plan.contains(SAID), "a plan shows what was said");
    let state = tempfile::tempdir().expect("a folder");
    let mut records: Vec<Record> = Vec::new();
    stage
        .execute(&approved, "00000000", state.path(), |event| {
            if let Event::Recorded { record, .. } = event {
                records.push(record.as_ref().clone());
            }
        })
        .await;
    assert!(!serde_json::to_string(&records).expect("JSON").contains(SAID), "the journal shows what was said");
    let store = RunStore::open(state.path()).expect("a state folder");
    let folder = store.folder(&RunId::new("00000000").expect("a run id")).expect("the run's folder");
    let evidence = EvidenceStore::new(folder.folder("evidence").expect("the evidence"));
    let digest = |record: &Record| -> Option<Digest> {
        match record {
            Record::Note { evidence, .. } => *evidence,
            _ => None,
        }
    };
    let kept = records.iter().enumerate().filter_map(|(at, record)| Some((at, digest(record)?)));
    let kept = kept.map(|(at, digest)| (at, evidence.get::<Value>(digest).expect("evidence"))).collect();
    let deletes = |record: &Record| match record {
        Record::Intended(intent) => intent.operation.as_str().starts_with("qbusiness:Delete"),
        _ => false,
    };
    (kept, records.iter().position(deletes))
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_was_said_is_kept_before_anything_goes() {
    let stage = stage(true);
    let unread = stage.plan(Phase::Eradicate).await.steps.into_iter().find(|step| step.key.step.as_str() == "unread");
    assert!(matches!(unread.expect("the gate").work, PlannedWork::Skipped { .. }));
    let (contained, _) = kept(&stage, Phase::Contain).await;
    assert!(contained.iter().any(|(_, value)| value.to_string().contains(SAID)), "{contained:?}");
    let (eradicated, deletion) = kept(&stage, Phase::Eradicate).await;
    let deletion = deletion.expect("something is deleted");
    let said: Vec<usize> =
        eradicated.iter().filter(|(_, value)| value.to_string().contains(SAID)).map(|(at, _)| *at).collect();
    assert!(said.len() == 1 && said[0] < deletion, "kept at {said:?}, deleted at {deletion}");
    let (_, value) = eradicated.iter().find(|(_, value)| value.to_string().contains(SAID)).expect("it is kept");
    assert_eq!(value[0]["user"], "ada@example.com");
    assert_eq!(value[0]["conversations"].as_array().map(Vec::len), Some(2));
    assert_eq!(value[0]["conversations"][0]["messages"][1]["type"], "SYSTEM");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn where_nobody_may_read_them_the_evidence_and_a_gate_say_so() {
    let stage = stage(false);
    let plan = stage.plan(Phase::Eradicate).await;
    let unread = plan.steps.iter().find(|step| step.key.step.as_str() == "unread").expect("the gate");
    let PlannedWork::Gate { message, confirm: false } = &unread.work else { panic!("{unread:?}") };
    assert!(message.contains("list-messages") && message.contains("2222bbbb0001"), "{message}");
    let (kept, _) = kept(&stage, Phase::Eradicate).await;
    let refused: Vec<&Value> = kept.iter().flat_map(|(_, value)| value.as_array().expect("a list")).collect();
    assert!(refused.iter().all(|one| one["refused"] == "AccessDeniedException"), "{refused:?}");
    assert!(!refused.is_empty());
}

/// Where a recipient is configured nobody else can read what was said, and it is kept all the same.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_was_said_is_sealed_to_whom_it_may_concern() {
    let mut stage = stage(true);
    stage.recipients = vec![RECIPIENT.parse().expect("a recipient")];
    let approved = stage.approve(stage.plan(Phase::Eradicate).await).await;
    let state = tempfile::tempdir().expect("a folder");
    let mut kept: Vec<Digest> = Vec::new();
    let keep = |event: &Event| {
        if let Event::Recorded { record, .. } = event
            && let Record::Note { evidence, .. } = record.as_ref()
        {
            kept.extend(*evidence);
        }
    };
    stage.execute(&approved, "00000000", state.path(), keep).await;
    assert_eq!(files_that_tell(state.path(), SAID), Vec::<std::path::PathBuf>::new());
    let all = files(state.path());
    let file = |digest: &Digest| all.iter().find(|path| path.ends_with(digest.to_string())).expect("the file");
    let read = |digest: &Digest| opened(&std::fs::read(file(digest)).expect("the file")).to_string();
    assert!(kept.iter().any(|digest| read(digest).contains(SAID)), "nothing of it was kept");
}
