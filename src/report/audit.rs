//! What a journal proves.

use serde_json::{Value, json};

use crate::journal::{Beside, Damage, Kept, PROVEN_ALONE, Verification};

use super::heading::{joined, place};
use super::text::{counted, wrapped};

/// The result of a verification, and exactly what it proves.
pub fn verification_text(name: &str, found: &Verification, beside: Option<&Beside>) -> String {
    let place = place(found.world, found.account.as_str(), None);
    let wrong: Vec<String> = beside.into_iter().flat_map(Beside::wrong).map(wrong_file).collect();
    let word = if wrong.is_empty() { "SOUND" } else { "DAMAGED BESIDE A SOUND JOURNAL" };
    let mut text = joined(&[place, word.to_owned(), name.to_owned()]);
    text.push_str(&format!("run      {}\nrecords  {}\nhead     {}\n", found.run, found.records, found.head));
    text.push_str(&match &found.closed {
        Some(closing) => format!("ended    with exit {}\n", closing.exit_code),
        None => "open     the run has not ended\n".to_owned(),
    });
    if let Some(torn) = found.torn {
        let what = if torn.whole {
            format!(
                "{} bytes at {} are a whole record without its line feed: a crash in that moment leaves this, and so does \
                 somebody who takes the line feed away; it does not count",
                torn.length, torn.at
            )
        } else {
            format!(
                "{} bytes at {} are a line that is not complete: a crash while it was written leaves this, and so does somebody \
                 who cuts the end off; where it was a crash, nothing was done on the strength of it",
                torn.length, torn.at
            )
        };
        text.push_str(&wrapped("torn     ", "         ", &what));
    }
    for one in &wrong {
        text.push_str(&wrapped("damaged  ", "         ", one));
    }
    text.push_str(&match beside {
        Some(beside) => format!("beside   {}\n", as_written(beside)),
        None => wrapped(
            "beside   ",
            "         ",
            "nothing: this is not the folder of the run, so neither plan nor evidence were looked at",
        ),
    });
    text + &wrapped("proves   ", "         ", PROVEN_ALONE)
}

fn wrong_file((name, kept): (&str, Kept)) -> String {
    let what =
        if kept == Kept::Missing { "is not there, or cannot be read" } else { "was changed after it was written" };
    format!("{name} {what}")
}

/// How many of the files beside a journal are what it names.
fn as_written(beside: &Beside) -> String {
    let all = beside.0.len();
    let sound = all - beside.wrong().count();
    format!("{sound} of {} as the journal names them: plan and evidence", counted(all, "file"))
}

/// The same for programs.
pub fn verification_json(result: Result<&Verification, &Damage>, beside: Option<&Beside>) -> Value {
    match result {
        Ok(found) => {
            let mut picture = json!(found);
            picture["sound"] = json!(beside.is_none_or(|beside| beside.wrong().next().is_none()));
            picture["beside"] = json!(beside);
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
        + &wrapped(
            "before   ",
            "         ",
            "the records before that line are sound; no run goes on from this journal. Keep its folder as it is, and compare it \
             with copies from elsewhere",
        )
}
