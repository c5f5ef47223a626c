//! AWS Identity and Access Management.

mod access;
mod account;
mod credentials;
mod groups;
mod keys;
mod last_accessed;
mod permissions;
mod policies;
mod providers;
mod quota;
mod report;
mod roles;
mod simulate;
mod users;
mod versions;

use super::Row;

pub(super) use quota::well_formed;

/// The operations, by what they are about.
pub(super) const TABLES: &[&[Row]] = &[
    roles::ROWS,
    users::ROWS,
    groups::ROWS,
    credentials::ROWS,
    permissions::ROWS,
    keys::ROWS,
    policies::ROWS,
    providers::ROWS,
    report::ROWS,
    last_accessed::ROWS,
    versions::ROWS,
    account::ROWS,
    simulate::ROWS,
];
