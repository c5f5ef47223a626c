//! Things of which the range knows no more than what they were made with, and how far they are in their life.

#![expect(dead_code, reason = "the first services that keep things join with their actions")]

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// The kind of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub(crate) enum ThingKind {
    KnowledgeBase,
}

/// A thing that was made with some members and has a status: a data source, a retriever, a guardrail.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Thing {
    pub(crate) kind: ThingKind,
    pub(crate) region: String,
    /// The ids that lead to it, its own last.
    pub(crate) path: Vec<String>,
    /// What it was made with, as the service model has it.
    pub(crate) members: Map<String, Value>,
    /// In the service's words.
    pub(crate) status: &'static str,
    /// When that status ends by itself, and in what.
    pub(crate) then: Option<(Timestamp, Then)>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// What a thing turns into by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Then {
    /// It has another status.
    Is(&'static str),
    /// It is gone, with everything below it.
    Gone,
}

impl Thing {
    /// Its own id.
    pub(crate) fn id(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// Whether it changes by itself.
    pub(crate) fn is_passing(&self) -> bool {
        self.then.is_some()
    }

    /// A member that is text; empty when there is none.
    pub(crate) fn text(&self, member: &str) -> &str {
        self.members.get(member).and_then(Value::as_str).unwrap_or_default()
    }
}

/// All such things of an account.
#[derive(Debug, Default)]
pub(crate) struct Things(BTreeMap<(ThingKind, String, Vec<String>), Thing>);

impl Things {
    /// Puts a thing in its place.
    pub(crate) fn put(&mut self, thing: Thing) {
        self.0.insert((thing.kind, thing.region.clone(), thing.path.clone()), thing);
    }

    /// The thing at a place.
    pub(crate) fn get(&self, kind: ThingKind, region: &str, path: &[&str]) -> Option<&Thing> {
        self.0.get(&key(kind, region, path))
    }

    /// The thing at a place, to change it.
    pub(crate) fn get_mut(&mut self, kind: ThingKind, region: &str, path: &[&str]) -> Option<&mut Thing> {
        self.0.get_mut(&key(kind, region, path))
    }

    /// Takes a thing away at once, with everything below it.
    pub(crate) fn remove(&mut self, kind: ThingKind, region: &str, path: &[&str]) {
        let gone = key(kind, region, path);
        self.0.retain(|(_, region, path), _| !(*region == gone.1 && path.starts_with(&gone.2)));
    }

    /// The things of a kind below a path, oldest id first; below the empty path, all of the Region.
    pub(crate) fn below<'t>(
        &'t self,
        kind: ThingKind,
        region: &'t str,
        path: &'t [&str],
    ) -> impl Iterator<Item = &'t Thing> {
        self.all().filter(move |thing| {
            thing.kind == kind
                && thing.region == region
                && thing.path.len() > path.len()
                && thing.path.iter().zip(path).all(|(one, other)| one == other)
        })
    }

    /// Every thing.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Thing> {
        self.0.values()
    }

    /// Lets everything happen that is due.
    pub(crate) fn settle(&mut self, when: Timestamp) {
        let due: Vec<_> = self.0.iter().filter(|(_, thing)| thing.then.is_some_and(|(at, _)| at <= when)).collect();
        let due: Vec<_> = due.into_iter().map(|(key, thing)| (key.clone(), thing.then)).collect();
        for ((kind, region, path), then) in due {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            match (then, self.get_mut(kind, &region, &path)) {
                (Some((at, Then::Is(status))), Some(thing)) => {
                    thing.status = status;
                    thing.then = None;
                    thing.updated = at;
                }
                (Some((_, Then::Gone)), Some(_)) => self.remove(kind, &region, &path),
                _ => {}
            }
        }
    }
}

fn key(kind: ThingKind, region: &str, path: &[&str]) -> (ThingKind, String, Vec<String>) {
    (kind, region.to_owned(), path.iter().map(|id| (*id).to_owned()).collect())
}
