//! What has to hold at the end of a run, however often it died on the way.

use std::collections::BTreeSet;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use quell::aws::operations;
use quell::base::Entity;
use quell::journal::{CallState, CallView, Fold, Journal, Record, StepState, read, verify};
use quell::range::TrailEvent;
use serde_json::{Value, json};

use crate::drill::Site;

/// Something that was changed in the account, as its CloudTrail tells it.
pub(crate) struct Changed {
    /// When; where the trail tells no more than the second, the last moment in it.
    at: Timestamp,
    operation: String,
    region: String,
    parameters: Value,
}

impl Changed {
    /// An event of the range in this process, if it changed something and a key made it.
    fn by(key: &str, event: TrailEvent) -> Option<Self> {
        let who = event.user_identity?.access_key_id?;
        (!event.read_only && event.error_code.is_none() && who == key).then_some(Self {
            at: event.event_time,
            operation: event.event_name,
            region: event.aws_region,
            parameters: event.request_parameters,
        })
    }

    /// The same of a record that was looked up.
    pub(crate) fn told_of(key: &str, record: &Value) -> Option<Self> {
        let made = record["readOnly"] == false && record["errorCode"].is_null();
        let text = |member: &str| record[member].as_str().expect("CloudTrail always tells this").to_owned();
        (made && record["userIdentity"]["accessKeyId"] == key).then(|| Self {
            at: text("eventTime").parse::<Timestamp>().expect("a time") + SignedDuration::from_millis(999),
            operation: text("eventName"),
            region: text("awsRegion"),
            parameters: record["requestParameters"].clone(),
        })
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} with {}", self.operation, self.parameters)
    }
}

/// Compares a journal with what really happened in the range.
pub(crate) fn compare(site: &Site<'_>, journal: &[u8]) -> Result<(), String> {
    let effects: Vec<Changed> = effects(site).collect();
    compare_all(&effects, &[journal])
}

/// Compares the journals of an account's runs with what really happened there.
///
/// Every call that changed something was intended before; every intent has an end, and it is the true one: what counts as
/// landed has taken effect exactly once, and what counts as not happened has not. So a call that was sent twice blindly
/// shows as an effect too many.
pub(crate) fn compare_all(effects: &[Changed], journals: &[&[u8]]) -> Result<(), String> {
    let mut sound = Vec::new();
    for journal in journals {
        let verified = verify(journal).map_err(|damage| format!("damaged: {damage}"))?;
        if verified.torn.is_some() {
            return Err("a torn line was left".to_owned());
        }
        sound.push(read(journal).map_err(|damage| format!("damaged: {damage}"))?);
    }
    let calls: Vec<&CallView> = sound.iter().flat_map(|journal| journal.fold.calls().values()).collect();
    for effect in effects {
        let of_it: Vec<&&CallView> = calls.iter().filter(|call| is_of(call, effect)).collect();
        if !of_it.iter().any(|call| call.intended_at <= effect.at) {
            return Err(format!("{effect} took effect and was never intended"));
        }
        let landed = of_it.iter().filter(|call| call.state.has_landed()).count();
        let same = effects.iter().filter(|other| of_it.iter().any(|call| is_of(call, other))).count();
        // A try that got no answer may have taken effect as well; that it was followed by another one is on record.
        // One that came too early for AWS's rates has not.
        let may_have =
            |call: &&&CallView| call.attempts.iter().filter(|attempt| !attempt.fault.code.contains("Throttl")).count();
        let tries: usize = of_it.iter().map(may_have).sum();
        // Of a call that nothing shows the journal says that it may have happened.
        let unseen = operations().any(|row| row.name == effect.operation && row.unseen.is_some());
        let settled = of_it.iter().filter(|call| call.state == CallState::DidNotHappen).count();
        let tries = tries + if unseen { settled } else { 0 };
        if same < landed || same > landed + tries {
            let states: Vec<CallState> = of_it.iter().map(|call| call.state).collect();
            return Err(format!("{effect} took effect {same} times, and the journal says {states:?}"));
        }
    }
    for call in calls {
        let says_so = call.ending.as_ref().is_some_and(|ending| ending.fault.is_some());
        if call.state.has_landed() && !says_so && !effects.iter().any(|effect| is_of(call, effect)) {
            return Err(format!("{} is {} and never took effect", call.intent.operation, call.state));
        }
    }
    sound
        .into_iter()
        .try_for_each(|Journal { fold, entries, .. }| explained(&fold, entries.into_iter().map(|entry| entry.record)))
}

/// What the responder changed; what the scenario says that others had done before is no matter of the journal.
fn effects(site: &Site<'_>) -> impl Iterator<Item = Changed> {
    let key = site.range.responder().access_key;
    site.range.trail().into_iter().filter_map(move |event| Changed::by(&key, event))
}

/// Everything that took effect was intended, in a journal that may have been cut short.
pub(crate) fn all_intended(site: &Site<'_>, journal: &[u8]) -> Result<(), String> {
    let journal = read(journal).map_err(|damage| format!("damaged: {damage}"))?;
    let stray = effects(site).find(|effect| !journal.fold.calls().values().any(|call| is_of(call, effect)));
    stray.map_or(Ok(()), |effect| Err(format!("{effect} took effect and its intent is not on disk")))
}

/// A call that is sent again needs a reason in the journal: the one before did not happen, or somebody took it back.
fn explained(fold: &Fold, records: impl Iterator<Item = Record>) -> Result<(), String> {
    let mut reasons = BTreeSet::new();
    let mut intended: Vec<&CallView> = Vec::new();
    for record in records {
        match &record {
            Record::UndoneByOther { step, .. } => {
                reasons.insert(step.to_string());
            }
            Record::Note { text, .. } if text.contains("made again") || text.contains("sent again") => {
                reasons.extend(text.split_once(": ").map(|(step, _)| step.to_owned()));
            }
            Record::Intended(intent) => {
                let call = &fold.calls()[&intent.call];
                let before = intended.iter().rev().find(|before| before.intent.planned == intent.planned);
                let free = before.is_none_or(|before| !before.state.has_landed());
                // Each reason holds until the step has been brought about again.
                if !free && !reasons.contains(&intent.step.to_string()) {
                    return Err(format!("{} was sent again, and nothing says why", intent.operation));
                }
                intended.push(call);
            }
            Record::Step(moved) if matches!(moved.to, StepState::Done | StepState::Verified) => {
                reasons.remove(&moved.step.to_string());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether an effect is that of a call: the same operation in the same Region on the same thing, with the same words.
fn is_of(call: &CallView, effect: &Changed) -> bool {
    let intent = &call.intent;
    let operation = intent.operation.as_str();
    let service_and_name = operation.split_once(':');
    let region = intent.target.region.as_ref();
    service_and_name.is_some_and(|(_, name)| name == effect.operation)
        && region.is_none_or(|region| region.to_string() == effect.region)
        && is_about(&intent.target.entity, &effect.operation, &effect.parameters)
        && says_the_same(&sent_of(&effect.operation, &intent.request["input"]), &effect.parameters)
}

/// What of a request goes to AWS. Some of it is for quell alone: to whom a secret is sealed, and what a policy is made for.
fn sent_of(operation: &str, request: &Value) -> Value {
    let ours: &[&str] = match operation {
        "CreateAccessKey" => &["seal_to", "smtp_regions", "hold"],
        "CreatePolicy" => &["made_for"],
        // The device is the user's, and its serial number alone names it.
        "DeleteVirtualMFADevice" => &["user"],
        _ => &[],
    };
    let mut sent = request.clone();
    if let Some(members) = sent.as_object_mut() {
        members.retain(|name, _| !ours.contains(&name.as_str()));
    }
    sent
}

/// What AWS writes where it does not tell what was sent.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// Whether all that a request says was received: each of its values stands in the parameters, whatever AWS calls the member. For what
/// AWS hides one of them may stand.
fn says_the_same(request: &Value, parameters: &Value) -> bool {
    let mut request = request.clone();
    let mut parameters = parameters.clone();
    // Whatever stands in a member that AWS hides as a whole cannot be held against anything.
    if let (Some(sent), Some(told)) = (request.as_object_mut(), parameters.as_object_mut()) {
        let hidden: Vec<String> =
            sent.keys().filter(|name| told.get(*name) == Some(&Value::from(HIDDEN))).cloned().collect();
        for name in hidden {
            sent.remove(&name);
            told.remove(&name);
        }
    }
    let (request, parameters) = (&request, &parameters);
    let mut received = Vec::new();
    values(parameters, &mut received);
    let mut said = Vec::new();
    values(request, &mut said);
    // A trust policy without the lock says nothing that the one with it does not say as well.
    let whole = request.get("rest").is_some();
    if whole && !received.iter().all(|there| said.contains(there)) {
        return false;
    }
    let hidden = received.iter().filter(|there| *there == HIDDEN).count();
    let missing = said.iter().filter(|one| !received.iter().any(|there| is_named(there, one)));
    // What is switched on without being asked for is another request.
    let switched_on = |values: &[String]| values.iter().filter(|value| *value == "true").count();
    missing.count() <= hidden && switched_on(&received) <= switched_on(&said)
}

/// Whether a value is another one, or the ARN of what it names.
fn is_named(there: &str, one: &str) -> bool {
    there == one || (there.starts_with("arn:") && there.split(['/', ':']).any(|part| part == one))
}

/// The values in a request, policy documents taken apart. What is not so and what is left out needs no word, and the Region is the
/// address.
fn values(of: &Value, into: &mut Vec<String>) {
    match of {
        Value::Null | Value::Bool(false) => {}
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(document @ Value::Object(_)) => values(&document, into),
            _ => into.push(text.clone()),
        },
        Value::Array(items) => items.iter().for_each(|item| values(item, into)),
        Value::Object(members) => {
            members.iter().filter(|(name, _)| *name != "region").for_each(|(_, of)| values(of, into));
        }
        scalar => into.push(scalar.to_string()),
    }
}

fn is_about(entity: &Entity, operation: &str, parameters: &Value) -> bool {
    // A new case has no name of its own yet.
    let names = parameters.as_object().into_iter().flat_map(|members| members.values()).filter_map(Value::as_str);
    // A batch names its documents in a list.
    let listed = parameters["documents"].as_array().into_iter().flatten().filter_map(|one| one["documentId"].as_str());
    let names: Vec<&str> = names.chain(listed).collect();
    let named = |part: &String| names.contains(&part.as_str());
    let ends = |part: &String| names.iter().any(|name| name.ends_with(&format!("/{part}")));
    match operation {
        // A Region has one log of model invocations, and no call names it.
        "PutModelInvocationLoggingConfiguration" | "DeleteModelInvocationLoggingConfiguration" => true,
        "StopModelInvocationJob" | "StopModelCustomizationJob" => entity.path.iter().all(ends),
        "DeleteProvisionedModelThroughput" | "DeleteCustomModelDeployment" => entity.path.iter().all(ends),
        // They name the policy by its ARN.
        "DeletePolicy" | "DeletePolicyVersion" | "SetDefaultPolicyVersion" => {
            entity.path.iter().all(|part| named(part) || ends(part))
        }
        // The documents stand below the knowledge base and the data source, by the first of them.
        "DeleteKnowledgeBaseDocuments" => {
            let documents = parameters["documentIdentifiers"].to_string();
            entity.path.iter().all(|part| named(part) || documents.contains(&format!("\"{part}\"")))
        }
        // It names the device alone, which belongs to a user.
        "DeleteVirtualMFADevice" => entity.path.last().is_some_and(named),
        // A user has one password, and no name for it.
        "DeleteLoginProfile" => entity.path.first().is_some_and(named),
        _ => entity.kind == quell::base::EntityKind::SupportCase || entity.path.iter().all(named),
    }
}

/// Where two pictures of the account differ.
pub(crate) fn differences(one: &Value, other: &Value) -> Vec<String> {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let missing = Value::Null;
            let of = |map: &serde_json::Map<String, Value>, key: &str| map.get(key).cloned().unwrap_or(missing.clone());
            let inner = keys.into_iter().flat_map(|key| {
                let found = differences(&of(a, key), &of(b, key));
                found.into_iter().map(move |path| format!("{key}.{path}"))
            });
            inner.collect()
        }
        _ if one == other => Vec::new(),
        _ => vec![format!(": {one} is now {other}")],
    }
}

/// The judge itself: what a request says has to have arrived, and no more than that.
#[test]
fn another_request_is_told_from_the_one_that_was_written_down() {
    let key = json!({ "user": "ci-deploy", "key": "AKIA1", "status": "Inactive" });
    let agent = json!({ "agent": "AGENT1", "region": "us-east-1", "skip_in_use_check": false });
    let version = json!({ "policy": "arn:aws:iam::111122223333:policy/p", "version": "v1" });
    let trust = json!({ "first": null, "rest": { "Version": "2012-10-17", "Statement": [] }, "role": "r" });
    let lock = r#"{"Version":"2012-10-17","Statement":[{"Sid":"QuellTrustLock"}]}"#;
    for (request, received, same) in [
        (&key, json!({ "userName": "ci-deploy", "accessKeyId": "AKIA1", "status": "Inactive" }), true),
        (&key, json!({ "userName": "ci-deploy", "accessKeyId": "AKIA1", "status": "Active" }), false),
        (&key, json!({ "userName": "ci-deploy-2", "accessKeyId": "AKIA1", "status": "Inactive" }), false),
        (&agent, json!({ "agentId": "arn:aws:bedrock:us-east-1:111122223333:agent/AGENT1" }), true),
        (&agent, json!({ "agentId": "AGENT1", "skipResourceInUseCheck": true }), false),
        (&version, json!({ "policyArn": "arn:aws:iam::111122223333:policy/p", "versionId": "v1" }), true),
        (&version, json!({ "policyArn": "arn:aws:iam::111122223333:policy/p", "versionId": "v10" }), false),
        (&trust, json!({ "roleName": "r", "policyDocument": r#"{"Version":"2012-10-17","Statement":[]}"# }), true),
        (&trust, json!({ "roleName": "r", "policyDocument": lock }), false),
    ] {
        assert_eq!(says_the_same(request, &received), same, "{request} and {received}");
    }
}
