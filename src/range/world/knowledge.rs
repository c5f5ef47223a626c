//! How time changes knowledge bases.

use jiff::Timestamp;

use crate::range::model::{Caller, KnowledgeBase, Principal, Settled};

use super::{State, Verdict};

impl State {
    /// Says when the syncs end that are under way at the start.
    pub(super) fn begin_ingesting(&mut self, now: Timestamp) {
        let mut bases = std::mem::take(&mut self.account.knowledge_bases);
        let sources = bases.values_mut().flat_map(|base| base.sources.values_mut());
        for job in sources.flat_map(|source| source.jobs.values_mut()) {
            // FACT bases-ingestion-time
            job.due = Some(self.after(&format!("ingestion {}", job.id), self.knobs.ingestion_time.0, now));
        }
        self.account.knowledge_bases = bases;
    }

    /// Ends the transient statuses of knowledge bases that are due.
    pub(super) fn settle_knowledge(&mut self, when: Timestamp) {
        let mut bases = std::mem::take(&mut self.account.knowledge_bases);
        // FACT bases-deletion-needs-role
        let needs_role = self.knobs.empty_knowledge_base_needs_role;
        bases.retain(|_, base| {
            let works = self.lets_bedrock_in(base, when);
            base.settle(when, works, needs_role) == Settled::Stays
        });
        self.account.knowledge_bases = bases;
    }

    /// Whether Bedrock can take on the service role of a knowledge base.
    fn lets_bedrock_in(&mut self, base: &KnowledgeBase, at: Timestamp) -> bool {
        let arn = base.config.get("roleArn").and_then(|arn| arn.as_str()).unwrap_or_default();
        let name = arn.rsplit('/').next().unwrap_or_default();
        let Some(role) = self.account.roles.enforced(name, at).cloned() else { return false };
        let principal = Principal::Service { name: "bedrock.amazonaws.com".to_owned() };
        let caller = Caller::without_key(principal);
        self.authorizer.may_assume(&self.account, &caller, &role, None, at) == Verdict::Allowed
    }
}
