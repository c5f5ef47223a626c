//! The one integration binary.

mod ladder;
mod pages;
