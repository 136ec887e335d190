use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::*;

/// A client's end of a connection that is being served.
fn connect(router: Router, stop: &CancellationToken) -> DuplexStream {
    let (ours, theirs) = duplex(4096);
    let seat = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
    tokio::spawn(attend(theirs, router, seat, stop.clone()));
    ours
}

fn router() -> Router {
    Router::new()
        .route("/", get(async || "here"))
        .route("/large", get(async || "x".repeat(1 << 20)))
        .route("/never", get(std::future::pending::<()>))
        .layer(axum::middleware::from_fn(in_time))
}

/// Reads to the end; how long it took.
async fn ended(client: &mut DuplexStream) -> (String, Duration) {
    let begun = Instant::now();
    let mut text = Vec::new();
    // A reset is an end, too.
    let _ = client.read_to_end(&mut text).await;
    (String::from_utf8(text).unwrap(), begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn headers_that_drip_are_cut_off() {
    let mut client = connect(router(), &CancellationToken::new());
    let begun = Instant::now();
    let mut cut = false;
    for byte in std::iter::once("GET / HTTP/1.1\r\nx: ").chain(std::iter::repeat("y")) {
        if client.write_all(byte.as_bytes()).await.is_err() {
            cut = true;
            break;
        }
        sleep(Duration::from_secs(1)).await;
        assert!(
            begun.elapsed() < HEADERS + Duration::from_secs(3),
            "not cut off"
        );
    }
    assert!(cut && begun.elapsed() >= HEADERS);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_is_an_answer_in_time() {
    let mut client = connect(router(), &CancellationToken::new());
    let request = b"GET /never HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    client.write_all(request).await.unwrap();
    let (text, took) = ended(&mut client).await;
    assert!(text.starts_with("HTTP/1.1 503"), "{text}");
    assert!(took >= ANSWER && took < ANSWER + Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_is_refused_in_time() {
    let mut client = connect(router(), &CancellationToken::new());
    let request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{";
    client.write_all(request).await.unwrap();
    let (text, took) = ended(&mut client).await;
    assert!(text.starts_with("HTTP/1.1 408"), "{text}");
    assert!(took < HEADERS + ANSWER + Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn who_reads_slowly_is_cut_off_in_the_end() {
    let mut client = connect(router(), &CancellationToken::new());
    client
        .write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let begun = Instant::now();
    let mut sip = [0; 16];
    while client.read(&mut sip).await.is_ok_and(|n| n > 0) {
        sleep(Duration::from_secs(5)).await;
        if begun.elapsed() > CONNECTION + ANSWER + Duration::from_secs(10) {
            break;
        }
    }
    // What the pipe still held may be read; nothing is fed into it any more.
    let (rest, _) = ended(&mut client).await;
    assert!(rest.len() <= 4096, "{} bytes followed", rest.len());
}

#[tokio::test(start_paused = true)]
async fn the_stop_lets_an_answer_finish_but_not_for_long() {
    let stop = CancellationToken::new();
    let slow = Router::new().route(
        "/",
        get(async || {
            sleep(DRAIN / 2).await;
            "finished"
        }),
    );
    let mut lucky = connect(slow, &stop);
    let mut hanging = connect(router(), &stop);
    let mut idle = connect(router(), &stop);
    let mut halfway = connect(router(), &stop);
    for (client, text) in [
        (&mut lucky, "GET / HTTP/1.1\r\nhost: x\r\n\r\n"),
        (&mut hanging, "GET /never HTTP/1.1\r\nhost: x\r\n\r\n"),
        (&mut halfway, "GET / HTTP/1.1\r\nho"),
    ] {
        client.write_all(text.as_bytes()).await.unwrap();
    }
    tokio::time::advance(Duration::from_millis(1)).await;
    stop.cancel();
    let (text, _) = ended(&mut lucky).await;
    assert!(text.ends_with("finished"), "{text}");
    for client in [&mut hanging, &mut idle, &mut halfway] {
        let (text, took) = ended(client).await;
        assert!(text.is_empty() && took <= DRAIN, "{took:?} {text}");
    }
}
