//! The one integration binary.

mod actions;
mod cli_account;
mod cli_hostile;
mod cli_offline;
mod cli_prompt;
mod cli_quell;
mod cli_rehearse;
mod cli_stops;
mod containment;
mod contract;
mod contract_faults;
mod contract_permissions;
mod contract_random;
mod crash;
mod crash_judge;
mod crash_kill;
mod dispatcher;
mod drill;
mod faults;
mod fuse;
mod guard_read_only;
mod knobs;
mod ladder;
mod pages;
mod stage;
mod undo;
