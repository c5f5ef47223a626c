//! Makes the Amazon Q Business applications of a scenario.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::range::model::{QConversation, QDocument, QGroup, QKind, QStatus, QThing, SyncJob, SyncStatus};
use crate::range::scenario::{AccountSpec, QApplicationSpec, QIndexSpec, Span};

use super::build::{Builder, Made};

/// A thing that is being put into the account.
struct Put<'a> {
    kind: QKind,
    name: &'a str,
    id: &'a Option<String>,
    within: &'a [String],
    members: Map<String, Value>,
    by: Option<&'a String>,
    tags: &'a BTreeMap<String, String>,
}

fn members(given: Value, more: &Map<String, Value>) -> Map<String, Value> {
    let mut members = given.as_object().cloned().unwrap_or_default();
    members.extend(more.clone());
    members
}

impl Builder {
    /// Everything of Q Business that an account holds.
    pub(super) fn q_business(&mut self, spec: &AccountSpec) {
        for application in &spec.q_applications {
            self.q_application(application);
        }
    }

    fn q_application(&mut self, spec: &QApplicationSpec) {
        let (region, created) = (spec.region.as_str(), self.ago(spec.created_ago));
        let given = json!({ "displayName": spec.name, "identityType": "AWS_IAM_IDC" });
        let members_of_all = members(given, &spec.members);
        let maker = spec.created_by.as_ref();
        let put = Put {
            kind: QKind::Application,
            name: &spec.name,
            id: &spec.id,
            within: &[],
            members: members_of_all,
            by: maker,
            tags: &spec.tags,
        };
        let within = self.q_put(region, created, put);
        if let Some(made) = self.account.q_things.get_mut(&(region.to_owned(), within.clone())) {
            made.chat.extend(spec.chat_controls.clone());
            made.users.extend(spec.users.clone());
        }
        for (number, spec) in spec.conversations.iter().enumerate() {
            let id = self.dice.uuid(&format!("q conversation {region} {} {number}", within.join("/")));
            let made = QConversation {
                user: spec.user.clone(),
                title: spec.said.first().cloned().unwrap_or_default(),
                started: self.made(spec.started_ago, created),
                said: spec.said.clone(),
            };
            if let Some(application) = self.account.q_things.get_mut(&(region.to_owned(), within.clone())) {
                application.conversations.insert(id, made);
            }
        }
        let indices: Vec<(&str, String)> = spec
            .indices
            .iter()
            .map(|index| (index.name.as_str(), self.q_index(region, created, maker, &within, index)))
            .collect();
        for retriever in &spec.retrievers {
            let native = retriever.index.as_ref().and_then(|name| indices.iter().find(|(known, _)| *known == *name));
            let given = match native {
                Some((_, index)) => json!({
                    "type": "NATIVE_INDEX", "configuration": { "nativeIndexConfiguration": { "indexId": index } },
                }),
                None => json!({
                    "type": "KENDRA_INDEX",
                    "configuration": { "kendraIndexConfiguration": { "indexId": retriever.kendra_index } },
                }),
            };
            let mut all = members(given, &Map::new());
            all.insert("displayName".into(), json!(retriever.name));
            let by = retriever.created_by.as_ref().or(maker);
            let (kind, name, id) = (QKind::Retriever, &retriever.name, &retriever.id);
            let tags = &retriever.tags;
            let put = Put { kind, name, id, within: &within, members: all, by, tags };
            self.q_put(region, self.made(retriever.created_ago, created), put);
        }
        for plugin in &spec.plugins {
            let given = json!({
                "displayName": plugin.name, "type": "CUSTOM", "state": "ENABLED",
                "authConfiguration": { "noAuthConfiguration": {} },
            });
            let all = members(given, &plugin.members);
            let by = plugin.created_by.as_ref().or(maker);
            let put = Put {
                kind: QKind::Plugin,
                name: &plugin.name,
                id: &plugin.id,
                within: &within,
                members: all,
                by,
                tags: &plugin.tags,
            };
            self.q_put(region, self.made(plugin.created_ago, created), put);
        }
        for accessor in &spec.data_accessors {
            let given = json!({
                "displayName": accessor.name, "principal": accessor.principal,
                "actionConfigurations": [{ "action": "qbusiness:SearchRelevantContent" }],
            });
            let all = members(given, &Map::new());
            let put = Put {
                kind: QKind::DataAccessor,
                name: &accessor.name,
                id: &accessor.id,
                within: &within,
                members: all,
                by: accessor.created_by.as_ref().or(maker),
                tags: &accessor.tags,
            };
            self.q_put(region, self.made(accessor.created_ago, created), put);
        }
        for web in &spec.web_experiences {
            let all = members(json!({ "title": web.title }), &web.members);
            let by = web.created_by.as_ref().or(maker);
            let put = Put {
                kind: QKind::WebExperience,
                name: &web.title,
                id: &web.id,
                within: &within,
                members: all,
                by,
                tags: &web.tags,
            };
            self.q_put(region, self.made(web.created_ago, created), put);
        }
    }

    /// When a part was made: with what holds it, unless its own time is given.
    fn made(&self, ago: Option<Span>, holder: Timestamp) -> Timestamp {
        ago.map_or(holder, |ago| self.ago(ago))
    }

    /// Makes an index; gives its id.
    fn q_index(
        &mut self,
        region: &str,
        created: Timestamp,
        maker: Option<&String>,
        within: &[String],
        spec: &QIndexSpec,
    ) -> String {
        let maker = spec.created_by.as_ref().or(maker);
        let all = members(json!({ "displayName": spec.name, "type": "ENTERPRISE" }), &spec.members);
        let put = Put {
            kind: QKind::Index,
            name: &spec.name,
            id: &spec.id,
            within,
            members: all,
            by: maker,
            tags: &spec.tags,
        };
        let created = self.made(spec.created_ago, created);
        let path = self.q_put(region, created, put);
        let mut sources = BTreeMap::new();
        for source in &spec.data_sources {
            let given = json!({ "displayName": source.name, "configuration": { "type": source.kind } });
            let all = members(given, &source.members);
            let by = source.created_by.as_ref().or(maker);
            let put = Put {
                kind: QKind::DataSource,
                name: &source.name,
                id: &source.id,
                within: &path,
                members: all,
                by,
                tags: &source.tags,
            };
            let key = (region.to_owned(), self.q_put(region, self.made(source.created_ago, created), put));
            sources.insert(source.name.as_str(), key.1.last().cloned());
            // A synchronisation that is there at the start goes on until somebody stops it.
            let job = source.syncing.then(|| SyncJob {
                id: self.dice.uuid(&format!("q sync {}", source.name)),
                status: SyncStatus::Syncing,
                due: None,
                started: self.now,
                ended: None,
            });
            if let Some(made) = self.account.q_things.get_mut(&key) {
                made.jobs.extend(job);
            }
        }
        if let Some(index) = self.account.q_things.get_mut(&(region.to_owned(), path.clone())) {
            for name in &spec.groups {
                let (data_source, name) = (String::new(), name.clone());
                let made = QGroup { data_source, name, status: "SUCCEEDED", due: None, updated: created };
                index.groups.insert(format!("/{}", made.name), made);
            }
        }
        for document in &spec.documents {
            let made = QDocument {
                data_source: document.data_source.as_deref().and_then(|name| sources.get(name).cloned().flatten()),
                status: "INDEXED",
                due: None,
                stumbles: document.stumbles,
                created: self.made(document.created_ago, created),
            };
            if let Some(index) = self.account.q_things.get_mut(&(region.to_owned(), path.clone())) {
                index.documents.insert(document.id.clone(), made);
            }
        }
        path.last().cloned().unwrap_or_default()
    }

    /// Puts a thing into the account; gives the ids that lead to it.
    fn q_put(&mut self, region: &str, created: Timestamp, put: Put<'_>) -> Vec<String> {
        let Put { kind, name, id, within, members, by, tags } = put;
        let id = id.clone().unwrap_or_else(|| self.dice.uuid(&format!("q {} {region} {name}", kind.word())));
        let (call, member) = match kind {
            QKind::Application => ("CreateApplication", "applicationId"),
            QKind::Index => ("CreateIndex", "indexId"),
            QKind::Retriever => ("CreateRetriever", "retrieverId"),
            QKind::Plugin => ("CreatePlugin", "pluginId"),
            QKind::WebExperience => ("CreateWebExperience", "webExperienceId"),
            QKind::DataSource => ("CreateDataSource", "dataSourceId"),
            QKind::DataAccessor => ("CreateDataAccessor", "dataAccessorId"),
        };
        let (request, reply) = (json!({ "displayName": name }), json!({ member: id }));
        let source = "qbusiness.amazonaws.com";
        self.was_made(by, created, Made { source, call, region, request, reply });
        let path = [within, &[id]].concat();
        let made = QThing {
            kind,
            region: region.to_owned(),
            path: path.clone(),
            config: members,
            status: QStatus::Active,
            due: None,
            jobs: vec![],
            documents: BTreeMap::new(),
            chat: if kind == QKind::Application { QThing::chat_controls() } else { Map::new() },
            users: BTreeMap::new(),
            leaving: BTreeMap::new(),
            conversations: BTreeMap::new(),
            groups: BTreeMap::new(),
            created,
            updated: created,
        };
        let arn = self.account.q_arn(kind, region, &path);
        self.account.tag(&arn, tags.clone());
        self.account.q_things.insert((region.to_owned(), path.clone()), made);
        path
    }
}
