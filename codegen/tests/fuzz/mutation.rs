//! The ways in which an input is broken.
//!
//! Some know JSON, as what does not parse never reaches the code behind the
//! reader; others only know bytes.

use crate::corpus::Input;
use crate::random::Random;

/// Texts that try to be something else where they end up.
const HOSTILE: &[&str] = &[
    "",
    "'''",
    "\"\"\"",
    "r\"\"\"",
    "a\"\"\"b",
    "\"\"\"; import os; r\"\"\"x",
    "\"\"\" + __import__('os').name + \"\"\" ",
    "x\"",
    "x'",
    "x\\",
    "\\",
    "\\\"\"\"",
    "a\nb",
    "a\r\nb\rc",
    "\n\nimport os\n",
    "\0",
    "{{ 7 * 7 }}",
    "{% for x in y %}",
    "#: endfor",
    "#: for x in y",
    "__import__('os').system('true')",
    "\"\"\"\n__import__('os')\n\"\"\"",
    "\\N{BULLET}",
    "\\x41\\u0041",
    "{x}",
    "\u{2028}\u{2029}\u{85}",
    "\u{feff}",
    "\u{202e}\u{200b}",
    "\u{10ffff}\u{e000}",
    "🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉",
    "../../etc/passwd",
    "/absolute",
    "con",
    "__init__",
    "start-up",
    "start_up",
    "*",
    "**a**b**",
    "t",
    "infinity",
    "2020-01-02",
    "select 1",
    "é",
];

/// Pieces of JSON and TOML that stand in the place of others.
const PIECES: &[&str] = &[
    "null",
    "true",
    "[]",
    "{}",
    "[[",
    "]]",
    "{\"",
    "\":",
    ",",
    "0",
    "-1",
    "1.5",
    "1e400",
    "NaN",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "{\"bytes\":\"AA==\"}",
    "{\"dict\":[[1,2]]}",
    "{\"subclass\":[\"a.B\",{}]}",
    "{\"float\":\"nan\"}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "\r",
    "\n",
    "\0",
    "\u{feff}",
    "=",
    "\"python\"",
    "\"binary\"",
    "\"text\"",
];

/// The keys of texts that are emitted each as a literal.
const LITERALS: &[&str] = &["\"sql\":", "\"name\":"];

/// Breaks an input in up to eight places.
pub fn mutate(input: &mut Input, donor: &Input, random: &mut Random) {
    let times = 1 + random.below(8) * random.below(2);
    for _ in 0..times {
        let index = random.below(input.len());
        let bytes = &mut input[index].1;
        match random.below(12) {
            0 => flip(bytes, random),
            1 => drop(remove(bytes, random)),
            2 => insert(bytes, random.choose(PIECES).as_bytes(), random),
            3 => insert(bytes, random.choose(HOSTILE).as_bytes(), random),
            4 => bytes.truncate(random.below(bytes.len() + 1)),
            5 => lines(bytes, donor, random),
            6 | 7 => number(bytes, random),
            _ => text(bytes, random),
        }
    }
}

fn flip(bytes: &mut [u8], random: &mut Random) {
    if !bytes.is_empty() {
        let place = random.below(bytes.len());
        bytes[place] = u8::try_from(random.below(256)).unwrap_or(0);
    }
}

fn remove(bytes: &mut Vec<u8>, random: &mut Random) -> Vec<u8> {
    let start = random.below(bytes.len() + 1);
    let end = (start + random.below(30)).min(bytes.len());
    bytes.drain(start..end).collect()
}

fn insert(bytes: &mut Vec<u8>, piece: &[u8], random: &mut Random) {
    let place = random.below(bytes.len() + 1);
    bytes.splice(place..place, piece.iter().copied());
}

/// Repeats, removes or swaps lines, or takes one of another input.
fn lines(bytes: &mut Vec<u8>, donor: &Input, random: &mut Random) {
    let own = std::mem::take(bytes);
    let mut lines: Vec<&[u8]> = own.split_inclusive(|byte| *byte == b'\n').collect();
    let one = random.below(lines.len());
    let other = random.below(lines.len());
    let foreign = &random.choose(donor).1;
    match random.below(4) {
        _ if lines.is_empty() => {}
        0 => lines.insert(one, lines[other]),
        1 => drop(lines.remove(one)),
        2 => lines.swap(one, other),
        _ => {
            let foreign: Vec<&[u8]> = foreign.split_inclusive(|byte| *byte == b'\n').collect();
            if !foreign.is_empty() {
                lines.insert(other, foreign[random.below(foreign.len())]);
            }
        }
    }
    *bytes = lines.concat();
}

/// Replaces a number; ids are small, so half of the new ones are, too.
fn number(bytes: &mut Vec<u8>, random: &mut Random) {
    let starts: Vec<usize> = (1..bytes.len())
        .filter(|&at| bytes[at].is_ascii_digit() && b":,[".contains(&bytes[at - 1]))
        .collect();
    if starts.is_empty() {
        return;
    }
    let start = *random.choose(&starts);
    let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let new = if random.below(2) == 0 {
        random.below(6).to_string()
    } else {
        (*random.choose(PIECES)).to_owned()
    };
    bytes.splice(start..start + length, new.bytes());
}

/// Replaces a JSON string, mostly by one that is a JSON string as well.
fn text(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut strings = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'"' {
            at += 1;
            continue;
        }
        let start = at;
        at += 1;
        while at < bytes.len() && bytes[at] != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        at = (at + 1).min(bytes.len());
        strings.push(start..at);
    }
    // Few strings become literals of their own, so these are chosen more often.
    let named = |range: &std::ops::Range<usize>| {
        LITERALS.iter().any(|key| bytes[..range.start].ends_with(key.as_bytes()))
    };
    if random.below(3) == 0 && strings.iter().any(named) {
        strings.retain(named);
    }
    if strings.is_empty() {
        return;
    }
    let range = random.choose(&strings).clone();
    let hostile = *random.choose(HOSTILE);
    let new = match random.below(10) {
        0 => format!("\"{hostile}\""),
        1 => serde_json::json!(hostile.repeat(random.below(200))).to_string(),
        2 => {
            let old = String::from_utf8_lossy(&bytes[range.clone()]).into_owned();
            let old: String = serde_json::from_str(&old).unwrap_or_default();
            let place = random.below(old.chars().count() + 1);
            let (before, after): (String, String) =
                (old.chars().take(place).collect(), old.chars().skip(place).collect());
            serde_json::json!(format!("{before}{hostile}{after}")).to_string()
        }
        _ => serde_json::json!(hostile).to_string(),
    };
    bytes.splice(range, new.bytes());
}
