//! `iam.create-role`: makes a role with no more than it needs, for a workload whose principal was taken away.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Action, Assignment, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest};
use crate::aws::{
    CreateRole as CreateRoleCall, DeleteRole, DeleteRolePolicy, GetRole, GetRolePolicy, ListAttachedRolePolicies,
    ListInstanceProfilesForRole, ListRolePolicies, Operation, PutRolePolicy, Request, WrittenPolicy,
};
use crate::base::{Arn, Entity, EntityKind, Impact, RoleName, Target, Touch};
use crate::iam::{PolicyDocument, StatementEffect};

/// What the role's own policy is called.
const POLICY: &str = "workload";
/// The tag of roles that quell has made; its value is the incident.
const TAG: &str = "quell-incident";

/// Makes a role with no more than it needs.
pub struct CreateRole;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The role's name. No role may have it yet.
    pub name: RoleName,
    /// Its path.
    #[serde(default = "root_path")]
    pub path: String,
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// What it may do: the actions and resources that the workload needs, written out.
    pub policy: PolicyDocument,
    /// The managed policy that bounds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<Arn>,
}

fn root_path() -> String {
    "/".to_owned()
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The role of that name, if there is one.
    pub found: Option<Found>,
}

/// A role of that name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The immutable id.
    pub id: String,
    /// Whether it was made for this incident.
    pub made_here: bool,
    /// Whether its trust policy is the one that was asked for.
    pub trusts: bool,
    /// Whether its own policy is there.
    pub has_policy: bool,
    /// Whether that says what was asked for.
    pub says: bool,
    /// What else hangs on it.
    pub others: Vec<String>,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The role of that name.
    pub found: Option<Found>,
    /// What its own policy said.
    pub policy: Option<PolicyDocument>,
}

/// Nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl CreateRole {
    fn put(input: &Input, document: PolicyDocument) -> Move {
        let document = WrittenPolicy::Document(document);
        PutRolePolicy { role: input.name.clone(), policy: POLICY.to_owned(), document }.into()
    }

    fn delete_policy(input: &Input) -> Move {
        DeleteRolePolicy { role: input.name.clone(), policy: POLICY.to_owned() }.into()
    }
}

impl Action for CreateRole {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "iam.create-role";
    const SUMMARY: &'static str =
        "Make a role with no more than it needs, for a workload whose principal was taken away";
    const PAGE: &'static str = include_str!("iam_create_role.md");
    const READS: &'static [&'static Operation] = &[
        GetRole::OPERATION,
        GetRolePolicy::OPERATION,
        ListRolePolicies::OPERATION,
        ListAttachedRolePolicies::OPERATION,
        ListInstanceProfilesForRole::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] =
        &[CreateRoleCall::OPERATION, PutRolePolicy::OPERATION, DeleteRolePolicy::OPERATION, DeleteRole::OPERATION];
    const ENVELOPE: usize = 2;
    const TIMEOUT: Duration = Duration::from_secs(300);
    const IN_ORDER: bool = true;

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(None, Entity::new(EntityKind::Role, input.name.as_str()))
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(Entity::new(EntityKind::Role, input.name.as_str()), Touch::Changes)]
    }

    async fn observe(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let role = input.name.clone();
        let Some(known) = look.find(GetRole { role: role.clone() }).await? else {
            let present = Present { found: None, policy: None };
            return Ok(Seen { state: State { found: None }, present, context: Context {} });
        };
        let policy = look.find(GetRolePolicy { role: role.clone(), policy: POLICY.to_owned() }).await?;
        let inline = look.find_all(ListRolePolicies { role: role.clone(), next: None }).await?.unwrap_or_default();
        let attached =
            look.find_all(ListAttachedRolePolicies { role: role.clone(), next: None }).await?.unwrap_or_default();
        let profiles = look.find_all(ListInstanceProfilesForRole { role, next: None }).await?.unwrap_or_default();
        let mut others: Vec<String> =
            inline.into_iter().filter(|name| name != POLICY).map(|name| format!("inline policy {name}")).collect();
        others.extend(attached.iter().map(|arn| format!("policy {arn}")));
        others.extend(profiles.iter().map(|profile| format!("instance profile {profile}")));
        let found = Found {
            id: known.id,
            made_here: known.tags.get(TAG).is_some_and(|incident| *incident == to.incident.to_string()),
            trusts: known.trust == input.trust,
            has_policy: policy.is_some(),
            says: policy.as_ref() == Some(&input.policy),
            others,
        };
        let present = Present { found: Some(found.clone()), policy };
        Ok(Seen { state: State { found: Some(found) }, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        if let Some(refusal) = too_much(input) {
            return Err(refusal);
        }
        let put = Self::put(input, input.policy.clone());
        let Some(found) = &state.found else {
            let create = CreateRoleCall {
                role: input.name.clone(),
                path: input.path.clone(),
                trust: input.trust.clone(),
                boundary: input.boundary.clone(),
                tag: TAG.to_owned(),
                value: to.incident.to_string(),
            };
            return Ok(vec![create.into(), put]);
        };
        if !found.made_here {
            let by = format!(
                "role {}, which is there already and was not made for this incident: give another name",
                input.name
            );
            return Err(Refusal::InUse { by: vec![by] });
        }
        if !found.trusts {
            return Err(Refusal::Changed {
                before: "no role of that name".to_owned(),
                left: "a role with the trust policy that was asked for".to_owned(),
                now: "it has another trust policy".to_owned(),
            });
        }
        Ok(if found.says { vec![] } else { vec![put] })
    }

    fn restore(
        &self,
        _: &Assignment,
        input: &Input,
        present: &Present,
        left: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let Some(found) = &state.found else { return Ok(vec![]) };
        let Some(left) = &left.found else { return Ok(vec![]) };
        if left.id != found.id {
            return Err(Refusal::Changed {
                before: "no role of that name".to_owned(),
                left: format!("role {} that was made here", input.name),
                now: "another role of the same name".to_owned(),
            });
        }
        if present.found.is_some() {
            // The role was there, and only its policy was missing or another one.
            return Ok(match &present.policy {
                _ if !found.says => vec![],
                Some(before) if *before != input.policy => vec![Self::put(input, before.clone())],
                Some(_) => vec![],
                None => vec![Self::delete_policy(input)],
            });
        }
        if !found.others.is_empty() {
            return Err(Refusal::InUse { by: found.others.clone() });
        }
        let policy = found.has_policy.then(|| Self::delete_policy(input));
        Ok(policy.into_iter().chain([DeleteRole { role: input.name.clone() }.into()]).collect())
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.found, &now.found) {
            (Some(planned), Some(now)) => planned.id == now.id,
            _ => true,
        }
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        Story {
            now: match &seen.state.found {
                None => "does not exist".to_owned(),
                Some(found) if found.made_here => "was made for this incident".to_owned(),
                Some(_) => "is there already, and was not made for this incident".to_owned(),
            },
            does: format!("make it with {} statements of its own", input.policy.statements().len()),
            impact: Impact::NoneSeen,
            because: "a new role takes nothing from anybody".to_owned(),
            undo: "it is deleted, unless something else was hung on it".to_owned(),
            residual: vec![Residual::stays_until(
                format!("role {}, for whoever its trust policy admits", input.name),
                "iam.delete-role deletes it",
            )],
            notes: vec!["the workload has to be told to use it".to_owned()],
            unread: vec![],
        }
    }
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    }
}

/// Why the documents give more than a workload can need, or are none.
fn too_much(input: &Input) -> Option<Refusal> {
    let refuse = |why: String, instead: &str| Some(Refusal::Protected { why, instead: instead.to_owned() });
    if let Err(error) = input.policy.check_identity() {
        return refuse(format!("the policy is none: {error}"), "correct `policy`");
    }
    if let Err(error) = input.trust.check_trust() {
        return refuse(format!("the trust policy is none: {error}"), "correct `trust`");
    }
    for statement in input.policy.statements().iter().filter(|one| one.effect() == StatementEffect::Allow) {
        let json = statement.json();
        if json.contains_key("NotAction") || json.contains_key("NotResource") {
            return refuse(
                "it would allow everything but what is named".to_owned(),
                "name the actions and resources that the workload needs",
            );
        }
        // `*`, `*:*` and `iam:*` make more of a role than its maker is.
        let wide = |action: &&str| {
            let service = action.split(':').next().unwrap_or_default().to_ascii_lowercase();
            action.trim_matches('*').trim_matches(':').is_empty()
                || service.contains('*')
                || (["iam", "sts", "organizations"].contains(&service.as_str()) && action.contains('*'))
        };
        if let Some(action) = texts(json.get("Action")).into_iter().find(|action| wide(action)) {
            return refuse(
                format!("it would allow `{action}`, which lets a role become anybody"),
                "name the actions that the workload needs",
            );
        }
    }
    let admits_all = input.trust.statements().iter().any(|statement| {
        let json = statement.json();
        let principal = json.get("Principal");
        let everybody = texts(principal).contains(&"*")
            || principal
                .and_then(Value::as_object)
                .is_some_and(|kinds| kinds.values().any(|names| texts(Some(names)).contains(&"*")));
        statement.effect() == StatementEffect::Allow && everybody && !json.contains_key("Condition")
    });
    if admits_all {
        return refuse(
            "everybody in the world could assume it".to_owned(),
            "name the service or principal that assumes it under `trust`",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    fn document(statement: Value) -> Value {
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    }

    fn input(action: Value, principal: Value) -> Input {
        let with = json!({
            "name": "reports",
            "trust": document(json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" })),
            "policy": document(json!({ "Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::reports/*" })),
        });
        serde_json::from_value(with).expect("an input")
    }

    fn proposed(input: &Input, found: Option<Found>) -> Result<usize, Refusal> {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-4711".parse().expect("an incident"), place };
        let moves = CreateRole.propose(&to, input, &State { found }, &Facts::default())?;
        Ok(moves.len())
    }

    fn service() -> Value {
        json!({ "Service": "ecs-tasks.amazonaws.com" })
    }

    #[test]
    fn a_role_that_may_do_anything_is_refused() {
        assert_eq!(proposed(&input(json!("s3:GetObject"), service()), None).expect("moves"), 2);
        assert_eq!(proposed(&input(json!(["s3:Get*", "s3:List*"]), service()), None).expect("moves"), 2);
        for wide in ["*", "*:*", "iam:*", "iam:Put*", "s*:Get", "sts:Assume*"] {
            let refused = proposed(&input(json!(["s3:GetObject", wide]), service()), None);
            assert!(matches!(refused, Err(Refusal::Protected { .. })), "{wide}: {refused:?}");
        }
        for everybody in [json!("*"), json!({ "AWS": "*" }), json!({ "AWS": ["arn:aws:iam::111122223333:root", "*"] })]
        {
            let refused = proposed(&input(json!("s3:GetObject"), everybody.clone()), None);
            assert!(matches!(refused, Err(Refusal::Protected { .. })), "{everybody}: {refused:?}");
        }
    }

    #[test]
    fn a_role_of_somebody_else_is_left_alone() {
        let input = input(json!("s3:GetObject"), service());
        let found = |made_here, trusts, says| {
            let id = "AROA1".to_owned();
            Some(Found { id, made_here, trusts, has_policy: says, says, others: vec![] })
        };
        assert!(matches!(proposed(&input, found(false, true, true)), Err(Refusal::InUse { .. })));
        assert!(matches!(proposed(&input, found(true, false, true)), Err(Refusal::Changed { .. })));
        assert_eq!(proposed(&input, found(true, true, false)).expect("moves"), 1);
        assert_eq!(proposed(&input, found(true, true, true)).expect("moves"), 0);
    }
}
