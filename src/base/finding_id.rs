//! Ids of Amazon GuardDuty.

use super::text_id::id;

/// GuardDuty's ids are 32 hexadecimal digits; its service model says no more than that they are not longer than 300.
fn is_plain(text: &str) -> bool {
    (1..=300).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

id!(
    /// The id of the detector by which GuardDuty watches a Region.
    DetectorId,
    "guardduty_detector_id",
    "the id of a GuardDuty detector (letters, digits and hyphens)",
    is_plain,
    such as "12abc34d567e8fa901bc2d34e56789f0"
);

id!(
    /// The id of a finding of GuardDuty.
    FindingId,
    "guardduty_finding_id",
    "the id of a GuardDuty finding (letters, digits and hyphens)",
    is_plain,
    such as "8eb9a3a6c1c04a4cb2a3e1c5c1b0e5d1"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_nowhere_else() {
        assert!(FindingId::new("8eb9a3a6c1c04a4cb2a3e1c5c1b0e5d1").is_ok());
        for bad in ["", "a/b", "..", "a b", &"a".repeat(301)] {
            assert!(DetectorId::new(bad).is_err() && FindingId::new(bad).is_err(), "{bad}");
        }
    }
}
