//! A run in full: every step, every call.

use crate::journal::{CallState, Summary};

use super::heading::{caller_name, joined, place};
use super::text::{clock, moment, wrapped};

/// A run in full.
pub fn run_text(summary: &Summary, alias: Option<&str>) -> String {
    let ended = match &summary.closed {
        Some(closing) => format!("ended with exit {}", closing.exit_code),
        None => format!("open: {}", summary.stopped.as_deref().unwrap_or("no end is recorded")),
    };
    let mut text = joined(&[
        place(summary.world, summary.account.as_str(), alias),
        format!("by {}", caller_name(&summary.caller)),
        summary.incident.to_string(),
        format!("run {}", summary.run),
        if summary.undoes.is_some() { "undo" } else { summary.phase.as_str() }.to_owned(),
    ]);
    text.push_str(&wrapped(
        "",
        "     ",
        &format!(
            "{} to {} · {ended} · resumed {}x · plan {}",
            moment(summary.began),
            moment(summary.latest),
            summary.resumes,
            summary.plan.short()
        ),
    ));
    text.push_str("STEPS\n");
    for step in &summary.steps {
        let since = step.since.map_or("         ".to_owned(), clock);
        let why = step.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
        text.push_str(&wrapped(" ", "            ", &format!("{since} {} {}{why}", step.state, step.step)));
        for drift in &step.drift {
            text.push_str(&wrapped("           ", "             ", &format!("differs: {drift}")));
        }
        for undone in &step.undone {
            let who = undone.who.as_ref().map_or(String::new(), |who| format!(" by {who}"));
            let how = undone.how.as_ref().map_or(String::new(), |how| format!("; {how}"));
            let line = format!("undone{who}: {}{how}", undone.what);
            text.push_str(&wrapped("           ", "             ", &line));
        }
    }
    for one in &summary.left_over {
        let line = super::end::left_over_line(&one.query, &one.items);
        text.push_str(&wrapped(" new since the plan: ", "            ", &line));
    }
    text.push_str("CALLS\n");
    for call in &summary.calls {
        let state = match call.state {
            CallState::Done => "OK".to_owned(),
            other => other.to_string(),
        };
        let mut line = format!(
            "{} {} {state} {} on {} ({})",
            clock(call.intended_at),
            call.call,
            call.operation,
            call.target,
            call.effect.as_str()
        );
        if call.retries > 0 {
            line.push_str(&format!(", {} retries", call.retries));
        }
        if let Some(id) = &call.request_id {
            line.push_str(&format!(", req {id}"));
        }
        if let Some(why) = &call.why {
            line.push_str(&format!(", {why}"));
        }
        text.push_str(&wrapped(" ", "            ", &line));
    }
    if summary.calls.is_empty() {
        text.push_str(" none\n");
    }
    text
}
