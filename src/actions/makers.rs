//! Who made what a query found, as far as CloudTrail tells: one join for all queries over things that somebody makes.
//!
//! AWS's lists do not tell who made what they list. CloudTrail does, minutes later and for 90 days, and only where its record
//! of the making holds the id or ARN of what was made. So there are three answers, and each is treated as what it is: made by
//! one of those who are asked about; certainly made by somebody else, which is left alone; and not known.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Actor, Assignment, Look, LookError, called, trail_events};
use crate::aws::{EventBy, LookupEvents, TRAIL_LAG, TRAIL_REACH, TrailIdentity};
use crate::base::{AccountId, Arn, PrincipalKind, Region, UserName};

/// How long the makers of what one query found in one Region may keep a plan waiting. Containment does not wait for CloudTrail.
const PATIENCE: Duration = Duration::from_secs(15);

/// How far apart the time of making and that of its event may be.
pub(super) const APART: SignedDuration = SignedDuration::from_mins(1);

/// What an item says of a maker whom CloudTrail does not tell.
pub(super) const NOT_KNOWN: &str = "not known";

/// By which calls things of a kind are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Making {
    /// The service, as CloudTrail names it, such as `bedrock.amazonaws.com`.
    pub source: &'static str,
    /// The operations, each of which makes one.
    pub by: &'static [&'static str],
}

/// What all queries over things that somebody makes can be asked besides their own input.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MadeBy {
    /// Made by one of these: ARNs of roles, sessions and users, names of roles and users, or ids of access keys. A session
    /// stands for its role. What others certainly made is left alone; what nobody is known to have made is found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub created_by: Vec<Creator>,
    /// Whether what nobody is known to have made is `theirs` too, so that it goes with what is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub even_if_unknown: bool,
}

/// Somebody who may have made something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Creator {
    /// By key id or ARN.
    Actor(Actor),
    /// A role or a user of the account, by its name.
    Name(UserName),
}

/// A text that names nobody.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither an ARN of a user, a role or a session, nor a name of one, nor the id of an access key")]
pub struct NotACreator(String);

impl TryFrom<String> for Creator {
    type Error = NotACreator;

    fn try_from(text: String) -> Result<Self, NotACreator> {
        if let Ok(actor) = Actor::try_from(text.clone()) {
            return Ok(Self::Actor(actor));
        }
        UserName::new(text.as_str()).map(Self::Name).map_err(|_| NotACreator(text))
    }
}

impl From<Creator> for String {
    fn from(creator: Creator) -> Self {
        match creator {
            Creator::Actor(actor) => actor.into(),
            Creator::Name(name) => name.as_str().to_owned(),
        }
    }
}

impl JsonSchema for Creator {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Creator".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// The account and name of the role that an ARN is of: its own, or one of its sessions'.
pub(super) fn role_of(arn: &Arn) -> Option<(AccountId, String)> {
    match arn.principal()? {
        PrincipalKind::Role { name, .. } | PrincipalKind::AssumedRole { role: name, .. } => {
            Some((arn.account()?, name))
        }
        _ => None,
    }
}

impl Creator {
    /// Whether it is this that CloudTrail speaks of, in an account. The sessions of a role are the role's, since whoever has
    /// one can start others.
    pub(super) fn is(&self, who: &TrailIdentity, account: &AccountId) -> bool {
        let theirs: Vec<Arn> =
            [&who.arn, &who.issuer].into_iter().flatten().filter_map(|arn| arn.parse().ok()).collect();
        match self {
            Self::Actor(actor @ (Actor::Role(arn) | Actor::Session { arn, .. })) => {
                let role = role_of(arn);
                actor.is(who) || role.is_some() && theirs.iter().any(|one| role_of(one) == role)
            }
            Self::Actor(actor) => actor.is(who),
            Self::Name(name) => theirs.iter().filter(|arn| arn.account().as_ref() == Some(account)).any(|arn| {
                let is_user =
                    matches!(arn.principal(), Some(PrincipalKind::User { name: user, .. }) if user == name.as_str());
                is_user || role_of(arn).is_some_and(|(_, role)| role == name.as_str())
            }),
        }
    }
}

/// What is known of the makers of what a query found, but for what the items themselves say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Makers {
    /// What fits otherwise, and is left alone since others made it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_alone: Vec<LeftAlone>,
    /// What was found though nobody is known to have made it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_known: Vec<NoMaker>,
    /// Why CloudTrail could not be asked, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_read: Option<String>,
    /// Why those who are asked about may not be all, if so: then nobody else is certainly another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacking: Option<String>,
}

/// Something that others made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftAlone {
    /// Its key, as the query's items have them.
    pub key: String,
    /// What it is called.
    pub what: String,
    /// The ARN of who made it.
    pub by: String,
}

impl std::fmt::Display for LeftAlone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, made by {}", self.what, self.by)
    }
}

/// Something that nobody is known to have made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoMaker {
    /// Its key, as the query's items have them.
    pub key: String,
    /// What it is called.
    pub what: String,
    /// Why its maker is not known.
    pub why: String,
}

impl Makers {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something is left alone since others made it.
    pub fn leave_alone(&self, key: &str) -> bool {
        self.left_alone.iter().any(|one| one.key == key)
    }
}

/// Who made an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Maker {
    /// One of those who are asked about: its ARN.
    Theirs(String),
    /// Certainly somebody else: its ARN.
    Others(String),
    /// That is not known, and why.
    NotKnown(String),
}

/// What CloudTrail tells of the making of some items.
#[derive(Default)]
pub(super) struct Trail {
    /// Who made what, by whatever texts the record of its making holds, ids and ARNs among them.
    makers: BTreeMap<String, TrailIdentity>,
    pub(super) gaps: Gaps,
}

/// What CloudTrail cannot tell, and why.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// AWS's time at the look.
    pub(super) now: Option<Timestamp>,
    /// Why it could not be asked, if so.
    pub(super) not_read: Option<String>,
    /// Why it was not read to the end, if so.
    pub(super) truncated: Option<String>,
    /// Why those who are asked about may not be all, if so.
    pub(super) lacking: Option<String>,
}

impl Gaps {
    fn is_forgotten(&self, created: Timestamp) -> bool {
        self.now.is_some_and(|now| created < now - TRAIL_REACH)
    }

    /// Whether there is more than CloudTrail told.
    pub(super) fn are_open(&self) -> bool {
        self.not_read.is_some() || self.truncated.is_some() || self.lacking.is_some()
    }

    /// Why nobody is known to have made what was made then.
    pub(super) fn why_not(&self, created: Option<Timestamp>) -> String {
        let is_late = created.zip(self.now).is_some_and(|(created, now)| created > now - TRAIL_LAG);
        match (&self.not_read, &self.truncated) {
            _ if created.is_some_and(|created| self.is_forgotten(created)) => "CloudTrail remembers 90 days".to_owned(),
            (Some(why), _) => format!("CloudTrail could not be asked: {why}"),
            (_, Some(why)) => format!("CloudTrail was not read to the end: {why}"),
            _ if is_late => "CloudTrail tells what is so new only minutes later".to_owned(),
            _ => "CloudTrail has no record of it".to_owned(),
        }
    }
}

impl Trail {
    pub(super) async fn of(
        making: Making,
        to: &Assignment,
        look: Look<'_>,
        region: Option<&Region>,
        items: &[Value],
    ) -> Result<Self, LookError> {
        let lacking = look.lacking().map(str::to_owned);
        let mut trail = Self { gaps: Gaps { now: look.aws_now(), lacking, ..Gaps::default() }, ..Self::default() };
        let created: Vec<Timestamp> =
            items.iter().filter_map(created_at).filter(|created| !trail.gaps.is_forgotten(*created)).collect();
        let (Some(first), Some(last)) = (created.iter().min(), created.iter().max()) else { return Ok(trail) };
        // What IAM does is on the trail of one Region alone.
        let global = || Region::new(to.place.partition.global_region());
        let region = match region {
            Some(region) => region.clone(),
            None => global().map_err(|error| LookError::Nonsense(error.to_string()))?,
        };
        for call in making.by {
            let by = Some(EventBy::Name((*call).to_owned()));
            let (from, to) = (Some(*first - APART), Some(*last + APART));
            let asked = LookupEvents { region: region.clone(), by, from, to, next: None };
            let found = match tokio::time::timeout(PATIENCE, trail_events(&look, asked)).await {
                Ok(Ok(found)) => found,
                Ok(Err(error)) => {
                    trail.gaps.not_read =
                        Some(error.fault().map_or_else(|| error.to_string(), |fault| fault.code.clone()));
                    continue;
                }
                Err(_) => {
                    trail.gaps.not_read = Some("not in time".to_owned());
                    continue;
                }
            };
            trail.gaps.truncated = trail.gaps.truncated.or(found.truncated);
            // The newest come first, and the first to have an id is the one that made it.
            for event in
                found.events.into_iter().filter(|event| event.error_code.is_none() && event.source == making.source)
            {
                texts(&event.response, &mut |text| drop(trail.makers.insert(text.to_owned(), event.who.clone())));
            }
        }
        Ok(trail)
    }

    pub(super) fn maker(&self, item: &Value, asked: &MadeBy, to: &Assignment) -> Maker {
        let told = ["arn", "id"].into_iter().find_map(|member| self.makers.get(item.get(member)?.as_str()?));
        match told {
            Some(who) if asked.created_by.iter().any(|one| one.is(who, &to.place.account)) => {
                Maker::Theirs(who.name().to_owned())
            }
            Some(who) if who.arn.is_some() || who.issuer.is_some() => match &self.gaps.lacking {
                Some(why) => Maker::NotKnown(format!("{} made it, and {why}", who.name())),
                None => Maker::Others(who.name().to_owned()),
            },
            Some(who) => Maker::NotKnown(format!("{} made it, and CloudTrail does not say for whom", who.name())),
            None => Maker::NotKnown(self.gaps.why_not(created_at(item))),
        }
    }
}

fn created_at(item: &Value) -> Option<Timestamp> {
    item.get("created_at")?.as_str()?.parse().ok()
}

/// What an item is called, or says of itself.
pub(super) fn told(item: &Value) -> String {
    item.get("told").and_then(Value::as_str).map_or_else(|| called(item), str::to_owned)
}

/// Calls `seen` with every text in a value.
pub(super) fn texts(value: &Value, seen: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => seen(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, seen)),
        Value::Object(members) => members.values().for_each(|member| texts(member, seen)),
        _ => {}
    }
}

/// Adds what an item says of its maker to the schema of a query's own items.
pub(super) fn with_maker(item: &mut Schema) {
    let item = item.ensure_object();
    if let Some(Value::Object(own)) = item.get_mut("properties") {
        own.insert(
            "created_by".to_owned(),
            json!({ "type": ["string", "null"], "description":
                "The ARN of who made it, or `not known`; left out where no makers were asked for." }),
        );
        own.insert(
            "theirs".to_owned(),
            json!({ "type": "boolean", "description":
                "Whether one of `created_by` made it; true as well where no makers were asked for." }),
        );
    }
    if let Some(Value::Array(required)) = item.get_mut("required") {
        required.push(json!("theirs"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn creator(text: &str) -> Creator {
        Creator::try_from(text.to_owned()).expect("somebody")
    }

    fn session(role: &str, path: &str) -> TrailIdentity {
        TrailIdentity {
            kind: "AssumedRole".to_owned(),
            arn: Some(format!("arn:aws:sts::111122223333:assumed-role/{role}/task-9")),
            issuer: Some(format!("arn:aws:iam::111122223333:role/{path}{role}")),
            access_key: Some("ASIARTX3GSDSTASK0001".to_owned()),
            ..TrailIdentity::default()
        }
    }

    fn user(name: &str) -> TrailIdentity {
        let arn = Some(format!("arn:aws:iam::111122223333:user/{name}"));
        TrailIdentity { kind: "IAMUser".to_owned(), arn, ..TrailIdentity::default() }
    }

    #[test]
    fn a_session_stands_for_its_role() {
        let account: AccountId = "111122223333".parse().expect("an account");
        let by_pipeline = session("ml-pipeline", "service/");
        for theirs in [
            "arn:aws:iam::111122223333:role/service/ml-pipeline",
            "arn:aws:sts::111122223333:assumed-role/ml-pipeline/another",
            "ml-pipeline",
            "ASIARTX3GSDSTASK0001",
        ] {
            assert!(creator(theirs).is(&by_pipeline, &account), "{theirs}");
        }
        for others in [
            "arn:aws:iam::444455556666:role/service/ml-pipeline",
            "arn:aws:iam::111122223333:user/ml-pipeline",
            "arn:aws:sts::111122223333:assumed-role/chat-app/task-9",
            "pipeline",
        ] {
            assert!(!creator(others).is(&by_pipeline, &account), "{others}");
        }
        assert!(creator("ci-deploy").is(&user("ops/ci-deploy"), &account));
        assert!(!creator("ci-deploy").is(&user("ops/ci-deploy"), &"444455556666".parse().expect("an account")));
        assert!(Creator::try_from("two words".to_owned()).is_err());
    }

    fn item(id: &str, created: &str) -> Value {
        json!({ "id": id, "name": "n", "created_at": created })
    }

    #[test]
    fn what_is_not_certain_says_why() {
        let asked = MadeBy { created_by: vec![creator("ml-pipeline")], even_if_unknown: false };
        let place = crate::aws::Place {
            partition: crate::base::Partition::Aws,
            account: "111122223333".parse().expect("an account"),
        };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        let gaps = Gaps { now: "2026-11-22T03:00:00Z".parse().ok(), ..Gaps::default() };
        let mut trail = Trail { gaps, ..Trail::default() };
        let service = TrailIdentity { invoked_by: Some("x.amazonaws.com".to_owned()), ..TrailIdentity::default() };
        for (id, who) in [("A", session("ml-pipeline", "")), ("B", user("mallory")), ("C", service)] {
            trail.makers.insert(id.to_owned(), who);
        }
        let told = |trail: &Trail, id: &str, created: &str| match trail.maker(&item(id, created), &asked, &to) {
            Maker::Theirs(who) => format!("theirs: {who}"),
            Maker::Others(who) => format!("others: {who}"),
            Maker::NotKnown(why) => why,
        };
        let hours_ago = "2026-11-21T23:00:00Z";
        assert_eq!(told(&trail, "A", hours_ago), "theirs: arn:aws:sts::111122223333:assumed-role/ml-pipeline/task-9");
        assert_eq!(told(&trail, "B", hours_ago), "others: arn:aws:iam::111122223333:user/mallory");
        assert_eq!(told(&trail, "C", hours_ago), "x.amazonaws.com made it, and CloudTrail does not say for whom");
        assert_eq!(told(&trail, "D", hours_ago), "CloudTrail has no record of it");
        assert_eq!(told(&trail, "D", "2026-11-22T02:50:00Z"), "CloudTrail tells what is so new only minutes later");
        assert_eq!(told(&trail, "D", "2026-01-01T00:00:00Z"), "CloudTrail remembers 90 days");
        trail.gaps.not_read = Some("AccessDeniedException".to_owned());
        assert_eq!(told(&trail, "D", hours_ago), "CloudTrail could not be asked: AccessDeniedException");
    }

    #[test]
    fn every_query_that_tells_makers_declares_that_it_asks_cloudtrail() {
        use crate::aws::Request as _;
        for query in super::super::registry().queries().filter(|query| query.made().is_some()) {
            assert!(query.reads().contains(&LookupEvents::OPERATION), "{}", query.name());
            let items = query.item_schema().to_value();
            let has = |member: &str| items["properties"].get(member).is_some();
            assert!(has("created_at") && has("theirs") && (has("arn") || has("id")), "{}", query.name());
        }
    }
}
