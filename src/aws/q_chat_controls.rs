//! What a Q Business application may say and to whom: its chat controls.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ear::hear_words;
use super::own_words::hear_saying;
use super::q_things::{APPLICATION, thing};
use super::{Accepted, Ask, Clients, Fault, Made, Operation, Page, Paged, Request, Service};
use crate::base::{Entity, EntityKind, QId, Region};

/// The chat controls of an application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QChatControls {
    /// What is switched one way or the other, by AWS's member, in AWS's own words.
    pub switches: BTreeMap<String, Value>,
    /// Phrases that nobody may use.
    pub phrases: BTreeSet<String>,
    /// What is said instead of an answer where a phrase is blocked.
    pub message: Option<String>,
    /// Rules by topic, each in AWS's own words.
    pub topics: BTreeMap<String, Value>,
}

impl QChatControls {
    /// The members that are switches.
    pub const SWITCHES: [&'static str; 4] = [
        "responseScope",
        "orchestrationConfiguration",
        "creatorModeConfiguration",
        "hallucinationReductionConfiguration",
    ];

    /// Reads them from documents as AWS writes them, page by page.
    pub fn read<'d>(pages: impl IntoIterator<Item = &'d Value>) -> Result<Self, String> {
        let mut controls = Self::default();
        for page in pages {
            for member in Self::SWITCHES {
                if let Some(value) = page.get(member).filter(|value| !value.is_null()) {
                    controls.switches.insert(member.to_owned(), value.clone());
                }
            }
            let blocked = &page["blockedPhrases"];
            let phrases = blocked["blockedPhrases"].as_array().into_iter().flatten();
            controls.phrases.extend(phrases.filter_map(Value::as_str).map(str::to_owned));
            let message = blocked["systemMessageOverride"].as_str().filter(|message| !message.is_empty());
            controls.message = controls.message.or_else(|| message.map(str::to_owned));
            for topic in page["topicConfigurations"].as_array().into_iter().flatten() {
                let name = topic["name"].as_str().ok_or("a topic has no name")?;
                controls.topics.insert(name.to_owned(), topic.clone());
            }
        }
        Ok(controls)
    }

    /// What a change has to say to get from these to those; nothing where they agree. A switch that those do not name stays as
    /// it is.
    pub fn change_to(&self, wanted: &Self) -> Option<Value> {
        let mut change = serde_json::Map::new();
        for (member, value) in &wanted.switches {
            if self.switches.get(member) != Some(value) {
                change.insert(member.clone(), value.clone());
            }
        }
        let mut phrases = serde_json::Map::new();
        let missing: Vec<&String> = wanted.phrases.difference(&self.phrases).collect();
        let extra: Vec<&String> = self.phrases.difference(&wanted.phrases).collect();
        if !missing.is_empty() {
            phrases.insert("blockedPhrasesToCreateOrUpdate".to_owned(), json!(missing));
        }
        if !extra.is_empty() {
            phrases.insert("blockedPhrasesToDelete".to_owned(), json!(extra));
        }
        if self.message != wanted.message {
            phrases.insert("systemMessageOverride".to_owned(), json!(wanted.message.as_deref().unwrap_or_default()));
        }
        if !phrases.is_empty() {
            change.insert("blockedPhrasesConfigurationUpdate".to_owned(), Value::Object(phrases));
        }
        let put = wanted.topics.iter().filter(|(name, topic)| self.topics.get(*name) != Some(topic));
        let put: Vec<&Value> = put.map(|(_, topic)| topic).collect();
        let gone = self.topics.iter().filter(|(name, _)| !wanted.topics.contains_key(*name));
        let gone: Vec<&Value> = gone.map(|(_, topic)| topic).collect();
        if !put.is_empty() {
            change.insert("topicConfigurationsToCreateOrUpdate".to_owned(), json!(put));
        }
        if !gone.is_empty() {
            change.insert("topicConfigurationsToDelete".to_owned(), json!(gone));
        }
        (!change.is_empty()).then_some(Value::Object(change))
    }
}

/// One page of the chat controls of an application (`qbusiness:GetChatControlsConfiguration`), in AWS's own words: the topics come
/// in pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetQChatControls {
    /// The Region.
    pub region: Region,
    /// The application.
    pub application: QId,
    /// Where the last page ended.
    pub next: Option<String>,
}

impl Request for GetQChatControls {
    const OPERATION: &'static Operation = &Operation::read(Service::QBusiness, "GetChatControlsConfiguration")
        .needs(&["qbusiness:GetChatControlsConfiguration"], APPLICATION);

    type Reply = Page<Value>;

    fn entity(&self) -> Entity {
        thing(EntityKind::QApplication, &[&self.application])
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to.q_business(Some(&self.region)).get_chat_controls_configuration();
        let request = request.application_id(self.application.as_str()).max_results(50);
        let request = request.set_next_token(self.next.clone());
        hear_words!(Self::OPERATION, request, |out, words| Page { items: vec![words], next: out.next_token })
    }
}

impl Ask for GetQChatControls {}

impl Paged for GetQChatControls {
    type Item = Value;

    fn after(&self, next: String) -> Self {
        Self { next: Some(next), ..self.clone() }
    }
}

/// Changes the chat controls of an application (`qbusiness:UpdateChatControlsConfiguration`): what the change does not name stays
/// as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateQChatControls {
    /// The Region.
    pub region: Region,
    /// The application.
    pub application: QId,
    /// The change, in AWS's own words.
    pub change: Value,
}

impl Request for UpdateQChatControls {
    const OPERATION: &'static Operation = &Operation::reversible(Service::QBusiness, "UpdateChatControlsConfiguration")
        .needs(&["qbusiness:UpdateChatControlsConfiguration"], APPLICATION)
        .never_blindly();

    type Reply = Made;

    fn entity(&self) -> Entity {
        thing(EntityKind::QApplication, &[&self.application])
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to.q_business(Some(&self.region)).update_chat_controls_configuration();
        let request = request.application_id(self.application.as_str());
        hear_saying!(Self::OPERATION, request, self.change, |_| Made::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: Value) -> QChatControls {
        QChatControls::read([&document]).expect("controls")
    }

    #[test]
    fn a_change_says_what_differs_and_nothing_else() {
        let topic = |name: &str, text: &str| json!({ "name": name, "description": text, "rules": [] });
        let sound = read(json!({
            "responseScope": "ENTERPRISE_CONTENT_ONLY", "creatorModeConfiguration": { "creatorModeControl": "DISABLED" },
            "blockedPhrases": { "blockedPhrases": ["salary", "merger"] },
            "topicConfigurations": [topic("pay", "wages"), topic("law", "cases")],
        }));
        let changed = read(json!({
            "responseScope": "EXTENDED_KNOWLEDGE_ENABLED", "creatorModeConfiguration": { "creatorModeControl": "DISABLED" },
            "orchestrationConfiguration": { "control": "ENABLED" },
            "blockedPhrases": { "blockedPhrases": ["merger", "security"], "systemMessageOverride": "call us" },
            "topicConfigurations": [topic("pay", "nothing"), topic("new", "x")],
        }));
        assert_eq!(
            changed.change_to(&sound),
            Some(json!({
                "responseScope": "ENTERPRISE_CONTENT_ONLY",
                "blockedPhrasesConfigurationUpdate": {
                    "blockedPhrasesToCreateOrUpdate": ["salary"], "blockedPhrasesToDelete": ["security"],
                    "systemMessageOverride": "",
                },
                "topicConfigurationsToCreateOrUpdate": [topic("law", "cases"), topic("pay", "wages")],
                "topicConfigurationsToDelete": [topic("new", "x")],
            }))
        );
        assert_eq!(sound.change_to(&sound), None);
        assert!(QChatControls::read([&json!({ "topicConfigurations": [{}] })]).is_err());
    }

    #[test]
    fn topics_come_in_pages() {
        let page = |name: &str| json!({ "responseScope": "X", "topicConfigurations": [{ "name": name }] });
        let read = QChatControls::read([&page("a"), &page("b")]).expect("controls");
        assert_eq!((read.topics.len(), read.switches.len()), (2, 1));
    }
}
