//! The engine against a household of the tests' own.

mod household_disk;
mod household_list;
mod household_world;
mod living;
