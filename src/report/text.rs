//! Lines, columns and numbers.

use std::collections::BTreeSet;

use jiff::Timestamp;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub(super) use crate::base::counted;
use crate::base::on_screen;

/// The widest line of a screen.
pub(super) const WIDTH: usize = 90;

/// A text made safe and broken into lines that fit a screen: the first begins with `first`, the others with `rest`.
/// Ends with a new line.
pub(super) fn wrapped(first: &str, rest: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in on_screen(text).split(' ').filter(|word| !word.is_empty()) {
        let gap = usize::from(!empty);
        if !empty && line.width() + gap + word.width() > WIDTH {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line = rest.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        if is_address(word) {
            // It is there to be copied, so it stays whole.
            line.push_str(word);
            empty = false;
            continue;
        }
        for c in word.chars() {
            if line.width() + c.width().unwrap_or(0) > WIDTH {
                lines.push_str(&line);
                lines.push('\n');
                line = rest.to_owned();
            }
            line.push(c);
        }
        empty = false;
    }
    lines.push_str(line.trim_end());
    lines.push('\n');
    lines
}

/// Whether a word is the address of a page, and no longer than one that a person would copy.
fn is_address(word: &str) -> bool {
    /// The longest that stays whole.
    const LONGEST: usize = 128;
    word.starts_with("https://") && word.len() <= LONGEST && word.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Two texts on one line where both fit, the second at column `at` or right behind the first; on two lines otherwise.
pub(super) fn beside(first: &str, rest: &str, left: &str, at: usize, right: &str) -> String {
    let (left, right) = (on_screen(left), on_screen(right));
    let start = format!("{first}{left}");
    let gap = at.saturating_sub(start.width()).max(3);
    if start.width() + gap + right.width() <= WIDTH {
        return format!("{start}{}{right}\n", " ".repeat(gap));
    }
    wrapped(first, rest, &left) + &wrapped(rest, rest, &right)
}

/// Names one after the other.
pub(super) fn listed(names: &BTreeSet<String>) -> String {
    names.iter().cloned().collect::<Vec<_>>().join(", ")
}

/// Each of them once, where it comes first.
pub(super) fn once_each<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut kept = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

/// A heading in a column of its own, and the lines that belong to it.
pub(super) fn section(title: &str, lines: &[String]) -> String {
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let first = if index == 0 { format!("{title}   ") } else { "     ".to_owned() };
        text.push_str(&wrapped(&first, "       ", line));
    }
    text
}

/// A time of day: `03:14:22Z`.
pub(super) fn clock(time: Timestamp) -> String {
    time.strftime("%H:%M:%SZ").to_string()
}

/// A time of day without seconds: `03:14Z`.
pub(super) fn minute(time: Timestamp) -> String {
    time.strftime("%H:%MZ").to_string()
}

/// A time with its day, without seconds: `2026-11-22 03:14Z`.
pub(super) fn day_and_minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%MZ").to_string()
}

/// A time with its day, to the second: `2026-11-22T03:14:22Z`.
pub(super) fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Seconds as people say them: `0.4 s`, `12.0 s`, `6 min 5 s`.
pub(super) fn seconds(count: f64) -> String {
    if count < 100.0 {
        return format!("{count:.1} s");
    }
    let whole = count.round();
    format!("{:.0} min {:.0} s", (whole / 60.0).floor(), whole % 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_too_wide_and_no_name_can_break_one() {
        let name = "\u{1b}[2J\n".repeat(40) + &"監視".repeat(60);
        for line in wrapped(" 1 + ", "     ", &name).lines() {
            assert!(line.width() <= WIDTH, "{line}");
        }
        assert_eq!(wrapped("a ", "  ", "b  c"), "a b c\n");
        assert_eq!(beside(" 1 + ", "     ", "deny", 20, "impact none seen"), " 1 + deny           impact none seen\n");
    }

    #[test]
    fn numbers_are_said_as_people_do() {
        assert_eq!((counted(1, "agent"), counted(0, "agent")), ("1 agent".to_owned(), "0 agents".to_owned()));
        assert_eq!((seconds(0.44), seconds(365.2)), ("0.4 s".to_owned(), "6 min 5 s".to_owned()));
    }
}
