//! The crash matrix in earnest: the real program is killed while it talks to a range on loopback, and `quell resume` comes
//! to the same end.

use std::process::{Command, Stdio};

use aws_credential_types::Credentials;
use quell::journal::{Journal, Record, read, verify};
use quell::range::scenario::AdversarySpec;
use serde_json::{Value, json};

use crate::cli_quell::{Quell, Served, VALUES};
use crate::crash_judge::differences;

/// The calls of the phase, each of which is a point twice.
const CALLS: usize = 10;
const ROLE: &str = "ml-pipeline";
const USER: &str = "ci-deploy";
const REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// When the program is killed: once its journal holds so many records of a kind.
#[derive(Debug, Clone, Copy)]
enum Point {
    /// So many intents: the last call is on its way, or about to be.
    Intents(usize),
    /// So many ends: the last call's outcome is on disk.
    Ends(usize),
}

impl Point {
    fn is_reached(self, journal: &Journal) -> bool {
        let count = |wanted: fn(&Record) -> bool| journal.entries.iter().filter(|entry| wanted(&entry.record)).count();
        match self {
            Self::Intents(number) => count(|record| matches!(record, Record::Intended(_))) >= number,
            Self::Ends(number) => count(|record| matches!(record, Record::Ended(_))) >= number,
        }
    }
}

/// A range of its own without an adversary, and the program aimed at it and at nothing else.
struct Place {
    quell: Quell,
    range: Served,
}

impl Place {
    fn open() -> Self {
        let quell = Quell::new();
        let range = Served::with(
            &quell,
            &quell.scenario(|scenario| {
                (scenario.workload, scenario.adversary) = (Vec::new(), AdversarySpec::default());
            }),
        );
        Self { quell, range }
    }

    fn quell(&self, arguments: &[&str]) -> Command {
        let mut command = self.quell.command_at(&self.range, &[arguments, &["--yes"]].concat());
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    fn run(&self) -> Command {
        self.quell(&["run", "rogue-bedrock-agent", VALUES[0], VALUES[1], "--incident", "INC-4711"])
    }

    /// Starts the run and kills it at a point.
    fn kill_at(&self, point: Point) -> Result<(), String> {
        let mut process = self.run().spawn().expect("the program");
        let reached = self.quell.journal_comes_to(&mut process, |journal| point.is_reached(journal));
        // Nothing is left to kill where it has ended by itself.
        let _ = process.kill();
        let output = process.wait_with_output().expect("its output");
        if reached { Ok(()) } else { Err(format!("it ended before: {}", String::from_utf8_lossy(&output.stderr))) }
    }

    /// What an administrator sees of all that the run touches, through the API.
    fn picture(&self) -> Value {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut picture = runtime.block_on(look(&self.range.url));
        blot_times(&mut picture);
        picture
    }
}

async fn look(url: &str) -> Value {
    let config = |region: &'static str| {
        aws_config::from_env()
            .endpoint_url(url)
            .credentials_provider(Credentials::new(KEY, SECRET, None, None, "test"))
            .region(aws_config::Region::new(region))
            .load()
    };
    let home = config("us-east-1").await;
    let iam = aws_sdk_iam::Client::new(&home);
    let role = iam.get_role().role_name(ROLE).send().await.expect("the role").role.expect("the role");
    let mut policies = Vec::new();
    for name in iam.list_role_policies().role_name(ROLE).send().await.expect("policies").policy_names {
        let policy = iam.get_role_policy().role_name(ROLE).policy_name(&name).send().await.expect("a policy");
        policies.push(json!([name, document(&policy.policy_document)]));
    }
    for name in iam.list_user_policies().user_name(USER).send().await.expect("policies").policy_names {
        let policy = iam.get_user_policy().user_name(USER).policy_name(&name).send().await.expect("a policy");
        policies.push(json!([name, document(&policy.policy_document)]));
    }
    let keys = iam.list_access_keys().user_name(USER).send().await.expect("keys").access_key_metadata;
    let keys: Vec<Value> = keys
        .iter()
        .map(|key| json!([key.access_key_id(), key.status().map(|status| status.as_str().to_owned())]))
        .collect();
    let mut aliases = Vec::new();
    for region in REGIONS {
        let agents = aws_sdk_bedrockagent::Client::new(&config(region).await);
        for agent in agents.list_agents().send().await.expect("agents").agent_summaries {
            let listed = agents.list_agent_aliases().agent_id(&agent.agent_id).send().await.expect("aliases");
            for alias in listed.agent_alias_summaries {
                let versions =
                    alias.routing_configuration().iter().map(|route| route.agent_version().map(str::to_owned));
                aliases.push(json!([
                    alias.agent_alias_id(),
                    alias.agent_alias_status().as_str(),
                    alias.alias_invocation_state().map(|state| state.as_str().to_owned()),
                    versions.collect::<Vec<_>>(),
                ]));
            }
        }
    }
    let support = aws_sdk_support::Client::new(&home);
    let cases = support.describe_cases().include_resolved_cases(true).send().await.expect("cases").cases;
    let cases: Vec<Value> = cases
        .unwrap_or_default()
        .iter()
        .map(|case| json!([case.subject(), case.service_code(), case.category_code(), case.severity_code()]))
        .collect();
    let trust = document(&role.assume_role_policy_document.unwrap_or_default());
    json!({ "trust": trust, "policies": policies, "keys": keys, "aliases": aliases, "cases": cases })
}

/// A policy document as IAM hands it out.
fn document(encoded: &str) -> Value {
    let text = percent_encoding::percent_decode_str(encoded).decode_utf8().expect("UTF-8");
    serde_json::from_str(&text).expect("a policy document")
}

/// The cut-off differs from run to run.
fn blot_times(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(blot_times),
        Value::Object(members) => members.values_mut().for_each(blot_times),
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => *text = "<time>".to_owned(),
        _ => {}
    }
}

/// Kills, resumes, and says with which code the program ended and what is there then.
fn kill_and_resume(point: Point) -> Result<(Option<i32>, Value), String> {
    let place = Place::open();
    place.kill_at(point)?;
    let (run, path) = place.quell.journal().ok_or("there is no run")?;
    let before = std::fs::read(&path).map_err(|error| error.to_string())?;
    let resumed = place.quell(&["resume", &run]).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&resumed.stderr).into_owned();
    let after = std::fs::read(&path).map_err(|error| error.to_string())?;
    let whole = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if !after.starts_with(&before[..whole]) {
        return Err("a record was lost".to_owned());
    }
    let verified = verify(&after).map_err(|damage| format!("damaged: {damage}"))?;
    if verified.closed.is_none() || verified.torn.is_some() {
        return Err(format!("the journal is not closed: {said}"));
    }
    let audit = place.quell(&["audit", "verify", &run]).output().map_err(|error| error.to_string())?;
    if !audit.status.success() {
        return Err(format!("audit verify: {}", String::from_utf8_lossy(&audit.stderr)));
    }
    Ok((resumed.status.code(), place.picture()))
}

/// All points at once: each of them mostly waits, in real time, for AWS to agree with itself.
#[test]
fn killed_anywhere_a_resume_comes_to_the_same_end() {
    let points: Vec<Point> = (1..=CALLS).flat_map(|number| [Point::Intents(number), Point::Ends(number)]).collect();
    let (expected, found) = std::thread::scope(|scope| {
        let undisturbed = scope.spawn(|| {
            let place = Place::open();
            let output = place.run().output().expect("the program");
            let (_, path) =
                place.quell.journal().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
            let journal = read(&std::fs::read(path).expect("a journal")).expect("a sound journal");
            // A stale answer may have led to one more, which harms nothing.
            assert!(journal.fold.calls().len() >= CALLS, "every call is a point");
            (output.status.code(), place.picture())
        });
        let killed: Vec<_> =
            points.iter().map(|point| scope.spawn(move || (*point, kill_and_resume(*point)))).collect();
        let found: Vec<_> = killed.into_iter().map(|thread| thread.join().expect("no panic")).collect();
        (undisturbed.join().expect("no panic"), found)
    });
    assert_eq!(expected.0, Some(0));
    let wrong: Vec<String> = found
        .into_iter()
        .filter_map(|(point, end)| match end {
            Ok(end) if end == expected => None,
            Ok((code, picture)) => {
                let differs = differences(&expected.1, &picture).join("; ");
                Some(format!("{point:?}: it ended with {code:?}, and differs: {differs}"))
            }
            Err(why) => Some(format!("{point:?}: {why}")),
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
