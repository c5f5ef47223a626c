//! `iam.create-access-key`: makes a new access key for a user and seals its secret.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::key_store::{FoundSecret, Store};
pub use super::new_key::State;
use super::new_key::{BESIDE, MOST_KEYS, described};
use super::{
    Action, Assignment, Await, Condition, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest,
};
use crate::aws::{
    AccessKey, Call, CreateAccessKey as CreateAccessKeyCall, CreateSecret, DeleteAccessKey, DeleteSecret,
    DescribeSecret, GetAccessKeyLastUsed, GetUser, KeyStatus, Late, ListAccessKeys, Operation, PutSecretValue, Request,
    SEALED, Symbol, TagUser, UntagUser, UpdateSecretVersionStage,
};
use crate::base::{AccessKeyId, Entity, EntityKind, Impact, Region, SecretName, Target, Touch, UserName};
use crate::secrets::Recipient;

/// How long IAM may take to list a key that it has made.
const SHOWING: Duration = Duration::from_secs(60);

/// Makes a new access key for a user and seals its secret.
pub struct CreateAccessKey;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user.
    pub user: UserName,
    /// Who can open what is sealed: age recipients, `age1…`. May be empty where there is a `secret`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seal_to: Vec<Recipient>,
    /// The secret in AWS Secrets Manager that gets the new key; it is made if it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretName>,
    /// The Region of that secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_region: Option<Region>,
    /// The Regions in which the user sends mail over SMTP with Amazon SES: their passwords are sealed with the secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub smtp_regions: Vec<Region>,
    /// The key that is deleted where the user has two already. It must be inactive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gives_way: Option<AccessKeyId>,
    /// Where the user has two keys already, the older inactive one is deleted.
    #[serde(default)]
    pub inactive_gives_way: bool,
    /// Where the user has two keys already and none of them is inactive, the older one that AWS never saw used is deleted.
    #[serde(default)]
    pub unused_gives_way: bool,
}

impl Input {
    /// Where the secret is stored, if it is to be.
    fn store(&self) -> Option<Store<'_>> {
        Some(Store { secret: self.secret.as_ref()?, region: self.secret_region.as_ref()? })
    }

    /// Why the secret would go nowhere.
    fn goes_nowhere(&self) -> Option<Refusal> {
        let what = match (&self.secret, &self.secret_region) {
            (Some(secret), None) => format!("a Region for secret {secret}: `secret_region`"),
            (None, _) if self.seal_to.is_empty() => {
                "anybody who could open the new secret: name an age recipient under `seal_to`, or a `secret`".to_owned()
            }
            _ => return None,
        };
        Some(Refusal::Missing { what })
    }
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The keys.
    pub keys: BTreeMap<AccessKeyId, AccessKey>,
    /// The incident's mark.
    pub mark: Option<String>,
    /// The secret that gets the new key.
    pub secret: Option<FoundSecret>,
}

/// What is shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

/// The key that the incident has made for a user, as the user's tags tell.
pub(super) fn made_for(to: &Assignment, tags: &BTreeMap<String, String>) -> Option<AccessKeyId> {
    AccessKeyId::new(tags.get(&mark_of(to))?.clone()).ok()
}

/// The key of the incident's mark on a user.
fn mark_of(to: &Assignment) -> String {
    format!("quell-{}-access-key", to.incident)
}

impl CreateAccessKey {
    fn delete(input: &Input, key: &AccessKeyId) -> Call {
        DeleteAccessKey { user: input.user.clone(), key: key.clone() }.into()
    }

    fn tag(to: &Assignment, input: &Input, value: Late<String>) -> Move {
        TagUser { user: input.user.clone(), key: mark_of(to), value }.into()
    }

    /// The key that this run has made and not taken away.
    fn own(input: &Input, facts: &Facts) -> Option<AccessKeyId> {
        let key: AccessKeyId = facts.value("access-key")?;
        let of_key = Entity::new(EntityKind::User, input.user.as_str()).child(EntityKind::AccessKey, key.as_str());
        facts.landed(DeleteAccessKey::OPERATION, &of_key).is_none().then_some(key)
    }

    /// The key that this run has made and whose secret is where it belongs, or can still be brought there.
    fn kept(input: &Input, state: &State, facts: &Facts) -> Option<AccessKeyId> {
        let key = Self::own(input, facts)?;
        let sealed = || facts.raw(SEALED).and_then(|sealed| sealed.get("key")?.as_str()) == Some(key.as_str());
        let good = Self::is_stored(input, state, facts, &key) || state.held.contains(&key);
        // Where IAM does not show the key yet, nothing can be said of it.
        let good = good || !state.keys.contains_key(&key) || input.store().is_none();
        (good && (input.seal_to.is_empty() || sealed())).then_some(key)
    }

    /// Whether the store has the secret of a key: it says so, or has accepted it since the key was made.
    fn is_stored(input: &Input, state: &State, facts: &Facts, key: &AccessKeyId) -> bool {
        let Some(store) = input.store() else { return true };
        let made = state.keys.get(key).map(|key| key.created);
        let accepted = facts.landed(PutSecretValue::OPERATION, &Store::entity(store.secret));
        state.stored.contains(key) || accepted.is_some_and(|accepted| made.is_some_and(|made| accepted >= made))
    }
}

impl Action for CreateAccessKey {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "iam.create-access-key";
    const SUMMARY: &'static str = "Make a new access key for a user and seal its secret";
    const PAGE: &'static str = include_str!("iam_create_access_key.md");
    const READS: &'static [&'static Operation] =
        &[GetUser::OPERATION, ListAccessKeys::OPERATION, GetAccessKeyLastUsed::OPERATION, DescribeSecret::OPERATION];
    const SENDS: &'static [&'static Operation] = &[
        CreateSecret::OPERATION,
        TagUser::OPERATION,
        UntagUser::OPERATION,
        CreateAccessKeyCall::OPERATION,
        PutSecretValue::OPERATION,
        DeleteAccessKey::OPERATION,
        UpdateSecretVersionStage::OPERATION,
        DeleteSecret::OPERATION,
    ];
    const ENVELOPE: usize = 6;
    const TIMEOUT: Duration = Duration::from_secs(600);
    const IN_ORDER: bool = true;

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(None, Entity::new(EntityKind::User, input.user.as_str()))
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        let user = (Entity::new(EntityKind::User, input.user.as_str()), Touch::Changes);
        let secret = input.secret.as_ref().map(|secret| (Store::entity(secret), Touch::Changes));
        std::iter::once(user).chain(secret).collect()
    }

    async fn observe(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let user = look.find(GetUser { user: input.user.clone() }).await?;
        let listed = match user {
            Some(_) => look.find_all(ListAccessKeys { user: input.user.clone(), next: None }).await?,
            None => None,
        };
        let keys: BTreeMap<AccessKeyId, AccessKey> =
            listed.unwrap_or_default().into_iter().map(|key| (key.id.clone(), key)).collect();
        let mark = user.as_ref().and_then(|user| user.tags.get(&mark_of(to)).cloned());
        let (secret, stored) = match input.store() {
            Some(store) => store.look(to, look, keys.keys()).await?,
            None => (None, BTreeSet::new()),
        };
        let held = keys.keys().filter(|key| look.holds(key)).cloned().collect();
        let user_id = user.map(|user| user.id);
        let mut state = State { user_id, keys, mark, used: BTreeSet::new(), secret, stored, held };
        let may_give_way = input.unused_gives_way && state.keys.len() >= MOST_KEYS && state.made().is_none();
        let in_question: BTreeSet<AccessKeyId> = state
            .made()
            .into_iter()
            .chain(state.strays().into_iter().cloned())
            .chain(state.keys.keys().filter(|_| may_give_way).cloned())
            .collect();
        for key in in_question {
            let used = look.find(GetAccessKeyLastUsed { key: key.clone() }).await?;
            if used.is_some_and(|used| used.last.is_some()) {
                state.used.insert(key);
            }
        }
        let present = Present { keys: state.keys.clone(), mark: state.mark.clone(), secret: state.secret.clone() };
        Ok(Seen { state, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        if state.user_id.is_none() {
            return Err(Refusal::Missing { what: format!("user {}", input.user) });
        }
        if state.made().is_some() {
            return Ok(vec![]);
        }
        if let Some(refusal) = input.goes_nowhere() {
            return Err(refusal);
        }
        let done = || Self::tag(to, input, Late::Later(Symbol::Fact("access-key".to_owned())));
        if let Some(key) = Self::kept(input, state, facts) {
            // This run has made it and has its secret: a list that does not show it yet is no reason for another one.
            if !state.keys.contains_key(&key) {
                let what = self.subject(to, input);
                return Ok(vec![Move::Await(Await { what, until: Condition::Settled, within: SHOWING })]);
            }
            let missing = input.store().filter(|_| !Self::is_stored(input, state, facts, &key));
            return Ok(missing.map(Store::put).into_iter().chain([done()]).collect());
        }
        // The user was marked before the key was made: where the key shows and the mark does not, the look is a stale one.
        if Self::own(input, facts).is_some_and(|key| state.keys.contains_key(&key)) && !state.is_pending() {
            let what = self.subject(to, input);
            return Ok(vec![Move::Await(Await { what, until: Condition::Settled, within: SHOWING })]);
        }
        if let Some(refusal) = input.store().and_then(|store| store.refuses(state.secret.as_ref())) {
            return Err(refusal);
        }
        let orphan = state.orphan()?;
        let standing: Vec<&AccessKey> = state.keys.values().filter(|key| Some(&key.id) != orphan).collect();
        let gives_way = state.gives_way(input, &standing)?;
        let mut moves: Vec<Move> = orphan.map(|key| Self::delete(input, key).into()).into_iter().collect();
        moves.extend(input.store().and_then(|store| store.make(to, state.secret.as_ref())));
        // What was there before is written on the user itself, so that whoever comes later knows which key was made here.
        if !state.is_pending() {
            let before: Vec<&str> = standing.iter().map(|key| key.id.as_str()).collect();
            let before = if before.is_empty() { "none".to_owned() } else { before.join(" ") };
            moves.push(Self::tag(to, input, Late::Known(format!("{BESIDE} {before}"))));
        }
        moves.extend(gives_way.map(|key| Move::from(Self::delete(input, key))));
        let create = CreateAccessKeyCall {
            user: input.user.clone(),
            seal_to: input.seal_to.clone(),
            smtp_regions: input.smtp_regions.clone(),
            hold: input.store().is_some(),
        };
        moves.push(create.into());
        moves.extend(input.store().map(Store::put));
        moves.push(done());
        Ok(moves)
    }

    fn takes_away(&self, _: &Assignment, input: &Input, state: &State, facts: &Facts) -> Vec<Call> {
        match state.orphan() {
            Ok(Some(key)) if Self::kept(input, state, facts).as_ref() != Some(key) => vec![Self::delete(input, key)],
            _ => vec![],
        }
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
        if let Some(gone) = present.keys.keys().find(|key| !left.keys.contains_key(key)) {
            return Err(Refusal::ForGood {
                why: format!("access key {gone} gave way to the new one, and its secret is gone with it"),
            });
        }
        let stray = left.orphan().ok().flatten().cloned();
        let ours = left.made().or(stray).filter(|key| !present.keys.contains_key(key));
        let mut moves = Vec::new();
        if let Some(key) = ours.filter(|key| state.keys.contains_key(key)) {
            if !self.same_thing(left, state) {
                return Err(Refusal::Changed {
                    before: format!("user {} without the new key", input.user),
                    left: format!("access key {key}"),
                    now: "another user of the same name".to_owned(),
                });
            }
            if state.used.contains(&key) {
                let by = format!("whoever uses the new access key {key}: give them another one first");
                return Err(Refusal::InUse { by: vec![by] });
            }
            moves.extend(
                input.store().and_then(|store| store.leave(present.secret.as_ref(), state.secret.as_ref(), &key)),
            );
            moves.push(Self::delete(input, &key).into());
        }
        if self.same_thing(left, state) && state.mark == left.mark && state.mark != present.mark {
            moves.push(match &present.mark {
                Some(before) => Self::tag(to, input, Late::Known(before.clone())),
                None => UntagUser { user: input.user.clone(), key: mark_of(to) }.into(),
            });
        }
        Ok(moves)
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.user_id == now.user_id
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let state = &seen.state;
        let standing: Vec<&AccessKey> = state.keys.values().collect();
        let shown: Vec<String> = standing.iter().map(|key| described(key)).collect();
        let gives_way = state.gives_way(input, &standing).ok().flatten().filter(|_| state.made().is_none());
        let who: Vec<&str> = input.seal_to.iter().map(Recipient::as_str).collect();
        let mut notes = Vec::new();
        if !who.is_empty() {
            let who = who.join(", ");
            notes.push(format!("the secret is sealed before anything else happens, and only {who} can open it"));
        }
        if let Some(Store { region, secret }) = input.store() {
            let there = if state.secret.is_some() { "" } else { ", which is made" };
            notes.push(format!(
                "the new key is put into secret {secret} in {region}{there}: whoever may read that secret gets it from then on"
            ));
        }
        notes.push(
            "if the secret is lost on the way, iam:DeleteAccessKey takes that key away, and only then another one is made"
                .to_owned(),
        );
        if let Ok(Some(orphan)) = state.orphan() {
            notes.push(format!(
                "access key {orphan} is deleted: it was made for this incident, and its secret is not held"
            ));
        }
        if !input.smtp_regions.is_empty() {
            let regions: Vec<&str> = input.smtp_regions.iter().map(Region::as_str).collect();
            notes.push(format!("with the SMTP passwords of {}", regions.join(", ")));
        }
        Story {
            now: match (&state.user_id, state.made()) {
                (None, _) => "does not exist".to_owned(),
                (_, Some(key)) => format!("{key} was made for this incident and sealed"),
                _ if shown.is_empty() => "no access key".to_owned(),
                _ => shown.join(", "),
            },
            does: match gives_way {
                Some(key) => format!("delete {key} for good, make a new access key and seal its secret"),
                None => "make a new access key and seal its secret".to_owned(),
            },
            impact: Impact::NoneSeen,
            because: match gives_way {
                Some(key) if state.keys.get(key).is_some_and(|key| key.status == KeyStatus::Active) => {
                    format!("AWS never saw {key} used, and a key beside another one breaks nothing")
                }
                Some(key) => format!("{key} is inactive, and a key beside another one breaks nothing"),
                None => "a key beside another one breaks nothing".to_owned(),
            },
            undo: "the new key is deleted, unless somebody has used it".to_owned(),
            residual: {
                let old = state.keys.values().filter(|key| key.status == KeyStatus::Active).map(|key| &key.id);
                Residual::keys(old.filter(|key| Some(*key) != gives_way && Some(*key) != state.made().as_ref()))
            },
            notes,
            unread: vec![],
        }
    }
}
