//! Whether a statement has something whose order is free: a list of IN, or rows.
//!
//! The runtime says what exactly; this only says where it might.

/// Whether a parenthesis follows IN or VALUES.
pub fn may_have_free_order(sql: &str) -> bool {
    let bytes = sql.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'(').any(|(index, _)| {
        let before = bytes[..index].trim_ascii_end();
        let word = before
            .rsplit(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
            .next()
            .unwrap_or_default();
        word.eq_ignore_ascii_case(b"in") || word.eq_ignore_ascii_case(b"values")
    })
}

#[cfg(test)]
mod tests {
    use super::may_have_free_order;

    #[test]
    fn lists_and_rows_are_found_however_they_are_written() {
        for sql in ["x IN (%s, %s)", "x not in\n (%s)", "INSERT INTO t VALUES(%s)", "IN("] {
            assert!(may_have_free_order(sql), "{sql}");
        }
        for sql in ["", "f(x)", "min (%s)", "IN", "x IN y (1)", "my_values (%s)", "é(ü)"] {
            assert!(!may_have_free_order(sql), "{sql}");
        }
    }
}
