//! Shows where two texts differ, for people.
//!
//! Does not decide whether they may.

use serde::de::IgnoredAny;
use similar::{ChangeTag, TextDiff};

/// Lines of context around a change, and how long a diff may be before it is cut.
const CONTEXT: usize = 3;
const LONGEST: usize = 40;

/// The lines that differ, with some context, `-` recorded and `+` now.
pub fn lines(recorded: &str, now: &str) -> String {
    let diff = TextDiff::from_lines(recorded, now);
    let mut shown: Vec<String> = Vec::new();
    for (number, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if number > 0 {
            shown.push("…".to_owned());
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            shown.push(format!("{sign} {}", change.value().trim_end_matches('\n')));
        }
    }
    if shown.len() > LONGEST {
        let more = shown.len() - LONGEST;
        shown.truncate(LONGEST);
        shown.push(format!("… {more} more lines"));
    }
    shown.join("\n")
}

/// Two bodies that are not equal: the first difference, then a diff, JSON laid out line by line.
pub fn bodies(recorded: &[u8], now: &[u8]) -> String {
    let place = recorded.iter().zip(now).take_while(|(before, after)| before == after).count();
    let title = format!("body differs at byte {place} (- recorded, + now)");
    let texts = (std::str::from_utf8(recorded), std::str::from_utf8(now));
    let (Ok(before), Ok(after)) = texts else {
        return format!(
            "{title}\n- {}\n+ {}",
            hexadecimal(recorded, place),
            hexadecimal(now, place)
        );
    };
    let (laid_out_before, laid_out_after) = (laid_out(before), laid_out(after));
    if laid_out_before == laid_out_after {
        // Only white space between the tokens, which the layout hides.
        return format!("{title}\n- {before}\n+ {after}");
    }
    format!("{title}\n{}", lines(&laid_out_before, &laid_out_after))
}

/// The bytes around a place.
fn hexadecimal(bytes: &[u8], place: usize) -> String {
    let end = (place + 16).min(bytes.len());
    let start = place.saturating_sub(16).min(end);
    let shown: Vec<String> = bytes[start..end].iter().map(|byte| format!("{byte:02x}")).collect();
    shown.join(" ")
}

/// JSON with one member a line, every token as it was; other text as it is.
fn laid_out(text: &str) -> String {
    if serde_json::from_str::<IgnoredAny>(text).is_err() {
        return text.to_owned();
    }
    let mut out = String::new();
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for character in text.chars() {
        if in_string {
            out.push(character);
            in_string = escaped || character != '"';
            escaped = character == '\\' && !escaped;
            continue;
        }
        match character {
            '{' | '[' => {
                depth += 1;
                out.push(character);
                break_line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                // Nothing between the brackets: they stay together.
                let emptied = out.trim_end().ends_with(['{', '[']);
                out.truncate(out.trim_end().len());
                if !emptied {
                    break_line(&mut out, depth);
                }
                out.push(character);
            }
            ',' => {
                out.push(character);
                break_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            white if white.is_ascii_whitespace() => {}
            other => {
                in_string = other == '"';
                out.push(other);
            }
        }
    }
    out
}

fn break_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_compared_member_by_member_in_its_own_order() {
        let text = bodies(
            br#"{"id":1,"name":"a\"]{","tags":[1, 2],"none":{}}"#,
            br#"{"id":1,"name":"a\"]{","tags":[1, 3],"none":{}}"#,
        );
        let expected = "body differs at byte 34 (- recorded, + now)\n    \"name\": \"a\\\"]{\",\n    \
            \"tags\": [\n      1,\n-     2\n+     3\n    ],\n    \"none\": {}\n  }";
        assert_eq!(text, expected);
        assert!(bodies(br#"{"a":1,"b":2}"#, br#"{"b":2,"a":1}"#).contains("-   \"a\": 1,"));
    }

    #[test]
    fn white_space_alone_is_shown_as_it_is() {
        let text = bodies(b"[1,2]", b"[1, 2]");
        assert_eq!(text, "body differs at byte 3 (- recorded, + now)\n- [1,2]\n+ [1, 2]");
    }

    #[test]
    fn what_is_no_text_is_shown_in_hexadecimal() {
        assert_eq!(
            bodies(&[0xff, 1], &[0xff, 2]),
            "body differs at byte 1 (- recorded, + now)\n- ff 01\n+ ff 02"
        );
    }

    #[test]
    fn a_long_diff_is_cut() {
        let before: Vec<String> = (0..200).map(|number| format!("{number}")).collect();
        let after: Vec<String> = (1000..1200).map(|number| format!("{number}")).collect();
        let text = lines(&before.join("\n"), &after.join("\n"));
        assert_eq!(text.lines().count(), LONGEST + 1);
        assert!(text.ends_with("… 360 more lines"));
    }
}
