//! The one integration binary.

mod actions;
mod containment;
mod contract;
mod knobs;
mod ladder;
mod pages;
mod stage;
