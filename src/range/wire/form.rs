//! Reads the forms of awsQuery: `Action=…&Tags.member.1.Key=…`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::read::{self, Misfit};
use super::table::{Kind, Service, Shape};

/// The fields of a form.
#[derive(Debug, Default)]
pub(super) struct Form(BTreeMap<String, String>);

/// Decodes one part of a query string; nothing when it is not UTF-8.
fn decode(text: &str, plus_is_space: bool) -> Option<String> {
    let text = if plus_is_space { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    percent_decode_str(&text).decode_utf8().ok().map(Cow::into_owned)
}

/// Decodes one segment of a path; nothing when it is not UTF-8.
pub(super) fn decode_segment(text: &str) -> Option<String> {
    decode(text, false)
}

/// Splits a query string or a form into its fields, in order; nothing when one of them is not UTF-8.
pub(super) fn fields(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|field| !field.is_empty())
        .map(|field| {
            let (key, value) = field.split_once('=').unwrap_or((field, ""));
            Some((decode(key, true)?, decode(value, true)?))
        })
        .collect()
}

impl Form {
    /// Reads the body, or the query string of a GET; nothing when a field is not UTF-8.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(Self(fields(text)?.into_iter().collect()))
    }

    /// One field.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Reads the input of an operation.
    pub(super) fn read(&self, service: &Service, input: &Shape) -> Result<Value, Misfit> {
        Ok(self.value(service, input, "")?.unwrap_or_else(|| Value::Object(Map::new())))
    }

    fn has(&self, prefix: &str) -> bool {
        let below = format!("{prefix}.");
        self.0.contains_key(prefix)
            || self.0.range(below.clone()..).next().is_some_and(|(key, _)| key.starts_with(&below))
    }

    fn value(&self, service: &Service, shape: &Shape, at: &str) -> Result<Option<Value>, Misfit> {
        if !at.is_empty() && !self.has(at) {
            return Ok(None);
        }
        match shape.kind {
            Kind::Structure => {
                let mut read = Map::new();
                for member in &shape.members {
                    let name = member.wire_name();
                    let at = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
                    if let Some(value) = self.value(service, service.shape_of(member), &at)? {
                        read.insert(member.name.clone(), value);
                    }
                }
                Ok(Some(read.into()))
            }
            Kind::List => {
                let mut read = Vec::new();
                while let Some(item) =
                    self.value(service, service.item_of(shape), &format!("{at}.member.{}", read.len() + 1))?
                {
                    read.push(item);
                }
                Ok(Some(read.into()))
            }
            Kind::Map => {
                let mut read = Map::new();
                for index in 1.. {
                    let entry = format!("{at}.entry.{index}");
                    let Some(key) = self.get(&format!("{entry}.key")) else { break };
                    let value = self.value(service, service.value_of(shape), &format!("{entry}.value"))?;
                    read.insert(key.to_owned(), value.unwrap_or_default());
                }
                Ok(Some(read.into()))
            }
            _ => self.get(at).map(|text| read::from_text(shape, text)).transpose(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::ServiceName;
    use super::super::table::service;
    use super::*;

    fn read(input: &str, text: &str) -> Result<Value, Misfit> {
        let service = service(ServiceName::Iam);
        Form::parse(text).expect("UTF-8").read(service, service.shape(input))
    }

    #[test]
    fn lists_structures_and_numbers_are_read() {
        let text = "Action=CreateRole&Version=2010-05-08&RoleName=web+task&MaxSessionDuration=3600&\
                    Tags.member.1.Key=a%2Bb&Tags.member.1.Value=&Tags.member.2.Key=%C3%9C&Unknown=1";
        assert_eq!(
            read("CreateRoleRequest", text),
            Ok(json!({"RoleName": "web task", "MaxSessionDuration": 3600,
                      "Tags": [{"Key": "a+b", "Value": ""}, {"Key": "Ü"}]}))
        );
        assert_eq!(read("CreateRoleRequest", "Tags="), Ok(json!({"Tags": []})));
        assert_eq!(read("GetRoleRequest", ""), Ok(json!({})));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert!(read("ListRolesRequest", "MaxItems=many").is_err());
        assert!(read("ListRolesRequest", "MaxItems=99999999999").is_err());
        assert!(Form::parse("RoleName=%FF").is_none());
        assert!(Form::parse(&"a.".repeat(100_000)).is_some());
    }
}
