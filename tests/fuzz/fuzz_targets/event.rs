//! What somebody sends as an event: it is read or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use quell_fuzz::detect::Event;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if Event::read(text).is_ok() {
        let known = serde_json::from_str::<serde::de::IgnoredAny>(text);
        assert!(known.is_ok(), "what is an event is JSON");
    }
});
