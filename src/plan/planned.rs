//! What a plan says.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Caller, Follows, Responder, Tags};
use crate::actions::{Makers, Move, Refusal, Story};
use crate::aws::{Call, Place};
use crate::base::{Digest, Effect, IncidentId, Phase, Region, RunId, StepId, StepKey, Target};
use crate::journal::World;

/// How long a plan may be applied. Long enough to be read and approved, short enough that what it shows is still so.
pub const VALID_FOR: SignedDuration = SignedDuration::from_hours(1);

/// The format of plan files that this version writes, and the only one that it applies: a plan is approved and applied by
/// the same version of the rules.
pub const FORMAT: u32 = 1;

/// The exact calls of one phase of a runbook, bound to the account as it was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The format: [`FORMAT`].
    pub format: u32,
    /// The version of quell that made it.
    pub quell: String,
    /// Live or simulated.
    pub world: World,
    /// The incident.
    pub incident: IncidentId,
    /// The account.
    pub place: Place,
    /// What people call the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Who made it, and alone may apply it.
    pub caller: Caller,
    /// The runbook.
    pub runbook: RunbookRef,
    /// The runbook's parameters, defaults included.
    pub parameters: BTreeMap<String, Value>,
    /// The phase.
    pub phase: Phase,
    /// The run that this plan takes back, if it is an undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<RunId>,
    /// The run whose plan this one plans again, at the account as it is now, if it follows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Follows>,
    /// When it was made.
    pub made: Timestamp,
    /// Until when it may be applied.
    pub expires: Timestamp,
    /// Tells this plan from every other with the same content.
    pub nonce: String,
    /// What was asked of the account, to be asked again at the end.
    pub queries: Vec<PlannedQuery>,
    /// The steps, in an order that respects their edges.
    pub steps: Vec<PlannedStep>,
    /// What could not be read.
    pub not_read: Vec<NotRead>,
    /// The tags of what its steps are about, where they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tags>,
    /// Whether the responder can carry out the rest, and take it back. An undo does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responder: Option<Responder>,
}

/// Which runbook a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunbookRef {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The digest of its text.
    pub digest: Digest,
}

/// What was asked of the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedQuery {
    /// The step, and the Region where it was asked in several.
    pub key: StepKey,
    /// The query.
    pub query: String,
    /// What it was given.
    pub input: Value,
    /// The keys of what it found.
    pub found: Vec<String>,
    /// What is known of who made it, and what was left alone since others did.
    #[serde(default, skip_serializing_if = "Makers::is_empty")]
    pub makers: Makers,
}

/// One execution of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedStep {
    /// Which execution.
    pub key: StepKey,
    /// One line for people.
    pub title: String,
    /// What comes before it.
    pub edges: Vec<Edge>,
    /// What it does.
    pub work: PlannedWork,
}

/// What comes before a step, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The execution that comes before.
    pub before: StepKey,
    /// What must have become of it.
    pub kind: EdgeKind,
    /// Why, where the runbook does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// What must have become of the step before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeKind {
    /// It must have succeeded.
    Needs,
    /// It must have ended, however it ended.
    After,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "work", rename_all = "kebab-case")]
pub enum PlannedWork {
    /// It changes something.
    Action(Box<PlannedAction>),
    /// It waits for a person.
    Gate {
        /// Whether the person confirms, or reports that something was done.
        confirm: bool,
        /// What the person reads.
        message: String,
    },
    /// It is left out.
    Skipped {
        /// Why.
        why: String,
    },
    /// It cannot be planned.
    Refused {
        /// Why.
        why: String,
    },
}

/// What an action would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedAction {
    /// The action.
    pub action: String,
    /// What it was given, in its full form.
    pub input: Value,
    /// What it is about.
    pub target: Target,
    /// The state that was seen.
    pub state: Value,
    /// The digest of the state.
    pub fingerprint: Digest,
    /// What follows from it.
    pub outlook: Outlook,
    /// How long it may take.
    pub timeout_seconds: u64,
    /// How many unlisted reversible calls on its own target it may make when the account has moved on.
    pub envelope: usize,
    /// What a person should know of it.
    pub story: Story,
    /// What it puts back, if it undoes a step of another run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<Restoring>,
}

/// What an undo works from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Restoring {
    /// What was there before the run.
    pub present: Value,
    /// The state that the run left.
    pub left: Value,
    /// The containment hit the wrong target, so what it protects from may come back before its time.
    pub wrong_target: bool,
}

/// What follows from what was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outlook", rename_all = "kebab-case")]
pub enum Outlook {
    /// These moves, in order; none if it is already so.
    Moves {
        /// The moves.
        moves: Vec<Move>,
    },
    /// Nothing, for a reason.
    Refused {
        /// The reason.
        because: Refusal,
    },
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotRead {
    /// What.
    pub what: String,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Why not.
    pub why: String,
}

impl Plan {
    /// The digest that is approved: that of the file's bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(self)
    }

    /// The actions among the steps.
    pub fn actions(&self) -> impl Iterator<Item = (&PlannedStep, &PlannedAction)> {
        self.steps.iter().filter_map(|step| Some((step, step.action()?)))
    }

    /// The calls that the plan lists, with their steps.
    pub fn calls(&self) -> impl Iterator<Item = (&PlannedStep, &Call)> {
        self.actions().flat_map(|(step, action)| action.calls().map(move |call| (step, call)))
    }

    /// How many steps do something of this effect, and nothing that weighs more. It is the number that people see and agree
    /// to: `delete 14 agents` is 14, however many aliases go with them.
    pub fn count(&self, effect: Effect) -> usize {
        self.actions().filter(|(_, action)| action.weight() == Some(effect)).count()
    }

    /// What has to be asked again when the plan has been carried out: every query that was answered, and those of the same
    /// steps in Regions that did not answer when the plan was made. Whatever is there was not covered by the plan.
    pub fn questions(&self) -> Vec<PlannedQuery> {
        let mut questions = self.queries.clone();
        for missed in &self.not_read {
            let steps: BTreeMap<&StepId, &PlannedQuery> = self
                .queries
                .iter()
                .filter(|asked| asked.query == missed.what)
                .map(|asked| (&asked.key.step, asked))
                .collect();
            questions.extend(steps.into_values().map(|asked| PlannedQuery {
                key: StepKey { region: missed.region.clone(), ..asked.key.clone() },
                found: vec![],
                makers: Makers::default(),
                ..asked.clone()
            }));
        }
        questions
    }

    /// The step of a key.
    pub fn step(&self, key: &StepKey) -> Option<&PlannedStep> {
        self.steps.iter().find(|step| step.key == *key)
    }
}

impl PlannedStep {
    /// The action, if it is one.
    pub fn action(&self) -> Option<&PlannedAction> {
        match &self.work {
            PlannedWork::Action(action) => Some(action),
            _ => None,
        }
    }
}

impl PlannedAction {
    /// The moves, none where it is refused.
    pub fn moves(&self) -> &[Move] {
        match &self.outlook {
            Outlook::Moves { moves } => moves,
            _ => &[],
        }
    }

    /// The calls among the moves.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.moves().iter().filter_map(Move::call)
    }

    /// The heaviest effect among the calls; nothing where nothing is sent. What quell takes away of its own, and can make again, is
    /// nothing that the account loses for good.
    pub fn weight(&self) -> Option<Effect> {
        let own = self.of_registry().map_or(&[][..], |known| known.own());
        let effect = |call: &Call| match call.operation() {
            operation if own.contains(&operation) => operation.effect.min(Effect::Reversible),
            operation => operation.effect,
        };
        self.calls().map(effect).max()
    }

    /// Why nothing is done, if so. A run does not ask again: what was refused when it was approved stays refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.outlook {
            Outlook::Refused { because } => Some(because),
            Outlook::Moves { .. } => None,
        }
    }

    /// How long it may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }
}
