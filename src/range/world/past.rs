//! Writes what happened before the start onto the trail.

use jiff::Timestamp;

use crate::range::dice::Dice;
use crate::range::model::Account;
use crate::range::scenario::PastSpec;

use super::state::earlier;
use super::{TrailEvent, TrailIdentity};

/// The calls before the start, oldest first.
pub(super) fn trail(past: &[PastSpec], account: &Account, dice: &mut Dice, now: Timestamp) -> Vec<TrailEvent> {
    let mut trail: Vec<TrailEvent> = past.iter().map(|spec| event(spec, account, dice, now)).collect();
    trail.sort_by_key(|event| event.event_time);
    trail
}

fn event(spec: &PastSpec, account: &Account, dice: &mut Dice, now: Timestamp) -> TrailEvent {
    let purpose = format!("past {} {}", spec.call, spec.by);
    TrailEvent {
        event_time: earlier(now, spec.ago.0),
        event_source: spec.source.clone(),
        event_name: spec.call.clone(),
        aws_region: spec.region.clone(),
        source_ip_address: spec.from.clone(),
        user_agent: spec.program.clone(),
        request_id: dice.uuid(&format!("request {purpose}")),
        event_id: dice.uuid(&format!("event {purpose}")),
        with_api_key: spec.with_api_key,
        read_only: spec.reads,
        user_identity: Some(identity(spec, account)),
        error_code: spec.error.clone(),
        error_message: None,
        request_parameters: spec.request.clone(),
        response_elements: spec.reply.clone(),
        recipient_account_id: account.id.clone(),
    }
}

fn identity(spec: &PastSpec, account: &Account) -> TrailIdentity {
    let resource = spec.by.rsplit(':').next().unwrap_or_default();
    let mut parts = resource.split('/');
    let (kind, id, issuer) = match (parts.next(), parts.next()) {
        (Some("assumed-role"), Some(name)) => {
            let role = account.roles.latest(name);
            let arn = role.map_or_else(|| format!("arn:aws:iam::{}:role/{name}", account.id), |r| account.role_arn(r));
            let session = parts.next().unwrap_or_default();
            ("AssumedRole", format!("{}:{session}", role.map_or("AROAEXAMPLE", |role| &role.id)), Some(arn))
        }
        (Some("federated-user"), Some(name)) => ("FederatedUser", format!("{}:{name}", account.id), None),
        (Some("user"), _) => {
            let name = resource.rsplit('/').next().unwrap_or_default();
            ("IAMUser", account.users.latest(name).map_or_else(String::new, |user| user.id.clone()), None)
        }
        (Some("root"), None) => ("Root", account.id.to_string(), None),
        _ => ("AWSService", spec.by.clone(), None),
    };
    TrailIdentity {
        r#type: kind.to_owned(),
        principal_id: id,
        arn: spec.by.clone(),
        account_id: account.id.clone(),
        access_key_id: spec.key.clone(),
        creation_date: None,
        issuer,
        source_identity: None,
        invoked_by: spec.through.clone(),
        credential_id: spec.credential.clone(),
    }
}
