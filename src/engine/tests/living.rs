//! The running engine: see the tests.
