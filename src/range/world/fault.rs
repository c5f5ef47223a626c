//! What goes wrong with a call, by scenario or by a test.

use serde_json::Value;

use crate::range::scenario::{Fault, FaultKind, FaultRepeat};
use crate::range::wire::{Answer, ApiCall, ServiceName};

use super::Refuse;

/// Where a call is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has arrived and has done nothing yet.
    BeforeEffect,
    /// It has done its work and the reply has not left.
    AfterEffect,
}

/// A call on its way, as a test's hook sees it.
#[derive(Debug, Clone, Copy)]
pub struct InFlight<'a> {
    /// The call.
    pub call: &'a ApiCall,
    /// Which call of this operation it is, from 1; the calls of the responder are counted.
    pub nth: u32,
    /// Where it is.
    pub moment: Moment,
}

/// When a kind of fault strikes.
pub(super) fn strikes_at(kind: FaultKind) -> Moment {
    match kind {
        FaultKind::TimeoutAfter | FaultKind::Reset | FaultKind::Malformed | FaultKind::Truncated => Moment::AfterEffect,
        _ => Moment::BeforeEffect,
    }
}

/// The fault of the scenario that meets a call.
pub(super) fn planned(faults: &[Fault], call: &ApiCall, nth: impl Fn(Option<&str>) -> u32) -> Option<FaultKind> {
    let meets = |fault: &&Fault| {
        let nth = nth(fault.region.as_deref());
        (fault.operation == "*" || fault.operation == call.operation)
            && fault.region.as_ref().is_none_or(|region| *region == call.region)
            && match fault.repeat {
                FaultRepeat::Once => fault.nth == nth,
                FaultRepeat::Persistent => fault.nth <= nth,
            }
    };
    faults.iter().find(meets).map(|fault| fault.kind)
}

/// What comes back for a fault, where that does not depend on time.
pub(super) fn answer(kind: FaultKind, call: &ApiCall, reply: &Answer) -> Option<Answer> {
    let refusal = |refuse: Refuse| Some(Answer::Error(refuse.by(call.service, None)));
    match kind {
        FaultKind::Throttle => refusal(Refuse::Throttled),
        FaultKind::InternalError => refusal(Refuse::Internal),
        FaultKind::Unavailable => refusal(Refuse::Unavailable),
        FaultKind::AccessDenied => refusal(Refuse::AccessDenied),
        FaultKind::ExpiredToken => refusal(Refuse::Expired),
        FaultKind::TimeoutBefore | FaultKind::TimeoutAfter | FaultKind::Reset => Some(Answer::NoReply),
        FaultKind::Malformed => Some(Answer::Garbage(b"<html><body>502 Bad Gateway</body></html>".to_vec(), 200)),
        FaultKind::Truncated => Some(Answer::Garbage(half(call, reply), 200)),
        FaultKind::Latency => None,
    }
}

fn half(call: &ApiCall, reply: &Answer) -> Vec<u8> {
    if matches!(call.service, ServiceName::Iam | ServiceName::Sts) {
        return format!("<{0}Response><{0}Result", call.operation).into_bytes();
    }
    let whole = match reply {
        Answer::Reply(value) => value.to_string(),
        _ => Value::Null.to_string(),
    };
    whole.as_bytes()[..whole.len().div_ceil(2)].to_vec()
}
