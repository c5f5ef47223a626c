//! What people and an application of Q Business have said to each other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ear::hear_words;
use super::q_things::{APPLICATION, thing, time_in};
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Paged, Request, Service};
use crate::base::{Entity, EntityKind, QId, Region};

/// A conversation, as AWS lists it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QConversation {
    /// The id.
    pub id: String,
    /// When it began.
    pub started: Timestamp,
    /// All that the list tells, in AWS's own words.
    pub words: Value,
}

impl QConversation {
    fn read(words: &Value) -> Result<Self, String> {
        let id = words.get("conversationId").and_then(Value::as_str).ok_or("a conversation has no id")?;
        let started = time_in(words, "startTime").ok_or_else(|| format!("nobody says when {id} began"))?;
        Ok(Self { id: id.to_owned(), started, words: words.clone() })
    }
}

/// The members of a list in a reply.
fn listed(words: &Value, member: &str) -> Vec<Value> {
    words.get(member).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// One page of the conversations of a person with an application (`qbusiness:ListConversations`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListQConversations {
    /// The Region.
    pub region: Region,
    /// The application.
    pub application: QId,
    /// The person; left out, whoever the credentials stand for.
    pub user: Option<String>,
    /// Where the last page ended.
    pub next: Option<String>,
}

impl Request for ListQConversations {
    const OPERATION: &'static Operation =
        &Operation::read(Service::QBusiness, "ListConversations").needs(&["qbusiness:ListConversations"], APPLICATION);

    type Reply = Page<QConversation>;

    fn entity(&self) -> Entity {
        thing(EntityKind::QApplication, &[&self.application])
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to
            .q_business(Some(&self.region))
            .list_conversations()
            .application_id(self.application.as_str())
            .set_user_id(self.user.clone())
            .max_results(100)
            .set_next_token(self.next.clone());
        hear_words!(Self::OPERATION, request, |out, words| (out.next_token, words))?.read(
            Self::OPERATION,
            |(next, words)| {
                let listed = listed(&words, "conversations");
                let items = listed.iter().map(QConversation::read).collect::<Result<_, String>>()?;
                Ok::<_, String>(Page { items, next })
            },
        )
    }
}

impl Ask for ListQConversations {}

impl Paged for ListQConversations {
    type Item = QConversation;

    fn after(&self, next: String) -> Self {
        Self { next: Some(next), ..self.clone() }
    }
}

/// One page of what was said in a conversation, in AWS's own words (`qbusiness:ListMessages`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListQMessages {
    /// The Region.
    pub region: Region,
    /// The application.
    pub application: QId,
    /// The conversation.
    pub conversation: String,
    /// The person; left out, whoever the credentials stand for.
    pub user: Option<String>,
    /// Where the last page ended.
    pub next: Option<String>,
}

impl Request for ListQMessages {
    const OPERATION: &'static Operation =
        &Operation::read(Service::QBusiness, "ListMessages").needs(&["qbusiness:ListMessages"], APPLICATION);

    type Reply = Page<Value>;

    fn entity(&self) -> Entity {
        thing(EntityKind::QApplication, &[&self.application])
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to
            .q_business(Some(&self.region))
            .list_messages()
            .application_id(self.application.as_str())
            .conversation_id(&self.conversation)
            .set_user_id(self.user.clone())
            .max_results(100)
            .set_next_token(self.next.clone());
        hear_words!(Self::OPERATION, request, |out, words| (out.next_token, words))?
            .read(Self::OPERATION, |(next, words)| Ok::<_, String>(Page { items: listed(&words, "messages"), next }))
    }
}

impl Ask for ListQMessages {}

impl Paged for ListQMessages {
    type Item = Value;

    fn after(&self, next: String) -> Self {
        Self { next: Some(next), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_conversation_without_id_or_time_is_not_left_out() {
        let whole = json!({ "conversationId": "c1", "startTime": 1_795_000_000.5, "title": "Hallo" });
        let read = QConversation::read(&whole).expect("a conversation");
        assert_eq!((read.id.as_str(), &read.words), ("c1", &whole));
        assert!(QConversation::read(&json!({ "startTime": 1 })).is_err());
        assert!(QConversation::read(&json!({ "conversationId": "c1" })).is_err());
    }
}
