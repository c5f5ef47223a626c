//! The autopilot: from detections to runs, and to plans that wait for a person.
//!
//! Delivery is at least once, in any order, and whoever delivers may be lying. So what comes in is written into the [`Ledger`] before it is
//! acknowledged, an incident has the ids of itself and of its run from then on, AWS is asked whether a detection is true before anything happens
//! with nobody there, and what happens so is bounded by [`Budgets`], which outlive the process.

mod asking;
mod books;
mod budget;
mod decision;
mod entry;
mod health;
mod ledger;
mod machine;
mod metrics;
pub mod notices;
mod parcel;
mod setting;
mod signed;
pub mod sources;
#[cfg(test)]
mod tests;
mod watchlist;

pub use asking::ask;
pub use books::{Books, Conclusion, Incident, Known, Spent};
pub use budget::Budgets;
pub use decision::{Decision, What};
pub use entry::{Alarm, Claim, Entry, Outcome, Threshold};
pub use health::{Health, Unwell};
pub use ledger::{Ledger, LedgerError};
pub use machine::{Answer, Machine, MachineError, Purse, Read, Responder, Response};
pub use metrics::Metrics;
pub use parcel::{Parcel, Taken};
pub use setting::AutopilotSetting;
pub use signed::{BadSecret, BadSignature, SharedSecret};
pub use watchlist::{Delivery, Watcher, Watchlist};
