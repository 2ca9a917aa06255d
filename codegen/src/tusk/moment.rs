//! Dates, times and intervals as Python's `isoformat` writes them → as PostgreSQL
//! prints them with `DateStyle` ISO and `IntervalStyle` postgres.
//!
//! Knows no time zones: an offset stays as it is.

const SECONDS_A_DAY: i128 = 24 * 60 * 60;
const MICROSECONDS: i128 = 1_000_000;

/// `1990-05-15`.
pub fn date(iso: &str) -> Option<String> {
    is_date(iso).then(|| iso.to_owned())
}

/// `08:30:00.500000` → `08:30:00.5`.
pub fn time(iso: &str) -> Option<String> {
    let (clock, offset) = split_offset(iso);
    offset.is_none().then(|| clock_text(clock)).flatten()
}

/// `08:30:00+02:00` → `08:30:00+02`.
pub fn timetz(iso: &str) -> Option<String> {
    let (clock, offset) = split_offset(iso);
    Some(clock_text(clock)? + &offset_text(offset?)?)
}

/// `2026-11-23T20:43:47.398000` → `2026-11-23 20:43:47.398`.
pub fn timestamp(iso: &str) -> Option<String> {
    let (date, clock) = iso.split_once('T')?;
    is_date(date).then(|| Some(format!("{date} {}", time(clock)?))).flatten()
}

/// `2026-11-23T20:43:47+00:00` → `2026-11-23 20:43:47+00`.
pub fn timestamptz(iso: &str) -> Option<String> {
    let (date, clock) = iso.split_once('T')?;
    is_date(date).then(|| Some(format!("{date} {}", timetz(clock)?))).flatten()
}

/// Days, and microseconds that have the same sign, of `timedelta.total_seconds()`.
pub fn days_and_microseconds(spelled: &str) -> Option<(i128, i128)> {
    let seconds: f64 = spelled.parse().ok()?;
    let total = (seconds * 1e6).round();
    if !total.is_finite() || total.abs() > 1e23 {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "bounded above")]
    let total = total as i128;
    let day = SECONDS_A_DAY * MICROSECONDS;
    Some((total / day, total % day))
}

/// `9000.0` → `02:30:00`, `-90000.5` → `-1 days -01:00:00.5`.
pub fn interval(spelled: &str) -> Option<String> {
    let (days, rest) = days_and_microseconds(spelled)?;
    let mut words = Vec::new();
    if days != 0 {
        words.push(format!("{days} {}", if days == 1 { "day" } else { "days" }));
    }
    if rest != 0 || days == 0 {
        let sign = if rest < 0 { "-" } else { "" };
        let (seconds, fraction) = (rest.abs() / MICROSECONDS, rest.abs() % MICROSECONDS);
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let clock = format!("{sign}{:02}:{:02}:{seconds:02}", minutes / 60, minutes % 60);
        words.push(clock + &fraction_text(&format!("{fraction:06}")));
    }
    Some(words.join(" "))
}

/// A moment in nanoseconds since the epoch, for people.
pub fn utc(nanoseconds: i128) -> String {
    let seconds = nanoseconds.div_euclid(1_000_000_000);
    let micros = nanoseconds.rem_euclid(1_000_000_000) / 1000;
    let (days, rest) = (seconds.div_euclid(SECONDS_A_DAY), seconds.rem_euclid(SECONDS_A_DAY));
    // Days since 0000-03-01 of eras of 400 years: the leap day ends each of its years.
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let march = (5 * day + 2) / 153;
    let day = day - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = year + era * 400 + i128::from(month <= 2);
    let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{micros:06}+00:00")
}

fn is_date(text: &str) -> bool {
    matches_shape(text, "dddd-dd-dd")
}

/// `isoformat` leaves out what is zero at the end only of the fraction.
fn clock_text(text: &str) -> Option<String> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    if !matches_shape(clock, "dd:dd:dd") {
        return None;
    }
    match fraction {
        None => Some(clock.to_owned()),
        Some(digits) if matches_shape(digits, "dddddd") => {
            Some(format!("{clock}{}", fraction_text(digits)))
        }
        Some(_) => None,
    }
}

fn fraction_text(digits: &str) -> String {
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() { String::new() } else { format!(".{digits}") }
}

fn split_offset(clock: &str) -> (&str, Option<&str>) {
    match clock.find(['+', '-']) {
        Some(at) => (&clock[..at], Some(&clock[at..])),
        None => (clock, None),
    }
}

/// The server leaves out what is zero at the end.
fn offset_text(offset: &str) -> Option<String> {
    let digits = &offset[1..];
    let valid = matches_shape(digits, "dd:dd") || matches_shape(digits, "dd:dd:dd");
    let short = offset.strip_suffix(":00").unwrap_or(offset);
    let shorter =
        if digits.len() == 8 { short.strip_suffix(":00").unwrap_or(short) } else { short };
    valid.then(|| shorter.to_owned())
}

/// `d` stands for a digit, anything else for itself.
fn matches_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            _ => byte == wanted,
        })
}

#[cfg(test)]
mod tests {
    use super::{interval, time, timestamp, timestamptz, timetz, utc};

    #[test]
    fn moments_lose_what_the_server_does_not_print() {
        assert_eq!(time("08:30:00").as_deref(), Some("08:30:00"));
        assert_eq!(time("08:30:00.500000").as_deref(), Some("08:30:00.5"));
        assert_eq!(timetz("08:30:00-05:30").as_deref(), Some("08:30:00-05:30"));
        assert_eq!(timetz("08:30:00+01:02:03").as_deref(), Some("08:30:00+01:02:03"));
        let naive = timestamp("2026-11-23T20:43:47.398818");
        assert_eq!(naive.as_deref(), Some("2026-11-23 20:43:47.398818"));
        let aware = timestamptz("0001-01-01T00:00:00+00:00");
        assert_eq!(aware.as_deref(), Some("0001-01-01 00:00:00+00"));
    }

    #[test]
    fn a_moment_of_another_type_is_refused() {
        assert_eq!(time("08:30:00+00:00"), None);
        assert_eq!(timestamp("2026-11-23T20:43:47+00:00"), None);
        assert_eq!(timestamptz("2026-11-23T20:43:47"), None);
        for wrong in ["", "T", "2026-11-23", "2026-11-23 20:43:47", "2026-11-23T20:43", "é-11-23T"]
        {
            assert_eq!(timestamp(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nanoseconds_are_a_moment_of_utc() {
        assert_eq!(utc(0), "1970-01-01T00:00:00.000000+00:00");
        assert_eq!(utc(951_782_400_000_000_000), "2000-02-29T00:00:00.000000+00:00");
        assert_eq!(utc(1_795_466_858_691_797_206), "2026-11-23T20:47:38.691797+00:00");
    }

    #[test]
    fn intervals_are_days_and_a_clock() {
        let cases = [
            ("9000.0", "02:30:00"),
            ("0.0", "00:00:00"),
            ("86400.0", "1 day"),
            ("-90000.5", "-1 days -01:00:00.5"),
            ("172800.000001", "2 days 00:00:00.000001"),
            ("-0.25", "-00:00:00.25"),
        ];
        for (seconds, server) in cases {
            assert_eq!(interval(seconds).as_deref(), Some(server), "{seconds}");
        }
        assert_eq!(interval("1e300"), None);
        assert_eq!(interval("NaN"), None);
    }
}
