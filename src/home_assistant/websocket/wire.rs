//! The protocol on one connection: dial, authenticate, number what is sent.

use std::io;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::{self, Instant};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async_tls_with_config,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::WebSocketConfig},
};

use super::{super::access::Access, Limits, Way, dial::Stream};
use crate::home_assistant::error::{is_tls, root_cause};

/// Larger messages end the connection; ours are lists and short answers.
const MAX_MESSAGE: usize = 8 << 20;
const READ_BUFFER: usize = 16 << 10;

/// Why there is no connection (any more).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// Comes back by itself.
    Away(String),
    /// Only a person can help.
    Failed(String),
}

/// An authenticated connection to a running Home Assistant.
#[derive(Debug)]
pub(super) struct Wire {
    socket: WebSocketStream<MaybeTlsStream<Stream>>,
    last_id: u64,
    limits: Limits,
}

impl Wire {
    pub(super) async fn open(way: &Way, limits: Limits) -> Result<Self, Ended> {
        // Boxed: the TLS handshake's state is large.
        time::timeout(limits.connect, Box::pin(Self::dial(way, limits)))
            .await
            .unwrap_or_else(|_| {
                Err(Ended::Away(format!(
                    "{} did not answer within {} seconds; waiting for it",
                    way.access.peer,
                    limits.connect.as_secs()
                )))
            })
    }

    async fn dial(way: &Way, limits: Limits) -> Result<Self, Ended> {
        let access = &*way.access;
        let refused = |why: Error| explain(access, &why);
        let request = access.websocket().into_client_request().map_err(refused)?;
        let uri = request.uri();
        let host = uri.host().unwrap_or_default();
        let port = uri
            .port_u16()
            .unwrap_or(if uri.scheme_str() == Some("wss") {
                443
            } else {
                80
            });
        let stream = way.dial.dial(host.trim_matches(['[', ']']), port).await;
        let stream = stream.map_err(|why| refused(Error::Io(why)))?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let (socket, _) = client_async_tls_with_config(request, stream, Some(config), None)
            .await
            .map_err(refused)?;
        let mut wire = Self {
            socket,
            last_id: 0,
            limits,
        };
        wire.authenticate(access).await?;
        wire.await_running().await?;
        Ok(wire)
    }

    async fn authenticate(&mut self, access: &Access) -> Result<(), Ended> {
        if self.receive().await?["type"] != "auth_required" {
            return Err(Ended::Failed(format!(
                "{} does not speak Home Assistant's protocol; check the address in the configuration",
                access.peer
            )));
        }
        self.transmit(&json!({"type": "auth", "access_token": access.token()}))
            .await?;
        let verdict = self.receive().await?;
        match verdict["type"].as_str() {
            Some("auth_ok") => Ok(()),
            Some("auth_invalid") => Err(Ended::Failed(access.denied())),
            _ => Err(Ended::Failed(format!(
                "{} gave an unexpected answer to the access token; check that its version is supported",
                access.peer
            ))),
        }
    }

    /// Home Assistant accepts connections before it knows its entities; what
    /// it then says about cameras and lists is not true yet.
    async fn await_running(&mut self) -> Result<(), Ended> {
        let id = self.send(json!({"type": "get_config"})).await?;
        loop {
            let message = self.receive().await?;
            if message["id"] != id {
                continue;
            }
            let state = message["result"]["state"].as_str().unwrap_or("RUNNING");
            if state == "RUNNING" {
                return Ok(());
            }
            return Err(Ended::Away(
                "Home Assistant is starting or stopping; waiting for it".into(),
            ));
        }
    }

    /// Sends a command under the next id, which it returns.
    pub(super) async fn send(&mut self, mut command: Value) -> Result<u64, Ended> {
        self.last_id += 1;
        if let Some(fields) = command.as_object_mut() {
            fields.insert("id".into(), self.last_id.into());
        }
        self.transmit(&command).await?;
        Ok(self.last_id)
    }

    async fn transmit(&mut self, message: &Value) -> Result<(), Ended> {
        let text = Message::text(message.to_string());
        match time::timeout(self.limits.send, self.socket.send(text)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(why)) => Err(lost(&why)),
            Err(_) => Err(silent()),
        }
    }

    /// The next JSON message. Safe to cancel.
    pub(super) async fn receive(&mut self) -> Result<Value, Ended> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                    Ok(value) => return Ok(value),
                    Err(why) => tracing::debug!(%why, "a message of Home Assistant is not JSON"),
                },
                // Pings are answered by the library; they come from the nearest
                // proxy and say nothing about Home Assistant.
                Some(Ok(_)) => {}
                Some(Err(why)) => return Err(lost(&why)),
                None => return Err(lost(&Error::ConnectionClosed)),
            }
        }
    }

    /// Says goodbye, until `deadline` at most.
    pub(super) async fn close(mut self, deadline: Instant) {
        let _ = time::timeout_at(deadline, self.socket.close(None)).await;
    }
}

/// The end of a connection that nothing answers on.
pub(super) fn silent() -> Ended {
    Ended::Away("Home Assistant stopped answering; connecting again".into())
}

fn lost(why: &Error) -> Ended {
    Ended::Away(match why {
        Error::ConnectionClosed | Error::AlreadyClosed | Error::Protocol(_) => {
            "Home Assistant closed the connection; connecting again".into()
        }
        why => format!(
            "the connection to Home Assistant was lost ({}); connecting again",
            root_cause(why)
        ),
    })
}

/// Why a connection did not come about.
fn explain(access: &Access, why: &Error) -> Ended {
    let peer = &access.peer;
    match why {
        Error::Http(response) => match response.status().as_u16() {
            status @ 502..=504 => Ended::Away(format!(
                "Home Assistant is starting or stopped ({peer} answers {status}); waiting for it"
            )),
            401 | 403 => Ended::Failed(access.denied()),
            status => Ended::Failed(format!(
                "{peer} answers {status} where its WebSocket should be; check the address in the configuration"
            )),
        },
        Error::Url(_) => Ended::Failed(format!("the address of {peer} cannot be used: {why}")),
        why if is_tls(why) => Ended::Failed(format!(
            "no secure connection to {peer}: {}; check its certificate (if it is one of your own, name the file of its authority in the environment variable SSL_CERT_FILE)",
            root_cause(why)
        )),
        // Without any CA certificate the TLS set-up fails before it begins.
        Error::Io(io) if io.kind() == io::ErrorKind::NotFound => Ended::Failed(format!(
            "no secure connection to {peer}: {io}; install the system's CA certificates"
        )),
        why => Ended::Away(format!(
            "{peer} does not answer ({}); waiting for it",
            root_cause(why)
        )),
    }
}
