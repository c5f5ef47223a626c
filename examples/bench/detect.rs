//! Events held against many patterns, beside the `quamina` crate, which has neither `$or` nor our decimals: the patterns ask for what both know.

use std::hint::black_box;
use std::time::Duration;

use quamina::Quamina;
use quell::detect::{Pattern, Patterns};

use crate::events::{events, patterns};
use crate::figure::{Bound, Figure, median};
use crate::processor::timed;

const SEED: u64 = 11;
const EVENTS: usize = 1_000;
/// Pairs of one and the other over all events, one after the other.
const ROUNDS: usize = 15;

/// Measures, over so many events that the system tells it well enough, which counts in milliseconds; for the gate only what does not
/// depend on the machine. That both find the same is part of either.
pub(crate) fn measure(gate: bool) -> Vec<Figure> {
    let corpus = events(SEED, EVENTS);
    let (few, theirs) = (ours(100), theirs(100));
    let matched: usize = corpus.iter().map(|event| agreed(event, &few, &theirs)).sum();
    let many = ours(1_000);
    let passes = |times: u32, one: &dyn Fn(&str)| {
        timed(|| (0..times).for_each(|_| corpus.iter().for_each(|event| one(event)))).0 / times
    };
    let run = |patterns: &Patterns, times| passes(times, &|event| drop(black_box(found(patterns, event))));

    let (ratio, ..) = compared(|| run(&many, 5), || run(&few, 20));
    let linearity = Figure {
        what: "match 1,000 patterns over 100".into(),
        value: ratio,
        unit: "",
        bound: Bound::AtMost(10.0),
        note: format!("median of {ROUNDS}; {matched} matches of {EVENTS} events, the same as those of quamina"),
    };
    if gate {
        return vec![linearity];
    }
    let other = || passes(20, &|event| drop(black_box(found_by(&theirs, event))));
    let (ratio, our_times, their_times) = compared(other, || run(&few, 20));
    let bytes: usize = corpus.iter().map(String::len).sum();
    let rate = |time: Duration| EVENTS as f64 / time.as_secs_f64();
    let speed = Figure {
        what: "match 100 patterns: events a second".into(),
        value: rate(median(our_times.clone())),
        unit: "",
        bound: Bound::AtLeast(50_000.0),
        note: format!(
            "{:.0} at best; of {} bytes, read included; time on a processor",
            rate(least(&our_times)),
            bytes / EVENTS
        ),
    };
    let beside = Figure {
        what: "match 100 patterns: speed over quamina's".into(),
        value: ratio,
        unit: "",
        bound: Bound::AtLeast(0.5),
        note: format!(
            "median of {ROUNDS} pairs; it takes {:.0} events a second, {:.0} at best",
            rate(median(their_times.clone())),
            rate(least(&their_times))
        ),
    };
    vec![speed, beside, linearity]
}

/// The median of how long one takes over the other, and the times of the other and the one.
fn compared(one: impl Fn() -> Duration, other: impl Fn() -> Duration) -> (f64, Vec<Duration>, Vec<Duration>) {
    let pairs: Vec<(Duration, Duration)> = (0..ROUNDS).map(|_| (other(), one())).collect();
    let mut ratios: Vec<f64> = pairs.iter().map(|(other, one)| one.as_secs_f64() / other.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let (others, ones) = pairs.into_iter().unzip();
    (ratios[ROUNDS / 2], others, ones)
}

fn least(times: &[Duration]) -> Duration {
    times.iter().min().copied().unwrap_or_default()
}

fn ours(count: usize) -> Patterns {
    Patterns::new(patterns(count).iter().map(|text| Pattern::read(text).expect("a pattern")).collect())
}

fn theirs(count: usize) -> Quamina<usize> {
    let mut all = Quamina::new();
    for (number, text) in patterns(count).iter().enumerate() {
        all.add_pattern(number, text).expect("a pattern of quamina");
    }
    all
}

fn found(patterns: &Patterns, event: &str) -> Vec<usize> {
    patterns.matching(event).expect("an event")
}

fn found_by(patterns: &Quamina<usize>, event: &str) -> Vec<usize> {
    patterns.matches_for_event(event.as_bytes()).expect("an event")
}

/// How many patterns an event matches, which both have to say.
fn agreed(event: &str, ours: &Patterns, theirs: &Quamina<usize>) -> usize {
    let (found, mut found_by) = (found(ours, event), found_by(theirs, event));
    found_by.sort_unstable();
    assert_eq!(found, found_by, "{event}");
    found.len()
}
