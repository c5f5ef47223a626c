//! From the text to the graph.

use std::sync::Arc;

use super::{Graph, compile};
use crate::actions::Registry;
use crate::runbook::{self, Diagnostics, Runbook, Source};

/// What came of checking a runbook.
#[derive(Debug)]
pub struct Checked {
    /// The runbook and its graph, unless a finding is an error.
    pub runbook: Option<(Runbook, Graph)>,
    /// All findings.
    pub diagnostics: Diagnostics,
    /// The text, for rendering them.
    pub source: Arc<Source>,
}

/// Checks a runbook: everything that its text, its types and its order tell, in one pass.
pub fn check(source: Source, registry: &Registry) -> Checked {
    let source = Arc::new(source);
    let (runbook, mut findings) = runbook::compile(source.clone(), registry);
    let made = runbook.and_then(|runbook| {
        let graph = compile::compile(&runbook, registry, &mut findings)?;
        Some((runbook, graph))
    });
    let diagnostics = Diagnostics::sorted(findings.into_list());
    Checked { runbook: made.filter(|_| !diagnostics.has_errors()), diagnostics, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::registry;
    use crate::runbook::{find, render};

    #[test]
    fn the_shipped_runbook_is_sound() {
        let checked = check(find("rogue-bedrock-agent").expect("it is embedded"), registry());
        assert_eq!(render(&checked.diagnostics, &checked.source, false), "");
        assert!(checked.runbook.is_some());
    }
}
