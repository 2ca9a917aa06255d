//! A client of HTTP/1.1 that shows the headers as they came: in order, repeated ones repeated.
//!
//! Follows no redirect, keeps no connection and no cookie.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::message::{Body, Request, Response};
use crate::websocket;

/// Ends a thread that nobody waits for any more.
const PATIENCE: Duration = Duration::from_mins(2);
/// The same in every run, so that an application that repeats it answers the same.
const HOST: &str = "localhost";
/// The scope header that the recorder and the runtime take a request's name from.
const SCOPE: &str = "mock-cursor-scope";
/// Not stored, since it varies from run to run: never compared, either.
const VARYING: [&str; 2] = ["date", "server"];

/// Sends a request to a port of this machine and reads the whole answer.
pub fn send(port: u16, request: &Request) -> io::Result<Response> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    if let Some(messages) = &request.messages {
        return websocket::talk(stream, request, messages);
    }
    stream.write_all(&written(request))?;
    read(&mut BufReader::new(stream), request)
}

/// A request as it goes over the wire.
pub fn written(request: &Request) -> Vec<u8> {
    let body = request.body.as_deref();
    let mut lines = vec![format!("{} {} HTTP/1.1", request.method, request.path)];
    lines.push(format!("host: {HOST}"));
    let headers = request.headers.iter();
    lines.extend(headers.map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase())));
    if request.names_scope {
        lines.push(format!("{SCOPE}: {}", request.name));
    }
    lines.extend(body.map(|body| format!("content-length: {}", body.len())));
    let text = format!("{}\r\n\r\n{}", lines.join("\r\n"), body.unwrap_or_default());
    text.into_bytes()
}

/// The whole answer to a request; of a WebSocket that was opened, what precedes its messages.
pub fn read(stream: &mut impl BufRead, request: &Request) -> io::Result<Response> {
    let mut status = 0;
    // Other 1xx answers precede the real one.
    let mut headers = Vec::new();
    while status < 200 && status != 101 {
        let line = read_line(stream)?;
        let code = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
        status = code.and_then(|code| code.parse().ok()).ok_or_else(|| invalid(&line))?;
        headers = read_headers(stream)?;
    }
    let bodiless = request.method == "HEAD" || matches!(status, 101 | 204 | 304);
    let body = if bodiless { Vec::new() } else { read_body(stream, &headers)? };
    headers.retain(|(name, _)| !VARYING.contains(&name.as_str()));
    Ok(Response { name: request.name.clone(), status, headers, body: Body::of(body) })
}

fn read_headers(stream: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream)?;
        if line.is_empty() {
            return Ok(headers);
        }
        let (name, value) = line.split_once(':').ok_or_else(|| invalid(&line))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

/// RFC 9112, 6.3: chunks, else the stated length, else all until the connection closes.
fn read_body(stream: &mut impl BufRead, headers: &[(String, String)]) -> io::Result<Vec<u8>> {
    let header =
        |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    let mut body = Vec::new();
    if header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        loop {
            let line = read_line(stream)?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = u64::from_str_radix(size, 16).map_err(|_| invalid(&line))?;
            read_exactly(stream, size, &mut body)?;
            if size == 0 {
                read_headers(stream)?;
                return Ok(body);
            }
            read_line(stream)?;
        }
    } else if let Some(value) = header("content-length") {
        read_exactly(stream, value.parse().map_err(|_| invalid(value))?, &mut body)?;
    } else {
        stream.read_to_end(&mut body)?;
    }
    Ok(body)
}

fn read_exactly(stream: &mut impl BufRead, size: u64, body: &mut Vec<u8>) -> io::Result<()> {
    let read = stream.take(size).read_to_end(body)? as u64;
    if read == size { Ok(()) } else { Err(closed()) }
}

/// A line without its end, Latin-1 as RFC 9110 says of header fields.
fn read_line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(closed());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(line.into_iter().map(char::from).collect())
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the connection was closed within the response")
}

fn invalid(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not HTTP/1.1: {line:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn request(method: &str) -> Request {
        let headers = BTreeMap::from([("Content-Type".to_owned(), "text/plain".to_owned())]);
        let body = (method == "POST").then(|| "é".to_owned());
        Request {
            name: "create user".into(),
            method: method.into(),
            path: "/a?b=%20".into(),
            headers,
            body,
            messages: None,
            keep: BTreeMap::new(),
            names_scope: true,
        }
    }

    #[test]
    fn a_request_names_its_scope_and_measures_its_body_in_bytes() {
        let expected = "POST /a?b=%20 HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n\
            mock-cursor-scope: create user\r\ncontent-length: 2\r\n\r\né";
        assert_eq!(String::from_utf8(written(&request("POST"))).unwrap(), expected);
    }

    #[test]
    fn headers_keep_their_order_and_lose_date_and_server() {
        let mut text: &[u8] =
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nDate: now\r\nSet-Cookie: b\r\n\
            X-A:  1 \r\nset-cookie: a\r\nServer: x\r\ncontent-length: 3\r\n\r\nabcd";
        let response = read(&mut text, &request("POST")).unwrap();
        let expected =
            [("set-cookie", "b"), ("x-a", "1"), ("set-cookie", "a"), ("content-length", "3")];
        let expected: Vec<_> =
            expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!((response.status, response.headers), (201, expected));
        assert_eq!(response.body, Body::Text("abc".into()));
    }

    #[test]
    fn chunks_are_joined() {
        let mut text: &[u8] =
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=1\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
        assert_eq!(
            read(&mut text, &request("GET")).unwrap().body,
            Body::Text("abc0123456789".into())
        );
    }

    #[test]
    fn a_response_cut_short_is_an_error() {
        for text in [
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\n",
            "",
            "SSH-2.0\r\n",
        ] {
            assert!(read(&mut text.as_bytes(), &request("GET")).is_err(), "{text:?}");
        }
        let mut head: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
        assert_eq!(read(&mut head, &request("HEAD")).unwrap().body, Body::Text(String::new()));
    }
}
