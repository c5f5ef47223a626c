//! What Amazon Q Business holds: applications, and the indices, data sources, retrievers, plugins and web experiences in them.
//! They are read and deleted alike, so each kind is one declaration.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ear::{hear, hear_words};
use super::request::Made;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Paged, Request, Service};
use crate::base::{Entity, EntityKind, QId, Region};

/// An application itself.
pub(super) const APPLICATION: &str = "arn:{partition}:qbusiness:{region}:{account}:application/{id}";
/// An application and what it holds: for what it holds, AWS lists both as the resource of the permission.
pub(super) const IN_APPLICATION: &str = "arn:{partition}:qbusiness:{region}:{account}:application/{parent}*";

/// A thing of Q Business, as AWS tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QThing {
    /// The name that its maker gave it; a web experience has a title instead, or nothing.
    pub name: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// All of it, in AWS's own words.
    pub words: Value,
}

impl QThing {
    /// A text that AWS tells of it, such as the `type`.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.words.get(member)?.as_str()
    }

    /// Whether it is changing by itself.
    pub fn is_passing(&self) -> bool {
        ["PENDING_CREATION", "CREATING", "UPDATING", "CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"]
            .contains(&self.status.as_str())
    }

    /// Whether it is on its way out. A retriever never says so.
    pub fn is_leaving(&self) -> bool {
        ["DELETING", "DELETE_IN_PROGRESS"].contains(&self.status.as_str())
    }

    fn read(words: Value) -> Result<Self, String> {
        Ok(Self {
            name: name_in(&words),
            created: time_in(&words, "createdAt").ok_or("it does not say when it was made")?,
            status: status_in(&words).ok_or("it has no status")?,
            words,
        })
    }
}

/// A thing of Q Business in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QListed {
    /// The id.
    pub id: QId,
    /// The name that its maker gave it, where the list tells it.
    pub name: Option<String>,
    /// When it was made, where the list tells it: that of retrievers does not.
    pub created: Option<Timestamp>,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// All that the list tells, in AWS's own words.
    pub words: Value,
}

impl QListed {
    fn read(words: Value, id_member: &str) -> Result<Self, String> {
        let id = words.get(id_member).and_then(Value::as_str).ok_or_else(|| format!("it has no `{id_member}`"))?;
        Ok(Self {
            id: QId::new(id).map_err(|error| error.to_string())?,
            name: name_in(&words),
            created: time_in(&words, "createdAt"),
            status: status_in(&words).ok_or("it has no status")?,
            words,
        })
    }

    fn read_all(words: &Value, list: &str, id_member: &str) -> Result<Vec<Self>, String> {
        let items = words.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().map(|item| Self::read(item.clone(), id_member)).collect()
    }
}

fn name_in(words: &Value) -> Option<String> {
    let name = words.get("displayName").or_else(|| words.get("title"));
    name.and_then(Value::as_str).map(String::from)
}

/// Of a plugin the status of its build is what the others call their status. A data accessor has none: it is there, or not.
fn status_in(words: &Value) -> Option<String> {
    let status = words.get("status").or_else(|| words.get("buildStatus"));
    let there = || words.get("dataAccessorId").map(|_| "ACTIVE");
    status.and_then(Value::as_str).or_else(there).map(String::from)
}

/// Times are seconds since 1970 on this wire, with a fraction.
pub(super) fn time_in(words: &Value, member: &str) -> Option<Timestamp> {
    let seconds = words.get(member)?.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any year fit")]
    Timestamp::from_millisecond((seconds * 1000.0).round() as i64).ok()
}

/// A thing by the ids that lead to it.
pub(super) fn thing(kind: EntityKind, path: &[&QId]) -> Entity {
    Entity { kind, path: path.iter().map(ToString::to_string).collect() }
}

/// What holds the things of a list, by the ids that lead to it.
fn holder(path: &[&QId]) -> Entity {
    match path.len() {
        0 => Entity::new(EntityKind::Account, "Q applications"),
        1 => thing(EntityKind::QApplication, path),
        _ => thing(EntityKind::QIndex, path),
    }
}

/// The read of one of the things that an application holds directly.
pub trait GetInApplication: Ask<Reply = QThing> {
    /// The read of this one.
    fn of(region: Region, application: QId, id: QId) -> Self;
}

/// The list of things of a kind that an application holds directly.
pub trait ListInApplication: Paged<Item = QListed> {
    /// The first page.
    fn of(region: Region, application: QId) -> Self;
}

macro_rules! things {
    (
        $kind:ident, $named:literal, within [$($holder:ident / $set_holder:ident / $held_by:literal),*], needs $resource:expr, lists need $of_list:expr,
        $set_id:ident / $id_member:literal,
        $get:ident = $get_name:literal $get_method:ident,
        $list:ident = $list_name:literal $list_method:ident of $member:literal by $most:literal,
        $delete:ident = $delete_name:literal $delete_method:ident
    ) => {
        #[doc = concat!("Reads ", $named, " (`qbusiness:", $get_name, "`).")]
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $get {
            /// The Region.
            pub region: Region,
            $(#[doc = $held_by] pub $holder: QId,)*
            /// The id.
            pub id: QId,
        }

        impl Request for $get {
            const OPERATION: &'static Operation = &Operation::read(Service::QBusiness, $get_name)
                .needs(&[concat!("qbusiness:", $get_name)], $resource);

            type Reply = QThing;

            fn entity(&self) -> Entity {
                thing(EntityKind::$kind, &[$(&self.$holder,)* &self.id])
            }

            fn region(&self) -> Option<&Region> {
                Some(&self.region)
            }

            async fn send(&self, to: &Clients) -> Result<Accepted<QThing>, Fault> {
                let request = to.q_business(Some(&self.region)).$get_method()
                    $(.$set_holder(self.$holder.as_str()))*.$set_id(self.id.as_str());
                hear_words!(Self::OPERATION, request, |_, words| words)?.read(Self::OPERATION, QThing::read)
            }
        }

        impl Ask for $get {}

        #[doc = concat!("One page of what is like ", $named, " in one place (`qbusiness:", $list_name, "`).")]
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $list {
            /// The Region.
            pub region: Region,
            $(#[doc = $held_by] pub $holder: QId,)*
            /// Where the last page ended.
            pub next: Option<String>,
        }

        impl Request for $list {
            const OPERATION: &'static Operation = &Operation::read(Service::QBusiness, $list_name)
                .needs(&[concat!("qbusiness:", $list_name)], $of_list);

            type Reply = Page<QListed>;

            fn entity(&self) -> Entity {
                holder(&[$(&self.$holder),*])
            }

            fn region(&self) -> Option<&Region> {
                Some(&self.region)
            }

            async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
                let request = to.q_business(Some(&self.region)).$list_method()
                    $(.$set_holder(self.$holder.as_str()))*
                    .max_results($most).set_next_token(self.next.clone());
                hear_words!(Self::OPERATION, request, |out, words| (out.next_token, words))?.read(
                    Self::OPERATION,
                    |(next, words)| Ok(Page { items: QListed::read_all(&words, $member, $id_member)?, next }),
                )
            }
        }

        impl Ask for $list {}

        impl Paged for $list {
            type Item = QListed;

            fn after(&self, next: String) -> Self {
                Self { next: Some(next), ..self.clone() }
            }
        }

        #[doc = concat!("Deletes ", $named, " (`qbusiness:", $delete_name, "`). For good.")]
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        pub struct $delete {
            /// The Region.
            pub region: Region,
            $(#[doc = $held_by] pub $holder: QId,)*
            /// The id.
            pub id: QId,
        }

        impl Request for $delete {
            const OPERATION: &'static Operation = &Operation::irreversible(Service::QBusiness, $delete_name)
                .needs(&[concat!("qbusiness:", $delete_name)], $resource)
                .repeatable()
                .already(&["ResourceNotFoundException"]);

            type Reply = Made;

            fn entity(&self) -> Entity {
                thing(EntityKind::$kind, &[$(&self.$holder,)* &self.id])
            }

            fn region(&self) -> Option<&Region> {
                Some(&self.region)
            }

            async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
                let request = to.q_business(Some(&self.region)).$delete_method()
                    $(.$set_holder(self.$holder.as_str()))*.$set_id(self.id.as_str());
                hear!(Self::OPERATION, request, |_| Made::new())
            }
        }
    };
}

/// The same for what an application holds directly.
macro_rules! things_in_application {
    ($kind:ident, $named:literal, $set_id:ident / $id_member:literal, $get:ident = $($rest:tt)*) => {
        things!(
            $kind, $named, within [application / application_id / "The application that holds it."],
            needs IN_APPLICATION, lists need IN_APPLICATION, $set_id / $id_member, $get = $($rest)*
        );

        impl GetInApplication for $get {
            fn of(region: Region, application: QId, id: QId) -> Self {
                Self { region, application, id }
            }
        }
    };
}

macro_rules! lists_in_application {
    ($($list:ident),*) => {
        $(impl ListInApplication for $list {
            fn of(region: Region, application: QId) -> Self {
                Self { region, application, next: None }
            }
        })*
    };
}

things!(
    QApplication, "a Q Business application", within [], needs APPLICATION, lists need "*",
    application_id / "applicationId",
    GetQApplication = "GetApplication" get_application,
    ListQApplications = "ListApplications" list_applications of "applications" by 100,
    DeleteQApplication = "DeleteApplication" delete_application
);

things_in_application!(
    QIndex, "an index of a Q Business application", index_id / "indexId",
    GetQIndex = "GetIndex" get_index,
    ListQIndices = "ListIndices" list_indices of "indices" by 100,
    DeleteQIndex = "DeleteIndex" delete_index
);

things_in_application!(
    QRetriever, "a retriever of a Q Business application", retriever_id / "retrieverId",
    GetQRetriever = "GetRetriever" get_retriever,
    ListQRetrievers = "ListRetrievers" list_retrievers of "retrievers" by 50,
    DeleteQRetriever = "DeleteRetriever" delete_retriever
);

things_in_application!(
    QDataAccessor, "a data accessor of a Q Business application", data_accessor_id / "dataAccessorId",
    GetQDataAccessor = "GetDataAccessor" get_data_accessor,
    ListQDataAccessors = "ListDataAccessors" list_data_accessors of "dataAccessors" by 10,
    DeleteQDataAccessor = "DeleteDataAccessor" delete_data_accessor
);

things_in_application!(
    QPlugin, "a plugin of a Q Business application", plugin_id / "pluginId",
    GetQPlugin = "GetPlugin" get_plugin,
    ListQPlugins = "ListPlugins" list_plugins of "plugins" by 50,
    DeleteQPlugin = "DeletePlugin" delete_plugin
);

things_in_application!(
    QWebExperience, "a web experience of a Q Business application", web_experience_id / "webExperienceId",
    GetQWebExperience = "GetWebExperience" get_web_experience,
    ListQWebExperiences = "ListWebExperiences" list_web_experiences of "webExperiences" by 100,
    DeleteQWebExperience = "DeleteWebExperience" delete_web_experience
);

lists_in_application!(ListQDataAccessors, ListQIndices, ListQPlugins, ListQRetrievers, ListQWebExperiences);

things!(
    QDataSource, "a data source of a Q Business application",
    within [application / application_id / "The application.", index / index_id / "The index that holds it."],
    needs IN_APPLICATION, lists need IN_APPLICATION,
    data_source_id / "dataSourceId",
    GetQDataSource = "GetDataSource" get_data_source,
    ListQDataSources = "ListDataSources" list_data_sources of "dataSources" by 10,
    DeleteQDataSource = "DeleteDataSource" delete_data_source
);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "a1b2c3d4-5678-90ab-cdef-example11111";

    #[test]
    fn what_is_told_is_read_and_what_makes_no_sense_is_refused() {
        let plugin =
            json!({ "pluginId": ID, "displayName": "p", "buildStatus": "READY", "createdAt": 1_790_000_000.25 });
        let read = QThing::read(plugin.clone()).expect("a plugin");
        assert_eq!((read.name.as_deref(), read.status.as_str()), (Some("p"), "READY"));
        assert_eq!(read.created.as_millisecond(), 1_790_000_000_250);
        let page = json!({ "plugins": [plugin] });
        assert_eq!(QListed::read_all(&page, "plugins", "pluginId").map(|all| all.len()), Ok(1));
        assert!(QListed::read_all(&json!({ "plugins": [{}] }), "plugins", "pluginId").is_err());
        assert!(QThing::read(json!({ "status": "ACTIVE" })).is_err());
    }
}
