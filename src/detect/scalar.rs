//! What stands at the end of a path.

use super::decimal::Decimal;
use super::json::Json;

/// A value that is no array and no object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
}

impl Scalar {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Number(_) => None,
        }
    }

    /// The scalar that a JSON value is, if it is one.
    pub(super) fn of(json: &Json) -> Option<Self> {
        match json {
            Json::Null => Some(Self::Null),
            Json::Bool(flag) => Some(Self::Bool(*flag)),
            Json::Number(number) => Some(Self::Number(number.clone())),
            Json::Text(text) => Some(Self::Text(text.clone())),
            Json::Array(_) | Json::Object(_) => None,
        }
    }
}
