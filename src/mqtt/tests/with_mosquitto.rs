//! The same with a real broker, and real clients with our own broker: a codec
//! shared by both ends would hide its mistakes.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener as StdListener},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{SOON, at, capturing, main_flow::main_flow, start_broker};

struct Mosquitto(Child);

impl Mosquitto {
    fn start(program: &str, config: &Path) -> Self {
        let child = Command::new(program)
            .args(["-c".as_ref(), config.as_os_str()])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program as it can be started here; Debian keeps it out of users' paths.
fn installed(name: &str) -> Option<String> {
    [name.to_owned(), format!("/usr/sbin/{name}")]
        .into_iter()
        .find(|program| Command::new(program).arg("--help").output().is_ok())
}

#[tokio::test]
async fn the_main_flow_with_mosquitto() {
    let Some(program) = installed("mosquitto") else {
        eprintln!("left out: mosquitto is not installed");
        return;
    };
    let free = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let addr: SocketAddr = free.local_addr().unwrap();
    drop(free);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("mosquitto.conf");
    let port = addr.port();
    let text = format!("listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n");
    std::fs::write(&config, text).unwrap();
    let mut running = Some(Mosquitto::start(&program, &config));
    main_flow(at(addr), async || {
        drop(running.take());
        running = Some(Mosquitto::start(&program, &config));
    })
    .await;
}

#[tokio::test]
async fn real_clients_with_our_own_broker() {
    let Some(publisher) = installed("mosquitto_pub") else {
        eprintln!("left out: mosquitto_pub is not installed");
        return;
    };
    let broker = start_broker(capturing()).await;
    for qos in ["0", "1", "2"] {
        let port = broker.addr().port().to_string();
        let arguments = ["-p", &port, "-q", qos, "-r", "-t", "a/b", "-m", qos];
        let mut child = Command::new(&publisher)
            .args(["-h", "127.0.0.1"])
            .args(arguments)
            .spawn()
            .unwrap();
        let arrived = broker.until(SOON, |b| b.retained("a/b").is_some_and(|p| p == qos));
        assert!(arrived.await, "QoS {qos}");
        let ended = tokio::task::spawn_blocking(move || child.wait()).await;
        assert!(ended.unwrap().unwrap().success(), "QoS {qos} is answered");
    }
    assert_eq!(broker.counts().publishes, 3);
}
