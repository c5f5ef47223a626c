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

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;
    use aws_smithy_runtime_api::client::http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    };
    use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::{Clients, Connection};
    use crate::base::Clock;

    /// Counts what would have left, and lets nothing out.
    #[derive(Debug, Clone, Default)]
    struct Nowhere(Arc<AtomicUsize>);

    impl HttpClient for Nowhere {
        fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
            SharedHttpConnector::new(self.clone())
        }
    }

    impl HttpConnector for Nowhere {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            self.0.fetch_add(1, Ordering::Relaxed);
            HttpConnectorFuture::ready(Err(ConnectorError::other("there is nothing here".into(), None)))
        }
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn the_sdk_itself_does_not_get_past_the_guard() {
        let nowhere = Nowhere::default();
        let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
        let clock = Clock::starting_at("2026-11-22T03:00:00Z".parse().expect("a time"));
        let connection = Connection::in_process(&clock, SharedHttpClient::new(nowhere.clone()), keys);
        let read_only = Clients::read_only(&connection);
        let acting = Clients::acting(&connection);
        let left = || nowhere.0.load(Ordering::Relaxed);
        // Known, and changes something.
        let put = |clients: &Clients| {
            let put = clients.iam(None).put_role_policy().role_name("r").policy_name("p").policy_document("{}");
            async move { format!("{:?}", put.send().await.expect_err("nobody answers")) }
        };
        assert!(put(&read_only).await.contains("ReadOnly"));
        assert_eq!(left(), 0);
        put(&acting).await;
        assert_eq!(left(), 1, "a run may send it");
        // Not in the vocabulary, in whichever way it is asked for.
        for clients in [&read_only, &acting] {
            let create = clients.iam(None).create_group().group_name("somebody").send().await;
            assert!(format!("{:?}", create.expect_err("refused")).contains("Unknown"));
            let list = clients.iam(None).list_groups().send().await;
            assert!(format!("{:?}", list.expect_err("refused")).contains("Unknown"));
        }
        assert_eq!(left(), 1);
        let _ = read_only.sts(None).get_caller_identity().send().await;
        assert_eq!(left(), 2, "a read leaves");
    }
}
