//! `bedrock.restore-invocation-logging`: puts the log of model invocations of a Region back.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::logging_past::{LogChange, LogSet, in_words, log_changes};
use super::{Action, Assignment, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest};
use crate::aws::{
    DeleteInvocationLogging, GetInvocationLogging, LoggingConfig, LookupEvents, Operation, PutInvocationLogging,
    Request,
};
use crate::base::{Entity, EntityKind, Impact, Region, Target, Touch};

/// Puts the log of model invocations of a Region back.
pub struct RestoreInvocationLogging;

/// What a runbook writes: a configuration, or the moment at which the log was as it should be.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Written", into = "Written")]
pub struct Input {
    /// The Region.
    pub region: Region,
    /// What is put back.
    pub put_back: PutBack,
}

/// What is put back.
#[derive(Debug, Clone, PartialEq)]
pub enum PutBack {
    /// This configuration.
    Baseline(LoggingConfig),
    /// What CloudTrail has of this moment.
    AsOf(Timestamp),
}

/// The input as it is written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The Region.
    region: Region,
    /// The configuration, in AWS's own words: `s3Config`, `cloudWatchConfig`, `textDataDeliveryEnabled` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    baseline: Option<Map<String, Value>>,
    /// Or the moment at which the log was as it should be: what CloudTrail has of it is put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
}

/// None or both of the two, or nothing in the one.
#[derive(Debug, thiserror::Error)]
#[error("either `baseline`, with a bucket or a log group, or `as_of` says what is put back")]
struct NotOne;

impl TryFrom<Written> for Input {
    type Error = NotOne;

    fn try_from(Written { region, baseline, as_of }: Written) -> Result<Self, NotOne> {
        let put_back = match (baseline, as_of) {
            (Some(baseline), None) => {
                let config = LoggingConfig::of(&Value::Object(baseline)).ok_or(NotOne)?;
                let leads = config.bucket().is_some() || config.log_group().is_some();
                PutBack::Baseline(leads.then_some(config).ok_or(NotOne)?)
            }
            (None, Some(moment)) => PutBack::AsOf(moment),
            _ => return Err(NotOne),
        };
        Ok(Self { region, put_back })
    }
}

impl From<Input> for Written {
    fn from(Input { region, put_back }: Input) -> Self {
        match put_back {
            PutBack::Baseline(config) => {
                let baseline = serde_json::to_value(config).ok().and_then(|words| words.as_object().cloned());
                Self { region, baseline, as_of: None }
            }
            PutBack::AsOf(moment) => Self { region, baseline: None, as_of: Some(moment) },
        }
    }
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// How the Region logs; nothing where it does not.
    pub log: Option<LoggingConfig>,
    /// How it should.
    pub wanted: Wanted,
}

/// How a Region should log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// Like this.
    On(LoggingConfig),
    /// Not at all.
    Off,
    /// As it does: nobody has changed it for as long as CloudTrail remembers.
    AsItDoes,
    /// Nobody can tell.
    Unknown(String),
}

/// What was there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// How the Region logged; nothing where it did not.
    pub log: Option<LoggingConfig>,
    /// The changes that CloudTrail remembers, oldest first.
    pub changes: Vec<LogChange>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

/// How a Region should log, by what CloudTrail has of a moment.
fn wanted_as_of(moment: Timestamp, changes: &[LogChange], truncated: Option<String>) -> Wanted {
    if let Some(why) = truncated {
        return Wanted::Unknown(why);
    }
    match changes.iter().rfind(|change| change.at <= moment).map(|change| &change.to) {
        Some(LogSet::On(config)) => Wanted::On(config.clone()),
        Some(LogSet::Off) => Wanted::Off,
        Some(LogSet::Untold) => Wanted::Unknown("CloudTrail does not tell what the log was set to".to_owned()),
        None if changes.is_empty() => Wanted::AsItDoes,
        None => Wanted::Unknown(format!(
            "the log was changed since {moment}, and CloudTrail remembers nothing from before that"
        )),
    }
}

impl RestoreInvocationLogging {
    fn set(region: &Region, wanted: Option<&LoggingConfig>) -> Move {
        let region = region.clone();
        match wanted {
            Some(config) => PutInvocationLogging { region, config: config.clone() }.into(),
            None => DeleteInvocationLogging { region }.into(),
        }
    }
}

impl Action for RestoreInvocationLogging {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "bedrock.restore-invocation-logging";
    const SUMMARY: &'static str = "Put the log of model invocations of a Region back";
    const PAGE: &'static str = include_str!("bedrock_restore_invocation_logging.md");
    const READS: &'static [&'static Operation] = &[GetInvocationLogging::OPERATION, LookupEvents::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteInvocationLogging::OPERATION, PutInvocationLogging::OPERATION];
    const ENVELOPE: usize = 5;
    const TIMEOUT: Duration = Duration::from_secs(300);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        let log = Entity::new(EntityKind::InvocationLogging, input.region.as_str());
        to.place.target(Some(&input.region), log)
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(Entity::new(EntityKind::InvocationLogging, input.region.as_str()), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let log = look.ask(GetInvocationLogging { region: input.region.clone() }).await?;
        let (wanted, changes) = match &input.put_back {
            PutBack::Baseline(config) => (Wanted::On(config.clone()), vec![]),
            PutBack::AsOf(moment) => {
                let (changes, truncated) = log_changes(look, &input.region).await?;
                (wanted_as_of(*moment, &changes, truncated), changes)
            }
        };
        let state = State { log: log.clone(), wanted };
        Ok(Seen { state, present: Present { log, changes }, context: Context {} })
    }

    fn propose(&self, _: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        match &state.wanted {
            Wanted::On(config) if !state.log.as_ref().is_some_and(|log| log.is(config)) => {
                Ok(vec![Self::set(&input.region, Some(config))])
            }
            Wanted::Off if state.log.is_some() => Ok(vec![Self::set(&input.region, None)]),
            Wanted::On(_) | Wanted::Off | Wanted::AsItDoes => Ok(vec![]),
            Wanted::Unknown(why) => Err(Refusal::ByHand {
                why: why.clone(),
                instructions: vec![
                    format!(
                        "Find out how {} should log model invocations: AWS Config, the template of the account, or the \
                         objects in the bucket of the logs",
                        input.region
                    ),
                    "Give that as the `baseline` of the step and run it again".to_owned(),
                ],
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
        if state.log == present.log || left.log == present.log {
            return Ok(vec![]);
        }
        if state.log != left.log {
            return Err(Refusal::Changed {
                before: in_words(present.log.as_ref()),
                left: in_words(left.log.as_ref()),
                now: in_words(state.log.as_ref()),
            });
        }
        Ok(vec![Self::set(&input.region, present.log.as_ref())])
    }

    // A Region has one log, and it has no identity of its own.
    fn same_thing(&self, _: &State, _: &State) -> bool {
        true
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let State { log, wanted } = &seen.state;
        let does = match wanted {
            Wanted::On(config) => format!("log model invocations again: {}", in_words(Some(config))),
            Wanted::Off => "stop logging, as it was at that moment".to_owned(),
            Wanted::AsItDoes => "leave it as it is".to_owned(),
            Wanted::Unknown(_) => "nothing, since nobody can tell what it should be".to_owned(),
        };
        let set = |change: &LogChange| match &change.to {
            LogSet::On(config) => in_words(Some(config)),
            LogSet::Off => in_words(None),
            LogSet::Untold => "on, CloudTrail does not tell how".to_owned(),
        };
        let mut notes: Vec<String> = seen
            .present
            .changes
            .iter()
            .map(|change| format!("{}: set to {} by {}", change.at, set(change), change.by))
            .collect();
        if *wanted == Wanted::AsItDoes && log.is_none() {
            notes.push(
                "off, and CloudTrail remembers nobody who changed it: off for 90 days, or switched off within the last \
                 minutes; if it was on, give a `baseline`"
                    .to_owned(),
            );
        }
        let ends = *wanted == Wanted::Off && log.is_some();
        Story {
            now: in_words(log.as_ref()),
            does,
            impact: if ends { Impact::Degrades } else { Impact::NoneSeen },
            because: match ends {
                true => {
                    "models answer as before, and what is written down about it now is written down no more".to_owned()
                }
                false => "models answer as before; only what is written down about it changes".to_owned(),
            },
            undo: format!("what was there before is put back: {}", in_words(log.as_ref())),
            residual: vec![
                Residual::past(
                    "what was invoked while nothing was logged is in no invocation log; CloudTrail has who and when, \
                           not what was said",
                ),
                Residual::again(format!(
                    "whoever may call bedrock:DeleteModelInvocationLoggingConfiguration or \
                         bedrock:PutModelInvocationLoggingConfiguration in {} can change it again",
                    input.region
                )),
            ],
            notes,
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

    fn config(bucket: &str) -> LoggingConfig {
        LoggingConfig::of(&json!({ "s3Config": { "bucketName": bucket } })).expect("a configuration")
    }

    fn input(written: Value) -> Result<Input, serde_json::Error> {
        serde_json::from_value(written)
    }

    #[test]
    fn one_of_the_two_says_what_is_put_back() {
        let region = "us-east-1";
        let baseline = json!({ "s3Config": { "bucketName": "logs" } });
        assert!(input(json!({ "region": region, "baseline": baseline })).is_ok());
        assert!(input(json!({ "region": region, "as_of": "2026-11-22T00:00:00Z" })).is_ok());
        for bad in [
            json!({ "region": region }),
            json!({ "region": region, "baseline": { "textDataDeliveryEnabled": true } }),
            json!({ "region": region, "baseline": baseline, "as_of": "2026-11-22T00:00:00Z" }),
        ] {
            assert!(input(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_last_change_before_the_moment_counts() {
        let at = |second| Timestamp::from_second(second).expect("a time");
        let change = |second, to| LogChange { at: at(second), by: "x".to_owned(), to };
        let changes = [change(10, LogSet::On(config("ours"))), change(20, LogSet::Off), change(30, LogSet::Untold)];
        let wanted = |second, changes: &[LogChange]| wanted_as_of(at(second), changes, None);
        assert_eq!(wanted(10, &changes), Wanted::On(config("ours")));
        assert_eq!(wanted(29, &changes), Wanted::Off);
        assert!(matches!(wanted(30, &changes), Wanted::Unknown(_)));
        assert!(matches!(wanted(9, &changes), Wanted::Unknown(_)));
        assert_eq!(wanted(9, &[]), Wanted::AsItDoes);
        assert!(matches!(wanted_as_of(at(10), &changes, Some("half".to_owned())), Wanted::Unknown(_)));
    }

    #[test]
    fn what_is_missing_is_put_back_and_taken_back() {
        let input = input(json!({ "region": "us-east-1", "as_of": "2026-11-22T00:00:00Z" })).expect("an input");
        let names = |moves: Result<Vec<Move>, Refusal>| -> Vec<&'static str> {
            moves.expect("moves").iter().map(|one| one.call().expect("a call").operation().name).collect()
        };
        let state = |log: Option<&str>, wanted| State { log: log.map(config), wanted };
        let proposed = |state| RestoreInvocationLogging.propose(&to(), &input, &state, &Facts::default());
        let on = || Wanted::On(config("ours"));
        assert_eq!(names(proposed(state(None, on()))), ["PutModelInvocationLoggingConfiguration"]);
        assert_eq!(names(proposed(state(Some("theirs"), on()))), ["PutModelInvocationLoggingConfiguration"]);
        assert_eq!(names(proposed(state(Some("ours"), on()))), [] as [&str; 0]);
        assert_eq!(names(proposed(state(Some("theirs"), Wanted::Off))), ["DeleteModelInvocationLoggingConfiguration"]);
        assert_eq!(names(proposed(state(None, Wanted::AsItDoes))), [] as [&str; 0]);
        assert!(matches!(proposed(state(None, Wanted::Unknown("?".to_owned()))), Err(Refusal::ByHand { .. })));
        let asked = UndoRequest { now: Timestamp::UNIX_EPOCH, wrong_target: false };
        let left = state(Some("ours"), on());
        let restored = |before: Option<&str>, now: &State| {
            let present = Present { log: before.map(config), changes: vec![] };
            RestoreInvocationLogging.restore(&to(), &input, &present, &left, now, &asked)
        };
        assert_eq!(names(restored(None, &left)), ["DeleteModelInvocationLoggingConfiguration"]);
        assert_eq!(names(restored(Some("theirs"), &left)), ["PutModelInvocationLoggingConfiguration"]);
        assert_eq!(names(restored(None, &state(None, on()))), [] as [&str; 0]);
        assert!(matches!(restored(None, &state(Some("other"), on())), Err(Refusal::Changed { .. })));
    }
}
