//! Values that exist only later.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Fault, FaultKind, Operation};

/// The member by which a symbol is told from a value in JSON.
pub(super) const MARK: &str = "$later";

/// The closed list of values that exist only when a call is sent. They are named in the plan, so that an approver sees
/// them; two symbols are equal when their names are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    /// The moment before which sessions are refused: AWS's own clock when the call is sent, plus a margin, never earlier
    /// than what stands already.
    CutOff,
    /// What an earlier call of the same step made, such as a case id.
    Fact(String),
    /// A field of a request that replaces everything, repeated from the last look.
    Echo(String),
    /// The pinned idempotency token of the call.
    Token,
    /// A text written from the run so far, such as the body of a support case.
    Text(String),
}

impl fmt::Display for Symbol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutOff => out.write_str("cut-off"),
            Self::Fact(name) => write!(out, "fact:{name}"),
            Self::Echo(name) => write!(out, "echo:{name}"),
            Self::Token => out.write_str("token"),
            Self::Text(name) => write!(out, "text:{name}"),
        }
    }
}

/// A text that names no symbol.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a symbol")]
pub struct UnknownSymbol(String);

impl FromStr for Symbol {
    type Err = UnknownSymbol;
    fn from_str(text: &str) -> Result<Self, UnknownSymbol> {
        match text.split_once(':') {
            None if text == "cut-off" => Ok(Self::CutOff),
            None if text == "token" => Ok(Self::Token),
            Some(("fact", name)) => Ok(Self::Fact(name.to_owned())),
            Some(("echo", name)) => Ok(Self::Echo(name.to_owned())),
            Some(("text", name)) => Ok(Self::Text(name.to_owned())),
            _ => Err(UnknownSymbol(text.to_owned())),
        }
    }
}

/// A value that is known now, or the symbol of one that exists only later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Late<T> {
    /// The value.
    Known(T),
    /// Its name.
    Later(Symbol),
}

impl<T> Late<T> {
    /// A field repeated from the last look.
    pub fn echo(name: &str) -> Self {
        Self::Later(Symbol::Echo(name.to_owned()))
    }

    /// The value; a symbol that is left is a mistake in quell, caught before anything is sent.
    pub(super) fn settled(&self, operation: &Operation) -> Result<&T, Fault> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Later(symbol) => {
                Err(Fault::of(operation, FaultKind::BadRequest, "Unresolved", format!("`{symbol}` has no value")))
            }
        }
    }

    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Later(_) => None,
        }
    }
}

impl<T: Serialize> Serialize for Late<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(to),
            Self::Later(symbol) => serde_json::json!({ MARK: symbol.to_string() }).serialize(to),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Late<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        match symbol_in(&value) {
            Some(symbol) => symbol.map(Self::Later).map_err(D::Error::custom),
            None => serde_json::from_value(value).map(Self::Known).map_err(D::Error::custom),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Late<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Late_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let known = generator.subschema_for::<T>();
        schemars::json_schema!({
            "description": "The value, or the name of one that exists only when the call is sent.",
            "anyOf": [known, {
                "type": "object",
                "properties": { "$later": { "type": "string" } },
                "required": ["$later"],
                "additionalProperties": false,
            }],
        })
    }
}

/// The symbol that a JSON value stands for, if it stands for one.
pub(super) fn symbol_in(value: &Value) -> Option<Result<Symbol, UnknownSymbol>> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get(MARK)?.as_str().map(str::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_come_back_as_they_went() {
        for symbol in
            [Symbol::CutOff, Symbol::Fact("case-id".into()), Symbol::Echo("description".into()), Symbol::Token]
        {
            let late: Late<String> = Late::Later(symbol);
            let text = serde_json::to_string(&late).expect("JSON");
            assert_eq!(serde_json::from_str::<Late<String>>(&text).expect("a late value"), late);
        }
        let known: Late<String> = serde_json::from_str(r#""x""#).expect("a late value");
        assert_eq!(known, Late::Known("x".to_owned()));
        assert!(serde_json::from_str::<Late<String>>(r#"{"$later":"now"}"#).is_err());
    }
}
