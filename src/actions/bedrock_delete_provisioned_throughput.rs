//! `bedrock.delete-provisioned-throughput`: gives provisioned throughput back, for good.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, Deletion, Doomed, Found, Look, LookError, Refusal, Residual, Stage, Story};
use crate::aws::{
    Call, DeleteProvisionedThroughput as DeleteCall, GetProvisionedThroughput, ModelThing, Operation, Request,
};
use crate::base::{Entity, EntityKind, Impact, ProvisionedThroughputArn, Region};

/// Gives provisioned throughput back, for good. What it was is captured first.
pub struct DeleteProvisionedThroughput;

/// Provisioned throughput. An item of the query `bedrock.provisioned-throughputs` is one; what else it holds is not looked at.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ProvisionedThroughputRef {
    /// The Region.
    pub region: Region,
    /// The ARN.
    pub arn: ProvisionedThroughputArn,
}

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The throughput.
    pub throughput: ProvisionedThroughputRef,
}

/// A term that has to end first: nobody can end it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Until when it was bought.
    pub until: Timestamp,
}

impl Deletion for DeleteProvisionedThroughput {
    type Input = Input;
    type Part = Term;
    type Present = ModelThing;

    const NAME: &'static str = "bedrock.delete-provisioned-throughput";
    const SUMMARY: &'static str = "Give provisioned throughput back, for good";
    const PAGE: &'static str = include_str!("bedrock_delete_provisioned_throughput.md");
    const READS: &'static [&'static Operation] = &[GetProvisionedThroughput::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteCall::OPERATION];
    const GOING: Duration = Duration::from_secs(10 * 60);

    fn region<'i>(&self, input: &'i Input) -> Option<&'i Region> {
        Some(&input.throughput.region)
    }

    fn entity(&self, input: &Input) -> Entity {
        Entity::new(EntityKind::ProvisionedThroughput, input.throughput.arn.id())
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<Term, ModelThing>>, LookError> {
        let ProvisionedThroughputRef { region, arn } = input.throughput.clone();
        let Some(thing) = look.find(GetProvisionedThroughput { region, arn }).await? else { return Ok(None) };
        // AWS's own clock decides when a term is over, and so does it here.
        let now = look.aws_now();
        let until = thing.time("commitmentExpirationTime").filter(|until| now.is_none_or(|now| *until > now));
        let doomed = Doomed {
            first: until.map(|until| (Term { until }, Stage::Standing)).into_iter().collect(),
            ..Doomed::new(thing.created.to_string(), if thing.is_passing() { Stage::Passing } else { Stage::Standing })
        };
        Ok(Some(Found { doomed, present: thing }))
    }

    fn refuses(&self, _: &Assignment, input: &Input, doomed: &Doomed<Term>) -> Option<Refusal> {
        let (Term { until }, _) = doomed.first.first()?;
        Some(Refusal::Protected {
            why: format!("it was bought until {until}, and AWS neither takes it back nor stops charging for it before"),
            instead: format!(
                "ask AWS Support for relief, with the ARN {} and who bought it (`cloudtrail.created-by`); until then, take it \
                 away from whoever uses it with `iam.deny-ai-services`",
                input.throughput.arn
            ),
        })
    }

    fn delete(&self, input: &Input) -> Call {
        let ProvisionedThroughputRef { region, arn } = input.throughput.clone();
        DeleteCall { region, arn }.into()
    }

    // No status says that it is on its way out.
    fn shows_going(&self, _: &Call) -> bool {
        false
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<Term>, &ModelThing)>) -> Story {
        let units = |thing: &ModelThing| thing.words.get("modelUnits").and_then(serde_json::Value::as_i64).unwrap_or(0);
        Story {
            now: match found {
                None => "gone".to_owned(),
                Some((doomed, thing)) => format!(
                    "`{}`, {} units of {}, {}",
                    thing.name,
                    units(thing),
                    thing.text("modelArn").unwrap_or("an unknown model"),
                    match doomed.first.first() {
                        Some((Term { until }, _)) => format!("bought until {until}"),
                        None => "paid by the hour".to_owned(),
                    },
                ),
            },
            does: "give it back, for good".to_owned(),
            impact: if found.is_some() { Impact::Outage } else { Impact::NoneSeen },
            because: match found {
                Some(_) => "whatever names its ARN is refused for good, and AWS tells nobody what that is".to_owned(),
                None => "it is gone".to_owned(),
            },
            undo: String::new(),
            residual: vec![
                Residual::past("what was charged for it so far"),
                Residual::again("whoever may call bedrock:CreateProvisionedModelThroughput can buy more"),
            ],
            notes: vec!["a custom model that it serves is not deleted with it".to_owned()],
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "it can be bought again where AWS has room for it, with another ARN; what it was is in the evidence".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::{Action, DoomedState, Facts};
    use crate::aws::Place;
    use crate::base::Partition;

    #[test]
    fn what_was_bought_for_a_term_is_refused_and_the_rest_is_given_back() {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        let arn = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghij01".parse().expect("an ARN");
        let input =
            Input { throughput: ProvisionedThroughputRef { region: "us-east-1".parse().expect("a Region"), arn } };
        let proposed = |until: Option<Timestamp>, stage| {
            let first = until.map(|until| (Term { until }, Stage::Standing)).into_iter().collect();
            let doomed = Doomed { first, ..Doomed::new("then", stage) };
            let state = DoomedState { doomed: Some(doomed) };
            DeleteProvisionedThroughput.propose(&to, &input, &state, &Facts::default())
        };
        let until = Some("2026-12-22T00:00:00Z".parse().expect("a time"));
        assert!(matches!(proposed(until, Stage::Standing), Err(Refusal::Protected { .. })));
        let calls = |moves: Vec<crate::actions::Move>| moves.iter().map(|one| one.call().is_some()).collect::<Vec<_>>();
        assert_eq!(proposed(None, Stage::Standing).map(calls), Ok(vec![true, false]));
        assert_eq!(proposed(None, Stage::Passing).map(calls), Ok(vec![false, true, false]));
    }
}
