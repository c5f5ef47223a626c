//! Whether the responder can carry out the rest of a plan, and take it back.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{ActsAs, Caller, Need, Plan, needs_of_plan};
use crate::aws::{GetRole, Place, Reader, Simulate, Simulated};
use crate::base::{Arn, Entity, PrincipalKind, RoleName, StepKey};

/// How many resources one simulation is asked about at most: a plan may be about thousands.
const MOST_RESOURCES: usize = 50;
/// How many simulations are asked for at most. They come one after the other through the pace of IAM's reads.
const MOST_ASKED: usize = 20;

/// Whether the responder can carry out the rest of a plan, and take it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Responder {
    /// Everybody on whom the response hangs.
    pub hangs_on: Vec<HangsOn>,
    /// What AWS's own simulator says of the caller, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulation: Option<Simulation>,
}

/// One on whom the response hangs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HangsOn {
    /// The role, user, group or policy.
    pub principal: String,
    /// Why.
    pub part: Part,
    /// Steps that take something from it, and leave all that is needed of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spared_by: Vec<StepKey>,
}

/// Why a response hangs on somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The caller.
    Caller,
    /// The run is carried out as it.
    ActsAs,
    /// The caller came through it, and renews its credentials so.
    CameThrough,
    /// Whoever is left when nobody else can do anything.
    BreakGlass,
}

/// What AWS's own simulator says of what the caller may do (`iam:SimulatePrincipalPolicy`). It judges by the policies of the role or user
/// alone: those of the organisation, of the session and of resources may take more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Simulation {
    /// How many permissions it was asked about.
    pub asked: usize,
    /// What it does not allow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<Lacking>,
    /// Why it was not asked, or not about everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_asked: Option<String>,
}

/// A permission that the simulator does not allow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lacking {
    /// The action.
    pub action: String,
    /// On what.
    pub resource: String,
    /// Why, as a fragment.
    pub why: String,
}

impl Responder {
    /// Tells whom a plan spares.
    pub(super) fn of(plan: &Plan, break_glass: &BTreeSet<Arn>) -> Self {
        Self { hangs_on: hangs_on(plan, break_glass), simulation: None }
    }
}

/// Asks the simulator about everything that acting on a plan, verifying and undoing take, with what the plan denies the caller. It is nice to
/// have: what it does not say in a short time stays unknown. Nobody is asked for the sake of a plan that no person approves.
pub async fn simulated(plan: Plan, reader: &Reader) -> Plan {
    let needs = needs_of_plan(&plan).unwrap_or_default();
    let simulation = Some(simulate(&plan, &needs, reader).await);
    let responder = plan.responder.clone().map(|responder| Responder { simulation, ..responder });
    Plan { responder, ..plan }
}

fn hangs_on(plan: &Plan, break_glass: &BTreeSet<Arn>) -> Vec<HangsOn> {
    let parts = std::iter::once((&plan.caller.arn, Part::Caller))
        .chain(plan.caller.acts_as.iter().map(|acts_as| (&acts_as.role, Part::ActsAs)))
        .chain(plan.caller.came_through.iter().map(|arn| (arn, Part::CameThrough)))
        .chain(of_account(break_glass, &plan.place).map(|arn| (arn, Part::BreakGlass)));
    let spared_by = |own: Entity| {
        let acts = plan.actions().filter(|(_, action)| action.refusal().is_none() && action.touched().contains(&own));
        acts.map(|(step, _)| step.key.clone()).collect()
    };
    let one = |(arn, part): (&Arn, Part)| HangsOn {
        principal: arn.to_string(),
        part,
        spared_by: Entity::of_iam(arn).map(spared_by).unwrap_or_default(),
    };
    parts.map(one).collect()
}

/// Those that are listed for the account of a plan.
pub(super) fn of_account<'a>(listed: &'a BTreeSet<Arn>, place: &Place) -> impl Iterator<Item = &'a Arn> {
    listed.iter().filter(|arn| arn.account().as_ref() == Some(&place.account))
}

async fn simulate(plan: &Plan, needs: &BTreeSet<Need>, reader: &Reader) -> Simulation {
    let since = Instant::now();
    let of = match source(&plan.caller, reader, since).await {
        Ok(of) => of,
        Err(why) => return Simulation { not_asked: Some(why), ..Simulation::default() },
    };
    let to = plan.assignment();
    let own = plan.caller.acts_as.as_ref().map_or_else(|| plan.caller.entity(), ActsAs::entity);
    let added = plan.actions().filter(|(_, action)| action.refusal().is_none());
    let added: Vec<_> = added.filter_map(|(_, action)| action.imposed_on(&to, own.as_ref()?)).collect();
    let (asked, left_out) = questions(needs);
    let answers = asked.iter().map(|(actions, resources)| {
        let (actions, resources, added) = (actions.clone(), resources.clone(), added.clone());
        reader.glance_all(since, Simulate { of: of.clone(), actions, resources, added, next: None })
    });
    let mut simulation = Simulation::default();
    for answer in join_all(answers).await {
        match answer {
            Ok(results) => {
                simulation.asked += results.len();
                simulation.lacking.extend(results.into_iter().filter_map(lacking));
            }
            Err(why) => simulation.not_asked = Some(why),
        }
    }
    if left_out > 0 && simulation.not_asked.is_none() {
        simulation.not_asked = Some(format!("{left_out} of them were left out"));
    }
    simulation.lacking.sort();
    simulation
}

/// The role or user that the simulator takes: it knows no sessions, and the ARN of a session does not have the role's path.
async fn source(caller: &Caller, reader: &Reader, since: Instant) -> Result<Arn, String> {
    if let Some(acts_as) = &caller.acts_as {
        return Ok(acts_as.role.clone());
    }
    match caller.arn.principal() {
        Some(PrincipalKind::AssumedRole { role, .. }) => {
            let role = RoleName::new(role).map_err(|error| error.to_string())?;
            Ok(reader.glance(since, GetRole { role }).await?.arn)
        }
        Some(PrincipalKind::User { .. }) => Ok(caller.arn.clone()),
        _ => Err("it takes roles and users only".to_owned()),
    }
}

/// Actions, and the resources on which each of them is asked about.
type Question = (Vec<String>, Vec<String>);

/// Which actions are asked about for which resources, so that few requests ask everything; and how many permissions are left out.
fn questions(needs: &BTreeSet<Need>) -> (Vec<Question>, usize) {
    let mut by_resource: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for need in needs {
        by_resource.entry(&need.resource).or_default().push(need.action.clone());
    }
    let mut by_actions: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (resource, actions) in by_resource {
        by_actions.entry(actions).or_default().push(resource.to_owned());
    }
    let mut asked = Vec::new();
    let mut left_out = 0;
    for (actions, resources) in by_actions {
        for some in resources.chunks(MOST_RESOURCES) {
            match asked.len() < MOST_ASKED {
                true => asked.push((actions.clone(), some.to_vec())),
                false => left_out += actions.len() * some.len(),
            }
        }
    }
    (asked, left_out)
}

fn lacking(one: Simulated) -> Option<Lacking> {
    let Simulated { action, resource, allowed, denied, by, missing } = one;
    let why = match (allowed, denied, missing.is_empty()) {
        (true, ..) => return None,
        (_, _, false) => format!("it hangs on {}", missing.join(", ")),
        (_, true, _) => format!("denied by {}", by.join(", ")),
        (..) => "nothing allows it".to_owned(),
    };
    Some(Lacking { action, resource, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(of: impl IntoIterator<Item = (usize, &'static str)>) -> BTreeSet<Need> {
        let need =
            |(number, action): (usize, &str)| Need { action: action.to_owned(), resource: format!("arn:{number}") };
        of.into_iter().map(need).collect()
    }

    #[test]
    fn what_is_alike_is_asked_about_at_once() {
        let alike = needs((0..60).flat_map(|number| [(number, "iam:GetRole"), (number, "iam:PutRolePolicy")]));
        let (asked, left_out) = questions(&alike);
        assert_eq!(asked.iter().map(|(_, resources)| resources.len()).collect::<Vec<_>>(), [50, 10]);
        assert!(asked.iter().all(|(actions, _)| actions.len() == 2));
        assert_eq!(left_out, 0);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let many = needs((0..MOST_RESOURCES * MOST_ASKED + 7).map(|number| (number, "iam:GetRole")));
        let (asked, left_out) = questions(&many);
        assert_eq!((asked.len(), left_out), (MOST_ASKED, 7));
    }
}
