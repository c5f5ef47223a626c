//! `quell decode-key`.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read as _};

use jiff::Timestamp;
use serde_json::json;

use super::arguments::{Globals, Output};
use super::failure::Failure;
use super::{exit, sink};
use crate::base::{AccessKeyId, Region};
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
        Output::Json => sink::json(&json!({
            "format": 1, "key": leaked, "stopped_by": leaked.stopped_by(), "next": next(&leaked), "parameters": parameters(&leaked),
        })),
        Output::Text => {
            sink::data(&told(&leaked));
            sink::talk(&format!("Next: {}\n", next(&leaked)));
        }
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

/// The runbook that contains a leaked API key.
const RUNBOOK: &str = "leaked-bedrock-api-key";

/// What the runbook is told of the key: whose it is and since when, never the key itself.
fn parameters(leaked: &Leaked) -> BTreeMap<&'static str, String> {
    let mut parameters = BTreeMap::new();
    match leaked {
        Leaked::BedrockLongTerm(key) => {
            if let (Some(user), Some(account)) = (&key.user, &key.account) {
                parameters.insert("user", format!("arn:aws:iam::{account}:user/{user}"));
            }
        }
        Leaked::BedrockShortTerm(key) => {
            if let Some(made) = key.made {
                parameters.insert("since", made.to_string());
            }
        }
        Leaked::AccessKey { .. } | Leaked::SessionKey { .. } => {}
    }
    parameters
}

/// The command to type next. A name in capitals is for whoever types to fill in.
fn next(leaked: &Leaked) -> String {
    let given: Vec<String> = parameters(leaked).iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let given = given.concat();
    match leaked {
        Leaked::BedrockLongTerm(_) if given.is_empty() => format!("quell plan {RUNBOOK} user=ARN"),
        Leaked::BedrockLongTerm(_) => format!("quell plan {RUNBOOK}{given}"),
        Leaked::BedrockShortTerm(key) => {
            let whose = if key.of_a_session { "role=ARN" } else { "user=ARN" };
            let region = key.region.as_ref().map_or("REGION", Region::as_str);
            format!(
                "quell plan {RUNBOOK} {whose}{given}  # whose: aws cloudtrail lookup-events --region {region} \
                 --lookup-attributes AttributeKey=AccessKeyId,AttributeValue={}",
                key.access_key
            )
        }
        Leaked::AccessKey { id, .. } => {
            format!(
                "quell plan compromised-iam-user user=ARN  # whose: aws iam get-access-key-last-used --access-key-id {id}"
            )
        }
        Leaked::SessionKey { id, .. } => format!(
            "quell plan compromised-role-sessions role=ARN  # whose: aws cloudtrail lookup-events \
             --lookup-attributes AttributeKey=AccessKeyId,AttributeValue={id}"
        ),
    }
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
