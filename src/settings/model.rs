//! The settings as the rest of the program reads them: checked, defaults in
//! place, nothing optional that has a default.

use std::path::PathBuf;

use super::secret::Secret;
use crate::domain::{house::HouseOptions, zone::ZoneOptions};

#[derive(Debug, Clone)]
pub struct Settings {
    /// Valid zones only; the others are named in the problems.
    pub zones: Vec<ZoneOptions>,
    pub judging: Judging,
    pub house: HouseOptions,
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

/// Who judges the pictures, and within which limits.
#[derive(Debug, Clone)]
pub struct Judging {
    /// In the order in which they are asked. Never empty: without a usable
    /// provider it is the local one.
    pub chain: Vec<ProviderOptions>,
    /// `provider` is `auto` and no key was given: an AI Task entity of Home
    /// Assistant may take the first place once the household agreed to it.
    pub may_use_ai_task: bool,
    /// No picture leaves the home network.
    pub local_only: bool,
    /// Calls of providers outside this program, a day.
    pub daily_call_limit: u32,
    /// US dollars a day.
    pub daily_cost_limit: Option<f64>,
    /// Of tasks and summaries, such as `de` or `pt-BR`; `None`: Home Assistant's.
    pub language: Option<String>,
    /// Score with `ai_task.evaluate` where an AI Task entity offers it.
    pub evaluate_with_ai_task: bool,
    /// What models cost, before our own list.
    pub prices: Vec<Price>,
}

impl Judging {
    /// An AI of Home Assistant's judges, or may once the household agrees.
    pub fn may_ask_home_assistant(&self) -> bool {
        let asked = |p: &ProviderOptions| p.kind == ProviderKind::HomeAssistant;
        self.may_use_ai_task || self.chain.iter().any(asked)
    }
}

/// A provider as the options describe it.
#[derive(Debug, Clone)]
pub struct ProviderOptions {
    /// Where it stands: `provider` or `fallback_providers[0]`.
    pub path: String,
    pub kind: ProviderKind,
    pub api_key: Option<Secret>,
    /// `None`: the provider's own choice. Of `home_assistant`: the entity, `ai_task.…`.
    pub model: Option<String>,
    /// Without a slash at the end. `None`: the vendor's own.
    pub base_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProviderKind {
    HomeAssistant,
    Gemini,
    OpenAi,
    Anthropic,
    Ollama,
    OpenAiCompatible,
    Local,
}

impl ProviderKind {
    pub const ALL: [Self; 7] = [
        Self::HomeAssistant,
        Self::Gemini,
        Self::OpenAi,
        Self::Anthropic,
        Self::Ollama,
        Self::OpenAiCompatible,
        Self::Local,
    ];

    /// As in the options, in tasks, in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::HomeAssistant => "home_assistant",
            Self::Gemini => "gemini",
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Ollama => "ollama",
            Self::OpenAiCompatible => "openai_compatible",
            Self::Local => "local",
        }
    }

    /// As a sentence names it.
    pub fn shown(self) -> &'static str {
        match self {
            Self::HomeAssistant => "Home Assistant's AI Task",
            Self::Gemini => "Google Gemini",
            Self::OpenAi => "OpenAI",
            Self::Anthropic => "Anthropic",
            Self::Ollama => "Ollama",
            Self::OpenAiCompatible => "the OpenAI-compatible server",
            Self::Local => "the built-in judge",
        }
    }
}

/// What a model costs, in US dollars for a million tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// The beginning of the model's name is enough.
    pub model: String,
    pub input: f64,
    pub output: f64,
}

impl Price {
    /// From `MODEL INPUT OUTPUT`, in dollars for a million tokens.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (model, input, output) = (words.next()?, words.next()?, words.next()?);
        let dollars = |word: &str| {
            let number: f64 = word.trim_start_matches('$').parse().ok()?;
            (0.0..=10_000.0).contains(&number).then_some(number)
        };
        (words.next().is_none()).then_some(())?;
        Some(Self {
            model: model.to_owned(),
            input: dollars(input)?,
            output: dollars(output)?,
        })
    }
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
    /// `None`: not encrypted, as within one machine.
    pub tls: Option<Tls>,
}

/// How to encrypt the connection to a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// A PEM file with the authorities to trust; `None`: those of the system.
    pub ca_file: Option<PathBuf>,
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
