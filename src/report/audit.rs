//! What a journal proves.

use serde_json::{Value, json};

use crate::journal::{
    Beside, Checkpoint, Contradiction, Damage, Kept, PROVEN_ALONE, PROVEN_TO_CHECKPOINT, Verification,
};

use super::heading::{joined, place};
use super::text::{counted, moment, wrapped};

/// A checkpoint that was kept elsewhere, held against a journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Who has signed it.
    pub by: String,
    /// Whether the journal is what it was.
    pub held: Result<(), Contradiction>,
}

/// The result of a verification, and exactly what it proves.
pub fn verification_text(
    name: &str,
    found: &Verification,
    beside: Option<&Beside>,
    against: Option<&Against>,
) -> String {
    let place = place(found.world, found.account.as_str(), None);
    let wrong: Vec<String> = beside.into_iter().flat_map(Beside::wrong).map(wrong_file).collect();
    let word = match against.map(|against| &against.held) {
        Some(Err(_)) => "NOT THE JOURNAL OF THE CHECKPOINT",
        _ if wrong.is_empty() => "SOUND",
        _ => "DAMAGED BESIDE A SOUND JOURNAL",
    };
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
    let Some(against) = against else { return text + &wrapped("proves   ", "         ", PROVEN_ALONE) };
    let Checkpoint { records, at, .. } = &against.checkpoint;
    let told = match &against.held {
        Ok(()) => format!(
            "signed by {}, of {}: the first {records} records are those that were there",
            against.by,
            moment(*at)
        ),
        Err(contradiction) => format!("signed by {}, of {}: {contradiction}", against.by, moment(*at)),
    };
    text.push_str(&wrapped("kept     ", "         ", &told));
    text + &wrapped("proves   ", "         ", if against.held.is_ok() { PROVEN_TO_CHECKPOINT } else { PROVEN_ALONE })
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
pub fn verification_json(
    result: Result<&Verification, &Damage>,
    beside: Option<&Beside>,
    against: Option<&Against>,
) -> Value {
    match result {
        Ok(found) => {
            let mut picture = json!(found);
            let held = against.is_none_or(|against| against.held.is_ok());
            picture["sound"] = json!(held && beside.is_none_or(|beside| beside.wrong().next().is_none()));
            if let Some(against) = against {
                picture["checkpoint"] = json!({
                    "of": against.checkpoint,
                    "signed_by": against.by,
                    "contradiction": against.held.as_ref().err(),
                });
            }
            picture["beside"] = json!(beside);
            let proven = against.is_some_and(|against| against.held.is_ok());
            picture["proves"] = json!(if proven { PROVEN_TO_CHECKPOINT } else { PROVEN_ALONE });
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
