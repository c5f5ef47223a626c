//! The triggers that are part of the program.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::file::{TakenNames, check_triggers};
use crate::actions::registry;
use crate::detect::Trigger;
use crate::runbook::Source;

/// A file of triggers that is part of the program.
#[derive(Debug, Clone, Copy)]
pub struct ShippedTriggers {
    /// Where it stands in quell's repository.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($name:literal,)*) => {
        &[$(ShippedTriggers {
            name: concat!("runbooks/triggers/", $name, ".yaml"),
            text: include_str!(concat!("../../../runbooks/triggers/", $name, ".yaml")),
        }),*]
    };
}

const EMBEDDED: &[ShippedTriggers] = shipped!["amazon-q", "bedrock", "guardduty", "iam",];

/// The files of triggers that are part of the program, by name.
pub fn shipped_trigger_files() -> &'static [ShippedTriggers] {
    EMBEDDED
}

/// The table of events: which there are, which of them are data events, and which trigger each has.
const EVENTS: &str = include_str!("../../../runbooks/triggers/events.txt");

/// The types of resources for which a trail has to log data events, so that a trigger that is part of the program gets its events, by the
/// name of the trigger.
pub fn data_events() -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in EVENTS.lines().filter(|line| !line.starts_with('#')) {
        let [_, _, plane, role, user, ..] = line.split_whitespace().collect::<Vec<_>>()[..] else { continue };
        let Some(types) = plane.strip_prefix("data:") else { continue };
        for trigger in [role, user] {
            all.entry(trigger.to_owned()).or_default().extend(types.split(',').map(str::to_owned));
        }
    }
    all.into_iter().map(|(trigger, types)| (trigger, types.into_iter().collect())).collect()
}

/// The triggers that are part of the program, file by file.
pub fn shipped_triggers() -> &'static [Trigger] {
    static ALL: LazyLock<Vec<Trigger>> = LazyLock::new(|| {
        let read = |file: &ShippedTriggers| {
            check_triggers(Source::new(file.name, file.text), registry(), &TakenNames::new()).triggers
        };
        EMBEDDED.iter().flat_map(read).collect()
    });
    &ALL
}
