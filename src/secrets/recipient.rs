//! Who may open what is sealed.

use std::fmt;
use std::io::Write as _;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::secret::Bytes;

/// The public key of somebody who may open what is sealed: an age X25519 recipient, `age1…`. No secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient(String);

/// A text that is no recipient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRecipient {
    /// It is the private half, which has no business here.
    #[error(
        "this is the identity that opens what is sealed, and must stay secret: give its recipient, which `age-keygen -y` prints"
    )]
    Identity,
    /// Anything else.
    #[error("`{text}` is not an age recipient (`age1` and 58 more letters and digits): {why}")]
    Malformed {
        /// The text.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl Recipient {
    fn key(&self) -> Result<age::x25519::Recipient, SealError> {
        self.0.parse().map_err(SealError::Recipient)
    }

    /// The recipient as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Recipient {
    type Error = NoRecipient;
    fn try_from(text: String) -> Result<Self, NoRecipient> {
        // The text of an identity is not repeated: error messages are kept.
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(NoRecipient::Identity);
        }
        match text.parse::<age::x25519::Recipient>() {
            Ok(_) => Ok(Self(text)),
            Err(why) => Err(NoRecipient::Malformed { text, why }),
        }
    }
}

impl FromStr for Recipient {
    type Err = NoRecipient;
    fn from_str(text: &str) -> Result<Self, NoRecipient> {
        Self::try_from(text.to_owned())
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl schemars::JsonSchema for Recipient {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Recipient".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "age_recipient" })
    }
}

/// Why something could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Nobody could open it.
    #[error("nobody is named who may open it")]
    Nobody,
    /// A recipient that is none.
    #[error("a recipient is malformed: {0}")]
    Recipient(&'static str),
    /// The content cannot be written.
    #[error("failed to write what is to be sealed")]
    Content(#[source] serde_json::Error),
    /// age refused.
    #[error("failed to seal")]
    Age(#[source] age::EncryptError),
    /// The sealed text could not be written.
    #[error("failed to seal")]
    Io(#[source] std::io::Error),
}

/// Seals a value as JSON. The plain text is overwritten.
pub fn seal(value: &impl Serialize, to: &[Recipient]) -> Result<Vec<u8>, SealError> {
    // Large enough not to move while it is written: a piece that was moved would stay behind.
    let mut plain = Bytes::new(Vec::with_capacity(16 * 1024));
    serde_json::to_writer_pretty(&mut *plain, value).map_err(SealError::Content)?;
    seal_bytes(&plain, to)
}

/// Seals bytes: whoever holds the identity of one of the recipients can open them, and nobody else, quell included. The result is an
/// age file.
pub fn seal_bytes(plain: &[u8], to: &[Recipient]) -> Result<Vec<u8>, SealError> {
    if to.is_empty() {
        return Err(SealError::Nobody);
    }
    let keys = to.iter().map(Recipient::key).collect::<Result<Vec<_>, _>>()?;
    let encryptor =
        age::Encryptor::with_recipients(keys.iter().map(|key| key as &dyn age::Recipient)).map_err(SealError::Age)?;
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(SealError::Io)?;
    writer.write_all(plain).map_err(SealError::Io)?;
    writer.finish().map_err(SealError::Io)?;
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_recipient_opens_it_and_nobody_else() {
        let identities = [(); 3].map(|()| age::x25519::Identity::generate());
        let recipient = |at: usize| identities[at].to_public().to_string().parse::<Recipient>().expect("a recipient");
        let sealed = seal(&json!({ "secret": "wJalr" }), &[recipient(0), recipient(1)]).expect("sealed");
        assert!(!sealed.windows(5).any(|part| part == b"wJalr"));
        for opens in &identities[..2] {
            let plain = age::decrypt(opens, &sealed).expect("it is theirs");
            assert_eq!(
                serde_json::from_slice::<serde_json::Value>(&plain).expect("JSON"),
                json!({ "secret": "wJalr" })
            );
        }
        assert!(age::decrypt(&identities[2], &sealed).is_err());
        assert!(matches!(seal(&json!({}), &[]), Err(SealError::Nobody)));
    }

    #[test]
    fn the_private_half_is_refused_and_not_repeated() {
        use age::secrecy::ExposeSecret as _;
        let identity = age::x25519::Identity::generate().to_string();
        let error = identity.expose_secret().parse::<Recipient>().expect_err("no recipient");
        assert_eq!(error, NoRecipient::Identity);
        assert!(!error.to_string().contains(&identity.expose_secret()[16..]));
        assert!(matches!("age1xyz".parse::<Recipient>(), Err(NoRecipient::Malformed { .. })));
    }
}
