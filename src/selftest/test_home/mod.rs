//! Stand-ins for the world around the service.

pub mod album;
pub mod broker;
pub mod fake_home_assistant;
pub mod fake_providers;
pub mod fault_proxy;
pub mod lists;
pub mod states;
