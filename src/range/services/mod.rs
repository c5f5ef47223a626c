//! The behaviour of each operation, and only that: form is the wire's, identity and permission are the front door's.

mod account;
mod agents;
mod bedrock;
mod cloudtrail;
mod iam;
mod qbusiness;
mod row;
mod secrets;
mod sts;
mod support;
mod things;

pub(crate) use row::{Row, find, handle};
