//! Guardrails of Amazon Bedrock, and putting content into their drafts.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::declare::request;
use super::ear::hear_words;
use super::own_words::hear_saying;
use super::{Accepted, Ask, Clients, Fault, Made, Operation, Page, Request, Service};
use crate::base::{Entity, EntityKind, GuardrailId, Region};

const GUARDRAIL: &str = "arn:{partition}:bedrock:{region}:{account}:guardrail/{id}";

/// The members that are said and shown alike.
const PLAIN: &[&str] = &["name", "description", "blockedInputMessaging", "blockedOutputsMessaging"];

/// A policy: as it is shown, as it is said, and the same of its parts.
struct Policy {
    shown: &'static str,
    said: &'static str,
    parts: &'static [(&'static str, &'static str)],
}

const POLICIES: &[Policy] = &[
    Policy {
        shown: "topicPolicy",
        said: "topicPolicyConfig",
        parts: &[("topics", "topicsConfig"), ("tier", "tierConfig")],
    },
    Policy {
        shown: "contentPolicy",
        said: "contentPolicyConfig",
        parts: &[("filters", "filtersConfig"), ("tier", "tierConfig")],
    },
    Policy {
        shown: "wordPolicy",
        said: "wordPolicyConfig",
        parts: &[("words", "wordsConfig"), ("managedWordLists", "managedWordListsConfig")],
    },
    Policy {
        shown: "sensitiveInformationPolicy",
        said: "sensitiveInformationPolicyConfig",
        parts: &[("piiEntities", "piiEntitiesConfig"), ("regexes", "regexesConfig")],
    },
    Policy {
        shown: "contextualGroundingPolicy",
        said: "contextualGroundingPolicyConfig",
        parts: &[("filters", "filtersConfig")],
    },
    Policy {
        shown: "automatedReasoningPolicy",
        said: "automatedReasoningPolicyConfig",
        parts: &[("policies", "policies"), ("confidenceThreshold", "confidenceThreshold")],
    },
];

/// The members that are about the guardrail and not its content.
const ABOUT: &[&str] = &[
    "guardrailId",
    "guardrailArn",
    "version",
    "status",
    "createdAt",
    "updatedAt",
    "statusReasons",
    "failureRecommendations",
];

fn guardrail_entity(guardrail: &GuardrailId) -> Entity {
    Entity::new(EntityKind::Guardrail, guardrail.as_str())
}

/// What a guardrail lets pass and what it says, with the members of UpdateGuardrail in AWS's own words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct GuardrailContent(Map<String, Value>);

impl GuardrailContent {
    /// The content out of what GetGuardrail shows. The error names a member that this version of quell cannot say.
    fn shown(words: &Value) -> Result<Self, String> {
        let shown = words.as_object().ok_or("it is no object")?;
        let mut content = Map::new();
        for (member, value) in shown.iter().filter(|(_, value)| !value.is_null()) {
            let member = member.as_str();
            if ABOUT.contains(&member) {
                continue;
            }
            if PLAIN.contains(&member) {
                content.insert(member.to_owned(), value.clone());
            } else if member == "kmsKeyArn" {
                content.insert("kmsKeyId".to_owned(), value.clone());
            } else if member == "crossRegionDetails" {
                let profile = value.get("guardrailProfileArn").or_else(|| value.get("guardrailProfileId"));
                let profile = profile.ok_or("`crossRegionDetails` names no profile")?;
                let config = Map::from_iter([("guardrailProfileIdentifier".to_owned(), profile.clone())]);
                content.insert("crossRegionConfig".to_owned(), Value::Object(config));
            } else if let Some(policy) = POLICIES.iter().find(|policy| policy.shown == member) {
                content.insert(policy.said.to_owned(), said_policy(value, policy)?);
            } else {
                return Err(format!("`{member}`"));
            }
        }
        Ok(Self(content))
    }

    /// A content in the words of UpdateGuardrail.
    pub fn said(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// Its members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The same, with members of another where it has none itself.
    pub fn keeping(mut self, other: &Self, members: &[&str]) -> Self {
        for member in members {
            if !self.0.contains_key(*member)
                && let Some(value) = other.0.get(*member)
            {
                self.0.insert((*member).to_owned(), value.clone());
            }
        }
        self
    }

    /// The same, with members as another has them, or has not.
    pub fn taking(mut self, other: &Self, members: &[&str]) -> Self {
        members.iter().for_each(|member| drop(self.0.remove(*member)));
        self.keeping(other, members)
    }

    /// Whether it says what `wanted` says: the same members, each with all that is wanted. AWS may fill in what a request leaves
    /// out, and in which order it tells is not said.
    pub fn says(&self, wanted: &Self) -> bool {
        let same = self.0.keys().all(|member| wanted.0.contains_key(member));
        same && wanted.0.iter().all(|(member, value)| self.0.get(member).is_some_and(|is| holds(is, value)))
    }

    /// A word for each policy in it.
    pub fn policies(&self) -> Vec<&str> {
        let mut policies: Vec<&str> = self.0.keys().filter_map(|name| name.strip_suffix("PolicyConfig")).collect();
        policies.sort_unstable();
        policies
    }

    /// The members in which two contents differ.
    pub fn differences<'c>(&'c self, other: &'c Self) -> Vec<&'c str> {
        let mut names: Vec<&str> = self.0.keys().chain(other.0.keys()).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| self.0.get(*name) != other.0.get(*name));
        names
    }
}

/// Whether a value holds all that another does.
fn holds(is: &Value, wanted: &Value) -> bool {
    match (is, wanted) {
        (Value::Object(is), Value::Object(wanted)) => {
            wanted.iter().all(|(name, value)| is.get(name).is_some_and(|is| holds(is, value)))
        }
        (Value::Array(is), Value::Array(wanted)) => {
            is.len() == wanted.len() && wanted.iter().all(|value| is.iter().any(|is| holds(is, value)))
        }
        _ => is == wanted,
    }
}

fn said_policy(value: &Value, policy: &Policy) -> Result<Value, String> {
    let Policy { shown: member, parts, .. } = policy;
    let shown = value.as_object().ok_or_else(|| format!("`{member}` is no object"))?;
    let mut said = Map::new();
    for (part, value) in shown.iter().filter(|(_, value)| !value.is_null()) {
        let known = parts.iter().find(|(shown, _)| *shown == part).ok_or_else(|| format!("`{member}.{part}`"))?;
        said.insert(known.1.to_owned(), value.clone());
    }
    Ok(Value::Object(said))
}

/// A guardrail's draft, or a numbered version of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Guardrail {
    /// The name that its maker gave it.
    pub name: String,
    /// When the guardrail was made; of a version, when the version was.
    pub created: Timestamp,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// What it lets pass and says; the error names what this version of quell cannot say.
    pub content: Result<GuardrailContent, String>,
    /// All of it, in AWS's own words.
    pub words: Value,
}

impl Guardrail {
    /// Whether it is changing at this moment.
    pub fn is_passing(&self) -> bool {
        ["CREATING", "UPDATING", "VERSIONING"].contains(&self.status.as_str())
    }

    /// Whether it is on its way out.
    pub fn is_leaving(&self) -> bool {
        self.status == "DELETING"
    }
}

/// Reads a guardrail (`bedrock:GetGuardrail`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetGuardrail {
    /// The Region.
    pub region: Region,
    /// The guardrail.
    pub guardrail: GuardrailId,
    /// The number of a version; the draft if left out.
    pub version: Option<u32>,
}

impl Request for GetGuardrail {
    const OPERATION: &'static Operation =
        &Operation::read(Service::Bedrock, "GetGuardrail").needs(&["bedrock:GetGuardrail"], GUARDRAIL);

    type Reply = Guardrail;

    fn entity(&self) -> Entity {
        guardrail_entity(&self.guardrail)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Guardrail>, Fault> {
        let request = to
            .bedrock(Some(&self.region))
            .get_guardrail()
            .guardrail_identifier(self.guardrail.as_str())
            .guardrail_version(self.version.map_or_else(|| super::DRAFT.to_owned(), |number| number.to_string()));
        hear_words!(Self::OPERATION, request, |out, words| Guardrail {
            name: out.name,
            created: super::timestamp(&out.created_at),
            status: out.status.as_str().to_owned(),
            content: GuardrailContent::shown(&words),
            words,
        })
    }
}

impl Ask for GetGuardrail {}

/// A guardrail in a list, or a version of the one that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuardrailSummary {
    /// The id.
    pub id: GuardrailId,
    /// The ARN.
    pub arn: String,
    /// The name that its maker gave it.
    pub name: String,
    /// `DRAFT`, or a number.
    pub version: String,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// When it was made; of a version, when the version was.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

request! {
    /// One page of the drafts of a Region's guardrails, or of all versions of one (`bedrock:ListGuardrails`).
    list ListGuardrails in a Region {
        /// The guardrail whose versions are listed.
        of: Option<GuardrailId>,
    } of GuardrailSummary,
    row: Operation::read(Service::Bedrock, "ListGuardrails").needs(&["bedrock:ListGuardrails"], "*"),
    about: |it| match &it.of {
        Some(guardrail) => guardrail_entity(guardrail),
        None => Entity::new(EntityKind::Account, "guardrails"),
    },
    send: |it, to| {
        let request = to.bedrock(Some(&it.region)).list_guardrails().max_results(100).set_next_token(it.next.clone());
        request.set_guardrail_identifier(it.of.as_ref().map(ToString::to_string))
    },
    reply: |out| {
        let items = out.guardrails.into_iter().map(|one| {
            Ok(GuardrailSummary {
                id: GuardrailId::new(one.id).map_err(|error| error.to_string())?,
                arn: one.arn,
                name: one.name,
                version: one.version,
                status: one.status.as_str().to_owned(),
                created: super::timestamp(&one.created_at),
                updated: super::timestamp(&one.updated_at),
            })
        });
        Ok(Page { items: items.collect::<Result<_, String>>()?, next: out.next_token })
    },
}

/// Replaces the draft of a guardrail (`bedrock:UpdateGuardrail`). Its numbered versions stay as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateGuardrail {
    /// The Region.
    pub region: Region,
    /// The guardrail.
    pub guardrail: GuardrailId,
    /// All that the draft then says.
    pub content: GuardrailContent,
}

impl Request for UpdateGuardrail {
    const OPERATION: &'static Operation = &Operation::reversible(Service::Bedrock, "UpdateGuardrail")
        .needs(&["bedrock:UpdateGuardrail"], GUARDRAIL)
        .never_blindly();

    type Reply = Made;

    fn entity(&self) -> Entity {
        guardrail_entity(&self.guardrail)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let body = serde_json::json!(self.content);
        let request = to.bedrock(Some(&self.region)).update_guardrail().guardrail_identifier(self.guardrail.as_str());
        hear_saying!(Self::OPERATION, request, body, |_| Made::new())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_shown_is_said_and_what_is_new_is_named() {
        let filters = json!([{ "type": "HATE", "inputStrength": "HIGH", "outputStrength": "HIGH" }]);
        let mut shown = json!({
            "name": "g", "guardrailId": "g1", "version": "DRAFT", "status": "READY", "kmsKeyArn": "k", "description": null,
            "contentPolicy": { "filters": filters, "tier": { "tierName": "CLASSIC" } },
            "crossRegionDetails": { "guardrailProfileId": "p", "guardrailProfileArn": "arn:p" },
        });
        let said = json!({
            "name": "g", "kmsKeyId": "k", "crossRegionConfig": { "guardrailProfileIdentifier": "arn:p" },
            "contentPolicyConfig": { "filtersConfig": filters, "tierConfig": { "tierName": "CLASSIC" } },
        });
        let content = GuardrailContent::shown(&shown).expect("content");
        assert_eq!(json!(content), said);
        assert_eq!(content.policies(), ["content"]);
        shown["contentPolicy"]["later"] = json!(1);
        assert_eq!(GuardrailContent::shown(&shown), Err("`contentPolicy.later`".to_owned()));
        let words = |value: Value| GuardrailContent(value.as_object().expect("an object").clone());
        let filled =
            json!([{ "type": "HATE", "inputStrength": "HIGH", "outputStrength": "HIGH", "inputAction": "BLOCK" }]);
        let (policy, other_policy) = (json!({ "filtersConfig": filled }), json!({ "filtersConfig": filters }));
        assert!(
            words(json!({ "contentPolicyConfig": policy }))
                .says(&words(json!({ "contentPolicyConfig": other_policy })))
        );
        assert!(!words(json!({ "contentPolicyConfig": policy })).says(&words(json!({}))));
        let other = GuardrailContent(Map::from_iter([("name".to_owned(), json!("g"))]));
        assert_eq!(content.differences(&other), ["contentPolicyConfig", "crossRegionConfig", "kmsKeyId"]);
    }
}
