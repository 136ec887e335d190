//! A client's connection.

use std::{collections::HashSet, io, sync::Arc, time::Duration};

use bytes::BytesMut;
use rumqttc::mqttbytes::{
    Error as CodecError,
    v4::{ConnAck, ConnectReturnCode, Packet},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    select,
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::Shared;

/// Larger packets end the connection that sends them.
const MAX_PACKET: usize = 4 * 1024 * 1024;

/// Packets that may wait for one client; what does not fit is dropped and counted.
const CLIENT_QUEUE: usize = 1000;

/// How long a new connection may take to introduce itself, and a packet to be taken.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn accept(listener: TcpListener, shared: Arc<Shared>, tasks: TaskTracker) {
    loop {
        let accepted = select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // An error here is about one connection that went away again.
        if let Ok((stream, _)) = accepted
            && !shared.lock().refuse
        {
            let shared = shared.clone();
            tasks.spawn(async move {
                let stop = shared.stop.clone();
                select! {
                    () = stop.cancelled() => {}
                    () = serve(stream, &shared) => {}
                }
            });
        }
    }
}

/// A client's connection, from its introduction to its end.
async fn serve(stream: TcpStream, shared: &Shared) {
    // Small answers must not wait for company; without it they are only slower.
    let _ = stream.set_nodelay(true);
    let mut wire = Wire {
        stream,
        buffer: BytesMut::new(),
    };
    let Ok(Ok(Packet::Connect(hello))) = timeout(PATIENCE, wire.read()).await else {
        return;
    };
    let (queue, mut queued) = mpsc::channel(CLIENT_QUEUE);
    let cut = CancellationToken::new();
    let admitted = shared.change(|state| state.admit(&hello, queue, cut.clone()));
    let code = match admitted {
        Some(_) => ConnectReturnCode::Success,
        None => ConnectReturnCode::NotAuthorized,
    };
    shared.thawed().await;
    let answer = Packet::ConnAck(ConnAck::new(code, false));
    let answered = wire.write(&answer).await;
    let Some(number) = admitted else { return };
    let clean = answered.is_ok()
        && select! {
            () = cut.cancelled() => false,
            clean = converse(&mut wire, hello.keep_alive, number, &mut queued, shared) => clean,
        };
    shared.change(|state| state.leave(number, clean));
}

/// `true` if the client took its leave.
async fn converse(
    wire: &mut Wire,
    keep_alive: u16,
    number: u64,
    queued: &mut mpsc::Receiver<Packet>,
    shared: &Shared,
) -> bool {
    // Half a keep-alive more than promised, as the standard has it.
    let patience = match keep_alive {
        0 => Duration::from_hours(24),
        seconds => Duration::from_secs(u64::from(seconds)) * 3 / 2,
    };
    let mut heard = Instant::now();
    let mut received = HashSet::new();
    loop {
        let (packet, incoming) = select! {
            packet = wire.read() => match packet {
                Ok(packet) => (packet, true),
                Err(_) => return false,
            },
            Some(packet) = queued.recv() => (packet, false),
            () = sleep_until(heard + patience) => return false,
        };
        shared.thawed().await;
        let answer = if incoming {
            heard = Instant::now();
            match packet {
                Packet::Disconnect => return true,
                packet => shared.change(|state| state.answer(number, packet, &mut received)),
            }
        } else {
            Some(packet)
        };
        if let Some(answer) = answer
            && wire.write(&answer).await.is_err()
        {
            return false;
        }
    }
}

/// Packets on a stream.
struct Wire {
    stream: TcpStream,
    buffer: BytesMut,
}

impl Wire {
    /// May be abandoned at any time: what was read stays in the buffer.
    async fn read(&mut self) -> io::Result<Packet> {
        loop {
            match Packet::read(&mut self.buffer, MAX_PACKET) {
                Ok(packet) => return Ok(packet),
                Err(CodecError::InsufficientBytes(_)) => {}
                Err(error) => return Err(io::Error::other(error)),
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn write(&mut self, packet: &Packet) -> io::Result<()> {
        let mut bytes = BytesMut::new();
        packet
            .write(&mut bytes, usize::MAX)
            .map_err(io::Error::other)?;
        timeout(PATIENCE, self.stream.write_all(&bytes))
            .await
            .map_err(io::Error::from)?
    }
}
