//! What is known about order: the rows by which hazard edges are made, each with its reason.
//!
//! Rows are few on purpose. Where two containments do not depend on each other they run at the same time.
//!
//! A deny waits for nobody's answer: where what should come before it stands behind a gate, and the deny does not, there is no
//! edge.
//!
//! No row has a delay: the window in which IAM does not yet agree about a trust lock or a key is covered by the cut-off of the
//! revoke that follows, which is cheaper than a first deny that waits.

use crate::base::{Entity, EntityKind, Touch};

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
        self.then == Side::Of(&["iam.revoke-sessions"])
    }

    /// Whether the order is kept once one step of the first kind has come before: the rest of them may come later. What is
    /// gone can be neither read nor changed, however often it was before, and a new key is deactivated with all the others.
    pub(super) fn is_kept_by_one(&self) -> bool {
        matches!(self.first, Side::Of(_)) && self.then != Side::Of(&["iam.create-access-key"])
    }
}

/// Which steps stand on one side of a row.
#[derive(Debug, PartialEq)]
pub(super) enum Side {
    /// Steps of these actions.
    Of(&'static [&'static str]),
    /// Steps that do one of these to a thing.
    Touching(&'static [Touch]),
    /// Steps that change something of the account, and destroy nothing.
    Containing,
    /// Steps that change or destroy something of the account.
    Acting,
    /// Steps that destroy something that can work with a role.
    Workload,
}

impl Side {
    /// Whether a step stands here for what it does to one thing.
    pub(super) fn has(&self, action: &str, entity: &Entity, touch: Touch) -> bool {
        // What is said to AWS Support changes nothing of the account.
        let of_account = touch != Touch::Reads && entity.kind != EntityKind::SupportCase;
        match self {
            Self::Of(actions) => actions.contains(&action),
            Self::Touching(touches) => touches.contains(&touch),
            Self::Containing => of_account && touch != Touch::Destroys,
            Self::Acting => of_account,
            Self::Workload => touch == Touch::Destroys && works_with_roles(entity),
        }
    }

    /// Whether a step stands here for all that it does.
    pub(super) fn takes(&self, action: &str, touches: &[(Entity, Touch)]) -> bool {
        let destroys = touches.iter().any(|(_, touch)| *touch == Touch::Destroys);
        touches.iter().any(|(entity, touch)| self.has(action, entity, *touch))
            && !(*self == Self::Containing && destroys)
    }
}

/// Whether a thing is one for which AWS takes on a role, as against those who are let in and what lets them in.
fn works_with_roles(entity: &Entity) -> bool {
    let kind = entity.root().kind;
    ![EntityKind::User, EntityKind::Role, EntityKind::Group, EntityKind::ManagedPolicy].contains(&kind)
}

/// What the two steps have in common.
#[derive(Debug, PartialEq)]
pub(super) enum Ground {
    /// They are about the same thing.
    SameThing,
    /// The first is about a thing below that of the second.
    ChildThing,
    /// They are about the same thing, or one about a thing below that of the other.
    OneLine,
    /// They are of one phase; what they are about does not matter. The order is a preference: it gives way to the author's.
    Phase,
    /// [`OneLine`](Self::OneLine) where that is known, and otherwise [`Phase`](Self::Phase).
    OneLineOrPhase,
    /// The second is about the role with which AWS works for what the first is about. Only the plan knows that; in the graph
    /// it is as [`Phase`](Self::Phase).
    ItsRole,
}

impl Ground {
    /// Whether it makes a preference where nothing is known of the things.
    pub(super) fn is_preferred(&self) -> bool {
        matches!(self, Self::Phase | Self::OneLineOrPhase | Self::ItsRole)
    }
}

/// The row by which a step comes before one that takes the role of its thing away.
pub fn before_its_role(first: (&str, &[(Entity, Touch)]), then: (&str, &[(Entity, Touch)])) -> Option<&'static Rule> {
    RULES
        .iter()
        .filter(|rule| rule.on == Ground::ItsRole)
        .find(|rule| rule.first.takes(first.0, first.1) && rule.then.takes(then.0, then.1))
}

/// What takes permissions from somebody.
const DENIES: &[&str] = &[
    "iam.deny-ai-services",
    "iam.deny-everything",
    "iam.deny-from-outside",
    "iam.deny-session",
    "iam.deny-session-started-at",
    "iam.quarantine",
    "iam.revoke-sessions",
];

/// All rows.
pub const RULES: &[Rule] = &[
    Rule {
        name: "trust-lock-before-revoke",
        why: "whoever can still take on the role gets a session younger than the cut-off; the cut-off then covers the time \
              until the lock is seen everywhere",
        first: Side::Of(&["iam.lock-trust"]),
        then: Side::Of(&["iam.revoke-sessions"]),
        on: Ground::SameThing,
    },
    Rule {
        name: "keys-before-revoke",
        why: "whoever still has a working key gets a session younger than the cut-off; the cut-off then covers the time \
              until the key is refused everywhere",
        first: Side::Of(&["iam.deactivate-access-keys"]),
        then: Side::Of(&["iam.revoke-sessions"]),
        on: Ground::OneLine,
    },
    Rule {
        name: "keys-before-a-new-one",
        why: "a step that deactivates every key of a user deactivates the new one as well, unless `only` names the old ones",
        first: Side::Of(&["iam.deactivate-access-keys"]),
        then: Side::Of(&["iam.create-access-key"]),
        on: Ground::SameThing,
    },
    Rule {
        name: "service-credentials-before-revoke",
        why: "an API key of Amazon Bedrock is no session, and starts work that the cut-off does not reach",
        first: Side::Of(&["iam.deactivate-service-credentials"]),
        then: Side::Of(&["iam.revoke-sessions"]),
        on: Ground::SameThing,
    },
    Rule {
        name: "keys-before-deletion",
        why: "an inactive key can be given back to what still needed it, and quell deletes no key that is active",
        first: Side::Of(&["iam.deactivate-access-keys"]),
        then: Side::Of(&["iam.delete-access-key"]),
        on: Ground::OneLineOrPhase,
    },
    Rule {
        name: "knowledge-bases-before-their-role",
        why: "AWS erases the data of a knowledge base with its service role, and leaves it behind where the role has gone",
        first: Side::Of(&["bedrock.delete-knowledge-base"]),
        then: Side::Of(&["iam.delete-role"]),
        on: Ground::ItsRole,
    },
    Rule {
        name: "q-data-sources-before-their-role",
        why: "a connector takes its documents out of the index with its role",
        first: Side::Of(&["q.delete-data-source"]),
        then: Side::Of(&["iam.delete-role"]),
        on: Ground::ItsRole,
    },
    Rule {
        name: "q-retrievers-before-their-role",
        why: "a retriever asks an Amazon Kendra index with its role as long as it is there",
        first: Side::Of(&["q.delete-retriever"]),
        then: Side::Of(&["iam.delete-role"]),
        on: Ground::ItsRole,
    },
    Rule {
        name: "data-sources-before-their-role",
        why: "AWS erases the data of a data source with the service role, and leaves it behind where the role has gone",
        first: Side::Of(&["bedrock.delete-data-source"]),
        then: Side::Of(&["iam.delete-role"]),
        on: Ground::ItsRole,
    },
    Rule {
        name: "roles-last",
        why: "what works with a role can be deleted cleanly only while the role is there",
        first: Side::Workload,
        then: Side::Of(&["iam.delete-role"]),
        on: Ground::ItsRole,
    },
    Rule {
        name: "q-retrievers-before-their-index",
        why: "a retriever that looks into an index keeps it in use",
        first: Side::Of(&["q.delete-retriever"]),
        then: Side::Of(&["q.delete-index"]),
        on: Ground::Phase,
    },
    Rule {
        name: "knowledge-bases-before-a-trust-lock",
        why: "AWS cannot erase the data of a knowledge base with a service role that it may no longer take on",
        first: Side::Of(&["bedrock.delete-knowledge-base"]),
        then: Side::Of(&["iam.lock-trust"]),
        on: Ground::ItsRole,
    },
    Rule {
        name: "data-sources-before-a-trust-lock",
        why: "AWS cannot erase the data of a data source with a service role that it may no longer take on",
        first: Side::Of(&["bedrock.delete-data-source"]),
        then: Side::Of(&["iam.lock-trust"]),
        on: Ground::ItsRole,
    },
    Rule {
        name: "q-applications-before-a-trust-lock",
        why: "Amazon Q Business cannot tidy up with a service role that it may no longer take on",
        first: Side::Of(&["q.delete-application"]),
        then: Side::Of(&["iam.lock-trust"]),
        on: Ground::ItsRole,
    },
    Rule {
        name: "q-data-sources-before-a-trust-lock",
        why: "a connector cannot take its documents out of the index with a role that it may no longer take on",
        first: Side::Of(&["q.delete-data-source"]),
        then: Side::Of(&["iam.lock-trust"]),
        on: Ground::ItsRole,
    },
    Rule {
        name: "q-retrievers-before-a-trust-lock",
        why: "a retriever cannot be taken down cleanly with a role that it may no longer take on",
        first: Side::Of(&["q.delete-retriever"]),
        then: Side::Of(&["iam.lock-trust"]),
        on: Ground::ItsRole,
    },
    Rule {
        name: "syncs-stop-before-sources-go",
        why: "AWS refuses to delete a data source whose sync is under way",
        first: Side::Of(&["bedrock.stop-ingestion"]),
        then: Side::Of(&["bedrock.delete-data-source"]),
        on: Ground::OneLineOrPhase,
    },
    Rule {
        name: "q-syncs-stop-before-sources-go",
        why: "a synchronisation puts documents back while its data source is being deleted",
        first: Side::Of(&["q.stop-sync"]),
        then: Side::Of(&["q.delete-data-source"]),
        on: Ground::OneLineOrPhase,
    },
    Rule {
        name: "deny-before-the-log-is-back",
        why: "whoever may switch the log of model invocations off can do so again until the deny holds",
        first: Side::Of(DENIES),
        then: Side::Of(&["bedrock.restore-invocation-logging"]),
        on: Ground::Phase,
    },
    Rule {
        name: "deny-before-what-was-made-goes",
        why: "whoever made it makes it again until the deny holds",
        first: Side::Of(DENIES),
        then: Side::Workload,
        on: Ground::Phase,
    },
    Rule {
        name: "policies-after-those-who-have-them",
        why: "a user or role that goes takes what it has along, and needs no call of its own for it",
        first: Side::Of(&["iam.delete-user", "iam.delete-role"]),
        then: Side::Of(&["iam.delete-policy"]),
        on: Ground::Phase,
    },
    Rule {
        name: "deployments-before-throughput",
        why: "AWS takes no throughput back while a custom model is deployed with it",
        first: Side::Of(&["bedrock.delete-custom-model-deployment"]),
        then: Side::Of(&["bedrock.delete-provisioned-throughput"]),
        on: Ground::Phase,
    },
    Rule {
        name: "pause-before-tools-go",
        why: "tools go from the draft alone, and live aliases keep them: an agent that is paused calls none meanwhile",
        first: Side::Of(&["bedrock.pause-agent"]),
        then: Side::Of(&["bedrock.disable-agent-tools"]),
        on: Ground::SameThing,
    },
    Rule {
        name: "pause-before-delete",
        why: "deleting takes minutes in which an agent that is not paused still answers",
        first: Side::Of(&["bedrock.pause-agent"]),
        then: Side::Of(&["bedrock.delete-agent"]),
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
        name: "containment-before-case",
        why: "a case takes minutes to write and read, and can then say what was already done",
        first: Side::Containing,
        then: Side::Of(&["support.open-case", "support.update-case"]),
        on: Ground::Phase,
    },
    Rule {
        name: "denies-come-off-last",
        why: "what is still open when a deny comes off is open to the intruder as well",
        first: Side::Acting,
        then: Side::Of(&["iam.lift-denies"]),
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
                if let Side::Of(names) = side {
                    for name in *names {
                        assert!(crate::actions::registry().action(name).is_some(), "{name}");
                    }
                }
            }
        }
    }
}
