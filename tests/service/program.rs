//! A running service with a folder of its own and free ports.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Generous, for a busy machine; nothing here is a measurement.
pub const LIMIT: Duration = Duration::from_mins(1);

pub fn aicleaner() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aicleaner"));
    command.env_clear().env("TZ", "UTC");
    command
}

/// A picture that ships with the program, as a camera of the options.
pub fn room(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets/rooms")
        .join(file)
}

pub struct Service {
    pub folder: TempDir,
    pub page: u16,
    pub probes: u16,
    child: Option<Child>,
}

impl Service {
    /// A service that has not been started.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            page: free_port(),
            probes: free_port(),
            child: None,
        }
    }

    pub fn options(&self, options: &str) {
        fs::write(self.folder.path().join("options.json"), options).unwrap();
    }

    /// One zone whose camera is this file.
    pub fn one_zone(&self, picture: &Path) {
        let camera = format!("file:{}", picture.display());
        let zones = json!([{"name": "Kitchen", "cameras": [camera]}]);
        self.options(&json!({"zones": zones, "provider": "local"}).to_string());
    }

    pub fn start(&mut self) {
        self.start_at("127.0.0.1");
    }

    /// With listeners at this address, as the options have it.
    pub fn start_at(&mut self, address: &str) {
        let mut command = aicleaner();
        command
            .env("AICLEANER_DATA_DIR", self.folder.path())
            .env("AICLEANER_WEB__PASSWORD", "open sesame");
        self.spawn(command, address);
    }

    /// Outside the app: whatever config file the folder has.
    pub fn start_outside(&mut self, folder: &Path) {
        let mut command = aicleaner();
        command
            .current_dir(folder)
            .env("AICLEANER_DATA_DIR", folder.join("state"));
        self.spawn(command, "127.0.0.1");
    }

    fn spawn(&mut self, mut command: Command, address: &str) {
        let child = command
            .arg("run")
            .env("AICLEANER_WEB__INGRESS", format!("{address}:{}", self.page))
            .env(
                "AICLEANER_WEB__PROBES",
                format!("{address}:{}", self.probes),
            )
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    pub fn until_ready(&mut self) {
        let probes = self.probes;
        self.until("ready", || {
            get(probes, "/ready").is_some_and(|(code, _)| code == 200)
        });
    }

    /// Polls, for there is nothing to wait on across a process's border.
    pub fn until(&mut self, what: &str, mut reached: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !reached() {
            let ended = self.child.as_mut().and_then(|c| c.try_wait().unwrap());
            assert_eq!(ended, None, "ended before: {what}");
            assert!(begun.elapsed() < LIMIT, "never: {what}");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// The first zone, as the page's API has it.
    pub fn zone(&self) -> Option<Value> {
        let (code, body) = get(self.page, "/api/v1/zones")?;
        assert_eq!(code, 200);
        let view: Value = serde_json::from_str(&body).unwrap();
        view["zones"].get(0).cloned()
    }

    pub fn until_judged(&mut self) -> Value {
        let mut seen = Value::Null;
        let page = self.page;
        self.until("judged", || {
            let zones = get(page, "/api/v1/zones").map(|(_, body)| body);
            let zones: Value = zones.map_or(Value::Null, |b| serde_json::from_str(&b).unwrap());
            seen = zones["zones"][0].clone();
            !seen["reading"].is_null()
        });
        seen
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the end; gives the exit code, or none if a signal ended it.
    pub fn ended(&mut self) -> Option<i32> {
        let mut child = self.child.take().unwrap();
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status.code();
            }
            if begun.elapsed() > LIMIT {
                child.kill().unwrap();
                panic!("did not end");
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// Status and body, or nothing if nobody answers.
pub fn get(port: u16, path: &str) -> Option<(u16, String)> {
    ask(port, &format!("GET {path}"), "\r\n")
}

/// Status and body of a request with a JSON body, as the page makes it.
pub fn send(port: u16, method: &str, path: &str, body: &str) -> (u16, String) {
    let length = body.len();
    let rest = format!(
        "Origin: http://127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    ask(port, &format!("{method} {path}"), &rest).expect("an answer")
}

fn ask(port: u16, what: &str, rest: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let request =
        format!("{what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{rest}");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
