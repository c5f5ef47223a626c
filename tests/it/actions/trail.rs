//! What CloudTrail tells: who has undone a step, what somebody did, which sessions came of a key.

use std::time::Duration;

use quell::actions::{Answered, Look, answered, registry};
use quell::aws::Place;
use quell::base::{Partition, Region};
use quell::journal::{StepState, Undone};
use quell::plan::PlannedWork;
use serde_json::{Value, json};

use super::{Bench, OTHERS_KEY, ROLE, Ran, scenario, set};

const MALLORY: &str = "arn:aws:iam::111122223333:user/mallory";

/// A run that somebody takes the deny away from once, after everything but the last look, in an account with these knobs.
async fn undone_once(change: impl FnOnce(&mut Value)) -> (Bench, Ran) {
    undone_after(9, change).await
}

/// The same, so many seconds after the plan was made.
async fn undone_after(seconds: u64, change: impl FnOnce(&mut Value)) -> (Bench, Ran) {
    let mut account = scenario();
    change(&mut account);
    let bench = Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account, 1);
    let other = bench.other();
    let plan = bench.plan().await;
    let adversary = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let policy = "QuellRevokeOlderSessions-INC-4711";
        // Another policy of the same role is not what was undone.
        other.iam("DeleteRolePolicy", json!({ "RoleName": "ml-pipeline", "PolicyName": policy })).await;
        other.iam("DeleteRolePolicy", json!({ "RoleName": "ml-pipeline", "PolicyName": "pipeline" })).await;
    });
    let ran = bench.run(plan).await;
    adversary.await.expect("the adversary");
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    (bench, ran)
}

fn undone(ran: &Ran) -> &Undone {
    let [undone] = ran.step().undone.as_slice() else { panic!("once: {:?}", ran.step().undone) };
    undone
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn whoever_undoes_a_step_is_named() {
    let (bench, ran) = undone_once(|account| set(account, "/knobs/trail_delay", json!("0s"))).await;
    let undone = undone(&ran);
    assert_eq!(undone.who.as_deref(), Some(MALLORY));
    let how = undone.how.as_deref().unwrap_or_default();
    assert!(how.starts_with("DeleteRolePolicy at ") && how.contains(OTHERS_KEY), "{how}");
    let trail = bench.stage.range.trail();
    let event = trail.iter().find(|event| how.ends_with(&format!("CloudTrail event {}", event.event_id)));
    let policy = event.map(|event| event.request_parameters["policyName"].clone());
    assert_eq!(policy, Some(json!("QuellRevokeOlderSessions-INC-4711")));
}

/// What is gone within the first seconds may be undone or late: it is sent again at once, and at the end CloudTrail tells which.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn whoever_undoes_a_step_within_seconds_is_named_as_well() {
    for (delay, named) in [("0s", true), ("300s", false)] {
        let (_, ran) = undone_after(3, |account| {
            set(account, "/knobs/trail_delay", json!(delay));
            set(account, "/knobs/iam_propagation", json!("1s"));
        })
        .await;
        let undone = undone(&ran);
        assert_eq!((undone.who.as_deref() == Some(MALLORY), undone.suspected), (named, !named), "{delay}: {undone:?}");
        let how = undone.how.as_deref().unwrap_or_default();
        assert!(how.starts_with(if named { "DeleteRolePolicy at " } else { "not known yet: " }), "{how}");
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_cloudtrail_does_not_tell_yet_is_said() {
    let (_, ran) = undone_once(|account| set(account, "/knobs/trail_delay", json!("300s"))).await;
    let undone = undone(&ran);
    assert_eq!(undone.who, None);
    let how = undone.how.as_deref().unwrap_or_default();
    assert!(how.starts_with("not known yet: CloudTrail is complete until about 2026-11-22T02:4"), "{how}");
    assert!(how.contains("aws cloudtrail lookup-events --region us-east-1 --start-time 2026-11-22T03:0"), "{how}");
}

/// The run does all that it would do, and says what it was not allowed to find out.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_missing_permission_is_said_and_changes_nothing_else() {
    let refused = json!([{ "operation": "LookupEvents", "kind": "access_denied", "repeat": "persistent" }]);
    let (_, ran) = undone_once(|account| set(account, "/faults", refused)).await;
    let undone = undone(&ran);
    assert_eq!(undone.who, None);
    let how = undone.how.as_deref().unwrap_or_default();
    assert!(how.starts_with("not known: cloudtrail:LookupEvents: AccessDenied"), "{how}");
}

/// Who waits in vain for CloudTrail ends all the same.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn cloudtrail_that_does_not_answer_holds_nothing_up() {
    let silent = json!([{ "operation": "LookupEvents", "kind": "timeout_before", "repeat": "persistent" }]);
    let (bench, ran) = undone_once(|account| set(account, "/faults", silent)).await;
    let how = undone(&ran).how.clone().unwrap_or_default();
    assert!(how.starts_with("not known: "), "{how}");
    let took = bench.stage.clock.now().duration_since(ran.plan.made);
    assert!(took.as_secs() < 90, "{took}");
}

/// What a query answers in an account.
pub(super) async fn ask(bench: &Bench, query: &str, region: Option<&str>, with: Value) -> Answered {
    let query = registry().query(query).expect("a query");
    let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
    let to = quell::actions::Assignment { incident: "INC-4711".parse().expect("an incident"), place };
    let region = region.map(|region| Region::new(region).expect("a Region"));
    let input = query.decode(&with).expect("an input");
    let reader = bench.stage.planning();
    answered(query, &to, Look::new(&reader), region.as_ref(), &input).await.expect("an answer")
}

fn bench(past: Value) -> Bench {
    let mut account = scenario();
    set(&mut account, "/knobs/trail_delay", json!("0s"));
    set(&mut account, "/knobs/page_size", json!(2));
    set(&mut account, "/account/past", past);
    Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account, 1)
}

fn column(answer: &Answered, member: &str) -> Vec<String> {
    answer.items.iter().map(|item| item[member].as_str().unwrap_or("-").to_owned()).collect()
}

/// A call of the past that started a session.
fn assumed(ago: &str, region: &str, by: &str, key: &str, role: &str, made: &str) -> Value {
    json!({
        "ago": ago, "source": "sts.amazonaws.com", "call": "AssumeRole", "region": region, "by": by, "key": key,
        "reads": true,
        "request": { "roleArn": format!("arn:aws:iam::111122223333:role/{role}"), "roleSessionName": "cli" },
        "reply": {
            "credentials": { "accessKeyId": made },
            "assumedRoleUser": { "arn": format!("arn:aws:sts::111122223333:assumed-role/{role}/cli") },
        },
    })
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_somebody_did_is_found_by_key_session_role_and_user() {
    let session = "arn:aws:sts::111122223333:assumed-role/ml-pipeline/task-1";
    let did = |ago: &str, call: &str, by: &str, key: &str, region: &str| {
        json!({ "ago": ago, "source": "bedrock.amazonaws.com", "call": call, "by": by, "key": key, "region": region,
                "request": { "agentId": "RESEARCH01" } })
    };
    let mut refused = did("50m", "DeleteAgent", session, "ASIARTX3GSDSTASK0001", "us-east-1");
    refused["error"] = json!("AccessDeniedException");
    let mut read = did("45m", "GetAgent", session, "ASIARTX3GSDSTASK0001", "us-east-1");
    read["reads"] = json!(true);
    let bench = bench(json!([
        did("60m", "CreateAgent", session, "ASIARTX3GSDSTASK0001", "us-east-1"),
        did("55m", "CreateAgent", session, "ASIARTX3GSDSTASK0001", "eu-west-1"),
        refused,
        read,
        did("40m", "UpdateAgent", MALLORY, OTHERS_KEY, "us-east-1"),
        did("30m", "DeleteAgentAlias", session, "ASIARTX3GSDSTASK0001", "us-east-1"),
        did("26h", "CreateAgent", session, "ASIARTX3GSDSTASK0001", "us-east-1"),
    ]));
    bench.other().iam("CreateUser", json!({ "UserName": "backdoor" })).await;
    let since = "2026-11-22T00:00:00Z";
    let created_by = async |by: &str, region: &str| {
        let answer = ask(&bench, "cloudtrail.created-by", Some(region), json!({ "by": by, "since": since })).await;
        assert_eq!(answer.truncated, None);
        (column(&answer, "name"), column(&answer, "deed"))
    };
    for by in ["ASIARTX3GSDSTASK0001", session, ROLE] {
        let (names, deeds) = created_by(by, "us-east-1").await;
        assert_eq!(
            (names.join(" "), deeds.join(" ")),
            ("CreateAgent DeleteAgentAlias".into(), "created deleted".into())
        );
        assert_eq!(created_by(by, "eu-west-1").await.0, ["CreateAgent"], "{by}");
    }
    for by in [OTHERS_KEY, MALLORY] {
        assert_eq!(created_by(by, "us-east-1").await.0, ["UpdateAgent", "CreateUser"], "{by}");
        assert_eq!(created_by(by, "eu-west-1").await.0, [""; 0], "IAM is in the global Region alone");
    }
    let with = json!({ "by": MALLORY, "since": since, "source": "iam.amazonaws.com" });
    let answer = ask(&bench, "cloudtrail.created-by", Some("us-east-1"), with).await;
    assert_eq!(column(&answer, "name"), ["CreateUser"]);
    let about: Vec<&str> =
        answer.items[0]["about"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert!(about.contains(&"backdoor"), "{about:?}");
    assert_eq!(answer.items[0]["at"].as_str().map(str::len), Some("2026-11-22T03:00:00Z".len()));
}

/// A list that may be longer than what was read says so, and nothing is done on it.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_list_that_does_not_end_is_not_taken_for_whole() {
    let one = json!({ "ago": "1h", "source": "bedrock.amazonaws.com", "call": "CreateAgent", "by": MALLORY });
    let bench = bench(json!(vec![one; 401]));
    let with = json!({ "by": MALLORY, "since": "2026-11-22T00:00:00Z" });
    let answer = ask(&bench, "cloudtrail.created-by", Some("us-east-1"), with).await;
    assert!(answer.truncated.is_some_and(|why| why.contains("ask for a shorter time")));
    assert_eq!(answer.items.len(), 400);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn sessions_are_followed_through_chains_regions_and_circles() {
    let of = |role: &str| format!("arn:aws:sts::111122223333:assumed-role/{role}/cli");
    let (first, second, third) = ("ASIARTX3GSDSCHAIN001", "ASIARTX3GSDSCHAIN002", "ASIARTX3GSDSCHAIN003");
    let bench = bench(json!([
        assumed("90m", "us-east-1", MALLORY, OTHERS_KEY, "a", first),
        assumed("80m", "eu-west-1", &of("a"), first, "b", second),
        assumed("70m", "us-east-1", &of("b"), second, "a", third),
        // A circle, and somebody else.
        assumed("60m", "us-east-1", &of("a"), third, "b", second),
        assumed(
            "65m",
            "us-east-1",
            "arn:aws:iam::111122223333:user/ci-deploy",
            "AKIARTX3GSDSQCIDEPLO",
            "a",
            "ASIARTX3GSDSCHAIN009"
        ),
    ]));
    let since = "2026-11-22T00:00:00Z";
    let sessions_of = async |of: &str| {
        let answer = ask(&bench, "iam.sessions-of", None, json!({ "of": of, "since": since })).await;
        assert_eq!(answer.truncated, None, "{of}");
        answer
    };
    for of in [OTHERS_KEY, MALLORY] {
        let answer = sessions_of(of).await;
        assert_eq!(column(&answer, "key"), [first, second, third], "{of}");
        assert_eq!(column(&answer, "from"), [OTHERS_KEY, first, second]);
        let depths: Vec<_> = answer.items.iter().map(|item| item["depth"].clone()).collect();
        assert_eq!(depths, [json!(1), json!(2), json!(3)]);
        assert_eq!(answer.items[1]["expires_at"], "2026-11-22T02:40:00Z");
        assert_eq!(answer.items[1]["region"], "eu-west-1");
    }
    assert_eq!(column(&sessions_of(second).await, "key"), [third, second]);
    let role = sessions_of("arn:aws:iam::111122223333:role/a").await;
    assert_eq!(column(&role, "key"), [first, second, third, "ASIARTX3GSDSCHAIN009"]);
}

/// What the range itself records of a session that was started there is enough to follow it.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_session_that_was_just_started_is_found() {
    let bench = bench(json!([]));
    let reply = bench.other().sts("AssumeRole", json!({ "RoleArn": ROLE, "RoleSessionName": "cli" })).await;
    let with = json!({ "of": OTHERS_KEY, "since": "2026-11-22T02:00:00Z", "regions": ["us-east-1"] });
    let answer = ask(&bench, "iam.sessions-of", None, with).await;
    assert_eq!(json!(column(&answer, "key")), json!([reply["Credentials"]["AccessKeyId"]]));
    assert_eq!(column(&answer, "arn"), ["arn:aws:sts::111122223333:assumed-role/ml-pipeline/cli"]);
}

/// A Region that does not let us look may hide a session: the list is then no ground to act on.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_region_that_was_not_read_is_said() {
    let mut account = scenario();
    let refuses =
        json!({ "operation": "LookupEvents", "region": "eu-west-1", "kind": "access_denied", "repeat": "persistent" });
    set(&mut account, "/faults", json!([refuses]));
    let bench = Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account, 1);
    let with = json!({ "of": OTHERS_KEY, "since": "2026-11-22T02:00:00Z" });
    let answer = ask(&bench, "iam.sessions-of", None, with).await;
    assert!(answer.truncated.is_some_and(|why| why.starts_with("eu-west-1 was not read (AccessDenied")));
}

/// The agents of the account by their makers, in an account with this delay and these faults. One was made by a session of
/// the role, one by the user, one just now by the user, and of the rest CloudTrail knows nothing.
async fn agents_by(with: Value, delay: &str, faults: Value) -> Answered {
    let mut account = scenario();
    set(&mut account, "/knobs/trail_delay", json!(delay));
    set(&mut account, "/faults", faults);
    let agent = |name: &str, ago: &str, by: Value| json!({ "name": name, "region": "us-east-1", "role": "ml-pipeline", "created_ago": ago, "created_by": by });
    let session = "arn:aws:sts::111122223333:assumed-role/ml-pipeline/task-1";
    let agents = account["account"]["agents"].as_array_mut().expect("agents");
    agents.clear();
    agents.extend([
        agent("rogue", "2h", json!(session)),
        agent("shop", "3h", json!(MALLORY)),
        agent("late", "2m", json!(MALLORY)),
        agent("nobody", "4h", Value::Null),
        agent("ancient", "100d", json!(session)),
    ]);
    let bench = Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account, 1);
    let query = registry().query("bedrock.agents").expect("a query");
    let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
    let to = quell::actions::Assignment { incident: "INC-4711".parse().expect("an incident"), place };
    let region = Region::new("us-east-1").expect("a Region");
    let input = query.decode(&with).expect("an input");
    let reader = bench.stage.planning();
    answered(query, &to, Look::new(&reader), Some(&region), &input).await.expect("an answer")
}

/// Each item with its maker and whether it counts as theirs.
fn makers(found: &Answered) -> Vec<String> {
    let text = |item: &Value, member: &str| item[member].as_str().unwrap_or("-").to_owned();
    let line = |item: &Value| format!("{} {} {}", text(item, "name"), text(item, "created_by"), item["theirs"]);
    let mut lines: Vec<String> = found.items.iter().map(line).collect();
    lines.sort();
    lines
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_others_made_is_left_alone_and_what_nobody_is_known_to_have_made_is_told() {
    let session = "arn:aws:sts::111122223333:assumed-role/ml-pipeline/task-1";
    for by in [ROLE, "ml-pipeline", "arn:aws:sts::111122223333:assumed-role/ml-pipeline/other"] {
        let found = agents_by(json!({ "created_by": [by] }), "300s", json!([])).await;
        let told = makers(&found);
        let wanted = ["ancient not known false", "late not known false", "nobody not known false"];
        assert_eq!(told, [&wanted[..], &[&format!("rogue {session} true")[..]]].concat(), "{by}");
        let alone: Vec<(&str, &str)> =
            found.makers.left_alone.iter().map(|one| (&one.what[..4], one.by.as_str())).collect();
        assert_eq!(alone, [("shop", MALLORY)], "{by}");
        let whys: Vec<&str> = found.makers.not_known.iter().map(|one| one.why.as_str()).collect();
        assert!(
            whys.contains(&"CloudTrail remembers 90 days") && whys.contains(&"CloudTrail has no record of it"),
            "{whys:?}"
        );
        assert!(whys.contains(&"CloudTrail tells what is so new only minutes later"), "{whys:?}");
        assert_eq!((found.makers.not_read, found.keys.len()), (None, 4), "{by}");
    }
    let both = agents_by(json!({ "created_by": [ROLE, MALLORY], "even_if_unknown": true }), "0s", json!([])).await;
    assert!(makers(&both).iter().all(|line| line.ends_with(" true")) && both.items.len() == 5, "{:?}", makers(&both));
    let all = agents_by(json!({}), "0s", json!([])).await;
    assert!(makers(&all).iter().all(|line| line.ends_with(" - true")) && all.items.len() == 5, "{:?}", makers(&all));
    assert!(all.makers.is_empty());
}

/// What is found is contained whether CloudTrail answers or not, and soon.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_cloudtrail_that_refuses_or_is_slow_hides_nothing() {
    for kind in ["access_denied", "throttle", "timeout_before"] {
        let faults = json!([{ "operation": "LookupEvents", "kind": kind, "repeat": "persistent" }]);
        let started = tokio::time::Instant::now();
        let found = agents_by(json!({ "created_by": [ROLE] }), "0s", faults).await;
        assert_eq!((found.items.len(), found.truncated), (5, None), "{kind}");
        assert!(found.items.iter().all(|item| item["created_by"] == "not known" && item["theirs"] == false), "{kind}");
        assert!(found.makers.left_alone.is_empty() && found.makers.not_read.is_some(), "{kind}");
        assert!(started.elapsed() < Duration::from_secs(20), "{kind}: {:?}", started.elapsed());
    }
}

/// A runbook that does not ask who made what it deletes deletes nothing of which that is not known, unless it says so.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_nobody_is_known_to_have_made_is_not_destroyed() {
    let hasty = |even_if_unknown: bool| {
        format!(
            "quell: 1\nname: hasty\ntitle: Delete agents\nsteps:\n  - id: rogue\n    phase: eradicate\n    query: bedrock.agents\n    \
             regions: enabled\n    with: {{ created_by: [ml-pipeline], even_if_unknown: {even_if_unknown} }}\n  - id: sure\n    \
             phase: eradicate\n    gate: confirm\n    message: \"Delete ${{{{ steps.rogue.items }}}}?\"\n  - id: delete\n    \
             phase: eradicate\n    action: bedrock.delete-agent\n    for_each: \"${{{{ steps.rogue.items }}}}\"\n    \
             with: {{ agent: \"${{{{ item }}}}\" }}\n    needs: [sure]\n"
        )
    };
    for even_if_unknown in [false, true] {
        let stage = crate::stage::Stage::open(&hasty(even_if_unknown), &scenario().to_string(), 1);
        let plan = stage.plan(quell::base::Phase::Eradicate).await;
        let told: Vec<&PlannedWork> = plan.steps.iter().map(|step| &step.work).collect();
        let [PlannedWork::Gate { message, .. }, delete] = told[..] else { panic!("two steps: {told:?}") };
        assert_eq!(message, "Delete market-research (RESEARCH01, us-east-1), maker not known?");
        match delete {
            PlannedWork::Refused { why } if !even_if_unknown => {
                assert!(
                    why.starts_with("nobody is known to have made market-research (RESEARCH01, us-east-1)"),
                    "{why}"
                );
            }
            PlannedWork::Action(action) if even_if_unknown => assert!(action.calls().next().is_some()),
            other => panic!("{even_if_unknown}: {other:?}"),
        }
    }
}
