//! Who has approved a plan, and whose word is still missing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ssh_key::HashAlg;

use super::allowed_signers::{AllowedSigners, Person};
use super::earlier::{Earlier, Lent};
use super::signature::{NAMESPACE, signer};
use crate::base::{RunId, canonical_bytes};
use crate::plan::{Caller, Plan};

/// Groups of people, and the rules that ask for some of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approvers {
    /// People by group, each named as in `allowed_signers`.
    #[serde(default)]
    pub groups: BTreeMap<String, BTreeSet<String>>,
    /// How many of which group each rule asks for.
    #[serde(default)]
    pub rules: BTreeMap<String, Rule>,
    /// Whom a session name or user name of AWS stands for, where that is not the name in `allowed_signers` or what stands there before the `@`;
    /// [`NOBODY`] where no person stands behind it.
    #[serde(default)]
    pub people: BTreeMap<String, String>,
}

/// What stands for a session or user of AWS behind which is no person, such as a machine's.
pub const NOBODY: &str = "nobody";

/// M of N.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The group.
    pub of: String,
    /// How many of it.
    pub at_least: usize,
}

/// Who made a plan or one that it follows, and who applies it, by their names in AWS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Initiators {
    /// The sessions and users themselves: it has to be known who they are.
    pub callers: BTreeSet<String>,
    /// The roles and users through which they came.
    pub through: BTreeSet<String>,
}

impl Initiators {
    /// Whoever made a plan or one that it follows, and whoever applies it, where that is known.
    pub fn of(plan: &Plan, earlier: &[Earlier], applies: Option<&Caller>) -> Self {
        let all =
            || std::iter::once(&plan.caller).chain(earlier.iter().map(|before| &before.plan.caller)).chain(applies);
        Self {
            callers: all().map(Caller::name).collect(),
            through: all().flat_map(Caller::came_through_names).collect(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        self.callers.iter().chain(&self.through)
    }
}

/// What was made of one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Where it was found.
    pub file: String,
    /// The run whose plan it is over, where it is one that this plan follows.
    pub of_run: Option<RunId>,
    /// The fingerprint of the key, where there is one.
    pub key: Option<String>,
    /// Who signed, or why it does not count.
    pub by: Result<Person, String>,
}

/// How far a rule is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// How many it asks for.
    pub at_least: usize,
    /// Who of its group has signed.
    pub signed: BTreeSet<String>,
    /// Who of its group may still sign.
    pub may: BTreeSet<String>,
}

impl Met {
    /// Whether that is enough.
    pub fn is_met(&self) -> bool {
        self.signed.len() >= self.at_least
    }
}

/// The approvals of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approvals {
    /// Every signature that was found.
    pub given: Vec<Given>,
    /// Every rule.
    pub rules: BTreeMap<String, Met>,
    /// What the plans that this one follows lend to it.
    pub lent: Vec<Lent>,
}

/// Judges the signatures over the bytes of a plan, and those over the plans that it follows, where it does nothing more than they do. Whoever made
/// one of them does not count, and nobody counts twice. Where it is not known who made one, it may have been anybody, and nobody counts.
pub fn approvals(
    plan: &Plan,
    signatures: &[(String, String)],
    earlier: &[Earlier],
    signers: &AllowedSigners,
    approvers: &Approvers,
    initiators: &Initiators,
    now: Timestamp,
) -> Approvals {
    let everybody = signers.persons();
    let unknown = initiators.callers.iter().find(|name| {
        let nobody = approvers.people.get(*name).is_some_and(|name| name == NOBODY);
        !nobody && !everybody.iter().any(|person| approvers.is_of(person, name))
    });
    let initiates = |person: &Person| initiators.all().any(|name| approvers.is_of(person, name));
    let lent: Vec<Lent> = earlier.iter().map(|before| before.lends_to(plan)).collect();
    let judged = |(file, text): &(String, String), bytes: &[u8], before: Option<(&Earlier, &Lent)>| {
        let (file, of_run) = (file.clone(), before.map(|(before, _)| before.run.clone()));
        let key = match signer(text, bytes, NAMESPACE) {
            Ok(key) => key,
            Err(bad) => return Given { file, of_run, key: None, by: Err(bad.to_string()) },
        };
        let person = signers.person(&key, NAMESPACE, now).map_err(|not| not.to_string());
        let by = person.and_then(|person| match (unknown, initiates(&person)) {
            (Some(name), _) => Err(format!(
                "nobody is known by the name `{name}`, who made or applies the plan: `people` in approvals.yaml says who that \
                 is, or `{NOBODY}`"
            )),
            (None, true) => Err("whoever made or applies the plan does not count".to_owned()),
            (None, false) => before.map_or(Ok(()), |(before, lent)| before.counts(&person, lent)).map(|()| person),
        });
        Given { file, of_run, key: Some(key.fingerprint(HashAlg::Sha256).to_string()), by }
    };
    let bytes = canonical_bytes(plan);
    let mut given: Vec<Given> = signatures.iter().map(|one| judged(one, &bytes, None)).collect();
    for (before, lent) in earlier.iter().zip(&lent) {
        let bytes = canonical_bytes(&before.plan);
        given.extend(before.signatures.iter().map(|one| judged(one, &bytes, Some((before, lent)))));
    }
    let signed: BTreeSet<&Person> = given.iter().filter_map(|one| one.by.as_ref().ok()).collect();
    let met = |rule: &Rule| {
        let group = approvers.groups.get(&rule.of).cloned().unwrap_or_default();
        // One name stands for a person, whichever of the names the group has.
        let of_group = |person: &Person| group.iter().find(|name| person.contains(&name.to_lowercase())).cloned();
        let have: BTreeSet<String> = signed.iter().filter_map(|person| of_group(person)).collect();
        let people = signers.people(NAMESPACE, now);
        let may = people.iter().filter(|person| !signed.contains(person) && !initiates(person));
        Met { at_least: rule.at_least, signed: have, may: may.filter_map(of_group).collect() }
    };
    let rules = approvers.rules.iter().map(|(name, rule)| (name.clone(), met(rule))).collect();
    Approvals { given, rules, lent }
}

impl Approvers {
    /// What no signature could ever meet, or what nobody would have to sign for.
    pub fn mistakes(&self) -> Vec<String> {
        let of = |(name, rule): (&String, &Rule)| match self.groups.get(&rule.of) {
            None => Some(format!("rule `{name}` asks for group `{}`, and there is no such group", rule.of)),
            Some(_) if rule.at_least == 0 => Some(format!("rule `{name}` asks for nobody: `at_least` is 1 or more")),
            Some(group) if group.len() < rule.at_least => Some(format!(
                "rule `{name}` asks for {} people of group `{}`, which has {}",
                rule.at_least,
                rule.of,
                group.len()
            )),
            Some(_) => None,
        };
        self.rules.iter().filter_map(of).collect()
    }

    /// Whether a name of AWS, a session's or a user's, is that of a person.
    fn is_of(&self, person: &Person, name: &str) -> bool {
        let listed = self.people.get(name).map(|name| name.to_lowercase());
        person.iter().any(|one| {
            Some(one) == listed.as_ref()
                || one.eq_ignore_ascii_case(name)
                || one.split('@').next().is_some_and(|local| local.eq_ignore_ascii_case(name))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_nobody_or_everybody_meets_is_a_mistake() {
        let text = r#"{"groups": {"leads": ["ana", "kai"]}, "rules": {
            "sound": {"of": "leads", "at_least": 2}, "none": {"of": "leads", "at_least": 0},
            "many": {"of": "leads", "at_least": 3}, "stray": {"of": "owners", "at_least": 1}}}"#;
        let approvers: Approvers = serde_json::from_str(text).expect("approvers");
        let mistakes = approvers.mistakes();
        assert_eq!(mistakes.len(), 3, "{mistakes:?}");
        assert!(mistakes.iter().all(|mistake| !mistake.contains("`sound`")), "{mistakes:?}");
    }
}
