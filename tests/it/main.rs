//! The one integration binary.

mod actions;
mod containment;
mod contract;
mod contract_faults;
mod contract_permissions;
mod contract_random;
mod guard_read_only;
mod knobs;
mod ladder;
mod pages;
mod stage;
mod undo;
