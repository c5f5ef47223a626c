//! Runbooks of any length.

use std::fmt::Write as _;

/// A sound runbook of so many steps: chains of ten, so that there is order to find and room for many at once.
pub(crate) fn runbook(steps: usize) -> String {
    let mut text = "quell: 1\nname: bench\ntitle: A runbook to measure\nsteps:\n".to_owned();
    for step in 0..steps {
        let after = if step % 10 == 0 { String::new() } else { format!(", after: [s{}]", step - 1) };
        let with = format!("with: {{user: u{step}}}");
        writeln!(text, "- {{id: s{step}, phase: contain, action: iam.deactivate-access-keys, {with}{after}}}")
            .expect("a text takes everything");
    }
    text
}
