//! The whole program against servers that speak the providers' protocols: what
//! leaves it, and what never does.

mod key_echo;
mod service;
