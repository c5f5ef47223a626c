//! What a person should know of a step before approving it, and of a run so far.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::knowledge_ref::DataSourceRef;
use crate::aws::TEST_ALIAS;
use crate::base::{AgentId, Impact, RoleName, UserName, counted};

/// What a person should know of a step before approving it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Story {
    /// What is there now, in a few words.
    pub now: String,
    /// What the step does about it, in a few words.
    pub does: String,
    /// What it does to legitimate use.
    pub impact: Impact,
    /// Why that impact, from what was read.
    pub because: String,
    /// How to undo it.
    pub undo: String,
    /// What the contained principal can still do afterwards.
    pub residual: Vec<Residual>,
    /// What else to know: dependants, recovery of workloads, what is left alone.
    pub notes: Vec<String>,
    /// What could not be read.
    pub unread: Vec<String>,
}

/// Something that stays possible after containment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Residual {
    /// What stays possible, and by what.
    pub what: String,
    /// Until when, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Residual {
    /// Sessions that a role still gets: what a trust lock ends.
    pub(super) fn new_sessions(role: &RoleName) -> Self {
        Self { what: format!("new sessions of role {role} for whoever its trust policy admits"), until: None }
    }

    /// Sessions that a user's keys have started already: what a deny by their time ends.
    pub(super) fn sessions_of_keys(user: &UserName) -> Self {
        Self { what: format!("sessions that were started with a key of user {user}, for up to 36 h"), until: None }
    }

    /// The keys that a user had before it was given a new one: what switching them off ends.
    pub(super) fn old_keys(user: &UserName) -> Self {
        Self { what: format!("the old keys of user {user}, until they are deactivated"), until: None }
    }

    /// That a knowledge base goes on answering from what a data source leaves in the vector store: what taking just so many
    /// documents out of it ends.
    pub(super) fn left_in_store(source: &DataSourceRef, what: &str, first: &str) -> Self {
        let what = format!(
            "knowledge base {} still answers from {what} of data source {}, and afterwards no call of Bedrock removes that: {first}",
            source.knowledge_base, source.id
        );
        Self { what, until: None }
    }

    /// The same where the documents were counted.
    pub(super) fn documents_left(source: &DataSourceRef, count: usize, more: bool) -> Self {
        let what = if more { format!("{count} or more documents") } else { counted(count, "document") };
        Self::left_in_store(source, &what, "take them out first with bedrock.remove-documents")
    }

    /// Whoever may still invoke an agent, through the alias that cannot be shut: what its deletion ends.
    pub(super) fn test_alias(agent: &AgentId) -> Self {
        let what = format!(
            "agent {agent} through its test alias {TEST_ALIAS}, for whoever may still call bedrock:InvokeAgent"
        );
        Self { what, until: None }
    }

    /// Whoever may make up an agent in a call: there is nothing that could be shut or deleted.
    pub(super) fn inline_agents() -> Self {
        let what = "inline agents, which exist in the call alone, for whoever may still call bedrock:InvokeInlineAgent";
        Self { what: what.to_owned(), until: None }
    }

    /// Sessions that a role has got already: what a deny by their time ends.
    pub(super) fn earlier_sessions(role: &RoleName) -> Self {
        Self { what: format!("sessions of role {role} that were started before"), until: None }
    }
}

/// The run so far, for texts that are written from it, such as the body of a support case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSoFar {
    /// When the response began: when the plan was made.
    pub began: Timestamp,
    /// The runbook's title.
    pub title: String,
    /// The caller of the run.
    pub responder: String,
    /// What was done, oldest first: time, and what.
    pub timeline: Vec<(Timestamp, String)>,
    /// ARNs of suspect principals, from the plan's inputs.
    pub suspects: Vec<String>,
    /// What the run found and acted on.
    pub affected: Vec<String>,
}
