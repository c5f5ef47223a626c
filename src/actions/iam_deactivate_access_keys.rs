//! `iam.deactivate-access-keys`: makes the long-term keys of a user unusable.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Access, Action, Assignment, Ended, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest,
};
use crate::aws::{
    GetAccessKeyLastUsed, GetUser, KeyStatus, KeyUse, ListAccessKeys, Operation, Request, UpdateAccessKey,
};
use crate::base::{AccessKeyId, Entity, EntityKind, Impact, Target, Touch, UserName, counted};

/// Makes the long-term keys of a user unusable, all of them unless some are excepted.
pub struct DeactivateAccessKeys;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user.
    pub user: UserName,
    /// These keys alone, and none where the list is empty; left out, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Vec<AccessKeyId>>,
    /// Keys that stay as they are.
    #[serde(default)]
    pub except: Vec<AccessKeyId>,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The user's immutable id, if there is such a user.
    pub user_id: Option<String>,
    /// Its keys, but for the excepted ones.
    pub keys: BTreeMap<AccessKeyId, KeyStatus>,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The keys.
    pub keys: BTreeMap<AccessKeyId, KeyStatus>,
}

/// What is shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {
    /// Where each active key was last used; nothing where AWS remembers no use.
    pub last_used: BTreeMap<AccessKeyId, Option<KeyUse>>,
    /// Active keys of which that could not be read.
    pub unread: Vec<AccessKeyId>,
    /// Active keys that stay as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stay: Vec<AccessKeyId>,
}

/// What a user can still do whose keys were switched off, but for those that stay.
fn left(context: &Context) -> Vec<Residual> {
    let stay = context.stay.iter().map(Residual::key);
    stay.chain([Residual::sessions_of_keys(), Residual::propagation()]).collect()
}

impl DeactivateAccessKeys {
    fn is_meant(input: &Input, key: &AccessKeyId) -> bool {
        !input.except.contains(key) && input.only.as_ref().is_none_or(|only| only.contains(key))
    }

    fn set(input: &Input, key: &AccessKeyId, status: KeyStatus) -> Move {
        UpdateAccessKey { user: input.user.clone(), key: key.clone(), status }.into()
    }
}

impl Action for DeactivateAccessKeys {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "iam.deactivate-access-keys";
    const SUMMARY: &'static str = "Make the long-term keys of a user unusable";
    const PAGE: &'static str = include_str!("iam_deactivate_access_keys.md");
    const READS: &'static [&'static Operation] =
        &[GetUser::OPERATION, ListAccessKeys::OPERATION, GetAccessKeyLastUsed::OPERATION];
    const SENDS: &'static [&'static Operation] = &[UpdateAccessKey::OPERATION];
    const ENVELOPE: usize = 8;
    const TIMEOUT: Duration = Duration::from_secs(300);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(None, Entity::new(EntityKind::User, input.user.as_str()))
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        let user = Entity::new(EntityKind::User, input.user.as_str());
        let key = |key: &AccessKeyId| (user.child(EntityKind::AccessKey, key.as_str()), Touch::Changes);
        match &input.only {
            // An empty list is one of which nothing is known yet, or of no key: never of all that the user has.
            Some(only) if only.is_empty() => vec![(user.child(EntityKind::AccessKey, "none"), Touch::Changes)],
            Some(only) => only.iter().map(key).collect(),
            None => vec![(user, Touch::Changes)],
        }
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let user = look.find(GetUser { user: input.user.clone() }).await?;
        let mut keys = BTreeMap::new();
        let mut context = Context { last_used: BTreeMap::new(), unread: vec![], stay: vec![] };
        if user.is_some() {
            let listed = look.ask_all(ListAccessKeys { user: input.user.clone(), next: None }).await?;
            for key in listed {
                if !Self::is_meant(input, &key.id) {
                    context.stay.extend((key.status == KeyStatus::Active).then_some(key.id));
                    continue;
                }
                if key.status == KeyStatus::Active {
                    match look.glance(GetAccessKeyLastUsed { key: key.id.clone() }).await {
                        Some(used) => drop(context.last_used.insert(key.id.clone(), used.last)),
                        None => context.unread.push(key.id.clone()),
                    }
                }
                keys.insert(key.id, key.status);
            }
        }
        let state = State { user_id: user.map(|user| user.id), keys: keys.clone() };
        Ok(Seen { state, present: Present { keys }, context })
    }

    fn propose(&self, _: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        if state.user_id.is_none() {
            return Err(Refusal::Missing { what: format!("user {}", input.user) });
        }
        let active = state.keys.iter().filter(|(_, status)| **status == KeyStatus::Active);
        // What another run of the same user has seen may be more than what is meant here.
        let active = active.filter(|(key, _)| Self::is_meant(input, key));
        Ok(active.map(|(key, _)| Self::set(input, key, KeyStatus::Inactive)).collect())
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
        let was_active = present.keys.iter().filter(|(_, status)| **status == KeyStatus::Active).map(|(key, _)| key);
        // A key that is active again needs nothing, and one that is gone is lost.
        let missing: Vec<&AccessKeyId> =
            was_active.filter(|key| state.keys.get(key) == Some(&KeyStatus::Inactive)).collect();
        if !missing.is_empty() && !self.same_thing(left, state) {
            return Err(Refusal::Changed {
                before: format!("user {} with active keys", input.user),
                left: "the same user with inactive keys".to_owned(),
                now: "another user of the same name".to_owned(),
            });
        }
        Ok(missing.into_iter().map(|key| Self::set(input, key, KeyStatus::Active)).collect())
    }

    fn lost(&self, present: &Present, state: &State) -> Vec<String> {
        let gone = present.keys.iter().filter(|(key, was)| **was == KeyStatus::Active && !state.keys.contains_key(key));
        gone.map(|(key, _)| format!("{key} was active, and somebody has deleted it: AWS brings no key back")).collect()
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.user_id == now.user_id
    }

    fn ends(&self, input: &Input) -> Vec<Ended> {
        vec![Ended::some(Access::LongTermKey, input.only.as_deref(), &input.except)]
    }

    fn tell(&self, _: &Assignment, _: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let active: Vec<&AccessKeyId> =
            seen.state.keys.iter().filter(|(_, status)| **status == KeyStatus::Active).map(|(key, _)| key).collect();
        let uses: Vec<String> = seen
            .context
            .last_used
            .iter()
            .filter_map(|(key, used)| used.as_ref().map(|used| format!("{key} last used {used}")))
            .collect();
        let (impact, because) = match (active.is_empty(), uses.is_empty(), seen.context.unread.is_empty()) {
            (true, ..) => (Impact::NoneSeen, "no key is active".to_owned()),
            (false, true, true) => (Impact::NoneSeen, "AWS remembers no use".to_owned()),
            (false, true, false) => (Impact::Unknown, "when the keys were last used could not be read".to_owned()),
            (false, false, _) => (Impact::Outage, uses.join("; ")),
        };
        Story {
            now: match seen.state.user_id {
                None => "does not exist".to_owned(),
                Some(_) => format!("{} of {} active", active.len(), counted(seen.state.keys.len(), "key")),
            },
            does: "deactivate them".to_owned(),
            impact,
            because,
            undo: "the same keys are activated again".to_owned(),
            residual: seen.state.user_id.as_ref().map_or_else(Vec::new, |_| left(&seen.context)),
            notes: vec!["whatever works with these keys stops: SMTP passwords derived from them as well".to_owned()],
            unread: seen.context.unread.iter().map(|key| format!("last use of {key}")).collect(),
        }
    }
}
