//! `support.resolve-case`: closes the incident's case with AWS Support.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::support_case::{cases, cases_of_incident, tag};
use super::{Action, Assignment, Facts, Look, LookError, Move, Refusal, Seen, Story, UndoRequest};
use crate::aws::{DescribeCases, Operation, Request, ResolveCase as ResolveCaseCall, SupportCase};
use crate::base::{Entity, Impact, Target, Touch};

/// Closes the incident's case with AWS Support.
pub struct ResolveCase;

/// What a runbook writes: the case is known by the incident.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The open cases of the incident; nothing where the support plan has no API.
    pub cases: Option<Vec<SupportCase>>,
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The open cases of the incident.
    pub cases: Vec<SupportCase>,
}

/// Nothing more is shown than what was decided on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl Action for ResolveCase {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "support.resolve-case";
    const SUMMARY: &'static str = "Close the incident's case with AWS Support";
    const PAGE: &'static str = include_str!("support_resolve_case.md");
    const READS: &'static [&'static Operation] = &[DescribeCases::OPERATION];
    const SENDS: &'static [&'static Operation] = &[ResolveCaseCall::OPERATION];
    const ENVELOPE: usize = 1;
    const TIMEOUT: Duration = Duration::from_secs(300);

    fn subject(&self, to: &Assignment, _: &Input) -> Target {
        to.place.target(None, cases())
    }

    fn touches(&self, _: &Input) -> Vec<(Entity, Touch)> {
        vec![(cases(), Touch::Changes)]
    }

    async fn observe(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        _: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let cases = cases_of_incident(to, look).await?;
        let present = Present { cases: cases.clone().unwrap_or_default() };
        Ok(Seen { state: State { cases }, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, _: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        match state.cases.as_deref() {
            None => Err(Refusal::ByHand {
                why: "the account's support plan has no API".to_owned(),
                instructions: vec![format!("Resolve the case with {} in its subject in the console", tag(to))],
            }),
            Some([]) => Ok(vec![]),
            Some([case]) => Ok(vec![ResolveCaseCall { case: case.id.clone() }.into()]),
            Some(several) => {
                let candidates = several.iter().map(|case| format!("case {}", case.number)).collect();
                Err(Refusal::Ambiguous { candidates })
            }
        }
    }

    fn restore(
        &self,
        _: &Assignment,
        _: &Input,
        present: &Present,
        _: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let resolved = present.cases.iter().find(|case| !state.cases.iter().flatten().any(|open| open.id == case.id));
        let Some(case) = resolved else {
            return Ok(vec![]);
        };
        Err(Refusal::ByHand {
            why: "a case is a conversation with people".to_owned(),
            instructions: vec![format!("Write in case {}: that opens it again", case.number)],
        })
    }

    fn same_thing(&self, _: &State, _: &State) -> bool {
        true
    }

    fn tell(&self, _: &Assignment, _: &Input, seen: &Seen<State, Present, Context>) -> Story {
        Story {
            now: match seen.state.cases.as_deref() {
                None => "no API".to_owned(),
                Some([]) => "no open case of this incident".to_owned(),
                Some([case]) => format!("case {} is open, {}", case.number, case.status),
                Some(cases) => format!("{} open cases of this incident", cases.len()),
            },
            does: "resolve it".to_owned(),
            impact: Impact::NoneSeen,
            because: "a case changes nothing in the account".to_owned(),
            undo: "by hand: writing in the case opens it again".to_owned(),
            residual: vec![],
            notes: vec!["AWS Support stops working on it".to_owned()],
            unread: vec![],
        }
    }
}
