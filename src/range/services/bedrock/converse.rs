//! Invoking models.

use serde_json::json;

use crate::range::services::Row;
use crate::range::world::{Handled, Turn, refuse};

pub(super) const ROWS: &[Row] = &[Row::read("Converse", on_model, converse)];

/// The ARN of the model, throughput or deployment that a call names.
fn on_model(turn: &Turn<'_>) -> String {
    match turn.text("modelId") {
        arn if arn.starts_with("arn:") => arn.to_owned(),
        id => format!("arn:aws:bedrock:{}::foundation-model/{id}", turn.call.region),
    }
}

fn converse(turn: &mut Turn<'_>) -> Handled {
    let model = on_model(turn);
    // FACT converse-served
    let is_thing = [":provisioned-model/", ":custom-model-deployment/"].iter().any(|kind| model.contains(kind));
    if is_thing && !turn.account().model_things.contains_key(&model) {
        return Err(refuse("ResourceNotFoundException", format!("Could not resolve the model {model}.")));
    }
    Ok(json!({
        "output": { "message": { "role": "assistant", "content": [{ "text": "An answer." }] } },
        "stopReason": "end_turn", "usage": { "inputTokens": 4, "outputTokens": 3, "totalTokens": 7 },
        "metrics": { "latencyMs": 60 },
    }))
}
