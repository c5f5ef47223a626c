//! Calls of models by who made them, as CloudTrail recorded them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::{TrailEvent, TrailIdentity};
use crate::base::{Region, counted};

/// How many entries of a kind one caller is told with: whoever calls chooses most of them.
const MOST: usize = 20;

/// Who called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CallerKind {
    /// A user, by a key, a session of its own or an API key.
    User,
    /// A session of a role.
    Role,
    /// A session that a user gave to somebody under a name.
    FederatedUser,
    /// The root user.
    Root,
    /// A service of AWS, for itself.
    Service,
    /// Somebody of another account.
    AnotherAccount,
    /// Whatever else CloudTrail tells.
    Other,
}

impl CallerKind {
    fn of(who: &TrailIdentity) -> Self {
        match who.kind.as_str() {
            "IAMUser" => Self::User,
            "AssumedRole" | "Role" => Self::Role,
            "FederatedUser" => Self::FederatedUser,
            "Root" => Self::Root,
            "AWSService" => Self::Service,
            "AWSAccount" => Self::AnotherAccount,
            _ => Self::Other,
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::FederatedUser => "federated user",
            Self::Root => "the root user",
            Self::Service => "service",
            Self::AnotherAccount => "another account's",
            Self::Other => "somebody",
        }
    }
}

/// A bounded list: what is told first stays.
#[derive(Debug, Clone, Default)]
pub(super) struct Few {
    told: BTreeSet<String>,
    more: bool,
}

impl Few {
    fn add(&mut self, text: Option<&str>) {
        let Some(text) = text.filter(|text| !text.is_empty() && !self.told.contains(*text)) else { return };
        if self.told.len() < MOST {
            self.told.insert(text.to_owned());
        } else {
            self.more = true;
        }
    }

    /// What there is of it.
    pub(super) fn told(self) -> Vec<String> {
        self.told.into_iter().collect()
    }
}

/// The calls of one caller that came in one way.
#[derive(Debug, Clone)]
pub(super) struct Calls {
    pub(super) principal: String,
    pub(super) id: String,
    pub(super) by: CallerKind,
    pub(super) via: Option<String>,
    pub(super) calls: u64,
    pub(super) refused: u64,
    pub(super) with_api_key: u64,
    pub(super) api_keys: Few,
    pub(super) access_keys: Few,
    pub(super) sessions: Few,
    pub(super) models: Few,
    pub(super) addresses: Few,
    pub(super) programs: Few,
    pub(super) first_at: Timestamp,
    pub(super) last_at: Timestamp,
}

/// The calls by who made them and through which service, in the order of their names. A role that was made again under its old
/// name is another one, so ids decide.
pub(super) fn calls_of(events: &[TrailEvent]) -> Vec<Calls> {
    let mut callers: BTreeMap<(String, String, Option<String>), Calls> = BTreeMap::new();
    for event in events {
        let by = CallerKind::of(&event.who);
        let principal = principal(&event.who, by);
        let id = id(&event.who, by).unwrap_or(&principal).to_owned();
        let via = via(event, by);
        let key = (principal.clone(), id.clone(), via.clone());
        callers.entry(key).or_insert_with(|| Calls::none_of(principal, id, by, via, event.time)).add(event);
    }
    callers.into_values().collect()
}

/// The ARN of whoever lasts: of a session its role.
fn principal(who: &TrailIdentity, by: CallerKind) -> String {
    let issuer = who.issuer.as_deref().filter(|_| by == CallerKind::Role);
    issuer.or(who.arn.as_deref()).or(who.id.as_deref()).unwrap_or(who.name()).to_owned()
}

/// The immutable id, without the name of the session.
fn id(who: &TrailIdentity, by: CallerKind) -> Option<&str> {
    let id = who.id.as_deref()?;
    Some(if by == CallerKind::Role { id.split(':').next().unwrap_or(id) } else { id })
}

/// The service through which a call came, as its record tells: it acts under the caller's name, or is the caller's address.
fn via(event: &TrailEvent, by: CallerKind) -> Option<String> {
    let is_service = |text: &&str| text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn");
    let told = event.who.invoked_by.as_deref().or(event.source_ip.as_deref().filter(is_service));
    told.filter(|_| by != CallerKind::Service).map(str::to_owned)
}

impl Calls {
    fn none_of(principal: String, id: String, by: CallerKind, via: Option<String>, at: Timestamp) -> Self {
        Self {
            principal,
            id,
            by,
            via,
            calls: 0,
            refused: 0,
            with_api_key: 0,
            api_keys: Few::default(),
            access_keys: Few::default(),
            sessions: Few::default(),
            models: Few::default(),
            addresses: Few::default(),
            programs: Few::default(),
            first_at: at,
            last_at: at,
        }
    }

    fn add(&mut self, event: &TrailEvent) {
        self.calls += 1;
        self.refused += u64::from(event.error_code.is_some());
        self.with_api_key += u64::from(event.with_api_key);
        if event.with_api_key {
            self.api_keys.add(event.who.credential.as_deref());
        }
        self.access_keys.add(event.who.access_key.as_deref());
        if self.by == CallerKind::Role {
            self.sessions.add(event.who.arn.as_deref().and_then(|arn| arn.splitn(3, '/').nth(2)));
        }
        self.models.add(event.request["modelId"].as_str());
        self.addresses.add(event.source_ip.as_deref());
        self.programs.add(event.user_agent.as_deref());
        self.first_at = self.first_at.min(event.time);
        self.last_at = self.last_at.max(event.time);
    }

    /// Whether one of its lists had no room for all.
    pub(super) fn has_more(&self) -> bool {
        [&self.api_keys, &self.access_keys, &self.sessions, &self.models, &self.addresses, &self.programs]
            .iter()
            .any(|few| few.more)
    }

    /// It in a few words.
    pub(super) fn told(&self, region: &Region, behind: &[String], not_known: Option<&str>) -> String {
        let name = match self.by {
            CallerKind::User | CallerKind::Role => self.principal.rsplit('/').next().unwrap_or(&self.principal),
            CallerKind::Root => "",
            _ => &self.principal,
        };
        let calls = counted(usize::try_from(self.calls).unwrap_or(usize::MAX), "call");
        let mut told =
            format!("{} {name}", self.by.in_words()).trim_end().to_owned() + &format!(": {calls} in {region}");
        let mut also = |count: u64, words: &str| {
            if count > 0 {
                told.push_str(&format!(", {count} {words}"));
            }
        };
        also(self.refused, "refused");
        also(self.with_api_key, "with an API key of Amazon Bedrock");
        if let Some(via) = &self.via {
            told.push_str(&format!(", through {via}"));
        }
        if !behind.is_empty() {
            told.push_str(&format!("; with the role work {}", behind.join(" and ")));
        }
        if let Some(why) = not_known {
            told.push_str(&format!("; not known what is behind: {why}"));
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(who: TrailIdentity, at: &str) -> TrailEvent {
        TrailEvent {
            id: at.to_owned(),
            time: at.parse().expect("a time"),
            name: "Converse".to_owned(),
            source: "bedrock.amazonaws.com".to_owned(),
            region: "us-east-1".to_owned(),
            read_only: true,
            who,
            user_name: None,
            source_ip: Some("198.51.100.7".to_owned()),
            user_agent: None,
            with_api_key: false,
            request_id: None,
            error_code: None,
            resources: vec![],
            request: json!({ "modelId": "amazon.nova-pro-v1:0" }),
            response: Value::Null,
            record: None,
        }
    }

    fn session(id: &str, name: &str) -> TrailIdentity {
        TrailIdentity {
            kind: "AssumedRole".to_owned(),
            id: Some(format!("{id}:{name}")),
            arn: Some(format!("arn:aws:sts::111122223333:assumed-role/shop/{name}")),
            issuer: Some("arn:aws:iam::111122223333:role/service/shop".to_owned()),
            ..TrailIdentity::default()
        }
    }

    #[test]
    fn sessions_of_a_role_are_one_caller_and_a_role_of_the_same_name_is_another() {
        let (early, late) = ("2026-11-22T03:00:00Z", "2026-11-22T04:00:00Z");
        let callers = calls_of(&[
            event(session("AROAONE", "b"), late),
            event(session("AROAONE", "a"), early),
            event(session("AROATWO", "a"), early),
        ]);
        let [one, two] = &callers[..] else { panic!("two: {callers:?}") };
        assert_eq!((one.id.as_str(), one.calls, two.id.as_str(), two.calls), ("AROAONE", 2, "AROATWO", 1));
        assert_eq!((one.first_at.to_string(), one.last_at.to_string()), (early.to_owned(), late.to_owned()));
        assert_eq!(one.principal, "arn:aws:iam::111122223333:role/service/shop");
        assert_eq!(one.sessions.clone().told(), ["a", "b"]);
    }

    #[test]
    fn what_came_through_a_service_is_told_apart() {
        let at = "2026-11-22T03:00:00Z";
        let named = TrailIdentity { invoked_by: Some("bedrock.amazonaws.com".to_owned()), ..session("AROAONE", "a") };
        let mut by_address = event(session("AROAONE", "a"), at);
        by_address.source_ip = Some("lambda.amazonaws.com".to_owned());
        let callers = calls_of(&[event(session("AROAONE", "a"), at), event(named, at), by_address]);
        let via: Vec<Option<&str>> = callers.iter().map(|caller| caller.via.as_deref()).collect();
        assert_eq!(via, [None, Some("bedrock.amazonaws.com"), Some("lambda.amazonaws.com")]);
    }

    #[test]
    fn lists_are_bounded_and_say_so() {
        let at = "2026-11-22T03:00:00Z";
        let from = |address: usize| {
            let mut event = event(session("AROAONE", "a"), at);
            event.source_ip = Some(format!("198.51.100.{address}"));
            event
        };
        let one = |count: usize| calls_of(&(0..count).map(from).collect::<Vec<_>>()).remove(0);
        assert!(!one(MOST).has_more() && one(MOST + 1).has_more());
        assert_eq!(one(MOST + 5).addresses.told().len(), MOST);
    }

    #[test]
    fn strangers_have_names_as_well() {
        let at = "2026-11-22T03:00:00Z";
        let stranger = TrailIdentity {
            kind: "AWSAccount".to_owned(),
            id: Some("AIDAFOREIGN".to_owned()),
            ..TrailIdentity::default()
        };
        let region = Region::new("us-east-1").expect("a Region");
        let told = |who: TrailIdentity| calls_of(&[event(who, at)])[0].told(&region, &[], None);
        assert_eq!(told(stranger), "another account's AIDAFOREIGN: 1 call in us-east-1");
        assert_eq!(told(TrailIdentity::default()), "somebody: 1 call in us-east-1");
        assert_eq!(told(session("AROAONE", "a")), "role shop: 1 call in us-east-1");
        let root =
            TrailIdentity { kind: "Root".to_owned(), id: Some("111122223333".to_owned()), ..TrailIdentity::default() };
        assert_eq!(told(root), "the root user: 1 call in us-east-1");
    }
}
