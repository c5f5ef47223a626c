//! Finds out who has undone a step, when everything else is done: CloudTrail tells minutes later, and containing waits for
//! nobody.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::actions::{Look, LookError, TrailFound, trail_events};
use crate::aws::{EventBy, LookupEvents, Reader, TRAIL_LAG, TrailEvent, operations};
use crate::base::{Clock, EntityKind, Region, StepKey};
use crate::journal::{CallView, Fold, Record, Undone, UndoneBy};
use crate::plan::Plan;

/// How long the end of a run waits for CloudTrail.
const PATIENCE: Duration = Duration::from_secs(30);
/// How far the time of an event and ours may lie apart: both clocks are read to the second.
const SLACK: SignedDuration = SignedDuration::from_secs(2);

/// Where the events of an operation are, and its name.
type Place = (Region, &'static str);
/// What CloudTrail has of it, or why it is not known.
type Answers = BTreeMap<Place, Result<TrailFound, String>>;

/// Something undone of which it is not known who did it.
struct Question<'a> {
    step: &'a StepKey,
    nth: usize,
    undone: &'a Undone,
    /// The calls of the step that were taken back, as far as it is on record.
    calls: Vec<&'a CallView>,
    /// When what was undone was brought about.
    since: Timestamp,
    places: Vec<Place>,
}

/// Asks CloudTrail who has undone what, wherever that is not on record yet. A run that may not ask says so.
pub(super) async fn who(plan: &Plan, fold: &Fold, reader: &Reader, clock: &Clock) -> Vec<Record> {
    let questions = questions(plan, fold);
    if questions.is_empty() {
        return vec![];
    }
    let answers = look_up(&questions, reader).await;
    let now = reader.aws_now().unwrap_or_else(|| clock.now());
    let ahead = now.duration_since(clock.now());
    questions.iter().map(|question| question.record(&answers, now, ahead, plan, fold)).collect()
}

fn questions<'a>(plan: &Plan, fold: &'a Fold) -> Vec<Question<'a>> {
    let mut questions = Vec::new();
    for (key, step) in fold.steps() {
        for (nth, undone) in step.undone.iter().enumerate().filter(|(_, undone)| undone.who.is_none()) {
            let calls = || step.calls.iter().filter_map(|number| fold.calls().get(number));
            let is_it =
                |call: &&CallView| format!("{} on {}", call.intent.operation, call.intent.target.entity) == undone.what;
            let mut about: Vec<&CallView> = calls().filter(is_it).collect();
            if about.is_empty() {
                about = calls().collect();
            }
            let landed = about.iter().filter(|call| call.state.has_landed() && call.intended_at <= undone.at);
            let last = landed.map(|call| call.ending.as_ref().and_then(|end| end.aws_time).unwrap_or(call.intended_at));
            let since = last.max().or(fold.began()).unwrap_or(undone.at);
            let mut places: Vec<Place> = Vec::new();
            for place in about.iter().flat_map(|call| places_of(plan, call)) {
                if !places.contains(&place) {
                    places.push(place);
                }
            }
            questions.push(Question { step: key, nth, undone, calls: about, since, places });
        }
    }
    questions
}

/// Where the events stand that take back a call. What a global service does is in the partition's global Region.
fn places_of(plan: &Plan, call: &CallView) -> Vec<Place> {
    let global = || Region::new(plan.place.partition.global_region()).ok();
    let (Some(region), Some(row)) = (
        call.intent.target.region.clone().or_else(global),
        operations().find(|row| row.full_name() == call.intent.operation),
    ) else {
        return vec![];
    };
    let names = row.undone_by.iter().copied().chain([row.name]);
    names.map(|name| (region.clone(), name)).collect()
}

/// Asks for each place once, for all questions that it is for.
async fn look_up(questions: &[Question<'_>], reader: &Reader) -> Answers {
    let mut since: BTreeMap<Place, Timestamp> = BTreeMap::new();
    for question in questions {
        for place in &question.places {
            let from = since.entry(place.clone()).or_insert(question.since);
            *from = question.since.min(*from);
        }
    }
    let asked = since.into_iter().map(|((region, name), from)| async move {
        let by = Some(EventBy::Name(name.to_owned()));
        let first = LookupEvents { region: region.clone(), by, from: Some(from), to: None, next: None };
        let answer = match tokio::time::timeout(PATIENCE, trail_events(&Look::new(reader), first)).await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(LookError::Fault(fault))) => Err(format!("{}: {}", fault.operation, fault.code)),
            Ok(Err(other)) => Err(other.to_string()),
            Err(_) => Err("CloudTrail did not answer in time".to_owned()),
        };
        ((region, name), answer)
    });
    join_all(asked).await.into_iter().collect()
}

impl Question<'_> {
    fn record(&self, answers: &Answers, now: Timestamp, ahead: SignedDuration, plan: &Plan, fold: &Fold) -> Record {
        let until = self.undone.at + ahead + SLACK;
        let found = self.places.iter().filter_map(|place| answers.get(place)?.as_ref().ok());
        let culprit = found
            .flat_map(|found| &found.events)
            .filter(|event| event.error_code.is_none() && event.time >= self.since && event.time <= until)
            .filter(|event| self.calls.iter().any(|call| is_about(call, event)))
            .filter(|event| !self.is_ours(event, plan, fold))
            .max_by_key(|event| event.time);
        let (who, how) = match culprit {
            Some(event) => (Some(event.who.name().to_owned()), told(event)),
            None => (None, self.not_known(answers, now)),
        };
        let text = match &who {
            Some(who) => format!("{}: undone by {who}, {how}", self.step),
            None if self.undone.suspected => format!("{}: whether somebody has undone it is {how}", self.step),
            None => format!("{}: who has undone it is {how}", self.step),
        };
        let nth = u64::try_from(self.nth).unwrap_or(u64::MAX);
        Record::Note { text, undone_by: Some(UndoneBy { step: self.step.clone(), nth, who, how }), evidence: None }
    }

    /// Whether an event is a call of this run: by its id, or, where no reply told the id, by caller and operation.
    fn is_ours(&self, event: &TrailEvent, plan: &Plan, fold: &Fold) -> bool {
        fold.calls().values().any(|call| match call.ending.as_ref().and_then(|ending| ending.request_id.as_ref()) {
            Some(id) if call.attempts.is_empty() => event.request_id.as_ref() == Some(id),
            _ => {
                call.intent.operation.as_str().ends_with(&format!(":{}", event.name))
                    && event.who.arn.as_deref().is_some_and(|arn| is_the_run(arn, plan, fold))
            }
        })
    }

    /// Why it is not known, and how to find out.
    fn not_known(&self, answers: &Answers, now: Timestamp) -> String {
        let Some((region, name)) = self.places.first() else {
            return "not known: the run has sent nothing that could be taken back".to_owned();
        };
        let later = format!(
            "aws cloudtrail lookup-events --region {region} --start-time {} --lookup-attributes \
             AttributeKey=EventName,AttributeValue={name}",
            whole(self.since)
        );
        let failed = self.places.iter().find_map(|place| answers.get(place)?.as_ref().err());
        let unsure = self.places.iter().find_map(|place| answers.get(place)?.as_ref().ok()?.truncated.as_ref());
        match failed.or(unsure) {
            Some(why) => format!("not known: {why}. Ask: {later}"),
            None if now.duration_since(self.undone.at) < TRAIL_LAG => format!(
                "not known yet: CloudTrail is complete until about {}. Ask after {}: {later}",
                whole(now - TRAIL_LAG),
                whole(self.undone.at + TRAIL_LAG)
            ),
            None => format!("not known: CloudTrail shows nobody else. Ask: {later}"),
        }
    }
}

/// Whether an ARN is that of whoever sends the run's calls.
fn is_the_run(arn: &str, plan: &Plan, fold: &Fold) -> bool {
    let acts_as = fold.opened().and_then(|opened| opened.acts_as.as_ref());
    acts_as.map_or_else(|| arn == plan.caller.arn.as_str(), |acts_as| acts_as.is(arn))
}

fn whole(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// What somebody did, in a fragment.
fn told(event: &TrailEvent) -> String {
    let from = event.source_ip.as_ref().map_or(String::new(), |from| format!(" from {from}"));
    let key = event.who.access_key.as_ref().map_or(String::new(), |key| format!(" with key {key}"));
    format!("{} at {}{from}{key}, CloudTrail event {}", event.name, event.time, event.id)
}

/// Whether an event is about what a call was about. Of policies the same one.
fn is_about(call: &CallView, event: &TrailEvent) -> bool {
    let named: Vec<&str> = event.request.as_object().into_iter().flatten().filter_map(|(_, of)| of.as_str()).collect();
    let entity = &call.intent.target.entity;
    let path = match entity.kind {
        // IAM takes the caller where a call about keys names no user.
        EntityKind::AccessKey => &entity.path[1..],
        // A Region has one log of model invocations, and no call names it.
        EntityKind::InvocationLogging => &[],
        _ => &entity.path[..],
    };
    // Bedrock takes ids and ARNs.
    let is_it = |name: &str, part: &str| {
        name == part || (name.starts_with("arn:") && name.contains(":bedrock:") && name.ends_with(&format!("/{part}")))
    };
    let policy = event.request.get("policyName").and_then(Value::as_str);
    path.iter().all(|part| named.iter().any(|name| is_it(name, part)))
        && policy.is_none_or(|name| holds(&call.intent.request, name))
}

/// Whether a text stands somewhere in a request.
fn holds(request: &Value, text: &str) -> bool {
    match request {
        Value::String(one) => one == text,
        Value::Array(items) => items.iter().any(|item| holds(item, text)),
        Value::Object(members) => members.values().any(|member| holds(member, text)),
        _ => false,
    }
}
