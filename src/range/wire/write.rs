//! Writes the JSON of replies by their shape, and holds what a world says against it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use super::moment;
use super::table::{Kind, Location, Service, Shape};

/// A reply of a world that its operation cannot give: a fault of the range, never of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum WriteError {
    /// A member that the shape does not have.
    #[error("it has no member `{0}`")]
    Unknown(String),
    /// A member that every reply has.
    #[error("`{0}` is missing")]
    Missing(String),
    /// A value of the wrong type.
    #[error("`{path}` is not {wanted}")]
    Type {
        /// Where.
        path: String,
        /// What the shape is, with its article.
        wanted: &'static str,
    },
    /// A text that is none of the values which the model names.
    #[error("`{path}` is `{text}`, which the service model does not name")]
    Enum {
        /// Where.
        path: String,
        /// The text.
        text: String,
    },
    /// A text that the protocol cannot carry.
    #[error("`{0}` holds characters that cannot travel")]
    Characters(String),
}

fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Structure => "a structure",
        Kind::List => "a list",
        Kind::Map => "a map",
        Kind::String => "a text",
        Kind::Integer | Kind::Long => "a whole number",
        Kind::Float | Kind::Double => "a number",
        Kind::Boolean => "a boolean",
        Kind::Timestamp => "a timestamp",
        Kind::Blob => "base64",
        Kind::Document => "a document",
    }
}

/// The path of a member or an item, for errors.
pub(super) fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The object that a structure must be, without any member that its shape lacks and with all that it demands.
pub(super) fn structure<'v>(shape: &Shape, value: &'v Value, path: &str) -> Result<&'v Map<String, Value>, WriteError> {
    let given = value.as_object().ok_or_else(|| misfit(shape, path))?;
    if let Some(name) = given.keys().find(|name| !shape.members.iter().any(|member| member.name == **name)) {
        return Err(WriteError::Unknown(below(path, name)));
    }
    let is_missing = |name: &String| given.get(name).is_none_or(Value::is_null);
    match shape.members.iter().find(|member| member.required && is_missing(&member.name)) {
        Some(member) => Err(WriteError::Missing(below(path, &member.name))),
        None => Ok(given),
    }
}

fn misfit(shape: &Shape, path: &str) -> WriteError {
    WriteError::Type { path: path.to_owned(), wanted: wanted(shape.kind) }
}

/// Holds a value that is no structure, list or map against its shape, and gives it the form that the protocol wants.
pub(super) fn scalar(shape: &Shape, value: &Value, path: &str) -> Result<Value, WriteError> {
    match (shape.kind, value) {
        (Kind::String, Value::String(text)) => {
            if shape.allowed.is_empty() || shape.allowed.contains(text) {
                Ok(value.clone())
            } else {
                Err(WriteError::Enum { path: path.to_owned(), text: text.clone() })
            }
        }
        (Kind::Integer | Kind::Long, Value::Number(number)) if number.is_i64() => Ok(value.clone()),
        (Kind::Float | Kind::Double, Value::Number(_)) | (Kind::Boolean, Value::Bool(_)) | (Kind::Document, _) => {
            Ok(value.clone())
        }
        (Kind::Blob, Value::String(text)) if BASE64.decode(text).is_ok() => Ok(value.clone()),
        (Kind::Timestamp, _) => {
            let time = moment::from_json(value).ok_or_else(|| misfit(shape, path))?;
            Ok(moment::to_json(time, shape.format.expect("every timestamp of the table has a format")))
        }
        _ => Err(misfit(shape, path)),
    }
}

/// Writes the body of a JSON reply: the members that do not travel elsewhere.
pub(super) fn to_json(service: &Service, shape: &Shape, value: &Value, path: &str) -> Result<Value, WriteError> {
    match shape.kind {
        Kind::Structure => {
            let given = structure(shape, value, path)?;
            let mut written = Map::new();
            for member in shape.members.iter().filter(|member| member.location == Location::Body) {
                if let Some(value) = given.get(&member.name).filter(|value| !value.is_null()) {
                    let value = to_json(service, service.shape_of(member), value, &below(path, &member.name))?;
                    written.insert(member.wire_name().to_owned(), value);
                }
            }
            Ok(written.into())
        }
        Kind::List => {
            let items = value.as_array().ok_or_else(|| misfit(shape, path))?;
            let at = below(path, "member");
            items.iter().map(|item| to_json(service, service.item_of(shape), item, &at)).collect()
        }
        Kind::Map => {
            let entries = value.as_object().ok_or_else(|| misfit(shape, path))?;
            let mut written = Map::new();
            for (key, value) in entries {
                let value = to_json(service, service.value_of(shape), value, &below(path, key))?;
                written.insert(key.clone(), value);
            }
            Ok(written.into())
        }
        _ => scalar(shape, value, path),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::ServiceName;
    use super::super::table::service;
    use super::*;

    fn written(shape: &str, value: Value) -> Result<Value, WriteError> {
        let service = service(ServiceName::BedrockAgent);
        to_json(service, service.shape(shape), &value, "")
    }

    #[test]
    fn a_world_that_errs_is_told_where() {
        let summary = |status: &str| {
            json!({"agentSummaries": [{"agentId": "AGENT00001", "agentName": "a", "agentStatus": status,
                                       "updatedAt": 1_795_316_400, "description": null}]})
        };
        assert_eq!(
            written("ListAgentsResponse", summary("PREPARED")),
            Ok(json!({"agentSummaries": [{"agentId": "AGENT00001", "agentName": "a", "agentStatus": "PREPARED",
                                          "updatedAt": "2026-11-22T03:00:00Z"}]}))
        );
        let error = written("ListAgentsResponse", summary("PREPARD")).expect_err("a misspelt status");
        assert!(error.to_string().contains("`agentSummaries.member.agentStatus` is `PREPARD`"), "{error}");
        assert_eq!(written("ListAgentsResponse", json!({})), Err(WriteError::Missing("agentSummaries".into())));
        assert_eq!(
            written("ListAgentsResponse", json!({"agentSummaries": [], "agents": []})),
            Err(WriteError::Unknown("agents".into()))
        );
    }
}
