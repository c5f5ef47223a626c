//! Changing the schedule of a data source of Q Business, which means to repeat all of it.

use std::collections::HashMap;

use aws_sdk_qbusiness::types as sdk;
use aws_smithy_types::{Document, Number};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bedrock_parts::Enabled;
use super::declare::request;
use super::late::Late;
use super::q_things::{IN_APPLICATION, thing};
use super::{Fault, FaultKind, Operation, QThing, Request, Service};
use crate::base::{EntityKind, QId};

/// All of a data source but its schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QDataSourceSettings {
    /// The name.
    pub display_name: String,
    /// What its maker says it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The role that it works as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// What it takes in and from where, in the words of the connector.
    pub configuration: Value,
    /// The network that it reaches out from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_configuration: Option<QVpc>,
    /// What it makes of images, sound and films.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_extraction_configuration: Option<QMedia>,
}

/// The network of a data source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QVpc {
    /// The subnets.
    pub subnet_ids: Vec<String>,
    /// The security groups.
    pub security_group_ids: Vec<String>,
}

/// What a data source makes of what is no text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QMedia {
    /// Of images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_extraction_configuration: Option<QImages>,
    /// Of sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_extraction_configuration: Option<QSound>,
    /// Of films.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_extraction_configuration: Option<QFilms>,
}

/// Whether images are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QImages {
    /// Whether they are.
    pub image_extraction_status: Enabled,
}

/// Whether sound is listened to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QSound {
    /// Whether it is.
    pub audio_extraction_status: Enabled,
}

/// Whether films are watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QFilms {
    /// Whether they are.
    pub video_extraction_status: Enabled,
}

impl QDataSourceSettings {
    /// The settings of a data source; nothing where there is something in it that cannot be repeated, such as rules that
    /// change its documents on the way in.
    pub fn of(source: &QThing) -> Option<Self> {
        let members = [
            "displayName",
            "description",
            "roleArn",
            "configuration",
            "vpcConfiguration",
            "mediaExtractionConfiguration",
            "documentEnrichmentConfiguration",
        ];
        let given = members.iter().filter_map(|member| {
            let value = source.words.get(*member).filter(|value| !value.is_null())?;
            Some(((*member).to_owned(), value.clone()))
        });
        serde_json::from_value(Value::Object(given.collect())).ok()
    }
}

/// A document of the connector, in the SDK's form.
fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(yes) => Document::Bool(*yes),
        Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Number::PosInt(number),
            (None, Some(number)) => Number::NegInt(number),
            (None, None) => Number::Float(number.as_f64().unwrap_or_default()),
        }),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), document(value)));
            Document::Object(members.collect::<HashMap<_, _>>())
        }
    }
}

fn vpc(from: &QVpc) -> Result<sdk::DataSourceVpcConfiguration, String> {
    sdk::DataSourceVpcConfiguration::builder()
        .set_subnet_ids(Some(from.subnet_ids.clone()))
        .set_security_group_ids(Some(from.security_group_ids.clone()))
        .build()
        .map_err(|error| error.to_string())
}

fn word(enabled: Enabled) -> &'static str {
    match enabled {
        Enabled::Enabled => "ENABLED",
        Enabled::Disabled => "DISABLED",
    }
}

fn media(from: &QMedia) -> Result<sdk::MediaExtractionConfiguration, String> {
    let words = |error: aws_smithy_types::error::operation::BuildError| error.to_string();
    let images = from.image_extraction_configuration.as_ref().map(|images| {
        let status = word(images.image_extraction_status).into();
        sdk::ImageExtractionConfiguration::builder().image_extraction_status(status).build()
    });
    let sound = from.audio_extraction_configuration.as_ref().map(|sound| {
        let status = word(sound.audio_extraction_status).into();
        sdk::AudioExtractionConfiguration::builder().audio_extraction_status(status).build()
    });
    let films = from.video_extraction_configuration.as_ref().map(|films| {
        let status = word(films.video_extraction_status).into();
        sdk::VideoExtractionConfiguration::builder().video_extraction_status(status).build()
    });
    Ok(sdk::MediaExtractionConfiguration::builder()
        .set_image_extraction_configuration(images.transpose().map_err(words)?)
        .set_audio_extraction_configuration(sound.transpose().map_err(words)?)
        .set_video_extraction_configuration(films.transpose().map_err(words)?)
        .build())
}

fn cannot(why: String) -> Fault {
    Fault::of(UpdateQDataSource::OPERATION, FaultKind::BadRequest, "CannotBeRepeated", why)
}

request! {
    /// Gives a data source another schedule (`qbusiness:UpdateDataSource`); an empty one means that it synchronises only when it
    /// is asked to. Whether the request replaces everything is not said, so all of it is repeated from the last look.
    change UpdateQDataSource in a Region {
        /// The application.
        application: QId,
        /// The index.
        index: QId,
        /// The data source.
        id: QId,
        /// All of it but its schedule, repeated.
        settings: Late<QDataSourceSettings>,
        /// The schedule from now on.
        schedule: String,
    }
    row: Operation::reversible(Service::QBusiness, "UpdateDataSource")
        .needs(&["qbusiness:UpdateDataSource"], IN_APPLICATION)
        .never_blindly(),
    about: |it| thing(EntityKind::QDataSource, &[&it.application, &it.index, &it.id]),
    send: |it, to| {
        let settings = it.settings.settled(UpdateQDataSource::OPERATION)?;
        to.q_business(Some(&it.region))
            .update_data_source()
            .application_id(it.application.as_str())
            .index_id(it.index.as_str())
            .data_source_id(it.id.as_str())
            .display_name(&settings.display_name)
            .set_description(settings.description.clone())
            .set_role_arn(settings.role_arn.clone())
            .configuration(document(&settings.configuration))
            .set_vpc_configuration(settings.vpc_configuration.as_ref().map(vpc).transpose().map_err(cannot)?)
            .set_media_extraction_configuration(
                settings.media_extraction_configuration.as_ref().map(media).transpose().map_err(cannot)?,
            )
            .sync_schedule(&it.schedule)
    },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(words: Value) -> QThing {
        QThing { name: None, created: jiff::Timestamp::UNIX_EPOCH, status: "ACTIVE".to_owned(), words }
    }

    #[test]
    fn all_that_is_known_is_repeated_and_what_is_new_is_not() {
        let words = json!({
            "displayName": "d", "roleArn": "r", "syncSchedule": "rate(1 day)", "status": "ACTIVE", "description": null,
            "configuration": { "type": "S3", "more": { "n": [1, -1, 1.5, null, true] } },
            "vpcConfiguration": { "subnetIds": ["s"], "securityGroupIds": ["g"] },
            "mediaExtractionConfiguration": { "imageExtractionConfiguration": { "imageExtractionStatus": "ENABLED" } },
        });
        let settings = QDataSourceSettings::of(&source(words.clone())).expect("repeatable");
        let again = serde_json::to_value(&settings).expect("JSON");
        for member in ["displayName", "roleArn", "configuration", "vpcConfiguration", "mediaExtractionConfiguration"] {
            assert_eq!(again[member], words[member], "{member}");
        }
        assert!(settings.media_extraction_configuration.as_ref().map(media).is_some_and(|built| built.is_ok()));
        let Document::Object(members) = document(&settings.configuration) else { panic!("an object") };
        assert_eq!(members.get("type"), Some(&Document::String("S3".to_owned())));
        let mut with_rules = words;
        with_rules["documentEnrichmentConfiguration"] = json!({ "inlineConfigurations": [] });
        assert_eq!(QDataSourceSettings::of(&source(with_rules)), None);
    }
}
