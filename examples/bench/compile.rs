//! From text to graph: how long, and whether ten times the steps take ten times as long.

use std::time::Duration;

use quell::actions::registry;
use quell::graph::{Checked, check};
use quell::runbook::Source;

use crate::figure::{Bound, Figure, median, milliseconds};
use crate::processor::timed;
use crate::runbook::runbook;

/// Rounds of ten short compilations and a long one, so that both take as long and meet the same weather. What the ten have made is
/// held until the last of them: both ask the system for as much memory, and only the work in it is compared.
const ROUNDS: usize = 5;

/// Measures; for the gate only what does not depend on the machine.
pub(crate) fn measure(gate: bool) -> Vec<Figure> {
    let (short, long) = (runbook(1_000), runbook(10_000));
    compile(&short);
    let ten_short = || {
        let (times, _held): (Vec<Duration>, Vec<Checked>) = (0..10).map(|_| compile(&short)).unzip();
        times.into_iter().sum::<Duration>() / 10
    };
    let rounds: Vec<(Duration, Duration)> = (0..ROUNDS).map(|_| (ten_short(), compile(&long).0)).collect();
    let mut ratios: Vec<f64> = rounds.iter().map(|(short, long)| long.as_secs_f64() / short.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let (shorts, longs): (Vec<_>, Vec<_>) = rounds.into_iter().unzip();
    let (short, long) = (milliseconds(median(shorts)), milliseconds(median(longs)));
    let linearity = Figure {
        what: "compile 10,000 steps over 1,000".into(),
        value: ratios[ROUNDS / 2],
        unit: "",
        bound: Bound::AtMost(11.5),
        note: format!("median of {ROUNDS}"),
    };
    let time = Figure {
        what: "compile 10,000 steps".into(),
        value: long,
        unit: "ms",
        bound: Bound::AtMost(150.0),
        note: format!("time on a processor; 1,000 steps in {short:.1} ms; medians of {ROUNDS}"),
    };
    if gate { vec![linearity] } else { vec![time, linearity] }
}

fn compile(text: &str) -> (Duration, Checked) {
    let source = Source::new("bench.yaml", text);
    let (took, checked) = timed(|| check(source, registry()));
    assert!(checked.runbook.is_some(), "the runbook is sound: {:?}", checked.diagnostics.iter().next());
    (took, checked)
}
