//! The IAM permissions that a plan needs, from the one table that everything else uses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Plan;
use super::tags::tells_tags;
use crate::actions::{BadInput, registry};
use crate::aws::{
    AssumeRole, Call, GetAccessKeyLastUsed, GetRole, ListAccountAliases, ListRegions, LookupEvents, Operation, Place,
    Request, Service, Simulate, operations,
};
use crate::base::{Effect, Target};

/// An IAM action on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// The action, such as `iam:PutRolePolicy`.
    pub action: String,
    /// The resource: an ARN, a pattern, or `*`.
    pub resource: String,
}

/// What an operation needs on a target; without one, on every target of the account.
fn needs_of(operation: &Operation, place: &Place, target: Option<&Target>) -> impl Iterator<Item = Need> {
    needs_on(operation.resource, operation, place, target)
}

/// The same on another resource than the operation's row names.
fn needs_on(
    resource: &str,
    operation: &Operation,
    place: &Place,
    target: Option<&Target>,
) -> impl Iterator<Item = Need> + use<> {
    let path = target.map(|target| target.entity.path.as_slice()).unwrap_or_default();
    // An operation on children, asked for by their parent: any child of that parent.
    let any_child = path.len() == 1 && resource.contains("{parent}");
    let id = path.last().filter(|_| !any_child).map_or("*", String::as_str);
    let region = target.and_then(|target| target.region.as_ref());
    let resource = resource
        .replace("{partition}", place.partition.as_str())
        .replace("{account}", place.account.as_str())
        .replace("{region}", region.map_or("*", |region| region.as_str()))
        .replace("{parent}", path.first().map_or("*", String::as_str))
        .replace("{id}", id)
        .replace("**", "*");
    let resources = of_any_path(&resource);
    let permissions: &'static [&'static str] = operation.permissions;
    permissions.iter().flat_map(move |action| {
        let on = |resource| Need { action: (*action).to_owned(), resource };
        resources.clone().into_iter().map(on)
    })
}

/// A thing of IAM with a name and any path, which is not known beforehand. `*` stands for any part of a name as well, so that one pattern for
/// both would be about others, whose names end alike.
fn of_any_path(resource: &str) -> Vec<String> {
    match resource.split_once("/*") {
        Some((before, name)) if !name.is_empty() && !name.starts_with(['*', '/']) => {
            vec![format!("{before}/{name}"), format!("{before}/*/{name}")]
        }
        _ => vec![resource.to_owned()],
    }
}

/// What is read whatever the plan: by [`look_around`](super::look_around), where the caller's own permissions are simulated, and at the
/// end of a run, where somebody has undone a step. Without it the account has no name on the screens, and who is behind the caller's
/// keys, what the caller lacks, or who has undone a step, stays unknown.
const ALWAYS_READ: [&Operation; 5] = [
    ListAccountAliases::OPERATION,
    GetAccessKeyLastUsed::OPERATION,
    GetRole::OPERATION,
    Simulate::OPERATION,
    LookupEvents::OPERATION,
];

fn needs_of_every_plan(place: &Place) -> BTreeSet<Need> {
    ALWAYS_READ.into_iter().flat_map(|operation| needs_of(operation, place, None)).collect()
}

/// What a plan needs to be applied, verified and undone.
pub fn needs_of_plan(plan: &Plan) -> Result<BTreeSet<Need>, BadInput> {
    let mut needs = needs_of_every_plan(&plan.place);
    for (_, planned) in plan.actions() {
        let action = planned.of_registry()?;
        for operation in action.reads() {
            needs.extend(needs_of(operation, &plan.place, None));
        }
        let target_of = |call: &Call| plan.place.target(call.region(), call.entity());
        let (on_it, on_others): (Vec<&Call>, Vec<&Call>) =
            planned.calls().partition(|call| target_of(call).is_within(&planned.target));
        // What is sent to another service than the target's is about another thing, which its own call names.
        let services: BTreeSet<Service> = on_it.iter().map(|call| call.operation().service).collect();
        // What is refused changes nothing, whatever the account comes to.
        let sends: &[&Operation] = if planned.refusal().is_some() { &[] } else { action.sends() };
        for operation in sends.iter().filter(|one| services.is_empty() || services.contains(&one.service)) {
            needs.extend(needs_on(action.resource_of(operation), operation, &plan.place, Some(&planned.target)));
        }
        // What the step does to others than its target, such as those who have the policy that it deletes, and what may have
        // to be sent to them to take that back.
        for call in on_others {
            let resource = action.resource_of(call.operation());
            for operation in action.sends().iter().filter(|one| action.resource_of(one) == resource) {
                needs.extend(needs_on(resource, operation, &plan.place, Some(&target_of(call))));
            }
        }
    }
    for asked in &plan.queries {
        let query = registry().query(&asked.query);
        for operation in query.map(|query| query.reads()).unwrap_or_default() {
            needs.extend(needs_of(operation, &plan.place, None));
        }
    }
    Ok(needs)
}

/// What the named actions and queries need in any account: the least-privilege policy of a runbook. A regional query may
/// be asked in every Region that is enabled, so it takes the list of these.
pub fn needs_of_actions<'a>(names: impl Iterator<Item = &'a str>, place: &Place) -> BTreeSet<Need> {
    let mut needs = needs_of_every_plan(place);
    for name in names {
        let action = registry().action(name);
        let rows = action.into_iter().flat_map(|action| {
            let all = action.reads().iter().chain(action.sends());
            all.map(|operation| (action.resource_of(operation), *operation))
        });
        let services: BTreeSet<Service> =
            action.into_iter().flat_map(|action| action.sends()).map(|operation| operation.service).collect();
        for operation in services.into_iter().filter_map(tells_tags) {
            needs.extend(needs_of(operation, place, None));
        }
        let query = registry().query(name);
        let regions = query.filter(|query| query.regional()).map(|_| ListRegions::OPERATION);
        let reads = query.into_iter().flat_map(|query| query.reads());
        let others = reads.copied().chain(regions).map(|operation| (operation.resource, operation));
        for (resource, operation) in rows.chain(others) {
            needs.extend(needs_on(resource, operation, place, None));
        }
    }
    needs
}

/// Of what is needed, that which only reads: enough for planning.
pub fn needs_of_planning(needs: &BTreeSet<Need>) -> BTreeSet<Need> {
    let reads = reading();
    needs.iter().filter(|need| reads.contains(need.action.as_str())).cloned().collect()
}

/// The IAM actions that only read.
pub(super) fn reading() -> BTreeSet<&'static str> {
    let reads = operations().filter(|operation| operation.effect == Effect::Read);
    reads.flat_map(|operation| operation.permissions.iter().copied()).collect()
}

/// What it takes to make a plan, besides what carrying it out takes: the tags of what it is about, and assuming the role that it is carried out
/// as, where there is one.
pub fn needs_besides(plan: &Plan) -> BTreeSet<Need> {
    let role = plan.caller.acts_as.iter().map(|acts_as| acts_as.role.as_str());
    let permissions: &'static [&'static str] = AssumeRole::OPERATION.permissions;
    let assuming = role.flat_map(|role| {
        permissions.iter().map(move |action| Need { action: (*action).to_owned(), resource: role.to_owned() })
    });
    let services: BTreeSet<Service> = plan.calls().map(|(_, call)| call.operation().service).collect();
    let tags = services.into_iter().filter_map(tells_tags);
    tags.flat_map(|operation| needs_of(operation, &plan.place, None)).chain(assuming).collect()
}

/// The IAM policy that allows these needs and nothing else, actions grouped by resource.
pub fn policy_of(needs: &BTreeSet<Need>) -> Value {
    let mut by_resource: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for need in needs {
        by_resource.entry(&need.resource).or_default().push(&need.action);
    }
    let statements: Vec<Value> = by_resource
        .into_iter()
        .map(|(resource, actions)| json!({ "Effect": "Allow", "Action": actions, "Resource": resource }))
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_ending_of_others() {
        let of = |kind: &str| format!("arn:aws:iam::111122223333:{kind}");
        assert_eq!(of_any_path(&of("role/*pipeline")), [of("role/pipeline"), of("role/*/pipeline")]);
        assert_eq!(
            of_any_path(&of("policy/*quell/INC-1/deny")),
            [of("policy/quell/INC-1/deny"), of("policy/*/quell/INC-1/deny")]
        );
        for any in ["role/*", "group/*", "policy/quell/*"] {
            assert_eq!(of_any_path(&of(any)), [of(any)]);
        }
        assert_eq!(of_any_path("*"), ["*"]);
    }
}
