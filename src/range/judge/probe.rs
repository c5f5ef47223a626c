//! What a test may ask the witness about one credential: whether it still gets anywhere.

use std::net::IpAddr;
use std::time::Duration;

use serde_json::Value;

use crate::range::model::{Account, Caller, Principal};
use crate::range::world::{Credentials, Party, Question, Range, State, Verdict};

/// Somebody who could call.
#[derive(Debug, Clone, Copy)]
pub enum Holder<'a> {
    /// Whoever holds the access key or session with this id.
    Key(&'a str),
    /// Whoever holds a service-specific credential of a user.
    ApiKey {
        /// The user.
        user: &'a str,
        /// The id of the credential.
        id: &'a str,
    },
    /// Whoever knows the console password of a user.
    Password {
        /// The user.
        user: &'a str,
    },
}

/// A call of which is asked whether it is refused.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The IAM action.
    pub action: &'a str,
    /// The ARN it is for, or `*`.
    pub resource: &'a str,
    /// From where.
    pub from: IpAddr,
}

impl Range {
    /// Hands out a session of a role or user, by its ARN, that starts now; nothing where there is no such principal.
    pub fn hand_out(&self, of: &str, lasts: Duration) -> Option<Credentials> {
        let now = self.clock().now();
        let mut state = self.lock();
        state.advance_to(now);
        let principal = principal(&state.account, of)?;
        let key = state.issue(principal, &format!("handed out {of}"), Vec::new(), now, lasts);
        let session = &state.account.sessions[&key];
        let (secret_key, session_token) = (session.secret.clone(), Some(session.token.clone()));
        Some(Credentials { access_key: key, secret_key, session_token })
    }

    /// Whether nothing refuses a call to whoever holds this: the credential works, and no policy denies it. Whether any policy
    /// allows it is left aside, since that was so before.
    pub fn gets_through(&self, holder: Holder<'_>, attempt: &Attempt<'_>) -> bool {
        let now = self.clock().now();
        let mut state = self.lock();
        state.advance_to(now);
        let state = &mut *state;
        let Some(caller) = caller(&state.account, holder, now) else { return false };
        is_open(state, &caller, attempt, now)
    }

    /// Whether somebody may take on a role now, and nothing refuses the call to the session that comes of it: a principal by its
    /// ARN, any account by that of its root, an AWS service by its name.
    pub fn may_take_on(&self, who: &str, role: &str, attempt: &Attempt<'_>) -> bool {
        let now = self.clock().now();
        let mut state = self.lock();
        state.advance_to(now);
        let state = &mut *state;
        let Some(role) = state.account.roles.enforced(role, now).cloned() else { return false };
        let Some(principal) = principal(&state.account, who) else { return false };
        let caller = Caller::without_key(principal);
        let verdict =
            state.authorizer.may_assume(&state.account, &caller, &role, external_id(&role.trust).as_deref(), now);
        !matches!(verdict, Verdict::Denied(_))
            && is_open(state, &super::closure::fresh_session(&role, now), attempt, now)
    }

    /// The keys and sessions that the adversary holds, each with the ARN of its role or user.
    pub fn held_by_adversary(&self) -> Vec<(String, String)> {
        let now = self.clock().now();
        let mut state = self.lock();
        state.advance_to(now);
        let account = &state.account;
        let of = |key: &String| {
            let caller = caller(account, Holder::Key(key), now)?;
            Some((key.clone(), arn(account, &caller.principal)?))
        };
        state.parties.iter().filter(|(_, party)| **party == Party::Adversary).filter_map(|(key, _)| of(key)).collect()
    }
}

fn is_open(state: &mut State, caller: &Caller, attempt: &Attempt<'_>, at: jiff::Timestamp) -> bool {
    let Attempt { action, resource, from } = *attempt;
    let question = Question { caller, action, resource, region: "us-east-1", source_ip: Some(from), at };
    !state.authorizer.refuses(&state.account, question)
}

/// The caller behind what somebody holds; nothing where it does not work any more.
fn caller(account: &Account, holder: Holder<'_>, at: jiff::Timestamp) -> Option<Caller> {
    let of_user = |name: &str, key: Option<String>| Caller {
        key,
        ..Caller::without_key(Principal::User { name: name.to_owned() })
    };
    match holder {
        Holder::Key(key) => match account.sessions.get(key) {
            Some(session) => Some(session.caller.clone()),
            None => account.key_owner(key, at).map(|user| of_user(&user.name, Some(key.to_owned()))),
        },
        Holder::ApiKey { user, id } => {
            let known = account.users.enforced(user, at)?;
            known.service_credentials.get(id).filter(|one| one.active).map(|_| of_user(user, None))
        }
        // Whoever signs in has a session that starts now.
        Holder::Password { user } => {
            let known = account.users.enforced(user, at)?;
            known.console_password.then(|| Caller { issued: Some(at), ..of_user(user, None) })
        }
    }
}

/// Whom an ARN or the name of a service names. The root of this account stands for anybody in it who may take on roles, the root of
/// another one for anybody there.
fn principal(account: &Account, who: &str) -> Option<Principal> {
    if who.contains(".amazonaws.com") {
        return Some(Principal::Service { name: who.to_owned() });
    }
    let owner = who.split(':').nth(4).unwrap_or_default();
    let name = who.rsplit('/').next().unwrap_or_default();
    if who == "*" || owner != account.id {
        let (owner, arn) = match who {
            "*" => ("999988887777", "arn:aws:iam::999988887777:user/anybody".to_owned()),
            root if root.ends_with(":root") => (owner, format!("arn:aws:iam::{owner}:user/anybody")),
            other => (owner, other.to_owned()),
        };
        return Some(Principal::Foreign { account: owner.to_owned(), arn });
    }
    if who.ends_with(":root") {
        return Some(Principal::User { name: "incident-responder".to_owned() });
    }
    if who.contains(":role/") {
        let role = account.roles.latest(name)?;
        return Some(Principal::Role { role: role.name.clone(), id: role.id.clone(), session: "probe".to_owned() });
    }
    account.users.latest(name).map(|user| Principal::User { name: user.name.clone() })
}

fn arn(account: &Account, principal: &Principal) -> Option<String> {
    match principal {
        Principal::Role { role, .. } => account.roles.latest(role).map(|role| account.role_arn(role)),
        Principal::User { name } | Principal::Federated { user: name, .. } => {
            account.users.latest(name).map(|user| account.user_arn(user))
        }
        Principal::Foreign { .. } | Principal::Service { .. } => None,
    }
}

/// The external id that a trust policy asks for: whoever it admits knows it.
fn external_id(trust: &str) -> Option<String> {
    fn find(value: &Value) -> Option<&str> {
        match value {
            Value::Object(members) => {
                members.get("sts:ExternalId").and_then(Value::as_str).or_else(|| members.values().find_map(find))
            }
            Value::Array(items) => items.iter().find_map(find),
            _ => None,
        }
    }
    let trust: Value = serde_json::from_str(trust).ok()?;
    find(&trust).map(str::to_owned)
}
