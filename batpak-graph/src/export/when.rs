//! Times as text, in UTC.

use jiff::Timestamp;

/// The time in RFC 3339, as `2011-09-30T22:38:44.546Z`; `None` beyond the years -9999 to 9999.
pub(crate) fn rfc3339(time_us: i64) -> Option<String> {
    Timestamp::from_microsecond(time_us).ok().map(|time| time.to_string())
}

/// Date and time of day; the bare number where there is no date.
pub(crate) fn second(time_us: i64) -> String {
    formatted(time_us, "%Y-%m-%d %H:%M:%S")
}

/// The date alone.
pub(crate) fn date(time_us: i64) -> String {
    formatted(time_us, "%Y-%m-%d")
}

/// The time of day alone.
pub(crate) fn time_of_day(time_us: i64) -> String {
    formatted(time_us, "%H:%M:%S")
}

fn formatted(time_us: i64, format: &str) -> String {
    match Timestamp::from_microsecond(time_us) {
        Ok(time) => time.strftime(format).to_string(),
        Err(_) => format!("{time_us} µs"),
    }
}
