//! No secret gets anywhere but where it belongs: runbooks are played, and all that they leave and say is looked through.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use quell::actions::registry;
use quell::base::{Digest, Phase};
use quell::graph::check;
use quell::journal::{Record, read};
use quell::plan::{Plan, write_plan};
use quell::range::scenario::FaultKind;
use quell::range::{Actors, Moment, Scenario};
use quell::report::{PlannedPhase, Progress, plan_json, plan_text};
use quell::run::Event;
use quell::runbook::{Parameters, find};
use serde_json::Value;
use tracing_subscriber::EnvFilter;

use crate::actions::{IDENTITY, RECIPIENT};
use crate::canary_forms::{Scanner, forms};
use crate::cli_quell::{Quell, Said, flat};
use crate::drill::{Variant, in_parallel, paused, rehearsals, scenario_of, scratch};
use crate::extent::played;
use crate::stage::Stage;

const SEED: u64 = 7;
/// How many of the runbooks that make no key are played where not all are.
const OTHERS: usize = 2;
/// The action that is told secrets.
const MAKES_KEYS: &str = "action: iam.create-access-key";
/// A secret in AWS Secrets Manager gets the key, and nobody else.
const STORE_ALONE: Variant = Variant { name: "rotate-user-keys", values: &["seal_to=[]"], is_as_expected: true };
/// Whoever opens the file gets the key, and nobody else.
const FILE_ALONE: Variant = Variant { name: "rotate-ses-smtp", values: &["stolen=false"], is_as_expected: true };

/// What was said, each with the place.
type Heard = Vec<(String, Vec<u8>)>;

/// Everything that came of a runbook that was played in process.
struct Told {
    said: Heard,
    state: tempfile::TempDir,
    plans: Vec<Plan>,
    stage: Stage,
}

fn makes_keys(variant: &Variant) -> bool {
    find(variant.name).expect("a shipped runbook").text().contains(MAKES_KEYS)
}

fn stage_of(variant: Variant) -> Stage {
    let text = find(variant.name).expect("a shipped runbook").text().to_owned();
    let mut scenario = Scenario::parse(&scenario_of(&text)).expect("a scenario");
    let source = find(variant.name).expect("a shipped runbook");
    let (runbook, _) = check(source, registry()).runbook.expect("a sound runbook");
    let values: Vec<String> = variant.values.iter().map(|&value| value.to_owned()).collect();
    scenario.parameters.extend(Parameters::arguments(runbook.parameters(), &values).expect("fitting values"));
    let seed = scenario.seed;
    Stage::with(&text, scenario, seed)
}

/// Where the diagnostics go.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics with it").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Does something with the diagnostics as loud as `-vv` makes them, and our own louder. At `trace` the SDK writes down whole bodies with the
/// secrets in them, before it knows which are confidential: the program never goes there.
fn with_log<T>(work: impl FnOnce() -> T) -> (T, Vec<u8>) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("debug,quell=trace"))
        .with_writer(move || writer.clone())
        .finish();
    let done = tracing::subscriber::with_default(subscriber, work);
    let written = std::mem::take(&mut *log.0.lock().expect("nobody panics with it"));
    (done, written)
}

/// Plays the phases of a stage and keeps what is written and shown, and what a panic at any moment could show.
async fn play(stage: Stage, phases: &[Phase]) -> Told {
    let state = scratch();
    let (mut said, mut plans) = (Heard::new(), Vec::new());
    let actors = Actors::start(&stage.range, &stage.scenario);
    for (number, phase) in phases.iter().enumerate() {
        let plan = stage.plan(*phase).await;
        write_plan(&plan, &state.path().join(format!("{phase}.json"))).expect("a saved plan");
        let planned = [PlannedPhase { plan: plan.clone(), made: None }];
        let shown = format!("{}{}{plan:?}", plan_text(&planned, "nothing sent yet"), plan_json(&planned));
        said.push((format!("the plan to {phase}"), shown.into_bytes()));
        let mut progress = Progress::new(&plan, None);
        let mut events = String::new();
        let tell = |event: &Event| events.push_str(&format!("{:?} {event:?}\n", progress.line(event)));
        let approved = stage.approve(plan.clone()).await;
        let end = stage.execute(&approved, &format!("0000000{number}"), state.path(), tell).await;
        let at_hand = format!("{events}{end:?}{:?}{:?}", stage.connection, stage.range.responder());
        said.push((format!("what is at hand while it {phase}s"), at_hand.into_bytes()));
        plans.push(plan);
    }
    actors.stop().await;
    said.extend(written_under(state.path()));
    Told { said, state, plans, stage }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn written_under(folder: &Path) -> Heard {
    let read = |path: PathBuf| (path.display().to_string(), std::fs::read(&path).expect("the file"));
    files(folder).into_iter().map(read).collect()
}

/// The sealed files of a folder, each with its name, as a recipient reads them.
fn opened_under(folder: &Path) -> Vec<(PathBuf, Value)> {
    let identity: age::x25519::Identity = IDENTITY.parse().expect("an identity");
    let sealed = files(folder).into_iter().filter(|path| path.extension().is_some_and(|it| it == "age"));
    let open = |path: PathBuf| {
        let plain = age::decrypt(&identity, &std::fs::read(&path).expect("the file")).expect("it opens");
        (path, serde_json::from_slice(&plain).expect("JSON"))
    };
    sealed.map(open).collect()
}

/// The secret of a bundle, and the passwords that derive from it; nothing where it holds none yet.
fn secrets_of(bundle: &Value) -> Vec<String> {
    let passwords = bundle["smtp"].as_array().into_iter().flatten().map(|one| &one["password"]);
    let all = std::iter::once(&bundle["secret_access_key"]).chain(passwords);
    all.filter_map(|secret| secret.as_str().map(str::to_owned)).collect()
}

impl Told {
    /// What the declared secret in AWS Secrets Manager says, if one is declared.
    fn stored(&self) -> Option<Value> {
        let value = |name| self.stage.scenario.parameters.get(name).and_then(Value::as_str).map(str::to_owned);
        let says = self.stage.range.secret(&value("secret_region")?, &value("secret")?).expect("it says something");
        Some(serde_json::from_str(&says).expect("JSON"))
    }

    /// Every secret of this world.
    fn secrets(&self) -> Vec<String> {
        let sealed = opened_under(self.state.path());
        let bundles = sealed.iter().map(|(_, bundle)| bundle.clone()).chain(self.stored());
        let derived: Vec<String> = bundles.flat_map(|bundle| secrets_of(&bundle)).collect();
        let all = self.stage.range.secrets().into_iter().chain(derived).chain([IDENTITY.to_owned()]);
        // Others' secrets that say which key is theirs tell nothing that the plan does not.
        all.filter(|secret| !self.stage.scenario.account.secrets.iter().any(|one| one.says.as_ref() == Some(secret)))
            .collect()
    }
}

/// What is wrong with what was said, by its place.
fn leaks(of: &str, scanner: &Scanner, said: &Heard) -> Vec<String> {
    let found = said.iter().map(|(place, text)| (place, scanner.found_in(text)));
    found.filter(|(_, found)| !found.is_empty()).map(|(place, found)| format!("{of}: {place}: {found:?}")).collect()
}

fn no_leak(of: &str, scanner: &Scanner, said: &Heard) -> Result<(), String> {
    let leaks = leaks(of, scanner, said);
    if leaks.is_empty() { Ok(()) } else { Err(leaks.join("\n")) }
}

/// What the program says and leaves where it rehearses the same, with the most that it ever says of itself.
fn said_by_the_program(variant: Variant) -> (Heard, Vec<(PathBuf, Value)>) {
    let quell = Quell::new();
    // Neither more of the flag nor the environment switches on what tells secrets.
    let mut command = quell.command(&[&["rehearse", variant.name, "-vvvvvv"], variant.values].concat());
    let said = Said::of(&command.env("RUST_LOG", "trace").output().expect("it runs"));
    assert!(said.talk.contains("DEBUG") && !said.talk.contains("TRACE"), "{}: not as loud as thought", variant.name);
    assert!(said.code == 0 || !variant.is_as_expected, "{}: {} {}", variant.name, said.code, said.out);
    let mut all = vec![("stdout".to_owned(), said.out.into_bytes()), ("stderr".to_owned(), said.talk.into_bytes())];
    let rehearsals = std::fs::read_dir(quell.state().join("rehearsals")).expect("a folder");
    for rehearsal in rehearsals.map(|entry| entry.expect("an entry").path()) {
        let folder = rehearsal.display().to_string();
        for run in std::fs::read_dir(rehearsal.join("runs")).expect("runs").map(|entry| entry.expect("a run").path()) {
            let run = run.file_name().expect("a name").to_string_lossy().into_owned();
            for output in ["text", "json"] {
                let shown = quell.say(&["show", &run, "--state-dir", &folder, "--output", output, "-vv"]);
                assert_eq!(shown.code, 0, "{}", shown.talk);
                all.push((format!("quell show as {output}"), (shown.out + &shown.talk).into_bytes()));
            }
        }
    }
    all.extend(written_under(&quell.state()));
    (all, opened_under(&quell.state()))
}

/// Plays a runbook in process and by the program, and looks for every secret of its world.
fn keeps_its_secrets(variant: Variant) -> Result<(), String> {
    let name = [&[variant.name], variant.values].concat().join(" ");
    let (told, log) = with_log(|| paused(play(stage_of(variant), &Phase::ALL)));
    let secrets = told.secrets();
    let scanner = Scanner::of(secrets.iter().cloned());
    // The caller's own and the recipient's are in every world.
    assert!(scanner.secrets() >= 2, "{name}: nothing to look for");
    assert!(String::from_utf8_lossy(&log).contains("DEBUG"), "{name}: nothing is told of the libraries' work");
    no_leak(&name, &scanner, &told.said)?;
    no_leak(&name, &scanner, &vec![("the diagnostics".to_owned(), log)])?;
    let (said, sealed) = said_by_the_program(variant);
    no_leak(&name, &scanner, &said)?;
    let here = opened_under(told.state.path());
    if makes_keys(&variant) {
        assert_eq!(!here.is_empty(), told.stage.scenario.parameters["seal_to"] != serde_json::json!([]), "{name}");
        assert!(!here.is_empty() || told.stored().is_some(), "{name}: no secret was handed over");
    }
    // Of one seed there is one world: what was looked for is what the program had.
    assert_eq!(sealed.len(), here.len(), "{name}");
    for (_, bundle) in &sealed {
        assert!(!secrets_of(bundle).is_empty(), "{name}: a sealed file without a secret");
    }
    for secret in sealed.iter().flat_map(|(_, bundle)| secrets_of(bundle)) {
        assert!(secrets.contains(&secret), "{name}: the program had another secret");
        let planted = forms(&secret).into_iter().map(|(form, text)| (form.to_owned(), text.into_bytes())).collect();
        let found = leaks(&name, &scanner, &planted).len();
        assert_eq!(found, planted.len(), "{name}: a secret of it would not be found in every form");
    }
    Ok(())
}

/// All that make keys, with each place for them alone, and of the others those that the seed chooses.
#[test]
fn no_runbook_tells_a_secret() {
    let (making, others): (Vec<_>, Vec<_>) = rehearsals().partition(makes_keys);
    assert!(making.len() >= 3, "the runbooks that make keys are found by `{MAKES_KEYS}`");
    let all = [making, vec![STORE_ALONE], played([others], OTHERS, SEED)].concat();
    in_parallel(all, |variant| keeps_its_secrets(*variant));
}

/// Whatever goes wrong with the call that is told the secret, or with the one that hands it over: no message repeats it.
#[test]
fn what_goes_wrong_tells_no_secret() {
    let kinds = [
        (Moment::BeforeEffect, FaultKind::Throttle),
        (Moment::BeforeEffect, FaultKind::InternalError),
        (Moment::BeforeEffect, FaultKind::AccessDenied),
        (Moment::BeforeEffect, FaultKind::ExpiredToken),
        (Moment::AfterEffect, FaultKind::TimeoutAfter),
        (Moment::AfterEffect, FaultKind::Reset),
        (Moment::AfterEffect, FaultKind::Malformed),
        (Moment::AfterEffect, FaultKind::Truncated),
    ];
    let calls = ["CreateAccessKey", "PutSecretValue"];
    let cases = calls.into_iter().flat_map(|call| kinds.map(|(moment, kind)| (call, moment, kind))).collect();
    in_parallel(cases, |&(call, moment, kind)| {
        let stage = stage_of(Variant { name: "rotate-user-keys", values: &[], is_as_expected: false });
        stage.range.set_hook(move |flight| {
            (flight.call.operation == call && flight.nth == 1 && flight.moment == moment).then_some(kind)
        });
        let (told, log) = with_log(|| paused(play(stage, &[Phase::Eradicate])));
        let name = format!("{kind:?} of {call}");
        let met = told.stage.range.trail().iter().any(|event| event.event_name == call);
        assert!(met, "{name} was never met");
        let scanner = Scanner::of(told.secrets());
        no_leak(&name, &scanner, &told.said)?;
        no_leak(&name, &scanner, &vec![("the diagnostics".to_owned(), log)])
    });
}

/// The plan says where the secret goes, it goes there and nowhere else, and nothing that works is touched before it is there.
#[test]
fn the_plan_names_the_place_and_it_is_filled_before_an_old_key_changes() {
    for variant in [STORE_ALONE, FILE_ALONE] {
        let told = paused(play(stage_of(variant), &[Phase::Eradicate]));
        let shown = flat(&plan_text(&[PlannedPhase { plan: told.plans[0].clone(), made: None }], "saved plan"));
        let sealed = opened_under(told.state.path());
        let puts = told.stage.range.trail().iter().filter(|event| event.event_name == "PutSecretValue").count();
        let by_file = format!("only {RECIPIENT} can open it");
        let by_store = "the new key is put into secret ci/deploy in us-east-1";
        let is_file = variant.name == FILE_ALONE.name;
        assert_eq!((shown.contains(&by_file), shown.contains(by_store)), (is_file, !is_file), "{shown}");
        assert_eq!((sealed.is_empty(), puts == 0), (!is_file, is_file), "{}", variant.name);

        let journal = files(told.state.path()).into_iter().find(|path| path.ends_with("journal.jsonl"));
        let journal = std::fs::read(journal.expect("a journal")).expect("the journal");
        let records: Vec<Record> = read(&journal).expect("sound").entries.into_iter().map(|one| one.record).collect();
        for (path, _) in &sealed {
            let digest = Digest::of_bytes(&std::fs::read(path).expect("the file")).to_string();
            let pinned = |one: &&Record| matches!(one, Record::Fact { name, value, .. } if name == "sealed" && value["sha256"] == digest.as_str());
            assert_eq!(records.iter().filter(pinned).count(), 1, "the journal pins {}", path.display());
        }
        let there = records.iter().position(|one| match one {
            Record::Fact { name, .. } => is_file && name == "sealed",
            Record::Intended(intent) => !is_file && intent.operation.to_string().ends_with(":PutSecretValue"),
            _ => false,
        });
        let changed = records.iter().position(
            |one| matches!(one, Record::Intended(intent) if intent.operation.to_string() == "iam:UpdateAccessKey"),
        );
        assert!(there.expect("the secret was handed over") < changed.expect("an old key stops"), "{}", variant.name);
    }
}
