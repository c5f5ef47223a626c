//! `q.disable-plugin`: keeps a plugin of a Q Business application from acting, until it is enabled again.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Action, Assignment, Await, Condition, Confided, Confides, Facts, Look, LookError, Move, QPartRef, Refusal,
    Residual, Seen, Story, UndoRequest,
};
use crate::aws::{Enabled, GetQPlugin, Late, Operation, QPluginSettings, QThing, Request, UpdateQPlugin};
use crate::base::{Digest, Entity, EntityKind, Impact, Target, Touch};

/// How long a plugin may take to settle.
const SETTLING: Duration = Duration::from_secs(5 * 60);

/// Keeps a plugin of a Q Business application from acting, until it is enabled again.
pub struct DisableQPlugin;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The plugin.
    pub plugin: QPartRef,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The plugin, if it exists and is not being deleted.
    pub plugin: Option<Plugin>,
}

/// How a plugin stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plugin {
    /// When it was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// Whether it acts.
    pub state: Enabled,
    /// Whether it is changing at this moment.
    pub passing: bool,
    /// The digest of all but the state, where all of it can be repeated: the request that disables it may replace everything.
    pub settings: Option<Digest>,
    /// Of what kind it is, and where it sends what it is asked.
    #[serde(default)]
    pub leads_to: String,
}

/// What was there: the request repeats all of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// Whether it acted.
    pub state: Option<Enabled>,
    /// All of it but its state.
    pub settings: Option<Confided<QPluginSettings>>,
    /// All that AWS tells of it.
    pub thing: Option<QThing>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

fn without_words(present: Present) -> Present {
    let told = |words: &Value| {
        // Where it leads, for the words of an undo.
        let members = ["type", "serverUrl", "state"].iter();
        members.filter_map(|name| Some(((*name).to_owned(), words.get(name)?.clone()))).collect()
    };
    let without = |thing: QThing| QThing { words: Value::Object(told(&thing.words)), ..thing };
    Present {
        state: present.state,
        settings: present.settings.map(Confided::sealed),
        thing: present.thing.map(without),
    }
}

impl DisableQPlugin {
    /// The moves that bring the plugin to a state.
    fn bring(to: &Assignment, input: &Input, plugin: &Plugin, wanted: Enabled) -> Result<Vec<Move>, Refusal> {
        let settled = || {
            let what = to.place.target(Some(&input.plugin.region), input.plugin.entity(EntityKind::QPlugin));
            Move::Await(Await { what, until: Condition::Settled, within: SETTLING })
        };
        let waiting = plugin.passing.then(settled);
        if plugin.state == wanted {
            return Ok(waiting.into_iter().collect());
        }
        if plugin.settings.is_none() {
            let word = if wanted == Enabled::Disabled { "Disable" } else { "Enable" };
            return Err(Refusal::ByHand {
                why: format!("plugin {} holds what this version of quell cannot repeat", input.plugin.id),
                instructions: vec![format!(
                    "{word} the plugin {} of the application {} in the console of Q Business",
                    input.plugin.id, input.plugin.application
                )],
            });
        }
        let QPartRef { region, application, id } = input.plugin.clone();
        let update = UpdateQPlugin { region, application, id, settings: Late::echo("/settings"), state: wanted };
        Ok(waiting.into_iter().chain([update.into(), settled()]).collect())
    }
}

impl Action for DisableQPlugin {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const CONFIDES: Option<Confides<Self::Present>> =
        Some(Confides { what: "what Amazon Q is told of its plugins", without: without_words });
    const NAME: &'static str = "q.disable-plugin";
    const SUMMARY: &'static str = "Keep a plugin of a Q Business application from acting";
    const PAGE: &'static str = include_str!("q_disable_plugin.md");
    const READS: &'static [&'static Operation] = &[GetQPlugin::OPERATION];
    const SENDS: &'static [&'static Operation] = &[UpdateQPlugin::OPERATION];
    const ENVELOPE: usize = 5;
    const TIMEOUT: Duration = Duration::from_secs(15 * 60);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.plugin.region), input.plugin.entity(EntityKind::QPlugin))
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.plugin.entity(EntityKind::QPlugin), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let QPartRef { region, application, id } = input.plugin.clone();
        let found = look.find(GetQPlugin { region, application, id }).await?.filter(|plugin| !plugin.is_leaving());
        let Some(thing) = found else {
            return Ok(Seen { state: State { plugin: None }, present: Present::default(), context: Context {} });
        };
        let state = match thing.text("state") {
            Some("ENABLED") => Enabled::Enabled,
            Some("DISABLED") => Enabled::Disabled,
            other => return Err(LookError::Nonsense(format!("a plugin is `{}`", other.unwrap_or("nothing")))),
        };
        let settings = QPluginSettings::of(&thing);
        let plugin = Plugin {
            created: thing.created,
            state,
            passing: thing.is_passing(),
            settings: settings.as_ref().map(Digest::of),
            leads_to: leads_to(&thing),
        };
        let present = Present { state: Some(state), settings: settings.map(Confided::Whole), thing: Some(thing) };
        Ok(Seen { state: State { plugin: Some(plugin) }, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        match &state.plugin {
            None => Ok(vec![]),
            Some(plugin) => Self::bring(to, input, plugin, Enabled::Disabled),
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
        let (Some(plugin), Some(Enabled::Enabled)) = (&state.plugin, present.state) else { return Ok(vec![]) };
        let moves = Self::bring(to, input, plugin, Enabled::Enabled)?;
        let changed = |now: String| Refusal::Changed {
            before: format!("enabled, {}", present.thing.as_ref().map(leads_to).unwrap_or_default()),
            left: "the same, disabled".to_owned(),
            now,
        };
        if !moves.is_empty() && !self.same_thing(left, state) {
            return Err(changed(format!("another plugin of the same id, {}", plugin.leads_to)));
        }
        // It would act for people in a way that somebody else has set up.
        let is_off = plugin.state == Enabled::Disabled;
        if is_off && !moves.is_empty() && present.settings.as_ref().map(Confided::digest) != plugin.settings {
            return Err(changed(format!("disabled, and set up otherwise by somebody else: {}", plugin.leads_to)));
        }
        Ok(moves)
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.plugin, &now.plugin) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let thing = seen.present.thing.as_ref();
        let enabled = seen.present.state == Some(Enabled::Enabled);
        Story {
            now: match thing {
                None => "gone".to_owned(),
                Some(plugin) => format!(
                    "`{}`, {}, {}",
                    plugin.name.as_deref().unwrap_or("?"),
                    leads_to(plugin),
                    if enabled { "enabled" } else { "disabled" },
                ),
            },
            does: "disable it, all else repeated".to_owned(),
            impact: if enabled { Impact::Degrades } else { Impact::NoneSeen },
            because: match enabled {
                true => "people who chat can no longer have it act for them".to_owned(),
                false => "it is not enabled".to_owned(),
            },
            undo: "the plugin is enabled again".to_owned(),
            residual: vec![
                Residual::stays("what the plugin already did, and the secret and role that it signs in with"),
                Residual::again(format!(
                    "whoever may call UpdatePlugin on the application {}",
                    input.plugin.application
                )),
            ],
            notes: vec![],
            unread: vec![],
        }
    }
}

/// Of what kind a plugin is, and where it sends what it is asked.
fn leads_to(plugin: &QThing) -> String {
    let server = plugin.text("serverUrl").unwrap_or("AWS's own endpoint");
    format!("{} to {server}", plugin.text("type").unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    fn to() -> Assignment {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        Assignment { incident: "INC-1".parse().expect("an incident"), place }
    }

    fn input() -> Input {
        let id = |n: u8| format!("a1b2c3d4-5678-90ab-cdef-example{n:05}").parse().expect("an id");
        let region = "us-east-1".parse().expect("a Region");
        Input { plugin: QPartRef { region, application: id(1), id: id(2) } }
    }

    fn settings(name: &str) -> QPluginSettings {
        let settings = serde_json::json!({ "displayName": name, "authConfiguration": { "noAuthConfiguration": {} } });
        serde_json::from_value(settings).expect("settings")
    }

    fn state(state: Enabled, passing: bool, repeatable: bool) -> State {
        let settings = repeatable.then(|| Digest::of(&settings("tickets")));
        let (created, leads_to) = (jiff::Timestamp::UNIX_EPOCH, "CUSTOM to somewhere".to_owned());
        State { plugin: Some(Plugin { created, state, passing, settings, leads_to }) }
    }

    fn sends(moves: &[Move]) -> Vec<bool> {
        moves.iter().map(|one| one.call().is_some()).collect()
    }

    #[test]
    fn an_enabled_plugin_is_disabled_and_waited_for() {
        let proposed = |state| DisableQPlugin.propose(&to(), &input(), &state, &Facts::default());
        let moves = |enabled, passing| sends(&proposed(state(enabled, passing, true)).expect("moves"));
        assert_eq!(moves(Enabled::Enabled, false), [true, false]);
        assert_eq!(moves(Enabled::Enabled, true), [false, true, false]);
        assert_eq!(moves(Enabled::Disabled, true), [false]);
        assert_eq!(moves(Enabled::Disabled, false), [] as [bool; 0]);
        assert!(matches!(proposed(state(Enabled::Enabled, false, false)), Err(Refusal::ByHand { .. })));
        assert_eq!(proposed(State { plugin: None }), Ok(vec![]));
    }

    #[test]
    fn only_what_was_enabled_is_enabled_again() {
        let asked = UndoRequest { now: jiff::Timestamp::UNIX_EPOCH, wrong_target: false };
        let now = state(Enabled::Disabled, false, true);
        let restored = |was, name| {
            let present =
                Present { state: Some(was), settings: Some(Confided::Whole(settings(name))), ..Present::default() };
            DisableQPlugin.restore(&to(), &input(), &present, &now, &now, &asked)
        };
        let sent = |was| sends(&restored(was, "tickets").expect("moves"));
        assert_eq!(sent(Enabled::Enabled), [true, false]);
        assert_eq!(sent(Enabled::Disabled), [] as [bool; 0]);
        let set_up_otherwise = restored(Enabled::Enabled, "other");
        assert!(matches!(set_up_otherwise, Err(Refusal::Changed { .. })), "{set_up_otherwise:?}");
    }
}
