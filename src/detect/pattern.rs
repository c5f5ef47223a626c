//! A pattern, ready to be held against events.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::json::BadJson;
use super::scalar::Scalar;
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
    /// Where there is no value anywhere.
    pub(super) absent: Vec<Absent>,
}

/// A path at which there is no value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Absent {
    pub(super) path: Vec<String>,
    /// What is asked there, as [`Question::written`].
    pub(super) written: Arc<str>,
}

/// What is asked of a value: one of its tests holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    pub(super) tests: Vec<Test>,
    /// All alternatives in the words of the pattern, on one line.
    pub(super) written: Arc<str>,
}

/// What is asked at a path.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Node {
    /// Of the value, all at once.
    pub(super) leaves: Vec<Question>,
    /// Of members.
    pub(super) fields: BTreeMap<String, Node>,
}

impl Conjunction {
    /// Asks at a path.
    pub(super) fn ask(&mut self, path: &[String], question: Question) {
        let node = path.iter().fold(&mut self.present, |node, name| node.fields.entry(name.clone()).or_default());
        node.leaves.push(question);
    }

    /// Both at once.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.present.take(&other.present);
        both.absent.extend(other.absent.iter().cloned());
        both
    }
}

impl Question {
    pub(super) fn holds(&self, value: &Scalar) -> bool {
        self.tests.iter().any(|test| test.holds(value))
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
