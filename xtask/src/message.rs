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
    /// Keeps one value a header, as a mapping does: the last one, in the place of the first.
    pub fn keep_last_headers(&mut self) {
        let mut kept: Vec<(String, String)> = Vec::with_capacity(self.headers.len());
        for (name, value) in self.headers.drain(..) {
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
    fn a_mistake_has_its_line_and_column() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("requests.jsonl");
        fs::write(&path, "\n{\"name\":\"a\",\"verb\":\"GET\"}\n").unwrap();
        let error = read_lines::<Request>(&path).unwrap_err().to_string();
        assert!(error.contains("requests.jsonl:2:18: unknown field `verb`"), "{error}");
    }
}
