//! Where events come from. A source delivers [`Parcel`](super::Parcel)s, and forgets what it has delivered once that is on disk.

mod files;
mod listen;
#[cfg(test)]
mod listen_tests;
mod queue;

pub use files::{FilesError, files, stdin};
pub use listen::{Door, ListenError, Listening, listen};
pub use queue::{QueueTrouble, queue};
