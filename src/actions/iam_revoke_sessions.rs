//! `iam.revoke-sessions`: refuses everything to the sessions that a role or user already has.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::principal::{Principal, Who, protection};
use super::principal_policies::inline_policy;
use super::seat::has_inline_room;
use super::seat_moves::{delete_inline, put_inline};
use super::{Action, Assignment, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest};
use crate::aws::{
    DeleteRolePolicy, DeleteUserPolicy, FaultKind, GetRole, GetRolePolicy, GetUser, GetUserPolicy, InlinePolicy, Late,
    ListRolePolicies, ListUserPolicies, Operation, PutRolePolicy, PutUserPolicy, Request, Symbol, UpdateAccessKey,
    UpdateAssumeRolePolicy,
};
use crate::base::{Digest, Entity, Impact, Target, Touch};
use crate::iam::{self, PolicyDocument};

/// How long IAM may take until a shut door holds everywhere: a locked trust policy, an inactive key. Tokens that are minted
/// meanwhile must fall before the cut-off too.
const DOOR_WINDOW: SignedDuration = SignedDuration::from_secs(15);
/// The longest that a session of a role can live. What the role allows now says nothing of the sessions it has, nor of
/// those that AWS services started.
pub(super) const LONGEST_ROLE_SESSION: SignedDuration = SignedDuration::from_hours(12);
/// Sessions that a user's long-term key may ask for live this long at most (GetSessionToken, GetFederationToken).
pub(super) const LONGEST_USER_SESSION: SignedDuration = SignedDuration::from_hours(36);

/// Refuses everything to the sessions that a role or user already has, by an inline policy that denies by issue time.
pub struct RevokeSessions;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the role or user; the ARN of a role session stands for its role.
    pub principal: Principal,
    /// Sessions issued before this moment are refused. Left out: before the moment at which the step is carried out,
    /// by AWS's own clock, plus a margin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_before: Option<Timestamp>,
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
    /// The cut-off that this incident has put there.
    pub cut_off: Option<Timestamp>,
    /// The digest of what the incident's policy says, where it is there and says something else.
    pub altered: Option<Digest>,
    /// Whether the other inline policies leave no room for it.
    pub full: bool,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The incident's policy.
    pub policy: Option<PolicyDocument>,
    /// The cut-off in it, before which the next one may not lie.
    pub cut_off: Option<Timestamp>,
}

/// What is shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {
    /// AWS services that may assume the role: what runs on it does not recover by itself.
    pub services: Vec<String>,
    /// When AWS last saw it used.
    pub last_used: Option<Timestamp>,
}

/// The name of the incident's policy. It carries the id alone.
fn policy_name(to: &Assignment) -> String {
    format!("QuellRevokeOlderSessions-{}", to.incident)
}

/// The digest of a policy that is not one of ours.
fn altered(document: &PolicyDocument) -> Option<Digest> {
    iam::cutoff_of(document).is_none().then(|| Digest::of(document))
}

/// When the door through which new sessions come was shut by this run everywhere: sessions that came in until then must
/// end as well.
fn door_shut(principal: &Principal, facts: &Facts) -> Option<Timestamp> {
    let door = match principal.who {
        Who::Role(_) => UpdateAssumeRolePolicy::OPERATION,
        Who::User(_) => UpdateAccessKey::OPERATION,
    };
    facts.last_landed_within(door, &principal.entity()).map(|landed| landed + DOOR_WINDOW)
}

impl Action for RevokeSessions {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "iam.revoke-sessions";
    const SUMMARY: &'static str = "Refuse everything to the sessions that a role or user already has";
    const PAGE: &'static str = include_str!("iam_revoke_sessions.md");
    const READS: &'static [&'static Operation] = &[
        GetRole::OPERATION,
        GetRolePolicy::OPERATION,
        ListRolePolicies::OPERATION,
        GetUser::OPERATION,
        GetUserPolicy::OPERATION,
        ListUserPolicies::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] =
        &[PutRolePolicy::OPERATION, PutUserPolicy::OPERATION, DeleteRolePolicy::OPERATION, DeleteUserPolicy::OPERATION];
    const ENVELOPE: usize = 4;
    const TIMEOUT: Duration = Duration::from_secs(300);

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
        let nothing = Context { services: vec![], last_used: None };
        let (found, context) = match who.clone() {
            Who::Role(role) => look.find(GetRole { role }).await?.map_or((None, nothing), |known| {
                let context = Context { services: known.trust.admitted().services, last_used: known.last_used };
                (Some((known.id, known.path)), context)
            }),
            Who::User(user) => look.find(GetUser { user }).await?.map_or((None, nothing), |known| {
                let context = Context { services: vec![], last_used: known.password_last_used };
                (Some((known.id, known.path)), context)
            }),
        };
        let document = match found {
            Some(_) => inline_policy(look, who, policy_name(to)).await?,
            None => None,
        };
        let cut_off = document.as_ref().and_then(iam::cutoff_of);
        let full = match (&found, &document) {
            (Some(_), None) => {
                let size = iam::revoke_older_sessions(Timestamp::UNIX_EPOCH).size();
                // Where the others may not be read, AWS decides: that nobody knows is no reason to leave the sessions alive.
                match has_inline_room(look, who, &policy_name(to), size).await {
                    Err(error) if error.fault().is_some_and(|fault| fault.kind == FaultKind::Forbidden) => false,
                    room => !room?,
                }
            }
            // What stands there is replaced by as much.
            _ => false,
        };
        let altered = document.as_ref().and_then(altered);
        let found = found.map(|(id, path)| Found { id, path, cut_off, altered, full });
        Ok(Seen { state: State { found }, present: Present { policy: document, cut_off }, context })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        let found = state.found.as_ref().ok_or_else(|| Refusal::Missing { what: input.principal.to_string() })?;
        if let Some(refusal) = protection(&found.path) {
            return Err(refusal);
        }
        let needed = match input.issued_before {
            Some(asked) => [Some(asked), facts.cut_off()],
            None => [door_shut(&input.principal, facts), facts.cut_off()],
        };
        if found.cut_off.is_some_and(|standing| needed.iter().flatten().all(|needed| standing >= *needed)) {
            return Ok(vec![]);
        }
        if found.full {
            let which =
                "the inline policies, which leave no room for the deny: `iam.deny-everything` finds another place";
            return Err(Refusal::Quota { which: which.to_owned() });
        }
        let cut_off = match input.issued_before {
            // Never moved backwards, whoever asks.
            Some(asked) => Late::Known(found.cut_off.map_or(asked, |standing| standing.max(asked))),
            None => Late::Later(Symbol::CutOff),
        };
        Ok(vec![put_inline(&input.principal, &policy_name(to), InlinePolicy::DenyIssuedBefore(cut_off))])
    }

    fn restore(
        &self,
        to: &Assignment,
        input: &Input,
        present: &Present,
        left: &State,
        state: &State,
        asked: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let Some(found) = &state.found else {
            return Ok(vec![]);
        };
        let before = present.policy.as_ref().and_then(iam::cutoff_of);
        if (found.cut_off, found.altered) == (before, present.policy.as_ref().and_then(altered)) {
            return Ok(vec![]);
        }
        if !self.same_thing(left, state)
            || left.found.as_ref().map(|left| (left.cut_off, left.altered)) != Some((found.cut_off, found.altered))
        {
            let says =
                |cut_off: Option<Timestamp>| cut_off.map_or("no deny".to_owned(), |at| format!("deny before {at}"));
            return Err(Refusal::Changed {
                before: says(before),
                left: says(left.found.as_ref().and_then(|left| left.cut_off)),
                now: if found.altered.is_some() { "a policy that is not ours".to_owned() } else { says(found.cut_off) },
            });
        }
        let longest = match input.principal.who {
            Who::Role(_) => LONGEST_ROLE_SESSION,
            Who::User(_) => LONGEST_USER_SESSION,
        };
        let last_ends = found.cut_off.map(|cut_off| cut_off + longest);
        if let Some(until) = last_ends.filter(|until| asked.now < *until && !asked.wrong_target) {
            let what = "sessions that were issued before the cut-off would work again".to_owned();
            return Err(Refusal::TooEarly { until, what });
        }
        Ok(vec![match &present.policy {
            Some(document) => put_inline(&input.principal, &policy_name(to), InlinePolicy::Document(document.clone())),
            None => delete_inline(&input.principal, &policy_name(to)),
        }])
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.found.as_ref().map(|found| &found.id) == now.found.as_ref().map(|found| &found.id)
    }

    fn ends(&self, input: &Input) -> Vec<Residual> {
        match &input.principal.who {
            Who::Role(role) => vec![Residual::earlier_sessions(role)],
            Who::User(user) => vec![Residual::sessions_of_keys(user)],
        }
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let found = seen.state.found.as_ref();
        let services = &seen.context.services;
        let recent = seen.context.last_used;
        let (impact, because) = if !services.is_empty() {
            (Impact::Outage, format!("workloads of {} keep their refused credentials", services.join(", ")))
        } else if let Some(used) = recent {
            (Impact::Degrades, format!("last used {used}"))
        } else if matches!(input.principal.who, Who::User(_)) {
            (Impact::Unknown, "AWS does not tell when the sessions of a user were last used".to_owned())
        } else {
            (Impact::NoneSeen, "AWS remembers no use".to_owned())
        };
        let mut notes: Vec<String> = services.iter().filter_map(|service| recovery(service)).collect();
        if matches!(input.principal.who, Who::User(_)) {
            notes.push("long-term keys of the user carry no issue time: deactivate them as well".to_owned());
        }
        if found.is_some_and(|found| found.cut_off.is_some()) {
            notes.push(
                "sessions issued since then are not refused: `issued_before` of this action moves the cut-off"
                    .to_owned(),
            );
        }
        let mut residual = Vec::new();
        if let Some(asked) = input.issued_before {
            residual
                .push(Residual { what: format!("sessions of {} issued since {asked}", input.principal), until: None });
        }
        if let Who::Role(role) = &input.principal.who {
            residual.push(Residual::new_sessions(role));
            residual.push(Residual {
                what: format!("sessions of other roles that were reached through role {role}"),
                until: None,
            });
        }
        Story {
            now: match found {
                None => "does not exist".to_owned(),
                Some(Found { cut_off: Some(cut_off), .. }) => format!("sessions before {cut_off} are refused"),
                Some(Found { altered: Some(_), .. }) => "the incident's policy was altered".to_owned(),
                Some(_) => "all sessions are valid".to_owned(),
            },
            does: match input.issued_before {
                None => "refuse sessions issued before now".to_owned(),
                Some(asked) => format!("refuse sessions issued before {asked}"),
            },
            impact,
            because,
            undo: "the policy is taken off, not before the last old session has ended".to_owned(),
            residual,
            notes,
            unread: vec![],
        }
    }
}

/// How workloads of a service get fresh credentials: none of them does by itself when it is refused.
fn recovery(service: &str) -> Option<String> {
    let how = match service {
        "ecs-tasks.amazonaws.com" => "ECS tasks keep theirs for about 6 h: force a new deployment",
        "lambda.amazonaws.com" => "Lambda environments keep theirs until the function is updated: touch each function",
        "ec2.amazonaws.com" => "EC2 instances keep theirs until the next refresh: restart what runs on them",
        _ => return None,
    };
    Some(how.to_owned())
}
