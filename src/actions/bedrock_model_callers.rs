//! `bedrock.model-callers`: who called models, and what stood behind it.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::model_calls::{CallerKind, Calls, calls_of};
use super::service_roles::{SERVICE_ROLES_READS, workers};
use super::trail_events::{TrailFound, trail_events};
use super::{Actor, Answer, Assignment, Look, LookError, Query};
use crate::aws::{
    EventBy, Fault, FaultKind, GetRole, LookupEvents, Operation, Request, TRAIL_LAG, TRAIL_REACH, joined,
};
use crate::base::{Arn, PrincipalKind, Region, RoleName};

/// The service, as CloudTrail names it.
const SOURCE: &str = "bedrock.amazonaws.com";

/// The operations that call a model at once and are management events, which CloudTrail keeps without being asked to.
const CALLS: [&str; 4] = ["InvokeModel", "InvokeModelWithResponseStream", "Converse", "ConverseStream"];

/// Who called models.
pub struct ModelCallers;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// At this moment or later. CloudTrail remembers 90 days.
    pub since: Timestamp,
    /// Before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Only this one: the id of an access key, or the ARN of a session, a role or a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Actor>,
}

/// Somebody who called models in a Region.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The ARN of the user or role; of others what CloudTrail calls them.
    pub principal: String,
    /// The immutable id, such as `AIDA…` or `AROA…`; what `principal` says where CloudTrail tells none.
    pub id: String,
    /// Who that is.
    pub by: CallerKind,
    /// The service through which the calls came, where their records name one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// The agents, knowledge bases and flows of the Region that work with the role, any of which may have called. Nothing for
    /// whoever called by themselves.
    pub behind: Vec<String>,
    /// Why it cannot be told what stood behind the calls, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_known: Option<String>,
    /// The Region.
    pub region: Region,
    /// How many calls there were.
    pub calls: u64,
    /// How many of them were refused.
    pub refused: u64,
    /// How many of them were made with an API key of Amazon Bedrock instead of a signature.
    pub with_api_key: u64,
    /// The ids of these API keys, where CloudTrail tells them; at most 20.
    pub api_keys: Vec<String>,
    /// The ids of the access keys, long-term or of sessions; at most 20.
    pub access_keys: Vec<String>,
    /// The names of the sessions; at most 20.
    pub sessions: Vec<String>,
    /// The models, as the calls named them; at most 20.
    pub models: Vec<String>,
    /// From which addresses, or through which services; at most 20.
    pub addresses: Vec<String>,
    /// How the programs describe themselves; at most 20.
    pub programs: Vec<String>,
    /// Whether there is more of one of these lists than they hold.
    pub more: bool,
    /// The first call.
    pub first_at: Timestamp,
    /// The last call.
    pub last_at: Timestamp,
    /// All of it in a few words.
    pub told: String,
}

impl Query for ModelCallers {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "bedrock.model-callers";
    const SUMMARY: &'static str =
        "Who called models since a moment, and which agents, knowledge bases or flows may be behind it";
    const PAGE: &'static str = include_str!("bedrock_model_callers.md");
    const READS: &'static [&'static Operation] =
        &joined::<2, 10, 12>([LookupEvents::OPERATION, GetRole::OPERATION], SERVICE_ROLES_READS);
    const REGIONAL: bool = true;
    const LAG: Option<SignedDuration> = Some(TRAIL_LAG);

    fn key(&self, item: &Item) -> String {
        let via = item.via.as_ref().map(|via| format!(" via {via}")).unwrap_or_default();
        format!("{}/{}{via}", item.region, item.id)
    }

    async fn ask(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let region = of_region(region)?;
        let found = recorded(look, region, input).await?;
        let callers = calls_of(&found.events);
        // Where nobody came by a role, nothing is behind anybody.
        let by_role = callers.iter().any(|caller| caller.by == CallerKind::Role);
        let known = if by_role { readable(workers(look, region).await)? } else { Ok(vec![]) };
        let mut items = Vec::new();
        for caller in callers {
            let mut behind = Vec::new();
            let mut not_known = None;
            if caller.by == CallerKind::Role {
                match &known {
                    Ok(workers) => {
                        behind.extend(workers.iter().filter_map(|worker| worker.if_it_works_as(&caller.principal)));
                        if behind.is_empty() {
                            not_known = no_longer_there(to, look, region, &caller).await?;
                        }
                    }
                    Err(fault) => {
                        let code = &fault.code;
                        not_known = Some(format!("what works with the role in {region} could not be read ({code})"));
                    }
                }
            }
            items.push(item(region, caller, behind, not_known));
        }
        let too_early = look.aws_now().filter(|now| input.since < *now - TRAIL_REACH);
        let too_early = too_early.map(|_| "CloudTrail remembers 90 days, and `since` lies before that".to_owned());
        Ok(Answer { items, truncated: found.truncated.or(too_early) })
    }
}

/// The calls of models that CloudTrail has to the question, refused ones as well.
async fn recorded(look: &Look<'_>, region: &Region, input: &Input) -> Result<TrailFound, LookError> {
    let ways = match &input.of {
        Some(Actor::Key(key)) => vec![EventBy::AccessKey(key.to_string())],
        Some(Actor::Session { name, .. }) => vec![EventBy::User(name.clone())],
        // CloudTrail finds neither the sessions of a role by the role, nor those that a user hands out by the user.
        _ => CALLS.map(|name| EventBy::Name(name.to_owned())).to_vec(),
    };
    let mut found = TrailFound::default();
    for by in ways {
        let (region, from) = (region.clone(), Some(input.since));
        let first = LookupEvents { region, by: Some(by), from, to: input.until, next: None };
        let more = trail_events(look, first).await?;
        found.events.extend(more.events);
        found.truncated = found.truncated.or(more.truncated);
    }
    found.events.retain(|event| {
        event.source == SOURCE
            && CALLS.contains(&event.name.as_str())
            && event.time >= input.since
            && input.until.is_none_or(|until| event.time < until)
            && input.of.as_ref().is_none_or(|of| of.is(&event.who))
    });
    Ok(found)
}

/// What was read, or why AWS would not show it. Credentials that have ended are no answer.
fn readable<T>(read: Result<T, LookError>) -> Result<Result<T, Fault>, LookError> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(LookError::Fault(fault)) if fault.kind != FaultKind::Expired => Ok(Err(fault)),
        Err(error) => Err(error),
    }
}

/// Why it cannot be told what stood behind the calls of a role with which nothing works; nothing where its sessions are those of
/// whoever may take it on.
async fn no_longer_there(
    to: &Assignment,
    look: &Look<'_>,
    region: &Region,
    caller: &Calls,
) -> Result<Option<String>, LookError> {
    let gone = format!("nothing that is in {region} now works with the role");
    if let Some(via) = &caller.via {
        return Ok(Some(format!("{via} made the calls, and {gone}")));
    }
    let arn: Option<Arn> = caller.principal.parse().ok();
    let Some((account, Some(PrincipalKind::Role { name, .. }))) =
        arn.and_then(|arn| Some((arn.account()?, arn.principal())))
    else {
        return Ok(None);
    };
    let Some(name) = RoleName::new(name).ok().filter(|_| account == to.place.account) else { return Ok(None) };
    Ok(match readable(look.find(GetRole { role: name }).await)? {
        Err(fault) => Some(format!("who may take the role on could not be read ({})", fault.code)),
        Ok(Some(role)) if role.id == caller.id => {
            let admitted = role.trust.admitted().services;
            let service = admitted.into_iter().find(|service| service.starts_with("bedrock"));
            service.map(|service| format!("{service} may take the role on, and {gone}"))
        }
        Ok(_) => Some("the role is gone, and with it who could take it on".to_owned()),
    })
}

fn item(region: &Region, caller: Calls, behind: Vec<String>, not_known: Option<String>) -> Item {
    let told = caller.told(region, &behind, not_known.as_deref());
    Item {
        more: caller.has_more(),
        principal: caller.principal,
        id: caller.id,
        by: caller.by,
        via: caller.via,
        behind,
        not_known,
        region: region.clone(),
        calls: caller.calls,
        refused: caller.refused,
        with_api_key: caller.with_api_key,
        api_keys: caller.api_keys.told(),
        access_keys: caller.access_keys.told(),
        sessions: caller.sessions.told(),
        models: caller.models.told(),
        addresses: caller.addresses.told(),
        programs: caller.programs.told(),
        first_at: caller.first_at,
        last_at: caller.last_at,
        told,
    }
}
