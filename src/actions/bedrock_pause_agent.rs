//! `bedrock.pause-agent`: shuts every alias of an agent, so that nobody can invoke it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agent_ref::AgentRef;
use super::{
    Action, Assignment, Await, Condition, Facts, Look, LookError, Move, Refusal, Residual, Seen, Story, UndoRequest,
};
use crate::aws::{
    AgentAlias, GetAgent, Invocations, Late, ListAgentAliases, ListAgentVersions, Operation, Request, Route,
    TEST_ALIAS, UpdateAgentAlias,
};
use crate::base::{Entity, Impact, Target, Touch, counted};

/// How long an alias may take to settle after a change.
const SETTLING: Duration = Duration::from_secs(120);

/// Shuts every alias of an agent, so that nobody can invoke it through one.
pub struct PauseAgent;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The agent.
    pub agent: AgentRef,
    /// The ids of the only aliases that are shut; left empty, all.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub aliases: BTreeSet<String>,
    /// The numbers of versions: only aliases that lead to one of them are shut; left empty, wherever they lead.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub versions: BTreeSet<String>,
}

impl Input {
    /// Whether an alias is meant.
    fn means(&self, alias: &AgentAlias) -> bool {
        let leads_there = |route: &Route| route.version.as_ref().is_some_and(|version| self.versions.contains(version));
        (self.aliases.is_empty() || self.aliases.contains(&alias.id))
            && (self.versions.is_empty() || alias.routing.iter().any(leads_there))
    }
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// When the agent was made, if it exists: with the id it tells it from every other.
    pub created: Option<jiff::Timestamp>,
    /// Its aliases, but for the test alias.
    pub aliases: BTreeMap<String, Door>,
}

/// How an alias stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// Whether it lets anybody in.
    pub invocations: Invocations,
    /// Whether it is changing at this moment.
    pub passing: bool,
    /// Where it leads; nothing where it leads nowhere: shutting such a one would publish DRAFT through it.
    pub leads_to: Option<String>,
}

/// What was there, alias by alias: the request that shuts one repeats all of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The aliases.
    pub aliases: BTreeMap<String, Sign>,
    /// The versions: pausing must not publish another.
    pub versions: Vec<String>,
}

/// What an alias says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sign {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// Where it leads.
    pub routing: Vec<Route>,
    /// Whether it let anybody in.
    pub invocations: Invocations,
}

/// What is shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {
    /// The agent's name.
    pub name: Option<String>,
    /// The role that Bedrock assumes for it.
    pub role: Option<String>,
}

impl Sign {
    fn leads_to(&self) -> String {
        leads_to(&self.routing).unwrap_or_else(|| "nothing".to_owned())
    }
}

/// Where an alias leads, in words: versions and throughput.
fn leads_to(routing: &[Route]) -> Option<String> {
    let of = |route: &Route| {
        let version = route.version.as_deref().unwrap_or("no version");
        route.throughput.as_ref().map_or(version.to_owned(), |bought| format!("{version} with {bought}"))
    };
    (!routing.is_empty()).then(|| routing.iter().map(of).collect::<Vec<_>>().join(" and "))
}

/// The aliases that were open, are shut, and that somebody else has led elsewhere: to open one would let everybody in where he
/// wants them. By id: where each led, and where it leads.
fn led_elsewhere<'p>(present: &'p Present, state: &State) -> BTreeMap<&'p str, (String, String)> {
    let open = present.aliases.iter().filter(|(_, was)| was.invocations == Invocations::AcceptInvocations);
    let elsewhere = open.filter_map(|(alias, was)| {
        let door = state.aliases.get(alias).filter(|door| door.invocations == Invocations::RejectInvocations)?;
        let (led, leads) = (was.leads_to(), door.leads_to.clone().unwrap_or_else(|| "nothing".to_owned()));
        (led != leads).then_some((alias.as_str(), (led, leads)))
    });
    elsewhere.collect()
}

impl PauseAgent {
    fn set(input: &Input, alias: &str, invocations: Invocations) -> Move {
        UpdateAgentAlias {
            region: input.agent.region.clone(),
            agent: input.agent.id.clone(),
            alias: alias.to_owned(),
            name: Late::echo(&format!("/aliases/{alias}/name")),
            description: Late::echo(&format!("/aliases/{alias}/description")),
            routing: Late::echo(&format!("/aliases/{alias}/routing")),
            invocations,
        }
        .into()
    }

    /// The moves that bring each of these aliases to where it should be.
    fn bring(
        to: &Assignment,
        input: &Input,
        state: &State,
        wanted: Invocations,
        which: impl Fn(&str) -> bool,
    ) -> Vec<Move> {
        let settled = || {
            Move::Await(Await {
                what: to.place.target(Some(&input.agent.region), input.agent.entity()),
                until: Condition::Settled,
                within: SETTLING,
            })
        };
        let doors = || state.aliases.iter().filter(|(alias, door)| which(alias) && door.leads_to.is_some());
        let open = |door: &&Door| door.invocations != wanted;
        // A door that somebody keeps in motion must not keep the others open: those at rest come first.
        let mut moves: Vec<Move> = doors()
            .filter(|(_, door)| open(door) && !door.passing)
            .map(|(alias, _)| Self::set(input, alias, wanted))
            .collect();
        if !moves.is_empty() || doors().any(|(_, door)| door.passing) {
            moves.push(settled());
        }
        for (alias, _) in doors().filter(|(_, door)| open(door) && door.passing) {
            moves.extend([Self::set(input, alias, wanted), settled()]);
        }
        moves
    }
}

impl Action for PauseAgent {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "bedrock.pause-agent";
    const SUMMARY: &'static str = "Shut every alias of an agent";
    const PAGE: &'static str = include_str!("bedrock_pause_agent.md");
    const READS: &'static [&'static Operation] =
        &[GetAgent::OPERATION, ListAgentAliases::OPERATION, ListAgentVersions::OPERATION];
    const SENDS: &'static [&'static Operation] = &[UpdateAgentAlias::OPERATION];
    const ENVELOPE: usize = 10;
    const TIMEOUT: Duration = Duration::from_secs(600);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.agent.region), input.agent.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.agent.entity(), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let AgentRef { region, id } = input.agent.clone();
        let Some(agent) = look.find(GetAgent { region: region.clone(), agent: id.clone() }).await? else {
            return Ok(Seen {
                state: State { created: None, aliases: BTreeMap::new() },
                present: Present { aliases: BTreeMap::new(), versions: vec![] },
                context: Context { name: None, role: None },
            });
        };
        let aliases: Vec<AgentAlias> = look
            .ask_all(ListAgentAliases { region: region.clone(), agent: id.clone(), next: None })
            .await?
            .into_iter()
            .filter(|alias| alias.id != TEST_ALIAS && !alias.status.is_leaving() && input.means(alias))
            .collect();
        let versions = look.ask_all(ListAgentVersions { region, agent: id, next: None }).await?;
        let doors = aliases.iter().map(|alias| {
            let passing = alias.status.is_passing();
            (alias.id.clone(), Door { invocations: alias.invocations, passing, leads_to: leads_to(&alias.routing) })
        });
        let state = State { created: Some(agent.created), aliases: doors.collect() };
        let signs = aliases.into_iter().map(|alias| {
            let AgentAlias { id, name, description, routing, invocations, .. } = alias;
            (id, Sign { name, description, routing, invocations })
        });
        let present = Present { aliases: signs.collect(), versions };
        Ok(Seen { state, present, context: Context { name: Some(agent.name), role: Some(agent.role) } })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let moves = Self::bring(to, input, state, Invocations::RejectInvocations, |_| true);
        let astray = |(_, door): &(&String, &Door)| {
            door.leads_to.is_none() && door.invocations == Invocations::AcceptInvocations
        };
        let astray: Vec<&str> = state.aliases.iter().filter(astray).map(|(alias, _)| alias.as_str()).collect();
        if moves.is_empty() && !astray.is_empty() {
            return Err(Refusal::ByHand {
                why: format!("{} lead nowhere, and shutting them would publish DRAFT", astray.join(", ")),
                instructions: vec![format!(
                    "In the Bedrock console, delete the aliases {} of the agent",
                    astray.join(", ")
                )],
            });
        }
        Ok(moves)
    }

    fn restore(
        &self,
        to: &Assignment,
        input: &Input,
        present: &Present,
        left: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let elsewhere = led_elsewhere(present, state);
        let was_open = |alias: &str| {
            let was = present.aliases.get(alias);
            was.is_some_and(|sign| sign.invocations == Invocations::AcceptInvocations) && !elsewhere.contains_key(alias)
        };
        let moves = Self::bring(to, input, state, Invocations::AcceptInvocations, was_open);
        let told = |of: fn(&(String, String)) -> &str, how: &str| {
            let each = elsewhere.iter().map(|(alias, led)| format!("alias {alias} {how} {}", of(led)));
            each.collect::<Vec<_>>().join(", ")
        };
        let others = state.aliases.keys().any(|alias| was_open(alias));
        if !elsewhere.is_empty() && !others {
            return Err(Refusal::Changed {
                before: told(|(led, _)| led, "open and leading to"),
                left: told(|(led, _)| led, "shut and leading to"),
                now: told(|(_, leads)| leads, "shut, and led by somebody else to"),
            });
        }
        if !moves.is_empty() && !self.same_thing(left, state) {
            return Err(Refusal::Changed {
                before: "the agent with open aliases".to_owned(),
                left: "the agent with shut aliases".to_owned(),
                now: "another agent".to_owned(),
            });
        }
        Ok(moves)
    }

    fn lost(&self, present: &Present, state: &State) -> Vec<String> {
        let open = present.aliases.iter().filter(|(_, was)| was.invocations == Invocations::AcceptInvocations);
        let gone = open.filter(|(alias, _)| !state.aliases.contains_key(alias.as_str()));
        let gone = gone.map(|(alias, was)| {
            format!("alias {alias}, `{}`, was open and is gone: nothing brings its id back", was.name)
        });
        let elsewhere = led_elsewhere(present, state).into_iter().map(|(alias, (led, leads))| {
            format!("alias {alias} stays shut: it led to {led}, and somebody has led it to {leads}")
        });
        gone.chain(elsewhere).collect()
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        planned.created == now.created
    }

    /// Neither this step nor its undo publishes a version or leads an alias elsewhere: somebody else has.
    fn differs_beside(&self, captured: &Present, now: &Present) -> Vec<String> {
        let new = now.versions.iter().filter(|version| !captured.versions.contains(version));
        let mut differs: Vec<String> =
            new.map(|version| format!("version {version} was published meanwhile, and not by this step")).collect();
        let gone = captured.versions.iter().filter(|version| !now.versions.contains(version));
        differs.extend(gone.map(|version| format!("version {version} was deleted meanwhile, and not by this step")));
        for (alias, was) in &captured.aliases {
            let there = now.aliases.get(alias);
            if there.is_some_and(|is| is.routing == was.routing) {
                continue;
            }
            let now = there.map_or("is gone or leads elsewhere".to_owned(), |is| format!("leads to {}", is.leads_to()));
            differs.push(format!("alias {alias} led to {} and {now}, and not by this step", was.leads_to()));
        }
        differs
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let open =
            seen.state.aliases.values().filter(|door| door.invocations == Invocations::AcceptInvocations).count();
        let name = seen.context.name.as_deref().unwrap_or("?");
        let role = seen.context.role.as_deref().unwrap_or("?");
        Story {
            now: match seen.state.created {
                None => "gone".to_owned(),
                Some(_) => format!("`{name}`, {open} of {} open", counted(seen.state.aliases.len(), "alias")),
            },
            does: match (input.aliases.is_empty(), input.versions.is_empty()) {
                (true, true) => "shut every alias".to_owned(),
                (false, true) => "shut the aliases that were named".to_owned(),
                _ => format!(
                    "shut the aliases that lead to {}",
                    Vec::from_iter(input.versions.iter().cloned()).join(", ")
                ),
            },
            impact: Impact::Degrades,
            because: "whoever invokes this agent is refused".to_owned(),
            undo: "the same aliases are opened again, with the routing that they have then".to_owned(),
            residual: vec![Residual::test_alias(&input.agent.id), Residual::inline_agents()],
            notes: vec![format!("the agent works as {role}")],
            unread: vec![],
        }
    }
}
