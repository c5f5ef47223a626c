//! What a role or user is used for, as far as a plan wants to say it: read in a short time or not at all, and nothing is decided
//! by it.

use futures_util::future::join_all;
use jiff::Timestamp;

use super::Look;
use super::role_users::names;
use crate::aws::{GetAccessKeyLastUsed, GetInvocationLogging, KeyStatus, ListAccessKeys, ListRegions};
use crate::base::{Arn, Region, UserName};

/// The last use of the active keys of a user: when, and in words.
pub(super) async fn last_use_of_keys(look: &Look<'_>, user: &UserName) -> Option<(Timestamp, String)> {
    let listed = look.glance(ListAccessKeys { user: user.clone(), next: None }).await?;
    let active = listed.items.into_iter().filter(|key| key.status == KeyStatus::Active);
    let uses = join_all(active.map(async |key| {
        let used = look.glance(GetAccessKeyLastUsed { key: key.id.clone() }).await?.last?;
        Some((used.when, format!("key {} last used {used}", key.id)))
    }));
    uses.await.into_iter().flatten().max()
}

/// The Regions whose log of model invocations is written with a role, which `services` may take on.
pub(super) async fn logs_written_with(look: &Look<'_>, role: &Arn, services: &[String]) -> Vec<Region> {
    if !services.iter().any(|service| service.starts_with("bedrock.")) {
        return vec![];
    }
    let regions = look.glance(ListRegions { next: None }).await.map(|page| page.items).unwrap_or_default();
    let written = join_all(regions.into_iter().map(async |region| {
        let log = look.glance(GetInvocationLogging { region: region.clone() }).await??;
        let log = serde_json::to_value(&log).ok()?;
        names(&log, role.as_str()).then_some(region)
    }));
    written.await.into_iter().flatten().collect()
}
