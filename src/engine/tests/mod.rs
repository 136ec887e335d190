//! The engine against a household of the tests' own.

mod edges;
mod household_world;
mod identity;
mod living;
mod marks;
mod month;
mod odd_lists;
mod rules;
mod telling;
mod ticks;
mod watching;
