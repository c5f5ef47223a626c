//! Where workers hand in records, and wait until these are on disk.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::error::Error as _;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};

use super::event::{Event, Pausing};
use crate::actions::Facts;
use crate::aws::Fault;
use crate::base::{Digest, Entity, OperationName, StepKey};
use crate::evidence::EvidenceError;
use crate::journal::{CallNumber, Intent, Record, StepView};

/// Why a worker stops before its step has ended.
#[derive(Debug, Clone)]
pub(super) enum Halt {
    /// The run was told to stop, or somebody else's trouble stops it.
    Stopping,
    /// The caller's credentials have ended.
    Credentials(Fault),
    /// What was seen could not be kept.
    Evidence(String),
    /// What was kept is gone, or is not what it was.
    EvidenceLost(String),
    /// A mistake in quell, or a plan that this version does not understand.
    Bug(String),
}

impl From<EvidenceError> for Halt {
    fn from(error: EvidenceError) -> Self {
        let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
        let what = format!("{error}{cause}");
        if error.is_of_reading() { Self::EvidenceLost(what) } else { Self::Evidence(what) }
    }
}

/// The calls of a run that landed or may have, as approved. Steps share it, so that none has to go through the calls of all
/// others.
pub(super) type Requests = Rc<RefCell<HashMap<Digest, Request>>>;

/// A call as the other steps of the run see it.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// The step that sent it last.
    pub(super) by: StepKey,
    /// Since when it is known what it did, or that its step finds out no more. None while that is open.
    pub(super) over: Option<Timestamp>,
}

/// What a step has come to, as of the last record on disk.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    /// The step.
    pub(super) step: StepView,
    /// Its facts.
    pub(super) facts: Facts,
    /// The calls of the step that landed, as approved, with the time of their end.
    pub(super) landed: Vec<(Digest, Timestamp)>,
    /// The calls of the whole run.
    pub(super) of_run: Requests,
    /// Whether a call of the step is or was in doubt.
    pub(super) doubted: bool,
    /// What the run has done so far, where that was asked for: when, and what.
    pub(super) history: Vec<(Timestamp, String)>,
    /// The calls of the step of which it is open what they did.
    pub(super) open: BTreeMap<CallNumber, OpenCall>,
}

/// A call of which it is open what it did.
#[derive(Debug, Clone)]
pub(super) struct OpenCall {
    /// The operation.
    pub(super) operation: OperationName,
    /// What it is about.
    pub(super) entity: Entity,
    /// The digest of the call as approved.
    pub(super) planned: Digest,
    /// Whether its doubt is on record.
    pub(super) in_doubt: bool,
}

/// What a worker hands in.
pub(super) struct Handed {
    /// The step.
    pub(super) step: StepKey,
    /// What happened.
    pub(super) records: Vec<Record>,
    /// What is about to be sent.
    pub(super) intent: Option<Asked>,
    /// Whether the reply is to tell what the run has done so far.
    pub(super) history: bool,
    /// Told when everything is on disk.
    pub(super) reply: oneshot::Sender<Result<(Snapshot, Option<CallNumber>), Halt>>,
}

/// A call that is about to be sent.
pub(super) struct Asked {
    /// What is written of it. Its number is given by the dispatcher.
    pub(super) intent: Box<Intent>,
    /// How long the same call of another step may not show yet once it has landed: until then, and while it is open what that one
    /// did, this one is not sent. None where it is sent all the same.
    pub(super) gives_way: Option<Duration>,
}

/// Who is told what happens: the dispatcher and its workers share it, on one thread.
pub(super) type Teller<'a> = Rc<RefCell<Box<dyn FnMut(Event) + 'a>>>;

/// The worker's side.
pub(super) struct Desk<'a> {
    pub(super) hand: mpsc::UnboundedSender<Handed>,
    pub(super) stopping: watch::Receiver<bool>,
    pub(super) tell: Teller<'a>,
}

impl Desk<'_> {
    /// Hands records in. Returns when they are on disk.
    pub(super) async fn record(&self, step: &StepKey, records: Vec<Record>) -> Result<Snapshot, Halt> {
        Ok(self.hand(step, records, None, false).await?.0)
    }

    /// What the run has done so far.
    pub(super) async fn history(&self, step: &StepKey) -> Result<Vec<(Timestamp, String)>, Halt> {
        Ok(self.hand(step, vec![], None, true).await?.0.history)
    }

    /// Hands an intent in, with the records that belong before it. The request may leave when this has returned with its
    /// number. Without one nothing was recorded: another step has sent the same call. A run that is stopping takes no more
    /// intents.
    pub(super) async fn intend(
        &self,
        step: &StepKey,
        records: Vec<Record>,
        asked: Asked,
    ) -> Result<Option<CallNumber>, Halt> {
        Ok(self.hand(step, records, Some(asked), false).await?.1)
    }

    async fn hand(
        &self,
        step: &StepKey,
        records: Vec<Record>,
        intent: Option<Asked>,
        history: bool,
    ) -> Result<(Snapshot, Option<CallNumber>), Halt> {
        let (reply, told) = oneshot::channel();
        let handed = Handed { step: step.clone(), records, intent, history, reply };
        self.hand.send(handed).map_err(|_| Halt::Stopping)?;
        told.await.map_err(|_| Halt::Stopping)?
    }

    /// Waits, unless the run is told to stop.
    pub(super) async fn pause(&self, step: &StepKey, why: Pausing, time: Duration) -> Result<(), Halt> {
        self.tell.borrow_mut()(Event::Waiting { step: step.clone(), why, pause: time });
        self.rest(time).await
    }

    /// Waits without telling anybody, unless the run is told to stop.
    pub(super) async fn rest(&self, time: Duration) -> Result<(), Halt> {
        let mut stopping = self.stopping.clone();
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            _ = stopping.wait_for(|stopping| *stopping) => Err(Halt::Stopping),
        }
    }
}
