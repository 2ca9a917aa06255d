//! UUIDs and moments, read byte by byte: every parameter is looked through for them.
//!
//! Judges nothing but their form.

/// Where a UUID that begins here ends; without `bare`, one with all its hyphens.
pub fn uuid_end(text: &[u8], start: usize, bare: bool) -> Option<usize> {
    let mut at = eat(text, start, b"xxxxxxxx")?;
    for group in [&b"xxxx"[..], b"xxxx", b"xxxx", b"xxxxxxxxxxxx"] {
        match text.get(at) {
            Some(b'-') => at += 1,
            _ if bare => {}
            _ => return None,
        }
        at = eat(text, at, group)?;
    }
    Some(at)
}

/// Where an ISO moment that begins here ends.
pub fn moment_end(text: &[u8], start: usize) -> Option<usize> {
    let date = eat(text, start, b"dddd-dd-dd")?;
    if !matches!(text.get(date), Some(b'T' | b' ')) {
        return None;
    }
    let mut at = eat(text, date + 1, b"dd:dd")?;
    if let Some(seconds) = eat(text, at, b":dd") {
        at = seconds;
        if text.get(at) == Some(&b'.') {
            let digits = text[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            at += if digits == 0 { 0 } else { digits + 1 };
        }
    }
    match text.get(at) {
        Some(b'Z') => return Some(at + 1),
        Some(b'+' | b'-') => {}
        _ => return Some(at),
    }
    let Some(mut zone) = eat(text, at + 1, b"dd") else { return Some(at) };
    for _ in 0..2 {
        let more = eat(text, zone, b":dd").or_else(|| eat(text, zone, b"dd"));
        zone = more.unwrap_or(zone);
    }
    Some(zone)
}

/// The end of what looks like the model, in which `d` is a digit and `x` a hexadecimal one.
fn eat(text: &[u8], start: usize, model: &[u8]) -> Option<usize> {
    let end = start + model.len();
    let found = text.get(start..end)?;
    let fits = |(byte, model): (&u8, &u8)| match model {
        b'd' => byte.is_ascii_digit(),
        b'x' => byte.is_ascii_hexdigit(),
        literal => byte == literal,
    };
    found.iter().zip(model).all(fits).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::{moment_end, uuid_end};

    #[test]
    fn a_uuid_has_its_hyphens_or_may_lack_them() {
        let text = b"3f2a9c1e-1111-4222-8333-444455556666x";
        assert_eq!(uuid_end(text, 0, false), Some(36));
        assert_eq!(uuid_end(text, 1, false), None);
        assert_eq!(uuid_end(b"3f2a9c1e111142228333444455556666", 0, true), Some(32));
        assert_eq!(uuid_end(b"3f2a9c1e111142228333444455556666", 0, false), None);
    }

    #[test]
    fn a_moment_ends_where_nothing_of_it_follows() {
        for (text, length) in [
            ("2026-01-02T03:04:05.678+05:30!", 29),
            ("2026-01-02 03:04:05.x", 19),
            ("2026-01-02 03:04:05+", 19),
            ("2026-01-02 03:04:05+0530", 24),
            ("2026-01-02 03:04:05-05:30:15:00", 28),
            ("2026-01-02 03:04Z5", 17),
        ] {
            assert_eq!(moment_end(text.as_bytes(), 0), Some(length), "{text}");
        }
        assert_eq!(moment_end(b"2026-01-02", 0), None);
    }
}
