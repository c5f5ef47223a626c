//! `iam.restore-policy-version`: lets an earlier version of a managed policy count again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy_holders::{PolicyHolder, attached_to, bounded_by};
use super::{Action, Assignment, Facts, Look, LookError, Move, PolicyRef, Refusal, Residual, Seen, Story, UndoRequest};
use crate::aws::{
    GetGroup, GetPolicy, GetPolicyVersion, ListEntitiesForPolicy, ListPolicyVersions, Operation, PolicyVersion,
    Request, SetDefaultPolicyVersion,
};
use crate::base::{Entity, Impact, PolicyVersionId, Target, Touch, counted};
use crate::iam::PolicyDocument;

/// Lets an earlier version of a managed policy count again.
pub struct RestorePolicyVersion;

/// What a runbook writes: a version, or the moment before which it was made.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Written", into = "Written")]
pub struct Input {
    /// The policy.
    pub policy: PolicyRef,
    /// Which version is to count.
    pub wanted: Wanted,
}

/// Which version is to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// This one.
    Id(PolicyVersionId),
    /// The latest one that was made before this moment, but for some: an old version may have been made to count again.
    Before {
        /// The moment.
        moment: Timestamp,
        /// Those that are not to count.
        but: Vec<PolicyVersionId>,
    },
}

/// The version as it is written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The ARN of the policy.
    policy: PolicyRef,
    /// The version that is to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<PolicyVersionId>,
    /// Or the latest one that was made before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Timestamp>,
    /// With `before`: versions that are not to count, such as an old one that somebody let count again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    but: Vec<PolicyVersionId>,
}

/// None or both of the two.
#[derive(Debug, thiserror::Error)]
#[error("either `version` or `before` says which version is to count, and `but` goes with `before`")]
struct NotOne;

impl TryFrom<Written> for Input {
    type Error = NotOne;

    fn try_from(Written { policy, version, before, but }: Written) -> Result<Self, NotOne> {
        let wanted = match (version, before) {
            (Some(id), None) if but.is_empty() => Wanted::Id(id),
            (None, Some(moment)) => Wanted::Before { moment, but },
            _ => return Err(NotOne),
        };
        Ok(Self { policy, wanted })
    }
}

impl From<Input> for Written {
    fn from(Input { policy, wanted }: Input) -> Self {
        match wanted {
            Wanted::Id(id) => Self { policy, version: Some(id), before: None, but: vec![] },
            Wanted::Before { moment, but } => Self { policy, version: None, before: Some(moment), but },
        }
    }
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The policy, if it exists.
    pub found: Option<Found>,
}

/// A policy that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The immutable id.
    pub id: String,
    /// The version that counts.
    pub default_version: PolicyVersionId,
    /// The version that is to count, if there is one.
    pub wanted: Option<PolicyVersionId>,
    /// Every version.
    pub versions: BTreeSet<PolicyVersionId>,
    /// The roles and users whose permissions hang on it.
    pub holders: BTreeSet<Entity>,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The version that counted.
    pub default_version: Option<PolicyVersionId>,
    /// What each version says.
    pub versions: BTreeMap<PolicyVersionId, PolicyDocument>,
}

/// What is shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {
    /// When each version was made.
    pub made: BTreeMap<PolicyVersionId, Timestamp>,
}

fn wanted(input: &Input, versions: &[PolicyVersion]) -> Option<PolicyVersionId> {
    let fits = |version: &&PolicyVersion| match &input.wanted {
        Wanted::Id(id) => version.id == *id,
        Wanted::Before { moment, but } => version.created < *moment && !but.contains(&version.id),
    };
    versions.iter().filter(fits).max_by_key(|version| version.created).map(|version| version.id.clone())
}

impl Action for RestorePolicyVersion {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "iam.restore-policy-version";
    const SUMMARY: &'static str = "Let an earlier version of a managed policy count again";
    const PAGE: &'static str = include_str!("iam_restore_policy_version.md");
    const READS: &'static [&'static Operation] = &[
        GetPolicy::OPERATION,
        ListPolicyVersions::OPERATION,
        GetPolicyVersion::OPERATION,
        ListEntitiesForPolicy::OPERATION,
        GetGroup::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] = &[SetDefaultPolicyVersion::OPERATION];
    const ENVELOPE: usize = 2;
    const TIMEOUT: Duration = Duration::from_secs(300);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(None, input.policy.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.policy.entity(), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let policy = || input.policy.arn().clone();
        let mut present = Present { default_version: None, versions: BTreeMap::new() };
        let Some(known) = look.find(GetPolicy { policy: policy() }).await? else {
            return Ok(Seen { state: State { found: None }, present, context: Context { made: BTreeMap::new() } });
        };
        let versions = look.find_all(ListPolicyVersions { policy: policy(), next: None }).await?.unwrap_or_default();
        for version in &versions {
            let says = look.find(GetPolicyVersion { policy: policy(), version: version.id.clone() }).await?;
            present.versions.extend(says.map(|document| (version.id.clone(), document)));
        }
        present.default_version = Some(known.default_version.clone());
        let mut holders = bounded_by(look, input.policy.arn()).await?;
        // Everybody has the policies of AWS, and nobody changes them: then it does not matter who.
        if !input.policy.is_of_aws() {
            holders.extend(attached_to(look, input.policy.arn()).await?.iter().flat_map(PolicyHolder::principals));
        }
        let found = Found {
            id: known.id,
            default_version: known.default_version,
            wanted: wanted(input, &versions),
            versions: versions.iter().map(|version| version.id.clone()).collect(),
            holders,
        };
        let context = Context { made: versions.into_iter().map(|version| (version.id, version.created)).collect() };
        Ok(Seen { state: State { found: Some(found) }, present, context })
    }

    fn propose(&self, _: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let missing = |what: String| Refusal::Missing { what };
        let found = state.found.as_ref().ok_or_else(|| missing(input.policy.entity().to_string()))?;
        if let Some(refusal) = input.policy.protection() {
            return Err(refusal);
        }
        let wanted = found.wanted.clone().ok_or_else(|| match &input.wanted {
            Wanted::Id(id) => missing(format!("version {id} of {}", input.policy.entity())),
            Wanted::Before { moment, but } => {
                let others = if but.is_empty() { "a" } else { "another" };
                missing(format!("{others} version of {} from before {moment}", input.policy.entity()))
            }
        })?;
        if wanted == found.default_version {
            return Ok(vec![]);
        }
        Ok(vec![SetDefaultPolicyVersion { policy: input.policy.arn().clone(), version: wanted }.into()])
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
        let (Some(before), Some(left), Some(now)) = (&present.default_version, &left.found, &state.found) else {
            return Ok(vec![]);
        };
        if now.default_version == *before {
            return Ok(vec![]);
        }
        if left.id != now.id || left.default_version != now.default_version || !now.versions.contains(before) {
            return Err(Refusal::Changed {
                before: format!("version {before}"),
                left: format!("version {}", left.default_version),
                now: format!("version {} of {}", now.default_version, now.versions.len()),
            });
        }
        Ok(vec![SetDefaultPolicyVersion { policy: input.policy.arn().clone(), version: before.clone() }.into()])
    }

    fn reaches(&self, state: &State) -> Vec<Entity> {
        state.found.iter().flat_map(|found| found.holders.iter().cloned()).collect()
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.found.as_ref().map(|found| &found.id) == now.found.as_ref().map(|found| &found.id)
    }

    fn tell(&self, _: &Assignment, _: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let found = seen.state.found.as_ref();
        let holders = found.map_or(0, |found| found.holders.len());
        let made = |id: &PolicyVersionId| seen.context.made.get(id).map_or(String::new(), |at| format!(" of {at}"));
        let says = |id: &PolicyVersionId| format!("version {id}{}", made(id));
        let notes = found.filter(|found| found.wanted.as_ref() != Some(&found.default_version)).map(|found| {
            format!(
                "version {} stays, and whoever may call iam:SetDefaultPolicyVersion can let it count again",
                found.default_version
            )
        });
        Story {
            now: found.map_or("does not exist".to_owned(), |found| says(&found.default_version)),
            does: match found.and_then(|found| found.wanted.as_ref()) {
                Some(wanted) => format!("let {} count", says(wanted)),
                None => "let an earlier version count".to_owned(),
            },
            impact: if holders == 0 { Impact::NoneSeen } else { Impact::Degrades },
            because: format!("{} (roles, users) with what it allows", counted(holders, "holder")),
            undo: match found {
                Some(found) => format!("{} counts again", says(&found.default_version)),
                None => String::new(),
            },
            residual: vec![Residual::past("what was done while the later version counted")],
            notes: notes.into_iter().collect(),
            unread: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wanted_of(more: Value) -> Option<String> {
        let mut with = json!({ "policy": "arn:aws:iam::111122223333:policy/deployers" });
        with.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        let input: Input = serde_json::from_value(with).expect("an input");
        let version = |number: i64| PolicyVersion {
            id: PolicyVersionId::new(format!("v{number}")).expect("a version"),
            is_default: number == 2,
            created: Timestamp::from_second(1_800_000_000 + number).expect("a time"),
        };
        wanted(&input, &[version(1), version(2), version(3)]).map(|id| id.to_string())
    }

    /// The second of three versions was made to count again, after the third had come or before: the one before it counts then.
    #[test]
    fn an_old_version_that_was_let_count_again_is_not_taken_for_the_one_before() {
        let before = |second: i64, but: &[&str]| {
            let moment = Timestamp::from_second(1_800_000_000 + second).expect("a time");
            wanted_of(json!({ "before": moment, "but": but }))
        };
        assert_eq!(before(3, &[]).as_deref(), Some("v2"));
        assert_eq!(before(3, &["v2"]).as_deref(), Some("v1"));
        assert_eq!(before(9, &["v2"]).as_deref(), Some("v3"));
        assert_eq!(before(3, &["v1", "v2"]), None);
        assert_eq!(wanted_of(json!({ "version": "v1" })).as_deref(), Some("v1"));
        let both = json!({ "policy": "arn:aws:iam::111122223333:policy/x", "version": "v1", "but": ["v2"] });
        assert!(serde_json::from_value::<Input>(both).is_err());
    }
}
