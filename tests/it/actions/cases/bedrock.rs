//! Cases of the log of model invocations.

use serde_json::{Value, json};

use super::account::role;
use super::case::{Case, Undone, case};

const MALLORY: &str = "arn:aws:iam::111122223333:user/mallory";

/// The log as it should be.
pub(crate) fn log() -> Value {
    json!({
        "s3Config": { "bucketName": "invocation-logs", "keyPrefix": "bedrock" },
        "cloudWatchConfig": {
            "logGroupName": "/bedrock/invocations", "roleArn": "arn:aws:iam::111122223333:role/bedrock-logs",
            "largeDataDeliveryS3Config": { "bucketName": "invocation-logs" },
        },
        "textDataDeliveryEnabled": true, "imageDataDeliveryEnabled": false,
    })
}

/// The log that an intruder set.
pub(crate) fn theirs() -> Value {
    json!({ "s3Config": { "bucketName": "elsewhere" }, "textDataDeliveryEnabled": true })
}

/// A change of the log before the start; nothing switches it off.
pub(crate) fn changed(ago: &str, to: Option<Value>) -> Value {
    let call = if to.is_some() { "Put" } else { "Delete" };
    json!({
        "ago": ago, "source": "bedrock.amazonaws.com", "call": format!("{call}ModelInvocationLoggingConfiguration"),
        "by": MALLORY, "request": to.map_or(Value::Null, |config| json!({ "loggingConfig": config })),
    })
}

/// A role with which Bedrock gets into a log group.
pub(crate) fn log_role() -> Value {
    let mut made = role("bedrock-logs", "/");
    made["trust"] = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "bedrock.amazonaws.com" }, "Action": "sts:AssumeRole" },
    ]});
    made
}

pub(super) fn cases() -> Vec<Case> {
    logging()
}

/// A case of a log that stands now, after what happened before.
pub(crate) fn logging_case(name: &'static str, put_back: Value, now: Option<Value>, past: Vec<Value>) -> Case {
    let mut with = json!({ "region": "us-east-1" });
    with.as_object_mut().expect("an object").extend(put_back.as_object().expect("an object").clone());
    let logs = now.map(|config| json!({ "region": "us-east-1", "config": config }));
    case(name, "bedrock.restore-invocation-logging", with, Undone::Exactly)
        .with("/account/roles", json!([role("ml-pipeline", "/service/"), log_role()]))
        .with("/account/invocation_logging", json!(Vec::from_iter(logs)))
        .with("/account/past", json!(past))
}

fn logging() -> Vec<Case> {
    let as_of = || json!({ "as_of": "2026-11-22T01:00:00Z" });
    let on_before = || changed("30d", Some(log()));
    vec![
        logging_case("restore a log that was switched off", as_of(), None, vec![on_before(), changed("1h", None)]),
        logging_case(
            "restore a log that leads elsewhere",
            as_of(),
            Some(theirs()),
            vec![on_before(), changed("1h", Some(theirs()))],
        ),
        logging_case(
            "switch a log off that somebody switched on",
            as_of(),
            Some(theirs()),
            vec![on_before(), changed("20d", None), changed("1h", Some(theirs()))],
        ),
        logging_case("restore a log to a baseline", json!({ "baseline": log() }), Some(theirs()), vec![]),
        logging_case("restore a log that CloudTrail does not tell of yet", as_of(), None, vec![on_before()]),
    ]
}
