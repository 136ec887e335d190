//! A home in which nothing happens: no entity ever changes its state.

use std::collections::BTreeSet;

use crate::ports::States;

pub struct Still;

impl States for Still {
    fn watch(&self, _: BTreeSet<String>) {}
}
