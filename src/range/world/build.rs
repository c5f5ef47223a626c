//! Makes the world of a scenario.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::range::dice::Dice;
use crate::range::model::{
    AccessKey, Account, ActionGroup, Agent, AgentStatus, Alias, AliasStatus, Case, Communication, Contact, Flow, Group,
    Invocations, Landing, LastUse, ManagedPolicy, Permissions, Principal, Role, TEST_ALIAS, User, Version,
};
use crate::range::scenario::{
    AccountSpec, AgentSpec, CredentialKind, CredentialSpec, DEFAULT_REGIONS, RoleSpec, Scenario, Span, UserSpec,
};

use super::aws_managed::AWS_MANAGED;
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
    let mut builder = Builder { dice, now, account: Account { id: spec.id.clone(), ..Account::default() } };
    builder.furniture(spec);
    builder.principals(spec);
    for agent in &spec.agents {
        builder.agent(agent);
    }
    builder.supervisors_and_flows(spec);
    builder.cases(spec);
    let past = past::trail(&spec.past, &builder.account, &mut builder.dice, now);
    let mut state = State::new(builder.account, spec.support_plan, scenario.knobs.clone(), builder.dice);
    state.trail = past;
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

struct Builder {
    dice: Dice,
    now: Timestamp,
    account: Account,
}

impl Builder {
    fn ago(&self, span: Span) -> Timestamp {
        earlier(self.now, span.0)
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
        self.account.security_contact = spec.security_contact.as_ref().map(|contact| Contact {
            name: contact.name.clone(),
            email: contact.email.clone(),
            phone: contact.phone.clone(),
        });
        let long_ago = self.ago(Span::seconds(2_000 * 86_400));
        for (name, document) in AWS_MANAGED {
            let arn = format!("arn:aws:iam::aws:policy/{name}");
            self.policy(name, arn, (*document).to_owned(), long_ago);
        }
        for policy in &spec.policies {
            let arn = format!("arn:aws:iam::{}:policy/{}", spec.id, policy.name);
            self.policy(&policy.name, arn, policy.document.to_string(), long_ago);
        }
    }

    fn policy(&mut self, name: &str, arn: String, document: String, created: Timestamp) {
        let policy = ManagedPolicy {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: self.dice.iam_id("ANPA", name),
            document,
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
            mfa_devices: Vec::new(),
            console_password: false,
            bedrock_api_keys: Vec::new(),
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
        self.account.roles.write(&spec.name, Some(role), Landing::at_once(created), self.now);
    }

    fn user(&mut self, spec: &UserSpec) {
        let created = self.ago(spec.created_ago);
        let mut keys = BTreeMap::new();
        for key in &spec.keys {
            let secret = self.dice.secret(&key.id);
            keys.insert(key.id.clone(), AccessKey { active: key.active, created: self.ago(key.created_ago), secret });
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
            mfa_devices: spec.mfa_devices.clone(),
            console_password: spec.console_password,
            bedrock_api_keys: spec.bedrock_api_keys.clone(),
            tags: spec.tags.clone(),
            created,
        };
        self.account.users.write(&spec.name, Some(user), Landing::at_once(created), self.now);
    }

    fn agent(&mut self, spec: &AgentSpec) {
        let created = self.ago(spec.created_ago);
        let id = spec.id.clone().unwrap_or_else(|| self.dice.agent_id("agent", &spec.name));
        let role = self.account.roles.latest(&spec.role).map(|role| self.account.role_arn(role));
        let mut config = Map::new();
        config.insert("foundationModel".into(), json!(spec.model));
        config.insert("agentResourceRoleArn".into(), json!(role));
        config.insert("idleSessionTTLInSeconds".into(), json!(600));
        for (member, value) in [("instruction", &spec.instruction), ("description", &spec.description)] {
            if let Some(value) = value {
                config.insert(member.into(), json!(value));
            }
        }
        let version = |_| Version { name: spec.name.clone(), config: config.clone(), created };
        let mut aliases = BTreeMap::new();
        for alias in &spec.aliases {
            let id = self.dice.agent_id("alias", &format!("{} {}", spec.name, alias.name));
            let routing = vec![json!({ "agentVersion": alias.version.to_string() })];
            aliases.insert(id.clone(), standing_alias(id, &alias.name, alias.description.clone(), routing, created));
        }
        let test = standing_alias(
            TEST_ALIAS.into(),
            "AgentTestAlias",
            None,
            vec![json!({ "agentVersion": "DRAFT" })],
            created,
        );
        aliases.insert(TEST_ALIAS.to_owned(), test);
        let mut action_groups = BTreeMap::new();
        for name in &spec.action_groups {
            let id = self.dice.agent_id("action group", &format!("{} {name}", spec.name));
            let lambda = format!("arn:aws:lambda:{}:{}:function:{name}", spec.region, self.account.id);
            let members = json!({ "actionGroupName": name, "actionGroupState": "ENABLED", "actionGroupExecutor": { "lambda": lambda } });
            let Value::Object(config) = members else { continue };
            action_groups.insert(id.clone(), ActionGroup { id, config, created });
        }
        let agent = Agent {
            id: id.clone(),
            name: spec.name.clone(),
            region: spec.region.clone(),
            versions: (1..=spec.versions).map(|number| (number, version(number))).collect(),
            next_version: spec.versions + 1,
            config,
            status: AgentStatus::Prepared,
            failure: None,
            due: None,
            aliases,
            action_groups,
            collaborators: Vec::new(),
            knowledge_bases: spec.knowledge_bases.clone(),
            tags: spec.tags.clone(),
            created,
            updated: created,
            prepared: Some(created),
        };
        self.account.agents.insert((spec.region.clone(), id), agent);
    }

    /// The ARN of the first real alias of an agent, by the agent's name.
    fn first_alias(&self, region: &str, name: &str) -> Option<String> {
        let agent = self.account.agents.values().find(|agent| agent.region == region && agent.name == name)?;
        let alias = agent.aliases.keys().find(|id| *id != TEST_ALIAS)?;
        Some(self.account.alias_arn(region, &agent.id, alias))
    }

    fn supervisors_and_flows(&mut self, spec: &AccountSpec) {
        for supervisor in spec.agents.iter().filter(|agent| !agent.supervises.is_empty()) {
            let arns =
                supervisor.supervises.iter().filter_map(|name| self.first_alias(&supervisor.region, name)).collect();
            let made = self.account.agents.values_mut();
            for agent in made.filter(|a| a.name == supervisor.name && a.region == supervisor.region).take(1) {
                agent.collaborators = Vec::clone(&arns);
            }
        }
        for flow in &spec.flows {
            let agent_aliases = flow.agents.iter().filter_map(|name| self.first_alias(&flow.region, name)).collect();
            let id = self.dice.agent_id("flow", &flow.name);
            let created = self.ago(Span::seconds(400 * 86_400));
            let made =
                Flow { id: id.clone(), name: flow.name.clone(), region: flow.region.clone(), agent_aliases, created };
            self.account.flows.insert((flow.region.clone(), id), made);
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

/// An alias in its resting state.
fn standing_alias(
    id: String,
    name: &str,
    description: Option<String>,
    routing: Vec<Value>,
    created: Timestamp,
) -> Alias {
    Alias {
        id,
        name: name.to_owned(),
        description,
        routing,
        invocations: Invocations::AcceptInvocations,
        status: AliasStatus::Prepared,
        due: None,
        tags: BTreeMap::new(),
        created,
        updated: created,
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
