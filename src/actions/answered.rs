//! The one way to ask a query: what fits its own input, carries the tags, and was not made by others.

use serde_json::{Value, json};

use super::look::of_region;
use super::makers::{LeftAlone, Maker, Makers, NOT_KNOWN, NoMaker, Trail, told};
use super::shared_input::Parts;
use super::{AnyQuery, Assignment, BadInput, Look, LookError};
use crate::base::Region;

/// What a query answers, with what is known of the makers.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// What fits, in a stable order. Where the query knows how such things are made, each item has `theirs` and, where makers
    /// were asked for, `created_by`.
    pub items: Vec<Value>,
    /// The keys of the items.
    pub keys: Vec<String>,
    /// See [`super::Answer::truncated`].
    pub truncated: Option<String>,
    /// What is known of the makers besides.
    pub makers: Makers,
}

/// Asks a query, the tags of what it found and CloudTrail for the makers, where these matter.
pub async fn answered(
    query: &dyn AnyQuery,
    to: &Assignment,
    look: Look<'_>,
    region: Option<&Region>,
    input: &Value,
) -> Result<Answered, LookError> {
    let nonsense = |bad: BadInput| LookError::Nonsense(bad.to_string());
    let parts = Parts::of(query, input).map_err(nonsense)?;
    let found = query.ask(to, look, region, input).await?;
    let items = match query.tagged() {
        Some(tagged) => tagged.carrying(&look, of_region(region)?, found.items, &parts.tagged_with).await?,
        None => found.items,
    };
    let mut answer = Answered { items: vec![], keys: vec![], truncated: found.truncated, makers: Makers::default() };
    let asked = query.made().map(|making| (making, parts.made_by));
    answer.makers.lacking = look.lacking().map(str::to_owned);
    let trail = match &asked {
        Some((making, asked)) if !asked.created_by.is_empty() => {
            Some(Trail::of(*making, to, look, region, &items).await?)
        }
        _ => None,
    };
    for mut item in items {
        let key = query.key(&item).map_err(nonsense)?;
        let maker = match &asked {
            Some((_, asked)) => trail.as_ref().map(|trail| trail.maker(&item, asked, to)),
            None => query.maker(&item).map_err(nonsense)?,
        };
        let even_if_unknown = asked.as_ref().is_some_and(|(_, asked)| asked.even_if_unknown);
        let (by, theirs) = match maker {
            None => (None, true),
            Some(Maker::Theirs(by)) => (Some(by), true),
            Some(Maker::Others(by)) => {
                answer.makers.left_alone.push(LeftAlone {
                    key,
                    what: told(&item).replace(&format!(" by {by}"), ""),
                    by,
                });
                continue;
            }
            Some(Maker::NotKnown(why)) => {
                answer.makers.not_known.push(NoMaker { key: key.clone(), what: told(&item), why });
                (Some(NOT_KNOWN.to_owned()), even_if_unknown)
            }
        };
        // A query that knows its makers by itself has these members of its own.
        if let Some(members) = item.as_object_mut().filter(|_| asked.is_some()) {
            members.extend(by.map(|by| ("created_by".to_owned(), json!(by))));
            members.insert("theirs".to_owned(), json!(theirs));
        }
        answer.items.push(item);
        answer.keys.push(key);
    }
    answer.makers.not_read = trail.and_then(|trail| trail.gaps.not_read);
    Ok(answer)
}
