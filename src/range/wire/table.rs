//! The table: what the public service models say about every operation of the range.
//!
//! `.ci/wire-table.py` makes `table.json`; nothing here is written by hand, so a handler never repeats what AWS's own
//! models already say.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Pattern, ServiceName};

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("table.json")).expect("the table is generated and checked by a test")
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "botocore")]
    _botocore: String,
    services: Vec<Service>,
}

/// How a service puts requests and replies on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Protocol {
    /// awsQuery: a form goes in, XML comes out.
    Query,
    /// REST-JSON: method and path name the operation.
    RestJson,
    /// JSON 1.0 and 1.1: `X-Amz-Target` names the operation.
    Json,
}

/// One service of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    pub(super) name: ServiceName,
    pub(super) protocol: Protocol,
    pub(super) version: String,
    pub(super) signing_name: String,
    #[serde(default)]
    pub(super) namespace: String,
    pub(super) target_prefix: Option<String>,
    #[serde(default)]
    pub(super) json_version: String,
    /// Error codes and their HTTP status.
    errors: BTreeMap<String, u16>,
    /// Of a service that spoke awsQuery once: the codes that its errors had then, where they were others. Replies carry both.
    query_errors: Option<BTreeMap<String, String>>,
    pub(super) operations: Vec<Operation>,
    shapes: HashMap<String, Shape>,
}

/// One operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) status: u16,
    pub(super) input: Option<String>,
    pub(super) output: Option<String>,
    /// The codes that the model names; services send others too.
    errors: Vec<String>,
}

/// What a value looks like.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    /// The members of a structure, in the model's order.
    #[serde(default)]
    pub(super) members: Vec<Member>,
    member: Option<String>,
    key: Option<String>,
    value: Option<String>,
    /// The least length of a text or list, or the least number.
    pub(super) min: Option<f64>,
    /// The greatest length of a text or list, or the greatest number.
    pub(super) max: Option<f64>,
    pub(super) pattern: Option<Pattern>,
    #[serde(default, rename = "enum")]
    pub(super) allowed: Vec<String>,
    pub(super) format: Option<TimestampFormat>,
    /// Exactly one member is present.
    #[serde(default)]
    pub(super) union: bool,
    /// A stream of events, each one member.
    #[serde(default, rename = "eventstream")]
    pub(super) event_stream: bool,
    /// The member that is the whole body.
    pub(super) payload: Option<String>,
    /// Replies carry the text percent-encoded (RFC 3986), as IAM does with policy documents.
    #[serde(default)]
    pub(super) uri_encoded: bool,
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
    /// Bytes; base64 in every JSON of ours.
    Blob,
    /// Any JSON.
    Document,
}

/// How a timestamp is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum TimestampFormat {
    /// RFC 3339.
    Iso8601,
    /// Seconds since 1970, as a number.
    UnixTimestamp,
}

/// A member of a structure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub(super) name: String,
    shape: String,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default, rename = "in")]
    pub(super) location: Location,
    #[serde(rename = "as")]
    wire_name: Option<String>,
}

/// Where a member travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Location {
    /// In the body.
    #[default]
    Body,
    /// In a `{label}` of the path.
    Uri,
    /// In the query string.
    Query,
    /// In a header.
    Header,
}

impl Member {
    /// The member's name on the wire.
    pub(super) fn wire_name(&self) -> &str {
        self.wire_name.as_deref().unwrap_or(&self.name)
    }
}

impl Service {
    /// The shape of that name.
    pub(super) fn shape(&self, name: &str) -> &Shape {
        self.shapes.get(name).expect("the table holds every shape that it names; a test proves it")
    }

    /// What a list holds.
    pub(super) fn item_of(&self, list: &Shape) -> &Shape {
        self.shape(list.member.as_deref().expect("a list names what it holds"))
    }

    /// The keys of a map.
    pub(super) fn key_of(&self, map: &Shape) -> &Shape {
        self.shape(map.key.as_deref().expect("a map names its keys"))
    }

    /// The values of a map.
    pub(super) fn value_of(&self, map: &Shape) -> &Shape {
        self.shape(map.value.as_deref().expect("a map names its values"))
    }

    /// What a member is.
    pub(super) fn shape_of(&self, member: &Member) -> &Shape {
        self.shape(&member.shape)
    }

    /// The operation of that name.
    pub(super) fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// The code that an error had in awsQuery, if the service still tells it.
    pub(super) fn query_code<'t>(&'t self, code: &'t str) -> Option<&'t str> {
        let others = self.query_errors.as_ref()?;
        Some(others.get(code).map_or(code, String::as_str))
    }

    /// The HTTP status of an error code of this service.
    pub(super) fn status_of(&self, code: &str) -> Option<u16> {
        self.errors.get(code).copied()
    }
}

/// Every service of the table.
pub(super) fn services() -> &'static [Service] {
    &TABLE.services
}

/// The service of that name.
pub(super) fn service(name: ServiceName) -> &'static Service {
    services().iter().find(|service| service.name == name).expect("every service name has its part of the table")
}

/// Every operation that the range speaks.
pub fn operations() -> impl Iterator<Item = (ServiceName, &'static str)> {
    services().iter().flat_map(|service| service.operations.iter().map(|op| (service.name, op.name.as_str())))
}

/// Whether the service model lists an error code for an operation. Services send some that it does not list, such as
/// those about credentials, permissions and throttling.
pub fn models_error(service_name: ServiceName, operation: &str, code: &str) -> bool {
    service(service_name).operation(operation).is_some_and(|operation| operation.errors.iter().any(|e| e == code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_closed_and_matches_its_list() {
        let mut listed = Vec::new();
        for line in include_str!("operations.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            listed.extend(line.split_once(':').expect("service: names").1.split_whitespace());
        }
        assert_eq!(operations().map(|(_, name)| name).collect::<Vec<_>>(), listed);
        for service in services() {
            assert!(std::ptr::eq(super::service(service.name), service));
            assert_eq!(service.signing_name, service.name.signing_name());
            for operation in &service.operations {
                for name in operation.input.iter().chain(&operation.output) {
                    assert_eq!(service.shape(name).kind, Kind::Structure);
                }
                assert!(operation.errors.iter().all(|code| service.status_of(code).is_some()), "{}", operation.name);
            }
            for shape in service.shapes.values() {
                for member in &shape.members {
                    service.shape_of(member);
                }
                match shape.kind {
                    Kind::List => drop(service.item_of(shape)),
                    Kind::Map => drop((service.key_of(shape), service.value_of(shape))),
                    _ => {}
                }
                if let Some(pattern) = &shape.pattern {
                    pattern.matches("");
                }
                assert_eq!(shape.format.is_some(), shape.kind == Kind::Timestamp);
            }
        }
    }

    #[test]
    fn errors_are_those_of_the_models() {
        assert_eq!(service(ServiceName::Iam).status_of("DeleteConflict"), Some(409));
        assert!(models_error(ServiceName::Iam, "DeleteRole", "DeleteConflict"));
        assert!(!models_error(ServiceName::Iam, "GetRole", "DeleteConflict"));
        assert_eq!(service(ServiceName::Support).status_of("InternalServerError"), Some(500));
    }
}
