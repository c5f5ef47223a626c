//! Reads scenarios and says where they are wrong.

use crate::base::{AccountId, Region};
use crate::range::wire::operations;

use super::{CallSpec, CredentialKind, CredentialSpec, MoveKind, Scenario};

/// Why a text is not a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{place}` in the scenario: {why}")]
pub struct ScenarioError {
    /// The path of the place, such as `adversary.holds[0].role`.
    pub place: String,
    /// The reason, as a fragment; with line and column where the text itself is wrong.
    pub why: String,
}

fn wrong(place: impl Into<String>, why: impl Into<String>) -> ScenarioError {
    ScenarioError { place: place.into(), why: why.into() }
}

impl Scenario {
    /// Reads a scenario.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = serde_path_to_error::deserialize(serde_yaml::Deserializer::from_str(text))
            .map_err(|error| wrong(error.path().to_string(), error.inner().to_string()))?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Checks what types cannot: that names lead somewhere.
    fn check(&self) -> Result<(), ScenarioError> {
        if self.scenario != 1 {
            return Err(wrong("scenario", format!("format {} is not known here, only 1", self.scenario)));
        }
        AccountId::new(&self.account.id).map_err(|error| wrong("account.id", error.to_string()))?;
        for (i, region) in self.account.regions.iter().enumerate() {
            Region::new(region).map_err(|error| wrong(format!("account.regions[{i}]"), error.to_string()))?;
        }
        for (i, user) in self.account.users.iter().enumerate() {
            for (j, group) in user.groups.iter().enumerate() {
                self.must_have(self.account.groups.iter().any(|g| g.name == *group), "group", group, || {
                    format!("account.users[{i}].groups[{j}]")
                })?;
            }
            if user.keys.len() > 2 {
                return Err(wrong(format!("account.users[{i}].keys"), "a user has two access keys at most"));
            }
        }
        for (i, base) in self.account.knowledge_bases.iter().enumerate() {
            self.region(&base.region, || format!("account.knowledge_bases[{i}].region"))?;
        }
        for (i, agent) in self.account.agents.iter().enumerate() {
            self.region(&agent.region, || format!("account.agents[{i}].region"))?;
            self.role(&agent.role, || format!("account.agents[{i}].role"))?;
            for (j, alias) in agent.aliases.iter().enumerate() {
                if alias.version == 0 || alias.version > agent.versions {
                    return Err(wrong(format!("account.agents[{i}].aliases[{j}].version"), "there is no such version"));
                }
            }
            for (j, name) in agent.supervises.iter().enumerate() {
                self.agent(name, || format!("account.agents[{i}].supervises[{j}]"))?;
            }
            for (j, name) in agent.published_supervises.iter().flatten().enumerate() {
                self.agent(name, || format!("account.agents[{i}].published_supervises[{j}]"))?;
            }
            for (j, tool) in agent.tools.iter().enumerate() {
                let named = tool.get("actionGroupName").is_some_and(serde_json::Value::is_string);
                if !named {
                    return Err(wrong(format!("account.agents[{i}].tools[{j}]"), "a tool has an `actionGroupName`"));
                }
            }
        }
        for (i, flow) in self.account.flows.iter().enumerate() {
            self.region(&flow.region, || format!("account.flows[{i}].region"))?;
            for (j, name) in flow.agents.iter().enumerate() {
                self.agent(name, || format!("account.flows[{i}].agents[{j}]"))?;
            }
            for (j, name) in
                flow.versions.iter().enumerate().flat_map(|(j, names)| names.iter().map(move |name| (j, name)))
            {
                self.agent(name, || format!("account.flows[{i}].versions[{j}]"))?;
            }
            for (j, name) in flow.prompts.iter().enumerate() {
                let known = self.account.prompts.iter().any(|prompt| prompt.name == *name);
                self.must_have(known, "prompt", name, || format!("account.flows[{i}].prompts[{j}]"))?;
            }
            for (j, alias) in flow.aliases.iter().enumerate() {
                if alias.version == 0
                    || usize::try_from(alias.version).is_ok_and(|version| version > flow.versions.len())
                {
                    return Err(wrong(format!("account.flows[{i}].aliases[{j}].version"), "there is no such version"));
                }
            }
        }
        for (i, prompt) in self.account.prompts.iter().enumerate() {
            self.region(&prompt.region, || format!("account.prompts[{i}].region"))?;
        }
        for (i, log) in self.account.invocation_logging.iter().enumerate() {
            self.region(&log.region, || format!("account.invocation_logging[{i}].region"))?;
        }
        for (i, guardrail) in self.account.guardrails.iter().enumerate() {
            self.region(&guardrail.region, || format!("account.guardrails[{i}].region"))?;
        }
        for (i, thing) in self.account.model_things.iter().enumerate() {
            self.region(&thing.region, || format!("account.model_things[{i}].region"))?;
        }
        for (i, application) in self.account.q_applications.iter().enumerate() {
            self.region(&application.region, || format!("account.q_applications[{i}].region"))?;
            for (j, retriever) in application.retrievers.iter().enumerate() {
                if let Some(name) = &retriever.index {
                    let known = application.indices.iter().any(|index| index.name == *name);
                    self.must_have(known, "index", name, || {
                        format!("account.q_applications[{i}].retrievers[{j}].index")
                    })?;
                }
            }
        }
        for (i, past) in self.account.past.iter().enumerate() {
            self.region(&past.region, || format!("account.past[{i}].region"))?;
        }
        for (i, fault) in self.faults.iter().enumerate() {
            if fault.operation != "*" && !operations().any(|(_, operation)| operation == fault.operation) {
                let why = format!("the range has no operation `{}`", fault.operation);
                return Err(wrong(format!("faults[{i}].operation"), why));
            }
            if fault.nth == 0 {
                return Err(wrong(format!("faults[{i}].nth"), "calls are counted from 1"));
            }
        }
        self.check_actors()
    }

    fn check_actors(&self) -> Result<(), ScenarioError> {
        for (i, worker) in self.workload.iter().enumerate() {
            self.credential(&worker.credentials, &format!("workload[{i}].credentials"))?;
            self.region(&worker.region, || format!("workload[{i}].region"))?;
            if let Some(agent) = &worker.agent {
                self.agent(agent, || format!("workload[{i}].agent"))?;
            } else if worker.calls == super::WorkloadCall::InvokeAgent {
                return Err(wrong(format!("workload[{i}].agent"), "`invoke_agent` needs an agent"));
            }
            call(worker.calls == super::WorkloadCall::Call, worker.call.as_ref(), || format!("workload[{i}].call"))?;
        }
        for (i, credential) in self.adversary.holds.iter().enumerate() {
            self.credential(credential, &format!("adversary.holds[{i}]"))?;
        }
        let workload =
            self.workload.iter().enumerate().map(|(i, w)| (&w.credentials, format!("workload[{i}].credentials")));
        let held = self.adversary.holds.iter().enumerate().map(|(i, held)| (held, format!("adversary.holds[{i}]")));
        let mut names = std::collections::BTreeSet::new();
        for (credential, place) in workload.chain(held) {
            if !names.insert(&credential.name) {
                let why = format!("there is another credential named `{}`", credential.name);
                return Err(wrong(format!("{place}.name"), why));
            }
        }
        for (i, agent) in self.adversary.agents.iter().enumerate() {
            self.agent(agent, || format!("adversary.agents[{i}]"))?;
        }
        for (i, action) in self.adversary.moves.iter().enumerate() {
            let place = |field: &str| format!("adversary.moves[{i}].{field}");
            if let Some(name) = &action.using {
                let held = self.adversary.holds.iter().any(|held| held.name == *name);
                self.must_have(held, "credential", name, || place("using"))?;
            }
            if let Some(role) = &action.role {
                self.role(role, || place("role"))?;
            }
            if let Some(user) = &action.user {
                self.user(user, || place("user"))?;
            }
            call(action.action == MoveKind::Call, action.call.as_ref(), || place("call"))?;
            let missing = match action.action {
                MoveKind::CreateAgent if action.region.is_none() => Some("region"),
                MoveKind::CreateAgent | MoveKind::AssumeRole if action.role.is_none() => Some("role"),
                MoveKind::CreateAccessKey if action.user.is_none() => Some("user"),
                MoveKind::UndoDeny if action.role.is_none() == action.user.is_none() => Some("role` or `user"),
                _ => None,
            };
            if let Some(field) = missing {
                return Err(wrong(format!("adversary.moves[{i}]"), format!("this move needs `{field}`")));
            }
        }
        Ok(())
    }

    fn credential(&self, credential: &CredentialSpec, place: &str) -> Result<(), ScenarioError> {
        let needed = |field: &Option<String>, name: &str| {
            field.clone().ok_or_else(|| wrong(format!("{place}.{name}"), "this kind of credential needs it"))
        };
        match credential.kind {
            CredentialKind::Session => self.role(&needed(&credential.role, "role")?, || format!("{place}.role")),
            CredentialKind::Service => {
                needed(&credential.service, "service")?;
                self.role(&needed(&credential.role, "role")?, || format!("{place}.role"))
            }
            CredentialKind::Key => {
                let key = needed(&credential.key, "key")?;
                let known = self.account.users.iter().flat_map(|user| &user.keys).any(|spec| spec.id == key);
                self.must_have(known, "access key", &key, || format!("{place}.key"))
            }
            CredentialKind::NewestKey => self.user(&needed(&credential.user, "user")?, || format!("{place}.user")),
            CredentialKind::Foreign => {
                let arn = needed(&credential.arn, "arn")?;
                arn.parse::<crate::base::Arn>().map(drop).map_err(|e| wrong(format!("{place}.arn"), e.to_string()))
            }
        }
    }

    fn must_have(
        &self,
        has: bool,
        what: &str,
        name: &str,
        place: impl FnOnce() -> String,
    ) -> Result<(), ScenarioError> {
        if has { Ok(()) } else { Err(wrong(place(), format!("the account has no {what} `{name}`"))) }
    }

    fn role(&self, name: &str, place: impl FnOnce() -> String) -> Result<(), ScenarioError> {
        self.must_have(self.account.roles.iter().any(|role| role.name == name), "role", name, place)
    }

    fn user(&self, name: &str, place: impl FnOnce() -> String) -> Result<(), ScenarioError> {
        self.must_have(self.account.users.iter().any(|user| user.name == name), "user", name, place)
    }

    fn agent(&self, name: &str, place: impl FnOnce() -> String) -> Result<(), ScenarioError> {
        self.must_have(self.account.agents.iter().any(|agent| agent.name == name), "agent", name, place)
    }

    fn region(&self, name: &str, place: impl FnOnce() -> String) -> Result<(), ScenarioError> {
        self.must_have(self.account.regions.iter().any(|region| region == name), "enabled Region", name, place)
    }
}

/// A call that is needed is there, and the range has it.
fn call(needed: bool, call: Option<&CallSpec>, place: impl Fn() -> String) -> Result<(), ScenarioError> {
    match call {
        None if needed => Err(wrong(place(), "this needs a call")),
        Some(call) if call.of_table().is_none() => {
            Err(wrong(place(), format!("the range has no operation `{}` of this service", call.operation)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> ScenarioError {
        Scenario::parse(text).expect_err("not a scenario")
    }

    #[test]
    fn an_error_names_its_place() {
        assert_eq!(refused("scenario: 1\nknobs: { latency: soon }").place, "knobs.latency");
        assert_eq!(refused("scenario: 1\nknobs: { no_such_knob: 1 }").place, "knobs.no_such_knob");
        assert_eq!(refused("scenario: 2").place, "scenario");
        assert_eq!(refused("scenario: 1\nfaults: [{ operation: PutRole, kind: reset }]").place, "faults[0].operation");
        let missing = refused("scenario: 1\nadversary: { holds: [{ name: a, kind: session, role: nobody }] }");
        assert_eq!(missing.to_string(), "`adversary.holds[0].role` in the scenario: the account has no role `nobody`");
    }

    #[test]
    fn an_empty_account_is_a_scenario() {
        let scenario = Scenario::parse("scenario: 1").expect("a scenario");
        assert_eq!(scenario.account.id, "111122223333");
        assert_eq!(scenario.start.to_string(), "2026-11-22T03:00:00Z");
    }

    #[test]
    fn the_schema_knows_every_part() {
        let schema = serde_json::to_value(schemars::schema_for!(Scenario)).expect("JSON");
        assert!(schema["properties"]["adversary"].is_object());
    }
}
