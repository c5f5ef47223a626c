//! The journal of a run: what was about to be done, what was done, and what came of it.
//!
//! One append-only file per run, JSON lines. Each line is an [`Entry`]: its sequence number, its time, the check sum of the line
//! before it, and a [`Record`]. The order of events for one call that changes something:
//!
//! 1. its step is `acting`, and what the target was is captured as evidence;
//! 2. the intent is written and synced; only then may the request leave;
//! 3. its end is written and synced; only then may anything start that depends on it;
//! 4. an intent without an end is in doubt, and is settled by looking.
//!
//! [`Writer`] refuses whatever breaks that order, and the reader reports it as damage, since both fold records with the same
//! [`Fold`] over the same two tables, [`StepState::next`] and [`CallState::next`]. This room knows no actions and no types of
//! calls: what it holds of them is JSON and digests.

mod agreed;
mod beside;
mod call;
mod checkpoint;
mod detected;
mod disk;
mod entry;
mod fold;
mod illegal;
mod lease;
mod origin;
mod reader;
mod record;
mod sim_disk;
mod step;
mod store;
mod summary;
#[cfg(test)]
mod testing;
mod verify;
mod view;
mod writer;

pub use agreed::Agreed;
pub use beside::{Beside, Kept};
pub use call::{CallState, IllegalCall};
pub use checkpoint::{BadCheckpoint, Checkpoint, Contradiction};
pub use detected::Detected;
pub use disk::Disk;
pub use entry::{Entry, Seq};
pub use fold::Fold;
pub use illegal::IllegalRecord;
pub use lease::Leases;
pub use origin::Origin;
pub use reader::{Damage, DamageKind, Journal, TornTail, read};
pub use record::{
    ActingAs, Answer, Attempt, CallFault, CallNumber, Closing, Confirmation, Consent, Ending, FORMAT, Intent, Outcome,
    Record, RunOpened, RunOutcome, Settlement, StepMoved, UndoneBy, World,
};
pub use sim_disk::{DiskError, DiskFault, SimDisk};
pub use step::{IllegalStep, StepState};
pub use store::{EVIDENCE_FOLDER, JOURNAL_FILE, ListedRun, LockedRun, PLAN_FILE, RunStore, StoreError};
pub use summary::{CallSummary, LeftOver, StepSummary, Summary};
pub use verify::{PROVEN_ALONE, PROVEN_TO_CHECKPOINT, Verification, verify};
pub use view::{CallView, Landed, StepView, Undone};
pub use writer::{JournalError, ReopenError, Writer};
