//! What the ledger says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::{AccountId, IncidentId, Region, RunId};

/// An event that a trigger has matched, with what the trigger makes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// The trigger.
    pub trigger: String,
    /// The runbook that it names.
    pub runbook: String,
    /// What makes two detections the same: those that have the same are one incident for as long as the window lasts.
    pub key: String,
    /// What was detected: the type of a finding, or the API that was called.
    pub what: String,
    /// The id of the event; one that is delivered twice has the same.
    pub event: String,
    /// The id of the finding or of CloudTrail's record. A finding that is updated has the same in another event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What AWS can be asked, to know whether it is true.
    pub claim: Claim,
    /// Whether its principals are told by name alone, so that their ARNs lack a path where they have one.
    #[serde(default)]
    pub by_name: bool,
    /// The immutable id of the principal, where the event says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<String>,
    /// The account that it is about, where the event says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// When it says that it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened: Option<Timestamp>,
    /// The values of the runbook's parameters.
    pub values: BTreeMap<String, Value>,
    /// Where in the event they stand.
    pub from: BTreeMap<String, String>,
    /// Parameters that the runbook needs and the event does not tell, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub missing: BTreeMap<String, String>,
    /// For how long the same detection joins its incident.
    pub window: Duration,
    /// How many events of the same key, within which time, make an incident; one where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Threshold>,
    /// Whether what is harmless may be done with nobody there.
    pub unattended: bool,
    /// The event in its normal form.
    pub text: Value,
}

/// How many events make an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// How many.
    pub times: u32,
    /// Within which time.
    pub within: Duration,
}

/// What AWS can be asked, to know whether an event is true. Whoever can write into a queue can write anything into an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "claim", rename_all = "kebab-case")]
pub enum Claim {
    /// That GuardDuty has a finding.
    GuardDuty {
        /// The Region.
        region: Region,
        /// The detector.
        detector: String,
        /// The finding.
        finding: String,
        /// Its type.
        kind: String,
        /// The users and roles that it is about, as `user NAME` and `role NAME`.
        names: BTreeSet<String>,
        /// The access keys that it is about.
        keys: BTreeSet<String>,
        /// When it was seen first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first_seen: Option<Timestamp>,
        /// When it was seen last, as of this event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_seen: Option<Timestamp>,
    },
    /// That CloudTrail has a record.
    CloudTrail {
        /// The Region.
        region: Region,
        /// The record.
        record: String,
        /// The API.
        name: String,
        /// The service.
        source: String,
    },
    /// Nothing.
    Nothing {
        /// Why, as a fragment.
        why: String,
    },
}

/// One thing that the ledger says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub enum Entry {
    /// An incident begins.
    Opened {
        /// Its id.
        incident: IncidentId,
        /// The id that its run will have. It is known beforehand, so that there is never a second one.
        run: RunId,
        /// When.
        at: Timestamp,
        /// What it begins with.
        alarm: Box<Alarm>,
    },
    /// An event is about an incident that is known.
    Joined {
        /// The incident.
        incident: IncidentId,
        /// The event.
        event: String,
        /// When.
        at: Timestamp,
    },
    /// An event counts towards an incident that has not begun.
    Counted {
        /// What makes it the same as others.
        key: String,
        /// The event.
        event: String,
        /// When.
        at: Timestamp,
        /// For how long it counts.
        within: Duration,
    },
    /// AWS has been asked whether the detection is true.
    Asked {
        /// The incident.
        incident: IncidentId,
        /// Whether it is.
        confirmed: bool,
        /// By what that is known, or why it is not, as a fragment.
        why: String,
        /// When.
        at: Timestamp,
    },
    /// The incident's run is about to act on these.
    Charged {
        /// The incident.
        incident: IncidentId,
        /// The account.
        account: AccountId,
        /// Roles and users.
        principals: BTreeSet<String>,
        /// When.
        at: Timestamp,
    },
    /// Too much was asked for: nothing happens unattended for a while.
    Tripped {
        /// Until when.
        until: Timestamp,
        /// Why, as a fragment.
        why: String,
        /// When.
        at: Timestamp,
    },
    /// What was to be done about an incident without a person is done.
    Concluded {
        /// The incident.
        incident: IncidentId,
        /// What it came to.
        outcome: Outcome,
        /// Why, as a fragment.
        why: String,
        /// Plans that wait for a person, as paths of files.
        plans: Vec<String>,
        /// What a person does next, as a command.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<String>,
        /// When.
        at: Timestamp,
    },
}

impl Entry {
    /// When it was written.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Opened { at, .. }
            | Self::Joined { at, .. }
            | Self::Counted { at, .. }
            | Self::Asked { at, .. }
            | Self::Charged { at, .. }
            | Self::Tripped { at, .. }
            | Self::Concluded { at, .. } => *at,
        }
    }
}

/// What an incident came to without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All of it was harmless, and is done and verified.
    Contained,
    /// What was harmless is done and verified; the rest waits for a person.
    PartlyContained,
    /// A plan waits for a person.
    Waits,
    /// No plan could be made: a person has to look.
    NoPlan,
    /// Something went wrong while it was contained.
    Failed,
    /// Another incident looks after it.
    Joined,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] =
        [Self::Contained, Self::PartlyContained, Self::Waits, Self::NoPlan, Self::Failed, Self::Joined];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contained => "contained",
            Self::PartlyContained => "partly-contained",
            Self::Waits => "waits",
            Self::NoPlan => "no-plan",
            Self::Failed => "failed",
            Self::Joined => "joined",
        }
    }
}

/// A duration as one with a sign, as long as there is one.
pub(super) fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
