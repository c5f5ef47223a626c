//! What has to hold at the end of a run, however often it died on the way.

use quell::base::Entity;
use quell::journal::{CallState, CallView, Fold, Record, read, verify};
use quell::range::TrailEvent;
use serde_json::Value;

use crate::drill::Site;

/// Compares a journal with what really happened in the range.
///
/// Every call that changed something was intended before; every intent has an end, and it is the true one: what counts as
/// landed has taken effect exactly once, and what counts as not happened has not. So a call that was sent twice blindly
/// shows as an effect too many.
pub(crate) fn compare(site: &Site<'_>, journal: &[u8]) -> Result<(), String> {
    let verified = verify(journal).map_err(|damage| format!("damaged: {damage}"))?;
    if verified.torn.is_some() {
        return Err("a torn line was left".to_owned());
    }
    let journal = read(journal).map_err(|damage| format!("damaged: {damage}"))?;
    let effects: Vec<TrailEvent> = effects(site).collect();
    for effect in &effects {
        let of_it: Vec<&CallView> = journal.fold.calls().values().filter(|call| is_of(call, effect)).collect();
        if !of_it.iter().any(|call| call.intended_at <= effect.event_time) {
            return Err(format!("{} took effect and was never intended", name(effect)));
        }
        let landed = of_it.iter().filter(|call| call.state.has_landed()).count();
        let same = effects.iter().filter(|other| of_it.iter().any(|call| is_of(call, other))).count();
        // A try that got no answer may have taken effect as well; that it was followed by another one is on record.
        let tries: usize = of_it.iter().map(|call| call.attempts.len()).sum();
        if same < landed || same > landed + tries {
            let states: Vec<CallState> = of_it.iter().map(|call| call.state).collect();
            return Err(format!("{} took effect {same} times, and the journal says {states:?}", name(effect)));
        }
    }
    for call in journal.fold.calls().values() {
        let says_so = call.ending.as_ref().is_some_and(|ending| ending.fault.is_some());
        if call.state.has_landed() && !says_so && !effects.iter().any(|effect| is_of(call, effect)) {
            return Err(format!("{} is {} and never took effect", call.intent.operation, call.state));
        }
    }
    explained(&journal.fold, journal.entries.into_iter().map(|entry| entry.record))
}

/// What the responder changed; what the scenario says that others had done before is no matter of the journal.
fn effects(site: &Site<'_>) -> impl Iterator<Item = TrailEvent> {
    let key = site.range.responder().access_key;
    let changes = |event: &TrailEvent| !event.read_only && event.error_code.is_none();
    let ours = move |event: &TrailEvent| {
        event.user_identity.as_ref().is_some_and(|who| who.access_key_id.as_deref() == Some(key.as_str()))
    };
    site.range.trail().into_iter().filter(changes).filter(ours)
}

/// Everything that took effect was intended, in a journal that may have been cut short.
pub(crate) fn all_intended(site: &Site<'_>, journal: &[u8]) -> Result<(), String> {
    let journal = read(journal).map_err(|damage| format!("damaged: {damage}"))?;
    let stray = effects(site).find(|effect| !journal.fold.calls().values().any(|call| is_of(call, effect)));
    stray.map_or(Ok(()), |effect| Err(format!("{} took effect and its intent is not on disk", name(&effect))))
}

/// A call that is sent again needs a reason in the journal: the one before did not happen, or somebody took it back.
fn explained(fold: &Fold, records: impl Iterator<Item = Record>) -> Result<(), String> {
    let mut reasons = Vec::new();
    let mut intended: Vec<&CallView> = Vec::new();
    for record in records {
        match &record {
            Record::UndoneByOther { step, .. } => reasons.push(step.to_string()),
            Record::Note { text, .. } => reasons.push(text.clone()),
            Record::Intended(intent) => {
                let call = &fold.calls()[&intent.call];
                let before = intended.iter().rev().find(|before| before.intent.planned == intent.planned);
                let free = before.is_none_or(|before| !before.state.has_landed());
                let step = intent.step.to_string();
                if !free && !reasons.iter().any(|reason| reason.contains(&step)) {
                    return Err(format!("{} was sent again, and nothing says why", intent.operation));
                }
                intended.push(call);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether an effect is that of a call: the same operation in the same Region on the same thing.
fn is_of(call: &CallView, effect: &TrailEvent) -> bool {
    let intent = &call.intent;
    let operation = intent.operation.as_str();
    let service_and_name = operation.split_once(':');
    let region = intent.target.region.as_ref();
    service_and_name.is_some_and(|(_, name)| name == effect.event_name)
        && region.is_none_or(|region| region.to_string() == effect.aws_region)
        && is_about(&intent.target.entity, &effect.event_name, &effect.request_parameters)
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

fn name(effect: &TrailEvent) -> String {
    format!("{} with {}", effect.event_name, effect.request_parameters)
}

/// Where two pictures of the account differ.
pub(crate) fn differences(one: &Value, other: &Value) -> Vec<String> {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
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
