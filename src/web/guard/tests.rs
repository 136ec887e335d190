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

#[test]
fn who_may_look() {
    let local = "localhost:8099";
    let table: &[(&str, Guard, &str, &str, Result<Door, No>)] = &[
        (
            "ingress, any name",
            supervised(),
            INGRESS,
            "ha.example.org",
            Ok(Door::Ingress),
        ),
        (
            "loopback, in the app",
            supervised(),
            LOOPBACK,
            local,
            Ok(Door::Loopback),
        ),
        (
            "IPv6 loopback",
            supervised(),
            "::1",
            "[::1]:8099",
            Ok(Door::Loopback),
        ),
        (
            "all of 127/8",
            supervised(),
            "127.0.0.9",
            "127.0.0.9",
            Ok(Door::Loopback),
        ),
        (
            "another app",
            supervised(),
            "172.30.33.5",
            local,
            Err(No::Stranger),
        ),
        (
            "Home Assistant itself",
            supervised(),
            "172.30.32.1",
            local,
            Err(No::Stranger),
        ),
        (
            "the network",
            supervised(),
            LAN,
            "192.168.1.2:8099",
            Err(No::Stranger),
        ),
        (
            "ingress address without a Supervisor",
            alone(None),
            INGRESS,
            local,
            Err(No::Stranger),
        ),
        (
            "ingress address, password set",
            alone(Some("p")),
            INGRESS,
            local,
            Err(No::PasswordMissing),
        ),
        (
            "loopback outside",
            alone(None),
            LOOPBACK,
            "127.0.0.1:8099",
            Ok(Door::Loopback),
        ),
        (
            "the network, no password set",
            alone(None),
            LAN,
            "192.168.1.2",
            Err(No::Stranger),
        ),
        (
            "the network, password set",
            alone(Some("p")),
            LAN,
            "192.168.1.2",
            Err(No::PasswordMissing),
        ),
        (
            "a name rebound to loopback",
            alone(None),
            LOOPBACK,
            "evil.example",
            Err(No::WrongHost),
        ),
        (
            "a name that begins well",
            alone(None),
            LOOPBACK,
            "localhost.evil.example",
            Err(No::WrongHost),
        ),
        (
            "an address in a name",
            alone(None),
            LOOPBACK,
            "127.0.0.1.evil.example",
            Err(No::WrongHost),
        ),
        (
            "rebound, password set",
            alone(Some("p")),
            LOOPBACK,
            "evil.example",
            Err(No::PasswordMissing),
        ),
        (
            "rebound, in the app",
            supervised(),
            LOOPBACK,
            "evil.example",
            Err(No::WrongHost),
        ),
    ];
    for (what, guard, peer, host, expected) in table {
        let got = ask(guard, peer, &Method::GET, &[("host", host)]);
        assert_eq!(got, *expected, "{what}");
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
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(ask(&guard, LAN, &Method::GET, &list), Ok(Door::Password));
}

#[test]
fn which_page_may_ask() {
    type Row = (
        &'static str,
        &'static str,
        &'static [(&'static str, &'static str)],
        bool,
    );
    const TABLE: &[Row] = &[
        (
            "our page through ingress",
            INGRESS,
            &[
                ("host", "ha.local:8123"),
                ("origin", "http://ha.local:8123"),
            ],
            true,
        ),
        (
            "a default port, said and unsaid",
            INGRESS,
            &[("host", "ha.local:443"), ("origin", "https://ha.local")],
            true,
        ),
        (
            "upper case",
            INGRESS,
            &[("host", "HA.local"), ("origin", "http://ha.LOCAL")],
            true,
        ),
        (
            "a proxy before Home Assistant",
            INGRESS,
            &[
                ("host", "10.0.0.2:8123"),
                ("x-forwarded-host", "ha.example.org"),
                ("origin", "https://ha.example.org"),
            ],
            true,
        ),
        (
            "a proxy that hides the name",
            INGRESS,
            &[
                ("host", "10.0.0.2:8123"),
                ("origin", "https://ha.example.org"),
                ("sec-fetch-site", "same-origin"),
            ],
            true,
        ),
        (
            "another site",
            INGRESS,
            &[
                ("host", "ha.local"),
                ("origin", "https://evil.example"),
                ("sec-fetch-site", "cross-site"),
            ],
            false,
        ),
        (
            "another port of the same host",
            INGRESS,
            &[
                ("host", "ha.local:8123"),
                ("origin", "http://ha.local:9000"),
            ],
            false,
        ),
        (
            "a name that ends like ours",
            INGRESS,
            &[("host", "ha.local"), ("origin", "http://evil-ha.local")],
            false,
        ),
        (
            "a sandboxed page",
            INGRESS,
            &[("host", "ha.local"), ("origin", "null")],
            false,
        ),
        (
            "a file",
            INGRESS,
            &[("host", "ha.local"), ("origin", "file://")],
            false,
        ),
        ("no origin", INGRESS, &[("host", "ha.local")], false),
        (
            "no origin, our header",
            INGRESS,
            &[("host", "ha.local"), ("x-requested-with", "aicleaner")],
            true,
        ),
        (
            "our header does not outweigh an origin",
            INGRESS,
            &[
                ("host", "ha.local"),
                ("origin", "http://evil.example"),
                ("x-requested-with", "x"),
            ],
            false,
        ),
        (
            "our page on loopback",
            LOOPBACK,
            &[
                ("host", "localhost:8099"),
                ("origin", "http://localhost:8099"),
            ],
            true,
        ),
        (
            "a name rebound to loopback",
            LOOPBACK,
            &[
                ("host", "localhost:8099"),
                ("origin", "http://evil.example:8099"),
            ],
            false,
        ),
        (
            "loopback takes no forwarded name",
            LOOPBACK,
            &[
                ("host", "localhost"),
                ("x-forwarded-host", "evil.example"),
                ("origin", "http://evil.example"),
            ],
            false,
        ),
        (
            "curl on loopback",
            LOOPBACK,
            &[("host", "localhost"), ("x-requested-with", "curl")],
            true,
        ),
    ];
    for (what, peer, list, allowed) in TABLE {
        let mut list = list.to_vec();
        list.push(("content-type", "application/json; charset=utf-8"));
        let got = ask(&supervised(), peer, &Method::POST, &list);
        assert_eq!(got.is_ok(), *allowed, "{what}: {got:?}");
        if !allowed {
            assert_eq!(got, Err(No::ForeignOrigin), "{what}");
        }
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
