//! Identity providers.

use serde_json::{Value, json};

use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::world::{Handled, Turn, refuse};

pub(super) const ROWS: &[Row] = &[
    Row::read("ListSAMLProviders", anything, list_saml_providers),
    Row::read("ListOpenIDConnectProviders", anything, list_open_id_connect_providers),
    Row::read(
        "GetOpenIDConnectProvider",
        |turn| turn.text("OpenIDConnectProviderArn").to_owned(),
        get_open_id_connect_provider,
    ),
];

const SAML: &str = ":saml-provider/";

fn list_saml_providers(turn: &mut Turn<'_>) -> Handled {
    let all = turn.account().identity_providers.iter().filter(|(arn, _)| arn.contains(SAML));
    let shown: Vec<Value> = all.map(|(arn, created)| json!({ "Arn": arn, "CreateDate": created })).collect();
    Ok(json!({ "SAMLProviderList": shown }))
}

/// FACT iam-open-id-list
fn list_open_id_connect_providers(turn: &mut Turn<'_>) -> Handled {
    let all = turn.account().identity_providers.keys().filter(|arn| !arn.contains(SAML));
    let shown: Vec<Value> = all.map(|arn| json!({ "Arn": arn })).collect();
    Ok(json!({ "OpenIDConnectProviderList": shown }))
}

fn get_open_id_connect_provider(turn: &mut Turn<'_>) -> Handled {
    let arn = turn.text("OpenIDConnectProviderArn");
    let created = turn.account().identity_providers.get(arn);
    let created =
        created.ok_or_else(|| refuse("NoSuchEntity", format!("OpenIDConnect Provider not found for arn {arn}")))?;
    let url = arn.split_once(":oidc-provider/").map_or(arn, |(_, url)| url);
    Ok(
        json!({ "Url": url, "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"], "CreateDate": created }),
    )
}
