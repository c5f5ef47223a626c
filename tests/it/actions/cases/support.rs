//! Cases of AWS Support.

use serde_json::json;

use super::case::{Case, Undone, case};

pub(super) fn cases() -> Vec<Case> {
    [asking(), telling(), ending()].concat()
}

/// The incident's case is open.
fn open(case: Case) -> Case {
    case.with("/account/cases", json!([{ "subject": "[quell:INC-4711] Security incident", "body": "Help." }]))
}

fn telling() -> Vec<Case> {
    let case = |name, with| open(case(name, "support.update-case", with, Undone::ByHand));
    let finding = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/actions/finding.txt");
    vec![
        case("say something in the case", json!({ "message": "It is contained." })),
        case(
            "say something with a file and the report",
            json!({
                "message": "It is contained.", "attachments": [finding], "report": true, "cc": ["security@example.com"],
            }),
        ),
    ]
}

fn ending() -> Vec<Case> {
    vec![open(case("resolve the case", "support.resolve-case", json!({}), Undone::ByHand))]
}

fn asking() -> Vec<Case> {
    let case = |name, with| case(name, "support.open-case", with, Undone::ByHand);
    let finding = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/actions/finding.txt");
    vec![
        case("open a case", json!({ "business_impact": "The shop is slow." })),
        case("open a case that has much to say", json!({ "business_impact": "The shop is slow.\n".repeat(440) })),
        case(
            "open a case in Japanese with a file",
            json!({
                "business_impact": "The shop is slow.", "language": "ja", "attachments": [finding],
                "cc": ["security@example.com"], "engagement": "visible to the board",
            }),
        ),
    ]
}
