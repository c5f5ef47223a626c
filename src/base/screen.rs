//! Text from AWS, made safe for a terminal.

use unicode_width::UnicodeWidthChar;

/// Whether a character could change what a screen says: control characters, bidirectional marks, zero-width and other
/// invisible characters, and the separators that terminals treat as line ends.
fn is_treacherous(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// How many marks one letter may carry: no script needs more, and a tower of them covers the lines above and below.
const MARKS: usize = 4;

/// The characters of a text, and whether each could change what a screen says. A mark that takes no column is drawn over what stands
/// before it, so it may stand behind a letter alone.
fn judged(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut room = 0;
    text.chars().map(move |c| {
        let is_mark = c.width() == Some(0);
        let is_bad = is_treacherous(c) || (is_mark && room == 0);
        room = match (is_bad, is_mark) {
            (true, _) => 0,
            (false, true) => room - 1,
            (false, false) if c.is_alphanumeric() => MARKS,
            (false, false) => 0,
        };
        (c, is_bad)
    })
}

/// Escapes what could change what a screen says, as `\u{1b}`. Apply it to every text that did not come from quell.
pub fn on_screen(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (c, is_bad) in judged(text) {
        if is_bad { safe.extend(c.escape_unicode()) } else { safe.push(c) }
    }
    safe
}

/// [`on_screen`], cut to `columns` with a visible `…` when it is wider.
pub fn on_screen_within(text: &str, columns: usize) -> String {
    let safe = on_screen(text);
    let width = |c: char| c.width().unwrap_or(0);
    if safe.chars().map(width).sum::<usize>() <= columns {
        return safe;
    }
    let mut cut = String::new();
    let mut used = 1;
    for c in safe.chars() {
        used += width(c);
        if used > columns {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    cut
}

/// JSON in which everything that could change what a screen says is a `\uXXXX` escape: the same value, safe to look at.
pub fn json_on_screen(json: &str) -> String {
    use std::fmt::Write as _;
    let mut safe = String::with_capacity(json.len());
    for (c, is_bad) in judged(json) {
        if is_bad && c != '\n' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a text cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({ "name": "a\u{1b}[2K\u{202e}b\u{e0041}", "of": ["é\n", "\u{7f}\u{9b}"] });
        let safe = json_on_screen(&serde_json::to_string_pretty(&value).expect("JSON"));
        assert!(!safe.chars().any(|c| is_treacherous(c) && c != '\n'), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).expect("JSON"), value);
    }

    #[test]
    fn marks_stay_on_letters_and_do_not_pile_up() {
        // Names of people and places, with their marks apart from the letters.
        for name in ["Zu\u{308}rich", "Vie\u{302}\u{323}t", "\u{e17}\u{e35}\u{e48}", "\u{915}\u{94d}\u{937}"] {
            assert_eq!(on_screen(name), name);
        }
        assert_eq!(on_screen("agent/\u{336}x"), "agent/\\u{336}x");
        assert_eq!(on_screen("\u{20dd}"), "\\u{20dd}");
        let tower = format!("a{}", "\u{30d}".repeat(50));
        let safe = on_screen(&tower);
        assert!(safe.starts_with(&format!("a{}\\u{{30d}}", "\u{30d}".repeat(MARKS))), "{safe}");
        assert_eq!(on_screen(&safe), safe);
        let json = json_on_screen(&format!("\"{tower}\""));
        assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), tower);
        assert!(json.contains("\\u030d"), "{json}");
    }

    #[test]
    fn nothing_can_move_the_cursor_or_hide() {
        assert_eq!(on_screen("a\u{1b}[2Kb"), "a\\u{1b}[2Kb");
        assert_eq!(on_screen("x\u{202e}y\u{200b}z\n"), "x\\u{202e}y\\u{200b}z\\u{a}");
        assert_eq!(on_screen("Überwachung 監視"), "Überwachung 監視");
        assert_eq!(on_screen_within("abcdefgh", 5), "abcd…");
        assert_eq!(on_screen_within("監視監視", 5), "監視…");
    }
}
