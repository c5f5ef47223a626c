//! The patterns that texts in requests must match.

use std::sync::OnceLock;

use regex_lite::Regex;
use serde::Deserialize;

/// The class of letters, spaces and numbers of any script, which tags may hold. It and the next are the only ones in the models
/// that go beyond ASCII, so they are decided here and not by a regular expression.
const TAG_CLASS: &str = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]";

/// Texts of any characters but control, format and private ones.
const NO_CONTROLS: &str = r"\P{C}*";

/// A pattern of the service models. As AWS does, the whole text must match.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(super) struct Pattern {
    source: String,
    compiled: OnceLock<Regex>,
}

impl From<String> for Pattern {
    fn from(source: String) -> Self {
        Self { source, compiled: OnceLock::new() }
    }
}

/// What some patterns begin with although the letter or digit that must follow says the same; our expressions know no
/// look-around.
const NO_SIGN_FIRST: &str = r"(?![\-_+.])";

impl Pattern {
    /// The pattern as the model writes it.
    pub(super) fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        if self.source == NO_CONTROLS {
            return !text.chars().any(is_control);
        }
        match self.source.strip_prefix(TAG_CLASS) {
            Some("*") => text.chars().all(is_tag_character),
            Some("+") => !text.is_empty() && text.chars().all(is_tag_character),
            _ => self.compiled().is_match(text),
        }
    }

    fn compiled(&self) -> &Regex {
        self.compiled.get_or_init(|| {
            let source = self.source.strip_prefix(NO_SIGN_FIRST).unwrap_or(&self.source);
            Regex::new(&format!("^(?:{source})$")).expect("a test compiles every pattern of the table")
        })
    }
}

/// What Unicode files under C, but for what no character has been given to yet.
fn is_control(c: char) -> bool {
    let formats = matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{FEFF}')
        || matches!(c, '\u{2060}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0001}'..='\u{E007F}');
    let private = matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}');
    c.is_control() || formats || private
}

fn is_tag_character(c: char) -> bool {
    let is_separator = matches!(c, ' ' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{2028}' | '\u{2029}')
        || matches!(c, '\u{202F}' | '\u{205F}' | '\u{3000}');
    c.is_alphanumeric() || is_separator || "_.:/=+-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_must_match() {
        let name = Pattern::from(r"[\w+=,.@-]+".to_owned());
        assert!(name.matches("web-task@example.com"));
        assert!(!name.matches("web task"));
        assert!(!name.matches("web\n"));
        let policy = Pattern::from(r"[\u0009\u000A\u000D\u0020-\u00FF]+".to_owned());
        assert!(policy.matches("{\n\t\"Sid\": \"Überwachung\"}"));
        assert!(!policy.matches("監視"));
    }

    #[test]
    fn names_hold_no_controls() {
        let name = Pattern::from(NO_CONTROLS.to_owned());
        assert!(name.matches("Überwachung 監視.pdf") && name.matches(""));
        assert!(!name.matches("a\nb") && !name.matches("a\u{202E}b"));
    }

    #[test]
    fn tags_hold_letters_of_any_script() {
        let tag = Pattern::from(format!("{TAG_CLASS}*"));
        assert!(tag.matches("監視 Überwachung:1/2=+-@"));
        assert!(tag.matches(""));
        assert!(!tag.matches("a;b"));
        assert!(!Pattern::from(format!("{TAG_CLASS}+")).matches(""));
    }
}
