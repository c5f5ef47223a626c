//! Whether an event matches.

use std::collections::BTreeMap;

use super::event::{Event, Tree};
use super::pattern::{Conjunction, Node, Pattern};
use super::scalar::Scalar;

impl Pattern {
    /// Whether the event matches, as EventBridge decides it: what is asked of members of objects in one array has to hold of one and the
    /// same of them.
    pub fn matches(&self, event: &Event) -> bool {
        self.0.iter().any(|one| one.matches(&event.0))
    }
}

impl Conjunction {
    fn matches(&self, event: &Tree) -> bool {
        holds(&self.present, event) && !self.absent.iter().any(|absent| any_value(&absent.path, event, &mut |_| true))
    }
}

pub(super) fn holds(node: &Node, tree: &Tree) -> bool {
    match tree {
        Tree::Array(items) => items.iter().any(|item| holds(node, item)),
        Tree::Leaf(value) => node.fields.is_empty() && node.leaves.iter().all(|question| question.holds(value)),
        Tree::Object(members) => {
            let all_of = |(name, field): (&String, &Node)| named(members, name).any(|tree| holds(field, tree));
            node.leaves.is_empty() && node.fields.iter().all(all_of)
        }
    }
}

fn named<'t>(members: &'t BTreeMap<String, Vec<Tree>>, name: &str) -> impl Iterator<Item = &'t Tree> {
    members.get(name).into_iter().flatten()
}

/// Whether one of the values at a path, in whichever element of an array, is as it should be.
pub(super) fn any_value(path: &[String], tree: &Tree, is_right: &mut impl FnMut(&Scalar) -> bool) -> bool {
    match (tree, path) {
        (Tree::Array(items), _) => items.iter().any(|item| any_value(path, item, is_right)),
        (Tree::Leaf(value), path) => path.is_empty() && is_right(value),
        (Tree::Object(members), [first, rest @ ..]) => {
            named(members, first).any(|tree| any_value(rest, tree, is_right))
        }
        (Tree::Object(_), []) => false,
    }
}
