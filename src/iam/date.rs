//! Dates as IAM conditions write them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};

/// Reads an ISO 8601 date or date and time with its offset, or seconds since 1970.
pub(super) fn read_date(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let date: Date = text.parse().ok().filter(|_| text.len() == 10)?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Writes a time as `2026-11-22T03:00:00Z`. A fraction of a second is rounded up, so that a cut-off never covers less
/// than was asked for.
pub(super) fn write_date(time: Timestamp) -> String {
    let up = jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Ceil);
    time.round(up).unwrap_or(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_dates() {
        let time = read_date("2026-11-22T03:00:00Z");
        assert!(time.is_some());
        for text in ["2026-11-22T03:00:00.000Z", "2026-11-22T04:00:00+01:00", "1795316400", "2026-11-22T03:00Z"] {
            assert_eq!(read_date(text), time, "{text}");
        }
        assert_eq!(read_date("2026-11-22"), read_date("2026-11-22T00:00:00Z"));
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "${aws:CurrentTime}", "2026-11-22T03:00:00"] {
            assert_eq!(read_date(text), None, "{text}");
        }
        assert_eq!(write_date("2026-11-22T03:00:00.001Z".parse().expect("a time")), "2026-11-22T03:00:01Z");
    }
}
