//! Cases of AWS Support.

use serde_json::json;

use super::case::{Case, Undone, case};

pub(super) fn cases() -> Vec<Case> {
    asking()
}

fn asking() -> Vec<Case> {
    let case = |name, with| case(name, "support.open-case", with, Undone::ByHand);
    let finding = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/actions/finding.txt");
    vec![
        case("open a case", json!({ "business_impact": "The shop is slow." })),
        case(
            "open a case in Japanese with a file",
            json!({
                "business_impact": "The shop is slow.", "language": "ja", "attachments": [finding],
                "cc": ["security@example.com"], "engagement": "visible to the board",
            }),
        ),
    ]
}
