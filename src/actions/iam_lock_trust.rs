//! `iam.lock-trust`: lets nobody start a new session of a role.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::principal::{RolePrincipal, keeps_logs, left_of, log_keepers, protection};
use super::standing_denies::GOES_FOR_GOOD;
use super::{
    Access, Action, Assignment, Ended, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest,
};
use crate::aws::{GetRole, Late, Operation, Request, UpdateAssumeRolePolicy};
use crate::base::{Digest, Entity, Impact, Target, Touch};
use crate::iam::{BehindLock, Locked, PolicyDocument, Statement, behind_lock, trust_lock};

/// The quota of a trust policy in characters, white space aside, where nobody has raised it.
const TRUST_QUOTA: usize = 2_048;

/// Lets nobody start a new session of a role, by a statement in front of its trust policy.
pub struct LockTrust;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the role.
    pub role: RolePrincipal,
    /// Whether AWS services are locked out as well. Production that runs on the role then stops at its next refresh.
    #[serde(default)]
    pub lock_aws_services: bool,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The role, if it exists.
    pub found: Option<Found>,
}

/// A role that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The immutable id.
    pub id: String,
    /// Its path, which tells what AWS protects.
    pub path: String,
    /// The services that write the account's logs with it, where nobody else may take it on.
    pub keeps_logs: Option<String>,
    /// Whether this incident's lock is on, exactly as it would be written now.
    pub locked: bool,
    /// Whether nothing would stay if the lock were taken out.
    pub bare: bool,
    /// How much of the trust policy has room behind the lock.
    pub room: Room,
    /// The digest of the trust policy without the lock.
    pub rest: Option<Digest>,
    /// Principals that were deleted since: AWS refuses a document that names them.
    pub dead: Vec<String>,
}

/// How much of a trust policy has room behind the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Room {
    /// All of it.
    Whole,
    /// What AWS services need, and what else fits.
    Part,
    /// None of it: the lock stands alone, and nobody is admitted.
    Nothing,
    /// The lock has no room beside what must stay.
    NoRoom,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The trust policy.
    pub trust: Option<PolicyDocument>,
    /// The same without this incident's lock: what undo leaves.
    pub rest: Option<PolicyDocument>,
    /// What is repeated behind the lock: all of that, or what has room.
    pub behind: Option<PolicyDocument>,
}

/// What is shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {
    /// AWS services that the trust policy admits.
    pub services: Vec<String>,
    /// Everybody else whom it admits.
    pub others: Vec<String>,
}

/// What the ids of all locks begin with.
const LOCK: &str = "QuellTrustLock";

/// The statement's id: ASCII letters and digits, as IAM wants it. The digest tells `INC-1-2` from `INC-12`.
pub(super) fn sid(to: &Assignment) -> String {
    let letters: String = to.incident.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{LOCK}{letters}{}", Digest::of(&to.incident).short())
}

/// Whether a trust policy has the lock of an incident other than the one whose lock has this id.
pub(super) fn is_locked_by_another(trust: &PolicyDocument, ours: &str) -> bool {
    let mut sids = trust.statements().iter().filter_map(|statement| statement.sid());
    sids.any(|sid| sid.starts_with(LOCK) && sid != ours)
}

fn locked(input: &Input) -> Locked {
    if input.lock_aws_services { Locked::Everybody } else { Locked::EverybodyButServices }
}

fn lock(to: &Assignment, input: &Input) -> Statement {
    trust_lock(&sid(to), locked(input))
}

impl Action for LockTrust {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "iam.lock-trust";
    const SUMMARY: &'static str = "Let nobody start a new session of a role";
    const PAGE: &'static str = include_str!("iam_lock_trust.md");
    const READS: &'static [&'static Operation] = &[GetRole::OPERATION];
    const SENDS: &'static [&'static Operation] = &[UpdateAssumeRolePolicy::OPERATION];
    const ENVELOPE: usize = 4;
    const TIMEOUT: Duration = Duration::from_secs(300);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(None, input.role.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.role.entity(), Touch::Changes)]
    }

    fn keeps_services_out(&self, input: &Input) -> bool {
        input.lock_aws_services
    }

    async fn observe(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let Some(role) = look.find(GetRole { role: input.role.name.clone() }).await? else {
            return Ok(Seen {
                state: State { found: None },
                present: Present { trust: None, rest: None, behind: None },
                context: Context { services: vec![], others: vec![] },
            });
        };
        let lock = lock(to, input);
        let whole = role.trust.without_statement(&sid(to));
        // Whoever wants to stop the lock only has to name somebody and delete him: IAM would refuse the document with the lock.
        let rest = whole.as_ref().and_then(PolicyDocument::without_dead);
        let is_locked = role.trust.find_statement(&sid(to)) == Some(&lock);
        let room = rest.as_ref().map(|rest| behind_lock(rest, &lock, locked(input), TRUST_QUOTA));
        let (room, behind) = match room {
            None => (Room::Whole, None),
            Some(BehindLock::Whole) => (Room::Whole, rest.clone()),
            Some(BehindLock::Part(part)) => (Room::Part, Some(part)),
            Some(BehindLock::Nothing) => (Room::Nothing, None),
            Some(BehindLock::NoRoom) => (Room::NoRoom, None),
        };
        let admitted = whole.as_ref().map(PolicyDocument::admitted).unwrap_or_default();
        let found = Found {
            id: role.id,
            path: role.path,
            keeps_logs: rest.as_ref().and_then(log_keepers),
            locked: is_locked,
            bare: rest.is_none(),
            room,
            rest: rest.as_ref().map(Digest::of),
            dead: admitted.dead,
        };
        let context = Context { services: admitted.services, others: admitted.others };
        let present = Present { trust: Some(role.trust), rest, behind };
        Ok(Seen { state: State { found: Some(found) }, present, context })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let found =
            state.found.as_ref().ok_or_else(|| Refusal::Missing { what: format!("role {}", input.role.name) })?;
        if let Some(refusal) = protection(&found.path) {
            return Err(refusal);
        }
        if found.locked {
            return Ok(vec![]);
        }
        if let Some(by) = found.keeps_logs.as_deref().filter(|_| input.lock_aws_services) {
            return Err(keeps_logs(by));
        }
        if found.room == Room::NoRoom {
            return Err(no_room());
        }
        let call = UpdateAssumeRolePolicy {
            role: input.role.name.clone(),
            first: Some(lock(to, input)),
            rest: Late::echo("/behind"),
        };
        Ok(vec![call.into()])
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
        let Some(found) = state.found.as_ref().filter(|found| found.locked) else {
            return Ok(vec![]);
        };
        let changed = |now: &str| Refusal::Changed {
            before: "the trust policy without the lock".to_owned(),
            left: "the trust policy with the lock".to_owned(),
            now: now.to_owned(),
        };
        if !self.same_thing(left, state) {
            return Err(changed("another role of the same name"));
        }
        if found.bare && (present.rest.is_none() || !found.dead.is_empty()) {
            return Err(Refusal::ByHand {
                why: "without the lock the trust policy is about nobody but principals that no longer exist".to_owned(),
                instructions: vec![
                    "In the IAM console, write the trust policy that the role is to have, without the lock".to_owned(),
                ],
            });
        }
        let has_room = present.behind == present.rest;
        let rest = if has_room {
            if found.bare {
                return Err(changed("the lock alone: somebody has taken everything else out"));
            }
            // What others have changed stays, whether the run saw it or not: only the lock is taken away, or made again what it
            // was before.
            Late::echo("/rest")
        } else if found.rest == present.behind.as_ref().map(Digest::of) {
            Late::Known(present.rest.clone())
        } else {
            return Err(changed("something else: what had no room behind the lock cannot be put beside it"));
        };
        let first = present.trust.as_ref().and_then(|trust| trust.find_statement(&sid(to))).cloned();
        let call = UpdateAssumeRolePolicy { role: input.role.name.clone(), first, rest };
        Ok(vec![call.into()])
    }

    fn lost(&self, present: &Present, state: &State) -> Vec<String> {
        let before = present.rest.as_ref().map(Digest::of);
        match &state.found {
            None => vec!["the role is gone, and its trust policy with it".to_owned()],
            Some(found) if !found.locked && found.rest != before => {
                vec!["the lock is out, and the rest of the trust policy is not what it was before it: look at whom that admits".to_owned()]
            }
            Some(_) => vec![],
        }
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.found.as_ref().map(|found| &found.id) == now.found.as_ref().map(|found| &found.id)
    }

    fn ends(&self, input: &Input) -> Vec<Ended> {
        match input.lock_aws_services {
            true => Ended::all([Access::Assume, Access::AssumeByService]),
            false => Ended::all([Access::Assume]),
        }
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let Context { services, others } = &seen.context;
        let locked = seen.state.found.as_ref().is_some_and(|found| found.locked);
        let (impact, because) = match (input.lock_aws_services && !services.is_empty(), others.is_empty()) {
            (true, _) => (Impact::Outage, format!("{} can no longer assume it", services.join(", "))),
            (false, false) => (Impact::Degrades, format!("{} can no longer assume it", others.join(", "))),
            (false, true) => (Impact::NoneSeen, "only AWS services may assume it, and they stay".to_owned()),
        };
        let stay = if input.lock_aws_services { &[][..] } else { services.as_slice() };
        let by_services = Residual::sessions_of_services(stay);
        let left = by_services.into_iter().chain([Residual::earlier_sessions()]).collect();
        let found = seen.state.found.as_ref();
        let residual = found.map_or_else(Vec::new, |found| left_of(input.role.principal(), &found.path, left));
        let room = seen.state.found.as_ref().filter(|found| !found.locked).map(|found| found.room);
        let mut notes = match room {
            Some(Room::Part) => vec![
                "the trust policy leaves no room for the lock: what admits people goes until the step is undone, what AWS \
                 services need stays"
                    .to_owned(),
            ],
            Some(Room::Nothing) => vec![
                "the trust policy leaves no room for the lock: until the step is undone it holds the lock alone".to_owned(),
            ],
            Some(Room::Whole | Room::NoRoom) | None => vec![],
        };
        let dead = seen.state.found.as_ref().filter(|found| !found.locked).map_or(&[][..], |found| &found.dead);
        if !dead.is_empty() {
            notes.push(format!("{} {GOES_FOR_GOOD}", dead.join(", ")));
        }
        Story {
            now: match (&seen.state.found, locked) {
                (None, _) => "does not exist".to_owned(),
                (Some(_), true) => "locked".to_owned(),
                (Some(_), false) => format!("may be assumed by {}", admitted(services, others)),
            },
            does: "refuse new sessions".to_owned() + if input.lock_aws_services { "" } else { ", AWS services stay" },
            impact,
            because,
            undo: match room {
                Some(Room::Part | Room::Nothing) => {
                    "the trust policy is put back, unless somebody has changed it".to_owned()
                }
                _ => "the lock is taken out of the trust policy; the rest stays as it is then".to_owned(),
            },
            residual,
            notes,
            unread: vec![],
        }
    }
}

/// The refusal where the lock has no room beside what AWS services need.
fn no_room() -> Refusal {
    Refusal::ByHand {
        why: format!(
            "a trust policy holds {TRUST_QUOTA} characters, and what it says of AWS services, or denies, leaves none for the lock"
        ),
        instructions: vec![
            "Say `lock_aws_services: true` where the services may stop: then nothing else has to stay".to_owned(),
            "Or shorten the role's trust policy in the IAM console, and run this step again".to_owned(),
            "Or use iam.deny-everything on the role: whoever takes it on can then do nothing with it".to_owned(),
        ],
    }
}

fn admitted(services: &[String], others: &[String]) -> String {
    let all: Vec<&str> = services.iter().chain(others).map(String::as_str).collect();
    if all.is_empty() { "nobody".to_owned() } else { all.join(", ") }
}
