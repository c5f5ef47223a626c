//! What a journal proves.

use serde::Serialize;

use crate::base::{Digest, RunId};

use super::reader::{self, Damage, TornTail};
use super::{Closing, FORMAT};

/// What [`verify`] can promise with the journal alone, in the words to show beside its result.
pub const PROVEN_ALONE: &str = "No record was changed, removed, inserted, repeated or moved, and every record may follow \
those before it. With the journal alone this does not show: records missing at the end of a run that is still open, or that \
somebody who took them away left open; and a journal that was written anew from some record on, by somebody who computed every \
digest again. Keep the head digest elsewhere to see both.";

/// A journal without damage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// The format of this picture: [`FORMAT`].
    pub format: u32,
    /// The run; nothing where there is no record.
    pub run: Option<RunId>,
    /// How many records there are.
    pub records: u64,
    /// The digest of the last line: whoever keeps it elsewhere can prove the journal up to here.
    pub head: Digest,
    /// How the run ended; nothing while it is open.
    pub closed: Option<Closing>,
    /// What is left of a line that was being written when the program or the machine died. It may also be what somebody left
    /// of a complete line. Nothing was done on the strength of a line that was never complete.
    pub torn: Option<TornTail>,
}

/// Verifies the bytes of a journal. [`PROVEN_ALONE`] says what that means; the error is the first damage.
pub fn verify(bytes: &[u8]) -> Result<Verification, Damage> {
    let journal = reader::read(bytes)?;
    Ok(Verification {
        format: FORMAT,
        run: journal.fold.opened().map(|opened| opened.run.clone()),
        records: journal.entries.len() as u64,
        head: journal.head,
        closed: journal.fold.closed().cloned(),
        torn: journal.torn,
    })
}
