//! Evidence: what targets were before quell touched them.
//!
//! Content-addressed, so a digest in the journal is proof of the whole content, and what is the same is kept once. It is on disk
//! before the record that names it is written, and so before the first change of its target.

mod store;

pub use store::{EvidenceError, EvidenceStore};
