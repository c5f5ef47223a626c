//! The watch over the adversary's capabilities.

use jiff::Timestamp;

use crate::range::model::Account;
use crate::range::scenario::CapabilitySpec;
use crate::range::wire::{ApiCall, ApiError};
use crate::range::world::{Authorizer, Party};

use super::Judgement;

/// Watches what the adversary can do.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    /// What containment must end.
    pub(crate) can: Vec<CapabilitySpec>,
    started: Option<Timestamp>,
}

impl Judge {
    pub(crate) fn start(&mut self, now: Timestamp) {
        self.started = Some(now);
    }

    pub(crate) fn look(&mut self, _account: &Account, _authorizer: &mut Authorizer, _when: Timestamp) {}

    pub(crate) fn note_call(&mut self, _party: Party, _call: &ApiCall, _error: Option<&ApiError>, _now: Timestamp) {}

    pub(crate) fn judgement(&self) -> Judgement {
        Judgement::default()
    }
}
