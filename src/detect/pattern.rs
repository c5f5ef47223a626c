//! A pattern, ready to be held against events.

use std::collections::BTreeMap;

use super::json::BadJson;
use super::test::Test;

/// An event pattern of Amazon EventBridge.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(pub(super) Vec<Conjunction>);

/// Why a text is no pattern.
#[derive(Debug, thiserror::Error)]
pub enum BadPattern {
    /// It cannot be read.
    #[error(transparent)]
    Json(#[from] BadJson),
    /// AWS would reject it.
    #[error("`{place}`: {why}")]
    Rejected {
        /// Where, as a path of names.
        place: String,
        /// Why, as a sentence without its end.
        why: String,
    },
}

/// What has to hold all at once: one way through the alternatives of every `$or`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Conjunction {
    /// What is asked of what is there.
    pub(super) present: Node,
    /// Paths at which there is no value anywhere.
    pub(super) absent: Vec<Vec<String>>,
}

/// What is asked at a path.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Node {
    /// Of the value: one test of each of these holds.
    pub(super) leaves: Vec<Vec<Test>>,
    /// Of members.
    pub(super) fields: BTreeMap<String, Node>,
}

impl Conjunction {
    /// Asks for one of some tests at a path.
    pub(super) fn ask(&mut self, path: &[String], tests: Vec<Test>) {
        let node = path.iter().fold(&mut self.present, |node, name| node.fields.entry(name.clone()).or_default());
        node.leaves.push(tests);
    }

    /// Both at once.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.present.take(&other.present);
        both.absent.extend(other.absent.iter().cloned());
        both
    }
}

impl Node {
    fn take(&mut self, other: &Self) {
        self.leaves.extend(other.leaves.iter().cloned());
        for (name, field) in &other.fields {
            self.fields.entry(name.clone()).or_default().take(field);
        }
    }
}
