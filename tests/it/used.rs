//! Every action and query serves an incident: a shipped runbook uses it, so that a rehearsal plays it, or a reason stands here.

use std::collections::BTreeSet;

use quell::actions::registry;
use quell::graph::check;
use quell::runbook::{Source, Work, embedded, shipped};

/// What no shipped runbook uses, and why.
const IN_NO_RUNBOOK: &[(&str, &str)] = &[
    ("iam.create-role", "what a workload may do is for its owner to write, as a policy that no parameter holds"),
    (
        "iam.last-accessed",
        "asked before a runbook is chosen: what a runbook contains by must not be four hours late, as this is",
    ),
    ("iam.policies", "lists every policy of a name or time; `iam.persistence` finds those that an intruder made"),
    (
        "iam.quarantine",
        "AWS's own quarantine leaves agents, Amazon Q and API keys open; runbooks take a deny that does not",
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
