//! What the guardrails say of a plan.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::base::Digest;
use crate::journal::World;
use crate::plan::Plan;

/// Who would apply a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// A person.
    Commander,
    /// A detection, and nobody looks at it before.
    Automation,
    /// `quell rehearse`, in a range.
    Rehearsal,
}

impl Who {
    /// Everybody.
    pub const ALL: [Self; 3] = [Self::Commander, Self::Automation, Self::Rehearsal];

    /// The name of the type in Cedar.
    pub(super) fn cedar(self) -> &'static str {
        match self {
            Self::Commander => "Commander",
            Self::Automation => "Automation",
            Self::Rehearsal => "Rehearsal",
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Commander => "a person",
            Self::Automation => "unattended",
            Self::Rehearsal => "a rehearsal",
        }
    }
}

/// Why something is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reason {
    /// The guardrail: its `@id`, or its file and number.
    pub guardrail: String,
    /// What it says: its `@reason`.
    pub why: String,
    /// The calls that it forbids, as `operation on target`.
    pub calls: BTreeSet<String>,
}

/// Nobody else can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SaidHere;

/// What the guardrails say of a plan, for one who would apply it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The plan.
    pub plan: Digest,
    /// Who would apply it.
    pub who: Who,
    /// Whether it is allowed with what was approved.
    pub allowed: bool,
    /// The smallest set of approvals with which it is allowed; nothing where no approval helps.
    pub needs: Option<BTreeSet<String>>,
    /// The approvals that were given.
    pub given: BTreeSet<String>,
    /// Whether it is applied by one signature and a reason.
    pub break_glass: bool,
    /// What forbids it below that.
    pub reasons: Vec<Reason>,
    /// Only this room says what is allowed.
    #[serde(skip)]
    pub(super) said_here: SaidHere,
}

/// What others than whoever applies a plan say of it: the guardrails, and the people who have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearance {
    /// The guardrails.
    pub verdict: Verdict,
    /// Who has signed, of those who count.
    pub signed: BTreeSet<String>,
    /// The digest of all that it was judged by: signers, rules, settings and policies.
    pub rules: Option<Digest>,
    /// Why it is applied with one signature, if it is.
    pub break_glass: Option<String>,
}

impl Clearance {
    /// What a plan for a range needs that nobody but a test applies: nothing. Nothing where the plan is for AWS.
    pub fn in_range(plan: &Plan) -> Option<Self> {
        let verdict = Verdict {
            plan: plan.digest(),
            who: Who::Rehearsal,
            allowed: true,
            needs: Some(BTreeSet::new()),
            given: BTreeSet::new(),
            break_glass: false,
            reasons: Vec::new(),
            said_here: SaidHere,
        };
        (plan.world == World::Range).then(|| verdict.into())
    }
}

impl From<Verdict> for Clearance {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, signed: BTreeSet::new(), rules: None, break_glass: None }
    }
}

impl Verdict {
    /// The approvals that are missing; nothing where none would help.
    pub fn missing(&self) -> Option<BTreeSet<String>> {
        Some(self.needs.as_ref()?.difference(&self.given).cloned().collect())
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.allowed, self.missing()) {
            (true, _) => return out.write_str("the guardrails allow the plan"),
            (false, None) => out.write_str("the guardrails forbid the plan, whoever approves it: ")?,
            (false, Some(missing)) => {
                let missing: Vec<String> = missing.into_iter().map(|one| format!("`{one}`")).collect();
                write!(out, "the plan needs the approval {}: ", missing.join(" and "))?;
            }
        }
        let reasons: Vec<&str> = self.reasons.iter().map(|reason| reason.why.as_str()).collect();
        out.write_str(&reasons.join("; "))
    }
}
