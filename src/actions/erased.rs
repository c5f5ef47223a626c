//! Actions and queries behind one face, over JSON, so that a registry can hold them all.

use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::shared_input::Parts;
use super::{
    Action, Answer, Assignment, Ended, Facts, Look, LookError, Maker, Making, Move, Query, Refusal, RunSoFar, Seen,
    SeenJson, Story, Tagged, UndoRequest, makers, shared_input,
};
use crate::aws::{Call, OWN_POLICY, Operation};
use crate::base::{Effect, Entity, Region, Target, Touch};
use crate::iam::PolicyDocument;

/// Why a value is not the input of an action or query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadInput {
    /// The path to the member that is wrong, such as `agent.region`; `.` for the whole.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
}

/// What the registry knows of an action. Inputs, states and the like are JSON that the action itself once wrote, or
/// that [`AnyAction::decode`] has accepted.
pub trait AnyAction: Send + Sync {
    /// See [`Action::NAME`].
    fn name(&self) -> &'static str;
    /// See [`Action::SUMMARY`].
    fn summary(&self) -> &'static str;
    /// See [`Action::PAGE`].
    fn page(&self) -> &'static str;
    /// See [`Action::READS`].
    fn reads(&self) -> &'static [&'static Operation];
    /// See [`Action::SENDS`].
    fn sends(&self) -> &'static [&'static Operation];
    /// See [`Action::OWN`].
    fn own(&self) -> &'static [&'static Operation];
    /// Whether it may send what is for good and meets more than what quell itself has made.
    fn destroys(&self) -> bool {
        self.sends().iter().any(|one| one.effect == Effect::Irreversible && !self.own().contains(one))
    }
    /// On what an operation of the action needs its permissions.
    fn resource_of(&self, operation: &Operation) -> &'static str {
        if self.own().contains(&operation) { OWN_POLICY } else { operation.resource }
    }
    /// See [`Action::ENVELOPE`].
    fn envelope(&self) -> usize;
    /// See [`Action::TIMEOUT`].
    fn timeout(&self) -> Duration;
    /// See [`Action::IN_ORDER`].
    fn in_order(&self) -> bool;
    /// The JSON Schema of the input.
    fn input_schema(&self) -> Schema;
    /// Checks an input and gives it back in its full form.
    fn decode(&self, input: &Value) -> Result<Value, BadInput>;
    /// See [`Action::subject`].
    fn subject(&self, to: &Assignment, input: &Value) -> Result<Target, BadInput>;
    /// See [`Action::touches`].
    fn touches(&self, input: &Value) -> Result<Vec<(Entity, Touch)>, BadInput>;
    /// See [`Action::observe`].
    fn observe<'a>(
        &'a self,
        to: &'a Assignment,
        look: Look<'a>,
        input: &'a Value,
    ) -> BoxFuture<'a, Result<SeenJson, LookError>>;
    /// See [`Action::propose`].
    fn propose(
        &self,
        to: &Assignment,
        input: &Value,
        state: &Value,
        facts: &Facts,
    ) -> Result<Result<Vec<Move>, Refusal>, BadInput>;
    /// See [`Action::takes_away`].
    fn takes_away(&self, to: &Assignment, input: &Value, state: &Value, facts: &Facts) -> Result<Vec<Call>, BadInput>;
    /// What of the pre-state is confidential, as a fragment: see [`Action::CONFIDES`].
    fn confides(&self) -> Option<&'static str>;
    /// The pre-state without what is confidential; nothing where it holds nothing such.
    fn without_confided(&self, present: &Value) -> Result<Option<Value>, BadInput>;
    /// See [`Action::restore`].
    fn restore(
        &self,
        to: &Assignment,
        input: &Value,
        present: &Value,
        left: &Value,
        state: &Value,
        asked: &UndoRequest,
    ) -> Result<Result<Vec<Move>, Refusal>, BadInput>;
    /// See [`Action::reaches`].
    fn reaches(&self, state: &Value) -> Result<Vec<Entity>, BadInput>;
    /// See [`Action::imposes`].
    fn imposes(&self, to: &Assignment, input: &Value, state: &Value) -> Result<Option<PolicyDocument>, BadInput>;
    /// See [`Action::keeps_services_out`].
    fn keeps_services_out(&self, input: &Value) -> Result<bool, BadInput>;
    /// See [`Action::lost`].
    fn lost(&self, present: &Value, state: &Value) -> Result<Vec<String>, BadInput>;
    /// See [`Action::same_thing`].
    fn same_thing(&self, planned: &Value, now: &Value) -> Result<bool, BadInput>;
    /// See [`Action::hidden_for`].
    fn hidden_for(&self, call: &Call) -> Option<Duration>;
    /// See [`Action::goes_on`].
    fn goes_on(&self, input: &Value, state: &Value) -> Result<Option<String>, BadInput>;
    /// See [`Action::covers`].
    fn covers(&self, planned: &Value, now: &Value) -> Result<bool, BadInput>;
    /// See [`Action::differs_beside`].
    fn differs_beside(&self, captured: &Value, now: &Value) -> Result<Vec<String>, BadInput>;
    /// See [`Action::tell`].
    fn tell(&self, to: &Assignment, input: &Value, seen: &SeenJson) -> Result<Story, BadInput>;
    /// See [`Action::ends`].
    fn ends(&self, input: &Value) -> Result<Vec<Ended>, BadInput>;
    /// See [`Action::compose`].
    fn compose(&self, name: &str, to: &Assignment, input: &Value, run: &RunSoFar) -> Result<Option<String>, BadInput>;
}

/// What the registry knows of a query.
pub trait AnyQuery: Send + Sync {
    /// See [`Query::NAME`].
    fn name(&self) -> &'static str;
    /// See [`Query::SUMMARY`].
    fn summary(&self) -> &'static str;
    /// See [`Query::PAGE`].
    fn page(&self) -> &'static str;
    /// See [`Query::READS`].
    fn reads(&self) -> &'static [&'static Operation];
    /// See [`Query::REGIONAL`].
    fn regional(&self) -> bool;
    /// See [`Query::LAG`].
    fn lag(&self) -> Option<SignedDuration>;
    /// See [`Query::KEEPS`].
    fn keeps(&self) -> bool;
    /// See [`Query::MADE`].
    fn made(&self) -> Option<Making>;
    /// See [`Query::TAGGED`].
    fn tagged(&self) -> Option<Tagged>;
    /// The JSON Schema of the input.
    fn input_schema(&self) -> Schema;
    /// The JSON Schema of one item.
    fn item_schema(&self) -> Schema;
    /// Checks an input and gives it back in its full form.
    fn decode(&self, input: &Value) -> Result<Value, BadInput>;
    /// See [`Query::key`].
    fn key(&self, item: &Value) -> Result<String, BadInput>;
    /// See [`Query::maker`].
    fn maker(&self, item: &Value) -> Result<Option<Maker>, BadInput>;
    /// See [`Query::ask`]. Which tags what it finds carries and who made it is told by [`answered`](super::answered) alone.
    fn ask<'a>(
        &'a self,
        to: &'a Assignment,
        look: Look<'a>,
        region: Option<&'a Region>,
        input: &'a Value,
    ) -> BoxFuture<'a, Result<Answer<Value>, LookError>>;
    /// See [`Query::keep`].
    fn keep<'a>(
        &'a self,
        to: &'a Assignment,
        look: Look<'a>,
        region: Option<&'a Region>,
        input: &'a Value,
    ) -> BoxFuture<'a, Result<Vec<Value>, LookError>>;
}

/// Decodes what somebody wrote, with the path of what is wrong.
pub(super) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, BadInput> {
    // The way to a mistake costs more than the rest of the reading, so only a mistake pays for it.
    T::deserialize(value).or_else(|_| serde_path_to_error::deserialize(value)).map_err(
        |error: serde_path_to_error::Error<serde_json::Error>| BadInput {
            path: error.path().to_string(),
            message: error.inner().to_string(),
        },
    )
}

/// Decodes what was encoded here, or read before: it says where it is wrong only as well as serde does, since to follow
/// the path takes the code of every type once more.
fn decoded<T: DeserializeOwned>(value: &Value) -> Result<T, BadInput> {
    T::deserialize(value).map_err(|error| BadInput { path: ".".to_owned(), message: error.to_string() })
}

/// Our own types as JSON.
pub(super) fn encoded<T: Serialize>(value: &T) -> Result<Value, BadInput> {
    serde_json::to_value(value).map_err(|error| BadInput { path: ".".to_owned(), message: error.to_string() })
}

fn nonsense(bad: BadInput) -> LookError {
    LookError::Nonsense(format!("{} at `{}`", bad.message, bad.path))
}

/// A schema with everything inlined, so that one look at a property tells its type.
pub(super) fn schema_of<T: schemars::JsonSchema>() -> Schema {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    SchemaGenerator::new(settings).into_root_schema_for::<T>()
}

impl<A: Action> AnyAction for A {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn summary(&self) -> &'static str {
        A::SUMMARY
    }

    fn page(&self) -> &'static str {
        A::PAGE
    }

    fn reads(&self) -> &'static [&'static Operation] {
        A::READS
    }

    fn sends(&self) -> &'static [&'static Operation] {
        A::SENDS
    }

    fn own(&self) -> &'static [&'static Operation] {
        A::OWN
    }

    fn envelope(&self) -> usize {
        A::ENVELOPE
    }

    fn timeout(&self) -> Duration {
        A::TIMEOUT
    }

    fn in_order(&self) -> bool {
        A::IN_ORDER
    }

    fn input_schema(&self) -> Schema {
        schema_of::<A::Input>()
    }

    fn decode(&self, input: &Value) -> Result<Value, BadInput> {
        encoded(&read::<A::Input>(input)?)
    }

    fn subject(&self, to: &Assignment, input: &Value) -> Result<Target, BadInput> {
        Ok(Action::subject(self, to, &decoded(input)?))
    }

    fn touches(&self, input: &Value) -> Result<Vec<(Entity, Touch)>, BadInput> {
        Ok(Action::touches(self, &decoded(input)?))
    }

    fn observe<'a>(
        &'a self,
        to: &'a Assignment,
        look: Look<'a>,
        input: &'a Value,
    ) -> BoxFuture<'a, Result<SeenJson, LookError>> {
        Box::pin(async move {
            let input = decoded(input).map_err(nonsense)?;
            let seen = Action::observe(self, to, &look, &input).await?;
            Ok(Seen {
                state: encoded(&seen.state).map_err(nonsense)?,
                present: encoded(&seen.present).map_err(nonsense)?,
                context: encoded(&seen.context).map_err(nonsense)?,
            })
        })
    }

    fn propose(
        &self,
        to: &Assignment,
        input: &Value,
        state: &Value,
        facts: &Facts,
    ) -> Result<Result<Vec<Move>, Refusal>, BadInput> {
        Ok(Action::propose(self, to, &decoded(input)?, &decoded(state)?, facts))
    }

    fn takes_away(&self, to: &Assignment, input: &Value, state: &Value, facts: &Facts) -> Result<Vec<Call>, BadInput> {
        Ok(Action::takes_away(self, to, &decoded(input)?, &decoded(state)?, facts))
    }

    fn restore(
        &self,
        to: &Assignment,
        input: &Value,
        present: &Value,
        left: &Value,
        state: &Value,
        asked: &UndoRequest,
    ) -> Result<Result<Vec<Move>, Refusal>, BadInput> {
        let (input, present) = (decoded(input)?, decoded(present)?);
        Ok(Action::restore(self, to, &input, &present, &decoded(left)?, &decoded(state)?, asked))
    }

    fn confides(&self) -> Option<&'static str> {
        A::CONFIDES.map(|confides| confides.what)
    }

    fn without_confided(&self, present: &Value) -> Result<Option<Value>, BadInput> {
        let Some(confides) = A::CONFIDES else { return Ok(None) };
        encoded(&(confides.without)(decoded(present)?)).map(Some)
    }

    fn reaches(&self, state: &Value) -> Result<Vec<Entity>, BadInput> {
        Ok(Action::reaches(self, &decoded(state)?))
    }

    fn imposes(&self, to: &Assignment, input: &Value, state: &Value) -> Result<Option<PolicyDocument>, BadInput> {
        Ok(Action::imposes(self, to, &decoded(input)?, &decoded(state)?))
    }

    fn keeps_services_out(&self, input: &Value) -> Result<bool, BadInput> {
        Ok(Action::keeps_services_out(self, &decoded(input)?))
    }

    fn same_thing(&self, planned: &Value, now: &Value) -> Result<bool, BadInput> {
        Ok(Action::same_thing(self, &decoded(planned)?, &decoded(now)?))
    }

    fn hidden_for(&self, call: &Call) -> Option<Duration> {
        Action::hidden_for(self, call)
    }

    fn lost(&self, present: &Value, state: &Value) -> Result<Vec<String>, BadInput> {
        Ok(Action::lost(self, &decoded(present)?, &decoded(state)?))
    }

    fn goes_on(&self, input: &Value, state: &Value) -> Result<Option<String>, BadInput> {
        Ok(Action::goes_on(self, &decoded(input)?, &decoded(state)?))
    }

    fn covers(&self, planned: &Value, now: &Value) -> Result<bool, BadInput> {
        Ok(Action::covers(self, &decoded(planned)?, &decoded(now)?))
    }

    fn differs_beside(&self, captured: &Value, now: &Value) -> Result<Vec<String>, BadInput> {
        Ok(Action::differs_beside(self, &decoded(captured)?, &decoded(now)?))
    }

    fn tell(&self, to: &Assignment, input: &Value, seen: &SeenJson) -> Result<Story, BadInput> {
        let typed =
            Seen { state: decoded(&seen.state)?, present: decoded(&seen.present)?, context: decoded(&seen.context)? };
        Ok(Action::tell(self, to, &decoded(input)?, &typed))
    }

    fn ends(&self, input: &Value) -> Result<Vec<Ended>, BadInput> {
        Ok(Action::ends(self, &decoded(input)?))
    }

    fn compose(&self, name: &str, to: &Assignment, input: &Value, run: &RunSoFar) -> Result<Option<String>, BadInput> {
        Ok(Action::compose(self, name, to, &decoded(input)?, run))
    }
}

impl<Q: Query> AnyQuery for Q {
    fn name(&self) -> &'static str {
        Q::NAME
    }

    fn summary(&self) -> &'static str {
        Q::SUMMARY
    }

    fn page(&self) -> &'static str {
        Q::PAGE
    }

    fn reads(&self) -> &'static [&'static Operation] {
        Q::READS
    }

    fn regional(&self) -> bool {
        Q::REGIONAL
    }

    fn lag(&self) -> Option<SignedDuration> {
        Q::LAG
    }

    fn keeps(&self) -> bool {
        Q::KEEPS
    }

    fn made(&self) -> Option<Making> {
        Q::MADE
    }

    fn tagged(&self) -> Option<Tagged> {
        Q::TAGGED
    }

    fn input_schema(&self) -> Schema {
        let mut schema = schema_of::<Q::Input>();
        shared_input::with_shared(self, &mut schema);
        schema
    }

    fn item_schema(&self) -> Schema {
        let mut schema = schema_of::<Q::Item>();
        if Q::MADE.is_some() {
            makers::with_maker(&mut schema);
        }
        schema
    }

    fn decode(&self, input: &Value) -> Result<Value, BadInput> {
        let parts = Parts::of(self, input)?;
        let own = encoded(&read::<Q::Input>(&parts.own)?)?;
        parts.joined(own)
    }

    fn key(&self, item: &Value) -> Result<String, BadInput> {
        Ok(Query::key(self, &decoded(item)?))
    }

    fn maker(&self, item: &Value) -> Result<Option<Maker>, BadInput> {
        Ok(Query::maker(self, &decoded(item)?))
    }

    fn ask<'a>(
        &'a self,
        to: &'a Assignment,
        look: Look<'a>,
        region: Option<&'a Region>,
        input: &'a Value,
    ) -> BoxFuture<'a, Result<Answer<Value>, LookError>> {
        Box::pin(async move {
            let input = Parts::of(self, input).and_then(|parts| decoded(&parts.own)).map_err(nonsense)?;
            let answer = Query::ask(self, to, &look, region, &input).await?;
            let items = answer.items.iter().map(encoded).collect::<Result<_, _>>().map_err(nonsense)?;
            Ok(Answer { items, truncated: answer.truncated })
        })
    }

    fn keep<'a>(
        &'a self,
        to: &'a Assignment,
        look: Look<'a>,
        region: Option<&'a Region>,
        input: &'a Value,
    ) -> BoxFuture<'a, Result<Vec<Value>, LookError>> {
        Box::pin(async move {
            let input = Parts::of(self, input).and_then(|parts| decoded(&parts.own)).map_err(nonsense)?;
            Query::keep(self, to, &look, region, &input).await
        })
    }
}
