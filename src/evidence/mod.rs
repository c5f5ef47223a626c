//! Evidence: what targets were before quell touched them.
//!
//! Content-addressed, so a digest in the journal is proof of the whole content, and what is the same is kept once. It is on disk
//! before the record that names it is written, and so before the first change of its target. What can hold prompts, instructions or what
//! people said is sealed to age recipients where [`EvidenceSetting`] names some; no key that opens it is ever on this machine. What an
//! undo needs is none of that, and stays open.

mod setting;
mod store;

pub use setting::EvidenceSetting;
pub use store::{EvidenceError, EvidenceStore};
