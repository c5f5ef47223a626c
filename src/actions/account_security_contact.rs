//! `account.security-contact`: whom AWS calls about the security of the account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Assignment, Look, LookError, Query};
use crate::aws::{GetAlternateContact, Operation, Request};
use crate::base::Region;

/// Whom AWS calls about the security of the account.
pub struct SecurityContact;

/// Nothing can be asked: there is one contact, or none.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {}

/// The contact.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The person or team.
    pub name: String,
    /// Their function.
    pub title: String,
    /// The address.
    pub email: String,
    /// The number.
    pub phone: String,
}

impl Query for SecurityContact {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "account.security-contact";
    const SUMMARY: &'static str = "Whom AWS calls about the security of the account, if anybody";
    const PAGE: &'static str = include_str!("account_security_contact.md");
    const READS: &'static [&'static Operation] = &[GetAlternateContact::OPERATION];
    const REGIONAL: bool = false;

    fn key(&self, item: &Item) -> String {
        item.email.clone()
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        _: Option<&Region>,
        _: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let contact = look.find(GetAlternateContact {}).await?;
        let item = |contact: crate::aws::AlternateContact| Item {
            name: contact.name,
            title: contact.title,
            email: contact.email,
            phone: contact.phone,
        };
        Ok(Answer { items: contact.map(item).into_iter().collect(), truncated: None })
    }
}
