//! A home in which nothing happens: no entity changes its state, and nobody
//! is told anything.

use std::collections::BTreeSet;

use crate::{
    domain::notification::{Notice, NotifyOptions},
    ports::{Herald, States},
};

pub struct Still;

impl States for Still {
    fn watch(&self, _: BTreeSet<String>) {}
}

impl Herald for Still {
    fn tell(&self, _: Notice, _: &NotifyOptions) {}
}
