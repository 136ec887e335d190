//! MQTT: one link to the broker, one table of entities.
