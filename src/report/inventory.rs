//! What this version can do: actions, queries, runbooks.

use serde::Serialize;
use serde_json::{Value, json};

use super::text::wrapped;
use crate::actions::{AnyAction, AnyQuery};
use crate::aws::Operation;
use crate::base::Effect;
use crate::runbook::{Runbook, Techniques, shipped_triggers};

/// An action or query in a list.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// The service it is about, in AWS's words.
    pub service: &'static str,
    /// The weightiest effect of its calls.
    pub effect: &'static str,
    /// What it can break, in a sentence of its page.
    pub impact: String,
    /// How it is taken back, in a sentence of its page.
    pub undo: String,
}

/// The entry of an action.
pub fn entry_of_action(action: &dyn AnyAction) -> Entry {
    let sends = action.sends().iter().filter(|one| !action.own().contains(one)).copied();
    entry(action.name(), action.summary(), action.page(), sends)
}

/// The entry of a query.
pub fn entry_of_query(query: &dyn AnyQuery) -> Entry {
    entry(query.name(), query.summary(), query.page(), std::iter::empty())
}

fn entry(
    name: &'static str,
    summary: &'static str,
    page: &str,
    sends: impl Iterator<Item = &'static Operation>,
) -> Entry {
    let effect = sends.map(|operation| operation.effect).max().unwrap_or(Effect::Read);
    Entry {
        name,
        summary,
        service: service_of(name),
        effect: effect.as_str(),
        impact: first_sentence(page, "What it can break"),
        undo: first_sentence(page, "Undo"),
    }
}

/// The service that the first part of a name stands for.
fn service_of(name: &'static str) -> &'static str {
    let prefix = name.split('.').next().unwrap_or(name);
    match prefix {
        "account" => "AWS account",
        "bedrock" => "Amazon Bedrock",
        "cloudtrail" => "AWS CloudTrail",
        "iam" => "AWS IAM",
        "q" => "Amazon Q",
        "secretsmanager" => "AWS Secrets Manager",
        "support" => "AWS Support",
        other => other,
    }
}

/// The first sentence under a heading of a page, without its marks of Markdown.
fn first_sentence(page: &str, heading: &str) -> String {
    let body = page.split_once(&format!("\n## {heading}\n")).map_or("", |(_, after)| after.trim_start());
    let paragraph = body.split("\n\n").next().unwrap_or_default();
    let line = paragraph.split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
    let end = line.find(". ").map_or(line.len(), |end| end + 1);
    line[..end].replace('`', "")
}

/// Entries by service: what each does to the account and to legitimate use, and how it is taken back.
pub fn entries_text(all: impl IntoIterator<Item = Entry>) -> String {
    let mut all: Vec<Entry> = all.into_iter().collect();
    all.sort_by_key(|entry| (entry.service, entry.name));
    let mut text = String::new();
    let mut service = "";
    for entry in all {
        if entry.service != service {
            service = entry.service;
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{service}\n"));
        }
        text.push_str(&wrapped("  ", "    ", &format!("{}: {}", entry.name, entry.summary)));
        text.push_str(&wrapped("    effect  ", "            ", entry.effect));
        // Of what only reads there is nothing more to say.
        if entry.effect != Effect::Read.as_str() {
            text.push_str(&wrapped("    impact  ", "            ", &entry.impact));
            text.push_str(&wrapped("    undo    ", "            ", &entry.undo));
        }
    }
    text
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
        let asking = asking(runbook);
        if !asking.is_empty() {
            text.push_str(&wrapped("     ", "       ", &format!("triggers: {}", asking.join(" "))));
        }
        if let Some(category) = &runbook.classification().category {
            text.push_str(&wrapped("     ", "       ", &format!("kind: {category}")));
        }
        let Techniques { attack, atlas, d3fend } = runbook.techniques();
        for (framework, ids) in [("ATT&CK", attack), ("ATLAS", atlas), ("D3FEND", d3fend)] {
            if !ids.is_empty() {
                text.push_str(&wrapped("     ", "       ", &format!("{framework}: {}", ids.join(" "))));
            }
        }
    }
    text
}

/// The triggers that ask for a runbook: those that are part of the program, and its own.
fn asking(runbook: &Runbook) -> Vec<&str> {
    let shipped = shipped_triggers().iter().filter(|trigger| trigger.runbook == runbook.name());
    shipped.chain(runbook.triggers()).map(|trigger| trigger.name.as_str()).collect()
}

/// A runbook as programs read it in a list.
pub fn runbook_json(runbook: &Runbook) -> Value {
    let parameters: Vec<Value> = runbook
        .parameters()
        .iter()
        .map(|one| {
            json!({
                "name": one.name,
                "type": one.of.to_string(),
                "description": one.description,
                "needed": one.default.is_none() && !one.optional,
            })
        })
        .collect();
    json!({
        "name": runbook.name(),
        "title": runbook.title(),
        "use_when": runbook.use_when(),
        "classification": runbook.classification(),
        "techniques": runbook.techniques(),
        "triggers": asking(runbook),
        "parameters": parameters,
    })
}

/// Evidence queries: what each is for, and what it must be told.
pub fn evidence_text<'a>(all: impl IntoIterator<Item = (&'a str, String, Vec<&'a str>)>) -> String {
    let mut text = String::new();
    for (name, about, needs) in all {
        text.push_str(&wrapped("", "     ", &format!("{name}: {about}")));
        let needs: Vec<String> = needs.iter().map(|need| format!("{need}=…")).collect();
        text.push_str(&wrapped("     needs ", "           ", &needs.join(" ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::registry;

    #[test]
    fn every_action_says_its_effect_impact_and_undo() {
        for action in registry().actions() {
            let entry = entry_of_action(action);
            assert!(entry.effect != "read", "{} changes nothing", entry.name);
            for (what, text) in [("impact", &entry.impact), ("undo", &entry.undo)] {
                let sentence = text.ends_with('.') && !text.starts_with(['-', '|', '1']);
                assert!(sentence, "{}: its {what} is no sentence: `{text}`", entry.name);
            }
        }
        for query in registry().queries() {
            assert_eq!(entry_of_query(query).effect, "read");
        }
    }
}
