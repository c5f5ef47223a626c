//! Durations as people write them: `90s`, `15m`, `24h`, `1h30m`, `7d`.

use std::time::Duration;

/// A text that is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a duration (such as `90s`, `15m`, `24h` or `1h30m`)")]
pub struct DurationError {
    /// The text as it was given.
    pub text: String,
}

/// Reads a duration: one or more whole numbers, each with a unit out of `ms`, `s`, `m`, `h` and `d`.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let bad = || DurationError { text: text.to_owned() };
    let mut total = Duration::ZERO;
    let mut rest = text;
    if rest.is_empty() {
        return Err(bad());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().map_err(|_| bad())?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let millis = match &rest[..letters] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(bad()),
        };
        rest = &rest[letters..];
        let part = Duration::from_millis(number.checked_mul(millis).ok_or_else(bad)?);
        total = total.checked_add(part).ok_or_else(bad)?;
    }
    Ok(total)
}

/// Writes a duration the way [`parse_duration`] reads it, to the second, or to the millisecond below one second.
pub fn format_duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds == 0 {
        return match time.as_millis() {
            0 => "0s".to_owned(),
            millis => format!("{millis}ms"),
        };
    }
    let parts = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_come_back_as_they_went() {
        for text in ["90s", "15m", "1h30m", "7d", "24h", "36h", "250ms"] {
            let read = parse_duration(text).expect(text);
            assert_eq!(parse_duration(&format_duration(read)), Ok(read), "{text}");
        }
        assert_eq!(format_duration(Duration::from_secs(90_061)), "1d1h1m1s");
        for text in ["", "5", "h", "5 m", "-1s", "1.5h", "99999999999999999999s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
