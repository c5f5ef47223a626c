//! `cloudtrail.created-by`: what somebody created, changed and deleted.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::trail_events::trail_events;
use super::{Actor, Answer, Assignment, Look, LookError, Query};
use crate::aws::{EventBy, LookupEvents, Operation, Request, TRAIL_LAG, TrailResource};
use crate::base::Region;

/// What somebody created, changed and deleted.
pub struct CreatedBy;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Who: the id of an access key, or the ARN of a session, a role or a user.
    pub by: Actor,
    /// At this moment or later. CloudTrail remembers 90 days.
    pub since: Timestamp,
    /// Before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// In this service, as CloudTrail names it, such as `bedrock.amazonaws.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What a call does to what it is about, as its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// It makes something, or starts it.
    Created,
    /// It changes something.
    Changed,
    /// It takes something away, or ends it.
    Deleted,
}

/// Something that was done.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// CloudTrail's id of the event.
    pub event: String,
    /// When.
    pub at: Timestamp,
    /// What kind of deed.
    pub deed: Deed,
    /// The service, such as `bedrock.amazonaws.com`.
    pub source: String,
    /// The operation, such as `CreateAgent`.
    pub name: String,
    /// The Region.
    pub region: Region,
    /// The ARN of who did it; of a session its own.
    pub who: String,
    /// The id of the key that it was done with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// From which address, or through which service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The names, ids and ARNs that the request and the reply tell.
    pub about: Vec<String>,
    /// What CloudTrail itself counts as concerned.
    pub resources: Vec<TrailResource>,
}

impl Query for CreatedBy {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "cloudtrail.created-by";
    const SUMMARY: &'static str = "What a key, session, role or user created, changed and deleted";
    const PAGE: &'static str = include_str!("cloudtrail_created_by.md");
    const READS: &'static [&'static Operation] = &[LookupEvents::OPERATION];
    const REGIONAL: bool = true;
    const LAG: Option<SignedDuration> = Some(TRAIL_LAG);

    fn key(&self, item: &Item) -> String {
        item.event.clone()
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let region = of_region(region)?;
        let by = match &input.by {
            Actor::Key(key) => EventBy::AccessKey(key.to_string()),
            Actor::Session { name, .. } => EventBy::User(name.clone()),
            // CloudTrail finds sessions by their own names only, which whoever starts one chooses.
            Actor::Role(_) | Actor::User { .. } | Actor::Root(_) => EventBy::ReadOnly(false),
        };
        let (from, to) = (Some(input.since), input.until);
        let found =
            trail_events(look, LookupEvents { region: region.clone(), by: Some(by), from, to, next: None }).await?;
        let mut items: Vec<Item> = found
            .events
            .into_iter()
            .filter(|event| !event.read_only && event.error_code.is_none() && input.by.is(&event.who))
            .filter(|event| input.until.is_none_or(|until| event.time < until) && event.time >= input.since)
            .filter(|event| input.source.as_ref().is_none_or(|source| *source == event.source))
            .map(|event| Item {
                deed: deed(&event.name),
                about: named(&[&event.request, &event.response]),
                who: event.who.name().to_owned(),
                event: event.id,
                at: event.time,
                source: event.source,
                name: event.name,
                region: region.clone(),
                access_key: event.who.access_key,
                from: event.source_ip,
                resources: event.resources,
            })
            .collect();
        items.sort_by(|one, other| (one.at, &one.event).cmp(&(other.at, &other.event)));
        Ok(Answer { items, truncated: found.truncated })
    }
}

/// What a call does, by the verb in its name.
fn deed(name: &str) -> Deed {
    const CREATES: &[&str] = &["Create", "Copy", "Import", "Issue", "Register", "Request", "Run", "Start", "Upload"];
    const DELETES: &[&str] = &[
        "Cancel",
        "Deactivate",
        "Delete",
        "Deregister",
        "Detach",
        "Disable",
        "Disassociate",
        "Purge",
        "Release",
        "Remove",
        "Revoke",
        "Stop",
        "Terminate",
    ];
    let starts = |verbs: &[&str]| verbs.iter().any(|verb| name.starts_with(verb));
    match (starts(CREATES), starts(DELETES)) {
        (true, _) => Deed::Created,
        (_, true) => Deed::Deleted,
        _ => Deed::Changed,
    }
}

/// The values of members that name something, in the order in which they stand, each once.
fn named(places: &[&serde_json::Value]) -> Vec<String> {
    fn collect(value: &serde_json::Value, into: &mut Vec<String>) {
        let serde_json::Value::Object(members) = value else { return };
        for (member, value) in members {
            let names = ["Name", "Id", "Arn", "name", "id", "arn"].iter().any(|ending| member.ends_with(ending));
            match value.as_str() {
                Some(text) if names && !into.iter().any(|known| known == text) => into.push(text.to_owned()),
                _ => collect(value, into),
            }
        }
    }
    let mut names = Vec::new();
    places.iter().for_each(|place| collect(place, &mut names));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verb_tells_the_deed() {
        let deeds = [
            ("CreateAgent", Deed::Created),
            ("StartIngestionJob", Deed::Created),
            ("PutRolePolicy", Deed::Changed),
            ("UpdateAccessKey", Deed::Changed),
            ("AttachUserPolicy", Deed::Changed),
            ("DetachRolePolicy", Deed::Deleted),
            ("DeleteAgent", Deed::Deleted),
        ];
        for (name, of) in deeds {
            assert_eq!(deed(name), of, "{name}");
        }
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        let request = serde_json::json!({ "userName": "u", "description": "d" });
        let reply = serde_json::json!({ "accessKey": { "accessKeyId": "AKIA", "userName": "u", "status": "Active" } });
        assert_eq!(named(&[&request, &reply]), ["u", "AKIA"]);
        assert!(named(&[&serde_json::Value::Null]).is_empty());
    }
}
