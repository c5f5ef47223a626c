//! The range as the HTTP client of the real SDK: signing, retries and parsing run, sockets do not.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;

use super::Endpoint;

/// An HTTP client for SDK clients that reaches an endpoint of the range, from an address. A connection that dies is an
/// I/O error, and a reply that takes longer than the client's read timeout is a timeout.
pub fn in_process(endpoint: Arc<Endpoint>, source_ip: impl Into<String>) -> SharedHttpClient {
    SharedHttpClient::new(InProcess { endpoint, source_ip: source_ip.into(), patience: None })
}

#[derive(Debug, Clone)]
struct InProcess {
    endpoint: Arc<Endpoint>,
    source_ip: String,
    patience: Option<Duration>,
}

impl HttpClient for InProcess {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { patience: settings.read_timeout(), ..self.clone() })
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.clone();
        HttpConnectorFuture::new(async move {
            let sent = client.send(request);
            match client.patience {
                None => sent.await,
                Some(patience) => tokio::time::timeout(patience, sent)
                    .await
                    .unwrap_or_else(|elapsed| Err(ConnectorError::timeout(elapsed.into()))),
            }
        })
    }
}

impl InProcess {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
        match self.endpoint.answer(http::Request::from_parts(head, body), &self.source_ip).await {
            Some(response) => HttpResponse::try_from(response.map(SdkBody::from))
                .map_err(|error| ConnectorError::other(error.into(), None)),
            None => Err(ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionReset).into())),
        }
    }
}
