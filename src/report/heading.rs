//! The first line of every screen.

use crate::base::{Arn, PrincipalKind};
use crate::journal::World;
use crate::plan::Plan;

use super::text::wrapped;

/// The first line of a screen: which world, which account, who, which incident, and what else there is to say.
pub fn heading(plan: &Plan, more: &str) -> String {
    let mut parts = vec![place(plan.world, plan.place.account.as_str(), plan.alias.as_deref())];
    parts.push(format!("  you {}", caller_name(&plan.caller.arn)));
    parts.push(format!("  {}", plan.incident));
    if !more.is_empty() {
        parts.push(format!("  {more}"));
    }
    // Three columns between the parts where the line has room for them, and no part torn apart for them.
    let line = parts.join(" ");
    if line.len() <= super::text::WIDTH && crate::base::on_screen(&line) == line {
        return line + "\n";
    }
    wrapped("", "     ", &line)
}

/// The world, the account and what people call it.
pub(super) fn place(world: World, account: &str, alias: Option<&str>) -> String {
    let world = match world {
        World::Live => "LIVE",
        World::Range => "RANGE (not AWS)",
    };
    alias.map_or_else(|| format!("{world} {account}"), |alias| format!("{world} {account} {alias}"))
}

/// A caller as people name it: role and session, or user.
pub(super) fn caller_name(arn: &Arn) -> String {
    match arn.principal() {
        Some(PrincipalKind::AssumedRole { role, session }) => format!("{role}/{session}"),
        Some(PrincipalKind::Role { name, .. }) => name,
        Some(PrincipalKind::User { name, .. }) => format!("user/{name}"),
        Some(PrincipalKind::FederatedUser { name }) => format!("federated-user/{name}"),
        Some(PrincipalKind::Root) => "root".to_owned(),
        None => arn.to_string(),
    }
}
