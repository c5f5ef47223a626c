//! Reads: paced, retried, counted, and while a plan is made also remembered.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::pace::Pace;
use super::{Accepted, Ask, Attempt, Call, Clients, Fault, FaultKind, Made, Paged, Request, Retry};
use crate::base::{Clock, Digest};

/// How many pages of one answer are read at most; an account that has more is not swept, and says so.
const MOST_PAGES: usize = 1_000;

/// The one way to AWS: sends reads with pace and patience, and calls one attempt at a time.
#[derive(Debug)]
pub struct Reader {
    clients: Clients,
    clock: Clock,
    pace: Pace,
    retry: Retry,
    memory: Option<Mutex<HashMap<Digest, Arc<dyn Any + Send + Sync>>>>,
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
            memory: None,
            reads: AtomicU64::new(0),
            aws_clock: Mutex::default(),
        }
    }

    /// Reads that are remembered for as long as this reader lives, for plans: a plan is one picture.
    pub fn remembering(self) -> Self {
        Self { memory: Some(Mutex::default()), ..self }
    }

    /// Whether reads are remembered: a plan is being made.
    pub fn is_remembering(&self) -> bool {
        self.memory.is_some()
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
        let key = self.memory.is_some().then(|| Digest::of(&(R::OPERATION.to_string(), &request)));
        if let Some(known) = key.and_then(|key| self.recall::<R>(key)) {
            return Ok(known);
        }
        let mut attempt = 1;
        loop {
            self.pace.turn(R::OPERATION, request.region()).await;
            self.reads.fetch_add(1, Ordering::Relaxed);
            match request.send(&self.clients).await {
                Ok(accepted) => {
                    self.hear(&accepted);
                    if let (Some(memory), Some(key)) = (&self.memory, key) {
                        let reply = Arc::new(accepted.reply.clone());
                        memory.lock().unwrap_or_else(PoisonError::into_inner).insert(key, reply);
                    }
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

    fn recall<R: Request>(&self, key: Digest) -> Option<R::Reply> {
        let memory = self.memory.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        memory.get(&key)?.downcast_ref::<R::Reply>().cloned()
    }

    fn hear<R>(&self, accepted: &Accepted<R>) {
        if let Some(time) = accepted.aws_time {
            *self.aws_clock.lock().unwrap_or_else(PoisonError::into_inner) = Some((time, self.clock.now()));
        }
    }
}
