//! Every credential that the adversary holds or could get at a moment.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::range::model::{Account, Caller, Principal, Role};
use crate::range::world::{Authorizer, Question, Verdict};

/// A credential within reach, and how it is come by.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    pub(super) caller: Caller,
    pub(super) how: String,
}

/// What the adversary could call with at a moment: the keys it holds, and from them, again and again, sessions of roles
/// that let it in, and keys that it could make or switch on.
pub(super) fn within_reach(
    account: &Account,
    authorizer: &mut Authorizer,
    held: &[String],
    at: Timestamp,
) -> Vec<Reach> {
    let mut reach: Vec<Reach> = held.iter().filter_map(|key| holder(account, key, at)).collect();
    let mut known = BTreeSet::new();
    let mut next = 0;
    while next < reach.len() {
        let from = reach[next].clone();
        next += 1;
        for (name, role) in account.roles.all_enforced(at) {
            let id = format!("role {name}");
            if !known.contains(&id) && lets_in_people(role) && may_assume(account, authorizer, &from, role, at) {
                known.insert(id);
                reach.push(Reach { caller: fresh_session(role, at), how: format!("a fresh session of role {name}") });
            }
        }
        for (name, user) in account.users.all_enforced(at) {
            let id = format!("user {name}");
            let held_here = held.iter().any(|key| user.keys.contains_key(key));
            let can = |authorizer: &mut Authorizer, action| {
                may(account, authorizer, &from.caller, action, &account.user_arn(user), at)
            };
            let room = account.users.latest(name).is_some_and(|user| user.keys.len() < 2);
            if !known.contains(&id)
                && ((room && can(authorizer, "iam:CreateAccessKey"))
                    || (held_here && can(authorizer, "iam:UpdateAccessKey")))
            {
                known.insert(id);
                let principal = Principal::User { name: name.to_owned() };
                let caller = Caller::without_key(principal);
                reach.push(Reach { caller, how: format!("another key of user {name}") });
            }
        }
    }
    reach
}

/// The caller behind a key that the adversary holds.
fn holder(account: &Account, key: &str, at: Timestamp) -> Option<Reach> {
    if let Some(session) = account.sessions.get(key) {
        return Some(Reach { caller: session.caller.clone(), how: format!("session {key}") });
    }
    let user = account.key_owner(key, at)?;
    let principal = Principal::User { name: user.name.clone() };
    let caller = Caller { key: Some(key.to_owned()), ..Caller::without_key(principal) };
    Some(Reach { caller, how: format!("key {key}") })
}

/// Whether a trust policy speaks of anybody but services at all.
fn lets_in_people(role: &Role) -> bool {
    role.trust.contains("\"AWS\"") || role.trust.contains("\"*\"")
}

fn may_assume(account: &Account, authorizer: &mut Authorizer, from: &Reach, role: &Role, at: Timestamp) -> bool {
    !matches!(authorizer.may_assume(account, &from.caller, role, None, at), Verdict::Denied(_))
}

/// Whether a caller may do a thing, as far as anybody can tell.
pub(super) fn may(
    account: &Account,
    authorizer: &mut Authorizer,
    caller: &Caller,
    action: &str,
    resource: &str,
    at: Timestamp,
) -> bool {
    let region =
        resource.split(':').nth(3).filter(|region| !region.is_empty() && *region != "*").unwrap_or("us-east-1");
    let question = Question { caller, action, resource, region, source_ip: None, at };
    !matches!(caller.principal, Principal::Foreign { .. })
        && !matches!(authorizer.decide(account, question), Verdict::Denied(_))
}

pub(super) fn fresh_session(role: &Role, at: Timestamp) -> Caller {
    let principal = Principal::Role { role: role.name.clone(), id: role.id.clone(), session: "again".to_owned() };
    let issued = Timestamp::from_second(at.as_second()).unwrap_or(at);
    Caller { issued: Some(issued), ..Caller::without_key(principal) }
}
