//! Moments, and the window of time in which a recording was made.
//!
//! Knows no time zones: a moment without an offset may be local anywhere.

/// A minute, in microseconds.
const MINUTE: i64 = 60 * 1_000_000;
/// Offsets of time zones are whole quarters of an hour, from -12:00 to +14:00.
const QUARTER: i64 = 15 * MINUTE;
const WESTMOST: i64 = -12 * 4;
const EASTMOST: i64 = 14 * 4;

/// From a minute before a recording began, as an application may look at its clock
/// before it connects, to its end. In microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    start: i64,
    end: i64,
}

impl Window {
    /// Of the moments at which a recording began and ended, as ISO texts.
    pub fn of(began: &str, ended: &str) -> Option<Self> {
        let (began, ended) = (Moment::of(began)?, Moment::of(ended)?);
        Some(Self { start: began.utc()? - MINUTE, end: ended.utc()? })
    }

    /// Whether a moment lies in it.
    pub fn has(&self, moment: &str) -> bool {
        let Some(moment) = Moment::of(moment) else { return false };
        let is_within = |utc: i64| self.start <= utc && utc <= self.end;
        match moment.utc() {
            Some(utc) => is_within(utc),
            None => {
                (WESTMOST..=EASTMOST).any(|quarters| is_within(moment.local - quarters * QUARTER))
            }
        }
    }
}

/// Whether an ISO text is a moment that there was or will be.
pub fn is_moment(text: &str) -> bool {
    Moment::of(text).is_some()
}

/// Of an ISO text.
struct Moment {
    /// As on the clocks where it was taken.
    local: i64,
    offset: Option<i64>,
}

impl Moment {
    /// `2026-11-23T20:47:39.817353+00:00`, and shorter forms of it.
    fn of(text: &str) -> Option<Self> {
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute) = (number(11, 13)?, number(14, 16)?);
        let rest = text.get(16..)?;
        let clock_end = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
        let (clock, zone) = rest.split_at(clock_end);
        let (second, micro) = match clock.strip_prefix(':') {
            None if clock.is_empty() => (0, 0),
            None => return None,
            Some(clock) => {
                let (second, fraction) = clock.split_once('.').unwrap_or((clock, ""));
                let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
                (second.parse().ok()?, digits.parse().ok()?)
            }
        };
        let is_clock = (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && (1..=days_of(year, month)?).contains(&day);
        if !is_clock || year == 0 {
            return None;
        }
        let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
        Some(Self { local: seconds * 1_000_000 + micro, offset: offset_of(zone)? })
    }

    fn utc(&self) -> Option<i64> {
        self.offset.map(|offset| self.local - offset)
    }
}

/// None if it is not one; Some(None) if there is none.
#[allow(clippy::option_option, reason = "no offset is no fault")]
fn offset_of(zone: &str) -> Option<Option<i64>> {
    match zone {
        "" => return Some(None),
        "Z" => return Some(Some(0)),
        _ => {}
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: String = zone[1..].chars().filter(char::is_ascii_digit).collect();
    let number = |from: usize| digits.get(from..from + 2).map_or(Some(0), |two| two.parse().ok());
    let (hours, minutes, seconds): (i64, i64, i64) = (number(0)?, number(2)?, number(4)?);
    let is_offset = hours < 24 && minutes < 60 && seconds < 60;
    is_offset.then_some(Some(sign * ((hours * 60 + minutes) * 60 + seconds) * 1_000_000))
}

fn days_of(year: i64, month: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(28 + i64::from(is_leap)),
        _ => None,
    }
}

/// In the proleptic Gregorian calendar; years begin in March, so that leap days end them.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::{Window, days_since_1970, is_moment};

    #[test]
    fn days_are_counted_over_leap_years() {
        assert_eq!(days_since_1970(1970, 1, 1), 0);
        assert_eq!(days_since_1970(2000, 3, 1), 11_017);
        assert_eq!(days_since_1970(2024, 2, 29), 19_782);
        assert_eq!(days_since_1970(1900, 3, 1) - days_since_1970(1900, 2, 28), 1);
    }

    #[test]
    fn a_moment_lies_in_the_window_wherever_its_clock_hangs() {
        let window = Window::of("2026-11-23T23:44:37.141476+00:00", "2026-11-23T23:45:00+00:00")
            .expect("a window");
        for moment in [
            "2026-11-23T23:44:37.141476+00:00",
            "2026-11-24 05:14:40+05:30",
            "2026-11-24T05:14:40",
            "2026-11-23T23:44:59Z",
            "2026-11-23 15:44:58.5",
        ] {
            assert!(window.has(moment), "{moment}");
        }
        for moment in [
            "2026-11-23T23:43:00+00:00",
            "2026-11-23T23:46:00+00:00",
            "2026-11-23T23:05:40",
            "2026-11-25T23:44:40",
            "2999-12-31T00:00:00Z",
        ] {
            assert!(!window.has(moment), "{moment}");
        }
    }

    #[test]
    fn what_no_calendar_has_is_no_moment() {
        for text in
            ["2026-02-29T00:00:00", "2026-13-01 00:00", "2026-01-01T24:00:00", "0000-01-01 00:00"]
        {
            assert!(!is_moment(text), "{text}");
        }
        assert!(is_moment("2024-02-29 00:00:00.1234567+05:30"));
    }
}
