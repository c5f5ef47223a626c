//! Who made or did what `iam.persistence` finds, and whether that counts as the incident's.
//!
//! An intruder goes on as what it has made: a new user, a role that lets it in, another key of a robot. So whoever is asked about
//! stands for these as well. Where somebody else's credentials may have been used by either, that is not known, and said.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::Value;

use super::iam_persistence::{Input, Item, Kind};
use super::makers::{APART, Creator, Gaps, NOT_KNOWN, role_of, texts};
use super::persistence_trail::unread;
use super::trail_events::trail_events;
use super::{Assignment, Look, LookError, PolicyRef};
use crate::aws::{EventBy, LookupEvents, TrailEvent, TrailIdentity};
use crate::base::{AccountId, Arn, PrincipalKind, Region, UserName};

/// The operations that make what IAM keeps a date of.
const MAKING: &[(&str, Kind)] = &[
    ("CreateUser", Kind::User),
    ("CreateRole", Kind::Role),
    ("CreateAccessKey", Kind::AccessKey),
    ("CreateLoginProfile", Kind::Password),
    ("UploadSSHPublicKey", Kind::SshKey),
    ("UploadSigningCertificate", Kind::SigningCertificate),
    ("CreateServiceSpecificCredential", Kind::ServiceCredential),
    ("EnableMFADevice", Kind::MfaDevice),
    ("CreatePolicy", Kind::Policy),
    ("CreatePolicyVersion", Kind::PolicyVersion),
    ("CreateOpenIDConnectProvider", Kind::IdentityProvider),
    ("CreateSAMLProvider", Kind::IdentityProvider),
];

/// The kinds that lead on: whoever made one can act as it, or as whom it is of.
const LEADING_ON: &[Kind] = &[Kind::User, Kind::Role, Kind::AccessKey, Kind::Password];

/// Says of each item who made or did it, and whether that was one of those who are asked about.
pub(super) async fn attribute(
    to: &Assignment,
    look: &Look<'_>,
    input: &Input,
    not_read: Option<String>,
    items: &mut [Item],
) -> Result<(), LookError> {
    let (makings, mut gaps) = makings(to, look, input, items).await?;
    gaps.not_read = gaps.not_read.or(not_read);
    for item in items.iter_mut().filter(|item| item.maker.is_none()) {
        let made = makings.iter().find(|(kind, event)| *kind == item.kind && is_of(event, item));
        item.maker = made.map(|(_, event)| event.who.clone());
    }
    let mut steps: Vec<(Step, Option<TrailIdentity>)> =
        makings.into_iter().filter_map(|(kind, event)| Some((Step::made(kind, &event)?, Some(event.who)))).collect();
    steps.extend(items.iter().filter_map(|item| Some((Step::done(item)?, item.maker.clone()))));
    let theirs = Theirs::of(&to.place.account, &input.created_by, &steps);
    for item in items {
        let told = match &item.maker {
            Some(who) => match theirs.judge(who) {
                // Whoever it was may have been made by them, in what was not read.
                Judged::Others if gaps.are_open() => Judged::NotKnown(match &gaps.lacking {
                    Some(why) => format!("{} did it, and {why}", who.name()),
                    None => gaps.why_not(Some(item.at)),
                }),
                told => told,
            },
            None => Judged::NotKnown(gaps.why_not(Some(item.at))),
        };
        let name = item.maker.as_ref().map_or(NOT_KNOWN, TrailIdentity::name).to_owned();
        (item.created_by, item.theirs, item.not_known) = match told {
            Judged::Theirs => (Some(name), true, None),
            Judged::Others => (Some(name), false, None),
            Judged::NotKnown(why) => (Some(NOT_KNOWN.to_owned()), input.even_if_unknown, Some(why)),
        };
    }
    Ok(())
}

/// The events by which things were made since, as far as CloudTrail tells. One that refuses hides nothing.
async fn makings(
    to: &Assignment,
    look: &Look<'_>,
    input: &Input,
    items: &[Item],
) -> Result<(Vec<(Kind, TrailEvent)>, Gaps), LookError> {
    let global = to.place.partition.global_region();
    let region = Region::new(global).map_err(|error| LookError::Nonsense(error.to_string()))?;
    let is_open = |kind: &Kind| items.iter().any(|item| item.kind == *kind && item.maker.is_none());
    let wanted = MAKING.iter().filter(|(_, kind)| LEADING_ON.contains(kind) || is_open(kind));
    let asks = wanted.map(|(name, kind)| {
        let by = Some(EventBy::Name((*name).to_owned()));
        let from = Some(input.since - APART);
        let ask = LookupEvents { region: region.clone(), by, from, to: None, next: None };
        async move { (*kind, trail_events(look, ask).await) }
    });
    let mut found = Vec::new();
    let mut gaps = Gaps { lacking: look.lacking().map(str::to_owned), ..Gaps::default() };
    for (kind, answer) in join_all(asks).await {
        match answer {
            Ok(answer) => {
                gaps.truncated = gaps.truncated.or(answer.truncated);
                let done = |event: &TrailEvent| event.error_code.is_none() && event.source == "iam.amazonaws.com";
                found.extend(answer.events.into_iter().filter(done).map(|event| (kind, event)));
            }
            Err(error) => {
                gaps.not_read = Some(unread(&error));
            }
        }
    }
    gaps.now = look.aws_now();
    Ok((found, gaps))
}

/// Whether it is the making of this: its ids are in the record, and the times fit, since a namesake may have been there before.
fn is_of(event: &TrailEvent, item: &Item) -> bool {
    let user = item.user.as_ref().map(UserName::as_str);
    let policy = item.policy.as_ref().map(|policy: &PolicyRef| policy.arn().as_str());
    let wanted = match item.kind {
        Kind::Password => [user, user],
        Kind::PolicyVersion => [policy, item.id.split(' ').next()],
        _ => [Some(item.id.as_str()), Some(item.id.as_str())],
    };
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for part in [&event.request, &event.response] {
        texts(part, &mut |text| {
            seen.insert(text.to_owned());
        });
    }
    event.time.duration_since(item.at).abs() <= APART
        && wanted.into_iter().all(|text| text.is_some_and(|text| seen.contains(text)))
}

/// A step by which somebody came to act as somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A user that is all theirs.
    User(String),
    /// A role that is all theirs.
    Role(String),
    /// A key, of a user that may have others.
    Key { user: Option<String>, key: String },
    /// A password, of a user that may have keys.
    Password(String),
    /// A role that lets them in beside others.
    Trust(String),
}

impl Step {
    /// What an event of making leads on to.
    fn made(kind: Kind, event: &TrailEvent) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let (asked, told) = (&event.request, &event.response);
        match kind {
            Kind::User => text(&asked["userName"]).map(Self::User),
            Kind::Role => text(&asked["roleName"]).map(Self::Role),
            Kind::Password => text(&asked["userName"]).map(Self::Password),
            Kind::AccessKey => {
                let made = &told["accessKey"];
                Some(Self::Key { user: text(&made["userName"]), key: text(&made["accessKeyId"])? })
            }
            _ => None,
        }
    }

    /// What else was done and leads on, and what is there of which nobody is known to have made it.
    fn done(item: &Item) -> Option<Self> {
        let user = || item.user.as_ref().map(|user| user.as_str().to_owned());
        let role = || item.role.as_ref().map(|role| role.as_str().to_owned());
        let key = || Some(Self::Key { user: user(), key: item.key.as_ref()?.to_string() });
        let is_open = item.maker.is_none();
        match item.kind {
            Kind::Trust => role().map(Self::Trust),
            Kind::ChangedPassword => user().map(Self::Password),
            Kind::ActivatedKey => key(),
            Kind::AccessKey if is_open => key(),
            Kind::Password if is_open => user().map(Self::Password),
            Kind::User if is_open => user().map(Self::User),
            Kind::Role if is_open => role().map(Self::Role),
            _ => None,
        }
    }
}

/// What comes of a judgement.
#[derive(Debug, PartialEq, Eq)]
enum Judged {
    Theirs,
    Others,
    NotKnown(String),
}

/// Whom somebody can act as.
#[derive(Debug, Default)]
struct Guises {
    users: BTreeSet<String>,
    roles: BTreeSet<String>,
    keys: BTreeSet<String>,
    /// Users who have people of their own as well.
    shared_users: BTreeSet<String>,
    /// Roles the same.
    shared_roles: BTreeSet<String>,
}

impl Guises {
    fn learn(&mut self, step: Step) {
        match step {
            Step::User(user) => drop(self.users.insert(user)),
            Step::Role(role) => drop(self.roles.insert(role)),
            Step::Key { user, key } => {
                self.keys.insert(key);
                self.shared_users.extend(user);
            }
            Step::Password(user) => drop(self.shared_users.insert(user)),
            Step::Trust(role) => drop(self.shared_roles.insert(role)),
        }
    }

    fn are(&self, who: &Named<'_>) -> bool {
        who.key.is_some_and(|key| self.keys.contains(key))
            || among(&self.users, who.user.as_deref())
            || among(&self.roles, who.role.as_deref())
    }

    /// A long-term key that was there before is its owner's; a session may be anybody's who has a key or the password.
    fn may_be(&self, who: &Named<'_>) -> bool {
        let is_own_key = who.key.is_some_and(|key| key.starts_with("AKIA"));
        among(&self.shared_users, who.user.as_deref()) && !is_own_key || among(&self.shared_roles, who.role.as_deref())
    }
}

fn among(names: &BTreeSet<String>, name: Option<&str>) -> bool {
    name.is_some_and(|name| names.contains(name))
}

/// The key, user and role that CloudTrail speaks of.
struct Named<'a> {
    key: Option<&'a str>,
    user: Option<String>,
    role: Option<String>,
}

/// Those who are asked about, and what they have made to act as.
struct Theirs<'a> {
    account: &'a AccountId,
    first: &'a [Creator],
    /// What is theirs.
    made: Guises,
    /// What may be.
    open: Guises,
}

impl<'a> Theirs<'a> {
    /// Follows what they made, and what that made, to the end; then what may be theirs.
    fn of(account: &'a AccountId, first: &'a [Creator], steps: &[(Step, Option<TrailIdentity>)]) -> Self {
        let mut theirs = Self { account, first, made: Guises::default(), open: Guises::default() };
        let mut left: Vec<&(Step, Option<TrailIdentity>)> = steps.iter().collect();
        for wanted in [true, false] {
            loop {
                let (now, later): (Vec<_>, Vec<_>) =
                    left.into_iter().partition(|(_, who)| match who.as_ref().map(|who| theirs.judge(who)) {
                        Some(Judged::Theirs) => wanted,
                        Some(Judged::NotKnown(_)) | None => !wanted,
                        Some(Judged::Others) => false,
                    });
                left = later;
                if now.is_empty() {
                    break;
                }
                let guises = if wanted { &mut theirs.made } else { &mut theirs.open };
                now.into_iter().for_each(|(step, _)| guises.learn(step.clone()));
            }
        }
        theirs
    }

    fn judge(&self, who: &TrailIdentity) -> Judged {
        let arns = || [&who.arn, &who.issuer].into_iter().flatten().filter_map(|arn| arn.parse::<Arn>().ok());
        let ours = || arns().filter(|arn| arn.account().as_ref() == Some(self.account));
        let user = ours().find_map(|arn| match arn.principal() {
            Some(PrincipalKind::User { name, .. }) => Some(name),
            _ => None,
        });
        let role = ours().find_map(|arn| role_of(&arn)).map(|(_, role)| role);
        let named = Named { key: who.access_key.as_deref(), user, role };
        let why = |why: &str| Judged::NotKnown(format!("{} did it, {why}", who.name()));
        if self.first.iter().any(|one| one.is(who, self.account)) || self.made.are(&named) {
            Judged::Theirs
        } else if self.made.may_be(&named) {
            why("as whom others could act in these hours")
        } else if self.open.are(&named) || self.open.may_be(&named) {
            why("and who has made or changed that is not known")
        } else if arns().next().is_none() {
            why("and CloudTrail does not say for whom")
        } else {
            Judged::Others
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> AccountId {
        "111122223333".parse().expect("an account")
    }

    fn creator(text: &str) -> Creator {
        Creator::try_from(text.to_owned()).expect("somebody")
    }

    fn user(name: &str, key: &str) -> TrailIdentity {
        TrailIdentity {
            kind: "IAMUser".to_owned(),
            arn: Some(format!("arn:aws:iam::111122223333:user/{name}")),
            access_key: Some(key.to_owned()),
            ..TrailIdentity::default()
        }
    }

    fn session(role: &str) -> TrailIdentity {
        TrailIdentity {
            kind: "AssumedRole".to_owned(),
            arn: Some(format!("arn:aws:sts::111122223333:assumed-role/{role}/x")),
            issuer: Some(format!("arn:aws:iam::111122223333:role/{role}")),
            access_key: Some("ASIAEXAMPLE".to_owned()),
            ..TrailIdentity::default()
        }
    }

    #[test]
    fn what_they_made_is_followed_and_what_is_shared_is_not_known() {
        let first = [creator("arn:aws:iam::111122223333:role/web-task")];
        let account = account();
        // In any order: the key that the helper made comes before the helper.
        let steps = [
            (
                Step::Key { user: Some("robot".to_owned()), key: "AKIATHEIRS".to_owned() },
                Some(user("helper", "AKIAHELPER")),
            ),
            (Step::User("helper".to_owned()), Some(session("web-task"))),
            (Step::Trust("nightly".to_owned()), Some(user("robot", "AKIATHEIRS"))),
            (Step::Password("clerk".to_owned()), Some(session("web-task"))),
            (Step::User("hire".to_owned()), Some(session("onboarding"))),
            (Step::Role("late".to_owned()), Some(session("nightly"))),
            (Step::User("later".to_owned()), Some(session("late"))),
            (Step::User("nobodys".to_owned()), None),
        ];
        let theirs = Theirs::of(&account, &first, &steps);
        let judge = |who: TrailIdentity| match theirs.judge(&who) {
            Judged::Theirs => "theirs",
            Judged::Others => "others",
            Judged::NotKnown(_) => "not known",
        };
        for (who, wanted) in [
            (session("web-task"), "theirs"),
            (user("helper", "AKIAHELPER"), "theirs"),
            (user("robot", "AKIATHEIRS"), "theirs"),
            (user("robot", "AKIAOWN"), "others"),
            (user("robot", "ASIASESSION"), "not known"),
            (user("clerk", "ASIACONSOLE"), "not known"),
            (user("clerk", "AKIAOWN"), "others"),
            (session("nightly"), "not known"),
            (session("late"), "not known"),
            (user("later", "AKIALATER"), "not known"),
            (user("nobodys", "AKIANOBODY"), "not known"),
            (session("onboarding"), "others"),
            (user("hire", "AKIAHIRE"), "others"),
        ] {
            let told = format!("{who:?}");
            assert_eq!(judge(who), wanted, "{told}");
        }
        let service = TrailIdentity { invoked_by: Some("x.amazonaws.com".to_owned()), ..TrailIdentity::default() };
        assert_eq!(judge(service), "not known");
    }
}
