//! The first line of every screen.

use unicode_width::UnicodeWidthStr;

use crate::base::{Arn, PrincipalKind, on_screen};
use crate::journal::World;
use crate::plan::Plan;

use super::text::{WIDTH, wrapped};

/// The first line of a screen: which world, which account, who, which incident, and what else there is to say.
pub fn heading(plan: &Plan, more: &str) -> String {
    joined(&[
        place(plan.world, plan.place.account.as_str(), plan.alias.as_deref()),
        format!("you {}", caller_name(&plan.caller.arn)),
        plan.incident.to_string(),
        more.to_owned(),
    ])
}

/// The parts of a first line, three columns between them; a part that has no room begins another line.
pub(super) fn joined(parts: &[String]) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let part = on_screen(part);
        if line.is_empty() {
            line = part;
        } else if line.width() + 3 + part.width() <= WIDTH {
            line = format!("{line}   {part}");
        } else {
            lines.push_str(&line);
            lines.push('\n');
            line = format!("     {part}");
        }
    }
    // What is still too wide is one part alone.
    if line.width() > WIDTH { lines + &wrapped("", "     ", &line) } else { lines + &line + "\n" }
}

/// The world, the account and what people call it.
pub fn place(world: World, account: &str, alias: Option<&str>) -> String {
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
