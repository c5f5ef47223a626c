//! The one retry layer. The SDK's own is off, so that every attempt is ours to count, to pace and to write down.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Fault, FaultKind, Operation, RetryClass};
use crate::base::Effect;

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// The first pause, before jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(400);

/// Decides whether and when a request is sent again.
#[derive(Debug)]
pub struct Retry {
    jitter: Mutex<ChaCha8Rng>,
}

/// What to do after a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Send again after a pause.
    Again(Duration),
    /// The request certainly had no effect, and sending again will not help now.
    GiveUp,
    /// Nobody knows whether it had an effect, and it must not be sent again before somebody has looked.
    InDoubt,
}

impl Retry {
    /// How many times a request is sent at most.
    pub const ATTEMPTS: u32 = 8;
    /// How many times a read that gets no answer is sent: a Region in which nobody answers must not hold the plan up.
    const UNANSWERED_READS: u32 = 3;

    /// Pauses with jitter from a seed: the same seed gives the same pauses.
    pub fn new(seed: u64) -> Self {
        Self { jitter: Mutex::new(ChaCha8Rng::seed_from_u64(seed)) }
    }

    /// Decides after the `attempt`-th fault in a row, counted from one.
    pub fn after(&self, operation: &Operation, fault: &Fault, attempt: u32) -> Attempt {
        let again = match fault.kind {
            kind if kind.may_pass() => true,
            FaultKind::InDoubt => match operation.retry {
                RetryClass::Safe | RetryClass::Token => true,
                RetryClass::Unsafe => return Attempt::InDoubt,
            },
            _ => false,
        };
        match (again, fault.kind) {
            (true, FaultKind::InDoubt | FaultKind::NotSent)
                if operation.effect == Effect::Read && attempt >= Self::UNANSWERED_READS =>
            {
                Attempt::GiveUp
            }
            (true, _) if attempt < Self::ATTEMPTS => Attempt::Again(self.pause(attempt)),
            (_, FaultKind::InDoubt) => Attempt::InDoubt,
            _ => Attempt::GiveUp,
        }
    }

    /// Between half and the whole of a pause that doubles each time.
    pub(super) fn pause(&self, attempt: u32) -> Duration {
        let whole = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempt - 1)).min(LONGEST_PAUSE);
        let share: f64 = self.jitter.lock().unwrap_or_else(PoisonError::into_inner).random_range(0.5..1.0);
        whole.mul_f64(share)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DeleteAgent, PutRolePolicy, Request, UpdateAgentAlias};
    use super::*;

    fn fault(kind: FaultKind) -> Fault {
        Fault::of(PutRolePolicy::OPERATION, kind, "code", String::new())
    }

    #[test]
    fn what_must_not_be_repeated_is_not() {
        let retry = Retry::new(1);
        let doubt = fault(FaultKind::InDoubt);
        assert_eq!(retry.after(UpdateAgentAlias::OPERATION, &doubt, 1), Attempt::InDoubt);
        assert!(matches!(retry.after(PutRolePolicy::OPERATION, &doubt, 1), Attempt::Again(_)));
        assert!(matches!(retry.after(UpdateAgentAlias::OPERATION, &fault(FaultKind::Throttled), 1), Attempt::Again(_)));
        assert_eq!(retry.after(PutRolePolicy::OPERATION, &fault(FaultKind::Forbidden), 1), Attempt::GiveUp);
    }

    #[test]
    fn it_ends() {
        let retry = Retry::new(1);
        assert_eq!(retry.after(DeleteAgent::OPERATION, &fault(FaultKind::Throttled), Retry::ATTEMPTS), Attempt::GiveUp);
        assert_eq!(retry.after(DeleteAgent::OPERATION, &fault(FaultKind::InDoubt), Retry::ATTEMPTS), Attempt::InDoubt);
    }
}
