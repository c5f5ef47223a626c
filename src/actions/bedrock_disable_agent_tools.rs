//! `bedrock.disable-agent-tools`: disables the action groups and knowledge bases of an agent's draft.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agent_ref::AgentRef;
use super::{
    Action, Assignment, Await, Condition, Confided, Confides, Facts, Look, LookError, Move, Refusal, Residual, Seen,
    Story, UndoRequest,
};
use crate::aws::{
    DRAFT, Enabled, GetAgent, GetAgentActionGroup, Late, ListAgentActionGroups, ListAgentAliases,
    ListAgentCollaborators, ListAgentKnowledgeBases, Operation, PrepareAgent, Request, TEST_ALIAS, Tool,
    UpdateAgentActionGroup, UpdateAgentKnowledgeBase,
};
use crate::base::{Digest, Entity, Impact, Target, Touch};

/// How long the agent may take to settle.
const SETTLING: Duration = Duration::from_secs(120);

/// Disables the action groups and knowledge bases of an agent's draft, and prepares it so that the test alias loses them.
pub struct DisableAgentTools;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The agent.
    pub agent: AgentRef,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The draft, if the agent exists and is not being deleted.
    pub draft: Option<Draft>,
}

/// How a draft stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// When the agent was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// Whether the test alias answers with the draft as it is.
    pub readiness: Readiness,
    /// The action groups.
    pub action_groups: BTreeMap<String, Group>,
    /// The knowledge bases.
    pub knowledge_bases: BTreeMap<String, Enabled>,
}

/// Whether the test alias answers with the draft as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Readiness {
    /// It answers with this.
    Ready,
    /// It answers with tools as they were before a change of them.
    Stale,
    /// It answers with what was prepared before, and no tool was changed since.
    Edited,
    /// Nothing was ever prepared, so there is no test alias.
    Never,
    /// The agent is changing at this moment.
    Passing,
    /// AWS could not prepare it.
    Failed,
}

/// How an action group stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The name.
    pub name: String,
    /// Whether the agent uses it.
    pub state: Enabled,
    /// The digest of all of it, where that can be repeated: the request that disables it replaces everything.
    pub tool: Option<Digest>,
}

/// What was there: the requests repeat all of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The action groups.
    pub action_groups: BTreeMap<String, PresentGroup>,
    /// The knowledge bases.
    pub knowledge_bases: BTreeMap<String, PresentLink>,
}

/// An action group as it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct PresentGroup {
    /// Whether the agent used it.
    pub state: Enabled,
    /// All of it, unless there is something in it that cannot be repeated.
    pub tool: Option<Confided<Tool>>,
}

/// The link to a knowledge base as it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct PresentLink {
    /// Whether the agent used it.
    pub state: Enabled,
    /// What the agent is told about it.
    pub description: Option<String>,
}

/// What is shown.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Context {
    /// The agent's name.
    pub name: Option<String>,
    /// The aliases that lead to versions, in words.
    pub live: Vec<String>,
    /// The agents that the draft hands work to.
    pub collaborators: Vec<String>,
}

fn without_words(present: Present) -> Present {
    let group = |group: PresentGroup| PresentGroup { tool: group.tool.map(Confided::sealed), ..group };
    let link = |link: PresentLink| PresentLink { description: None, ..link };
    Present {
        action_groups: present.action_groups.into_iter().map(|(id, it)| (id, group(it))).collect(),
        knowledge_bases: present.knowledge_bases.into_iter().map(|(id, it)| (id, link(it))).collect(),
    }
}

impl DisableAgentTools {
    /// The moves that bring each of these to a state, and make the test alias answer with it.
    fn bring(
        to: &Assignment,
        input: &Input,
        draft: &Draft,
        wanted: Enabled,
        which: impl Fn(&str) -> bool,
    ) -> Vec<Move> {
        let AgentRef { region, id: agent } = &input.agent;
        let groups =
            draft.action_groups.iter().filter(|(id, group)| group.tool.is_some() && group.state != wanted && which(id));
        let groups = groups.map(|(group, _)| {
            let tool = Late::echo(&format!("/action_groups/{group}/tool"));
            let (region, agent, group) = (region.clone(), agent.clone(), group.clone());
            UpdateAgentActionGroup { region, agent, group, tool, state: wanted }.into()
        });
        let links = draft.knowledge_bases.iter().filter(|(id, state)| **state != wanted && which(id));
        let links = links.map(|(knowledge_base, _)| {
            let description = Late::echo(&format!("/knowledge_bases/{knowledge_base}/description"));
            let (region, agent, knowledge_base) = (region.clone(), agent.clone(), knowledge_base.clone());
            UpdateAgentKnowledgeBase { region, agent, knowledge_base, description, state: wanted }.into()
        });
        let changes: Vec<Move> = groups.chain(links).collect();
        let settled = Move::Await(Await {
            what: to.place.target(Some(region), input.agent.entity()),
            until: Condition::Settled,
            within: SETTLING,
        });
        let mut moves = Vec::new();
        if draft.readiness == Readiness::Passing {
            moves.push(settled.clone());
        }
        let stale = draft.readiness == Readiness::Stale || !changes.is_empty();
        moves.extend(changes);
        if stale && draft.readiness != Readiness::Never {
            moves.extend([PrepareAgent { region: region.clone(), agent: agent.clone() }.into(), settled]);
        }
        moves
    }

    /// Why nothing more can be done, where something is left.
    fn left_over(draft: &Draft, wanted: Enabled, which: impl Fn(&str) -> bool) -> Option<Refusal> {
        let odd =
            draft.action_groups.iter().filter(|(id, group)| group.tool.is_none() && group.state != wanted && which(id));
        let odd: Vec<&str> = odd.map(|(_, group)| group.name.as_str()).collect();
        let word = if wanted == Enabled::Disabled { "disable" } else { "enable" };
        if !odd.is_empty() {
            return Some(Refusal::ByHand {
                why: format!("the action groups {} hold what this version of quell cannot repeat", odd.join(", ")),
                instructions: vec![format!(
                    "In the Bedrock console, {word} the action groups {} of the agent's working draft, then prepare it",
                    odd.join(", ")
                )],
            });
        }
        (draft.readiness == Readiness::Failed).then(|| Refusal::ByHand {
            why: "AWS could not prepare the agent, so its test alias still answers with what was prepared before"
                .to_owned(),
            instructions: vec![
                "In the Bedrock console, read why the agent could not be prepared, mend it and prepare it".to_owned(),
            ],
        })
    }
}

impl Action for DisableAgentTools {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const CONFIDES: Option<Confides<Self::Present>> =
        Some(Confides { what: "what agents are told of their tools", without: without_words });
    const NAME: &'static str = "bedrock.disable-agent-tools";
    const SUMMARY: &'static str = "Disable the action groups and knowledge bases of an agent's draft";
    const PAGE: &'static str = include_str!("bedrock_disable_agent_tools.md");
    const READS: &'static [&'static Operation] = &[
        GetAgent::OPERATION,
        GetAgentActionGroup::OPERATION,
        ListAgentActionGroups::OPERATION,
        ListAgentAliases::OPERATION,
        ListAgentCollaborators::OPERATION,
        ListAgentKnowledgeBases::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] =
        &[UpdateAgentActionGroup::OPERATION, UpdateAgentKnowledgeBase::OPERATION, PrepareAgent::OPERATION];
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
        let agent = look.find(GetAgent { region: region.clone(), agent: id.clone() }).await?;
        let Some(agent) = agent.filter(|agent| !agent.status.is_leaving()) else {
            let (present, context) = (Present::default(), Context::default());
            return Ok(Seen { state: State { draft: None }, present, context });
        };
        let (draft, next) = (|| DRAFT.to_owned(), None::<String>);
        let first =
            ListAgentActionGroups { region: region.clone(), agent: id.clone(), version: draft(), next: next.clone() };
        let groups = look.ask_all(first).await?;
        let whole = groups.iter().map(|group| {
            let (region, agent, group) = (region.clone(), id.clone(), group.id.clone());
            look.find(GetAgentActionGroup { region, agent, version: draft(), group })
        });
        let whole = try_join_all(whole).await?;
        let first =
            ListAgentKnowledgeBases { region: region.clone(), agent: id.clone(), version: draft(), next: next.clone() };
        let links = look.ask_all(first).await?;
        let changed = groups.iter().map(|group| group.updated).chain(links.iter().map(|link| link.updated)).max();
        let readiness = match (agent.status.0.as_str(), agent.prepared) {
            _ if agent.status.is_passing() => Readiness::Passing,
            ("FAILED", _) => Readiness::Failed,
            (_, None) => Readiness::Never,
            (_, Some(prepared)) if changed.is_some_and(|changed| changed > prepared) => Readiness::Stale,
            // Somebody else's edits are not ours to put on the test alias: that answers without tools already, where all are off.
            ("NOT_PREPARED", _) => Readiness::Edited,
            _ => Readiness::Ready,
        };
        let mut state = Draft {
            created: agent.created,
            readiness,
            action_groups: BTreeMap::new(),
            knowledge_bases: BTreeMap::new(),
        };
        let mut present = Present::default();
        // A group that went between the list and the look is no tool any more.
        for (group, whole) in groups.into_iter().zip(whole).filter_map(|(group, whole)| Some((group, whole?))) {
            let tool = whole.tool.as_ref().map(Digest::of);
            present
                .action_groups
                .insert(group.id.clone(), PresentGroup { state: group.state, tool: whole.tool.map(Confided::Whole) });
            state.action_groups.insert(group.id, Group { name: group.name, state: group.state, tool });
        }
        for link in links {
            state.knowledge_bases.insert(link.id.clone(), link.state);
            present.knowledge_bases.insert(link.id, PresentLink { state: link.state, description: link.description });
        }
        let first = ListAgentAliases { region: region.clone(), agent: id.clone(), next: next.clone() };
        let live = look.glance(first).await.map(|page| page.items).unwrap_or_default().into_iter();
        let live = live.filter(|alias| alias.id != TEST_ALIAS).map(|alias| {
            let versions: Vec<String> = alias.routing.into_iter().filter_map(|route| route.version).collect();
            format!("{} (version {})", alias.name, versions.join(", "))
        });
        let first = ListAgentCollaborators { region, agent: id, version: draft(), next };
        let staff = look.glance(first).await.map(|page| page.items).unwrap_or_default();
        let context = Context {
            name: Some(agent.name),
            live: live.collect(),
            collaborators: staff.into_iter().map(|one| one.name).collect(),
        };
        Ok(Seen { state: State { draft: Some(state) }, present, context })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(draft) = &state.draft else { return Ok(vec![]) };
        let mut moves = Self::bring(to, input, draft, Enabled::Disabled, |_| true);
        // Where AWS refused an update, the rest was prepared all the same; that is not missing again because of it.
        let prepared = facts.landed(PrepareAgent::OPERATION, &input.agent.entity()).is_some();
        if prepared && matches!(draft.readiness, Readiness::Ready | Readiness::Edited) {
            moves.retain(|one| one.call().is_some_and(|call| call.operation() != PrepareAgent::OPERATION));
        }
        match Self::left_over(draft, Enabled::Disabled, |_| true) {
            Some(refusal) if moves.is_empty() => Err(refusal),
            _ => Ok(moves),
        }
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
        let Some(draft) = &state.draft else { return Ok(vec![]) };
        let was_enabled = |id: &str| {
            let group = present.action_groups.get(id).map(|group| group.state);
            group.or_else(|| present.knowledge_bases.get(id).map(|link| link.state)) == Some(Enabled::Enabled)
        };
        let others = changed_by_others(present, draft);
        let is_ours = |id: &str| was_enabled(id) && !others.contains_key(id);
        let moves = Self::bring(to, input, draft, Enabled::Enabled, is_ours);
        let rest = draft.action_groups.keys().chain(draft.knowledge_bases.keys()).any(|id| is_ours(id));
        if !others.is_empty() && !rest {
            let named = |names: Vec<&str>| names.join(", ");
            return Err(Refusal::Changed {
                before: format!("the action groups {} enabled", named(others.values().copied().collect())),
                left: "the same, disabled".to_owned(),
                now: "disabled, and changed by somebody else".to_owned(),
            });
        }
        if !moves.is_empty() && !self.same_thing(left, state) {
            return Err(Refusal::Changed {
                before: "the agent with its tools".to_owned(),
                left: "the agent without its tools".to_owned(),
                now: "another agent".to_owned(),
            });
        }
        match Self::left_over(draft, Enabled::Enabled, is_ours) {
            Some(refusal) if moves.is_empty() => Err(refusal),
            _ => Ok(moves),
        }
    }

    fn lost(&self, present: &Present, state: &State) -> Vec<String> {
        let Some(draft) = &state.draft else { return vec![] };
        let others = changed_by_others(present, draft);
        others
            .values()
            .map(|name| format!("action group {name} stays disabled: somebody has changed it since"))
            .collect()
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.draft, &now.draft) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let enabled = |state: &Enabled| *state == Enabled::Enabled;
        let agent = &input.agent.id;
        let mut residual = Vec::new();
        if !seen.context.live.is_empty() {
            let what = format!(
                "agent {agent} with its tools through its aliases {}: a version keeps what it was made with; \
                 bedrock.pause-agent shuts them",
                seen.context.live.join(", ")
            );
            residual.push(Residual::stays_until(what, "bedrock.pause-agent shuts its aliases"));
        }
        if !seen.context.collaborators.is_empty() {
            let what = format!("agent {agent} through its collaborators {}", seen.context.collaborators.join(", "));
            residual.push(Residual::stays_until(what, "those agents are paused as well"));
        }
        let mut notes = Vec::new();
        let is_on = |draft: &Draft| {
            draft.action_groups.values().any(|group| enabled(&group.state))
                || draft.knowledge_bases.values().any(enabled)
        };
        match seen.state.draft.as_ref().map(|draft| draft.readiness) {
            Some(Readiness::Edited) if !seen.state.draft.as_ref().is_some_and(is_on) => {
                // Nothing is prepared, and what was deleted from a draft is in no list.
                let what = format!(
                    "agent {agent} through TSTALIASID with tools that were deleted from its draft and not prepared since, if there were any"
                );
                residual.push(Residual::stays_until(what, "bedrock.delete-agent deletes the agent"));
            }
            Some(Readiness::Never) => notes.push("the draft was never prepared, so it is not prepared now".to_owned()),
            Some(Readiness::Stale | Readiness::Edited) => {
                notes.push(
                    "the draft holds edits that were not prepared yet; preparing it puts them on the test alias"
                        .to_owned(),
                );
            }
            _ => {}
        }
        Story {
            now: match &seen.state.draft {
                None => "gone".to_owned(),
                Some(draft) => format!(
                    "`{}`, draft with {} of {} action groups and {} of {} knowledge bases enabled",
                    seen.context.name.as_deref().unwrap_or("?"),
                    draft.action_groups.values().filter(|group| enabled(&group.state)).count(),
                    draft.action_groups.len(),
                    draft.knowledge_bases.values().filter(|state| enabled(state)).count(),
                    draft.knowledge_bases.len(),
                ),
            },
            does: "disable all of them and prepare the draft".to_owned(),
            impact: Impact::Degrades,
            because: "whoever tests this agent, or makes a version of its draft, finds it without tools".to_owned(),
            undo: "the same tools are enabled again and the draft is prepared".to_owned(),
            residual,
            notes,
            unread: vec![],
        }
    }
}

/// The action groups that were enabled and are disabled, and that somebody else has changed: enabling them would enable what he has
/// put there. By id, with their names.
fn changed_by_others<'d>(present: &Present, draft: &'d Draft) -> BTreeMap<&'d str, &'d str> {
    let changed = draft.action_groups.iter().filter(|(id, group)| {
        let was = present.action_groups.get(*id).filter(|was| was.state == Enabled::Enabled);
        let differs = was.is_some_and(|was| was.tool.as_ref().map(Confided::digest) != group.tool);
        group.state == Enabled::Disabled && differs
    });
    changed.map(|(id, group)| (id.as_str(), group.name.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    fn assignment() -> Assignment {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        Assignment { incident: "INC-1".parse().expect("an incident"), place }
    }

    fn input() -> Input {
        let region = "us-east-1".parse().expect("a Region");
        Input { agent: AgentRef { region, id: "RESEARCH01".parse().expect("an agent id") } }
    }

    fn tool(name: &str) -> Tool {
        let (description, signature, executor, api, functions) = (None, None, None, None, None);
        let signature_settings = BTreeMap::new();
        Tool { name: name.to_owned(), description, signature, signature_settings, executor, api, functions }
    }

    fn state(readiness: Readiness, groups: &[(&str, Enabled, bool)], bases: &[(&str, Enabled)]) -> State {
        let group = |(name, state, repeatable): &(&str, Enabled, bool)| {
            let tool = repeatable.then(|| Digest::of(&tool(name)));
            ((*name).to_owned(), Group { name: (*name).to_owned(), state: *state, tool })
        };
        let draft = Draft {
            created: jiff::Timestamp::UNIX_EPOCH,
            readiness,
            action_groups: groups.iter().map(group).collect(),
            knowledge_bases: bases.iter().map(|(id, state)| ((*id).to_owned(), *state)).collect(),
        };
        State { draft: Some(draft) }
    }

    fn proposed(state: &State) -> Result<Vec<&'static str>, Refusal> {
        let moves = DisableAgentTools.propose(&assignment(), &input(), state, &Facts::default())?;
        Ok(moves.iter().map(|one| one.call().map_or("wait", |call| call.operation().name)).collect())
    }

    use Enabled::{Disabled, Enabled as On};

    #[test]
    fn what_is_enabled_is_disabled_and_the_draft_prepared() {
        let calls = ["UpdateAgentActionGroup", "UpdateAgentKnowledgeBase", "PrepareAgent", "wait"];
        let some = [("A", On, true), ("B", Disabled, true)];
        assert_eq!(proposed(&state(Readiness::Ready, &some, &[("K", On)])), Ok(calls.to_vec()));
        let waiting = ["wait", "UpdateAgentActionGroup", "PrepareAgent", "wait"];
        assert_eq!(proposed(&state(Readiness::Passing, &some, &[])), Ok(waiting.to_vec()));
        assert_eq!(proposed(&state(Readiness::Never, &some, &[])), Ok(vec!["UpdateAgentActionGroup"]));
    }

    #[test]
    fn a_draft_whose_tools_are_off_is_only_prepared_where_that_is_missing() {
        let off = [("A", Disabled, true)];
        assert_eq!(proposed(&state(Readiness::Ready, &off, &[])), Ok(vec![]));
        assert_eq!(proposed(&state(Readiness::Never, &off, &[])), Ok(vec![]));
        assert_eq!(proposed(&state(Readiness::Stale, &off, &[])), Ok(vec!["PrepareAgent", "wait"]));
        assert_eq!(proposed(&state(Readiness::Edited, &off, &[])), Ok(vec![]), "edits of others stay where they are");
        let on = proposed(&state(Readiness::Edited, &[("A", On, true)], &[]));
        assert_eq!(on, Ok(vec!["UpdateAgentActionGroup", "PrepareAgent", "wait"]));
        assert_eq!(proposed(&State { draft: None }), Ok(vec![]));
        assert!(matches!(proposed(&state(Readiness::Failed, &off, &[])), Err(Refusal::ByHand { .. })));
    }

    #[test]
    fn what_cannot_be_repeated_is_left_to_a_person_after_the_rest() {
        let both = [("A", On, true), ("B", On, false)];
        let calls = ["UpdateAgentActionGroup", "PrepareAgent", "wait"];
        assert_eq!(proposed(&state(Readiness::Ready, &both, &[])), Ok(calls.to_vec()));
        let rest = [("A", Disabled, true), ("B", On, false)];
        assert!(matches!(proposed(&state(Readiness::Ready, &rest, &[])), Err(Refusal::ByHand { .. })));
    }

    #[test]
    fn only_what_was_enabled_is_enabled_again() {
        let present = Present {
            action_groups: BTreeMap::from([
                ("A".to_owned(), PresentGroup { state: On, tool: Some(Confided::Whole(tool("A"))) }),
                ("B".to_owned(), PresentGroup { state: Disabled, tool: Some(Confided::Whole(tool("B"))) }),
                ("C".to_owned(), PresentGroup { state: On, tool: Some(Confided::Whole(tool("before"))) }),
            ]),
            knowledge_bases: BTreeMap::from([("K".to_owned(), PresentLink { state: On, description: None })]),
        };
        let off = [("A", Disabled, true), ("B", Disabled, true), ("C", Disabled, true)];
        let now = state(Readiness::Ready, &off, &[("K", Disabled)]);
        let asked = UndoRequest { now: jiff::Timestamp::UNIX_EPOCH, wrong_target: false };
        let moves = DisableAgentTools.restore(&assignment(), &input(), &present, &now, &now, &asked).expect("moves");
        let about: Vec<String> =
            moves.iter().filter_map(Move::call).map(|call| call.entity().id().to_owned()).collect();
        assert_eq!(about, ["A", "K", "RESEARCH01"]);
        let lost = DisableAgentTools.lost(&present, &now);
        assert_eq!(lost, ["action group C stays disabled: somebody has changed it since"]);
        let alone = state(Readiness::Ready, &off[2..], &[]);
        let refused = DisableAgentTools.restore(&assignment(), &input(), &present, &alone, &alone, &asked);
        assert!(matches!(refused, Err(Refusal::Changed { .. })), "{refused:?}");
    }
}
