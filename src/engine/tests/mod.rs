//! The engine against a household of the tests' own.

mod household_world;
mod living;
