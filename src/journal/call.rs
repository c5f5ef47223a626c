//! What may become of a call.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallState {
    /// On disk, and perhaps on its way.
    Intended,
    /// AWS said yes.
    Done,
    /// AWS said no: nothing has changed.
    Failed,
    /// Nobody knows: no reply, or one that proves nothing, or the program ended in between.
    InDoubt,
    /// A look has shown that it happened.
    Happened,
    /// A look has shown that it happened, and that what it made is of no use: it is taken away before it is sent again.
    Lost,
    /// A look has shown that it did not happen.
    DidNotHappen,
    /// Looking cannot tell; a person has to decide.
    Stuck,
}

impl CallState {
    /// Every state, in the order of a call's life.
    pub const ALL: [Self; 8] = [
        Self::Intended,
        Self::Done,
        Self::Failed,
        Self::InDoubt,
        Self::Happened,
        Self::Lost,
        Self::DidNotHappen,
        Self::Stuck,
    ];

    /// The one table of calls: which state may follow which. The writer refuses, and the reader reports as damage,
    /// whatever is not in it.
    pub fn next(self, to: Self) -> Result<Self, IllegalCall> {
        use CallState::*;
        let legal = match to {
            // The beginning.
            Intended => false,
            // A reply ends an intent once. An intent without an end becomes `in-doubt` on resume.
            Done | Failed | InDoubt => self == Intended,
            // Only doubt is settled by looking; a reply is never overruled.
            Happened | Lost | DidNotHappen | Stuck => self == InDoubt,
        };
        if legal { Ok(to) } else { Err(IllegalCall { from: self, to }) }
    }

    /// Whether it is still open what the call did. Nothing that depends on it may start.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Intended | Self::InDoubt)
    }

    /// Whether the call has taken effect.
    pub fn has_landed(self) -> bool {
        matches!(self, Self::Done | Self::Happened | Self::Lost)
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::InDoubt => "in doubt",
            Self::Happened => "happened",
            Self::Lost => "lost",
            Self::DidNotHappen => "did not happen",
            Self::Stuck => "stuck",
        }
    }
}

impl fmt::Display for CallState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A state that may not follow another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a call that is `{from}` cannot become `{to}`")]
pub struct IllegalCall {
    /// Where the call stands.
    pub from: CallState,
    /// Where it was to go.
    pub to: CallState,
}

#[cfg(test)]
mod tests {
    use super::CallState::{self, *};

    #[test]
    fn the_whole_table() {
        let legal = [
            (Intended, Done),
            (Intended, Failed),
            (Intended, InDoubt),
            (InDoubt, Happened),
            (InDoubt, Lost),
            (InDoubt, DidNotHappen),
            (InDoubt, Stuck),
        ];
        for from in CallState::ALL {
            for to in CallState::ALL {
                assert_eq!(from.next(to).is_ok(), legal.contains(&(from, to)), "{from} -> {to}");
            }
            assert_eq!(from.is_open(), legal.iter().any(|(start, _)| *start == from));
        }
    }
}
