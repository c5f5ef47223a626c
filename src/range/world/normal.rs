//! An account in a form that two runs can be compared by.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::range::model::{Account, Store, StoredSecret};

/// The account without secrets, times and sessions. Policy documents are read, so that their spelling does not matter.
pub(crate) fn picture(account: &Account) -> Value {
    let cases: Vec<Value> = account
        .cases
        .iter()
        .map(|case| {
            json!({
                "subject": case.subject, "resolved": case.resolved, "service": case.service, "category": case.category,
                "severity": case.severity, "language": case.language, "cc": case.cc,
                "communications": case.communications.iter().map(|c| &c.attachments).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut picture = json!({
        "account": account.id,
        "alias": account.alias,
        "roles": all(&account.roles),
        "users": all(&account.users),
        "groups": all(&account.groups),
        "policies": all(&account.policies),
        "loose_mfa_devices": account.loose_mfa_devices,
        "agents": account.agents.values().collect::<Vec<_>>(),
        "flows": account.flows.values().collect::<Vec<_>>(),
        "invocation_logging": account.invocation_logging,
        "guardrails": account.guardrails.values().collect::<Vec<_>>(),
        "model_things": account.model_things.values().collect::<Vec<_>>(),
        "knowledge_bases": account.knowledge_bases.values().collect::<Vec<_>>(),
        "prompts": account.prompts.values().collect::<Vec<_>>(),
        "secrets": account.secrets.values().map(StoredSecret::picture).collect::<Vec<_>>(),
        "q_things": account.q_things.values().collect::<Vec<_>>(),
        "tags": account.all_tags(),
        "trails": account.trails,
        "queues": account.queues.iter().map(|((region, _), queue)| json!({
            "region": region, "name": queue.name, "attributes": queue.attributes,
            "messages": queue.messages.iter().map(|message| &message.body).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "cases": cases,
    });
    smooth(&mut picture);
    picture
}

fn all<T: Serialize>(store: &Store<T>) -> Value {
    store.all_latest().map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

/// Reads the JSON inside texts and blots out times.
fn smooth(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(smooth),
        Value::Array(items) => items.iter_mut().for_each(smooth),
        Value::String(text) => {
            if text.parse::<Timestamp>().is_ok() {
                *value = json!("<time>");
            } else if text.starts_with('{')
                && let Ok(mut document) = serde_json::from_str::<Value>(text)
            {
                smooth(&mut document);
                *value = document;
            }
        }
        _ => {}
    }
}
