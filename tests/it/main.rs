//! The one integration binary.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod actions;
mod cli_account;
mod cli_ask;
mod cli_beside;
mod cli_decode_key;
mod cli_hostile;
mod cli_next;
mod cli_offline;
mod cli_profile;
mod cli_prompt;
mod cli_quell;
mod cli_rehearse;
mod cli_same_calls;
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
mod extent;
mod falling_short;
mod faults;
mod fuse;
mod guard_read_only;
mod knobs;
mod ladder;
mod new_keys;
mod organisation;
mod outside;
mod pages;
mod readme;
mod runbooks;
mod stage;
mod techniques;
mod undo;
mod used;
mod what_is_left;
