//! Texts with `*` for anything.

/// What stands between the stars, in order; one piece alone where there is no star.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wildcard(Vec<String>);

impl Wildcard {
    /// Reads `a*b`, where `\*` and `\\` stand for the characters themselves.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut pieces = vec![String::new()];
        let mut characters = text.chars();
        let mut after_star = false;
        while let Some(character) = characters.next() {
            let is_star = character == '*';
            match character {
                '*' if after_star => return Err("two `*` in a row are not taken"),
                '*' => pieces.push(String::new()),
                '\\' => match characters.next() {
                    Some(escaped @ ('*' | '\\')) => push(&mut pieces, escaped),
                    _ => return Err("`\\` stands before `*` or `\\` only"),
                },
                plain => push(&mut pieces, plain),
            }
            after_star = is_star;
        }
        Ok(Self(pieces))
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let [first, between @ .., last] = self.0.as_slice() else {
            return self.0.first().is_some_and(|only| only == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for piece in between {
            let Some(at) = rest.find(piece.as_str()) else { return false };
            rest = &rest[at + piece.len()..];
        }
        rest.ends_with(last.as_str())
    }
}

fn push(pieces: &mut [String], character: char) {
    if let Some(piece) = pieces.last_mut() {
        piece.push(character);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::plain::wildcard_fits;
    use super::*;

    proptest! {
        #[test]
        fn it_matches_what_its_definition_says(pattern in "([ab]|\\*|\\\\\\*|\\\\\\\\){0,6}", text in "[ab*\\\\]{0,7}") {
            if let Ok(read) = Wildcard::parse(&pattern) {
                let characters = |text: &str| text.chars().collect::<Vec<_>>();
                prop_assert_eq!(read.matches(&text), wildcard_fits(&characters(&pattern), &characters(&text)));
            }
        }
    }

    #[test]
    fn what_aws_rejects_is_refused() {
        for bad in ["a**b", "a\\", "a\\b"] {
            assert!(Wildcard::parse(bad).is_err(), "{bad}");
        }
        assert!(Wildcard::parse("*\\**").expect("a wildcard").matches("a*b"));
    }
}
