//! `quell decode-key`: whose a leaked key is, without an account and without a trace.

use std::io::Write as _;
use std::process::Stdio;

use base64::Engine as _;
use serde_json::Value;

use crate::cli_quell::Quell;

const SECRET: &str = "c2VjcmV0LXNlY3JldC1zZWNyZXQ";

fn long_term() -> String {
    let plain = format!("BedrockAPIKey-x1y2-at-111122223333:{SECRET}");
    format!("ABSK{}", base64::engine::general_purpose::STANDARD.encode(plain))
}

/// What the binary says to a key on stdin: exit code, stdout, stderr.
fn pasted(arguments: &[&str], key: &str) -> (i32, String, String) {
    let quell = Quell::new();
    let mut command = quell.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(key.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    assert!(!quell.state().exists(), "nothing is kept");
    (output.status.code().expect("a code"), text(output.stdout), text(output.stderr))
}

#[test]
fn a_leaked_api_key_names_its_user_and_its_secret_is_not_repeated() {
    let (code, out, talk) = pasted(&["decode-key"], &format!("{}\n", long_term()));
    let next = "Next: quell plan leaked-bedrock-api-key user=arn:aws:iam::111122223333:user/BedrockAPIKey-x1y2\n";
    assert_eq!((code, talk.as_str()), (0, next));
    insta::assert_snapshot!(out, @r"
    what         a long-term API key of Amazon Bedrock
    credential   BedrockAPIKey-x1y2-at-111122223333
    user         BedrockAPIKey-x1y2
    account      111122223333
    stopped by   iam.deactivate-service-credentials and iam.deny-ai-services on its user; look at what else the user has
    ");
    let (code, json, _) = pasted(&["decode-key", "--output", "json"], &long_term());
    let told: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((code, told["key"]["kind"].as_str()), (0, Some("bedrock-long-term")));
    assert_eq!(told["parameters"], serde_json::json!({ "user": "arn:aws:iam::111122223333:user/BedrockAPIKey-x1y2" }));
    assert!(!out.contains(SECRET) && !json.contains(SECRET));
}

#[test]
fn the_id_of_an_access_key_may_be_a_word() {
    let said = Quell::new().say(&["decode-key", "ASIAQNZGKIQY56JQ7WML"]);
    assert!(said.out.contains("account      029608264753\n"), "{}", said.out);
    assert_eq!(said.code, 0);
}

/// A word stays in the history of the shell, and a message in the log of whoever runs it.
#[test]
fn an_api_key_as_a_word_is_refused_and_not_repeated() {
    let key = long_term();
    let said = Quell::new().say(&["decode-key", &key]);
    assert_eq!((said.code, said.out.as_str()), (64, ""));
    assert!(said.next().starts_with("Next: quell decode-key") && !said.talk.contains(&key), "{}", said.talk);
    let (code, out, talk) = pasted(&["decode-key"], &key[..30]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(!talk.contains(&key[..30]), "{talk}");
}
