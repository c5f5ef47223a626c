//! The autopilot over a range on loopback: from a message in a queue to a run, and to plans that wait.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;

use quell::journal::{Agreed, StepState, World, read};
use quell::range::Scenario;
use serde_json::{Value, json};

use crate::cli_quell::{Quell, Said, Served, calm};
use crate::extent::whole;

const SCENARIO: &str = "examples/invocation-logging-off.yaml";
const DETECTOR: &str = "12abc34d567e8fa901bc2d34e56789f0";
const FINDING: &str = "8eb9a3a6c1c04a4cb2a3e1c5c1b0e5d1";
/// Nothing happens with nobody there before something is protected.
const GUARDRAILS: &str = "protected_accounts: [\"999999999999\"]
protected_principals: [\"arn:aws:iam::999999999999:role/precious\"]
";

/// What GuardDuty tells of whoever switched the log off.
fn finding(id: &str) -> Value {
    json!({
        "schemaVersion": "2.0",
        "accountId": "111122223333",
        "region": "us-east-1",
        "partition": "aws",
        "id": id,
        "arn": format!("arn:aws:guardduty:us-east-1:111122223333:detector/{DETECTOR}/finding/{id}"),
        "type": "DefenseEvasion:IAMUser/BedrockLoggingDisabled",
        "severity": 5,
        "createdAt": "2026-11-22T00:10:00.000Z",
        "updatedAt": "2026-11-22T00:10:00.000Z",
        "title": "The log of model invocations was switched off.",
        "description": "The log of model invocations was switched off.",
        "resource": {
            "resourceType": "AccessKey",
            "accessKeyDetails": {
                "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
                "principalId": "",
                "userType": "AssumedRole",
                "userName": "landing-zone"
            }
        },
        "service": {
            "serviceName": "guardduty",
            "detectorId": DETECTOR,
            "count": 1,
            "archived": false,
            "eventFirstSeen": "2026-11-22T00:00:00.000Z",
            "eventLastSeen": "2026-11-22T00:05:00.000Z",
            "action": {
                "actionType": "AWS_API_CALL",
                "awsApiCallAction": {
                    "api": "DeleteModelInvocationLoggingConfiguration",
                    "serviceName": "bedrock.amazonaws.com",
                    "callerType": "Remote IP",
                    "remoteIpDetails": { "ipAddressV4": "198.51.100.7" }
                }
            }
        }
    })
}

/// The same as EventBridge delivers it.
fn event(id: &str, finding: &Value) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": "111122223333",
        "time": "2026-11-22T00:10:30Z",
        "region": "us-east-1",
        "resources": [],
        "detail": finding
    })
}

/// A range with a queue, and a place in which the autopilot works.
struct Post {
    quell: Quell,
    range: Served,
}

impl Post {
    /// With messages in the queue, and findings that GuardDuty knows.
    fn with(messages: &[Value], findings: &[Value], change: impl FnOnce(&mut Scenario)) -> Self {
        let quell = Quell::new();
        std::fs::create_dir_all(quell.home.path().join("config")).expect("a folder");
        std::fs::write(quell.home.path().join("config/guardrails.yaml"), GUARDRAILS).expect("written");
        let text = std::fs::read_to_string(SCENARIO).expect("the shipped scenario");
        let mut scenario = Scenario::parse(&text).expect("a scenario");
        calm(&mut scenario);
        change(&mut scenario);
        let mut scenario = serde_json::to_value(&scenario).expect("JSON");
        let dead = json!({ "queue": "dead", "after": 3 });
        let queue = json!({ "name": "detections", "messages": messages, "dead_letter": dead });
        scenario["account"]["queues"] = json!([queue, { "name": "dead" }]);
        scenario["account"]["guardduty"] = json!([{ "detector": DETECTOR, "findings": findings }]);
        let scenario = quell.file("scenario.yaml", &scenario.to_string());
        let range = Served::with(&quell, &scenario);
        Self { quell, range }
    }

    fn set(&self, setting: &str) {
        std::fs::write(self.quell.home.path().join("config/autopilot.yaml"), setting).expect("written");
    }

    fn command(&self, more: &[&str]) -> std::process::Command {
        let queue = format!("{}/111122223333/detections", self.range.url);
        let mut command = self.quell.command_at(&self.range, &[&["autopilot", "--queue", &queue], more].concat());
        command.env("QUELL_CONFIG_DIR", self.quell.home.path().join("config"));
        command
    }

    /// Attends to all that is in the queue.
    fn attends(&self) -> (Said, Vec<Value>) {
        let said = Said::of(&self.command(&["--once"]).output().expect("it runs"));
        let decisions = decisions(&said);
        (said, decisions)
    }

    fn at(&self, arguments: &[&str]) -> Said {
        let mut command = self.quell.command_at(&self.range, arguments);
        Said::of(&command.env("QUELL_CONFIG_DIR", self.quell.home.path().join("config")).output().expect("it runs"))
    }

    fn runs(&self) -> Vec<String> {
        self.quell.runs()
    }
}

fn decisions(said: &Said) -> Vec<Value> {
    said.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn of<'d>(what: &str, decisions: &'d [Value]) -> Vec<&'d Value> {
    decisions.iter().filter(|one| one["decision"] == what).collect()
}

#[test]
fn a_finding_in_the_queue_leads_to_what_is_harmless_and_the_rest_waits() {
    let found = finding(FINDING);
    // The same three times, in two envelopes, and once more as SNS wraps it.
    let wrapped = json!({ "Type": "Notification", "Message": event("envelope-1", &found).to_string() });
    let messages = [event("envelope-1", &found), event("envelope-2", &found), wrapped];
    let post = Post::with(&messages, &[found], |_| ());
    let (said, decisions) = post.attends();
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.talk);
    let counts = ["opened", "repeated", "joined", "confirmed", "concluded"].map(|what| of(what, &decisions).len());
    assert_eq!(counts, [1, 1, 1, 1, 1], "{}", said.out);
    let concluded = of("concluded", &decisions)[0];
    assert_eq!(concluded["outcome"], "partly-contained", "{concluded}");
    assert_eq!(concluded["runbook"], "invocation-logging-off");

    // One run, one journal, which tells the whole story.
    let runs = post.runs();
    let [run] = runs.as_slice() else { panic!("one run: {runs:?}") };
    assert_eq!(concluded["run"], json!(run));
    let journal = read(&std::fs::read(post.quell.journal_of(run)).expect("a journal")).expect("a sound journal");
    let opened = journal.fold.opened().expect("a beginning");
    let detected = opened.detected.as_ref().expect("a detection");
    assert_eq!((detected.subject.as_deref(), opened.world), (Some(FINDING), World::Range));
    assert!(detected.confirmed.contains("GuardDuty has the finding"), "{}", detected.confirmed);
    assert!(matches!(journal.fold.agreed(), Agreed::Part(_)));
    let verified: Vec<String> = journal
        .fold
        .steps()
        .iter()
        .filter(|(_, step)| step.state == StepState::Verified)
        .map(|(key, _)| key.to_string())
        .collect();
    assert!(verified.iter().any(|key| key.starts_with("restore")), "{verified:?}");
    let shown = post.at(&["show", run]);
    assert!(shown.out.contains("a detection started the run"), "{}", shown.out);
    let kept = post.quell.state().join("runs").join(run).join("evidence").join(detected.kept.to_string());
    let kept: Value = serde_json::from_slice(&std::fs::read(kept).expect("the event")).expect("JSON");
    assert_eq!(kept["detail"]["id"], FINDING);

    // The rest waits, as files.
    let plans = concluded["plans"].as_array().expect("plans");
    assert!(!plans.is_empty(), "{concluded}");
    let status = post.at(&["status", "--output", "json"]);
    let status: Value = serde_json::from_str(&status.out).expect("JSON");
    let waiting = status["waiting_plans"].as_array().expect("plans");
    assert_eq!(waiting.len(), plans.len(), "{status}");
    assert!(waiting.iter().all(|one| one["is_over"] == false));
    let plan = waiting.iter().find(|one| one["phase"] == "contain").expect("a plan to contain");
    let path = plan["path"].as_str().expect("a path");
    let count = format!("--allow-irreversible={}", plan["irreversible"]);
    let applied = post.at(&["apply", path, "--yes", &count]);
    assert!([0, 20].contains(&applied.code), "{}\n{}", applied.out, applied.talk);
    assert_eq!(post.runs().len(), 2);
    let gates = ["--confirm", "blind", "--confirm", "handover", "--yes"];
    let resumed = post.at(&[&["resume", run.as_str()], &gates[..]].concat());
    assert!([0, 20].contains(&resumed.code), "{}\n{}", resumed.out, resumed.talk);
    let again = post.at(&["status"]);
    assert!(!again.out.contains("waits for somebody"), "{}", again.out);
}

/// What quell has changed in the range.
fn changes(post: &Post) -> Vec<String> {
    let mut journals = Vec::new();
    for run in std::fs::read_dir(post.quell.state().join("runs")).into_iter().flatten() {
        let run = run.expect("a folder").file_name().to_string_lossy().into_owned();
        let journal = read(&std::fs::read(post.quell.journal_of(&run)).expect("a journal")).expect("a sound journal");
        journals.extend(journal.fold.calls().values().map(|call| call.intent.operation.to_string()));
    }
    journals
}

#[test]
fn what_guardduty_does_not_confirm_waits_and_nothing_is_sent() {
    let known = finding(FINDING);
    let other = |change: fn(&mut Value)| {
        let mut forged = finding(FINDING);
        change(&mut forged);
        forged
    };
    let nowhere = finding("00000000000000000000000000000000");
    let of_another = other(|forged| forged["resource"]["accessKeyDetails"]["userName"] = json!("chat-app"));
    let earlier = other(|forged| forged["service"]["eventFirstSeen"] = json!("2026-10-01T00:00:00.000Z"));
    for forged in [nowhere, of_another, earlier] {
        let post = Post::with(&[event("e", &forged)], std::slice::from_ref(&known), |_| ());
        post.set("confirm_within_minutes: 0\n");
        let (said, decisions) = post.attends();
        assert_eq!(said.code, 0, "{}\n{}", said.out, said.talk);
        let unconfirmed = of("unconfirmed", &decisions);
        assert_eq!(unconfirmed.len(), 1, "{}", said.out);
        let concluded = of("concluded", &decisions)[0];
        assert!(["waits", "no-plan"].contains(&concluded["outcome"].as_str().expect("a word")), "{concluded}");
        assert_eq!(changes(&post), Vec::<String>::new());
    }
}

/// How many forged events there are, over half as many principals, and how many of them where not all is played.
const FLOOD: usize = 10_000;
const SOME_OF_IT: usize = 200;

#[test]
fn a_forged_flood_changes_nothing() {
    let many = if whole() { FLOOD } else { SOME_OF_IT };
    let post = Post::with(&[], &[finding(FINDING)], |_| ());
    post.set("confirm_within_minutes: 0\nbudgets: { plans: 2 }\n");
    let forged: Vec<String> = (0..many)
        .map(|number| {
            let mut forged = finding(&format!("{number:032x}"));
            forged["resource"]["accessKeyDetails"]["userName"] = json!(format!("role-{}", number % (many / 2)));
            event(&format!("e-{number}"), &forged).to_string()
        })
        .collect();
    let flood = post.quell.home.path().join("flood");
    std::fs::create_dir(&flood).expect("a folder");
    for (number, part) in forged.chunks(2_000).enumerate() {
        std::fs::write(flood.join(format!("{number}.ndjson")), part.join("\n")).expect("written");
    }
    let mut command = post.quell.command_at(&post.range, &["autopilot", "--once", &flood.display().to_string()]);
    command.env("QUELL_CONFIG_DIR", post.quell.home.path().join("config"));
    let said = Said::of(&command.output().expect("it runs"));
    assert_eq!(said.code, 0, "{}", said.talk);
    let decisions = decisions(&said);
    let counts = ["opened", "joined", "confirmed", "unconfirmed", "concluded"].map(|what| of(what, &decisions).len());
    // Each claims another finding, and none keeps another from being asked about.
    assert_eq!(counts, [many, 0, 0, many, many], "{}", said.talk);
    assert_eq!(changes(&post), Vec::<String>::new());
}

#[test]
fn a_role_that_was_made_anew_under_the_name_is_not_meant() {
    let mut found = finding(FINDING);
    found["resource"]["accessKeyDetails"]["principalId"] = json!("AROANAMESAKE000000001:build-4711");
    let post = Post::with(&[event("e", &found)], std::slice::from_ref(&found), |_| ());
    let (said, decisions) = post.attends();
    let concluded = of("concluded", &decisions)[0];
    assert_eq!((said.code, &concluded["outcome"]), (0, &json!("no-plan")), "{concluded}");
    assert!(concluded["why"].as_str().is_some_and(|why| why.contains("another one by now")), "{concluded}");
    assert_eq!(changes(&post), Vec::<String>::new());
}

#[test]
fn what_cannot_be_read_is_kept_with_the_reason_and_holds_nothing_up() {
    let found = finding(FINDING);
    let hostile = {
        let mut event = event("e-\u{1b}[2J\u{202e}${x}", &found);
        event["detail"]["type"] = json!("\u{1b}[31m${parameters.principal}");
        event
    };
    let messages = [json!("no JSON at all"), json!("{\"a\": 1}"), hostile, json!("[[[[")];
    let post = Post::with(&messages, &[found], |_| ());
    let (said, decisions) = post.attends();
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.talk);
    assert_eq!(of("unread", &decisions).len(), 3, "{}", said.out);
    assert_eq!(of("ignored", &decisions).len(), 1, "{}", said.out);
    let plain = |text: &str| text.chars().all(|c| c == '\n' || (c.is_ascii() && !c.is_ascii_control()));
    assert!(plain(&said.out), "{}", said.out);
    let kept = std::fs::read_dir(post.quell.state().join("autopilot/unread")).expect("a folder").count();
    assert_eq!(kept, 6, "each with its reason");
    let (again, decisions) = post.attends();
    assert_eq!((again.code, decisions.len()), (0, 0), "the queue is empty: {}", again.out);
}

#[test]
fn killed_at_any_moment_there_is_one_run() {
    let found = finding(FINDING);
    // At once, when the ledger knows it, when the run begins, and when it has sent something.
    type Reached = fn(&Path) -> bool;
    let moments: [(&str, Reached); 3] = [
        ("the ledger", |state| {
            std::fs::read(state.join("autopilot/ledger.jsonl")).is_ok_and(|bytes| !bytes.is_empty())
        }),
        ("a run", |state| runs_with(state, |_| true)),
        ("a call", |state| runs_with(state, |text| text.contains("\"intended\""))),
    ];
    for (moment, reached) in moments {
        let post = Post::with(&[event("e", &found), event("e", &found)], std::slice::from_ref(&found), |_| ());
        let mut child = post
            .command(&[])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("it starts");
        let state = post.quell.state();
        let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !reached(&state) {
            assert!(std::time::Instant::now() < until, "{moment} was never reached");
            std::thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("its end");
        let (said, decisions) = post.attends();
        assert_eq!(said.code, 0, "{moment}: {}\n{}", said.out, said.talk);
        assert_eq!(of("concluded", &decisions).len(), 1, "{moment}: {}", said.out);
        assert_eq!(post.runs().len(), 1, "{moment}");
        let puts = changes(&post).iter().filter(|call| call.contains("PutModelInvocationLogging")).count();
        assert!(puts >= 1, "{moment}: {:?}", changes(&post));
    }
}

fn runs_with(state: &Path, wanted: impl Fn(&str) -> bool) -> bool {
    let Ok(runs) = std::fs::read_dir(state.join("runs")) else { return false };
    runs.flatten().any(|run| {
        let text = std::fs::read_to_string(run.path().join("journal.jsonl")).unwrap_or_default();
        !text.is_empty() && wanted(&text)
    })
}

#[test]
fn what_is_wrong_on_the_command_line_is_told() {
    let quell = Quell::new();
    let said = quell.say(&["autopilot"]);
    assert_eq!(said.code, 64, "{}", said.talk);
    said.next();
    std::fs::create_dir_all(quell.home.path().join("config")).expect("a folder");
    std::fs::write(quell.home.path().join("config/autopilot.yaml"), "budgets: { principals: 1 }\n").expect("written");
    let mut command = quell.command(&["autopilot", "-"]);
    let said = Said::of(&command.env("QUELL_CONFIG_DIR", quell.home.path().join("config")).output().expect("it runs"));
    assert_eq!(said.code, 1, "{}", said.talk);
    assert!(said.talk.contains("less than `principals_per_account`"), "{}", said.talk);
    said.next();
}

#[test]
fn what_quell_does_itself_is_no_detection() {
    let post = Post::with(&[], &[], |_| ());
    let caller = "arn:aws:iam::111122223333:user/incident-responder";
    let by = |who: Value| {
        json!({
            "version": "0", "id": "e", "detail-type": "AWS API Call via CloudTrail", "source": "aws.bedrock",
            "account": "111122223333", "time": "2026-11-22T00:10:30Z", "region": "us-east-1", "resources": [],
            "detail": {
                "eventVersion": "1.11", "eventID": "0e8b1b5c-6c8e-4a8e-9d0e-3b1c1c1c1c1c", "eventName": "DeleteModelInvocationLoggingConfiguration",
                "eventSource": "bedrock.amazonaws.com", "eventTime": "2026-11-22T00:10:30Z", "awsRegion": "us-east-1",
                "recipientAccountId": "111122223333", "eventType": "AwsApiCall", "readOnly": false,
                "sourceIPAddress": "198.51.100.7", "userIdentity": who
            }
        })
    };
    let user = caller.rsplit('/').next().expect("a name");
    let own = json!({
        "type": "IAMUser", "arn": caller, "accountId": "111122223333", "userName": user, "principalId": "AIDAEXAMPLE",
        "accessKeyId": "AKIAIOSFODNN7EXAMPLE"
    });
    let event = post.quell.file("own.json", &by(own).to_string());
    let said = post.at(&["autopilot", "--once", &event]);
    let decisions = decisions(&said);
    assert_eq!((said.code, of("own", &decisions).len(), decisions.len()), (0, 1, 1), "{}\n{}", said.out, said.talk);
}

/// What an address answers, whole.
fn answered(address: &str, request: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn it_listens_reads_its_configuration_again_and_ends_in_good_order() {
    let found = finding(FINDING);
    let post = Post::with(&[], std::slice::from_ref(&found), |_| ());
    let mut command = post.quell.command_at(&post.range, &["autopilot", "--listen", "127.0.0.1:0"]);
    command.env("QUELL_CONFIG_DIR", post.quell.home.path().join("config"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut talk = BufReader::new(child.stderr.take().expect("its talk"));
    let mut lines = BufReader::new(child.stdout.take().expect("its decisions")).lines();
    let mut decided = |what: &str| {
        loop {
            let line = lines.next().expect("a decision").expect("UTF-8");
            let decision: Value = serde_json::from_str(&line).expect("JSON");
            if decision["decision"] == what {
                return decision;
            }
        }
    };
    let mut said = String::new();
    while !said.contains("/events") {
        assert_ne!(talk.read_line(&mut said).expect("UTF-8"), 0, "{said}");
    }
    let address = said.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address").to_owned();
    let body = event("e", &found).to_string();
    let head = format!("POST /events HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n", body.len());
    let answer = answered(&address, &(head + &body));
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    decided("opened");
    let get = |path: &str| answered(&address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n"));
    assert!(get("/healthz").starts_with("HTTP/1.1 200"));
    let metrics = get("/metrics");
    assert!(metrics.contains("quell_decisions_total{decision=\"opened\"} 1"), "{metrics}");
    let signal = |name: &str| {
        let sent = std::process::Command::new("sh").arg("-c").arg(format!("kill -{name} {}", child.id())).status();
        assert!(sent.expect("a shell").success(), "{name}");
    };
    post.set("budgets: { principals: many }\n");
    signal("HUP");
    let refused = decided("not-reloaded");
    assert!(refused["why"].as_str().is_some_and(|why| why.contains("autopilot.yaml")), "{refused}");
    post.set("budgets: { principals: 20 }\n");
    signal("HUP");
    decided("reloaded");
    assert_eq!(decided("concluded")["outcome"], "partly-contained");
    signal("TERM");
    assert_eq!(child.wait().expect("its end").code(), Some(0));
}

#[test]
fn a_forged_event_keeps_no_true_one_from_being_looked_at() {
    let found = finding(FINDING);
    let mut forged = finding("00000000000000000000000000000000");
    forged["service"]["count"] = json!(9);
    let messages = [event("forged", &forged), event("true", &found)];
    let post = Post::with(&messages, std::slice::from_ref(&found), |_| ());
    post.set("confirm_within_minutes: 0\n");
    let (said, decisions) = post.attends();
    let counts = ["opened", "joined", "unconfirmed", "confirmed"].map(|what| of(what, &decisions).len());
    assert_eq!((said.code, counts), (0, [2, 0, 1, 1]), "{}\n{}", said.out, said.talk);
    assert_eq!(post.runs().len(), 1);
}

#[test]
fn what_somebody_has_taken_back_is_not_done_again() {
    let found = finding(FINDING);
    let post = Post::with(&[event("e", &found)], std::slice::from_ref(&found), |_| ());
    let (_, first) = post.attends();
    let run = of("concluded", &first)[0]["run"].as_str().expect("a run").to_owned();
    let undone = post.at(&["undo", &run, "--yes"]);
    assert_eq!(undone.code, 0, "{}\n{}", undone.out, undone.talk);
    let resumed = post.at(&["resume", &run, "--yes"]);
    assert_eq!(resumed.code, 31, "{}\n{}", resumed.out, resumed.talk);
    assert!(resumed.talk.contains("was taken back by run"), "{}", resumed.talk);
    let status = post.at(&["status"]);
    assert!(!status.out.contains(&format!("quell resume {run}")), "{}", status.out);
}
