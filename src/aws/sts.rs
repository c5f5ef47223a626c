//! AWS Security Token Service: who is calling.

use serde::{Deserialize, Serialize};

use super::ear::hear;
use super::{Accepted, Ask, Clients, Fault, Operation, RateClass, Request, Service};
use crate::base::{Arn, Entity, EntityKind};

/// Who is calling. AWS answers this even to a caller that is denied everything, so it proves no containment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetCallerIdentity {}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallerIdentity {
    /// The caller's ARN; for a role session `arn:…:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub arn: Arn,
    /// The unique id: `AIDA…` for a user, `AROA…:session` for a role session.
    pub user_id: String,
}

impl Request for GetCallerIdentity {
    const OPERATION: &'static Operation =
        &Operation::read(Service::Sts, "GetCallerIdentity").paced(RateClass { name: "sts", per_second: 10.0 });

    type Reply = CallerIdentity;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Account, "caller")
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<CallerIdentity>, Fault> {
        let heard = hear!(Self::OPERATION, to.sts(None).get_caller_identity(), |out| {
            (out.arn.unwrap_or_default(), out.user_id.unwrap_or_default())
        })?;
        let (arn, user_id) = heard.reply;
        let arn = arn.parse().map_err(|error| Fault::nonsense(Self::OPERATION, error))?;
        Ok(Accepted { reply: CallerIdentity { arn, user_id }, request_id: heard.request_id, aws_time: heard.aws_time })
    }
}

impl Ask for GetCallerIdentity {}
