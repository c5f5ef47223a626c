//! `iam.create-access-key`: who can read the secret, and what becomes of a key whose secret is lost.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use quell::actions::Refusal;
use quell::journal::{CallState, StepState};
use quell::range::Moment;
use quell::range::scenario::FaultKind;
use quell::secrets::{Secret, smtp_password};
use serde_json::{Value, json};

use super::cases::{IDENTITY, RECIPIENT};
use super::{Bench, OTHERS_KEY, Ran, refusal, scenario, set};

const OLD: &str = "AKIARTX3GSDSQCIDEPLO";

fn with() -> Value {
    json!({ "user": "ci-deploy", "seal_to": [RECIPIENT], "smtp_regions": ["eu-west-1"] })
}

/// An account in which the user has one key.
fn account() -> Value {
    let mut scenario = scenario();
    set(&mut scenario, "/account/users/1/keys", json!([{ "id": OLD, "used_ago": "2d" }]));
    scenario
}

fn bench() -> Bench {
    Bench::of_action("iam.create-access-key", &with(), &account(), 1)
}

fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// What a recipient reads, and where it stands.
fn opened(bench: &Bench) -> (Value, PathBuf) {
    let identity: age::x25519::Identity = IDENTITY.parse().expect("an identity");
    let sealed = files(bench.folder()).into_iter().filter(|path| path.extension().is_some_and(|it| it == "age"));
    let mut sealed: Vec<PathBuf> = sealed.collect();
    let path = sealed.pop().expect("a sealed file");
    assert!(sealed.is_empty(), "one key, one file: {sealed:?}");
    let plain = age::decrypt(&identity, &fs::read(&path).expect("the file")).expect("it opens");
    (serde_json::from_slice(&plain).expect("JSON"), path)
}

fn keys_of(bench: &Bench) -> Vec<String> {
    let state = bench.stage.range.state().to_string();
    let mut keys: Vec<String> = state
        .split('"')
        .filter(|word| word.starts_with("AKIARTX3GSDS") && word.len() == 20)
        .map(str::to_owned)
        .collect();
    keys.sort();
    keys.dedup();
    keys.retain(|key| key != OTHERS_KEY);
    keys.retain(|key| bench.stage.range.state().to_string().contains(&format!("\"{key}\":{{\"active\"")));
    keys
}

fn states(ran: &Ran, operation: &str) -> Vec<CallState> {
    let of_it = ran.end.fold.calls().values().filter(|call| call.intent.operation.to_string() == operation);
    of_it.map(|call| call.state).collect()
}

/// The secret stands in the sealed file, which only a recipient opens, and in nothing else that the run leaves.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn only_a_recipient_reads_the_secret() {
    let bench = bench();
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let (bundle, path) = opened(&bench);
    let key = bundle["access_key_id"].as_str().expect("an id");
    assert_eq!(path.file_name().and_then(|name| name.to_str()), Some(format!("{key}.age").as_str()));
    assert_eq!(bundle["user"], "ci-deploy");
    let secret = bundle["secret_access_key"].as_str().expect("a secret");
    assert_eq!(secret.len(), 40);
    let password = smtp_password(&Secret::new(secret), &"eu-west-1".parse().expect("a Region"));
    assert_eq!(bundle["smtp"][0]["password"], password.expose());
    for file in files(bench.folder()) {
        let text = fs::read(&file).expect("the file");
        for word in [secret, password.expose(), IDENTITY] {
            assert!(!text.windows(word.len()).any(|part| part == word.as_bytes()), "{} has it", file.display());
        }
    }
    // The journal pins the file: whoever swaps it is found out.
    let fact = &ran.step().facts["sealed"];
    let digest = quell::base::Digest::of_bytes(&fs::read(&path).expect("the file"));
    assert_eq!((fact["key"].as_str(), fact["sha256"].clone()), (Some(key), json!(digest)));
    assert!(keys_of(&bench).contains(&key.to_owned()));
}

/// A secret in AWS Secrets Manager gets the new key, and nothing that the run leaves has a word of it.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_secret_goes_into_a_secret_and_nowhere_else() {
    let with = json!({ "user": "ci-deploy", "secret": "ci/deploy", "secret_region": "eu-west-1", "smtp_regions": ["eu-west-1"] });
    let mut account = account();
    set(
        &mut account,
        "/account/secrets",
        json!([{ "name": "ci/deploy", "region": "eu-west-1", "says": "what was there" }]),
    );
    let bench = Bench::of_action("iam.create-access-key", &with, &account, 1);
    let mut told = Vec::new();
    let plan = bench.plan().await;
    told.push(format!("{plan:?}{}", serde_json::to_string(&plan).expect("JSON")));
    let ran = bench.run(plan).await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    told.push(format!("{:?}{:?}", ran.records, ran.end.fold));
    let says = bench.stage.range.secret("eu-west-1", "ci/deploy").expect("it says something");
    let bundle: Value = serde_json::from_str(&says).expect("JSON");
    let key = bundle["access_key_id"].as_str().expect("an id");
    assert!(keys_of(&bench).contains(&key.to_owned()));
    let (secret, password) = (bundle["secret_access_key"].as_str(), bundle["smtp"][0]["password"].as_str());
    let words = [secret.expect("a secret"), password.expect("a password")];
    for file in files(bench.folder()) {
        let text = fs::read(&file).expect("the file");
        for word in words {
            assert!(!text.windows(word.len()).any(|part| part == word.as_bytes()), "{} has it", file.display());
        }
    }
    for word in words {
        assert!(!told.iter().any(|text| text.contains(word)), "it was told");
    }
    // The secret was there before anything else could be told of the key.
    let order: Vec<String> = ran.end.fold.calls().values().map(|call| call.intent.operation.to_string()).collect();
    assert_eq!(order, ["iam:TagUser", "iam:CreateAccessKey", "secretsmanager:PutSecretValue", "iam:TagUser"]);
}

/// AWS has stored the secret and its answer gets lost: it is sent again with the same token, which changes nothing.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_secret_is_stored_once() {
    let with = json!({ "user": "ci-deploy", "secret": "ci/deploy", "secret_region": "eu-west-1" });
    let bench = Bench::of_action("iam.create-access-key", &with, &account(), 1);
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = tries.clone();
    bench.stage.range.set_hook(move |flight| {
        let is_it = flight.call.operation == "PutSecretValue" && flight.moment == Moment::AfterEffect;
        (is_it && counted.fetch_add(1, Ordering::Relaxed) < 1).then_some(FaultKind::TimeoutAfter)
    });
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    assert_eq!(states(&ran, "iam:CreateAccessKey"), [CallState::Done]);
    assert_eq!(keys_of(&bench).len(), 2);
}

/// Nobody lets the secret be stored: the old key goes on, and the next plan takes the lost key away and makes another one.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_key_that_cannot_be_stored_is_taken_away_by_the_next_plan() {
    let with = json!({ "user": "ci-deploy", "secret": "ci/deploy", "secret_region": "eu-west-1" });
    let bench = Bench::of_action("iam.create-access-key", &with, &account(), 1);
    bench.stage.range.set_hook(move |flight| {
        let is_it = flight.call.operation == "PutSecretValue" && flight.moment == Moment::BeforeEffect;
        is_it.then_some(FaultKind::AccessDenied)
    });
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Failed, "{}", ran.told());
    bench.stage.range.set_hook(|_| None);
    let second = bench.go().await;
    assert_eq!(second.state(), StepState::Verified, "{}", second.told());
    assert_eq!(states(&second, "iam:DeleteAccessKey"), [CallState::Done]);
    assert!(second.step().undone.is_empty(), "{:?}", second.step().undone);
    assert_eq!(keys_of(&bench).len(), 2);
}

/// AWS makes the key and its answer gets lost: that key goes before another one is made, and nobody is accused.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_key_whose_secret_is_lost_is_taken_away_first() {
    let bench = bench();
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = tries.clone();
    bench.stage.range.set_hook(move |flight| {
        let is_it = flight.call.operation == "CreateAccessKey" && flight.moment == Moment::AfterEffect;
        (is_it && counted.fetch_add(1, Ordering::Relaxed) < 1).then_some(FaultKind::TimeoutAfter)
    });
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    assert_eq!(states(&ran, "iam:CreateAccessKey"), [CallState::Lost, CallState::Done]);
    assert_eq!(states(&ran, "iam:DeleteAccessKey"), [CallState::Done]);
    assert!(ran.step().undone.is_empty(), "{:?}", ran.step().undone);
    let key = opened(&bench).0["access_key_id"].as_str().expect("an id").to_owned();
    let mut both = vec![OLD.to_owned(), key];
    both.sort();
    assert_eq!(keys_of(&bench), both);
}

/// Somebody else makes a key between the plan and the run: it is nobody's to delete.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_key_of_somebody_else_is_not_taken_for_a_lost_one() {
    let bench = bench();
    let plan = bench.plan().await;
    bench.other().iam("CreateAccessKey", json!({ "UserName": "ci-deploy" })).await;
    bench.rest().await;
    let before = keys_of(&bench);
    let ran = bench.run(plan).await;
    assert_ne!(ran.state(), StepState::Verified);
    assert_eq!(keys_of(&bench), before, "{}", ran.told());
}

/// Where two keys leave no room the plan refuses, names both, and says what to write.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn two_keys_are_a_refusal_until_one_is_named() {
    let bench = Bench::of_action("iam.create-access-key", &with(), &scenario(), 1);
    let plan = bench.plan().await;
    let Some(Refusal::Quota { which }) = refusal(&plan) else { panic!("{:?}", refusal(&plan)) };
    assert!(which.contains(OLD) && which.contains("gives_way"), "{which}");
}

/// A new key that somebody uses is not taken from them by an undo.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn an_undo_leaves_a_key_that_is_in_use() {
    let bench = bench();
    let ran = bench.go().await;
    let key = opened(&bench).0["access_key_id"].as_str().expect("an id").to_owned();
    bench.rest().await;
    let user =
        Bench::of_action("iam.create-access-key", &with(), &account(), 1).in_range_of(&bench).with_key(&key, None);
    assert!(user.stage.planning().ask(quell::aws::GetCallerIdentity {}).await.is_ok(), "the new key works");
    bench.rest().await;
    let undo = bench.plan_undo(&ran, false).await;
    assert!(matches!(refusal(&undo), Some(Refusal::InUse { .. })), "{:?}", refusal(&undo));
}
