//! What this version can do: actions, queries, runbooks.

use crate::runbook::Runbook;

use super::text::wrapped;

/// Names with one sentence each.
pub fn summaries_text<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let all: Vec<_> = all.into_iter().collect();
    let widest = all.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let rest = " ".repeat(widest + 2);
    all.iter().map(|(name, summary)| wrapped(&format!("{name:<widest$}  "), &rest, summary)).collect()
}

/// A reference page, ending with a new line.
pub fn page_text(page: &str) -> String {
    page.trim_end().to_owned() + "\n"
}

/// Runbooks: when to take each, and what it must be told.
pub fn runbooks_text<'a>(all: impl IntoIterator<Item = &'a Runbook>) -> String {
    let mut text = String::new();
    for runbook in all {
        text.push_str(&wrapped("", "     ", &format!("{}: {}", runbook.name(), runbook.title())));
        if let Some(when) = runbook.use_when() {
            text.push_str(&wrapped("     use when ", "       ", when));
        }
        for parameter in runbook.parameters() {
            let needed = if parameter.default.is_none() && !parameter.optional { ", needed" } else { "" };
            let about = parameter.description.as_deref().unwrap_or_default();
            let line = format!("{}={}{needed}: {about}", parameter.name, parameter.of);
            text.push_str(&wrapped("     ", "       ", &line));
        }
        let techniques = runbook.techniques();
        let ids: Vec<&str> =
            techniques.attack.iter().chain(&techniques.atlas).chain(&techniques.d3fend).map(String::as_str).collect();
        if !ids.is_empty() {
            text.push_str(&wrapped("     ", "       ", &ids.join(" ")));
        }
    }
    text
}
