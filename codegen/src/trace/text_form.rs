//! What the text of a cell can look like, for the types where that is certain.
//!
//! Decodes nothing. Accepts whatever a server may write in any of its settings:
//! where a setting shapes the text (`DateStyle`, `bytea_output`), each of its
//! forms passes, as a statement may change it for itself alone, unreported.

/// What is known of the text of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextForm {
    /// Nothing.
    Any,
    /// `t` or `f`.
    Bool,
    /// A decimal number between these two.
    Integer(i64, i64),
    /// A decimal number, an infinity or `NaN`.
    Number,
    /// 32 hexadecimal digits in five groups.
    Uuid,
    /// `\x` and pairs of hexadecimal digits, or the older escapes.
    Bytea,
    /// In any `DateStyle`; an infinity, BC and years past 9999 included.
    Date,
    /// `24:00:00` included.
    Time,
    /// The same with an offset.
    Timetz,
    /// In any `DateStyle`.
    Timestamp,
    /// In any `DateStyle`, with an offset or the abbreviation of a zone.
    Timestamptz,
}

impl TextForm {
    /// Whether a server may have written this text for the type.
    pub fn fits(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        match self {
            Self::Any => true,
            Self::Bool => matches!(bytes, b"t" | b"f"),
            Self::Integer(least, most) => is_integer(text, least, most),
            Self::Number => is_number(text),
            Self::Uuid => is_uuid(bytes),
            Self::Bytea => is_bytea(bytes),
            Self::Date => is_infinity(bytes) || date(before_christ(bytes)) == Some(b""),
            Self::Time => time(bytes) == Some(b""),
            Self::Timetz => time(bytes).is_some_and(is_offset),
            Self::Timestamp => is_timestamp(bytes, <[u8]>::is_empty),
            Self::Timestamptz => {
                is_timestamp(bytes, |zone| is_offset(zone) || (zone.len() > 1 && zone[0] == b' '))
            }
        }
    }
}

fn is_integer(text: &str, least: i64, most: i64) -> bool {
    // `parse` allows a plus sign, which no server writes.
    !text.starts_with('+')
        && text.parse::<i64>().is_ok_and(|number| least <= number && number <= most)
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let whole = digits(unsigned);
    let plain = match &unsigned[whole..] {
        [] => whole > 0,
        [b'.', fraction @ ..] => whole > 0 && digits(fraction) == fraction.len(),
        _ => false,
    };
    // Exponents, NaN and the infinities are rare enough for the slow way.
    plain || text.parse::<f64>().is_ok()
}

fn is_uuid(text: &[u8]) -> bool {
    let mut groups = text.split(|byte| *byte == b'-');
    let hexadecimal = |group: &[u8]| group.iter().all(u8::is_ascii_hexdigit);
    [8, 4, 4, 4, 12].iter().all(|length| {
        groups.next().is_some_and(|group| group.len() == *length && hexadecimal(group))
    }) && groups.next().is_none()
}

fn is_bytea(text: &[u8]) -> bool {
    if let Some(hex) = text.strip_prefix(b"\\x") {
        return hex.len().is_multiple_of(2) && hex.iter().all(u8::is_ascii_hexdigit);
    }
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return true,
            [b'\\', b'\\', rest @ ..]
            | [b'\\', b'0'..=b'3', b'0'..=b'7', b'0'..=b'7', rest @ ..] => rest,
            [b'\\', ..] => return false,
            [_, rest @ ..] => rest,
        };
    }
}

fn is_infinity(text: &[u8]) -> bool {
    matches!(text, b"infinity" | b"-infinity")
}

fn before_christ(text: &[u8]) -> &[u8] {
    text.strip_suffix(b" BC").unwrap_or(text)
}

fn is_timestamp(text: &[u8], is_zone: impl Fn(&[u8]) -> bool) -> bool {
    const DAYS: [&[u8]; 7] = [b"Mon ", b"Tue ", b"Wed ", b"Thu ", b"Fri ", b"Sat ", b"Sun "];
    if is_infinity(text) {
        return true;
    }
    let text = before_christ(text);
    match date(text) {
        Some([b' ', rest @ ..]) => time(rest).is_some_and(is_zone),
        // DateStyle Postgres writes names of days and months, the year last.
        _ => DAYS.iter().any(|day| text.starts_with(day)),
    }
}

/// What follows a date: `2020-01-31`, or with the year last `31.01.2020`,
/// `01/31/2020`, `01-31-2020`, `31-JAN-20`.
fn date(text: &[u8]) -> Option<&[u8]> {
    let (first, rest) = text.split_at(digits(text));
    let (&separator, rest) = rest.split_first()?;
    let named = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (second, rest) = rest.split_at(if named == 0 { digits(rest) } else { named });
    let rest = rest.strip_prefix(&[separator])?;
    let (third, rest) = rest.split_at(digits(rest));
    let fits = match (first.len(), second.len(), third.len()) {
        (4.., 2, 2) => separator == b'-' && is_within(second, 1, 12) && is_within(third, 1, 31),
        (2, 2, 4..) => {
            let day_and_month = |day, month| is_within(day, 1, 31) && is_within(month, 1, 12);
            b"-/.".contains(&separator)
                && (day_and_month(first, second) || day_and_month(second, first))
        }
        (2, 3, 2..) => named == 3 && is_within(first, 1, 31),
        _ => false,
    };
    fits.then_some(rest)
}

/// What follows a time: `10:20:30.5`.
fn time(text: &[u8]) -> Option<&[u8]> {
    let (clock, rest) = text.split_at_checked("00:00:00".len())?;
    let [hour, minute, second] = [&clock[..2], &clock[3..5], &clock[6..]];
    let fits = clock[2] == b':'
        && clock[5] == b':'
        && is_within(hour, 0, 24)
        && is_within(minute, 0, 59)
        && is_within(second, 0, 60);
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => match digits(fraction) {
            0 => return None,
            length => &fraction[length..],
        },
        None => rest,
    };
    fits.then_some(rest)
}

/// `+02`, `-05:30`, `+00:53:28`.
fn is_offset(text: &[u8]) -> bool {
    let [b'+' | b'-', rest @ ..] = text else { return false };
    let mut parts = rest.split(|byte| *byte == b':');
    parts.clone().count() <= 3 && parts.all(|part| part.len() == 2 && digits(part) == 2)
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Of two characters.
fn is_within(text: &[u8], least: u8, most: u8) -> bool {
    match text {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            (least..=most).contains(&((tens - b'0') * 10 + (ones - b'0')))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::TextForm;

    const INT2: TextForm = TextForm::Integer(-32768, 32767);

    #[test]
    fn what_servers_write_passes() {
        let written: &[(TextForm, &[&str])] = &[
            (TextForm::Bool, &["t", "f"]),
            (INT2, &["0", "-32768", "32767"]),
            (TextForm::Integer(i64::MIN, i64::MAX), &["-9223372036854775808"]),
            (
                TextForm::Number,
                &["0", "-0", "1.50", "1e+300", "5e-324", "NaN", "Infinity", "-Infinity", "+Inf"],
            ),
            (TextForm::Uuid, &["12345678-1234-5678-1234-56781234abCD"]),
            (TextForm::Bytea, &["\\x", "\\x00ff", "", "a\\000\\377\\\\x", "text"]),
            (
                TextForm::Date,
                &[
                    "2020-01-31",
                    "0044-03-15 BC",
                    "10000-01-01",
                    "infinity",
                    "-infinity",
                    "31.01.2020",
                    "31/01/2020",
                    "01/31/2020",
                    "01-31-12020",
                    "31-01-0044 BC",
                    "31-JAN-20",
                ],
            ),
            (TextForm::Time, &["00:00:00", "23:59:59.999999", "24:00:00"]),
            (TextForm::Timetz, &["10:20:30+00", "10:20:30.5-05:30", "10:20:30+00:53:28"]),
            (
                TextForm::Timestamp,
                &[
                    "2020-01-02 03:04:05.678",
                    "294276-12-31 23:59:59",
                    "4713-01-01 00:00:00 BC",
                    "infinity",
                    "02/01/2020 03:04:05",
                    "02.01.2020 03:04:05.678 BC",
                    "Thu Jan 02 03:04:05.678 2020",
                    "Thu 02 Jan 03:04:05 2020 BC",
                ],
            ),
            (
                TextForm::Timestamptz,
                &[
                    "2020-01-02 03:04:05+00",
                    "2020-01-02 03:04:05.678-05:30",
                    "1890-01-01 00:00:00+00:53:28 BC",
                    "02.01.2020 03:04:05 CET",
                    "01/02/2020 03:04:05 +0530",
                    "Thu Jan 02 03:04:05 2020 <+0530>",
                    "-infinity",
                ],
            ),
        ];
        for (form, texts) in written {
            for text in *texts {
                assert!(form.fits(text), "{form:?} {text}");
            }
        }
    }

    #[test]
    fn what_no_server_writes_does_not() {
        let never: &[(TextForm, &[&str])] = &[
            (TextForm::Bool, &["", "true", "T", "1"]),
            (INT2, &["", "x", "32768", "+1", "1.0", " 1", "1_0", "99999999999999999999"]),
            (TextForm::Number, &["", "-", "1,5", "1.5.", "abc", "1e", "0x10"]),
            (TextForm::Uuid, &["", "12345678123456781234567812345678"]),
            (TextForm::Bytea, &["\\x0", "\\xzz", "a\\", "\\400", "\\12"]),
            (
                TextForm::Date,
                &["", "now", "2020-13-01", "2020-01-32", "2020/01/31", "31.13.2020", "2020-01-31x"],
            ),
            (TextForm::Time, &["", "1:2:3", "25:00:00", "10:60:00", "10:20:30.", "10:20:30+00"]),
            (TextForm::Timetz, &["10:20:30", "10:20:30 CET", "10:20:30+0:1"]),
            (TextForm::Timestamp, &["", "2020-01-02", "2020-01-02T03:04:05", "soon"]),
            (TextForm::Timestamptz, &["2020-01-02 03:04:05", "2020-01-02 03:04:05 ", "é"]),
        ];
        for (form, texts) in never {
            for text in *texts {
                assert!(!form.fits(text), "{form:?} {text}");
            }
        }
    }
}
