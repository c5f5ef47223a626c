//! "Did you mean".

/// The candidate nearest to what was written, if one is near enough to be meant.
pub(crate) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Comparing takes time in the product of both lengths, and nobody means a short name by a long text.
    const LONGEST: usize = 128;
    candidates
        .into_iter()
        .filter(|_| written.len() <= LONGEST)
        .map(|candidate| (strsim::damerau_levenshtein(written, candidate), candidate))
        .filter(|(distance, candidate)| {
            let shorter = candidate.len().min(written.len());
            *distance <= (shorter / 3).max(1) && *distance < shorter
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `did you mean …?`, or else the list of what there is.
pub(crate) fn suggestion<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    /// A longer list helps nobody at a terminal.
    const MOST: usize = 24;
    if let Some(near) = nearest(written, candidates.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let list: Vec<String> = candidates.into_iter().take(MOST + 1).map(|name| format!("`{name}`")).collect();
    match list.len() {
        0 => None,
        count if count > MOST => Some(format!("there are {}, …", list[..MOST].join(", "))),
        1 => Some(format!("there is {}", list[0])),
        _ => Some(format!("there are {}", list.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_suggested() {
        let names = ["iam.revoke-sessions", "iam.lock-trust", "needs"];
        assert_eq!(nearest("iam.revoke-session", names), Some("iam.revoke-sessions"));
        assert_eq!(nearest("need", names), Some("needs"));
        assert_eq!(nearest("zzz", names), None);
        assert_eq!(nearest("c", ["a"]), None);
        assert_eq!(suggestion("zzz", ["a"]).as_deref(), Some("there is `a`"));
    }
}
