//! What Amazon Q Business holds: applications and the things in them, which all live alike.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Account;

/// A kind of thing, and how AWS words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum QKind {
    Application,
    Index,
    DataSource,
    Retriever,
    Plugin,
    WebExperience,
    DataAccessor,
}

impl QKind {
    /// The word in ARNs, which with `Id` and `Arn` behind it names members as well.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Index => "index",
            Self::DataSource => "data-source",
            Self::Retriever => "retriever",
            Self::Plugin => "plugin",
            Self::WebExperience => "web-experience",
            Self::DataAccessor => "data-accessor",
        }
    }

    /// The stem of the members that hold its id and ARN.
    pub(crate) fn stem(self) -> &'static str {
        match self {
            Self::DataSource => "dataSource",
            Self::WebExperience => "webExperience",
            Self::DataAccessor => "dataAccessor",
            other => other.word(),
        }
    }

    /// The member that a list of them stands in.
    pub(crate) fn listed_as(self) -> &'static str {
        match self {
            Self::Application => "applications",
            Self::Index => "indices",
            Self::DataSource => "dataSources",
            Self::Retriever => "retrievers",
            Self::Plugin => "plugins",
            Self::WebExperience => "webExperiences",
            Self::DataAccessor => "dataAccessors",
        }
    }

    /// Members that its maker gives, and that a look shows as they were given.
    pub(crate) fn config(self) -> &'static [&'static str] {
        match self {
            Self::Application => &[
                "displayName",
                "description",
                "roleArn",
                "identityType",
                "iamIdentityProviderArn",
                "clientIdsForOIDC",
                "encryptionConfiguration",
                "attachmentsConfiguration",
                "qAppsConfiguration",
                "personalizationConfiguration",
                "quickSightConfiguration",
            ],
            Self::Index => &["displayName", "description", "type", "capacityConfiguration"],
            Self::DataSource => &[
                "displayName",
                "configuration",
                "vpcConfiguration",
                "description",
                "syncSchedule",
                "roleArn",
                "documentEnrichmentConfiguration",
                "mediaExtractionConfiguration",
            ],
            Self::Retriever => &["displayName", "type", "configuration", "roleArn"],
            Self::Plugin => {
                &["displayName", "type", "authConfiguration", "serverUrl", "customPluginConfiguration", "state"]
            }
            Self::DataAccessor => &["displayName", "principal", "actionConfigurations", "authenticationDetail"],
            Self::WebExperience => &[
                "title",
                "subtitle",
                "welcomeMessage",
                "samplePromptsControlMode",
                "origins",
                "roleArn",
                "identityProviderConfiguration",
                "browserExtensionConfiguration",
                "customizationConfiguration",
            ],
        }
    }
}

/// How far a thing is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum QStatus {
    Creating,
    Active,
    Updating,
    Deleting,
}

/// How far a synchronisation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum SyncStatus {
    Syncing,
    Stopping,
    Succeeded,
    Aborted,
}

impl SyncStatus {
    /// Whether it has not ended.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Syncing | Self::Stopping)
    }
}

/// A synchronisation of a data source.
#[derive(Debug, Clone)]
pub(crate) struct SyncJob {
    pub(crate) id: String,
    pub(crate) status: SyncStatus,
    pub(crate) due: Option<Timestamp>,
    pub(crate) started: Timestamp,
    pub(crate) ended: Option<Timestamp>,
}

/// A document in an index.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct QDocument {
    /// The data source that it came through; nothing for one that was uploaded.
    pub(crate) data_source: Option<String>,
    pub(crate) status: &'static str,
    /// When it is out of the index.
    #[serde(skip)]
    pub(crate) due: Option<Timestamp>,
    /// How often AWS will still stumble over taking it out.
    #[serde(skip)]
    pub(crate) stumbles: u32,
    pub(crate) created: Timestamp,
}

/// A group that documents are shown to. Its members cannot be read.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct QGroup {
    pub(crate) data_source: String,
    pub(crate) name: String,
    pub(crate) status: &'static str,
    /// When it is gone.
    #[serde(skip)]
    pub(crate) due: Option<Timestamp>,
    #[serde(skip)]
    pub(crate) updated: Timestamp,
}

/// What a person and an application have said to each other.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct QConversation {
    pub(crate) user: String,
    pub(crate) title: String,
    pub(crate) started: Timestamp,
    /// What was said, by the person and the application in turn.
    pub(crate) said: Vec<String>,
}

/// An application or something in one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct QThing {
    pub(crate) kind: QKind,
    pub(crate) region: String,
    /// The ids that lead to it: application, index where it lies in one, its own.
    pub(crate) path: Vec<String>,
    /// The members that its maker gave.
    pub(crate) config: Map<String, Value>,
    pub(crate) status: QStatus,
    /// When it leaves a transient status.
    #[serde(skip)]
    pub(crate) due: Option<Timestamp>,
    /// Of a data source, the latest last. They are history and not what the account holds.
    #[serde(skip)]
    pub(crate) jobs: Vec<SyncJob>,
    /// Of an index, by id.
    pub(crate) documents: BTreeMap<String, QDocument>,
    /// Of an application, its chat controls as a look shows them, phrases and topics in order.
    pub(crate) chat: Map<String, Value>,
    /// Of an application, what its users are called, by user.
    pub(crate) users: BTreeMap<String, Value>,
    /// Of an application, the users that are being deleted, and when they are gone.
    pub(crate) leaving: BTreeMap<String, Timestamp>,
    /// Of an application, by id.
    pub(crate) conversations: BTreeMap<String, QConversation>,
    /// Of an index, by data source (empty for its own) and name.
    pub(crate) groups: BTreeMap<String, QGroup>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl QThing {
    /// Its own id.
    pub(crate) fn id(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The chat controls of a new application. FACT q-chat-controls-at-first
    pub(crate) fn chat_controls() -> Map<String, Value> {
        let at_first = json!({
            "responseScope": "ENTERPRISE_CONTENT_ONLY", "orchestrationConfiguration": { "control": "DISABLED" },
            "creatorModeConfiguration": { "creatorModeControl": "ENABLED" },
        });
        at_first.as_object().cloned().unwrap_or_default()
    }

    /// The synchronisation that has not ended.
    pub(crate) fn open_job(&self) -> Option<&SyncJob> {
        self.jobs.iter().find(|job| job.status.is_open())
    }
}

impl Account {
    /// The ARN of a thing of Q Business.
    pub(crate) fn q_arn(&self, kind: QKind, region: &str, path: &[String]) -> String {
        let [application, rest @ ..] = path else { return "*".to_owned() };
        let mut arn = format!("arn:aws:qbusiness:{region}:{}:application/{application}", self.id);
        if let [index, _] = rest {
            arn = format!("{arn}/index/{index}");
        }
        if let Some(id) = rest.last() {
            arn = format!("{arn}/{}/{id}", kind.word());
        }
        arn
    }

    /// Ends what is due in Q Business.
    /// `listed`: whether what is out of an index is still listed.
    pub(crate) fn settle_q(&mut self, when: Timestamp, listed: bool) {
        let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= when);
        let mut gone = Vec::new();
        for (key, thing) in &mut self.q_things {
            for job in thing.jobs.iter_mut().filter(|job| due(job.due)) {
                job.due = None;
                job.ended = Some(when);
                job.status =
                    if job.status == SyncStatus::Syncing { SyncStatus::Succeeded } else { SyncStatus::Aborted };
            }
            for document in thing.documents.values_mut().filter(|document| due(document.due)) {
                (document.status, document.due) = ("DELETED", None);
            }
            thing.groups.retain(|_, group| !due(group.due));
            thing.leaving.retain(|user, at| {
                let gone = *at <= when;
                if gone {
                    thing.users.remove(user);
                }
                !gone
            });
            if !listed {
                thing.documents.retain(|_, document| document.status != "DELETED");
            }
            if !due(thing.due) {
                continue;
            }
            thing.due = None;
            match thing.status {
                QStatus::Deleting => gone.push(key.clone()),
                QStatus::Creating | QStatus::Active | QStatus::Updating => thing.status = QStatus::Active,
            }
        }
        for (region, path) in gone {
            self.q_things.retain(|(in_region, at), _| *in_region != region || !at.starts_with(&path));
        }
    }
}
