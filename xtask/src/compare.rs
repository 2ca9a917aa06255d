//! Compares a response with the recorded one, bound live values apart.
//!
//! Knows nothing of how the response came about.

use crate::difference;
use crate::ledger::Bound;
use crate::message::Response;

/// Never recorded, never compared: they differ from run to run.
const IGNORED: [&str; 2] = ["date", "server"];

/// What differs, each difference with its details on further lines; empty if nothing does.
pub fn differences(recorded: &Response, live: &Response, bound: &[Bound]) -> Vec<String> {
    let bindings = Bindings::of(bound);
    let mut found = Vec::new();
    if recorded.status != live.status {
        found.push(format!("status {}, recorded {}", live.status, recorded.status));
    }
    let live_bytes = live.body.bytes();
    let body = bindings.restore(live_bytes);
    let recorded_body = recorded.body.bytes();

    let recorded_headers = headers(recorded, ToOwned::to_owned);
    let live_headers = headers(live, |value| {
        let restored = bindings.restore(value.as_bytes());
        String::from_utf8(restored).unwrap_or_else(|_| value.to_owned())
    });
    // A bound value may be longer than the recorded one, and the body's length with it.
    let live_headers = with_length(live_headers, live_bytes.len(), body.len());
    if recorded_headers != live_headers {
        let diff = difference::lines(&recorded_headers.join("\n"), &live_headers.join("\n"));
        found.push(format!("headers differ (- recorded, + now)\n{diff}"));
    }
    if recorded_body != body.as_slice() {
        found.push(difference::bodies(recorded_body, &body));
    }
    found
}

fn headers(response: &Response, value_of: impl Fn(&str) -> String) -> Vec<String> {
    let compared = response.headers.iter().filter(|(name, _)| !IGNORED.contains(&name.as_str()));
    compared.map(|(name, value)| format!("{name}: {}", value_of(value))).collect()
}

fn with_length(headers: Vec<String>, live: usize, restored: usize) -> Vec<String> {
    let stated = format!("content-length: {live}");
    let header =
        |header| if header == stated { format!("content-length: {restored}") } else { header };
    headers.into_iter().map(header).collect()
}

/// Pairs of texts, the longest live text first, so that none hides in another.
struct Bindings<'b>(Vec<&'b Bound>);

impl<'b> Bindings<'b> {
    fn of(bound: &'b [Bound]) -> Self {
        let mut pairs: Vec<_> = bound.iter().filter(|pair| !pair.live.is_empty()).collect();
        pairs.sort_by_key(|pair| std::cmp::Reverse(pair.live.len()));
        Self(pairs)
    }

    /// One pass: what was put in is not looked at again.
    fn restore(&self, live: &[u8]) -> Vec<u8> {
        let mut restored = Vec::with_capacity(live.len());
        let mut place = 0;
        while place < live.len() {
            if let Some(pair) = self.0.iter().find(|pair| occurs(live, place, pair.live.as_bytes()))
            {
                restored.extend_from_slice(pair.recorded.as_bytes());
                place += pair.live.len();
            } else {
                restored.push(live[place]);
                place += 1;
            }
        }
        restored
    }
}

/// A number counts only where it stands alone: a bound 7 must not change 17.
fn occurs(text: &[u8], place: usize, wanted: &[u8]) -> bool {
    let end = place + wanted.len();
    if !text[place..].starts_with(wanted) {
        return false;
    }
    let digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_digit);
    !wanted.iter().all(u8::is_ascii_digit) || !(digit(place.checked_sub(1)) || digit(Some(end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Body;

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
        let restored = Bindings::of(&pairs).restore(b"at 2026-01-01T10:00, 10:00, 7, 17, 70");
        assert_eq!(String::from_utf8(restored).unwrap(), "at 10:00, 20:00, 8, 17, 70");
    }

    #[test]
    fn a_length_that_the_bound_texts_do_not_explain_is_a_difference() {
        let recorded = response(200, &[("content-length", "3")], "abc");
        let live = response(200, &[("content-length", "9")], "abc");
        assert_eq!(differences(&recorded, &live, &[]).len(), 1);
    }
}
