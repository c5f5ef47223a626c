//! What a query found, in full.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::heading::{joined, place};
use super::makers::left_alone;
use super::text::{day_and_minute, section, wrapped};
use crate::actions::AnyQuery;
use crate::base::counted;
use crate::journal::World;
use crate::plan::{PlannedQuery, Surroundings, Sweep};

/// For people: one entry for each thing, with all that is known of it.
pub fn answer_text(query: &dyn AnyQuery, swept: &Sweep, world: World, around: &Surroundings, at: Timestamp) -> String {
    let place = place(world, around.place.account.as_str(), around.alias.as_deref());
    let mut text = joined(&[place, query.name().to_owned()]);
    let found = match swept.items.len() {
        0 => "nothing".to_owned(),
        count => counted(count, "thing"),
    };
    text.push_str(&section("FOUND", &[found + &everywhere(swept)]));
    // Whose a thing is has been looked up only where somebody was named.
    let names_somebody = |asked: &PlannedQuery| asked.input.get("created_by").is_some_and(|by| *by != json!([]));
    let asks_whose = swept.asked.iter().any(names_somebody);
    for (number, item) in swept.items.iter().enumerate() {
        text.push_str(&wrapped(&format!("{:>4}  ", number + 1), "        ", &told(item, asks_whose)));
    }
    text.push_str(&section("LEFT ALONE", &left_alone(&swept.asked)));
    let not_read = swept
        .not_read
        .iter()
        .map(|one| one.region.as_ref().map_or_else(|| one.why.clone(), |region| format!("{region} ({})", one.why)));
    text.push_str(&section("NOT READ", &not_read.collect::<Vec<_>>()));
    text.push_str(&section("MAY NOT BE ALL", &Vec::from_iter(swept.truncated.clone())));
    let late = query.lag().map(|lag| format!("{}: AWS tells later", day_and_minute(at - lag)));
    text.push_str(&section("COMPLETE UNTIL", &Vec::from_iter(late)));
    text
}

fn everywhere(swept: &Sweep) -> String {
    let regions: Vec<&str> =
        swept.asked.iter().filter_map(|asked| asked.key.region.as_ref()).map(|one| one.as_str()).collect();
    if regions.is_empty() { String::new() } else { format!(" in {}", regions.join(", ")) }
}

/// The members of an item, those that say nothing left out.
fn told(item: &Value, asks_whose: bool) -> String {
    let Value::Object(members) = item else { return value(item) };
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    };
    let members = members.iter().filter(|(name, value)| says(value) && (asks_whose || *name != "theirs"));
    members.map(|(name, of)| format!("{name}: {}", value(of))).collect::<Vec<_>>().join(" · ")
}

fn value(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// For programs. `complete` is false where something could not be read, or may be missing.
pub fn answer_json(query: &dyn AnyQuery, swept: &Sweep, at: Timestamp) -> Value {
    json!({
        "format": 1,
        "query": query.name(),
        "items": swept.items,
        "asked": swept.asked.iter().map(|asked| &asked.key.region).collect::<Vec<_>>(),
        "left_alone": left_alone(&swept.asked),
        "not_read": swept.not_read,
        "may_not_be_all": swept.truncated,
        "complete_until": query.lag().map(|lag| at - lag),
        "complete": is_complete(swept),
    })
}

/// Whether it was read everywhere, to the end.
pub fn is_complete(swept: &Sweep) -> bool {
    swept.not_read.is_empty() && swept.truncated.is_none()
}
