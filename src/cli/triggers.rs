//! `quell triggers`.

use std::path::Path;

use serde_json::{Value, json};

use super::arguments::{Globals, Output};
use super::detections::known_triggers;
use super::failure::Failure;
use super::sink;
use crate::base::Region;
use crate::report::{event_rules_template, trigger_json, triggers_text};
use crate::runbook::data_events;

/// Where a template is for that names no Region: the one in which events of IAM come.
const REGION: &str = "us-east-1";

/// Lists the triggers that are part of the program, and one's own.
pub(super) fn list(own: Option<&Path>, globals: &Globals) -> Result<(), Failure> {
    let all = known_triggers(own, globals)?;
    match globals.output {
        Output::Text => sink::data(&triggers_text(&all)),
        Output::Json => {
            let list: Vec<Value> = all.iter().map(trigger_json).collect();
            sink::json(&json!({ "format": 1, "triggers": list }));
        }
    }
    Ok(())
}

/// Prints the template of the rules that bring events to triggers: as JSON where that is asked for, else as YAML.
pub(super) fn export(own: Option<&Path>, globals: &Globals) -> Result<(), Failure> {
    let all = known_triggers(own, globals)?;
    let region = globals.region.clone().unwrap_or_else(|| Region::new(REGION).expect("a Region"));
    let template = event_rules_template(&all, &region, &data_events());
    match globals.output {
        Output::Json => sink::json(&template),
        Output::Text => {
            let text = serde_yaml::to_string(&template).map_err(|error| Failure::bug(error.to_string()))?;
            sink::data(&text);
        }
    }
    Ok(())
}
