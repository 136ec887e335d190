//! A cable between two parts that can be pulled: passes bytes on, or does not.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    select,
    sync::watch,
    time::sleep,
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What the cable does to connections, those that are there and those to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cable {
    Whole,
    /// Connections end, and new ones are refused.
    Pulled,
    /// What is sent vanishes; nobody hears of it.
    Silent,
    /// So many bytes a second, each way.
    Slow(u32),
}

/// Between two attempts to listen again.
const AGAIN: Duration = Duration::from_millis(50);

/// A running proxy on a port of its own. Dropping it ends it and its connections.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    cable: watch::Sender<Cable>,
    target: Arc<Mutex<SocketAddr>>,
    _stop: DropGuard,
}

impl FaultProxy {
    /// Needs a tokio runtime.
    pub async fn start(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let cable = watch::Sender::new(Cable::Whole);
        let target = Arc::new(Mutex::new(target));
        tokio::spawn(accept(
            listener,
            address,
            target.clone(),
            cable.subscribe(),
            stop.clone(),
        ));
        Ok(Self {
            address,
            cable,
            target,
            _stop: stop.drop_guard(),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn set(&self, cable: Cable) {
        self.cable.send_replace(cable);
    }

    /// New connections lead here from now on.
    pub fn lead_to(&self, target: SocketAddr) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = target;
    }
}

/// Listens while the cable is not pulled: then connections are refused, as by
/// a computer on which nobody does.
async fn accept(
    listener: TcpListener,
    address: SocketAddr,
    target: Arc<Mutex<SocketAddr>>,
    mut cable: watch::Receiver<Cable>,
    stop: CancellationToken,
) {
    let mut listener = Some(listener);
    loop {
        let pulled = *cable.borrow_and_update() == Cable::Pulled;
        match &listener {
            Some(_) if pulled => listener = None,
            // The port may be taken for a moment by an outgoing connection.
            None if !pulled => match TcpListener::bind(address).await {
                Ok(again) => listener = Some(again),
                Err(_) => sleep(AGAIN).await,
            },
            _ => {}
        }
        if pulled != listener.is_none() {
            continue;
        }
        let next = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        select! {
            () = stop.cancelled() => return,
            changed = cable.changed() => if changed.is_err() { return },
            Ok((near, _)) = next => {
                let target = *target.lock().unwrap_or_else(PoisonError::into_inner);
                let (cable, stop) = (cable.clone(), stop.clone());
                tokio::spawn(async move {
                    stop.run_until_cancelled(connect(near, target, cable)).await;
                });
            }
        }
    }
}

async fn connect(near: TcpStream, target: SocketAddr, cable: watch::Receiver<Cable>) {
    let Ok(far) = TcpStream::connect(target).await else {
        // Closes it with a reset instead of a farewell.
        let _ = near.set_zero_linger();
        return;
    };
    // Without it small messages wait for one another's acknowledgement.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let pulled = {
        let mut cable = cable.clone();
        async move {
            cable
                .wait_for(|cable| *cable == Cable::Pulled)
                .await
                .is_ok()
        }
    };
    let (near_in, near_out) = tokio::io::split(near);
    let (far_in, far_out) = tokio::io::split(far);
    select! {
        // Both halves are dropped, which closes them.
        true = pulled => {}
        () = pass(near_in, far_out, cable.clone()) => {}
        () = pass(far_in, near_out, cable.clone()) => {}
    }
}

/// Bytes from one end to the other until one closes.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut cable: watch::Receiver<Cable>,
) {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let Ok(read @ 1..) = from.read(&mut bytes).await else {
            return;
        };
        let now = *cable.borrow_and_update();
        match now {
            // What was said into a dead cable never arrives, and the rest of
            // the conversation would make no sense: it stays silent.
            Cable::Silent => {
                let _ = cable.wait_for(|cable| *cable != Cable::Silent).await;
                return;
            }
            Cable::Slow(per_second) => {
                let share = (per_second / 10).max(1) as usize;
                for piece in bytes[..read].chunks(share) {
                    if to.write_all(piece).await.is_err() {
                        return;
                    }
                    sleep(Duration::from_millis(100)).await;
                }
            }
            Cable::Whole | Cable::Pulled => {
                if to.write_all(&bytes[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers every line with itself.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.into_split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        address
    }

    async fn says(stream: &mut TcpStream) -> Option<u8> {
        stream.write_all(b"x").await.ok()?;
        let mut byte = [0];
        stream.read_exact(&mut byte).await.ok().map(|_| byte[0])
    }

    #[tokio::test]
    async fn a_pulled_cable_ends_connections_and_takes_no_new_ones() {
        let proxy = FaultProxy::start(echo().await).await.unwrap();
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(says(&mut stream).await, Some(b'x'));
        proxy.set(Cable::Pulled);
        assert_eq!(says(&mut stream).await, None);
        if let Ok(mut stream) = TcpStream::connect(proxy.address()).await {
            assert_eq!(says(&mut stream).await, None);
        }
        proxy.set(Cable::Whole);
        // Listening again takes a moment.
        let again = async {
            loop {
                if let Ok(mut stream) = TcpStream::connect(proxy.address()).await {
                    return says(&mut stream).await;
                }
                tokio::task::yield_now().await;
            }
        };
        let said = tokio::time::timeout(Duration::from_secs(10), again).await;
        assert_eq!(said, Ok(Some(b'x')));
    }

    #[tokio::test]
    async fn what_went_into_a_silent_cable_never_arrives() {
        let proxy = FaultProxy::start(echo().await).await.unwrap();
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(says(&mut stream).await, Some(b'x'));
        proxy.set(Cable::Silent);
        stream.write_all(b"lost").await.unwrap();
        let answer = tokio::time::timeout(Duration::from_millis(200), stream.read_u8()).await;
        assert!(answer.is_err(), "not a byte, and no end");
        proxy.set(Cable::Whole);
        assert_eq!(says(&mut stream).await, None, "a new one is needed");
    }
}
