//! Canonical JSON (RFC 8785) and the digests taken of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::BadId;
use super::sorted_json::{append_canonical, canonical_from_compact};

/// The one byte form of a value: RFC 8785 canonical JSON.
///
/// # Panics
/// When the value cannot be JSON (a map with keys that are not text). Every type that is digested here can.
pub fn canonical_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    // Room for a usual record of a journal.
    let mut compact = Vec::with_capacity(1_024);
    serde_json::to_writer(&mut compact, value).expect("types that are digested serialise as JSON");
    canonical_from_compact(&compact)
}

/// Appends [`canonical_bytes`]. `scratch` is memory that many values may share, one after the other.
///
/// # Panics
/// As [`canonical_bytes`].
pub(crate) fn append_canonical_bytes<T: Serialize>(value: &T, scratch: &mut Vec<u8>, out: &mut Vec<u8>) {
    scratch.clear();
    serde_json::to_writer(&mut *scratch, value).expect("types that are digested serialise as JSON");
    append_canonical(scratch, out);
}

/// [`canonical_bytes`] as text.
pub fn canonical_string<T: Serialize>(value: &T) -> String {
    String::from_utf8(canonical_bytes(value)).expect("JSON is UTF-8")
}

/// A SHA-256, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest before the first record of a chain.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of bytes that follow each other.
    pub(crate) fn of_parts<'b>(parts: impl IntoIterator<Item = &'b [u8]>) -> Self {
        Self(parts.into_iter().fold(Sha256::new(), Sha256::chain_update).finalize().into())
    }

    /// The digest of a value's canonical JSON.
    pub fn of<T: Serialize>(value: &T) -> Self {
        Self::of_bytes(&canonical_bytes(value))
    }

    /// The digits, as ASCII.
    pub(crate) fn digits(&self) -> [u8; 64] {
        let mut digits = [0; 64];
        hex::encode_to_slice(self.0, &mut digits).expect("two digits for each of 32 bytes");
        digits
    }

    /// The first twelve digits, for screens.
    pub fn short(&self) -> String {
        hex::encode(&self.0[..6])
    }
}

impl schemars::JsonSchema for Digest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Digest".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(std::str::from_utf8(&self.digits()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl FromStr for Digest {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId { text: text.to_owned(), wanted: "a SHA-256 (64 lower-case hexadecimal digits)" };
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(bad());
        }
        let bytes = hex::decode(text).map_err(|_| bad())?;
        Ok(Self(bytes.try_into().map_err(|_| bad())?))
    }
}

impl TryFrom<String> for Digest {
    type Error = BadId;
    fn try_from(text: String) -> Result<Self, BadId> {
        text.parse()
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_members_does_not_matter() {
        let one: serde_json::Value = serde_json::from_str(r#"{"b":1,"a":[true,null]}"#).expect("JSON");
        let two: serde_json::Value = serde_json::from_str(r#"{ "a":[true,null], "b":1 }"#).expect("JSON");
        assert_eq!(canonical_string(&one), r#"{"a":[true,null],"b":1}"#);
        assert_eq!(Digest::of(&one), Digest::of(&two));
        assert_eq!(Digest::of(&one).to_string().parse(), Ok(Digest::of(&one)));
    }
}
