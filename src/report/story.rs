//! A rehearsal as a story: who did what, and what came of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::text::wrapped;

/// Who does something in a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Teller {
    /// The one who attacks.
    Adversary,
    /// Those who work in the account.
    Workload,
    /// quell.
    Quell,
}

impl Teller {
    fn as_str(self) -> &'static str {
        match self {
            Self::Adversary => "adversary",
            Self::Workload => "workload",
            Self::Quell => "quell",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// When.
    pub time: Timestamp,
    /// Who did it.
    pub who: Teller,
    /// With which credentials, where that matters.
    pub with: String,
    /// What.
    pub what: String,
    /// Why it was refused, if it was.
    pub refused: Option<String>,
    /// Whether it is news each time; of everything else only changes of outcome are told.
    pub always: bool,
}

/// The lines of a story, since `start`. What goes on as before is counted, not repeated.
pub(super) fn story(start: Timestamp, told: &[Told]) -> String {
    let mut sorted: Vec<&Told> = told.iter().collect();
    sorted.sort_by_key(|one| (one.time, one.who));
    let mut last: BTreeMap<(Teller, &str, &str), (bool, u64)> = BTreeMap::new();
    let mut text = String::new();
    for one in sorted {
        let known = last.entry((one.who, one.with.as_str(), one.what.as_str())).or_insert((false, 0));
        let before = known.1;
        let same = before > 0 && known.0 == one.refused.is_some();
        *known = (one.refused.is_some(), if same { before + 1 } else { 1 });
        // What is news each time is so as long as it works: being refused again is not.
        if same && (!one.always || one.refused.is_some()) {
            continue;
        }
        let outcome = match (&one.refused, one.who) {
            (Some(why), _) => format!(": refused, {why}"),
            (None, Teller::Quell) => String::new(),
            (None, _) if before > 0 && !one.always => ": works again".to_owned(),
            (None, _) => String::new(),
        };
        let so_far = if before > 1 && !one.always { format!(" (before: {before} times)") } else { String::new() };
        let with = if one.with.is_empty() { String::new() } else { format!(" with {}", one.with) };
        let first = format!("{:>7}  {:<10} ", since(start, one.time), one.who.as_str());
        text.push_str(&wrapped(&first, &" ".repeat(20), &format!("{}{with}{outcome}{so_far}", one.what)));
    }
    text
}

/// `+1:05` is one minute and five seconds later.
fn since(start: Timestamp, time: Timestamp) -> String {
    let seconds = time.duration_since(start).as_secs().max(0);
    format!("+{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_told() {
        let start: Timestamp = "2026-11-22T03:00:00Z".parse().expect("a time");
        let told = |at: i64, refused: Option<&str>| Told {
            time: start + jiff::SignedDuration::from_secs(at),
            who: Teller::Adversary,
            with: "made-key".to_owned(),
            what: "invokes agents".to_owned(),
            refused: refused.map(str::to_owned),
            always: false,
        };
        let text = story(
            start,
            &[told(0, None), told(3, None), told(65, Some("AccessDenied")), told(68, Some("AccessDenied"))],
        );
        insta::assert_snapshot!(text, @r"
          +0:00  adversary  invokes agents with made-key
          +1:05  adversary  invokes agents with made-key: refused, AccessDenied (before: 2 times)
        ");
    }
}
