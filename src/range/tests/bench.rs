//! What tests make calls with.

use std::time::Duration;

use serde_json::Value;

use crate::base::Clock;
use crate::range::wire::{Answer, ApiCall, ApiError, ServiceName, World as _, misfit};
use crate::range::{Credentials, Range, Scenario};

/// A range on the paused clock of the test's runtime, and somebody who calls it.
pub(super) struct Bench {
    pub(super) range: Range,
    pub(super) who: Credentials,
}

impl Bench {
    /// Opens a scenario; the caller is the responder.
    pub(super) fn open(yaml: &str) -> Self {
        let scenario = Scenario::parse(&format!("scenario: 1\n{yaml}")).expect("a scenario");
        Self::of(&scenario)
    }

    pub(super) fn of(scenario: &Scenario) -> Self {
        let range = Range::open(scenario, scenario.seed, Clock::starting_at(scenario.start));
        Self { who: range.responder(), range }
    }

    /// The same range, called with other credentials.
    pub(super) fn as_key(&self, access_key: &str) -> Self {
        let token = self.range.lock().account.sessions.get(access_key).map(|session| session.token.clone());
        let who = Credentials { access_key: access_key.to_owned(), secret_key: String::new(), session_token: token };
        Self { range: self.range.clone(), who }
    }

    pub(super) async fn answer(
        &self,
        service: ServiceName,
        operation: &'static str,
        region: &str,
        input: Value,
    ) -> Answer {
        let call = ApiCall {
            service,
            operation,
            region: region.to_owned(),
            input,
            access_key: Some(self.who.access_key.clone()),
            session_token: self.who.session_token.clone(),
            request_id: format!("r-{}", self.range.lock().trail.len()),
            user_agent: "test".to_owned(),
            source_ip: "192.0.2.1".to_owned(),
        };
        let answer = self.range.answer(call.clone()).await.answer;
        assert_eq!(misfit(&call, &answer), None, "{operation}");
        answer
    }

    async fn call(&self, service: ServiceName, operation: &'static str, input: Value) -> Result<Value, ApiError> {
        self.in_region(service, operation, "us-east-1", input).await
    }

    pub(super) async fn in_region(
        &self,
        service: ServiceName,
        operation: &'static str,
        region: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        match self.answer(service, operation, region, input).await {
            Answer::Reply(reply) => Ok(reply),
            Answer::Error(error) => Err(error),
            other => panic!("no answer of AWS: {other:?}"),
        }
    }

    pub(super) async fn iam(&self, operation: &'static str, input: Value) -> Result<Value, ApiError> {
        self.call(ServiceName::Iam, operation, input).await
    }

    pub(super) async fn sts(&self, operation: &'static str, input: Value) -> Result<Value, ApiError> {
        self.call(ServiceName::Sts, operation, input).await
    }

    pub(super) async fn agents(&self, operation: &'static str, input: Value) -> Result<Value, ApiError> {
        let service = match operation {
            "InvokeAgent" => ServiceName::BedrockAgentRuntime,
            _ => ServiceName::BedrockAgent,
        };
        self.call(service, operation, input).await
    }

    pub(super) async fn support(&self, operation: &'static str, input: Value) -> Result<Value, ApiError> {
        self.call(ServiceName::Support, operation, input).await
    }

    pub(super) async fn account(&self, operation: &'static str, input: Value) -> Result<Value, ApiError> {
        self.call(ServiceName::Account, operation, input).await
    }

    pub(super) async fn cloudtrail(&self, operation: &'static str, input: Value) -> Result<Value, ApiError> {
        self.call(ServiceName::Cloudtrail, operation, input).await
    }

    pub(super) async fn sqs(&self, operation: &'static str, input: Value) -> Result<Value, ApiError> {
        self.call(ServiceName::Sqs, operation, input).await
    }

    pub(super) async fn wait(&self, seconds: u64) {
        self.range.clock().sleep(Duration::from_secs(seconds)).await;
    }
}

/// The code of a refusal.
pub(super) fn code(answer: Result<Value, ApiError>) -> String {
    answer.expect_err("a refusal").code
}
