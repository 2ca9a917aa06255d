//! The requests of span files and their responses, as a stack keeps them.
//!
//! Sends nothing. What cannot be sent again is reported and left out.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::files::{SpanFile, spans_of};
use super::json::parse;
use super::request::HttpExchange;
use super::scopes::Scopes;
use super::span::SpanKind;
use crate::error::{Error, Result, Warning};

/// Belong to the connection or are made by whoever sends the request.
const NOT_SENT: [&str; 5] =
    ["connection", "content-length", "host", "mock-cursor-scope", "transfer-encoding"];
const CONTENT_TYPE: &str = "content-type";
/// Vary from run to run, so that no stack keeps them.
const NOT_KEPT: [&str; 2] = ["date", "server"];

/// Lines of JSON, one a request.
#[derive(Debug, Default)]
pub struct HttpLines {
    /// As in `requests.jsonl`.
    pub requests: String,
    /// As in `responses.jsonl`.
    pub responses: String,
}

/// The requests of span files in the order in which they came.
pub fn http_lines(
    name: &Path,
    files: &[PathBuf],
    warnings: &mut Vec<Warning>,
) -> Result<HttpLines> {
    let files: Result<Vec<SpanFile>> = files.iter().map(|path| SpanFile::open(path)).collect();
    let files = files?;
    let spans = spans_of(&files, warnings)?;
    // Whatever has no scope is said when the traffic is converted.
    let scopes = Scopes::of(&spans, &mut Vec::new());
    let mut lines = HttpLines::default();
    for span in spans.iter().filter(|span| span.kind == SpanKind::Request) {
        let Some(scope) = scopes.name_of(span) else { continue };
        let exchange = match HttpExchange::of(span) {
            Ok(exchange) => exchange,
            Err(fault) => {
                warnings.push(span.warning(&fault, "the request is not sent again"));
                continue;
            }
        };
        let Ok(body) = String::from_utf8(exchange.request_body) else {
            let fault = span.input.fault("a request whose body is no text");
            warnings.push(span.warning(&fault, "the request is not sent again"));
            continue;
        };
        let mut request = json!({
            "name": scope,
            "method": exchange.method,
            "path": exchange.target,
            "headers": kept(&exchange.request_headers, &NOT_SENT).collect::<Map<_, _>>(),
            // As when it was recorded.
            "names_scope": false,
        });
        if !body.is_empty() {
            // WSGI has no header of that name, so what records there does not see it.
            if !exchange.request_headers.iter().any(|(name, _)| name == CONTENT_TYPE) {
                let what = "a request that lost its `Content-Type`";
                let hint = if is_document(&body) {
                    request["headers"][CONTENT_TYPE] = "application/json".into();
                    "it is sent as application/json, which its body is"
                } else {
                    "it is sent without"
                };
                warnings.push(span.warning(&span.input.fault(what), hint));
            }
            request["body"] = body.into();
        }
        let mut response = json!({
            "name": scope,
            "status": exchange.status,
            "headers": kept(&exchange.response_headers, &NOT_KEPT).collect::<Vec<_>>(),
        });
        match String::from_utf8(exchange.response_body) {
            Ok(text) => response["body"] = text.into(),
            Err(error) => response["body_base64"] = STANDARD.encode(error.as_bytes()).into(),
        }
        for (text, line) in [(&mut lines.requests, request), (&mut lines.responses, response)] {
            text.push_str(&line.to_string());
            text.push('\n');
        }
    }
    if lines.requests.is_empty() {
        let what = format!("{}: no span of a request", name.display());
        return Err(Error::request(what, "record some requests first"));
    }
    Ok(lines)
}

/// Whether a body is an object or an array of JSON.
fn is_document(body: &str) -> bool {
    body.trim_start().starts_with(['{', '[']) && parse(body).is_ok()
}

fn kept(headers: &[(String, String)], without: &[&str]) -> impl Iterator<Item = (String, Value)> {
    let kept = headers.iter().filter(|(name, _)| !without.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.as_str().into())).collect::<Vec<_>>().into_iter()
}
