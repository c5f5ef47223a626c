//! Settles a call of which nobody knows whether it happened: by looking, never by sending it again.

use std::time::Duration;

use jiff::Timestamp;

use super::agenda::{window_left, window_of};
use super::desk::{Halt, OpenCall, Snapshot};
use super::event::Pausing;
use super::worker::{Sight, Worker};
use crate::actions::Move;
use crate::aws::{Call, Fault, FaultKind, Operation, RetryClass};
use crate::base::{Digest, Entity};
use crate::journal::{CallNumber, Outcome, Record, Settlement, StepState};

/// How often is looked after something that AWS does without showing it.
const HIDDEN_LOOK: Duration = Duration::from_secs(10);

/// What a look has shown of a call in doubt.
pub(super) enum Settled {
    /// It happened, or needs no more to happen.
    Happened(Box<Snapshot>),
    /// It happened, and what it made is of no use.
    Lost(Box<Snapshot>),
    /// It did not happen: what it was to bring about is still missing.
    DidNotHappen(Box<Snapshot>),
    /// Looking could not tell, and the step has ended.
    Stuck,
}

impl Worker<'_> {
    /// Settles a call that an earlier process left open. Nothing if that ends the step.
    pub(super) async fn settle_left_open(&self, number: CallNumber, call: &OpenCall) -> Result<Option<Snapshot>, Halt> {
        if !call.in_doubt {
            let why = Fault {
                operation: call.operation.to_string(),
                kind: FaultKind::InDoubt,
                code: "NoRecord".to_owned(),
                message: "the program ended before the outcome was recorded".to_owned(),
                request_id: None,
            };
            self.ended(number, Outcome::InDoubt, &why).await?;
        }
        let rows = self.known.sends();
        let Some(operation) = rows.iter().find(|row| row.full_name() == call.operation) else {
            return Err(Halt::Bug(format!("{} does not send {}", self.key, call.operation)));
        };
        // Its last try may have left just before the end of that process: the whole window passes from now on.
        Ok(match self.settle(number, operation, &call.entity, call.planned, self.clock.now()).await? {
            Settled::Happened(snapshot) | Settled::Lost(snapshot) | Settled::DidNotHappen(snapshot) => Some(*snapshot),
            Settled::Stuck => None,
        })
    }

    /// Settles a call in doubt once AWS agrees with itself. A goal tells: if the same operation is still missing on the same
    /// thing, the call did not happen; if not, it did, or needs no more to happen. `planned` is the digest of the call.
    pub(super) async fn settle(
        &self,
        number: CallNumber,
        operation: &Operation,
        entity: &Entity,
        planned: Digest,
        since: Timestamp,
    ) -> Result<Settled, Halt> {
        if let Some(left) = window_left(since, window_of(operation), self.clock.now()) {
            self.desk.pause(self.key, Pausing::ForTheWindow, left).await?;
        }
        let (outcome, why) = loop {
            let snapshot = self.desk.record(self.key, vec![]).await?;
            let (moves, takes_away) = match self.see(&snapshot).await {
                Err(error) => {
                    break (Settlement::Stuck, format!("it could not be looked at: {}", self.look_failed(error)?));
                }
                Ok(Sight { moves: Err(refusal), .. }) => break (Settlement::Stuck, refusal.to_string()),
                Ok(Sight { moves: Ok(moves), takes_away, .. }) => (moves, takes_away),
            };
            let missing = || moves.iter().filter_map(Move::call);
            let is_like_it = |call: &&Call| call.operation() == operation && call.entity() == *entity;
            // A step may do the same to one thing twice, with other words: then the words tell which of the two is missing.
            let twins = self.planned.calls().filter(is_like_it).count() > 1;
            let Some(again) = missing().filter(is_like_it).find(|call| !twins || Digest::of(*call) == planned) else {
                break (Settlement::Happened, "what it was to bring about is there".to_owned());
            };
            if operation.retry == RetryClass::Unsafe && missing().any(|call| takes_away.contains(call)) {
                let why = "what it made is of no use, and is taken away before it is sent again";
                break (Settlement::Lost, why.to_owned());
            }
            let hidden = self.known.hidden_for(again);
            match hidden.and_then(|time| window_left(since, time, self.clock.now())) {
                // AWS may be at it all the same, and says nothing of it before it is done.
                Some(left) => self.desk.pause(self.key, Pausing::ForAws, left.min(HIDDEN_LOOK)).await?,
                None => {
                    let missing = || "it is still missing".to_owned();
                    let why = operation.unseen.map_or_else(missing, |why| format!("it may have happened: {why}"));
                    break (Settlement::DidNotHappen, why);
                }
            }
        };
        let mut records = vec![Record::Settled { call: number, outcome, why: why.clone() }];
        if outcome == Settlement::Lost {
            records.push(Record::note(format!("{}: {operation} happened, and {why}", self.key)));
        }
        let snapshot = Box::new(self.desk.record(self.key, records).await?);
        match outcome {
            Settlement::Happened => Ok(Settled::Happened(snapshot)),
            Settlement::Lost => Ok(Settled::Lost(snapshot)),
            Settlement::DidNotHappen => Ok(Settled::DidNotHappen(snapshot)),
            Settlement::Stuck => {
                self.end(StepState::Stuck, why).await?;
                Ok(Settled::Stuck)
            }
        }
    }
}
