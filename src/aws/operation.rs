//! What is known of each AWS operation that quell can send.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::{Effect, OperationName};

/// An AWS service, as quell names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// AWS Identity and Access Management. Global.
    Iam,
    /// AWS Security Token Service.
    Sts,
    /// Amazon Bedrock: models, guardrails, logging, jobs.
    Bedrock,
    /// Amazon Bedrock Agents, build time.
    BedrockAgent,
    /// Amazon Q Business.
    #[serde(rename = "qbusiness")]
    QBusiness,
    /// AWS Secrets Manager.
    #[serde(rename = "secretsmanager")]
    SecretsManager,
    /// AWS Support. Global.
    Support,
    /// AWS Account Management. Global.
    Account,
    /// AWS CloudTrail.
    #[serde(rename = "cloudtrail")]
    CloudTrail,
    /// Amazon GuardDuty.
    #[serde(rename = "guardduty")]
    GuardDuty,
    /// Amazon SQS.
    Sqs,
}

impl Service {
    /// The name before the colon of an operation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::Sts => "sts",
            Self::Bedrock => "bedrock",
            Self::BedrockAgent => "bedrock-agent",
            Self::QBusiness => "qbusiness",
            Self::SecretsManager => "secretsmanager",
            Self::Support => "support",
            Self::Account => "account",
            Self::CloudTrail => "cloudtrail",
            Self::GuardDuty => "guardduty",
            Self::Sqs => "sqs",
        }
    }

    /// The service id by which the SDK's clients announce an operation.
    pub fn sdk_id(self) -> &'static str {
        match self {
            Self::Iam => "IAM",
            Self::Sts => "STS",
            Self::Bedrock => "Bedrock",
            Self::BedrockAgent => "Bedrock Agent",
            Self::QBusiness => "QBusiness",
            Self::SecretsManager => "Secrets Manager",
            Self::Support => "Support",
            Self::Account => "Account",
            Self::CloudTrail => "CloudTrail",
            Self::GuardDuty => "GuardDuty",
            Self::Sqs => "SQS",
        }
    }

    /// The `eventSource` under which CloudTrail records the service.
    pub fn event_source(self) -> &'static str {
        match self {
            Self::Iam => "iam.amazonaws.com",
            Self::Sts => "sts.amazonaws.com",
            Self::Bedrock | Self::BedrockAgent => "bedrock.amazonaws.com",
            Self::QBusiness => "qbusiness.amazonaws.com",
            Self::SecretsManager => "secretsmanager.amazonaws.com",
            Self::Support => "support.amazonaws.com",
            Self::Account => "account.amazonaws.com",
            Self::CloudTrail => "cloudtrail.amazonaws.com",
            Self::GuardDuty => "guardduty.amazonaws.com",
            Self::Sqs => "sqs.amazonaws.com",
        }
    }
}

/// Whether a request may be sent again when it is not known whether the first one took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetryClass {
    /// Sending twice is as good as once.
    Safe,
    /// Sending twice with the same pinned idempotency token is as good as once.
    Token,
    /// Never sent again blindly: a doubt is settled by looking.
    Unsafe,
}

/// How fast an operation may be sent to one account and Region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateClass {
    /// Requests that share this name share its rate.
    pub name: &'static str,
    /// Requests a second.
    pub per_second: f64,
}

/// The row of one AWS operation.
#[derive(Debug, PartialEq)]
pub struct Operation {
    /// The service.
    pub service: Service,
    /// The name in the service model, such as `PutRolePolicy`.
    pub name: &'static str,
    /// What it does to the account.
    pub effect: Effect,
    /// Whether it may be sent again in doubt.
    pub retry: RetryClass,
    /// How fast it may be sent.
    pub rate: RateClass,
    /// The IAM actions it needs.
    pub permissions: &'static [&'static str],
    /// The resource of those actions, with `{partition}`, `{region}`, `{account}` and `{id}`, `{parent}` of its target.
    pub resource: &'static str,
    /// Error codes that mean that what was asked is already so.
    pub already_so: &'static [&'static str],
    /// Where nothing shows whether it happened: why that does no harm. In doubt it is sent again.
    pub unseen: Option<&'static str>,
    /// The operations that take back what it did, besides itself with another input: whom to ask CloudTrail for.
    pub undone_by: &'static [&'static str],
}

impl Operation {
    /// What shares its rate: requests of the same service and class.
    pub fn rate_class(&self) -> (Service, &'static str) {
        (self.service, self.rate.name)
    }

    /// Its name, as `service:Operation`.
    pub fn full_name(&self) -> OperationName {
        OperationName::new(self.to_string()).expect("a row's names are plain")
    }

    /// The row of a read. Until said otherwise it has a rate of its own: AWS throttles by operation, and where it publishes a
    /// rate for a control plane, reads have ten requests a second or more.
    pub(super) const fn read(service: Service, name: &'static str) -> Self {
        Self {
            service,
            name,
            effect: Effect::Read,
            retry: RetryClass::Safe,
            rate: RateClass { name, per_second: 10.0 },
            permissions: &[],
            resource: "*",
            already_so: &[],
            unseen: None,
            undone_by: &[],
        }
    }

    /// The row of what makes credentials, and changes nothing.
    pub(super) const fn session(service: Service, name: &'static str) -> Self {
        Self { effect: Effect::Session, ..Self::read(service, name) }
    }

    /// The row of what takes messages out of the queue that brings events, or puts them back.
    pub(super) const fn delivery(service: Service, name: &'static str) -> Self {
        Self { effect: Effect::Delivery, ..Self::read(service, name) }
    }

    /// The row of a call that quell can put back. Until said otherwise it may be sent twice, and two go out in a second.
    pub(super) const fn reversible(service: Service, name: &'static str) -> Self {
        Self { effect: Effect::Reversible, ..Self::read(service, name) }.paced(RateClass { name, per_second: 2.0 })
    }

    /// The row of a call that is for good, and never sent again blindly until said otherwise.
    pub(super) const fn irreversible(service: Service, name: &'static str) -> Self {
        Self { effect: Effect::Irreversible, retry: RetryClass::Unsafe, ..Self::reversible(service, name) }
    }

    /// The IAM actions that it needs, on a resource.
    pub(super) const fn needs(self, permissions: &'static [&'static str], resource: &'static str) -> Self {
        Self { permissions, resource, ..self }
    }

    /// How fast it may be sent.
    pub(super) const fn paced(self, rate: RateClass) -> Self {
        Self { rate, ..self }
    }

    /// Never sent again blindly.
    pub(super) const fn never_blindly(self) -> Self {
        Self { retry: RetryClass::Unsafe, ..self }
    }

    /// Sending it twice is as good as once.
    pub(super) const fn repeatable(self) -> Self {
        Self { retry: RetryClass::Safe, ..self }
    }

    /// The operations that take back what it did.
    pub(super) const fn undone_by(self, undone_by: &'static [&'static str]) -> Self {
        Self { undone_by, ..self }
    }

    /// Nothing shows whether it happened, and that does no harm.
    pub(super) const fn unseen(self, why: &'static str) -> Self {
        Self { unseen: Some(why), ..self }
    }

    /// Error codes that mean that what was asked is already so.
    pub(super) const fn already(self, already_so: &'static [&'static str]) -> Self {
        Self { already_so, ..self }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.service.as_str(), self.name)
    }
}
/// Two lists of operations in one, for what reads for itself and through something shared.
///
/// # Panics
///
/// While compiling, if `N` is not the length of both.
pub const fn joined<const A: usize, const B: usize, const N: usize>(
    one: [&'static Operation; A],
    two: [&'static Operation; B],
) -> [&'static Operation; N] {
    assert!(A + B == N);
    let mut all = [one[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < A { one[at] } else { two[at - A] };
        at += 1;
    }
    all
}
