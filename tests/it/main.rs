//! The one integration binary.

mod containment;
mod crash;
mod crash_judge;
mod drill;
mod fuse;
mod stage;
