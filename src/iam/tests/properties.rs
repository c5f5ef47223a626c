//! Laws that hold for all documents.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(values).prop_map(Value::from),
        prop::collection::vec(prop::sample::select(values), 1..3).prop_map(Value::from),
    ]
}

fn condition() -> impl Strategy<Value = Value> {
    let date =
        prop::sample::select(&["2026-11-22T03:00:29Z", "2026-11-22T03:00:30Z", "2026-11-23T00:00:00Z", "never"][..]);
    let operator = prop::sample::select(
        &["DateLessThan", "DateLessThanIfExists", "DateGreaterThan", "DateNotEquals", "Null", "StringLike", "Odd"][..],
    );
    (operator, date).prop_map(|(operator, date)| json!({ operator: { "aws:TokenIssueTime": date } }))
}

fn statement(effect: impl Strategy<Value = &'static str>) -> impl Strategy<Value = Value> {
    let action = (any::<bool>(), one_of(&["*", "s3:*", "s3:Get*", "S3:getobject", "ec2:*", "bedrock:Invoke?gent"]));
    let resource =
        (any::<bool>(), one_of(&["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}", "arn:aws:ec2:*:*:*"]));
    (effect, action, resource, prop::option::of(condition()), prop::option::of(Just(json!([1, { "x": null }]))))
        .prop_map(|(effect, (not_action, action), (not_resource, resource), condition, strange)| {
            let mut statement = json!({ "Effect": effect });
            statement[if not_action { "NotAction" } else { "Action" }] = action;
            statement[if not_resource { "NotResource" } else { "Resource" }] = resource;
            if let Some(condition) = condition {
                statement["Condition"] = condition;
            }
            if let Some(strange) = strange {
                statement["Strange"] = strange;
            }
            statement
        })
}

fn any_effect() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["Allow", "Deny"][..])
}

fn document() -> impl Strategy<Value = PolicyDocument> {
    let version = prop::sample::select(&["2012-10-17", "2008-10-17"][..]);
    (version, prop::collection::vec(statement(any_effect()), 1..5)).prop_map(|(version, statements)| {
        json!({ "Version": version, "Statement": statements }).try_into().expect("a policy")
    })
}

fn named(document: &PolicyDocument) -> NamedPolicy {
    NamedPolicy { name: "p".to_owned(), document: Arc::new(document.clone()) }
}

fn policies() -> impl Strategy<Value = PolicySet> {
    (prop::collection::vec(document(), 0..3), prop::option::of(document()), prop::collection::vec(document(), 0..2))
        .prop_map(|(identity, boundary, session)| PolicySet {
            identity: identity.iter().map(named).collect(),
            boundary: boundary.as_ref().map(named),
            session: session.iter().map(named).collect(),
            resource: None,
        })
}

fn principal() -> impl Strategy<Value = Principal> {
    prop_oneof![
        Just(user()),
        Just(user_session(before_cutoff())),
        Just(federated_user(after_cutoff())),
        Just(role_session("arn:aws:iam::111122223333:role/agents", after_cutoff())),
    ]
}

fn judge(policies: &PolicySet, principal: &Principal, action: &str) -> Decision {
    let resource = if action.starts_with("s3") { "arn:aws:s3:::b/mallory" } else { "*" };
    evaluate(policies, &Request { principal, action, resource, context: &context(principal) })
}

proptest! {
    #[test]
    fn documents_survive_the_round_trip(document in document()) {
        let text = document.to_json();
        let again = PolicyDocument::parse(&text).expect("a policy");
        prop_assert_eq!(&again.to_json(), &text);
        prop_assert_eq!(&again, &document);
        prop_assert_eq!(serde_json::to_string(&document).expect("JSON"), text);
    }

    #[test]
    fn a_statement_comes_and_goes(document in document()) {
        let lock = crate::iam::trust_lock(crate::iam::TRUST_LOCK_SID, crate::iam::Locked::Everybody);
        let with = document.with_statement_first(lock.clone());
        prop_assert_eq!(with.statements().first(), Some(&lock));
        prop_assert_eq!(with.without_statement(crate::iam::TRUST_LOCK_SID), Some(document));
    }

    #[test]
    fn an_explicit_deny_always_wins(policies in policies(), principal in principal(), place in 0..3) {
        let deny = policy(&ALLOW_ALL.replace("Allow", "Deny"));
        let mut policies = policies;
        match place {
            0 => policies.identity.push(deny),
            1 => policies.boundary = Some(deny),
            _ => policies.session.push(deny),
        }
        for action in ["s3:GetObject", "ec2:RunInstances", "bedrock:InvokeAgent"] {
            prop_assert!(judge(&policies, &principal, action).is_denied());
        }
    }

    #[test]
    fn one_more_deny_never_allows_more(policies in policies(), principal in principal(), deny in statement(Just("Deny"))) {
        let document: PolicyDocument =
            json!({ "Version": "2012-10-17", "Statement": [deny] }).try_into().expect("a policy");
        let mut stricter = policies.clone();
        stricter.identity.push(named(&document));
        for action in ["s3:GetObject", "ec2:RunInstances", "bedrock:InvokeAgent"] {
            let (before, after) = (judge(&policies, &principal, action), judge(&stricter, &principal, action));
            prop_assert!(!after.is_allowed() || before.is_allowed(), "{before:?} became {after:?}");
            prop_assert!(!before.is_denied() || after.is_denied(), "{before:?} became {after:?}");
        }
    }

    #[test]
    fn knowing_more_never_contradicts(policies in policies(), known in prop::option::of(prop_oneof![
        Just(before_cutoff()), Just(after_cutoff())])) {
        let principal = user();
        let blind = context(&principal).with_unknown("aws:TokenIssueTime");
        let seeing = match known {
            Some(issued) => context(&principal).with("aws:TokenIssueTime", issued.to_string()),
            None => context(&principal),
        };
        for action in ["s3:GetObject", "ec2:RunInstances"] {
            let ask = |context: &Context| evaluate(
                &policies, &Request { principal: &principal, action, resource: "arn:aws:s3:::b/mallory", context });
            let (before, after) = (ask(&blind), ask(&seeing));
            prop_assert!(!before.is_allowed() || after.is_allowed(), "{before:?} became {after:?}");
            prop_assert!(!before.is_denied() || after.is_denied(), "{before:?} became {after:?}");
        }
    }
}
