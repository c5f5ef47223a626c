//! JSON of which nothing is lost: numbers keep their digits, objects their members as they stand.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::decimal::Decimal;
use super::scalar::{Scalar, quoted};

/// The most levels that events and patterns have, those included to which dots in names lead. AWS's own have a dozen.
pub(super) const DEEPEST: usize = 64;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Scalar(Scalar),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Why a text is no JSON that could be an event or a pattern.
#[derive(Debug, thiserror::Error)]
pub enum BadJson {
    /// It is no JSON at all.
    #[error("it is no JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// It is nested too deeply.
    #[error("it is nested in more than {DEEPEST} levels")]
    TooDeep,
    /// A number that nobody could mean.
    #[error("`{0}` is beyond all measure")]
    Number(String),
    /// It is something else than an object.
    #[error("it is no JSON object")]
    NoObject,
}

impl Json {
    pub(super) fn read(text: &str) -> Result<Self, BadJson> {
        Self::of(serde_json::from_str(text)?, DEEPEST)
    }

    pub(super) fn of(raw: &RawValue, levels: usize) -> Result<Self, BadJson> {
        let levels = levels.checked_sub(1).ok_or(BadJson::TooDeep)?;
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let members = serde_json::from_str::<Members<'_>>(text)?.0.into_iter();
                let read = |(name, raw): (String, &RawValue)| {
                    let levels = levels.checked_sub(dots(&name)).ok_or(BadJson::TooDeep)?;
                    Ok((name, Self::of(raw, levels)?))
                };
                Self::Object(members.map(read).collect::<Result<_, BadJson>>()?)
            }
            Some(b'[') => {
                let items = serde_json::from_str::<Vec<&RawValue>>(text)?.into_iter();
                Self::Array(items.map(|raw| Self::of(raw, levels)).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Self::Scalar(Scalar::Text(serde_json::from_str(text)?)),
            Some(b't' | b'f') => Self::Scalar(Scalar::Bool(serde_json::from_str(text)?)),
            Some(b'n') => Self::Scalar(Scalar::Null),
            _ => {
                let number = Decimal::parse(text).ok_or_else(|| BadJson::Number(text.to_owned()))?;
                Self::Scalar(Scalar::Number(number))
            }
        })
    }
}

/// As JSON on one line, numbers by their value.
impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(scalar) => scalar.fmt(out),
            Self::Array(items) => out.write_str(&list(items)),
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| format!("{}: {value}", quoted(name));
                write!(out, "{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// How many levels a name leads down beyond its own.
pub(super) fn dots(name: &str) -> usize {
    name.matches('.').count()
}

/// Values in a list, as they are written.
pub(super) fn list(items: &[Json]) -> String {
    format!("[{}]", items.iter().map(Json::to_string).collect::<Vec<_>>().join(", "))
}

/// The members of an object, in their order.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'de: 't, 't> Deserialize<'de> for Members<'t> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Reader)
    }
}
