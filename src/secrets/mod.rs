//! Secrets: held without a trace, sealed to those who may open them, and read for what they say about themselves.
//!
//! A [`Secret`] can be neither printed nor serialised, so that none gets into a journal, a plan, a log line or a terminal by
//! mistake. What is kept of one is sealed to [`Recipient`]s. What leaked is decoded here, without asking anybody: whose a
//! key is stands in it.

mod bedrock_key;
mod key_id;
mod leaked;
mod recipient;
mod secret;
mod smtp;
mod vault;

pub use bedrock_key::{LongTermKey, ShortTermKey};
pub use key_id::account_of;
pub use leaked::{Leaked, Unreadable};
pub use recipient::{Recipient, SealError, seal, seal_bytes};
pub use secret::Secret;
pub use smtp::{smtp_endpoint, smtp_password};
pub use vault::Vault;
