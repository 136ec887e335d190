//! To whom a picture may go is decided before a byte of it is sent.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::atomic::{AtomicUsize, Ordering},
};

use tokio::net::TcpListener;

use super::*;

fn nobody(_: IpAddr) -> bool {
    false
}

fn loopback(ip: IpAddr) -> bool {
    ip.is_loopback()
}

async fn pair_at(host: &str, allowed: Allowed) -> Pair {
    Pair::with(Protocol::Chat, |access| {
        access.allowed = Some(allowed);
        let url = access.base_url.take().unwrap();
        access.base_url = Some(url.replace("127.0.0.1", host));
    })
    .await
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_never_connected_to() {
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1"] {
        let pair = pair_at(host, nobody).await;
        for failure in [
            pair.ask(TERMS).await.unwrap_err(),
            pair.provider.inspect(TERMS).await.unwrap_err(),
            pair.provider
                .prove(Arc::new(canary::draw(0)), TERMS)
                .await
                .unwrap_err(),
        ] {
            assert_eq!(
                failure.class,
                Class::NotLocal,
                "{host}: {}",
                failure.sentence
            );
            assert!(
                failure.sentence.contains("local_only") && !failure.in_doubt,
                "{}",
                failure.sentence
            );
        }
        assert!(pair.fake.requests().is_empty(), "{host}");
    }
}

#[tokio::test]
async fn an_allowed_address_is_used() {
    for host in ["127.0.0.1", "localhost"] {
        let pair = pair_at(host, loopback).await;
        pair.ask(TERMS).await.unwrap();
    }
}

/// Not even a connection: a listener that nobody may reach counts none.
#[tokio::test]
async fn not_a_packet_goes_to_a_forbidden_address() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    fn counting(ip: IpAddr) -> bool {
        ASKED.fetch_add(1, Ordering::SeqCst);
        ip != IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))
    }
    let listener = TcpListener::bind(("127.0.0.2", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let pair = Pair::with(Protocol::Ollama, |access| {
        access.allowed = Some(counting);
        access.base_url = Some(format!("http://127.0.0.2:{port}"));
    })
    .await;
    assert_eq!(pair.ask(TERMS).await.unwrap_err().class, Class::NotLocal);
    assert!(ASKED.load(Ordering::SeqCst) > 0);
    let knocked = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(knocked.is_err(), "somebody connected");
}

#[tokio::test]
async fn an_unreachable_server_is_said_and_not_in_doubt() {
    let free = TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    for (url, part) in [
        (format!("http://{free}"), "refused"),
        ("http://no-such-host.invalid".to_owned(), "no-such-host"),
    ] {
        let pair = Pair::with(Protocol::Ollama, |access| access.base_url = Some(url)).await;
        let failure = pair.ask(TERMS).await.unwrap_err();
        assert_eq!(
            (failure.class, failure.in_doubt),
            (Class::Network, false),
            "{}",
            failure.sentence
        );
        assert!(
            failure.sentence.to_lowercase().contains(part),
            "{}",
            failure.sentence
        );
        assert!(
            failure.sentence.contains("option base_url"),
            "{}",
            failure.sentence
        );
    }
}
