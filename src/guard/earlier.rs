//! A plan that was signed and carried out, and what it lends to one that follows it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::allowed_signers::Person;
use crate::base::{Digest, RunId};
use crate::plan::{Plan, Since, beyond};

/// A plan that was carried out, as the folder of its run holds it. The signatures are over this plan, and over no other.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// The run.
    pub run: RunId,
    /// The plan.
    pub plan: Plan,
    /// The signatures that were kept with it: where each was found, and its text.
    pub signatures: Vec<(String, String)>,
    /// Who counted when the run began: whoever applied it then did not.
    pub counted: BTreeSet<String>,
    /// What its run, and those that followed it, have done.
    pub since: Since,
    /// Why nothing of it counts any more, if so.
    pub over: Option<String>,
}

/// What a plan lends to one that follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lent {
    /// The run.
    pub run: RunId,
    /// Its plan.
    pub plan: Digest,
    /// What the plan that follows does beyond it, in words: where that is anything, no signature over it counts.
    pub more: Vec<String>,
}

impl Earlier {
    /// What it lends to a plan that follows it, seen from both as they are.
    pub(super) fn lends_to(&self, plan: &Plan) -> Lent {
        let more = self.over.clone().map_or_else(|| beyond(&self.plan, plan, &self.since), |why| vec![why]);
        Lent { run: self.run.clone(), plan: self.plan.digest(), more }
    }

    /// Whether the signature of a person over this plan counts for the one that it lends to, or why not.
    pub(super) fn counts(&self, person: &Person, lent: &Lent) -> Result<(), String> {
        if !lent.more.is_empty() {
            return Err("it is over an earlier plan, and does not cover this one".to_owned());
        }
        match person.iter().any(|name| self.counted.contains(name)) {
            true => Ok(()),
            false => Err(format!("it did not count when run {} began", self.run)),
        }
    }
}
