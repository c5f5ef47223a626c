//! What an application of Q Business may say and to whom.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::range::model::QKind;
use crate::range::services::Row;
use crate::range::world::{Handled, Turn, refuse};

use super::life::{at_rest, found, found_mut, on};

pub(super) const ROWS: &[Row] = &[
    Row::read("GetChatControlsConfiguration", on_application, get),
    Row::write("UpdateChatControlsConfiguration", on_application, update),
];

const SWITCHES: [&str; 4] =
    ["responseScope", "orchestrationConfiguration", "creatorModeConfiguration", "hallucinationReductionConfiguration"];
/// How many topics an application has at most.
const TOPICS: usize = 10;

fn on_application(turn: &Turn<'_>) -> String {
    on(turn, QKind::Application)
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn get(turn: &mut Turn<'_>) -> Handled {
    let chat = found(turn, QKind::Application)?.chat.clone();
    // FACT q-chat-controls-pages
    let mut shown = turn.page("topicConfigurations", chat.get("topicConfigurations").map(list).unwrap_or_default())?;
    for (member, value) in chat.into_iter().filter(|(member, _)| member != "topicConfigurations") {
        shown[member] = value;
    }
    Ok(shown)
}

fn update(turn: &mut Turn<'_>) -> Handled {
    at_rest(found(turn, QKind::Application)?)?;
    let switches = turn.members(&SWITCHES);
    let clears = turn.state.knobs.q_empty_message_clears;
    let input = turn.call.input.clone();
    let application = found_mut(turn, QKind::Application)?;
    // FACT q-chat-controls-patch
    let mut chat = application.chat.clone();
    chat.extend(switches);
    blocked(&mut chat, &input["blockedPhrasesConfigurationUpdate"], clears);
    let mut topics = chat.get("topicConfigurations").map(list).unwrap_or_default();
    let named = |one: &Value, other: &Value| one["name"] == other["name"];
    let (gone, put) =
        (list(&input["topicConfigurationsToDelete"]), list(&input["topicConfigurationsToCreateOrUpdate"]));
    topics.retain(|topic| !gone.iter().chain(&put).any(|other| named(topic, other)));
    topics.extend(put);
    // FACT q-chat-controls-ten-topics
    if topics.len() > TOPICS {
        return Err(refuse("ServiceQuotaExceededException", "An application has ten topics at most."));
    }
    topics.sort_by_key(|topic| topic["name"].to_string());
    chat.remove("topicConfigurations");
    if !topics.is_empty() {
        chat.insert("topicConfigurations".to_owned(), json!(topics));
    }
    application.chat = chat;
    Ok(json!({}))
}

/// Changes the phrases that nobody may use, and what is said instead.
fn blocked(chat: &mut Map<String, Value>, change: &Value, clears: bool) {
    let known = chat.remove("blockedPhrases").unwrap_or_default();
    let mut phrases: BTreeSet<String> = texts(&known["blockedPhrases"]);
    phrases.retain(|phrase| !texts(&change["blockedPhrasesToDelete"]).contains(phrase));
    phrases.extend(texts(&change["blockedPhrasesToCreateOrUpdate"]));
    let said = change["systemMessageOverride"].as_str().or_else(|| known["systemMessageOverride"].as_str());
    let mut blocked = Map::new();
    if !phrases.is_empty() {
        blocked.insert("blockedPhrases".to_owned(), json!(phrases));
    }
    // FACT q-chat-controls-empty-message
    if let Some(message) = said.filter(|message| !message.is_empty() || !clears) {
        blocked.insert("systemMessageOverride".to_owned(), json!(message));
    }
    if !blocked.is_empty() {
        chat.insert("blockedPhrases".to_owned(), Value::Object(blocked));
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    list(value).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
