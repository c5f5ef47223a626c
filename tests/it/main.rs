//! The one integration binary.

mod containment;
mod stage;
