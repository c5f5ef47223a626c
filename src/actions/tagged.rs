//! Tags: one filter for all queries over things that carry them.
//!
//! AWS's lists do not tell the tags of what they list; each thing is asked for its own, by its ARN.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Look, LookError};
use crate::aws::{ListAgentTags, ListBedrockTags, ListQTags, Operation, Request as _};
use crate::base::{Arn, Region};

/// Whom to ask for the tags of things of a kind, which have an `arn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagged {
    /// Bedrock's agents: these, flows, prompts, knowledge bases.
    BedrockAgent,
    /// Bedrock itself: guardrails, jobs, throughput, deployments.
    Bedrock,
    /// Q Business.
    QBusiness,
}

/// What all queries over such things can be asked besides their own input.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaggedWith {
    /// Carries these tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Tagged {
    /// The operation that tells the tags of one.
    pub fn operation(self) -> &'static Operation {
        match self {
            Self::BedrockAgent => ListAgentTags::OPERATION,
            Self::Bedrock => ListBedrockTags::OPERATION,
            Self::QBusiness => ListQTags::OPERATION,
        }
    }

    /// The tags of what an ARN names; nothing where it has gone.
    async fn of(
        self,
        look: &Look<'_>,
        region: Region,
        arn: Arn,
    ) -> Result<Option<BTreeMap<String, String>>, LookError> {
        match self {
            Self::BedrockAgent => look.find(ListAgentTags { region, arn }).await,
            Self::Bedrock => look.find(ListBedrockTags { region, arn }).await,
            Self::QBusiness => look.find(ListQTags { region, arn }).await,
        }
    }

    /// Those of the items that carry the tags. What has gone meanwhile carries none.
    pub(super) async fn carrying(
        self,
        look: &Look<'_>,
        region: &Region,
        items: Vec<Value>,
        wanted: &TaggedWith,
    ) -> Result<Vec<Value>, LookError> {
        if wanted.tags.is_empty() {
            return Ok(items);
        }
        let carries = items.into_iter().map(async |item| {
            let arn = item.get("arn").and_then(Value::as_str).unwrap_or_default();
            let arn: Arn = arn.parse().map_err(|bad| LookError::Nonsense(format!("{bad}")))?;
            let tags = self.of(look, region.clone(), arn).await?.unwrap_or_default();
            Ok::<_, LookError>(self.has_all(&tags, &wanted.tags).then_some(item))
        });
        Ok(try_join_all(carries).await?.into_iter().flatten().collect())
    }

    /// Keys of Q Business's tags are the same whatever their case.
    fn has_all(self, tags: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
        let is_key = |one: &str, other: &str| match self {
            Self::QBusiness => one.eq_ignore_ascii_case(other),
            Self::BedrockAgent | Self::Bedrock => one == other,
        };
        wanted.iter().all(|(key, value)| tags.iter().any(|(known, is)| is_key(known, key) && is == value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_that_filters_by_tags_declares_that_it_reads_them() {
        let mut known = 0;
        for query in super::super::registry().queries() {
            let Some(tagged) = query.tagged() else { continue };
            known += 1;
            assert!(query.reads().contains(&tagged.operation()) && query.regional(), "{}", query.name());
            assert!(query.item_schema().to_value()["properties"].get("arn").is_some(), "{}", query.name());
            assert!(query.page().contains("`tags`") && query.summary().contains("tag"), "{}", query.name());
        }
        assert!(known > 10, "{known}");
    }

    #[test]
    fn all_tags_that_are_asked_for_have_to_be_there() {
        let tags = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let is: BTreeMap<String, String> = tags(&[("Team", "red"), ("stage", "live")]);
        assert!(Tagged::Bedrock.has_all(&is, &tags(&[("Team", "red")])));
        assert!(Tagged::Bedrock.has_all(&is, &tags(&[("Team", "red"), ("stage", "live")])));
        assert!(!Tagged::Bedrock.has_all(&is, &tags(&[("Team", "red"), ("owner", "me")])));
        assert!(!Tagged::Bedrock.has_all(&is, &tags(&[("Team", "blue")])));
        assert!(!Tagged::Bedrock.has_all(&is, &tags(&[("team", "red")])));
        assert!(Tagged::QBusiness.has_all(&is, &tags(&[("team", "red")])));
    }
}
