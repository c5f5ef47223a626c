//! What the id of an access key says.

use crate::base::{AccessKeyId, AccountId};

/// The alphabet of RFC 4648's base32.
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The account of an access key, as its id says: nobody is asked. Nothing for an id of the old form, which was given out until
/// 2019 and says nothing, and for one that is none. AWS does not document the form.
pub fn account_of(key: &AccessKeyId) -> Option<AccountId> {
    // Ten letters and digits hold the 48 bits that count.
    let coded = key.as_str().as_bytes().get(4..14)?;
    let bits = coded.iter().try_fold(0_u64, |bits, byte| {
        let digit = BASE32.iter().position(|known| known == byte)?;
        Some(bits << 5 | digit as u64)
    })?;
    let head = bits >> 2;
    let says_so = head >> 47 == 1;
    let number = (head & 0x7fff_ffff_ff80) >> 7;
    says_so.then(|| AccountId::new(format!("{number:012}")).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(key: &str) -> Option<String> {
        account_of(&key.parse().expect("a key id")).map(|account| account.to_string())
    }

    #[test]
    fn the_account_stands_in_the_id() {
        assert_eq!(account("ASIAQNZGKIQY56JQ7WML").as_deref(), Some("029608264753"));
        assert_eq!(account("AKIARTX3GSDSQCIDEPLO").as_deref(), Some("111122223333"));
        assert_eq!(account("ASIARTX3GSDSQCIDEPLO").as_deref(), Some("111122223333"));
    }

    #[test]
    fn an_id_of_the_old_form_says_nothing() {
        assert_eq!(account("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(account("AKIAJ222222222222222"), None);
        // No digit of base32.
        assert_eq!(account("AKIAQ111111111111111"), None);
    }
}
