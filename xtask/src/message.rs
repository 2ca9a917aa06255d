//! Requests and responses as they stand in `requests.jsonl` and `responses.jsonl`.
//!
//! Sends nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What a server adds to a response, beneath the application.
const OF_THE_CONNECTION: [&str; 4] =
    ["connection", "content-length", "keep-alive", "transfer-encoding"];

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The name of its scope, too.
    pub name: String,
    pub method: String,
    /// With the query, percent-encoded as it goes over the wire.
    pub path: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    pub body: Option<String>,
    /// The request opens a WebSocket, on which these are sent; after each, one is awaited.
    #[serde(default)]
    pub messages: Option<Vec<String>>,
    /// Names for texts of the response, by JSON pointers into its body: `{{name}}` in the
    /// path, the headers, the body or the messages of later requests stands for them.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// Whether the request says the name of its scope, or leaves it to the middleware.
    #[serde(default = "says_so")]
    pub names_scope: bool,
}

fn says_so() -> bool {
    true
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Line", into = "Line")]
pub struct Response {
    pub name: String,
    pub status: u16,
    /// In the order of the wire, a repeated one repeated, the names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Body,
}

/// Text where it is UTF-8, so that people can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Text(String),
    Bytes(Vec<u8>),
}

/// A response as it is written: the body under one of two names.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    status: u16,
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
}

impl TryFrom<Line> for Response {
    type Error = String;

    fn try_from(line: Line) -> std::result::Result<Self, String> {
        let Line { name, status, headers, body, body_base64 } = line;
        let body = match (body, body_base64) {
            (Some(text), None) => Body::Text(text),
            (None, Some(text)) => Body::Bytes(
                BASE64_STANDARD
                    .decode(text)
                    .map_err(|error| format!("body_base64 is not base64: {error}"))?,
            ),
            _ => return Err("a response has either body or body_base64".to_owned()),
        };
        Ok(Self { name, status, headers, body })
    }
}

impl From<Response> for Line {
    fn from(response: Response) -> Self {
        let Response { name, status, headers, body } = response;
        let (body, body_base64) = match body {
            Body::Text(text) => (Some(text), None),
            Body::Bytes(bytes) => (None, Some(BASE64_STANDARD.encode(bytes))),
        };
        Self { name, status, headers, body, body_base64 }
    }
}

impl Response {
    /// Makes the headers those that a recorder within the application would have kept: one
    /// value each, as in a mapping the last one in the place of the first, and none that the
    /// server adds for the connection (RFC 9110, 7.6.1), unless it was `recorded` as well.
    pub fn keep_as_recorded(&mut self, recorded: &Self) {
        let mut kept: Vec<(String, String)> = Vec::with_capacity(self.headers.len());
        for (name, value) in self.headers.drain(..) {
            let known = recorded.headers.iter().any(|(known, _)| *known == name);
            if OF_THE_CONNECTION.contains(&name.as_str()) && !known {
                continue;
            }
            match kept.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => kept.push((name, value)),
            }
        }
        self.headers = kept;
    }
}

impl Body {
    pub fn of(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|error| Self::Bytes(error.into_bytes()), Self::Text)
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// Reads JSON Lines; a mistake is reported with its line and column.
pub fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
    let lines = text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            serde_json::from_str(line).map_err(|error| Error::Input {
                path: path.to_path_buf(),
                line: number + 1,
                column: error.column(),
                what: without_place(&error.to_string()),
                hint: None,
            })
        })
        .collect()
}

/// One JSON object a line.
pub fn write_lines<T: Serialize>(path: &Path, values: &[T]) -> Result<()> {
    let mut text = String::new();
    for value in values {
        let line =
            serde_json::to_string(value).map_err(|error| Error::failed(error.to_string()))?;
        text.push_str(&line);
        text.push('\n');
    }
    fs::write(path, text).map_err(Error::io("write", path))
}

/// `serde_json` ends its messages with the place, which ours begin with.
fn without_place(message: &str) -> String {
    message.rfind(" at line ").map_or(message, |end| &message[..end]).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("responses.jsonl");
        let headers = vec![
            ("set-cookie".to_owned(), "a=1".to_owned()),
            ("set-cookie".to_owned(), "b=2".to_owned()),
        ];
        let text = Response {
            name: "é".into(),
            status: 200,
            headers,
            body: Body::of(b"{\"a\": 1}\n".to_vec()),
        };
        let bytes = Response { body: Body::of(vec![0xff, 0]), headers: Vec::new(), ..text.clone() };
        write_lines(&path, &[text.clone(), bytes.clone()]).unwrap();
        assert_eq!(read_lines::<Response>(&path).unwrap(), [text, bytes.clone()]);
        assert_eq!(bytes.body.bytes(), [0xff, 0]);
        assert!(fs::read_to_string(&path).unwrap().ends_with("\"body_base64\":\"/wA=\"}\n"));
    }

    #[test]
    fn headers_are_kept_as_a_recorder_within_the_application_keeps_them() {
        let headers = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
        };
        let response = |headers| Response {
            name: "a".into(),
            status: 200,
            headers,
            body: Body::Text(String::new()),
        };
        let recorded = response(headers(&[("set-cookie", "b=2"), ("content-length", "0")]));
        let mut live = response(headers(&[
            ("set-cookie", "a=1"),
            ("x-new", "1"),
            ("content-length", "0"),
            ("set-cookie", "b=2"),
            ("connection", "close"),
        ]));
        live.keep_as_recorded(&recorded);
        let kept = [("set-cookie", "b=2"), ("x-new", "1"), ("content-length", "0")];
        assert_eq!(live.headers, headers(&kept));
    }

    #[test]
    fn a_mistake_has_its_line_and_column() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("requests.jsonl");
        fs::write(&path, "\n{\"name\":\"a\",\"verb\":\"GET\"}\n").unwrap();
        let error = read_lines::<Request>(&path).unwrap_err().to_string();
        assert!(error.contains("requests.jsonl:2:18: unknown field `verb`"), "{error}");
    }
}
