//! Makes what Amazon Bedrock itself holds in a scenario.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::range::model::{Guardrail, GuardrailStatus, GuardrailVersion, ModelKind, ModelThing};
use crate::range::scenario::{AccountSpec, GuardrailSpec, ModelThingKind, ModelThingSpec};

use super::build::Builder;
use super::state::later;

const MODEL: &str = "amazon.titan-text-lite-v1:0:4k";

impl Builder {
    /// Everything of Bedrock itself that an account holds.
    pub(super) fn models(&mut self, spec: &AccountSpec) {
        for log in &spec.invocation_logging {
            let config = Value::Object(log.config.clone());
            self.account.invocation_logging.insert(log.region.clone(), config);
        }
        for guardrail in &spec.guardrails {
            self.guardrail(guardrail);
        }
        for thing in &spec.model_things {
            self.model_thing(thing);
        }
    }

    fn guardrail(&mut self, spec: &GuardrailSpec) {
        let created = self.ago(spec.created_ago);
        let id = spec.id.clone().unwrap_or_else(|| self.dice.agent_id("guardrail", &spec.name).to_lowercase());
        let content = |more: &Map<String, Value>| {
            let given = json!({
                "name": spec.name, "blockedInputMessaging": "Not that.", "blockedOutputsMessaging": "Not that.",
            });
            let mut content = given.as_object().cloned().unwrap_or_default();
            content.extend(more.clone());
            content
        };
        let version = |spec: &crate::range::scenario::GuardrailVersionSpec| GuardrailVersion {
            content: content(&spec.members),
            created: self.ago(spec.created_ago),
        };
        let versions: BTreeMap<u32, GuardrailVersion> = (1..).zip(spec.versions.iter().map(version)).collect();
        let made = Guardrail {
            id: id.clone(),
            region: spec.region.clone(),
            draft: content(&spec.members),
            versions,
            status: GuardrailStatus::Ready,
            due: None,
            created,
            updated: spec.changed_ago.map_or(created, |ago| self.ago(ago)),
        };
        let arn = self.account.guardrail_arn(&spec.region, &id);
        self.account.tag(&arn, spec.tags.clone());
        self.account.guardrails.insert((spec.region.clone(), id), made);
    }

    fn model_thing(&mut self, spec: &ModelThingSpec) {
        let (created, account) = (self.ago(spec.created_ago), self.account.id.clone());
        let region = spec.region.as_str();
        let foundation = format!("arn:aws:bedrock:{region}::foundation-model/{MODEL}");
        let custom = format!("arn:aws:bedrock:{region}:{account}:custom-model/{MODEL}/abcdefghij01");
        let role = format!("arn:aws:iam::{account}:role/models");
        let output = json!({ "s3Uri": "s3://models/out/" });
        let (kind, at_work, given) = match spec.kind {
            ModelThingKind::CustomizationJob => (
                ModelKind::CustomizationJob,
                "InProgress",
                json!({
                    "baseModelArn": foundation, "customizationType": "FINE_TUNING", "outputModelName": spec.name,
                    "roleArn": role, "trainingDataConfig": { "s3Uri": "s3://models/in/" }, "outputDataConfig": output,
                    "validationDataConfig": { "validators": [] },
                }),
            ),
            ModelThingKind::InvocationJob => (
                ModelKind::InvocationJob,
                "InProgress",
                json!({
                    "modelId": foundation, "roleArn": role,
                    "inputDataConfig": { "s3InputDataConfig": { "s3Uri": "s3://models/in/" } },
                    "outputDataConfig": { "s3OutputDataConfig": output },
                }),
            ),
            ModelThingKind::ImportJob => {
                (ModelKind::ImportJob, "InProgress", json!({ "importedModelName": spec.name }))
            }
            ModelThingKind::Throughput => (
                ModelKind::Throughput,
                "InService",
                json!({
                    "modelArn": foundation, "desiredModelArn": foundation, "foundationModelArn": foundation,
                    "modelUnits": 1, "desiredModelUnits": 1,
                }),
            ),
            ModelThingKind::Deployment => (ModelKind::Deployment, "Active", json!({ "modelArn": custom })),
        };
        let mut shown = given.as_object().cloned().unwrap_or_default();
        if let Some(term) = spec.committed_for {
            shown.insert("commitmentDuration".to_owned(), json!("OneMonth"));
            shown.insert("commitmentExpirationTime".to_owned(), json!(later(self.now, term.0)));
        }
        shown.extend(spec.members.clone());
        let made_up = || format!("{}00", self.dice.agent_id("thing of models", &spec.name).to_lowercase());
        let id = spec.id.clone().unwrap_or_else(made_up);
        let path = if kind == ModelKind::CustomizationJob { format!("{MODEL}/{id}") } else { id };
        let arn = self.account.model_thing_arn(kind, region, &path);
        let made = ModelThing {
            kind,
            region: region.to_owned(),
            arn: arn.clone(),
            name: spec.name.clone(),
            shown,
            status: spec.status.clone().unwrap_or_else(|| at_work.to_owned()),
            due: None,
            going: false,
            created,
            updated: created,
        };
        let call = match kind {
            ModelKind::CustomizationJob => "CreateModelCustomizationJob",
            ModelKind::InvocationJob => "CreateModelInvocationJob",
            ModelKind::ImportJob => "CreateModelImportJob",
            ModelKind::Throughput => "CreateProvisionedModelThroughput",
            ModelKind::Deployment => "CreateCustomModelDeployment",
        };
        let told = json!({ "jobArn": arn });
        self.was_made_in_bedrock(spec.created_by.as_ref(), created, call, region, told);
        self.account.tag(&arn, spec.tags.clone());
        self.account.model_things.insert(arn, made);
    }
}
