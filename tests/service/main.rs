//! The program as a child process, exactly as it ships: `run`, `demo`,
//! `check-config`, `healthcheck`, and their exit codes.

mod commands;
mod lifecycle;
mod program;
