//! The settings as the rest of the program reads them: checked, defaults in
//! place, nothing optional that has a default.

use std::path::PathBuf;

use super::secret::Secret;
use crate::domain::zone::ZoneOptions;

#[derive(Debug, Clone)]
pub struct Settings {
    /// Valid zones only; the others are named in the problems.
    pub zones: Vec<ZoneOptions>,
    pub provider: ProviderChoice,
    /// Default minutes between checks, 1–1440.
    pub interval_minutes: u32,
    pub mqtt: Mqtt,
    /// Prefix of the hub's entities and topics, `^[a-z0-9_]{1,32}$`.
    pub device_id: String,
    pub log_level: LogLevel,
    pub home_assistant: HomeAssistantAccess,
    pub web: Web,
    /// Where state lives (`/data` in the app).
    pub data_dir: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderChoice {
    /// The best one that needs no further consent.
    Auto,
    Local,
}

/// How to reach a broker.
#[derive(Debug, Clone)]
pub struct Mqtt {
    /// `None`: ask the Supervisor.
    pub broker: Option<Broker>,
    pub discovery_prefix: String,
}

#[derive(Debug, Clone)]
pub struct Broker {
    pub host: String,
    pub port: u16,
    pub username: Option<String>,
    pub password: Option<Secret>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warning,
    Error,
}

/// How to reach Home Assistant.
#[derive(Debug, Clone)]
pub enum HomeAssistantAccess {
    /// Inside the app: everything through the Supervisor (`http://supervisor`).
    Supervisor { base_url: String, token: Secret },
    /// Outside: a URL such as `http://homeassistant.local:8123` and a long-lived token.
    Direct { base_url: String, token: Secret },
    /// Neither given: cameras and lists of Home Assistant are out of reach, and the service says so.
    None,
}

#[derive(Debug, Clone)]
pub struct Web {
    /// Where the page and the API listen, such as `0.0.0.0:8099`.
    pub ingress: std::net::SocketAddr,
    /// Where `/health`, `/ready` and `/metrics` listen, such as `0.0.0.0:9464`.
    pub probes: std::net::SocketAddr,
    /// Asked for (HTTP basic, any user name) outside the Supervisor; without it the page stays on loopback.
    pub password: Option<Secret>,
}
