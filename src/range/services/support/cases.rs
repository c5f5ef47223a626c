//! Support cases.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::range::model::{Case, Communication};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, describe, earlier, refuse};

use super::attachments::files_of;
use super::catalogue::{SERVICES, languages, severities, subscribed};

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateCase", anything, create),
    Row::read("DescribeCases", anything, list),
    Row::write("AddCommunicationToCase", anything, add_communication),
    Row::read("DescribeCommunications", anything, list_communications),
    Row::write("ResolveCase", anything, resolve),
];

fn invalid(text: impl Into<String>) -> ApiError {
    refuse("ValidationException", text)
}

fn communication(turn: &Turn<'_>) -> Result<Communication, ApiError> {
    let body = turn.text("communicationBody");
    let attachments = files_of(turn, turn.maybe("attachmentSetId"))?;
    let submitted_by = describe(turn.account(), &turn.caller.principal).arn;
    Ok(Communication { body: body.to_owned(), submitted_by, created: turn.now, attachments })
}

fn create(turn: &mut Turn<'_>) -> Handled {
    subscribed(turn)?;
    let service = turn.maybe("serviceCode").unwrap_or("general-info");
    let category = turn.maybe("categoryCode").unwrap_or("other");
    if let Some(code) = turn.maybe("serviceCode") {
        let known = SERVICES.iter().find(|(known, ..)| *known == code);
        let (_, _, categories) = known.ok_or_else(|| invalid(format!("Invalid service code: {code}")))?;
        if !categories.iter().any(|(known, _)| *known == category) {
            return Err(invalid(format!("Invalid category code: {category}")));
        }
    }
    let severity = turn.maybe("severityCode").unwrap_or("low");
    if !severities(turn.state.plan).iter().any(|(code, _)| *code == severity) {
        return Err(invalid(format!("Invalid severity code: {severity}")));
    }
    let language = turn.maybe("language").unwrap_or("en");
    if !languages(turn).iter().any(|(code, ..)| *code == language) {
        return Err(invalid(format!("Invalid language code: {language}")));
    }
    // FACT support-cases-per-hour
    let an_hour_ago = earlier(turn.now, Duration::from_secs(3_600));
    if turn.account().cases.iter().filter(|case| case.created > an_hour_ago).count() >= turn.state.knobs.cases_per_hour
    {
        return Err(refuse("CaseCreationLimitExceeded", "The case creation limit for the account has been exceeded."));
    }
    let first = communication(turn)?;
    // FACT support-no-token: the same request again makes another case.
    let hex = turn.state.dice.hex(&format!("case {}", turn.text("subject")), 16);
    let id = format!("case-{}-muen-2026-{hex}", turn.account().id);
    let case = Case {
        id: id.clone(),
        display_id: (17_300_000_000_u64 + turn.account().cases.len() as u64).to_string(),
        subject: turn.text("subject").to_owned(),
        resolved: false,
        service: service.to_owned(),
        category: category.to_owned(),
        severity: severity.to_owned(),
        language: language.to_owned(),
        issue_type: turn.maybe("issueType").unwrap_or("technical").to_owned(),
        submitted_by: first.submitted_by.clone(),
        created: turn.now,
        cc: turn.texts("ccEmailAddresses"),
        communications: vec![first],
    };
    turn.state.account.cases.push(case);
    Ok(json!({ "caseId": id }))
}

fn message_shown(case: &Case, message: &Communication) -> Value {
    let files = message
        .attachments
        .iter()
        .enumerate()
        .map(|(index, name)| json!({ "attachmentId": format!("{}-{index}", case.display_id), "fileName": name }));
    json!({
        "caseId": case.id, "body": message.body, "submittedBy": message.submitted_by,
        "timeCreated": message.created.to_string(), "attachmentSet": files.collect::<Vec<_>>(),
    })
}

fn shown(case: &Case, communications: bool) -> Value {
    let mut shown = json!({
        "caseId": case.id, "displayId": case.display_id, "subject": case.subject,
        "status": if case.resolved { "resolved" } else { "unassigned" }, "serviceCode": case.service,
        "categoryCode": case.category, "severityCode": case.severity, "submittedBy": case.submitted_by,
        "timeCreated": case.created.to_string(), "ccEmailAddresses": case.cc, "language": case.language,
    });
    if communications {
        let newest = case.communications.iter().rev().take(5).map(|message| message_shown(case, message));
        shown["recentCommunications"] = json!({ "communications": newest.collect::<Vec<_>>() });
    }
    shown
}

fn time(turn: &Turn<'_>, member: &str) -> Option<Timestamp> {
    turn.maybe(member)?.parse().ok()
}

fn list(turn: &mut Turn<'_>) -> Handled {
    subscribed(turn)?;
    let (ids, display) = (turn.texts("caseIdList"), turn.maybe("displayId"));
    let (after, before) = (time(turn, "afterTime"), time(turn, "beforeTime"));
    let resolved_too = turn.flag("includeResolvedCases");
    // FACT support-communications-default
    let communications = turn.call.input.get("includeCommunications").and_then(Value::as_bool).unwrap_or(true);
    let cases = &turn.account().cases;
    if let Some(missing) = ids.iter().find(|id| !cases.iter().any(|case| case.id == **id)) {
        return Err(no_such_case(missing));
    }
    let wanted = cases.iter().rev().filter(|case| {
        (ids.is_empty() || ids.contains(&case.id))
            && display.is_none_or(|display| case.display_id == display)
            && after.is_none_or(|after| case.created >= after)
            && before.is_none_or(|before| case.created <= before)
            && (resolved_too || !case.resolved)
    });
    turn.page("cases", wanted.map(|case| shown(case, communications)).collect())
}

fn no_such_case(id: &str) -> ApiError {
    refuse("CaseIdNotFound", format!("The requested CaseId {id} could not be located."))
}

fn case_mut<'t>(turn: &'t mut Turn<'_>) -> Result<&'t mut Case, ApiError> {
    let id = turn.text("caseId");
    turn.state.account.cases.iter_mut().find(|case| case.id == id).ok_or_else(|| no_such_case(id))
}

fn add_communication(turn: &mut Turn<'_>) -> Handled {
    subscribed(turn)?;
    let message = communication(turn)?;
    let cc = turn.texts("ccEmailAddresses");
    let case = case_mut(turn)?;
    case.communications.push(message);
    // FACT support-reopens
    case.resolved = false;
    let more: Vec<String> = cc.into_iter().filter(|address| !case.cc.contains(address)).collect();
    case.cc.extend(more);
    Ok(json!({ "result": true }))
}

fn list_communications(turn: &mut Turn<'_>) -> Handled {
    subscribed(turn)?;
    let (after, before) = (time(turn, "afterTime"), time(turn, "beforeTime"));
    let case = case_mut(turn)?.clone();
    let wanted = case.communications.iter().rev().filter(|message| {
        after.is_none_or(|after| message.created >= after) && before.is_none_or(|before| message.created <= before)
    });
    turn.page("communications", wanted.map(|message| message_shown(&case, message)).collect())
}

fn resolve(turn: &mut Turn<'_>) -> Handled {
    subscribed(turn)?;
    let case = case_mut(turn)?;
    let before = if case.resolved { "resolved" } else { "unassigned" };
    case.resolved = true;
    Ok(json!({ "initialCaseStatus": before, "finalCaseStatus": "resolved" }))
}
