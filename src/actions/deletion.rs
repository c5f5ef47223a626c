//! Actions that delete a thing for good: what is particular to each, and what they all do alike.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{
    Action, Assignment, Await, Condition, Confides, Ended, Facts, Look, LookError, Move, Refusal, Seen, Story,
    UndoRequest,
};
use crate::aws::{Call, Operation};
use crate::base::{Entity, Region, Target, Touch};

/// How long a thing may take to settle before it can be deleted.
const SETTLING: Duration = Duration::from_secs(5 * 60);

/// How far a thing is in its life, as far as deleting it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It rests; a deletion that failed is such a rest.
    Standing,
    /// It is changing by itself, and AWS refuses changes meanwhile.
    Passing,
    /// It is on its way out.
    Leaving,
}

/// A thing that exists and is to go: what its deletion is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Doomed<Part> {
    /// What tells it from every other thing, re-created namesakes included: an immutable id, or the moment it was made.
    pub identity: String,
    /// How far it is in its life.
    pub stage: Stage,
    /// What has to go before it, in this order.
    pub first: Vec<(Part, Stage)>,
    /// What still uses it.
    pub used_by: BTreeSet<String>,
    /// What is nobody's, and may have been its: AWS does not tell whose it was.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub loose: Vec<Part>,
}

impl<Part> Doomed<Part> {
    /// A thing that nothing has to go before, and that nothing uses.
    pub fn new(identity: impl Into<String>, stage: Stage) -> Self {
        Self { identity: identity.into(), stage, first: vec![], used_by: BTreeSet::new(), loose: vec![] }
    }
}

/// What a deletion decides on: the thing, if it exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State<Part> {
    /// The thing.
    pub doomed: Option<Doomed<Part>>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

/// What a look found of a thing that exists.
pub struct Found<Part, Present> {
    /// What its deletion is decided on.
    pub doomed: Doomed<Part>,
    /// Everything that can be captured of it, for the evidence.
    pub present: Present,
}

/// What a look of a deletion found; nothing where the thing does not exist.
pub type FoundBy<D> = Option<Found<<D as Deletion>::Part, <D as Deletion>::Present>>;

/// An action that deletes a thing for good. Every one is an [`Action`]: what goes before it is deleted first, each wait has
/// its bound, a thing that is in use is refused, and nothing brings it back.
pub trait Deletion: Send + Sync + 'static {
    /// See [`Action::Input`].
    type Input: Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// What has to go before it, each on its own: an alias, a policy. `String` where there is nothing such.
    type Part: Serialize + DeserializeOwned + PartialEq + Send + Sync;
    /// What is captured before it goes.
    type Present: Serialize + DeserializeOwned + Send + Sync;

    /// See [`Action::NAME`].
    const NAME: &'static str;
    /// See [`Action::SUMMARY`].
    const SUMMARY: &'static str;
    /// See [`Action::PAGE`].
    const PAGE: &'static str;
    /// See [`Action::READS`].
    const READS: &'static [&'static Operation];
    /// See [`Action::SENDS`].
    const SENDS: &'static [&'static Operation];
    /// How long it, or what goes before it, may take to go.
    const GOING: Duration;
    /// See [`Action::ENVELOPE`]: for what comes and goes by itself and is stopped on the way. All else that a deletion sends is
    /// for good and must be listed.
    const ENVELOPE: usize = 0;

    /// What of it is confidential, as a fragment: see [`Action::CONFIDES`]. Since nothing brings the thing back, nothing of what was
    /// captured stays open then.
    const CONFIDES: Option<&'static str> = None;

    /// The Region of the thing; nothing for what is global.
    fn region<'i>(&self, input: &'i Self::Input) -> Option<&'i Region>;

    /// The thing.
    fn entity(&self, input: &Self::Input) -> Entity;

    /// See [`Action::touches`]: beyond the thing, which is destroyed.
    fn also_touches(&self, _input: &Self::Input) -> Vec<(Entity, Touch)> {
        vec![]
    }

    /// Looks for the thing, and captures all that can be had of it.
    fn find(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        input: &Self::Input,
    ) -> impl Future<Output = Result<FoundBy<Self>, LookError>> + Send;

    /// Why quell does not delete it, beyond its being in use.
    fn refuses(&self, _to: &Assignment, _input: &Self::Input, _doomed: &Doomed<Self::Part>) -> Option<Refusal> {
        None
    }

    /// See [`Action::reaches`].
    fn reaches(&self, _doomed: &Doomed<Self::Part>) -> Vec<Entity> {
        vec![]
    }

    /// Whether it is deleted even while something uses it.
    fn even_if_used(&self, _input: &Self::Input) -> bool {
        false
    }

    /// The call that takes away something that has to go before it; nothing if there never is any.
    fn delete_first(&self, _input: &Self::Input, _part: &Self::Part) -> Option<Call> {
        None
    }

    /// Whether something that is nobody's now was its until this run took it away.
    fn was_its(&self, _input: &Self::Input, _part: &Self::Part, _facts: &Facts) -> bool {
        false
    }

    /// In which turn a part goes: those of one turn go together, and are waited for before those of the next.
    fn turn(&self, _part: &Self::Part) -> usize {
        0
    }

    /// Whether a part comes and goes by itself, such as a synchronisation, and is stopped and not deleted: one that nobody has
    /// seen in the plan keeps nothing from being deleted.
    fn comes_and_goes(&self, _part: &Self::Part) -> bool {
        false
    }

    /// The call that deletes it.
    fn delete(&self, input: &Self::Input) -> Call;

    /// Whether AWS shows that what a call deletes is on its way out. Where it does not, what this run has deleted is waited
    /// for, and not deleted again.
    fn shows_going(&self, _call: &Call) -> bool {
        true
    }

    /// See [`Action::tell`]; `undo` is filled in where it is left empty.
    fn tell(&self, input: &Self::Input, found: Option<(&Doomed<Self::Part>, &Self::Present)>) -> Story;

    /// See [`Action::ends`].
    fn ends(&self, _input: &Self::Input) -> Vec<Ended> {
        vec![]
    }

    /// Why nothing brings it back.
    fn for_good(&self) -> String {
        "a new one would have another id; what the old one was is in the evidence".to_owned()
    }
}

impl<D: Deletion> Action for D {
    type Input = D::Input;
    type State = State<D::Part>;
    type Present = Option<D::Present>;
    type Context = Context;

    const CONFIDES: Option<Confides<Option<D::Present>>> = match D::CONFIDES {
        Some(what) => Some(Confides { what, without: |_| None }),
        None => None,
    };
    const NAME: &'static str = D::NAME;
    const SUMMARY: &'static str = D::SUMMARY;
    const PAGE: &'static str = D::PAGE;
    const READS: &'static [&'static Operation] = D::READS;
    const SENDS: &'static [&'static Operation] = D::SENDS;
    const ENVELOPE: usize = D::ENVELOPE;
    // The thing and what goes before it may each take their time, and it may have to settle before.
    const TIMEOUT: Duration = Duration::from_secs(SETTLING.as_secs() + 3 * D::GOING.as_secs());

    fn subject(&self, to: &Assignment, input: &Self::Input) -> Target {
        to.place.target(self.region(input), self.entity(input))
    }

    fn touches(&self, input: &Self::Input) -> Vec<(Entity, Touch)> {
        let mut touches = vec![(self.entity(input), Touch::Destroys)];
        touches.extend(self.also_touches(input));
        touches
    }

    async fn observe(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        input: &Self::Input,
    ) -> Result<Seen<State<D::Part>, Option<D::Present>, Context>, LookError> {
        let (doomed, present) = match self.find(to, look, input).await? {
            Some(Found { doomed, present }) => (Some(doomed), Some(present)),
            None => (None, None),
        };
        Ok(Seen { state: State { doomed }, present, context: Context {} })
    }

    fn propose(
        &self,
        to: &Assignment,
        input: &Self::Input,
        state: &State<D::Part>,
        facts: &Facts,
    ) -> Result<Vec<Move>, Refusal> {
        let Some(doomed) = &state.doomed else {
            return Ok(vec![]);
        };
        let wait = |until, within| Move::Await(Await { what: Action::subject(self, to, input), until, within });
        let is_going =
            |call: &Call| !self.shows_going(call) && facts.landed(call.operation(), &call.entity()).is_some();
        if doomed.stage == Stage::Leaving || is_going(&self.delete(input)) {
            return Ok(vec![wait(Condition::Gone, D::GOING)]);
        }
        if let Some(refusal) = self.refuses(to, input, doomed) {
            return Err(refusal);
        }
        if !doomed.used_by.is_empty() && !self.even_if_used(input) {
            return Err(Refusal::InUse { by: doomed.used_by.iter().cloned().collect() });
        }
        let orphans = doomed.loose.iter().filter(|part| self.was_its(input, part, facts));
        let mut moves: Vec<Move> = orphans.filter_map(|part| self.delete_first(input, part)).map(Move::from).collect();
        if !moves.is_empty() {
            // When the thing has gone nobody looks for them any more.
            moves.push(wait(Condition::Settled, D::GOING));
            return Ok(moves);
        }
        if doomed.stage == Stage::Passing || doomed.first.iter().any(|(_, stage)| *stage == Stage::Passing) {
            moves.push(wait(Condition::Settled, SETTLING));
        }
        for turn in doomed.first.chunk_by(|(one, _), (other, _)| self.turn(one) == self.turn(other)) {
            let standing = turn.iter().filter(|(_, stage)| *stage != Stage::Leaving);
            let calls = standing.filter_map(|(part, _)| self.delete_first(input, part)).filter(|call| !is_going(call));
            moves.extend(calls.map(Move::from));
            moves.push(wait(Condition::Settled, D::GOING));
        }
        moves.push(self.delete(input).into());
        moves.push(wait(Condition::Gone, D::GOING));
        Ok(moves)
    }

    fn restore(
        &self,
        _: &Assignment,
        _: &Self::Input,
        _: &Option<D::Present>,
        _: &State<D::Part>,
        _: &State<D::Part>,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        Err(Refusal::ForGood { why: self.for_good() })
    }

    fn hidden_for(&self, call: &Call) -> Option<Duration> {
        (!self.shows_going(call)).then_some(D::GOING)
    }

    fn reaches(&self, state: &State<D::Part>) -> Vec<Entity> {
        state.doomed.as_ref().map(|doomed| Deletion::reaches(self, doomed)).unwrap_or_default()
    }

    fn same_thing(&self, planned: &State<D::Part>, now: &State<D::Part>) -> bool {
        match (&planned.doomed, &now.doomed) {
            (Some(planned), Some(now)) => planned.identity == now.identity,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    /// Less than what was approved is approved as well: others may have taken a part away, and what uses it may have let go. What
    /// is new, or is being changed by somebody, was seen by nobody.
    fn covers(&self, planned: &State<D::Part>, now: &State<D::Part>) -> bool {
        let (Some(planned), Some(now)) = (&planned.doomed, &now.doomed) else { return now.doomed.is_none() };
        let stays = |was: Stage, is: Stage| is != Stage::Passing || was == Stage::Passing;
        let known = |(part, is): &(D::Part, Stage)| {
            self.comes_and_goes(part) || planned.first.iter().any(|(was, stage)| was == part && stays(*stage, *is))
        };
        planned.identity == now.identity
            && stays(planned.stage, now.stage)
            && now.used_by.is_subset(&planned.used_by)
            && now.first.iter().all(known)
    }

    fn ends(&self, input: &D::Input) -> Vec<Ended> {
        Deletion::ends(self, input)
    }

    fn tell(
        &self,
        _: &Assignment,
        input: &Self::Input,
        seen: &Seen<State<D::Part>, Option<D::Present>, Context>,
    ) -> Story {
        let story = Deletion::tell(self, input, seen.state.doomed.as_ref().zip(seen.present.as_ref()));
        Story { undo: if story.undo.is_empty() { "not possible".to_owned() } else { story.undo }, ..story }
    }
}
