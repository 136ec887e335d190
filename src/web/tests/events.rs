//! A listener hears that something has changed, once for each change that can be seen.

use tokio::time::timeout;

use super::*;

/// The next event of a stream: its lines, without the chunks' lengths.
async fn heard(stream: &mut TcpStream, text: &mut String) -> Option<String> {
    let read = async {
        loop {
            if let Some(at) = text.find("data: ") {
                let rest = text.split_off(at);
                if let Some((line, after)) = rest.split_once('\n') {
                    *text = after.to_owned();
                    return line.trim_start_matches("data: ").trim_end().to_owned();
                }
                text.push_str(&rest);
            }
            let mut bytes = [0; 4096];
            let length = stream.read(&mut bytes).await.unwrap();
            assert!(length > 0, "the stream ended: {text}");
            text.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
        }
    };
    timeout(Duration::from_secs(5), read).await.ok()
}

#[tokio::test]
async fn a_listener_hears_of_every_change_that_can_be_seen() {
    let world = world().await;
    let mut stream = TcpStream::connect(world.ingress).await.unwrap();
    let request = format!(
        "GET /api/v1/events HTTP/1.1\r\nhost: {}\r\n\r\n",
        world.ingress
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    let first = heard(&mut stream, &mut text).await.expect("what is now");
    let zones = ask(world.ingress, "GET /api/v1/zones", "").await;
    assert_eq!(
        zones.header("etag"),
        Some(format!(r#"W/"{first}""#).as_str())
    );

    // Nothing that the page shows: no word. Then something: the next event is about that.
    let mut unseen = view(vec![kitchen()]);
    unseen.memory_mib += 1.0;
    world.view.send_replace(Arc::new(unseen));
    world.view.send_replace(Arc::new(view(vec![])));
    let second = heard(&mut stream, &mut text)
        .await
        .expect("no rooms any more");
    assert_ne!(first, second);
    let zones = ask(world.ingress, "GET /api/v1/zones", "").await;
    assert_eq!(
        zones.header("etag"),
        Some(format!(r#"W/"{second}""#).as_str())
    );
    world.stop.cancel();
    timeout(Duration::from_secs(5), world.served)
        .await
        .expect("an open page does not hold up the stop")
        .unwrap();
}
