//! One line for each thing that happens in a run.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::aws::FaultKind;
use crate::base::{StepKey, on_screen_within};
use crate::journal::{Answer, CallFault, CallNumber, Ending, Fold, Outcome, Record, Settlement, StepMoved, StepState};
use crate::plan::{Plan, PlannedWork};
use crate::run::{Event, Pausing};

use super::text::{WIDTH, clock, counted, wrapped};

/// Turns the events of a run into lines: time, mark, what, target, request id.
#[derive(Debug)]
pub struct Progress<'a> {
    plan: &'a Plan,
    calls: BTreeMap<CallNumber, String>,
    /// How often AWS has put something off.
    put_off: BTreeMap<String, usize>,
    ended: usize,
    under_way: String,
    latest: Timestamp,
}

/// Something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// When.
    pub at: Timestamp,
    /// What kind of news, in one word.
    pub mark: &'static str,
    /// What, with texts from AWS as they are: make it safe before it is shown.
    pub what: String,
}

impl<'a> Progress<'a> {
    /// Progress of a plan's run, which may go on from what an earlier process did.
    pub fn new(plan: &'a Plan, so_far: Option<&Fold>) -> Self {
        let mut calls = BTreeMap::new();
        for (number, call) in so_far.into_iter().flat_map(Fold::calls) {
            calls.insert(*number, format!("{} on {}", call.intent.operation, call.intent.target));
        }
        let ended = so_far.map_or(0, |fold| fold.steps().values().filter(|step| step.state.has_ended()).count());
        Self { plan, calls, put_off: BTreeMap::new(), ended, under_way: "looking".to_owned(), latest: plan.made }
    }

    /// What is under way, for a screen that shows only one line of it.
    pub fn under_way(&self) -> String {
        on_screen_within(
            &format!("{} of {} · {}", self.ended, counted(self.plan.steps.len(), "step"), self.under_way),
            WIDTH - 4,
        )
    }

    /// The line of an event; nothing where it is no news.
    pub fn line(&mut self, event: &Event) -> Option<String> {
        let News { at, mark, what } = self.news(event)?;
        let request = match event {
            Event::Recorded { record, .. } => match record.as_ref() {
                Record::Ended(ending) => ending.request_id.as_deref(),
                _ => None,
            },
            Event::Waiting { .. } => None,
        };
        // Bound together by a space that breaks no line.
        let request = request.map_or(String::new(), |id| format!(" · req\u{a0}{id}"));
        let first = format!("{}  {mark:<6} ", clock(at));
        let rest = " ".repeat(first.chars().count());
        Some(wrapped(&first, &rest, &(what + &request)).trim_end().replace('\u{a0}', " "))
    }

    /// What is new with an event; nothing where it is no news.
    pub fn news(&mut self, event: &Event) -> Option<News> {
        let (mark, what) = match event {
            Event::Recorded { at, record } => {
                self.latest = *at;
                self.recorded(record)?
            }
            Event::Waiting { step, why, pause } => {
                let for_what = match why {
                    Pausing::ForAws => "AWS is not done yet",
                    Pausing::ForTheWindow => "AWS agrees with itself",
                };
                self.under_way = format!("{}: {for_what}, {:.0} s", self.name(step), pause.as_secs_f64().ceil());
                return None;
            }
        };
        Some(News { at: self.latest, mark, what })
    }

    fn recorded(&mut self, record: &Record) -> Option<(&'static str, String)> {
        match record {
            Record::Confirmed(agreed) => {
                let counts = [(agreed.reversible, "reversible"), (agreed.irreversible, "irreversible")];
                let counts = counts.into_iter().filter(|(count, _)| *count > 0);
                let counts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
                let to = if counts.is_empty() { "nothing to change".to_owned() } else { counts.join(", ") };
                let glass = agreed.break_glass.as_ref().map_or(String::new(), |why| format!(", BREAK-GLASS: {why}"));
                Some(("AGREED", format!("{} ({to}){glass}", agreed.text)))
            }
            Record::GateAnswered { step, answer, text, .. } => {
                let word = if *answer == Answer::Yes { "yes" } else { "no" };
                let text = text.as_ref().map_or(String::new(), |text| format!(": {text}"));
                Some(("ANSWER", format!("{step} {word}{text}")))
            }
            Record::Step(moved) => self.moved(moved),
            Record::Intended(intent) => {
                let name = format!("{} on {}", intent.operation, intent.target);
                self.under_way = format!("{name}, sent");
                self.calls.insert(intent.call, name);
                None
            }
            Record::Attempted(attempt) => {
                let wait = std::time::Duration::from_millis(attempt.wait_ms).as_secs_f64();
                let what = format!(
                    "{}: {}, try {}, next in {wait:.1} s",
                    self.call(attempt.call),
                    attempt.fault.code,
                    attempt.attempt
                );
                self.under_way.clone_from(&what);
                Some(("SLOW", what))
            }
            // A call that AWS puts off has ended only for the journal: what is there is looked at again before the next try. A
            // step that gives up says so itself.
            Record::Ended(Ending { call, outcome: Outcome::Failed, fault: Some(fault), .. }) if puts_off(fault) => {
                let name = self.call(*call);
                let tries = self.put_off.entry(name.clone()).or_default();
                *tries += 1;
                let what = format!("{name}: {}, try {tries}, looks again before the next", fault.code);
                self.under_way.clone_from(&what);
                Some(("SLOW", what))
            }
            Record::Ended(ending) => {
                let (mark, why) = match ending.outcome {
                    Outcome::Done => ("OK", String::new()),
                    Outcome::Failed => ("FAILED", fault(ending.fault.as_ref())),
                    Outcome::InDoubt => ("DOUBT", fault(ending.fault.as_ref())),
                };
                Some((mark, format!("{}{why}", self.call(ending.call))))
            }
            Record::Settled { call, outcome, why } => {
                let word = match outcome {
                    Settlement::Happened => "did happen",
                    Settlement::Lost => "happened in vain",
                    Settlement::DidNotHappen => "did not happen",
                    Settlement::Stuck => "cannot be told",
                };
                Some(("SETTLE", format!("{}: it {word}, {why}", self.call(*call))))
            }
            Record::Drift { step, what } => Some(("DRIFT", format!("{}: {what}", self.name(step)))),
            Record::UndoneByOther { step, what, suspected: true, .. } => {
                let why = "it does not show: undone, or AWS is late";
                Some(("BACK", format!("{}: {why}, {what} again, which harms nothing", self.name(step))))
            }
            Record::UndoneByOther { step, what, who, suspected: false } => {
                let who = who.as_ref().map_or(String::new(), |who| format!(" by {who}"));
                Some(("BACK", format!("{}: somebody undid it{who}, {what} again", self.name(step))))
            }
            Record::LeftOver { step, items } => {
                Some(("NEW", format!("{} more of {step} than when the plan was made", items.len())))
            }
            Record::Note { text, .. } => Some(("NOTE", text.clone())),
            Record::Interrupted { why } | Record::Paused { why } => Some(("STOP", why.clone())),
            Record::Closed(_)
            | Record::RunOpened(_)
            | Record::Resumed { .. }
            | Record::Captured { .. }
            | Record::Fact { .. } => None,
        }
    }

    fn moved(&mut self, moved: &StepMoved) -> Option<(&'static str, String)> {
        let name = self.name(&moved.step);
        self.ended += usize::from(moved.to.has_ended());
        let mark = match moved.to {
            StepState::Waiting | StepState::Looked | StepState::Acting => {
                self.under_way = name.clone();
                if let (Some(PlannedWork::Gate { message, .. }), StepState::Looked) =
                    (self.plan.step(&moved.step).map(|step| &step.work), moved.to)
                {
                    return Some(("GATE", format!("{name}: {message}")));
                }
                return None;
            }
            StepState::Done => "DONE",
            StepState::Verified => "CHECK",
            StepState::NotVerified => "UNSURE",
            StepState::Skipped => "SKIP",
            StepState::Held => "HELD",
            StepState::Refused => "NO",
            StepState::Drifted => "DRIFT",
            StepState::Contested => "FIGHT",
            StepState::Manual => "HAND",
            StepState::Stuck => "STUCK",
            StepState::Failed => "FAILED",
        };
        let action = self.plan.step(&moved.step).and_then(|step| step.action());
        let what = match (&moved.why, moved.to, action) {
            (Some(why), ..) => format!("{name}: {why}"),
            (None, StepState::Done, Some(action)) if action.calls().next().is_none() => {
                format!("{name}: nothing to do ({})", action.story.now)
            }
            (None, StepState::Done, Some(action)) => {
                format!("{name}: {} (was: {})", action.story.does, action.story.now)
            }
            (None, StepState::Verified, Some(_)) => format!("{name}: verified, still so after the window"),
            _ => format!("{name}: {}", moved.to),
        };
        // A gate is done and verified in one breath.
        (moved.to != StepState::Verified || action.is_some()).then_some((mark, what))
    }

    fn call(&self, number: CallNumber) -> String {
        self.calls.get(&number).cloned().unwrap_or_else(|| format!("call {number}"))
    }

    /// A step by its id and what it is about.
    fn name(&self, step: &StepKey) -> String {
        match self.plan.step(step).and_then(|planned| planned.action()) {
            Some(action) => format!("{} {}", step.step, action.target),
            None => step.to_string(),
        }
    }
}

/// Whether AWS has only put a call off: it has too many of them at this moment.
fn puts_off(fault: &CallFault) -> bool {
    FaultKind::of(&fault.code, &fault.message, 400) == FaultKind::Throttled
}

fn fault(fault: Option<&CallFault>) -> String {
    fault.map_or(String::new(), |fault| format!(": {}: {}", fault.code, fault.message))
}
