//! The store without its thread and without a disk, for tests whose time is
//! paused: it would run on while they wait for another thread. Everything still
//! goes through the tables.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use jiff::Timestamp;

use super::{
    database::{self, Database},
    opening,
};
use crate::{
    domain::{check::Reading, effect::Change, zone::ZoneId},
    ports::{Boxed, Remembered, Store},
};

pub struct DirectStore {
    database: Mutex<Database>,
    /// Nothing can be written.
    pub full: AtomicBool,
}

impl DirectStore {
    pub fn new(now: Timestamp) -> Self {
        Self {
            database: Mutex::new(opening::for_tests(now)),
            full: AtomicBool::new(false),
        }
    }

    /// What a start finds.
    pub fn remembered(&self) -> Remembered {
        database::load(self.database.lock().unwrap().connection()).unwrap()
    }
}

impl Store for DirectStore {
    fn commit(&self, changes: Vec<Change>) -> Boxed<'_, Result<(), String>> {
        Box::pin(async move {
            if self.full.load(Ordering::SeqCst) {
                return Err("The disk is full.".into());
            }
            self.database.lock().unwrap().commit(&changes)
        })
    }

    fn history(
        &self,
        zone: ZoneId,
        since: Timestamp,
        limit: u32,
    ) -> Boxed<'_, Result<Vec<Reading>, String>> {
        let history = self.database.lock().unwrap().history(zone, since, limit);
        Box::pin(async { history })
    }

    fn copy(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}
