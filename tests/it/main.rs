//! The one integration binary.

mod containment;
mod ladder;
mod pages;
mod stage;
