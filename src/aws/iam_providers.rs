//! Who outside the account may vouch for whom: the identity providers of IAM.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::iam_roles::IAM_READ;
use super::{Operation, Page, Service};
use crate::base::{Arn, Entity, EntityKind};

/// An identity provider of SAML.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SamlProvider {
    /// Its ARN.
    pub arn: Arn,
    /// When it was made.
    pub created: Timestamp,
}

/// Providers stand in no pages: the answer is whole.
fn arn_of(arn: Option<String>) -> Result<Arn, String> {
    let arn = arn.ok_or("an identity provider has no ARN")?;
    arn.parse().map_err(|error| format!("{error}"))
}

request! {
    /// The SAML identity providers of the account (`iam:ListSAMLProviders`).
    list ListSamlProviders {} of SamlProvider,
    row: Operation::read(Service::Iam, "ListSAMLProviders").needs(&["iam:ListSAMLProviders"], "*").paced(IAM_READ),
    about: |_it| Entity::new(EntityKind::Account, "identity providers"),
    send: |_it, to| to.iam(None).list_saml_providers(),
    reply: |out| {
        let one = |provider: aws_sdk_iam::types::SamlProviderListEntry| {
            let created = provider.create_date.ok_or("an identity provider has no date")?;
            Ok::<_, String>(SamlProvider { arn: arn_of(provider.arn)?, created: super::timestamp(&created) })
        };
        let all = out.saml_provider_list.unwrap_or_default().into_iter().map(one);
        Ok(Page { items: all.collect::<Result<_, _>>()?, next: None })
    },
}

request! {
    /// The OpenID Connect identity providers of the account (`iam:ListOpenIDConnectProviders`), by their ARNs.
    list ListOpenIdProviders {} of Arn,
    row: Operation::read(Service::Iam, "ListOpenIDConnectProviders")
        .needs(&["iam:ListOpenIDConnectProviders"], "*")
        .paced(IAM_READ),
    about: |_it| Entity::new(EntityKind::Account, "identity providers"),
    send: |_it, to| to.iam(None).list_open_id_connect_providers(),
    reply: |out| {
        let all = out.open_id_connect_provider_list.unwrap_or_default().into_iter().map(|provider| arn_of(provider.arn));
        Ok(Page { items: all.collect::<Result<_, _>>()?, next: None })
    },
}

request! {
    /// Reads when an OpenID Connect identity provider was made (`iam:GetOpenIDConnectProvider`).
    read GetOpenIdProvider {
        /// The provider.
        provider: Arn,
    } of Timestamp,
    row: Operation::read(Service::Iam, "GetOpenIDConnectProvider")
        .needs(&["iam:GetOpenIDConnectProvider"], "arn:{partition}:iam::{account}:oidc-provider/*")
        .paced(IAM_READ),
    about: |it| Entity::new(EntityKind::Account, it.provider.as_str()),
    send: |it, to| to.iam(None).get_open_id_connect_provider().open_id_connect_provider_arn(it.provider.as_str()),
    reply: |out| Ok(super::timestamp(&out.create_date.ok_or("an identity provider has no date")?)),
}
