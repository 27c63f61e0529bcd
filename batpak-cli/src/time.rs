//! The times of other systems.

use batpak_core::ValidTime;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Numbers below this are seconds (until the year 5138), others are milliseconds (from March 1973).
const MILLISECONDS_FROM: i64 = 100_000_000_000;
/// Numbers from here on are neither: milliseconds would be past the year 5138.
const NEITHER_FROM: i64 = MILLISECONDS_FROM * 1000;

/// Reads RFC 3339, or a number of seconds or milliseconds since the Unix epoch, with or without a fraction.
///
/// Which of the two a number is, its size tells; the same holds for times before 1970.
///
/// # Errors
/// What is wrong, as a sentence without its subject.
pub fn parse(text: &str) -> Result<ValidTime, String> {
    if text.starts_with(|first: char| first.is_ascii_digit() || first == '-') && !text.contains([':', 'T', 't', ' ']) {
        return parse_number(text);
    }
    match text.parse::<Timestamp>() {
        Ok(time) => Ok(ValidTime::new(time.as_microsecond())),
        Err(_) => Err("is no time: RFC 3339 with an offset, as in `2011-10-01T00:38:44.546+02:00`, or Unix seconds or milliseconds".to_owned()),
    }
}

/// As [`parse`], and also a date, or a date and a time, which are then meant in UTC: for what people type.
///
/// # Errors
/// What is wrong, as a sentence without its subject.
pub fn parse_loosely(text: &str) -> Result<ValidTime, String> {
    let in_utc = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    parse(text).or_else(|error| in_utc().map(|time| ValidTime::new(time.as_microsecond())).ok_or(error))
}

fn parse_number(text: &str) -> Result<ValidTime, String> {
    let bad = || "is no number of seconds or milliseconds".to_owned();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    let whole: i64 = whole.parse().map_err(|_| bad())?;
    let unit_micros = match whole {
        0..MILLISECONDS_FROM => 1_000_000,
        MILLISECONDS_FROM..NEITHER_FROM => 1_000,
        _ => return Err("is too large for Unix seconds or milliseconds".to_owned()),
    };
    // Digits past the microsecond are cut off.
    let mut rest = 0;
    let mut digit_micros = unit_micros / 10;
    for digit in fraction.bytes() {
        rest += i64::from(digit - b'0') * digit_micros;
        digit_micros /= 10;
    }
    let micros = whole.saturating_mul(unit_micros).saturating_add(rest);
    Ok(ValidTime::new(if negative { -micros } else { micros }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Option<i64> {
        parse(text).ok().map(ValidTime::micros)
    }

    #[test]
    fn rfc_3339_needs_an_offset() {
        assert_eq!(micros("2011-10-01T00:38:44.546+02:00"), Some(1_317_422_324_546_000));
        assert_eq!(micros("2011-09-30T22:38:44.546Z"), Some(1_317_422_324_546_000));
        assert_eq!(micros("2011-10-01T00:38:44"), None);
        assert_eq!(micros("2011-13-01T00:38:44Z"), None);
        assert_eq!(micros("yesterday"), None);
        assert_eq!(micros(""), None);
    }

    #[test]
    fn people_may_leave_the_offset_and_the_time_out() {
        let loosely = |text: &str| parse_loosely(text).ok().map(ValidTime::micros);
        assert_eq!(loosely("2011-10-01"), Some(1_317_427_200_000_000));
        assert_eq!(loosely("2011-10-01T00:38:44"), Some(1_317_429_524_000_000));
        assert_eq!(loosely("2011-10-01T00:38:44.546+02:00"), Some(1_317_422_324_546_000));
        assert_eq!(loosely("1112911993"), Some(1_112_911_993_000_000));
        assert_eq!(loosely("yesterday"), None);
    }

    #[test]
    fn the_size_of_a_number_tells_seconds_from_milliseconds() {
        assert_eq!(micros("1112911993"), Some(1_112_911_993_000_000));
        assert_eq!(micros("1112911993000"), Some(1_112_911_993_000_000));
        assert_eq!(micros("1112911993.25"), Some(1_112_911_993_250_000));
        assert_eq!(micros("1112911993000.0017"), Some(1_112_911_993_000_001));
        assert_eq!(micros("-1.5"), Some(-1_500_000));
        assert_eq!(micros("0"), Some(0));
        for bad in ["1112911993000000", "1e9", "1.", "-", "1.-5", "+1", "99999999999999999999"] {
            assert_eq!(micros(bad), None, "{bad}");
        }
    }
}
