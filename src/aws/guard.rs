//! The read-only guard: while a plan is made, nothing but reads leaves this program, whoever asks.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::table::operation_of;

/// Sits in every service client. An operation that has no row in the table is refused in both modes: the vocabulary is
/// closed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guard {
    /// Whether calls that change something may pass.
    pub(super) acting: bool,
}

/// The guard refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Guarded {
    #[error("`{0}` is not in quell's vocabulary")]
    Unknown(String),
    #[error("`{0}` changes the account, and only a run may do that")]
    ReadOnly(String),
}

impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "quell::guard"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (service, name) =
            config.load::<Metadata>().map_or(("", ""), |metadata| (metadata.service(), metadata.name()));
        match operation_of(service, name) {
            None => Err(Guarded::Unknown(format!("{service} {name}")).into()),
            Some(operation) if operation.effect.is_mutating() && !self.acting => {
                Err(Guarded::ReadOnly(operation.to_string()).into())
            }
            Some(_) => Ok(()),
        }
    }
}
