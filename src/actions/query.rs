//! What a query is.

use std::future::Future;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Assignment, Look, LookError, Maker, Making, Tagged};
use crate::aws::Operation;
use crate::base::Region;

/// A read that a runbook fans out over. Asked while planning, and once more after the last step of a run.
pub trait Query: Send + Sync + 'static {
    /// What a runbook writes under `with:`.
    type Input: Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// One item of the answer. Its schema types the expressions that use it.
    type Item: Serialize + DeserializeOwned + JsonSchema + Send + Sync;

    /// The name in runbooks, such as `bedrock.agents`.
    const NAME: &'static str;
    /// One sentence for lists.
    const SUMMARY: &'static str;
    /// The reference page. Markdown.
    const PAGE: &'static str;
    /// The operations that it may use.
    const READS: &'static [&'static Operation];
    /// Whether it is asked in each Region of the step, or once.
    const REGIONAL: bool;
    /// How long it may take until what happened is in the answer, where that is more than a moment: the answer is complete
    /// until so long ago.
    const LAG: Option<SignedDuration> = None;
    /// Whether what it finds is evidence: a run keeps it in full before it destroys anything, and does not ask again at its end
    /// what is left of it.
    const KEEPS: bool = false;
    /// By which calls what it finds is made, where somebody makes it. The input then has the members of
    /// [`MadeBy`](super::MadeBy) as well, and items say who made them: [`answered`](super::answered) does that for all queries
    /// alike. Items need an `id`, which the reply to the call holds, and `created_at`.
    const MADE: Option<Making> = None;

    /// Whom to ask for the tags of what it finds, where that carries any. The input then has the members of
    /// [`TaggedWith`](super::TaggedWith) as well, and [`answered`](super::answered) goes by them. Items need an `arn`.
    const TAGGED: Option<Tagged> = None;

    /// The key of an item: unique in the answer and immutable, so that a re-created namesake is another item.
    fn key(&self, item: &Self::Item) -> String;

    /// Who made an item, where the query finds that out by itself, for each kind of thing in another way, and was asked. It has
    /// [`MadeBy`](super::MadeBy)'s members in its own input then, and `created_by` and `theirs` in its items.
    fn maker(&self, _item: &Self::Item) -> Option<Maker> {
        None
    }

    /// Asks. `region` is given for regional queries.
    fn ask(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Answer<Self::Item>, LookError>> + Send;

    /// What a run keeps as evidence: all of it, where an item says only what a plan may show. Asked where [`Query::KEEPS`].
    fn keep(
        &self,
        _to: &Assignment,
        _look: &Look<'_>,
        _region: Option<&Region>,
        _input: &Self::Input,
    ) -> impl Future<Output = Result<Vec<Value>, LookError>> + Send {
        std::future::ready(Ok(vec![]))
    }
}

/// What a query found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer<I> {
    /// What fits, in a stable order.
    pub items: Vec<I>,
    /// Why the list may be incomplete, if it may: such a sweep is a refusal.
    pub truncated: Option<String>,
}
