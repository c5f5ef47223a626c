//! Switching a plugin of Q Business, which means to repeat all of it.

use aws_sdk_qbusiness::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bedrock_parts::Enabled;
use super::declare::request;
use super::late::Late;
use super::q_things::{IN_APPLICATION, thing};
use super::{Fault, FaultKind, Operation, QThing, Request, Service};
use crate::base::{EntityKind, QId};

/// All of a plugin but its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QPluginSettings {
    /// The name.
    pub display_name: String,
    /// Where it sends what it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_url: Option<String>,
    /// How it signs in there.
    pub auth_configuration: QPluginAuth,
    /// Of a custom one, what it can be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_plugin_configuration: Option<QCustomPlugin>,
}

/// How a plugin signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum QPluginAuth {
    /// With a name and a password.
    BasicAuthConfiguration {
        /// The secret that holds them.
        secret_arn: String,
        /// The role that reads the secret.
        role_arn: String,
    },
    /// With OAuth 2.0.
    OAuth2ClientCredentialConfiguration {
        /// The secret that holds the client's credentials.
        secret_arn: String,
        /// The role that reads the secret.
        role_arn: String,
        /// Where people sign in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        authorization_url: Option<String>,
        /// Where tokens are had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token_url: Option<String>,
    },
    /// Not at all.
    NoAuthConfiguration {},
    /// With IAM Identity Center.
    IdcAuthConfiguration {
        /// The application there.
        idc_application_arn: String,
        /// The role that it works as.
        role_arn: String,
    },
}

/// What a custom plugin can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QCustomPlugin {
    /// What the model is told about it.
    pub description: String,
    /// The kind of schema.
    pub api_schema_type: String,
    /// The schema.
    pub api_schema: QApiSchema,
}

/// The schema of a custom plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum QApiSchema {
    /// The text.
    Payload(String),
    /// Where it lies.
    S3 {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
}

impl QPluginSettings {
    /// The settings of a plugin; nothing where there is something in it that cannot be repeated.
    pub fn of(plugin: &QThing) -> Option<Self> {
        let members = ["displayName", "serverUrl", "authConfiguration", "customPluginConfiguration"];
        let given = members.iter().filter_map(|member| {
            let value = plugin.words.get(*member).filter(|value| !value.is_null())?;
            Some(((*member).to_owned(), value.clone()))
        });
        serde_json::from_value(Value::Object(given.collect())).ok()
    }
}

fn auth(from: &QPluginAuth) -> Result<sdk::PluginAuthConfiguration, String> {
    let words = |error: aws_smithy_types::error::operation::BuildError| error.to_string();
    Ok(match from {
        QPluginAuth::BasicAuthConfiguration { secret_arn, role_arn } => {
            sdk::PluginAuthConfiguration::BasicAuthConfiguration(
                sdk::BasicAuthConfiguration::builder()
                    .secret_arn(secret_arn)
                    .role_arn(role_arn)
                    .build()
                    .map_err(words)?,
            )
        }
        QPluginAuth::OAuth2ClientCredentialConfiguration { secret_arn, role_arn, authorization_url, token_url } => {
            sdk::PluginAuthConfiguration::OAuth2ClientCredentialConfiguration(
                sdk::OAuth2ClientCredentialConfiguration::builder()
                    .secret_arn(secret_arn)
                    .role_arn(role_arn)
                    .set_authorization_url(authorization_url.clone())
                    .set_token_url(token_url.clone())
                    .build()
                    .map_err(words)?,
            )
        }
        QPluginAuth::NoAuthConfiguration {} => {
            sdk::PluginAuthConfiguration::NoAuthConfiguration(sdk::NoAuthConfiguration::builder().build())
        }
        QPluginAuth::IdcAuthConfiguration { idc_application_arn, role_arn } => {
            sdk::PluginAuthConfiguration::IdcAuthConfiguration(
                sdk::IdcAuthConfiguration::builder()
                    .idc_application_arn(idc_application_arn)
                    .role_arn(role_arn)
                    .build()
                    .map_err(words)?,
            )
        }
    })
}

fn custom(from: &QCustomPlugin) -> Result<sdk::CustomPluginConfiguration, String> {
    let words = |error: aws_smithy_types::error::operation::BuildError| error.to_string();
    let schema = match &from.api_schema {
        QApiSchema::Payload(text) => sdk::ApiSchema::Payload(text.clone()),
        QApiSchema::S3 { bucket, key } => {
            sdk::ApiSchema::S3(sdk::S3::builder().bucket(bucket).key(key).build().map_err(words)?)
        }
    };
    sdk::CustomPluginConfiguration::builder()
        .description(&from.description)
        .api_schema_type(from.api_schema_type.as_str().into())
        .api_schema(schema)
        .build()
        .map_err(words)
}

fn cannot(why: String) -> Fault {
    Fault::of(UpdateQPlugin::OPERATION, FaultKind::BadRequest, "CannotBeRepeated", why)
}

request! {
    /// Enables or disables a plugin (`qbusiness:UpdatePlugin`). Whether the request replaces everything is not said, so all of
    /// it is repeated from the last look.
    change UpdateQPlugin in a Region {
        /// The application.
        application: QId,
        /// The plugin.
        id: QId,
        /// All of it but its state, repeated.
        settings: Late<QPluginSettings>,
        /// Whether it acts from now on.
        state: Enabled,
    }
    row: Operation::reversible(Service::QBusiness, "UpdatePlugin")
        .needs(&["qbusiness:UpdatePlugin"], IN_APPLICATION)
        .never_blindly(),
    about: |it| thing(EntityKind::QPlugin, &[&it.application, &it.id]),
    send: |it, to| {
        let settings = it.settings.settled(UpdateQPlugin::OPERATION)?;
        to.q_business(Some(&it.region))
            .update_plugin()
            .application_id(it.application.as_str())
            .plugin_id(it.id.as_str())
            .display_name(&settings.display_name)
            .set_server_url(settings.server_url.clone())
            .auth_configuration(auth(&settings.auth_configuration).map_err(cannot)?)
            .set_custom_plugin_configuration(
                settings.custom_plugin_configuration.as_ref().map(custom).transpose().map_err(cannot)?,
            )
            .state(match it.state {
                Enabled::Enabled => sdk::PluginState::Enabled,
                Enabled::Disabled => sdk::PluginState::Disabled,
            })
    },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plugin(words: Value) -> QThing {
        QThing { name: None, created: jiff::Timestamp::UNIX_EPOCH, status: "READY".to_owned(), words }
    }

    #[test]
    fn every_kind_of_sign_in_is_repeated_and_what_is_new_is_not() {
        let kinds = [
            json!({ "noAuthConfiguration": {} }),
            json!({ "basicAuthConfiguration": { "secretArn": "s", "roleArn": "r" } }),
            json!({ "oAuth2ClientCredentialConfiguration": { "secretArn": "s", "roleArn": "r", "tokenUrl": "t" } }),
            json!({ "idcAuthConfiguration": { "idcApplicationArn": "a", "roleArn": "r" } }),
        ];
        for kind in kinds {
            let words = json!({ "displayName": "p", "authConfiguration": kind, "state": "ENABLED", "serverUrl": null });
            let settings = QPluginSettings::of(&plugin(words)).expect("repeatable");
            assert_eq!(serde_json::to_value(&settings.auth_configuration).expect("JSON"), kind);
            assert!(auth(&settings.auth_configuration).is_ok());
        }
        let new = json!({ "displayName": "p", "authConfiguration": { "somethingNew": {} } });
        assert_eq!(QPluginSettings::of(&plugin(new)), None);
    }
}
