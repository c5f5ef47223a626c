//! Finds who calls what: the credential scope names the service and the Region, the rest names the operation.

use http::{HeaderMap, Request, header};
use percent_encoding::percent_decode_str;

use super::ApiError;
use super::form::{self, Form};
use super::table::{Operation, Protocol, Service, services};

/// What the `Authorization` header says. Signatures are not verified: everybody here is in the same simulation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Credential {
    pub(super) access_key: String,
    pub(super) region: String,
    pub(super) signing_name: String,
}

impl Credential {
    /// Reads `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…`.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let fields = text.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let field = |name: &str| {
            fields
                .split(',')
                .find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
                .filter(|v| !v.is_empty())
        };
        let (credential, _, _) = (field("Credential")?, field("SignedHeaders")?, field("Signature")?);
        let parts: Vec<&str> = credential.split('/').collect();
        match parts[..] {
            [key, date, region, service, "aws4_request"]
                if !key.is_empty() && date.len() == 8 && !region.is_empty() && !service.is_empty() =>
            {
                Some(Self { access_key: key.to_owned(), region: region.to_owned(), signing_name: service.to_owned() })
            }
            _ => None,
        }
    }
}

/// The protocol that a request whose service is unknown seems to speak; its refusal is written in it.
pub(super) fn guess(headers: &HeaderMap) -> Protocol {
    let is_form = |value: &http::HeaderValue| value.as_bytes().starts_with(b"application/x-www-form-urlencoded");
    if headers.contains_key("x-amz-target") {
        Protocol::Json
    } else if headers.get(header::CONTENT_TYPE).is_some_and(is_form) {
        Protocol::Query
    } else {
        Protocol::RestJson
    }
}

/// An operation and what finding it has already read.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) service: &'static Service,
    pub(super) operation: &'static Operation,
    pub(super) labels: Vec<(String, String)>,
    pub(super) form: Form,
}

/// A request that leads nowhere, and the service that refuses it, if it is known.
#[derive(Debug)]
pub(super) struct NoRoute {
    pub(super) service: Option<&'static Service>,
    pub(super) error: ApiError,
}

/// Finds the operation. Services that sign alike, as those of Bedrock do, are told apart by path.
pub(super) fn find(signing_name: &str, request: &Request<bytes::Bytes>) -> Result<Route, NoRoute> {
    let mut candidates = services().iter().filter(|service| service.signing_name == signing_name).peekable();
    let Some(&first) = candidates.peek() else {
        let message = format!("the range has no service that signs as `{signing_name}`");
        return Err(NoRoute { service: None, error: ApiError::new("UnknownOperationException", 404, message) });
    };
    let refuse = |error| NoRoute { service: Some(first), error };
    match first.protocol {
        Protocol::Query => by_action(first, request).map_err(refuse),
        Protocol::Json => {
            by_target(first, request).ok_or_else(|| refuse(ApiError::new("UnknownOperationException", 400, "")))
        }
        Protocol::RestJson => candidates
            .find_map(|service| by_path(service, request))
            .ok_or_else(|| refuse(ApiError::new("UnknownOperationException", 404, ""))),
    }
}

fn by_action(service: &'static Service, request: &Request<bytes::Bytes>) -> Result<Route, ApiError> {
    let text = match *request.method() {
        http::Method::GET => request.uri().query().unwrap_or(""),
        _ => std::str::from_utf8(request.body()).map_err(|_| not_utf8())?,
    };
    let form = Form::parse(text).ok_or_else(not_utf8)?;
    let missing = || ApiError::new("MissingAction", 400, "Missing Action");
    let action = form.get("Action").ok_or_else(missing)?;
    let version = form.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
    match service.operation(action).filter(|_| version == service.version) {
        Some(operation) => Ok(Route { service, operation, labels: Vec::new(), form }),
        None => {
            let message = format!("Could not find operation {action} for version {version}");
            Err(ApiError::new("InvalidAction", 400, message))
        }
    }
}

fn not_utf8() -> ApiError {
    ApiError::new("MalformedInput", 400, "the request is not UTF-8")
}

fn by_target(service: &'static Service, request: &Request<bytes::Bytes>) -> Option<Route> {
    let target = request.headers().get("x-amz-target")?.to_str().ok()?;
    let prefix = service.target_prefix.as_deref()?;
    // Of a prefix with a namespace in front, some SDKs send only the last part.
    let short = prefix.rsplit('.').next().unwrap_or(prefix);
    let name = target.strip_prefix(prefix).or_else(|| target.strip_prefix(short))?.strip_prefix('.')?;
    let operation = service.operation(name)?;
    Some(Route { service, operation, labels: Vec::new(), form: Form::default() })
}

fn by_path(service: &'static Service, request: &Request<bytes::Bytes>) -> Option<Route> {
    let path = request.uri().path();
    service.operations.iter().find_map(|operation| {
        let labels = (operation.method == request.method().as_str()).then(|| labels(&operation.path, path))??;
        Some(Route { service, operation, labels, form: Form::default() })
    })
}

/// Holds a path against a template such as `/agents/{agentId}/`. A slash at the end makes no difference.
fn labels(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let segments = |path: &'_ str| -> Vec<String> {
        path.strip_suffix('/').unwrap_or(path).split('/').map(str::to_owned).collect()
    };
    let (template, path) = (segments(template), segments(path));
    if template.len() != path.len() {
        return None;
    }
    let mut found = Vec::new();
    for (wanted, sent) in template.iter().zip(&path) {
        match wanted.strip_prefix('{').and_then(|label| label.strip_suffix('}')) {
            Some(label) => found.push((label.to_owned(), form::decode_segment(sent)?)),
            None if percent_decode_str(sent).eq(wanted.bytes()) => {}
            None => return None,
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::ServiceName;
    use super::*;

    fn scope(text: &str) -> Option<Credential> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, text.parse().expect("a header"));
        Credential::read(&headers)
    }

    #[test]
    fn only_a_whole_authorization_counts() {
        let good = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261122/eu-west-1/iam/aws4_request, \
                    SignedHeaders=host, Signature=00";
        let read = scope(good).expect("a credential");
        assert_eq!((read.access_key.as_str(), read.region.as_str()), ("AKIAIOSFODNN7EXAMPLE", "eu-west-1"));
        assert_eq!(read.signing_name, "iam");
        assert!(scope(&good.replace(", ", ",")).is_some());
        for bad in
            ["Bearer x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0"]
        {
            assert_eq!(scope(bad), None);
        }
        assert_eq!(scope(&good.replace("Signature=00", "Signature=")), None);
        assert_eq!(scope(&good.replace("20261122", "2026")), None);
        assert_eq!(Credential::read(&HeaderMap::new()), None);
    }

    type Found = (ServiceName, &'static str, Vec<(String, String)>);

    fn route(method: &str, path: &str) -> Option<Found> {
        let request = Request::builder().method(method).uri(path).body(Bytes::new()).expect("a request");
        find("bedrock", &request).ok().map(|route| (route.service.name, route.operation.name.as_str(), route.labels))
    }

    #[test]
    fn paths_tell_the_services_of_bedrock_apart() {
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        for path in ["/agents", "/agents/"] {
            assert_eq!(route("POST", path), Some((ServiceName::BedrockAgent, "ListAgents", vec![])));
            assert_eq!(route("PUT", path), Some((ServiceName::BedrockAgent, "CreateAgent", vec![])));
        }
        assert_eq!(
            route("POST", "/agents/AGENT00001/agentAliases/TSTALIASID/sessions/s%20%2F1/text"),
            Some((
                ServiceName::BedrockAgentRuntime,
                "InvokeAgent",
                vec![label("agentId", "AGENT00001"), label("agentAliasId", "TSTALIASID"), label("sessionId", "s /1")]
            ))
        );
        assert_eq!(
            route("GET", "/tags/arn%3Aaws%3Abedrock%3Aus-east-1%3A111122223333%3Aagent%2FAGENT00001"),
            Some((
                ServiceName::BedrockAgent,
                "ListTagsForResource",
                vec![label("resourceArn", "arn:aws:bedrock:us-east-1:111122223333:agent/AGENT00001")]
            ))
        );
        assert_eq!(route("GET", "/guardrails"), Some((ServiceName::Bedrock, "ListGuardrails", vec![])));
        assert_eq!(route("GET", "/nothing"), None);
        assert_eq!(route("GET", "/agents/%FF/"), None);
        assert_eq!(route("PATCH", "/agents/"), None);
    }
}
