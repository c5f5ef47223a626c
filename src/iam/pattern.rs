//! Wildcards and policy variables.

use super::context::{Context, KeyValue};
use super::truth::Doubt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Literal(char),
    AnyCharacter,
    AnyText,
}

/// A text of a policy, ready to be matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Token>);

/// Why a text has no pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoPattern {
    /// A policy variable stands for a key that the request does not have: nothing is equal to it.
    NoValue,
    /// A policy variable stands for a value that is not known.
    Doubt(Doubt),
}

/// How a text of a policy is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    /// Whether `*` and `?` are wildcards.
    pub(super) wildcards: bool,
    /// The keys that policy variables stand for; nothing in documents of version 2008-10-17, where `${` is plain text.
    pub(super) variables: Option<&'a Context>,
}

impl Pattern {
    /// A pattern without policy variables, in which `*` and `?` are wildcards.
    pub(super) fn with_wildcards(text: &str) -> Self {
        Self(text.chars().map(wildcard).collect())
    }

    /// Reads a text. Values of variables are literal: a `*` in a session's name matches only a `*`.
    pub(super) fn read(text: &str, reading: Reading<'_>) -> Result<Self, NoPattern> {
        let plain = |c| if reading.wildcards { wildcard(c) } else { Token::Literal(c) };
        let Some(context) = reading.variables else {
            return Ok(Self(text.chars().map(plain).collect()));
        };
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start + 2..].find('}') else { break };
            tokens.extend(rest[..start].chars().map(plain));
            let inside = &rest[start + 2..start + 2 + length];
            tokens.extend(value_of(inside, context)?.chars().map(Token::Literal));
            rest = &rest[start + 3 + length..];
        }
        tokens.extend(rest.chars().map(plain));
        Ok(Self(tokens))
    }

    /// Whether the whole text fits.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.fits(text, false)
    }

    /// Whether the whole text fits, whatever the case of its letters.
    pub(super) fn matches_ignoring_case(&self, text: &str) -> bool {
        self.fits(text, true)
    }

    /// The parts of an ARN, each to be matched for itself; six of them, unless the pattern is too short.
    pub(super) fn arn_parts(&self) -> Vec<Self> {
        self.0.splitn(6, |token| *token == Token::Literal(':')).map(|part| Self(part.to_vec())).collect()
    }

    fn fits(&self, text: &str, ignore_case: bool) -> bool {
        let same = |a: char, b: char| a == b || (ignore_case && a.to_lowercase().eq(b.to_lowercase()));
        let text: Vec<char> = text.chars().collect();
        let (mut at, mut read) = (0, 0);
        // Where to go on when the last `*` has to swallow one character more.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match self.0.get(at) {
                Some(Token::AnyText) => {
                    retry = Some((at + 1, read));
                    at += 1;
                    continue;
                }
                Some(Token::AnyCharacter) if read < text.len() => {
                    (at, read) = (at + 1, read + 1);
                    continue;
                }
                Some(Token::Literal(c)) if read < text.len() && same(*c, text[read]) => {
                    (at, read) = (at + 1, read + 1);
                    continue;
                }
                None if read == text.len() => return true,
                _ => {}
            }
            match retry {
                Some((after, swallowed)) if swallowed < text.len() => {
                    retry = Some((after, swallowed + 1));
                    (at, read) = (after, swallowed + 1);
                }
                _ => return false,
            }
        }
    }
}

fn wildcard(c: char) -> Token {
    match c {
        '*' => Token::AnyText,
        '?' => Token::AnyCharacter,
        c => Token::Literal(c),
    }
}

/// The value of what stands between `${` and `}`: a special character, a key, or a key with a default in quotes.
fn value_of(inside: &str, context: &Context) -> Result<String, NoPattern> {
    if matches!(inside, "*" | "?" | "$") {
        return Ok(inside.to_owned());
    }
    let (name, default) = match inside.split_once(',') {
        Some((name, rest)) => {
            let quoted = rest.trim().strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            (name.trim(), Some(quoted.ok_or_else(|| NoPattern::Doubt(Doubt::Value(format!("${{{inside}}}"))))?))
        }
        None => (inside.trim(), None),
    };
    match (context.get(name), default) {
        (KeyValue::Present(values), _) => match &values[..] {
            [value] => Ok(value.clone()),
            _ => Err(NoPattern::Doubt(Doubt::Value(format!("${{{inside}}}")))),
        },
        (KeyValue::Absent, Some(default)) => Ok(default.to_owned()),
        (KeyValue::Absent, None) => Err(NoPattern::NoValue),
        (KeyValue::Unknown, _) => Err(NoPattern::Doubt(Doubt::Key(name.to_ascii_lowercase()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_iam_does() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("a*b*c", "a-b-b-c", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("**", "x", true),
            ("bedrock:Invoke*", "bedrock:InvokeModel", true),
            ("bedrock:Invoke*", "bedrock:invokeModel", false),
        ] {
            assert_eq!(Pattern::with_wildcards(pattern).matches(text), fits, "`{pattern}` on `{text}`");
        }
        assert!(Pattern::with_wildcards("BEDROCK:invoke*").matches_ignoring_case("bedrock:InvokeModel"));
    }

    #[test]
    fn many_stars_do_not_explode() {
        assert!(!Pattern::with_wildcards(&("*a".repeat(60) + "b")).matches(&"a".repeat(4_000)));
    }

    #[test]
    fn variables_are_literal_values() {
        let context = Context::new().with("aws:username", "a*").with_unknown("aws:SourceIp");
        let read = |text| Pattern::read(text, Reading { wildcards: true, variables: Some(&context) });
        let home = read("home/${aws:UserName}/*").expect("a pattern");
        assert!(home.matches("home/a*/x"));
        assert!(!home.matches("home/ab/x"));
        assert!(read("${*}${?}${$}").expect("a pattern").matches("*?$"));
        assert!(read("${aws:PrincipalTag/team, 'none'}").expect("a pattern").matches("none"));
        assert_eq!(read("${aws:PrincipalTag/team}"), Err(NoPattern::NoValue));
        assert_eq!(read("${aws:sourceip}"), Err(NoPattern::Doubt(Doubt::Key("aws:sourceip".into()))));
        let old = Pattern::read("${aws:username}", Reading { wildcards: true, variables: None }).expect("a pattern");
        assert!(old.matches("${aws:username}"));
    }
}
