//! The policies that a person puts for an organisation: whom they refuse, and whom not.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use quell::base::Arn;
use quell::iam::{NamedPolicy, PolicyDocument, PolicySet, Principal, Request, evaluate};

/// What AWS takes at most.
const LARGEST: usize = 5120;

fn shipped(name: &str) -> PolicyDocument {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(name);
    PolicyDocument::parse(&fs::read_to_string(path).expect("it is there")).expect("a policy")
}

fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

fn arn(text: &str) -> Arn {
    text.parse().expect("an ARN")
}

/// A session of a role, from before the moment in the policies or from after it.
fn session(role: &str, old: bool, person: Option<&str>) -> Principal {
    Principal::RoleSession {
        role: arn(&format!("arn:aws:iam::111122223333:role/{role}")),
        id: "AROAEXAMPLEID".to_owned(),
        session: "s".to_owned(),
        issued: at(if old { "2026-11-22T02:00:00Z" } else { "2026-11-22T04:00:00Z" }),
        mfa: false,
        identity_store_user: person.map(str::to_owned),
    }
}

fn user(name: &str) -> Principal {
    Principal::User { arn: arn(&format!("arn:aws:iam::111122223333:user/{name}")), id: "AIDAEXAMPLEID".to_owned() }
}

/// Whether somebody who may do everything is refused under the policy of the organisation.
fn is_refused(policy: &str, principal: &Principal, action: &str, more: &[(&str, &str)]) -> bool {
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let named = |name: &str, document| NamedPolicy { name: name.to_owned(), document: Arc::new(document) };
    let identity = vec![named("all", PolicyDocument::parse(all).expect("a policy")), named(policy, shipped(policy))];
    let policies = PolicySet { identity, ..PolicySet::default() };
    let context = more
        .iter()
        .fold(principal.context(at("2026-11-22T05:00:00Z"), None), |context, (key, value)| context.with(key, *value));
    let decision = evaluate(&policies, &Request { principal, action, resource: "*", context: &context });
    assert!(decision.is_denied() || decision.is_allowed(), "{policy}, {action}: {decision:?}");
    decision.is_denied()
}

#[test]
fn they_only_deny_and_fit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        if name.starts_with("scp-") || name.starts_with("permission-set-") {
            let document = shipped(&name);
            assert!(document.only_denies() && document.size() < LARGEST, "{name}");
            seen += 1;
        }
    }
    assert_eq!(seen, 6);
}

#[test]
fn the_compromised_are_refused_and_the_responder_is_not() {
    let responder = session("QuellResponder", true, None);
    let policy = "scp-principals.json";
    let federated = Principal::FederatedUser {
        issuer: arn("arn:aws:iam::111122223333:user/COMPROMISED"),
        name: "x".to_owned(),
        issued: at("2026-11-22T02:00:00Z"),
    };
    for (who, refused) in [
        (user("COMPROMISED"), true),
        (session("COMPROMISED", false, None), true),
        (federated, true),
        (user("ada"), false),
        (session("chat-app", true, None), false),
        (responder.clone(), false),
    ] {
        assert_eq!(is_refused(policy, &who, "iam:CreateUser", &[]), refused, "{who:?}");
    }
    let policy = "scp-older-sessions.json";
    for (who, refused) in [
        (session("chat-app", true, None), true),
        (session("chat-app", false, None), false),
        (user("ada"), false),
        (responder, false),
    ] {
        assert_eq!(is_refused(policy, &who, "iam:CreateUser", &[]), refused, "{who:?}");
    }
}

#[test]
fn the_services_of_ai_are_refused_to_all_but_the_responder() {
    let (policy, app) = ("scp-ai-services.json", session("chat-app", false, None));
    let responder = session("QuellResponder", false, None);
    for action in ["bedrock:InvokeModel", "bedrock-mantle:CreateInference", "q:SendMessage", "qbusiness:ChatSync"] {
        assert!(is_refused(policy, &app, action, &[]) && !is_refused(policy, &responder, action, &[]), "{action}");
    }
    let makes = |service: &str| {
        let service = [("iam:ServiceSpecificCredentialServiceName", service)];
        is_refused(policy, &app, "iam:CreateServiceSpecificCredential", &service)
    };
    assert!(makes("bedrock.amazonaws.com") && !makes("codecommit.amazonaws.com"));
    assert!(!is_refused(policy, &app, "s3:GetObject", &[]));
}

#[test]
fn logs_stay_on_and_the_responder_puts_them_back() {
    let (policy, app) = ("scp-logs.json", session("chat-app", false, None));
    let put = "bedrock:PutModelInvocationLoggingConfiguration";
    for action in [put, "bedrock:DeleteModelInvocationLoggingConfiguration", "cloudtrail:StopLogging"] {
        assert!(is_refused(policy, &app, action, &[]), "{action}");
    }
    assert!(!is_refused(policy, &session("QuellResponder", false, None), put, &[]));
    assert!(!is_refused(policy, &app, "bedrock:GetModelInvocationLoggingConfiguration", &[]));
}

#[test]
fn one_person_of_identity_center_is_refused_and_nobody_else() {
    let role = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_dev_0123456789abcdef";
    let of = |person, old| session(role, old, Some(person));
    let policy = "scp-identity-center-user.json";
    assert!(is_refused(policy, &of("90679e1085-EXAMPLE", false), "q:SendMessage", &[]));
    assert!(!is_refused(policy, &of("90679e1085-ANOTHER", false), "q:SendMessage", &[]));
    let policy = "permission-set-older-sessions.json";
    assert!(is_refused(policy, &of("90679e1085-EXAMPLE", true), "q:SendMessage", &[]));
    assert!(!is_refused(policy, &of("90679e1085-EXAMPLE", false), "q:SendMessage", &[]));
    assert!(!is_refused(policy, &of("90679e1085-ANOTHER", true), "q:SendMessage", &[]));
}

/// A policy of which no gate knows is found by nobody at three in the morning.
#[test]
fn the_gates_name_each_with_its_command() {
    let texts: String = quell::runbook::embedded()
        .map(|name| {
            quell::runbook::shipped(name).expect("it is shipped").text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect();
    for name in ["scp-principals", "scp-older-sessions", "scp-ai-services", "scp-identity-center-user", "scp-logs"] {
        assert!(texts.contains(&format!("{name}.json")), "{name}");
    }
    let commands =
        ["aws organizations create-policy", "aws organizations attach-policy", "permission-set-older-sessions.json"];
    assert!(commands.iter().all(|command| texts.contains(command)));
}
