//! The one integration binary.

mod containment;
mod knobs;
mod ladder;
mod pages;
mod stage;
