//! `iam.revoke-sessions`: refuses everything to the sessions that a role or user already has.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::principal::{Principal, Who, protection};
use super::seat::{self, Marks, Seat, Seated};
use super::seat_forms::Forms;
use super::seat_moves::{detach, put_inline};
use super::{
    Action, Assignment, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest, seat_operations,
};
use crate::aws::{CreatePolicy, Late, Operation, Request, Symbol, UpdateAccessKey, UpdateAssumeRolePolicy};
use crate::base::{Digest, Entity, EntityKind, Impact, Target, Touch};
use crate::iam::{self, PolicyDocument};

/// How long IAM may take until a shut door holds everywhere: a locked trust policy, an inactive key. Tokens that are minted
/// meanwhile must fall before the cut-off too.
const DOOR_WINDOW: SignedDuration = SignedDuration::from_secs(15);
/// The longest that a session of a role can live. What the role allows now says nothing of the sessions it has, nor of
/// those that AWS services started.
pub(super) const LONGEST_ROLE_SESSION: SignedDuration = SignedDuration::from_hours(12);
/// Sessions that a user's long-term key may ask for live this long at most (GetSessionToken, GetFederationToken).
pub(super) const LONGEST_USER_SESSION: SignedDuration = SignedDuration::from_hours(36);

/// How many managed policies one incident makes for one principal, each with a later cut-off, before quell gives up.
const MOST_POLICIES: u8 = 5;

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
    /// The cut-off that this incident has put there.
    pub cut_off: Option<Timestamp>,
    /// The digest of what the incident's inline policy says, where it is there and says something else.
    pub altered: Option<Digest>,
    /// Where the deny stands, or would go.
    pub seated: Seated,
    /// The number of the managed policy that this is about.
    pub number: u8,
    /// The latest managed policy that is there already, and that nobody has.
    pub spare: Option<Spare>,
}

/// A managed policy of this incident and principal that nobody has: left over from an undo, or from an earlier try of the run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spare {
    /// Its number.
    pub number: u8,
    /// The place that it was made for.
    pub seat: Seat,
    /// The cut-off in it.
    pub cut_off: Timestamp,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The incident's inline policy.
    pub policy: Option<PolicyDocument>,
    /// The cut-off that stood, wherever it stood, before which the next one may not lie.
    pub cut_off: Option<Timestamp>,
    /// Where it stood.
    pub stood: Option<Seat>,
    /// What stood at each place.
    pub marks: Option<Marks>,
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

impl RevokeSessions {
    fn forms(to: &Assignment, id: &str, number: u8, cut_off: &Late<Timestamp>) -> Forms {
        Forms::of_cut_off(&to.place, policy_name(to), id, number, cut_off)
    }

    /// Whether a policy that nobody has ends all sessions that this step is to end: this run has made it, and could not give it
    /// to the principal yet. What an earlier run has left has an earlier cut-off.
    fn is_good(to: &Assignment, input: &Input, id: &str, spare: Spare, facts: &Facts) -> bool {
        if let Some(asked) = input.issued_before {
            return spare.cut_off >= asked;
        }
        let forms = Self::forms(to, id, spare.number, &Late::Later(Symbol::CutOff));
        let policy = if spare.seat == Seat::Boundary { &forms.boundary } else { &forms.managed };
        policy.made_of.as_ref().is_some_and(|(name, _)| {
            let made = input.principal.entity().child(EntityKind::ManagedPolicy, name.as_str());
            facts.landed(CreatePolicy::OPERATION, &made).is_some()
        })
    }
}

impl Action for RevokeSessions {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "iam.revoke-sessions";
    const SUMMARY: &'static str = "Refuse everything to the sessions that a role or user already has";
    const PAGE: &'static str = include_str!("iam_revoke_sessions.md");
    const READS: &'static [&'static Operation] = seat_operations::READS;
    const SENDS: &'static [&'static Operation] = seat_operations::SENDS;
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
        let (mut number, mut spare) = (1, None);
        let found = loop {
            let forms = |id: &str| Self::forms(to, id, number, &Late::Later(Symbol::CutOff));
            let Some(mut found) = seat::look_for_seat(look, &input.principal, forms).await? else {
                return Ok(Seen {
                    state: State { found: None },
                    present: Present { policy: None, cut_off: None, stood: None, marks: None },
                    context: Context { services: vec![], last_used: None },
                });
            };
            let Seated { stands, next, to_make, .. } = found.seated;
            if stands.is_some() || next == Some(Seat::Inline) || to_make {
                break found;
            }
            // A later one may stand where this one has no room.
            spare = next.zip(found.spare).map(|(seat, cut_off)| Spare { number, seat, cut_off }).or(spare);
            if number == MOST_POLICIES {
                found.seated.next = None;
                break found;
            }
            number += 1;
        };
        let cut_off = found.cut_off;
        let context = Context { services: found.used.services, last_used: found.used.last_used };
        let present = Present {
            cut_off,
            stood: found.seated.stands,
            marks: Some(found.seated.marks.clone()),
            policy: found.inline,
        };
        let found = Found {
            id: found.seated.id.clone(),
            path: found.seated.path.clone(),
            cut_off,
            altered: present.policy.as_ref().and_then(altered),
            spare: spare.filter(|_| found.seated.stands.is_none()),
            seated: found.seated,
            number,
        };
        Ok(Seen { state: State { found: Some(found) }, present, context })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        let found = state.found.as_ref().ok_or_else(|| Refusal::Missing { what: input.principal.to_string() })?;
        if let Some(refusal) = protection(&found.path).or_else(|| found.seated.is_needed()) {
            return Err(refusal);
        }
        // A managed policy that was made by a try whose answer was lost has the cut-off of that try, which is good enough.
        let taken = facts.cut_off().filter(|_| matches!(found.seated.stands, Some(Seat::Inline) | None));
        let needed = match input.issued_before {
            Some(asked) => [Some(asked), taken],
            None => [door_shut(&input.principal, facts), taken],
        };
        if found.cut_off.is_some_and(|standing| needed.iter().flatten().all(|needed| standing >= *needed)) {
            return Ok(vec![]);
        }
        let cut_off = match input.issued_before {
            // Never moved backwards, whoever asks.
            Some(asked) => Late::Known(found.cut_off.map_or(asked, |standing| standing.max(asked))),
            None => Late::Later(Symbol::CutOff),
        };
        let forms = |number| Self::forms(to, &found.id, number, &cut_off);
        let take = |number, seated: &Seated| seat::take(&input.principal, &forms(number), seated);
        let moved = || Seated { stands: None, next: found.seated.stands, to_make: true, ..found.seated.clone() };
        match found.seated.stands {
            None => match found.spare.filter(|spare| Self::is_good(to, input, &found.id, *spare, facts)) {
                Some(Spare { number, seat, .. }) => {
                    take(number, &Seated { next: Some(seat), to_make: false, ..found.seated.clone() })
                }
                None => take(found.number, &found.seated),
            }
            .ok_or_else(|| found.seated.quota()),
            Some(Seat::Inline) => {
                let Forms { name, document, .. } = forms(found.number);
                Ok(vec![put_inline(&input.principal, &name, document)])
            }
            // The later cut-off is there before the earlier one goes.
            Some(_) if found.number == MOST_POLICIES => Err(found.seated.quota()),
            Some(Seat::Managed) if !found.seated.room_for_companion => Err(found.seated.quota()),
            Some(Seat::Managed) => {
                let mut moves = take(found.number + 1, &moved()).ok_or_else(|| found.seated.quota())?;
                moves.push(detach(&input.principal, &forms(found.number).managed.arn));
                Ok(moves)
            }
            Some(Seat::Boundary) => take(found.number + 1, &moved()).ok_or_else(|| found.seated.quota()),
        }
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
        let before = present.cut_off;
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
        if matches!(present.stood, Some(Seat::Managed | Seat::Boundary)) {
            return Err(Refusal::ByHand {
                why: "an earlier cut-off stood in a managed policy, and a later one has taken its place".to_owned(),
                instructions: vec![format!(
                    "Leave it: the later cut-off refuses more sessions than the earlier one, and none that {} starts now",
                    input.principal
                )],
            });
        }
        let (Some(marks), Some(left)) = (&present.marks, &left.found) else { return Ok(vec![]) };
        let forms = Self::forms(to, &found.id, left.number, &Late::Later(Symbol::CutOff));
        let now = &found.seated.marks;
        seat::leave(&input.principal, &forms, present.policy.as_ref(), marks, &left.seated, now).map_err(|what| {
            Refusal::Changed {
                before: "what stood there before the run".to_owned(),
                left: "the deny".to_owned(),
                now: format!("{what} was changed by somebody"),
            }
        })
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.found.as_ref().map(|found| &found.id) == now.found.as_ref().map(|found| &found.id)
    }

    fn ends(&self, input: &Input) -> Vec<Residual> {
        match &input.principal.who {
            Who::Role(role) => vec![Residual::earlier_sessions(role)],
            Who::User(user) => vec![Residual::key_sessions(user)],
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
        } else {
            (Impact::NoneSeen, "AWS remembers no use".to_owned())
        };
        let mut notes: Vec<String> = found.and_then(|found| found.seated.next?.note()).into_iter().collect();
        notes.extend(services.iter().filter_map(|service| recovery(service)));
        if matches!(input.principal.who, Who::User(_)) {
            notes.push("long-term keys of the user carry no issue time: deactivate them as well".to_owned());
        }
        if found.is_some_and(|found| found.cut_off.is_some()) {
            notes.push(
                "sessions issued since then are not refused: give `issued_before` to move the cut-off".to_owned(),
            );
        }
        let mut residual = Vec::new();
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
            does: "refuse sessions issued before now".to_owned(),
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
