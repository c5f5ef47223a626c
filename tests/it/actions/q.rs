//! Amazon Q Business: what is found, what is kept of what goes, and what stops a deletion.

use quell::actions::{Refusal, registry};
use quell::journal::StepState;
use quell::range::Moment;
use quell::range::scenario::FaultKind;
use quell::range::wire::ServiceName;
use serde_json::{Value, json};

use super::cases::q::{APPLICATION, DATA_SOURCE, INDEX, KENDRA_RETRIEVER, PLUGIN, applications};
use super::{Bench, action, refusal, scenario, set};

fn account() -> Value {
    let mut account = scenario();
    set(&mut account, "/account/q_applications", applications());
    account
}

fn bench(name: &str, with: &Value) -> Bench {
    Bench::of_action(name, with, &account(), 1)
}

fn part(id: &str) -> Value {
    json!({ "region": "us-east-1", "application": APPLICATION, "id": id })
}

fn source() -> Value {
    json!({ "data_source": { "region": "us-east-1", "application": APPLICATION, "index": INDEX, "id": DATA_SOURCE } })
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn everything_is_found_page_by_page() {
    let mut account = account();
    set(&mut account, "/knobs/page_size", json!(1));
    let bench = Bench::of_action("q.delete-plugin", &json!({ "plugin": part(PLUGIN) }), &account, 1);
    let counts = [
        ("q.applications", 2),
        ("q.indices", 1),
        ("q.data-sources", 2),
        ("q.retrievers", 2),
        ("q.plugins", 3),
        ("q.web-experiences", 1),
        ("q.data-accessors", 1),
        ("q.documents", 5),
    ];
    for (query, count) in counts {
        assert_eq!(bench.found(query, json!({})).await.len(), count, "{query}");
        assert_eq!(bench.found(query, json!({ "name": "nobody" })).await, Vec::<Value>::new(), "{query}");
        assert_eq!(bench.found(query, json!({ "created_after": "2026-11-21T00:00:00Z" })).await.len(), 0, "{query}");
    }
    let plugins = bench.found("q.plugins", json!({ "application": APPLICATION, "name_prefix": "tick" })).await;
    assert_eq!(plugins.len(), 1);
    assert_eq!((&plugins[0]["id"], &plugins[0]["state"]), (&json!(PLUGIN), &json!("ENABLED")));
    let arn = format!("arn:aws:qbusiness:us-east-1:111122223333:application/{APPLICATION}/plugin/{PLUGIN}");
    assert_eq!(plugins[0]["arn"], arn);
    // What a query finds is what an action takes.
    let with = json!({ "plugin": plugins[0] });
    assert!(registry().action("q.delete-plugin").expect("an action").decode(&with).is_ok());
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn an_application_is_kept_whole_and_goes_from_the_outside_in() {
    let bench = bench("q.delete-application", &json!({ "application": { "region": "us-east-1", "id": APPLICATION } }));
    let plan = bench.plan().await;
    let residual: Vec<&str> = action(&plan).story.residual.iter().map(|one| one.what.as_str()).collect();
    assert!(residual.iter().any(|what| what.contains("Kendra index 0f0f0f0f-")), "{residual:?}");
    let ran = bench.run(plan).await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let kept = bench.captured(&ran).to_string();
    for word in ["openapi", "CONFLUENCEV2", "cron(0 3 * * ? *)", "secret:jira-AbCdEf", "We know", "Ask it anything"] {
        assert!(kept.contains(word), "{word}");
    }
    let calls: Vec<String> = bench
        .trail()
        .into_iter()
        .filter(|event| event.event_source == "qbusiness.amazonaws.com" && !event.read_only)
        .map(|event| event.event_name)
        .collect();
    let last = |name: &str| calls.iter().rposition(|call| call == name).expect("a call");
    let first = |name: &str| calls.iter().position(|call| call == name).expect("a call");
    assert!(last("StopDataSourceSyncJob") < first("DeleteDataSource"), "{calls:?}");
    assert!(last("DeleteDataSource") < first("DeleteIndex") && last("DeleteRetriever") < first("DeleteIndex"));
    assert_eq!(last("DeleteApplication"), calls.len() - 1);
    // The other application stands.
    let left = bench.stage.range.state()["q_things"].as_array().map(Vec::len);
    assert_eq!(left, Some(2));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn an_index_that_a_retriever_looks_into_stays() {
    let bench = bench("q.delete-index", &json!({ "index": part(INDEX) }));
    let plan = bench.plan().await;
    match refusal(&plan) {
        Some(Refusal::InUse { by }) => assert!(by[0].starts_with("retriever handbook (") && by.len() == 1, "{by:?}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_index_of_a_kendra_retriever_is_said_to_stay() {
    let plan = bench("q.delete-retriever", &json!({ "retriever": part(KENDRA_RETRIEVER) })).plan().await;
    let story = &action(&plan).story;
    assert!(story.now.contains("Kendra index") && story.residual[0].what.contains("only a person"), "{story:?}");
}

/// The calls of the responder that stop a synchronisation.
fn stops(bench: &Bench) -> usize {
    bench.trail().iter().filter(|event| event.event_name == "StopDataSourceSyncJob").count()
}

/// The actions that delete a data source, and what they are given.
fn deletions() -> [(&'static str, Value); 3] {
    let whole = json!({ "application": { "region": "us-east-1", "id": APPLICATION } });
    let index = json!({ "index": part(INDEX), "even_if_used": true });
    [("q.delete-data-source", source()), ("q.delete-index", index), ("q.delete-application", whole)]
}

/// The account in which the data source synchronises at the start or not, and in which an index that is used may go.
fn account_syncing(syncing: bool) -> Value {
    let mut account = account();
    set(&mut account, "/account/q_applications/0/indices/0/data_sources/0/syncing", json!(syncing));
    set(&mut account, "/account/q_applications/0/retrievers", json!([]));
    account
}

/// A synchronisation that begins after the plan is stopped on the way: it makes nothing another thing than was approved.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_synchronisation_that_comes_after_the_plan_is_stopped_on_the_way() {
    for (action, with) in deletions() {
        let bench = Bench::of_action(action, &with, &account_syncing(false), 1);
        let plan = bench.plan().await;
        let ids = json!({ "applicationId": APPLICATION, "indexId": INDEX, "dataSourceId": DATA_SOURCE });
        bench.other().call(ServiceName::Qbusiness, "StartDataSourceSyncJob", "us-east-1", ids).await.expect("a job");
        let ran = bench.run(plan).await;
        assert_eq!((ran.state(), stops(&bench)), (StepState::Verified, 1), "{action}: {}", ran.told());
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_synchronisation_that_ends_after_the_plan_needs_no_stop() {
    for (action, with) in deletions() {
        let bench = Bench::of_action(action, &with, &account_syncing(true), 1);
        let plan = bench.plan().await;
        let ids = json!({ "applicationId": APPLICATION, "indexId": INDEX, "dataSourceId": DATA_SOURCE });
        bench.other().call(ServiceName::Qbusiness, "StopDataSourceSyncJob", "us-east-1", ids).await.expect("a stop");
        bench.rest().await;
        let ran = bench.run(plan).await;
        assert_eq!((ran.state(), stops(&bench)), (StepState::Verified, 0), "{action}: {}", ran.told());
    }
}

/// One that begins again whenever it was stopped, until the deletion has been accepted.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_synchronisation_that_begins_between_two_looks_is_stopped_as_well() {
    let bench = Bench::of_action("q.delete-data-source", &source(), &account_syncing(false), 1);
    let plan = bench.plan().await;
    let begun = std::sync::atomic::AtomicBool::new(false);
    let other = bench.other();
    let (start, mut asked) = tokio::sync::mpsc::unbounded_channel();
    bench.stage.range.set_hook(move |flight| {
        let first = flight.call.operation == "DeleteDataSource" && flight.moment == Moment::BeforeEffect;
        if first && !begun.swap(true, std::sync::atomic::Ordering::Relaxed) {
            let _ = start.send(());
            return Some(FaultKind::Throttle);
        }
        None
    });
    let jobs = tokio::spawn(async move {
        while asked.recv().await.is_some() {
            let ids = json!({ "applicationId": APPLICATION, "indexId": INDEX, "dataSourceId": DATA_SOURCE });
            let _ = other.call(ServiceName::Qbusiness, "StartDataSourceSyncJob", "us-east-1", ids).await;
        }
    });
    let ran = bench.run(plan).await;
    jobs.abort();
    assert_eq!((ran.state(), stops(&bench)), (StepState::Verified, 1), "{}", ran.told());
}

/// What somebody else has deleted since the plan is less than was approved; what somebody has added is more.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn less_than_was_approved_may_go_and_more_may_not() {
    let whole = json!({ "application": { "region": "us-east-1", "id": APPLICATION } });
    let bench = bench("q.delete-application", &whole);
    let plan = bench.plan().await;
    let ids = json!({ "applicationId": APPLICATION, "pluginId": PLUGIN });
    bench.other().call(ServiceName::Qbusiness, "DeletePlugin", "us-east-1", ids).await.expect("it goes");
    bench.rest().await;
    let made = json!({
        "applicationId": APPLICATION, "displayName": "new", "type": "CUSTOM", "authConfiguration": { "noAuthConfiguration": {} },
    });
    let other = bench.other();
    let made = other.call(ServiceName::Qbusiness, "CreatePlugin", "us-east-1", made).await.expect("a plugin");
    bench.rest().await;
    let ran = bench.run(plan.clone()).await;
    assert_eq!(ran.state(), StepState::Drifted, "{}", ran.told());
    let ids = json!({ "applicationId": APPLICATION, "pluginId": made["pluginId"] });
    other.call(ServiceName::Qbusiness, "DeletePlugin", "us-east-1", ids).await.expect("it goes");
    bench.rest().await;
    let ran = bench.run(plan).await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
}

/// Where AWS will not stop a synchronisation, the schedule goes all the same, and what still goes on is said.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_schedule_goes_where_the_synchronisation_will_not() {
    for blocks in [false, true] {
        let mut account = account();
        set(&mut account, "/knobs/q_sync_blocks_update", json!(blocks));
        let bench = Bench::of_action("q.stop-sync", &source(), &account, 1);
        bench.stage.range.set_hook(|flight| {
            let strikes = flight.call.operation == "StopDataSourceSyncJob" && flight.moment == Moment::BeforeEffect;
            strikes.then_some(FaultKind::AccessDenied)
        });
        let ran = bench.go().await;
        assert_eq!(ran.state(), StepState::Failed, "{}", ran.told());
        let tried = bench.trail().iter().any(|event| event.event_name == "UpdateDataSource");
        let told = ran.told();
        assert!(tried && told.contains("AccessDenied") && told.contains("still goes on"), "{told}");
        let state = bench.stage.range.state();
        let mut things = state["q_things"].as_array().expect("things").iter();
        let source =
            things.find(|thing| thing["path"].as_array().and_then(|path| path.last()) == Some(&json!(DATA_SOURCE)));
        let schedule = source.expect("the data source")["config"]["syncSchedule"].clone();
        match blocks {
            false => assert!(schedule == "" && told.contains("no other one follows"), "{schedule}: {told}"),
            true => assert!(schedule != "" && told.contains("follow by the schedule"), "{schedule}: {told}"),
        }
    }
}

/// Rules that change documents on the way in cannot be repeated: the job is stopped, the schedule is left to a person.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_cannot_be_repeated_is_left_to_a_person() {
    let mut account = account();
    let rules = json!({ "inlineConfigurations": [] });
    let member = "/account/q_applications/0/indices/0/data_sources/0/members/documentEnrichmentConfiguration";
    set(&mut account, member, rules);
    let bench = Bench::of_action("q.stop-sync", &source(), &account, 1);
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Manual, "{}", ran.told());
    let stopped = bench.trail().iter().any(|event| event.event_name == "StopDataSourceSyncJob");
    assert!(stopped && ran.told().contains("Run on demand"), "{}", ran.told());
}

/// Of the documents that a call names AWS takes some and not the others, inside an answer of 200.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn documents_go_one_by_one_and_those_that_stay_are_named() {
    for whole in [true, false] {
        let mut account = account();
        set(&mut account, "/knobs/q_documents_of_all", json!(whole));
        let with = json!({ "index": part(INDEX), "documents": ["poison.pdf", "poison.txt", "page-1"] });
        let bench = Bench::of_action("q.delete-documents", &with, &account, 1);
        let found = bench.found("q.documents", json!({})).await;
        let uploaded = found.iter().filter(|one| one["uploaded"] == true).count();
        assert_eq!((found.len(), uploaded), (5, 3));
        let ran = bench.go().await;
        assert_eq!(ran.state(), StepState::Manual, "{}", ran.told());
        let told = ran.told();
        assert!(told.contains("page-1 came through the data source") && !told.contains("poison"), "{told}");
        let left = found_ids(&bench).await;
        assert_eq!(left, ["minutes.pdf", "page-1", "page-2"]);
    }
}

async fn found_ids(bench: &Bench) -> Vec<String> {
    let found = bench.found("q.documents", json!({})).await;
    found.iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect()
}

/// Where AWS stumbles over a document for ever, the step fails and says which.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_document_that_aws_always_stumbles_over_is_named() {
    let mut account = account();
    set(&mut account, "/account/q_applications/0/indices/0/documents/1/stumbles", json!(1_000));
    let with = json!({ "index": part(INDEX), "documents": ["poison.pdf", "poison.txt"] });
    let bench = Bench::of_action("q.delete-documents", &with, &account, 1);
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Failed, "{}", ran.told());
    assert!(ran.told().contains("poison.txt: InternalError"), "{}", ran.told());
    assert!(!found_ids(&bench).await.contains(&"poison.pdf".to_owned()));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn groups_are_found_by_name() {
    let bench = bench("q.delete-plugin", &json!({ "plugin": part(PLUGIN) }));
    assert_eq!(bench.found("q.groups", json!({})).await.len(), 2);
    let boards = bench.found("q.groups", json!({ "name_prefix": "bo" })).await;
    assert_eq!((boards.len(), &boards[0]["name"]), (1, &json!("board")));
}

/// A user who has been given other names since the plan is not the one that was approved.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_user_with_other_names_is_another_one() {
    let with = json!({ "application": { "region": "us-east-1", "id": APPLICATION }, "user": "mallory@example.com" });
    let bench = bench("q.delete-user", &with);
    let plan = bench.plan().await;
    let names = json!({
        "applicationId": APPLICATION, "userId": "mallory@example.com", "userAliases": [{ "userId": "nobody@example.com" }],
    });
    bench.other().call(ServiceName::Qbusiness, "CreateUser", "us-east-1", names).await.expect("a user");
    let ran = bench.run(plan).await;
    assert_eq!(ran.state(), StepState::Drifted, "{}", ran.told());
}

/// What somebody else changed after the run is not taken back unseen.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn chat_controls_that_somebody_changed_since_are_left_alone() {
    let baseline = json!({ "responseScope": "ENTERPRISE_CONTENT_ONLY" });
    let with = json!({ "application": { "region": "us-east-1", "id": APPLICATION }, "baseline": baseline });
    let bench = bench("q.restore-chat-controls", &with);
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let change = json!({
        "applicationId": APPLICATION, "blockedPhrasesConfigurationUpdate": { "blockedPhrasesToCreateOrUpdate": ["new"] },
    });
    let other = bench.other();
    other.call(ServiceName::Qbusiness, "UpdateChatControlsConfiguration", "us-east-1", change).await.expect("a change");
    let undo = bench.plan_undo(&ran, true).await;
    assert!(matches!(refusal(&undo), Some(Refusal::Changed { .. })), "{:?}", action(&undo).outlook);
}
