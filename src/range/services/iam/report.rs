//! The credential report.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::json;

use crate::range::model::{Account, User};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, earlier, later};

pub(super) const ROWS: &[Row] =
    &[Row::read("GenerateCredentialReport", anything, generate), Row::read("GetCredentialReport", anything, get)];

/// How long a report is good for. FACT iam-report-four-hours
const GOOD_FOR: std::time::Duration = std::time::Duration::from_secs(4 * 3_600);
const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
    password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
    access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
    access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
    cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

fn generate(turn: &mut Turn<'_>) -> Handled {
    let (now, takes) = (turn.now, turn.state.knobs.credential_report_time.0);
    // FACT iam-report-time
    let state = match turn.account().report_begun {
        Some(begun) if later(begun, takes) > now => "INPROGRESS",
        Some(begun) if begun > earlier(now, GOOD_FOR) => "COMPLETE",
        _ => {
            turn.state.account.report_begun = Some(now);
            "STARTED"
        }
    };
    Ok(json!({ "State": state }))
}

fn get(turn: &mut Turn<'_>) -> Handled {
    let takes = turn.state.knobs.credential_report_time.0;
    let gone = |code: &str, status: u16, text: &str| Err(ApiError::new(code, status, text));
    let Some(begun) = turn.account().report_begun else {
        return gone("ReportNotPresent", 410, "No report is present.");
    };
    let made = later(begun, takes);
    if made > turn.now {
        return gone("ReportInProgress", 404, "The report is being generated.");
    }
    if begun <= earlier(turn.now, GOOD_FOR) {
        return gone("ReportExpired", 410, "The report has expired.");
    }
    let text = written(turn.account(), made, begun);
    Ok(json!({ "Content": STANDARD.encode(text), "ReportFormat": "text/csv", "GeneratedTime": made }))
}

fn written(account: &Account, made: Timestamp, root: Timestamp) -> String {
    let mut text = format!("{COLUMNS}\n{}\n", of_root(account, root));
    for (_, user) in account.users.all_enforced(made) {
        text.push_str(&row(account, user));
        text.push('\n');
    }
    text
}

fn date(time: Timestamp) -> String {
    format!("{}+00:00", time.to_string().trim_end_matches('Z'))
}

/// FACT iam-report-root
fn of_root(account: &Account, now: Timestamp) -> String {
    let (created, key) = (date(earlier(now, std::time::Duration::from_secs(2_000 * 86_400))), account.root.active_key);
    let rotated = if key { created.clone() } else { "N/A".to_owned() };
    format!(
        "<root_account>,arn:aws:iam::{}:root,{created},not_supported,no_information,not_supported,not_supported,{},{key},{rotated},\
         N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
        account.id, account.root.mfa
    )
}

fn row(account: &Account, user: &User) -> String {
    let changed = user.password_created.unwrap_or(user.created);
    let password = if user.console_password {
        format!("true,no_information,{}", date(changed))
    } else {
        "false,N/A,N/A".to_owned()
    };
    let mut keys: Vec<(&String, _)> = user.keys.iter().collect();
    keys.sort_by_key(|(id, key)| (key.created, (*id).clone()));
    let key = |at: usize| match keys.get(at) {
        None => "false,N/A,N/A,N/A,N/A".to_owned(),
        Some((id, key)) => {
            let used = account.key_uses.get(*id);
            let used = used.map_or("N/A,N/A,N/A".to_owned(), |used| {
                format!("{},{},{}", date(used.when), used.region, used.service)
            });
            format!("{},{},{used}", key.active, date(key.created))
        }
    };
    let certificates: Vec<_> = user.certificates.values().collect();
    let certificate = |at: usize| match certificates.get(at) {
        None => "false,N/A".to_owned(),
        Some(one) => format!("{},{}", one.active, date(one.created)),
    };
    format!(
        "{},{},{},{password},N/A,{},{},{},{},{}",
        user.name,
        account.user_arn(user),
        date(user.created),
        !user.mfa_devices.is_empty(),
        key(0),
        key(1),
        certificate(0),
        certificate(1)
    )
}
