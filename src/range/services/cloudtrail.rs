//! AWS CloudTrail: looking up what happened.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::range::world::{Handled, TrailEvent, Turn, earlier, refuse, whole_second};

use super::Row;
use super::row::anything;

pub(super) const ROWS: &[Row] = &[Row::read("LookupEvents", anything, lookup_events)];

/// Whether an event has an attribute that is looked up.
fn has(event: &TrailEvent, attribute: &Value) -> bool {
    let wanted = attribute["AttributeValue"].as_str().unwrap_or_default();
    let identity = event.user_identity.as_ref();
    match attribute["AttributeKey"].as_str() {
        Some("EventName") => event.event_name == wanted,
        Some("EventSource") => event.event_source == wanted,
        Some("EventId") => event.event_id == wanted,
        Some("ReadOnly") => event.read_only.to_string() == wanted,
        Some("Username") => identity.is_some_and(|who| who.arn.rsplit('/').next() == Some(wanted)),
        Some("AccessKeyId") => identity.is_some_and(|who| who.access_key_id.as_deref() == Some(wanted)),
        Some("ResourceName") => event.resources().iter().any(|(_, name)| name == wanted),
        Some("ResourceType") => event.resources().iter().any(|(of, _)| *of == wanted),
        _ => false,
    }
}

fn shown(event: &TrailEvent) -> Value {
    let resources = event.resources().into_iter().map(|(of, name)| json!({ "ResourceType": of, "ResourceName": name }));
    let mut shown = json!({
        "EventId": event.event_id, "EventName": event.event_name, "ReadOnly": event.read_only.to_string(),
        "EventTime": whole_second(event.event_time), "EventSource": event.event_source,
        "Resources": resources.collect::<Vec<_>>(), "CloudTrailEvent": event.document().to_string(),
    });
    if let Some(who) = &event.user_identity {
        shown["Username"] = json!(who.arn.rsplit('/').next());
        if let Some(key) = &who.access_key_id {
            shown["AccessKeyId"] = json!(key);
        }
    }
    shown
}

fn lookup_events(turn: &mut Turn<'_>) -> Handled {
    let time = |member| turn.maybe(member).and_then(|text| text.parse::<Timestamp>().ok());
    let (from, to) = (time("StartTime"), time("EndTime"));
    let attributes = turn.call.input.get("LookupAttributes").and_then(Value::as_array).cloned().unwrap_or_default();
    if attributes.len() > 1 {
        return Err(refuse("InvalidLookupAttributesException", "You can only specify one lookup attribute."));
    }
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(refuse("InvalidTimeRangeException", "The start time must not be after the end time."));
    }
    // FACT trail-delay
    let known = earlier(turn.now, turn.state.knobs.trail_delay.0);
    // FACT trail-lookup
    let wanted = turn.state.trail.iter().rev().filter(|event| {
        event.event_time <= known
            && event.aws_region == turn.call.region
            && !event.is_data()
            && from.is_none_or(|from| whole_second(event.event_time) >= from)
            && to.is_none_or(|to| whole_second(event.event_time) <= to)
            && attributes.iter().all(|attribute| has(event, attribute))
    });
    turn.page("Events", wanted.map(shown).collect())
}
