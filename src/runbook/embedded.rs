//! The runbooks that are part of the program, and finding a runbook by name or path.

use std::io::Read as _;
use std::path::Path;

use super::Source;
use super::near::nearest;
use super::tree::MAX_BYTES;

/// A runbook that is part of the program, with what stands beside it.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    /// The name by which it is called.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// Its page, in plain words.
    pub page: &'static str,
    /// The text of its scenario.
    pub scenario: &'static str,
}

macro_rules! shipped {
    ($($name:literal,)*) => {
        &[$(Shipped {
            name: $name,
            text: include_str!(concat!("../../runbooks/", $name, ".yaml")),
            page: include_str!(concat!("../../runbooks/", $name, ".md")),
            scenario: include_str!(concat!("../../examples/", $name, ".yaml")),
        }),*]
    };
}

/// The runbooks that are part of the program, by name.
const EMBEDDED: &[Shipped] = shipped![
    "changed-bedrock-agent",
    "compromised-iam-user",
    "compromised-role-sessions",
    "invocation-logging-off",
    "leaked-bedrock-api-key",
    "llmjacking",
    "open-support-case",
    "poisoned-knowledge-base",
    "poisoned-q-data-source",
    "q-developer-misuse",
    "rogue-bedrock-agent",
    "rogue-q-application",
    "root-credentials",
    "rotate-account-keys",
    "rotate-ses-smtp",
    "rotate-user-keys",
    "stand-down",
];

/// Why there is no runbook.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Neither a file nor an embedded runbook.
    #[error("there is no runbook `{name}`{}", hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        hint: Option<String>,
    },
    /// A file that cannot be read.
    #[error("failed to read runbook `{path}`")]
    Unreadable {
        /// The path.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// The names of the runbooks that are part of the program.
pub fn embedded() -> impl Iterator<Item = &'static str> + Clone {
    EMBEDDED.iter().map(|one| one.name)
}

/// The runbook of a name that is part of the program.
pub fn shipped(name: &str) -> Option<&'static Shipped> {
    EMBEDDED.iter().find(|one| one.name == name)
}

/// What may have been meant, or where all names stand: they are too many for one line.
fn hint(name: &str) -> String {
    match nearest(name, embedded()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`quell runbooks` lists those that are part of the program, and a path has a `/` or ends in `.yaml`"
            .to_owned(),
    }
}

/// Whether a text is the path of a runbook by its form.
pub(super) fn is_path(name: &str) -> bool {
    name.contains(['/', '\\']) || name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Finds a runbook: an embedded one by its name, or a file by its path. What has a `/` or ends in `.yaml` or `.yml` is a
/// path. Of a file that is too large only as much is read as shows that it is.
pub fn find(name: &str) -> Result<Source, FindError> {
    if let Some(one) = shipped(name) {
        return Ok(Source::new(one.name, one.text));
    }
    let path = Path::new(name);
    if !is_path(name) && !path.is_file() {
        return Err(FindError::Unknown { name: name.to_owned(), hint: Some(hint(name)) });
    }
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(Source::of_bytes(name, &bytes)),
        Err(source) => Err(FindError::Unreadable { path: name.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_right_is_named() {
        let error = find("rogue-bedrock-agents").expect_err("no such runbook").to_string();
        assert_eq!(error, "there is no runbook `rogue-bedrock-agents`; did you mean `rogue-bedrock-agent`?");
        assert!(matches!(find("nowhere/x.yaml"), Err(FindError::Unreadable { .. })));
        assert_eq!(find("rogue-bedrock-agent").expect("it is embedded").name(), "rogue-bedrock-agent");
    }
}
