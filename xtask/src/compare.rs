//! Compares a response with the recorded one, bound live values apart.
//!
//! Knows nothing of how the response came about.

use crate::difference;
use crate::ledger::Bound;
use crate::message::{Body, Response};

/// Never recorded, never compared: they differ from run to run.
const IGNORED: [&str; 2] = ["date", "server"];

/// What differs, each difference with its details on further lines; empty if nothing does.
pub fn differences(recorded: &Response, live: &Response, bound: &[Bound]) -> Vec<String> {
    let bindings = Bindings::of(bound);
    let mut found = Vec::new();
    if recorded.status != live.status {
        found.push(format!("status {}, recorded {}", live.status, recorded.status));
    }
    let (recorded_headers, recorded_body) = bindings.recorded.applied(recorded);
    let (live_headers, live_body) = bindings.live.applied(live);
    if recorded_headers != live_headers {
        let diff = difference::lines(&recorded_headers.join("\n"), &live_headers.join("\n"));
        found.push(format!("headers differ (- recorded, + now)\n{diff}"));
    }
    if recorded_body != live_body {
        found.push(difference::bodies(&recorded_body, &live_body));
    }
    found
}

/// A response as it may be kept, with pseudonyms in the place of what they stand for.
pub fn redacted(response: Response, pairs: &[Bound]) -> Response {
    let pairs = pairs.iter().map(|pair| (&*pair.live, &*pair.recorded)).collect();
    let replacements = Replacements::of(pairs);
    let body = replacements.restore(response.body.bytes());
    let stated = response.body.bytes().len().to_string();
    let headers = response.headers.iter().map(|(name, value)| {
        let new = match name.as_str() {
            "content-length" if *value == stated => body.len().to_string(),
            _ => String::from_utf8(replacements.restore(value.as_bytes()))
                .unwrap_or_else(|_| value.clone()),
        };
        (name.clone(), new)
    });
    let headers = headers.collect();
    Response { headers, body: Body::of(body), ..response }
}

/// What is put in the place of bound texts, before responses are compared.
struct Bindings<'b> {
    live: Replacements<'b>,
    recorded: Replacements<'b>,
}

impl<'b> Bindings<'b> {
    /// A live text gives way to the recorded one. Two readings of a clock may be equal now and
    /// have differed when recorded; of such recorded texts the first stands for all.
    fn of(bound: &'b [Bound]) -> Self {
        let mut live: Vec<(&str, &str)> = Vec::new();
        let mut recorded: Vec<(&str, &str)> = Vec::new();
        for pair in bound {
            let (text, now) = (pair.recorded.as_str(), pair.live.as_str());
            let known = recorded.iter().find(|(each, _)| *each == text);
            let first = known.map_or(text, |(_, first)| first);
            if known.is_none() {
                recorded.push((text, text));
            }
            match live.iter().find(|(each, _)| *each == now) {
                None => live.push((now, first)),
                Some((_, other)) if *other != first => {
                    let other = *other;
                    for (_, each) in live.iter_mut().chain(&mut recorded) {
                        if *each == first {
                            *each = other;
                        }
                    }
                }
                Some(_) => {}
            }
        }
        Self { live: Replacements::of(live), recorded: Replacements::of(recorded) }
    }
}

/// Texts and what replaces them, the longest first, so that none hides in another.
struct Replacements<'b>(Vec<(&'b str, &'b str)>);

impl<'b> Replacements<'b> {
    fn of(mut pairs: Vec<(&'b str, &'b str)>) -> Self {
        pairs.retain(|(text, _)| !text.is_empty());
        pairs.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self(pairs)
    }

    /// The headers that are compared, and the body.
    fn applied(&self, response: &Response) -> (Vec<String>, Vec<u8>) {
        let original = response.body.bytes();
        let body = self.restore(original);
        // A replacement may be longer than the text, and the body's length with it.
        let stated = original.len().to_string();
        let compared = response.headers.iter().filter(|(name, _)| !IGNORED.contains(&&**name));
        let headers = compared.map(|(name, value)| {
            if name == "content-length" && *value == stated {
                return format!("{name}: {}", body.len());
            }
            let restored = String::from_utf8(self.restore(value.as_bytes()));
            format!("{name}: {}", restored.unwrap_or_else(|_| value.clone()))
        });
        (headers.collect(), body)
    }

    /// One pass: what was put in is not looked at again.
    fn restore(&self, text: &[u8]) -> Vec<u8> {
        let mut restored = Vec::with_capacity(text.len());
        let mut place = 0;
        while place < text.len() {
            let found = self.0.iter().find(|(each, _)| occurs(text, place, each.as_bytes()));
            if let Some((each, replacement)) = found {
                restored.extend_from_slice(replacement.as_bytes());
                place += each.len();
            } else {
                restored.push(text[place]);
                place += 1;
            }
        }
        restored
    }
}

/// A number counts only where it stands alone: a bound 7 must not change 17. Nor does a short
/// word count within a longer one: a bound Ada must not change Adam.
fn occurs(text: &[u8], place: usize, wanted: &[u8]) -> bool {
    const SHORT: std::ops::Range<usize> = 3..16;
    if !text[place..].starts_with(wanted) {
        return false;
    }
    let before = place.checked_sub(1).and_then(|at| text.get(at));
    let after = text.get(place + wanted.len());
    let (first, last) = (wanted.first(), wanted.last());
    let letter = u8::is_ascii_alphabetic;
    if SHORT.contains(&wanted.len())
        && (first.is_some_and(letter) && before.is_some_and(letter)
            || last.is_some_and(letter) && after.is_some_and(letter))
    {
        return false;
    }
    let digit = u8::is_ascii_digit;
    !wanted.iter().all(digit) || !(before.is_some_and(digit) || after.is_some_and(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { name: "a".into(), status, headers, body: Body::Text(body.into()) }
    }

    fn bound(pairs: &[(&str, &str)]) -> Vec<Bound> {
        pairs
            .iter()
            .map(|(live, recorded)| Bound { live: (*live).into(), recorded: (*recorded).into() })
            .collect()
    }

    #[test]
    fn equal_responses_do_not_differ_whatever_date_and_server_say() {
        let recorded = response(200, &[("x", "1")], "a");
        let live = response(200, &[("date", "now"), ("x", "1"), ("server", "s")], "a");
        assert!(differences(&recorded, &live, &[]).is_empty());
    }

    #[test]
    fn status_headers_and_body_are_reported_apart() {
        let recorded = response(201, &[("a", "1"), ("b", "2")], "x");
        let live = response(200, &[("b", "2"), ("a", "1")], "y");
        let found = differences(&recorded, &live, &[]);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], "status 200, recorded 201");
        assert!(
            found[1].starts_with("headers differ") && found[2].starts_with("body differs"),
            "{found:?}"
        );
    }

    #[test]
    fn bound_texts_are_put_back_in_body_and_headers_and_the_length_follows() {
        let recorded =
            response(201, &[("content-length", "12"), ("location", "/u/old")], "{\"id\":\"old\"}");
        let live = response(
            201,
            &[("content-length", "14"), ("location", "/u/newer")],
            "{\"id\":\"newer\"}",
        );
        let pairs = bound(&[("newer", "old"), ("new", "wrong")]);
        assert_eq!(differences(&recorded, &live, &pairs), Vec::<String>::new());
    }

    #[test]
    fn the_longest_text_goes_first_and_nothing_is_replaced_twice() {
        let pairs = bound(&[("10:00", "20:00"), ("2026-01-01T10:00", "10:00"), ("7", "8")]);
        let restored = Bindings::of(&pairs).live.restore(b"at 2026-01-01T10:00, 10:00, 7, 17, 70");
        assert_eq!(String::from_utf8(restored).unwrap(), "at 10:00, 20:00, 8, 17, 70");
    }

    #[test]
    fn a_short_word_counts_only_where_it_stands_alone() {
        let pairs = bound(&[("Ada", "Bob"), ("a@b.org", "x@y.example")]);
        let restored = Bindings::of(&pairs).live.restore(b"Ada Adam (Ada) CanAda a@b.org xa@b.org");
        let expected = "Bob Adam (Bob) CanAda x@y.example xa@b.org";
        assert_eq!(String::from_utf8(restored).unwrap(), expected);
    }

    #[test]
    fn a_response_is_kept_with_pseudonyms_and_the_length_that_they_have() {
        let real = response(200, &[("content-length", "9"), ("x", "a@b.org")], "[a@b.org]");
        let kept = redacted(real, &bound(&[("a@b.org", "x@y.example")]));
        let headers = &[("content-length", "13"), ("x", "x@y.example")];
        assert_eq!(kept, response(200, headers, "[x@y.example]"));
    }

    #[test]
    fn one_live_text_may_stand_for_several_recorded_ones() {
        let recorded = response(200, &[("content-length", "11")], "1.11 1.1 23");
        let live = response(200, &[("content-length", "12")], "9.99 9.99 24");
        let pairs = bound(&[("9.99", "1.11"), ("9.99", "1.1"), ("24", "23")]);
        assert_eq!(differences(&recorded, &live, &pairs), Vec::<String>::new());
        let other = response(200, &[("content-length", "12")], "9.99 9.98 24");
        assert_eq!(differences(&recorded, &other, &pairs).len(), 1);
    }

    #[test]
    fn recorded_texts_that_became_one_by_and_by_are_one() {
        let pairs = bound(&[("x", "a"), ("y", "b"), ("y", "c"), ("x", "c")]);
        let bindings = Bindings::of(&pairs);
        assert_eq!(bindings.recorded.restore(b"abc"), b"aaa");
        assert_eq!(bindings.live.restore(b"xy"), b"aa");
    }

    #[test]
    fn a_length_that_the_bound_texts_do_not_explain_is_a_difference() {
        let recorded = response(200, &[("content-length", "3")], "abc");
        let live = response(200, &[("content-length", "9")], "abc");
        assert_eq!(differences(&recorded, &live, &[]).len(), 1);
    }
}
