//! The Supervisor in front of Home Assistant: the broker it knows, and what it
//! says about the app and the house.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};

use super::{error::HaError, report::sentence, rest::Rest};
use crate::{
    ports::{Boxed, BrokerSource, OptionsKeeper},
    settings::{
        Document, Secret,
        model::{Broker, Tls},
    },
};

#[derive(Debug, Clone)]
pub struct Supervisor {
    rest: Rest,
}

/// `GET /addons/self/info`, as far as we use it.
#[derive(Clone, Deserialize)]
pub struct AppInfo {
    /// The full slug, such as `1a2b3c4d_aicleaner_v3`.
    pub slug: String,
    pub version: String,
    /// The path under which Home Assistant shows our page, such as `/api/hassio_ingress/…`.
    #[serde(default)]
    pub ingress_entry: Option<String>,
    /// The user's options as stored; they may hold keys, so they are not in `Debug`.
    #[serde(default)]
    pub options: Value,
}

impl fmt::Debug for AppInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The ingress path holds a token, too.
        f.debug_struct("AppInfo")
            .field("slug", &self.slug)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// `GET /info`, as far as we use it.
#[derive(Debug, Clone, Deserialize)]
pub struct HouseInfo {
    #[serde(default)]
    pub timezone: Option<String>,
    /// The version of the Supervisor.
    #[serde(default)]
    pub supervisor: Option<String>,
}

/// `GET /services/mqtt`.
#[derive(Deserialize)]
struct MqttService {
    host: String,
    #[serde(deserialize_with = "port")]
    port: u16,
    #[serde(default)]
    ssl: bool,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password: Option<Secret>,
}

impl Supervisor {
    pub(super) fn new(rest: Rest) -> Self {
        Self { rest }
    }

    pub async fn app_info(&self) -> Result<AppInfo, HaError> {
        self.rest.supervisor("addons/self/info").await
    }

    pub async fn house_info(&self) -> Result<HouseInfo, HaError> {
        self.rest.supervisor("info").await
    }

    async fn mqtt(&self) -> Result<Broker, String> {
        let service: MqttService = match self.rest.supervisor("services/mqtt").await {
            Ok(service) => service,
            Err(why) => return Err(no_broker(why)),
        };
        Ok(Broker {
            host: service.host,
            port: service.port,
            username: service.username.filter(|name| !name.is_empty()),
            password: service.password,
            tls: service.ssl.then_some(Tls { ca_file: None }),
        })
    }
}

impl BrokerSource for Supervisor {
    fn broker(&self) -> Boxed<'_, Result<Broker, String>> {
        Box::pin(self.mqtt())
    }
}

impl OptionsKeeper for Supervisor {
    fn place(&self) -> String {
        "the app's Configuration tab".into()
    }

    fn written(&self) -> Boxed<'_, Result<Document, String>> {
        Box::pin(async {
            // Not `options/config`: that one has every `!secret` resolved.
            let info = self.app_info().await.map_err(|why| unread(&why))?;
            match info.options {
                Value::Object(options) => Ok(Document(options)),
                _ => Err("The Supervisor sent no options; it may be too old for this app.".into()),
            }
        })
    }

    fn effective(&self) -> Boxed<'_, Result<Document, String>> {
        Box::pin(async {
            let options = self.rest.supervisor("addons/self/options/config").await;
            options.map(Document).map_err(|why| unread(&why))
        })
    }

    fn write(&self, document: Document) -> Boxed<'_, Result<(), String>> {
        Box::pin(async move {
            let body = json!({ "options": document.0 });
            let told = self.rest.tell_supervisor("addons/self/options", &body);
            told.await.map_err(|why| match why {
                HaError::Status {
                    status: 400,
                    message,
                } => sentence(&format!(
                    "the Supervisor does not take these options: {message}"
                )),
                other => sentence(&format!("the options could not be saved: {other}")),
            })
        })
    }

    fn cost(&self) -> Boxed<'_, Option<String>> {
        Box::pin(async { None })
    }
}

fn unread(why: &HaError) -> String {
    sentence(&format!(
        "the options could not be read from the Supervisor: {why}"
    ))
}

fn no_broker(why: HaError) -> String {
    match why {
        HaError::Status {
            status: 400,
            message,
        } if message.contains("not ready") => {
            "The Supervisor is still starting; it is asked again for the MQTT broker.".into()
        }
        HaError::Status { status: 400, .. } => "There is no MQTT broker yet; install and start the Mosquitto broker app, or enter a broker in the mqtt options.".into(),
        other => sentence(&format!("the MQTT broker is not known: {other}")),
    }
}

/// The Supervisor's documentation shows a string, Mosquitto registers a number.
fn port<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let port = match Value::deserialize(deserializer)? {
        Value::String(text) => text.trim().parse().ok(),
        number => number
            .as_u64()
            .and_then(|number| u16::try_from(number).ok()),
    };
    port.filter(|port| *port != 0)
        .ok_or_else(|| de::Error::custom("a port is 1 to 65535"))
}
