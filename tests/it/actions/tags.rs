//! Tags: every query over things that carry them goes by them.

use quell::actions::registry;
use serde_json::{Value, json};

use super::{Bench, ROLE, scenario, set};

/// An account with two of everything that carries tags, of which one carries them.
fn account() -> Value {
    let two = |more: Value| -> Vec<Value> {
        let thing = |number: usize, tags: Value| {
            let mut thing = json!({ "name": format!("thing-{number}"), "region": "us-east-1", "tags": tags });
            thing.as_object_mut().expect("members").extend(more.as_object().cloned().unwrap_or_default());
            thing
        };
        vec![thing(1, json!({ "team": "red", "stage": "test" })), thing(2, json!({ "team": "blue" }))]
    };
    // What an application holds has its Region from it.
    let held = |more: Value| -> Vec<Value> {
        let mut things = two(more);
        things.iter_mut().for_each(|thing| drop(thing.as_object_mut().and_then(|members| members.remove("region"))));
        things
    };
    let titled = |mut things: Vec<Value>| -> Vec<Value> {
        for thing in &mut things {
            let members = thing.as_object_mut().expect("members");
            let name = members.remove("name").expect("a name");
            members.insert("title".to_owned(), name);
        }
        things
    };
    let mut account = scenario();
    set(&mut account, "/account/agents", two(json!({ "role": "ml-pipeline" })).into());
    set(&mut account, "/account/flows", two(json!({})).into());
    set(&mut account, "/account/prompts", two(json!({ "text": "Sum it up." })).into());
    set(&mut account, "/account/knowledge_bases", two(json!({ "role": "ml-pipeline" })).into());
    set(&mut account, "/account/guardrails", two(json!({})).into());
    let kinds = ["customization_job", "invocation_job", "import_job", "throughput", "deployment"];
    let things = kinds.into_iter().flat_map(|kind| {
        let named = |mut thing: Value| {
            thing["name"] = json!(format!("{kind}-{}", thing["name"].as_str().unwrap_or_default()));
            thing
        };
        two(json!({ "kind": kind })).into_iter().map(named).collect::<Vec<_>>()
    });
    set(&mut account, "/account/model_things", things.collect());
    let mut applications = two(json!({}));
    applications[0]["indices"] = held(json!({})).into();
    applications[0]["indices"][0]["data_sources"] = held(json!({})).into();
    applications[0]["retrievers"] = held(json!({})).into();
    applications[0]["plugins"] = held(json!({})).into();
    let principal = "arn:aws:iam::444455556666:role/searcher";
    applications[0]["data_accessors"] = held(json!({ "principal": principal })).into();
    applications[0]["web_experiences"] = titled(held(json!({}))).into();
    set(&mut account, "/account/q_applications", applications.into());
    account
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn only_what_carries_all_of_them_is_found() {
    let bench = Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account(), 1);
    let mut asked = 0;
    for query in registry().queries().filter(|query| query.tagged().is_some()) {
        let name = query.name();
        let count = async |tags: Value| bench.found(name, json!({ "tags": tags })).await.len();
        assert_eq!(count(json!({})).await, 2, "{name}");
        assert_eq!(count(json!({ "team": "red" })).await, 1, "{name}");
        assert_eq!(count(json!({ "team": "red", "stage": "test" })).await, 1, "{name}");
        assert_eq!(count(json!({ "team": "blue", "stage": "test" })).await, 0, "{name}");
        assert_eq!(count(json!({ "team": "green" })).await, 0, "{name}");
        assert_eq!(count(json!({ "owner": "red" })).await, 0, "{name}");
        asked += 1;
    }
    assert_eq!(asked, 17);
}
