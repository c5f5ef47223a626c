//! The one integration binary.

mod actions;
mod containment;
mod contract;
mod crash;
mod crash_judge;
mod crash_kill;
mod dispatcher;
mod drill;
mod faults;
mod fuse;
mod knobs;
mod ladder;
mod pages;
mod stage;
