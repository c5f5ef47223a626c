//! Measures quell and holds each figure against its bound.
//!
//! ```text
//! cargo build --release && cargo run --release --example bench     all figures
//! cargo run --example bench -- --gate                              virtual time and linearity only, for CI
//! ```
//!
//! Figures of wall time depend on the machine: they are printed, and decide nothing in CI. Those that the gate holds do
//! not: time on the virtual clock is the same on every machine, and a ratio of two runs of the same code nearly so.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark is run to be read")]

mod bound;
mod compile;
mod detect;
mod events;
mod figure;
mod journal;
mod makespan;
mod processor;
mod runbook;
#[expect(dead_code, reason = "the stage of the tests has more than a benchmark needs")]
#[path = "../../tests/it/stage.rs"]
mod stage;
mod start;

use std::error::Error;
use std::process::ExitCode;

use figure::Figure;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let gate = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [flag] if flag == "--gate" => true,
        _ => {
            eprintln!("usage: bench [--gate]");
            return Ok(ExitCode::from(64));
        }
    };
    let mut figures = Vec::new();
    let mut report = |measured: Vec<Figure>| {
        for figure in measured {
            println!("{figure}");
            figures.push(figure);
        }
    };
    if !gate {
        report(start::measure()?);
        report(journal::measure()?);
    }
    report(compile::measure(gate));
    report(detect::measure(gate));
    report(makespan::measure()?);
    let missed = figures.iter().filter(|figure| !figure.holds()).count();
    println!("{} of {} figures keep their bounds", figures.len() - missed, figures.len());
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
