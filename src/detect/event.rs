//! An event, as patterns see it.

use std::collections::BTreeMap;

use super::json::{BadJson, Json};
use super::scalar::Scalar;

/// An event: a JSON object. A member whose name has dots in it stands where a member of a member would, as EventBridge joins names.
#[derive(Debug, Clone, PartialEq)]
pub struct Event(pub(super) Tree);

/// What stands at a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    Leaf(Scalar),
    Array(Vec<Tree>),
    /// By name. A name stands for several where dots in names lead to it as well.
    Object(BTreeMap<String, Vec<Tree>>),
}

impl Event {
    /// Reads an event.
    ///
    /// # Errors
    /// Where it is no JSON object, or one that is nested too deeply.
    pub fn read(text: &str) -> Result<Self, BadJson> {
        match Json::read(text)? {
            object @ Json::Object(_) => Ok(Self(Tree::of(&object))),
            _ => Err(BadJson::NoObject),
        }
    }
}

impl Tree {
    fn of(json: &Json) -> Self {
        match json {
            Json::Array(items) => Self::Array(items.iter().map(Self::of).collect()),
            Json::Object(members) => {
                let mut by_name = BTreeMap::new();
                for (name, value) in members {
                    let names: Vec<&str> = name.split('.').collect();
                    put(&mut by_name, &names, Self::of(value));
                }
                Self::Object(by_name)
            }
            Json::Scalar(scalar) => Self::Leaf(scalar.clone()),
        }
    }
}

/// Puts a value where its name leads. Where dots lead to an object that is there as well, both are one; it stands first, so that nobody
/// can make us look for it among all the values that one name was given.
fn put(by_name: &mut BTreeMap<String, Vec<Tree>>, names: &[&str], value: Tree) {
    let [first, rest @ ..] = names else { return };
    let there = by_name.entry((*first).to_owned()).or_default();
    let known = match there.first_mut() {
        Some(Tree::Object(members)) => Some(members),
        _ => None,
    };
    match (known, value) {
        (Some(known), value) if !rest.is_empty() => put(known, rest, value),
        (Some(known), Tree::Object(members)) => {
            for (name, values) in members {
                values.into_iter().for_each(|value| put(known, &[&name], value));
            }
        }
        (None, value) if !rest.is_empty() => {
            let mut inner = BTreeMap::new();
            put(&mut inner, rest, value);
            there.insert(0, Tree::Object(inner));
        }
        (None, object @ Tree::Object(_)) => there.insert(0, object),
        (_, value) => there.push(value),
    }
}
