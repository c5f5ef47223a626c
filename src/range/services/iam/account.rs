//! The account as IAM knows it.

use serde_json::json;

use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::world::{Handled, Turn, refuse};

use super::quota;

pub(super) const ROWS: &[Row] = &[
    Row::read("GetAccountSummary", anything, get_account_summary),
    Row::read("ListAccountAliases", anything, list_account_aliases),
    Row::write("CreateAccountAlias", anything, create_account_alias),
];

fn get_account_summary(turn: &mut Turn<'_>) -> Handled {
    let account = turn.account();
    // FACT iam-quotas
    Ok(json!({ "SummaryMap": {
        "Users": account.users.all_latest().count(), "UsersQuota": 5000,
        "Roles": account.roles.all_latest().count(), "RolesQuota": 1000,
        "Groups": account.groups.all_latest().count(), "GroupsQuota": 300,
        "AccessKeysPerUserQuota": quota::KEYS, "AssumeRolePolicySizeQuota": quota::TRUST,
        "RolePolicySizeQuota": quota::ROLE_INLINE, "UserPolicySizeQuota": quota::USER_INLINE, "PolicySizeQuota": quota::MANAGED,
        "AttachedPoliciesPerRoleQuota": quota::ATTACHED, "AttachedPoliciesPerUserQuota": quota::ATTACHED,
        "AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0, "AccountPasswordPresent": 1,
        "AccountSigningCertificatesPresent": 0,
    }}))
}

fn list_account_aliases(turn: &mut Turn<'_>) -> Handled {
    turn.page("AccountAliases", turn.account().alias.iter().map(|alias| json!(alias)).collect())
}

fn create_account_alias(turn: &mut Turn<'_>) -> Handled {
    let alias = turn.text("AccountAlias").to_owned();
    // FACT iam-one-alias
    if turn.account().alias.as_ref() == Some(&alias) {
        return Err(refuse("EntityAlreadyExists", format!("The account alias {alias} already exists.")));
    }
    turn.state.account.alias = Some(alias);
    Ok(json!({}))
}
