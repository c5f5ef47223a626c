//! What is said to stay possible after a containment, held against the world in which it took place: an intruder who holds a session
//! and every credential of whoever is contained can do nothing that is not listed, and everything that is listed can be done, until
//! it is said to end and no longer.
//!
//! The witness knows nothing of what is listed: the two are put side by side here, by names alone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use quell::actions::Access;
use quell::base::{EntityKind, Phase};
use quell::journal::Fold;
use quell::plan::Plan;
use quell::range::wire::{Answer, ApiCall, ServiceName, World as _};
use quell::range::{Actors, Attempt, Credentials, Holder, Moment, Range};
use quell::report::residuals;
use serde_json::{Value, json};

use crate::drill::{SEED, Variant, in_parallel, paused, rehearsals, scene, scratch};
use crate::extent::played;
use crate::stage::Stage;

/// How many runbooks stand for all where not all is played.
const SOME: usize = 5;
/// A role that lets everybody in, added to each account: what an intruder may have gone on to before it was contained.
const BEYOND: &str = "beyond";
const ACCOUNT: &str = "111122223333";
const HOUR: Duration = Duration::from_secs(3_600);
/// How long a change of IAM is on its way at most.
const ON_ITS_WAY: Duration = Duration::from_secs(5 * 60);
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

/// Kinds of which the range holds nothing that could be tried, and why.
const NOT_IN_THE_RANGE: &[(&str, &str)] = &[
    ("identity-center", "the range has no IAM Identity Center"),
    ("running-work", "agents and jobs of the range call nothing"),
    (
        "persistence",
        "what was made is found and ended by steps of its own, which tests of their own hold against the world",
    ),
    (
        "resource",
        "things are no access: what is left of them is in tests/it/what_is_left.rs; the test alias is tried here",
    ),
    ("again", "it hangs on policies of others, which are not contained"),
    ("anybody", "the same"),
    ("past", "it has happened"),
    ("not-ended", "the step did not come about, which tests/it/falling_short.rs holds against the world"),
];

/// What takes a principal as a whole, what its keys alone, and what new sessions alone.
const WHOLE: &[&str] = &[
    "iam.revoke-sessions",
    "iam.deny-everything",
    "iam.deny-ai-services",
    "iam.deny-from-outside",
    "iam.deny-session",
    "iam.deny-session-started-at",
    "iam.quarantine",
    "iam.delete-user",
    "iam.delete-role",
];
const KEYS: &str = "iam.deactivate-access-keys";
const TRUST: &str = "iam.lock-trust";

/// A principal that is contained, and what an intruder has of it from before.
struct Contained {
    user: bool,
    name: String,
    /// The actions about it.
    by: BTreeSet<String>,
    session: Option<Credentials>,
    /// One that was started right before the latest run.
    latest: Option<Credentials>,
    chained: Option<String>,
    /// Its credentials, and whom it admitted, when the plan was made.
    keys: Vec<String>,
    api_keys: Vec<String>,
    admitted: Vec<String>,
}

/// One way in, and the kinds of which one has to be listed while it is open.
struct Way {
    what: String,
    kinds: &'static [&'static str],
    /// The id by which it has to be listed; nothing where the kind says it all.
    by: Option<String>,
    open: bool,
}

impl Contained {
    fn arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT}:{}/{}", if self.user { "user" } else { "role" }, self.name)
    }

    fn is_called(&self, arn: &str) -> bool {
        arn.rsplit('/').next() == Some(self.name.as_str()) && self.user == arn.contains(":user/")
    }

    fn is_taken_by(&self, actions: &[&str]) -> bool {
        self.by.iter().any(|action| actions.contains(&action.as_str()))
    }

    /// Every way in that the steps about it have to do with.
    fn ways(&self, range: &Range) -> Vec<Way> {
        let mut ways = Vec::new();
        let mut way =
            |what: String, kinds, by: Option<&String>, open| ways.push(Way { what, kinds, by: by.cloned(), open });
        let sessions = self.is_taken_by(WHOLE) || self.is_taken_by(&[KEYS, TRUST]);
        if let Some(session) = self.session.as_ref().filter(|_| sessions) {
            let open = through(range, Holder::Key(&session.access_key), OUTSIDE);
            way("an earlier session".to_owned(), &["earlier-session", "later-session", "uncovered"], None, open);
        }
        if let Some(chained) = self.chained.as_ref().filter(|_| sessions) {
            let open = through(range, Holder::Key(chained), OUTSIDE);
            way(
                "a session of another role".to_owned(),
                &["chained-session", "earlier-session", "uncovered"],
                None,
                open,
            );
        }
        if self.is_taken_by(WHOLE) || self.is_taken_by(&[KEYS]) {
            for key in &self.keys {
                let open = through(range, Holder::Key(key), OUTSIDE);
                way(format!("key {key}"), &["long-term-key", "uncovered"], Some(key), open);
            }
        }
        if self.is_taken_by(WHOLE) {
            for id in &self.api_keys {
                let open = through(range, Holder::ApiKey { user: &self.name, id }, OUTSIDE);
                way(format!("API key {id}"), &["api-key", "uncovered"], Some(id), open);
            }
            let open = self.user && through(range, Holder::Password { user: &self.name }, OUTSIDE);
            way("the console password".to_owned(), &["password", "uncovered"], None, open);
        }
        if !self.user && (self.is_taken_by(WHOLE) || self.is_taken_by(&[TRUST])) {
            for who in &self.admitted {
                let open = attempts(OUTSIDE).iter().any(|one| range.may_take_on(who, &self.name, one));
                way(format!("{who}, who takes it on"), &["assume", "assume-by-service", "uncovered"], Some(who), open);
            }
        }
        ways
    }
}

/// Calls of which one is open as long as anything of consequence is.
fn attempts(from: IpAddr) -> Vec<Attempt<'static>> {
    let actions = ["bedrock:InvokeModel", "s3:GetObject", "iam:CreateUser", "sts:AssumeRole"];
    actions.into_iter().map(|action| Attempt { action, resource: "*", from }).collect()
}

fn through(range: &Range, holder: Holder<'_>, from: IpAddr) -> bool {
    attempts(from).iter().any(|one| range.gets_through(holder, one))
}

/// Takes on a role with somebody's credentials, for as long as the world gives it.
async fn take_on(range: &Range, with: &Credentials, role: &str) -> Option<String> {
    for hours in [12, 1] {
        let call = ApiCall {
            service: ServiceName::Sts,
            operation: "AssumeRole",
            region: "us-east-1".to_owned(),
            input: json!({ "RoleArn": format!("arn:aws:iam::{ACCOUNT}:role/{role}"), "RoleSessionName": "beyond",
                "DurationSeconds": hours * 3_600 }),
            access_key: Some(with.access_key.clone()),
            session_token: with.session_token.clone(),
            request_id: "chained".to_owned(),
            user_agent: "intruder".to_owned(),
            source_ip: OUTSIDE.to_string(),
        };
        if let Answer::Reply(reply) = range.answer(call).await.answer {
            return reply["Credentials"]["AccessKeyId"].as_str().map(str::to_owned);
        }
    }
    None
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![],
    }
}

/// Whom a trust policy speaks of.
fn admitted(trust: &Value) -> Vec<String> {
    let statements = match &trust["Statement"] {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    let allows = statements.iter().filter(|one| one["Effect"] == "Allow");
    allows
        .flat_map(|one| match &one["Principal"] {
            Value::Object(kinds) => kinds.values().flat_map(names).collect(),
            other => names(other),
        })
        .collect()
}

/// The ids of what is active.
fn active(of: &Value) -> Vec<String> {
    let all = of.as_object().into_iter().flatten();
    all.filter(|(_, one)| one["active"] == true).map(|(id, _)| id.clone()).collect()
}

/// The principals that a plan does something about, with all that an intruder may have of them.
async fn meet(stage: &Stage, plan: &Plan, known: &mut BTreeMap<(bool, String), Contained>) {
    let state = stage.range.state();
    for (_, action) in plan.actions().filter(|(_, action)| action.refusal().is_none()) {
        let root = action.target.entity.root();
        let user = match root.kind {
            EntityKind::User => true,
            EntityKind::Role => false,
            _ => continue,
        };
        let name = root.id().to_owned();
        let one = known.entry((user, name.clone())).or_insert_with(|| Contained {
            user,
            name: name.clone(),
            by: BTreeSet::new(),
            session: None,
            latest: None,
            chained: None,
            keys: active(&state["users"][&name]["keys"]),
            api_keys: active(&state["users"][&name]["service_credentials"]),
            admitted: if user { vec![] } else { admitted(&state["roles"][&name]["trust"]) },
        });
        one.by.insert(action.action.clone());
        let path = &state[if user { "users" } else { "roles" }][&name]["path"];
        let path = path.as_str().unwrap_or("/");
        let arn = format!("arn:aws:iam::{ACCOUNT}:{}{path}{name}", if user { "user" } else { "role" });
        one.latest = stage.range.hand_out(&arn, if user { 36 * HOUR } else { 12 * HOUR });
        if one.session.is_none() {
            one.session = one.latest.clone();
            if let Some(session) = one.session.clone() {
                one.chained = take_on(&stage.range, &session, BEYOND).await;
            }
        }
    }
}

/// What a run lists, as data.
fn listed(runs: &[(Plan, Fold)]) -> Vec<Value> {
    let all = residuals(runs.iter().map(|(plan, fold)| (plan, fold)));
    all.iter().map(|one| serde_json::to_value(one).expect("JSON")).collect()
}

fn is_of(line: &Value, one: &Contained) -> bool {
    let kind = if one.user { "user" } else { "role" };
    line["of"]["entity"]["kind"] == kind && line["of"]["entity"]["path"][0] == one.name.as_str()
}

fn kind(line: &Value) -> &str {
    line["kind"].as_str().expect("a kind")
}

/// What is open and not listed.
fn unlisted(range: &Range, contained: &BTreeMap<(bool, String), Contained>, lines: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    for one in contained.values() {
        let own: Vec<&Value> = lines.iter().filter(|line| is_of(line, one)).collect();
        let says = |way: &Way| {
            own.iter().any(|line| {
                let named =
                    way.by.as_ref().is_none_or(|id| kind(line) == "uncovered" || names(&line["by"]).contains(id));
                kind(line) == "not-ended" || (way.kinds.contains(&kind(line)) && named)
            })
        };
        let open = one.ways(range).into_iter().filter(|way| way.open && !says(way));
        wrong.extend(open.map(|way| format!("{} by {} is open and not listed", one.arn(), way.what)));
    }
    // What the adversary of the scenario holds of a principal that was contained is no other than what a stranger could hold.
    for (key, arn) in range.held_by_adversary().iter().filter(|(key, _)| through(range, Holder::Key(key), OUTSIDE)) {
        let of = contained.values().find(|one| one.is_called(arn));
        let Some(one) = of.filter(|one| one.is_taken_by(WHOLE)) else { continue };
        let kinds = ["long-term-key", "earlier-session", "later-session", "uncovered", "assume", "not-ended"];
        if !lines.iter().any(|line| is_of(line, one) && kinds.contains(&kind(line))) {
            wrong.push(format!("the adversary's {key} of {arn} is open and not listed"));
        }
    }
    wrong
}

/// Whether something that is listed can be done; nothing where the range holds nothing that could be tried.
fn can_be_done(range: &Range, one: &Contained, line: &Value, inside: IpAddr) -> Option<bool> {
    let by = names(&line["by"]);
    let session = |from| one.session.as_ref().is_some_and(|held| through(range, Holder::Key(&held.access_key), from));
    let anew = |from| {
        let new = range.hand_out(&one.arn(), HOUR);
        new.is_some_and(|new| through(range, Holder::Key(&new.access_key), from))
    };
    Some(match kind(line) {
        "long-term-key" => !by.is_empty() && by.iter().all(|key| through(range, Holder::Key(key), OUTSIDE)),
        "api-key" => by.first().is_some_and(|id| through(range, Holder::ApiKey { user: &one.name, id }, OUTSIDE)),
        "password" => through(range, Holder::Password { user: &one.name }, OUTSIDE),
        "earlier-session" => session(OUTSIDE),
        "later-session" => anew(OUTSIDE),
        "chained-session" => one.chained.as_ref().is_some_and(|key| through(range, Holder::Key(key), OUTSIDE)),
        "assume" | "assume-by-service" => {
            let calls = [attempts(OUTSIDE), attempts(inside)].concat();
            let takes = |who: &String| calls.iter().any(|call| range.may_take_on(who, &one.name, call));
            !by.is_empty() && by.iter().all(takes)
        }
        "uncovered" => session(inside) || anew(inside),
        other => {
            assert!(NOT_IN_THE_RANGE.iter().any(|(kind, _)| *kind == other), "nobody tries {other}: {line}");
            return None;
        }
    })
}

/// Whether the alias of an agent that is listed as open is not there.
fn is_gone(state: &Value, line: &Value) -> bool {
    let by = names(&line["by"]);
    let [agent, alias] = by.as_slice() else { return false };
    let mut agents = state["agents"].as_array().into_iter().flatten();
    kind(line) == "resource" && !agents.any(|one| one["id"] == agent.as_str() && one["aliases"][alias].is_object())
}

/// The range of a runbook's scenario, with the role that everybody can go on to.
fn stage(variant: &Variant) -> Stage {
    let (text, mut scenario) = scene(variant.name, variant.values);
    let everybody = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole" }] });
    let beyond = json!({ "name": BEYOND, "created_ago": "400d", "max_session": "12h", "trust": everybody });
    scenario.account.roles.push(serde_json::from_value(beyond).expect("a role"));
    Stage::with(&text, scenario, SEED)
}

/// Plays a runbook, and says what is not as it is listed.
async fn held_against_the_world(variant: &Variant) -> Vec<String> {
    let stage = stage(variant);
    let ranges = stage.scenario.parameters.get("ip_ranges");
    let inside = ranges.and_then(|ranges| ranges[0].as_str()?.split('/').next()?.parse().ok()).unwrap_or(OUTSIDE);
    let actors = Actors::start(&stage.range, &stage.scenario);
    let state_folder = scratch();
    let (mut runs, mut contained, mut wrong) = (Vec::new(), BTreeMap::new(), Vec::new());
    for (number, phase) in Phase::ALL.into_iter().enumerate() {
        let plan = stage.plan(phase).await;
        meet(&stage, &plan, &mut contained).await;
        let on_its_way = watch_the_way(&stage.range, &contained);
        let approved = stage.approve(plan.clone()).await;
        let end = stage.execute(&approved, &format!("0000000{number}"), state_folder.path(), |_| ()).await;
        stage.range.set_hook(|_| None);
        let own = listed(&[(plan.clone(), end.fold.clone())]);
        runs.push((plan, end.fold));
        let lines = listed(&runs);
        let told = |what: String| format!("{} {:?}, {phase}: {what}", variant.name, variant.values);
        wrong.extend(unlisted(&stage.range, &contained, &lines).into_iter().map(told));
        // A cut-off lies ahead of the step, and what a step gives back is on its way as well.
        stage.clock.sleep(ON_ITS_WAY).await;
        wrong.extend(unlisted(&stage.range, &contained, &lines).into_iter().map(told));
        let gone = lines.iter().filter(|line| is_gone(&stage.range.state(), line));
        wrong.extend(gone.map(|line| told(format!("listed and gone: {line}"))));
        for one in contained.values() {
            for line in lines.iter().filter(|line| is_of(line, one)).filter(|line| kind(line) != "propagation") {
                if can_be_done(&stage.range, one, line, inside) == Some(false) {
                    wrong.push(told(format!("listed and impossible: {line}")));
                }
            }
            let says = own.iter().any(|line| is_of(line, one) && kind(line) == "propagation");
            let seen = on_its_way.lock().expect("nobody panics with it").get(&one.name).copied();
            // What the range does not try, such as an SSH key, nobody can see on its way.
            if says && seen == Some(false) {
                wrong.push(told(format!("nothing of {} was open while the change was on its way", one.arn())));
            }
        }
    }
    // In the end nobody whom the adversary works as is left out.
    if variant.is_as_expected {
        let held = stage.range.held_by_adversary();
        let open = held.iter().filter(|(key, _)| through(&stage.range, Holder::Key(key), OUTSIDE));
        let strangers = open.filter(|(_, arn)| !contained.values().any(|one| one.is_called(arn)));
        wrong.extend(strangers.map(|(key, arn)| format!("{}: the adversary's {key} of {arn}", variant.name)));
    }
    actors.stop().await;
    wrong.extend(
        until_its_end(&stage, &contained, &listed(&runs))
            .await
            .into_iter()
            .map(|what| format!("{}: {what}", variant.name)),
    );
    wrong
}

type OnItsWay = Arc<Mutex<BTreeMap<String, bool>>>;

/// Watches whether anything is still open right after each change of IAM, by the name of whom it is about.
fn watch_the_way(range: &Range, contained: &BTreeMap<(bool, String), Contained>) -> OnItsWay {
    let seen = OnItsWay::default();
    let held: Vec<(String, Vec<String>, Vec<String>)> = contained
        .values()
        .map(|one| {
            let session = one.latest.iter().map(|session| session.access_key.clone());
            (one.name.clone(), session.chain(one.keys.clone()).collect(), one.admitted.clone())
        })
        .collect();
    let (range_of_hook, seen_by_hook) = (range.clone(), Arc::clone(&seen));
    range.set_hook(move |flight| {
        let input = &flight.call.input;
        let about = input.get("RoleName").or(input.get("UserName")).and_then(Value::as_str);
        let changes = crate::drill::changes(flight.call.operation) && flight.moment == Moment::AfterEffect;
        let of = held.iter().find(|(name, ..)| changes && about == Some(name.as_str()));
        if let Some((name, keys, admitted)) = of {
            let range = &range_of_hook;
            let open = keys.iter().any(|key| through(range, Holder::Key(key), OUTSIDE))
                || admitted.iter().any(|who| attempts(OUTSIDE).iter().any(|one| range.may_take_on(who, name, one)));
            *seen_by_hook.lock().expect("nobody panics with it").entry(name.clone()).or_default() |= open;
        }
        None
    });
    seen
}

/// Lets the time go by, and says what goes on for longer than it is said to.
async fn until_its_end(stage: &Stage, contained: &BTreeMap<(bool, String), Contained>, lines: &[Value]) -> Vec<String> {
    let mut ends: Vec<(jiff::Timestamp, &Contained, &Value)> = Vec::new();
    for line in lines.iter().filter(|line| line["until"]["ends"] == "at") {
        let moment = line["until"]["moment"].as_str().and_then(|moment| moment.parse().ok()).expect("a moment");
        ends.extend(contained.values().filter(|one| is_of(line, one)).map(|one| (moment, one, line)));
    }
    ends.sort_by_key(|(moment, ..)| *moment);
    let mut wrong = Vec::new();
    // What a session takes on at its very end lives longest.
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    let mut handed: Vec<(Duration, &Contained)> =
        contained.values().map(|one| (HOUR * if one.user { 36 } else { 12 }, one)).collect();
    handed.sort_by_key(|(lasts, _)| *lasts);
    let start = stage.scenario.start;
    for (lasts, one) in handed {
        let at = start + jiff::SignedDuration::try_from(lasts).expect("hours") - jiff::SignedDuration::from_mins(1);
        let ended_by_then = |moment: &jiff::Timestamp| *moment <= at;
        for (_, of, line) in ends.iter().filter(|(moment, ..)| ended_by_then(moment)) {
            wrong.extend(past_its_end(stage, of, line, None, at).await);
        }
        ends.retain(|(moment, ..)| !ended_by_then(moment));
        wait_until(stage, at).await;
        if let Some(session) =
            one.session.as_ref().filter(|held| through(&stage.range, Holder::Key(&held.access_key), OUTSIDE))
        {
            last.extend(take_on(&stage.range, session, BEYOND).await.map(|key| (one.arn(), key)));
        }
    }
    for (moment, of, line) in ends {
        wrong.extend(past_its_end(stage, of, line, last.get(&of.arn()), moment).await);
    }
    wrong
}

async fn wait_until(stage: &Stage, at: jiff::Timestamp) {
    let left = Duration::try_from(at.duration_since(stage.clock.now())).unwrap_or_default();
    stage.clock.sleep(left).await;
}

/// What is open one second after it is said to have ended.
async fn past_its_end(
    stage: &Stage,
    one: &Contained,
    line: &Value,
    last: Option<&String>,
    at: jiff::Timestamp,
) -> Option<String> {
    let moment: jiff::Timestamp =
        line["until"]["moment"].as_str().and_then(|text| text.parse().ok()).expect("a moment");
    wait_until(stage, moment.min(at) + jiff::SignedDuration::from_secs(1)).await;
    let session = one.session.as_ref().map(|held| held.access_key.as_str());
    let held: Vec<&str> = match kind(line) {
        "earlier-session" => session.into_iter().chain(last.map(String::as_str)).collect(),
        "chained-session" => one.chained.as_deref().into_iter().collect(),
        _ => vec![],
    };
    let open = held.iter().any(|key| through(&stage.range, Holder::Key(key), OUTSIDE));
    open.then(|| format!("open after its end: {line}"))
}

#[test]
fn nothing_is_possible_that_is_not_listed_and_all_that_is_listed_is() {
    let cases = played([rehearsals().collect()], SOME, SEED);
    in_parallel(cases, |variant| {
        let wrong = paused(held_against_the_world(variant));
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    });
}

/// The witness has eyes: what would not be listed is found, and what is listed of somebody else is no excuse.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_open_is_found() {
    let variant = Variant { name: "rogue-bedrock-agent", values: &[], is_as_expected: true };
    let stage = stage(&variant);
    let (mut contained, folder) = (BTreeMap::new(), scratch());
    let plan = stage.plan(Phase::Contain).await;
    meet(&stage, &plan, &mut contained).await;
    let approved = stage.approve(plan.clone()).await;
    let end = stage.execute(&approved, "00000001", folder.path(), |_| ()).await;
    stage.clock.sleep(ON_ITS_WAY).await;
    let lines = listed(&[(plan, end.fold)]);
    assert_eq!(unlisted(&stage.range, &contained, &lines), Vec::<String>::new());
    let found = unlisted(&stage.range, &contained, &[]).join("\n");
    for way in [
        "role/ml-pipeline by a session of another role is open and not listed",
        "role/ml-pipeline by ecs-tasks.amazonaws.com, who takes it on is open and not listed",
        "user/ci-deploy by a session of another role is open and not listed",
    ] {
        assert!(found.contains(way), "{way}: {found}");
    }
    let of_the_role: Vec<Value> =
        lines.into_iter().filter(|line| line["of"]["entity"]["path"][0] == "ml-pipeline").collect();
    let found = unlisted(&stage.range, &contained, &of_the_role).join("\n");
    assert!(!found.contains("ml-pipeline") && found.contains("user/ci-deploy"), "{found}");
}

/// No reason is for a kind that does not exist.
#[test]
fn every_excuse_is_for_a_kind_that_there_is() {
    for (kind, why) in NOT_IN_THE_RANGE {
        let known = serde_json::from_value::<Access>(json!(kind));
        assert!(known.is_ok() && !why.is_empty(), "{kind}");
    }
}
