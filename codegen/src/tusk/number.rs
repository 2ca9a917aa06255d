//! Numbers as Python spells them → as PostgreSQL prints them.
//!
//! Checks no range of a type; see `value`.

/// PostgreSQL's bounds of `numeric`: digits before and after the point.
const LONGEST: usize = 131_072 + 16_383;

/// The text of an integer.
pub fn integer(spelled: &str) -> Option<String> {
    let digits = spelled.strip_prefix('-').unwrap_or(spelled);
    let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| spelled.to_owned())
}

/// The text of a `float4` or `float8`, of which the server prints the shortest digits,
/// with an exponent from `10^precision` on (`FLT_DIG` or `DBL_DIG`) and below `10^-4`.
pub fn float(spelled: &str, precision: i32) -> Option<String> {
    if matches!(spelled, "NaN" | "Infinity" | "-Infinity") {
        return Some(spelled.to_owned());
    }
    let value: f64 = spelled.parse().ok()?;
    if value.is_infinite() {
        return None;
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    if (-4..precision).contains(&exponent) {
        return Some(format!("{value}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs()))
}

/// The text of a `numeric`, which has no exponent: `1E-8` is `0.00000001`.
pub fn numeric(spelled: &str) -> Option<String> {
    if matches!(spelled, "NaN" | "Infinity" | "-Infinity") {
        return Some(spelled.to_owned());
    }
    let unsigned = spelled.strip_prefix('-').unwrap_or(spelled);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Where the point stands, counted from the first digit.
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let length = i64::try_from(LONGEST).ok()?;
    if !(-length..=length).contains(&point) {
        return None;
    }
    let text = if point <= 0 {
        let zeros = usize::try_from(-point).ok()?;
        format!("0.{}{digits}", "0".repeat(zeros))
    } else {
        let point = usize::try_from(point).ok()?;
        if point >= digits.len() {
            format!("{digits}{}", "0".repeat(point - digits.len()))
        } else {
            format!("{}.{}", &digits[..point], &digits[point..])
        }
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if unsigned.len() < spelled.len() { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::{float, integer, numeric};

    #[test]
    fn floats_are_laid_out_as_the_server_does() {
        let cases = [
            ("1.0", "1"),
            ("-0.0", "-0"),
            ("0.1", "0.1"),
            ("1e-05", "1e-05"),
            ("0.0001", "0.0001"),
            ("1e+16", "1e+16"),
            ("1000000000000000.0", "1e+15"),
            ("123456789012345.0", "123456789012345"),
            ("1.7976931348623157e+308", "1.7976931348623157e+308"),
            ("5e-324", "5e-324"),
            ("NaN", "NaN"),
        ];
        for (python, server) in cases {
            assert_eq!(float(python, 15).as_deref(), Some(server), "{python}");
        }
        assert_eq!(float("1000000.0", 6).as_deref(), Some("1e+06"));
        assert_eq!(float("1e999", 15), None);
    }

    #[test]
    fn numerics_have_no_exponent() {
        let cases = [
            ("1E-8", "0.00000001"),
            ("-1.50E-3", "-0.00150"),
            ("123.45", "123.45"),
            ("1.5E+3", "1500"),
            ("0E-2", "0.00"),
            ("0.00", "0.00"),
            ("NaN", "NaN"),
        ];
        for (python, server) in cases {
            assert_eq!(numeric(python).as_deref(), Some(server), "{python}");
        }
        for wrong in ["", "-", "1E", "1E99999999999", "1E999999999", "abc", "1.2.3"] {
            assert_eq!(numeric(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn integers_keep_all_digits() {
        assert_eq!(integer("-9223372036854775808").as_deref(), Some("-9223372036854775808"));
        assert_eq!(integer("1.0"), None);
        assert_eq!(integer("NaN"), None);
    }
}
