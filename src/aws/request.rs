//! What every request of the vocabulary can do.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::Future;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Clients, Fault, Operation};
use crate::base::{Entity, Region};

/// One exact API request, as data.
pub trait Request: Serialize + DeserializeOwned + Clone + Debug + Send + Sync + 'static {
    /// The row of its operation.
    const OPERATION: &'static Operation;

    /// What comes back, in our own words: SDK types neither serialise nor show what undo needs.
    type Reply: Clone + Send + Sync + 'static;

    /// What it is about.
    fn entity(&self) -> Entity;

    /// The Region it is sent to; nothing for a global service.
    fn region(&self) -> Option<&Region> {
        None
    }

    /// Sends it, once.
    fn send(&self, to: &Clients) -> impl Future<Output = Result<Accepted<Self::Reply>, Fault>> + Send;
}

/// A request that only reads: it may be repeated, and memoised while a plan is made.
pub trait Ask: Request {}

/// A read whose answer comes in pages.
pub trait Paged: Ask<Reply = Page<Self::Item>> {
    /// What the pages hold.
    type Item: Clone + Send + Sync + 'static;

    /// The request for the page after this one.
    fn after(&self, next: String) -> Self;
}

/// One page of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What the page holds.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// What AWS said when it accepted a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accepted<R> {
    /// The reply.
    pub reply: R,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// AWS's own clock when it answered, to the second.
    pub aws_time: Option<Timestamp>,
}

impl<R> Accepted<R> {
    /// Reads the reply as something of ours; where it makes no sense, that is AWS's fault.
    pub(super) fn read<T>(
        self,
        operation: &Operation,
        read: impl FnOnce(R) -> Result<T, String>,
    ) -> Result<Accepted<T>, Fault> {
        let reply = read(self.reply).map_err(|why| Fault::nonsense(operation, why))?;
        Ok(Accepted { reply, request_id: self.request_id, aws_time: self.aws_time })
    }
}

/// What a call made that later calls need, by name: a case id, a key id.
pub type Made = BTreeMap<String, Value>;
