//! The accept loop: how many clients at a time, how long each may take, and
//! the stop. What is answered lives in the routers.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{
    Extension, Router,
    body::Body,
    extract::Request,
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, sleep_until, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::reply::Refusal;

/// For the headers of a request, and for the pause between two. Longer than
/// the 15 seconds that the Supervisor's proxy keeps an idle connection.
const HEADERS: Duration = Duration::from_secs(20);
/// From the last header to the answer, reading the body included.
const ANSWER: Duration = Duration::from_secs(10);
/// For a whole connection: whoever reads slowly is cut off in the end.
const CONNECTION: Duration = Duration::from_mins(2);
/// From the stop to the last connection closed.
const DRAIN: Duration = Duration::from_millis(300);
/// No request of ours has a larger body.
const BODY: usize = 64 * 1024;
/// Connections at a time. Loopback has its own, so that a crowd on the network
/// cannot keep out the container's health check.
const SEATS: usize = 128;
const LOOPBACK_SEATS: usize = 32;

/// Who is at the other end, IPv4 never dressed up as IPv6. Set for every request.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Serves until `stop`; returns within `DRAIN` after it.
pub async fn serve(router: Router, listener: TcpListener, stop: CancellationToken) {
    let seats = Arc::new(Semaphore::new(SEATS));
    let loopback_seats = Arc::new(Semaphore::new(LOOPBACK_SEATS));
    let connections = TaskTracker::new();
    while let Some((stream, peer)) = accept(&listener, &stop).await {
        let seats = if peer.is_loopback() {
            &loopback_seats
        } else {
            &seats
        };
        let Ok(seat) = Arc::clone(seats).try_acquire_owned() else {
            tracing::debug!("all {} seats taken: turned {peer} away", SEATS);
            continue;
        };
        // Small answers leave at once; where it fails they only leave later.
        let _ = stream.set_nodelay(true);
        let router = router.clone().layer(Extension(Peer(peer)));
        connections.spawn(attend(stream, router, seat, stop.clone()));
    }
    drop(listener);
    connections.close();
    // Every connection keeps the deadline itself; this only proves it.
    let _ = timeout(DRAIN * 2, connections.wait()).await;
}

/// The next client, or `None` at the stop.
async fn accept(listener: &TcpListener, stop: &CancellationToken) -> Option<(TcpStream, IpAddr)> {
    loop {
        let accepted = stop.run_until_cancelled(listener.accept()).await?;
        match accepted {
            Ok((stream, peer)) => return Some((stream, plain(peer))),
            // Out of descriptors: accepting again at once would only spin.
            Err(e) if !is_the_clients(&e) => {
                tracing::warn!("cannot accept web connections for now: {e}");
                let pause = Duration::from_millis(fastrand::u64(200..800));
                stop.run_until_cancelled(sleep(pause)).await?;
            }
            Err(_) => {}
        }
    }
}

fn plain(peer: SocketAddr) -> IpAddr {
    peer.ip().to_canonical()
}

fn is_the_clients(e: &io::Error) -> bool {
    matches!(
        e.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// Serves one connection to its end, to its limit, or to the stop.
async fn attend(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    _seat: OwnedSemaphorePermit,
    stop: CancellationToken,
) {
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .max_buf_size(64 * 1024)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
    );
    let limit = Instant::now() + CONNECTION;
    // A client that breaks off is its own business.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = sleep_until(limit) => {}
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = finish(connection, &stop).await;
}

/// Lets the answer under way go out: for as long as it may take, or for the
/// drain's deadline once we stop.
async fn finish<F: Future>(connection: F, stop: &CancellationToken) -> Option<F::Output> {
    let mut connection = pin!(connection);
    tokio::select! {
        done = timeout(ANSWER, connection.as_mut()) => return done.ok(),
        () = stop.cancelled() => {}
    }
    timeout(DRAIN, connection).await.ok()
}

/// Middleware: reads the body whole, within its limits, and answers in time.
pub async fn in_time(request: Request, next: Next) -> Response {
    let limit = Instant::now() + ANSWER;
    let (head, body) = request.into_parts();
    let body = if matches!(head.method, Method::GET | Method::HEAD) {
        Body::empty()
    } else {
        match timeout_at(limit, axum::body::to_bytes(body, BODY)).await {
            Ok(Ok(bytes)) => Body::from(bytes),
            Ok(Err(_)) => {
                return Refusal::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "The request is larger than 64 KiB, or broke off.",
                )
                .into_response();
            }
            Err(_) => {
                return Refusal::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "The request took too long to arrive; try again.",
                )
                .into_response();
            }
        }
    };
    timeout_at(limit, next.run(Request::from_parts(head, body)))
        .await
        .unwrap_or_else(|_| {
            Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "This took too long; try again in a moment.",
            )
            .into_response()
        })
}

#[cfg(test)]
mod tests;
