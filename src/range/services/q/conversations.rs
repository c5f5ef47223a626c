//! What people and an application of Q Business have said to each other.

use serde_json::{Value, json};

use crate::range::model::{QConversation, QKind};
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::life::{found, on};

pub(super) const ROWS: &[Row] = &[
    Row::read("ListConversations", on_application, list_conversations),
    Row::read("ListMessages", on_application, list_messages),
];

/// Between two messages, in seconds.
const PAUSE: i64 = 10;

fn on_application(turn: &Turn<'_>) -> String {
    on(turn, QKind::Application)
}

/// Whose conversations a call may see. Nobody's credentials stand for a person here.
fn whose<'t>(turn: &Turn<'t>) -> Result<&'t str, ApiError> {
    match turn.maybe("userId") {
        // FACT q-conversations-by-name
        Some(user) if turn.state.knobs.q_conversations_by_name => Ok(user),
        // FACT q-conversations-of-a-person
        _ => Err(refuse("AccessDeniedException", "The credentials stand for no user of the application.")),
    }
}

fn list_conversations(turn: &mut Turn<'_>) -> Handled {
    let application = found(turn, QKind::Application)?;
    let user = whose(turn)?;
    let mut theirs: Vec<_> = application.conversations.iter().filter(|(_, one)| one.user == user).collect();
    theirs.sort_by_key(|(_, one)| one.started);
    let shown = theirs
        .into_iter()
        .map(|(id, one)| json!({ "conversationId": id, "title": one.title, "startTime": one.started }));
    turn.page("conversations", shown.collect())
}

fn list_messages(turn: &mut Turn<'_>) -> Handled {
    let application = found(turn, QKind::Application)?;
    let (user, id) = (whose(turn)?, turn.text("conversationId"));
    let Some(one) = application.conversations.get(id).filter(|one| one.user == user) else {
        let refusal = refuse("ResourceNotFoundException", format!("The conversation {id} does not exist."));
        return Err(refusal.with("resourceId", json!(id)).with("resourceType", json!("conversation")));
    };
    turn.page("messages", messages(id, one))
}

fn messages(id: &str, one: &QConversation) -> Vec<Value> {
    let said = (0_i64..).zip(&one.said);
    said.map(|(number, body)| {
        json!({
            "messageId": format!("{}{number:012x}", &id[..id.len().saturating_sub(12)]), "body": body,
            "time": one.started + jiff::SignedDuration::from_secs(number * PAUSE),
            "type": if number % 2 == 0 { "USER" } else { "SYSTEM" },
        })
    })
    .collect()
}
