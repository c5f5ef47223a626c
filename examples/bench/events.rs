//! Events as AWS writes them, and patterns that ask for some of them.

use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1"];

/// An API of AWS: the service, the name, and what such a call is asked with.
type Api = (&'static str, &'static str, fn(&mut ChaCha8Rng) -> Value);

const APIS: [Api; 10] = [
    ("bedrock", "InvokeModel", |_| json!({ "modelId": "anthropic.claude-sonnet-4-20250514-v1:0" })),
    ("bedrock", "Converse", |_| json!({ "modelId": "us.anthropic.claude-opus-4-20250514-v1:0" })),
    ("bedrock", "CreateAgent", |rng| {
        json!({
            "agentName": format!("assistant-{}", id(rng, 4)),
            "agentResourceRoleArn": format!("arn:aws:iam::111122223333:role/{}", role(rng)),
            "foundationModel": "anthropic.claude-sonnet-4-20250514-v1:0",
            "idleSessionTTLInSeconds": 600,
            "instruction": "HIDDEN_DUE_TO_SECURITY_REASONS",
        })
    }),
    ("bedrock", "ListFoundationModels", |_| json!({})),
    ("bedrock", "DeleteModelInvocationLoggingConfiguration", |_| Value::Null),
    ("iam", "CreateAccessKey", |rng| json!({ "userName": format!("deploy-{}", id(rng, 3)) })),
    (
        "iam",
        "AttachRolePolicy",
        |rng| json!({ "roleName": role(rng), "policyArn": "arn:aws:iam::aws:policy/AmazonBedrockFullAccess" }),
    ),
    ("sts", "AssumeRole", |rng| {
        json!({
            "roleArn": format!("arn:aws:iam::111122223333:role/{}", role(rng)),
            "roleSessionName": id(rng, 12),
            "durationSeconds": 3600,
        })
    }),
    ("s3", "PutBucketPolicy", |rng| json!({ "bucketName": format!("knowledge-{}", id(rng, 6)), "policy": [""] })),
    ("qbusiness", "CreateApplication", |rng| json!({ "displayName": format!("helpdesk-{}", id(rng, 5)) })),
];

const FINDINGS: [&str; 6] = [
    "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
    "Impact:IAMUser/AnomalousBehavior",
    "CredentialAccess:IAMUser/AnomalousBehavior",
    "Recon:IAMUser/MaliciousIPCaller.Custom",
    "Policy:IAMUser/RootCredentialUsage",
    "Stealth:IAMUser/CloudTrailLoggingDisabled",
];

/// So many events from a seed: two of three are API calls, the others findings.
pub(crate) fn events(seed: u64, count: usize) -> Vec<String> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let one = |number| if number % 3 == 2 { finding(&mut rng) } else { call(&mut rng) };
    (0..count).map(one).map(|event| event.to_string()).collect()
}

fn call(rng: &mut ChaCha8Rng) -> Value {
    let (service, name, asked) = pick(rng, &APIS);
    let (region, key, role, session) = (pick(rng, &REGIONS), id(rng, 16), role(rng), id(rng, 10));
    let error = rng.random_bool(0.2);
    let mut detail = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": format!("AROA{key}:{session}"),
            "arn": format!("arn:aws:sts::111122223333:assumed-role/{role}/{session}"),
            "accountId": "111122223333",
            "accessKeyId": format!("ASIA{key}"),
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": format!("AROA{key}"),
                    "arn": format!("arn:aws:iam::111122223333:role/{role}"),
                    "accountId": "111122223333",
                    "userName": role,
                },
                "attributes": { "creationDate": time(rng), "mfaAuthenticated": "false" },
            },
        },
        "eventTime": time(rng),
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": address(rng),
        "userAgent": "aws-cli/2.27.1 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.2",
        "requestParameters": asked(rng),
        "responseElements": null,
        "requestID": uuid(rng),
        "eventID": uuid(rng),
        "readOnly": rng.random_bool(0.5),
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": format!("{service}.{region}.amazonaws.com"),
        },
    });
    if error {
        detail["errorCode"] = json!("AccessDenied");
        detail["errorMessage"] = json!(format!("User is not authorized to perform: {service}:{name}"));
    }
    envelope(rng, &format!("aws.{service}"), "AWS API Call via CloudTrail", region, detail)
}

fn finding(rng: &mut ChaCha8Rng) -> Value {
    let (kind, region, key, detector) = (pick(rng, &FINDINGS), pick(rng, &REGIONS), id(rng, 16), id(rng, 32));
    let finding = id(rng, 32);
    let detail = json!({
        "schemaVersion": "2.0",
        "accountId": "111122223333",
        "region": region,
        "partition": "aws",
        "id": finding,
        "arn": format!("arn:aws:guardduty:{region}:111122223333:detector/{detector}/finding/{finding}"),
        "type": kind,
        "resource": {
            "resourceType": "AccessKey",
            "accessKeyDetails": {
                "accessKeyId": format!("ASIA{key}"),
                "principalId": format!("AROA{key}:{}", id(rng, 10)),
                "userType": "AssumedRole",
                "userName": role(rng),
            },
        },
        "service": {
            "serviceName": "guardduty",
            "detectorId": detector,
            "action": {
                "actionType": "AWS_API_CALL",
                "awsApiCallAction": {
                    "api": pick(rng, &APIS).1,
                    "serviceName": "bedrock.amazonaws.com",
                    "callerType": "Remote IP",
                    "remoteIpDetails": {
                        "ipAddressV4": address(rng),
                        "organization": { "asn": "64500", "asnOrg": "Example Net", "isp": "Example", "org": "Example" },
                        "country": { "countryName": "Netherlands" },
                        "city": { "cityName": "Amsterdam" },
                        "geoLocation": { "lat": 52.3 + f64::from(rng.random_range(1..9)) / 100.0, "lon": 4.89 },
                    },
                },
            },
            "resourceRole": "TARGET",
            "additionalInfo": { "threatListName": "custom", "type": "default" },
            "eventFirstSeen": time(rng),
            "eventLastSeen": time(rng),
            "archived": false,
            "count": rng.random_range(1..40),
        },
        "severity": pick(rng, &[2.0, 5.3, 8.0]),
        "createdAt": time(rng),
        "updatedAt": time(rng),
        "title": "Credentials of a role were used from an address that is not known to this account.",
        "description": "An API was called in a way that differs from what this principal did in the last weeks.",
    });
    envelope(rng, "aws.guardduty", "GuardDuty Finding", region, detail)
}

fn envelope(rng: &mut ChaCha8Rng, source: &str, kind: &str, region: &str, detail: Value) -> Value {
    json!({
        "version": "0",
        "id": uuid(rng),
        "detail-type": kind,
        "source": source,
        "account": "111122223333",
        "time": time(rng),
        "region": region,
        "resources": [],
        "detail": detail,
    })
}

/// So many patterns, all different: what rules of a security team ask for. Some match many of the events, most match few or none.
pub(crate) fn patterns(count: usize) -> Vec<String> {
    let mut all = vec![
        json!({ "source": ["aws.guardduty"], "detail": { "severity": [{ "numeric": [">=", 7] }] } }),
        json!({ "source": ["aws.guardduty"], "detail": { "type": [{ "prefix": "UnauthorizedAccess:IAMUser/" }] } }),
        json!({ "detail": { "errorCode": [{ "exists": true }], "eventSource": ["bedrock.amazonaws.com"] } }),
        json!({ "detail": { "errorCode": [{ "exists": false }], "eventName": ["InvokeModel", "Converse"] } }),
        json!({ "detail": { "sourceIPAddress": [{ "cidr": "198.51.100.0/25" }] } }),
        json!({ "detail": { "userIdentity": { "arn": [{ "wildcard": "arn:*:assumed-role/ml-*/a*" }] } } }),
        json!({ "source": ["aws.bedrock"], "region": [{ "anything-but": ["us-east-1", "eu-west-1"] }] }),
    ];
    for number in all.len()..count {
        let (service, name, _) = APIS[number % APIS.len()];
        all.push(match number % 4 {
            0 => json!({
                "source": [format!("aws.{service}")],
                "detail-type": ["AWS API Call via CloudTrail"],
                "detail": { "eventName": [name], "userIdentity": { "accountId": [format!("{:012}", number)] } },
            }),
            1 => json!({
                "source": ["aws.guardduty"],
                "detail-type": ["GuardDuty Finding"],
                "detail": {
                    "type": [FINDINGS[number % FINDINGS.len()]],
                    "service": { "count": [{ "numeric": [">", number % 40] }] },
                },
            }),
            2 => json!({
                "detail": {
                    "eventSource": [format!("{service}.amazonaws.com")],
                    "eventName": [name, format!("Describe{number}")],
                    "awsRegion": [REGIONS[number % REGIONS.len()]],
                    "sourceIPAddress": [{ "prefix": format!("203.0.{}.", number % 256) }],
                },
            }),
            _ => json!({
                "source": [format!("aws.{service}")],
                "detail": {
                    "requestParameters": { "roleName": [{ "prefix": "ml-" }, format!("role-{number}")] },
                    "userIdentity": { "sessionContext": { "sessionIssuer": { "userName": [format!("ci-{}", number % 8)] } } },
                },
            }),
        });
    }
    all.truncate(count);
    all.iter().map(Value::to_string).collect()
}

fn pick<T: Copy>(rng: &mut ChaCha8Rng, of: &[T]) -> T {
    *of.choose(rng).expect("one of some")
}

fn role(rng: &mut ChaCha8Rng) -> String {
    format!("{}-{}", pick(rng, &["ml", "ci", "app"]), rng.random_range(0..8))
}

fn id(rng: &mut ChaCha8Rng, length: usize) -> String {
    (0..length).map(|_| char::from(pick(rng, b"abcdefghijklmnopqrstuvwxyz234567"))).collect()
}

fn uuid(rng: &mut ChaCha8Rng) -> String {
    [8, 4, 4, 4, 12].map(|length| id(rng, length)).join("-")
}

fn address(rng: &mut ChaCha8Rng) -> String {
    format!("{}.{}", pick(rng, &["198.51.100", "203.0.113", "192.0.2"]), rng.random_range(0..256))
}

fn time(rng: &mut ChaCha8Rng) -> String {
    format!("2026-03-{:02}T{:02}:{:02}:{:02}Z", rng.random_range(1..29), hour(rng), minute(rng), minute(rng))
}

fn hour(rng: &mut ChaCha8Rng) -> u8 {
    rng.random_range(0..24)
}

fn minute(rng: &mut ChaCha8Rng) -> u8 {
    rng.random_range(0..60)
}
