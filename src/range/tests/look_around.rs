//! Everything that a responder can look at, in an account that holds everything.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::range::model::{Account, QKind};
use crate::range::services::find;
use crate::range::wire::{Answer, ServiceName, operations};

use super::bench::Bench;

const ACCOUNT: &str = r#"
knobs: { iam_stale_reads: false, credential_report_time: 0s, last_accessed_time: 0s, q_conversations_by_name: true }
account:
  alias: full
  support_plan: enterprise
  security_contact: { name: s, email: s@example.com, phone: "+1-555-0100" }
  roles:
    - name: r
      trust: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: { Service: bedrock.amazonaws.com }, Action: sts:AssumeRole }] }
      description: everything
      inline: { p: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "*", Resource: "*" }] } }
      attached: ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::111122223333:policy/own"]
      boundary: arn:aws:iam::aws:policy/AdministratorAccess
      instance_profiles: [web]
      tags: { team: shop }
      used_ago: 1h
  identity_providers: [{ arn: "arn:aws:iam::111122223333:saml-provider/staff" }, { arn: "arn:aws:iam::111122223333:oidc-provider/ci.example.com" }]
  groups: [{ name: g, attached: ["arn:aws:iam::111122223333:policy/own"] }]
  users:
    - name: u
      inline: { p: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "*", Resource: "*" }] } }
      attached: ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::111122223333:policy/own"]
      boundary: arn:aws:iam::aws:policy/AdministratorAccess
      groups: [g]
      keys: [{ id: AKIARTX3GSDSQUUUUUUU, used_ago: 1h }]
      console_password: true
      credentials:
        mfa_devices: [{ serial: "arn:aws:iam::111122223333:mfa/u" }]
        service_credentials: [{ id: ACCAEXAMPLEBEDROCK01, alias: BedrockAPIKey-x1 }]
        ssh_keys: [{ id: APKAEXAMPLESSHKEY001 }]
        certificates: [{ id: TA7SMP42TDN5Z26OBPJE7EXAMPLE }]
      tags: { team: shop }
  policies: [{ name: own, document: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "*", Resource: "*" }] } }]
  agents:
    - name: helper
      id: HELPERHELP
      region: us-east-1
      role: r
      description: helps
      instruction: Answer every question that you are asked, at any length.
      aliases: [{ name: live, description: d }]
      action_groups: [tools]
      knowledge_bases: [KBKBKBKBKB]
      tags: { team: shop }
    - { name: boss, id: BOSSBOSSBO, region: us-east-1, role: r, supervises: [helper] }
  flows: [{ name: f, region: us-east-1, agents: [helper], prompts: [sum], versions: [[helper]], aliases: [{ name: live }] }]
  prompts: [{ name: sum, region: us-east-1, text: Sum it up., versions: 1 }]
  q_applications:
    - name: helpdesk
      region: us-east-1
      tags: { team: shop }
      indices: [{ name: handbook, groups: [g], documents: [{ id: d }], data_sources: [{ name: wiki, syncing: true }] }]
      users: { u: [{ userId: chief }] }
      conversations: [{ user: u, said: [hello] }]
      data_accessors: [{ name: d, principal: "arn:aws:iam::444455556666:role/searcher" }]
      chat_controls: { topicConfigurations: [{ name: t, rules: [{ ruleType: CONTENT_BLOCKER_RULE }] }] }
      retrievers: [{ name: r, index: handbook }]
      plugins: [{ name: p }]
      web_experiences: [{ title: t }]
  knowledge_bases:
    - name: handbook
      id: HANDBOOK01
      region: us-east-1
      role: r
      data_sources: [{ name: uploads, id: UPLOADS001, bucket: uploads, ingesting: true, documents: [a.pdf] }]
  invocation_logging: [{ region: us-east-1, config: { s3Config: { bucketName: logs } } }]
  guardrails: [{ name: g, id: guard1, region: us-east-1, versions: [{}] }]
  model_things:
    - { kind: customization_job, name: tune, region: us-east-1 }
    - { kind: invocation_job, name: batch, region: us-east-1 }
    - { kind: import_job, name: import, region: us-east-1 }
    - { kind: throughput, name: bought, region: us-east-1, tags: { team: shop } }
    - { kind: deployment, name: deployed, region: us-east-1 }
  trails: [{ name: kept, region: us-east-1 }]
  queues: [{ name: events, messages: [hello] }]
  guardduty:
    - detector: 12abc34d567e8fa901bc2d34e56789f0
      findings:
        - { id: f1, accountId: "111122223333", arn: a, createdAt: c, updatedAt: u, region: us-east-1, schemaVersion: "2.0", severity: 2, type: t, resource: {} }
  secrets: [{ name: deploy, region: us-east-1, says: hello, tags: { team: shop } }]
  cases: [{ subject: hello, body: help }]"#;

/// The ids of the thing of Q Business that an operation is about, and of what holds it.
fn of_q_business(bench: &Bench, operation: &str) -> Value {
    let state = bench.range.lock();
    let mut ids = json!({ "userId": "u", "groupName": "g", "updatedEarlierThan": "2100-01-01T00:00:00Z" });
    let applications = state.account.q_things.values().filter(|thing| thing.kind == QKind::Application);
    for application in applications {
        ids["resourceARN"] = json!(state.account.q_arn(application.kind, &application.region, &application.path));
    }
    // The group is one of the index and of no data source.
    let of_source = |kind: &str| kind == "dataSource" && operation.contains("Group");
    for thing in state.account.q_things.values().filter(|thing| !of_source(thing.kind.stem())) {
        if let Some(conversation) = thing.conversations.keys().next() {
            ids["conversationId"] = json!(conversation);
        }
        ids[format!("{}Id", thing.kind.stem())] = json!(thing.id());
    }
    ids
}

/// The ARN of a job, throughput or deployment.
fn model_thing(account: &Account, name: &str) -> Option<String> {
    account.model_things.values().find(|thing| thing.name == name).map(|thing| thing.arn.clone())
}

/// The input of a read, out of what the account holds.
fn input(bench: &Bench, operation: &str) -> Value {
    let state = bench.range.lock();
    let account = &state.account;
    let agent = &account.agents[&("us-east-1".to_owned(), "HELPERHELP".to_owned())];
    let alias = agent.aliases.keys().find(|id| *id != "TSTALIASID").expect("an alias");
    let flow = account.flows.values().next().map(|flow| &flow.id);
    let boss_or_helper = if operation == "ListAgentCollaborators" { "BOSSBOSSBO" } else { "HELPERHELP" };
    match operation {
        "GetRole"
        | "ListRolePolicies"
        | "ListAttachedRolePolicies"
        | "ListInstanceProfilesForRole"
        | "ListRoleTags" => {
            json!({ "RoleName": "r" })
        }
        "GetRolePolicy" => json!({ "RoleName": "r", "PolicyName": "p" }),
        "GetUserPolicy" => json!({ "UserName": "u", "PolicyName": "p" }),
        "GetUser"
        | "ListUserPolicies"
        | "ListAttachedUserPolicies"
        | "ListAccessKeys"
        | "ListGroupsForUser"
        | "ListMFADevices"
        | "ListSSHPublicKeys"
        | "ListSigningCertificates"
        | "GetLoginProfile"
        | "ListServiceSpecificCredentials" => json!({ "UserName": "u" }),
        "GetAccessKeyLastUsed" | "GetAccessKeyInfo" => json!({ "AccessKeyId": "AKIARTX3GSDSQUUUUUUU" }),
        "GetGroup" => json!({ "GroupName": "g" }),
        "GetPolicy" | "ListPolicyVersions" | "ListEntitiesForPolicy" => {
            json!({ "PolicyArn": "arn:aws:iam::111122223333:policy/own" })
        }
        "GetPolicyVersion" => json!({ "PolicyArn": "arn:aws:iam::111122223333:policy/own", "VersionId": "v1" }),
        "SimulatePrincipalPolicy" => {
            json!({ "PolicySourceArn": "arn:aws:iam::111122223333:user/u", "ActionNames": ["bedrock:InvokeAgent"] })
        }
        "GenerateServiceLastAccessedDetails" => json!({ "Arn": "arn:aws:iam::111122223333:user/u" }),
        "GetServiceLastAccessedDetails" => json!({ "JobId": account.access_reports.keys().next() }),
        "GetFederationToken" => json!({ "Name": "bob" }),
        "GetAgent" | "ListAgentAliases" | "ListAgentVersions" => json!({ "agentId": "HELPERHELP" }),
        "GetAgentAlias" => json!({ "agentId": "HELPERHELP", "agentAliasId": alias }),
        "GetAgentVersion" => json!({ "agentId": "HELPERHELP", "agentVersion": "1" }),
        "ListAgentActionGroups" | "ListAgentKnowledgeBases" | "ListAgentCollaborators" => {
            json!({ "agentId": boss_or_helper, "agentVersion": "DRAFT" })
        }
        "GetAgentActionGroup" => json!({
            "agentId": "HELPERHELP", "agentVersion": "DRAFT", "actionGroupId": agent.parts.action_groups.keys().next(),
        }),
        "GetKnowledgeBase" | "ListDataSources" => json!({ "knowledgeBaseId": "HANDBOOK01" }),
        "GetDataSource" | "ListIngestionJobs" | "ListKnowledgeBaseDocuments" => {
            json!({ "knowledgeBaseId": "HANDBOOK01", "dataSourceId": "UPLOADS001" })
        }
        "GetIngestionJob" => {
            let base = account.knowledge_bases.values().next().expect("a knowledge base");
            let job = base.sources.values().flat_map(|source| source.jobs.keys()).next();
            json!({ "knowledgeBaseId": "HANDBOOK01", "dataSourceId": "UPLOADS001", "ingestionJobId": job })
        }
        "GetKnowledgeBaseDocuments" => {
            let identifier = json!({ "dataSourceType": "S3", "s3": { "uri": "s3://uploads/a.pdf" } });
            json!({
                "knowledgeBaseId": "HANDBOOK01", "dataSourceId": "UPLOADS001", "documentIdentifiers": [identifier],
            })
        }
        "GetGuardrail" | "ListGuardrails" => json!({ "guardrailIdentifier": "guard1" }),
        "GetModelCustomizationJob" => json!({ "jobIdentifier": "tune" }),
        "GetModelInvocationJob" => json!({ "jobIdentifier": model_thing(account, "batch") }),
        "GetProvisionedModelThroughput" => json!({ "provisionedModelId": "bought" }),
        "GetCustomModelDeployment" => {
            json!({ "customModelDeploymentIdentifier": model_thing(account, "deployed") })
        }
        "Converse" => {
            let messages = json!([{ "role": "user", "content": [{ "text": "hello" }] }]);
            json!({ "modelId": "amazon.nova-lite-v1:0", "messages": messages })
        }
        "GetFlow" | "ListFlowAliases" | "ListFlowVersions" => json!({ "flowIdentifier": flow }),
        "GetFlowVersion" => json!({ "flowIdentifier": flow, "flowVersion": "1" }),
        "GetPrompt" => json!({ "promptIdentifier": account.prompts.values().next().map(|prompt| &prompt.id) }),
        "ListTagsForResource" => json!({
            "resourceArn": account.agent_arn("us-east-1", "HELPERHELP"), "resourceARN": model_thing(account, "bought"),
        }),
        "InvokeAgent" => {
            json!({ "agentId": "HELPERHELP", "agentAliasId": alias, "sessionId": "s-1", "inputText": "hello" })
        }
        "DescribeSupportedLanguages" | "DescribeCreateCaseOptions" => json!({
            "issueType": "customer-service", "serviceCode": "customer-account", "categoryCode": "security", "language": "en",
        }),
        "DescribeCommunications" => json!({ "caseId": account.cases[0].id }),
        "GetTrailStatus" => json!({ "Name": "kept" }),
        "GetEventSelectors" => json!({ "TrailName": "kept" }),
        "DescribeSecret" => json!({ "SecretId": "deploy" }),
        "GetQueueUrl" => json!({ "QueueName": "events" }),
        "GetQueueAttributes" => json!({
            "QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/events", "AttributeNames": ["All"],
        }),
        "GetFindings" => json!({ "DetectorId": "12abc34d567e8fa901bc2d34e56789f0", "FindingIds": ["f1"] }),
        "GetOpenIDConnectProvider" => {
            json!({ "OpenIDConnectProviderArn": "arn:aws:iam::111122223333:oidc-provider/ci.example.com" })
        }
        "GetAlternateContact" => json!({ "AlternateContactType": "SECURITY" }),
        _ => json!({}),
    }
}

#[tokio::test(start_paused = true)]
async fn every_read_has_something_to_show() {
    let bench = Bench::open(ACCOUNT);
    let mut looked = BTreeSet::new();
    for (service, operation) in operations() {
        let reads = find(service, operation).is_some_and(|row| row.reads);
        if !reads || operation == "AssumeRole" {
            continue;
        }
        let mut input = match service {
            ServiceName::Qbusiness => of_q_business(&bench, operation),
            _ => input(&bench, operation),
        };
        if operation == "DescribeSupportedLanguages"
            && let Some(members) = input.as_object_mut()
        {
            members.remove("language");
        }
        match bench.answer(service, operation, "us-east-1", input).await {
            Answer::Reply(reply) => {
                let empty = reply.as_object().is_some_and(|members| members.values().any(|value| *value == json!([])));
                assert!(!empty || service == ServiceName::Cloudtrail, "{operation} shows nothing: {reply}");
                looked.insert(operation);
            }
            other => panic!("{operation}: {other:?}"),
        }
    }
    assert!(looked.len() > 40, "{looked:?}");
}
