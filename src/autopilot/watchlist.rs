//! From what was delivered to what a trigger makes of it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::decision::{Decision, What};
use super::entry::{Alarm, Claim, Threshold};
use super::machine::Read;
use crate::actions::Registry;
use crate::base::{AccountId, Arn, Digest, PrincipalKind, Region, on_screen};
use crate::detect::{BadInput, Detection, Fact, Facts, Grade, Origin, Patterns, Trigger, Unattended, Unread, unwrap};
use crate::runbook::{Parameter, prefilled, takes};

/// The longest id that stands for itself.
const LONGEST_ID: usize = 128;

/// The triggers that are watched for, and what their runbooks take.
#[derive(Debug)]
pub struct Watchlist {
    triggers: Vec<Trigger>,
    patterns: Patterns,
    /// What the runbook of each trigger must be told.
    declared: Vec<Vec<Parameter>>,
}

/// Who watches: the account that is acted in, and as whom.
#[derive(Debug, Clone)]
pub struct Watcher {
    /// The account.
    pub account: AccountId,
    /// The users and roles of quell itself.
    pub own: Vec<Arn>,
}

impl Watcher {
    /// Whether a principal is one of quell's own.
    fn is_own(&self, arn: &str) -> bool {
        name_of(arn).is_some_and(|name| self.own.iter().any(|own| name_of(own.as_str()).as_ref() == Some(&name)))
    }
}

/// What a delivery says.
#[derive(Debug)]
pub struct Delivery {
    /// What is made of its events, in their order.
    pub read: Vec<Read>,
    /// What of it could not be read.
    pub unread: Vec<Unread>,
}

impl Watchlist {
    /// Watches for triggers. One whose runbook cannot be read any more is left out, and its name returned.
    pub fn new(triggers: Vec<Trigger>, registry: &Registry) -> (Self, Vec<String>) {
        let mut known: BTreeMap<String, Option<Vec<Parameter>>> = BTreeMap::new();
        let (mut kept, mut declared, mut lost) = (Vec::new(), Vec::new(), Vec::new());
        for trigger in triggers {
            let runbook = trigger.runbook.clone();
            match known.entry(runbook).or_insert_with_key(|runbook| takes(runbook, registry)) {
                Some(parameters) => {
                    declared.push(parameters.clone());
                    kept.push(trigger);
                }
                None => lost.push(trigger.name.to_string()),
            }
        }
        let patterns = Patterns::new(kept.iter().map(|trigger| trigger.pattern.clone()).collect());
        (Self { triggers: kept, patterns, declared }, lost)
    }

    /// How many triggers are watched for.
    pub fn len(&self) -> usize {
        self.triggers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.triggers.is_empty()
    }

    /// Reads a delivery.
    ///
    /// # Errors
    /// Where nothing of it can be read.
    pub fn read(&self, bytes: &[u8], reader: &Watcher) -> Result<Delivery, BadInput> {
        let unwrapped = unwrap(bytes)?;
        let mut delivery = Delivery { read: Vec::new(), unread: unwrapped.unread };
        for detection in &unwrapped.events {
            match self.of_event(detection, reader) {
                Ok(read) => delivery.read.extend(read),
                Err(why) => delivery.unread.push(Unread { place: detection.place().to_owned(), why }),
            }
        }
        Ok(delivery)
    }

    fn of_event(&self, detection: &Detection, reader: &Watcher) -> Result<Vec<Read>, String> {
        let mut matching = self.patterns.matching(detection.text()).map_err(|bad| bad.to_string())?;
        let facts = Facts::of(detection);
        let told = json!({ "event": plain(detection.event_id()), "detected": what(detection, &facts) });
        if matching.is_empty() {
            return Ok(vec![Read::Passed(Decision::about(What::Ignored, told))]);
        }
        if let Some(of) = facts.one(Fact::Account).filter(|said| said.value != reader.account.as_str()) {
            let decision = Decision::about(What::Elsewhere, told).with("account", json!(of.value));
            return Ok(vec![Read::Passed(decision)]);
        }
        let is_own = facts.all(Fact::Principal).iter().any(|said| reader.is_own(&said.value));
        // What quell does about an incident would else be the next one. A finding about its credentials is another matter.
        if is_own && facts.one(Fact::FindingId).is_none() {
            return Ok(vec![Read::Passed(Decision::about(What::Own, told))]);
        }
        // What weighs most comes first: what weighs less then joins its incident.
        matching.sort_by_key(|number| {
            Reverse((self.triggers[*number].grade, self.triggers[*number].unattended == Unattended::WhenHarmless))
        });
        let read = matching.into_iter().map(|number| {
            let trigger = &self.triggers[number];
            if trigger.grade == Grade::Notice {
                let decision = Decision::about(What::Noticed, told.clone()).with("trigger", json!(trigger.name));
                return Read::Passed(decision);
            }
            let alarm = alarm(trigger, detection, &facts, &self.declared[number]);
            // Whoever may be an intruder does not contain itself with nobody there.
            Read::Detected(Box::new(Alarm { unattended: alarm.unattended && !is_own, ..alarm }))
        });
        Ok(read.collect())
    }

    /// What a trigger makes of an event, by the trigger's name; nothing where that is not watched for any more, or does not match.
    pub fn again(&self, trigger: &str, bytes: &[u8]) -> Option<Alarm> {
        let number = self.triggers.iter().position(|known| known.name.as_str() == trigger)?;
        let unwrapped = unwrap(bytes).ok()?;
        let [detection] = unwrapped.events.as_slice() else { return None };
        let matches = self.patterns.matching(detection.text()).ok()?.contains(&number);
        matches.then(|| alarm(&self.triggers[number], detection, &Facts::of(detection), &self.declared[number]))
    }
}

/// What a trigger makes of an event.
fn alarm(trigger: &Trigger, detection: &Detection, facts: &Facts, declared: &[Parameter]) -> Alarm {
    let filled = prefilled(trigger, facts, declared);
    let (event, subject) = (plain(detection.event_id()), plain(detection.subject()));
    let key = match trigger.key(facts) {
        Some(parts) => parts.join(" "),
        // What the event does not say could be anybody: such a detection is an incident of its own.
        None => format!("runbook={} event={event} subject={subject}", trigger.runbook),
    };
    let from = filled.values.iter().filter_map(|(name, filled)| match &filled.origin {
        Origin::Event { at, .. } => Some((name.clone(), at.join(", "))),
        Origin::Trigger => None,
    });
    let time = facts.one(Fact::Time).or_else(|| facts.one(Fact::FirstSeen));
    Alarm {
        trigger: trigger.name.to_string(),
        runbook: trigger.runbook.clone(),
        key,
        what: what(detection, facts),
        subject: (subject != event).then_some(subject),
        event,
        claim: claim(facts),
        by_name: facts.is_by_name(),
        principal_id: facts.one(Fact::PrincipalId).map(|said| said.value.clone()),
        account: facts.one(Fact::Account).and_then(|said| AccountId::new(&said.value).ok()),
        happened: time.and_then(|said| said.value.parse().ok()),
        from: from.collect(),
        missing: filled.open.iter().map(|open| (open.parameter.clone(), open.why.clone())).collect(),
        values: filled.values.into_iter().map(|(name, filled)| (name, filled.value)).collect(),
        window: trigger.window,
        after: trigger.after.map(|after| Threshold { times: after.times, within: after.within }),
        // Of several events that count together AWS would confirm the last one alone.
        unattended: trigger.unattended == Unattended::WhenHarmless
            && trigger.grade == Grade::Incident
            && trigger.after.is_none(),
        text: serde_json::from_str(detection.text()).unwrap_or(Value::Null),
    }
}

/// What was detected, in a word.
fn what(detection: &Detection, facts: &Facts) -> String {
    let said = |fact| facts.one(fact).map(|said| said.value.clone());
    let what = said(Fact::FindingType).or_else(|| said(Fact::EventName));
    plain(&what.unwrap_or_else(|| detection.detail_type().to_owned()))
}

/// What AWS can be asked, to know whether an event is true.
fn claim(facts: &Facts) -> Claim {
    let one = |fact| facts.one(fact).map(|said| said.value.clone());
    let Some(region) = one(Fact::Region).and_then(|region| Region::new(region).ok()) else {
        return Claim::Nothing { why: "the event names no Region in which AWS could be asked".to_owned() };
    };
    let all = |fact| facts.all(fact).iter().map(|said| said.value.clone());
    let principals = all(Fact::Principal).chain(all(Fact::ServiceRole));
    let names: BTreeSet<String> = principals.filter_map(|arn| name_of(&arn)).collect();
    let time = |fact| one(fact).and_then(|text| text.parse().ok());
    let (first_seen, last_seen) = (time(Fact::FirstSeen), time(Fact::Time));
    let keys: BTreeSet<String> = all(Fact::AccessKey).collect();
    if let (Some(detector), Some(finding), Some(kind)) =
        (one(Fact::Detector), one(Fact::FindingId), one(Fact::FindingType))
    {
        return Claim::GuardDuty { region, detector, finding, kind, names, keys, first_seen, last_seen };
    }
    if let (Some(record), Some(name), Some(source)) =
        (one(Fact::RecordId), one(Fact::EventName), one(Fact::EventSource))
    {
        return Claim::CloudTrail { region, record, name, source };
    }
    Claim::Nothing { why: "it is neither a finding of GuardDuty nor a record of CloudTrail".to_owned() }
}

/// A user or role, as `user NAME` or `role NAME`.
fn name_of(arn: &str) -> Option<String> {
    match arn.parse::<Arn>().ok()?.principal()? {
        PrincipalKind::User { name, .. } => Some(format!("user {name}")),
        PrincipalKind::Role { name: role, .. } | PrincipalKind::AssumedRole { role, .. } => {
            Some(format!("role {role}"))
        }
        _ => None,
    }
}

/// An id as it stands in records and on screens: itself where it is plain, else its digest, since whoever sends events chooses them.
fn plain(id: &str) -> String {
    let is_plain = !id.is_empty() && id.len() <= LONGEST_ID && id.is_ascii() && on_screen(id) == id;
    if is_plain { id.to_owned() } else { format!("sha256:{}", Digest::of_bytes(id.as_bytes())) }
}
