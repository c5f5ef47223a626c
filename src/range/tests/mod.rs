//! Behaviour of the range, call by call, on a paused clock.

mod agents;
mod bench;
mod enforcement;
mod facts;
mod faults;
mod findings;
mod iam;
mod look_around;
mod queues;
mod story;
mod support;
mod table;
