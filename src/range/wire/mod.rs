//! The wire of the range: simulated AWS that speaks the real protocols.
//!
//! The real SDK clients, boto3 and the AWS CLI run against it unchanged. Everything about a request's form comes from
//! one table made of the public service models; a [`World`] only ever sees an [`ApiCall`] that has the right shape, and
//! only says an [`Answer`].

mod call;

pub use call::{Answer, Answered, ApiCall, ApiError, ServiceName, World};
