//! Invoking agents.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::range::services::Row;
use crate::range::world::{Handled, Turn, model_call, refuse};

use super::shown::{agent, not_found, on_alias};

pub(super) const ROWS: &[Row] = &[Row::read("InvokeAgent", on_alias, invoke)];

fn invoke(turn: &mut Turn<'_>) -> Handled {
    let found = agent(turn)?;
    let id = turn.text("agentAliasId");
    let alias = found.aliases.get(id).ok_or_else(|| not_found("Agent alias", id))?;
    // FACT invoke-rejected
    if !found.takes_invocations(alias) {
        let text = format!("Agent alias {id} does not accept invocations.");
        let code = if turn.state.knobs.pause_denies_access { "AccessDeniedException" } else { "ValidationException" };
        return Err(refuse(code, text));
    }
    // FACT invoke-service-role: what the agent's own role may do is not looked at.
    let words = base64::engine::general_purpose::STANDARD.encode(format!("{} has answered.", found.name));
    let config = found.served_by(alias);
    let text = |member: &str| config.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (agent, role, model) = (found.id.clone(), text("agentResourceRoleArn"), text("foundationModel"));
    model_call(turn, &agent, &role, &model);
    Ok(json!({
        "completion": [{ "chunk": { "bytes": words } }], "contentType": "application/json",
        "sessionId": turn.text("sessionId"),
    }))
}
