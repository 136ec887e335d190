//! One request to the running service on this computer. No client is needed
//! for a line and its answer.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Bytes of an answer that are read.
const LONGEST: u64 = 64 * 1024;

pub(super) struct Answer {
    /// The first line.
    pub(super) status: String,
    pub(super) code: Option<u16>,
    pub(super) body: String,
}

/// Asks as our own page would, with an empty JSON object where there is a body.
pub(super) fn ask(port: u16, method: &str, path: &str, limit: Duration) -> io::Result<Answer> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_read_timeout(Some(limit))?;
    stream.set_write_timeout(Some(limit))?;
    let body = match method {
        "GET" => "\r\n",
        _ => {
            "Content-Type: application/json\r\nX-Requested-With: aicleaner\r\nContent-Length: 2\r\n\r\n{}"
        }
    };
    let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    stream.write_all((head + body).as_bytes())?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or(io::ErrorKind::InvalidData)?;
    let status = head.lines().next().unwrap_or_default().to_owned();
    Ok(Answer {
        code: status.split(' ').nth(1).and_then(|code| code.parse().ok()),
        status,
        body: body.to_owned(),
    })
}
