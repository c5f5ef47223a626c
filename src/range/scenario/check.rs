//! What types cannot say of a scenario: that names lead somewhere.

use std::collections::BTreeSet;

use crate::base::{AccountId, Arn, Region};
use crate::range::wire::{ServiceName, given, operations};

use super::{
    AccountSpec, AdversarySpec, CallSpec, CredentialKind, CredentialSpec, MoveKind, Scenario, ScenarioError,
    WorkloadCall,
};

/// Everything in a scenario that leads nowhere.
pub(super) fn check(scenario: &Scenario) -> Vec<ScenarioError> {
    let mut check = Check { of: scenario, wrong: Vec::new() };
    check.document();
    check.account(&scenario.account);
    check.flows(&scenario.account);
    check.queues(&scenario.account);
    check.guardduty(&scenario.account);
    check.faults();
    check.workload();
    check.adversary(&scenario.adversary);
    check.wrong
}

struct Check<'a> {
    of: &'a Scenario,
    wrong: Vec<ScenarioError>,
}

impl<'a> Check<'a> {
    fn wrong(&mut self, place: impl Into<String>, why: impl Into<String>) {
        self.wrong.push(ScenarioError::at(place, why));
    }

    fn document(&mut self) {
        if self.of.scenario != 1 {
            self.wrong("scenario", format!("format {} is not known here, only 1", self.of.scenario));
        }
    }

    fn account(&mut self, account: &'a AccountSpec) {
        if let Err(error) = AccountId::new(&account.id) {
            self.wrong("account.id", error.to_string());
        }
        for (i, region) in account.regions.iter().enumerate() {
            if let Err(error) = Region::new(region) {
                self.wrong(format!("account.regions[{i}]"), error.to_string());
            }
        }
        for (i, user) in account.users.iter().enumerate() {
            for (j, group) in user.groups.iter().enumerate() {
                self.must_have(account.groups.iter().any(|g| g.name == *group), "group", group, || {
                    format!("account.users[{i}].groups[{j}]")
                });
            }
            if user.keys.len() > 2 {
                self.wrong(format!("account.users[{i}].keys"), "a user has two access keys at most");
            }
        }
        for (i, base) in account.knowledge_bases.iter().enumerate() {
            self.region(&base.region, || format!("account.knowledge_bases[{i}].region"));
        }
        for (i, agent) in account.agents.iter().enumerate() {
            self.region(&agent.region, || format!("account.agents[{i}].region"));
            self.role(&agent.role, || format!("account.agents[{i}].role"));
            for (j, alias) in agent.aliases.iter().enumerate() {
                if alias.version == 0 || alias.version > agent.versions {
                    self.wrong(format!("account.agents[{i}].aliases[{j}].version"), "there is no such version");
                }
            }
            for (j, name) in agent.supervises.iter().enumerate() {
                self.agent(name, || format!("account.agents[{i}].supervises[{j}]"));
            }
            for (j, name) in agent.published_supervises.iter().flatten().enumerate() {
                self.agent(name, || format!("account.agents[{i}].published_supervises[{j}]"));
            }
            for (j, tool) in agent.tools.iter().enumerate() {
                let named = tool.get("actionGroupName").is_some_and(serde_json::Value::is_string);
                if !named {
                    self.wrong(format!("account.agents[{i}].tools[{j}]"), "a tool has an `actionGroupName`");
                }
            }
        }
    }

    fn flows(&mut self, account: &'a AccountSpec) {
        for (i, flow) in account.flows.iter().enumerate() {
            self.region(&flow.region, || format!("account.flows[{i}].region"));
            for (j, name) in flow.agents.iter().enumerate() {
                self.agent(name, || format!("account.flows[{i}].agents[{j}]"));
            }
            for (j, name) in
                flow.versions.iter().enumerate().flat_map(|(j, names)| names.iter().map(move |name| (j, name)))
            {
                self.agent(name, || format!("account.flows[{i}].versions[{j}]"));
            }
            for (j, name) in flow.prompts.iter().enumerate() {
                let known = account.prompts.iter().any(|prompt| prompt.name == *name);
                self.must_have(known, "prompt", name, || format!("account.flows[{i}].prompts[{j}]"));
            }
            for (j, alias) in flow.aliases.iter().enumerate() {
                if alias.version == 0
                    || usize::try_from(alias.version).is_ok_and(|version| version > flow.versions.len())
                {
                    self.wrong(format!("account.flows[{i}].aliases[{j}].version"), "there is no such version");
                }
            }
        }
        for (i, prompt) in account.prompts.iter().enumerate() {
            self.region(&prompt.region, || format!("account.prompts[{i}].region"));
        }
        for (i, log) in account.invocation_logging.iter().enumerate() {
            self.region(&log.region, || format!("account.invocation_logging[{i}].region"));
        }
        for (i, guardrail) in account.guardrails.iter().enumerate() {
            self.region(&guardrail.region, || format!("account.guardrails[{i}].region"));
        }
        for (i, thing) in account.model_things.iter().enumerate() {
            self.region(&thing.region, || format!("account.model_things[{i}].region"));
        }
        for (i, application) in account.q_applications.iter().enumerate() {
            self.region(&application.region, || format!("account.q_applications[{i}].region"));
            for (j, retriever) in application.retrievers.iter().enumerate() {
                if let Some(name) = &retriever.index {
                    let known = application.indices.iter().any(|index| index.name == *name);
                    self.must_have(known, "index", name, || {
                        format!("account.q_applications[{i}].retrievers[{j}].index")
                    });
                }
            }
        }
        for (i, past) in account.past.iter().enumerate() {
            self.region(&past.region, || format!("account.past[{i}].region"));
        }
    }

    fn queues(&mut self, account: &'a AccountSpec) {
        for (i, queue) in account.queues.iter().enumerate() {
            self.region(&queue.region, || format!("account.queues[{i}].region"));
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            if !(1..=80).contains(&queue.name.len()) || !queue.name.bytes().all(is_plain) {
                let why = "the name of a queue has letters, digits, hyphens and underscores, 80 at most";
                self.wrong(format!("account.queues[{i}].name"), why);
            }
            let same = |other: &&super::QueueSpec| (&other.region, &other.name) == (&queue.region, &queue.name);
            if account.queues.iter().filter(same).count() > 1 {
                let why = format!("there is another queue named `{}` in {}", queue.name, queue.region);
                self.wrong(format!("account.queues[{i}].name"), why);
            }
            if let Some(dead) = &queue.dead_letter {
                let known = account.queues.iter().any(|one| one.name == dead.queue && one.region == queue.region);
                self.must_have(known, "queue", &dead.queue, || format!("account.queues[{i}].dead_letter.queue"));
                if !(1..=1_000).contains(&dead.after) {
                    self.wrong(format!("account.queues[{i}].dead_letter.after"), "it is from 1 to 1,000");
                }
            }
            if queue.visibility_timeout.is_some_and(|span| span.0.as_secs() > 43_200) {
                let why = "a message is hidden for 12 hours at most";
                self.wrong(format!("account.queues[{i}].visibility_timeout"), why);
            }
        }
    }

    fn guardduty(&mut self, account: &'a AccountSpec) {
        for (i, here) in account.guardduty.iter().enumerate() {
            self.region(&here.region, || format!("account.guardduty[{i}].region"));
            if account.guardduty.iter().filter(|other| other.region == here.region).count() > 1 {
                let why = format!("{} has another detector", here.region);
                self.wrong(format!("account.guardduty[{i}].region"), why);
            }
            for (j, finding) in here.findings.iter().enumerate() {
                if let Err(why) = given(ServiceName::Guardduty, "Finding", finding) {
                    self.wrong(format!("account.guardduty[{i}].findings[{j}]"), format!("this is no finding: {why}"));
                }
            }
        }
    }

    fn faults(&mut self) {
        for (i, fault) in self.of.faults.iter().enumerate() {
            if fault.operation != "*" && !operations().any(|(_, operation)| operation == fault.operation) {
                let why = format!("the range has no operation `{}`", fault.operation);
                self.wrong(format!("faults[{i}].operation"), why);
            }
            if fault.nth == 0 {
                self.wrong(format!("faults[{i}].nth"), "calls are counted from 1");
            }
        }
    }

    fn workload(&mut self) {
        for (i, worker) in self.of.workload.iter().enumerate() {
            self.credential(&worker.credentials, &format!("workload[{i}].credentials"));
            self.region(&worker.region, || format!("workload[{i}].region"));
            if let Some(agent) = &worker.agent {
                self.agent(agent, || format!("workload[{i}].agent"));
            } else if worker.calls == WorkloadCall::InvokeAgent {
                self.wrong(format!("workload[{i}].agent"), "`invoke_agent` needs an agent");
            }
            self.call(worker.calls == WorkloadCall::Call, worker.call.as_ref(), || format!("workload[{i}].call"));
        }
    }

    fn adversary(&mut self, adversary: &'a AdversarySpec) {
        for (i, credential) in adversary.holds.iter().enumerate() {
            self.credential(credential, &format!("adversary.holds[{i}]"));
        }
        let workload =
            self.of.workload.iter().enumerate().map(|(i, w)| (&w.credentials, format!("workload[{i}].credentials")));
        let held = adversary.holds.iter().enumerate().map(|(i, held)| (held, format!("adversary.holds[{i}]")));
        let mut names = BTreeSet::new();
        for (credential, place) in workload.chain(held) {
            if !names.insert(&credential.name) {
                let why = format!("there is another credential named `{}`", credential.name);
                self.wrong(format!("{place}.name"), why);
            }
        }
        for (i, agent) in adversary.agents.iter().enumerate() {
            self.agent(agent, || format!("adversary.agents[{i}]"));
        }
        for (i, action) in adversary.moves.iter().enumerate() {
            let place = |field: &str| format!("adversary.moves[{i}].{field}");
            if let Some(name) = &action.using {
                let held = adversary.holds.iter().any(|held| held.name == *name);
                self.must_have(held, "credential", name, || place("using"));
            }
            if let Some(role) = &action.role {
                self.role(role, || place("role"));
            }
            if let Some(user) = &action.user {
                self.user(user, || place("user"));
            }
            self.call(action.action == MoveKind::Call, action.call.as_ref(), || place("call"));
            let missing = match action.action {
                MoveKind::CreateAgent if action.region.is_none() => Some("region"),
                MoveKind::CreateAgent | MoveKind::AssumeRole if action.role.is_none() => Some("role"),
                MoveKind::CreateAccessKey if action.user.is_none() => Some("user"),
                MoveKind::UndoDeny if action.role.is_none() == action.user.is_none() => Some("role` or `user"),
                _ => None,
            };
            if let Some(field) = missing {
                self.wrong(format!("adversary.moves[{i}]"), format!("this move needs `{field}`"));
            }
        }
    }

    fn credential(&mut self, credential: &'a CredentialSpec, place: &str) {
        let fields = [
            ("role", &credential.role),
            ("service", &credential.service),
            ("key", &credential.key),
            ("user", &credential.user),
            ("arn", &credential.arn),
        ];
        let needed: &[&str] = match credential.kind {
            CredentialKind::Session => &["role"],
            CredentialKind::Service => &["service", "role"],
            CredentialKind::Key => &["key"],
            CredentialKind::NewestKey => &["user"],
            CredentialKind::Foreign => &["arn"],
        };
        for (field, value) in fields.into_iter().filter(|(field, _)| needed.contains(field)) {
            let place = format!("{place}.{field}");
            let Some(value) = value else {
                self.wrong(place, "this kind of credential needs it");
                continue;
            };
            match field {
                "role" => self.role(value, || place),
                "user" => self.user(value, || place),
                "key" => {
                    let known = self.of.account.users.iter().flat_map(|user| &user.keys).any(|spec| spec.id == *value);
                    self.must_have(known, "access key", value, || place);
                }
                "arn" => {
                    if let Err(error) = value.parse::<Arn>() {
                        self.wrong(place, error.to_string());
                    }
                }
                _ => {}
            }
        }
    }

    /// A call that is needed is there, and the range has it.
    fn call(&mut self, needed: bool, call: Option<&CallSpec>, place: impl FnOnce() -> String) {
        match call {
            None if needed => self.wrong(place(), "this needs a call"),
            Some(call) if call.of_table().is_none() => {
                self.wrong(place(), format!("the range has no operation `{}` of this service", call.operation));
            }
            _ => {}
        }
    }

    fn must_have(&mut self, has: bool, what: &str, name: &str, place: impl FnOnce() -> String) {
        if !has {
            self.wrong(place(), format!("the account has no {what} `{name}`"));
        }
    }

    fn role(&mut self, name: &str, place: impl FnOnce() -> String) {
        self.must_have(self.of.account.roles.iter().any(|role| role.name == name), "role", name, place);
    }

    fn user(&mut self, name: &str, place: impl FnOnce() -> String) {
        self.must_have(self.of.account.users.iter().any(|user| user.name == name), "user", name, place);
    }

    fn agent(&mut self, name: &str, place: impl FnOnce() -> String) {
        self.must_have(self.of.account.agents.iter().any(|agent| agent.name == name), "agent", name, place);
    }

    fn region(&mut self, name: &str, place: impl FnOnce() -> String) {
        self.must_have(self.of.account.regions.iter().any(|region| region == name), "enabled Region", name, place);
    }
}
