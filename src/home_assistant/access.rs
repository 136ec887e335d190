//! Where Home Assistant is and what opens it: addresses and token. Nothing is
//! sent from here.

use reqwest::Url;

use crate::settings::{Secret, model::HomeAssistantAccess, secret::ExposeSecret};

/// Foreign text in our sentences is cut to this many characters.
const QUOTED: usize = 200;

/// The addresses of one Home Assistant and the token that opens all of them.
#[derive(Debug)]
pub(super) struct Access {
    /// Ends in `/api/`.
    api: Url,
    websocket: String,
    /// Ends in `/`; only inside the app.
    supervisor: Option<Url>,
    token: Secret,
    /// Whom we talk to, as a sentence names it.
    pub(super) peer: String,
}

impl Access {
    /// The error is a sentence for the household.
    pub(super) fn new(settings: &HomeAssistantAccess) -> Result<Self, String> {
        match settings {
            HomeAssistantAccess::Supervisor { base_url, token } => {
                let base = base(base_url)?;
                Ok(Self {
                    api: join(&base, "core/api/")?,
                    websocket: websocket(&join(&base, "core/websocket")?),
                    peer: "the Supervisor".into(),
                    supervisor: Some(base),
                    token: token.clone(),
                })
            }
            HomeAssistantAccess::Direct { base_url, token } => {
                let base = base(base_url)?;
                Ok(Self {
                    api: join(&base, "api/")?,
                    websocket: websocket(&join(&base, "api/websocket")?),
                    peer: format!("Home Assistant at {}", base.as_str().trim_end_matches('/')),
                    supervisor: None,
                    token: token.clone(),
                })
            }
            HomeAssistantAccess::None => Err(
                "Home Assistant is not set up; give its address and a long-lived access token in the configuration"
                    .into(),
            ),
        }
    }

    /// An address of Home Assistant's REST API, `path` without `/api/`.
    pub(super) fn api(&self, path: &str) -> Result<Url, String> {
        join(&self.api, path)
    }

    pub(super) fn supervisor(&self, path: &str) -> Result<Url, String> {
        match &self.supervisor {
            Some(base) => join(base, path),
            None => Err("there is no Supervisor outside the app".into()),
        }
    }

    pub(super) fn websocket(&self) -> &str {
        &self.websocket
    }

    pub(super) fn token(&self) -> &str {
        self.token.expose_secret()
    }

    pub(super) fn has_supervisor(&self) -> bool {
        self.supervisor.is_some()
    }

    /// What to do about a token that is not accepted.
    pub(super) fn denied(&self) -> String {
        if self.has_supervisor() {
            "Home Assistant does not accept the app's token; restart the app".into()
        } else {
            format!(
                "{} does not accept the access token; create a new long-lived access token in your Home Assistant profile and put it in the configuration",
                self.peer
            )
        }
    }

    /// Foreign text, fit to be quoted in a sentence or a log: one line, short,
    /// and without our token, should somebody echo it.
    pub(super) fn quote(&self, text: &str) -> String {
        let text = match self.token() {
            "" => text.to_owned(),
            token => text.replace(token, "[token]"),
        };
        let line: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(QUOTED)
            .collect();
        line.trim().to_owned()
    }
}

fn base(text: &str) -> Result<Url, String> {
    let mut url = Url::parse(text.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or(
            "the address of Home Assistant must look like http://homeassistant.local:8123; correct it in the configuration",
        )?;
    // The token is what opens it. These fail for addresses that cannot have
    // credentials, which is as good.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn join(base: &Url, path: &str) -> Result<Url, String> {
    base.join(path)
        .map_err(|why| format!("{path} is not part of an address: {why}"))
}

fn websocket(url: &Url) -> String {
    // http becomes ws and https becomes wss.
    url.as_str().replacen("http", "ws", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direct(base_url: &str) -> Result<Access, String> {
        Access::new(&HomeAssistantAccess::Direct {
            base_url: base_url.into(),
            token: Secret::from("s3cret"),
        })
    }

    #[test]
    fn addresses_follow_the_way_in() {
        let inside = Access::new(&HomeAssistantAccess::Supervisor {
            base_url: "http://supervisor".into(),
            token: Secret::from("s3cret"),
        })
        .unwrap();
        assert_eq!(
            inside.api("states/todo.x").unwrap().as_str(),
            "http://supervisor/core/api/states/todo.x"
        );
        assert_eq!(inside.websocket(), "ws://supervisor/core/websocket");
        assert_eq!(
            inside.supervisor("services/mqtt").unwrap().as_str(),
            "http://supervisor/services/mqtt"
        );

        for base in ["https://ha.example/", "https://ha.example"] {
            let outside = direct(base).unwrap();
            assert_eq!(
                outside.api("config").unwrap().as_str(),
                "https://ha.example/api/config"
            );
            assert_eq!(outside.websocket(), "wss://ha.example/api/websocket");
            assert!(outside.supervisor("info").is_err());
        }
        assert_eq!(
            direct("http://[::1]:8123/ha").unwrap().websocket(),
            "ws://[::1]:8123/ha/api/websocket"
        );
    }

    #[test]
    fn a_wrong_address_is_a_sentence() {
        for wrong in ["", "homeassistant.local:8123", "ftp://x", "/api"] {
            assert!(
                direct(wrong).unwrap_err().contains("configuration"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn the_token_is_in_no_text() {
        let access = direct("http://user:s3cret@ha.example/?k=s3cret").unwrap();
        let texts = [
            format!("{access:?}"),
            access.peer.clone(),
            access.denied(),
            access.quote("you said\ns3cret"),
        ];
        for text in &texts {
            assert!(!text.contains("s3cret"), "{text}");
        }
        assert_eq!(access.quote("you said\ns3cret"), "you said [token]");
        assert_eq!(access.quote(&"x".repeat(999)).len(), QUOTED);
    }
}
