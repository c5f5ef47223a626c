//! What people are told about an incident.

use serde::{Serialize, Serializer};

use crate::autopilot::entry::Outcome;
use crate::base::{AccountId, Digest, IncidentId, Phase, RunId, on_screen_within};

/// The format of a notice.
const FORMAT: u32 = 1;
/// How wide a name is told.
const NAME: usize = 200;
/// How wide a reason is told.
const REASON: usize = 1000;
/// How wide a path or a command is told: as long as any that works.
const PATH: usize = 4096;

/// What people are told about an incident that was contained or waits for them: names and digests, and nothing of what an event says. Whoever
/// reads it may see it in a terminal or a chat, so no text in it can change what a screen says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The incident.
    pub incident: IncidentId,
    /// The trigger that has matched.
    #[serde(serialize_with = "name")]
    pub trigger: String,
    /// The runbook.
    #[serde(serialize_with = "name")]
    pub runbook: String,
    /// What was detected: the type of a finding, or the API that was called.
    #[serde(serialize_with = "name")]
    pub detected: String,
    /// What it came to.
    pub outcome: Outcome,
    /// The account that it is about, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The run, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Why it came to that, as a fragment.
    #[serde(serialize_with = "reason")]
    pub why: String,
    /// The plans that wait for a person.
    pub plans: Vec<WaitingPlan>,
    /// What a person does next, as a command.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "command")]
    pub next: Option<String>,
}

/// A plan that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitingPlan {
    /// The file.
    #[serde(serialize_with = "path")]
    pub path: String,
    /// The digest of the plan, which is what is approved.
    pub digest: Digest,
    /// The phase.
    pub phase: Phase,
    /// How many of its steps can be taken back.
    pub reversible: usize,
    /// How many cannot.
    pub irreversible: usize,
}

/// A notice as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    format: u32,
    #[serde(flatten)]
    notice: &'a Notice,
}

impl Notice {
    /// The notice as JSON in one line, of format 1.
    pub fn json(&self) -> String {
        serde_json::to_string(&Sent { format: FORMAT, notice: self }).expect("texts, numbers and lists")
    }
}

fn name<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&on_screen_within(text, NAME))
}

fn reason<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&on_screen_within(text, REASON))
}

fn path<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&on_screen_within(text, PATH))
}

fn command<S: Serializer>(text: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    text.as_ref().map(|text| on_screen_within(text, PATH)).serialize(to)
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A notice in which every text is this one.
    pub(in crate::autopilot::notices) fn notice(text: &str) -> Notice {
        Notice {
            incident: IncidentId::new("detected-0123456789ab").expect("an incident"),
            trigger: text.to_owned(),
            runbook: text.to_owned(),
            detected: text.to_owned(),
            outcome: Outcome::PartlyContained,
            account: Some("111122223333".parse().expect("an account")),
            run: Some("0123456789ab".parse().expect("a run")),
            why: text.to_owned(),
            plans: vec![WaitingPlan {
                path: text.to_owned(),
                digest: Digest::of_bytes(b"plan"),
                phase: Phase::Eradicate,
                reversible: 3,
                irreversible: 1,
            }],
            next: Some(text.to_owned()),
        }
    }

    #[test]
    fn it_is_json_of_format_1() {
        let told: Value = serde_json::from_str(&notice("x y").json()).expect("JSON");
        let plan = json!({
            "path": "x y",
            "digest": Digest::of_bytes(b"plan"),
            "phase": "eradicate",
            "reversible": 3,
            "irreversible": 1,
        });
        let wanted = json!({
            "format": 1,
            "incident": "detected-0123456789ab",
            "trigger": "x y",
            "runbook": "x y",
            "detected": "x y",
            "outcome": "partly-contained",
            "account": "111122223333",
            "run": "0123456789ab",
            "why": "x y",
            "plans": [plan],
            "next": "x y",
        });
        assert_eq!(told, wanted);
        let less = Notice { account: None, run: None, next: None, plans: vec![], ..notice("x") };
        let told: Value = serde_json::from_str(&less.json()).expect("JSON");
        assert_eq!(told.as_object().expect("an object").len(), 7 + 1, "what is not known is not there: {told}");
    }

    fn texts<'a>(value: &'a Value, all: &mut Vec<&'a str>) {
        match value {
            Value::String(text) => all.push(text),
            Value::Array(items) => items.iter().for_each(|item| texts(item, all)),
            Value::Object(members) => members.values().for_each(|member| texts(member, all)),
            _ => {}
        }
    }

    #[test]
    fn no_name_can_change_what_a_screen_says() {
        let hostile = format!("a\u{1b}[2K\r\n\u{202e}b\u{200b}\u{9b}{}", "x".repeat(10_000));
        let told: Value = serde_json::from_str(&notice(&hostile).json()).expect("JSON");
        let mut all = Vec::new();
        texts(&told, &mut all);
        let cut = all.iter().filter(|text| text.ends_with('…')).count();
        assert_eq!(cut, 6, "every text that may be hostile is cut, with a sign: {all:?}");
        for text in all {
            let bad = text.chars().find(|c| c.is_control() || ['\u{202e}', '\u{200b}'].contains(c));
            assert!(bad.is_none() && text.chars().count() <= PATH, "{text}");
        }
    }
}
