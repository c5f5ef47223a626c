//! The rooms that read what strangers wrote.

#[expect(dead_code, unused_imports, reason = "what only other rooms use")]
#[path = "../../../src/base/mod.rs"]
pub mod base;
#[path = "../../../src/detect/mod.rs"]
pub mod detect;
