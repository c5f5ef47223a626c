//! What a pre-state holds that not everybody who goes on with a run may read.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::base::Digest;

/// The member by which a digest is told from what it stands for.
const MARK: &str = "$sealed";

/// What of a pre-state is confidential: prompts, instructions, what people said or gave. Where a recipient is configured the whole is sealed,
/// and only what is left without it stays open, for resume, verification and undo.
pub struct Confides<P> {
    /// What it is, as a fragment, for whoever has configured no recipient.
    pub what: &'static str,
    /// The pre-state without it. `restore`, `lost` and `differs_beside` do with what is left what they do with the whole.
    pub without: fn(P) -> P,
}

/// Something that is confidential, or its digest: by that it can still be told from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confided<T> {
    /// All of it.
    Whole(T),
    /// What it is known by.
    Sealed(Digest),
}

impl<T: Serialize> Confided<T> {
    /// The digest of all of it.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Whole(whole) => Digest::of(whole),
            Self::Sealed(digest) => *digest,
        }
    }

    /// Without what is confidential.
    #[must_use]
    pub fn sealed(self) -> Self {
        Self::Sealed(self.digest())
    }
}

impl<T: Serialize> Serialize for Confided<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(whole) => whole.serialize(to),
            Self::Sealed(digest) => json!({ MARK: digest }).serialize(to),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Confided<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let sealed = value.as_object().filter(|members| members.len() == 1).and_then(|members| members.get(MARK));
        match sealed {
            Some(digest) => serde_json::from_value(digest.clone()).map(Self::Sealed).map_err(D::Error::custom),
            None => serde_json::from_value(value).map(Self::Whole).map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_known_by_its_digest_whether_it_is_sealed_or_not() {
        let whole = Confided::Whole(vec!["a tool".to_owned()]);
        let sealed = whole.clone().sealed();
        assert_eq!(whole.digest(), sealed.digest());
        for one in [whole, sealed] {
            let text = serde_json::to_string(&one).expect("JSON");
            assert_eq!(text.contains("a tool"), matches!(one, Confided::Whole(_)));
            assert_eq!(serde_json::from_str::<Confided<Vec<String>>>(&text).expect("it comes back"), one);
        }
    }
}
