//! What plans say of the makers of what queries found.

use crate::plan::PlannedQuery;

use super::text::{counted, once_each};

/// What is left alone since others made it.
pub fn left_alone<'a>(queries: impl IntoIterator<Item = &'a PlannedQuery>) -> Vec<String> {
    let told = |asked: &PlannedQuery| -> Vec<String> {
        asked.makers.left_alone.iter().map(|one| format!("{}: {one}", asked.key.step)).collect()
    };
    let mut lines = once_each(queries.into_iter().flat_map(told));
    if !lines.is_empty() {
        lines.insert(0, format!("{} made by others, as CloudTrail tells:", counted(lines.len(), "thing")));
    }
    lines
}

/// What was found though nobody is known to have made it, and where CloudTrail could not be asked.
pub(super) fn no_makers<'a>(queries: impl IntoIterator<Item = &'a PlannedQuery>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for asked in queries {
        if let Some(why) = &asked.makers.not_read {
            let place = asked.key.region.as_ref().map_or(String::new(), |region| format!(" in {region}"));
            lines.push(format!("{}: CloudTrail was asked{place} and did not tell ({why})", asked.key.step));
        }
        let all = asked.input.get("even_if_unknown").and_then(serde_json::Value::as_bool).unwrap_or_default();
        let then = if all { "counted as theirs, as the runbook says" } else { "contained, and not counted as theirs" };
        for one in &asked.makers.not_known {
            lines.push(format!("{}: {} ({}): {then}", asked.key.step, one.what, one.why));
        }
    }
    once_each(lines)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::actions::{LeftAlone, Makers, NoMaker};
    use crate::base::StepKey;

    #[test]
    fn each_is_told_once_with_its_maker_or_why_there_is_none() {
        let makers = Makers {
            left_alone: vec![LeftAlone { key: "k".into(), what: "shop".into(), by: "arn:aws:iam::1:user/u".into() }],
            not_known: vec![NoMaker { key: "n".into(), what: "new".into(), why: "too new".into() }],
            not_read: Some("AccessDenied".into()),
            lacking: None,
        };
        let asked = |input| PlannedQuery {
            key: StepKey::once("rogue".parse().expect("an id")),
            query: "bedrock.agents".to_owned(),
            input,
            found: vec![],
            makers: makers.clone(),
        };
        let twice = [asked(json!({})), asked(json!({}))];
        let alone = ["1 thing made by others, as CloudTrail tells:", "rogue: shop, made by arn:aws:iam::1:user/u"];
        assert_eq!(left_alone(&twice), alone);
        let unknown = [
            "rogue: CloudTrail was asked and did not tell (AccessDenied)",
            "rogue: new (too new): contained, and not counted as theirs",
        ];
        assert_eq!(no_makers(&twice), unknown);
        let all = no_makers(&[asked(json!({ "even_if_unknown": true }))]);
        assert!(all.iter().any(|line| line.ends_with("counted as theirs, as the runbook says")), "{all:?}");
        assert!(left_alone(&[]).is_empty() && no_makers(&[]).is_empty());
    }
}
