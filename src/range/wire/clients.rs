//! For tests: the real SDK clients, in process and on loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::Region;
use bytes::Bytes;
use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::fixtures::{Fixtures, endpoint};
use super::{Answer, ApiError, Endpoint, ListenError, ServiceName, in_process, listen};

fn config() -> aws_types::sdk_config::Builder {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", Some("token".to_owned()), None, "tests");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(aws_config::retry::RetryConfig::disabled())
}

fn over(endpoint: &Arc<Endpoint>) -> SdkConfig {
    config().http_client(in_process(Arc::clone(endpoint), "198.51.100.7")).build()
}

/// Runs the clients of every service against one configuration.
async fn ask_every_service(config: &SdkConfig, world: &Fixtures) {
    let iam = aws_sdk_iam::Client::new(config);
    let role = iam.get_role().role_name("web-task").send().await.expect("a reply");
    let role = role.role.expect("a role");
    assert_eq!(role.description.as_deref(), Some("a < b & \"Ü\""));
    assert_eq!(role.assume_role_policy_document.as_deref(), Some("a%20%3C%20b%20%26%20%22%C3%9C%22"));
    assert_eq!(role.create_date.secs(), 1_795_316_400);
    assert_eq!(role.tags().len(), 2);
    iam.put_role_policy().role_name("a").policy_name("b").policy_document("{\n}").send().await.expect("a reply");
    assert_eq!(world.last().input, json!({"RoleName": "a", "PolicyName": "b", "PolicyDocument": "{\n}"}));
    let summary = iam.get_account_summary().send().await.expect("a reply");
    assert_eq!(summary.summary_map.map(|map| map.len()), Some(1));

    let sts = aws_sdk_sts::Client::new(config);
    let identity = sts.get_caller_identity().send().await.expect("a reply");
    assert!(identity.arn.is_some() && identity.account.is_some());
    let call = world.last();
    assert!(call.session_token.is_some() && call.user_agent.contains("aws-sdk-rust"), "{call:?}");

    let bedrock = aws_sdk_bedrockagent::Client::new(config);
    let agents = bedrock.list_agents().max_results(5).send().await.expect("a reply");
    assert_eq!(agents.agent_summaries.len(), 2);
    assert_eq!(agents.agent_summaries[0].updated_at.secs(), 1_795_316_400);
    let agent = bedrock.get_agent().agent_id("AGENT00001").send().await.expect("a reply");
    assert!(agent.agent.expect("an agent").prompt_override_configuration.is_some());
    bedrock.delete_agent().agent_id("AGENT00001").skip_resource_in_use_check(true).send().await.expect("a reply");
    assert_eq!(world.last().input, json!({"agentId": "AGENT00001", "skipResourceInUseCheck": true}));
    let arn = "arn:aws:bedrock:us-east-1:111122223333:agent/AGENT00001";
    bedrock.tag_resource().resource_arn(arn).tags("k", "v").send().await.expect("a reply");
    assert_eq!(world.last().input, json!({"resourceArn": arn, "tags": {"k": "v"}}));

    let support = aws_sdk_support::Client::new(config);
    let cases = support.describe_cases().include_resolved_cases(false).send().await.expect("a reply");
    assert_eq!(cases.cases().len(), 2);
    let file = aws_sdk_support::types::Attachment::builder().file_name("a.txt");
    let file = file.data(aws_smithy_types::Blob::new("hello")).build();
    support.add_attachments_to_set().attachments(file).send().await.expect("a reply");
    assert_eq!(world.last().input, json!({"attachments": [{"fileName": "a.txt", "data": "aGVsbG8="}]}));

    let sqs = aws_sdk_sqs::Client::new(config);
    assert_eq!(sqs.receive_message().queue_url("q").send().await.expect("a reply").messages().len(), 2);
    let guardduty = aws_sdk_guardduty::Client::new(config);
    let found = guardduty.get_findings().detector_id("d").finding_ids("f").send().await.expect("a reply");
    assert_eq!(found.findings().len(), 2);
    assert_eq!(world.last().input, json!({"DetectorId": "d", "FindingIds": ["f"]}));

    let account = aws_sdk_account::Client::new(config);
    assert_eq!(account.list_regions().send().await.expect("a reply").regions().len(), 2);
    assert_eq!(world.last().service, ServiceName::Account);
}

#[tokio::test]
async fn the_sdk_works_in_process() {
    let (world, endpoint) = endpoint();
    ask_every_service(&over(&endpoint), &world).await;
    assert_eq!(world.last().source_ip, "198.51.100.7");
}

#[tokio::test]
async fn errors_arrive_as_the_models_type_them() {
    let (world, endpoint) = endpoint();
    let config = over(&endpoint);
    let iam = aws_sdk_iam::Client::new(&config);
    world.refuse_next(ApiError::of(ServiceName::Iam, "NoSuchEntity", "The role with name a cannot be found."));
    let error = iam.get_role().role_name("a").send().await.expect_err("a refusal").into_service_error();
    assert!(error.is_no_such_entity_exception());
    assert_eq!(error.meta().message(), Some("The role with name a cannot be found."));

    let bedrock = aws_sdk_bedrockagent::Client::new(&config);
    let field = json!([{"name": "agentId", "message": "wrong"}]);
    let refused = ApiError::of(ServiceName::BedrockAgent, "ValidationException", "no").with("fieldList", field);
    world.refuse_next(refused);
    let error = bedrock.prepare_agent().agent_id("AGENT00001").send().await.expect_err("a refusal");
    let aws_sdk_bedrockagent::operation::prepare_agent::PrepareAgentError::ValidationException(error) =
        error.into_service_error()
    else {
        panic!("another error");
    };
    assert_eq!(error.field_list()[0].name, "agentId");

    let support = aws_sdk_support::Client::new(&config);
    world.refuse_next(ApiError::of(ServiceName::Support, "SubscriptionRequiredException", "no plan"));
    let error = support.describe_severity_levels().language("en").send().await.expect_err("a refusal");
    assert_eq!(error.into_service_error().meta().code(), Some("SubscriptionRequiredException"));

    // The shape of the model is told in the body, the code of awsQuery in a header.
    let sqs = aws_sdk_sqs::Client::new(&config);
    world.refuse_next(ApiError::of(ServiceName::Sqs, "QueueDoesNotExist", "none"));
    let error = sqs.delete_message().queue_url("q").receipt_handle("r").send().await.expect_err("a refusal");
    let error = error.into_service_error();
    assert!(error.is_queue_does_not_exist());
    assert_eq!(error.meta().code(), Some("AWS.SimpleQueueService.NonExistentQueue"));
    world.refuse_next(ApiError::of(ServiceName::Sqs, "ReceiptHandleIsInvalid", "none"));
    let error = sqs.delete_message().queue_url("q").receipt_handle("r").send().await.expect_err("a refusal");
    assert!(error.into_service_error().is_receipt_handle_is_invalid());
}

#[tokio::test]
async fn the_wire_can_fail_in_its_own_ways() {
    let (world, endpoint) = endpoint();
    let iam = aws_sdk_iam::Client::new(&over(&endpoint));
    world.answer_next(Answer::NoReply);
    let error = iam.list_roles().send().await.expect_err("a dead connection");
    let aws_sdk_iam::error::SdkError::DispatchFailure(failure) = error else { panic!("another error") };
    assert!(failure.is_io());
    world.answer_next(Answer::Garbage(b"<ListRolesResponse".to_vec(), 200));
    let error = iam.list_roles().send().await.expect_err("no XML").into_service_error();
    assert_eq!(error.meta().code(), None);
}

/// A world that takes its time.
struct Slow;

impl super::World for Slow {
    fn answer(&self, _: super::ApiCall) -> futures_util::future::BoxFuture<'_, super::Answered> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            super::Answered { answer: Answer::NoReply, date: super::fixtures::midnight() }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_takes_too_long_is_a_timeout() {
    let clock = crate::base::Clock::starting_at(super::fixtures::midnight());
    let endpoint = Arc::new(Endpoint::new(Arc::new(Slow), clock, 1));
    let patience = TimeoutConfig::builder().read_timeout(Duration::from_secs(3)).build();
    let slow = over(&endpoint).into_builder().timeout_config(patience).build();
    let iam = aws_sdk_iam::Client::new(&slow);
    let error = iam.list_roles().send().await.expect_err("a timeout");
    let aws_sdk_iam::error::SdkError::DispatchFailure(failure) = error else { panic!("another error") };
    assert!(failure.is_timeout());
}

/// Serves fixtures on loopback while a test runs.
async fn served<F: Future<Output = ()>>(test: impl FnOnce(Arc<Fixtures>, SocketAddr, oneshot::Sender<()>) -> F) {
    let (world, endpoint) = endpoint();
    let listening = listen(([127, 0, 0, 1], 0).into()).await.expect("a port");
    let address = listening.address();
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(listening.serve(endpoint, async { drop(stopped.await) }));
    let whole = async {
        test(world, address, stop).await;
        serving.await.expect("it does not panic");
    };
    tokio::time::timeout(Duration::from_secs(60), whole).await.expect("it stops");
}

fn at(address: SocketAddr) -> SdkConfig {
    config().endpoint_url(format!("http://{address}")).build()
}

#[tokio::test]
async fn the_sdk_works_on_loopback() {
    served(|world, address, stop| async move {
        ask_every_service(&at(address), &world).await;
        assert_eq!(world.last().source_ip, "127.0.0.1");
        stop.send(()).expect("it serves");
    })
    .await;
}

#[tokio::test]
async fn many_callers_are_served_at_once() {
    served(|world, address, stop| async move {
        let iam = aws_sdk_iam::Client::new(&at(address));
        let names: Vec<String> = (0..100).map(|number| format!("role-{number}")).collect();
        let replies = join_all(names.iter().map(|name| iam.get_role().role_name(name).send())).await;
        assert!(replies.iter().all(Result::is_ok));
        {
            let calls = world.calls.lock().expect("a lock");
            let mut seen: Vec<&str> = calls.iter().filter_map(|call| call.input["RoleName"].as_str()).collect();
            seen.sort_by_key(|name| name[5..].parse::<u32>().expect("a number"));
            assert_eq!(seen, names);
            let ids: std::collections::HashSet<&str> = calls.iter().map(|call| call.request_id.as_str()).collect();
            assert_eq!(ids.len(), 100);
        }
        stop.send(()).expect("it serves");
    })
    .await;
}

async fn raw(address: SocketAddr, request: impl Into<Bytes>) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    // The other side may refuse and close before it has read all.
    let _ = stream.write_all(&request.into()).await;
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply).await;
    String::from_utf8_lossy(&reply).into_owned()
}

#[tokio::test]
async fn oversized_and_broken_requests_do_not_stop_it() {
    served(|world, address, stop| async move {
        let head =
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\nconnection: close\r\n";
        let refused = raw(address, format!("{head}content-length: {}\r\n\r\n", 100 * 1024 * 1024)).await;
        assert!(refused.starts_with("HTTP/1.1 413"), "{refused}");
        assert!(refused.contains("<Code>RequestEntityTooLarge</Code>"), "{refused}");
        assert!(raw(address, "\u{0}\u{1}\r\n\r\n").await.starts_with("HTTP/1.1 400"));
        let unsigned = raw(address, format!("{head}content-length: 0\r\n\r\n")).await;
        assert!(unsigned.starts_with("HTTP/1.1 403"), "{unsigned}");
        world.answer_next(Answer::NoReply);
        let iam = aws_sdk_iam::Client::new(&at(address));
        let error = iam.list_roles().send().await.expect_err("a dead connection");
        assert!(matches!(error, aws_sdk_iam::error::SdkError::DispatchFailure(_)), "{error:?}");
        iam.list_roles().send().await.expect("it still serves");
        stop.send(()).expect("it serves");
    })
    .await;
}

#[tokio::test]
async fn only_this_machine_is_served() {
    let refused = listen(([0, 0, 0, 0], 0).into()).await;
    assert!(matches!(refused, Err(ListenError::NotLoopback(_))));
}
