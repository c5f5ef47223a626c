//! `q.restore-chat-controls`: puts the chat controls of a Q Business application back to a baseline.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Action, Assignment, Await, Condition, Facts, Look, LookError, Move, QApplicationRef, Refusal, Residual, Seen,
    Story, UndoRequest,
};
use crate::aws::{GetQApplication, GetQChatControls, Operation, QChatControls, Request, UpdateQChatControls};
use crate::base::{Entity, Impact, Target, Touch};

/// How long an application may take to settle.
const SETTLING: Duration = Duration::from_secs(5 * 60);

/// Puts the chat controls of a Q Business application back to a baseline.
pub struct RestoreChatControls;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The application.
    pub application: QApplicationRef,
    /// The chat controls as they should be.
    pub baseline: Baseline,
}

/// Chat controls, in the words in which `aws qbusiness get-chat-controls-configuration` writes them. A switch that is left out
/// stays as it is; phrases, message and topics that are left out are none.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Baseline {
    /// Whether answers come from the company's documents only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_scope: Option<String>,
    /// Whether a question goes to plugins and data sources by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orchestration_configuration: Option<Value>,
    /// Whether the model may be asked without any documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator_mode_configuration: Option<Value>,
    /// Whether answers are checked for what is made up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hallucination_reduction_configuration: Option<Value>,
    /// Phrases that nobody may use, and what is said then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_phrases: Option<Value>,
    /// Rules by topic, each with its `name`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topic_configurations: Vec<Value>,
}

impl Baseline {
    fn controls(&self) -> Result<QChatControls, Refusal> {
        let words = serde_json::to_value(self).unwrap_or_default();
        QChatControls::read([&words]).map_err(|why| Refusal::ByHand {
            why: format!("the baseline makes no sense: {why}"),
            instructions: vec!["Write it as `aws qbusiness get-chat-controls-configuration` writes one".to_owned()],
        })
    }
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The application, if it exists and is not being deleted.
    pub application: Option<Application>,
}

/// An application with its chat controls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// When it was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// Whether it is changing at this moment.
    pub passing: bool,
    /// Its chat controls.
    pub controls: QChatControls,
}

/// What was there.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The chat controls.
    pub controls: QChatControls,
    /// The name of the application.
    pub name: Option<String>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl RestoreChatControls {
    /// The moves that bring the chat controls to those that are wanted.
    fn bring(to: &Assignment, input: &Input, application: &Application, wanted: &QChatControls) -> Vec<Move> {
        let QApplicationRef { region, id } = input.application.clone();
        let what = to.place.target(Some(&region), input.application.entity());
        let settled = || Move::Await(Await { what: what.clone(), until: Condition::Settled, within: SETTLING });
        let waiting = application.passing.then(settled);
        let change = application.controls.change_to(wanted);
        let update = change.map(|change| UpdateQChatControls { region, application: id, change }.into());
        waiting.into_iter().chain(update).collect()
    }
}

impl Action for RestoreChatControls {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "q.restore-chat-controls";
    const SUMMARY: &'static str = "Put the chat controls of a Q Business application back to a baseline";
    const PAGE: &'static str = include_str!("q_restore_chat_controls.md");
    const READS: &'static [&'static Operation] = &[GetQApplication::OPERATION, GetQChatControls::OPERATION];
    const SENDS: &'static [&'static Operation] = &[UpdateQChatControls::OPERATION];
    const ENVELOPE: usize = 5;
    const TIMEOUT: Duration = Duration::from_secs(15 * 60);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.application.region), input.application.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.application.entity(), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let QApplicationRef { region, id } = input.application.clone();
        let found = look.find(GetQApplication { region: region.clone(), id: id.clone() }).await?;
        let pages = match found.as_ref().filter(|application| !application.is_leaving()) {
            Some(_) => look.find_all(GetQChatControls { region, application: id, next: None }).await?,
            None => None,
        };
        let (Some(found), Some(pages)) = (found, pages) else {
            return Ok(Seen { state: State { application: None }, present: Present::default(), context: Context {} });
        };
        let controls = QChatControls::read(&pages).map_err(LookError::Nonsense)?;
        let application =
            Application { created: found.created, passing: found.is_passing(), controls: controls.clone() };
        let present = Present { controls, name: found.name };
        Ok(Seen { state: State { application: Some(application) }, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(application) = &state.application else {
            return Err(Refusal::Missing { what: format!("Q application {}", input.application.id) });
        };
        Ok(Self::bring(to, input, application, &input.baseline.controls()?))
    }

    fn restore(
        &self,
        to: &Assignment,
        input: &Input,
        present: &Present,
        left: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let Some(now) = &state.application else { return Ok(vec![]) };
        let moves = Self::bring(to, input, now, &present.controls);
        let as_left = left.application.as_ref().is_some_and(|left| left.controls == now.controls);
        if moves.iter().any(|one| one.call().is_some()) && !(as_left && self.same_thing(left, state)) {
            return Err(Refusal::Changed {
                before: "the chat controls that the evidence holds".to_owned(),
                left: "those of the baseline".to_owned(),
                now: "others".to_owned(),
            });
        }
        Ok(moves)
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.application, &now.application) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let controls = &seen.present.controls;
        let wanted = input.baseline.controls().unwrap_or_default();
        let change = controls.change_to(&wanted);
        let differing = change.as_ref().and_then(Value::as_object).into_iter().flatten();
        let members: Vec<&str> = differing.map(|(member, _)| member.as_str()).collect();
        Story {
            now: match &seen.state.application {
                None => "gone".to_owned(),
                Some(_) => format!(
                    "`{}`: {}, {} blocked phrases, {} topics",
                    seen.present.name.as_deref().unwrap_or("?"),
                    controls.switches.get("responseScope").and_then(Value::as_str).unwrap_or("scope unknown"),
                    controls.phrases.len(),
                    controls.topics.len(),
                ),
            },
            does: match members.as_slice() {
                [] => "nothing: they are as the baseline says".to_owned(),
                members => format!("put back to the baseline: {}", members.join(", ")),
            },
            impact: if members.is_empty() { Impact::NoneSeen } else { Impact::Degrades },
            because: match members.is_empty() {
                true => "nothing changes".to_owned(),
                false => "who relied on what was changed gets other answers, or none".to_owned(),
            },
            undo: "the chat controls are changed back to what they were".to_owned(),
            residual: vec![
                Residual::past("answers that were given meanwhile"),
                Residual::again(format!(
                    "whoever may call UpdateChatControlsConfiguration on the application {}",
                    input.application.id
                )),
            ],
            notes: vec![],
            unread: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    fn to() -> Assignment {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        Assignment { incident: "INC-1".parse().expect("an incident"), place }
    }

    fn input() -> Input {
        serde_json::from_value(json!({
            "application": { "region": "us-east-1", "id": "a1b2c3d4-5678-90ab-cdef-example00001" },
            "baseline": { "responseScope": "ENTERPRISE_CONTENT_ONLY", "blockedPhrases": { "blockedPhrases": ["merger"] } },
        }))
        .expect("an input")
    }

    fn state(phrases: &[&str], scope: &str) -> State {
        let words = json!({ "responseScope": scope, "blockedPhrases": { "blockedPhrases": phrases } });
        let controls = QChatControls::read([&words]).expect("controls");
        let application = Application { created: jiff::Timestamp::UNIX_EPOCH, passing: false, controls };
        State { application: Some(application) }
    }

    #[test]
    fn what_differs_is_put_back_and_taken_back() {
        let changed = state(&["merger", "x"], "EXTENDED_KNOWLEDGE_ENABLED");
        let sound = state(&["merger"], "ENTERPRISE_CONTENT_ONLY");
        let proposed = |state: &State| RestoreChatControls.propose(&to(), &input(), state, &Facts::default());
        assert_eq!(proposed(&changed).map(|moves| moves.len()), Ok(1));
        assert_eq!(proposed(&sound), Ok(vec![]));
        assert!(matches!(proposed(&State { application: None }), Err(Refusal::Missing { .. })));
        let before = changed.application.as_ref().expect("an application").controls.clone();
        let present = Present { controls: before, name: None };
        let asked = UndoRequest { now: jiff::Timestamp::UNIX_EPOCH, wrong_target: false };
        let restored = |now: &State| RestoreChatControls.restore(&to(), &input(), &present, &sound, now, &asked);
        assert_eq!(restored(&sound).map(|moves| moves.len()), Ok(1));
        assert_eq!(restored(&changed), Ok(vec![]));
        let other = state(&["y"], "ENTERPRISE_CONTENT_ONLY");
        assert!(matches!(restored(&other), Err(Refusal::Changed { .. })));
    }
}
