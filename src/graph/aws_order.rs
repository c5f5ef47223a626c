//! What is known about order: the rows by which hazard edges are made, each with its reason.
//!
//! Rows are few on purpose. Where two containments do not depend on each other they run at the same time.
//!
//! A deny waits for nobody's answer: where what should come before it stands behind a gate, and the deny does not, there is no
//! edge.
//!
//! No row has a delay: the window in which IAM does not yet agree about a trust lock or a key is covered by the cut-off of the
//! revoke that follows, which is cheaper than a first deny that waits.

use crate::base::Touch;

/// One row: what comes first, what comes then, on what, and why.
#[derive(Debug, PartialEq)]
pub struct Rule {
    /// The name, for plans and drawings.
    pub name: &'static str,
    /// Why, in one sentence.
    pub why: &'static str,
    pub(super) first: Side,
    pub(super) then: Side,
    pub(super) on: Ground,
}

impl Rule {
    /// Whether what comes then is a deny: the order makes it better, and is no reason for it to wait for a person.
    pub(super) fn is_for_a_deny(&self) -> bool {
        self.then == Side::Action("iam.revoke-sessions")
    }
}

/// Which steps stand on one side of a row.
#[derive(Debug, PartialEq)]
pub(super) enum Side {
    /// Steps of an action.
    Action(&'static str),
    /// Steps whose action declares that it does one of these to the thing.
    Touching(&'static [Touch]),
}

/// What the two steps have in common.
#[derive(Debug, PartialEq)]
pub(super) enum Ground {
    /// They are about the same thing.
    SameThing,
    /// The first is about a thing below that of the second.
    ChildThing,
    /// They are of one phase; what they are about does not matter. The order is a preference: it gives way to the
    /// author's, and the second waits for one of the first only.
    Phase,
}

/// All rows.
pub const RULES: &[Rule] = &[
    Rule {
        name: "trust-lock-before-revoke",
        why: "whoever can still take on the role gets a session younger than the cut-off; the cut-off then covers the time \
              until the lock is seen everywhere",
        first: Side::Action("iam.lock-trust"),
        then: Side::Action("iam.revoke-sessions"),
        on: Ground::SameThing,
    },
    Rule {
        name: "keys-before-revoke",
        why: "whoever still has a working key gets a session younger than the cut-off; the cut-off then covers the time \
              until the key is refused everywhere",
        first: Side::Action("iam.deactivate-access-keys"),
        then: Side::Action("iam.revoke-sessions"),
        on: Ground::SameThing,
    },
    Rule {
        name: "service-credentials-before-revoke",
        why: "an API key of Amazon Bedrock is no session, and starts work that the cut-off does not reach",
        first: Side::Action("iam.deactivate-service-credentials"),
        then: Side::Action("iam.revoke-sessions"),
        on: Ground::SameThing,
    },
    Rule {
        name: "keys-before-deletion",
        why: "an inactive key can be given back to what still needed it, and quell deletes no key that is active",
        first: Side::Action("iam.deactivate-access-keys"),
        then: Side::Action("iam.delete-access-key"),
        on: Ground::Phase,
    },
    Rule {
        name: "agents-before-their-role",
        why: "what works with a role can be deleted cleanly only while the role is there",
        first: Side::Action("bedrock.delete-agent"),
        then: Side::Action("iam.delete-role"),
        on: Ground::Phase,
    },
    Rule {
        name: "q-applications-before-their-role",
        why: "what works with a role can be deleted cleanly only while the role is there",
        first: Side::Action("q.delete-application"),
        then: Side::Action("iam.delete-role"),
        on: Ground::Phase,
    },
    Rule {
        name: "knowledge-bases-before-their-role",
        why: "AWS erases the data of a knowledge base with its service role, and leaves it behind where the role has gone",
        first: Side::Action("bedrock.delete-knowledge-base"),
        then: Side::Action("iam.delete-role"),
        on: Ground::Phase,
    },
    Rule {
        name: "q-data-sources-before-their-role",
        why: "a connector takes its documents out of the index with its role",
        first: Side::Action("q.delete-data-source"),
        then: Side::Action("iam.delete-role"),
        on: Ground::Phase,
    },
    Rule {
        name: "q-retrievers-before-their-role",
        why: "a retriever asks an Amazon Kendra index with its role as long as it is there",
        first: Side::Action("q.delete-retriever"),
        then: Side::Action("iam.delete-role"),
        on: Ground::Phase,
    },
    Rule {
        name: "data-sources-before-their-role",
        why: "AWS erases the data of a data source with the service role, and leaves it behind where the role has gone",
        first: Side::Action("bedrock.delete-data-source"),
        then: Side::Action("iam.delete-role"),
        on: Ground::Phase,
    },
    Rule {
        name: "q-retrievers-before-their-index",
        why: "a retriever that looks into an index keeps it in use",
        first: Side::Action("q.delete-retriever"),
        then: Side::Action("q.delete-index"),
        on: Ground::Phase,
    },
    Rule {
        name: "knowledge-bases-before-a-trust-lock",
        why: "AWS cannot erase the data of a knowledge base with a service role that it may no longer take on",
        first: Side::Action("bedrock.delete-knowledge-base"),
        then: Side::Action("iam.lock-trust"),
        on: Ground::Phase,
    },
    Rule {
        name: "data-sources-before-a-trust-lock",
        why: "AWS cannot erase the data of a data source with a service role that it may no longer take on",
        first: Side::Action("bedrock.delete-data-source"),
        then: Side::Action("iam.lock-trust"),
        on: Ground::Phase,
    },
    Rule {
        name: "q-applications-before-a-trust-lock",
        why: "Amazon Q Business cannot tidy up with a service role that it may no longer take on",
        first: Side::Action("q.delete-application"),
        then: Side::Action("iam.lock-trust"),
        on: Ground::Phase,
    },
    Rule {
        name: "q-data-sources-before-a-trust-lock",
        why: "a connector cannot take its documents out of the index with a role that it may no longer take on",
        first: Side::Action("q.delete-data-source"),
        then: Side::Action("iam.lock-trust"),
        on: Ground::Phase,
    },
    Rule {
        name: "q-retrievers-before-a-trust-lock",
        why: "a retriever cannot be taken down cleanly with a role that it may no longer take on",
        first: Side::Action("q.delete-retriever"),
        then: Side::Action("iam.lock-trust"),
        on: Ground::Phase,
    },
    Rule {
        name: "syncs-stop-before-sources-go",
        why: "AWS refuses to delete a data source whose sync is under way",
        first: Side::Action("bedrock.stop-ingestion"),
        then: Side::Action("bedrock.delete-data-source"),
        on: Ground::Phase,
    },
    Rule {
        name: "q-syncs-stop-before-sources-go",
        why: "a synchronisation puts documents back while its data source is being deleted",
        first: Side::Action("q.stop-sync"),
        then: Side::Action("q.delete-data-source"),
        on: Ground::Phase,
    },
    Rule {
        name: "deny-before-the-log-is-back",
        why: "whoever may switch the log of model invocations off can do so again until the deny holds",
        first: Side::Action("iam.deny-ai-services"),
        then: Side::Action("bedrock.restore-invocation-logging"),
        on: Ground::Phase,
    },
    Rule {
        name: "policies-after-those-who-have-them",
        why: "a user or role that goes takes what it has along, and needs no call of its own for it",
        first: Side::Action("iam.delete-user"),
        then: Side::Action("iam.delete-policy"),
        on: Ground::Phase,
    },
    Rule {
        name: "pause-before-tools-go",
        why: "tools go from the draft alone, and live aliases keep them: an agent that is paused calls none meanwhile",
        first: Side::Action("bedrock.pause-agent"),
        then: Side::Action("bedrock.disable-agent-tools"),
        on: Ground::SameThing,
    },
    Rule {
        name: "pause-before-delete",
        why: "deleting takes minutes in which an agent that is not paused still answers",
        first: Side::Action("bedrock.pause-agent"),
        then: Side::Action("bedrock.delete-agent"),
        on: Ground::SameThing,
    },
    Rule {
        name: "destroy-last",
        why: "what is destroyed can be neither read as evidence nor changed any more",
        first: Side::Touching(&[Touch::Reads, Touch::Changes]),
        then: Side::Touching(&[Touch::Destroys]),
        on: Ground::SameThing,
    },
    Rule {
        name: "children-before-parents",
        why: "AWS refuses to delete what still has children, or takes them along unseen",
        first: Side::Touching(&[Touch::Reads, Touch::Changes, Touch::Destroys]),
        then: Side::Touching(&[Touch::Destroys]),
        on: Ground::ChildThing,
    },
    Rule {
        name: "deny-before-case",
        why: "a case takes minutes to write and read, and can then say what was already done",
        first: Side::Action("iam.revoke-sessions"),
        then: Side::Action("support.open-case"),
        on: Ground::Phase,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_named_once_and_have_reasons() {
        let names: std::collections::BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        assert!(RULES.iter().all(|rule| !rule.why.is_empty()));
    }

    #[test]
    fn rows_name_actions_that_exist() {
        for rule in RULES {
            for side in [&rule.first, &rule.then] {
                if let Side::Action(name) = side {
                    assert!(crate::actions::registry().action(name).is_some(), "{name}");
                }
            }
        }
    }
}
