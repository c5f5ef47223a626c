//! The SMTP password of Amazon SES that belongs to an access key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::Secret;
use super::secret::Bytes;
use crate::base::Region;

/// What the derivation is for, in the words of Amazon SES. The date is a constant there.
const STEPS: [&str; 3] = ["ses", "aws4_request", "SendRawEmail"];
const DATE: &str = "11111111";
/// The version that Amazon SES puts in front.
const VERSION: u8 = 4;

/// The block of SHA-256, in bytes.
const BLOCK: usize = 64;

/// The password with which an access key sends mail over SMTP in a Region; the user name is the key's id. Only a long-term
/// key has one, and each Region another one.
pub fn smtp_password(secret: &Secret, region: &Region) -> Secret {
    let mut key = Bytes::new(Vec::with_capacity(4 + secret.expose().len()));
    key.extend_from_slice(b"AWS4");
    key.extend_from_slice(secret.expose().as_bytes());
    let mut key = keyed(&key, DATE.as_bytes());
    for step in std::iter::once(region.as_str()).chain(STEPS) {
        key = keyed(&key, step.as_bytes());
    }
    let mut password = Bytes::new(Vec::with_capacity(1 + key.len()));
    password.push(VERSION);
    password.extend_from_slice(&key);
    Secret::new(STANDARD.encode(&*password))
}

/// Where that password is used.
pub fn smtp_endpoint(region: &Region) -> String {
    format!("email-smtp.{region}.amazonaws.com")
}

/// HMAC-SHA-256 (RFC 2104).
fn keyed(key: &[u8], text: &[u8]) -> Bytes {
    let mut block = Bytes::new(vec![0; BLOCK]);
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |pad: u8| Bytes::new(block.iter().map(|byte| byte ^ pad).collect());
    let inner = Sha256::new().chain_update(&*padded(0x36)).chain_update(text).finalize();
    Bytes::new(Sha256::new().chain_update(&*padded(0x5c)).chain_update(inner).finalize().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors were made with the sample program of AWS, from the secret of its documentation.
    #[test]
    fn each_region_has_its_password() {
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        for (region, password) in [
            ("us-east-1", "BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9"),
            ("eu-west-1", "BMW5RDrXmmVs0lV7GpI4oLkHXpZ4stDsk6q91z1g38Pk"),
            ("ap-northeast-1", "BEBMrlH2tcrvRtSfkd6WbOlpfHSCPAV60ZayJ9ZqHS5c"),
        ] {
            assert_eq!(smtp_password(&secret, &region.parse().expect("a Region")).expose(), password, "{region}");
        }
    }

    /// RFC 4231, the first, second and sixth case.
    #[test]
    fn hmac_is_hmac() {
        let cases: [(&[u8], &[u8], &str); 3] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, text, expected) in cases {
            assert_eq!(hex::encode(&*keyed(key, text)), expected);
        }
    }
}
