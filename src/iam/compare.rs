//! One value of a policy against one value of the request.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::context::Context;
use super::date::read_date;
use super::operator::{Comparison, Operator};
use super::pattern::{NoPattern, Pattern, Reading};
use super::truth::{Doubt, Truth};

/// Whether the value of the request passes, negation aside. `variables` as in [`Reading`].
pub(super) fn passes(operator: Operator, wanted: &str, found: &str, variables: Option<&Context>) -> Truth {
    let on_pattern = |wildcards, test: &dyn Fn(&Pattern) -> bool| {
        match Pattern::read(wanted, Reading { wildcards, variables }) {
            Ok(pattern) => test(&pattern).into(),
            // AWS says only that nothing is equal to a variable without a value, not what a negation makes of it.
            Err(NoPattern::NoValue) if operator.negated => not_comparable(wanted),
            Err(NoPattern::NoValue) => Truth::No,
            Err(NoPattern::Doubt(doubt)) => Truth::doubt(doubt),
        }
    };
    match operator.comparison {
        Comparison::Text => on_pattern(false, &|pattern| pattern.matches(found)),
        Comparison::TextIgnoringCase => on_pattern(false, &|pattern| pattern.matches_ignoring_case(found)),
        Comparison::TextLike => on_pattern(true, &|pattern| pattern.matches(found)),
        Comparison::Arn => on_pattern(true, &|pattern| arn_matches(&pattern.arn_parts(), found)),
        Comparison::Bool => on_pattern(false, &|pattern| {
            ["true", "false"].iter().any(|word| found.eq_ignore_ascii_case(word) && pattern.matches_ignoring_case(word))
        }),
        Comparison::Date(order) => match (read_date(wanted), read_date(found)) {
            (Some(wanted), Some(found)) => order.passes(found.cmp(&wanted)).into(),
            (None, _) => not_comparable(wanted),
            (_, None) => not_comparable(found),
        },
        Comparison::Number(order) => match (number(wanted), number(found)) {
            (Some(wanted), Some(found)) => order.passes(found.total_cmp(&wanted)).into(),
            (None, _) => not_comparable(wanted),
            (_, None) => not_comparable(found),
        },
        Comparison::Address => match (read_network(wanted), found.parse::<IpAddr>()) {
            (Some(network), Ok(address)) => is_within(address, network).into(),
            (None, _) => not_comparable(wanted),
            (_, Err(_)) => not_comparable(found),
        },
        Comparison::Binary => match (STANDARD.decode(wanted), STANDARD.decode(found)) {
            (Ok(wanted), Ok(found)) => (wanted == found).into(),
            (Err(_), _) => not_comparable(wanted),
            (_, Err(_)) => not_comparable(found),
        },
        // Presence is decided before any value is looked at.
        Comparison::Presence => not_comparable(wanted),
    }
}

fn not_comparable(value: &str) -> Truth {
    Truth::doubt(Doubt::Value(value.to_owned()))
}

/// Whether a text is an ARN whose six parts match, each for itself: a `*` never reaches over a colon, save in the last.
pub(super) fn arn_matches(wanted: &[Pattern], text: &str) -> bool {
    let found: Vec<&str> = text.splitn(6, ':').collect();
    wanted.len() == 6 && found.len() == 6 && wanted.iter().zip(found).all(|(wanted, found)| wanted.matches(found))
}

fn number(text: &str) -> Option<f64> {
    // `-0` and `0` are one number, but not to `total_cmp`.
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number + 0.0)
}

fn read_network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
    (bits <= most).then_some((address, bits))
}

fn is_within(address: IpAddr, (network, bits): (IpAddr, u32)) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (u128::from(address.to_bits()), u128::from(network.to_bits()), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    (address ^ network).checked_shr(width - bits).unwrap_or(0) == 0
}
