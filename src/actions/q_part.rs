//! Deleting what an application of Q Business holds directly and on its own: what is particular to each kind, and what they
//! all do alike.

use std::time::Duration;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::q_contents::stage_of;
use super::{Assignment, Deletion, Doomed, Found, Look, LookError, QPartRef, Story};
use crate::aws::{Call, GetInApplication, Operation, QThing};
use crate::base::{Entity, EntityKind, Region};

/// A kind of thing that an application holds, and that nothing has to go before.
pub trait QPartKind: Send + Sync + 'static {
    /// See [`Deletion::Input`].
    type Input: Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// The look at one.
    type Get: GetInApplication;

    /// See [`Deletion::NAME`].
    const NAME: &'static str;
    /// See [`Deletion::SUMMARY`].
    const SUMMARY: &'static str;
    /// See [`Deletion::PAGE`].
    const PAGE: &'static str;
    /// See [`Deletion::READS`].
    const READS: &'static [&'static Operation];
    /// See [`Deletion::SENDS`].
    const SENDS: &'static [&'static Operation];
    /// The kind.
    const KIND: EntityKind;
    /// Whether AWS shows that one is on its way out.
    const SHOWS_GOING: bool = true;

    /// Which one is meant.
    fn part<'i>(&self, input: &'i Self::Input) -> &'i QPartRef;

    /// The call that deletes it.
    fn delete(&self, part: QPartRef) -> Call;

    /// See [`Deletion::tell`].
    fn tell(&self, found: Option<&QThing>) -> Story;
}

/// The action that deletes one.
pub struct DeleteQPart<K>(pub K);

/// What it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// All that AWS tells of it.
    pub thing: QThing,
}

impl<K: QPartKind> Deletion for DeleteQPart<K> {
    type Input = K::Input;
    type Part = String;
    type Present = Present;

    const CONFIDES: Option<&'static str> = Some("what Amazon Q is told of its plugins and says to people");
    const NAME: &'static str = K::NAME;
    const SUMMARY: &'static str = K::SUMMARY;
    const PAGE: &'static str = K::PAGE;
    const READS: &'static [&'static Operation] = K::READS;
    const SENDS: &'static [&'static Operation] = K::SENDS;
    const GOING: Duration = Duration::from_secs(15 * 60);

    fn region<'i>(&self, input: &'i K::Input) -> Option<&'i Region> {
        Some(&self.0.part(input).region)
    }

    fn entity(&self, input: &K::Input) -> Entity {
        self.0.part(input).entity(K::KIND)
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &K::Input,
    ) -> Result<Option<Found<String, Present>>, LookError> {
        let QPartRef { region, application, id } = self.0.part(input).clone();
        let Some(thing) = look.find(K::Get::of(region, application, id)).await? else {
            return Ok(None);
        };
        let doomed = Doomed::new(thing.created.to_string(), stage_of(&thing));
        Ok(Some(Found { doomed, present: Present { thing } }))
    }

    fn delete(&self, input: &K::Input) -> Call {
        self.0.delete(self.0.part(input).clone())
    }

    fn shows_going(&self, _: &Call) -> bool {
        K::SHOWS_GOING
    }

    fn tell(&self, _: &K::Input, found: Option<(&Doomed<String>, &Present)>) -> Story {
        self.0.tell(found.map(|(_, present)| &present.thing))
    }

    fn for_good(&self) -> String {
        "a new one would have another id, and Q Business takes no new customers; what the old one was is in the evidence"
            .to_owned()
    }
}
