//! AWS Security Token Service: who is calling.

use serde::{Deserialize, Serialize};

use super::declare::request;
use super::{Operation, RateClass, Service};
use crate::base::{Arn, Entity, EntityKind};

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallerIdentity {
    /// The caller's ARN; for a role session `arn:…:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub arn: Arn,
    /// The unique id: `AIDA…` for a user, `AROA…:session` for a role session.
    pub user_id: String,
}

request! {
    /// Who is calling. AWS answers this even to a caller that is denied everything, so it proves no containment.
    read GetCallerIdentity {} of CallerIdentity,
    row: Operation::read(Service::Sts, "GetCallerIdentity").paced(RateClass { name: "sts", per_second: 10.0 }),
    about: |_it| Entity::new(EntityKind::Account, "caller"),
    send: |_it, to| to.sts(None).get_caller_identity(),
    reply: |out| Ok(CallerIdentity {
        arn: out.arn.unwrap_or_default().parse().map_err(|error| format!("{error}"))?,
        user_id: out.user_id.unwrap_or_default(),
    }),
}
