//! What stays possible after containment: by what, and until when.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::knowledge_ref::DataSourceRef;
use crate::aws::{Credential, TEST_ALIAS};
use crate::base::{AccessKeyId, AgentId, counted};

const HOUR: u64 = 3_600;
/// How long IAM may take until a change holds everywhere. It promises no time: seconds as a rule, minutes now and then.
const PROPAGATION: u64 = 5 * 60;
/// The longest that a session lives that was taken on with a session of a role.
const CHAINED: u64 = HOUR;
/// The longest that any other session of a role lives, one of the console included.
const ROLE_SESSION: u64 = 12 * HOUR;
/// The longest that a session lives that a key of a user has asked for.
const USER_SESSION: u64 = 36 * HOUR;

/// What kind of access stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// A long-term access key.
    LongTermKey,
    /// A service-specific credential, such as a long-term Bedrock API key.
    ApiKey,
    /// A console password.
    Password,
    /// Sessions that were started before, and what they take on.
    EarlierSession,
    /// Sessions that were issued later than what the step goes by.
    LaterSession,
    /// Sessions of other roles that were taken on before.
    ChainedSession,
    /// New sessions of the role, for whom its trust policy admits.
    Assume,
    /// New sessions of the role, for AWS services.
    AssumeByService,
    /// People of IAM Identity Center.
    IdentityCenter,
    /// Work that goes on by itself.
    RunningWork,
    /// What was made before to come back by.
    Persistence,
    /// What the step does not take.
    Uncovered,
    /// Whatever the step takes, while AWS has not taken the change everywhere.
    Propagation,
    /// A thing that stays, or stays open.
    Resource,
    /// That the same may be done anew.
    Again,
    /// What anybody in the account may do whom nothing refuses it: there is nothing that could be contained.
    Anybody,
    /// What has happened, and nothing takes back.
    Past,
    /// What a step was to end that did not come about.
    NotEnded,
}

/// When it ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "ends", rename_all = "kebab-case")]
pub enum Until {
    /// At a moment, at the latest.
    At {
        /// The moment.
        moment: Timestamp,
    },
    /// So long after the step was carried out, at the latest.
    After {
        /// Seconds.
        seconds: u64,
    },
    /// When something is done about it.
    When {
        /// What, as the rest of a sentence that begins with `until`.
        done: String,
    },
    /// By itself never.
    Never,
}

impl Until {
    fn when(done: impl Into<String>) -> Self {
        Self::When { done: done.into() }
    }

    /// What lives for so long at most, begun before the step or while its change was on its way.
    fn after(seconds: u64) -> Self {
        Self::After { seconds: seconds + PROPAGATION }
    }

    /// So long after the step, where that is what it says.
    pub fn delay(&self) -> Option<Duration> {
        match self {
            Self::After { seconds } => Some(Duration::from_secs(*seconds)),
            Self::At { .. } | Self::When { .. } | Self::Never => None,
        }
    }
}

/// Something that stays possible after containment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Residual {
    /// What kind of access it is.
    pub kind: Access,
    /// What stays possible, and by what.
    pub what: String,
    /// The ids of the credentials, the ARNs or the services by which, where they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// Until when.
    pub until: Until,
}

impl Residual {
    /// Something of a kind, with its end.
    pub(super) fn of(kind: Access, what: impl Into<String>, until: Until) -> Self {
        Self { kind, what: what.into(), by: vec![], until }
    }

    fn by(mut self, by: impl IntoIterator<Item = String>) -> Self {
        self.by = by.into_iter().collect();
        self
    }

    /// A thing that stays.
    pub(super) fn stays(what: impl Into<String>) -> Self {
        Self::of(Access::Resource, what, Until::Never)
    }

    /// A thing that stays until somebody does something.
    pub(super) fn stays_until(what: impl Into<String>, done: impl Into<String>) -> Self {
        Self::of(Access::Resource, what, Until::when(done))
    }

    /// That whoever may can do it anew.
    pub(super) fn again(what: impl Into<String>) -> Self {
        Self::again_until(what, "whoever may is refused it")
    }

    /// The same, until somebody does something else.
    pub(super) fn again_until(what: impl Into<String>, done: impl Into<String>) -> Self {
        Self::of(Access::Again, what, Until::when(done))
    }

    /// What has happened.
    pub(super) fn past(what: impl Into<String>) -> Self {
        Self::of(Access::Past, what, Until::Never)
    }

    /// What a step was to end that did not come about.
    pub fn not_ended(what: impl Into<String>) -> Self {
        Self::of(Access::NotEnded, what, Until::when("a later plan ends it, or somebody by hand"))
    }

    /// Whatever the step ends, while its change is on its way.
    pub(super) fn propagation() -> Self {
        let what =
            "whatever is ended here, while IAM has not taken it everywhere: seconds as a rule, AWS promises none";
        Self::of(Access::Propagation, what, Until::After { seconds: PROPAGATION })
    }

    /// A key of a user.
    pub(super) fn key(key: &AccessKeyId) -> Self {
        let until = Until::when("iam.deactivate-access-keys switches it off");
        Self::of(Access::LongTermKey, format!("access key {key}"), until).by([key.to_string()])
    }

    /// Keys of a user.
    pub(super) fn keys<'k>(keys: impl IntoIterator<Item = &'k AccessKeyId>) -> Vec<Self> {
        keys.into_iter().map(Self::key).collect()
    }

    /// A service-specific credential of a user.
    pub(super) fn api_key(credential: &Credential) -> Self {
        let (id, service) = (&credential.id, &credential.service);
        let name = credential.alias.as_ref().map_or(id.to_string(), |alias| format!("{alias} ({id})"));
        let until = match credential.expires {
            Some(moment) => Until::At { moment },
            None => Until::when("iam.deactivate-service-credentials switches it off"),
        };
        Self::of(Access::ApiKey, format!("API key {name} for {service}"), until).by([id.to_string(), service.clone()])
    }

    /// The password of a user.
    pub(super) fn password() -> Self {
        let what = "the console password, with which whoever knows it signs in anew";
        Self::of(Access::Password, what, Until::when("iam.delete-console-password deletes it"))
    }

    /// What could not be read of a user's credentials.
    pub(super) fn unread(kind: Access, which: &str, action: &str) -> Self {
        let what = format!("not known whether it has {which}: that could not be read");
        Self::of(kind, what, Until::when(format!("{action} ends that")))
    }

    /// Sessions that a role has got already: what a deny by their time ends.
    pub(super) fn earlier_sessions() -> Self {
        let what = "sessions that were started before, and roles that they take on";
        Self::of(Access::EarlierSession, what, Until::after(ROLE_SESSION + CHAINED))
    }

    /// Sessions that a user's keys have started already: what a deny by their time ends.
    pub(super) fn sessions_of_keys() -> Self {
        let what = "sessions that were started with a key, and roles that they take on";
        Self::of(Access::EarlierSession, what, Until::after(USER_SESSION + ROLE_SESSION))
    }

    /// Sessions of the console that a user has already.
    pub(super) fn console_sessions() -> Self {
        let what = "console sessions that it has, and roles that they take on";
        Self::of(Access::EarlierSession, what, Until::after(2 * ROLE_SESSION))
    }

    /// Sessions that a user has started with an MFA device.
    pub(super) fn sessions_of_device() -> Self {
        let what = "sessions that were started with the device, and roles that they take on";
        Self::of(Access::EarlierSession, what, Until::after(USER_SESSION + ROLE_SESSION))
    }

    /// Sessions that were issued at a moment or later.
    pub(super) fn later_sessions(since: Timestamp) -> Self {
        let until = Until::when("iam.revoke-sessions with a later `issued_before` refuses them");
        Self::of(Access::LaterSession, format!("sessions issued since {since}"), until)
    }

    /// Sessions that a role still gets: what a trust lock ends. Nothing where its trust policy admits nobody.
    pub(super) fn new_sessions(admitted: &[String]) -> Option<Self> {
        let what = format!("new sessions for {}", admitted.join(", "));
        let until = Until::when("iam.lock-trust locks its trust policy");
        (!admitted.is_empty()).then(|| Self::of(Access::Assume, what, until).by(admitted.iter().cloned()))
    }

    /// The same for AWS services.
    pub(super) fn sessions_of_services(services: &[String]) -> Option<Self> {
        let what = format!("new sessions for {}", services.join(", "));
        let until = Until::when("iam.lock-trust with `lock_aws_services` locks it");
        (!services.is_empty()).then(|| Self::of(Access::AssumeByService, what, until).by(services.iter().cloned()))
    }

    /// Sessions of other roles that sessions of a role have taken on.
    pub(super) fn chained_from_role() -> Self {
        let what = "sessions of other roles that its sessions took on, if any (iam.sessions-of names them): each can take on more";
        Self::of(Access::ChainedSession, what, Until::after(CHAINED))
    }

    /// Sessions of roles that a user has taken on.
    pub(super) fn chained_from_user() -> Self {
        let what = "sessions of roles that it took on, if any (iam.sessions-of names them): each can take on more";
        Self::of(Access::ChainedSession, what, Until::after(ROLE_SESSION))
    }

    /// People who work as a role through IAM Identity Center, which alone can change it.
    pub(super) fn identity_center() -> Self {
        let until = "their assignment is removed and their sessions are ended there: those of the AWS CLI last an hour \
                     longer, those of applications two";
        Self::of(
            Access::IdentityCenter,
            "people of IAM Identity Center, and the sessions that they have",
            Until::when(until),
        )
    }

    /// What a principal has set going.
    pub(super) fn running_work() -> Self {
        let what = "work that it set going, such as agents, jobs and flows, if any: it goes on under roles of its own";
        Self::of(Access::RunningWork, what, Until::when("it is over, or a step about it stops it"))
    }

    /// What a principal has made to come back by.
    pub(super) fn made_before() -> Self {
        let what = "users, roles, keys and long-term Bedrock API keys of others that it made or changed, if any \
                    (iam.persistence names them)";
        Self::of(Access::Persistence, what, Until::when("they are switched off or deleted"))
    }

    /// What a step about a principal does not take from it.
    pub(super) fn uncovered(what: impl Into<String>) -> Self {
        Self::of(Access::Uncovered, what, Until::when("iam.deny-everything refuses it"))
    }

    /// That a knowledge base goes on answering from what a data source leaves in the vector store: what taking just so many
    /// documents out of it ends.
    pub(super) fn left_in_store(source: &DataSourceRef, what: &str, first: &str) -> Self {
        let what = format!(
            "knowledge base {} still answers from {what} of data source {}, and afterwards no call of Bedrock removes that: {first}",
            source.knowledge_base, source.id
        );
        Self::stays_until(what, "somebody takes it out of the vector store by hand")
    }

    /// The same where the documents were counted.
    pub(super) fn documents_left(source: &DataSourceRef, count: usize, more: bool) -> Self {
        let what = if more { format!("{count} or more documents") } else { counted(count, "document") };
        Self::left_in_store(source, &what, "take them out first with bedrock.remove-documents")
    }

    /// Whoever may still invoke an agent, through the alias that cannot be shut: what its deletion ends.
    pub(super) fn test_alias(agent: &AgentId) -> Self {
        let what = format!("its test alias {TEST_ALIAS}, for whoever may still call bedrock:InvokeAgent");
        Self::stays_until(what, "bedrock.delete-agent deletes the agent").by([agent.to_string(), TEST_ALIAS.to_owned()])
    }

    /// Whoever may make up an agent in a call: there is nothing that could be shut or deleted.
    pub(super) fn inline_agents() -> Self {
        let what = "inline agents, which exist in the call alone, for whoever may still call bedrock:InvokeInlineAgent";
        Self::of(Access::Anybody, what, Until::when("whoever may is refused it"))
    }

    /// Whether it is about the principal or thing of the step, and not about anybody in the account.
    pub fn is_of_one(&self) -> bool {
        self.kind != Access::Anybody
    }

    /// Whether a step that ends this ends it.
    pub fn is_ended_by(&self, ended: &Ended) -> bool {
        let names = |ids: &[String]| self.by.iter().any(|id| ids.contains(id));
        ended.kind == self.kind
            && match &ended.which {
                Which::All => true,
                Which::Of { only, but } => only.as_ref().is_none_or(|only| names(only)) && !names(but),
                Which::Saying(what) => *what == self.what,
            }
    }
}

/// What a step ends that other steps about the same principal or thing leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Of what kind.
    pub kind: Access,
    /// Which of them.
    pub which: Which,
}

/// Which of a kind a step ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those by something named.
    Of {
        /// By one of these alone.
        only: Option<Vec<String>>,
        /// By none of these.
        but: Vec<String>,
    },
    /// The one that says exactly this.
    Saying(String),
}

impl Ended {
    /// All of some kinds.
    pub fn all<const N: usize>(kinds: [Access; N]) -> Vec<Self> {
        kinds.map(|kind| Self { kind, which: Which::All }).into()
    }

    /// The ones by some ids.
    pub fn some<T: ToString>(kind: Access, only: Option<&[T]>, but: &[T]) -> Self {
        let texts = |ids: &[T]| ids.iter().map(ToString::to_string).collect();
        Self { kind, which: Which::Of { only: only.map(texts), but: texts(but) } }
    }

    /// Exactly this one.
    pub fn exactly(residual: Residual) -> Self {
        Self { kind: residual.kind, which: Which::Saying(residual.what) }
    }

    /// What ends with a role, or when everything is refused to it.
    pub fn with_role() -> Vec<Self> {
        Self::all([
            Access::EarlierSession,
            Access::LaterSession,
            Access::Assume,
            Access::AssumeByService,
            Access::Uncovered,
        ])
    }

    /// What ends with a user, or when everything is refused to it.
    pub fn with_user() -> Vec<Self> {
        Self::all([
            Access::LongTermKey,
            Access::ApiKey,
            Access::Password,
            Access::EarlierSession,
            Access::LaterSession,
            Access::Uncovered,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(last: char) -> AccessKeyId {
        format!("AKIARTX3GSDSCIDEPLO{last}").parse().expect("a key id")
    }

    #[test]
    fn a_step_ends_what_it_is_about_and_nothing_else() {
        let one = Residual::key(&key('1'));
        let ended_by = |only: Option<&[AccessKeyId]>, but: &[AccessKeyId]| {
            one.is_ended_by(&Ended::some(Access::LongTermKey, only, but))
        };
        assert!(ended_by(None, &[]));
        assert!(ended_by(Some(&[key('1')]), &[]));
        assert!(ended_by(None, &[key('2')]));
        assert!(!ended_by(Some(&[key('2')]), &[]));
        assert!(!ended_by(Some(&[]), &[]));
        assert!(!ended_by(None, &[key('1')]));
        assert!(!one.is_ended_by(&Ended::some(Access::ApiKey, None::<&[AccessKeyId]>, &[])));
        assert!(Ended::with_user().iter().any(|ended| one.is_ended_by(ended)));
        assert!(!Ended::with_role().iter().any(|ended| one.is_ended_by(ended)));
    }

    #[test]
    fn a_role_that_admits_nobody_has_no_line_about_it() {
        assert_eq!(Residual::new_sessions(&[]), None);
        assert_eq!(Residual::sessions_of_services(&[]), None);
        let admitted = ["arn:aws:iam::444455556666:root".to_owned()];
        let line = Residual::new_sessions(&admitted).expect("it admits somebody");
        assert!(line.what.contains("for arn:aws:iam::444455556666:root") && line.by == admitted, "{line:?}");
    }
}
