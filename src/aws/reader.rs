//! Reads: paced, retried, counted, and while a plan is made also remembered.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::OnceCell;

use super::pace::Pace;
use super::{Accepted, Ask, Attempt, Call, Clients, Fault, FaultKind, Made, Paged, Retry};
use crate::base::{Clock, Digest};

/// How many pages of one answer are read at most; an account that has more is not swept, and says so.
const MOST_PAGES: usize = 1_000;

/// A reply, whatever its type.
type Reply = Arc<dyn Any + Send + Sync>;

/// The one way to AWS: sends reads with pace and patience, and calls one attempt at a time.
///
/// Steps that start together ask the same things at the same moment, and an answer that is on its way serves all who ask
/// for it. A plan keeps its answers, since it is one picture; a run lets go of them as soon as they are there.
#[derive(Debug)]
pub struct Reader {
    clients: Clients,
    clock: Clock,
    pace: Pace,
    retry: Retry,
    remembering: bool,
    answers: Mutex<HashMap<Digest, Arc<OnceCell<Reply>>>>,
    reads: AtomicU64,
    aws_clock: Mutex<Option<(Timestamp, Timestamp)>>,
}

impl Reader {
    /// Reads that are never remembered, for runs.
    pub fn new(clients: Clients, clock: Clock, seed: u64) -> Self {
        Self {
            clients,
            clock,
            pace: Pace::default(),
            retry: Retry::new(seed),
            remembering: false,
            answers: Mutex::default(),
            reads: AtomicU64::new(0),
            aws_clock: Mutex::default(),
        }
    }

    /// Reads that are remembered for as long as this reader lives, for plans: a plan is one picture.
    pub fn remembering(self) -> Self {
        Self { remembering: true, ..self }
    }

    /// Whether reads are remembered: a plan is being made.
    pub fn is_remembering(&self) -> bool {
        self.remembering
    }

    /// How many reads were sent.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// AWS's own clock, as its last answer and the time since tell it; nothing before the first answer.
    pub fn aws_now(&self) -> Option<Timestamp> {
        let (theirs, ours) = (*self.aws_clock.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(theirs + self.clock.now().duration_since(ours))
    }

    /// Reads, as often as it takes and makes sense.
    pub async fn ask<R: Ask>(&self, request: R) -> Result<R::Reply, Fault> {
        // What the SDK does inside is large: on the heap it does not weigh on every look that waits for it.
        self.share(&(R::OPERATION.to_string(), &request), Box::pin(self.send_read(&request))).await
    }

    /// What several requests find together, under a name of its own: a look that is on its way serves all who want it,
    /// like a single read. What it found first may be as old as the look took.
    pub async fn share<T, E>(&self, name: &impl Serialize, look: impl Future<Output = Result<T, E>>) -> Result<T, E>
    where
        T: Clone + Send + Sync + 'static,
    {
        let key = Digest::of(&(std::any::type_name::<T>(), name));
        let answer = Arc::clone(self.answers().entry(key).or_default());
        let found = answer.get_or_try_init(|| async { Ok(Arc::new(look.await?) as Reply) }).await.cloned();
        if !self.remembering || found.is_err() {
            self.forget(key, &answer);
        }
        Ok(found?.downcast_ref::<T>().cloned().expect("the type is a part of the key"))
    }

    async fn send_read<R: Ask>(&self, request: &R) -> Result<R::Reply, Fault> {
        let mut attempt = 1;
        loop {
            self.pace.turn(R::OPERATION, request.region()).await;
            self.reads.fetch_add(1, Ordering::Relaxed);
            match request.send(&self.clients).await {
                Ok(accepted) => {
                    self.hear(&accepted);
                    return Ok(accepted.reply);
                }
                Err(fault) => match self.retry.after(R::OPERATION, &fault, attempt) {
                    Attempt::Again(pause) => self.clock.sleep(pause).await,
                    Attempt::GiveUp | Attempt::InDoubt => return Err(fault),
                },
            }
            attempt += 1;
        }
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<Digest, Arc<OnceCell<Reply>>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of an answer, unless another one is on its way already.
    fn forget(&self, key: Digest, answer: &Arc<OnceCell<Reply>>) {
        let mut answers = self.answers();
        if answers.get(&key).is_some_and(|known| Arc::ptr_eq(known, answer)) {
            answers.remove(&key);
        }
    }

    /// Reads all pages of an answer. An answer that never ends is a fault, not a short answer.
    pub async fn ask_all<R: Paged>(&self, first: R) -> Result<Vec<R::Item>, Fault> {
        let mut items = Vec::new();
        let mut request = first;
        let mut seen = std::collections::HashSet::new();
        for _ in 0..MOST_PAGES {
            let page = self.ask(request.clone()).await?;
            items.extend(page.items);
            match page.next {
                None => return Ok(items),
                Some(next) if !seen.insert(next.clone()) => {
                    let why = "AWS sent the same page token twice".to_owned();
                    return Err(Fault::of(R::OPERATION, FaultKind::Other, "EndlessPages", why));
                }
                Some(next) => request = request.after(next),
            }
        }
        let why = format!("more than {MOST_PAGES} pages");
        Err(Fault::of(R::OPERATION, FaultKind::Other, "EndlessPages", why))
    }

    /// Sends a call, once, when its turn has come.
    pub async fn send(&self, call: &Call) -> Result<Accepted<Made>, Fault> {
        self.pace.turn(call.operation(), call.region()).await;
        let accepted = call.send(&self.clients).await?;
        self.hear(&accepted);
        Ok(accepted)
    }

    /// What to do after a fault of a call.
    pub fn after(&self, call: &Call, fault: &Fault, attempt: u32) -> Attempt {
        self.retry.after(call.operation(), fault, attempt)
    }

    fn hear<R>(&self, accepted: &Accepted<R>) {
        if let Some(time) = accepted.aws_time {
            *self.aws_clock.lock().unwrap_or_else(PoisonError::into_inner) = Some((time, self.clock.now()));
        }
    }
}
