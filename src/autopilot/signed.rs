//! Signatures of what goes over HTTP, as the Standard Webhooks specification has them: events that come in, notices that go out.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};

use age::secrecy::zeroize::Zeroizing;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use crate::base::Digest;
use crate::secrets;

/// The header with the id of a message; it stays the same however often the message is sent.
pub(super) const ID: &str = "webhook-id";
/// The header with the time of one attempt to send a message, in seconds since 1970.
pub(super) const TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signatures, separated by spaces: the sender signs with two secrets while it changes from one to the other.
pub(super) const SIGNATURE: &str = "webhook-signature";

/// How far the time of an attempt may lie from now, either way.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// What a signature begins with that is made with a secret that both sides know.
const VERSION: &str = "v1,";
/// How many bytes a secret has.
const LENGTH: std::ops::RangeInclusive<usize> = 24..=64;
/// The most bytes of an id.
const LONGEST_ID: usize = 256;
/// The most signatures that are looked at.
const MOST_SIGNATURES: usize = 8;
/// How many ids are remembered. Where more come within the window the oldest goes: the ledger knows what its events say still.
const REMEMBERED: usize = 20_000;

/// Secrets are handed over with the padding and without.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A secret that sender and receiver know. It has no `Debug`, no `Display` and no `Serialize`, and its memory is overwritten when it goes.
pub struct SharedSecret(Zeroizing<Vec<u8>>);

/// Why a text is no secret to sign with. What stands in it is never told.
#[derive(Debug, thiserror::Error)]
pub enum BadSecret {
    /// The file could not be read.
    #[error("failed to read the secret in `{path}`")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It does not begin as secrets do.
    #[error("a secret to sign with begins with `{PREFIX}`")]
    Prefix,
    /// What follows is no base64.
    #[error("what follows `{PREFIX}` in a secret to sign with is its base64, and this is not")]
    Base64,
    /// It is too short to be safe, or longer than any.
    #[error("a secret to sign with has {} to {} bytes, and this one has {length}", LENGTH.start(), LENGTH.end())]
    Length {
        /// How many bytes it has.
        length: usize,
    },
}

/// Why a message is not taken for what its sender has sent. Whoever has sent it is told none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// A header is not there exactly once, or not what it should be.
    #[error("the header `{0}` is missing, there twice, or not in its form")]
    Header(&'static str),
    /// No signature is that of the body, the id and the time.
    #[error("no signature in `{SIGNATURE}` fits")]
    Wrong,
    /// It was sent too long ago, or its time has not come.
    #[error("its time is more than {} minutes away", WINDOW.as_mins())]
    Old,
}

impl SharedSecret {
    /// Reads one: `whsec_` and the base64 of 24 to 64 bytes, with white space around it or none.
    ///
    /// # Errors
    /// Where the text is none.
    pub fn of_text(text: &str) -> Result<Self, BadSecret> {
        let digits = text.trim().strip_prefix(PREFIX).ok_or(BadSecret::Prefix)?;
        let key = Zeroizing::new(LENIENT.decode(digits).map_err(|_| BadSecret::Base64)?);
        let length = key.len();
        if LENGTH.contains(&length) { Ok(Self(key)) } else { Err(BadSecret::Length { length }) }
    }

    /// Reads the one in a file.
    ///
    /// # Errors
    /// Where the file cannot be read, or holds none.
    pub fn of_file(path: &Path) -> Result<Self, BadSecret> {
        let failed = |source| BadSecret::Io { path: path.to_owned(), source };
        let text = secrets::Secret::new(std::fs::read_to_string(path).map_err(failed)?);
        Self::of_text(text.expose())
    }

    /// The headers under which a body is sent. The id has no `.`, or no receiver takes it.
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> [(&'static str, String); 3] {
        let at = at.as_second().to_string();
        let digest = self.mac(id, &at, body).finalize().into_bytes();
        let signature = format!("{VERSION}{}", STANDARD.encode(digest));
        [(ID, id.to_owned()), (TIMESTAMP, at), (SIGNATURE, signature)]
    }

    /// Whether a body was sent by somebody who knows the secret, and within five minutes; returns the id of the message. The comparison takes
    /// the same time wherever two signatures differ.
    ///
    /// # Errors
    /// Where it was not.
    pub fn verify<'h>(&self, headers: &'h HeaderMap, body: &[u8], now: Timestamp) -> Result<&'h str, BadSignature> {
        let id = header(headers, ID).filter(|id| is_id(id)).ok_or(BadSignature::Header(ID))?;
        // Digits alone: with a sign or a point in it the same bytes could be read as another id, time and body.
        let digits =
            |text: &&str| text.len() <= 12 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let at = header(headers, TIMESTAMP).filter(digits).ok_or(BadSignature::Header(TIMESTAMP))?;
        let signatures = header(headers, SIGNATURE).ok_or(BadSignature::Header(SIGNATURE))?;
        let known = signatures.split(' ').take(MOST_SIGNATURES).filter_map(|one| one.strip_prefix(VERSION));
        let mac = self.mac(id, at, body);
        let mut decoded = known.filter_map(|one| STANDARD.decode(one).ok());
        if !decoded.any(|signature| mac.clone().verify_slice(&signature).is_ok()) {
            return Err(BadSignature::Wrong);
        }
        let sent = at.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        let sent = sent.ok_or(BadSignature::Header(TIMESTAMP))?;
        if now.duration_since(sent).abs() > WINDOW { Err(BadSignature::Old) } else { Ok(id) }
    }

    fn mac(&self, id: &str, at: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length");
        for part in [id.as_bytes(), b".", at.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac
    }
}

/// What a header says that is there once.
fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    let one = all.next().map(HeaderValue::to_str)?.ok()?;
    all.next().is_none().then_some(one)
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.')
}

/// The messages that were taken in, for as long as somebody who has seen one could send it again.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// Each with what it says: an id that a sender uses twice, for two bodies, hides no event.
    known: BTreeSet<(String, Digest)>,
    /// Until when each is known, the oldest first.
    order: VecDeque<(Timestamp, (String, Digest))>,
}

impl Remembered {
    /// Whether a message was taken in.
    pub(super) fn knows(&mut self, id: &str, body: &[u8], now: Timestamp) -> bool {
        while let Some((_, over)) = self.order.pop_front_if(|(until, _)| *until < now) {
            self.known.remove(&over);
        }
        self.known.contains(&(id.to_owned(), Digest::of_bytes(body)))
    }

    /// Remembers one.
    pub(super) fn remember(&mut self, id: &str, body: &[u8], now: Timestamp) {
        // What is dated five minutes ahead is good for five minutes after that.
        let until = now.checked_add(WINDOW * 2).unwrap_or(Timestamp::MAX);
        let message = (id.to_owned(), Digest::of_bytes(body));
        if !self.known.insert(message.clone()) {
            return;
        }
        self.order.push_back((until, message));
        if self.order.len() > REMEMBERED
            && let Some((_, oldest)) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector that the implementations of the specification are tested with.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const MESSAGE: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const SECONDS: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn secret() -> SharedSecret {
        SharedSecret::of_text(SECRET).expect("a secret")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    fn headers(id: &[u8], timestamp: &[u8], signature: &[u8]) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        for (name, value) in [(ID, id), (TIMESTAMP, timestamp), (SIGNATURE, signature)] {
            headers.insert(name, HeaderValue::from_bytes(value).ok()?);
        }
        Some(headers)
    }

    fn verified(id: &str, timestamp: &str, signature: &str, body: &[u8]) -> Result<(), BadSignature> {
        let headers = headers(id.as_bytes(), timestamp.as_bytes(), signature.as_bytes()).expect("headers");
        secret().verify(&headers, body, at(SECONDS)).map(|_| ())
    }

    #[test]
    fn what_the_specification_signs_is_signed_and_verified_so() {
        let signed = secret().sign(MESSAGE, at(SECONDS), BODY);
        let seconds = SECONDS.to_string();
        let wanted = [(ID, MESSAGE), (TIMESTAMP, &seconds), (SIGNATURE, SIGNED)];
        assert_eq!(signed.each_ref().map(|(name, value)| (*name, value.as_str())), wanted);
        assert_eq!(verified(MESSAGE, &seconds, SIGNED, BODY), Ok(()));
        // One of several is enough, of whichever version and secret the others are.
        let wrong = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(verified(MESSAGE, &seconds, &format!("v1a,b3RoZXI= {wrong} {SIGNED}"), BODY), Ok(()));
        let others = [wrong, "v1,", "v1", "", "v1a,b3RoZXI=", &SIGNED.replace("v1,", "v2,"), &SIGNED[3..]];
        for other in others {
            assert_eq!(verified(MESSAGE, &seconds, other, BODY), Err(BadSignature::Wrong), "{other}");
        }
    }

    #[test]
    fn whichever_bit_is_altered_it_is_refused() {
        let parts =
            [MESSAGE.as_bytes().to_vec(), SECONDS.to_string().into_bytes(), SIGNED.as_bytes().to_vec(), BODY.to_vec()];
        let mut tried = 0;
        for (part, byte) in (0..4).flat_map(|part| (0..parts[part].len()).map(move |byte| (part, byte))) {
            for bit in 0..8 {
                let mut altered = parts.clone();
                altered[part][byte] ^= 1 << bit;
                let [id, timestamp, signature, body] = &altered;
                let Some(headers) = headers(id, timestamp, signature) else { continue };
                let verified = secret().verify(&headers, body, at(SECONDS));
                assert!(verified.is_err(), "bit {bit} of byte {byte} of part {part}");
                tried += 1;
            }
            let mut shorter = parts.clone();
            shorter[part].remove(byte);
            let [id, timestamp, signature, body] = &shorter;
            let headers = headers(id, timestamp, signature).expect("headers");
            assert!(secret().verify(&headers, body, at(SECONDS)).is_err(), "without byte {byte} of part {part}");
        }
        assert!(tried > 700, "{tried} were tried");
    }

    #[test]
    fn five_minutes_either_way_are_the_window() {
        let signed = secret().sign(MESSAGE, at(SECONDS), BODY);
        let [id, timestamp, signature] = signed.each_ref().map(|(_, value)| value.as_bytes());
        let headers = headers(id, timestamp, signature).expect("headers");
        for away in [-300, 0, 300] {
            assert_eq!(secret().verify(&headers, BODY, at(SECONDS + away)), Ok(MESSAGE));
        }
        for away in [-301, 301, i64::from(i32::MAX)] {
            assert_eq!(secret().verify(&headers, BODY, at(SECONDS + away)), Err(BadSignature::Old));
        }
    }

    #[test]
    fn a_header_is_there_once_and_in_its_form() {
        let seconds = SECONDS.to_string();
        let full = headers(MESSAGE.as_bytes(), seconds.as_bytes(), SIGNED.as_bytes()).expect("headers");
        for name in [ID, TIMESTAMP, SIGNATURE] {
            let mut without = full.clone();
            without.remove(name);
            assert_eq!(secret().verify(&without, BODY, at(SECONDS)), Err(BadSignature::Header(name)));
            let mut twice = full.clone();
            twice.append(name, full[name].clone());
            assert_eq!(secret().verify(&twice, BODY, at(SECONDS)), Err(BadSignature::Header(name)));
        }
        // The sender has signed these, but where the id ends and the time begins is not clear in them.
        let long = "m".repeat(LONGEST_ID + 1);
        for (id, time) in
            [("a.1", "2"), ("", "1"), (&long, "1"), ("a", "1.2"), ("a", "+1"), ("a", "-1"), ("a", ""), ("a b", "1")]
        {
            let digest = secret().mac(id, time, BODY).finalize().into_bytes();
            let signature = format!("{VERSION}{}", STANDARD.encode(digest));
            let refused = verified(id, time, &signature, BODY);
            assert!(matches!(refused, Err(BadSignature::Header(_))), "{id} {time}: {refused:?}");
        }
        let digest = secret().mac("a", "999999999999", BODY).finalize().into_bytes();
        let signature = format!("{VERSION}{}", STANDARD.encode(digest));
        assert_eq!(verified("a", "999999999999", &signature, BODY), Err(BadSignature::Header(TIMESTAMP)));
    }

    #[test]
    fn a_secret_is_long_enough_and_is_never_told() {
        let of_length = |length: usize| format!("whsec_{}", STANDARD.encode(vec![7; length]));
        for length in [24, 32, 64] {
            assert!(SharedSecret::of_text(&format!(" {}\n", of_length(length))).is_ok());
            assert!(SharedSecret::of_text(of_length(length).trim_end_matches('=')).is_ok());
        }
        for text in
            [&of_length(23), &of_length(65), "whsec_", "whsec_no base64", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ""]
        {
            let why = SharedSecret::of_text(text).err().expect("no secret").to_string();
            assert!(text.len() < 8 || !why.contains(&text[7..]), "{why}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        assert!(matches!(SharedSecret::of_file(&path), Err(BadSecret::Io { .. })));
        std::fs::write(&path, format!("{SECRET}\n")).expect("written");
        let read = SharedSecret::of_file(&path).expect("a secret");
        assert_eq!(read.sign(MESSAGE, at(SECONDS), BODY)[2].1, SIGNED);
    }

    #[test]
    fn a_message_is_known_for_as_long_as_it_could_be_sent_again_and_no_longer() {
        let mut remembered = Remembered::default();
        assert!(!remembered.knows("a", BODY, at(SECONDS)));
        remembered.remember("a", BODY, at(SECONDS));
        assert!(remembered.knows("a", BODY, at(SECONDS + 600)));
        assert!(!remembered.knows("a", b"another body", at(SECONDS)));
        assert!(!remembered.knows("a", BODY, at(SECONDS + 601)));
        for number in 0..=REMEMBERED {
            remembered.remember(&number.to_string(), BODY, at(SECONDS));
        }
        assert_eq!((remembered.known.len(), remembered.order.len()), (REMEMBERED, REMEMBERED));
        assert!(!remembered.knows("0", BODY, at(SECONDS)), "the oldest has gone");
        assert!(remembered.knows(&REMEMBERED.to_string(), BODY, at(SECONDS)));
    }
}
