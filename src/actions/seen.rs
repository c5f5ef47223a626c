//! What a look found.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::Digest;

/// What a look found, in three parts that must not be mixed up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen<S, P, C> {
    /// Exactly what is decided on.
    pub state: S,
    /// What evidence, echoed fields and undo need.
    pub present: P,
    /// What is only shown.
    pub context: C,
}

/// [`Seen`] as JSON, the form in which the registry hands it on.
pub type SeenJson = Seen<Value, Value, Value>;

impl SeenJson {
    /// The digest of the state: two looks with the same fingerprint lead to the same moves.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&self.state)
    }
}
