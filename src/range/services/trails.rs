//! The trails of CloudTrail.

use serde_json::{Value, json};

use crate::range::model::LogTrail;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::Row;
use super::row::anything;

pub(super) const ROWS: &[Row] = &[
    Row::read("DescribeTrails", anything, describe),
    Row::read("GetTrailStatus", on_trail, status),
    Row::read("GetEventSelectors", on_trail, selectors),
    Row::write("StopLogging", on_trail, |turn| switch(turn, false)),
    Row::write("StartLogging", on_trail, |turn| switch(turn, true)),
];

/// The name or ARN of the trail that a call is about.
fn named<'t>(turn: &Turn<'t>) -> &'t str {
    turn.maybe("Name").unwrap_or_else(|| turn.text("TrailName"))
}

fn on_trail(turn: &Turn<'_>) -> String {
    match named(turn) {
        arn if arn.starts_with("arn:") => arn.to_owned(),
        name => turn.account().trail_arn(&turn.call.region, name),
    }
}

/// Where a trail stands in the account. FACT trails-shadows
fn place(turn: &Turn<'_>) -> Result<usize, ApiError> {
    let arn = on_trail(turn);
    let is_it = |trail: &LogTrail| {
        turn.account().trail_arn(&trail.region, &trail.name) == arn
            && (trail.everywhere || trail.region == turn.call.region)
    };
    let missing =
        || refuse("TrailNotFoundException", format!("Unknown trail: {arn} for the user: {}", turn.account().id));
    turn.account().trails.iter().position(is_it).ok_or_else(missing)
}

fn describe(turn: &mut Turn<'_>) -> Handled {
    let shadows = turn.call.input.get("includeShadowTrails").and_then(Value::as_bool).unwrap_or(true);
    let account = turn.account();
    let shown = |trail: &LogTrail| {
        json!({
            "Name": trail.name, "TrailARN": account.trail_arn(&trail.region, &trail.name), "HomeRegion": trail.region,
            "S3BucketName": trail.bucket, "IsMultiRegionTrail": trail.everywhere, "LogFileValidationEnabled": true,
            "IsOrganizationTrail": trail.organization, "IncludeGlobalServiceEvents": true, "HasInsightSelectors": false,
            "HasCustomEventSelectors": !trail.selectors.is_empty(),
        })
    };
    // FACT trails-shadows
    let is_shown = |trail: &&LogTrail| {
        let is_home = trail.region == turn.call.region;
        if shadows { is_home || trail.everywhere } else { is_home && !trail.organization }
    };
    let listed: Vec<Value> = account.trails.iter().filter(is_shown).map(shown).collect();
    Ok(json!({ "trailList": listed }))
}

fn status(turn: &mut Turn<'_>) -> Handled {
    let trail = &turn.account().trails[place(turn)?];
    let mut shown = json!({ "IsLogging": trail.logging, "StartLoggingTime": trail.started });
    if let Some(stopped) = trail.stopped {
        shown["StopLoggingTime"] = json!(stopped);
    }
    let delivered = if trail.logging { Some(turn.now) } else { trail.stopped };
    shown["LatestDeliveryTime"] = json!(delivered.unwrap_or(trail.started));
    Ok(shown)
}

fn selectors(turn: &mut Turn<'_>) -> Handled {
    let trail = &turn.account().trails[place(turn)?];
    let mut shown = json!({ "TrailARN": turn.account().trail_arn(&trail.region, &trail.name) });
    // FACT trails-selectors
    if trail.selectors.is_empty() {
        shown["EventSelectors"] = json!([{
            "ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [], "ExcludeManagementEventSources": [],
        }]);
    }
    for (member, value) in &trail.selectors {
        shown[member] = value.clone();
    }
    Ok(shown)
}

fn switch(turn: &mut Turn<'_>, on: bool) -> Handled {
    let place = place(turn)?;
    let (now, region) = (turn.now, turn.call.region.clone());
    let trail = &mut turn.state.account.trails[place];
    // FACT trails-home, both
    if trail.region != region {
        let text = format!("The trail {} can be changed in {} alone.", trail.name, trail.region);
        return Err(refuse("InvalidHomeRegionException", text));
    }
    if trail.organization {
        let text = format!("The trail {} belongs to the organization.", trail.name);
        return Err(refuse("NotOrganizationMasterAccountException", text));
    }
    if trail.logging != on {
        trail.logging = on;
        match on {
            true => trail.started = now,
            false => trail.stopped = Some(now),
        }
    }
    Ok(json!({}))
}
