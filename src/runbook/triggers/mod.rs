//! Triggers: files of their own, and `on:` in runbooks. From the text to [`Trigger`](crate::detect::Trigger)s that fit their runbooks.

mod document;
mod fact_type;
mod file;
mod fillings;
mod pattern;
mod prefilled;
mod reader;
mod shipped;
#[cfg(test)]
mod tests;

pub(super) use document::TriggerText;
pub use document::TriggersDocument;
pub use file::{CheckedTriggers, TakenNames, are_triggers, check_triggers, takes};
pub use prefilled::{Prefilled, prefilled};
pub(super) use reader::{Asks, Reader};
pub use shipped::{ShippedTriggers, data_events, shipped_trigger_files, shipped_triggers};
