//! A mail address, as far as it can be told from a slip.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct MailAddress(String);

/// A text that is no mail address.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no mail address (such as `security@example.com`)")]
pub struct NoMailAddress(String);

impl TryFrom<String> for MailAddress {
    type Error = NoMailAddress;

    fn try_from(text: String) -> Result<Self, NoMailAddress> {
        let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c));
        let sound = text.split_once('@').is_some_and(|(local, domain)| {
            let labels: Vec<&str> = domain.split('.').collect();
            let host = labels.len() > 1 && labels.iter().all(|label| !label.is_empty());
            !local.is_empty() && !domain.contains('@') && host
        });
        if plain && sound { Ok(Self(text)) } else { Err(NoMailAddress(text)) }
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl JsonSchema for MailAddress {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MailAddress".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "email", "examples": ["security@example.com"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_addresses() {
        let is = |text: &str| MailAddress::try_from(text.to_owned()).is_ok();
        assert!(is("security@example.com") && is("a.b+c@mail.example.co.jp"));
        for slip in
            ["", "security", "@example.com", "a@", "a@b", "a@b.", "a@@b.c", "a b@c.d", "A <a@b.c>", "a@b.c,d@e.f"]
        {
            assert!(!is(slip), "{slip}");
        }
    }
}
