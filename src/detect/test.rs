//! What a pattern asks of one value.

use std::net::IpAddr;

use ipnet::IpNet;

use super::decimal::Decimal;
use super::scalar::Scalar;
use super::wildcard::Wildcard;

/// One alternative of a leaf.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Exactly(Scalar),
    Prefix(String),
    Suffix(String),
    /// The same, whatever the case of either: folded.
    FoldedPrefix(String),
    FoldedSuffix(String),
    Folded(String),
    Wildcard(Wildcard),
    /// All of these hold.
    Numeric(Vec<(Comparison, Decimal)>),
    Cidr(IpNet),
    /// There is a value.
    Exists,
    /// None of these holds.
    Neither(Vec<Test>),
}

/// How a number compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl Comparison {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "=" => Self::Equal,
            ">" => Self::Above,
            ">=" => Self::AtLeast,
            "<" => Self::Below,
            "<=" => Self::AtMost,
            _ => return None,
        })
    }

    fn holds(self, value: &Decimal, than: &Decimal) -> bool {
        match self {
            Self::Equal => value == than,
            Self::Above => value > than,
            Self::AtLeast => value >= than,
            Self::Below => value < than,
            Self::AtMost => value <= than,
        }
    }
}

/// A text without its case.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase()
}

impl Test {
    pub(super) fn holds(&self, value: &Scalar) -> bool {
        let text = value.text();
        match self {
            Self::Exactly(expected) => value == expected,
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix.as_str())),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix.as_str())),
            Self::FoldedPrefix(prefix) => text.is_some_and(|text| folded(text).starts_with(prefix.as_str())),
            Self::FoldedSuffix(suffix) => text.is_some_and(|text| folded(text).ends_with(suffix.as_str())),
            Self::Folded(expected) => text.is_some_and(|text| folded(text) == *expected),
            Self::Wildcard(wildcard) => text.is_some_and(|text| wildcard.matches(text)),
            Self::Numeric(all) => match value {
                Scalar::Number(number) => all.iter().all(|(comparison, than)| comparison.holds(number, than)),
                Scalar::Null | Scalar::Bool(_) | Scalar::Text(_) => false,
            },
            Self::Cidr(range) => {
                text.and_then(|text| text.parse::<IpAddr>().ok()).is_some_and(|ip| range.contains(&ip))
            }
            Self::Exists => true,
            Self::Neither(all) => !all.iter().any(|one| one.holds(value)),
        }
    }
}
