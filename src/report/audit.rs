//! What a journal proves.

use serde_json::{Value, json};

use crate::journal::{Damage, PROVEN_ALONE, Verification};

use super::heading::{joined, place};
use super::text::wrapped;

/// The result of a verification, and exactly what it proves.
pub fn verification_text(name: &str, found: &Verification) -> String {
    let place = place(found.world, found.account.as_str(), None);
    let mut text = joined(&[place, "SOUND".to_owned(), name.to_owned()]);
    text.push_str(&format!("run      {}\nrecords  {}\nhead     {}\n", found.run, found.records, found.head));
    text.push_str(&match &found.closed {
        Some(closing) => format!("ended    with exit {}\n", closing.exit_code),
        None => "open     the run has not ended\n".to_owned(),
    });
    if let Some(torn) = found.torn {
        let what = format!(
            "{} bytes at {} are what is left of a line that was never complete: nothing was done on the strength of it",
            torn.length, torn.at
        );
        text.push_str(&wrapped("torn     ", "         ", &what));
    }
    text + &wrapped("proves   ", "         ", PROVEN_ALONE)
}

/// The same for programs.
pub fn verification_json(result: Result<&Verification, &Damage>) -> Value {
    match result {
        Ok(found) => {
            let mut picture = json!(found);
            picture["sound"] = json!(true);
            picture["proves"] = json!(PROVEN_ALONE);
            picture
        }
        Err(damage) => {
            json!({ "format": 1, "sound": false, "line": damage.line, "damage": damage.kind.to_string() })
        }
    }
}

/// The first damage of a journal.
pub fn damage_text(name: &str, damage: &Damage) -> String {
    wrapped("", "     ", &format!("DAMAGED   {name}"))
        + &wrapped(&format!("line {:<4}", damage.line), "         ", &damage.kind.to_string())
        + "before   the records before that line are sound; no run goes on from this journal\n"
}
