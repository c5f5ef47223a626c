//! Condition operators, as a table: operator, wanted, what the request has, and whether the condition holds.

use super::*;
use crate::iam::Doubt;

enum Has {
    Nothing,
    One(&'static str),
    Many(&'static [&'static str]),
}
use Has::{Many, Nothing, One};

fn decide(operator: &str, wanted: &str, has: &Has) -> Decision {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"{operator}":{{"x:Key":{wanted}}}}}}}]}}"#
    );
    let context = context(&user());
    let context = match has {
        Nothing => context,
        One(value) => context.with("X:key", *value),
        Many(values) => context.with_values("X:key", values.iter().map(|value| (*value).to_owned())),
    };
    under(&text, &user(), "s3:GetObject", &context)
}

#[test]
fn operators_hold_as_documented() {
    for (operator, wanted, has, holds) in [
        ("StringEquals", r#""a*""#, One("a*"), true),
        ("StringEquals", r#""a*""#, One("ab"), false),
        ("StringEquals", r#"["a","b"]"#, One("b"), true),
        ("StringEquals", r#""a""#, One("A"), false),
        ("StringEquals", r#""a""#, Nothing, false),
        ("StringEqualsIfExists", r#""a""#, Nothing, true),
        ("StringEqualsIfExists", r#""a""#, One("b"), false),
        ("StringNotEquals", r#"["a","b"]"#, One("b"), false),
        ("StringNotEquals", r#"["a","b"]"#, One("c"), true),
        ("StringNotEquals", r#""a""#, Nothing, true),
        ("StringEqualsIgnoreCase", r#""AbC""#, One("aBc"), true),
        ("StringNotEqualsIgnoreCase", r#""AbC""#, One("aBc"), false),
        ("StringLike", r#""a?c*""#, One("abcde"), true),
        ("StringLike", r#""a?c*""#, One("Abcde"), false),
        ("StringNotLike", r#""a*""#, One("abc"), false),
        ("StringNotLike", r#""a*""#, Nothing, true),
        ("StringEquals", r#""${aws:username}""#, One("mallory"), true),
        ("StringEquals", r#""${aws:PrincipalTag/none}""#, One("mallory"), false),
        ("StringEquals", r#""${aws:PrincipalTag/none, 'mallory'}""#, One("mallory"), true),
        ("StringLike", r#""mal${*}""#, One("mallory"), false),
        ("ArnLike", r#""arn:aws:iam::*:role/Q*""#, One("arn:aws:iam::1:role/path/Qx"), false),
        ("ArnLike", r#""arn:aws:iam::*:role/*Q*""#, One("arn:aws:iam::1:role/path/Qx"), true),
        ("ArnEquals", r#""arn:aws:iam::*:role/Q""#, One("arn:aws:iam::1:role/Q"), true),
        ("ArnLike", r#""arn:*""#, One("arn:aws:iam::1:role/Q"), false),
        ("ArnLike", r#""arn:aws:*:1:role/Q""#, One("arn:aws:iam::1:role/Q"), false),
        ("ArnNotLike", r#""arn:aws:iam::*:role/Q""#, One("arn:aws:iam::1:role/Q"), false),
        ("ArnNotEquals", r#""arn:aws:iam::*:role/Q""#, Nothing, true),
        ("DateLessThan", r#""2026-11-22T03:00:30Z""#, One("2026-11-22T03:00:29Z"), true),
        ("DateLessThan", r#""2026-11-22T03:00:30Z""#, One("2026-11-22T03:00:30Z"), false),
        ("DateLessThan", r#""2026-11-22T03:00:30Z""#, Nothing, false),
        ("DateLessThanIfExists", r#""2026-11-22T03:00:30Z""#, Nothing, true),
        ("DateLessThanEquals", r#""2026-11-22T03:00:30Z""#, One("2026-11-22T04:00:30+01:00"), true),
        ("DateGreaterThan", r#""2026-11-22""#, One("2026-11-22T00:00:01Z"), true),
        ("DateGreaterThanEquals", r#""1970-01-01T00:00:10Z""#, One("10"), true),
        ("DateEquals", r#""2026-11-22T00:00:00.000Z""#, One("2026-11-22"), true),
        ("DateNotEquals", r#""2026-11-22""#, Nothing, true),
        ("NumericLessThan", "10", One("9"), true),
        ("NumericLessThan", r#""10""#, One("10"), false),
        ("NumericLessThanEquals", "10", One("10.0"), true),
        ("NumericGreaterThan", "-1", One("0"), true),
        ("NumericGreaterThanEquals", "3600", One("3599"), false),
        ("NumericEquals", "[1, 2]", One("2"), true),
        ("NumericEquals", "0", One("-0"), true),
        ("NumericNotEquals", "[1, 2]", One("2"), false),
        ("NumericNotEquals", "1", Nothing, true),
        ("Bool", "true", One("true"), true),
        ("Bool", r#""True""#, One("TRUE"), true),
        ("Bool", "false", Nothing, false),
        ("BoolIfExists", "false", Nothing, true),
        ("IpAddress", r#""203.0.113.0/24""#, One("203.0.113.9"), true),
        ("IpAddress", r#""203.0.113.9""#, One("203.0.113.9"), true),
        ("IpAddress", r#""203.0.113.0/25""#, One("203.0.113.200"), false),
        ("IpAddress", r#""0.0.0.0/0""#, One("8.8.8.8"), true),
        ("IpAddress", r#""::/0""#, One("8.8.8.8"), false),
        ("IpAddress", r#""2001:db8::/32""#, One("2001:db8:ff::1"), true),
        ("NotIpAddress", r#"["203.0.113.0/24","10.0.0.0/8"]"#, One("10.1.1.1"), false),
        ("NotIpAddress", r#""203.0.113.0/24""#, Nothing, true),
        ("BinaryEquals", r#""aGk=""#, One("aGk="), true),
        ("BinaryEquals", r#""aGk=""#, One("aG8="), false),
        ("Null", "true", Nothing, true),
        ("Null", r#""false""#, Nothing, false),
        ("Null", "true", One("a"), false),
        ("Null", "[true, false]", One("a"), true),
        ("ForAllValues:StringEquals", r#"["a","b"]"#, Many(&["a", "b"]), true),
        ("ForAllValues:StringEquals", r#"["a","b"]"#, Many(&["a", "c"]), false),
        ("ForAllValues:StringEquals", r#""a""#, Nothing, true),
        ("ForAllValues:StringNotEquals", r#""a""#, Many(&["b", "a"]), false),
        ("ForAnyValue:StringLike", r#""a*""#, Many(&["b", "ab"]), true),
        ("ForAnyValue:StringLike", r#""a*""#, Nothing, false),
        ("ForAnyValue:StringNotEquals", r#""a""#, Many(&["a", "b"]), true),
        ("ForAnyValue:StringNotEquals", r#""a""#, Many(&["a"]), false),
        ("ForAnyValue:StringNotEquals", r#""a""#, Nothing, false),
        ("ForAllValues:StringEqualsIfExists", r#""a""#, Nothing, true),
        ("ForAnyValue:StringEqualsIfExists", r#""a""#, Many(&["a", "b"]), true),
    ] {
        let shown = match &has {
            Nothing => "nothing".to_owned(),
            One(value) => format!("`{value}`"),
            Many(values) => format!("{values:?}"),
        };
        let decision = decide(operator, wanted, &has);
        assert_eq!(decision.is_denied(), holds, "{operator} {wanted} on {shown}: {decision:?}");
        assert_eq!(decision.is_allowed(), !holds, "{operator} {wanted} on {shown}: {decision:?}");
    }
}

#[test]
fn what_cannot_be_compared_is_never_guessed() {
    for (operator, wanted, has, doubt) in [
        ("StringResembles", r#"{"any":["shape"]}"#, One("a"), Doubt::Operator("StringResembles".into())),
        ("stringequals", r#""a""#, One("a"), Doubt::Operator("stringequals".into())),
        ("NullIfExists", "true", Nothing, Doubt::Operator("NullIfExists".into())),
        ("ForSomeValues:StringEquals", r#""a""#, One("a"), Doubt::Operator("ForSomeValues:StringEquals".into())),
        ("ForAnyValue:StringEqualsIfExists", r#""a""#, Nothing, Doubt::Operator("ForAnyValue:…IfExists".into())),
        ("DateLessThan", r#""soon""#, One("2026-11-22"), Doubt::Value("soon".into())),
        ("DateLessThan", r#""2026-11-22""#, One("soon"), Doubt::Value("soon".into())),
        ("NumericLessThan", r#""NaN""#, One("1"), Doubt::Value("NaN".into())),
        ("IpAddress", r#""203.0.113.0/33""#, One("203.0.113.1"), Doubt::Value("203.0.113.0/33".into())),
        ("StringEquals", r#""a""#, Many(&["a", "b"]), Doubt::Value("x:Key: several values".into())),
        ("StringNotEquals", r#""${aws:none}""#, One("a"), Doubt::Value("${aws:none}".into())),
    ] {
        let expected = Decision::Unknown { doubts: [doubt].into() };
        assert_eq!(decide(operator, wanted, &has), expected, "{operator} {wanted}");
    }
}

#[test]
fn an_unknown_key_matters_only_where_it_decides() {
    let deny = |more: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"s3:*","Resource":"*",
                "Condition":{{"StringEquals":{{"aws:SourceVpc":"vpc-1"{more}}}}}}}]}}"#
        )
    };
    let context = context(&user()).with_unknown("aws:sourcevpc");
    let doubts = [Doubt::Key("aws:sourcevpc".into())].into();
    assert_eq!(under(&deny(""), &user(), "s3:GetObject", &context), Decision::Unknown { doubts });
    assert!(under(&deny(""), &user(), "ec2:RunInstances", &context).is_allowed());
    assert!(under(&deny(r#","aws:username":"alice""#), &user(), "s3:GetObject", &context).is_allowed());
    let nothing_allowed = PolicySet { identity: vec![policy(&deny(""))], ..PolicySet::default() };
    let request =
        Request { principal: &user(), action: "s3:GetObject", resource: "arn:aws:s3:::b/k", context: &context };
    assert!(evaluate(&nothing_allowed, &request).is_denied());
    let open = Context::new().with_others_unknown();
    assert!(matches!(under(&deny(""), &user(), "s3:GetObject", &open), Decision::Unknown { .. }));
}
