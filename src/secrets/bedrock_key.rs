//! What an API key of Amazon Bedrock says about itself.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::secret::Bytes;
use crate::base::{AccessKeyId, AccountId, Region, UserName};

/// Base64 with or without its padding, which is often lost where keys are copied.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What long-term keys begin with.
pub(super) const LONG_TERM: &str = "ABSK";
/// What short-term keys begin with.
pub(super) const SHORT_TERM: &str = "bedrock-api-key-";

/// A long-term key: a service-specific credential of an IAM user. It works until it is deactivated or deleted, or expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LongTermKey {
    /// The name that AWS gave the credential, `USER-at-ACCOUNT`: `iam.service-credentials` finds it by that.
    pub alias: String,
    /// The user, as the alias says: the console makes one called `BedrockAPIKey-` and four letters.
    pub user: Option<UserName>,
    /// The account, as the alias says.
    pub account: Option<AccountId>,
}

/// A short-term key: a signed request, made by whoever has credentials, of which AWS knows only when it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShortTermKey {
    /// The access key that signed it: of a session, or of a user.
    pub access_key: AccessKeyId,
    /// The account, as the id of that key says.
    pub account: Option<AccountId>,
    /// The Region it works in.
    pub region: Option<Region>,
    /// When it was made.
    pub made: Option<Timestamp>,
    /// When it stops working at the latest; earlier where the session ends.
    pub expires: Option<Timestamp>,
    /// Whether a session token goes with it: it is of a session.
    pub of_a_session: bool,
}

/// Reads a long-term key. The secret in it is overwritten.
pub(super) fn long_term(key: &str) -> Option<LongTermKey> {
    let plain = Bytes::new(BASE64.decode(key.strip_prefix(LONG_TERM)?).ok()?);
    let colon = plain.iter().position(|byte| *byte == b':')?;
    let alias = std::str::from_utf8(&plain[..colon]).ok()?;
    let plausible = (1..=200).contains(&alias.len()) && alias.bytes().all(|byte| byte.is_ascii_graphic());
    plausible.then(|| {
        let parts = alias.rsplit_once("-at-");
        let account = parts.and_then(|(_, account)| AccountId::new(account).ok());
        // The second credential of a user has a number behind its name.
        let name = parts.map(|(name, _)| match name.rsplit_once('+') {
            Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => name,
        });
        LongTermKey {
            user: name.filter(|_| account.is_some()).and_then(|name| UserName::new(name).ok()),
            account,
            alias: alias.to_owned(),
        }
    })
}

/// Reads a short-term key. The session token and the signature in it are overwritten.
pub(super) fn short_term(key: &str) -> Option<ShortTermKey> {
    let plain = Bytes::new(BASE64.decode(key.strip_prefix(SHORT_TERM)?).ok()?);
    let request = std::str::from_utf8(&plain).ok()?;
    let (_, query) = request.split_once('?')?;
    let open = ["X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires"];
    let members: BTreeMap<&str, String> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| open.contains(name))
        .filter_map(|(name, value)| Some((name, percent_decode_str(value).decode_utf8().ok()?.into_owned())))
        .collect();
    let mut scope = members.get("X-Amz-Credential")?.split('/');
    let access_key = AccessKeyId::new(scope.next()?).ok()?;
    let made = members.get("X-Amz-Date").and_then(|text| compact(text));
    let lives = members.get("X-Amz-Expires").and_then(|text| text.parse::<u32>().ok());
    Some(ShortTermKey {
        account: super::account_of(&access_key),
        access_key,
        region: scope.nth(1).and_then(|name| Region::new(name).ok()),
        made,
        expires: made.zip(lives).map(|(made, lives)| made + SignedDuration::from_secs(i64::from(lives))),
        of_a_session: query.split('&').any(|pair| pair.starts_with("X-Amz-Security-Token=")),
    })
}

/// A time as signatures write it, `20261122T030000Z`.
fn compact(text: &str) -> Option<Timestamp> {
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(prefix: &str, plain: &str) -> String {
        format!("{prefix}{}", base64::engine::general_purpose::STANDARD.encode(plain))
    }

    #[test]
    fn a_long_term_key_names_its_user() {
        let key = coded(LONG_TERM, "BedrockAPIKey-x1y2-at-111122223333:c2VjcmV0LXNlY3JldC1zZWNyZXQ=");
        assert!(key.starts_with("ABSKQmVkcm9ja0FQSUtleS"));
        let read = long_term(&key).expect("a key");
        assert_eq!(read.alias, "BedrockAPIKey-x1y2-at-111122223333");
        assert_eq!(read.user.as_ref().map(UserName::as_str), Some("BedrockAPIKey-x1y2"));
        assert_eq!(read.account.as_ref().map(AccountId::as_str), Some("111122223333"));
        assert_eq!(long_term(key.trim_end_matches('=')), Some(read));
        let second = long_term(&coded(LONG_TERM, "ci-deploy+1-at-111122223333:secret")).expect("a key");
        assert_eq!(second.user.as_ref().map(UserName::as_str), Some("ci-deploy"));
        let strange = long_term(&coded(LONG_TERM, "something:secret")).expect("a key");
        assert_eq!((strange.user, strange.account), (None, None));
        assert_eq!(long_term("ABSK%%%"), None);
        assert_eq!(long_term(&coded(LONG_TERM, "no colon")), None);
    }

    #[test]
    fn a_short_term_key_names_its_session() {
        let request = "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256\
                       &X-Amz-Credential=ASIARTX3GSDSQCIDEPLO%2F20261122%2Fus-east-1%2Fbedrock%2Faws4_request\
                       &X-Amz-Date=20261122T030000Z&X-Amz-Expires=43200&X-Amz-Security-Token=IQoJb3JpZ2lu\
                       &X-Amz-SignedHeaders=host&X-Amz-Signature=0f0f&Version=1";
        let read = short_term(&coded(SHORT_TERM, request)).expect("a key");
        let time = |text: &str| Some(text.parse::<Timestamp>().expect("a time"));
        assert_eq!(read.access_key.as_str(), "ASIARTX3GSDSQCIDEPLO");
        assert_eq!(read.account.as_ref().map(AccountId::as_str), Some("111122223333"));
        assert_eq!(read.region.as_ref().map(Region::as_str), Some("us-east-1"));
        assert_eq!((read.made, read.expires), (time("2026-11-22T03:00:00Z"), time("2026-11-22T15:00:00Z")));
        assert!(read.of_a_session);
        assert!(!format!("{read:?}").contains("IQoJ"));
        assert_eq!(short_term(&coded(SHORT_TERM, "bedrock.amazonaws.com/?Action=CallWithBearerToken")), None);
    }
}
