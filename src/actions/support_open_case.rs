//! `support.open-case`: opens the incident's case with AWS Support, once.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::mail_address::MailAddress;
use super::message_parts::{LONGEST_MESSAGE, part_of};
use super::support_case::{CONTACT, FORM, File, MOST_FILES, attachments, cases, cases_of_incident, files, tag};
use super::{Action, Assignment, Confides, Facts, Look, LookError, Move, Refusal, RunSoFar, Seen, Story, UndoRequest};
use crate::aws::{
    AddAttachmentsToSet, AddCommunicationToCase, Attachment, CreateCase, DescribeCases, DescribeServices,
    DescribeSeverityLevels, DescribeSupportedLanguages, Late, Named, Operation, Request, SupportCase, SupportService,
    Symbol, part_begins,
};
use crate::base::{Entity, Impact, Target, Touch, counted};

/// AWS Support's severities, the most severe first.
const SEVERITIES: [&str; 5] = ["critical", "urgent", "high", "normal", "low"];
/// What the text is called with which a case begins.
pub const CASE_BODY: &str = "case-body";
/// What the texts are called that go on with it.
const PART: &str = "case-part-";
/// What a text is called that goes on with a case.
pub fn case_part(part: u32) -> String {
    format!("{PART}{part}")
}

/// How many addresses AWS sends copies to.
const MOST_COPIES: usize = 10;

/// Opens the incident's case with AWS Support, once.
pub struct OpenCase;

/// How severe the case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The highest that the support plan offers.
    Highest,
    /// Business-critical system down.
    Critical,
    /// Production system down.
    Urgent,
    /// Production system impaired.
    High,
    /// System impaired.
    Normal,
    /// General guidance.
    Low,
}

impl Severity {
    /// Its place among [`SEVERITIES`].
    fn rank(self) -> usize {
        match self {
            Self::Highest | Self::Critical => 0,
            Self::Urgent => 1,
            Self::High => 2,
            Self::Normal => 3,
            Self::Low => 4,
        }
    }
}

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// How severe the case is. Where the support plan does not offer it, the next lower one.
    #[serde(default = "highest")]
    pub severity: Severity,
    /// The language of the case, as an ISO 639-1 code. Where AWS does not answer in it, English.
    #[serde(default = "english")]
    pub language: String,
    /// What the incident means for the business, for AWS's eyes: no secrets. 8,000 characters at most.
    #[serde(deserialize_with = "fitting")]
    #[schemars(length(max = LONGEST_MESSAGE))]
    pub business_impact: String,
    /// Who follows the case in your company, such as "visible to CEO and board".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engagement: Option<String>,
    /// When the incident was first recognised. Left out, the case says so, and when the response began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_recognised: Option<Timestamp>,
    /// Mail addresses that get copies, ten at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "copies")]
    #[schemars(length(max = MOST_COPIES))]
    pub cc: Vec<MailAddress>,
    /// Files to attach: three at most, 5 MB each.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "attachments")]
    #[schemars(length(max = MOST_FILES))]
    pub attachments: Vec<PathBuf>,
}

/// The addresses that get copies. AWS refuses more than it takes, and the case would not be opened.
fn copies<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<MailAddress>, D::Error> {
    let copies = Vec::<MailAddress>::deserialize(from)?;
    if copies.len() > MOST_COPIES {
        let count = copies.len();
        return Err(D::Error::custom(format!("{count} addresses, and AWS Support takes {MOST_COPIES} at most")));
    }
    Ok(copies)
}

/// A text that one message holds: what comes of the run goes on in others, what a person writes should be read.
fn fitting<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let length = text.chars().count();
    if length > LONGEST_MESSAGE {
        let why = format!(
            "{length} characters, and a message of AWS Support takes {LONGEST_MESSAGE} at most: attach the rest"
        );
        return Err(D::Error::custom(why));
    }
    Ok(text)
}

fn highest() -> Severity {
    Severity::Highest
}

fn english() -> String {
    "en".to_owned()
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Open cases that carry the incident's tag.
    pub cases: Vec<SupportCase>,
    /// What a new case would be filed under; nothing where there is no API, or no fitting category.
    pub offer: Offer,
    /// The files.
    pub files: Vec<File>,
}

/// What AWS Support offers this account at this moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "offer", rename_all = "kebab-case")]
pub enum Offer {
    /// A case under these codes.
    Case {
        /// The service.
        service: String,
        /// The category.
        category: String,
        /// The severity.
        severity: String,
        /// The language.
        language: String,
    },
    /// The support plan has no API.
    NoApi,
    /// No service for accounts, or no category for security, was found.
    NoCategory,
    /// A file cannot be attached.
    BadFile {
        /// Why not.
        why: String,
    },
}

/// What the requests repeat.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The files, base64, in the order of the input.
    pub files: Vec<String>,
}

/// What is shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {
    /// Where the offer differs from what was asked for.
    pub differs: Vec<String>,
}

impl OpenCase {
    async fn offer(look: &Look<'_>, input: &Input) -> Result<(Offer, Vec<String>), LookError> {
        let english = || "en".to_owned();
        // Names are matched in English, since codes differ between accounts; the codes hold in every language.
        let services = look.ask(DescribeServices { language: english() }).await?;
        let Some((service, category)) = account_security(&services) else {
            return Ok((Offer::NoCategory, vec![]));
        };
        let levels = look.ask(DescribeSeverityLevels { language: english() }).await?;
        let Some(severity) = offered(&levels, input.severity) else {
            return Ok((Offer::NoCategory, vec![]));
        };
        let mut differs = Vec::new();
        if input.severity != Severity::Highest && SEVERITIES[input.severity.rank()] != severity {
            differs.push(format!("severity {severity}: the support plan offers nothing higher"));
        }
        let request = DescribeSupportedLanguages { service: service.clone(), category: category.clone() };
        let languages = look.ask(request).await?;
        let language = if languages.iter().any(|known| known.code == input.language || known.name == input.language) {
            input.language.clone()
        } else {
            differs.push(format!("in English: AWS does not answer in `{}` at this moment", input.language));
            english()
        };
        Ok((Offer::Case { service, category, severity: severity.to_owned(), language }, differs))
    }
}

fn account_security(services: &[SupportService]) -> Option<(String, String)> {
    let about = |name: &str, word: &str| name.to_lowercase().contains(word);
    services.iter().filter(|one| about(&one.service.name, "account")).find_map(|one| {
        let category = one.categories.iter().find(|category| about(&category.name, "security"))?;
        Some((one.service.code.clone(), category.code.clone()))
    })
}

/// The asked severity, or the next lower one that is offered.
fn offered(levels: &[Named], asked: Severity) -> Option<&'static str> {
    SEVERITIES[asked.rank()..].iter().find(|code| levels.iter().any(|level| level.code == **code)).copied()
}

impl Action for OpenCase {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const CONFIDES: Option<Confides<Self::Present>> =
        Some(Confides { what: "files for AWS Support", without: |_| Present { files: vec![] } });
    const NAME: &'static str = "support.open-case";
    const SUMMARY: &'static str = "Open the incident's case with AWS Support, once";
    const PAGE: &'static str = include_str!("support_open_case.md");
    const READS: &'static [&'static Operation] = &[
        DescribeCases::OPERATION,
        DescribeServices::OPERATION,
        DescribeSeverityLevels::OPERATION,
        DescribeSupportedLanguages::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] =
        &[AddAttachmentsToSet::OPERATION, CreateCase::OPERATION, AddCommunicationToCase::OPERATION];
    const ENVELOPE: usize = 8;
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
        let (names, data) = match files(&input.attachments) {
            Ok(read) => read,
            Err(why) => {
                let state = State { cases: vec![], offer: Offer::BadFile { why }, files: vec![] };
                let context = Context { differs: vec![] };
                return Ok(Seen { state, present: Present { files: vec![] }, context });
            }
        };
        let Some(ours) = cases_of_incident(to, look).await? else {
            let state = State { cases: vec![], offer: Offer::NoApi, files: names };
            let context = Context { differs: vec![] };
            return Ok(Seen { state, present: Present { files: data }, context });
        };
        let (offer, differs) = Self::offer(look, input).await?;
        Ok(Seen {
            state: State { cases: ours, offer, files: names },
            present: Present { files: data },
            context: Context { differs },
        })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        match state.cases.as_slice() {
            // This run has opened it. A list that does not show it yet, or no more, is no reason for a second one.
            [] if facts.raw("case-id").is_some() => return Ok(vec![]),
            [] => {}
            [case] => return Ok(case.unsaid.map(|part| say(case, part)).into_iter().collect()),
            several => {
                let candidates = several.iter().map(|case| format!("case {}", case.number)).collect();
                return Err(Refusal::Ambiguous { candidates });
            }
        }
        let (service, category, severity, language) = match &state.offer {
            Offer::Case { service, category, severity, language } => (service, category, severity, language),
            Offer::NoApi => return Err(by_hand("the account's support plan has no API")),
            Offer::NoCategory => return Err(by_hand("AWS Support offers no case about account security here")),
            Offer::BadFile { why } => return Err(Refusal::Missing { what: format!("what to attach ({why})") }),
        };
        let mut moves = Vec::new();
        if !state.files.is_empty() && facts.raw("attachment-set").is_none() {
            let attachment = |(index, file): (usize, &File)| Attachment {
                name: file.name.clone(),
                digest: Some(file.digest),
                data: Late::echo(&format!("/files/{index}")),
            };
            let attachments = state.files.iter().enumerate().map(attachment).collect();
            moves.push(AddAttachmentsToSet { attachments }.into());
        }
        let set = || Late::Later(Symbol::Fact("attachment-set".to_owned()));
        let call = CreateCase {
            subject: format!("{} Security incident in this account", tag(to)),
            service: service.clone(),
            category: category.clone(),
            severity: severity.clone(),
            language: language.clone(),
            body: Late::Later(Symbol::Text(CASE_BODY.to_owned())),
            cc: input.cc.iter().map(ToString::to_string).collect(),
            attachment_set: (!state.files.is_empty()).then(set),
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
        let Some(case) = state.cases.first() else {
            return Ok(vec![]);
        };
        Err(Refusal::ByHand {
            why: "a case is a conversation with people".to_owned(),
            instructions: vec![format!("Tell AWS Support in case {} what happened, then resolve it", case.number)],
        })
    }

    fn same_thing(&self, _: &State, _: &State) -> bool {
        true
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let mut notes = seen.context.differs.clone();
        notes.push("the API opens a case on the web: for a chat or a call, ask for it in the case".to_owned());
        if !input.attachments.is_empty() {
            notes.push(format!("with {}", counted(input.attachments.len(), "attachment")));
        }
        Story {
            now: match seen.state.cases.first() {
                Some(case) => {
                    let unsaid =
                        case.unsaid.map_or(String::new(), |part| format!(", part {part} of its text is not said"));
                    format!("case {} is open, {}{unsaid}", case.number, case.status)
                }
                None => "no case of this incident".to_owned(),
            },
            does: match &seen.state.offer {
                _ if seen.state.cases.first().is_some_and(|case| case.unsaid.is_some()) => {
                    "go on with the text of the case".to_owned()
                }
                Offer::Case { severity, language, .. } => {
                    format!("open a case about account security, severity {severity}, language {language}")
                }
                _ => "open a case about account security".to_owned(),
            },
            impact: Impact::NoneSeen,
            because: "a case changes nothing in the account".to_owned(),
            undo: "by hand: resolve the case".to_owned(),
            residual: vec![],
            notes,
            unread: vec![],
        }
    }

    fn compose(&self, name: &str, to: &Assignment, input: &Input, run: &RunSoFar) -> Option<String> {
        let part = if name == CASE_BODY { 1 } else { name.strip_prefix(PART)?.parse().ok()? };
        // A run that died may have announced more than one that goes on has to say.
        let nothing_more = || format!("{}\nThere is nothing more to say.", part_begins(part));
        Some(part_of(&body(to, input, run), part).unwrap_or_else(nothing_more))
    }
}

/// Goes on with the text of a case.
fn say(case: &SupportCase, part: u32) -> Move {
    let body = Late::Later(Symbol::Text(case_part(part)));
    AddCommunicationToCase { case: case.id.clone(), body, cc: vec![], attachment_set: None }.into()
}

fn by_hand(why: &str) -> Refusal {
    Refusal::ByHand {
        why: why.to_owned(),
        instructions: vec![
            format!("Open {FORM} signed in to this account, or {CONTACT} if nobody can sign in"),
            "Choose Account, then Security, and the highest severity that is offered".to_owned(),
            "Paste the text of the case, which the run has written beside its journal; from each `[part N]` on it is another message"
                .to_owned(),
            "Ask for chat: it is the fastest".to_owned(),
        ],
    }
}

/// The text of the case: what AWS asks for, from the run so far.
fn body(to: &Assignment, input: &Input, run: &RunSoFar) -> String {
    let told = serde_json::to_value(run).and_then(minijinja::Value::deserialize).expect("a run is plain data");
    let mut environment = minijinja::Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment
        .render_str(
            include_str!("support_case.txt"),
            minijinja::context! {
                incident => to.incident.as_str(),
                account => to.place.account.as_str(),
                recognised => input.first_recognised.map(|at| at.to_string()),
                business_impact => input.business_impact.as_str(),
                engagement => input.engagement.clone(),
                run => told,
            },
        )
        .expect("the template is ours and tested")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;

    fn assignment() -> Assignment {
        Assignment {
            incident: "INC-4711".parse().expect("an incident"),
            place: Place {
                partition: crate::base::Partition::Aws,
                account: "111122223333".parse().expect("an account"),
            },
        }
    }

    fn input() -> Input {
        serde_json::from_value(serde_json::json!({ "business_impact": "The shop is slow." })).expect("an input")
    }

    #[test]
    fn the_body_says_what_aws_asks_for_and_fits() {
        let at: Timestamp = "2026-11-22T03:00:00Z".parse().expect("a time");
        let run = RunSoFar {
            began: at,
            title: "Contain a rogue agent".into(),
            responder: "arn:aws:iam::111122223333:role/Responder".into(),
            timeline: vec![(at, "iam:PutRolePolicy on role ml-pipeline".into())],
            suspects: vec!["arn:aws:iam::111122223333:role/ml-pipeline".into()],
            affected: vec!["agent AAAAAAAAAA in eu-west-1".into()],
        };
        let text = body(&assignment(), &input(), &run);
        for part in
            ["INC-4711", "111122223333", "2026-11-22T03:00:00Z", "The shop is slow.", "ml-pipeline", "AAAAAAAAAA"]
        {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
        assert!(text.contains("First recognised: not stated; the response began 2026-11-22T03:00:00Z"), "{text}");
        let told = Input { first_recognised: Some(at - jiff::SignedDuration::from_hours(2)), ..input() };
        let text = body(&assignment(), &told, &run);
        assert!(text.contains("First recognised: 2026-11-22T01:00:00Z\n"), "{text}");
        assert_eq!((part_of(&text, 1), part_of(&text, 2)), (Some(text), None), "it fits");
    }

    #[test]
    fn two_cases_are_not_guessed_between() {
        let case = |number: &str| SupportCase {
            id: format!("case-{number}"),
            number: number.into(),
            subject: "[quell:INC-4711] x".into(),
            status: "opened".into(),
            severity: "high".into(),
            unsaid: None,
        };
        let state = State { cases: vec![case("1"), case("2")], offer: Offer::NoApi, files: vec![] };
        let refusal = OpenCase.propose(&assignment(), &input(), &state, &Facts::default());
        assert!(matches!(refusal, Err(Refusal::Ambiguous { .. })));
        let one = State { cases: vec![case("1")], ..state };
        assert_eq!(OpenCase.propose(&assignment(), &input(), &one, &Facts::default()), Ok(vec![]));
        // Whoever comes after a run that stopped in the middle goes on with what it announced, once.
        let cut = State { cases: vec![SupportCase { unsaid: Some(2), ..case("1") }], ..one };
        let moves = OpenCase.propose(&assignment(), &input(), &cut, &Facts::default()).expect("moves");
        assert_eq!(moves, [say(&cut.cases[0], 2)]);
    }
}
