use super::*;

const LOOPBACK: &str = "127.0.0.1";
const INGRESS: &str = "172.30.32.2";
const LAN: &str = "192.168.1.20";

fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn ask(
    guard: &Guard,
    peer: &str,
    method: &Method,
    list: &[(&'static str, &str)],
) -> Result<Door, No> {
    let peer: IpAddr = peer.parse().unwrap();
    guard.admit(peer, method, &headers(list), Instant::now())
}

fn supervised() -> Guard {
    Guard::new(true, None)
}

fn alone(password: Option<&str>) -> Guard {
    Guard::new(false, password.map(Secret::from))
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

fn look(guard: &Guard, peer: &str, host: &str) -> Result<Door, No> {
    ask(guard, peer, &Method::GET, &[("host", host)])
}

#[test]
fn who_may_look_behind_the_supervisor() {
    for (what, peer, host, expected) in [
        ("ingress", INGRESS, "ha.example.org", Ok(Door::Ingress)),
        ("loopback", LOOPBACK, "localhost:8099", Ok(Door::Loopback)),
        ("IPv6 loopback", "::1", "[::1]:8099", Ok(Door::Loopback)),
        ("127/8", "127.0.0.9", "127.0.0.9", Ok(Door::Loopback)),
        ("rebound", LOOPBACK, "evil.example", Err(No::WrongHost)),
        ("another app", "172.30.33.5", "localhost", Err(No::Stranger)),
        ("the host", "172.30.32.1", "localhost", Err(No::Stranger)),
        ("the network", LAN, "192.168.1.2:8099", Err(No::Stranger)),
    ] {
        assert_eq!(look(&supervised(), peer, host), expected, "{what}");
    }
}

#[test]
fn who_may_look_outside_the_supervisor() {
    for (what, password, peer, host, expected) in [
        ("loopback", None, LOOPBACK, "127.0.0.1", Ok(Door::Loopback)),
        (
            "still",
            Some("p"),
            LOOPBACK,
            "LOCALHOST",
            Ok(Door::Loopback),
        ),
        (
            "fake ingress",
            None,
            INGRESS,
            "localhost",
            Err(No::Stranger),
        ),
        ("network", None, LAN, "192.168.1.2", Err(No::Stranger)),
        ("asked", Some("p"), LAN, "x", Err(No::PasswordMissing)),
        (
            "asked too",
            Some("p"),
            INGRESS,
            "x",
            Err(No::PasswordMissing),
        ),
        (
            "rebound",
            None,
            LOOPBACK,
            "evil.example",
            Err(No::WrongHost),
        ),
        (
            "prefix",
            None,
            LOOPBACK,
            "localhost.evil.example",
            Err(No::WrongHost),
        ),
        (
            "in a name",
            None,
            LOOPBACK,
            "127.0.0.1.evil.example",
            Err(No::WrongHost),
        ),
        (
            "rebound, asked",
            Some("p"),
            LOOPBACK,
            "evil.example",
            Err(No::PasswordMissing),
        ),
    ] {
        assert_eq!(look(&alone(password), peer, host), expected, "{what}");
    }
}

#[test]
fn a_request_names_one_host() {
    for list in [&[][..], &[("host", "localhost"), ("host", "evil.example")]] {
        let got = ask(&alone(None), LOOPBACK, &Method::GET, list);
        assert_eq!(got, Err(No::WrongHost));
    }
}

#[test]
fn a_password_behind_the_supervisor_opens_nothing() {
    let guard = Guard::new(true, Some(Secret::from("p")));
    let list = [("host", "x"), ("authorization", &basic("me:p"))];
    assert_eq!(ask(&guard, LAN, &Method::GET, &list), Err(No::Stranger));
}

#[test]
fn a_proxy_on_this_machine_is_not_this_machine() {
    let list = [("host", "localhost"), ("x-forwarded-for", "203.0.113.7")];
    let got = ask(&alone(None), LOOPBACK, &Method::GET, &list);
    assert_eq!(got, Err(No::Stranger));
    let got = ask(&alone(Some("p")), LOOPBACK, &Method::GET, &list);
    assert_eq!(got, Err(No::PasswordMissing));
}

#[test]
fn the_password_and_only_the_password() {
    let right = "pa:ss wörd";
    for (pair, expected) in [
        ("anybody:pa:ss wörd", Ok(Door::Password)),
        (":pa:ss wörd", Ok(Door::Password)),
        ("anybody:", Err(No::PasswordWrong)),
        ("anybody:pa", Err(No::PasswordWrong)),
        ("anybody:pa:ss wörd2", Err(No::PasswordWrong)),
        ("anybody:pa:ss wördpa:ss wörd", Err(No::PasswordWrong)),
        ("no colon", Err(No::PasswordMissing)),
    ] {
        let list = [("host", "x"), ("authorization", &basic(pair))];
        let got = ask(&alone(Some(right)), LAN, &Method::GET, &list);
        assert_eq!(got, expected, "{pair}");
    }
    for header in ["Bearer abc", "Basic ***", "Basic", ""] {
        let list = [("host", "x"), ("authorization", header)];
        let got = ask(&alone(Some(right)), LAN, &Method::GET, &list);
        assert_eq!(got, Err(No::PasswordMissing), "{header}");
    }
}

#[tokio::test(start_paused = true)]
async fn guessing_is_cut_short() {
    let guard = alone(Some("right"));
    let (wrong, right) = (basic("me:wrong"), basic("me:right"));
    for _ in 0..5 {
        let list = [("host", "x"), ("authorization", wrong.as_str())];
        assert_eq!(
            ask(&guard, LAN, &Method::GET, &list),
            Err(No::PasswordWrong)
        );
    }
    let list = [("host", "x"), ("authorization", right.as_str())];
    let got = ask(&guard, LAN, &Method::GET, &list);
    assert!(matches!(got, Err(No::TooManyAttempts(_))), "{got:?}");
    tokio::time::advance(Duration::from_mins(1)).await;
    assert_eq!(ask(&guard, LAN, &Method::GET, &list), Ok(Door::Password));
}

/// Asks for a change, as JSON, with these headers besides.
fn change(peer: &str, host: &str, more: &[(&'static str, &str)]) -> Result<Door, No> {
    let mut list = vec![
        ("host", host),
        ("content-type", "application/json; charset=utf-8"),
    ];
    list.extend(more);
    ask(&supervised(), peer, &Method::POST, &list)
}

#[test]
fn our_own_page_may_ask() {
    let origin = |peer, host, origin| change(peer, host, &[("origin", origin)]);
    for (host, page) in [
        ("ha.local:8123", "http://ha.local:8123"),
        ("HA.local", "http://ha.LOCAL"),
        // A default port may be said or not.
        ("ha.local:443", "https://ha.local"),
        ("ha.local", "http://ha.local:80"),
    ] {
        assert_eq!(origin(INGRESS, host, page), Ok(Door::Ingress), "{page}");
    }
    let loopback = origin(LOOPBACK, "localhost:8099", "http://localhost:8099");
    assert_eq!(loopback, Ok(Door::Loopback));
    // Behind one more proxy, which says the name it was called, or does not.
    let page = ("origin", "https://ha.example.org");
    for said in [
        ("x-forwarded-host", "ha.example.org"),
        ("sec-fetch-site", "same-origin"),
    ] {
        assert_eq!(
            change(INGRESS, "10.0.0.2:8123", &[page, said]),
            Ok(Door::Ingress)
        );
    }
    // Not a browser at all.
    assert!(change(LOOPBACK, "localhost", &[("x-requested-with", "curl")]).is_ok());
}

#[test]
fn no_other_page_may_ask() {
    for (peer, host) in [(INGRESS, "ha.local:8123"), (LOOPBACK, "localhost:8123")] {
        assert_eq!(
            change(peer, host, &[]),
            Err(No::ForeignOrigin),
            "no sign of a page"
        );
        for page in [
            "https://evil.example",
            "http://evil.example:8123",
            "http://ha.local:9000",
            "http://evil-ha.local:8123",
            "http://",
            "null",
            "file://",
            "ha.local:8123",
        ] {
            let no = Err(No::ForeignOrigin);
            let origin = ("origin", page);
            assert_eq!(change(peer, host, &[origin]), no, "{page}");
            let with_header = [origin, ("x-requested-with", "x")];
            assert_eq!(change(peer, host, &with_header), no, "{page}");
            let cross = [origin, ("sec-fetch-site", "cross-site")];
            assert_eq!(change(peer, host, &cross), no, "{page}");
        }
    }
    // On loopback nobody forwards, and a rebound name would call itself the same origin.
    let origin = ("origin", "http://evil.example");
    for said in [
        ("x-forwarded-host", "evil.example"),
        ("sec-fetch-site", "same-origin"),
    ] {
        let got = change(LOOPBACK, "localhost", &[origin, said]);
        assert_eq!(got, Err(No::ForeignOrigin));
    }
}

#[test]
fn looking_needs_no_origin_but_a_foreign_one_is_turned_away() {
    let got = ask(
        &supervised(),
        INGRESS,
        &Method::GET,
        &[("host", "ha.local")],
    );
    assert_eq!(got, Ok(Door::Ingress));
    let list = [("host", "ha.local"), ("origin", "https://evil.example")];
    let got = ask(&supervised(), INGRESS, &Method::GET, &list);
    assert_eq!(got, Err(No::ForeignOrigin));
}

#[test]
fn every_change_is_json() {
    // What a form of another site could send without being asked for first.
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data"),
        Some("text/plain; application/json"),
    ] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let mut list = vec![("host", "localhost"), ("x-requested-with", "x")];
            list.extend(kind.map(|kind| ("content-type", kind)));
            let got = ask(&supervised(), LOOPBACK, &method, &list);
            assert_eq!(got, Err(No::NotJson), "{method} {kind:?}");
        }
    }
}
