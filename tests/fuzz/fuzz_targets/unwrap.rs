//! What somebody delivers: single events are taken out of it, and read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use quell_fuzz::detect::{Event, Facts, unwrap};

fuzz_target!(|bytes: &[u8]| {
    let Ok(unwrapped) = unwrap(bytes) else { return };
    for event in &unwrapped.events {
        let facts = Facts::of(event);
        assert!(facts.iter().all(|(_, said)| !said.value.is_empty() && !said.at.is_empty()));
        assert!(Event::read(event.text()).is_ok(), "what was taken out is an event: {}", event.text());
        let again = unwrap(event.text().as_bytes()).expect("an event");
        assert_eq!(again.events.iter().map(|one| one.text()).collect::<Vec<_>>(), [event.text()]);
    }
});
