//! Writes event streams, as InvokeAgent replies with.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use serde_json::Value;

use super::table::{Service, Shape};
use super::write::{WriteError, below, to_json};

/// Writes a list of events, each an object with the one member that names it.
pub(super) fn write(service: &Service, stream: &Shape, events: &Value, path: &str) -> Result<Vec<u8>, WriteError> {
    let wrong = || WriteError::Type { path: path.to_owned(), wanted: "a list of events with one member each" };
    let mut frames = Vec::new();
    for event in events.as_array().ok_or_else(wrong)? {
        let Some((name, value)) = event.as_object().filter(|event| event.len() == 1).and_then(|e| e.iter().next())
        else {
            return Err(wrong());
        };
        let member = stream.members.iter().find(|member| member.name == *name);
        let member = member.ok_or_else(|| WriteError::Unknown(below(path, name)))?;
        let payload = to_json(service, service.shape_of(member), value, &below(path, name))?;
        let message = [(":message-type", "event"), (":event-type", name), (":content-type", "application/json")]
            .into_iter()
            .fold(Message::new(payload.to_string()), |message, (key, value)| {
                message.add_header(Header::new(key, HeaderValue::String(value.to_owned().into())))
            });
        write_message_to(&message, &mut frames).map_err(|_| wrong())?;
    }
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use aws_smithy_eventstream::frame::read_message_from;
    use serde_json::json;

    use super::super::ServiceName;
    use super::super::table::service;
    use super::*;

    #[test]
    fn a_chunk_is_one_frame() {
        let service = service(ServiceName::BedrockAgentRuntime);
        let stream = service.shape("ResponseStream");
        let frames = write(service, stream, &json!([{"chunk": {"bytes": "aGVsbG8="}}]), "completion").expect("it fits");
        let message = read_message_from(&frames[..]).expect("a frame");
        assert_eq!(&message.payload()[..], br#"{"bytes":"aGVsbG8="}"#);
        let headers: Vec<&str> = message.headers().iter().map(|header| header.name().as_str()).collect();
        assert_eq!(headers, [":message-type", ":event-type", ":content-type"]);
        assert!(write(service, stream, &json!([{"trace": {}}]), "completion").is_err());
    }
}
