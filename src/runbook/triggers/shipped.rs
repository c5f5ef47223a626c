//! The triggers that are part of the program.

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
