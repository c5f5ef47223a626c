//! What AWS does not publish, as settings of a scenario.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Span;

/// How AWS behaves where it does not say so, or where nobody has confirmed it. `FACTS.md` has a row for each.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Knobs {
    /// Time for one call to go to AWS and come back, on average.
    pub latency: Span,
    /// Time until a change of IAM takes effect when requests are authorised, on average.
    pub iam_propagation: Span,
    /// Whether reads of IAM may still show the state before a recent change.
    pub iam_stale_reads: bool,
    /// Time that IAM takes to write the credential report.
    pub credential_report_time: Span,
    /// Time that IAM takes to write a report on services last accessed.
    pub last_accessed_time: Span,
    /// Calls per second of each IAM and STS operation.
    pub iam_rate: u32,
    /// Calls per second of each AWS Support operation.
    pub support_rate: u32,
    /// Calls per second of each operation that has no published rate.
    pub other_rate: u32,
    /// Time until LookupEvents finds an event.
    pub trail_delay: Span,
    /// Whether the trail tells through which service a call with a service role came, and names the session after the agent.
    pub service_calls_told: bool,
    /// Most items in one page of a list, whatever the caller asks for.
    pub page_size: usize,
    /// Time that an agent takes to be created, prepared, updated or versioned.
    pub agent_change: Span,
    /// Time that an alias takes to be created or updated.
    pub alias_change: Span,
    /// Time that an agent or alias takes to be deleted.
    pub agent_deletion: Span,
    /// Whether the test alias `TSTALIASID` accepts `REJECT_INVOCATIONS`.
    pub test_alias_pausable: bool,
    /// Whether ListAgentAliases shows the test alias.
    pub test_alias_listed: bool,
    /// Whether an agent that a flow uses counts as in use.
    pub flows_count_as_use: bool,
    /// Whether a flow that has aliases counts as in use.
    pub flow_aliases_count_as_use: bool,
    /// Whether ListFlowAliases shows the test alias of a flow.
    pub flow_test_alias_listed: bool,
    /// Whether the test alias of a flow can be led elsewhere and deleted.
    pub flow_test_alias_changeable: bool,
    /// Whether a prompt that a flow uses counts as in use.
    pub prompts_in_flows_count_as_use: bool,
    /// Whether a change of the draft's action groups or knowledge bases makes an agent `NOT_PREPARED`.
    pub parts_unprepare: bool,
    /// Whether an agent that a supervisor uses counts as in use.
    pub supervisors_count_as_use: bool,
    /// Whether deleting an agent that is being deleted is a conflict.
    pub deleting_again_conflicts: bool,
    /// Whether UpdateAgentAlias without `aliasInvocationState` leaves it as it was; otherwise the alias accepts again.
    pub invocation_state_kept: bool,
    /// Whether replies name the invocation state of an alias that accepts.
    pub accepting_state_shown: bool,
    /// Whether a paused alias answers an invocation with AccessDeniedException; otherwise with ValidationException.
    pub pause_denies_access: bool,
    /// Time that a sync of a data source takes.
    pub ingestion_time: Span,
    /// Time that a knowledge base takes to be created, and a sync to stop.
    pub knowledge_change: Span,
    /// Time that a knowledge base, data source or document takes to be deleted.
    pub knowledge_deletion: Span,
    /// Whether a knowledge base that the draft of an agent is linked to cannot be deleted.
    pub linked_drafts_hold_knowledge_bases: bool,
    /// Whether a knowledge base whose data stays still takes its service role to be deleted.
    pub empty_knowledge_base_needs_role: bool,
    /// Whether a data source whose sync is under way cannot be deleted.
    pub deleting_while_ingesting_conflicts: bool,
    /// Whether stopping a sync that has ended is a conflict; otherwise it succeeds and changes nothing.
    pub stopping_ended_job_conflicts: bool,
    /// Whether UpdateDataSource is refused while a sync is under way.
    pub update_while_ingesting_conflicts: bool,
    /// Time that a guardrail or provisioned throughput takes to be made or changed, and a job of models to stop.
    pub model_change: Span,
    /// Time that a deployment of a custom model takes to be deleted.
    pub model_deletion: Span,
    /// Whether UpdateGuardrail takes away what is left out; otherwise it stays.
    pub guardrail_update_replaces: bool,
    /// Whether giving back provisioned throughput before its term is over is a conflict; otherwise it is invalid.
    pub committed_throughput_conflicts: bool,
    /// Whether a trust policy that only denies is refused.
    pub deny_only_trust_refused: bool,
    /// Whether taking away a permissions boundary that is not there is refused.
    pub absent_boundary_refused: bool,
    /// How long Amazon Q Business takes to make a thing, and a stopped synchronisation to end.
    pub q_change: Span,
    /// How long Amazon Q Business takes to delete a thing.
    pub q_deletion: Span,
    /// How long Q Business still shows what a deleted user was called.
    pub q_user_deletion: Span,
    /// How long a synchronisation of a data source of Q Business takes.
    pub q_sync: Span,
    /// Whether Q Business refuses to delete what still holds something, or is still used; otherwise what it holds goes along.
    pub q_contents_block_deletion: bool,
    /// Whether UpdatePlugin and UpdateDataSource take away what is left out; otherwise it stays.
    pub q_update_replaces: bool,
    /// Whether a data source of Q Business that is synchronising cannot be changed.
    pub q_sync_blocks_update: bool,
    /// Whether stopping a data source of Q Business that is not synchronising is a conflict; otherwise it succeeds and changes
    /// nothing.
    pub q_stop_without_sync_conflicts: bool,
    /// Whether a data source of Q Business that is synchronising cannot be deleted.
    pub q_sync_blocks_deletion: bool,
    /// Whether ListDocuments without a data source lists the documents of data sources as well.
    pub q_documents_of_all: bool,
    /// Whether BatchDeleteDocument says that it does not delete what came through a data source; otherwise it says nothing.
    pub q_source_documents_refused: bool,
    /// Whether BatchDeleteDocument says that a document is not there; otherwise that counts as deleted.
    pub q_absent_documents_fail: bool,
    /// Whether a document that is out of the index is still listed, as DELETED.
    pub q_deleted_documents_listed: bool,
    /// Whether an empty message takes away what Q Business says where a phrase is blocked; otherwise it says nothing then.
    pub q_empty_message_clears: bool,
    /// Whether Q Business shows somebody's conversations to credentials that stand for nobody, where the call names the person.
    pub q_conversations_by_name: bool,
    /// Cases that may be created within an hour.
    pub cases_per_hour: usize,
    /// Whether the language `ja` is offered for cases about the account's security.
    pub support_in_japanese: bool,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            latency: Span(std::time::Duration::from_millis(60)),
            iam_propagation: Span::seconds(4),
            iam_stale_reads: true,
            credential_report_time: Span::seconds(5),
            last_accessed_time: Span::seconds(3),
            iam_rate: 15,
            support_rate: 5,
            other_rate: 20,
            trail_delay: Span::seconds(300),
            service_calls_told: true,
            page_size: 50,
            agent_change: Span::seconds(3),
            alias_change: Span::seconds(1),
            agent_deletion: Span::seconds(5),
            test_alias_pausable: false,
            test_alias_listed: true,
            flows_count_as_use: true,
            flow_aliases_count_as_use: true,
            flow_test_alias_listed: true,
            flow_test_alias_changeable: false,
            prompts_in_flows_count_as_use: false,
            parts_unprepare: true,
            supervisors_count_as_use: true,
            deleting_again_conflicts: false,
            invocation_state_kept: true,
            accepting_state_shown: true,
            pause_denies_access: false,
            ingestion_time: Span::seconds(1_800),
            knowledge_change: Span::seconds(3),
            knowledge_deletion: Span::seconds(30),
            linked_drafts_hold_knowledge_bases: true,
            empty_knowledge_base_needs_role: false,
            deleting_while_ingesting_conflicts: true,
            stopping_ended_job_conflicts: true,
            update_while_ingesting_conflicts: false,
            model_change: Span::seconds(5),
            model_deletion: Span::seconds(20),
            guardrail_update_replaces: true,
            committed_throughput_conflicts: true,
            deny_only_trust_refused: false,
            absent_boundary_refused: true,
            q_change: Span::seconds(4),
            q_deletion: Span::seconds(20),
            q_user_deletion: Span::seconds(1),
            q_sync: Span::seconds(3_600),
            q_contents_block_deletion: true,
            q_update_replaces: true,
            q_sync_blocks_update: true,
            q_stop_without_sync_conflicts: false,
            q_sync_blocks_deletion: true,
            q_documents_of_all: true,
            q_source_documents_refused: true,
            q_absent_documents_fail: true,
            q_deleted_documents_listed: false,
            q_empty_message_clears: true,
            q_conversations_by_name: false,
            cases_per_hour: 10,
            support_in_japanese: true,
        }
    }
}
