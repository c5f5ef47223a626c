//! `iam.create-access-key`: makes a new access key for a user and seals its secret.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    Action, Assignment, Await, Condition, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest,
};
use crate::aws::{
    AccessKey, Call, CreateAccessKey as CreateAccessKeyCall, DeleteAccessKey, GetAccessKeyLastUsed, GetUser, KeyStatus,
    Late, ListAccessKeys, Operation, Request, SEALED, Symbol, TagUser, UntagUser,
};
use crate::base::{AccessKeyId, Entity, EntityKind, Impact, Region, Target, Touch, UserName};
use crate::secrets::Recipient;

/// How many keys AWS lets a user have.
const MOST_KEYS: usize = 2;
/// How long IAM may take to list a key that it has made.
const SHOWING: Duration = Duration::from_secs(60);
/// What a mark begins with whose key is not sealed yet; the keys follow that were there before.
const BESIDE: &str = "beside";

/// Makes a new access key for a user and seals its secret.
pub struct CreateAccessKey;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user.
    pub user: UserName,
    /// Who can open what is sealed: age recipients, `age1…`.
    #[serde(deserialize_with = "somebody")]
    pub seal_to: Vec<Recipient>,
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

fn somebody<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Recipient>, D::Error> {
    let all = Vec::<Recipient>::deserialize(from)?;
    if all.is_empty() { Err(D::Error::custom("nobody could open the secret: name an age recipient")) } else { Ok(all) }
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The user's immutable id, if there is such a user.
    pub user_id: Option<String>,
    /// Its keys.
    pub keys: BTreeMap<AccessKeyId, AccessKey>,
    /// The incident's mark on the user: `beside` and the keys that were there before, or the key that was made and sealed.
    pub mark: Option<String>,
    /// Which keys were ever used: of those that the mark speaks of, or does not know, and of all where an unused one may give way.
    pub used: BTreeSet<AccessKeyId>,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The keys.
    pub keys: BTreeMap<AccessKeyId, AccessKey>,
    /// The incident's mark.
    pub mark: Option<String>,
}

/// What is shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl State {
    /// The key that the incident has made and sealed, where it is still there.
    fn made(&self) -> Option<AccessKeyId> {
        let key = AccessKeyId::new(self.mark.as_ref()?.clone()).ok()?;
        self.keys.contains_key(&key).then_some(key)
    }

    /// Whether a key was about to be made, and nobody knows of one that is sealed.
    fn is_pending(&self) -> bool {
        self.mark.as_ref().is_some_and(|mark| mark.split(' ').next() == Some(BESIDE))
    }

    /// The keys that were not there when one was about to be made.
    fn strays(&self) -> Vec<&AccessKeyId> {
        let before: Vec<&str> = self.mark.iter().flat_map(|mark| mark.split(' ')).collect();
        let strays = self.keys.keys().filter(|key| !before.contains(&key.as_str()));
        strays.filter(|_| self.is_pending()).collect()
    }

    /// The key that was made and whose secret is lost, if there is one.
    fn orphan(&self) -> Result<Option<&AccessKeyId>, Refusal> {
        match self.strays().as_slice() {
            [] => Ok(None),
            [key] if self.used.contains(*key) => Err(Refusal::InUse {
                by: vec![format!("whoever uses access key {key}, which appeared while one was being made")],
            }),
            [key] => Ok(Some(*key)),
            several => {
                let candidates = several.iter().map(|key| format!("access key {key}")).collect();
                Err(Refusal::Ambiguous { candidates })
            }
        }
    }
}

/// The key that the incident has made for a user, as the user's tags tell.
pub(super) fn made_for(to: &Assignment, tags: &BTreeMap<String, String>) -> Option<AccessKeyId> {
    AccessKeyId::new(tags.get(&mark_of(to))?.clone()).ok()
}

/// The key of the incident's mark on a user.
fn mark_of(to: &Assignment) -> String {
    format!("quell-{}-access-key", to.incident)
}

fn described(key: &AccessKey) -> String {
    format!("{} ({:?}, made {})", key.id, key.status, key.created)
}

impl CreateAccessKey {
    fn delete(input: &Input, key: &AccessKeyId) -> Call {
        DeleteAccessKey { user: input.user.clone(), key: key.clone() }.into()
    }

    fn tag(to: &Assignment, input: &Input, value: Late<String>) -> Move {
        TagUser { user: input.user.clone(), key: mark_of(to), value }.into()
    }

    /// The key that is deleted to make room, if there has to be one.
    fn gives_way<'s>(
        input: &Input,
        standing: &[&'s AccessKey],
        used: &BTreeSet<AccessKeyId>,
    ) -> Result<Option<&'s AccessKeyId>, Refusal> {
        if standing.len() < MOST_KEYS {
            return Ok(None);
        }
        let oldest = |one: &&&'s AccessKey| (one.created, one.id.clone());
        let inactive = standing.iter().filter(|key| key.status == KeyStatus::Inactive);
        let unused = |key: &&&'s AccessKey| input.unused_gives_way && !used.contains(&key.id);
        let named = standing.iter().find(|key| Some(&key.id) == input.gives_way.as_ref());
        match named {
            Some(key) if key.status == KeyStatus::Active && !unused(&key) => {
                let by = format!("whoever holds access key {}, since it is active: deactivate it first", key.id);
                return Err(Refusal::InUse { by: vec![by] });
            }
            Some(key) => return Ok(Some(&key.id)),
            None => {
                let first = inactive.filter(|_| input.inactive_gives_way).min_by_key(oldest);
                // An inactive key that may not give way is no reason to take an active one.
                let none_inactive = standing.iter().all(|key| key.status == KeyStatus::Active);
                let next = standing.iter().filter(|key| none_inactive && unused(key)).min_by_key(oldest);
                if let Some(key) = first.or(next) {
                    return Ok(Some(&key.id));
                }
            }
        }
        let keys: Vec<String> = standing.iter().map(|key| described(key)).collect();
        Err(Refusal::Quota {
            which: format!(
                "user {} has {} of {MOST_KEYS} access keys: {}; one must go first: say which one `gives_way`, once it is inactive",
                input.user,
                keys.len(),
                keys.join(", ")
            ),
        })
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
        &[GetUser::OPERATION, ListAccessKeys::OPERATION, GetAccessKeyLastUsed::OPERATION];
    const SENDS: &'static [&'static Operation] =
        &[TagUser::OPERATION, UntagUser::OPERATION, CreateAccessKeyCall::OPERATION, DeleteAccessKey::OPERATION];
    const ENVELOPE: usize = 6;
    const TIMEOUT: Duration = Duration::from_secs(600);
    const IN_ORDER: bool = true;

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(None, Entity::new(EntityKind::User, input.user.as_str()))
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(Entity::new(EntityKind::User, input.user.as_str()), Touch::Changes)]
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
        let mut state = State { user_id: user.map(|user| user.id), keys, mark, used: BTreeSet::new() };
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
        let present = Present { keys: state.keys.clone(), mark: state.mark.clone() };
        Ok(Seen { state, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        if state.user_id.is_none() {
            return Err(Refusal::Missing { what: format!("user {}", input.user) });
        }
        if state.made().is_some() {
            return Ok(vec![]);
        }
        let done = || Self::tag(to, input, Late::Later(Symbol::Fact("access-key".to_owned())));
        let sealed = facts.raw(SEALED).and_then(|sealed| AccessKeyId::new(sealed.get("key")?.as_str()?).ok());
        if let Some(key) = sealed {
            // This run has made it and holds its secret: a list that does not show it yet is no reason for another one.
            if state.keys.contains_key(&key) {
                return Ok(vec![done()]);
            }
            let what = self.subject(to, input);
            return Ok(vec![Move::Await(Await { what, until: Condition::Settled, within: SHOWING })]);
        }
        let orphan = state.orphan()?;
        let standing: Vec<&AccessKey> = state.keys.values().filter(|key| Some(&key.id) != orphan).collect();
        let gives_way = Self::gives_way(input, &standing, &state.used)?;
        let mut moves: Vec<Move> = orphan.map(|key| Self::delete(input, key).into()).into_iter().collect();
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
        };
        moves.push(create.into());
        moves.push(done());
        Ok(moves)
    }

    fn takes_away(&self, _: &Assignment, input: &Input, state: &State, facts: &Facts) -> Vec<Call> {
        match state.orphan() {
            Ok(Some(key)) if facts.raw(SEALED).and_then(|sealed| sealed.get("key")?.as_str()) != Some(key.as_str()) => {
                vec![Self::delete(input, key)]
            }
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
        let gives_way =
            Self::gives_way(input, &standing, &state.used).ok().flatten().filter(|_| state.made().is_none());
        let who: Vec<&str> = input.seal_to.iter().map(Recipient::as_str).collect();
        let mut notes = vec![
            format!("the secret is sealed before anything else happens, and only {} can open it", who.join(", ")),
            "if the secret is lost on the way, iam:DeleteAccessKey takes that key away, and only then another one is made"
                .to_owned(),
        ];
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
            residual: vec![Residual {
                what: format!("the old keys of user {}, until they are deactivated", input.user),
                until: None,
            }],
            notes,
            unread: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    const OLD: &str = "AKIARTX3GSDSQCIDEPLO";
    const OTHER: &str = "AKIARTX3GSDSXR4W2QZ6";
    const NEW: &str = "AKIARTX3GSDSNEWNEW77";
    const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    fn to() -> Assignment {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        Assignment { incident: "INC-4711".parse().expect("an incident"), place }
    }

    fn input(more: serde_json::Value) -> Input {
        let mut with = json!({ "user": "ci-deploy", "seal_to": [RECIPIENT] });
        with.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        serde_json::from_value(with).expect("an input")
    }

    fn state(keys: &[(&str, KeyStatus)], mark: Option<&str>) -> State {
        let key = |(id, status): &(&str, KeyStatus)| {
            let id: AccessKeyId = id.parse().expect("a key id");
            let created = "2026-11-01T00:00:00Z".parse().expect("a time");
            (id.clone(), AccessKey { id, status: *status, created })
        };
        State {
            user_id: Some("AIDA1".to_owned()),
            keys: keys.iter().map(key).collect(),
            mark: mark.map(str::to_owned),
            used: BTreeSet::new(),
        }
    }

    fn sent(state: &State, input: &Input, facts: &Facts) -> Result<Vec<String>, Refusal> {
        let moves = CreateAccessKey.propose(&to(), input, state, facts)?;
        let told = |one: &Move| match one.call() {
            Some(Call::DeleteAccessKey(delete)) => format!("delete {}", delete.key),
            Some(Call::TagUser(tag)) => tag.value.known().map_or("mark".to_owned(), Clone::clone),
            Some(call) => call.operation().name.to_owned(),
            None => "await".to_owned(),
        };
        Ok(moves.iter().map(told).collect())
    }

    use KeyStatus::{Active, Inactive};

    #[test]
    fn what_was_there_is_marked_first_and_what_was_made_last() {
        let none = Facts::default();
        let plain = input(json!({}));
        let moves = sent(&state(&[(OLD, Active)], None), &plain, &none).expect("moves");
        assert_eq!(moves, [format!("beside {OLD}"), "CreateAccessKey".to_owned(), "mark".to_owned()]);
        let moves = sent(&state(&[], None), &plain, &none).expect("moves");
        assert_eq!(moves, ["beside none", "CreateAccessKey", "mark"]);
        assert!(sent(&state(&[(OLD, Active), (NEW, Active)], Some(NEW)), &plain, &none).expect("moves").is_empty());
        // A key that was made for the incident and is gone is made anew.
        let moves = sent(&state(&[(OLD, Active)], Some(NEW)), &plain, &none).expect("moves");
        assert_eq!(moves.len(), 3);
    }

    #[test]
    fn two_keys_leave_no_room() {
        let none = Facts::default();
        let two = |other| state(&[(OLD, Active), (OTHER, other)], None);
        assert!(matches!(sent(&two(Inactive), &input(json!({})), &none), Err(Refusal::Quota { .. })));
        let older = input(json!({ "inactive_gives_way": true }));
        let moves = sent(&two(Inactive), &older, &none).expect("moves");
        assert_eq!(
            moves,
            [format!("beside {OLD} {OTHER}"), format!("delete {OTHER}"), "CreateAccessKey".into(), "mark".into()]
        );
        assert!(matches!(sent(&two(Active), &older, &none), Err(Refusal::Quota { .. })));
        let named = input(json!({ "gives_way": OTHER }));
        assert_eq!(sent(&two(Inactive), &named, &none).expect("moves").len(), 4);
        assert!(matches!(sent(&two(Active), &named, &none), Err(Refusal::InUse { .. })));
        assert_eq!(sent(&state(&[(OLD, Active)], None), &older, &none).expect("moves").len(), 3);
    }

    #[test]
    fn a_key_that_was_never_used_gives_way_where_that_is_said() {
        let none = Facts::default();
        let unused = input(json!({ "unused_gives_way": true }));
        let mut both = state(&[(OLD, Active), (OTHER, Active)], None);
        both.used.insert(OLD.parse().expect("a key id"));
        let moves = sent(&both, &unused, &none).expect("moves");
        assert_eq!(moves[1], format!("delete {OTHER}"));
        assert!(matches!(sent(&both, &input(json!({})), &none), Err(Refusal::Quota { .. })));
        // The one that is named is used.
        let named = input(json!({ "unused_gives_way": true, "gives_way": OLD }));
        assert!(matches!(sent(&both, &named, &none), Err(Refusal::InUse { .. })));
        both.used.insert(OTHER.parse().expect("a key id"));
        assert!(matches!(sent(&both, &unused, &none), Err(Refusal::Quota { .. })));
        // An inactive one that may not go does not cost an active one.
        let inactive = state(&[(OLD, Active), (OTHER, Inactive)], None);
        assert!(matches!(sent(&inactive, &unused, &none), Err(Refusal::Quota { .. })));
    }

    #[test]
    fn a_key_whose_secret_is_lost_goes_before_another_one_is_made() {
        let none = Facts::default();
        let pending = format!("beside {OLD}");
        let mut lost = state(&[(OLD, Active), (NEW, Active)], Some(&pending));
        let moves = sent(&lost, &input(json!({})), &none).expect("moves");
        assert_eq!(moves, [format!("delete {NEW}"), "CreateAccessKey".to_owned(), "mark".to_owned()]);
        assert_eq!(CreateAccessKey.takes_away(&to(), &input(json!({})), &lost, &none).len(), 1);
        // One that is used is not ours: nobody has its secret.
        lost.used.insert(NEW.parse().expect("a key id"));
        assert!(matches!(sent(&lost, &input(json!({})), &none), Err(Refusal::InUse { .. })));
        assert!(CreateAccessKey.takes_away(&to(), &input(json!({})), &lost, &none).is_empty());
        // With two candidates nobody guesses.
        let two = state(&[(OTHER, Active), (NEW, Active)], Some(&pending));
        assert!(matches!(sent(&two, &input(json!({})), &none), Err(Refusal::Ambiguous { .. })));
    }

    #[test]
    fn what_is_sealed_is_never_made_twice() {
        let facts = BTreeMap::from([
            ("access-key".to_owned(), json!(NEW)),
            (SEALED.to_owned(), json!({ "key": NEW, "file": "x", "sha256": "y" })),
        ]);
        let facts = Facts::new(facts, BTreeMap::new());
        let pending = format!("beside {OLD}");
        let there = state(&[(OLD, Active), (NEW, Active)], Some(&pending));
        assert_eq!(sent(&there, &input(json!({})), &facts).expect("moves"), ["mark"]);
        assert!(CreateAccessKey.takes_away(&to(), &input(json!({})), &there, &facts).is_empty());
        let late = state(&[(OLD, Active)], Some(&pending));
        assert_eq!(sent(&late, &input(json!({})), &facts).expect("moves"), ["await"]);
    }

    #[test]
    fn somebody_must_be_able_to_open_it() {
        let nobody = json!({ "user": "ci-deploy", "seal_to": [] });
        assert!(serde_json::from_value::<Input>(nobody).is_err());
        let identity = json!({ "user": "ci-deploy", "seal_to": ["AGE-SECRET-KEY-1QQQQQQQQ"] });
        let error = serde_json::from_value::<Input>(identity).expect_err("no recipient").to_string();
        assert!(error.contains("must stay secret") && !error.contains("QQQQ"), "{error}");
    }
}
