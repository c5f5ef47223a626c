//! What bounds the session of a role that is assumed to carry a plan out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::permissions::reading;
use super::{Need, Plan, needs_of_plan};
use crate::actions::BadInput;
use crate::aws::LONGEST_SESSION_POLICY;

/// Reads as patterns, for where they do not fit one by one. What these services tell holds no secrets of others; the one that does has
/// none.
const READ_PATTERNS: [(&str, &[&str]); 4] = [
    ("bedrock:", &["bedrock:Get*", "bedrock:List*"]),
    ("iam:", &["iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*"]),
    ("qbusiness:", &["qbusiness:Get*", "qbusiness:List*"]),
    ("support:", &["support:Describe*"]),
];

/// A session policy, and what it allows besides what its plan needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPolicy {
    /// The document, as JSON.
    pub document: String,
    /// Which reads it allows.
    pub reads: Reads,
}

/// Which reads a session policy allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Those that the plan needs.
    AsNeeded,
    /// The same operations, on everything.
    OfEverything,
    /// Operations whose names begin alike, on everything.
    ByName,
}

/// Why no session policy was made from a plan.
#[derive(Debug, thiserror::Error)]
pub enum NoSessionPolicy {
    /// What the plan needs takes more room than AWS gives.
    #[error("what the plan needs is a policy of {length} characters, and a session takes {LONGEST_SESSION_POLICY}")]
    TooLong {
        /// How many characters the shortest form has.
        length: usize,
    },
    /// The plan says something that no action takes.
    #[error(transparent)]
    BadInput(#[from] BadInput),
}

/// The session policy with which a plan is carried out, verified and undone, in at most [`LONGEST_SESSION_POLICY`] characters: it
/// allows each change on the things that the plan names. Where an operation of IAM is about another thing besides, such as a group or an MFA
/// device, it is allowed on all of that kind, as `quell permissions PLAN` shows. Where that does not fit, what is only read may be read of
/// everything, and then by names that begin alike.
pub fn session_policy(plan: &Plan) -> Result<SessionPolicy, NoSessionPolicy> {
    let needs = needs_of_plan(plan)?;
    let forms = [
        (Reads::AsNeeded, shortest(&needs)),
        (Reads::OfEverything, shortest(&reads_of_everything(&needs))),
        (Reads::ByName, shortest(&reads_by_pattern(&needs))),
    ];
    let length = forms.iter().map(|(_, form)| form.chars().count()).min().unwrap_or_default();
    let fits = |(_, form): &(Reads, String)| form.chars().count() <= LONGEST_SESSION_POLICY;
    let (reads, document) = forms.into_iter().find(fits).ok_or(NoSessionPolicy::TooLong { length })?;
    Ok(SessionPolicy { document, reads })
}

fn reads_of_everything(needs: &BTreeSet<Need>) -> BTreeSet<Need> {
    let reads = reading();
    let widened = |need: &Need| match reads.contains(need.action.as_str()) {
        true => Need { resource: "*".to_owned(), ..need.clone() },
        false => need.clone(),
    };
    needs.iter().map(widened).collect()
}

fn reads_by_pattern(needs: &BTreeSet<Need>) -> BTreeSet<Need> {
    let reads = reading();
    let pattern = |need: Need| match pattern_of(&need.action).filter(|_| reads.contains(need.action.as_str())) {
        Some(action) => Need { action: action.to_owned(), ..need },
        None => need,
    };
    reads_of_everything(needs).into_iter().map(pattern).collect()
}

fn pattern_of(action: &str) -> Option<&'static str> {
    let (_, patterns) = READ_PATTERNS.iter().find(|(service, _)| action.starts_with(service))?;
    patterns.iter().copied().find(|pattern| action.starts_with(pattern.trim_end_matches('*')))
}

/// The policy that allows these needs and nothing else, in the fewest characters: actions that stand on the same resources share a statement,
/// and resources on which the same actions stand.
fn shortest(needs: &BTreeSet<Need>) -> String {
    let mut by_action: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut by_resource: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for need in needs {
        by_action.entry(&need.action).or_default().insert(&need.resource);
        by_resource.entry(&need.resource).or_default().insert(&need.action);
    }
    let grouped_by_action = grouped(by_action).into_iter().map(|(resources, actions)| (actions, resources));
    let forms = [document(grouped_by_action), document(grouped(by_resource).into_iter())];
    forms.into_iter().min_by_key(String::len).unwrap_or_default()
}

/// What stands with the same others, together.
fn grouped<'a>(by: BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeMap<BTreeSet<&'a str>, BTreeSet<&'a str>> {
    let mut together: BTreeMap<BTreeSet<&str>, BTreeSet<&str>> = BTreeMap::new();
    for (one, others) in by {
        together.entry(others).or_default().insert(one);
    }
    together
}

/// A policy of statements, each with its actions and resources. A list of one is written without its brackets.
fn document<'a>(statements: impl Iterator<Item = (BTreeSet<&'a str>, BTreeSet<&'a str>)>) -> String {
    let one_or_more = |texts: &BTreeSet<&str>| match texts.iter().next() {
        Some(only) if texts.len() == 1 => json!(only),
        _ => json!(texts),
    };
    let statement = |(actions, resources): (BTreeSet<&str>, BTreeSet<&str>)| json!({ "Effect": "Allow", "Action": one_or_more(&actions), "Resource": one_or_more(&resources) });
    let statements: Vec<Value> = statements.map(statement).collect();
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(of: &[(&str, &str)]) -> BTreeSet<Need> {
        let need =
            |(action, resource): &(&str, &str)| Need { action: (*action).to_owned(), resource: (*resource).to_owned() };
        of.iter().map(need).collect()
    }

    #[test]
    fn what_is_alike_shares_a_statement_and_nothing_is_added() {
        let role = |number: usize| format!("arn:aws:iam::111122223333:role/{number}");
        let (one, two) = (role(1), role(2));
        let asked = needs(&[
            ("iam:GetRole", &one),
            ("iam:GetRole", &two),
            ("iam:PutRolePolicy", &one),
            ("iam:PutRolePolicy", &two),
            ("iam:ListRoles", "*"),
        ]);
        let policy: Value = serde_json::from_str(&shortest(&asked)).expect("JSON");
        let mut granted = BTreeSet::new();
        for statement in policy["Statement"].as_array().expect("statements") {
            let list = |member: &str| match &statement[member] {
                Value::String(one) => vec![one.clone()],
                many => {
                    many.as_array().expect("a list").iter().map(|one| one.as_str().expect("text").to_owned()).collect()
                }
            };
            for action in list("Action") {
                granted.extend(list("Resource").into_iter().map(|resource| Need { action: action.clone(), resource }));
            }
        }
        assert_eq!(granted, asked);
        assert_eq!(policy["Statement"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn only_reads_are_ever_widened() {
        let asked = needs(&[
            ("iam:GetRole", "arn:1"),
            ("iam:PutRolePolicy", "arn:1"),
            ("bedrock:DeleteAgent", "arn:2"),
            ("secretsmanager:DescribeSecret", "arn:3"),
            ("iam:ListRoles", "*"),
        ]);
        let expected = needs(&[
            ("iam:Get*", "*"),
            ("iam:PutRolePolicy", "arn:1"),
            ("bedrock:DeleteAgent", "arn:2"),
            ("secretsmanager:DescribeSecret", "*"),
            ("iam:List*", "*"),
        ]);
        assert_eq!(reads_by_pattern(&asked), expected);
    }

    #[test]
    fn no_pattern_of_reads_covers_a_change() {
        for operation in crate::aws::operations().filter(|operation| operation.effect.is_mutating()) {
            for action in operation.permissions {
                assert_eq!(pattern_of(action), None, "{action}");
            }
        }
    }
}
