//! Patterns and an event, with an empty line between each two: all decide alike together and alone, and nothing is lacking where one matches.

#![no_main]

use libfuzzer_sys::fuzz_target;
use quell_fuzz::detect::{Event, Pattern, Patterns};

fuzz_target!(|bytes: &[u8]| {
    let Some((patterns, event)) = std::str::from_utf8(bytes).ok().and_then(|text| text.rsplit_once("\n\n")) else {
        return;
    };
    let all: Vec<Pattern> = patterns.split("\n\n").filter_map(|text| Pattern::read(text).ok()).collect();
    let together = Patterns::new(all.clone()).matching(event);
    match Event::read(event) {
        Ok(event) => {
            let together = together.expect("an event for one is an event for many");
            for (number, pattern) in all.iter().enumerate() {
                let matches = pattern.matches(&event);
                assert_eq!(together.contains(&number), matches);
                assert_eq!(pattern.why_not(&event).is_empty(), matches);
            }
        }
        Err(_) => assert!(together.is_err(), "no event for one is none for many"),
    }
});
