//! Whom an application of Q Business knows: users by their aliases, and groups that documents are shown to.

use serde::{Deserialize, Serialize};

use super::Page;
use super::declare::request;
use super::q_things::{IN_APPLICATION, thing};
use super::{Operation, Service};
use crate::base::{EntityKind, QId};

/// Later than anything that a list could hold: the list of groups has to be given an end.
const FAR_AWAY: i64 = 4_102_444_800;

/// A user as an application knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QUser {
    /// What else the user is called, in indices and data sources.
    pub aliases: Vec<QUserAlias>,
}

/// What a user is called in a data source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct QUserAlias {
    /// The index.
    pub index: Option<String>,
    /// The data source; nothing for all of the index.
    pub data_source: Option<String>,
    /// The name there.
    pub user: String,
}

/// A group that documents are shown to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QGroup {
    /// How far it is, in AWS's word.
    pub status: String,
}

request! {
    /// Reads what a user is called (`qbusiness:GetUser`).
    read GetQUser in a Region {
        /// The application.
        application: QId,
        /// The user, as a rule an e-mail address.
        user: String,
    } of QUser,
    row: Operation::read(Service::QBusiness, "GetUser").needs(&["qbusiness:GetUser"], IN_APPLICATION),
    about: |it| thing(EntityKind::QApplication, &[&it.application]).child(EntityKind::QUser, &it.user),
    send: |it, to| to.q_business(Some(&it.region)).get_user().application_id(it.application.as_str()).user_id(&it.user),
    reply: |out| {
        let aliases = out.user_aliases.unwrap_or_default().into_iter().map(|alias| QUserAlias {
            index: alias.index_id,
            data_source: alias.data_source_id,
            user: alias.user_id,
        });
        let mut aliases: Vec<QUserAlias> = aliases.collect();
        aliases.sort();
        Ok(QUser { aliases })
    },
}

request! {
    /// Makes an application forget what a user is called (`qbusiness:DeleteUser`). For good; the user in IAM Identity Center stays.
    change DeleteQUser in a Region {
        /// The application.
        application: QId,
        /// The user.
        user: String,
    }
    row: Operation::irreversible(Service::QBusiness, "DeleteUser")
        .needs(&["qbusiness:DeleteUser"], IN_APPLICATION)
        .repeatable()
        .already(&["ResourceNotFoundException"]),
    about: |it| thing(EntityKind::QApplication, &[&it.application]).child(EntityKind::QUser, &it.user),
    send: |it, to| to.q_business(Some(&it.region)).delete_user().application_id(it.application.as_str()).user_id(&it.user),
}

request! {
    /// One page of the groups of an index (`qbusiness:ListGroups`), by name; AWS tells nothing else of them.
    list ListQGroups in a Region {
        /// The application.
        application: QId,
        /// The index.
        index: QId,
    } of String,
    row: Operation::read(Service::QBusiness, "ListGroups").needs(&["qbusiness:ListGroups"], IN_APPLICATION),
    about: |it| thing(EntityKind::QIndex, &[&it.application, &it.index]),
    send: |it, to| to
        .q_business(Some(&it.region))
        .list_groups()
        .application_id(it.application.as_str())
        .index_id(it.index.as_str())
        .updated_earlier_than(aws_smithy_types::DateTime::from_secs(FAR_AWAY))
        .max_results(10)
        .set_next_token(it.next.clone()),
    reply: |out| {
        let names = out.items.unwrap_or_default().into_iter().map(|item| item.group_name.ok_or("a group has no name"));
        Ok(Page { items: names.collect::<Result<_, _>>()?, next: out.next_token })
    },
}

request! {
    /// Reads how far a group is (`qbusiness:GetGroup`). Nobody can read its members.
    read GetQGroup in a Region {
        /// The application.
        application: QId,
        /// The index.
        index: QId,
        /// The group.
        group: String,
        /// The data source whose group it is; nothing for one of the index.
        data_source: Option<QId>,
    } of QGroup,
    row: Operation::read(Service::QBusiness, "GetGroup").needs(&["qbusiness:GetGroup"], IN_APPLICATION),
    about: |it| thing(EntityKind::QIndex, &[&it.application, &it.index]).child(EntityKind::QGroup, &it.group),
    send: |it, to| to
        .q_business(Some(&it.region))
        .get_group()
        .application_id(it.application.as_str())
        .index_id(it.index.as_str())
        .group_name(&it.group)
        .set_data_source_id(it.data_source.as_ref().map(ToString::to_string)),
    reply: |out| {
        let status = out.status.and_then(|status| status.status).ok_or("a group has no status")?;
        Ok(QGroup { status: status.as_str().to_owned() })
    },
}

request! {
    /// Deletes a group and whom it stands for (`qbusiness:DeleteGroup`). For good.
    change DeleteQGroup in a Region {
        /// The application.
        application: QId,
        /// The index.
        index: QId,
        /// The group.
        group: String,
        /// The data source whose group it is; nothing for one of the index.
        data_source: Option<QId>,
    }
    row: Operation::irreversible(Service::QBusiness, "DeleteGroup")
        .needs(&["qbusiness:DeleteGroup"], IN_APPLICATION)
        .repeatable()
        .already(&["ResourceNotFoundException"]),
    about: |it| thing(EntityKind::QIndex, &[&it.application, &it.index]).child(EntityKind::QGroup, &it.group),
    send: |it, to| to
        .q_business(Some(&it.region))
        .delete_group()
        .application_id(it.application.as_str())
        .index_id(it.index.as_str())
        .group_name(&it.group)
        .set_data_source_id(it.data_source.as_ref().map(ToString::to_string)),
}
