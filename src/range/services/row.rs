//! The table of operations.

use crate::range::model::Principal;
use crate::range::wire::ServiceName;
use crate::range::world::{Handled, Question, Refuse, Turn, Verdict, describe};

use super::{
    account, agents, bedrock, cloudtrail, guardduty, iam, knowledge, q, secrets, sqs, sts, support, tags, trails,
};

/// An operation: what it needs and what does it.
pub(crate) struct Row {
    /// The operation.
    pub(crate) operation: &'static str,
    /// Whether it only reads.
    pub(crate) reads: bool,
    /// The ARN that the permission is asked for.
    pub(crate) on: fn(&Turn<'_>) -> String,
    /// What does it.
    pub(crate) handle: fn(&mut Turn<'_>) -> Handled,
}

impl Row {
    /// An operation that only reads.
    pub(crate) const fn read(
        operation: &'static str,
        on: fn(&Turn<'_>) -> String,
        handle: fn(&mut Turn<'_>) -> Handled,
    ) -> Self {
        Self { operation, reads: true, on, handle }
    }

    /// An operation that changes something.
    pub(crate) const fn write(
        operation: &'static str,
        on: fn(&Turn<'_>) -> String,
        handle: fn(&mut Turn<'_>) -> Handled,
    ) -> Self {
        Self { operation, reads: false, on, handle }
    }
}

/// Everything, for operations whose permission is not for a certain resource.
pub(super) fn anything(_: &Turn<'_>) -> String {
    "*".to_owned()
}

/// Finds an operation.
pub(crate) fn find(service: ServiceName, operation: &str) -> Option<&'static Row> {
    let tables: &[&'static [Row]] = match service {
        ServiceName::Iam => iam::TABLES,
        ServiceName::Sts => &[sts::ROWS],
        ServiceName::Bedrock | ServiceName::BedrockRuntime => bedrock::TABLES,
        ServiceName::BedrockAgent | ServiceName::BedrockAgentRuntime => agents::TABLES,
        ServiceName::Qbusiness => q::TABLES,
        ServiceName::Secretsmanager => &[secrets::ROWS],
        ServiceName::Support => support::TABLES,
        ServiceName::Account => &[account::ROWS],
        ServiceName::Cloudtrail => &[cloudtrail::ROWS, trails::ROWS],
        ServiceName::Guardduty => &[guardduty::ROWS],
        ServiceName::Sqs => sqs::TABLES,
    };
    let of_tags = match service {
        ServiceName::BedrockAgent => tags::OF_AGENTS,
        ServiceName::Bedrock | ServiceName::Qbusiness => tags::LISTED,
        _ => &[],
    };
    // Knowledge bases are part of the agents' service, and a world of their own.
    let more: &[&'static [Row]] = if service == ServiceName::BedrockAgent { knowledge::TABLES } else { &[] };
    tables.iter().chain(more).chain([&of_tags]).flat_map(|rows| rows.iter()).find(|row| row.operation == operation)
}

/// Asks for permission, then does it.
pub(crate) fn handle(row: &Row, turn: &mut Turn<'_>) -> Handled {
    permit(row, turn)?;
    (row.handle)(turn)
}

fn permit(row: &Row, turn: &mut Turn<'_>) -> Result<(), crate::range::wire::ApiError> {
    // FACT sts-caller-identity
    if matches!(row.operation, "GetCallerIdentity" | "GetSessionToken") {
        return Ok(());
    }
    let denied = |text| Err(Refuse::AccessDenied.by(turn.call.service, Some(text)));
    let foreign = matches!(turn.caller.principal, Principal::Foreign { .. });
    // AssumeRole asks the trust policy as well, so it decides by itself.
    if row.operation == "AssumeRole" {
        return Ok(());
    }
    let name = match row.operation {
        // FACT converse-permission
        "Converse" => "InvokeModel",
        // FACT sqs-batch-permission
        "SendMessageBatch" => "SendMessage",
        "DeleteMessageBatch" => "DeleteMessage",
        other => other,
    };
    let action = format!("{}:{name}", turn.call.service.signing_name());
    let resource = (row.on)(turn);
    if foreign {
        // FACT foreign-account
        return denied(format!(
            "User: {} is not authorized to perform: {action}",
            describe(turn.account(), &turn.caller.principal).arn
        ));
    }
    let source_ip = turn.call.source_ip.parse().ok();
    let region = &turn.call.region;
    let question =
        Question { caller: turn.caller, action: &action, resource: &resource, region, source_ip, at: turn.now };
    match turn.state.authorizer.decide(&turn.state.account, question) {
        Verdict::Allowed => Ok(()),
        Verdict::Denied(why) | Verdict::Unknown(why) => {
            let who = describe(&turn.state.account, &turn.caller.principal).arn;
            denied(format!("User: {who} is not authorized to perform: {action} on resource: {resource} {why}"))
        }
    }
}
