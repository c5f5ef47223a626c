//! Cases of Amazon Q Business.

use serde_json::{Value, json};

use super::case::{Case, Undone, case};

pub(crate) const APPLICATION: &str = "a1b2c3d4-5678-90ab-cdef-1111aaaa0001";
pub(crate) const INDEX: &str = "a1b2c3d4-5678-90ab-cdef-1111aaaa0002";
pub(crate) const DATA_SOURCE: &str = "a1b2c3d4-5678-90ab-cdef-1111aaaa0003";
pub(crate) const RETRIEVER: &str = "a1b2c3d4-5678-90ab-cdef-1111aaaa0004";
pub(crate) const KENDRA_RETRIEVER: &str = "a1b2c3d4-5678-90ab-cdef-1111aaaa0005";
pub(crate) const PLUGIN: &str = "a1b2c3d4-5678-90ab-cdef-1111aaaa0006";
pub(crate) const WEB_EXPERIENCE: &str = "a1b2c3d4-5678-90ab-cdef-1111aaaa0007";
pub(crate) const DATA_ACCESSOR: &str = "a1b2c3d4-5678-90ab-cdef-1111aaaa0009";

/// An application that holds everything, and another that nobody touches.
pub(crate) fn applications() -> Value {
    let role = "arn:aws:iam::111122223333:role/service/ml-pipeline";
    json!([
        {
            "name": "helpdesk", "id": APPLICATION, "region": "us-east-1",
            "members": { "roleArn": role, "description": "Ask it anything" },
            "indices": [{
                "name": "handbook", "id": INDEX,
                "data_sources": [
                    {
                        "name": "wiki", "id": DATA_SOURCE, "type": "CONFLUENCEV2", "syncing": true,
                        "members": { "roleArn": role, "syncSchedule": "cron(0 3 * * ? *)", "description": "The wiki" },
                    },
                    { "name": "bucket" },
                ],
                "groups": ["board", "everybody"],
                "documents": [
                    { "id": "poison.pdf" }, { "id": "poison.txt", "stumbles": 2 }, { "id": "minutes.pdf" },
                    { "id": "page-1", "data_source": "wiki" }, { "id": "page-2", "data_source": "wiki" },
                ],
            }],
            "retrievers": [
                { "name": "handbook", "id": RETRIEVER, "index": "handbook" },
                { "name": "kendra", "id": KENDRA_RETRIEVER },
            ],
            "plugins": [
                {
                    "name": "tickets", "id": PLUGIN,
                    "members": {
                        "serverUrl": "https://tickets.example.com",
                        "customPluginConfiguration": {
                            "description": "Opens tickets", "apiSchemaType": "OPEN_API_V3",
                            "apiSchema": { "payload": "{\"openapi\":\"3.0.0\"}" },
                        },
                    },
                },
                {
                    "name": "jira",
                    "members": {
                        "type": "JIRA_CLOUD", "state": "DISABLED", "serverUrl": "https://jira.example.com",
                        "authConfiguration": { "oAuth2ClientCredentialConfiguration": {
                            "secretArn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:jira-AbCdEf",
                            "roleArn": role,
                        }},
                    },
                },
            ],
            "data_accessors": [
                { "name": "searcher", "id": DATA_ACCESSOR, "principal": "arn:aws:iam::444455556666:role/searcher" },
            ],
            "users": { "mallory@example.com": [{ "indexId": INDEX, "userId": "chief@example.com" }] },
            "chat_controls": {
                "responseScope": "EXTENDED_KNOWLEDGE_ENABLED",
                "blockedPhrases": { "blockedPhrases": ["help", "security"], "systemMessageOverride": "No." },
                "topicConfigurations": [
                    { "name": "law", "rules": [{ "ruleType": "CONTENT_BLOCKER_RULE" }] },
                    { "name": "pay", "description": "Wages", "rules": [{ "ruleType": "CONTENT_RETRIEVAL_RULE" }] },
                ],
            },
            "web_experiences": [
                { "title": "Ask us", "id": WEB_EXPERIENCE, "members": { "roleArn": role, "subtitle": "We know" } },
            ],
        },
        { "name": "shop", "region": "us-east-1", "plugins": [{ "name": "cart" }] },
    ])
}

/// A case in an account with these applications.
pub(crate) fn q_case(name: &'static str, action: &'static str, with: Value, undone: Undone) -> Case {
    case(name, action, with, undone).with("/account/q_applications", applications())
}

pub(super) fn cases() -> Vec<Case> {
    [
        disabling(),
        stopping(),
        deleting_parts(),
        deleting_data_sources(),
        deleting_documents(),
        deleting_indices(),
        deleting_people(),
        deleting_applications(),
        restoring_controls(),
    ]
    .concat()
}

fn part(id: &str) -> Value {
    json!({ "region": "us-east-1", "application": APPLICATION, "id": id })
}

fn disabling() -> Vec<Case> {
    let case = |name, id: &str| q_case(name, "q.disable-plugin", json!({ "plugin": part(id) }), Undone::Exactly);
    vec![
        case("disable a plugin", PLUGIN),
        case("disable a plugin where what is left out stays", PLUGIN).with("/knobs/q_update_replaces", json!(false)),
        case("disable a plugin that signs in", PLUGIN).with(
            "/account/q_applications/0/plugins/0/members",
            json!({
                "type": "JIRA_CLOUD", "serverUrl": "https://jira.example.com",
                "authConfiguration": { "oAuth2ClientCredentialConfiguration": {
                    "secretArn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:jira-AbCdEf",
                    "roleArn": "arn:aws:iam::111122223333:role/jira", "tokenUrl": "https://jira.example.com/token",
                }},
            }),
        ),
    ]
}

fn stopping() -> Vec<Case> {
    let source = json!({ "region": "us-east-1", "application": APPLICATION, "index": INDEX, "id": DATA_SOURCE });
    let case = |name| q_case(name, "q.stop-sync", json!({ "data_source": source }), Undone::Exactly);
    let members = "/account/q_applications/0/indices/0/data_sources/0/members";
    vec![
        case("stop a synchronisation and its schedule"),
        case("stop a synchronisation where a data source can be changed meanwhile")
            .with("/knobs/q_sync_blocks_update", json!(false)),
        case("stop a schedule where what is left out stays").with("/knobs/q_update_replaces", json!(false)),
        case("stop a schedule of a data source with a network").with(
            members,
            json!({
                "syncSchedule": "rate(1 day)",
                "configuration": { "type": "SHAREPOINTV2", "depth": 3, "paths": ["/a", null], "deep": { "x": -1.5 } },
                "vpcConfiguration": { "subnetIds": ["subnet-0a1b2c3d"], "securityGroupIds": ["sg-0a1b2c3d"] },
                "mediaExtractionConfiguration": { "imageExtractionConfiguration": { "imageExtractionStatus": "ENABLED" } },
            }),
        ),
    ]
}

fn deleting_parts() -> Vec<Case> {
    let retriever = |name, id| q_case(name, "q.delete-retriever", json!({ "retriever": part(id) }), Undone::ForGood);
    let plugin = json!({ "plugin": part(PLUGIN) });
    let web = json!({ "web_experience": part(WEB_EXPERIENCE) });
    vec![
        q_case("delete a plugin", "q.delete-plugin", plugin.clone(), Undone::ForGood),
        q_case("delete a plugin where deleting again conflicts", "q.delete-plugin", plugin, Undone::ForGood)
            .with("/knobs/deleting_again_conflicts", json!(true)),
        retriever("delete a retriever of an index", RETRIEVER),
        retriever("delete a retriever of Kendra", KENDRA_RETRIEVER),
        retriever("delete a retriever that takes longer than anything agrees", RETRIEVER)
            .with("/knobs/q_deletion", json!("120s"))
            .with("/knobs/deleting_again_conflicts", json!(true)),
        q_case("delete a web experience", "q.delete-web-experience", web, Undone::ForGood),
    ]
}

fn deleting_data_sources() -> Vec<Case> {
    let source = json!({ "region": "us-east-1", "application": APPLICATION, "index": INDEX, "id": DATA_SOURCE });
    let with = json!({ "data_source": source });
    let case = |name| q_case(name, "q.delete-data-source", with.clone(), Undone::ForGood);
    vec![
        case("delete a data source that is synchronising"),
        case("delete a data source where that would not be refused")
            .with("/knobs/q_sync_blocks_deletion", json!(false)),
        case("delete a data source that rests")
            .with("/account/q_applications/0/indices/0/data_sources/0/syncing", json!(false)),
    ]
}

fn deleting_documents() -> Vec<Case> {
    let case = |name, documents: Value| {
        let with = json!({ "index": part(INDEX), "documents": documents });
        q_case(name, "q.delete-documents", with, Undone::ForGood)
    };
    let some = || json!(["poison.pdf", "poison.txt", "never there"]);
    vec![
        case("delete uploaded documents", some()),
        case("delete documents that are still listed", some()).with("/knobs/q_deleted_documents_listed", json!(true)),
        case("delete documents where nothing is said of those that are not there", some())
            .with("/knobs/q_absent_documents_fail", json!(false))
            .with("/knobs/q_documents_of_all", json!(false)),
    ]
}

fn deleting_indices() -> Vec<Case> {
    let case = |name, even_if_used: bool| {
        let with = json!({ "index": part(INDEX), "even_if_used": even_if_used });
        q_case(name, "q.delete-index", with, Undone::ForGood)
    };
    vec![
        case("delete an index", false).with("/account/q_applications/0/retrievers", json!([])),
        case("delete an index that a retriever looks into", true)
            .with("/knobs/q_contents_block_deletion", json!(false)),
    ]
}

fn deleting_applications() -> Vec<Case> {
    let with = json!({ "application": { "region": "us-east-1", "id": APPLICATION } });
    let case = |name| q_case(name, "q.delete-application", with.clone(), Undone::ForGood);
    vec![
        case("delete an application"),
        case("delete an application that would take everything along")
            .with("/knobs/q_contents_block_deletion", json!(false)),
        case("delete an application that holds nothing")
            .with("/account/q_applications", json!([{ "name": "empty", "id": APPLICATION, "region": "us-east-1" }])),
    ]
}

fn deleting_people() -> Vec<Case> {
    let user = json!({ "application": { "region": "us-east-1", "id": APPLICATION }, "user": "mallory@example.com" });
    let group = json!({ "index": part(INDEX), "group": "board" });
    let accessor = json!({ "data_accessor": part(DATA_ACCESSOR) });
    vec![
        q_case("forget a user's other names", "q.delete-user", user, Undone::ForGood),
        q_case("delete a group", "q.delete-group", group, Undone::ForGood),
        q_case("delete a data accessor", "q.delete-data-accessor", accessor.clone(), Undone::ForGood),
        q_case("delete a data accessor that takes long", "q.delete-data-accessor", accessor, Undone::ForGood)
            .with("/knobs/q_deletion", json!("120s"))
            .with("/knobs/deleting_again_conflicts", json!(true)),
    ]
}

fn restoring_controls() -> Vec<Case> {
    let case = |name, baseline: Value| {
        let with = json!({ "application": { "region": "us-east-1", "id": APPLICATION }, "baseline": baseline });
        q_case(name, "q.restore-chat-controls", with, Undone::Exactly)
    };
    let sound = json!({
        "responseScope": "ENTERPRISE_CONTENT_ONLY", "orchestrationConfiguration": { "control": "DISABLED" },
        "blockedPhrases": { "blockedPhrases": ["merger", "security"] },
        "topicConfigurations": [
            { "name": "law", "description": "Cases", "rules": [{ "ruleType": "CONTENT_BLOCKER_RULE" }] },
            { "name": "staff", "rules": [] },
        ],
    });
    vec![
        case("put chat controls back", sound.clone()),
        case("put chat controls back, topic by topic", sound.clone()).with("/knobs/page_size", json!(1)),
        case("put chat controls back where an empty message stays", sound)
            .with("/knobs/q_empty_message_clears", json!(false)),
        case("take all phrases and topics away", json!({ "responseScope": "ENTERPRISE_CONTENT_ONLY" })),
    ]
}
