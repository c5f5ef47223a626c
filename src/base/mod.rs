//! The ground floor: ids, targets, effects, digests, canonical JSON and the one clock.
//!
//! Every other room may stand on this one; it stands on none of them and knows no AWS SDK.

mod arn;
mod bedrock_id;
mod canonical;
mod clock;
mod counted;
mod difference;
mod duration;
mod effect;
mod finding_id;
mod folder;
mod ids;
mod phase;
mod screen;
mod sorted_json;
mod space;
mod step_key;
mod target;
mod text_id;

pub use arn::{Arn, ArnError, PrincipalKind};
pub use bedrock_id::{
    CustomizationJobArn, GuardrailId, InvocationJobArn, ModelDeploymentArn, ProvisionedThroughputArn,
};
pub(crate) use canonical::append_canonical_bytes;
pub use canonical::{Digest, canonical_bytes, canonical_string};
pub use clock::Clock;
pub use counted::counted;
pub use difference::difference;
pub use duration::{DurationError, format_duration, parse_duration};
pub use effect::{Effect, Impact};
pub use finding_id::{DetectorId, FindingId};
pub use folder::{Exposed, Folder};
pub use ids::{
    AccessKeyId, AccountId, AgentId, CredentialId, DataSourceId, FlowId, IncidentId, IpRange, KnowledgeBaseId,
    MfaSerial, OperationName, Partition, PolicyVersionId, PromptId, QId, Region, RoleName, RunId, SecretName,
    SessionName, StepId, TriggerName, UserName, VpcId,
};
pub use phase::Phase;
pub use screen::{json_on_screen, on_screen, on_screen_within};
pub use space::{set_aside_behind, set_aside_in};
pub use step_key::StepKey;
pub use target::{Entity, EntityKind, Target, Touch};
pub use text_id::BadId;
