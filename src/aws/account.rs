//! The account itself: which Regions are enabled, and what people call it.

use serde::{Deserialize, Serialize};

use super::declare::request;
use super::ear::hear;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Paged, RateClass, Request, Service};
use crate::base::{Entity, EntityKind, Region};

/// One page of the Regions that are enabled for the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListRegions {
    /// Where the last page ended.
    pub next: Option<String>,
}

impl Request for ListRegions {
    const OPERATION: &'static Operation = &Operation::read(Service::Account, "ListRegions")
        .needs(&["account:ListRegions"], "*")
        .paced(RateClass { name: "account:list", per_second: 5.0 });

    type Reply = Page<Region>;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Account, "regions")
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        use aws_sdk_account::types::RegionOptStatus::{Enabled, EnabledByDefault};
        let request = to
            .account(None)
            .list_regions()
            .region_opt_status_contains(Enabled)
            .region_opt_status_contains(EnabledByDefault)
            .max_results(50)
            .set_next_token(self.next.clone());
        let heard = hear!(Self::OPERATION, request, |out| {
            let regions: Result<Vec<Region>, String> = out.regions.unwrap_or_default().into_iter().map(named).collect();
            regions.map(|items| Page { items, next: out.next_token })
        })?;
        heard.read(Self::OPERATION, |reply| reply)
    }
}

fn named(region: aws_sdk_account::types::Region) -> Result<Region, String> {
    let name = region.region_name.ok_or("a Region has no name")?;
    Region::new(name).map_err(|bad| bad.to_string())
}

impl Ask for ListRegions {}

impl Paged for ListRegions {
    type Item = Region;

    fn after(&self, next: String) -> Self {
        Self { next: Some(next) }
    }
}

/// The alias of the account, as people type it: `prod-web`. An account has one at most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListAccountAliases {}

impl Request for ListAccountAliases {
    const OPERATION: &'static Operation = &Operation::read(Service::Iam, "ListAccountAliases")
        .needs(&["iam:ListAccountAliases"], "*")
        .paced(RateClass { name: "iam:read", per_second: 10.0 });

    type Reply = Option<String>;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Account, "alias")
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        hear!(Self::OPERATION, to.iam(None).list_account_aliases(), |out| out.account_aliases.into_iter().next())
    }
}

impl Ask for ListAccountAliases {}

/// Whom AWS calls about the account, beside the root user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternateContact {
    /// The person or team.
    pub name: String,
    /// Their function.
    pub title: String,
    /// The address.
    pub email: String,
    /// The number.
    pub phone: String,
}

request! {
    /// Reads whom AWS calls about the security of the account (`account:GetAlternateContact`).
    read GetAlternateContact {} of AlternateContact,
    row: Operation::read(Service::Account, "GetAlternateContact").needs(&["account:GetAlternateContact"], "*"),
    about: |_it| Entity::new(EntityKind::Account, "security contact"),
    send: |_it, to| to
        .account(None)
        .get_alternate_contact()
        .alternate_contact_type(aws_sdk_account::types::AlternateContactType::Security),
    reply: |out| {
        let contact = out.alternate_contact.ok_or("no contact in the reply")?;
        Ok(AlternateContact {
            name: contact.name.unwrap_or_default(),
            title: contact.title.unwrap_or_default(),
            email: contact.email_address.unwrap_or_default(),
            phone: contact.phone_number.unwrap_or_default(),
        })
    },
}
