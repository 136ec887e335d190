//! The program as a child process, exactly as it ships: `run`, `demo`,
//! `check-config`, `healthcheck`, and their exit codes.

mod backup;
mod commands;
mod editing;
mod learning;
mod lifecycle;
mod program;
