//! Times as RFC 3339, in UTC.

use batpak::{Hlc, ValidTime};
use jiff::Timestamp;

/// To the microsecond: `2011-09-30T22:38:44.546000Z`. A time past the year 9999 is written in microseconds.
pub fn micros(valid_at: ValidTime) -> String {
    match Timestamp::from_microsecond(valid_at.micros()) {
        Ok(time) => format!("{time:.6}"),
        Err(_) => format!("{}us", valid_at.micros()),
    }
}

/// To the second: `2011-09-30T22:38:44Z`.
pub fn seconds(valid_at: ValidTime) -> String {
    match Timestamp::from_microsecond(valid_at.micros()) {
        Ok(time) => format!("{time:.0}"),
        Err(_) => format!("{}us", valid_at.micros()),
    }
}

/// The wall time of a clock reading.
pub fn wall(recorded_at: Hlc) -> ValidTime {
    ValidTime::new(i64::try_from(recorded_at.wall_us).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_fixed_number_of_digits() {
        assert_eq!(micros(ValidTime::new(1_317_422_324_546_000)), "2011-09-30T22:38:44.546000Z");
        assert_eq!(seconds(ValidTime::new(1_317_422_324_546_000)), "2011-09-30T22:38:44Z");
        assert_eq!(micros(ValidTime::new(-1)), "1969-12-31T23:59:59.999999Z");
        assert_eq!(micros(ValidTime::new(i64::MAX)), "9223372036854775807us");
    }
}
