//! The one integration binary.

mod actions;
mod cli_account;
mod cli_hostile;
mod cli_offline;
mod cli_prompt;
mod cli_quell;
mod cli_rehearse;
mod containment;
mod contract;
mod knobs;
mod ladder;
mod pages;
mod stage;
