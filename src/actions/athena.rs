//! The commands that print, for Amazon Athena, tables over what AWS delivers into buckets.

use super::Assignment;
use crate::aws::{LoggingConfig, Trail};
use crate::base::Region;

/// The command for a trail's files; nothing where it delivers to no bucket. Those of an organisation lie below its id, which the
/// trail does not tell, and which Regions are enabled may not be known: a person fills these in.
pub(super) fn trail_table(to: &Assignment, trail: &Trail, regions: Option<&[Region]>) -> String {
    let Some(place) = place(&trail.bucket, trail.prefix.as_deref()) else { return String::new() };
    let below = if trail.organization { "ORGANISATION/" } else { "" };
    let names: Vec<&str> = regions.unwrap_or_default().iter().map(Region::as_str).collect();
    let regions = if names.is_empty() { "REGIONS".to_owned() } else { names.join(",") };
    format!("quell evidence cloudtrail-table bucket={place} account={below}{} regions={regions}", to.place.account)
}

/// The command for a log of model invocations; nothing where it goes to no bucket.
pub(super) fn log_table(to: &Assignment, log: &LoggingConfig) -> String {
    let Some(place) = place(log.bucket().unwrap_or_default(), log.prefix()) else { return String::new() };
    format!("quell evidence invocation-logs-table bucket={place} account={}", to.place.account)
}

/// Where files lie in a bucket, as the queries of `quell evidence` take it.
fn place(bucket: &str, prefix: Option<&str>) -> Option<String> {
    let below = prefix.unwrap_or_default().trim_matches('/');
    let place = if below.is_empty() { bucket.to_owned() } else { format!("{bucket}/{below}") };
    (!bucket.is_empty()).then_some(place)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn to() -> Assignment {
        let place = crate::aws::Place {
            partition: crate::base::Partition::Aws,
            account: "111122223333".parse().expect("an account"),
        };
        Assignment { incident: "INC-1".parse().expect("an incident"), place }
    }

    #[test]
    fn a_command_names_the_place_below_a_prefix_and_says_what_a_person_has_to_fill_in() {
        let mut trail = Trail {
            arn: "arn:aws:cloudtrail:us-east-1:111122223333:trail/all".to_owned(),
            name: "all".to_owned(),
            home: "us-east-1".to_owned(),
            everywhere: true,
            organization: false,
            bucket: "logs".to_owned(),
            prefix: None,
            log_group: None,
            validated: true,
        };
        let regions = ["us-east-1", "eu-west-1"].map(|name| name.parse().expect("a Region"));
        let whole = "quell evidence cloudtrail-table bucket=logs account=111122223333 regions=us-east-1,eu-west-1";
        assert_eq!(trail_table(&to(), &trail, Some(&regions)), whole);
        (trail.prefix, trail.organization) = (Some("audit/".to_owned()), true);
        let by_hand =
            "quell evidence cloudtrail-table bucket=logs/audit account=ORGANISATION/111122223333 regions=REGIONS";
        assert_eq!(trail_table(&to(), &trail, None), by_hand);
        trail.bucket.clear();
        assert_eq!(trail_table(&to(), &trail, None), "");
    }

    #[test]
    fn a_log_without_a_bucket_has_no_table() {
        let table = |words| log_table(&to(), &LoggingConfig::of(&words).expect("a configuration"));
        let log = json!({ "s3Config": { "bucketName": "models", "keyPrefix": "prod" } });
        assert_eq!(table(log), "quell evidence invocation-logs-table bucket=models/prod account=111122223333");
        assert_eq!(table(json!({ "cloudWatchConfig": { "logGroupName": "models" } })), "");
    }
}
