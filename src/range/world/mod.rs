//! The front door of the range and what stands behind it on every call: faults, clock, identity, rates, authorisation,
//! record.
//!
//! A call passes in this order: half the latency, faults before effect, who is it, how many were there, may they, the
//! handler, the record, faults after effect, the other half.

mod authorize;
mod aws_managed;
mod build;
mod build_bedrock;
mod build_events;
mod build_knowledge;
mod build_models;
mod build_q;
mod credentials;
mod fault;
mod identify;
mod knowledge;
mod normal;
mod past;
mod range;
mod refusal;
mod service_call;
mod state;
mod throttle;
mod trail;
mod turn;

pub(crate) use authorize::{AskedFor, Authorizer, Question, Verdict, View};
pub use fault::{InFlight, Moment};
pub(crate) use identify::describe;
pub use range::{Credentials, Range};
pub(crate) use refusal::{Refuse, refuse};
pub(crate) use service_call::model_call;
pub(crate) use state::{Party, State, earlier, later};
pub(crate) use trail::whole_second;
pub use trail::{TrailEvent, TrailIdentity};
pub(crate) use turn::{Handled, Turn};
