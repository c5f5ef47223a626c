//! Who did what in a rehearsal: the others from the range's own record, quell from the events of its runs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::base::{Effect, counted};
use crate::plan::Plan;
use crate::range::{Scenario, TrailEvent};
use crate::report::{Progress, Teller, Told};
use crate::run::Event;

/// What the adversary and the workload did.
pub(super) fn others(trail: &[TrailEvent], scenario: &Scenario, own_key: &str, start: Timestamp) -> Vec<Told> {
    let workers: BTreeSet<&str> = scenario.workload.iter().map(|worker| worker.credentials.name.as_str()).collect();
    let mut told = Vec::new();
    for event in trail.iter().filter(|event| event.event_time >= start) {
        let Some(identity) = &event.user_identity else { continue };
        if identity.access_key_id.as_deref() == Some(own_key) {
            continue;
        }
        let with = identity.arn.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
        let is_service = event.user_agent.ends_with(".amazonaws.com");
        let who = if is_service || workers.contains(with.as_str()) { Teller::Workload } else { Teller::Adversary };
        // What it reads to watch is not worth a line, what it uses is.
        let watches = event.read_only && ["Get", "List"].iter().any(|verb| event.event_name.starts_with(verb));
        if who == Teller::Adversary && watches {
            continue;
        }
        told.push(Told {
            time: event.event_time,
            who,
            with: if is_service { event.user_agent.clone() } else { with },
            what: sentence(event),
            refused: event.error_code.clone(),
            always: !event.read_only && event.event_name != "InvokeAgent",
        });
    }
    told
}

/// A call in words.
fn sentence(event: &TrailEvent) -> String {
    let part = |name: &str| event.request_parameters.get(name).and_then(Value::as_str).unwrap_or("?");
    let role = || part("roleArn").rsplit('/').next().unwrap_or("?").to_owned();
    match event.event_name.as_str() {
        "InvokeAgent" => format!("invokes agent {} in {}", part("agentId"), event.aws_region),
        "CreateAgent" => format!("makes agent {} in {}", part("agentName"), event.aws_region),
        "PrepareAgent" => format!("prepares agent {} in {}", part("agentId"), event.aws_region),
        "CreateAgentAlias" => format!("opens an alias of agent {} in {}", part("agentId"), event.aws_region),
        "ListAgents" => format!("lists the agents in {}", event.aws_region),
        "AssumeRole" => format!("takes on role {}", role()),
        "CreateAccessKey" => format!("makes an access key for user {}", part("userName")),
        "DeleteRolePolicy" => format!("takes policy {} off role {}", part("policyName"), part("roleName")),
        "DeleteUserPolicy" => format!("takes policy {} off user {}", part("policyName"), part("userName")),
        other => format!("calls {other}"),
    }
}

/// What quell did in a phase.
pub(super) fn quell(plan: &Plan, reads: u64, events: &[Event], mut progress: Progress<'_>) -> Vec<Told> {
    let told = |time: Timestamp, what: String| Told {
        time,
        who: Teller::Quell,
        with: String::new(),
        what,
        refused: None,
        always: true,
    };
    let summary = format!(
        "plans to {}: {}, {} of them reversible and {} irreversible, after {reads} reads",
        plan.phase,
        counted(plan.steps.len(), "step"),
        plan.count(Effect::Reversible),
        plan.count(Effect::Irreversible)
    );
    let mut all = vec![told(plan.made, summary)];
    all.extend(events.iter().filter_map(|event| {
        let news = progress.news(event)?;
        Some(told(news.at, format!("{:<6} {}", news.mark, news.what)))
    }));
    all
}
