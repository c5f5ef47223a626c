//! `quell ask`: what one query finds in an account.

use serde_json::Value;

use crate::cli_quell::{Quell, Served};

#[test]
fn a_query_shows_all_that_it_found() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let said = quell.at(&range, &["ask", "iam.access-keys", "user=ci-deploy"]);
    assert!(
        said.out.starts_with("RANGE (not AWS) 111122223333 prod-web   iam.access-keys\nFOUND   2 things\n"),
        "{}",
        said.out
    );
    let key = "   2  id: AKIARTX3GSDSXR4W2QZ6 · user: ci-deploy · status: Active · created_at:";
    assert!(said.out.lines().any(|line| line == key) && !said.out.contains("theirs"), "{}", said.out);
    assert_eq!((said.code, quell.state().exists()), (0, false), "{}", said.talk);

    let asked =
        ["ask", "bedrock.agents", "created_after=2026-11-21T00:00:00Z", "--in", "us-east-1", "--in", "eu-west-1"];
    let said = quell.at(&range, &[&asked[..], &["--output", "json"]].concat());
    let json: Value = serde_json::from_str(&said.out).expect("JSON");
    let names: Vec<&str> =
        json["items"].as_array().expect("items").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!((&json["complete"], &json["asked"]), (&true.into(), &serde_json::json!(["eu-west-1", "us-east-1"])));
    assert!(names.contains(&"market-research") && names.contains(&"translate-fast"), "{names:?}");
    let everywhere = quell.at(&range, &["ask", "bedrock.agents"]);
    assert!(everywhere.out.contains("in eu-west-1, us-east-1, us-west-2"), "{}", everywhere.out);
}

/// What was typed wrongly is told before anybody signs in.
#[test]
fn a_slip_is_named_with_what_the_query_takes() {
    let quell = Quell::new();
    for (arguments, code, told) in [
        (&["ask", "iam.acces-keys"][..], 1, "did you mean `iam.access-keys`?"),
        (&["ask", "iam.last-accessed"], 64, "missing field `principal`"),
        (&["ask", "iam.access-keys", "user"], 64, "`user` is not `name=value`"),
        (&["ask", "iam.access-keys", "user=ci-deploy", "user=other"], 64, "`user`: it is given twice"),
        (&["ask", "bedrock.agents", "created_after=yesterday"], 64, "`created_after`"),
    ] {
        let said = quell.say(arguments);
        assert_eq!(said.code, code, "{arguments:?}: {}", said.talk);
        assert!(said.talk.contains(told), "{arguments:?}: {}", said.talk);
        assert!(said.next().starts_with("Next: quell queries"), "{}", said.talk);
    }
}

/// Where nobody lets it look it says so; where it could look somewhere, it says where it could not.
#[test]
fn what_could_not_be_read_is_named() {
    let quell = Quell::new();
    let scenario = std::fs::read_to_string("examples/rogue-bedrock-agent.yaml").expect("a scenario");
    let fault = "faults:\n  - { operation: ListAgents, kind: access_denied, region: eu-west-1, repeat: persistent }\n";
    let range = Served::with(&quell, &quell.file("refusing.yaml", &format!("{scenario}\n{fault}")));
    let said = quell.at(&range, &["ask", "bedrock.agents"]);
    assert_eq!(said.code, 1, "{}", said.talk);
    assert!(said.out.contains("NOT READ   eu-west-1 (AccessDenied"), "{}", said.out);
    assert!(said.out.contains("market-research"), "what could be read is shown: {}", said.out);
    let said = quell.at(&range, &["ask", "bedrock.agents", "--in", "us-east-1", "--in", "us-east-1"]);
    assert_eq!((said.code, said.out.matches("market-research").count()), (0, 1), "{}", said.out);
    let said = quell.at(&range, &["ask", "bedrock.agents", "--in", "eu-west-1"]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.next().starts_with("Next: quell queries bedrock.agents"), "{}", said.talk);
}
