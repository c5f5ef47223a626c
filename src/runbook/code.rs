//! The stable codes of findings.

use std::fmt;

use serde::{Serialize, Serializer};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look; the runbook works.
    Warning,
    /// The runbook is refused.
    Error,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $variant:ident = $code:literal, $severity:ident;)*) => {
        /// What is wrong, as a code that never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as it is written.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// One sentence on what the code stands for.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*).trim_ascii()),* }
            }

            /// How much it weighs.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity),* }
            }
        }
    };
}

codes! {
    /// There is no such runbook, or its file cannot be read.
    Unreadable = "unreadable", Error;
    /// The text is not one YAML document.
    NotYaml = "not-yaml", Error;
    /// The text is larger than 1 MiB.
    TooLarge = "too-large", Error;
    /// The text nests deeper than 32 levels.
    TooDeep = "too-deep", Error;
    /// The text holds more than 300,000 values, aliases expanded.
    TooManyNodes = "too-many-nodes", Error;
    /// The text uses more than 1,000 aliases.
    TooManyAliases = "too-many-aliases", Error;
    /// A value has a YAML tag; runbooks use none.
    UnknownTag = "unknown-tag", Error;
    /// A mapping has the same key twice.
    DuplicateKey = "duplicate-key", Error;
    /// A mapping has a field that it does not know.
    UnknownField = "unknown-field", Error;
    /// A field that must be there is not.
    MissingField = "missing-field", Error;
    /// A field does not belong to this kind of step.
    MisplacedField = "misplaced-field", Error;
    /// A value has the wrong type.
    WrongType = "wrong-type", Error;
    /// A value has the right type, but is not one that can stand here.
    InvalidValue = "invalid-value", Error;
    /// Something that the format keeps for a later version.
    NotYet = "not-yet", Error;
    /// There is no such action.
    UnknownAction = "unknown-action", Error;
    /// There is no such query.
    UnknownQuery = "unknown-query", Error;
    /// There is no such runbook.
    UnknownRunbook = "unknown-runbook", Error;
    /// The runbook has no such parameter.
    UnknownParameter = "unknown-parameter", Error;
    /// The runbook has no such step.
    UnknownStep = "unknown-step", Error;
    /// Two steps have the same id.
    DuplicateId = "duplicate-id", Error;
    /// A required member of `with` is not there, or may have no value.
    MissingInput = "missing-input", Error;
    /// A member of `with` is not what the action or query takes.
    BadInput = "bad-input", Error;
    /// An expression does not parse.
    ExpressionSyntax = "expression-syntax", Error;
    /// An expression uses more of CEL than runbooks may.
    ExpressionSubset = "expression-subset", Error;
    /// An expression has the wrong type.
    ExpressionType = "expression-type", Error;
    /// An expression that depends on nothing, or on the time alone, has no value.
    ExpressionValue = "expression-value", Error;
    /// Text is pasted around an expression where an id, an ARN or another exact value is expected.
    PastedValue = "pasted-value", Error;
    /// Steps wait for each other in a circle.
    Cycle = "cycle", Error;
    /// The order of two steps contradicts the order that AWS or containment demands.
    ContradictsAws = "contradicts-aws", Error;
    /// A step needs or follows one of a later phase.
    PhaseOrder = "phase-order", Error;
    /// A step of the phase `contain` destroys something for good.
    DestroysInContain = "destroys-in-contain", Error;
    /// A step can never run: its condition is constantly false, its list constantly empty, or a step it needs never runs.
    Unreachable = "unreachable", Error;
    /// An event pattern is none that AWS takes.
    BadPattern = "bad-pattern", Error;
    /// A guardrail does not parse, or speaks of what there is not.
    BadGuardrail = "bad-guardrail", Error;
    /// A list names the same thing twice.
    Repeated = "repeated", Warning;
    /// A parameter is never used.
    UnusedParameter = "unused-parameter", Warning;
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_described() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code}");
            assert!(code.description().ends_with('.'), "{code}");
        }
    }
}
