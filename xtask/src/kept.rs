//! What later requests say of earlier responses: ids, and tokens that are sent back.
//!
//! Knows nothing of what the values mean.

use std::collections::BTreeMap;

use crate::ledger::Bound;
use crate::message::{Request, Response};

/// Values of responses, by the names that requests have given them.
#[derive(Debug, Default)]
pub struct Kept(BTreeMap<String, String>);

impl Kept {
    /// Keeps what the request names of its response: texts at JSON pointers into the body.
    /// Returns a failure for each that is not there.
    pub fn take(&mut self, request: &Request, response: &Response) -> Vec<String> {
        let body: Option<serde_json::Value> = serde_json::from_slice(response.body.bytes()).ok();
        let mut missing = Vec::new();
        for (name, pointer) in &request.keep {
            let found = body.as_ref().and_then(|body| body.pointer(pointer)?.as_str());
            match found {
                Some(text) if !text.is_empty() => {
                    self.0.insert(name.clone(), text.to_owned());
                }
                _ => missing.push(format!("the response has no text at {pointer} ({name})")),
            }
        }
        missing
    }

    /// The request with kept values in the place of their names.
    pub fn filled(&self, request: &Request) -> Request {
        let fill = |text: &String| self.fill(text);
        let headers = &request.headers;
        Request {
            path: self.fill(&request.path),
            headers: headers.iter().map(|(name, value)| (name.clone(), fill(value))).collect(),
            body: request.body.as_ref().map(fill),
            messages: request.messages.as_ref().map(|all| all.iter().map(fill).collect()),
            ..request.clone()
        }
    }

    fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, after)) = next(rest) {
            filled += before;
            filled += self.0.get(name).map_or("", String::as_str);
            rest = after;
        }
        filled + rest
    }

    /// Has what another one has and this one lacks.
    pub fn fall_back(&mut self, other: &Self) {
        for (name, value) in &other.0 {
            self.0.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }

    /// The values of a replay with those of the recording that they stand for. What was
    /// kept of one response may come back in any later one.
    pub fn beside(&self, recorded: &Self) -> Vec<Bound> {
        let pairs = self.0.iter().filter_map(|(name, live)| Some((live, recorded.0.get(name)?)));
        let bound = |(live, recorded): (&String, &String)| Bound {
            live: live.clone(),
            recorded: recorded.clone(),
        };
        pairs.filter(|(live, recorded)| live != recorded).map(bound).collect()
    }
}

/// The first request that says a name which no earlier one keeps, and the name.
pub fn unknown(requests: &[Request]) -> Option<(usize, &str)> {
    let mut known: Vec<&str> = Vec::new();
    for (place, request) in requests.iter().enumerate() {
        let texts = [&request.path].into_iter().chain(request.headers.values());
        let texts = texts.chain(&request.body).chain(request.messages.iter().flatten());
        if let Some(name) = texts.flat_map(|text| names(text)).find(|name| !known.contains(name)) {
            return Some((place, name));
        }
        known.extend(request.keep.keys().map(String::as_str));
    }
    None
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, name, after) = next(rest)?;
        rest = after;
        Some(name)
    })
}

/// What stands before the first `{{name}}`, the name, and what stands behind it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(is_of_a_name);
    text.match_indices("{{").find_map(|(start, _)| {
        let (name, after) = text[start + 2..].split_once("}}")?;
        is_name(name).then_some((&text[..start], name, after))
    })
}

fn is_of_a_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Body;

    fn request(line: &str) -> Request {
        serde_json::from_str(line).unwrap()
    }

    fn response(body: &str) -> Response {
        Response {
            name: "a".into(),
            status: 200,
            headers: Vec::new(),
            body: Body::Text(body.into()),
        }
    }

    const LOGIN: &str =
        r#"{"name":"login","method":"POST","path":"/","keep":{"token":"/0/token"}}"#;
    const USE: &str = r#"{"name":"use","method":"POST","path":"/{{token}}","headers":{"a":"Bearer {{token}}"},
        "body":"{{{}} {{token}}","messages":["{{token}}{{token}}"]}"#;

    #[test]
    fn what_a_response_held_stands_in_later_requests() {
        let mut kept = Kept::default();
        assert!(kept.take(&request(LOGIN), &response(r#"[{"token":"x.y"}]"#)).is_empty());
        let filled = kept.filled(&request(USE));
        assert_eq!((filled.path.as_str(), filled.headers["a"].as_str()), ("/x.y", "Bearer x.y"));
        assert_eq!(filled.body.as_deref(), Some("{{{}} x.y"));
        assert_eq!(filled.messages, Some(vec!["x.yx.y".to_owned()]));
    }

    #[test]
    fn what_is_not_there_is_a_failure_and_is_as_it_was_recorded() {
        let (mut kept, mut recorded) = (Kept::default(), Kept::default());
        assert!(recorded.take(&request(LOGIN), &response(r#"[{"token":"old"}]"#)).is_empty());
        for body in ["", "[]", r#"[{"token":7}]"#, r#"[{"token":""}]"#] {
            let missing = kept.take(&request(LOGIN), &response(body));
            assert_eq!(missing, ["the response has no text at /0/token (token)"]);
        }
        kept.fall_back(&recorded);
        assert_eq!(kept.filled(&request(USE)).path, "/old");
        assert!(kept.beside(&recorded).is_empty());
        assert!(kept.take(&request(LOGIN), &response(r#"[{"token":"new"}]"#)).is_empty());
        let bound = Bound { live: "new".into(), recorded: "old".into() };
        assert_eq!(kept.beside(&recorded), [bound]);
    }

    #[test]
    fn a_name_has_to_be_kept_before_it_is_said() {
        let (login, using) = (request(LOGIN), request(USE));
        assert_eq!(unknown(&[login.clone(), using.clone()]), None);
        assert_eq!(unknown(&[using, login]), Some((0, "token")));
    }
}
