//! What AWS Support offers: services, severities, languages.

use serde_json::{Value, json};

use crate::range::scenario::SupportPlan;
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

pub(super) const ROWS: &[Row] = &[
    Row::read("DescribeServices", anything, describe_services),
    Row::read("DescribeSeverityLevels", anything, describe_severity_levels),
    Row::read("DescribeSupportedLanguages", anything, describe_supported_languages),
    Row::read("DescribeCreateCaseOptions", anything, describe_create_case_options),
];

/// A service: its code, its name, and the codes and names of its categories.
type Service = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// The services that cases can be about.
pub(super) const SERVICES: &[Service] = &[
    // FACT support-codes
    ("customer-account", "Account", &[("security", "Security"), ("other-account-issues", "Other Account Issues")]),
    ("billing", "Billing", &[("charges", "Charges"), ("other-billing-questions", "Other Billing Questions")]),
    ("amazon-bedrock", "Bedrock", &[("agents", "Agents"), ("general-guidance", "General Guidance")]),
    ("service-iam", "Identity and Access Management", &[("general-guidance", "General Guidance")]),
];

/// Refuses everything without a plan that has the API.
pub(super) fn subscribed(turn: &Turn<'_>) -> Result<(), ApiError> {
    // FACT support-subscription
    if turn.state.plan == SupportPlan::Basic {
        let text = "Amazon Web Services Premium Support Subscription is required to use this service.";
        return Err(refuse("SubscriptionRequiredException", text));
    }
    Ok(())
}

/// The severities of the plan: code and name.
pub(super) fn severities(plan: SupportPlan) -> &'static [(&'static str, &'static str)] {
    // FACT support-severities
    const ALL: &[(&str, &str)] = &[
        ("low", "General guidance"),
        ("normal", "System impaired"),
        ("high", "Production system impaired"),
        ("urgent", "Production system down"),
        ("critical", "Business-critical system down"),
    ];
    match plan {
        SupportPlan::Basic | SupportPlan::Developer => &ALL[..2],
        SupportPlan::Business => &ALL[..4],
        SupportPlan::Enterprise => ALL,
    }
}

fn describe_services(turn: &mut Turn<'_>) -> Handled {
    subscribed(turn)?;
    let wanted = turn.texts("serviceCodeList");
    let shown = SERVICES.iter().filter(|(code, ..)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == code));
    let shown = shown.map(|(code, name, categories)| {
        let categories: Vec<Value> =
            categories.iter().map(|(code, name)| json!({ "code": code, "name": name })).collect();
        json!({ "code": code, "name": name, "categories": categories })
    });
    Ok(json!({ "services": shown.collect::<Vec<_>>() }))
}

fn describe_severity_levels(turn: &mut Turn<'_>) -> Handled {
    subscribed(turn)?;
    let levels = severities(turn.state.plan).iter().map(|(code, name)| json!({ "code": code, "name": name }));
    Ok(json!({ "severityLevels": levels.collect::<Vec<_>>() }))
}

/// Languages that cases may be in: code, name in English, and own name.
pub(super) fn languages(turn: &Turn<'_>) -> Vec<(&'static str, &'static str, &'static str)> {
    let mut languages = vec![("en", "English", "English"), ("zh", "Chinese", "中文"), ("ko", "Korean", "한국어")];
    // FACT support-japanese
    if turn.state.knobs.support_in_japanese {
        languages.push(("ja", "Japanese", "日本語"));
    }
    languages
}

fn describe_supported_languages(turn: &mut Turn<'_>) -> Handled {
    subscribed(turn)?;
    let shown = languages(turn);
    let shown =
        shown.iter().map(|(code, language, display)| json!({ "code": code, "language": language, "display": display }));
    Ok(json!({ "supportedLanguages": shown.collect::<Vec<_>>() }))
}

fn describe_create_case_options(turn: &mut Turn<'_>) -> Handled {
    subscribed(turn)?;
    let offered = languages(turn).iter().any(|(code, ..)| *code == turn.text("language"));
    let availability = if offered { "available" } else { "not_available" };
    let hours = json!([{ "startTime": "00:00", "endTime": "23:59" }]);
    let kinds = ["web", "chat", "call"].map(|kind| json!({ "type": kind, "supportedHours": hours }));
    let kinds = if offered { kinds.to_vec() } else { Vec::new() };
    Ok(json!({ "languageAvailability": availability, "communicationTypes": kinds }))
}
