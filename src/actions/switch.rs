//! Actions that switch off what a user signs in or signs with: what is particular to each, and what they all do alike.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Action, Assignment, Ended, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest};
use crate::aws::{Call, Credential, GetUser, KeyStatus, Operation};
use crate::base::{CredentialId, Entity, EntityKind, Impact, Target, Touch, UserName};

/// A kind of credential that can be switched off and on again.
pub trait Switchable: Send + Sync + 'static {
    /// See [`Action::Input`].
    type Input: Serialize + DeserializeOwned + JsonSchema + Send + Sync;

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
    /// What several of them are called.
    const PLURAL: &'static str;

    /// Whose they are.
    fn user<'i>(&self, input: &'i Self::Input) -> &'i UserName;

    /// Whether it is one of those that the step is about.
    fn is_meant(&self, input: &Self::Input, credential: &Credential) -> bool;

    /// Lists those of the user.
    fn list(
        &self,
        look: &Look<'_>,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Option<Vec<Credential>>, LookError>> + Send;

    /// The call that switches one.
    fn set(&self, user: UserName, id: CredentialId, status: KeyStatus) -> Call;

    /// What stops when they are off.
    fn breaks(&self) -> &'static str;

    /// Which of what other steps leave is ended by this.
    fn ends(&self, _input: &Self::Input) -> Option<Ended> {
        None
    }
}

/// The action that switches credentials off.
pub struct Deactivate<K>(pub K);

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The user's immutable id, if there is such a user.
    pub user_id: Option<String>,
    /// Those that are meant.
    pub credentials: BTreeMap<CredentialId, KeyStatus>,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// All that is known of those that are meant.
    pub credentials: Vec<Credential>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl<K: Switchable> Action for Deactivate<K> {
    type Input = K::Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = K::NAME;
    const SUMMARY: &'static str = K::SUMMARY;
    const PAGE: &'static str = K::PAGE;
    const READS: &'static [&'static Operation] = K::READS;
    const SENDS: &'static [&'static Operation] = K::SENDS;
    const ENVELOPE: usize = 8;
    const TIMEOUT: Duration = Duration::from_secs(300);

    fn subject(&self, to: &Assignment, input: &K::Input) -> Target {
        to.place.target(None, Entity::new(EntityKind::User, self.0.user(input).as_str()))
    }

    fn touches(&self, input: &K::Input) -> Vec<(Entity, Touch)> {
        vec![(Entity::new(EntityKind::User, self.0.user(input).as_str()), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &K::Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let user = look.find(GetUser { user: self.0.user(input).clone() }).await?;
        let mut credentials = match &user {
            Some(_) => self.0.list(look, input).await?.unwrap_or_default(),
            None => vec![],
        };
        credentials.retain(|credential| self.0.is_meant(input, credential));
        let state = State {
            user_id: user.map(|user| user.id),
            credentials: credentials.iter().map(|credential| (credential.id.clone(), credential.status)).collect(),
        };
        Ok(Seen { state, present: Present { credentials }, context: Context {} })
    }

    fn propose(&self, _: &Assignment, input: &K::Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let user = self.0.user(input);
        if state.user_id.is_none() {
            return Err(Refusal::Missing { what: format!("user {user}") });
        }
        let active = state.credentials.iter().filter(|(_, status)| **status == KeyStatus::Active);
        Ok(active.map(|(id, _)| self.0.set(user.clone(), id.clone(), KeyStatus::Inactive).into()).collect())
    }

    fn restore(
        &self,
        _: &Assignment,
        input: &K::Input,
        present: &Present,
        left: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let user = self.0.user(input);
        let was_active = present.credentials.iter().filter(|one| one.status == KeyStatus::Active).map(|one| &one.id);
        // What is active again needs nothing, and what is gone is lost.
        let missing: Vec<&CredentialId> =
            was_active.filter(|id| state.credentials.get(id) == Some(&KeyStatus::Inactive)).collect();
        if !missing.is_empty() && !self.same_thing(left, state) {
            return Err(Refusal::Changed {
                before: format!("user {user} with active {}", K::PLURAL),
                left: "the same user with inactive ones".to_owned(),
                now: "another user of the same name".to_owned(),
            });
        }
        let on = |id: &CredentialId| self.0.set(user.clone(), id.clone(), KeyStatus::Active).into();
        Ok(missing.into_iter().map(on).collect())
    }

    fn lost(&self, present: &Present, state: &State) -> Vec<String> {
        let active = present.credentials.iter().filter(|one| one.status == KeyStatus::Active).map(|one| &one.id);
        let gone = active.filter(|id| !state.credentials.contains_key(id));
        gone.map(|id| format!("{id} was active, and somebody has deleted it: AWS does not bring it back")).collect()
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.user_id == now.user_id
    }

    fn ends(&self, input: &K::Input) -> Vec<Ended> {
        self.0.ends(input).into_iter().collect()
    }

    fn tell(&self, _: &Assignment, _: &K::Input, seen: &Seen<State, Present, Context>) -> Story {
        let credentials = &seen.present.credentials;
        let active = credentials.iter().filter(|one| one.status == KeyStatus::Active).count();
        let named = |one: &Credential| match (&one.alias, one.service.as_str()) {
            (Some(alias), service) => format!("{} is {alias} of {service}", one.id),
            (None, "") => format!("{} was made {}", one.id, one.created),
            (None, service) => format!("{} is for {service}", one.id),
        };
        Story {
            now: match seen.state.user_id {
                None => "does not exist".to_owned(),
                Some(_) => format!("{active} of {} {} active", credentials.len(), K::PLURAL),
            },
            does: "deactivate them".to_owned(),
            impact: if active == 0 { Impact::NoneSeen } else { Impact::Degrades },
            because: match active {
                0 => "none is active".to_owned(),
                _ => format!("{}; AWS does not tell when they were last used", self.0.breaks()),
            },
            undo: "the same ones are activated again".to_owned(),
            residual: match seen.state.user_id {
                None => vec![],
                Some(_) => {
                    let what = format!("whatever else it signs in or signs with: these are its {} alone", K::PLURAL);
                    vec![Residual::uncovered(what), Residual::propagation()]
                }
            },
            notes: credentials.iter().map(named).collect(),
            unread: vec![],
        }
    }
}
