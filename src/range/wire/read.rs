//! Reads values of requests by their shape. What does not fit is refused before anything is validated.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use super::moment;
use super::table::{Kind, Location, Service, Shape};

/// A value of the wrong type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Misfit {
    /// JSON of another type than the shape's.
    #[error("{found} can not be converted to {wanted}")]
    Type {
        /// What was sent.
        found: &'static str,
        /// What the shape is.
        wanted: &'static str,
    },
    /// A text that is not a value of the shape's type.
    #[error("`{text}` is not a valid {wanted}")]
    Text {
        /// The text, shortened.
        text: String,
        /// What the shape is.
        wanted: &'static str,
    },
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Structure | Kind::Map => "Map",
        Kind::List => "List",
        Kind::String => "String",
        Kind::Integer => "Integer",
        Kind::Long => "Long",
        Kind::Float => "Float",
        Kind::Double => "Double",
        Kind::Boolean => "Boolean",
        Kind::Timestamp => "Timestamp",
        Kind::Blob => "Blob",
        Kind::Document => "Document",
    }
}

fn misfit(found: &Value, kind: Kind) -> Misfit {
    let found = match found {
        Value::Null => "NULL_VALUE",
        Value::Bool(_) => "BOOLEAN_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    };
    Misfit::Type { found, wanted: word(kind) }
}

/// Reads a text of a form, a path, a query string or a header.
pub(super) fn from_text(shape: &Shape, text: &str) -> Result<Value, Misfit> {
    let bad = || Misfit::Text { text: text.chars().take(64).collect(), wanted: word(shape.kind) };
    match shape.kind {
        Kind::String => Ok(text.into()),
        Kind::Integer => text.parse::<i32>().map(Value::from).map_err(|_| bad()),
        Kind::Long => text.parse::<i64>().map(Value::from).map_err(|_| bad()),
        Kind::Float | Kind::Double => {
            text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from).ok_or_else(bad)
        }
        Kind::Boolean => text.to_ascii_lowercase().parse::<bool>().map(Value::from).map_err(|_| bad()),
        Kind::Timestamp => moment::from_text(text).map(|time| time.to_string().into()).ok_or_else(bad),
        Kind::Blob => BASE64.decode(text).map(|_| text.into()).map_err(|_| bad()),
        Kind::Structure | Kind::List | Kind::Map | Kind::Document => Err(bad()),
    }
}

/// Reads a value of a JSON body. Members that the shape does not have are dropped, as AWS does; null is absent.
pub(super) fn from_json(service: &Service, shape: &Shape, value: Value) -> Result<Value, Misfit> {
    let kind = shape.kind;
    match (kind, value) {
        (Kind::Document, value) => Ok(value),
        (Kind::Structure, Value::Object(mut sent)) => {
            let mut read = Map::new();
            for member in shape.members.iter().filter(|member| member.location == Location::Body) {
                match sent.swap_remove(member.wire_name()) {
                    None | Some(Value::Null) => {}
                    Some(value) => {
                        let value = from_json(service, service.shape_of(member), value)?;
                        read.insert(member.name.clone(), value);
                    }
                }
            }
            Ok(read.into())
        }
        (Kind::List, Value::Array(sent)) => {
            let item = service.item_of(shape);
            let read: Result<Vec<Value>, Misfit> =
                sent.into_iter().map(|value| from_json(service, item, value)).collect();
            Ok(read?.into())
        }
        (Kind::Map, Value::Object(sent)) => {
            let values = service.value_of(shape);
            let mut read = Map::new();
            for (key, value) in sent.into_iter().filter(|(_, value)| !value.is_null()) {
                read.insert(key, from_json(service, values, value)?);
            }
            Ok(read.into())
        }
        (Kind::String, value @ Value::String(_))
        | (Kind::Boolean, value @ Value::Bool(_))
        | (Kind::Float | Kind::Double, value @ Value::Number(_)) => Ok(value),
        (Kind::Integer, Value::Number(number)) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {
            Ok(number.into())
        }
        (Kind::Long, Value::Number(number)) if number.is_i64() => Ok(number.into()),
        (Kind::Timestamp, value) => {
            moment::from_json(&value).map(|time| time.to_string().into()).ok_or_else(|| misfit(&value, kind))
        }
        (Kind::Blob, Value::String(text)) => from_text(shape, &text),
        (_, value) => Err(misfit(&value, kind)),
    }
}
