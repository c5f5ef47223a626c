//! The behaviour of each operation, and only that: form is the wire's, identity and permission are the front door's.

mod account;
mod agents;
mod assume_role;
mod bedrock;
mod cloudtrail;
mod guardduty;
mod iam;
mod knowledge;
mod q;
mod row;
mod secrets;
mod sqs;
mod sts;
mod support;
mod tags;
mod trails;

pub(crate) use row::{Row, find, handle};
pub(crate) use sqs::{held_until, next_change, received};
