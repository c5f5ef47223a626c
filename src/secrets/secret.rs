//! A text that nobody may see.

use age::secrecy::zeroize::Zeroizing;
use age::secrecy::{ExposeSecret as _, SecretString};

/// A text that nobody may see. It has no `Debug`, no `Display` and no `Serialize`, and its memory is overwritten when it goes.
/// What an SDK or an HTTP client held of it before is out of reach.
pub struct Secret(SecretString);

impl Secret {
    /// Takes a secret over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The secret itself. Whoever asks takes care of it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Bytes that are overwritten when they go.
pub(super) type Bytes = Zeroizing<Vec<u8>>;
