//! What an action is.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Confides, Ended, Facts, Look, LookError, Move, Refusal, Seen, Story};
use crate::aws::{Call, Operation, Place};
use crate::base::{Entity, IncidentId, Target, Touch};
use crate::iam::PolicyDocument;

/// For whom and where an action is at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The incident whose id our marks in AWS carry.
    pub incident: IncidentId,
    /// The account.
    pub place: Place,
}

/// What the person who undoes a run asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoRequest {
    /// The time of asking.
    pub now: Timestamp,
    /// The containment hit the wrong target, so what it protects from may come back at once.
    pub wrong_target: bool,
}

/// What a look of an action found.
pub type SeenBy<A> = Seen<<A as Action>::State, <A as Action>::Present, <A as Action>::Context>;

/// A goal, and the pure functions that know how far the account is from it.
///
/// `observe` only reads. `propose` and `restore` are pure: the same input, state and facts give the same moves, and no
/// moves means that nothing is left to do. They may ask for nothing that [`Action::SENDS`] does not declare.
pub trait Action: Send + Sync + 'static {
    /// What a runbook writes under `with:`.
    type Input: Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// Exactly what `propose` decides on, immutable ids included. Its digest is the fingerprint.
    type State: Serialize + DeserializeOwned + Send + Sync;
    /// The pre-state that evidence, echoed fields and `restore` need.
    type Present: Serialize + DeserializeOwned + Send + Sync;
    /// What is only shown, never decided on.
    type Context: Serialize + DeserializeOwned + Send + Sync;

    /// The name in runbooks, such as `iam.revoke-sessions`.
    const NAME: &'static str;
    /// One sentence for lists.
    const SUMMARY: &'static str;
    /// The reference page: what it does, what it can break, permissions, undo, what remains. Markdown.
    const PAGE: &'static str;
    /// The operations that `observe` may use.
    const READS: &'static [&'static Operation];
    /// The operations that `propose` and `restore` may ask for.
    const SENDS: &'static [&'static Operation];
    /// Of [`Action::SENDS`], the operations that meet nothing but managed policies that quell itself has made. What they end is no
    /// loss to anybody, so that they do not make the action one that destroys, and they need no permission on other policies.
    const OWN: &'static [&'static Operation] = &[];
    /// How many unlisted reversible calls on its own target one execution may make when the account has moved on since the
    /// plan: the size of the envelope that is approved with the plan.
    const ENVELOPE: usize;
    /// How long one execution may take before it counts as stuck, unless the runbook says otherwise.
    const TIMEOUT: Duration;
    /// Whether its calls go in order or not at all: where AWS refuses one, nothing after it is tried. What is for good always
    /// goes so.
    const IN_ORDER: bool = false;

    /// What of its pre-state is confidential; nothing where it can hold no prompt, no instruction and nothing that people said or gave.
    const CONFIDES: Option<Confides<Self::Present>> = None;

    /// What the step is about.
    fn subject(&self, to: &Assignment, input: &Self::Input) -> Target;

    /// What the step reads, changes and destroys, itself included; makes the hazard edges.
    fn touches(&self, input: &Self::Input) -> Vec<(Entity, Touch)>;

    /// Reads how things are.
    fn observe(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        input: &Self::Input,
    ) -> impl Future<Output = Result<SeenBy<Self>, LookError>> + Send;

    /// The moves that are missing to the goal, in order.
    fn propose(
        &self,
        to: &Assignment,
        input: &Self::Input,
        state: &Self::State,
        facts: &Facts,
    ) -> Result<Vec<Move>, Refusal>;

    /// Calls that only take away what this run has made and cannot use, such as a key whose secret is lost. They are approved
    /// with the plan, whatever their effect. Asked only where a call of the step was in doubt, or has made something.
    fn takes_away(&self, _: &Assignment, _: &Self::Input, _: &Self::State, _: &Facts) -> Vec<Call> {
        vec![]
    }

    /// The moves that put back what was there: `present` is the captured pre-state, `left` the state that the run left
    /// behind, `state` how things are now. Where `state` is not what was left, it refuses.
    fn restore(
        &self,
        to: &Assignment,
        input: &Self::Input,
        present: &Self::Present,
        left: &Self::State,
        state: &Self::State,
        asked: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal>;

    /// Roles and users that the step takes something from although it is about something else, such as a policy that they
    /// have: nobody may cut off the principal that they work as.
    fn reaches(&self, _state: &Self::State) -> Vec<Entity> {
        vec![]
    }

    /// All that the step takes from the principal that it is about, as a policy that denies it: then what that principal keeps can be
    /// judged. Nothing where it takes something in another way.
    fn imposes(&self, _to: &Assignment, _input: &Self::Input, _state: &Self::State) -> Option<PolicyDocument> {
        None
    }

    /// Whether AWS services can no longer work with the role that the step is about. Of a role that is destroyed it goes without
    /// saying.
    fn keeps_services_out(&self, _input: &Self::Input) -> bool {
        false
    }

    /// What was there before and cannot be put back, given how things are, as fragments: an undo says so and passes over it.
    fn lost(&self, _present: &Self::Present, _state: &Self::State) -> Vec<String> {
        vec![]
    }

    /// Whether two states are of the same thing: the immutable ids agree. A re-created namesake is another thing.
    fn same_thing(&self, planned: &Self::State, now: &Self::State) -> bool;

    /// For how long what a call has done may show in nothing that AWS tells, beyond the time in which it may disagree with itself:
    /// a call in doubt is looked after for so long before it counts as not having happened.
    fn hidden_for(&self, _call: &Call) -> Option<Duration> {
        None
    }

    /// What still goes on where AWS has refused a part of the moves: told with AWS's reason.
    fn goes_on(&self, _input: &Self::Input, _state: &Self::State) -> Option<String> {
        None
    }

    /// Whether what was approved for one state covers another of the same thing, although their fingerprints differ: nothing has
    /// come that nobody has seen. Asked before the first call that is for good.
    fn covers(&self, _planned: &Self::State, _now: &Self::State) -> bool {
        false
    }

    /// What else than the goal differs between what was captured and how things are once the step is verified, as fragments:
    /// somebody was at work there meanwhile, and a person should know.
    fn differs_beside(&self, _captured: &Self::Present, _now: &Self::Present) -> Vec<String> {
        vec![]
    }

    /// What a person should know before approving.
    fn tell(&self, to: &Assignment, input: &Self::Input, seen: &SeenBy<Self>) -> Story;

    /// What other steps say stays possible and this one ends, once it is verified.
    fn ends(&self, _input: &Self::Input) -> Vec<Ended> {
        vec![]
    }

    /// Writes a text that a call needs, from the run so far. Only actions whose calls name a text have any.
    fn compose(&self, _name: &str, _to: &Assignment, _input: &Self::Input, _run: &super::RunSoFar) -> Option<String> {
        None
    }
}
