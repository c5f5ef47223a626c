//! The digests by which clients of SQS see that a text came through whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value};

/// Of a text.
pub(super) fn of_text(text: &str) -> String {
    hex::encode(Md5::digest(text.as_bytes()))
}

/// Of the attributes of a message: by name, each part with its length before it, and one byte that tells texts from bytes.
pub(super) fn of_attributes(attributes: &Map<String, Value>) -> String {
    let mut names: Vec<&String> = attributes.keys().collect();
    names.sort();
    let mut digest = Md5::new();
    let mut part = |bytes: &[u8], kind: Option<u8>| {
        digest.update(kind.as_slice());
        digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        digest.update(bytes);
    };
    for name in names {
        let attribute = &attributes[name];
        part(name.as_bytes(), None);
        part(attribute["DataType"].as_str().unwrap_or_default().as_bytes(), None);
        match attribute["StringValue"].as_str() {
            Some(text) => part(text.as_bytes(), Some(1)),
            None => part(&bytes(attribute), Some(2)),
        }
    }
    hex::encode(digest.finalize())
}

/// The bytes that an attribute holds instead of a text.
pub(super) fn bytes(attribute: &Value) -> Vec<u8> {
    attribute["BinaryValue"].as_str().and_then(|text| BASE64.decode(text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        // The test suite of RFC 1321.
        assert_eq!(of_text(""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(of_text("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    }

    #[test]
    fn attributes_are_digested_by_name() {
        let one = json!({ "b": { "DataType": "Binary", "BinaryValue": "AQI=" }, "a": { "DataType": "String", "StringValue": "x" } });
        let two = json!({ "a": { "DataType": "String", "StringValue": "x" }, "b": { "DataType": "Binary", "BinaryValue": "AQI=" } });
        let of = |value: &Value| of_attributes(value.as_object().expect("attributes"));
        assert_eq!(of(&one), of(&two));
        let bytes = b"\0\0\0\x01a\0\0\0\x06String\x01\0\0\0\x01x\0\0\0\x01b\0\0\0\x06Binary\x02\0\0\0\x02\x01\x02";
        assert_eq!(of(&one), hex::encode(Md5::digest(bytes)));
    }
}
