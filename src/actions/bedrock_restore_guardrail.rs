//! `bedrock.restore-guardrail`: lets the draft of a guardrail say again what it said.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Action, Assignment, Await, Condition, Facts, GuardrailRef, Look, LookError, Move, Refusal, Residual, Seen, Story,
    UndoRequest,
};
use crate::aws::{
    DRAFT, GetGuardrail, Guardrail, GuardrailContent, ListGuardrails, Operation, Request, UpdateGuardrail,
};
use crate::base::{Entity, Impact, Target, Touch};

/// How long a guardrail may take to change.
const SETTLING: Duration = Duration::from_secs(5 * 60);

/// What a version does not tell of the draft: its description is its own.
const OF_THE_DRAFT: &[&str] = &["description"];

/// What a baseline may leave out, which the draft then keeps.
const KEPT: &[&str] = &["name", "description", "blockedInputMessaging", "blockedOutputsMessaging", "kmsKeyId"];

/// Lets the draft of a guardrail say again what a numbered version says, or a baseline.
pub struct RestoreGuardrail;

/// What a runbook writes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Written", into = "Written")]
pub struct Input {
    /// The guardrail.
    pub guardrail: GuardrailRef,
    /// What the draft is to say.
    pub source: Source,
}

/// What the draft is to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// What this version says.
    Version(u32),
    /// What the latest version says that was made before this moment.
    Before(Timestamp),
    /// This.
    Baseline(GuardrailContent),
}

/// The input as it is written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The guardrail.
    guardrail: GuardrailRef,
    /// The number of a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    /// Or the latest version that was made before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Timestamp>,
    /// Or this, with the members of UpdateGuardrail in AWS's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    baseline: Option<Map<String, Value>>,
}

/// None or more than one of the three.
#[derive(Debug, thiserror::Error)]
#[error("one of `version`, `before` and `baseline` says what the draft is to say")]
struct NotOne;

impl TryFrom<Written> for Input {
    type Error = NotOne;

    fn try_from(Written { guardrail, version, before, baseline }: Written) -> Result<Self, NotOne> {
        let source = match (version, before, baseline) {
            (Some(number), None, None) => Source::Version(number),
            (None, Some(moment), None) => Source::Before(moment),
            (None, None, Some(said)) => Source::Baseline(GuardrailContent::said(said)),
            _ => return Err(NotOne),
        };
        Ok(Self { guardrail, source })
    }
}

impl From<Input> for Written {
    fn from(Input { guardrail, source }: Input) -> Self {
        let written = Self { guardrail, version: None, before: None, baseline: None };
        match source {
            Source::Version(number) => Self { version: Some(number), ..written },
            Source::Before(moment) => Self { before: Some(moment), ..written },
            Source::Baseline(content) => Self { baseline: Some(content.members().clone()), ..written },
        }
    }
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The guardrail, if it exists and is not being deleted.
    pub guardrail: Option<Standing>,
}

/// How a guardrail stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// When it was made: with the id it tells it from every other.
    pub created: Timestamp,
    /// Whether it is changing at this moment.
    pub passing: bool,
    /// What the draft says; the error names what this version of quell cannot repeat.
    pub draft: Result<GuardrailContent, String>,
    /// What it is to say; the error says why nobody can tell.
    pub wanted: Result<GuardrailContent, String>,
}

/// What was there.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The draft.
    pub draft: Option<Guardrail>,
    /// The version that it is to repeat.
    pub version: Option<(u32, Guardrail)>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

/// The number of the latest version that was made before a moment.
async fn latest_before(look: &Look<'_>, guardrail: &GuardrailRef, moment: Timestamp) -> Result<Option<u32>, LookError> {
    let GuardrailRef { region, id } = guardrail.clone();
    let listed = look.find_all(ListGuardrails { region, of: Some(id), next: None }).await?.unwrap_or_default();
    let versions = listed.iter().filter(|one| one.version != DRAFT && one.created < moment);
    Ok(versions.filter_map(|one| one.version.parse().ok()).max())
}

impl RestoreGuardrail {
    /// The moves by which the draft comes to say something.
    fn say(to: &Assignment, input: &Input, passing: bool, content: Option<&GuardrailContent>) -> Vec<Move> {
        let settled = || {
            let what = Action::subject(&Self, to, input);
            Move::Await(Await { what, until: Condition::Settled, within: SETTLING })
        };
        let mut moves: Vec<Move> = passing.then(settled).into_iter().collect();
        if let Some(content) = content {
            let GuardrailRef { region, id } = input.guardrail.clone();
            moves.push(UpdateGuardrail { region, guardrail: id, content: content.clone() }.into());
            moves.push(settled());
        }
        moves
    }

    fn by_hand(input: &Input, why: String) -> Refusal {
        Refusal::ByHand {
            why,
            instructions: vec![
                format!("Compare the draft of the guardrail {} with what it should say", input.guardrail.id),
                "Edit it in the console of Amazon Bedrock, or give a `version` or a `baseline` to the step".to_owned(),
            ],
        }
    }
}

impl Action for RestoreGuardrail {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "bedrock.restore-guardrail";
    const SUMMARY: &'static str = "Let the draft of a guardrail say again what it said";
    const PAGE: &'static str = include_str!("bedrock_restore_guardrail.md");
    const READS: &'static [&'static Operation] = &[GetGuardrail::OPERATION, ListGuardrails::OPERATION];
    const SENDS: &'static [&'static Operation] = &[UpdateGuardrail::OPERATION];
    const ENVELOPE: usize = 3;
    const TIMEOUT: Duration = Duration::from_secs(15 * 60);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.guardrail.region), input.guardrail.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.guardrail.entity(), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let GuardrailRef { region, id } = input.guardrail.clone();
        let get = |version| GetGuardrail { region: region.clone(), guardrail: id.clone(), version };
        let Some(draft) = look.find(get(None)).await?.filter(|draft| !draft.is_leaving()) else {
            return Ok(Seen { state: State { guardrail: None }, present: Present::default(), context: Context {} });
        };
        let number = match &input.source {
            Source::Version(number) => Some(*number),
            Source::Before(moment) => latest_before(look, &input.guardrail, *moment).await?,
            Source::Baseline(_) => None,
        };
        let version = match number {
            Some(number) => look.find(get(Some(number))).await?.map(|version| (number, version)),
            None => None,
        };
        let wanted = match (&input.source, &version, &draft.content) {
            (Source::Baseline(said), _, Ok(now)) => Ok(said.clone().keeping(now, KEPT)),
            (Source::Baseline(said), _, Err(_)) => Ok(said.clone()),
            (_, Some((number, version)), draft) => match (&version.content, draft) {
                (Ok(content), Ok(draft)) => Ok(content.clone().taking(draft, OF_THE_DRAFT)),
                (Ok(content), Err(_)) => Ok(content.clone()),
                (Err(member), _) => {
                    Err(format!("version {number} has {member}, which this version of quell cannot repeat"))
                }
            },
            (Source::Version(number), None, _) => Err(format!("there is no version {number}")),
            (Source::Before(moment), None, _) => Err(format!("no version was made before {moment}")),
        };
        let standing =
            Standing { created: draft.created, passing: draft.is_passing(), draft: draft.content.clone(), wanted };
        let present = Present { draft: Some(draft), version };
        Ok(Seen { state: State { guardrail: Some(standing) }, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(standing) = &state.guardrail else {
            return Err(Refusal::Missing { what: format!("guardrail {}", input.guardrail.id) });
        };
        let wanted = standing.wanted.as_ref().map_err(|why| Self::by_hand(input, why.clone()))?;
        // What cannot be repeated could not be put back either, and would be gone.
        let draft = standing.draft.as_ref().map_err(|member| {
            Self::by_hand(input, format!("the draft has {member}, which this version of quell cannot repeat"))
        })?;
        Ok(Self::say(to, input, standing.passing, (!draft.says(wanted)).then_some(wanted)))
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
        let Some(now) = &state.guardrail else { return Ok(vec![]) };
        let before = present.draft.as_ref().and_then(|draft| draft.content.as_ref().ok());
        let was_left = left.guardrail.as_ref().map(|left| &left.draft);
        let Some(before) = before.filter(|before| was_left != Some(&Ok((*before).clone()))) else { return Ok(vec![]) };
        if now.draft.as_ref() == Ok(before) {
            return Ok(Self::say(to, input, now.passing, None));
        }
        if !self.same_thing(left, state) || was_left != Some(&now.draft) {
            return Err(Refusal::Changed {
                before: "the draft as it was".to_owned(),
                left: "the draft as the run left it".to_owned(),
                now: "another draft".to_owned(),
            });
        }
        Ok(Self::say(to, input, now.passing, Some(before)))
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.guardrail, &now.guardrail) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let standing = seen.state.guardrail.as_ref();
        let contents = standing.and_then(|it| Some((it.draft.as_ref().ok()?, it.wanted.as_ref().ok()?)));
        let differences = contents.map(|(draft, wanted)| draft.differences(wanted)).unwrap_or_default();
        let source = match (&input.source, &seen.present.version) {
            (Source::Baseline(_), _) => "the baseline".to_owned(),
            (_, Some((number, version))) => format!("version {number} of {}", version.created),
            (_, None) => "a version that is not there".to_owned(),
        };
        let changes = contents.is_some_and(|(draft, wanted)| !draft.says(wanted));
        Story {
            now: match (&seen.present.draft, contents) {
                (None, _) => "gone".to_owned(),
                (Some(draft), None) => format!("`{}`, with a draft that quell cannot repeat", draft.name),
                (Some(draft), Some((content, _))) => {
                    let policies = content.policies();
                    let policies = if policies.is_empty() { "no policy".to_owned() } else { policies.join(", ") };
                    format!("`{}`, draft with {policies}", draft.name)
                }
            },
            does: format!("let the draft say what {source} says, all of it"),
            impact: if changes { Impact::Degrades } else { Impact::NoneSeen },
            because: match changes {
                true => format!("whoever calls the draft is answered otherwise: {} differ", differences.join(", ")),
                false => "the draft says that already".to_owned(),
            },
            undo: "the draft says again what it said before".to_owned(),
            residual: vec![
                Residual::again(format!(
                    "whoever may call bedrock:UpdateGuardrail or bedrock:DeleteGuardrail on {}, or call models without \
                         a guardrail",
                    input.guardrail.id
                )),
                Residual::past("what went through the draft while it said something else"),
            ],
            notes: vec!["numbered versions cannot be changed: whoever names one was never affected".to_owned()],
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

    fn input(more: Value) -> Result<Input, serde_json::Error> {
        let mut written = json!({ "guardrail": { "region": "us-east-1", "id": "guard1" } });
        written.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        serde_json::from_value(written)
    }

    fn content(description: &str) -> GuardrailContent {
        GuardrailContent::said(Map::from_iter([("description".to_owned(), json!(description))]))
    }

    fn state(draft: Result<GuardrailContent, String>, passing: bool) -> State {
        let (created, wanted) = (Timestamp::UNIX_EPOCH, Ok(content("good")));
        State { guardrail: Some(Standing { created, passing, draft, wanted }) }
    }

    fn sends(moves: Result<Vec<Move>, Refusal>) -> Vec<bool> {
        moves.expect("moves").iter().map(|one| one.call().is_some()).collect()
    }

    #[test]
    fn one_of_the_three_says_what_the_draft_is_to_say() {
        for good in [json!({ "version": 2 }), json!({ "before": "2026-11-22T00:00:00Z" }), json!({ "baseline": {} })] {
            assert!(input(good.clone()).is_ok(), "{good}");
        }
        for bad in [json!({}), json!({ "version": 2, "baseline": {} })] {
            assert!(input(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_draft_is_replaced_and_waited_for() {
        let input = input(json!({ "version": 2 })).expect("an input");
        let proposed = |state| RestoreGuardrail.propose(&to(), &input, &state, &Facts::default());
        assert_eq!(sends(proposed(state(Ok(content("bad")), false))), [true, false]);
        assert_eq!(sends(proposed(state(Ok(content("bad")), true))), [false, true, false]);
        assert_eq!(sends(proposed(state(Ok(content("good")), true))), [false]);
        assert_eq!(sends(proposed(state(Ok(content("good")), false))), [] as [bool; 0]);
        assert!(matches!(proposed(state(Err("`new`".to_owned()), false)), Err(Refusal::ByHand { .. })));
        assert!(matches!(proposed(State { guardrail: None }), Err(Refusal::Missing { .. })));
    }
}
