//! Calls that a service makes with a role of the account, on somebody's behalf.

use serde_json::json;

use crate::range::model::{LastUse, Principal};

use super::identify::{describe, issuer};
use super::{TrailEvent, TrailIdentity, Turn, whole_second};

/// The service, as CloudTrail names it.
const BEDROCK: &str = "bedrock.amazonaws.com";

/// Writes down that Bedrock called a model with the service role of an agent. FACT invoke-model-call
pub(crate) fn model_call(turn: &mut Turn<'_>, agent: &str, role_arn: &str, model: &str) {
    let (now, region) = (turn.now, turn.call.region.clone());
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    let state = &mut *turn.state;
    let Some(role) = state.account.roles.enforced(name, now) else { return };
    let (role, id) = (role.name.clone(), role.id.clone());
    let used_role = role.clone();
    let purpose = format!("model call {agent}");
    // FACT invoke-session
    let told = state.knobs.service_calls_told;
    let session = if told { format!("BedrockAgents-{agent}") } else { state.dice.uuid(&format!("session {purpose}")) };
    let principal = Principal::Role { role, id, session };
    let who = describe(&state.account, &principal);
    let event = TrailEvent {
        event_time: now,
        event_source: BEDROCK.to_owned(),
        event_name: "InvokeModel".to_owned(),
        aws_region: region,
        source_ip_address: if told { BEDROCK.to_owned() } else { "52.46.130.91".to_owned() },
        user_agent: if told { BEDROCK.to_owned() } else { "aws-internal/3".to_owned() },
        request_id: state.dice.uuid(&format!("request {purpose}")),
        event_id: state.dice.uuid(&format!("event {purpose}")),
        with_api_key: false,
        read_only: true,
        user_identity: Some(TrailIdentity {
            r#type: who.kind.to_owned(),
            principal_id: who.user_id,
            arn: who.arn,
            account_id: who.account,
            access_key_id: None,
            creation_date: Some(whole_second(now)),
            issuer: issuer(&state.account, &principal),
            source_identity: None,
            invoked_by: told.then(|| BEDROCK.to_owned()),
            credential_id: None,
        }),
        error_code: None,
        error_message: None,
        request_parameters: json!({ "modelId": model }),
        response_elements: serde_json::Value::Null,
        recipient_account_id: state.account.id.clone(),
    };
    // FACT iam-last-used
    let used = LastUse { when: now, region: event.aws_region.clone(), service: "bedrock".to_owned() };
    state.account.role_uses.insert(used_role, used);
    state.trail.push(event);
}
