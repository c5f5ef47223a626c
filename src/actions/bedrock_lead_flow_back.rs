//! `bedrock.lead-flow-back`: leads the aliases of a flow back to the version that was there before an incident.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flow_parts::{FlowParts, READS, flow_parts};
use super::flow_ref::FlowRef;
use super::{Action, Assignment, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest};
use crate::aws::{FlowAlias, Late, Operation, Request, TEST_ALIAS, UpdateFlowAlias};
use crate::base::{Entity, Impact, Target, Touch};

/// Leads the aliases of a flow back to the version that was there before an incident.
pub struct LeadFlowBack;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The flow.
    pub flow: FlowRef,
    /// When the intruder was first seen: aliases that lead to a version from then or later, or to no version, are led to the last one
    /// from before.
    pub before: Timestamp,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The flow, if it exists.
    pub flow: Option<Led>,
}

/// A flow with where its aliases lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Led {
    /// When it was made: with the id it tells it from every other.
    pub created: Timestamp,
    /// Where each alias leads, but for the test alias; nothing for one that leads nowhere.
    pub aliases: BTreeMap<String, Option<String>>,
    /// When each version was made.
    pub versions: BTreeMap<u32, Timestamp>,
}

/// What was there: the request repeats all of an alias.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The name of the flow.
    pub name: Option<String>,
    /// Its aliases.
    pub aliases: BTreeMap<String, FlowAlias>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl Led {
    /// The last version from before a moment.
    fn last_before(&self, moment: Timestamp) -> Option<u32> {
        self.versions.iter().filter(|(_, made)| **made < moment).map(|(number, _)| *number).max()
    }

    /// The aliases that lead to a version from a moment or later, or to what is no version.
    fn astray(&self, moment: Timestamp) -> impl Iterator<Item = &str> {
        let stands = move |version: &Option<String>| {
            let number = version.as_ref().and_then(|version| version.parse::<u32>().ok());
            number.and_then(|number| self.versions.get(&number)).is_some_and(|made| *made < moment)
        };
        self.aliases.iter().filter(move |(_, version)| !stands(version)).map(|(alias, _)| alias.as_str())
    }
}

impl LeadFlowBack {
    fn lead(input: &Input, alias: &str, version: String) -> Move {
        UpdateFlowAlias {
            region: input.flow.region.clone(),
            flow: input.flow.id.clone(),
            alias: alias.to_owned(),
            name: Late::echo(&format!("/aliases/{alias}/name")),
            description: Late::echo(&format!("/aliases/{alias}/description")),
            concurrency: Late::echo(&format!("/aliases/{alias}/concurrency")),
            version,
        }
        .into()
    }
}

impl Action for LeadFlowBack {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "bedrock.lead-flow-back";
    const SUMMARY: &'static str = "Lead the aliases of a flow back to the version from before an incident";
    const PAGE: &'static str = include_str!("bedrock_lead_flow_back.md");
    const READS: &'static [&'static Operation] = READS;
    const SENDS: &'static [&'static Operation] = &[UpdateFlowAlias::OPERATION];
    const ENVELOPE: usize = 10;
    const TIMEOUT: Duration = Duration::from_secs(300);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.flow.region), input.flow.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.flow.entity(), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let Some(FlowParts { flow, aliases, versions }) = flow_parts(look, &input.flow).await? else {
            return Ok(Seen { state: State { flow: None }, present: Present::default(), context: Context {} });
        };
        let versions = versions.into_iter().filter_map(|(number, version)| Some((number, version?.created)));
        let led = Led {
            created: flow.created,
            aliases: aliases.iter().map(|alias| (alias.id.clone(), alias.versions.first().cloned())).collect(),
            versions: versions.collect(),
        };
        let aliases = aliases.into_iter().map(|alias| (alias.id.clone(), alias)).collect();
        let present = Present { name: Some(flow.name), aliases };
        Ok(Seen { state: State { flow: Some(led) }, present, context: Context {} })
    }

    fn propose(&self, _: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(led) = &state.flow else { return Ok(vec![]) };
        let astray: Vec<&str> = led.astray(input.before).collect();
        match led.last_before(input.before) {
            _ if astray.is_empty() => Ok(vec![]),
            Some(version) => {
                Ok(astray.into_iter().map(|alias| Self::lead(input, alias, version.to_string())).collect())
            }
            None => Err(Refusal::ByHand {
                why: "the flow has no version from before, and Bedrock cannot pause a flow".to_owned(),
                instructions: vec![format!(
                    "Take bedrock:InvokeFlow on flow {} from whoever invokes it, or publish a version that you trust and lead the \
                     aliases {} to it",
                    input.flow.id,
                    astray.join(", ")
                )],
            }),
        }
    }

    fn restore(
        &self,
        _: &Assignment,
        input: &Input,
        present: &Present,
        left: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let Some(led) = &state.flow else { return Ok(vec![]) };
        let was = |alias: &str| present.aliases.get(alias).and_then(|alias| alias.versions.first().cloned());
        let moves: Vec<Move> = led
            .aliases
            .iter()
            .filter_map(|(alias, now)| Some((alias, now, was(alias)?)))
            .filter(|(_, now, was)| now.as_ref() != Some(was))
            .map(|(alias, _, was)| Self::lead(input, alias, was))
            .collect();
        if !moves.is_empty() && left != state {
            let words = |state: &State| match &state.flow {
                Some(led) => led
                    .aliases
                    .iter()
                    .map(|(alias, version)| format!("{alias} to {}", version.as_deref().unwrap_or("nothing")))
                    .collect::<Vec<_>>()
                    .join(", "),
                None => "no flow".to_owned(),
            };
            let before = present.aliases.values().map(|alias| format!("{} to {}", alias.id, alias.versions.join(", ")));
            return Err(Refusal::Changed {
                before: before.collect::<Vec<_>>().join(", "),
                left: words(left),
                now: words(state),
            });
        }
        Ok(moves)
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.flow, &now.flow) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let astray = seen.state.flow.as_ref().map_or(0, |led| led.astray(input.before).count());
        let target = seen.state.flow.as_ref().and_then(|led| led.last_before(input.before));
        Story {
            now: match (&seen.present.name, &seen.state.flow) {
                (Some(name), Some(led)) => format!(
                    "`{name}`, {astray} of {} aliases lead to what is younger than {}",
                    led.aliases.len(),
                    input.before
                ),
                _ => "gone".to_owned(),
            },
            does: match target {
                Some(version) => format!("lead them to version {version}, the last from before"),
                None => "nothing: there is no version from before".to_owned(),
            },
            impact: if astray == 0 { Impact::NoneSeen } else { Impact::Degrades },
            because: match astray {
                0 => "every alias leads to a version from before".to_owned(),
                _ => "whoever invokes the flow gets an earlier version".to_owned(),
            },
            undo: "the aliases lead again to where they led".to_owned(),
            residual: vec![Residual::stays_until(
                format!(
                    "flow {} in its draft, through its test alias {TEST_ALIAS}, for whoever may still call bedrock:InvokeFlow; runs \
                     that have begun go on",
                    input.flow.id
                ),
                "bedrock.delete-flow deletes the flow",
            )],
            notes: vec![],
            unread: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn state(aliases: &[(&str, Option<&str>)], versions: &[(u32, &str)]) -> State {
        let led = Led {
            created: Timestamp::UNIX_EPOCH,
            aliases: aliases.iter().map(|(id, to)| ((*id).to_owned(), to.map(str::to_owned))).collect(),
            versions: versions.iter().map(|(number, made)| (*number, at(made))).collect(),
        };
        State { flow: Some(led) }
    }

    fn to() -> Assignment {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        Assignment { incident: "INC-1".parse().expect("an incident"), place }
    }

    fn input() -> Input {
        let flow = FlowRef { region: "us-east-1".parse().expect("a Region"), id: "JOURNEY001".parse().expect("an id") };
        Input { flow, before: at("2026-11-22T00:00:00Z") }
    }

    fn calls(moves: &[Move]) -> Vec<String> {
        moves.iter().filter_map(Move::call).map(|call| call.entity().id().to_owned()).collect()
    }

    const OLD: &str = "2026-11-01T00:00:00Z";
    const NEW: &str = "2026-11-22T01:00:00Z";

    #[test]
    fn what_leads_to_a_young_version_or_to_none_is_led_back() {
        let versions = [(1, OLD), (2, OLD), (3, NEW)];
        let aliases = [("A", Some("1")), ("B", Some("3")), ("C", Some("DRAFT")), ("D", None), ("E", Some("9"))];
        let moves = LeadFlowBack.propose(&to(), &input(), &state(&aliases, &versions), &Facts::default());
        assert_eq!(calls(&moves.expect("moves")), ["B", "C", "D", "E"]);
        let fine = state(&[("A", Some("2"))], &versions);
        assert_eq!(LeadFlowBack.propose(&to(), &input(), &fine, &Facts::default()), Ok(vec![]));
        let gone = State { flow: None };
        assert_eq!(LeadFlowBack.propose(&to(), &input(), &gone, &Facts::default()), Ok(vec![]));
    }

    #[test]
    fn without_a_version_from_before_it_is_for_a_person() {
        let refused =
            LeadFlowBack.propose(&to(), &input(), &state(&[("A", Some("1"))], &[(1, NEW)]), &Facts::default());
        assert!(matches!(refused, Err(Refusal::ByHand { .. })), "{refused:?}");
    }

    #[test]
    fn an_undo_leads_to_where_it_led_unless_somebody_was_there_since() {
        let alias = |id: &str, version: &str| FlowAlias {
            id: id.to_owned(),
            name: id.to_owned(),
            description: None,
            versions: vec![version.to_owned()],
            concurrency: None,
            updated: Timestamp::UNIX_EPOCH,
        };
        let aliases = [alias("A", "1"), alias("B", "3")].map(|alias| (alias.id.clone(), alias)).into();
        let present = Present { name: None, aliases };
        let versions = [(1, OLD), (3, NEW)];
        let left = state(&[("A", Some("1")), ("B", Some("1"))], &versions);
        let asked = UndoRequest { now: Timestamp::UNIX_EPOCH, wrong_target: false };
        let restored = |now: &State| LeadFlowBack.restore(&to(), &input(), &present, &left, now, &asked);
        assert_eq!(calls(&restored(&left).expect("moves")), ["B"]);
        let meanwhile = state(&[("A", Some("1")), ("B", Some("2"))], &versions);
        assert!(matches!(restored(&meanwhile), Err(Refusal::Changed { .. })));
        assert_eq!(restored(&state(&[("A", Some("1")), ("B", Some("3"))], &versions)), Ok(vec![]));
    }
}
