//! The condition keys of a request.

use std::collections::BTreeMap;

/// What is known about a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyValue {
    /// The request has the key, with one or more values.
    Present(Vec<String>),
    /// The request does not have the key.
    Absent,
    /// Nobody knows whether the request has the key, or with which value.
    Unknown,
}

/// The condition keys of a request. Names are not case-sensitive.
///
/// A key that was never mentioned is absent, or unknown after [`Context::with_others_unknown`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    keys: BTreeMap<String, KeyValue>,
    others_unknown: bool,
}

impl Context {
    /// Makes a context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key with one value. Dates are in ISO 8601, booleans `true` or `false`, binary values in base64.
    pub fn with(self, key: &str, value: impl Into<String>) -> Self {
        self.with_values(key, [value.into()])
    }

    /// Adds a key with a list of values; an empty list means that the key is absent.
    pub fn with_values(mut self, key: &str, values: impl IntoIterator<Item = String>) -> Self {
        let values: Vec<String> = values.into_iter().collect();
        let value = if values.is_empty() { KeyValue::Absent } else { KeyValue::Present(values) };
        self.keys.insert(key.to_ascii_lowercase(), value);
        self
    }

    /// Says that the request does not have a key.
    pub fn without(mut self, key: &str) -> Self {
        self.keys.insert(key.to_ascii_lowercase(), KeyValue::Absent);
        self
    }

    /// Says that nobody knows about a key.
    pub fn with_unknown(mut self, key: &str) -> Self {
        self.keys.insert(key.to_ascii_lowercase(), KeyValue::Unknown);
        self
    }

    /// Says that every key which was not mentioned is unknown instead of absent.
    pub fn with_others_unknown(mut self) -> Self {
        self.others_unknown = true;
        self
    }

    /// Returns what is known about a key.
    pub fn get(&self, key: &str) -> &KeyValue {
        let otherwise = if self.others_unknown { &KeyValue::Unknown } else { &KeyValue::Absent };
        self.keys.get(&key.to_ascii_lowercase()).unwrap_or(otherwise)
    }
}
