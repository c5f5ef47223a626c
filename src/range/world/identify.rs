//! Who makes a call.

use jiff::Timestamp;

use crate::range::model::{Account, Caller, Principal};
use crate::range::wire::ApiCall;

use super::Refuse;

/// The unique id of principals of other accounts, of which nothing else is known here.
pub(super) const FOREIGN_ID: &str = "AIDAEXAMPLEFOREIGN000";

/// A principal as AWS names it.
#[derive(Debug, Clone)]
pub(crate) struct Identified {
    /// `User`, `AssumedRole`, … as in CloudTrail.
    pub(crate) kind: &'static str,
    /// `aws:userid`, and the principal id in CloudTrail.
    pub(crate) user_id: String,
    /// The ARN of the session or user.
    pub(crate) arn: String,
    /// The account.
    pub(crate) account: String,
}

/// Names a principal the way AWS does.
pub(crate) fn describe(account: &Account, principal: &Principal) -> Identified {
    let id = &account.id;
    let (kind, user_id, arn, owner) = match principal {
        Principal::User { name } => match account.users.latest(name) {
            Some(user) => ("IAMUser", user.id.clone(), account.user_arn(user), id.clone()),
            None => ("IAMUser", String::new(), format!("arn:aws:iam::{id}:user/{name}"), id.clone()),
        },
        Principal::Role { role, id: role_id, session } => {
            let arn = format!("arn:aws:sts::{id}:assumed-role/{role}/{session}");
            ("AssumedRole", format!("{role_id}:{session}"), arn, id.clone())
        }
        Principal::Federated { name, .. } => {
            let arn = format!("arn:aws:sts::{id}:federated-user/{name}");
            ("FederatedUser", format!("{id}:{name}"), arn, id.clone())
        }
        Principal::Foreign { account, arn } => ("AWSAccount", FOREIGN_ID.to_owned(), arn.clone(), account.clone()),
        Principal::Service { name } => ("AWSService", name.clone(), name.clone(), id.clone()),
    };
    Identified { kind, user_id, arn, account: owner }
}

/// The ARN of the role or user that a session is of.
pub(super) fn issuer(account: &Account, principal: &Principal) -> Option<String> {
    match principal {
        Principal::Role { role, .. } => Some(match account.roles.latest(role) {
            Some(role) => account.role_arn(role),
            None => format!("arn:aws:iam::{}:role/{role}", account.id),
        }),
        Principal::Federated { user, .. } => account.users.latest(user).map(|user| account.user_arn(user)),
        Principal::User { .. } | Principal::Foreign { .. } | Principal::Service { .. } => None,
    }
}

/// Finds the caller behind the credentials of a request.
pub(crate) fn identify(account: &Account, call: &ApiCall, now: Timestamp) -> Result<Caller, Refuse> {
    let key = call.access_key.as_deref().ok_or(Refuse::Unsigned)?;
    if let Some(session) = account.sessions.get(key) {
        if call.session_token.as_ref() != Some(&session.token) {
            return Err(Refuse::UnknownKey);
        }
        standing(account, &session.caller, now)?;
        return Ok(session.caller.clone());
    }
    // A session token belongs to temporary credentials.
    if call.session_token.is_some() {
        return Err(Refuse::UnknownKey);
    }
    let user = account.key_owner(key, now).ok_or(Refuse::UnknownKey)?;
    let principal = Principal::User { name: user.name.clone() };
    let caller = Caller { key: Some(key.to_owned()), ..Caller::without_key(principal) };
    standing(account, &caller, now)?;
    Ok(caller)
}

/// Whether credentials still work at all: the session has not ended, the key is active, the principal exists.
pub(crate) fn standing(account: &Account, caller: &Caller, now: Timestamp) -> Result<(), Refuse> {
    if caller.expires.is_some_and(|expires| expires <= now) {
        return Err(Refuse::Expired);
    }
    let exists = match &caller.principal {
        // FACT sts-recreated-role
        Principal::Role { role, id, .. } => account.roles.enforced(role, now).is_some_and(|role| role.id == *id),
        Principal::User { name } | Principal::Federated { user: name, .. } => {
            account.users.enforced(name, now).is_some_and(|user| {
                // FACT iam-inactive-key: a session made from the key goes on.
                caller.issued.is_some()
                    || caller.key.as_ref().is_none_or(|key| user.keys.get(key).is_some_and(|key| key.active))
            })
        }
        Principal::Foreign { .. } | Principal::Service { .. } => true,
    };
    if exists { Ok(()) } else { Err(Refuse::UnknownKey) }
}
