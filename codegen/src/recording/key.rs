//! The key by which exchanges are told apart, and whether two are the same.
//!
//! The runtime computes keys of its own; this one only has to tell apart what
//! that one tells apart.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::value::RawValue;

use super::{ExchangeRecord, NewsRecord, ResultRecord};
use crate::plan::VolatileName;
use crate::trace::Operation;

/// Operation, text, mode of the transaction and parameters.
pub fn of(exchange: &ExchangeRecord<'_>) -> String {
    let mut key = String::from(exchange.operation.as_str());
    key.push('\0');
    key.push_str(exchange.sql.as_deref().unwrap_or_default());
    key.push('\0');
    key.push_str(exchange.transaction.as_deref().unwrap_or_default());
    key.push('\0');
    key.push_str(&parameters(exchange, false));
    key
}

/// The part of a key that the parameters are, or only that there are some if any of
/// them is `volatile`: then exchanges are matched in their order, whatever these are.
pub fn parameters<'a>(exchange: &ExchangeRecord<'a>, volatile: bool) -> Cow<'a, str> {
    match exchange.parameters {
        None => Cow::Borrowed(""),
        Some(_) if volatile => Cow::Borrowed("volatile"),
        // The order of the sets is free.
        Some(sets) if exchange.operation == Operation::Executemany => {
            let sets: Vec<&RawValue> = serde_json::from_str(sets.get()).unwrap_or_default();
            let mut sets: Vec<_> = sets.iter().map(|each| canonical(each.get())).collect();
            sets.sort();
            Cow::Owned(sets.join("\n"))
        }
        Some(parameters) => canonical(parameters.get()),
    }
}

/// The parameters without those at the `volatile` positions of each set, which go to
/// `differing`.
pub fn without(
    exchange: &ExchangeRecord<'_>,
    volatile: &[VolatileName],
    differing: &mut Vec<String>,
) -> String {
    let Some(parameters) = exchange.parameters else { return String::new() };
    if volatile.is_empty() {
        return self::parameters(exchange, false).into_owned();
    }
    let mut sets: Vec<&RawValue> = vec![parameters];
    if exchange.operation == Operation::Executemany {
        sets = serde_json::from_str(parameters.get()).unwrap_or_default();
    }
    let mut texts = Vec::new();
    for set in sets {
        let mut kept = String::new();
        for (name, value) in named(set.get()) {
            let value = canonical(value.get()).into_owned();
            if volatile.contains(&name) {
                differing.push(value);
            } else {
                // Writing into a String cannot fail.
                let _ = write!(kept, "{name:?}={value},");
            }
        }
        texts.push(kept);
    }
    texts.sort();
    texts.join("\n")
}

fn named(json: &str) -> Vec<(VolatileName, &RawValue)> {
    if let Ok(map) = serde_json::from_str::<BTreeMap<String, &RawValue>>(json) {
        return map.into_iter().map(|(name, value)| (VolatileName::Name(name), value)).collect();
    }
    let list: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
    let position = |(position, value)| (VolatileName::Position(position), value);
    list.into_iter().enumerate().map(position).collect()
}

/// Whether two exchanges of one key have equal parameters, equal outcomes, and
/// left the transaction in the same status.
pub fn same_outcome(one: &ExchangeRecord<'_>, other: &ExchangeRecord<'_>) -> bool {
    one.status == other.status
        && text(one.parameters) == text(other.parameters)
        && text(one.error) == text(other.error)
        && text(one.notices) == text(other.notices)
        && text(one.server_parameters) == text(other.server_parameters)
        && text(one.out_parameters) == text(other.out_parameters)
        && one.lossy == other.lossy
        && one.interrupted == other.interrupted
        && one.sends == other.sends
        && one.notifications == other.notifications
        && one.later.len() == other.later.len()
        && one.later.iter().zip(&other.later).all(|(one, other)| same_news(one, other))
        && one.results.len() == other.results.len()
        && one.results.iter().zip(&other.results).all(|(one, other)| same_result(one, other))
}

/// JSON without white space, keys sorted, subclasses replaced by their base
/// values and pairs of a `dict` sorted. Numbers keep their spelling: 1 and 1.0
/// differ, and so do integers beyond 64 bits.
pub fn canonical(json: &str) -> Cow<'_, str> {
    if is_canonical(json.as_bytes()) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    write_canonical(json.trim(), &mut out);
    Cow::Owned(out)
}

/// Whether valid JSON has the canonical form already, as what our recorder writes
/// mostly has. May say no where it has.
fn is_canonical(json: &[u8]) -> bool {
    // The last key of each open object; None in an array.
    let mut open: Vec<Option<&[u8]>> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = json.get(at) {
        at += 1;
        match byte {
            b'[' => open.push(None),
            b'{' => open.push(Some(b"")),
            b']' | b'}' => {
                open.pop();
            }
            b' ' | b'\t' | b'\n' | b'\r' => return false,
            b'"' => {
                let start = at;
                loop {
                    match json.get(at) {
                        Some(b'"') => break,
                        // Escapes may be spelled in several ways.
                        Some(b'\\') | None => return false,
                        Some(_) => at += 1,
                    }
                }
                let text = &json[start..at];
                at += 1;
                if json.get(at) == Some(&b':') {
                    let Some(Some(last)) = open.last_mut() else { return false };
                    if text <= *last || matches!(text, b"subclass" | b"dict") {
                        return false;
                    }
                    *last = text;
                }
            }
            _ => {}
        }
    }
    true
}

fn write_canonical(json: &str, out: &mut String) {
    match json.as_bytes().first() {
        Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(json) {
            Ok(items) => write_list(items.iter().map(|item| canonical(item.get())), out),
            Err(_) => out.push_str(json),
        },
        Some(b'{') => match serde_json::from_str::<BTreeMap<String, &RawValue>>(json) {
            Ok(map) => write_object(&map, out),
            Err(_) => out.push_str(json),
        },
        // One text may be spelled with and without escapes.
        Some(b'"') => match serde_json::from_str::<serde_json::Value>(json) {
            Ok(value) => {
                let _ = write!(out, "{value}");
            }
            Err(_) => out.push_str(json),
        },
        _ => out.push_str(json),
    }
}

fn write_list<'a>(items: impl Iterator<Item = Cow<'a, str>>, out: &mut String) {
    out.push('[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&item);
    }
    out.push(']');
}

fn write_object(map: &BTreeMap<String, &RawValue>, out: &mut String) {
    if map.len() == 1 {
        if let Some(content) = map.get("subclass")
            && let Ok((_, base)) = serde_json::from_str::<(String, &RawValue)>(content.get())
        {
            return write_canonical(base.get(), out);
        }
        if let Some(content) = map.get("dict")
            && let Ok(pairs) = serde_json::from_str::<Vec<&RawValue>>(content.get())
        {
            let mut pairs: Vec<_> = pairs.iter().map(|pair| canonical(pair.get())).collect();
            pairs.sort();
            out.push_str("{\"dict\":");
            write_list(pairs.into_iter(), out);
            return out.push('}');
        }
    }
    out.push('{');
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let _ = write!(out, "{}:", serde_json::Value::from(key.as_str()));
        write_canonical(value.get(), out);
    }
    out.push('}');
}

fn text(raw: Option<&RawValue>) -> Option<&str> {
    raw.map(RawValue::get)
}

fn same_news(one: &NewsRecord<'_>, other: &NewsRecord<'_>) -> bool {
    one.after == other.after
        && text(one.notices) == text(other.notices)
        && text(one.server_parameters) == text(other.server_parameters)
}

fn same_result(one: &ResultRecord<'_>, other: &ResultRecord<'_>) -> bool {
    one.rowcount == other.rowcount
        && one.command_tag == other.command_tag
        && one.empty == other.empty
        && one.partial == other.partial
        && text(one.lastrowid) == text(other.lastrowid)
        && one.rows == other.rows
        && one.columns == other.columns
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn equal_parameters_have_one_canonical_form() {
        assert_eq!(canonical(r#"{"b": 1, "a": [1.0, null]}"#), r#"{"a":[1.0,null],"b":1}"#);
        assert_eq!(canonical(r#"{"subclass":["app.Id",{"subclass":["int",7]}]}"#), "7");
        assert_eq!(canonical(r#"{"dict":[["b",1],["a",2]]}"#), r#"{"dict":[["a",2],["b",1]]}"#);
        assert_eq!(canonical(r#""\u00e9""#), canonical("\"é\""));
    }

    #[test]
    fn different_numbers_stay_different() {
        assert_ne!(canonical("1"), canonical("1.0"));
        assert_ne!(canonical("100000000000000000000001"), canonical("100000000000000000000002"));
    }
}
