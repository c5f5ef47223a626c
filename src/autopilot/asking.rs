//! Whether AWS itself says what an event says. Whoever can write into a queue can write anything into an event.

use std::collections::BTreeSet;

use super::books::Incident;
use super::entry::Claim;
use super::machine::Answer;
use super::watchlist::Watchlist;
use crate::aws::{EventBy, Fault, FaultKind, Finding, FindingKey, GetFindings, LookedUp, LookupEvents, Reader};
use crate::base::{DetectorId, FindingId};

/// Asks AWS whether what an incident begins with is true.
pub async fn ask(incident: &Incident, watchlist: &Watchlist, reader: &Reader) -> Answer {
    match &incident.alarm.claim {
        Claim::GuardDuty { region, detector, finding, .. } => {
            let (Ok(detector), Ok(id)) = (DetectorId::new(detector), FindingId::new(finding)) else {
                return Answer::Never("the ids of its detector and finding are none".to_owned());
            };
            let asked = GetFindings { region: region.clone(), detector, findings: vec![id.clone()] };
            match reader.ask(asked).await {
                Ok(found) => match found.iter().find(|one| one.id == id) {
                    Some(found) => says_the_same(incident, found),
                    None => Answer::NotYet("GuardDuty has no such finding".to_owned()),
                },
                Err(fault) => not_answered("GuardDuty", &fault),
            }
        }
        Claim::CloudTrail { region, record, .. } => {
            let by = Some(EventBy::Id(record.clone()));
            let asked = LookupEvents { region: region.clone(), by, from: None, to: None, next: None };
            match reader.ask(asked).await {
                Ok(page) => match page.items.into_iter().find(|one| id_of(one) == record) {
                    Some(LookedUp::Event(event)) => {
                        let again = event.record.as_deref().unwrap_or_default();
                        recorded_the_same(incident, watchlist, again)
                    }
                    Some(LookedUp::Unreadable { why, .. }) => {
                        Answer::Never(format!("CloudTrail's record cannot be read: {why}"))
                    }
                    None => Answer::NotYet(
                        "CloudTrail has no such record; it tells of calls some minutes late, and of data events never"
                            .to_owned(),
                    ),
                },
                Err(fault) => not_answered("CloudTrail", &fault),
            }
        }
        Claim::Nothing { why } => Answer::Never(why.clone()),
    }
}

fn id_of(one: &LookedUp) -> &str {
    match one {
        LookedUp::Event(event) => &event.id,
        LookedUp::Unreadable { id, .. } => id,
    }
}

fn not_answered(service: &str, fault: &Fault) -> Answer {
    let why = format!("{service} could not be asked: {fault}");
    // What is refused stays so until somebody changes a policy; a detector or a Region that is not there is no answer either.
    match fault.kind {
        FaultKind::Forbidden | FaultKind::BadRequest | FaultKind::NotFound => Answer::Never(why),
        _ => Answer::NotYet(why),
    }
}

/// Whether a finding of GuardDuty is of the type, the account and the principal that the event says.
fn says_the_same(incident: &Incident, found: &Finding) -> Answer {
    let alarm = &incident.alarm;
    let Claim::GuardDuty { kind, names, keys, first_seen, last_seen, .. } = &alarm.claim else {
        return Answer::Never("it is no finding of GuardDuty".to_owned());
    };
    let differs = |what: &str| Answer::Never(format!("GuardDuty's finding has {what} than the event"));
    if found.archived {
        return Answer::Never("somebody has put GuardDuty's finding away".to_owned());
    }
    if found.kind != *kind {
        return differs("another type");
    }
    if Some(&found.account) != alarm.account.as_ref() {
        return differs("another account");
    }
    let Some(key) = &found.access_key else {
        return Answer::Never("GuardDuty has the finding, and tells of no credentials in it".to_owned());
    };
    if name_of(key).into_iter().collect::<BTreeSet<_>>() != *names {
        return differs("another user or role");
    }
    if !keys.is_empty() && key.id.iter().cloned().collect::<BTreeSet<_>>() != *keys {
        return differs("another access key");
    }
    let principal = key.principal.as_deref().map(|id| id.split(':').next().unwrap_or(id));
    if principal != alarm.principal_id.as_deref() {
        return differs("another principal");
    }
    // What is put back is what was there at that moment: who could choose the moment could choose what is put back.
    let first = found.first_seen.unwrap_or(found.created);
    let last = found.last_seen.unwrap_or(found.updated);
    if first_seen.is_some_and(|time| time != first) || last_seen.is_some_and(|time| time < first || time > last) {
        return differs("other times");
    }
    Answer::Confirmed(format!("GuardDuty has the finding, of the same credentials, since {}", found.created))
}

/// The user or role of a finding, as `user NAME` or `role NAME`.
fn name_of(key: &FindingKey) -> Option<String> {
    let name = key.user.as_ref()?;
    match key.kind.as_deref()? {
        "IAMUser" => Some(format!("user {name}")),
        "Role" | "AssumedRole" => Some(format!("role {name}")),
        _ => None,
    }
}

/// Whether the record of CloudTrail leads to the same values as the event.
fn recorded_the_same(incident: &Incident, watchlist: &Watchlist, record: &str) -> Answer {
    match watchlist.again(&incident.alarm.trigger, record.as_bytes()) {
        Some(again) if again.values == incident.alarm.values && again.key == incident.alarm.key => {
            Answer::Confirmed("CloudTrail has the record, and it says the same".to_owned())
        }
        Some(_) => Answer::Never("CloudTrail's record says something else than the event".to_owned()),
        None => Answer::Never("CloudTrail's record is not what the trigger is about".to_owned()),
    }
}
