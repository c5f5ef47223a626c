use proptest::prelude::*;
use serde_json::{Value, json};

use super::forms::form;
use crate::detect::samples::{self, *};
use crate::detect::{Fact, Facts, unwrap};

const ACCOUNT: &str = "111122223333";

fn facts(text: &str) -> Vec<Facts> {
    let read = unwrap(text.as_bytes()).expect("events");
    assert_eq!(read.unread, []);
    read.events.iter().map(Facts::of).collect()
}

fn one(text: &str) -> Facts {
    let [facts] = facts(text).try_into().expect("one event");
    facts
}

fn values(facts: &Facts, fact: Fact) -> Vec<&str> {
    facts.all(fact).iter().map(|said| said.value.as_str()).collect()
}

fn why(facts: &Facts, fact: Fact) -> &str {
    facts.unsaid().iter().find(|unsaid| unsaid.fact == fact).map_or("", |unsaid| unsaid.why.as_str())
}

/// Whether it says these, and nothing of whom but these.
fn says(facts: &Facts, wanted: &[(Fact, &[&str])]) {
    for (fact, expected) in wanted {
        assert_eq!(values(facts, *fact), *expected, "{fact:?}: {:?}", facts.unsaid());
    }
    let who = [
        Fact::Principal,
        Fact::Role,
        Fact::User,
        Fact::Root,
        Fact::Session,
        Fact::ServiceRole,
        Fact::AccessKey,
        Fact::UserAccessKey,
    ];
    for fact in who.into_iter().filter(|fact| !wanted.iter().any(|(known, _)| known == fact)) {
        assert_eq!(values(facts, fact), Vec::<&str>::new(), "{fact:?}");
    }
}

fn changed(sample: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut value = serde_json::from_str(sample).expect("JSON");
    change(&mut value);
    value.to_string()
}

#[test]
fn a_finding_of_ai_protection_about_a_user() {
    let user: &[&str] = &["arn:aws:iam::111122223333:user/analytics"];
    let key: &[&str] = &["AKIAIOSFODNN7EXAMPLE"];
    let facts = one(ANOMALOUS_INVOCATION);
    says(
        &facts,
        &[
            (Fact::Account, &[ACCOUNT]),
            (Fact::Region, &["us-east-1"]),
            (Fact::Time, &["2026-11-20T08:42:10Z"]),
            (Fact::FirstSeen, &["2026-11-20T08:00:00Z"]),
            (Fact::Principal, user),
            (Fact::User, user),
            (Fact::PrincipalId, &["AIDACKCEVSQ6C2EXAMPLE"]),
            (Fact::AccessKey, key),
            (Fact::UserAccessKey, key),
            (Fact::SourceAddress, &["198.51.100.7"]),
            (
                Fact::Model,
                &[
                    "anthropic.claude-3-5-sonnet-20241022-v2:0",
                    "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-3-haiku-20240307-v1:0",
                ],
            ),
            (Fact::FindingId, &["f6c9a1b2d3e4f5061728394a5b6c7d8e"]),
            (Fact::FindingType, &["Impact:IAMUser/AnomalousModelInvocation"]),
            (Fact::Detector, &["d4b040365221be2b54a6264dc9a1b2c3"]),
            (Fact::Severity, &["2"]),
            (Fact::EventName, &["InvokeModel"]),
            (Fact::EventSource, &["bedrock.amazonaws.com"]),
        ],
    );
    assert_eq!(facts.one(Fact::User).expect("a user").at, "detail.resource.accessKeyDetails.userName");
    assert_eq!(facts.one(Fact::Model), None);
    assert!(facts.is_by_name());
    assert_eq!(facts.unsaid(), []);
}

#[test]
fn a_finding_about_a_role_knows_the_session() {
    let role: &[&str] = &["arn:aws:iam::111122223333:role/deployer"];
    let facts = one(COST_HARVESTING);
    says(
        &facts,
        &[
            (Fact::Principal, role),
            (Fact::Role, role),
            (Fact::Session, &["arn:aws:sts::111122223333:assumed-role/deployer/deploy-17"]),
            (Fact::PrincipalId, &["AROACKCEVSQ6C2EXAMPLE"]),
            (Fact::AccessKey, &["ASIAIOSFODNN7EXAMPLE"]),
            (Fact::SourceAddress, &["2001:db8::17"]),
        ],
    );
    assert!(facts.is_by_name());
}

#[test]
fn a_finding_of_the_api_about_an_api_key_and_a_guardrail() {
    let user: &[&str] = &["arn:aws:iam::111122223333:user/BedrockAPIKey-ab1c"];
    let facts = one(PROMPT_INJECTION_OF_THE_API);
    says(
        &facts,
        &[
            (Fact::Principal, user),
            (Fact::User, user),
            (Fact::Guardrail, &["gr1abcdef234"]),
            (Fact::Severity, &["2.0"]),
        ],
    );
    let elsewhere = PROMPT_INJECTION_OF_THE_API.replace("111122223333:guardrail", "444455556666:guardrail");
    let facts = one(&elsewhere);
    assert_eq!(values(&facts, Fact::Guardrail), Vec::<&str>::new());
    assert!(why(&facts, Fact::Guardrail).contains("none of the event's account and Region"));
}

#[test]
fn a_sequence_names_everybody_in_it_but_the_roles_of_services() {
    let (user, role) = ("arn:aws:iam::111122223333:user/analytics", "arn:aws:iam::111122223333:role/deployer");
    let facts = one(ATTACK_SEQUENCE);
    says(
        &facts,
        &[
            (Fact::Principal, &[user, role]),
            (Fact::User, &[user]),
            (Fact::Role, &[role]),
            (Fact::ServiceRole, &["arn:aws:iam::111122223333:role/AmazonBedrockExecutionRoleForAgents_7KX"]),
            (Fact::Session, &["arn:aws:sts::111122223333:assumed-role/deployer/deploy-17"]),
            (Fact::AccessKey, &["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"]),
            (Fact::UserAccessKey, &["AKIAIOSFODNN7EXAMPLE"]),
            (Fact::Guardrail, &["gr1abcdef234"]),
            (Fact::Model, &["anthropic.claude-3-5-sonnet-20241022-v2:0"]),
            (Fact::SourceAddress, &["198.51.100.7"]),
            (Fact::Severity, &["9.2"]),
        ],
    );
    assert_eq!(facts.one(Fact::User).expect("one").at, "detail.service.detection.sequence.actors[0].user.name");
    let theirs = ATTACK_SEQUENCE.replacen(r#""uid": "111122223333""#, r#""uid": "444455556666""#, 1);
    assert_eq!(values(&one(&theirs), Fact::Principal), [role]);
}

#[test]
fn findings_of_security_hub_are_never_mixed() {
    let user: &[&str] = &["arn:aws:iam::111122223333:user/analytics"];
    let role: &[&str] = &["arn:aws:iam::111122223333:role/ci/deployer"];
    let key: &[&str] = &["AKIAIOSFODNN7EXAMPLE"];
    let [first, second] = facts(ASFF_TWO_FINDINGS).try_into().expect("two");
    says(
        &first,
        &[
            (Fact::Principal, user),
            (Fact::User, user),
            (Fact::AccessKey, key),
            (Fact::UserAccessKey, key),
            (Fact::Severity, &["LOW"]),
            (Fact::SourceAddress, &["198.51.100.7"]),
            (Fact::EventName, &["InvokeModel"]),
            (Fact::Detector, &["d4b040365221be2b54a6264dc9a1b2c3"]),
        ],
    );
    says(
        &second,
        &[
            (Fact::Principal, role),
            (Fact::Role, role),
            (Fact::AccessKey, &["ASIAIOSFODNN7EXAMPLE"]),
            (Fact::FindingType, &["TTPs/Credential Access/CredentialAccess:IAMUser-AnomalousBehavior"]),
            (Fact::PrincipalId, &["AROACKCEVSQ6C2EXAMPLE"]),
        ],
    );
    assert!(first.is_by_name() && !second.is_by_name());
}

#[test]
fn a_finding_in_ocsf() {
    let user: &[&str] = &["arn:aws:iam::111122223333:user/analytics"];
    let key: &[&str] = &["AKIAIOSFODNN7EXAMPLE"];
    says(
        &one(OCSF_DETECTION),
        &[
            (Fact::Account, &[ACCOUNT]),
            (Fact::Region, &["us-east-1"]),
            (Fact::Principal, user),
            (Fact::User, user),
            (Fact::AccessKey, key),
            (Fact::UserAccessKey, key),
            (Fact::FirstSeen, &["2025-11-20T08:00:00Z"]),
            (Fact::Time, &["2025-11-20T08:42:10Z"]),
            (Fact::Severity, &["Low"]),
            (Fact::SourceAddress, &["198.51.100.7"]),
            (Fact::EventName, &["InvokeModel"]),
            (Fact::FindingType, &["Impact:IAMUser/AnomalousModelInvocation"]),
        ],
    );
    let by_arn = changed(OCSF_DETECTION, |event| {
        let user = &mut event["detail"]["findings"][0]["evidences"][0]["actor"]["user"];
        *user = json!({ "uid": "arn:aws:sts::111122223333:assumed-role/deployer/deploy-17", "uid_alt": "AROACKCEVSQ6C2EXAMPLE:deploy-17" });
    });
    let facts = one(&by_arn);
    assert_eq!(values(&facts, Fact::Role), ["arn:aws:iam::111122223333:role/deployer"]);
    assert_eq!(values(&facts, Fact::Session), ["arn:aws:sts::111122223333:assumed-role/deployer/deploy-17"]);
}

#[test]
fn a_service_that_acts_is_nobody_to_contain() {
    let role = "arn:aws:iam::111122223333:role/service-role/AmazonBedrockExecutionRoleForKnowledgeBase_k3b";
    let facts = one(SERVICE_ROLE);
    // Neither session, id nor key: each would lead to the role.
    says(&facts, &[(Fact::ServiceRole, &[role]), (Fact::PrincipalId, &[])]);
    assert!(!why(&facts, Fact::Session).is_empty() && !why(&facts, Fact::AccessKey).is_empty());
    assert_eq!(
        why(&facts, Fact::Principal),
        "`bedrock.amazonaws.com` called with a session of the role: whoever asked the service is not in the event"
    );
    assert!(why(&facts, Fact::SourceAddress).contains("bedrock.amazonaws.com"));
    // By its path alone, and by its name alone.
    let by = |from: &str, to: &str| {
        one(&changed(ASSUMED_ROLE, |record| {
            *record = serde_json::from_str(&record.to_string().replace(from, to)).expect("JSON");
        }))
    };
    let by_path = by("role/ci/deployer", "role/service-role/deployer");
    assert!(why(&by_path, Fact::Principal).contains("by its path `/service-role/`"));
    let linked = by("role/ci/deployer", "role/aws-service-role/x.amazonaws.com/deployer");
    assert!(why(&linked, Fact::Role).contains("by its path `/aws-service-role/`"));
    let by_name = by("deployer", "AmazonBedrockExecutionRoleForAgents_X");
    assert!(why(&by_name, Fact::Principal).contains("by its name"));
    // The name of a session is chosen by whoever starts it.
    assert_eq!(
        values(&by("deploy-17", "AmazonBedrockExecutionRoleForX"), Fact::Principal),
        ["arn:aws:iam::111122223333:role/ci/deployer"]
    );
    // The console calls for whoever signed in; and a user whose call is passed on is behind it all the same.
    let console = changed(ASSUMED_ROLE, |record| record["userIdentity"]["invokedBy"] = json!("signin.amazonaws.com"));
    assert_eq!(values(&one(&console), Fact::Role), ["arn:aws:iam::111122223333:role/ci/deployer"]);
    let passed_on = changed(BEARER_TOKEN, |record| record["userIdentity"]["invokedBy"] = json!("athena.amazonaws.com"));
    assert_eq!(values(&one(&passed_on), Fact::User), ["arn:aws:iam::111122223333:user/BedrockAPIKey-ab1c"]);
}

#[test]
fn a_call_with_an_api_key() {
    let user: &[&str] = &["arn:aws:iam::111122223333:user/BedrockAPIKey-ab1c"];
    let facts = one(BEARER_TOKEN);
    says(
        &facts,
        &[
            (Fact::Principal, user),
            (Fact::User, user),
            (Fact::WithApiKey, &["true"]),
            (Fact::Credential, &["ACCASAMPLE0000000001"]),
            (Fact::RecordId, &["bbbbbbbb-1111-4222-8333-cccccccccccc"]),
            (Fact::Time, &["2026-11-20T08:42:10Z"]),
        ],
    );
    assert!(!facts.is_by_name());
    let signed = changed(BEARER_TOKEN, |record| record["additionalEventData"]["callWithBearerToken"] = json!("false"));
    assert_eq!(one(&signed).one(Fact::WithApiKey), None);
}

#[test]
fn the_root_user_and_a_federated_user() {
    let root: &[&str] = &["arn:aws:iam::111122223333:root"];
    says(&one(ROOT_SIGN_IN), &[(Fact::Principal, root), (Fact::Root, root), (Fact::PrincipalId, &[ACCOUNT])]);
    let broker: &[&str] = &["arn:aws:iam::111122223333:user/brokers/broker"];
    says(
        &one(FEDERATED_USER),
        &[
            (Fact::Principal, broker),
            (Fact::User, broker),
            (Fact::PrincipalId, &["AIDAISSUER0000EXAMPLE"]),
            (Fact::AccessKey, &["ASIAFEDERATED0EXAMPLE"]),
            (Fact::Guardrail, &["gr1abcdef234"]),
        ],
    );
    let of_finding = |kind: &str| {
        one(&changed(ANOMALOUS_INVOCATION, |event| {
            event["detail"]["resource"]["accessKeyDetails"]["userType"] = json!(kind)
        }))
    };
    assert_eq!(values(&of_finding("Root"), Fact::Root), root);
    assert!(why(&of_finding("FederatedUser"), Fact::Principal).contains("federated user"));
    for kind in ["AWSAccount", "AWSService", "Directory"] {
        assert_eq!(values(&of_finding(kind), Fact::Principal), Vec::<&str>::new());
        assert!(why(&of_finding(kind), Fact::Principal).contains(kind));
    }
}

#[test]
fn whoever_iam_does_not_know_is_no_principal() {
    for kind in
        ["AWSService", "AWSAccount", "IdentityCenterUser", "SAMLUser", "WebIdentityUser", "Directory", "Unknown", "New"]
    {
        let facts = one(&changed(BEARER_TOKEN, |record| record["userIdentity"]["type"] = json!(kind)));
        assert_eq!(values(&facts, Fact::Principal), Vec::<&str>::new(), "{kind}");
        assert_ne!(why(&facts, Fact::Principal), "", "{kind}");
    }
    let nobody = one(&changed(BEARER_TOKEN, |record| {
        record["userIdentity"] = json!({ "type": "IAMUser", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS" })
    }));
    assert_eq!(why(&nobody, Fact::Principal), "it was `IAMUser`, and the record does not say which");
}

#[test]
fn what_a_call_is_about_is_told_by_its_service() {
    let facts = one(ASSUMED_ROLE);
    let role: &[&str] = &["arn:aws:iam::111122223333:role/ci/deployer"];
    says(
        &facts,
        &[
            (Fact::Principal, role),
            (Fact::Role, role),
            (Fact::Session, &["arn:aws:sts::111122223333:assumed-role/deployer/deploy-17"]),
            (Fact::AccessKey, &["ASIAIOSFODNN7EXAMPLE"]),
            (Fact::KnowledgeBase, &["KB12345678"]),
            (Fact::DataSource, &["DS12345678"]),
            (Fact::QDataSource, &[]),
            (Fact::Application, &[]),
        ],
    );
    let q = one(Q_DATA_SOURCE);
    assert_eq!(values(&q, Fact::Application), ["a1b2c3d4-5678-90ab-cdef-111122223333"]);
    assert_eq!(values(&q, Fact::QDataSource), ["c1b2c3d4-5678-90ab-cdef-111122223333"]);
    assert_eq!(values(&q, Fact::DataSource), Vec::<&str>::new());
    let agent = one(&changed(ASSUMED_ROLE, |record| {
        record["requestParameters"] = json!({ "agentName": "x" });
        record["responseElements"] = json!({ "agent": { "agentId": "AGENT12345", "agentArn": "x" } });
    }));
    assert_eq!(values(&agent, Fact::Agent), ["AGENT12345"]);
}

#[test]
fn what_contradicts_itself_says_nothing() {
    let account = one(&changed(ANOMALOUS_INVOCATION, |event| event["account"] = json!("444455556666")));
    for fact in [Fact::Account, Fact::Principal, Fact::User, Fact::Session] {
        assert_eq!(values(&account, fact), Vec::<&str>::new(), "{fact:?}");
    }
    let told = why(&account, Fact::Account);
    assert!(told.contains("`444455556666`") && told.contains("`111122223333`"), "{told}");
    let region = one(&changed(SERVICE_ROLE, |event| event["region"] = json!("eu-west-1")));
    assert_eq!(values(&region, Fact::Region), Vec::<&str>::new());
    assert!(why(&region, Fact::Region).contains("`eu-west-1`"));
    let time = changed(SERVICE_ROLE, |event| event["time"] = json!("2026-11-21T08:42:10Z"));
    assert_eq!(values(&one(&time), Fact::Time), ["2026-11-20T08:42:10Z", "2026-11-21T08:42:10Z"]);
    // A namesake of another account must not be contained in this one.
    let theirs = ASSUMED_ROLE.replace("iam::111122223333:role", "iam::444455556666:role");
    let facts = one(&theirs);
    assert_eq!(values(&facts, Fact::Principal), Vec::<&str>::new());
    assert!(why(&facts, Fact::Principal).contains("another account"));
    let mixed = ASSUMED_ROLE.replace("assumed-role/deployer", "assumed-role/other");
    assert!(why(&one(&mixed), Fact::Principal).contains("no session of the role"));
    let without = changed(BEARER_TOKEN, |record| {
        record.as_object_mut().expect("an object").remove("recipientAccountId");
    });
    let facts = one(&without);
    assert_eq!(values(&facts, Fact::Principal), Vec::<&str>::new());
    assert_eq!(why(&facts, Fact::Account), "the detail does not say it");
}

#[test]
fn an_event_of_another_kind_says_where_and_when() {
    let event = json!({ "id": "e", "detail-type": "Anything", "source": "custom", "account": ACCOUNT, "time": "2026-11-20T08:00:00Z", "region": "eu-west-1", "detail": {} });
    let facts = one(&event.to_string());
    says(
        &facts,
        &[(Fact::Account, &[ACCOUNT]), (Fact::Region, &["eu-west-1"]), (Fact::Time, &["2026-11-20T08:00:00Z"])],
    );
    assert_ne!(why(&facts, Fact::Principal), "");
}

/// Puts a value into the place of the leaf of that number.
fn replace_leaf(value: &mut Value, number: &mut usize, with: &Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace_leaf(item, number, with)),
        Value::Object(members) => members.values_mut().for_each(|member| replace_leaf(member, number, with)),
        leaf => {
            if *number == 0 {
                *leaf = with.clone();
            }
            *number = number.wrapping_sub(1);
        }
    }
}

fn hostile() -> impl Strategy<Value = Value> {
    prop_oneof![
        ".{0,20}".prop_map(Value::from),
        "[a-zA-Z0-9:/*?${}. -]{1,40}".prop_map(Value::from),
        prop::sample::select(vec![
            "*",
            "?",
            "${aws:username}",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::444455556666:user/analytics",
            "AKIA*",
            "\u{1b}[2J",
            "a\nb",
            "arn:aws:iam::111122223333:user/x/../y",
            "AROAX:*",
            "AROACKCEVSQ6C2EXAMPLE:a/b",
            "\u{202e}",
            "-",
            "111122223333 ",
        ])
        .prop_map(Value::from),
        (1_usize..5000).prop_map(|length| Value::from("A".repeat(length))),
        Just(json!(null)),
        Just(json!(1e300)),
        Just(json!([{ "a": [] }])),
        Just(json!({ "findings": [] })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::detect::plain::many(2_000)))]

    #[test]
    fn whatever_stands_in_an_event_each_value_has_its_form(sample in prop::sample::select(samples::ALL), places in prop::collection::vec((0_usize..120, hostile()), 1..4)) {
        let mut event: Value = serde_json::from_str(sample).expect("JSON");
        for (place, with) in places {
            let mut number = place;
            replace_leaf(&mut event, &mut number, &with);
        }
        let Ok(read) = unwrap(event.to_string().as_bytes()) else { return Ok(()) };
        for facts in read.events.iter().map(Facts::of) {
            for (fact, said) in facts.iter() {
                prop_assert_eq!(form(fact, &said.value), Ok(said.value.clone()), "{:?}", fact);
                prop_assert!(said.value.bytes().all(|b| b.is_ascii_graphic() || b == b' '), "{:?} {:?}", fact, said.value);
                prop_assert!(!said.value.contains(['*', '?']) && !said.value.contains("${"), "{:?} {:?}", fact, said.value);
                prop_assert!(said.value.len() <= 2048);
            }
            for unsaid in facts.unsaid() {
                prop_assert!(unsaid.why.len() < 2000 && !unsaid.why.contains(|c: char| c.is_control()), "{:?}", unsaid);
            }
            for fact in [Fact::Principal, Fact::Role, Fact::User, Fact::Root, Fact::Session, Fact::ServiceRole] {
                for said in facts.all(fact) {
                    let arn: crate::base::Arn = said.value.parse().expect("an ARN");
                    prop_assert_eq!(arn.account().map(String::from), facts.one(Fact::Account).map(|said| said.value.clone()));
                }
            }
        }
    }
}
