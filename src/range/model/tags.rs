//! Tags of what Bedrock and Q Business hold, by ARN. What IAM and Secrets Manager hold has its own.

use std::collections::BTreeMap;

use super::Account;

impl Account {
    /// The tags of what an ARN names in a Region; nothing where there is no such thing.
    pub(crate) fn tags_of(&mut self, region: &str, arn: &str) -> Option<&mut BTreeMap<String, String>> {
        let is_here = arn.split(':').nth(3) == Some(region);
        (is_here && self.has(arn)).then(|| self.tags.entry(arn.to_owned()).or_default())
    }

    /// All tags of what there is.
    pub(crate) fn all_tags(&self) -> BTreeMap<&str, &BTreeMap<String, String>> {
        let tagged = self.tags.iter().filter(|(arn, tags)| !tags.is_empty() && self.has(arn));
        tagged.map(|(arn, tags)| (arn.as_str(), tags)).collect()
    }

    /// Gives something that is being made its tags.
    pub(crate) fn tag(&mut self, arn: &str, tags: BTreeMap<String, String>) {
        if !tags.is_empty() {
            self.tags.insert(arn.to_owned(), tags);
        }
    }

    fn has(&self, arn: &str) -> bool {
        let words: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, _, region, account, name] = words[..] else { return false };
        let parts: Vec<&str> = name.split('/').collect();
        let key = |id: &str| (region.to_owned(), id.to_owned());
        account == self.id
            && match parts[..] {
                ["agent", id] => self.agents.contains_key(&key(id)),
                ["agent-alias", id, alias] => {
                    self.agents.get(&key(id)).is_some_and(|agent| agent.aliases.contains_key(alias))
                }
                ["flow", id] => self.flows.contains_key(&key(id)),
                ["prompt", id] => self.prompts.contains_key(&key(id)),
                ["knowledge-base", id] => self.knowledge_bases.contains_key(&key(id)),
                ["guardrail", id] => self.guardrails.contains_key(&key(id)),
                // The words for the kinds stand between the ids that lead to it.
                ["application", ..] => {
                    let path = parts.iter().skip(1).step_by(2).map(|id| (*id).to_owned()).collect();
                    let thing = self.q_things.get(&(region.to_owned(), path));
                    thing.is_some_and(|thing| self.q_arn(thing.kind, region, &thing.path) == arn)
                }
                _ => self.model_things.contains_key(arn),
            }
    }
}
