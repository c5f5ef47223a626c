//! What a journal says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::{
    AccountId, Arn, Digest, Effect, IncidentId, OperationName, Partition, Phase, PrincipalKind, RunId, StepKey, Target,
};

use super::{CallState, Detected, StepState};

/// The format that this program writes, and the highest that it reads.
///
/// Within a format, records may gain optional fields: a reader ignores those that it does not know, and the chain covers them
/// all the same. A new kind of record, a new state or another meaning is a new format. A reader refuses formats above
/// its own and reads every one below, for ever.
pub const FORMAT: u32 = 1;

/// One thing that happened in a run. What it holds of other rooms is JSON or a digest: a journal knows no actions and
/// no types of calls. Numbers are those of RFC 8785, exact up to 2^53.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Record {
    /// The run begins. Always the first record, and only the first.
    RunOpened(RunOpened),
    /// The run goes on in another process.
    Resumed {
        /// Who goes on: the person, the host, the process.
        by: String,
        /// Why, as a fragment.
        why: String,
    },
    /// The run stops for now, in good order.
    Paused {
        /// What it waits for, as a fragment.
        why: String,
    },
    /// The run was told to stop.
    Interrupted {
        /// By what, as a fragment.
        why: String,
    },
    /// A person, or who stands in for one, agreed to the calls of the plan.
    Confirmed(Confirmation),
    /// A gate was answered.
    GateAnswered {
        /// The gate.
        step: StepKey,
        /// Whether to go on.
        answer: Answer,
        /// Who answered, in which way.
        how: Consent,
        /// What was typed or given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// A step has moved on.
    Step(StepMoved),
    /// What a target was before its first change is kept as evidence.
    Captured {
        /// The step that is about to change it.
        step: StepKey,
        /// The target.
        target: Target,
        /// The evidence.
        evidence: Digest,
        /// Where that is only what is left without what is confidential: the sealed file that holds all of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sealed: Option<Digest>,
    },
    /// The run has made something that later moves need: a cut-off, the id of a new key, a case id. Never a secret.
    Fact {
        /// The step that made it.
        step: StepKey,
        /// Its name.
        name: String,
        /// Its value; the last one counts.
        value: Value,
    },
    /// A call is about to be sent.
    Intended(Intent),
    /// A try of a call has failed and another one follows.
    Attempted(Attempt),
    /// A call has ended.
    Ended(Ending),
    /// A call in doubt was settled by looking.
    Settled {
        /// The call.
        call: CallNumber,
        /// What the look has shown.
        outcome: Settlement,
        /// What it was concluded from, as a fragment.
        why: String,
    },
    /// What is there differs from what was planned.
    Drift {
        /// The step.
        step: StepKey,
        /// What differs, as a fragment.
        what: String,
    },
    /// Somebody else has undone the step.
    UndoneByOther {
        /// The step.
        step: StepKey,
        /// What was undone, as a fragment.
        what: String,
        /// Who, as far as AWS says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        who: Option<String>,
        /// Whether AWS may merely be late to show what was changed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        suspected: bool,
    },
    /// Things that the plan does not cover and that are there now.
    LeftOver {
        /// The query that found them.
        step: StepKey,
        /// The items.
        items: Vec<Value>,
    },
    /// A remark.
    Note {
        /// The remark.
        text: String,
        /// Where it says who has undone a step: the same for programs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undone_by: Option<UndoneBy>,
        /// Where it says what was kept besides what the run changes: the evidence.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<Digest>,
    },
    /// The run has ended. Always the last record.
    Closed(Closing),
}

/// What was found out later about who has undone a step: CloudTrail tells only minutes after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoneBy {
    /// The step.
    pub step: StepKey,
    /// Which of the times that it was undone; the first is 0.
    pub nth: u64,
    /// Who; nothing where it is not known, or not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// How it is known, or why it is not and where to look, as a fragment.
    pub how: String,
}

/// Which accounts a run acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum World {
    /// AWS.
    Live,
    /// Simulated accounts.
    Range,
}

/// The beginning of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunOpened {
    /// The format of the journal: [`FORMAT`].
    pub format: u32,
    /// The version of quell that wrote it.
    pub quell: String,
    /// The run.
    pub run: RunId,
    /// The incident.
    pub incident: IncidentId,
    /// The digest of the plan that is executed.
    pub plan: Digest,
    /// The phase that the plan is for.
    pub phase: Phase,
    /// The run that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<RunId>,
    /// Live or simulated.
    pub world: World,
    /// The partition.
    pub partition: Partition,
    /// The account.
    pub account: AccountId,
    /// The caller, as STS names it.
    pub caller: Arn,
    /// The session of a role with which the caller acts, where it does not act with its own permissions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts_as: Option<ActingAs>,
    /// The detection that started it, where no person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detected: Option<Detected>,
    /// Every step of the plan. The run has no others.
    pub steps: Vec<StepKey>,
    /// Who can open what the run seals of its evidence, as age recipients. It stays so for as long as the run goes on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sealed_to: Vec<String>,
}

/// The session of a role that was assumed for a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActingAs {
    /// The role.
    pub role: Arn,
    /// The unique id of the session, `AROA…:name`. A session that is renewed has the same one.
    pub user_id: String,
    /// The digest of the session policy, where one was made from the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Digest>,
    /// The managed policies that bound the session, where they do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub managed: Vec<Arn>,
}

impl ActingAs {
    /// Whether an ARN, as CloudTrail tells it, is that of the session.
    pub fn is(&self, arn: &str) -> bool {
        let Some(PrincipalKind::AssumedRole { role, session }) =
            arn.parse::<Arn>().ok().and_then(|arn| arn.principal())
        else {
            return false;
        };
        let of_role = matches!(self.role.principal(), Some(PrincipalKind::Role { name, .. }) if name == role);
        of_role && self.user_id.split_once(':').is_some_and(|(_, name)| name == session)
    }
}

impl fmt::Display for ActingAs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, in session {}, bound by ", self.role, self.user_id)?;
        match &self.policy {
            Some(policy) => write!(out, "the session policy {}, which was made from the plan", policy.short()),
            None => out.write_str(&self.managed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// In which way somebody agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// A phrase typed at a terminal.
    Typed,
    /// Flags on the command line.
    Flags,
    /// The scenario of a rehearsal.
    Scenario,
    /// Nobody: a detection has started it, and it covers what is harmless.
    Detection,
}

/// An answer to a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Go on.
    Yes,
    /// Do not.
    No,
}

/// Agreement to what a plan lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// In which way.
    pub how: Consent,
    /// The phrase or the flags.
    pub text: String,
    /// How many reversible steps it covers.
    pub reversible: u64,
    /// How many irreversible steps it covers.
    pub irreversible: u64,
    /// The steps that it covers, where it is about a part of the plan: the others wait until somebody agrees to all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<BTreeSet<StepKey>>,
    /// The approvals that were given for it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub approvals: BTreeSet<String>,
    /// Who has signed the plan.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub signed: BTreeSet<String>,
    /// The digest of all that it was judged by: signers, rules, settings and policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Digest>,
    /// Why it is applied with one signature where more are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<String>,
}

impl Confirmation {
    /// Agreement that nobody else was asked for.
    pub fn of(how: Consent, text: String, reversible: u64, irreversible: u64) -> Self {
        let (approvals, signed) = (BTreeSet::new(), BTreeSet::new());
        let (steps, rules, break_glass) = (None, None, None);
        Self { how, text, reversible, irreversible, steps, approvals, signed, rules, break_glass }
    }
}

/// A step moving on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepMoved {
    /// The step.
    pub step: StepKey,
    /// Where it stands now.
    pub to: StepState,
    /// Why, as a fragment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The fingerprint of what was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Digest>,
    /// The evidence that holds what was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Digest>,
}

impl StepMoved {
    /// A step that is somewhere else now, with nothing more to say.
    pub fn to(step: StepKey, to: StepState) -> Self {
        Self { step, to, why: None, fingerprint: None, state: None }
    }
}

/// The number of a call in its run; the first is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallNumber(pub u64);

impl fmt::Display for CallNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "#{}", self.0)
    }
}

/// A call about to be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// Its number: one more than the last.
    pub call: CallNumber,
    /// The step that it belongs to.
    pub step: StepKey,
    /// The operation.
    pub operation: OperationName,
    /// What it does to the account.
    pub effect: Effect,
    /// What it is about.
    pub target: Target,
    /// The request as it is sent; where that repeats what is confidential and sealed, the names of these fields stand in their place.
    pub request: Value,
    /// Where they do: the sealed file that holds the whole request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Digest>,
    /// The digest of the request as it was approved, its symbols unresolved.
    pub planned: Digest,
    /// The pinned idempotency token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Why AWS, or the way there, did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFault {
    /// The error's code, such as `ThrottlingException`, or quell's word for a fault on the way.
    pub code: String,
    /// The error's message.
    pub message: String,
}

/// A try that failed and is followed by another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The call.
    pub call: CallNumber,
    /// Which try; the first is 1.
    pub attempt: u32,
    /// Why it failed.
    pub fault: CallFault,
    /// The request id, if there was a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// How long the next try waits, in milliseconds.
    pub wait_ms: u64,
}

impl Record {
    /// The files of evidence that the record names, each with the digest of its bytes.
    pub fn evidence(&self) -> Vec<(String, Digest)> {
        let named = |digest: &Digest| (digest.to_string(), *digest);
        match self {
            Self::Captured { evidence, sealed, .. } => std::iter::once(evidence).chain(sealed).map(named).collect(),
            Self::Step(StepMoved { state: Some(state), .. }) => vec![named(state)],
            Self::Note { evidence: Some(kept), .. } => vec![named(kept)],
            Self::Intended(Intent { sealed: Some(sealed), .. }) => vec![named(sealed)],
            // A sealed key lies beside the evidence under a name of its own.
            Self::Fact { value, .. } => {
                let text = |member| value.get(member)?.as_str();
                let file = || Some((text("file")?.to_owned(), text("sha256")?.parse().ok()?));
                file().into_iter().collect()
            }
            _ => vec![],
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// AWS said yes.
    Done,
    /// AWS said no.
    Failed,
    /// Nobody knows.
    InDoubt,
}

/// The end of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The call.
    pub call: CallNumber,
    /// How.
    pub outcome: Outcome,
    /// The request id, if there was a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The time in the reply: AWS's own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_time: Option<Timestamp>,
    /// Why, unless it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<CallFault>,
}

/// What a look has shown of a call in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settlement {
    /// It happened.
    Happened,
    /// It happened, and what it made is of no use.
    Lost,
    /// It did not happen.
    DidNotHappen,
    /// It cannot be told.
    Stuck,
}

impl From<Outcome> for CallState {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::Done,
            Outcome::Failed => Self::Failed,
            Outcome::InDoubt => Self::InDoubt,
        }
    }
}

impl From<Settlement> for CallState {
    fn from(outcome: Settlement) -> Self {
        match outcome {
            Settlement::Happened => Self::Happened,
            Settlement::Lost => Self::Lost,
            Settlement::DidNotHappen => Self::DidNotHappen,
            Settlement::Stuck => Self::Stuck,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunOutcome {
    /// Every step is verified or was skipped, and nothing is left over.
    Complete,
    /// Some of it is done; what is not stands in the steps and in what is left over.
    Partial,
    /// A person has to decide something before anything else can be done.
    Stuck,
    /// Nothing was changed: a refusal, a drift or a no came first.
    Refused,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// How.
    pub outcome: RunOutcome,
    /// The exit code of the program.
    pub exit_code: u8,
    /// How many steps stand where. Has to agree with the records before it.
    pub counts: BTreeMap<StepState, u64>,
}

impl Record {
    /// A remark.
    pub fn note(text: impl Into<String>) -> Self {
        Self::Note { text: text.into(), undone_by: None, evidence: None }
    }

    /// The step that the record is about, where it names one.
    pub fn step(&self) -> Option<&StepKey> {
        match self {
            Self::GateAnswered { step, .. }
            | Self::Captured { step, .. }
            | Self::Fact { step, .. }
            | Self::Drift { step, .. }
            | Self::UndoneByOther { step, .. }
            | Self::LeftOver { step, .. } => Some(step),
            Self::Note { undone_by: Some(by), .. } => Some(&by.step),
            Self::Step(moved) => Some(&moved.step),
            Self::Intended(intent) => Some(&intent.step),
            _ => None,
        }
    }

    /// The call that the record is about, where it names one.
    pub fn call(&self) -> Option<CallNumber> {
        match self {
            Self::Intended(intent) => Some(intent.call),
            Self::Attempted(attempt) => Some(attempt.call),
            Self::Ended(ending) => Some(ending.call),
            Self::Settled { call, .. } => Some(*call),
            _ => None,
        }
    }
}
