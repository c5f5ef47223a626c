//! `iam.lift-denies`: takes off a role or user what an incident has put there to refuse.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::iam_lock_trust::sid;
use super::iam_revoke_sessions::{LONGEST_ROLE_SESSION, LONGEST_USER_SESSION};
use super::incident_denies::{names_of, rank, says};
use super::principal::protection;
use super::{
    Action, Assignment, Facts, Look, LookError, Move, Principal, Refusal, Residual, Seen, Story, UndoRequest, Who,
};
use crate::aws::{
    DeleteRolePolicy, DeleteUserPolicy, GetRole, GetRolePolicy, GetUser, GetUserPolicy, InlinePolicy, Late,
    ListAttachedRolePolicies, ListAttachedUserPolicies, ListRolePolicies, ListUserPolicies, Operation, PutRolePolicy,
    PutUserPolicy, Request, UpdateAssumeRolePolicy,
};
use crate::base::{Arn, Digest, Entity, Impact, Target, Touch};
use crate::iam::{self, PolicyDocument};

/// Takes off a role or user what the incident has put there to refuse, the latest first.
pub struct LiftDenies;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the role or user.
    pub principal: Principal,
    /// When the containment was complete: nothing is lifted while a session from before that could still live. A cut-off
    /// that stands on the principal counts as well, and the later of the two decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contained_at: Option<Timestamp>,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The principal, if it exists.
    pub found: Option<Found>,
}

/// A principal that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The immutable id.
    pub id: String,
    /// Its path, which tells what AWS protects.
    pub path: String,
    /// The incident's inline policies, by name, with the digest of what each says.
    pub inline: BTreeMap<String, Digest>,
    /// The digest of the incident's lock in the trust policy.
    pub locked: Option<Digest>,
    /// Whether the trust policy holds nothing but that lock.
    pub bare: bool,
    /// Principals in the trust policy that were deleted since: AWS refuses a document that names them.
    pub dead: Vec<String>,
    /// Until when sessions from before the containment could live, where that lies ahead.
    pub too_early_until: Option<Timestamp>,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The incident's inline policies.
    pub inline: BTreeMap<String, PolicyDocument>,
    /// The trust policy of a role.
    pub trust: Option<PolicyDocument>,
    /// The same without the incident's lock.
    pub rest: Option<PolicyDocument>,
}

/// What is shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {
    /// Policies that quell has attached or made the boundary. They name no incident.
    pub of_no_incident: Vec<Arn>,
}

/// A managed policy that quell has made, or AWS's own that it attaches.
fn is_ours(policy: &Arn) -> bool {
    let text = policy.as_str();
    text.contains(":policy/quell/") || text.contains(":iam::aws:policy/AWSCompromisedKeyQuarantine")
}

impl LiftDenies {
    fn delete(principal: &Principal, policy: String) -> Move {
        match principal.who.clone() {
            Who::Role(role) => DeleteRolePolicy { role, policy }.into(),
            Who::User(user) => DeleteUserPolicy { user, policy }.into(),
        }
    }

    fn put(principal: &Principal, policy: String, document: PolicyDocument) -> Move {
        let document = InlinePolicy::Document(document);
        match principal.who.clone() {
            Who::Role(role) => PutRolePolicy { role, policy, document }.into(),
            Who::User(user) => PutUserPolicy { user, policy, document }.into(),
        }
    }
}

impl Action for LiftDenies {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "iam.lift-denies";
    const SUMMARY: &'static str = "Take off a role or user what the incident has put there to refuse";
    const PAGE: &'static str = include_str!("iam_lift_denies.md");
    const READS: &'static [&'static Operation] = &[
        GetRole::OPERATION,
        GetUser::OPERATION,
        ListRolePolicies::OPERATION,
        ListUserPolicies::OPERATION,
        GetRolePolicy::OPERATION,
        GetUserPolicy::OPERATION,
        ListAttachedRolePolicies::OPERATION,
        ListAttachedUserPolicies::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] = &[
        DeleteRolePolicy::OPERATION,
        DeleteUserPolicy::OPERATION,
        UpdateAssumeRolePolicy::OPERATION,
        PutRolePolicy::OPERATION,
        PutUserPolicy::OPERATION,
    ];
    const ENVELOPE: usize = 8;
    const TIMEOUT: Duration = Duration::from_secs(300);
    const IN_ORDER: bool = true;

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(None, input.principal.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.principal.entity(), Touch::Changes)]
    }

    async fn observe(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let who = &input.principal.who;
        let (known, trust, boundary, attached) = match who.clone() {
            Who::Role(role) => match look.find(GetRole { role: role.clone() }).await? {
                None => (None, None, None, None),
                Some(known) => {
                    let attached = look.find_all(ListAttachedRolePolicies { role, next: None }).await?;
                    (Some((known.id, known.path)), Some(known.trust), known.boundary, attached)
                }
            },
            Who::User(user) => match look.find(GetUser { user: user.clone() }).await? {
                None => (None, None, None, None),
                Some(known) => {
                    let attached = look.find_all(ListAttachedUserPolicies { user, next: None }).await?;
                    (Some((known.id, known.path)), None, known.boundary, attached)
                }
            },
        };
        let mut inline = BTreeMap::new();
        if known.is_some() {
            for name in names_of(to, look, who).await? {
                if let Some(document) = says(look, who, name.clone()).await? {
                    inline.insert(name, document);
                }
            }
        }
        let sid = sid(to);
        let lock = trust.as_ref().and_then(|trust| trust.find_statement(&sid));
        let rest = trust.as_ref().and_then(|trust| trust.without_statement(&sid));
        let found = known.map(|(id, path)| Found {
            id,
            path,
            inline: inline.iter().map(|(name, document)| (name.clone(), Digest::of(document))).collect(),
            locked: lock.map(Digest::of),
            bare: trust.is_some() && rest.is_none(),
            dead: rest.as_ref().map(|rest| rest.admitted().dead).unwrap_or_default(),
            too_early_until: too_early_until(input, &inline, look.aws_now()),
        });
        let of_no_incident = attached.into_iter().flatten().chain(boundary).filter(is_ours).collect();
        let present = Present { inline, trust, rest };
        Ok(Seen { state: State { found }, present, context: Context { of_no_incident } })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        // Who is gone is refused nothing.
        let Some(found) = &state.found else { return Ok(vec![]) };
        if found.inline.is_empty() && found.locked.is_none() {
            return Ok(vec![]);
        }
        if let Some(refusal) = protection(&found.path) {
            return Err(refusal);
        }
        if let Some(until) = found.too_early_until {
            let what = format!("sessions of {} from before the containment would work again", input.principal);
            return Err(Refusal::TooEarly { until, what });
        }
        let mut names: Vec<&String> = found.inline.keys().collect();
        names.sort_by_key(|name| (std::cmp::Reverse(rank(to, name)), (*name).clone()));
        let delete = |name: &String| Self::delete(&input.principal, name.clone());
        let mut moves: Vec<Move> = names.into_iter().map(delete).collect();
        // The lock comes last: nobody starts a session before all else is as it was.
        if found.locked.is_some()
            && let Who::Role(role) = &input.principal.who
        {
            writable(found)?;
            let unlock = UpdateAssumeRolePolicy { role: role.clone(), first: None, rest: Late::echo("/rest") };
            moves.push(unlock.into());
        }
        Ok(moves)
    }

    fn restore(
        &self,
        to: &Assignment,
        input: &Input,
        present: &Present,
        left: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let Some(found) = &state.found else { return Ok(vec![]) };
        let missing: Vec<(&String, &PolicyDocument)> = present
            .inline
            .iter()
            .filter(|(name, document)| found.inline.get(*name) != Some(&Digest::of(*document)))
            .collect();
        let lock = present.trust.as_ref().and_then(|trust| trust.find_statement(&sid(to))).cloned();
        let unlocked = lock.as_ref().is_some_and(|lock| found.locked != Some(Digest::of(lock)));
        if missing.is_empty() && !unlocked {
            return Ok(vec![]);
        }
        if !self.same_thing(left, state) {
            return Err(Refusal::Changed {
                before: format!("{} with the incident's denies", input.principal),
                left: "the same without them".to_owned(),
                now: "another one of the same name".to_owned(),
            });
        }
        let mut moves = Vec::new();
        if unlocked && let Who::Role(role) = &input.principal.who {
            writable(found)?;
            moves.push(UpdateAssumeRolePolicy { role: role.clone(), first: lock, rest: Late::echo("/rest") }.into());
        }
        let mut missing = missing;
        missing.sort_by_key(|(name, _)| (rank(to, name), (*name).clone()));
        let put =
            |(name, document): (&String, &PolicyDocument)| Self::put(&input.principal, name.clone(), document.clone());
        moves.extend(missing.into_iter().map(put));
        Ok(moves)
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.found.as_ref().map(|found| &found.id) == now.found.as_ref().map(|found| &found.id)
    }

    fn tell(&self, to: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let found = seen.state.found.as_ref();
        let there: Vec<String> = found
            .into_iter()
            .flat_map(|found| {
                let lock = found.locked.map(|_| "the trust lock".to_owned());
                found.inline.keys().cloned().chain(lock)
            })
            .collect();
        let by_hand = seen.context.of_no_incident.iter().map(|policy| {
            format!(
                "{policy} stays: it names no incident. `quell undo RUN` of the run that put it there takes it off (`quell status {}`)",
                to.incident
            )
        });
        Story {
            now: match (found, there.is_empty()) {
                (None, _) => "does not exist".to_owned(),
                (_, true) => "nothing of this incident refuses it anything".to_owned(),
                (_, false) => format!("refused by {}", there.join(", ")),
            },
            does: "take them off, the latest first".to_owned(),
            impact: Impact::NoneSeen,
            because: "it gives back what was taken".to_owned(),
            undo: "they are put back as they were".to_owned(),
            residual: vec![Residual {
                what: format!("whoever holds credentials of {} can use them again", input.principal),
                until: None,
            }],
            notes: by_hand.collect(),
            unread: vec![],
        }
    }
}

/// Until when a session from before the containment could live, if that lies ahead by AWS's own clock.
fn too_early_until(
    input: &Input,
    inline: &BTreeMap<String, PolicyDocument>,
    now: Option<Timestamp>,
) -> Option<Timestamp> {
    let longest: SignedDuration = match input.principal.who {
        Who::Role(_) => LONGEST_ROLE_SESSION,
        Who::User(_) => LONGEST_USER_SESSION,
    };
    let cut_off = inline.values().filter_map(iam::cutoff_of).chain(input.contained_at).max()?;
    let until = cut_off + longest;
    (now.is_none_or(|now| now < until)).then_some(until)
}

/// Refuses where AWS would refuse the trust policy, or nobody could assume the role any more.
fn writable(found: &Found) -> Result<(), Refusal> {
    let by_hand = |why: String, what: String| Refusal::ByHand {
        why,
        instructions: vec!["In the IAM console, open the role's trust policy".to_owned(), what],
    };
    if found.bare {
        let what = "Write the trust policy that the role is to have, without the lock".to_owned();
        return Err(by_hand("the trust policy holds nothing but the lock".to_owned(), what));
    }
    if !found.dead.is_empty() {
        let dead = found.dead.join(", ");
        let why = format!("the trust policy names principals that no longer exist ({dead})");
        return Err(by_hand(
            why,
            format!("Take out {dead} and the lock: AWS refuses to write a document that names them"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::{Call, Place};
    use crate::base::Partition;

    fn to() -> Assignment {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        Assignment { incident: "INC-4711".parse().expect("an incident"), place }
    }

    fn input(more: serde_json::Value) -> Input {
        let mut with = json!({ "principal": "arn:aws:iam::111122223333:role/ml-pipeline" });
        with.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        serde_json::from_value(with).expect("an input")
    }

    fn found() -> Found {
        let names =
            ["QuellDenyAiServices-INC-4711", "QuellDenyEverything-INC-4711", "QuellRevokeOlderSessions-INC-4711"];
        Found {
            id: "AROA1".to_owned(),
            path: "/".to_owned(),
            inline: names.map(|name| (name.to_owned(), Digest::of(&name))).into(),
            locked: Some(Digest::of(&"lock")),
            bare: false,
            dead: vec![],
            too_early_until: None,
        }
    }

    fn sent(found: Found) -> Result<Vec<String>, Refusal> {
        let moves = LiftDenies.propose(&to(), &input(json!({})), &State { found: Some(found) }, &Facts::default())?;
        let name = |one: &Move| match one.call() {
            Some(Call::DeleteRolePolicy(delete)) => delete.policy.clone(),
            Some(call) => call.operation().name.to_owned(),
            None => "await".to_owned(),
        };
        Ok(moves.iter().map(name).collect())
    }

    #[test]
    fn the_latest_goes_first() {
        let moves = sent(found()).expect("moves");
        assert_eq!(
            moves,
            [
                "QuellRevokeOlderSessions-INC-4711",
                "QuellDenyEverything-INC-4711",
                "QuellDenyAiServices-INC-4711",
                "UpdateAssumeRolePolicy",
            ]
        );
        let nothing = Found { inline: BTreeMap::new(), locked: None, ..found() };
        assert!(sent(nothing).expect("moves").is_empty());
    }

    #[test]
    fn nothing_goes_while_an_old_session_could_live() {
        let until: Timestamp = "2026-11-22T15:00:30Z".parse().expect("a time");
        let early = Found { too_early_until: Some(until), ..found() };
        assert!(matches!(sent(early), Err(Refusal::TooEarly { until: named, .. }) if named == until));
        assert!(matches!(sent(Found { bare: true, ..found() }), Err(Refusal::ByHand { .. })));
        assert!(matches!(sent(Found { dead: vec!["AIDADEAD".to_owned()], ..found() }), Err(Refusal::ByHand { .. })));
    }

    #[test]
    fn the_later_of_cut_off_and_containment_decides() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let cut_off = iam::revoke_older_sessions(at("2026-11-22T03:00:30Z"));
        let inline = BTreeMap::from([("QuellRevokeOlderSessions-INC-4711".to_owned(), cut_off)]);
        let until = |more: serde_json::Value, now: &str| too_early_until(&input(more), &inline, Some(at(now)));
        assert_eq!(until(json!({}), "2026-11-22T15:00:29Z"), Some(at("2026-11-22T15:00:30Z")));
        assert_eq!(until(json!({}), "2026-11-22T15:00:30Z"), None);
        let later = json!({ "contained_at": "2026-11-22T04:00:00Z" });
        assert_eq!(until(later, "2026-11-22T15:00:30Z"), Some(at("2026-11-22T16:00:00Z")));
        let user = json!({ "principal": "arn:aws:iam::111122223333:user/ada" });
        assert_eq!(until(user, "2026-11-22T15:00:30Z"), Some(at("2026-11-23T15:00:30Z")));
        assert_eq!(too_early_until(&input(json!({})), &BTreeMap::new(), Some(at("2026-11-22T03:00:00Z"))), None);
    }
}
