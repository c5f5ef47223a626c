//! Amazon GuardDuty: what it has found, for those who want to see it confirmed.

use serde_json::{Value, json};

use crate::range::world::{Handled, Turn, refuse};

use super::Row;
use super::row::anything;

pub(super) const ROWS: &[Row] =
    &[Row::read("ListDetectors", anything, list_detectors), Row::read("GetFindings", on, get_findings)];

fn on(turn: &Turn<'_>) -> String {
    format!("arn:aws:guardduty:{}:{}:detector/{}", turn.call.region, turn.account().id, turn.text("DetectorId"))
}

fn list_detectors(turn: &mut Turn<'_>) -> Handled {
    // FACT guardduty-regional
    let here = turn.account().detectors.get(&turn.call.region);
    turn.page("DetectorIds", here.into_iter().map(|detector| json!(detector.id)).collect())
}

fn get_findings(turn: &mut Turn<'_>) -> Handled {
    let here = turn.account().detectors.get(&turn.call.region);
    // FACT guardduty-not-owned
    let detector = here.filter(|detector| detector.id == turn.text("DetectorId")).ok_or_else(|| {
        let why = "The request is rejected because the input detectorId is not owned by the current account.";
        refuse("BadRequestException", why)
    })?;
    let wanted = turn.texts("FindingIds");
    // FACT guardduty-unknown-findings
    let found = detector.findings.iter().filter(|finding| wanted.iter().any(|id| finding["Id"] == **id));
    Ok(json!({ "Findings": found.cloned().collect::<Vec<Value>>() }))
}
