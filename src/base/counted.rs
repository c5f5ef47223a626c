//! Numbers with their nouns.

/// A number with its noun, which is given in the singular: `1 key`, `2 keys`, `3 policies`, `4 aliases`.
pub fn counted(count: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        _ if noun.ends_with("ias") => format!("{count} {noun}es"),
        _ if noun.ends_with('s') => format!("{count} {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        let both = |noun| (counted(1, noun), counted(2, noun));
        for (noun, many) in [("key", "keys"), ("policy", "policies"), ("alias", "aliases"), ("access", "access")] {
            assert_eq!(both(noun), (format!("1 {noun}"), format!("2 {many}")));
        }
    }
}
