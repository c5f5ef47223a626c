//! Executes an approved plan.
//!
//! One dispatcher owns the journal and puts everything in one order. Workers, one for each step that has started, look,
//! propose and send; but before a request leaves, and before anything counts as done, they hand the records to the
//! dispatcher and wait until these are on disk. What many workers hand in at once is written and synced as one group.
//!
//! ```text
//!            +--------------- dispatcher ---------------+
//!   events <-|  journal, fold; which steps may start     |
//!            +----^------------------------^-------------+
//!        records  |  on disk               |
//!            worker: look, propose, cover, send, settle, look again, wait the window, verify
//! ```
//!
//! Nothing here prints: what happens is told as [`Event`]s.

mod agenda;
mod cover;
mod desk;
mod dispatcher;
mod event;
mod finish;
mod gatekeeper;
mod keeping;
mod ready;
mod send;
mod sent;
mod settle;
mod space;
mod symbols;
#[cfg(test)]
mod testing;
mod told;
mod undoable;
mod who;
mod worker;

pub use agenda::WINDOW;
pub use dispatcher::{Execution, RunEnd, RunError};
pub use event::{Event, Pausing};
pub use finish::exit_code;
pub use gatekeeper::{GateAnswer, Gatekeeper, GivenAnswers};
pub use send::MOST_DOUBTS;
pub use space::Space;
pub use told::{history, run_so_far};
pub use undoable::{NotUndoable, held, undoable};
pub use worker::MOST_REAPPLIES;
