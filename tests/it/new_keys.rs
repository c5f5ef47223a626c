//! Accounts in which quell has made a key. AWS gives each key another id, so two runs that come to the same end have made keys of
//! different names at different times.

use quell::range::TrailEvent;
use serde_json::{Value, json};

/// The account as if the key that the mark on a user names had been made first, and at no time in particular.
pub(crate) fn as_if_made_first(state: &Value) -> Value {
    let mut made = Vec::new();
    marks(state, &mut made);
    if made.is_empty() {
        return state.clone();
    }
    let mut text = state.to_string();
    for (number, key) in made.iter().enumerate() {
        text = text.replace(key.as_str(), &name(number));
    }
    let mut state = serde_json::from_str(&text).expect("JSON");
    (0..made.len()).for_each(|number| forget_when(&mut state, &name(number)));
    state
}

fn name(number: usize) -> String {
    format!("AKIANEWKEY{number:06}")
}

/// The keys that marks name.
fn marks(state: &Value, made: &mut Vec<String>) {
    match state {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(key)
                        if name.starts_with("quell-") && name.ends_with("-access-key") && key.starts_with("AKIA") =>
                    {
                        made.push(key.to_owned());
                    }
                    _ => marks(member, made),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| marks(item, made)),
        _ => {}
    }
}

fn forget_when(state: &mut Value, key: &str) {
    match state {
        Value::Object(members) => {
            for (name, member) in members {
                if name == key && member.get("created").is_some() {
                    member["created"] = json!(null);
                }
                forget_when(member, key);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| forget_when(item, key)),
        _ => {}
    }
}

/// What took effect, without the keys that were made in vain: those that the same hand took away again.
pub(crate) fn but_for_lost_keys(effects: Vec<TrailEvent>) -> Vec<TrailEvent> {
    let made = |event: &TrailEvent| -> Option<String> {
        let made = event.event_name == "CreateAccessKey";
        made.then(|| event.response_elements["accessKey"]["accessKeyId"].as_str().map(str::to_owned))?
    };
    let gone: Vec<String> = effects
        .iter()
        .filter(|event| event.event_name == "DeleteAccessKey" && event.error_code.is_none())
        .filter_map(|event| event.request_parameters["accessKeyId"].as_str().map(str::to_owned))
        .collect();
    effects.into_iter().filter(|event| made(event).is_none_or(|key| !gone.contains(&key))).collect()
}
