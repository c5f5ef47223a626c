//! Cases of guardrails, and of what uses models or makes them.

use serde_json::{Value, json};

use super::case::{Case, Undone, case};

pub(crate) const GUARDRAIL: &str = "guard1shop";

fn arn(kind: &str, id: &str) -> String {
    format!("arn:aws:bedrock:us-east-1:111122223333:{kind}/{id}")
}

/// What a guardrail says, strict as it should be.
fn strict() -> Value {
    let filter = |of: &str| json!({ "type": of, "inputStrength": "HIGH", "outputStrength": "HIGH" });
    json!({
        "contentPolicyConfig": {
            "filtersConfig": [filter("HATE"), filter("VIOLENCE")], "tierConfig": { "tierName": "CLASSIC" },
        },
        "topicPolicyConfig": { "topicsConfig": [{ "name": "Money", "definition": "Advice on money", "type": "DENY" }] },
        "wordPolicyConfig": { "wordsConfig": [{ "text": "secret" }], "managedWordListsConfig": [{ "type": "PROFANITY" }] },
        "sensitiveInformationPolicyConfig": { "piiEntitiesConfig": [{ "type": "EMAIL", "action": "BLOCK" }] },
        "contextualGroundingPolicyConfig": { "filtersConfig": [{ "type": "GROUNDING", "threshold": 0.75 }] },
        "kmsKeyId": "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555",
        "crossRegionConfig": {
            "guardrailProfileIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail-profile/us.guardrail.v1:0",
        },
        "blockedInputMessaging": "We do not talk about that.",
    })
}

/// A guardrail with one filter.
fn filters(strength: &str) -> Value {
    let filter = json!({ "type": "HATE", "inputStrength": strength, "outputStrength": strength });
    json!({ "contentPolicyConfig": { "filtersConfig": [filter] } })
}

/// Guardrails whose draft an intruder has weakened, and who has made a version of that.
pub(crate) fn guardrails() -> Value {
    let mut weak = filters("NONE");
    weak["description"] = json!("For the shop");
    let version = |members: &Value, ago: &str| json!({ "members": members, "created_ago": ago });
    json!([
        {
            "name": "shop", "id": GUARDRAIL, "region": "us-east-1", "members": weak,
            "versions": [version(&json!({}), "300d"), version(&strict(), "30d"), version(&weak, "1h")],
        },
        { "name": "other", "region": "us-east-1" },
    ])
}

/// A case of that guardrail.
pub(crate) fn guardrail_case(name: &'static str, source: Value) -> Case {
    let mut with = json!({ "guardrail": { "region": "us-east-1", "id": GUARDRAIL } });
    with.as_object_mut().expect("an object").extend(source.as_object().expect("an object").clone());
    case(name, "bedrock.restore-guardrail", with, Undone::Exactly).with("/account/guardrails", guardrails())
}

/// An account with one thing of models.
pub(crate) fn model_case(
    name: &'static str,
    (action, member): (&'static str, &str),
    (kind, arn): (&str, &str),
    undone: Undone,
) -> Case {
    let with = json!({ member: { "region": "us-east-1", "arn": arn } });
    let id = arn.rsplit('/').next().unwrap_or_default();
    let things = json!([
        { "kind": kind, "name": "theirs", "id": id, "region": "us-east-1", "created_ago": "1h" },
        { "kind": kind, "name": "ours", "region": "us-east-1" },
    ]);
    case(name, action, with, undone).with("/account/model_things", things)
}

pub(crate) const THROUGHPUT: (&str, &str) = ("bedrock.delete-provisioned-throughput", "throughput");

/// A case of provisioned throughput.
pub(crate) fn throughput_case(name: &'static str) -> Case {
    model_case(
        name,
        ("bedrock.delete-provisioned-throughput", THROUGHPUT.1),
        ("throughput", &arn("provisioned-model", "abcdefghij01")),
        Undone::ForGood,
    )
}

pub(super) fn cases() -> Vec<Case> {
    let customization = arn("model-customization-job", "amazon.titan-text-lite-v1:0:4k/abcdefghij01");
    let customize = |name| {
        let action = ("bedrock.stop-customization-job", "job");
        model_case(name, action, ("customization_job", &customization), Undone::ForGood)
    };
    let invocation = arn("model-invocation-job", "abcdefghij01");
    let invoke = |name| {
        let action = ("bedrock.stop-invocation-job", "job");
        model_case(name, action, ("invocation_job", &invocation), Undone::ByHand)
    };
    let deployment = arn("custom-model-deployment", "abcdefghij01");
    let undeploy = |name| {
        let action = ("bedrock.delete-custom-model-deployment", "deployment");
        model_case(name, action, ("deployment", &deployment), Undone::ForGood)
    };
    let ended = ("/knobs/stopping_ended_job_conflicts", json!(false));
    vec![
        guardrail_case("restore a guardrail to what it said before", json!({ "before": "2026-11-22T00:00:00Z" })),
        guardrail_case("restore a guardrail to a version without policies", json!({ "version": 1 })),
        guardrail_case("restore a guardrail to a baseline", json!({ "baseline": strict() })),
        guardrail_case("restore a guardrail where what is left out stays", json!({ "version": 1 }))
            .with("/account/guardrails/0/versions/0/members", filters("HIGH"))
            .with("/knobs/guardrail_update_replaces", json!(false)),
        customize("stop a customization job"),
        customize("stop a customization job where stopping again changes nothing").with(ended.0, ended.1.clone()),
        invoke("stop an invocation job"),
        invoke("stop an invocation job where stopping again changes nothing").with(ended.0, ended.1),
        invoke("stop an invocation job that waits").with("/account/model_things/0/status", json!("Submitted")),
        throughput_case("give throughput back that is paid by the hour"),
        throughput_case("give throughput back whose term is over").with(
            "/account/model_things/0/members",
            json!({
                "commitmentDuration": "OneMonth", "commitmentExpirationTime": "2026-11-01T00:00:00Z",
            }),
        ),
        undeploy("delete a deployment of a custom model"),
        undeploy("delete a deployment where deleting again conflicts")
            .with("/knobs/deleting_again_conflicts", json!(true)),
    ]
}
