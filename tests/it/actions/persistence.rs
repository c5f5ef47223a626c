//! `iam.persistence`: what somebody has left to come back by is found, whoever tells it.

use quell::actions::{Answered, Assignment, Look, answered, registry};
use quell::aws::Place;
use quell::base::Partition;
use serde_json::{Value, json};

use super::trail::ask;
use super::{Bench, OTHERS_KEY, ROLE, full, scenario, set};

const MALLORY: &str = "arn:aws:iam::111122223333:user/mallory";
const SINCE: &str = "2026-11-22T02:00:00Z";

fn document() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] })
}

/// An account in which something of everything was made half an hour ago, beside what is older.
fn bench(past: Value) -> Bench {
    let mut account = scenario();
    set(&mut account, "/knobs/trail_delay", json!("0s"));
    set(&mut account, "/knobs/page_size", json!(2));
    set(&mut account, "/account/users/1/console_password", json!(true));
    set(&mut account, "/account/users/1/keys/1/created_ago", json!("30m"));
    set(
        &mut account,
        "/account/users/1/credentials",
        json!({
            "password_ago": "30m",
            "mfa_devices": [{ "serial": "arn:aws:iam::111122223333:mfa/phone", "enabled_ago": "30m" }],
            "ssh_keys": [{ "id": "APKAEXAMPLESSHKEY001", "created_ago": "30m" }, { "id": "APKAEXAMPLESSHKEY002" }],
            "certificates": [{ "id": "TA7SMP42TDN5Z26OBPJE7EXAMPLE", "created_ago": "30m" }],
            "service_credentials": [{ "id": "ACCAEXAMPLEBEDROCK01", "alias": "BedrockAPIKey-x1-at-111122223333", "created_ago": "30m" }],
        }),
    );
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::999988887777:root" }, "Action": "sts:AssumeRole" },
    ]});
    let roles = account["account"]["roles"].as_array_mut().expect("roles");
    roles.push(json!({ "name": "backdoor", "trust": trust, "created_ago": "30m" }));
    account["account"]["users"].as_array_mut().expect("users").push(json!({ "name": "helper", "created_ago": "30m" }));
    account["account"]["policies"] = json!([
        { "name": "new", "document": document(), "created_ago": "30m" },
        { "name": "changed", "document": document(), "later_versions": [{ "document": document(), "created_ago": "30m" }] },
        { "name": "old", "document": document() },
    ]);
    account["account"]["identity_providers"] = json!([
        { "arn": "arn:aws:iam::111122223333:saml-provider/theirs", "created_ago": "30m" },
        { "arn": "arn:aws:iam::111122223333:saml-provider/ours" },
        { "arn": "arn:aws:iam::111122223333:oidc-provider/ci.example.com", "created_ago": "30m" },
    ]);
    account["account"]["past"] = past;
    Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account, 1)
}

fn kinds(answer: &Answered) -> Vec<&str> {
    let mut kinds: Vec<&str> = answer.items.iter().filter_map(|item| item["kind"].as_str()).collect();
    kinds.sort_unstable();
    kinds
}

fn did(ago: &str, call: &str, request: Value) -> Value {
    json!({ "ago": ago, "source": "iam.amazonaws.com", "call": call, "by": MALLORY, "key": OTHERS_KEY, "request": request })
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn iam_tells_by_its_own_dates() {
    let answer = ask(&bench(json!([])), "iam.persistence", None, json!({ "since": SINCE })).await;
    assert_eq!(answer.truncated, None);
    assert_eq!(
        kinds(&answer),
        [
            "access-key",
            "identity-provider",
            "identity-provider",
            "mfa-device",
            "password",
            "policy",
            "policy-version",
            "role",
            "service-credential",
            "signing-certificate",
            "ssh-key",
            "user",
        ]
    );
    let key = answer.items.iter().find(|item| item["kind"] == "access-key").expect("a key");
    assert_eq!((key["id"].as_str(), key["user"].as_str()), (Some("AKIARTX3GSDSXR4W2QZ6"), Some("ci-deploy")));
    let version = answer.items.iter().find(|item| item["kind"] == "policy-version").expect("a version");
    assert_eq!(version["policy"], "arn:aws:iam::111122223333:policy/changed");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn cloudtrail_tells_what_iam_keeps_no_date_of() {
    let role = json!({ "roleName": "ml-pipeline" });
    let mut refused = did("20m", "UpdateAssumeRolePolicy", role.clone());
    refused["error"] = json!("AccessDenied");
    let bench = bench(json!([
        did("25m", "UpdateAssumeRolePolicy", role.clone()),
        refused,
        did("24m", "AddUserToGroup", json!({ "userName": "ci-deploy", "groupName": "admins" })),
        did("23m", "DeleteRolePermissionsBoundary", role),
        did(
            "22m",
            "AttachUserPolicy",
            json!({ "userName": "ci-deploy", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess" })
        ),
        did(
            "21m",
            "UpdateAccessKey",
            json!({ "userName": "ci-deploy", "accessKeyId": "AKIARTX3GSDSQCIDEPLO", "status": "Active" })
        ),
        did(
            "20m",
            "UpdateAccessKey",
            json!({ "userName": "ci-deploy", "accessKeyId": "AKIARTX3GSDSQCIDEPLO", "status": "Inactive" })
        ),
        did("5h", "UpdateAssumeRolePolicy", json!({ "roleName": "older" })),
    ]));
    let asked = json!(["trust", "group-member", "boundary", "grant", "activated-key"]);
    let answer = ask(&bench, "iam.persistence", None, json!({ "since": SINCE, "kinds": asked })).await;
    assert_eq!(kinds(&answer), ["activated-key", "boundary", "grant", "group-member", "trust"]);
    let member = answer.items.iter().find(|item| item["kind"] == "group-member").expect("a member");
    assert_eq!((member["user"].as_str(), member["group"].as_str()), (Some("ci-deploy"), Some("admins")));
    assert_eq!(member["created_by"], MALLORY);
    // What the responder did is nobody's way back.
    let with = json!({ "since": SINCE, "kinds": asked, "but_by": [MALLORY] });
    assert_eq!(kinds(&ask(&bench, "iam.persistence", None, with).await), [""; 0]);
}

/// What was there before may have got a new secret, or been switched on again.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn credentials_that_were_reset_or_activated_again_are_found() {
    let bedrock = |status: &str| json!({ "userName": "ci-deploy", "serviceSpecificCredentialId": "ACCAEXAMPLEBEDROCK09", "status": status });
    let ssh =
        |status: &str| json!({ "userName": "ci-deploy", "sSHPublicKeyId": "APKAEXAMPLESSHKEY009", "status": status });
    let certificate = |status: &str| json!({ "userName": "ci-deploy", "certificateId": "TA7SMP42TDN5Z26OBPJE9EXAMPLE", "status": status });
    let reset = json!({ "userName": "ci-deploy", "serviceSpecificCredentialId": "ACCAEXAMPLEBEDROCK08" });
    let bench = bench(json!([
        did("29m", "ResetServiceSpecificCredential", reset),
        did("28m", "UpdateServiceSpecificCredential", bedrock("Inactive")),
        did("27m", "UpdateServiceSpecificCredential", bedrock("Active")),
        did("26m", "UpdateSSHPublicKey", ssh("Active")),
        did("25m", "UpdateSSHPublicKey", ssh("Inactive")),
        did("24m", "UpdateSigningCertificate", certificate("Active")),
        did("23m", "ChangePassword", Value::Null),
    ]));
    let asked = json!(["service-credential", "ssh-key", "signing-certificate", "changed-password"]);
    let answer = ask(&bench, "iam.persistence", None, json!({ "since": SINCE, "kinds": asked })).await;
    let by_trail = answer.items.iter().filter(|item| item.get("event").is_some());
    let told: Vec<(&str, &str, &str)> = by_trail
        .map(|item| {
            let text = |member: &str| item[member].as_str().unwrap_or("-");
            (text("kind"), text("user"), text("credential"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("service-credential", "ci-deploy", "ACCAEXAMPLEBEDROCK08"),
            ("service-credential", "ci-deploy", "ACCAEXAMPLEBEDROCK09"),
            ("ssh-key", "ci-deploy", "APKAEXAMPLESSHKEY009"),
            ("signing-certificate", "ci-deploy", "TA7SMP42TDN5Z26OBPJE9EXAMPLE"),
            ("changed-password", "mallory", "-"),
        ]
    );
}

/// The later change of a trust policy is quell's own, and hides neither the one before nor what is written behind it.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_trust_change_behind_our_own_lock_is_found() {
    let mut account = scenario();
    set(&mut account, "/knobs/trail_delay", json!("0s"));
    account["account"]["past"] = json!([did("20m", "UpdateAssumeRolePolicy", json!({ "roleName": "ml-pipeline" }))]);
    let bench = Bench::of_action("iam.lock-trust", &json!({ "role": ROLE }), &account, 1);
    let ran = bench.go().await;
    assert_eq!(ran.state(), quell::journal::StepState::Verified, "{}", ran.told());
    let with = |by: Value| json!({ "since": SINCE, "kinds": ["trust"], "created_by": by });
    for by in [json!([]), json!([MALLORY])] {
        let answer = ask(&bench, "iam.persistence", None, with(by)).await;
        let makers: Vec<&str> = answer.items.iter().filter_map(|item| item["created_by"].as_str()).collect();
        assert_eq!(makers, [MALLORY]);
    }
    // Somebody writes one more statement, and leaves the lock where it is.
    let mut document = bench.stage.range.state()["roles"]["ml-pipeline"]["trust"].clone();
    let statements = document["Statement"].as_array_mut().expect("statements");
    assert!(statements.iter().any(|one| one["Sid"].as_str().is_some_and(|sid| sid.starts_with("QuellTrustLock"))));
    let theirs = json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::999988887777:root" }, "Action": "sts:AssumeRole" });
    statements.push(theirs);
    let put = json!({ "RoleName": "ml-pipeline", "PolicyDocument": document.to_string() });
    bench.other().iam("UpdateAssumeRolePolicy", put).await;
    for by in [json!([]), json!([MALLORY])] {
        let answer = ask(&bench, "iam.persistence", None, with(by)).await;
        assert_eq!(answer.items.len(), 2, "{:?}", answer.items);
    }
}

/// Items carry what an action needs, what belongs to something new is told apart, and what somebody names is left out.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_found_can_be_fanned_out_over() {
    let bench = bench(json!([did("20m", "UpdateAssumeRolePolicy", json!({ "roleName": "ml-pipeline" }))]));
    let of = |answer: &Answered, kind: &str| {
        answer.items.iter().find(|item| item["kind"] == kind).cloned().unwrap_or_default()
    };
    let answer = ask(&bench, "iam.persistence", None, json!({ "since": SINCE })).await;
    assert_eq!(of(&answer, "access-key")["key"], "AKIARTX3GSDSXR4W2QZ6");
    assert_eq!(of(&answer, "ssh-key")["credential"], "APKAEXAMPLESSHKEY001");
    assert_eq!(of(&answer, "service-credential")["credential"], "ACCAEXAMPLEBEDROCK01");
    assert_eq!(of(&answer, "service-credential")["principal"], "arn:aws:iam::111122223333:user/ci-deploy");
    assert_eq!(of(&answer, "mfa-device")["serial"], "arn:aws:iam::111122223333:mfa/phone");
    assert_eq!(of(&answer, "trust")["principal"], "arn:aws:iam::111122223333:role/ml-pipeline");
    assert_eq!(of(&answer, "role")["told"], "role backdoor at 2026-11-22T02:30:00Z");
    assert_eq!(
        of(&answer, "trust")["told"],
        format!("trust UpdateAssumeRolePolicy of role ml-pipeline by {MALLORY} at 2026-11-22T02:40:00Z")
    );
    let password = of(&answer, "password");
    assert_eq!(password["told"], "password of user ci-deploy at 2026-11-22T02:30:00Z");
    assert_eq!(of(&answer, "policy-version")["told"], "policy-version v2 of policy changed at 2026-11-22T02:30:00Z");
    assert!(answer.items.iter().all(|item| item["of_new"] == false), "nothing belongs to what is new");

    let but = json!(["backdoor", "AKIARTX3GSDSXR4W2QZ6", "arn:aws:iam::111122223333:policy/changed", "ml-pipeline"]);
    let rest = ask(&bench, "iam.persistence", None, json!({ "since": SINCE, "but": but })).await;
    assert_eq!(rest.items.len(), answer.items.len() - 4);
    for kind in ["role", "access-key", "policy-version", "trust"] {
        assert_eq!(of(&rest, kind), Value::Null, "{kind}");
    }
}

/// A key of a user that is new itself goes with the user.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_belongs_to_something_new_is_told_apart() {
    let mut account = scenario();
    set(&mut account, "/knobs/trail_delay", json!("0s"));
    account["account"]["users"].as_array_mut().expect("users").push(json!({
        "name": "helper", "path": "/made/", "created_ago": "30m", "keys": [{ "id": "AKIARTX3GSDSHELPER01", "created_ago": "30m" }],
    }));
    account["account"]["past"] = json!([did(
        "20m",
        "AttachUserPolicy",
        json!({ "userName": "helper", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess" })
    )]);
    let bench = Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account, 1);
    let answer = ask(&bench, "iam.persistence", None, json!({ "since": SINCE })).await;
    let of_new: Vec<(&str, bool)> =
        answer.items.iter().map(|item| (item["kind"].as_str().unwrap_or_default(), item["of_new"] == true)).collect();
    assert_eq!(of_new, [("user", false), ("access-key", true), ("grant", true)]);
}

const HELPER: &str = "arn:aws:iam::111122223333:user/helper";
const ANA: &str = "arn:aws:sts::111122223333:assumed-role/platform/ana";

/// Whatever has a maker that CloudTrail tells: mallory's, what mallory's helper made, Ana's, and nobody's.
async fn made_by(with: Value, delay: &str, faults: Value) -> Answered {
    made_by_some(with, delay, faults, None).await
}

/// The same where those who are asked about may not be all, for a reason.
async fn made_by_some(with: Value, delay: &str, faults: Value, lacking: Option<&str>) -> Answered {
    let mut account = scenario();
    set(&mut account, "/knobs/trail_delay", json!(delay));
    set(&mut account, "/knobs/page_size", json!(2));
    set(&mut account, "/faults", faults);
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" },
    ]});
    account["account"]["roles"].as_array_mut().expect("roles").extend([
        json!({ "name": "backdoor", "trust": trust, "created_ago": "40m", "created_by": HELPER }),
        json!({ "name": "exports", "trust": trust, "created_ago": "40m", "created_by": ANA }),
        json!({ "name": "nobodys", "trust": trust, "created_ago": "40m" }),
        json!({ "name": "AWSServiceRoleForX", "path": "/aws-service-role/x.amazonaws.com/", "trust": trust, "created_ago": "40m" }),
    ]);
    account["account"]["users"].as_array_mut().expect("users").extend([
        json!({ "name": "helper", "created_ago": "50m", "created_by": MALLORY }),
        json!({ "name": "robot", "console_password": true, "credentials": {
            "password_ago": "30m",
            "mfa_devices": [{ "serial": "arn:aws:iam::111122223333:mfa/robot", "enabled_ago": "30m" }],
            "ssh_keys": [{ "id": "APKAEXAMPLESSHKEY001", "created_ago": "30m" }],
        }, "keys": [
            { "id": "AKIARTX3GSDSROBOT001", "created_ago": "90d" },
            { "id": "AKIARTX3GSDSROBOT002", "created_ago": "35m", "created_by": HELPER },
        ]}),
    ]);
    account["account"]["policies"] = json!([
        { "name": "changed", "document": document(), "later_versions": [{ "document": document(), "created_ago": "30m" }] },
        { "name": "released", "document": document(), "later_versions": [{ "document": document(), "created_ago": "30m" }] },
    ]);
    let by = |by: &str, key: Option<&str>, ago: &str, call: &str, request: Value, reply: Value| json!({ "ago": ago, "source": "iam.amazonaws.com", "call": call, "by": by, "key": key, "request": request, "reply": reply });
    let version = |of: &str| json!({ "policyArn": format!("arn:aws:iam::111122223333:policy/{of}") });
    let v2 = json!({ "policyVersion": { "versionId": "v2" } });
    let robot = "arn:aws:iam::111122223333:user/robot";
    let user = json!({ "userName": "robot" });
    account["account"]["past"] = json!([
        by(
            MALLORY,
            None,
            "30m",
            "CreateLoginProfile",
            user.clone(),
            json!({ "loginProfile": { "userName": "robot" } })
        ),
        by(
            HELPER,
            None,
            "30m",
            "EnableMFADevice",
            json!({ "userName": "robot", "serialNumber": "arn:aws:iam::111122223333:mfa/robot" }),
            Value::Null
        ),
        by(
            ANA,
            None,
            "30m",
            "UploadSSHPublicKey",
            user,
            json!({ "sSHPublicKey": { "sSHPublicKeyId": "APKAEXAMPLESSHKEY001" } })
        ),
        by(MALLORY, None, "30m", "CreatePolicyVersion", version("changed"), v2.clone()),
        by(ANA, None, "30m", "CreatePolicyVersion", version("released"), v2),
        by(
            robot,
            Some("AKIARTX3GSDSROBOT002"),
            "20m",
            "UpdateAssumeRolePolicy",
            json!({ "roleName": "ml-pipeline" }),
            Value::Null
        ),
        by(
            robot,
            Some("AKIARTX3GSDSROBOT001"),
            "19m",
            "AddUserToGroup",
            json!({ "userName": "robot", "groupName": "robots" }),
            Value::Null
        ),
        by(
            robot,
            Some("ASIARTX3GSDSROBOT003"),
            "18m",
            "AddUserToGroup",
            json!({ "userName": "robot", "groupName": "admins" }),
            Value::Null
        ),
        by(
            ANA,
            None,
            "17m",
            "SetDefaultPolicyVersion",
            json!({ "policyArn": "arn:aws:iam::111122223333:policy/old", "versionId": "v1" }),
            Value::Null
        ),
    ]);
    answer_in_some(&account, with, lacking).await
}

/// What the query answers in an account.
async fn answer_in(account: &Value, with: Value) -> Answered {
    answer_in_some(account, with, None).await
}

async fn answer_in_some(account: &Value, with: Value, lacking: Option<&str>) -> Answered {
    let bench = Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), account, 1);
    let query = registry().query("iam.persistence").expect("a query");
    let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
    let to = Assignment { incident: "INC-4711".parse().expect("an incident"), place };
    let input = query.decode(&with).expect("an input");
    let reader = bench.stage.planning();
    answered(query, &to, Look::new(&reader).where_makers_lack(lacking), None, &input).await.expect("an answer")
}

/// Each item that was found, with whether it counts as theirs, and what is left alone.
fn whose(found: &Answered) -> (Vec<String>, Vec<String>) {
    let text = |item: &Value, member: &str| item[member].as_str().unwrap_or("-").to_owned();
    let line = |item: &Value| {
        let name = item["role"].as_str().or(item["group"].as_str()).or(item["user"].as_str());
        let name =
            name.map_or_else(|| text(item, "policy").replace("arn:aws:iam::111122223333:policy/", ""), str::to_owned);
        format!("{} {name} {}", text(item, "kind"), item["theirs"])
    };
    let mut lines: Vec<String> = found.items.iter().map(line).collect();
    lines.sort();
    (lines, found.makers.left_alone.iter().map(ToString::to_string).collect())
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_others_did_is_left_alone_and_what_the_intruder_made_goes_on_for_it() {
    let found = made_by(json!({ "since": SINCE, "created_by": [MALLORY] }), "0s", json!([])).await;
    let (found_lines, alone) = whose(&found);
    assert_eq!(
        found_lines,
        [
            "access-key robot true",
            "group-member admins false",
            "mfa-device robot true",
            "password robot true",
            "policy-version changed true",
            "role backdoor true",
            "role nobodys false",
            "trust ml-pipeline true",
            "user helper true",
        ]
    );
    assert_eq!(
        alone,
        [
            &format!("role exports at 2026-11-22T02:20:00Z, made by {ANA}"),
            &format!("ssh-key APKAEXAMPLESSHKEY001 of user robot at 2026-11-22T02:30:00Z, made by {ANA}"),
            &format!("policy-version v2 of policy released at 2026-11-22T02:30:00Z, made by {ANA}"),
            "group-member AddUserToGroup of user robot at 2026-11-22T02:41:00Z, made by arn:aws:iam::111122223333:user/robot",
            &format!("default-version v1 of policy old at 2026-11-22T02:43:00Z, made by {ANA}"),
        ]
    );
    let whys: Vec<&str> = found.makers.not_known.iter().map(|one| one.why.as_str()).collect();
    assert_eq!(
        whys,
        [
            "CloudTrail has no record of it",
            "arn:aws:iam::111122223333:user/robot did it, as whom others could act in these hours",
        ]
    );
    // By one's own word, what nobody is known to have made goes as well; what others did never.
    let with = json!({ "since": SINCE, "created_by": [MALLORY], "even_if_unknown": true });
    let (all, still_alone) = whose(&made_by(with, "0s", json!([])).await);
    assert!(all.iter().all(|line| line.ends_with(" true")) && all.len() == 9, "{all:?}");
    assert_eq!(still_alone, alone);
    // Asked about Ana, the rest is the others'.
    let (anas, _) = whose(&made_by(json!({ "since": SINCE, "created_by": ["platform"] }), "0s", json!([])).await);
    assert!(
        anas.contains(&"role exports true".to_owned()) && !anas.contains(&"role backdoor true".to_owned()),
        "{anas:?}"
    );
    // Nobody asked about makers: all of it counts, and nobody is told.
    let nobody = made_by(json!({ "since": SINCE }), "0s", json!([])).await;
    assert!(nobody.makers.is_empty() && nobody.items.len() == 14, "{:?}", whose(&nobody));
    assert!(nobody.items.iter().all(|item| item["theirs"] == true && item.get("not_known").is_none()));
}

/// A kind alone is judged as all kinds together are: what leads on is looked up though nobody asked for it.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_kind_alone_has_the_same_makers() {
    let with = json!({ "since": SINCE, "created_by": [MALLORY], "kinds": ["role", "trust"] });
    let (found, _) = whose(&made_by(with, "0s", json!([])).await);
    assert_eq!(found, ["role backdoor true", "role nobodys false", "trust ml-pipeline true"]);
}

/// What the intruder hangs on a user that a colleague has just made does not go with that user, which is left alone.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_hangs_on_a_colleagues_new_user_does_not_hide_behind_it() {
    for (maker, goes_with_it) in [(ANA, false), (MALLORY, true)] {
        let mut account = scenario();
        set(&mut account, "/knobs/trail_delay", json!("0s"));
        let key = json!({ "id": "AKIARTX3GSDSROBOT009", "created_ago": "30m", "created_by": MALLORY });
        let hire = json!({ "name": "hire", "created_ago": "40m", "created_by": maker, "keys": [key] });
        account["account"]["users"].as_array_mut().expect("users").push(hire);
        let found = answer_in(&account, json!({ "since": SINCE, "created_by": [MALLORY] })).await;
        let keys: Vec<&Value> = found.items.iter().filter(|item| item["kind"] == "access-key").collect();
        assert_eq!(keys.len(), 1, "{maker}: {:?}", found.items);
        assert_eq!((&keys[0]["of_new"], &keys[0]["theirs"]), (&json!(goes_with_it), &json!(true)), "{maker}");
    }
}

/// What IAM tells by itself is found though CloudTrail knows nothing yet, and counts as nobody's.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_too_new_for_cloudtrail_is_found_and_is_nobodys() {
    let with = json!({ "since": SINCE, "created_by": [MALLORY], "kinds": ["user", "role"] });
    let late = made_by(with.clone(), "55m", json!([])).await;
    let nobodys = ["role backdoor false", "role exports false", "role nobodys false", "user helper false"];
    assert_eq!(whose(&late).0, nobodys);
    let denied = json!([{ "operation": "LookupEvents", "kind": "access_denied", "repeat": "persistent" }]);
    let denied = made_by(with, "0s", denied).await;
    assert_eq!(whose(&denied).0, nobodys);
    let whys: Vec<&str> = denied.makers.not_known.iter().map(|one| one.why.as_str()).collect();
    assert!(whys.iter().all(|why| why.starts_with("CloudTrail could not be asked: AccessDenied")), "{whys:?}");
}

/// Containing the incident is no way back into the account: what quell has done itself is not told.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_quell_does_is_no_way_back() {
    for (name, with) in [
        ("iam.deny-everything", json!({ "principal": ROLE })),
        ("iam.quarantine", json!({ "principal": ROLE })),
        ("iam.revoke-sessions", json!({ "principal": ROLE })),
        ("iam.lock-trust", json!({ "role": ROLE })),
    ] {
        for (is_full, is_bounded) in [(false, false), (true, false), (true, true)] {
            let mut account = scenario();
            set(&mut account, "/knobs/trail_delay", json!("0s"));
            if is_full {
                set(&mut account, "/account/roles/0/inline/full", full("roles/0"));
            }
            if is_bounded {
                let held: Vec<String> = (0..10).map(|n| format!("arn:aws:iam::111122223333:policy/held-{n}")).collect();
                let policies = (0..10).map(|n| json!({ "name": format!("held-{n}"), "document": allow() }));
                set(&mut account, "/account/policies", policies.collect());
                set(&mut account, "/account/roles/0/attached", json!(held));
            }
            let bench = Bench::of_action(name, &with, &account, 1);
            let ran = bench.go().await;
            assert_eq!(ran.state(), quell::journal::StepState::Verified, "{name}: {}", ran.told());
            let answer = ask(&bench, "iam.persistence", None, json!({ "since": SINCE })).await;
            assert_eq!(answer.items, Vec::<Value>::new(), "{name}: {is_full} {is_bounded}");
        }
    }
}

fn allow() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] })
}

/// Whoever may make policies may make one where quell makes its own, and call it the same: what it says counts.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_path_of_quell_hides_no_boundary_that_gives_everything() {
    let path = "/quell/INC-4711/AIDAX/";
    let name = "QuellDenyAiServicesBoundary-INC-4711-0a1b2c3d4e5f";
    let arn = format!("arn:aws:iam::111122223333:policy{path}{name}");
    let mut account = scenario();
    set(&mut account, "/knobs/trail_delay", json!("0s"));
    let policy = json!({ "name": name, "path": path, "document": allow(), "created_ago": "30m" });
    set(&mut account, "/account/policies", json!([policy]));
    set(&mut account, "/account/users/1/boundary", json!(arn));
    let bounded = json!({ "userName": "ci-deploy", "permissionsBoundary": arn });
    account["account"]["past"] = json!([did("20m", "PutUserPermissionsBoundary", bounded)]);
    let bench = Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account, 1);
    let with = json!({ "since": SINCE, "kinds": ["policy", "boundary", "grant"] });
    assert_eq!(kinds(&ask(&bench, "iam.persistence", None, with).await), ["boundary", "policy"]);
}

/// Where those who are asked about may not be all, nobody else is certainly another one.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_others_made_is_not_known_where_the_makers_may_not_be_all() {
    let with = json!({ "since": SINCE, "created_by": [MALLORY], "kinds": ["user", "role"] });
    let (known, alone) = whose(&made_by(with.clone(), "0s", json!([])).await);
    assert!(!alone.is_empty(), "{known:?}");
    let lacking = made_by_some(with, "0s", json!([]), Some("the list of `sessions` may not be complete")).await;
    let (known, alone) = whose(&lacking);
    assert!(alone.is_empty() && known.iter().any(|one| one == "role exports false"), "{known:?} {alone:?}");
    assert!(
        lacking.makers.not_known.iter().any(|one| one.why.ends_with("may not be complete")),
        "{:?}",
        lacking.makers
    );
}

/// Longer ago than CloudTrail remembers, the list is not whole, and says so.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_cloudtrail_has_forgotten_is_said() {
    let bench = bench(json!([]));
    let long_ago = "2026-07-01T00:00:00Z";
    let answer = ask(&bench, "iam.persistence", None, json!({ "since": long_ago })).await;
    assert!(answer.truncated.is_some_and(|why| why.contains("90 days")));
    let answer = ask(&bench, "iam.persistence", None, json!({ "since": long_ago, "kinds": ["role"] })).await;
    assert_eq!(answer.truncated, None, "IAM knows all roles");
}
