//! A client of `WebSocket`s (RFC 6455) that sends a message, waits for one, and sends the next.
//!
//! Offers no extension and no subprotocol.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use crate::http;
use crate::message::{Body, Request, Response};

/// The same in every run, and so is the answer to it.
const KEY: &str = "bW9jay1jdXJzb3ItdGVzdA==";
const SWITCHING_PROTOCOLS: u16 = 101;
const NORMAL_CLOSURE: u16 = 1000;

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// The bit of the last frame of a message.
const FIN: u8 = 0x80;
/// The bit of a payload that is masked, as a client's is.
const MASKED: u8 = 0x80;

/// Opens a socket, talks, and closes it. The response's body has what came, a line a
/// message, and the code and the reason with which the server closed the socket by itself.
pub fn talk(stream: TcpStream, request: &Request, messages: &[String]) -> io::Result<Response> {
    let upgrade = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", KEY),
    ];
    let mut asking = request.clone();
    let upgrade = upgrade.map(|(name, value)| (name.to_owned(), value.to_owned()));
    asking.headers.extend(upgrade);
    let mut socket = BufReader::new(stream);
    socket.get_mut().write_all(&http::written(&asking))?;
    let response = http::read(&mut socket, request)?;
    if response.status != SWITCHING_PROTOCOLS {
        return Ok(response);
    }
    let mut came = Vec::new();
    let mut closed = None;
    for message in messages {
        write(socket.get_mut(), TEXT, message.as_bytes())?;
        match read(&mut socket)? {
            Came::Message(text) => came.push(text),
            Came::Close(how) => {
                closed = Some(how);
                break;
            }
        }
    }
    if closed.is_none() {
        write(socket.get_mut(), CLOSE, &NORMAL_CLOSURE.to_be_bytes())?;
        // What the server sends until it has seen that.
        while let Came::Message(text) = read(&mut socket)? {
            came.push(text);
        }
    }
    came.extend(closed);
    Ok(Response { body: Body::of(came.join(&b'\n')), ..response })
}

/// What a server sends, as text for people.
enum Came {
    Message(Vec<u8>),
    Close(Vec<u8>),
}

/// The next message, or the end; pings are answered on the way.
fn read(socket: &mut BufReader<impl Read + Write>) -> io::Result<Came> {
    let mut message = Vec::new();
    loop {
        let (first, payload) = read_frame(socket)?;
        match first & 0x0f {
            CLOSE => {
                write(socket.get_mut(), CLOSE, payload.get(..2).unwrap_or_default())?;
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                let reason = String::from_utf8_lossy(payload.get(2..).unwrap_or_default());
                let code = code.map_or("no code".to_owned(), |code| code.to_string());
                return Ok(Came::Close(format!("closed with {code} {reason}").into_bytes()));
            }
            PING => write(socket.get_mut(), PONG, &payload)?,
            PONG => {}
            _ => {
                message.extend(payload);
                if first & FIN != 0 {
                    return Ok(Came::Message(message));
                }
            }
        }
    }
}

/// The first byte of a frame, and its payload.
fn read_frame(socket: &mut impl BufRead) -> io::Result<(u8, Vec<u8>)> {
    let [first, length] = read_array(socket)?;
    let length = match length & !MASKED {
        126 => u64::from(u16::from_be_bytes(read_array(socket)?)),
        127 => u64::from_be_bytes(read_array(socket)?),
        short => u64::from(short),
    };
    let mut payload = Vec::new();
    if socket.take(length).read_to_end(&mut payload)? as u64 == length {
        return Ok((first, payload));
    }
    let what = "the connection was closed within a message";
    Err(io::Error::new(io::ErrorKind::UnexpectedEof, what))
}

fn read_array<const N: usize>(socket: &mut impl BufRead) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    socket.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A whole message in one frame. Its mask is zero, which changes nothing: there is no
/// proxy here that could be deceived.
fn write(socket: &mut impl Write, kind: u8, payload: &[u8]) -> io::Result<()> {
    let mut frame = vec![FIN | kind];
    match payload.len() {
        short @ 0..126 => frame.push(MASKED | u8::try_from(short).unwrap_or_default()),
        long => {
            frame.push(MASKED | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    socket.write_all(&frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// What a server has sent, and what it was sent.
    struct Line(Cursor<Vec<u8>>, Vec<u8>);

    impl Read for Line {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Write for Line {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn line(frames: &[&[u8]]) -> BufReader<Line> {
        BufReader::new(Line(Cursor::new(frames.concat()), Vec::new()))
    }

    fn message(came: Came) -> String {
        let (Came::Message(text) | Came::Close(text)) = came;
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_message_may_come_in_pieces_with_a_ping_between_them() {
        let mut socket = line(&[b"\x01\x02ab", b"\x89\x01?", b"\x00\x00", b"\x80\x01c"]);
        assert_eq!(message(read(&mut socket).unwrap()), "abc");
        assert_eq!(socket.get_ref().1, b"\x8a\x81\0\0\0\0?");
    }

    #[test]
    fn long_messages_have_long_lengths() {
        for length in [0_usize, 125, 126, 65536] {
            let payload = vec![b'x'; length];
            let mut sent = Vec::new();
            write(&mut sent, TEXT, &payload).unwrap();
            assert!(sent.ends_with(&payload) && sent[1] & MASKED != 0);
            // A server masks nothing.
            let end = sent.len() - length - 4;
            sent[1] &= !MASKED;
            let mut socket = line(&[&sent[..end], &payload]);
            assert_eq!(message(read(&mut socket).unwrap()).len(), length);
        }
        let mut socket = line(&[b"\x81\x7e\x00\x80", &[b'x'; 128]]);
        assert_eq!(message(read(&mut socket).unwrap()).len(), 128);
    }

    #[test]
    fn the_server_s_own_end_has_its_code_and_a_torn_message_is_an_error() {
        let mut socket = line(&[b"\x88\x05\x11\x31bye"]);
        assert_eq!(message(read(&mut socket).unwrap()), "closed with 4401 bye");
        let mut socket = line(&[b"\x88\x00"]);
        assert_eq!(message(read(&mut socket).unwrap()), "closed with no code ");
        assert!(read(&mut line(&[b"\x81\x05abc"])).is_err());
    }
}
