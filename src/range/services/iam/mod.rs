//! AWS Identity and Access Management.

mod access;
mod account;
mod keys;
mod permissions;
mod policies;
mod quota;
mod roles;
mod simulate;
mod users;

use super::Row;

/// The operations, by what they are about.
pub(super) const TABLES: &[&[Row]] =
    &[roles::ROWS, users::ROWS, permissions::ROWS, keys::ROWS, policies::ROWS, account::ROWS, simulate::ROWS];
