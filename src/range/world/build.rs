//! Makes the world of a scenario.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::range::dice::Dice;
use crate::range::model::{
    AccessKey, Account, Case, Communication, Contact, Group, Landing, LastUse, LogTrail, ManagedPolicy, Permissions,
    PolicyVersion, Principal, Role, Root, StoredSecret, User,
};
use crate::range::scenario::{
    AccountSpec, CredentialKind, CredentialSpec, DEFAULT_REGIONS, IdentityProviderSpec, PastSpec, RoleSpec, Scenario,
    Span, UserSpec, a_program,
};

use super::aws_managed::AWS_MANAGED;
use super::credentials;
use super::past;
use super::state::{Party, State, earlier};

/// The responder's key, out of AWS's documentation.
pub(super) const RESPONDER_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
/// Its secret, out of AWS's documentation.
pub(super) const RESPONDER_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// The user that the responder is.
const RESPONDER: &str = "incident-responder";

/// Makes the world of a scenario as it is at `now`.
pub(super) fn state(scenario: &Scenario, dice: Dice, now: Timestamp) -> State {
    let spec = &scenario.account;
    let account = Account { id: spec.id.clone(), ..Account::default() };
    let mut builder = Builder { dice, now, account, past: spec.past.clone() };
    builder.furniture(spec);
    builder.principals(spec);
    builder.bedrock(spec);
    builder.models(spec);
    builder.q_business(spec);
    builder.secrets(spec);
    builder.trails(spec);
    builder.events(spec);
    builder.cases(spec);
    let past = past::trail(&builder.past, &builder.account, &mut builder.dice, now);
    let mut state = State::new(builder.account, spec.support_plan, scenario.knobs.clone(), builder.dice);
    state.trail = past;
    state.begin_ingesting(now);
    state.faults.clone_from(&scenario.faults);
    for worker in &scenario.workload {
        let party = if worker.expects_outage { Party::Interruptible } else { Party::Workload };
        hand_out(&mut state, &worker.credentials, party, now);
    }
    for held in &scenario.adversary.holds {
        hand_out(&mut state, held, Party::Adversary, now);
    }
    state.judge.can.clone_from(&scenario.adversary.can);
    state
}

/// The call that made something.
pub(super) struct Made<'a> {
    pub(super) source: &'a str,
    pub(super) call: &'a str,
    pub(super) region: &'a str,
    pub(super) request: Value,
    pub(super) reply: Value,
}

pub(super) struct Builder {
    pub(super) dice: Dice,
    pub(super) now: Timestamp,
    pub(super) account: Account,
    /// What happened before the start, and who made what is there.
    pub(super) past: Vec<PastSpec>,
}

impl Builder {
    /// A time before the start.
    pub(super) fn ago(&self, span: Span) -> Timestamp {
        earlier(self.now, span.0)
    }

    /// Remembers who made something, as the reply to the call that made it tells.
    pub(super) fn was_made(&mut self, by: Option<&String>, created: Timestamp, made: Made<'_>) {
        let Some(by) = by else { return };
        let Made { source, call, region, request, reply } = made;
        let ago = Span(std::time::Duration::try_from(self.now.duration_since(created)).unwrap_or_default());
        self.past.push(PastSpec {
            ago,
            source: source.to_owned(),
            call: call.to_owned(),
            region: region.to_owned(),
            by: by.clone(),
            key: None,
            with_api_key: false,
            credential: None,
            through: None,
            from: "198.51.100.7".to_owned(),
            program: a_program(),
            request,
            reply,
            reads: false,
            error: None,
        });
    }

    /// [`Self::was_made`], of what IAM holds, whose events are in the global Region.
    fn was_made_in_iam(&mut self, by: Option<&String>, created: Timestamp, call: &str, request: Value, reply: Value) {
        let made = Made { source: "iam.amazonaws.com", call, region: "us-east-1", request, reply };
        self.was_made(by, created, made);
    }

    fn furniture(&mut self, spec: &AccountSpec) {
        self.account.alias.clone_from(&spec.alias);
        let opt = |region: &String| {
            // FACT account-region-status
            let is_default = DEFAULT_REGIONS.contains(&region.as_str());
            let status = if is_default { "ENABLED_BY_DEFAULT" } else { "ENABLED" };
            (region.clone(), status.to_owned())
        };
        self.account.regions = spec.regions.iter().map(opt).collect();
        let made = |provider: &IdentityProviderSpec| (provider.arn.clone(), self.ago(provider.created_ago));
        self.account.identity_providers = spec.identity_providers.iter().map(made).collect();
        self.account.root = Root { active_key: spec.root.active_key, mfa: spec.root.mfa };
        self.account.security_contact = spec.security_contact.as_ref().map(|contact| Contact {
            name: contact.name.clone(),
            email: contact.email.clone(),
            phone: contact.phone.clone(),
        });
        let long_ago = self.ago(Span::seconds(2_000 * 86_400));
        for (name, document) in AWS_MANAGED {
            let arn = format!("arn:aws:iam::aws:policy/{name}");
            self.policy(name, "/", arn, vec![((*document).to_owned(), long_ago)]);
        }
        for policy in &spec.policies {
            let arn = format!("arn:aws:iam::{}:policy{}{}", spec.id, policy.path, policy.name);
            let first = (policy.document.to_string(), self.ago(policy.created_ago));
            let later = policy.later_versions.iter().map(|it| (it.document.to_string(), self.ago(it.created_ago)));
            let versions = std::iter::once(first).chain(later).collect();
            self.policy(&policy.name, &policy.path, arn, versions);
        }
    }

    fn policy(&mut self, name: &str, path: &str, arn: String, versions: Vec<(String, Timestamp)>) {
        let created = versions.first().map_or(self.now, |(_, created)| *created);
        let versions: BTreeMap<u32, PolicyVersion> = (1..)
            .zip(versions)
            .map(|(number, (document, created))| (number, PolicyVersion { document, created }))
            .collect();
        let policy = ManagedPolicy {
            name: name.to_owned(),
            path: path.to_owned(),
            id: self.dice.iam_id("ANPA", name),
            default_version: versions.keys().last().copied().unwrap_or(1),
            versions,
            description: None,
            created,
            arn: arn.clone(),
        };
        self.account.policies.write(&arn, Some(policy), Landing::at_once(created), self.now);
    }

    fn principals(&mut self, spec: &AccountSpec) {
        for group in &spec.groups {
            let created = self.ago(Span::seconds(400 * 86_400));
            let made = Group {
                name: group.name.clone(),
                id: self.dice.iam_id("AGPA", &group.name),
                permissions: permissions(&group.inline, &group.attached, None),
                created,
            };
            self.account.groups.write(&group.name, Some(made), Landing::at_once(created), self.now);
        }
        for role in &spec.roles {
            self.role(role);
        }
        for user in &spec.users {
            self.user(user);
        }
        let created = self.ago(Span::seconds(400 * 86_400));
        let key = AccessKey { active: true, created, secret: RESPONDER_SECRET.to_owned() };
        let responder = User {
            name: RESPONDER.to_owned(),
            path: "/".to_owned(),
            id: self.dice.iam_id("AIDA", RESPONDER),
            permissions: permissions(
                &BTreeMap::new(),
                &["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()],
                None,
            ),
            keys: BTreeMap::from([(RESPONDER_KEY.to_owned(), key)]),
            groups: BTreeSet::new(),
            mfa_devices: BTreeMap::new(),
            console_password: false,
            password_created: None,
            ssh_keys: BTreeMap::new(),
            certificates: BTreeMap::new(),
            service_credentials: BTreeMap::new(),
            tags: BTreeMap::new(),
            created,
        };
        self.account.users.write(RESPONDER, Some(responder), Landing::at_once(created), self.now);
    }

    fn role(&mut self, spec: &RoleSpec) {
        let created = self.ago(spec.created_ago);
        let role = Role {
            name: spec.name.clone(),
            path: spec.path.clone(),
            id: self.dice.iam_id("AROA", &spec.name),
            trust: spec.trust.to_string(),
            description: spec.description.clone(),
            max_session_seconds: spec.max_session.0.as_secs(),
            permissions: permissions(&spec.inline, &spec.attached, spec.boundary.clone()),
            instance_profiles: spec.instance_profiles.clone(),
            tags: spec.tags.clone(),
            created,
        };
        if let Some(used) = spec.used_ago {
            let when = self.ago(used);
            let last = LastUse { when, region: "us-east-1".to_owned(), service: "bedrock".to_owned() };
            self.account.role_uses.insert(spec.name.clone(), last);
        }
        let arn = self.account.role_arn(&role);
        let reply = json!({ "role": { "roleName": role.name, "roleId": role.id, "arn": arn, "path": role.path } });
        self.was_made_in_iam(spec.created_by.as_ref(), created, "CreateRole", json!({ "roleName": role.name }), reply);
        self.account.roles.write(&spec.name, Some(role), Landing::at_once(created), self.now);
    }

    fn user(&mut self, spec: &UserSpec) {
        let created = self.ago(spec.created_ago);
        let mut keys = BTreeMap::new();
        for key in &spec.keys {
            let secret = self.dice.secret(&key.id);
            let made = self.ago(key.created_ago);
            keys.insert(key.id.clone(), AccessKey { active: key.active, created: made, secret });
            let request = json!({ "userName": spec.name });
            let reply = json!({ "accessKey": { "userName": spec.name, "accessKeyId": key.id, "status": "Active" } });
            self.was_made_in_iam(key.created_by.as_ref(), made, "CreateAccessKey", request, reply);
            if let Some(used) = key.used_ago {
                let last =
                    LastUse { when: self.ago(used), region: "us-east-1".to_owned(), service: "bedrock".to_owned() };
                self.account.key_uses.insert(key.id.clone(), last);
            }
        }
        let user = User {
            name: spec.name.clone(),
            path: spec.path.clone(),
            id: self.dice.iam_id("AIDA", &spec.name),
            permissions: permissions(&spec.inline, &spec.attached, spec.boundary.clone()),
            keys,
            groups: spec.groups.iter().cloned().collect(),
            mfa_devices: credentials::mfa_devices(&spec.credentials.mfa_devices, self.now),
            console_password: spec.console_password,
            password_created: spec.credentials.password_ago.map(|ago| self.ago(ago)),
            ssh_keys: credentials::switched(&spec.credentials.ssh_keys, self.now),
            certificates: credentials::switched(&spec.credentials.certificates, self.now),
            service_credentials: credentials::service_credentials(&spec.credentials.service_credentials, self.now),
            tags: spec.tags.clone(),
            created,
        };
        let arn = self.account.user_arn(&user);
        let reply = json!({ "user": { "userName": user.name, "userId": user.id, "arn": arn, "path": user.path } });
        self.was_made_in_iam(spec.created_by.as_ref(), created, "CreateUser", json!({ "userName": user.name }), reply);
        self.account.users.write(&spec.name, Some(user), Landing::at_once(created), self.now);
    }

    fn trails(&mut self, spec: &AccountSpec) {
        for one in &spec.trails {
            self.account.trails.push(LogTrail {
                name: one.name.clone(),
                region: one.region.clone(),
                everywhere: one.everywhere,
                organization: one.organization,
                bucket: one.bucket.clone(),
                logging: one.stopped_ago.is_none(),
                selectors: one.selectors.clone(),
                started: self.ago(one.created_ago),
                stopped: one.stopped_ago.map(|ago| self.ago(ago)),
            });
        }
    }

    fn secrets(&mut self, spec: &AccountSpec) {
        for one in &spec.secrets {
            let mut secret = StoredSecret {
                region: one.region.clone(),
                name: one.name.clone(),
                ending: self.dice.hex(&format!("secret {} {}", one.region, one.name), 6),
                created: self.ago(Span::seconds(400 * 86_400)),
                deleted: one.deleted_ago.map(|ago| self.ago(ago)),
                managed_by: one.managed_by.clone(),
                rotates: one.rotates,
                tags: one.tags.clone(),
                ..StoredSecret::default()
            };
            if let Some(says) = &one.says {
                let version = self.dice.uuid(&format!("version of {}", one.name));
                secret.versions.insert(version.clone(), says.clone());
                secret.make_current(&version);
            }
            self.account.secrets.insert((one.region.clone(), one.name.clone()), secret);
        }
    }

    fn cases(&mut self, spec: &AccountSpec) {
        for case in &spec.cases {
            let created = self.ago(case.created_ago);
            let submitted_by = format!("{RESPONDER} <soc@example.com>");
            let hex = self.dice.hex(&format!("case {}", case.subject), 16);
            let message = Communication {
                body: case.body.clone(),
                submitted_by: submitted_by.clone(),
                created,
                attachments: Vec::new(),
            };
            self.account.cases.push(Case {
                id: format!("case-{}-muen-2026-{hex}", self.account.id),
                display_id: (17_300_000_000_u64 + self.account.cases.len() as u64).to_string(),
                subject: case.subject.clone(),
                resolved: false,
                service: "customer-account".to_owned(),
                category: "security".to_owned(),
                severity: "high".to_owned(),
                language: "en".to_owned(),
                issue_type: "customer-service".to_owned(),
                submitted_by,
                created,
                cc: Vec::new(),
                communications: vec![message],
            });
        }
    }
}

fn permissions(inline: &BTreeMap<String, Value>, attached: &[String], boundary: Option<String>) -> Permissions {
    Permissions {
        inline: inline.iter().map(|(name, document)| (name.clone(), document.to_string())).collect(),
        attached: attached.iter().cloned().collect(),
        boundary,
    }
}

/// Gives an actor of the scenario its credentials.
fn hand_out(state: &mut State, spec: &CredentialSpec, party: Party, now: Timestamp) {
    let issued = earlier(now, spec.issued_ago.0);
    let lasts = std::time::Duration::from_secs(12 * 3_600);
    let key = match (spec.kind, &spec.key, &spec.role, &spec.arn) {
        (CredentialKind::Key, Some(key), _, _) => key.clone(),
        (CredentialKind::Session | CredentialKind::Service, _, Some(role), _) => {
            let id = state.account.roles.latest(role).map(|role| role.id.clone()).unwrap_or_default();
            let principal = Principal::Role { role: role.clone(), id, session: spec.name.clone() };
            state.issue(principal, &format!("{role}/{}", spec.name), Vec::new(), issued, lasts)
        }
        (CredentialKind::Foreign, _, _, Some(arn)) => {
            let account = arn.split(':').nth(4).unwrap_or_default().to_owned();
            let principal = Principal::Foreign { account, arn: arn.clone() };
            state.issue(principal, &format!("foreign/{}", spec.name), Vec::new(), issued, lasts)
        }
        _ => return,
    };
    state.parties.insert(key.clone(), party);
    state.holdings.insert(spec.name.clone(), key);
}
