//! The read-only guard: while a plan is made, nothing but reads leaves this program, whoever asks.
//!
//! A queue is no part of this. Whoever receives a message hides it from others, and whoever deletes it ends it: that is no read, so no
//! client of a plan may do it. It is no change of the account that an incident is about either, so no client of a run may do it. The
//! queue that brings events has a client of its own, which may do nothing else.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::table::operation_of;
use crate::base::Effect;

/// Sits in every service client. An operation that has no row in the table is refused in both modes: the vocabulary is
/// closed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guard {
    /// What may pass.
    pub(super) passes: Passes,
}

/// What a guard lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passes {
    /// What changes nothing.
    Reads,
    /// That, and what changes the account.
    Changes,
    /// What takes messages from a queue, and nothing else.
    Deliveries,
}

/// The guard refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Guarded {
    #[error("`{0}` is not in quell's vocabulary")]
    Unknown(String),
    #[error("`{0}` changes the account, and only a run may do that")]
    ReadOnly(String),
    #[error("`{0}` handles messages of a queue, and only the queue's own client may do that")]
    Delivery(String),
    #[error("`{0}` is not about a queue, and the client of a queue does nothing else")]
    NoDelivery(String),
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
        let Some(operation) = operation_of(service, name) else {
            return Err(Guarded::Unknown(format!("{service} {name}")).into());
        };
        match (operation.effect == Effect::Delivery, self.passes) {
            (true, Passes::Deliveries) => Ok(()),
            (true, Passes::Reads | Passes::Changes) => Err(Guarded::Delivery(operation.to_string()).into()),
            (false, Passes::Deliveries) => Err(Guarded::NoDelivery(operation.to_string()).into()),
            (false, Passes::Reads) if operation.effect.is_mutating() => {
                Err(Guarded::ReadOnly(operation.to_string()).into())
            }
            (false, Passes::Reads | Passes::Changes) => Ok(()),
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
    use super::{Guard, Passes};
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

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn messages_of_a_queue_are_for_its_own_client_and_that_is_for_nothing_else() {
        let nowhere = Nowhere::default();
        let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
        let config = |passes| {
            aws_sdk_sqs::config::Builder::new()
                .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
                .region(aws_sdk_sqs::config::Region::new("us-east-1"))
                .credentials_provider(keys.clone())
                .http_client(nowhere.clone())
                .retry_config(aws_smithy_types::retry::RetryConfig::disabled())
                .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
                .interceptor(Guard { passes })
                .build()
        };
        let left = || nowhere.0.load(Ordering::Relaxed);
        for passes in [Passes::Reads, Passes::Changes] {
            let sqs = aws_sdk_sqs::Client::from_conf(config(passes));
            let received = sqs.receive_message().queue_url("q").send().await;
            assert!(format!("{:?}", received.expect_err("refused")).contains("Delivery"), "{passes:?}");
        }
        assert_eq!(left(), 0);
        let sqs = aws_sdk_sqs::Client::from_conf(config(Passes::Deliveries));
        sqs.receive_message().queue_url("q").send().await.expect_err("nobody answers");
        assert_eq!(left(), 1, "the queue's own client may send it");
        // What puts messages in is not in the vocabulary.
        let sent = sqs.send_message().queue_url("q").message_body("m").send().await;
        assert!(format!("{:?}", sent.expect_err("refused")).contains("Unknown"));
        let sts = aws_sdk_sts::Config::builder()
            .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
            .region(aws_sdk_sts::config::Region::new("us-east-1"))
            .credentials_provider(keys.clone())
            .http_client(nowhere.clone())
            .retry_config(aws_smithy_types::retry::RetryConfig::disabled())
            .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
            .interceptor(Guard { passes: Passes::Deliveries });
        let who = aws_sdk_sts::Client::from_conf(sts.build()).get_caller_identity().send().await;
        assert!(format!("{:?}", who.expect_err("refused")).contains("NoDelivery"));
        assert_eq!(left(), 1);
    }
}
