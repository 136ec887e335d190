//! What the client says of the end of a connection, for people.

use rumqttc::{ConnectionError, StateError, mqttbytes};

/// The client's error without its wrappers, as a household may read it.
pub(super) fn reason(error: &ConnectionError) -> String {
    match error {
        ConnectionError::Io(error)
        | ConnectionError::MqttState(
            StateError::Io(error) | StateError::Deserialization(mqttbytes::Error::Io(error)),
        ) => error.to_string(),
        ConnectionError::MqttState(StateError::ConnectionAborted) => {
            "it closed the connection".to_owned()
        }
        ConnectionError::MqttState(StateError::AwaitPingResp)
        | ConnectionError::NetworkTimeout
        | ConnectionError::FlushTimeout => "it does not answer".to_owned(),
        other => other.to_string(),
    }
}
