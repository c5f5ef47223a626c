//! One step of a plan, or several of one fan-out that do the same.

use crate::actions::{Move, Refusal};
use crate::aws::Symbol;
use crate::base::{Effect, format_duration, on_screen};
use crate::plan::{Outlook, PlannedAction, PlannedStep, PlannedWork};

use super::text::{beside, counted, wrapped};

/// The column of the impact.
const IMPACT_AT: usize = 72;
const REST: &str = "     ";

/// What a step is at a glance: `+` adds, `~` changes, `-` takes away, `!` for good, `?` by hand or unknown, `=` nothing to do.
pub(super) fn symbol(action: &PlannedAction) -> char {
    let Outlook::Moves { moves } = &action.outlook else { return '?' };
    if action.weight() == Some(Effect::Irreversible) {
        return '!';
    }
    let mut signs = action.calls().map(|call| match call.operation().name {
        name if ["Put", "Create", "Add", "Attach"].iter().any(|verb| name.starts_with(verb)) => '+',
        name if ["Delete", "Detach", "Remove"].iter().any(|verb| name.starts_with(verb)) => '-',
        _ => '~',
    });
    match signs.next() {
        Some(first) if signs.all(|sign| sign == first) => first,
        Some(_) => '~',
        None if moves.is_empty() => '=',
        None => '~',
    }
}

/// Lines for steps that are told alike, numbered from `number`.
pub(super) fn lines(number: usize, alike: &[&PlannedStep]) -> String {
    let Some(first) = alike.first() else { return String::new() };
    match &first.work {
        PlannedWork::Action(action) => action_lines(number, alike, action),
        PlannedWork::Gate { confirm, message } => {
            let what = if *confirm { "confirm" } else { "by hand" };
            wrapped(&format!("{number:>2} ? "), REST, &format!("{what}: {message}"))
                + &format!("{REST}waits for  quell resume RUN --confirm {}\n", first.key.step)
        }
        PlannedWork::Skipped { why } => wrapped("   = ", REST, &format!("{} left out: {why}", first.key)),
        PlannedWork::Refused { why } => {
            wrapped(&format!("{number:>2} ? "), REST, &format!("{} not planned: {why}", first.key))
        }
    }
}

/// Whether two steps are told in one entry.
pub(super) fn are_alike(one: &PlannedStep, two: &PlannedStep) -> bool {
    let told = |step: &PlannedStep| {
        step.action().map(|action| {
            let story = &action.story;
            (symbol(action), story.does.clone(), story.impact, story.because.clone(), why_not(action))
        })
    };
    one.key.step == two.key.step && told(one).is_some() && told(one) == told(two)
}

fn action_lines(number: usize, alike: &[&PlannedStep], action: &PlannedAction) -> String {
    let story = &action.story;
    let actions: Vec<&PlannedAction> = alike.iter().filter_map(|step| step.action()).collect();
    let about = match actions.as_slice() {
        [only] => only.target.to_string(),
        several => counted(several.len(), action.target.entity.kind.as_str()),
    };
    let does = if actions.len() > 1 { of_several(&story.does) } else { story.does.clone() };
    let what = format!("{about}: {does}");
    let first = format!("{number:>2} {} ", symbol(action));
    let sends = action.calls().next().is_some();
    let mut text = match why_not(action) {
        Some(why) => wrapped(&first, REST, &format!("{about}: {why}")),
        // What a step does to legitimate use is told of its doing, not of its undoing.
        None if sends && action.restores.is_some() => wrapped(&first, REST, &what),
        None if sends => {
            let impact = format!("impact {}", story.impact.as_str());
            beside(&first, REST, &what, IMPACT_AT, &impact)
                + &wrapped(REST, "       ", &format!("because {}", story.because))
        }
        None => wrapped(&first, REST, &format!("{about}: nothing to do")),
    };
    if let Outlook::Refused { because } = &action.outlook {
        for line in instead(because) {
            text.push_str(&wrapped(REST, "       ", &line));
        }
    }
    for one in &actions {
        let name = if actions.len() > 1 { format!("{}, ", one.target) } else { "now ".to_owned() };
        text.push_str(&wrapped(REST, "       ", &format!("{name}{}", one.story.now)));
    }
    if sends {
        text.push_str(&wrapped(REST, "       ", &sent(&actions)));
    }
    let mut notes: Vec<&String> = Vec::new();
    for note in actions.iter().flat_map(|one| &one.story.notes) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    for note in notes {
        text.push_str(&wrapped(REST, "       ", note));
    }
    text
}

/// What a step does, said of several things instead of one.
fn of_several(does: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches([',', ';', '.', ':']);
        let several = match bare {
            "it" => "them",
            "its" => "their",
            _ => return word.to_owned(),
        };
        format!("{several}{}", &word[bare.len()..])
    };
    does.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// The calls of steps that are told alike: of each where they are the same, of all together otherwise.
fn sent(actions: &[&PlannedAction]) -> String {
    let [first, others @ ..] = actions else { return String::new() };
    let calls = counted_calls(first);
    let seconds = std::time::Duration::from_secs(first.timeout_seconds);
    let at_most = format!("at most {}", format_duration(seconds));
    let (send, wait, calls) = match others {
        [] => ("sends", "waits", calls),
        others if others.iter().all(|other| counted_calls(other) == calls) => ("each sends", "waits", calls),
        others => {
            let mut sum = calls;
            for (name, count) in others.iter().flat_map(|other| counted_calls(other)) {
                match sum.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, all)) => *all += count,
                    None => sum.push((name, count)),
                }
            }
            ("together they send", "wait", sum)
        }
    };
    let names = calls.into_iter().map(|(name, count)| if count > 1 { format!("{name} x{count}") } else { name });
    let mut parts: Vec<String> = names.collect();
    if actions.iter().any(|action| action.moves().iter().any(|one| matches!(one, Move::Await(_)))) {
        parts.push(format!("and {wait} until that is done"));
    }
    let each = if others.is_empty() { "" } else { " for each" };
    format!("{send} {}; {at_most}{each}", parts.join(", "))
}

/// The calls of a step, with the values that exist only later by their names, and how often each is sent.
fn counted_calls(action: &PlannedAction) -> Vec<(String, usize)> {
    let mut names: Vec<(String, usize)> = Vec::new();
    for call in action.calls() {
        let mut later: Vec<String> = Vec::new();
        let mut echoed = 0;
        for symbol in call.symbols() {
            match symbol {
                Symbol::Echo(_) => echoed += 1,
                other => later.push(on_screen(&other.to_string())),
            }
        }
        if echoed > 0 {
            later.push(format!("{} repeated from the last look", counted(echoed, "field")));
        }
        let later = if later.is_empty() { String::new() } else { format!(" (later: {})", later.join(", ")) };
        let name = format!("{}{later}", call.operation());
        match names.last_mut() {
            Some((last, count)) if *last == name => *count += 1,
            _ => names.push((name, 1)),
        }
    }
    names
}

/// Why nothing is done, where that is so.
pub(super) fn why_not(action: &PlannedAction) -> Option<String> {
    match &action.outlook {
        Outlook::Moves { .. } => None,
        Outlook::Refused { because: because @ Refusal::ByHand { .. } } => Some(because.to_string()),
        Outlook::Refused { because } => Some(format!("refused, {because}")),
    }
}

/// What to do instead.
pub(super) fn instead(refusal: &Refusal) -> Vec<String> {
    match refusal {
        Refusal::Protected { instead, .. } => vec![format!("instead: {instead}")],
        Refusal::ByHand { instructions, .. } => instructions.clone(),
        Refusal::Changed { before, left, now } => {
            vec![format!("before the run: {before}"), format!("left by the run: {left}"), format!("now: {now}")]
        }
        _ => vec![],
    }
}
