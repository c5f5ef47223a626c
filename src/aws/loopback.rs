//! The HTTP client for a range: what is asked with it stays on this machine.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// Whether a URL leads to this machine.
pub fn is_loopback(url: &str) -> bool {
    host(url).is_some_and(|host| {
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

/// The host that a URL leads to.
pub fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map(|(_, rest)| rest)?;
    let authority = rest.split(['/', '?', '#']).next()?;
    // What stands before an `@` is not where it leads.
    let authority = authority.rsplit('@').next()?;
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next(),
        None => authority.split(':').next(),
    }
}

/// An HTTP client that reaches nothing but this machine. A request for anywhere else, such as the one by which a profile
/// assumes a role, is for the range as well, and goes there.
pub(super) fn to_range(range: Option<&str>) -> SharedHttpClient {
    // Hidden in its documentation, since it has no TLS. That is what a range needs, and no request can then leave in disguise.
    let client = aws_smithy_http_client::Builder::new().build_http();
    SharedHttpClient::new(ToRange { client, range: range.map(str::to_owned) })
}

#[derive(Debug)]
struct ToRange {
    client: SharedHttpClient,
    range: Option<String>,
}

impl HttpClient for ToRange {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        SharedHttpConnector::new(ConnectorToRange { connector, range: self.range.clone() })
    }
}

#[derive(Debug)]
struct ConnectorToRange {
    connector: SharedHttpConnector,
    range: Option<String>,
}

impl HttpConnector for ConnectorToRange {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        if !is_loopback(request.uri())
            && let Err(why) = lead_back(self.range.as_deref(), &mut request)
        {
            return HttpConnectorFuture::ready(Err(ConnectorError::user(why.into())));
        }
        self.connector.call(request)
    }
}

/// Leads a request that is for elsewhere to the range.
fn lead_back(range: Option<&str>, request: &mut HttpRequest) -> Result<(), String> {
    let wanted = request.uri().to_owned();
    let refused = || format!("a range is on this machine, and `{wanted}` is not");
    let range = range.filter(|range| is_loopback(range)).ok_or_else(refused)?;
    let wanted_uri: http::Uri = wanted.parse().map_err(|_| refused())?;
    let path = wanted_uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    request.set_uri(format!("{}{path}", range.trim_end_matches('/'))).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_elsewhere_goes_to_the_range_or_nowhere() {
        let led = |range: Option<&str>, uri: &str| {
            let mut request = HttpRequest::empty();
            request.set_uri(uri.to_owned()).expect("a URI");
            lead_back(range, &mut request).map(|()| request.uri().to_owned())
        };
        let range = Some("http://127.0.0.1:4566/");
        assert_eq!(led(range, "https://sts.amazonaws.com/?a=b"), Ok("http://127.0.0.1:4566/?a=b".to_owned()));
        assert!(led(Some("https://iam.amazonaws.com"), "https://sts.amazonaws.com/").is_err());
        assert!(led(None, "https://sts.amazonaws.com/").is_err());
    }
}
