//! CloudTrail's trails: what is kept of what happens beyond 90 days, and whether it is kept at all.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::types::{AdvancedEventSelector, EventSelector, ReadWriteType};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::{Operation, Service};
use crate::base::{Entity, EntityKind};

/// Trails of the organisation are those of its management account.
const TRAIL: &str = "arn:{partition}:cloudtrail:{region}:*:trail/*";

/// A trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// The ARN.
    pub arn: String,
    /// The name.
    pub name: String,
    /// The Region in which it was made.
    pub home: String,
    /// Whether it keeps what happens in every Region.
    pub everywhere: bool,
    /// Whether it is one of the organisation, which its management account alone can change.
    pub organization: bool,
    /// The bucket to which it delivers.
    pub bucket: String,
    /// The key below which its files lie in there.
    pub prefix: Option<String>,
    /// The ARN of the log group to which it delivers as well.
    pub log_group: Option<String>,
    /// Whether it leaves digests by which the delivered files can be verified.
    pub validated: bool,
}

/// Whether a trail is at work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStatus {
    /// Whether it keeps what happens now.
    pub logging: bool,
    /// When it was last stopped.
    pub stopped: Option<Timestamp>,
    /// When it last delivered into its bucket.
    pub delivered: Option<Timestamp>,
    /// Why the last delivery failed, in Amazon S3's words.
    pub delivery_error: Option<String>,
}

/// What a trail keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptEvents {
    /// Management events that read.
    pub reads: bool,
    /// Management events that change something.
    pub writes: bool,
    /// Whether a selector narrows the management events further than by that and by the services that are left out.
    pub management_in_part: bool,
    /// Services whose management events are left out, such as `kms.amazonaws.com`.
    pub left_out: BTreeSet<String>,
    /// The kinds of resources of which all data events are kept, such as `AWS::Bedrock::AgentAlias`.
    pub data: BTreeSet<String>,
    /// The kinds of which some are.
    pub data_in_part: BTreeSet<String>,
}

impl KeptEvents {
    fn with(mut self, selector: EventSelector) -> Self {
        let kind = selector.read_write_type.unwrap_or(ReadWriteType::All);
        if selector.include_management_events.unwrap_or(true) {
            self.reads |= kind != ReadWriteType::WriteOnly;
            self.writes |= kind != ReadWriteType::ReadOnly;
            self.left_out.extend(selector.exclude_management_event_sources.unwrap_or_default());
        }
        for resource in selector.data_resources.unwrap_or_default() {
            // All objects or functions are spelt as the beginning of their ARNs.
            let is_all = |arn: &String| arn.split(':').count() <= 3;
            let all = kind == ReadWriteType::All && resource.values.unwrap_or_default().iter().any(is_all);
            let kinds = if all { &mut self.data } else { &mut self.data_in_part };
            kinds.extend(resource.r#type);
        }
        self
    }

    fn with_advanced(mut self, selector: AdvancedEventSelector) -> Self {
        let values = |field: &str| {
            let mut fields = selector.field_selectors.iter().filter(|one| one.field == field);
            fields.find_map(|one| one.equals.clone()).unwrap_or_default()
        };
        let narrows = |known: &[&str]| selector.field_selectors.iter().any(|one| !known.contains(&one.field.as_str()));
        let is = |values: &[String], wanted: &str| values.iter().any(|value| value == wanted);
        let category = values("eventCategory");
        if is(&category, "Management") {
            let read_only = values("readOnly");
            self.reads |= read_only.is_empty() || is(&read_only, "true");
            self.writes |= read_only.is_empty() || is(&read_only, "false");
            let sources = selector.field_selectors.iter().filter(|one| one.field == "eventSource");
            self.left_out.extend(sources.clone().filter_map(|one| one.not_equals.clone()).flatten());
            let by_source = sources.clone().any(|one| one.not_equals.is_none());
            self.management_in_part |= by_source || narrows(&["eventCategory", "readOnly", "eventSource"]);
        }
        if is(&category, "Data") {
            let in_part = narrows(&["eventCategory", "resources.type"]);
            let kinds = if in_part { &mut self.data_in_part } else { &mut self.data };
            kinds.extend(values("resources.type"));
        }
        self
    }
}

fn trail_entity(arn: &str) -> Entity {
    Entity::new(EntityKind::Account, format!("trail {arn}"))
}

request! {
    /// Reads the trails that keep what happens in a Region, those of other Regions and of the organisation among them
    /// (`cloudtrail:DescribeTrails`).
    read DescribeTrails in a Region {} of Vec<Trail>,
    row: Operation::read(Service::CloudTrail, "DescribeTrails").needs(&["cloudtrail:DescribeTrails"], "*"),
    about: |_it| Entity::new(EntityKind::Account, "trails"),
    send: |it, to| to.cloudtrail(Some(&it.region)).describe_trails().include_shadow_trails(true),
    reply: |out| out.trail_list.unwrap_or_default().into_iter().map(|trail| Ok(Trail {
        arn: trail.trail_arn.ok_or("a trail has no ARN")?,
        name: trail.name.unwrap_or_default(),
        home: trail.home_region.ok_or("a trail has no home Region")?,
        everywhere: trail.is_multi_region_trail.unwrap_or(false),
        organization: trail.is_organization_trail.unwrap_or(false),
        bucket: trail.s3_bucket_name.unwrap_or_default(),
        prefix: trail.s3_key_prefix,
        log_group: trail.cloud_watch_logs_log_group_arn,
        validated: trail.log_file_validation_enabled.unwrap_or(false),
    })).collect::<Result<Vec<_>, String>>(),
}

request! {
    /// Reads whether a trail is at work (`cloudtrail:GetTrailStatus`).
    read GetTrailStatus in a Region {
        /// Its ARN.
        trail: String,
    } of TrailStatus,
    row: Operation::read(Service::CloudTrail, "GetTrailStatus").needs(&["cloudtrail:GetTrailStatus"], TRAIL),
    about: |it| trail_entity(&it.trail),
    send: |it, to| to.cloudtrail(Some(&it.region)).get_trail_status().name(&it.trail),
    reply: |out| Ok(TrailStatus {
        logging: out.is_logging.unwrap_or(false),
        stopped: out.stop_logging_time.as_ref().map(super::timestamp),
        delivered: out.latest_delivery_time.as_ref().map(super::timestamp),
        delivery_error: out.latest_delivery_error.filter(|error| !error.is_empty()),
    }),
}

request! {
    /// Reads what a trail keeps (`cloudtrail:GetEventSelectors`).
    read GetEventSelectors in a Region {
        /// Its ARN.
        trail: String,
    } of KeptEvents,
    row: Operation::read(Service::CloudTrail, "GetEventSelectors").needs(&["cloudtrail:GetEventSelectors"], TRAIL),
    about: |it| trail_entity(&it.trail),
    send: |it, to| to.cloudtrail(Some(&it.region)).get_event_selectors().trail_name(&it.trail),
    reply: |out| {
        let kept = out.event_selectors.unwrap_or_default().into_iter().fold(KeptEvents::default(), KeptEvents::with);
        Ok(out.advanced_event_selectors.unwrap_or_default().into_iter().fold(kept, KeptEvents::with_advanced))
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudtrail::types::{AdvancedFieldSelector, DataResource};

    fn field(name: &str, equals: &[&str], not_equals: &[&str]) -> AdvancedFieldSelector {
        let texts = |texts: &[&str]| (!texts.is_empty()).then(|| texts.iter().map(ToString::to_string).collect());
        let field = AdvancedFieldSelector::builder().field(name).set_equals(texts(equals));
        field.set_not_equals(texts(not_equals)).build().expect("a field selector")
    }

    fn advanced(fields: Vec<AdvancedFieldSelector>) -> KeptEvents {
        let selector = AdvancedEventSelector::builder().set_field_selectors(Some(fields)).build();
        KeptEvents::default().with_advanced(selector.expect("a selector"))
    }

    #[test]
    fn basic_selectors_are_read() {
        let all = KeptEvents::default().with(EventSelector::builder().build());
        assert!(all.reads && all.writes && all.data.is_empty() && !all.management_in_part);
        let resource = |arn: &str| DataResource::builder().r#type("AWS::S3::Object").values(arn).build();
        let data = |kind, arn: &str| {
            let selector = EventSelector::builder().read_write_type(kind).include_management_events(false);
            KeptEvents::default().with(selector.data_resources(resource(arn)).build())
        };
        let whole = data(ReadWriteType::All, "arn:aws:s3");
        assert!(!whole.reads && !whole.writes && whole.data.contains("AWS::S3::Object"));
        for part in [data(ReadWriteType::All, "arn:aws:s3:::bucket/"), data(ReadWriteType::WriteOnly, "arn:aws:s3")] {
            assert!(part.data.is_empty() && part.data_in_part.contains("AWS::S3::Object"));
        }
        let writes = EventSelector::builder()
            .read_write_type(ReadWriteType::WriteOnly)
            .exclude_management_event_sources("kms.amazonaws.com");
        let writes = KeptEvents::default().with(writes.build());
        assert!(!writes.reads && writes.writes && writes.left_out.contains("kms.amazonaws.com"));
    }

    #[test]
    fn advanced_selectors_are_read() {
        let management = || field("eventCategory", &["Management"], &[]);
        let all = advanced(vec![management()]);
        assert!(all.reads && all.writes && !all.management_in_part);
        let reads = advanced(vec![management(), field("readOnly", &["true"], &[])]);
        assert!(reads.reads && !reads.writes);
        let but = advanced(vec![management(), field("eventSource", &[], &["kms.amazonaws.com"])]);
        assert!(but.left_out.contains("kms.amazonaws.com") && !but.management_in_part);
        assert!(advanced(vec![management(), field("eventSource", &["iam.amazonaws.com"], &[])]).management_in_part);
        assert!(advanced(vec![management(), field("eventName", &["CreateUser"], &[])]).management_in_part);
        let agents = || field("resources.type", &["AWS::Bedrock::AgentAlias"], &[]);
        let data = || field("eventCategory", &["Data"], &[]);
        let whole = advanced(vec![data(), agents()]);
        assert!(!whole.reads && !whole.writes && whole.data.contains("AWS::Bedrock::AgentAlias"));
        let part = advanced(vec![data(), agents(), field("readOnly", &["true"], &[])]);
        assert!(part.data.is_empty() && part.data_in_part.contains("AWS::Bedrock::AgentAlias"));
    }
}
