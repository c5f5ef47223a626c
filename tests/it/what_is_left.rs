//! What the account holds when a shipped runbook is done, where the judge of capabilities has no eye for it.

use quell::base::Effect;
use quell::range::{Actors, Scenario};
use quell::runbook::find;
use serde_json::Value;

use crate::containment::play;
use crate::drill::scenario_of;
use crate::stage::Stage;

/// The account after all phases of a runbook in its scenario.
async fn played(runbook: &str) -> Value {
    played_with(runbook, "").await
}

/// The same, with more lines in the scenario.
async fn played_with(runbook: &str, lines: &str) -> Value {
    let text = find(runbook).expect("a shipped runbook").text().to_owned();
    let scenario = Scenario::parse(&(scenario_of(&text) + lines)).expect("a scenario");
    let stage = Stage::with(&text, scenario, 7);
    let actors = Actors::start(&stage.range, &stage.scenario);
    let (outcomes, _) = play(&stage).await;
    actors.stop().await;
    assert_eq!(outcomes.len(), 3, "all phases are played");
    stage.range.state()
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn every_region_logs_as_it_did_and_no_other() {
    let state = played("invocation-logging-off").await;
    let logs = state["invocation_logging"].as_object().expect("logs");
    assert_eq!(logs.keys().collect::<Vec<_>>(), ["eu-west-1", "us-east-1"]);
    for (region, log) in logs {
        assert_eq!(log["s3Config"]["bucketName"], "invocation-logs", "{region}");
        assert_eq!(log["cloudWatchConfig"]["logGroupName"], "/bedrock/invocations", "{region}");
    }
    let jobs = state["model_things"].as_array().expect("jobs");
    let status = |name: &str| &jobs.iter().find(|job| job["name"] == name).expect("a job")["status"];
    assert_eq!(status("batch-1"), "Stopped");
    for others in ["nightly-scores", "evening-report"] {
        assert_eq!(status(others), "InProgress", "{others}");
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_poison_is_gone_and_the_rest_stays() {
    let state = played("poisoned-knowledge-base").await;
    let bases = state["knowledge_bases"].as_array().expect("knowledge bases");
    assert_eq!(bases.iter().map(|base| &base["id"]).collect::<Vec<_>>(), ["HANDBOOK01", "RETURNS001"]);
    let job = bases[1]["sources"]["FORMS00001"]["jobs"].as_object().and_then(|jobs| jobs.values().next());
    assert_eq!(
        job.map(|job| &job["status"]),
        Some(&Value::from("IN_PROGRESS")),
        "a sync of the shop's own people goes on"
    );
    let sources = bases[0]["sources"].as_object().expect("data sources");
    let mut ids: Vec<&String> = sources.keys().collect();
    ids.sort();
    assert_eq!(ids, ["DELIVERY01", "NOTES00001", "PAGES00001"]);
    let documents = sources["NOTES00001"]["documents"].as_object().expect("documents");
    let ids = documents.values().map(|document| document["identifier"]["custom"]["id"].as_str().unwrap_or_default());
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    assert_eq!(ids, ["opening-hours", "refund-policy"]);
    let pages = sources["PAGES00001"]["documents"].as_object().expect("documents");
    assert!(
        pages.values().all(|page| !page["identifier"].to_string().contains("refunds-new")) && pages.len() == 2,
        "{pages:?}"
    );
    // Nothing goes on answering that came through a data source that is gone.
    assert_eq!(bases[0]["left_in_store"], Value::Array(vec![]));
    for (id, source) in sources {
        assert_eq!(source["config"]["dataDeletionPolicy"], "RETAIN", "{id}");
        for job in source["jobs"].as_object().expect("syncs").values() {
            assert!(["STOPPED", "COMPLETE"].contains(&job["status"].as_str().unwrap_or_default()), "{id}: {job}");
        }
    }
}

/// What an intruder left in IAM to come back by is gone or shut, in each runbook that looks for it; what is the account's own stays.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_ways_back_are_gone_and_the_rest_stays() {
    let names = |state: &Value, kind: &str| -> Vec<String> {
        state[kind].as_object().expect("things by name").keys().cloned().collect()
    };
    let is_locked = |state: &Value, role: &str| state["roles"][role]["trust"].to_string().contains("QuellTrustLock");
    // What a user of the account can sign in with that is not its own: switched off where that can be put back, gone where not.
    let is_shut = |state: &Value, user: &str| {
        let user = &state["users"][user];
        for kind in ["ssh_keys", "certificates", "service_credentials"] {
            let all = user[kind].as_object().expect("credentials by id");
            assert!(!all.is_empty() && all.values().all(|one| one["active"] == false), "{kind} of {user}");
        }
        assert_eq!(
            (&user["console_password"], &user["mfa_devices"]),
            (&false.into(), &serde_json::json!({})),
            "{user}"
        );
    };
    let policies = |state: &Value| -> Vec<(String, u64)> {
        let all = state["policies"].as_object().expect("policies by ARN").iter();
        let version = |policy: &Value| policy["default_version"].as_u64().expect("a version");
        let named = all.filter_map(|(arn, policy)| {
            Some((arn.strip_prefix("arn:aws:iam::111122223333:policy/")?.to_owned(), version(policy)))
        });
        named.filter(|(name, _)| !name.starts_with("quell/")).collect()
    };
    let are = |policies: &[(&str, u64)]| {
        policies.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect::<Vec<_>>()
    };

    let state = played("compromised-iam-user").await;
    assert_eq!(names(&state, "users"), ["auditor", "build-desk", "incident-responder", "legacy-bot", "report-bot"]);
    is_shut(&state, "build-desk");
    assert_eq!(policies(&state), are(&[("builds", 1), ("exports", 2)]));
    let api_keys = state["users"]["report-bot"]["service_credentials"].as_object().expect("API keys");
    assert!(api_keys.len() == 1 && api_keys.values().all(|key| key["active"] == false), "{api_keys:?}");
    assert_eq!(names(&state, "roles"), ["deploy", "exports", "on-call", "report-reader", "reports"]);
    let says = &state["roles"]["reports"]["permissions"]["inline"]["workload"];
    assert!(says.to_string().contains("bedrock:GetAgent"), "what the user worked for goes on with this: {says}");
    assert!(is_locked(&state, "deploy") && !is_locked(&state, "on-call"), "what is ours stays as it is");
    assert_eq!(state["users"]["legacy-bot"]["keys"].as_object().expect("keys").len(), 1);
    assert_eq!(state["users"]["legacy-bot"]["keys"]["AKIARTX3GSDSLEGACY01"]["active"], true);

    let state = played("compromised-role-sessions").await;
    assert_eq!(names(&state, "users"), ["incident-responder", "invoice-bot", "ledger", "mail-bot"]);
    let keys: Vec<&String> = state["users"]["invoice-bot"]["keys"].as_object().expect("keys").keys().collect();
    assert_eq!(keys, ["AKIARTX3GSDSINVOIC01"]);
    assert!(is_locked(&state, "nightly") && is_locked(&state, "web-task") && !is_locked(&state, "chat-app"));
    is_shut(&state, "mail-bot");
    assert_eq!(names(&state, "roles"), ["chat-app", "exports", "nightly", "web-task"]);
    assert_eq!(policies(&state), are(&[("exports", 2), ("nightly", 1)]));

    let state = played("llmjacking").await;
    assert_eq!(
        names(&state, "users"),
        ["BedrockAPIKey-m4q9", "auditor", "catalogue-bot", "incident-responder", "shelf-desk", "translator"]
    );
    is_shut(&state, "shelf-desk");
    assert_eq!(names(&state, "roles"), ["data-team", "reviews", "shelf-labels", "shop-agent"]);
    assert!(is_locked(&state, "shelf-labels"));
    assert_eq!(policies(&state), are(&[("catalogue-read", 1), ("reviews", 2)]));
    let keys = state["users"]["catalogue-bot"]["keys"].as_object().expect("keys");
    assert_eq!(keys.keys().collect::<Vec<_>>(), ["AKIARTX3GSDSCATALG01"]);

    let state = played("root-credentials").await;
    assert_eq!(names(&state, "users"), ["auditor", "incident-responder", "new-hire", "till-desk"]);
    is_shut(&state, "till-desk");
    let keys = state["users"]["till-desk"]["keys"].as_object().expect("keys");
    assert_eq!(keys.keys().collect::<Vec<_>>(), ["AKIARTX3GSDSTILLSS01"]);
    assert_eq!(policies(&state), are(&[("first-day", 2), ("tills", 1)]));
    assert_eq!(names(&state, "roles"), ["first-day", "releases"]);
    assert!(is_locked(&state, "releases"));
}

/// A colleague has made a role, a key and a version of a policy in the same hours: CloudTrail tells by whom, and they are as they were.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_a_colleague_made_in_iam_in_the_same_hours_is_left_alone() {
    for (runbook, role, policy, user, key) in [
        ("compromised-iam-user", "exports", "exports", "auditor", "AKIARTX3GSDSAUDITR02"),
        ("compromised-role-sessions", "exports", "exports", "ledger", "AKIARTX3GSDSLEDGER02"),
        ("llmjacking", "reviews", "reviews", "BedrockAPIKey-m4q9", "AKIARTX3GSDSDATATM01"),
        ("root-credentials", "first-day", "first-day", "new-hire", "AKIARTX3GSDSNEWHIR01"),
    ] {
        let state = played(runbook).await;
        let role = &state["roles"][role];
        let is_free = |of: &Value| !of.to_string().contains("Quell") && of.is_object();
        assert!(is_free(role), "{runbook}: {role}");
        let user = &state["users"][user];
        assert!(is_free(user) && user["keys"][key]["active"] == true, "{runbook}: {user}");
        let policy = &state["policies"][format!("arn:aws:iam::111122223333:policy/{policy}")];
        assert_eq!(policy["default_version"], 2, "{runbook}: {policy}");
    }
}

/// CloudTrail tells of what quell itself has done before the next phase looks: a policy that was put back is nobody's way back.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_quell_put_back_stays_so_where_cloudtrail_tells_it_at_once() {
    let state = played_with("llmjacking", "\nknobs: { trail_delay: 0s }\n").await;
    let default =
        |policy: &str| &state["policies"][format!("arn:aws:iam::111122223333:policy/{policy}")]["default_version"];
    assert_eq!((default("catalogue-read"), default("reviews")), (&Value::from(1), &Value::from(2)));
    let roles: Vec<&String> = state["roles"].as_object().expect("roles").keys().collect();
    assert_eq!(roles, ["data-team", "reviews", "shelf-labels", "shop-agent"]);
}

fn named<'a>(list: &'a Value, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|one| one["name"] == name || one["config"]["displayName"] == name)
}

/// Made in the same hours by somebody else, it is as it was; what the intruder made is gone.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_others_made_in_the_same_hours_is_left_alone() {
    let state = played("rogue-bedrock-agent").await;
    let agents = &state["agents"];
    let theirs = named(agents, "order-status").expect("the shop's agent");
    for alias in theirs["aliases"].as_object().expect("aliases").values() {
        assert_eq!(alias["invocations"], "ACCEPT_INVOCATIONS", "{alias}");
    }
    for rogue in ["market-research", "summary-helper", "translate-fast"] {
        assert!(named(agents, rogue).is_none(), "{rogue}");
    }
    // It came too late for CloudTrail to tell by whom: contained, and there still.
    let late = named(agents, "helper-two").expect("nobody is known to have made it");
    let aliases = late["aliases"].as_object().expect("aliases").iter();
    for (id, alias) in aliases.filter(|(id, _)| *id != "TSTALIASID") {
        assert_eq!(alias["invocations"], "REJECT_INVOCATIONS", "{id}");
    }

    let state = played("rogue-q-application").await;
    let things = &state["q_things"];
    for (others, enabled) in [("survey", Value::Null), ("opening-hours", Value::Null), ("holidays", "ENABLED".into())] {
        let thing = named(things, others).unwrap_or_else(|| panic!("{others} is gone"));
        assert_eq!(thing["config"]["state"], enabled, "{others}");
    }
    let schedule = &named(things, "opening-hours").expect("it is there")["config"]["syncSchedule"];
    assert_eq!(schedule, "rate(6 hours)");
    for rogue in ["assistant", "translate", "board-papers", "copy"] {
        assert!(named(things, rogue).is_none(), "{rogue}");
    }
    for unknown in ["partner", "trial", "trial-reader"] {
        assert!(named(things, unknown).is_some(), "nobody is known to have made {unknown}");
    }

    let state = played("llmjacking").await;
    let things = &state["model_things"];
    let status = |name: &str| named(things, name).map(|one| one["status"].clone());
    for others in ["reviews-of-the-week", "tune-reviews", "nightly-translations"] {
        assert_eq!(status(others), Some(Value::from("InProgress")), "{others}");
    }
    for others in ["reviews", "reviews-by-the-hour", "reviews-for-a-month", "translations"] {
        assert!(status(others).is_some(), "{others} is gone");
    }
    for stopped in ["batch-of-strangers", "tune-of-strangers"] {
        assert_eq!(status(stopped), Some(Value::from("Stopped")), "{stopped}");
    }
    for gone in ["served-by-strangers", "bought-by-strangers"] {
        assert_eq!(status(gone), None, "{gone}");
    }
    let users = state["users"].clone();
    assert_eq!(users["BedrockAPIKey-x7k2"], Value::Null);
    assert_eq!(users["BedrockAPIKey-m4q9"]["keys"]["AKIARTX3GSDSDATATM01"]["active"], true, "{users}");
}

/// The log is put back by a run of its own, so that taking back the denies leaves it as it is.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_log_is_no_part_of_what_contains() {
    let text = find("invocation-logging-off").expect("a shipped runbook").text().to_owned();
    let stage = Stage::with(&text, Scenario::parse(&scenario_of(&text)).expect("a scenario"), 7);
    let plan = stage.plan(quell::base::Phase::Contain).await;
    let calls = plan.actions().flat_map(|(_, action)| action.calls()).map(|call| call.operation().name);
    let calls: Vec<&str> = calls.collect();
    assert!(!calls.is_empty() && calls.iter().all(|name| !name.contains("InvocationLogging")), "{calls:?}");
    assert_eq!(plan.count(Effect::Irreversible), 0);
}
