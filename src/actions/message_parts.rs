//! Texts that are longer than AWS Support takes in one message.

use crate::aws::{goes_on_in, part_begins};

/// The longest message that AWS takes, in characters.
pub(super) const LONGEST_MESSAGE: usize = 8_000;

/// A part of a text that does not fit into one message, counted from 1. Each but the last announces the next one. The text
/// of a run that goes on grows at its end, so that what was said stays the beginning of it.
pub(super) fn part_of(text: &str, part: u32) -> Option<String> {
    let mut rest = text;
    for number in 1..=part {
        if number > 1 && rest.is_empty() {
            return None;
        }
        let begins = if number == 1 { String::new() } else { part_begins(number) + "\n" };
        let (said, left) = split(rest, LONGEST_MESSAGE - begins.len());
        let ends = if left.is_empty() { String::new() } else { goes_on_in(number + 1) };
        if number == part {
            return Some(begins + said + &ends);
        }
        rest = left;
    }
    None
}

/// What fits into so many characters beside the announcement of the next part, up to the end of a line where there is one, and the
/// rest.
fn split(text: &str, room: usize) -> (&str, &str) {
    if text.chars().count() <= room {
        return (text, "");
    }
    let most = text.char_indices().nth(room - goes_on_in(u32::MAX).len()).map_or(text.len(), |(at, _)| at);
    let line = text[..most].rfind('\n').map_or(most, |at| at + 1);
    text.split_at(if line > most / 2 { line } else { most })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_said_in_parts_and_nothing_is_lost() {
        let text: String = (0..1_200).map(|line| format!("{line} is länger, {}\n", "x".repeat(line % 40))).collect();
        let mut said = String::new();
        let mut part = 1;
        loop {
            let message = part_of(&text, part).expect("it was announced");
            assert!(message.chars().count() <= LONGEST_MESSAGE, "part {part}");
            let message = message.strip_prefix(&(part_begins(part) + "\n")).unwrap_or(&message);
            part += 1;
            match message.strip_suffix(&goes_on_in(part)) {
                Some(more) => said += more,
                None => break said += message,
            }
        }
        assert!(part > 3 && said == text, "{} parts", part - 1);
        // What grows at the end leaves the parts before it as they are, also where nothing but one line is there.
        for text in [text, "x".repeat(20_000)] {
            assert_eq!(part_of(&text, 2), part_of(&(text.clone() + "more\n"), 2));
        }
    }
}
