//! Numbers for people.

use std::time::Duration;

/// `262,200`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 event`, `2 events`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// `512 B`, `1.5 MiB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if number < 1024 {
        return format!("{number} B");
    }
    // Loses digits that are not shown.
    let mut value = number as f64 / 1024.0;
    let mut unit = "KiB";
    for larger in UNITS.iter().skip(1) {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = larger;
    }
    format!("{value:.1} {unit}")
}

/// `85 µs`, `1.2 ms`, `3.4 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds >= 1.0 {
        format!("{seconds:.1} s")
    } else if seconds >= 1e-3 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{:.0} µs", seconds * 1e6)
    }
}

/// How many a second; 0 if no time went by.
pub fn rate(count: u64, duration: Duration) -> u64 {
    let micros = duration.as_micros().max(1);
    u64::try_from(u128::from(count).saturating_mul(1_000_000) / micros).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_counted() {
        assert_eq!(
            ["0", "999", "1,000", "262,200", "1,234,567"],
            [0, 999, 1000, 262_200, 1_234_567].map(grouped).each_ref().map(String::as_str)
        );
        assert_eq!((counted(1, "event").as_str(), counted(2, "event").as_str()), ("1 event", "2 events"));
    }

    #[test]
    fn sizes_and_durations_have_units() {
        assert_eq!(
            ["0 B", "1023 B", "1.0 KiB", "1.5 MiB"],
            [0, 1023, 1024, 1_572_864].map(bytes).each_ref().map(String::as_str)
        );
        assert_eq!(bytes(u64::MAX), "16384.0 PiB");
        assert_eq!(duration(Duration::from_micros(85)), "85 µs");
        assert_eq!(duration(Duration::from_millis(3400)), "3.4 s");
        assert_eq!(rate(500, Duration::from_millis(500)), 1000);
    }
}
