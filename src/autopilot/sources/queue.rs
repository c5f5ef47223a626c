//! A queue of Amazon SQS.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::autopilot::Taken;
use crate::autopilot::parcel::{Parcel, deliver};
use crate::aws::{Delivered, Fault, Queue};

/// How long SQS waits for a message.
const POLL: Duration = Duration::from_secs(20);
/// The same where what is there now is all that is asked for.
const MOMENT: Duration = Duration::from_secs(1);
/// How many messages come at once.
const AT_ONCE: u8 = 10;
/// For how long a message stays away that cannot be recorded now.
const AGAIN: Duration = Duration::from_secs(60);
/// The pause after SQS could not be asked.
const PAUSE: Duration = Duration::from_secs(10);

/// What went wrong between the queue and this program.
#[derive(Debug)]
pub enum QueueTrouble {
    /// No messages could be received.
    Receive(Fault),
    /// A message could not be deleted: it comes again, and is known then.
    Delete(Fault),
}

/// Delivers what comes into a queue, until nobody takes anything in, or, with `once`, until nothing comes for a moment. A message is deleted
/// after what it says is on disk, and not before.
///
/// # Errors
/// With `once`, where no messages can be received. Without it that is told, and tried again.
pub async fn queue(
    queue: Queue,
    once: bool,
    to: mpsc::Sender<Parcel>,
    trouble: impl Fn(&QueueTrouble),
) -> Result<(), Fault> {
    while !to.is_closed() {
        let received = tokio::select! {
            received = queue.receive(AT_ONCE, if once { MOMENT } else { POLL }) => received,
            () = to.closed() => return Ok(()),
        };
        match received {
            Ok(messages) if messages.is_empty() && once => return Ok(()),
            Ok(messages) => {
                for message in messages {
                    if !taken_in(&queue, &to, message, &trouble).await {
                        return Ok(());
                    }
                }
            }
            Err(fault) if once => return Err(fault),
            Err(fault) => {
                trouble(&QueueTrouble::Receive(fault));
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    () = to.closed() => return Ok(()),
                }
            }
        }
    }
    Ok(())
}

/// Delivers a message, and does with it what follows; false where nobody takes anything in any more. What was not deleted comes again.
async fn taken_in(
    queue: &Queue,
    to: &mpsc::Sender<Parcel>,
    message: Delivered,
    trouble: &impl Fn(&QueueTrouble),
) -> bool {
    let Delivered { receipt, body, .. } = message;
    let done = match deliver(to, queue.url(), body.into_bytes()).await {
        None => return false,
        Some(Taken::Recorded | Taken::Unread(_)) => queue.delete(&receipt).await,
        Some(Taken::NotNow(_)) => queue.give_back(&receipt, AGAIN).await,
    };
    if let Err(fault) = done {
        trouble(&QueueTrouble::Delete(fault));
    }
    true
}
