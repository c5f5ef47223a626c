//! A key that somebody found where it should not be.

use serde::Serialize;

use super::bedrock_key::{LONG_TERM, SHORT_TERM, long_term, short_term};
use super::{LongTermKey, Secret, ShortTermKey, account_of};
use crate::base::{AccessKeyId, AccountId};

/// What a leaked key says about itself: nobody is asked, and of its secret nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Leaked {
    /// The id of a long-term access key.
    AccessKey {
        /// The id.
        id: AccessKeyId,
        /// The account, where the id says it.
        account: Option<AccountId>,
    },
    /// The id of the access key of a session.
    SessionKey {
        /// The id.
        id: AccessKeyId,
        /// The account, where the id says it.
        account: Option<AccountId>,
    },
    /// A long-term API key of Amazon Bedrock.
    BedrockLongTerm(LongTermKey),
    /// A short-term API key of Amazon Bedrock.
    BedrockShortTerm(ShortTermKey),
}

/// A text that is no key that can be read. It is not repeated: it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Nothing was given.
    #[error("there is no key to read")]
    Nothing,
    /// It begins like an API key of Bedrock, and goes on otherwise.
    #[error("it begins like an API key of Amazon Bedrock, but what follows does not read as one; is it whole?")]
    NotWhole,
    /// It looks like a secret access key, which says nothing.
    #[error("a secret access key says nothing about itself: the id that begins with AKIA or ASIA does")]
    SecretAccessKey,
    /// Anything else.
    #[error(
        "it is no access key id (`AKIA…`, `ASIA…`) and no API key of Amazon Bedrock (`ABSK…`, `bedrock-api-key-…`)"
    )]
    Unknown,
}

impl Leaked {
    /// Reads a key.
    pub fn read(key: &Secret) -> Result<Self, Unreadable> {
        let text = key.expose().trim();
        if text.is_empty() {
            return Err(Unreadable::Nothing);
        }
        if text.starts_with(SHORT_TERM) {
            return short_term(text).map(Self::BedrockShortTerm).ok_or(Unreadable::NotWhole);
        }
        if text.starts_with(LONG_TERM) {
            return long_term(text).map(Self::BedrockLongTerm).ok_or(Unreadable::NotWhole);
        }
        match AccessKeyId::new(text) {
            Ok(id) if text.starts_with("ASIA") => Ok(Self::SessionKey { account: account_of(&id), id }),
            Ok(id) => Ok(Self::AccessKey { account: account_of(&id), id }),
            Err(_) if text.len() == 40 && !text.contains(char::is_whitespace) => Err(Unreadable::SecretAccessKey),
            Err(_) => Err(Unreadable::Unknown),
        }
    }

    /// What it is, for people.
    pub fn what(&self) -> &'static str {
        match self {
            Self::AccessKey { .. } => "a long-term access key",
            Self::SessionKey { .. } => "the access key of a session",
            Self::BedrockLongTerm(_) => "a long-term API key of Amazon Bedrock",
            Self::BedrockShortTerm(_) => "a short-term API key of Amazon Bedrock",
        }
    }

    /// The account, where the key says it.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::AccessKey { account, .. } | Self::SessionKey { account, .. } => account.as_ref(),
            Self::BedrockLongTerm(key) => key.account.as_ref(),
            Self::BedrockShortTerm(key) => key.account.as_ref(),
        }
    }

    /// What stops it.
    pub fn stopped_by(&self) -> &'static str {
        match self {
            Self::AccessKey { .. } => {
                "iam.deactivate-access-keys, and iam.revoke-sessions on its user: sessions outlive the key"
            }
            Self::SessionKey { .. } => {
                "iam.revoke-sessions on whose session it is: iam.sessions-of and CloudTrail tell by the id"
            }
            Self::BedrockLongTerm(_) => {
                "iam.deactivate-service-credentials and iam.deny-ai-services on its user; look at what else the user has"
            }
            Self::BedrockShortTerm(_) => {
                "iam.revoke-sessions or iam.deny-ai-services on whoever the access key belongs to: it cannot be switched off itself"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Leaked, Unreadable> {
        Leaked::read(&Secret::new(text))
    }

    #[test]
    fn each_kind_is_told_from_the_others() {
        assert!(matches!(read(" AKIARTX3GSDSQCIDEPLO\n"), Ok(Leaked::AccessKey { account: Some(_), .. })));
        assert!(matches!(read("ASIAQNZGKIQY56JQ7WML"), Ok(Leaked::SessionKey { account: Some(_), .. })));
        assert!(matches!(read("AKIAIOSFODNN7EXAMPLE"), Ok(Leaked::AccessKey { account: None, .. })));
        assert_eq!(read("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), Err(Unreadable::SecretAccessKey));
        assert_eq!(read("ABSKQmVkcm9j"), Err(Unreadable::NotWhole));
        assert_eq!(read("bedrock-api-key-Yg"), Err(Unreadable::NotWhole));
        assert_eq!(read("  "), Err(Unreadable::Nothing));
        assert_eq!(read("hello"), Err(Unreadable::Unknown));
    }

    /// What cannot be read may be a secret: it stands in no message.
    #[test]
    fn what_cannot_be_read_is_not_repeated() {
        for text in ["ABSKc2VjcmV0", "secret-secret", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"] {
            let error = read(text).expect_err("no key");
            assert!(!error.to_string().contains(text) && !format!("{error:?}").contains(text));
        }
    }
}
