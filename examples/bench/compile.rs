//! From text to graph: how long, and whether ten times the steps take ten times as long.

use std::time::{Duration, Instant};

use quell::actions::registry;
use quell::graph::check;
use quell::runbook::Source;

use crate::figure::{Bound, Figure, median, milliseconds};
use crate::runbook::runbook;

/// Pairs of a short and a long compilation, one after the other, so that both meet the same weather.
const ROUNDS: usize = 7;

/// Measures; for the gate only what does not depend on the machine.
pub(crate) fn measure(gate: bool) -> Vec<Figure> {
    let (short, long) = (runbook(1_000), runbook(10_000));
    compile(&short);
    let rounds: Vec<(Duration, Duration)> = (0..ROUNDS).map(|_| (compile(&short), compile(&long))).collect();
    let (shorts, longs): (Vec<_>, Vec<_>) = rounds.into_iter().unzip();
    let (fastest_short, fastest_long) = (shorts.iter().min().copied(), longs.iter().min().copied());
    let ratio = fastest_long.unwrap_or_default().as_secs_f64() / fastest_short.unwrap_or_default().as_secs_f64();
    let (short, long) = (milliseconds(median(shorts)), milliseconds(median(longs)));
    let linearity = Figure {
        what: "compile 10,000 steps over 1,000".into(),
        value: ratio,
        unit: "",
        bound: Bound::AtMost(11.5),
        note: format!("fastest of {ROUNDS} pairs"),
    };
    let time = Figure {
        what: "compile 10,000 steps".into(),
        value: long,
        unit: "ms",
        bound: Bound::AtMost(150.0),
        note: format!("1,000 steps in {short:.1} ms; medians of {ROUNDS}"),
    };
    if gate { vec![linearity] } else { vec![time, linearity] }
}

fn compile(text: &str) -> Duration {
    let source = Source::new("bench.yaml", text);
    let started = Instant::now();
    let checked = check(source, registry());
    let took = started.elapsed();
    assert!(checked.runbook.is_some(), "the runbook is sound: {:?}", checked.diagnostics.iter().next());
    took
}
