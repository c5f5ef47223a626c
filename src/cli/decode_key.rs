//! `quell decode-key`.

use std::io::{IsTerminal as _, Read as _};

use jiff::Timestamp;
use serde_json::json;

use super::arguments::{Globals, Output};
use super::failure::Failure;
use super::{exit, sink};
use crate::base::AccessKeyId;
use crate::secrets::{Leaked, Secret};

/// The longest key that is read, in bytes: a session token can be long.
const LONGEST: u64 = 64 * 1024;

/// Says what a leaked key is and whose, without asking anybody and without keeping it. An API key is read from stdin: what is
/// typed as a word stays in the history of the shell.
pub(super) fn decode_key(id: Option<&str>, globals: &Globals) -> Result<(), Failure> {
    let key = match id {
        Some(id) if AccessKeyId::new(id).is_ok() => Secret::new(id),
        Some(_) => {
            let why = "only the id of an access key may be typed as a word; an API key is read from stdin";
            return Err(Failure::yours(
                exit::USAGE,
                why,
                "quell decode-key  # then paste the key, and end it with Ctrl-D",
            ));
        }
        None => from_stdin()?,
    };
    let leaked = Leaked::read(&key)
        .map_err(|error| Failure::yours(exit::ERROR, error.to_string(), "quell decode-key < FILE"))?;
    match globals.output {
        Output::Json => sink::json(&json!({ "format": 1, "key": leaked, "stopped_by": leaked.stopped_by() })),
        Output::Text => sink::data(&told(&leaked)),
    }
    Ok(())
}

fn from_stdin() -> Result<Secret, Failure> {
    if std::io::stdin().is_terminal() {
        sink::talk("Paste the key, then end it with Ctrl-D:\n");
    }
    let mut text = String::with_capacity(16 * 1024);
    std::io::stdin()
        .take(LONGEST)
        .read_to_string(&mut text)
        .map_err(|error| Failure::machine(&error, "quell decode-key < FILE"))?;
    Ok(Secret::new(text))
}

fn told(leaked: &Leaked) -> String {
    let time = |time: &Option<Timestamp>| time.map_or("not said".to_owned(), |time| time.to_string());
    let mut lines = vec![("what", leaked.what().to_owned())];
    match leaked {
        Leaked::AccessKey { id, .. } | Leaked::SessionKey { id, .. } => lines.push(("id", id.to_string())),
        Leaked::BedrockLongTerm(key) => {
            lines.push(("credential", key.alias.clone()));
            lines.push(("user", key.user.as_ref().map_or("not said".to_owned(), ToString::to_string)));
        }
        Leaked::BedrockShortTerm(key) => {
            lines.push(("signed with", key.access_key.to_string()));
            lines.push(("of", if key.of_a_session { "a session" } else { "a user's long-term key" }.to_owned()));
            lines.push(("Region", key.region.as_ref().map_or("not said".to_owned(), ToString::to_string)));
            lines.push(("made", time(&key.made)));
            lines.push(("expires", format!("{}, or earlier with the session", time(&key.expires))));
        }
    }
    lines.push(("account", leaked.account().map_or("not said".to_owned(), ToString::to_string)));
    lines.push(("stopped by", leaked.stopped_by().to_owned()));
    lines.iter().map(|(name, value)| format!("{name:<12} {value}\n")).collect()
}
