//! What a source delivers.

use tokio::sync::{mpsc, oneshot};

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// What it says is on disk: it need not be delivered again.
    Recorded,
    /// It could not be read, or not all of it. It is kept with the reason, and need not be delivered again.
    Unread(String),
    /// Nothing can be recorded now: it has to be delivered again.
    NotNow(String),
}

/// A delivery of a source, and whom to tell what became of it.
#[derive(Debug)]
pub struct Parcel {
    /// Where it comes from, for people: the URL of a queue, the name of a file, the address of a caller.
    pub origin: String,
    /// What it holds.
    pub body: Vec<u8>,
    /// Who is told what became of it.
    pub taken: oneshot::Sender<Taken>,
}

/// Delivers something, and waits for what becomes of it; nothing where the autopilot takes nothing in any more.
pub(super) async fn deliver(to: &mpsc::Sender<Parcel>, origin: &str, body: Vec<u8>) -> Option<Taken> {
    let (taken, answer) = oneshot::channel();
    to.send(Parcel { origin: origin.to_owned(), body, taken }).await.ok()?;
    answer.await.ok()
}
