//! Whether the broker lets us in, tried once and under another name: the
//! running service keeps its own connection.

use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, MqttOptions, Packet, Transport,
};
use tokio::time::timeout;

use super::{connection, tls::Tunnel};
use crate::settings::{model::Broker, secret::ExposeSecret};

const LIMIT: Duration = Duration::from_secs(10);

/// Connects and leaves. Both are sentences for the household.
pub async fn knock(broker: &Broker) -> Result<String, String> {
    let name = connection::name(broker);
    let tunnel = match &broker.tls {
        None => None,
        Some(_) => Some(
            Tunnel::open(broker)
                .await
                .map_err(|why| format!("The MQTT broker at {name} {}.", why.what))?,
        ),
    };
    let address = match &tunnel {
        Some(tunnel) => tunnel.path().display().to_string(),
        None => connection::host(broker),
    };
    let id = format!("aicleaner_doctor_{:08x}", fastrand::u32(..));
    let mut options = MqttOptions::new(id, address, broker.port);
    if tunnel.is_some() {
        options.set_transport(Transport::Unix);
    }
    if let Some(user) = &broker.username {
        let password = broker.password.as_ref().map_or("", |p| p.expose_secret());
        options.set_credentials(user, password);
    }
    let (client, mut events) = AsyncClient::new(options, 4);
    let welcome = async {
        loop {
            if let Event::Incoming(Packet::ConnAck(_)) = events.poll().await? {
                return Ok::<_, ConnectionError>(());
            }
        }
    };
    let welcome = timeout(LIMIT, welcome).await;
    let what = match welcome {
        Ok(Ok(())) => {
            // Politely, so that the broker's log has nothing to complain about.
            if client.try_disconnect().is_ok() {
                let _ = timeout(Duration::from_secs(1), async {
                    while events.poll().await.is_ok() {}
                })
                .await;
            }
            return Ok(format!("The broker at {name} lets us in."));
        }
        Err(_) => format!("does not answer within {} seconds; check host and port, and that it runs", LIMIT.as_secs()),
        Ok(Err(ConnectionError::ConnectionRefused(
            ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
        ))) => "refuses our user name or password; check both in the options, or restart the broker's app if the Supervisor gave them to us".to_owned(),
        Ok(Err(ConnectionError::ConnectionRefused(code))) => {
            format!("refuses the connection ({code:?}); it must speak MQTT 3.1.1")
        }
        Ok(Err(ConnectionError::Io(error))) => {
            format!("cannot be reached ({error}); check that it runs, and host and port")
        }
        Ok(Err(_)) => "does not answer like an MQTT broker; check host and port".to_owned(),
    };
    Err(format!("The MQTT broker at {name} {what}."))
}
