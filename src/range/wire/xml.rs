//! Writes the XML of awsQuery.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::Writer;
use quick_xml::events::{BytesText, Event};
use serde_json::Value;

use super::table::{Kind, Service, Shape};
use super::write::{self, WriteError, below};
use super::{ApiError, table::Operation};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Writes a reply.
pub(super) fn reply(
    service: &Service,
    operation: &Operation,
    value: &Value,
    request_id: &str,
) -> Result<Vec<u8>, WriteError> {
    let mut page = Page(Writer::new(Vec::new()));
    page.within_namespace(&format!("{}Response", operation.name), &service.namespace, |page| {
        if let Some(output) = &operation.output {
            page.within(&format!("{}Result", operation.name), |page| {
                page.members(service, service.shape(output), value, "")
            })?;
        }
        page.within("ResponseMetadata", |page| page.text("RequestId", request_id))
    })?;
    Ok(page.0.into_inner())
}

/// Writes an error. Texts that XML cannot carry are left out of it rather than the whole error.
pub(super) fn error(namespace: &str, error: &ApiError, request_id: &str) -> Vec<u8> {
    let fault = if error.status < 500 { "Sender" } else { "Receiver" };
    let message: String = error.message.chars().filter(|&c| travels(c)).collect();
    let mut page = Page(Writer::new(Vec::new()));
    page.within_namespace("ErrorResponse", namespace, |page| {
        page.within("Error", |page| {
            page.text("Type", fault)?;
            page.text("Code", &error.code)?;
            page.text("Message", &message)
        })?;
        page.text("RequestId", request_id)
    })
    .expect("codes and request ids are plain texts");
    page.0.into_inner()
}

/// Whether XML 1.0 can carry a character.
fn travels(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

struct Page(Writer<Vec<u8>>);

impl Page {
    fn within(&mut self, name: &str, fill: impl FnOnce(&mut Self) -> Result<(), WriteError>) -> Result<(), WriteError> {
        self.within_namespace(name, "", fill)
    }

    fn within_namespace(
        &mut self,
        name: &str,
        namespace: &str,
        fill: impl FnOnce(&mut Self) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let mut start = quick_xml::events::BytesStart::new(name);
        if !namespace.is_empty() {
            start.push_attribute(("xmlns", namespace));
        }
        let end = start.to_end().into_owned();
        self.event(Event::Start(start.borrow()));
        fill(self)?;
        self.event(Event::End(end));
        Ok(())
    }

    fn event(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("writing to memory does not fail");
    }

    fn text(&mut self, name: &str, text: &str) -> Result<(), WriteError> {
        if !text.chars().all(travels) {
            return Err(WriteError::Characters(name.to_owned()));
        }
        // A parser turns a bare carriage return into a line feed.
        let escaped = quick_xml::escape::escape(text).replace('\r', "&#13;");
        self.within(name, |page| {
            page.event(Event::Text(BytesText::from_escaped(escaped)));
            Ok(())
        })
    }

    fn members(&mut self, service: &Service, shape: &Shape, value: &Value, path: &str) -> Result<(), WriteError> {
        let given = write::structure(shape, value, path)?;
        for member in &shape.members {
            if let Some(value) = given.get(&member.name).filter(|value| !value.is_null()) {
                let (shape, path) = (service.shape_of(member), below(path, &member.name));
                self.value(service, member.wire_name(), shape, value, &path)?;
            }
        }
        Ok(())
    }

    fn value(
        &mut self,
        service: &Service,
        name: &str,
        shape: &Shape,
        value: &Value,
        path: &str,
    ) -> Result<(), WriteError> {
        match (shape.kind, value) {
            (Kind::Structure, _) => self.within(name, |page| page.members(service, shape, value, path)),
            (Kind::List, Value::Array(items)) => self.within(name, |page| {
                let item = service.item_of(shape);
                items.iter().try_for_each(|value| page.value(service, "member", item, value, &below(path, "member")))
            }),
            (Kind::Map, Value::Object(entries)) => self.within(name, |page| {
                entries.iter().try_for_each(|(key, value)| {
                    page.within("entry", |page| {
                        page.text("key", key)?;
                        page.value(service, "value", service.value_of(shape), value, &below(path, key))
                    })
                })
            }),
            _ => match write::scalar(shape, value, path)? {
                Value::String(text) if shape.uri_encoded => {
                    self.text(name, &utf8_percent_encode(&text, RESERVED).to_string())
                }
                Value::String(text) => self.text(name, &text),
                other => self.text(name, &other.to_string()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::ServiceName;
    use super::super::table::service;
    use super::*;

    fn text(operation: &str, value: Value) -> String {
        let service = service(ServiceName::Iam);
        let operation = service.operation(operation).expect("an operation");
        String::from_utf8(reply(service, operation, &value, "r-1").expect("it fits")).expect("UTF-8")
    }

    #[test]
    fn policies_are_encoded_and_texts_escaped() {
        let policy = r#"{"Sid": "Ü~a"}"#;
        let written = text("GetRolePolicy", json!({"RoleName": "a", "PolicyName": "<b>", "PolicyDocument": policy}));
        assert_eq!(
            written,
            "<GetRolePolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRolePolicyResult>\
             <RoleName>a</RoleName><PolicyName>&lt;b&gt;</PolicyName>\
             <PolicyDocument>%7B%22Sid%22%3A%20%22%C3%9C~a%22%7D</PolicyDocument></GetRolePolicyResult>\
             <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetRolePolicyResponse>"
        );
        assert!(text("DeleteRole", json!({})).contains("/\"><ResponseMetadata>"));
    }

    #[test]
    fn maps_and_errors_have_their_envelopes() {
        let written = text("GetAccountSummary", json!({"SummaryMap": {"Users": 3}}));
        assert!(written.contains("<SummaryMap><entry><key>Users</key><value>3</value></entry></SummaryMap>"));
        let refused = ApiError::new("NoSuchEntity", 404, "no role \u{1}& none");
        assert_eq!(
            String::from_utf8(error("n", &refused, "r-1")).expect("UTF-8"),
            "<ErrorResponse xmlns=\"n\"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no role &amp; none\
             </Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        );
    }
}
