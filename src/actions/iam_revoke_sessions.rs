//! `iam.revoke-sessions`: refuses everything to the sessions that a role or user already has.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cut_off_policies::{Beyond, give_back, look_beyond};
use super::principal::{Principal, Who, admitted_to, left_of, protection, reached_by};
use super::principal_policies::inline_policy;
use super::seat::{Seat, has_inline_room};
use super::seat_moves::{delete_inline, put_inline};
use super::seat_operations::{ALL_READS, ALL_SENDS, CUT_OFF_READS, CUT_OFF_SENDS};
use super::signs_with::{SIGNS_WITH_READS, SignsWith};
use super::{
    Access, Action, Assignment, Ended, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest,
};
use crate::aws::{
    DeletePolicy, DeletePolicyVersion, FaultKind, GetRole, GetUser, Late, Operation, Request, SetDefaultPolicyVersion,
    Symbol, UpdateAccessKey, UpdateAssumeRolePolicy, WrittenPolicy, joined,
};
use crate::base::{Arn, Digest, Entity, Impact, Target, Touch};
use crate::iam::{self, PolicyDocument};

/// How long IAM may take until a shut door holds everywhere: a locked trust policy, an inactive key. Tokens that are minted
/// meanwhile must fall before the cut-off too.
const DOOR_WINDOW: SignedDuration = SignedDuration::from_secs(15);
/// The longest that a session of a role can live. What the role allows now says nothing of the sessions it has, nor of
/// those that AWS services started.
pub(super) const LONGEST_ROLE_SESSION: SignedDuration = SignedDuration::from_hours(12);
/// Sessions that a user's long-term key may ask for live this long at most (GetSessionToken, GetFederationToken).
pub(super) const LONGEST_USER_SESSION: SignedDuration = SignedDuration::from_hours(36);

/// Refuses everything to the sessions that a role or user already has, by a policy that denies by issue time.
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
    /// The cut-off of the incident's inline policy.
    pub cut_off: Option<Timestamp>,
    /// The digest of what the incident's policy says, where it is there and says something else.
    pub altered: Option<Digest>,
    /// Whether the other inline policies leave no room for it.
    pub full: bool,
    /// What stands elsewhere, looked at where they leave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<Beyond>,
}

impl Found {
    /// The cut-off before which this incident refuses sessions, wherever it does.
    fn standing(&self) -> Option<Timestamp> {
        self.cut_off.max(self.beyond.as_ref().and_then(Beyond::cut_off))
    }

    /// Where else than inline the deny stands or would go.
    fn elsewhere(&self) -> Option<&Beyond> {
        self.beyond.as_ref().filter(|_| self.full)
    }
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The incident's inline policy.
    pub policy: Option<PolicyDocument>,
    /// The cut-off that stands, before which the next one may not lie.
    pub cut_off: Option<Timestamp>,
    /// What stood elsewhere, where that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<Beyond>,
    /// What the incident's managed policies said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub managed: BTreeMap<Arn, PolicyDocument>,
}

/// What is shown.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Context {
    /// AWS services that may assume the role: what runs on it does not recover by itself.
    pub services: Vec<String>,
    /// Everybody else who may assume it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// When AWS last saw it used.
    pub last_used: Option<Timestamp>,
    /// What a user signs in or signs with.
    #[serde(default)]
    pub signs_with: SignsWith,
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
    const READS: &'static [&'static Operation] =
        &joined::<13, 3, 16>(joined::<10, 3, 13>(ALL_READS, CUT_OFF_READS), SIGNS_WITH_READS);
    const SENDS: &'static [&'static Operation] = &joined::<13, 4, 17>(ALL_SENDS, CUT_OFF_SENDS);
    const OWN: &'static [&'static Operation] =
        &[SetDefaultPolicyVersion::OPERATION, DeletePolicyVersion::OPERATION, DeletePolicy::OPERATION];
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
        let nothing = Context::default();
        let (found, mut context) = match who.clone() {
            Who::Role(role) => look.find(GetRole { role }).await?.map_or((None, nothing), |known| {
                let admitted = known.trust.admitted();
                let (services, others) = (admitted.services, admitted.others);
                let context = Context { services, others, last_used: known.last_used, ..Context::default() };
                (Some((known.id, known.path, known.boundary)), context)
            }),
            Who::User(user) => look.find(GetUser { user }).await?.map_or((None, nothing), |known| {
                let context = Context { last_used: known.password_last_used, ..Context::default() };
                (Some((known.id, known.path, known.boundary)), context)
            }),
        };
        if let (Some(_), Who::User(user)) = (&found, who) {
            context.signs_with = SignsWith::of(look, user).await;
        }
        let Some((id, path, boundary)) = found else {
            let present = Present { policy: None, cut_off: None, beyond: None, managed: BTreeMap::new() };
            return Ok(Seen { state: State { found: None }, present, context });
        };
        let forbidden = |error: &LookError| error.fault().is_some_and(|fault| fault.kind == FaultKind::Forbidden);
        let policy = inline_policy(look, who, policy_name(to)).await?;
        let cut_off = policy.as_ref().and_then(iam::cutoff_of);
        let full = match cut_off {
            // What stands there is replaced by as much.
            Some(_) => false,
            None => {
                let size = iam::revoke_older_sessions(Timestamp::UNIX_EPOCH).size();
                // Where the others may not be read, AWS decides: that nobody knows is no reason to leave the sessions alive.
                match has_inline_room(look, who, &policy_name(to), size).await {
                    Err(error) if forbidden(&error) => false,
                    room => !room?,
                }
            }
        };
        let beyond = match full || look.is_everywhere() {
            false => None,
            true => match look_beyond(to, look, &input.principal, &id, boundary).await {
                // Whoever may not look there has the inline policies alone.
                Err(error) if forbidden(&error) && !look.is_everywhere() => None,
                beyond => Some(beyond?),
            },
        };
        let (beyond, managed) = beyond.map_or_else(Default::default, |(beyond, says)| (Some(beyond), says));
        let altered = policy.as_ref().and_then(altered);
        let found = Found { id, path, cut_off, altered, full, beyond: beyond.clone() };
        let present = Present { policy, cut_off: found.standing(), beyond, managed };
        Ok(Seen { state: State { found: Some(found) }, present, context })
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
        let enough = |cut_off: Timestamp| needed.iter().flatten().all(|needed| cut_off >= *needed);
        let standing = found.standing();
        if standing.is_some_and(enough) {
            return Ok(vec![]);
        }
        let cut_off = match input.issued_before {
            // Never moved backwards, whoever asks.
            Some(asked) => Late::Known(standing.map_or(asked, |standing| standing.max(asked))),
            None => Late::Later(Symbol::CutOff),
        };
        if !found.full {
            return Ok(vec![put_inline(&input.principal, &policy_name(to), WrittenPolicy::DenyIssuedBefore(cut_off))]);
        }
        let Some(beyond) = &found.beyond else {
            let which = "the inline policies, which leave no room for the deny; other places could not be looked at";
            return Err(Refusal::Quota { which: which.to_owned() });
        };
        // What nobody has yet refused nothing to the sessions that began since, unless this very step has made it.
        let is_new = input.issued_before.is_some() || facts.cut_off().is_some();
        beyond.take(to, &input.principal, &found.id, cut_off, |spare| is_new && enough(spare))
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
        let (Some(found), Some(was_left)) = (&state.found, &left.found) else {
            return Ok(vec![]);
        };
        let principal = &input.principal;
        let before = present.policy.as_ref().map(|before| (iam::cutoff_of(before), altered(before)));
        let inline = |found: &Found| (found.cut_off, found.altered);
        let is_inline = inline(found) != before.unwrap_or_default();
        let says = |cut_off: Option<Timestamp>| cut_off.map_or("no deny".to_owned(), |at| format!("deny before {at}"));
        let changed =
            |now: String| Refusal::Changed { before: says(present.cut_off), left: says(was_left.standing()), now };
        // What no look told of when the run ended, and what was not there before it, is the run's own.
        let left_beyond = was_left.beyond.as_ref().or(found.beyond.as_ref().filter(|_| present.beyond.is_some()));
        let beyond = match (left_beyond, &found.beyond) {
            (Some(left), Some(now)) => give_back(to, principal, &found.id, present.beyond.as_ref(), left, now),
            _ => Ok(vec![]),
        };
        let beyond = beyond.map_err(changed)?;
        if !is_inline && beyond.is_empty() {
            return Ok(vec![]);
        }
        if !self.same_thing(left, state) {
            return Err(changed("another one of the same name".to_owned()));
        }
        if is_inline && inline(was_left) != inline(found) {
            let altered = found.altered.map(|_| "a policy that is not ours".to_owned());
            return Err(changed(altered.unwrap_or_else(|| says(found.cut_off))));
        }
        let longest = match principal.who {
            Who::Role(_) => LONGEST_ROLE_SESSION,
            Who::User(_) => LONGEST_USER_SESSION,
        };
        let last_ends = found.standing().map(|cut_off| cut_off + longest);
        if let Some(until) = last_ends.filter(|until| asked.now < *until && !asked.wrong_target) {
            let what = "sessions that were issued before the cut-off would work again".to_owned();
            return Err(Refusal::TooEarly { until, what });
        }
        let inline = is_inline.then(|| match &present.policy {
            Some(document) => put_inline(principal, &policy_name(to), document.clone().into()),
            None => delete_inline(principal, &policy_name(to)),
        });
        Ok(inline.into_iter().chain(beyond).collect())
    }

    fn lost(&self, _: &Present, state: &State) -> Vec<String> {
        let gone = "it is gone; a managed policy of the incident, if the deny stood in one, is left behind".to_owned();
        if state.found.is_none() { vec![gone] } else { vec![] }
    }

    fn reaches(&self, state: &State) -> Vec<Entity> {
        let elsewhere = state.found.as_ref().and_then(Found::elsewhere);
        elsewhere.map(Beyond::reaches).unwrap_or_default()
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.found.as_ref().map(|found| &found.id) == now.found.as_ref().map(|found| &found.id)
    }

    fn ends(&self, _: &Input) -> Vec<Ended> {
        Ended::all([Access::EarlierSession])
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
        let standing = found.and_then(Found::standing);
        notes.extend(found.and_then(Found::elsewhere).and_then(|beyond| beyond.seat()).and_then(place));
        if standing.is_some() {
            notes.push(
                "sessions issued since then are not refused: `issued_before` of this action moves the cut-off"
                    .to_owned(),
            );
        }
        let residual = found.map_or_else(Vec::new, |found| {
            left_of(&input.principal, &found.path, left(input, standing, &seen.context))
        });
        Story {
            now: match (found, standing) {
                (None, _) => "does not exist".to_owned(),
                (_, Some(cut_off)) => format!("sessions before {cut_off} are refused"),
                (Some(Found { altered: Some(_), .. }), _) => "the incident's policy was altered".to_owned(),
                (Some(_), None) => "all sessions are valid".to_owned(),
            },
            does: match input.issued_before {
                None => "refuse sessions issued before now".to_owned(),
                Some(asked) => format!("refuse sessions issued before {asked}"),
            },
            impact,
            because,
            undo: "the deny is taken off, not before the last old session has ended".to_owned(),
            residual,
            notes,
            unread: vec![],
        }
    }
}

/// What the principal can still do whose sessions end.
fn left(input: &Input, standing: Option<Timestamp>, context: &Context) -> Vec<Residual> {
    let principal = &input.principal;
    let later = input.issued_before.max(standing).map(Residual::later_sessions);
    let credentials = match &principal.who {
        Who::Role(_) => admitted_to(&context.services, &context.others),
        Who::User(_) => context.signs_with.residuals(),
    };
    later.into_iter().chain(credentials).chain(reached_by(principal)).collect()
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

/// Where the deny goes when it is not inline, and why.
fn place(seat: Seat) -> Option<String> {
    let why = match seat {
        Seat::Inline => return None,
        Seat::Managed => "its inline policies leave no room: the deny goes into a managed policy of the incident's own",
        Seat::Boundary => {
            "neither its inline nor its attached policies leave room: the deny becomes its permissions boundary"
        }
    };
    Some(why.to_owned())
}
