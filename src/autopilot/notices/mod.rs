//! What people are told, and how it reaches them: by a webhook, by a command, or by both.

mod command;
mod notice;
mod notifier;
mod notify_setting;
#[cfg(test)]
mod tests;
mod webhook;

pub use notice::{Notice, WaitingPlan};
pub use notifier::{Notifier, NotifyError, Unsent};
pub use notify_setting::NotifySetting;
