//! Requests sent as they were signed, byte by byte, and what came back.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::signed::Signed;

/// Longest wait for an answer.
const ANSWER_SECONDS_MAX: u64 = 30;

/// The status of an answer, and the code of its error if it is one.
pub struct Answer {
    pub status: u16,
    pub code: String,
}

/// Sends one request on a connection of its own.
pub fn send(to: SocketAddr, request: &Signed, body: &[u8]) -> std::io::Result<Answer> {
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target).into_bytes();
    for (name, value) in &request.headers {
        if !name.eq_ignore_ascii_case("content-length") {
            head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
    }
    let length = format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    head.extend_from_slice(length.as_bytes());
    head.extend_from_slice(body);
    let mut stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(Duration::from_secs(ANSWER_SECONDS_MAX)))?;
    stream.write_all(&head)?;
    let mut came = Vec::new();
    // A server that closes early has answered all the same.
    let _ = stream.read_to_end(&mut came);
    let text = String::from_utf8_lossy(&came);
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    Ok(Answer { status, code: code.map_or(String::new(), |(code, _)| code.to_owned()) })
}
