//! `iam.last-accessed`: which services a role or user has used, and when last.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Assignment, Look, LookError, Principal, Query, Who};
use crate::aws::{
    GenerateServiceLastAccessed, GetRole, GetServiceLastAccessed, GetUser, Operation, Request, ServiceUse,
};
use crate::base::Region;

/// The pause between two questions whether the report is there, and how often is asked.
const PAUSE: Duration = Duration::from_secs(2);
const MOST_QUESTIONS: u32 = 60;
/// AWS says that use shows within four hours.
const LAG: SignedDuration = SignedDuration::from_hours(4);

/// Which services a principal has used.
pub struct LastAccessed;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The ARN of the role or user. The ARN of a role session names its role.
    pub principal: Principal,
    /// The prefixes of the services' actions, such as `bedrock`; every service unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Used at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Those that it may use and has not used as well.
    #[serde(default)]
    pub unused: bool,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The prefix of its actions, such as `bedrock`.
    pub service: String,
    /// When it was last used; nothing where it was not in the last 400 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
    /// In which Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

impl Query for LastAccessed {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "iam.last-accessed";
    const SUMMARY: &'static str = "Which services a role or user has used, and when last";
    const PAGE: &'static str = include_str!("iam_last_accessed.md");
    const READS: &'static [&'static Operation] = &[
        GetRole::OPERATION,
        GetUser::OPERATION,
        GenerateServiceLastAccessed::OPERATION,
        GetServiceLastAccessed::OPERATION,
    ];
    const REGIONAL: bool = false;
    const LAG: Option<SignedDuration> = Some(LAG);

    fn key(&self, item: &Item) -> String {
        item.service.clone()
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        _: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        // The report is asked for by the whole ARN, and the one of a session does not know its role's path.
        let of = match &input.principal.who {
            Who::Role(role) => look.find(GetRole { role: role.clone() }).await?.map(|role| role.arn),
            Who::User(user) => look.find(GetUser { user: user.clone() }).await?.map(|user| user.arn),
        };
        // Of whom does not exist any more, IAM tells nothing.
        let Some(of) = of else { return Ok(Answer { items: vec![], truncated: None }) };
        let job = look.ask(GenerateServiceLastAccessed { of }).await?;
        let mut found: Vec<ServiceUse> = Vec::new();
        let (mut asked, mut after) = (0, None);
        loop {
            let report = look.ask(GetServiceLastAccessed { job: job.clone(), asked, after: after.clone() }).await?;
            match report.services {
                Some(page) => {
                    found.extend(page.items);
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                None if asked == MOST_QUESTIONS => {
                    let why = format!("AWS has not written the report in {} s", (PAUSE * asked).as_secs());
                    return Ok(Answer { items: vec![], truncated: Some(why) });
                }
                None => {
                    asked += 1;
                    look.rest(PAUSE).await;
                }
            }
        }
        let mut items: Vec<Item> = found
            .into_iter()
            .filter(|one| input.services.is_empty() || input.services.contains(&one.service))
            .filter(|one| one.last.map_or(input.unused, |last| input.since.is_none_or(|since| last >= since)))
            .map(|one| Item { service: one.service, used_at: one.last, region: one.region })
            .collect();
        items.sort_by(|one, other| (other.used_at, &one.service).cmp(&(one.used_at, &other.service)));
        Ok(Answer { items, truncated: None })
    }
}
