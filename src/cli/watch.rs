//! Progress on stderr: a moving line at a terminal, one line for each event everywhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::sink;
use crate::journal::Fold;
use crate::plan::Plan;
use crate::report::Progress;
use crate::run::Event;

/// How often the moving line moves.
const TICK: Duration = Duration::from_millis(120);

/// A moving line that says what takes its time; nothing where it cannot move.
fn moving(what: &str) -> Option<ProgressBar> {
    if !sink::can_animate() {
        return None;
    }
    let style = ProgressStyle::with_template("{spinner} {elapsed_precise} {wide_msg}").ok()?;
    let bar = ProgressBar::new_spinner().with_style(style).with_message(what.to_owned());
    bar.enable_steady_tick(TICK);
    Some(bar)
}

/// Shows that something is being waited for, until it is dropped.
#[derive(Debug)]
pub(super) struct Busy(Option<ProgressBar>);

impl Busy {
    /// Begins.
    pub(super) fn with(what: &str) -> Self {
        let bar = moving(what);
        if bar.is_none() {
            sink::talk(&format!("{what}\n"));
        }
        Self(bar)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// Shows what happens in a run.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    progress: Progress<'a>,
    bar: Option<ProgressBar>,
}

impl<'a> Watch<'a> {
    /// Begins to watch the run of a plan.
    pub(super) fn new(plan: &'a Plan, so_far: Option<&Fold>) -> Self {
        Self { progress: Progress::new(plan, so_far), bar: moving("looking") }
    }

    /// Shows an event.
    pub(super) fn tell(&mut self, event: &Event) {
        let line = self.progress.line(event);
        match (&self.bar, line) {
            (Some(bar), Some(line)) => bar.println(line),
            (None, Some(line)) => sink::talk(&format!("{line}\n")),
            (_, None) => {}
        }
        if let Some(bar) = &self.bar {
            bar.set_message(self.progress.under_way());
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
