//! What goes wrong.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Span;

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// AWS says that there were too many requests.
    Throttle,
    /// AWS answers 500 and has done nothing.
    InternalError,
    /// AWS answers 503 and has done nothing.
    Unavailable,
    /// Nothing happens and nothing comes back.
    TimeoutBefore,
    /// It happens, and nothing comes back.
    TimeoutAfter,
    /// It happens, and the connection breaks.
    Reset,
    /// AWS says that the caller may not.
    AccessDenied,
    /// AWS says that the caller's session has ended.
    ExpiredToken,
    /// It happens, and what comes back is no reply.
    Malformed,
    /// It happens, and the reply ends in the middle.
    Truncated,
    /// It happens after a minute.
    Latency,
}

/// How often a call goes wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultRepeat {
    /// One time.
    #[default]
    Once,
    /// From then on, always.
    Persistent,
}

/// One thing that goes wrong for the responder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The operation as the service model names it, such as `PutRolePolicy`, or `*` for each.
    pub operation: String,
    /// The Region whose calls are meant; each, unless set.
    #[serde(default)]
    pub region: Option<String>,
    /// Which of its calls, from 1. Where a Region is set, only that Region's calls are counted.
    #[serde(default = "first")]
    pub nth: u32,
    /// How it goes wrong.
    pub kind: FaultKind,
    /// How often.
    #[serde(default)]
    pub repeat: FaultRepeat,
}

fn first() -> u32 {
    1
}

/// How long a client waits in vain at most before the connection breaks anyway.
pub(crate) const PATIENCE: Span = Span::seconds(60);
