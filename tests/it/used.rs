//! Every action and query serves an incident: a shipped runbook uses it, so that a rehearsal plays it.

use std::collections::BTreeSet;

use quell::actions::registry;
use quell::graph::check;
use quell::runbook::{Source, Work, embedded, shipped};

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
fn a_shipped_runbook_uses_every_action_and_query() {
    let used = used();
    let names = registry().actions().map(|one| one.name()).chain(registry().queries().map(|one| one.name()));
    let unused: Vec<&str> = names.filter(|name| !used.contains(*name)).collect();
    assert_eq!(unused, Vec::<&str>::new());
}
