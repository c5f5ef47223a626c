//! What a role or user may do, as IAM's own simulator says.

use serde::{Deserialize, Serialize};

use super::declare::request;
use super::iam_roles::IAM_READ;
use super::{Operation, Page, Service};
use crate::base::{Arn, Entity, EntityKind};
use crate::iam::PolicyDocument;

/// What the simulator says of one action on one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulated {
    /// The action, such as `iam:PutRolePolicy`.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// Whether it is allowed.
    pub allowed: bool,
    /// Whether a statement denies it; otherwise nothing allows it.
    pub denied: bool,
    /// The names of the policies that decided.
    pub by: Vec<String>,
    /// Condition keys that would have to be known.
    pub missing: Vec<String>,
}

request! {
    /// Simulates what a role or user may do, with policies added to those that it has (`iam:SimulatePrincipalPolicy`). It takes no
    /// session, and knows nothing of the policies of the organisation, of a session, or of resources.
    list Simulate {
        /// The role or user, by its full ARN.
        of: Arn,
        /// The actions; each is simulated on each resource.
        actions: Vec<String>,
        /// The resources: ARNs, patterns, or `*`.
        resources: Vec<String>,
        /// Policies that it does not have yet.
        added: Vec<PolicyDocument>,
    } of Simulated,
    row: Operation::read(Service::Iam, "SimulatePrincipalPolicy")
        .needs(&["iam:SimulatePrincipalPolicy"], "*")
        .paced(IAM_READ),
    about: |_it| Entity::new(EntityKind::Account, "policy simulator"),
    send: |it, to| to
        .iam(None)
        .simulate_principal_policy()
        .policy_source_arn(it.of.as_str())
        .set_action_names(Some(it.actions.clone()))
        .set_resource_arns(Some(it.resources.clone()))
        .set_policy_input_list(
            (!it.added.is_empty()).then(|| it.added.iter().map(PolicyDocument::to_json).collect()),
        )
        .max_items(MOST_ITEMS)
        .set_marker(it.next.clone()),
    reply: |out| {
        let next = out.marker.filter(|_| out.is_truncated);
        let items = out.evaluation_results.unwrap_or_default().into_iter().map(simulated).collect();
        Ok(Page { items, next })
    },
}

/// The most that AWS gives in one page.
const MOST_ITEMS: i32 = 1_000;

fn simulated(one: aws_sdk_iam::types::EvaluationResult) -> Simulated {
    use aws_sdk_iam::types::PolicyEvaluationDecisionType as Decided;
    let policies = one.matched_statements.unwrap_or_default().into_iter();
    Simulated {
        action: one.eval_action_name,
        resource: one.eval_resource_name.unwrap_or_else(|| "*".to_owned()),
        allowed: one.eval_decision == Decided::Allowed,
        denied: one.eval_decision == Decided::ExplicitDeny,
        by: policies.filter_map(|statement| statement.source_policy_id).collect(),
        missing: one.missing_context_values.unwrap_or_default(),
    }
}
