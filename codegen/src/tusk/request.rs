//! The span of an HTTP request: what was asked, what was answered, and its scope's name.
//!
//! Knows nothing of statements.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::json::{Fault, Json, Value};
use super::span::Span;

/// A request and its response, as far as the span has them.
#[derive(Debug)]
pub struct HttpExchange {
    /// In upper case.
    pub method: String,
    /// Path and query as they went over the wire.
    pub target: String,
    /// As recorded: one value a name.
    pub request_headers: Vec<(String, String)>,
    /// Empty if there was none.
    pub request_body: Vec<u8>,
    /// Of the response.
    pub status: u16,
    /// As recorded: one value a name.
    pub response_headers: Vec<(String, String)>,
    /// Empty if there was none.
    pub response_body: Vec<u8>,
}

impl HttpExchange {
    /// What a span of a server tells.
    pub fn of(span: &Span<'_>) -> Result<Self, Fault> {
        let (input, output) = (&span.input, &span.output);
        let status = output.get("statusCode").and_then(Json::integer);
        let status = status.and_then(|code| u16::try_from(code).ok());
        Ok(Self {
            method: text(input, "method")?.to_owned(),
            target: text(input, "target")?.to_owned(),
            request_headers: headers(input)?,
            request_body: body(input)?,
            status: status.ok_or_else(|| output.fault("a response without `statusCode`"))?,
            response_headers: headers(output)?,
            response_body: body(output)?,
        })
    }
}

/// The name of a request's scope before equal ones are numbered: as the middleware that
/// opens the scope at replay makes it (`request_name` in `scopes.py`).
pub fn scope_name(span: &Span<'_>) -> Result<String, Fault> {
    let method = text(&span.input, "method")?;
    let target = text(&span.input, "target")?;
    let target = target.strip_suffix('?').unwrap_or(target);
    let body = body(&span.input)?;
    let mut name = format!("{method} {target}");
    if !body.is_empty() {
        name.push_str(" #");
        for byte in Sha256::digest(&body).iter().take(4) {
            // Writing into a String cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
    }
    Ok(name)
}

fn text<'j>(object: &'j Json<'_>, key: &str) -> Result<&'j str, Fault> {
    let value = object.get(key).and_then(Json::text);
    value.ok_or_else(|| object.fault(format!("a request without `{key}`")))
}

fn headers(object: &Json<'_>) -> Result<Vec<(String, String)>, Fault> {
    let Some(headers) = object.get("headers") else { return Ok(Vec::new()) };
    let wrong = || headers.fault("headers that are no object of texts");
    let Value::Object(pairs) = &headers.value else { return Err(wrong()) };
    pairs
        .iter()
        .map(|(name, value)| {
            Ok((name.to_ascii_lowercase(), value.text().ok_or_else(wrong)?.to_owned()))
        })
        .collect()
}

fn body(object: &Json<'_>) -> Result<Vec<u8>, Fault> {
    let Some(body) = object.get("body") else { return Ok(Vec::new()) };
    let decoded = body.text().and_then(|text| STANDARD.decode(text).ok());
    decoded.ok_or_else(|| body.fault("a body that is not base64"))
}
