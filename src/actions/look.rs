//! How actions and queries read.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::aws::{Ask, Fault, FaultKind, Paged, Reader};
use crate::base::{AccessKeyId, Region};

/// A look at the account: reads only, retried and paced; memoised while a plan is made. While one is applied, nothing
/// that it is told is older than the look itself.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    reader: &'a Reader,
    since: Instant,
    everywhere: bool,
    lacking: Option<&'a str>,
}

/// Why a look failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// AWS did not let us, or did not answer.
    #[error("failed to look at the account")]
    Fault(#[source] Fault),
    /// AWS answered what cannot be.
    #[error("AWS answered what cannot be: {0}")]
    Nonsense(String),
}

impl From<Fault> for LookError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl LookError {
    /// The fault, if AWS or the way to it is the reason.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault(fault) => Some(fault),
            Self::Nonsense(_) => None,
        }
    }
}

impl<'a> Look<'a> {
    /// A look through a reader, which begins now.
    pub fn new(reader: &'a Reader) -> Self {
        Self { reader, since: Instant::now(), everywhere: false, lacking: None }
    }

    /// The same for an undo: what was done may stand where nobody would do it now.
    pub fn everywhere(self, everywhere: bool) -> Self {
        Self { everywhere, ..self }
    }

    /// Whether it is to look wherever the action may have done something, needed for its goal now or not.
    pub fn is_everywhere(&self) -> bool {
        self.everywhere
    }

    /// The same where those whom a query is asked about may not be all, and why.
    pub fn where_makers_lack(self, lacking: Option<&'a str>) -> Self {
        Self { lacking, ..self }
    }

    /// Why those whom a query is asked about may not be all, if so.
    pub fn lacking(&self) -> Option<&'a str> {
        self.lacking
    }

    /// Reads.
    pub async fn ask<R: Ask>(&self, request: R) -> Result<R::Reply, LookError> {
        Ok(self.reader.ask_since(self.since, request).await?)
    }

    /// Whether this program holds the secret of a key that it has made.
    pub fn holds(&self, key: &AccessKeyId) -> bool {
        self.reader.holds(key)
    }

    /// Waits between two questions about something that takes AWS a while.
    pub async fn rest(&self, time: Duration) {
        self.reader.rest(time).await;
    }

    /// AWS's own clock, as its last answer tells it; nothing before the first answer.
    pub fn aws_now(&self) -> Option<Timestamp> {
        self.reader.aws_now()
    }

    /// Reads all pages of an answer.
    pub async fn ask_all<R: Paged>(&self, first: R) -> Result<Vec<R::Item>, LookError> {
        Ok(self.reader.ask_all_since(self.since, first).await?)
    }

    /// Reads all pages about what may not exist.
    pub async fn find_all<R: Paged>(&self, first: R) -> Result<Option<Vec<R::Item>>, LookError> {
        match self.reader.ask_all_since(self.since, first).await {
            Ok(items) => Ok(Some(items)),
            Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Reads what may not exist.
    pub async fn find<R: Ask>(&self, request: R) -> Result<Option<R::Reply>, LookError> {
        match self.reader.ask_since(self.since, request).await {
            Ok(reply) => Ok(Some(reply)),
            Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Reads what is nice to know and decides nothing: in a short time or not at all. A run knows it from the plan, and
    /// does not look.
    pub async fn glance<R: Ask>(&self, request: R) -> Option<R::Reply> {
        if !self.reader.is_remembering() {
            return None;
        }
        self.reader.glance(self.since, request).await.ok()
    }

    /// The same about something of IAM that may not exist: nothing where that is not known.
    pub async fn glance_whether<R: Ask>(&self, request: R) -> Option<Option<R::Reply>> {
        if !self.reader.is_remembering() {
            return None;
        }
        match self.reader.glance(self.since, request).await {
            Ok(reply) => Some(Some(reply)),
            Err(code) if code == "NoSuchEntity" => Some(None),
            Err(_) => None,
        }
    }
}

/// The Region in which a regional query is asked. It always has one: the planner asks such a query once for each.
pub(super) fn of_region(region: Option<&Region>) -> Result<&Region, LookError> {
    region.ok_or_else(|| LookError::Nonsense("no Region was given".to_owned()))
}
