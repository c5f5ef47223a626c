//! `support.update-case`: says something in the incident's case, once.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::message_parts::LONGEST_MESSAGE;
use super::support_case::{CONTACT, File, MOST_FILES, all_cases_of_incident, cases, cases_of_incident, files, tag};
use super::{Action, Assignment, Confides, Facts, Look, LookError, Move, Refusal, RunSoFar, Seen, Story, UndoRequest};
use crate::aws::{
    AddAttachmentsToSet, AddCommunicationToCase, Attachment, DescribeCases, DescribeCommunications, Late, Operation,
    Request, SupportCase, Symbol,
};
use crate::base::{Digest, Entity, Impact, Target, Touch};

/// The name of the attached report. AWS takes `.log` and `.text`, but no `.txt`.
const REPORT: &str = "quell-report.log";
/// What a message may say, in characters: the mark goes with it.
const ROOM: usize = LONGEST_MESSAGE - 100;

/// Says something in the incident's case, once.
pub struct UpdateCase;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What to say, for AWS's eyes: no secrets.
    pub message: String,
    /// Files to attach, such as the journal of an earlier run: three at most with the report, 5 MB each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<PathBuf>,
    /// Whether a report of the run so far is attached: what was done, and when.
    #[serde(default)]
    pub report: bool,
    /// Mail addresses that get copies from now on, ten at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<String>,
    /// Whether nothing is to be said where no case of the incident is open. Otherwise that is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_if_open: bool,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The open cases of the incident; nothing where the support plan has no API.
    pub cases: Option<Vec<SupportCase>>,
    /// Whether it was said already.
    pub said: bool,
    /// The files.
    pub files: Vec<File>,
    /// Why a file cannot be attached, if one cannot.
    pub bad_file: Option<String>,
}

/// What the requests repeat.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The files, base64, in the order of the input.
    pub files: Vec<String>,
}

/// Nothing more is shown than what was decided on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

/// What tells this message from every other of the incident: in doubt it is looked for, since AWS has no idempotency token.
fn mark(to: &Assignment, input: &Input, files: &[File]) -> String {
    let content = Digest::of(&(&input.message, files.iter().map(|file| file.digest).collect::<Vec<_>>(), input.report));
    format!("{} {}", tag(to), content.short())
}

impl Action for UpdateCase {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const CONFIDES: Option<Confides<Self::Present>> =
        Some(Confides { what: "files for AWS Support", without: |_| Present { files: vec![] } });
    const NAME: &'static str = "support.update-case";
    const SUMMARY: &'static str = "Say something in the incident's case, once, with files";
    const PAGE: &'static str = include_str!("support_update_case.md");
    const READS: &'static [&'static Operation] = &[DescribeCases::OPERATION, DescribeCommunications::OPERATION];
    const SENDS: &'static [&'static Operation] = &[AddAttachmentsToSet::OPERATION, AddCommunicationToCase::OPERATION];
    const ENVELOPE: usize = 2;
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
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let with_report = input.attachments.len() + usize::from(input.report);
        let read = if with_report > MOST_FILES {
            Err(format!("{with_report} files with the report, AWS takes {MOST_FILES}"))
        } else {
            files(&input.attachments)
        };
        let ((files, data), bad_file) = match read {
            Ok(read) => (read, None),
            Err(why) => ((vec![], vec![]), Some(why)),
        };
        let cases = cases_of_incident(to, look).await?;
        let mark = mark(to, input, &files);
        let mut said = false;
        // A case that was resolved since holds what was said all the same, and saying it again would open it anew.
        let closed = match &cases {
            Some(open) if open.is_empty() => all_cases_of_incident(to, look).await?,
            _ => None,
        };
        let known: Vec<String> =
            cases.iter().flatten().chain(closed.iter().flatten()).map(|case| case.id.clone()).collect();
        for case in known {
            let talk = look.ask_all(DescribeCommunications { case, next: None }).await?;
            said |= talk.iter().any(|one| one.body.contains(&mark));
        }
        let state = State { cases, said, files, bad_file };
        Ok(Seen { state, present: Present { files: data }, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(open) = &state.cases else {
            return Err(Refusal::ByHand {
                why: "the account's support plan has no API".to_owned(),
                instructions: vec![format!(
                    "Write this in the case that was opened by hand, or at {CONTACT}: {}",
                    input.message
                )],
            });
        };
        if state.said {
            return Ok(vec![]);
        }
        if let Some(why) = &state.bad_file {
            return Err(Refusal::Missing { what: format!("an attachment: {why}") });
        }
        if input.message.chars().count() > ROOM {
            return Err(Refusal::Quota { which: format!("a message in a case has {ROOM} characters at most") });
        }
        let case = match open.as_slice() {
            [] if input.only_if_open => return Ok(vec![]),
            [] => return Err(Refusal::Missing { what: format!("an open case with {} in its subject", tag(to)) }),
            [case] => case,
            several => {
                let candidates = several.iter().map(|case| format!("case {}", case.number)).collect();
                return Err(Refusal::Ambiguous { candidates });
            }
        };
        let mut moves = Vec::new();
        let attached = !state.files.is_empty() || input.report;
        if attached && facts.raw("attachment-set").is_none() {
            let file = |(index, file): (usize, &File)| Attachment {
                name: file.name.clone(),
                digest: Some(file.digest),
                data: Late::echo(&format!("/files/{index}")),
            };
            let mut attachments: Vec<Attachment> = state.files.iter().enumerate().map(file).collect();
            if input.report {
                let data = Late::Later(Symbol::Text("report".to_owned()));
                attachments.push(Attachment { name: REPORT.to_owned(), digest: None, data });
            }
            moves.push(AddAttachmentsToSet { attachments }.into());
        }
        let set = || Late::Later(Symbol::Fact("attachment-set".to_owned()));
        let call = AddCommunicationToCase {
            case: case.id.clone(),
            body: Late::Known(format!("{}\n\n{}", input.message, mark(to, input, &state.files))),
            cc: input.cc.clone(),
            attachment_set: attached.then(set),
        };
        moves.push(call.into());
        Ok(moves)
    }

    fn restore(
        &self,
        _: &Assignment,
        _: &Input,
        _: &Present,
        _: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let number = state.cases.iter().flatten().next().map_or("of the incident", |case| case.number.as_str());
        Err(Refusal::ByHand {
            why: "what was said stays said".to_owned(),
            instructions: vec![format!("Correct it with another message in case {number}")],
        })
    }

    fn same_thing(&self, _: &State, _: &State) -> bool {
        true
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let files = seen.state.files.iter().map(|file| file.name.clone());
        let files: Vec<String> = files.chain(input.report.then(|| REPORT.to_owned())).collect();
        Story {
            now: match (seen.state.cases.as_deref(), seen.state.said) {
                (_, true) => "said already".to_owned(),
                (None, _) => "no API".to_owned(),
                (Some([]), _) => "no open case of this incident".to_owned(),
                (Some([case]), _) => format!("case {} is open, {}", case.number, case.status),
                (Some(cases), _) => format!("{} open cases of this incident", cases.len()),
            },
            does: match files.as_slice() {
                [] => "say it in the case".to_owned(),
                files => format!("say it in the case, with {}", files.join(", ")),
            },
            impact: Impact::NoneSeen,
            because: "a case changes nothing in the account".to_owned(),
            undo: "by hand: what was said stays said".to_owned(),
            residual: vec![],
            notes: vec![],
            unread: vec![],
        }
    }

    fn compose(&self, name: &str, to: &Assignment, _: &Input, run: &RunSoFar) -> Option<String> {
        (name == "report").then(|| STANDARD.encode(report(to, run)))
    }
}

/// The report that is attached: what the run has done so far.
fn report(to: &Assignment, run: &RunSoFar) -> String {
    let mut lines = vec![
        format!("{} in account {}", run.title, to.place.account),
        format!("Incident: {}", to.incident),
        format!("Response began: {}", run.began),
        format!("Responder: {}", run.responder),
    ];
    let mut list = |title: &str, items: &[String]| {
        if !items.is_empty() {
            lines.push(format!("\n{title}:"));
            lines.extend(items.iter().map(|item| format!("  {item}")));
        }
    };
    list("Suspect principals", &run.suspects);
    list("Affected resources", &run.affected);
    let timeline: Vec<String> = run.timeline.iter().map(|(at, what)| format!("{at}  {what}")).collect();
    list("What was done", &timeline);
    lines.join("\n") + "\n"
}
