//! Numbers by their value, however they are written.

use std::cmp::Ordering;
use std::fmt;

/// A number of a JSON text: `300`, `3e2` and `300.0` are the same one, and no digit is lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Decimal {
    negative: bool,
    /// The digits behind the point of `0.digits`, without zeros at either end; none for zero.
    digits: String,
    /// Times ten to this.
    exponent: i64,
}

impl Decimal {
    /// Reads a number as JSON writes it; nothing where its exponent is beyond all measure.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, power) = match text.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.strip_prefix('+').unwrap_or(power).parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        let leading = all.len() - digits.len();
        let digits = digits.trim_end_matches('0');
        if digits.is_empty() {
            return Some(Self { negative: false, digits: String::new(), exponent: 0 });
        }
        let places = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()?;
        Some(Self { negative, digits: digits.to_owned(), exponent: power.checked_add(places)? })
    }

    /// Compares how far two numbers are from zero.
    fn magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

/// As people write it, and with an exponent where that would take many zeros.
impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST_ZEROS: usize = 20;
        let sign = if self.negative { "-" } else { "" };
        let digits = self.digits.as_str();
        let places = usize::try_from(self.exponent.unsigned_abs()).unwrap_or(usize::MAX);
        match (digits.is_empty(), self.exponent > 0) {
            (true, _) => out.write_str("0"),
            (_, true) if places < digits.len() => write!(out, "{sign}{}.{}", &digits[..places], &digits[places..]),
            (_, true) if places - digits.len() <= MOST_ZEROS => {
                write!(out, "{sign}{digits}{}", "0".repeat(places - digits.len()))
            }
            (_, false) if places <= MOST_ZEROS => write!(out, "{sign}0.{}{digits}", "0".repeat(places)),
            _ => write!(out, "{sign}0.{digits}e{}", self.exponent),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).expect("a number")
    }

    #[test]
    fn a_number_is_its_value() {
        for same in [["300", "3e2"], ["300.0", "0.3E+3"], ["0", "-0.00e9"], ["-12.50", "-1.25e1"], ["0.001", "1e-3"]] {
            assert_eq!(number(same[0]), number(same[1]), "{same:?}");
        }
        assert_ne!(number("9007199254740993"), number("9007199254740992"));
        assert!(number("1e400") > number("1e399") && number("-1e400") < number("-1e399"));
        assert_eq!(Decimal::parse("1e99999999999999999999"), None);
    }

    #[test]
    fn it_is_written_as_people_write_it() {
        for (text, written) in [
            ("300", "300"),
            ("3e2", "300"),
            ("-12.50", "-12.5"),
            ("1e-3", "0.001"),
            ("-0.0", "0"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("-5e400", "-0.5e401"),
            ("5e-400", "0.5e-399"),
        ] {
            assert_eq!(number(text).to_string(), written);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_the_number(text in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?(e[+-]?[0-9]{1,3})?") {
            prop_assert_eq!(number(&number(&text).to_string()), number(&text));
        }

        #[test]
        fn they_are_in_the_order_of_numbers(one in -1_000_000_i64..1_000_000, two in -1_000_000_i64..1_000_000, places in 0_u32..6) {
            let text = |value: i64| format!("{value}e-{places}");
            prop_assert_eq!(number(&text(one)).cmp(&number(&text(two))), one.cmp(&two));
        }
    }
}
