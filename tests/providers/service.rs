//! The program as a child process, with everything it says.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::Path,
    process::{Child, Command},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

/// Generous, for a busy machine; nothing here is a measurement.
pub const LIMIT: Duration = Duration::from_mins(1);

pub struct Service {
    pub folder: TempDir,
    pub page: String,
    pub probes: String,
    child: Child,
}

impl Service {
    /// Starts it with these options; its log goes to a file of the folder.
    pub fn start(options: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("options.json"), options.to_string()).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let (page, probes) = (free(), free());
        let child = program(&folder)
            .arg("run")
            .env("AICLEANER_WEB__INGRESS", &page)
            .env("AICLEANER_WEB__PROBES", &probes)
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self {
            folder,
            page,
            probes,
            child,
        }
    }

    /// What another command says with the same options.
    pub fn beside(&self, arguments: &[&str]) -> Vec<u8> {
        let said = program(&self.folder).args(arguments).output().unwrap();
        [said.stdout, said.stderr].concat()
    }

    pub fn log(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("log")).unwrap()
    }

    /// Stops it, so that everything it had to write is written.
    pub fn stop(&mut self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
        assert!(sent.unwrap().success());
        self.child.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn program(folder: &TempDir) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_aicleaner"));
    program
        .env_clear()
        .env("TZ", "UTC")
        .env("AICLEANER_DATA_DIR", folder.path());
    program
}

/// A picture that ships with the program, as a camera of the options.
pub fn room(file: &str) -> String {
    let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/rooms");
    format!("file:{}", rooms.join(file).display())
}

fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
