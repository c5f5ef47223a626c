//! What may become of a step.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Nothing has happened yet.
    Waiting,
    /// The account was read for it; for a gate: the question was put.
    Looked,
    /// Its moves are under way. Only now may it change anything.
    Acting,
    /// No moves were left at the last look.
    Done,
    /// Still no moves after the consistency window.
    Verified,
    /// Moves were there again after the consistency window.
    NotVerified,
    /// Left out: its condition was false, or a person said so.
    Skipped,
    /// Not begun, because something that it needs has not succeeded.
    Held,
    /// The action, a guard or a person refuses it.
    Refused,
    /// What is there is not what was approved.
    Drifted,
    /// Undone by somebody else as often as it may be put back.
    Contested,
    /// Only a person can do it.
    Manual,
    /// Nobody can say whether it happened, or its time is up; a person has to decide.
    Stuck,
    /// AWS refused one of its calls.
    Failed,
}

impl StepState {
    /// Every state, in the order of a step's life.
    pub const ALL: [Self; 14] = [
        Self::Waiting,
        Self::Looked,
        Self::Acting,
        Self::Done,
        Self::Verified,
        Self::NotVerified,
        Self::Skipped,
        Self::Held,
        Self::Refused,
        Self::Drifted,
        Self::Contested,
        Self::Manual,
        Self::Stuck,
        Self::Failed,
    ];

    /// The one table of steps: which state may follow which. The writer refuses, and the reader reports as damage,
    /// whatever is not in it.
    pub fn next(self, to: Self) -> Result<Self, IllegalStep> {
        use StepState::*;
        let legal = match to {
            // Every step starts here and none comes back.
            Waiting => false,
            // Looking changes nothing, so it may happen again from everywhere: after an await, after a fault, on a
            // resume, and from `done` and `verified` when somebody undid the step. What only a new plan can settle is
            // final instead.
            Looked => !self.is_final(),
            // What acts has looked first.
            Acting => self == Looked,
            // A look that proposes nothing is done as well, without ever having acted.
            Done => matches!(self, Looked | Acting),
            // Both are said of a step that was done before.
            Verified | NotVerified => self == Done,
            // Neither is said of a step that may have changed something.
            Skipped => matches!(self, Waiting | Looked),
            Held => matches!(self, Waiting | Looked),
            // These follow from what was read: at the plan (`waiting`), at the look, or between two moves.
            Refused | Manual | Failed => matches!(self, Waiting | Looked | Acting),
            Drifted => matches!(self, Looked | Acting),
            // The look that found it undone once too often; or the moves that were overtaken again.
            Contested => matches!(self, Looked | Acting),
            // Time runs out anywhere before the end, also while a person is awaited.
            Stuck => matches!(self, Waiting | Looked | Acting | Manual),
        };
        if legal { Ok(to) } else { Err(IllegalStep { from: self, to }) }
    }

    /// Whether the step has ended, however it ended: what comes `after` it may start.
    pub fn has_ended(self) -> bool {
        !matches!(self, Self::Waiting | Self::Looked | Self::Acting | Self::Done)
    }

    /// Whether the step has succeeded: what `needs` it may start.
    pub fn has_succeeded(self) -> bool {
        matches!(self, Self::Done | Self::Verified)
    }

    /// Whether only a new plan can go on from here.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Skipped | Self::Refused | Self::Drifted | Self::Contested)
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Looked => "looked",
            Self::Acting => "acting",
            Self::Done => "done",
            Self::Verified => "verified",
            Self::NotVerified => "not verified",
            Self::Skipped => "skipped",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Drifted => "drifted",
            Self::Contested => "contested",
            Self::Manual => "by hand",
            Self::Stuck => "stuck",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for StepState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A state that may not follow another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a step that is `{from}` cannot become `{to}`")]
pub struct IllegalStep {
    /// Where the step stands.
    pub from: StepState,
    /// Where it was to go.
    pub to: StepState,
}

#[cfg(test)]
mod tests {
    use super::StepState::{self, *};

    fn walk(path: &[StepState]) -> bool {
        path.windows(2).all(|pair| pair[0].next(pair[1]).is_ok())
    }

    #[test]
    fn the_lives_of_steps() {
        for legal in [
            &[Waiting, Looked, Acting, Done, Verified][..],
            &[Waiting, Looked, Done, Verified, Looked, Acting, Done, NotVerified, Looked],
            &[Waiting, Looked, Acting, Looked, Acting, Stuck, Looked, Acting, Failed, Looked],
            &[Waiting, Held, Looked, Skipped],
            &[Waiting, Manual, Looked, Done],
            &[Verified, Looked, Contested],
        ] {
            assert!(walk(legal), "{legal:?}");
        }
        for illegal in [
            [Waiting, Acting],
            [Waiting, Done],
            [Acting, Verified],
            [Acting, Skipped],
            [Done, Acting],
            [Refused, Looked],
            [Contested, Looked],
            [Verified, Waiting],
        ] {
            assert!(!walk(&illegal), "{illegal:?}");
        }
    }

    #[test]
    fn what_is_final_stays() {
        for from in StepState::ALL.into_iter().filter(|state| state.is_final()) {
            assert!(StepState::ALL.into_iter().all(|to| from.next(to).is_err()), "{from}");
            assert!(from.has_ended() && !from.has_succeeded());
        }
    }
}
