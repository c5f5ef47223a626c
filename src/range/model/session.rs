//! Who makes a call, and with what credentials.

use jiff::Timestamp;

/// Whom credentials stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// A user, by long-term key or by a session from GetSessionToken.
    User { name: String },
    /// A session of a role; the role's id too, since a role that is made again is another one.
    Role { role: String, id: String, session: String },
    /// A name that a user gave to GetFederationToken.
    Federated { user: String, name: String },
    /// Somebody of another account.
    Foreign { account: String, arn: String },
    /// A service of AWS.
    Service { name: String },
}

/// A principal and the credentials it calls with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    /// The key id.
    pub(crate) key: Option<String>,
    /// When the session was issued; nothing for long-term keys.
    pub(crate) issued: Option<Timestamp>,
    /// When the session ends.
    pub(crate) expires: Option<Timestamp>,
    /// Session policies: the session may do what they and the identity's policies both allow.
    pub(crate) policies: Vec<String>,
    /// Who is behind the session, as whoever made it said; sessions that are made with it keep it.
    pub(crate) source_identity: Option<String>,
}

impl Caller {
    /// A principal without credentials of its own.
    pub(crate) fn without_key(principal: Principal) -> Self {
        Self { principal, key: None, issued: None, expires: None, policies: Vec::new(), source_identity: None }
    }
}

/// Temporary credentials.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) caller: Caller,
    pub(crate) token: String,
    pub(crate) secret: String,
}
