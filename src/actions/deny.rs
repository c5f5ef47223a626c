//! Actions that take something away from a role or user by a deny: what is particular to each, and what they all do alike.

use std::time::Duration;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::principal::{left_of, protection};
use super::seat::{self, FoundSeat, Marks, Seated, Use};
use super::seat_forms::Forms;
use super::signs_with::SignsWith;
use super::{
    Action, Assignment, Ended, Facts, Look, LookError, Move, Principal, Refusal, Residual, Seen, Story, UndoRequest,
    Who, seat_operations,
};
use crate::aws::Operation;
use crate::base::{Entity, Impact, Region, Target, Touch};
use crate::iam::PolicyDocument;

/// What a deny takes away.
pub trait Scope: Send + Sync + 'static {
    /// See [`Action::Input`].
    type Input: Serialize + DeserializeOwned + JsonSchema + Send + Sync;

    /// See [`Action::NAME`].
    const NAME: &'static str;
    /// See [`Action::SUMMARY`].
    const SUMMARY: &'static str;
    /// See [`Action::PAGE`].
    const PAGE: &'static str;
    /// What its policies are called; the incident's id follows.
    const POLICY: &'static str;
    /// See [`Action::READS`].
    const READS: &'static [&'static Operation] = seat_operations::READS;
    /// See [`Action::SENDS`].
    const SENDS: &'static [&'static Operation] = seat_operations::SENDS;

    /// Whose it is.
    fn principal<'i>(&self, input: &'i Self::Input) -> &'i Principal;

    /// What tells it from other denies of its kind on the same principal.
    fn mark(&self, _input: &Self::Input) -> Option<String> {
        None
    }

    /// What it says. `id` is the immutable id of the principal.
    fn document(&self, input: &Self::Input, id: &str) -> PolicyDocument;

    /// Whether it denies everything without a condition, so that AWS's own policy says the same.
    fn is_everything(&self) -> bool {
        false
    }

    /// Whether a role that it is on can write no log any more.
    fn ends_logs(&self) -> bool {
        true
    }

    /// The policy of AWS that is attached as well.
    fn companion(&self) -> Option<&'static str> {
        None
    }

    /// What it does, in a few words.
    fn does(&self, input: &Self::Input) -> String;

    /// Whether whoever it is keeps what it signs in or signs with, so that a plan names that.
    fn leaves_credentials(&self) -> bool {
        false
    }

    /// What stays possible that is particular to it, given whom the role admits or what the user signs with.
    fn leaves(&self, input: &Self::Input, used: &Use) -> Vec<Residual>;
}

/// The action that puts a deny on a role or user.
pub struct Deny<S>(pub S);

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The principal, if it exists.
    pub found: Option<Seated>,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// What stood under the name of the incident's policy.
    pub inline: Option<PolicyDocument>,
    /// What stood at each place.
    pub marks: Option<Marks>,
}

impl<S: Scope> Deny<S> {
    fn forms(&self, to: &Assignment, input: &S::Input, id: &str) -> Forms {
        let mark = self.0.mark(input).map(|mark| format!("-{mark}")).unwrap_or_default();
        let rest = format!("-{}{mark}", to.incident);
        let document = self.0.document(input, id);
        let forms = match self.0.is_everything() {
            true => Forms::of_everything(&to.place, format!("{}{rest}", S::POLICY), document),
            false => Forms::of(to, id, S::POLICY, &rest, document),
        };
        match self.0.companion() {
            Some(policy) => forms.with_companion(&to.place, policy),
            None => forms,
        }
    }
}

impl<S: Scope> Action for Deny<S> {
    type Input = S::Input;
    type State = State;
    type Present = Present;
    type Context = Use;

    const NAME: &'static str = S::NAME;
    const SUMMARY: &'static str = S::SUMMARY;
    const PAGE: &'static str = S::PAGE;
    const READS: &'static [&'static Operation] = S::READS;
    const SENDS: &'static [&'static Operation] = S::SENDS;
    const ENVELOPE: usize = 4;
    const TIMEOUT: Duration = Duration::from_secs(300);

    fn subject(&self, to: &Assignment, input: &S::Input) -> Target {
        to.place.target(None, self.0.principal(input).entity())
    }

    fn touches(&self, input: &S::Input) -> Vec<(Entity, Touch)> {
        vec![(self.0.principal(input).entity(), Touch::Changes)]
    }

    async fn observe(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        input: &S::Input,
    ) -> Result<Seen<State, Present, Use>, LookError> {
        let principal = self.0.principal(input);
        let mut found = seat::look_for_seat(look, principal, |id| self.forms(to, input, id)).await?;
        if let (Some(found), Who::User(user), true) = (&mut found, &principal.who, self.0.leaves_credentials()) {
            found.used.signs_with = SignsWith::of(look, user).await;
        }
        Ok(match found {
            None => Seen {
                state: State { found: None },
                present: Present { inline: None, marks: None },
                context: Use::default(),
            },
            Some(FoundSeat { seated, inline, used, .. }) => Seen {
                present: Present { inline, marks: Some(seated.marks.clone()) },
                state: State { found: Some(seated) },
                context: used,
            },
        })
    }

    fn propose(&self, to: &Assignment, input: &S::Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let principal = self.0.principal(input);
        let found = state.found.as_ref().ok_or_else(|| Refusal::Missing { what: principal.to_string() })?;
        if let Some(refusal) = protection(&found.path).or_else(|| found.is_needed()) {
            return Err(refusal);
        }
        seat::take(principal, &self.forms(to, input, &found.id), found).ok_or_else(|| found.quota())
    }

    fn restore(
        &self,
        to: &Assignment,
        input: &S::Input,
        present: &Present,
        left: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let (Some(before), Some(left), Some(now)) = (&present.marks, &left.found, &state.found) else {
            return Ok(vec![]);
        };
        let changed = |now: &str| Refusal::Changed {
            before: "what stood there before the run".to_owned(),
            left: "the deny".to_owned(),
            now: now.to_owned(),
        };
        if left.id != now.id {
            return Err(changed("another principal of the same name"));
        }
        let forms = self.forms(to, input, &now.id);
        let principal = self.0.principal(input);
        seat::leave(principal, &forms, present.inline.as_ref(), before, left, now)
            .map_err(|what| changed(&format!("{what} was changed by somebody")))
    }

    // The same document stands at whichever place there is room; what AWS's own policy denies beside it is not in it.
    fn imposes(&self, _: &Assignment, input: &S::Input, state: &State) -> Option<PolicyDocument> {
        let found = state.found.as_ref().filter(|_| self.0.companion().is_none())?;
        Some(self.0.document(input, &found.id))
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.found.as_ref().map(|found| &found.id) == now.found.as_ref().map(|found| &found.id)
    }

    fn ends(&self, input: &S::Input) -> Vec<Ended> {
        match &self.0.principal(input).who {
            _ if !self.0.is_everything() => vec![],
            Who::Role(_) => Ended::with_role(),
            Who::User(_) => Ended::with_user(),
        }
    }

    fn tell(&self, _: &Assignment, input: &S::Input, seen: &Seen<State, Present, Use>) -> Story {
        let Use { services, last_used, key_used, logs, .. } = &seen.context;
        let password = last_used.map(|used| (used, format!("its password last used {used}")));
        let is_user = matches!(self.0.principal(input).who, Who::User(_));
        let (impact, because) = match (services.is_empty(), last_used) {
            (false, _) => (Impact::Outage, format!("{} work with it", services.join(", "))),
            (true, _) if is_user => match password.max(key_used.clone()) {
                Some((_, told)) => (Impact::Degrades, told),
                None => (
                    Impact::Unknown,
                    "AWS remembers no use of its password and keys, and tells none of its sessions".to_owned(),
                ),
            },
            (true, Some(used)) => (Impact::Degrades, format!("last used {used}")),
            (true, None) => (Impact::NoneSeen, "AWS remembers no use".to_owned()),
        };
        let found = seen.state.found.as_ref();
        let without_companion = self
            .0
            .companion()
            .filter(|_| found.is_some_and(|found| !found.marks.companion && !found.room_for_companion));
        let mut notes: Vec<String> = found.and_then(|found| found.next?.note()).into_iter().collect();
        if without_companion.is_some() {
            notes.push("no further policy can be attached: AWS's own quarantine is left out".to_owned());
        }
        if self.0.ends_logs() && !logs.is_empty() {
            let regions: Vec<&str> = logs.iter().map(Region::as_str).collect();
            notes.push(format!("the log of model invocations in {} is written with it, and ends", regions.join(", ")));
        }
        let left_out =
            without_companion.map(|policy| format!("whatever {policy} denies and the deny does not: it is left out"));
        let principal = self.0.principal(input);
        let left = self.0.leaves(input, &seen.context).into_iter().chain(left_out.map(Residual::uncovered));
        let residual = found.map_or_else(Vec::new, |found| left_of(principal, &found.path, left.collect()));
        Story {
            now: match found {
                None => "does not exist".to_owned(),
                Some(Seated { stands: Some(_), .. }) => "already denied".to_owned(),
                Some(Seated { marks, .. }) if marks.inline.is_some() || marks.managed => {
                    "not denied: the incident's policy is there, and says something else".to_owned()
                }
                Some(_) => "not denied".to_owned(),
            },
            does: self.0.does(input),
            impact,
            because,
            undo: "the deny is taken off; what stood in its place is put back".to_owned(),
            residual,
            notes,
            unread: vec![],
        }
    }
}
