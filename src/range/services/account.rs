//! AWS Account Management.

use serde_json::{Value, json};

use crate::range::world::{Handled, Turn, refuse};

use super::Row;
use super::row::anything;

pub(super) const ROWS: &[Row] = &[
    Row::read("ListRegions", anything, list_regions),
    Row::read("GetAlternateContact", anything, get_alternate_contact),
];

fn list_regions(turn: &mut Turn<'_>) -> Handled {
    let wanted = turn.texts("RegionOptStatusContains");
    let account = turn.account();
    let known = account.regions.iter().map(|(region, status)| (region.as_str(), status.as_str()));
    // FACT account-disabled-regions
    let off = DISABLED.iter().copied().filter(|region| !account.regions.contains_key(*region));
    let all = known.chain(off.map(|region| (region, "DISABLED")));
    let shown = all
        .filter(|(_, status)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == status))
        .map(|(region, status)| json!({ "RegionName": region, "RegionOptStatus": status }));
    let shown: Vec<Value> = shown.collect();
    turn.page("Regions", shown)
}

/// Regions that are disabled unless the scenario enables them.
const DISABLED: &[&str] = &["af-south-1", "ap-east-1", "eu-south-1", "me-south-1"];

fn get_alternate_contact(turn: &mut Turn<'_>) -> Handled {
    let kind = turn.text("AlternateContactType");
    let contact = turn.account().security_contact.as_ref().filter(|_| kind == "SECURITY");
    let contact = contact.ok_or_else(|| {
        refuse("ResourceNotFoundException", "No contact of the inputted alternate contact type found.")
    })?;
    Ok(json!({ "AlternateContact": {
        "Name": contact.name, "Title": "Security", "EmailAddress": contact.email, "PhoneNumber": contact.phone,
        "AlternateContactType": kind,
    }}))
}
