//! Simulated AWS accounts: the witness of every rehearsal and every test.
//!
//! It is imported by `cli` and by tests only, and shares no type with what it judges.

pub mod wire;
