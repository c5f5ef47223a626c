//! What an event says that containment needs, each with where it stands.

use std::collections::BTreeMap;

macro_rules! facts {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal;)*) => {
        /// Something that an event can say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fact {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Fact {
            /// Every fact.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in triggers.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it is, for people.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*)),* }
            }
        }
    };
}

facts! {
    /// The account that it happened in.
    Account = "account";
    /// The Region that it happened in.
    Region = "region";
    /// When it happened, or was last seen; RFC 3339.
    Time = "time";
    /// When it was first seen; RFC 3339.
    FirstSeen = "first_seen";
    /// The user, the role or the root user behind it, as an ARN. Nothing where a service acted for somebody whom the event does not name, and nobody of another account.
    Principal = "principal";
    /// That, where it is a role.
    Role = "role";
    /// That, where it is a user.
    User = "user";
    /// That, where it is the root user.
    Root = "root";
    /// The session of that role, as the ARN of AWS STS.
    Session = "session";
    /// The immutable id of the principal, without the session's name.
    PrincipalId = "principal_id";
    /// The access key that was used, of a user or of a session; none of a service's.
    AccessKey = "access_key";
    /// The access key of a user, which lasts until somebody ends it.
    UserAccessKey = "user_access_key";
    /// The service-specific credential that was used, such as that of a long-term API key of Amazon Bedrock.
    Credential = "credential";
    /// `true` where the call came with an API key of Amazon Bedrock instead of a signature.
    WithApiKey = "with_api_key";
    /// The role of a service that acted for somebody, such as that of an agent or a knowledge base.
    ServiceRole = "service_role";
    /// The address that it came from.
    SourceAddress = "source_address";
    /// The Bedrock agent that it is about.
    Agent = "agent";
    /// The Bedrock knowledge base that it is about.
    KnowledgeBase = "knowledge_base";
    /// The data source of a Bedrock knowledge base that it is about.
    DataSource = "data_source";
    /// The Amazon Q Business application that it is about.
    Application = "application";
    /// The data source of an Amazon Q Business application that it is about.
    QDataSource = "q_data_source";
    /// The guardrail that it is about.
    Guardrail = "guardrail";
    /// The model that was used, by id or ARN.
    Model = "model";
    /// The id of the finding.
    FindingId = "finding_id";
    /// The type of the finding.
    FindingType = "finding_type";
    /// The id of the GuardDuty detector that found it.
    Detector = "detector";
    /// How severe the finding is, as its product writes it.
    Severity = "severity";
    /// The API that was called.
    EventName = "event_name";
    /// The service that was called, such as `bedrock.amazonaws.com`.
    EventSource = "event_source";
    /// The id of the record in CloudTrail.
    RecordId = "record_id";
}

/// A value, and where the event says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The value, of the form that its fact has.
    pub value: String,
    /// Its path in the event, such as `detail.userIdentity.sessionContext.sessionIssuer.arn`.
    pub at: String,
}

/// Why an event does not say something that one of its kind could.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid {
    /// What.
    pub fact: Fact,
    /// Why, as a fragment for people.
    pub why: String,
}

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    pub(super) said: BTreeMap<Fact, Vec<Said>>,
    pub(super) unsaid: Vec<Unsaid>,
    pub(super) by_name: bool,
}

impl Facts {
    /// Every value that the event has for something, in its order and each once.
    pub fn all(&self, fact: Fact) -> &[Said] {
        self.said.get(&fact).map_or(&[], Vec::as_slice)
    }

    /// The value, where there is exactly one.
    pub fn one(&self, fact: Fact) -> Option<&Said> {
        match self.all(fact) {
            [one] => Some(one),
            _ => None,
        }
    }

    /// What could not be read of the event, and why. Nothing is guessed for it.
    pub fn unsaid(&self) -> &[Unsaid] {
        &self.unsaid
    }

    /// Whether ARNs of users or roles were built of their names, as findings tell no paths. Such an ARN has no path, and so is another
    /// one than that of a user or role that has one. Names are unique in an account: whoever looks one up by its name finds the right
    /// one or nobody, and finds in its ARN the path. [`Fact::PrincipalId`] tells whether it still is the same.
    pub fn is_by_name(&self) -> bool {
        self.by_name
    }

    /// Everything that is said, by its fact.
    pub fn iter(&self) -> impl Iterator<Item = (Fact, &Said)> {
        self.said.iter().flat_map(|(fact, all)| all.iter().map(|said| (*fact, said)))
    }
}
