//! AICleaner V3: looks at rooms, says what there is to tidy, keeps Home
//! Assistant's to-do lists in step.
//!
//! A house of floors; a module uses only floors below it (`tests/floors.rs`):
//!
//! ```text
//! 5  main · cli · demo · doctor · evaluate · selftest   who starts a world
//! 4  app                               composition: wires adapters to the engine, supervises, drains
//! 3  engine                            the loop of life: when to check, what to do with the answer
//! 2  ports ← adapters                  home_assistant · mqtt · vision · imaging · references · store · web
//! 1  base                              settings · clock · telemetry
//! 0  domain                            types and decisions; no tokio, no IO, no clock reads
//! ```

pub mod app;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod doctor;
pub mod domain;
pub mod engine;
pub mod evaluate;
pub mod home_assistant;
pub mod imaging;
pub mod mqtt;
#[cfg(feature = "mutants")]
pub mod mutants;
pub mod ports;
pub mod references;
pub mod selftest;
pub mod settings;
pub mod store;
pub mod telemetry;
pub mod vision;
pub mod web;
