//! Every action and query serves an incident: a shipped runbook uses it, so that a rehearsal plays it, or a reason stands here.

use std::collections::BTreeSet;

use quell::actions::registry;
use quell::graph::check;
use quell::runbook::{Source, Work, embedded, shipped};

/// What no shipped runbook uses, and why.
const IN_NO_RUNBOOK: &[(&str, &str)] = &[
    ("iam.create-role", "what a workload may do is for its owner to write, as a policy that no parameter holds"),
    (
        "iam.deactivate-signing-certificates",
        "found by `iam.persistence`, and until then iam.deny-everything refuses them too",
    ),
    ("iam.deactivate-ssh-keys", "found by `iam.persistence`, and until then iam.deny-everything refuses them too"),
    ("iam.delete-policy", "for what `iam.persistence` finds, one by one: a policy may have got other users since"),
    ("iam.delete-role", "for what `iam.persistence` finds, one by one: Amazon Bedrock may still need the role"),
    (
        "iam.last-accessed",
        "asked before a runbook is chosen: what a runbook contains by must not be four hours late, as this is",
    ),
    ("iam.persistence", "shown to people, who decide what of it is the intruder's"),
    ("iam.policies", "lists every policy of a name or time; `iam.persistence` finds those that an intruder made"),
    (
        "iam.quarantine",
        "AWS's own quarantine leaves agents, Amazon Q and API keys open; runbooks take a deny that does not",
    ),
    (
        "iam.restore-policy-version",
        "for what `iam.persistence` finds, one by one: the version from before may be wrong as well",
    ),
    ("iam.roles", "lists every role of a name or time; `iam.persistence` finds those that an intruder made"),
];

fn used() -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for name in embedded() {
        let one = shipped(name).expect("it is shipped");
        let (runbook, _) = check(Source::new(one.name, one.text), registry()).runbook.expect("a sound runbook");
        for step in runbook.steps() {
            if let Work::Action { name, .. } | Work::Query { name, .. } = &step.work {
                used.insert(name.clone());
            }
        }
    }
    used
}

#[test]
fn what_no_runbook_uses_has_a_reason_and_nothing_else_does() {
    let used = used();
    let names = registry().actions().map(|one| one.name()).chain(registry().queries().map(|one| one.name()));
    let unused: Vec<&str> = names.filter(|name| !used.contains(*name)).collect::<BTreeSet<_>>().into_iter().collect();
    let listed: Vec<&str> = IN_NO_RUNBOOK.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed, unused, "the list differs from what no shipped runbook uses");
    assert!(IN_NO_RUNBOOK.iter().all(|(_, why)| why.len() > 20), "a reason is missing");
}
