//! Cases of new access keys.

use serde_json::{Value, json};

use super::case::{Case, Undone, case};

/// A recipient, and the identity that opens what is sealed to it: the pair of age's own tests.
pub(crate) const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
pub(crate) const IDENTITY: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

pub(super) fn cases() -> Vec<Case> {
    let case = |name, more: Value, undone| {
        let mut with = json!({ "user": "ci-deploy", "seal_to": [RECIPIENT] });
        with.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        case(name, "iam.create-access-key", with, undone)
    };
    let one = json!([{ "id": "AKIARTX3GSDSQCIDEPLO", "used_ago": "2d" }]);
    let store = json!({ "secret": "ci/deploy", "secret_region": "eu-west-1", "seal_to": [] });
    let says = |what: &str| json!([{ "name": "ci/deploy", "region": "eu-west-1", "says": what }]);
    vec![
        case("make a key and a secret that gets it", store.clone(), Undone::Exactly)
            .with("/account/users/1/keys", one.clone()),
        case("make a key and put it into a secret", store.clone(), Undone::Exactly)
            .with("/account/users/1/keys", one.clone())
            .with("/account/secrets", says("what was there")),
        case(
            "make a key for a secret and a recipient",
            json!({ "secret": "ci/deploy", "secret_region": "eu-west-1" }),
            Undone::Exactly,
        )
        .with("/account/users/1/keys", one.clone())
        .with("/account/secrets", says("{}")),
        case("make a key beside another one", json!({ "smtp_regions": ["us-east-1", "eu-west-1"] }), Undone::Exactly)
            .with("/account/users/1/keys", one.clone()),
        case("make a key for a user that has none", json!({}), Undone::Exactly)
            .with("/account/users/1/keys", json!([])),
        case("make a key where an earlier one of the incident is gone", json!({}), Undone::Exactly)
            .with("/account/users/1/keys", one)
            .with("/account/users/1/tags", json!({ "quell-INC-4711-access-key": "AKIARTX3GSDSGONEGONE" })),
        case("make a key where an inactive one gives way", json!({ "inactive_gives_way": true }), Undone::ForGood),
        case("make a key where an unused one gives way", json!({ "unused_gives_way": true }), Undone::ForGood)
            .with("/account/users/1/keys/1/active", json!(true)),
    ]
}
