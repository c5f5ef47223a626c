//! Timestamps as the protocols write them.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Number, Value};

use super::table::TimestampFormat;

/// The form of the `Date` header (RFC 9110).
pub(super) fn http_date(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads a timestamp in either form of JSON: RFC 3339 text, or seconds since 1970.
pub(super) fn from_json(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => from_text(text),
        Value::Number(number) => {
            let seconds = number.as_f64()?;
            let millis = (seconds * 1000.0).round();
            // Further away than this a float cannot tell milliseconds apart, and no service takes such a time.
            (millis.abs() < 9e15).then(|| Timestamp::from_millisecond(millis as i64).ok())?
        }
        _ => None,
    }
}

/// Reads a timestamp in a text, as forms, paths and headers carry it.
pub(super) fn from_text(text: &str) -> Option<Timestamp> {
    match text.parse::<f64>() {
        Ok(seconds) => from_json(&Value::Number(Number::from_f64(seconds)?)),
        Err(_) => text.parse().ok(),
    }
}

/// Writes a timestamp: whole seconds unless it has a fraction.
pub(super) fn to_json(time: Timestamp, format: TimestampFormat) -> Value {
    match format {
        TimestampFormat::Iso8601 => Value::String(time.to_string()),
        TimestampFormat::UnixTimestamp if time.as_millisecond() % 1000 == 0 => time.as_second().into(),
        TimestampFormat::UnixTimestamp => {
            Number::from_f64(time.as_millisecond() as f64 / 1000.0).map_or(Value::Null, Value::Number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_written() {
        let time: Timestamp = "2026-11-22T03:00:00Z".parse().expect("a timestamp");
        assert_eq!(from_json(&Value::from(1_795_316_400)), Some(time));
        assert_eq!(from_text("2026-11-22T04:00:00+01:00"), Some(time));
        assert_eq!(from_text("1795316400"), Some(time));
        assert_eq!(from_text("yesterday"), None);
        assert_eq!(from_json(&Value::from(1e300)), None);
        assert_eq!(to_json(time, TimestampFormat::UnixTimestamp), Value::from(1_795_316_400));
        assert_eq!(to_json(time, TimestampFormat::Iso8601), Value::from("2026-11-22T03:00:00Z"));
        assert_eq!(http_date(time), "Sun, 22 Nov 2026 03:00:00 GMT");
    }
}
