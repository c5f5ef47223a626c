//! `iam.sessions-of`: who assumed what from a key or session, and what was assumed from that.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::trail_events::{TrailFound, trail_events};
use super::{Actor, Answer, Assignment, Look, LookError, Query};
use crate::aws::{EventBy, ListRegions, LookupEvents, Operation, Request, TRAIL_LAG, TrailEvent};
use crate::base::{AccessKeyId, Region};

/// How many sessions are followed: each costs a look in every Region.
const MOST_SESSIONS: usize = 100;

/// The operations that start a session of a role by name.
const ASSUME: [&str; 3] = ["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"];

/// Who assumed what from a key or session.
pub struct SessionsOf;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Whose: the id of an access key, or the ARN of a session, a role or a user.
    pub of: Actor,
    /// Started at this moment or later. CloudTrail remembers 90 days; a session lives for 36 hours at most.
    pub since: Timestamp,
    /// Where AWS STS was called; every enabled Region unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<Region>,
}

/// A session.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id of its access key.
    pub key: AccessKeyId,
    /// The id of the key that it was started with; nothing where a service or an identity provider started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How many sessions lie between it and the one that was asked about, itself included: 1 or more.
    pub depth: u32,
    /// The operation, such as `AssumeRole`.
    pub operation: String,
    /// The ARN of the role, where it is a session of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The ARN of the session; of GetSessionToken that of the user.
    pub arn: String,
    /// When it was started.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Where AWS STS was called.
    pub region: Region,
    /// From which address, or by which service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// CloudTrail's id of the event.
    pub event: String,
}

/// What is known so far.
#[derive(Default)]
struct Chain {
    sessions: BTreeMap<AccessKeyId, Item>,
    truncated: Option<String>,
}

impl Query for SessionsOf {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "iam.sessions-of";
    const SUMMARY: &'static str = "Who assumed what from a key, session, role or user, and so on from there";
    const PAGE: &'static str = include_str!("iam_sessions_of.md");
    const READS: &'static [&'static Operation] = &[ListRegions::OPERATION, LookupEvents::OPERATION];
    const REGIONAL: bool = false;
    const LAG: Option<SignedDuration> = Some(TRAIL_LAG);

    fn key(&self, item: &Item) -> String {
        item.key.to_string()
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        _: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let regions = match input.regions.as_slice() {
            [] => look.ask_all(ListRegions { next: None }).await?,
            given => given.to_vec(),
        };
        let asks = |by| everywhere(look, &regions, by, input.since);
        let mut chain = Chain::default();
        let mut next = Vec::new();
        for by in ways_in(&input.of) {
            let is_it = |event: &TrailEvent| match &input.of {
                Actor::Role(arn) => event.request["roleArn"].as_str() == Some(arn.as_str()) || input.of.is(&event.who),
                of => of.is(&event.who),
            };
            next.extend(chain.add(asks(by).await?, 1, is_it));
        }
        // A session can be started from one that was started from it, so each key is followed once.
        let mut depth = 1;
        while !next.is_empty() {
            depth += 1;
            for key in std::mem::take(&mut next) {
                if chain.sessions.len() > MOST_SESSIONS {
                    let why = format!("more than {MOST_SESSIONS} sessions to follow; ask for a shorter time");
                    chain.truncated.get_or_insert(why);
                    break;
                }
                let found = asks(EventBy::AccessKey(key.to_string())).await?;
                let is_it = |event: &TrailEvent| event.who.access_key.as_deref() == Some(key.as_str());
                next.extend(chain.add(found, depth, is_it));
            }
        }
        let mut items: Vec<Item> = chain.sessions.into_values().collect();
        items.sort_by(|one, other| (one.issued_at, &one.key).cmp(&(other.issued_at, &other.key)));
        Ok(Answer { items, truncated: chain.truncated })
    }
}

/// By what the first sessions are found.
fn ways_in(of: &Actor) -> Vec<EventBy> {
    let name = |name: &str| EventBy::Name(name.to_owned());
    match of {
        Actor::Key(key) => vec![EventBy::AccessKey(key.to_string())],
        Actor::Session { name, .. } | Actor::User { name, .. } => vec![EventBy::User(name.clone())],
        Actor::Root(_) => vec![EventBy::User("root".to_owned())],
        // Whether an event lists the role as concerned is not promised; its request names it.
        Actor::Role(_) => ASSUME.map(name).to_vec(),
    }
}

/// Asks in every Region at once. A Region that does not let us look is said.
async fn everywhere(
    look: &Look<'_>,
    regions: &[Region],
    by: EventBy,
    since: Timestamp,
) -> Result<TrailFound, LookError> {
    let ask = |region: &Region| {
        let (region, by) = (region.clone(), Some(by.clone()));
        trail_events(look, LookupEvents { region, by, from: Some(since), to: None, next: None })
    };
    let mut all = TrailFound::default();
    for (region, answer) in regions.iter().zip(join_all(regions.iter().map(ask)).await) {
        match answer {
            Ok(found) => {
                all.events.extend(found.events);
                all.truncated = all.truncated.or(found.truncated);
            }
            Err(LookError::Fault(fault)) if regions.len() > 1 => {
                all.truncated = Some(format!("{region} was not read ({}); name the Regions to read", fault.code));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

impl Chain {
    /// Adds the sessions that events hand out, and gives the keys that are new.
    fn add(&mut self, found: TrailFound, depth: u32, is_it: impl Fn(&TrailEvent) -> bool) -> Vec<AccessKeyId> {
        self.truncated = self.truncated.take().or(found.truncated);
        let mut new = BTreeSet::new();
        for event in found.events.iter().filter(|event| is_it(event)) {
            match session(event, depth) {
                None => {}
                Some(Err(why)) => self.truncated = Some(why),
                Some(Ok(item)) if self.sessions.contains_key(&item.key) => {}
                Some(Ok(item)) => {
                    new.insert(item.key.clone());
                    self.sessions.insert(item.key.clone(), item);
                }
            }
        }
        new.into_iter().collect()
    }
}

/// The session that an event hands out, if it does.
fn session(event: &TrailEvent, depth: u32) -> Option<Result<Item, String>> {
    // How long a session lives where the request does not say.
    let (default, named) = match event.name.as_str() {
        "AssumeRole" | "AssumeRoleWithSAML" | "AssumeRoleWithWebIdentity" => (3_600, "/assumedRoleUser/arn"),
        "AssumeRoot" => (900, "/none"),
        "GetFederationToken" => (43_200, "/federatedUser/arn"),
        "GetSessionToken" => (43_200, "/none"),
        _ => return None,
    };
    if event.source != "sts.amazonaws.com" || event.error_code.is_some() {
        return None;
    }
    let text = |place: &str| event.response.pointer(place).and_then(serde_json::Value::as_str);
    let key = text("/credentials/accessKeyId").and_then(|key| AccessKeyId::new(key).ok());
    let (Some(key), Ok(region)) = (key, Region::new(event.region.clone())) else {
        return Some(Err(format!("event {} ({}) does not tell which session it started", event.id, event.name)));
    };
    let seconds = event.request["durationSeconds"].as_i64().unwrap_or(default);
    Some(Ok(Item {
        key,
        from: event.who.access_key.clone(),
        depth,
        operation: event.name.clone(),
        role: event.request["roleArn"].as_str().map(str::to_owned),
        arn: text(named).unwrap_or(event.who.name()).to_owned(),
        issued_at: event.time,
        expires_at: event.time + SignedDuration::from_secs(seconds),
        region,
        address: event.source_ip.clone(),
        event: event.id.clone(),
    }))
}
