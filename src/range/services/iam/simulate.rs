//! IAM's policy simulator.

use serde_json::{Value, json};

use crate::iam::{Context, Decision, Denial, StatementRef};
use crate::range::model::{Caller, Principal};
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, View, refuse};

pub(super) const ROWS: &[Row] =
    &[Row::read("SimulatePrincipalPolicy", |turn| turn.text("PolicySourceArn").to_owned(), simulate)];

/// The role or user of an ARN, as somebody who calls.
fn source(turn: &Turn<'_>) -> Result<Caller, ApiError> {
    let arn = turn.text("PolicySourceArn");
    let account = turn.account();
    let role = account.roles.all_latest().find(|(_, role)| account.role_arn(role) == arn);
    let user = account.users.all_latest().find(|(_, user)| account.user_arn(user) == arn);
    let principal = match (role, user) {
        (Some((_, role)), _) => {
            Principal::Role { role: role.name.clone(), id: role.id.clone(), session: "simulation".to_owned() }
        }
        (_, Some((_, user))) => Principal::User { name: user.name.clone() },
        // FACT iam-simulate-entities
        _ if arn.contains(":assumed-role/") => {
            return Err(refuse("InvalidInput", format!("Invalid Entity Arn: {arn}")));
        }
        _ => return Err(refuse("NoSuchEntity", format!("The entity {arn} cannot be found."))),
    };
    Ok(Caller::without_key(principal))
}

fn context(turn: &Turn<'_>) -> Context {
    let entries = turn.call.input.get("ContextEntries").and_then(Value::as_array);
    entries.into_iter().flatten().fold(Context::new(), |context, entry| {
        let values = entry["ContextKeyValues"].as_array().into_iter().flatten();
        let values = values.filter_map(|value| value.as_str().map(String::from));
        context.with_values(entry["ContextKeyName"].as_str().unwrap_or_default(), values)
    })
}

fn simulate(turn: &mut Turn<'_>) -> Handled {
    let caller = source(turn)?;
    let context = context(turn);
    let extra = turn.texts("PolicyInputList");
    let mut resources = turn.texts("ResourceArns");
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let view = View::Seen(turn.replica);
    let mut results = Vec::new();
    for action in turn.texts("ActionNames") {
        for resource in &resources {
            let asked = (action.as_str(), resource.as_str(), &context);
            let state = &mut *turn.state;
            let decision = state.authorizer.simulate(&state.account, &caller, &extra, view, asked, turn.now);
            results.push(shown(&action, resource, decision));
        }
    }
    turn.page("EvaluationResults", results)
}

fn shown(action: &str, resource: &str, decision: Option<Decision>) -> Value {
    let statement = |by: &StatementRef| json!({ "SourcePolicyId": by.policy, "SourcePolicyType": "IAM Policy" });
    let (decision, matched) = match &decision {
        Some(Decision::Allowed { by }) => ("allowed", by.as_ref().map(statement)),
        Some(Decision::Denied { by: Denial::Explicit(by) }) => ("explicitDeny", Some(statement(by))),
        _ => ("implicitDeny", None),
    };
    json!({
        "EvalActionName": action, "EvalResourceName": resource, "EvalDecision": decision,
        "MatchedStatements": matched.into_iter().collect::<Vec<_>>(), "MissingContextValues": [],
    })
}
