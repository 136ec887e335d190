//! Stand-ins for the world around the service.

pub mod broker;
