//! Opens the stream that a connection runs on.

use std::{fmt::Debug, io};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use crate::ports::Boxed;

/// Bytes both ways.
pub trait Io: AsyncRead + AsyncWrite + Debug + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Debug + Send + Unpin> Io for T {}

pub type Stream = Box<dyn Io>;

/// Reaches a host and port. The caller sets the limit.
pub trait Dial: Debug + Send + Sync {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Boxed<'a, io::Result<Stream>>;
}

/// By the network.
#[derive(Debug)]
pub struct Tcp;

impl Dial for Tcp {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Boxed<'a, io::Result<Stream>> {
        Box::pin(async move {
            let tcp = TcpStream::connect((host, port)).await?;
            let _ = tcp.set_nodelay(true);
            Ok(Box::new(tcp) as Stream)
        })
    }
}
