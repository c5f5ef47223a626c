//! What uses models of Amazon Bedrock, or makes them: jobs, throughput that was bought, deployments of custom models.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::declare::request;
use super::ear::hear_words;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Request, Service};
use crate::base::{
    CustomizationJobArn, Entity, EntityKind, InvocationJobArn, ModelDeploymentArn, ProvisionedThroughputArn, Region,
};

const CUSTOMIZATION_JOB: &str = "arn:{partition}:bedrock:{region}:{account}:model-customization-job/{id}";
const INVOCATION_JOB: &str = "arn:{partition}:bedrock:{region}:{account}:model-invocation-job/{id}";
const THROUGHPUT: &str = "arn:{partition}:bedrock:{region}:{account}:provisioned-model/{id}";
const DEPLOYMENT: &str = "arn:{partition}:bedrock:{region}:{account}:custom-model-deployment/{id}";

/// A job, throughput or deployment, as AWS tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelThing {
    /// The name that its maker gave it.
    pub name: String,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// When it was made.
    pub created: Timestamp,
    /// All of it, in AWS's own words.
    pub words: Value,
}

impl ModelThing {
    /// A text that AWS tells of it.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.words.get(member)?.as_str()
    }

    /// A time that AWS tells of it.
    pub fn time(&self, member: &str) -> Option<Timestamp> {
        self.text(member)?.parse().ok()
    }

    /// Whether it is changing by itself.
    pub fn is_passing(&self) -> bool {
        ["Creating", "Updating"].contains(&self.status.as_str())
    }

    /// Whether it is a job that has ended.
    pub fn has_ended(&self) -> bool {
        has_ended(&self.status)
    }
}

/// Whether the status of a job says that it has ended.
fn has_ended(status: &str) -> bool {
    ["Completed", "PartiallyCompleted", "Failed", "Stopped", "Expired"].contains(&status)
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobSummary {
    /// The ARN.
    pub arn: String,
    /// The name that its maker gave it.
    pub name: String,
    /// How far it is, in AWS's word.
    pub status: String,
    /// When it was asked for.
    pub created: Timestamp,
    /// The model that it invokes, customizes or makes, where the list tells it.
    pub model: String,
    /// The role that it works as, where the list tells it.
    pub role: String,
}

impl JobSummary {
    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        has_ended(&self.status)
    }
}

fn jobs(what: &str) -> Entity {
    Entity::new(EntityKind::Account, what)
}

macro_rules! look_at_model_thing {
    (
        $named:literal, $get:ident = $operation:literal $method:ident($set:ident: $arn:ty), needs $resource:expr, as $kind:ident,
        |$out:ident| ($name:expr, $status:expr, $created:expr)
    ) => {
        #[doc = concat!("Reads ", $named, " (`bedrock:", $operation, "`).")]
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $get {
            /// The Region.
            pub region: Region,
            /// The ARN.
            pub arn: $arn,
        }

        impl Request for $get {
            const OPERATION: &'static Operation =
                &Operation::read(Service::Bedrock, $operation).needs(&[concat!("bedrock:", $operation)], $resource);

            type Reply = ModelThing;

            fn entity(&self) -> Entity {
                Entity::new(EntityKind::$kind, self.arn.id())
            }

            fn region(&self) -> Option<&Region> {
                Some(&self.region)
            }

            async fn send(&self, to: &Clients) -> Result<Accepted<ModelThing>, Fault> {
                let request = to.bedrock(Some(&self.region)).$method().$set(self.arn.as_str());
                hear_words!(Self::OPERATION, request, |$out, words| ModelThing {
                    name: $name,
                    status: $status,
                    created: super::timestamp(&$created),
                    words,
                })
            }
        }

        impl Ask for $get {}
    };
}

look_at_model_thing!(
    "a job that makes a custom model",
    GetCustomizationJob = "GetModelCustomizationJob" get_model_customization_job(job_identifier: CustomizationJobArn),
    needs CUSTOMIZATION_JOB, as CustomizationJob,
    |out| (
        out.job_name,
        out.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        out.creation_time
    )
);

look_at_model_thing!(
    "a job that invokes a model for many prompts",
    GetInvocationJob = "GetModelInvocationJob" get_model_invocation_job(job_identifier: InvocationJobArn),
    needs INVOCATION_JOB, as InvocationJob,
    |out| (
        out.job_name.unwrap_or_default(),
        out.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        out.submit_time
    )
);

look_at_model_thing!(
    "provisioned throughput",
    GetProvisionedThroughput = "GetProvisionedModelThroughput"
        get_provisioned_model_throughput(provisioned_model_id: ProvisionedThroughputArn),
    needs THROUGHPUT, as ProvisionedThroughput,
    |out| (out.provisioned_model_name, out.status.as_str().to_owned(), out.creation_time)
);

look_at_model_thing!(
    "a deployment of a custom model",
    GetModelDeployment = "GetCustomModelDeployment"
        get_custom_model_deployment(custom_model_deployment_identifier: ModelDeploymentArn),
    needs DEPLOYMENT, as ModelDeployment,
    |out| (out.model_deployment_name, out.status.as_str().to_owned(), out.created_at)
);

request! {
    /// One page of the jobs of a Region that make custom models (`bedrock:ListModelCustomizationJobs`).
    list ListCustomizationJobs in a Region {} of JobSummary,
    row: Operation::read(Service::Bedrock, "ListModelCustomizationJobs")
        .needs(&["bedrock:ListModelCustomizationJobs"], "*"),
    about: |_it| jobs("customization jobs"),
    send: |it, to| {
        let request = to.bedrock(Some(&it.region)).list_model_customization_jobs();
        request.max_results(100).set_next_token(it.next.clone())
    },
    reply: |out| {
        let items = out.model_customization_job_summaries.unwrap_or_default().into_iter().map(|job| JobSummary {
            arn: job.job_arn,
            name: job.job_name,
            status: job.status.as_str().to_owned(),
            created: super::timestamp(&job.creation_time),
            model: job.base_model_arn,
            role: String::new(),
        });
        Ok(Page { items: items.collect(), next: out.next_token })
    },
}

request! {
    /// One page of the jobs of a Region that invoke models for many prompts (`bedrock:ListModelInvocationJobs`).
    list ListInvocationJobs in a Region {} of JobSummary,
    row: Operation::read(Service::Bedrock, "ListModelInvocationJobs").needs(&["bedrock:ListModelInvocationJobs"], "*"),
    about: |_it| jobs("invocation jobs"),
    send: |it, to| {
        let request = to.bedrock(Some(&it.region)).list_model_invocation_jobs();
        request.max_results(100).set_next_token(it.next.clone())
    },
    reply: |out| {
        let items = out.invocation_job_summaries.unwrap_or_default().into_iter().map(|job| JobSummary {
            arn: job.job_arn,
            name: job.job_name,
            status: job.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            created: super::timestamp(&job.submit_time),
            model: job.model_id,
            role: job.role_arn,
        });
        Ok(Page { items: items.collect(), next: out.next_token })
    },
}

request! {
    /// One page of the jobs of a Region that bring models in from elsewhere (`bedrock:ListModelImportJobs`).
    list ListImportJobs in a Region {} of JobSummary,
    row: Operation::read(Service::Bedrock, "ListModelImportJobs").needs(&["bedrock:ListModelImportJobs"], "*"),
    about: |_it| jobs("import jobs"),
    send: |it, to| {
        let request = to.bedrock(Some(&it.region)).list_model_import_jobs();
        request.max_results(100).set_next_token(it.next.clone())
    },
    reply: |out| {
        let items = out.model_import_job_summaries.unwrap_or_default().into_iter().map(|job| JobSummary {
            arn: job.job_arn,
            name: job.job_name,
            status: job.status.as_str().to_owned(),
            created: super::timestamp(&job.creation_time),
            model: job.imported_model_name.unwrap_or_default(),
            role: String::new(),
        });
        Ok(Page { items: items.collect(), next: out.next_token })
    },
}

/// Provisioned throughput in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThroughputSummary {
    /// The ARN.
    pub arn: ProvisionedThroughputArn,
    /// The name that its maker gave it.
    pub name: String,
    /// The ARN of the model.
    pub model: String,
    /// How many units were bought.
    pub units: i64,
    /// How long it was bought for, in AWS's word; empty where it is paid by the hour.
    pub commitment: String,
    /// Until when it was bought.
    pub committed_until: Option<Timestamp>,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// When it was bought.
    pub created: Timestamp,
}

request! {
    /// One page of the provisioned throughput of a Region (`bedrock:ListProvisionedModelThroughputs`).
    list ListProvisionedThroughputs in a Region {} of ThroughputSummary,
    row: Operation::read(Service::Bedrock, "ListProvisionedModelThroughputs")
        .needs(&["bedrock:ListProvisionedModelThroughputs"], "*"),
    about: |_it| jobs("provisioned throughput"),
    send: |it, to| {
        let request = to.bedrock(Some(&it.region)).list_provisioned_model_throughputs();
        request.max_results(100).set_next_token(it.next.clone())
    },
    reply: |out| {
        let items = out.provisioned_model_summaries.unwrap_or_default().into_iter().map(|one| {
            Ok(ThroughputSummary {
                arn: ProvisionedThroughputArn::new(one.provisioned_model_arn).map_err(|error| error.to_string())?,
                name: one.provisioned_model_name,
                model: one.model_arn,
                units: one.model_units.into(),
                commitment: one.commitment_duration.map(|term| term.as_str().to_owned()).unwrap_or_default(),
                committed_until: one.commitment_expiration_time.map(|time| super::timestamp(&time)),
                status: one.status.as_str().to_owned(),
                created: super::timestamp(&one.creation_time),
            })
        });
        Ok(Page { items: items.collect::<Result<_, String>>()?, next: out.next_token })
    },
}

/// A deployment of a custom model in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeploymentSummary {
    /// The ARN.
    pub arn: ModelDeploymentArn,
    /// The name that its maker gave it.
    pub name: String,
    /// The ARN of the custom model.
    pub model: String,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// When it was made.
    pub created: Timestamp,
}

request! {
    /// One page of the deployments of custom models of a Region (`bedrock:ListCustomModelDeployments`).
    list ListModelDeployments in a Region {} of DeploymentSummary,
    row: Operation::read(Service::Bedrock, "ListCustomModelDeployments")
        .needs(&["bedrock:ListCustomModelDeployments"], "*"),
    about: |_it| jobs("custom model deployments"),
    send: |it, to| {
        let request = to.bedrock(Some(&it.region)).list_custom_model_deployments();
        request.max_results(100).set_next_token(it.next.clone())
    },
    reply: |out| {
        let items = out.model_deployment_summaries.unwrap_or_default().into_iter().map(|one| {
            Ok(DeploymentSummary {
                arn: ModelDeploymentArn::new(one.custom_model_deployment_arn).map_err(|error| error.to_string())?,
                name: one.custom_model_deployment_name,
                model: one.model_arn,
                status: one.status.as_str().to_owned(),
                created: super::timestamp(&one.created_at),
            })
        });
        Ok(Page { items: items.collect::<Result<_, String>>()?, next: out.next_token })
    },
}

request! {
    /// Stops a job that makes a custom model (`bedrock:StopModelCustomizationJob`). For good: what it has trained so far is lost.
    change StopCustomizationJob in a Region {
        /// The job.
        arn: CustomizationJobArn,
    }
    row: Operation::irreversible(Service::Bedrock, "StopModelCustomizationJob")
        .needs(&["bedrock:StopModelCustomizationJob"], CUSTOMIZATION_JOB)
        .repeatable()
        .already(&["ConflictException", "ResourceNotFoundException"]),
    about: |it| Entity::new(EntityKind::CustomizationJob, it.arn.id()),
    send: |it, to| to.bedrock(Some(&it.region)).stop_model_customization_job().job_identifier(it.arn.as_str()),
}

request! {
    /// Stops a job that invokes a model for many prompts (`bedrock:StopModelInvocationJob`). What it has answered so far stays;
    /// another job can be made of the same prompts.
    change StopInvocationJob in a Region {
        /// The job.
        arn: InvocationJobArn,
    }
    row: Operation::reversible(Service::Bedrock, "StopModelInvocationJob")
        .needs(&["bedrock:StopModelInvocationJob"], INVOCATION_JOB)
        .already(&["ConflictException", "ResourceNotFoundException"]),
    about: |it| Entity::new(EntityKind::InvocationJob, it.arn.id()),
    send: |it, to| to.bedrock(Some(&it.region)).stop_model_invocation_job().job_identifier(it.arn.as_str()),
}

request! {
    /// Gives provisioned throughput back (`bedrock:DeleteProvisionedModelThroughput`). For good; not before its term is over.
    change DeleteProvisionedThroughput in a Region {
        /// The throughput.
        arn: ProvisionedThroughputArn,
    }
    row: Operation::irreversible(Service::Bedrock, "DeleteProvisionedModelThroughput")
        .needs(&["bedrock:DeleteProvisionedModelThroughput"], THROUGHPUT)
        .repeatable()
        .already(&["ResourceNotFoundException"]),
    about: |it| Entity::new(EntityKind::ProvisionedThroughput, it.arn.id()),
    send: |it, to| {
        to.bedrock(Some(&it.region)).delete_provisioned_model_throughput().provisioned_model_id(it.arn.as_str())
    },
}

request! {
    /// Deletes a deployment of a custom model (`bedrock:DeleteCustomModelDeployment`). For good; the model stays.
    change DeleteModelDeployment in a Region {
        /// The deployment.
        arn: ModelDeploymentArn,
    }
    row: Operation::irreversible(Service::Bedrock, "DeleteCustomModelDeployment")
        .needs(&["bedrock:DeleteCustomModelDeployment"], DEPLOYMENT)
        .repeatable()
        .already(&["ResourceNotFoundException"]),
    about: |it| Entity::new(EntityKind::ModelDeployment, it.arn.id()),
    send: |it, to| to
        .bedrock(Some(&it.region))
        .delete_custom_model_deployment()
        .custom_model_deployment_identifier(it.arn.as_str()),
}
