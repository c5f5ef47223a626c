//! `iam.credential-report`: what everybody signs in and signs with, the root user included.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Assignment, Look, LookError, Query};
use crate::aws::{GenerateCredentialReport, GetCredentialReport, Operation, Request};
use crate::base::{Arn, Region};

/// How the root user is called in the report.
const ROOT: &str = "<root_account>";
/// The pause between two questions whether the report is there, and how often is asked.
const PAUSE: Duration = Duration::from_secs(2);
const MOST_QUESTIONS: u32 = 60;

/// What everybody signs in and signs with.
pub struct CredentialReportOfAll;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The root user alone, or everybody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<bool>,
    /// Can sign in with a password and has no MFA device.
    #[serde(default)]
    pub without_mfa: bool,
    /// Has an active access key, or with `false` has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_key: Option<bool>,
    /// Has an active access key that was made before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_made_before: Option<Timestamp>,
}

/// A row of the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The user's name; `<root_account>` for the root user.
    pub user: String,
    /// The ARN.
    pub arn: Arn,
    /// Whether it is the root user.
    pub is_root: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it can sign in with a password.
    pub password: bool,
    /// When that was last used, as far as AWS knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_used_at: Option<Timestamp>,
    /// When that was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_changed_at: Option<Timestamp>,
    /// Whether it has an MFA device.
    pub mfa: bool,
    /// How many of its access keys are active.
    pub active_keys: usize,
    /// When the older of its active access keys was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_key_at: Option<Timestamp>,
    /// When an access key of its was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_used_at: Option<Timestamp>,
    /// How many of its signing certificates are active.
    pub active_certificates: usize,
}

impl Query for CredentialReportOfAll {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "iam.credential-report";
    const SUMMARY: &'static str = "What everybody signs in and signs with, the root user included";
    const PAGE: &'static str = include_str!("iam_credential_report.md");
    const READS: &'static [&'static Operation] = &[GenerateCredentialReport::OPERATION, GetCredentialReport::OPERATION];
    const REGIONAL: bool = false;

    fn key(&self, item: &Item) -> String {
        format!("{} of {}", item.arn, item.created_at)
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        _: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let mut asked = 0;
        while !look.ask(GenerateCredentialReport { asked }).await? {
            asked += 1;
            if asked == MOST_QUESTIONS {
                let why = format!("AWS has not written the credential report in {} s", (PAUSE * asked).as_secs());
                return Ok(Answer { items: vec![], truncated: Some(why) });
            }
            look.rest(PAUSE).await;
        }
        let report = look.ask(GetCredentialReport {}).await?;
        let mut items = rows(&report.text).map_err(LookError::Nonsense)?;
        items.retain(|item| {
            input.root.is_none_or(|root| root == item.is_root)
                && (!input.without_mfa || (item.password && !item.mfa))
                && input.active_key.is_none_or(|active| active == (item.active_keys > 0))
                && input.key_made_before.is_none_or(|before| item.oldest_key_at.is_some_and(|made| made < before))
        });
        items.sort_by(|one, other| (!one.is_root, &one.user).cmp(&(!other.is_root, &other.user)));
        Ok(Answer { items, truncated: None })
    }
}

/// The rows of a report. Columns are found by their names, so that new ones do no harm; what is missing is an error.
fn rows(text: &str) -> Result<Vec<Item>, String> {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let columns: Vec<&str> = lines.next().ok_or("the credential report is empty")?.split(',').collect();
    lines.map(|line| row(&columns, line)).collect()
}

fn row(columns: &[&str], line: &str) -> Result<Item, String> {
    let cells: BTreeMap<&str, &str> = columns.iter().copied().zip(line.split(',')).collect();
    let cell = |column: &str| {
        cells.get(column).copied().ok_or_else(|| format!("the credential report has no column `{column}`"))
    };
    // What does not apply or is not known is a word, such as `N/A`, `no_information` or `not_supported`.
    let time = |column: &str| Ok::<_, String>(cell(column)?.parse::<Timestamp>().ok());
    let yes = |column: &str| Ok::<_, String>(cell(column)?.eq_ignore_ascii_case("true"));
    let user = cell("user")?.to_owned();
    let is_root = user == ROOT;
    let mut keys = Vec::new();
    for number in [1, 2] {
        keys.push((
            yes(&format!("access_key_{number}_active"))?,
            time(&format!("access_key_{number}_last_rotated"))?,
            time(&format!("access_key_{number}_last_used_date"))?,
        ));
    }
    let certificates = [yes("cert_1_active")?, yes("cert_2_active")?];
    let arn = cell("arn")?;
    Ok(Item {
        is_root,
        arn: arn.parse().map_err(|error| format!("{error}"))?,
        created_at: time("user_creation_time")?.ok_or_else(|| format!("{user} was never made"))?,
        // Whether the root user has a password is not supported by the report: it always can set one.
        password: is_root || yes("password_enabled")?,
        password_used_at: time("password_last_used")?,
        password_changed_at: time("password_last_changed")?,
        mfa: yes("mfa_active")?,
        active_keys: keys.iter().filter(|(active, ..)| *active).count(),
        oldest_key_at: keys.iter().filter(|(active, ..)| *active).filter_map(|(_, made, _)| *made).min(),
        key_used_at: keys.iter().filter_map(|(.., used)| *used).max(),
        active_certificates: certificates.into_iter().filter(|active| *active).count(),
        user,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
        password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
        access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
        access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
        cert_1_last_rotated,cert_2_active,cert_2_last_rotated,later_column";

    #[test]
    fn a_report_is_read_by_the_names_of_its_columns() {
        let root = "<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,not_supported,\
            2026-11-21T09:00:00+00:00,not_supported,not_supported,false,true,2021-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,\
            N/A,N/A,N/A,false,N/A,false,N/A,x";
        let user = "ada,arn:aws:iam::111122223333:user/ada,2024-01-01T00:00:00+00:00,true,no_information,\
            2024-01-02T00:00:00+00:00,N/A,true,true,2026-01-01T00:00:00+00:00,2026-11-01T00:00:00+00:00,us-east-1,s3,true,\
            2025-01-01T00:00:00+00:00,N/A,N/A,N/A,true,2024-01-01T00:00:00+00:00,false,N/A,x";
        let rows = rows(&format!("{COLUMNS}\n{root}\n{user}\n")).expect("rows");
        let at = |text: &str| text.parse::<Timestamp>().ok();
        assert!(rows[0].is_root && rows[0].password && !rows[0].mfa);
        assert_eq!((rows[0].active_keys, rows[0].oldest_key_at), (1, at("2021-01-01T00:00:00Z")));
        assert_eq!(rows[0].password_used_at, at("2026-11-21T09:00:00Z"));
        assert_eq!((rows[1].active_keys, rows[1].oldest_key_at), (2, at("2025-01-01T00:00:00Z")));
        assert_eq!((rows[1].key_used_at, rows[1].active_certificates), (at("2026-11-01T00:00:00Z"), 1));
        assert_eq!(rows[1].password_used_at, None);
    }

    #[test]
    fn a_report_without_a_column_is_not_read_as_if_nothing_were_there() {
        let error = rows("user,arn\nada,arn:aws:iam::111122223333:user/ada").expect_err("no report");
        assert!(error.contains("no column `access_key_1_active`"), "{error}");
        assert!(rows("").is_err());
    }
}
