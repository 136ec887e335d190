//! The parts around the engine, as the tests play them.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use bytes::Bytes;
use jiff::Timestamp;

use crate::{
    domain::{
        check::{Assessment, CheckError, ErrorClass, Finding, Reading},
        effect::Change,
        notification::{Notice, NotifyOptions},
        score::Score,
        standing::Standing,
        task::Priority,
        todo::ListId,
        zone::ZoneId,
    },
    ports::{
        Boxed, Camera, CleanPicture, CleanPictures, Frame, Herald, Judge, Question, Store,
        TodoError,
    },
    selftest::test_home::lists::{Answers, Ask, MemoryLists, Told},
};

/// A camera that shows one picture, or is away.
#[derive(Default)]
pub struct Eye {
    pub away: AtomicBool,
    pub looks: AtomicUsize,
}

impl Camera for Eye {
    fn capture<'a>(&'a self, _: &'a str) -> Boxed<'a, Result<Bytes, CheckError>> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        let away = self.away.load(Ordering::SeqCst);
        Box::pin(async move {
            if away {
                return Err(CheckError {
                    class: ErrorClass::Paused,
                    sentence: "Home Assistant restarts.".into(),
                });
            }
            let room = include_bytes!("../../../../assets/rooms/living_room/day-20.jpg");
            Ok(Bytes::from_static(room))
        })
    }
}

/// A judge that always finds the same thing, or fails, or never answers.
#[derive(Default)]
pub struct Oracle {
    pub asked: AtomicUsize,
    /// How many clean pictures came with the last question.
    pub references: AtomicUsize,
    /// The pictures that came with it, and the clean ones.
    pub frames: Mutex<Vec<Frame>>,
    pub clean: Mutex<Vec<Frame>>,
    pub failing: AtomicBool,
    pub silent: AtomicBool,
}

impl Judge for Oracle {
    fn standing(&self) -> Standing {
        Standing::of("oracle")
    }

    fn assess(
        &self,
        question: Arc<Question>,
        _: Timestamp,
    ) -> Boxed<'_, Result<Assessment, CheckError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.references
            .store(question.references.len(), Ordering::SeqCst);
        self.frames.lock().unwrap().clone_from(&question.frames);
        let clean = question.references.iter().map(|r| r.frame.clone());
        *self.clean.lock().unwrap() = clean.collect();
        assert_eq!(question.changes.len(), question.frames.len());
        Box::pin(async move {
            if self.silent.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            if self.failing.load(Ordering::SeqCst) {
                return Err(CheckError {
                    class: ErrorClass::Provider,
                    sentence: "The oracle is silent.".into(),
                });
            }
            let new = Finding {
                title: "Wash the dishes".into(),
                confidence: 0.8,
                priority: Priority::Normal,
                region: None,
            };
            Ok(Assessment {
                score: Score::clamped(40.0),
                confidence: 0.8,
                summary: "Dishes.".into(),
                remain: question.known.iter().map(|k| k.id).collect(),
                done: Vec::new(),
                new: if question.known.is_empty() {
                    vec![new]
                } else {
                    Vec::new()
                },
                provider: "oracle".into(),
                method: "test".into(),
                needs_second_look: false,
                impressions: Vec::new(),
            })
        })
    }
}

/// Clean pictures in memory.
#[derive(Default)]
pub struct Shelf(Mutex<Vec<(ZoneId, CleanPicture)>>);

impl CleanPictures for Shelf {
    fn of<'a>(
        &'a self,
        zone: ZoneId,
        _: &'a [String],
    ) -> Boxed<'a, Result<Vec<CleanPicture>, String>> {
        let kept = self.0.lock().unwrap();
        let here = kept.iter().filter(|(of, _)| *of == zone);
        let here = here.map(|(_, picture)| picture.clone()).collect();
        Box::pin(async { Ok(here) })
    }

    fn add(&self, zone: ZoneId, picture: CleanPicture) -> Boxed<'_, Result<(), String>> {
        self.0.lock().unwrap().push((zone, picture));
        Box::pin(async { Ok(()) })
    }

    fn forget(&self, zone: ZoneId) -> Boxed<'_, Result<(), String>> {
        self.0.lock().unwrap().retain(|(of, _)| *of != zone);
        Box::pin(async { Ok(()) })
    }
}

/// Lists whose first visit panics.
pub struct Fragile(pub Arc<MemoryLists>, pub AtomicBool);

impl Answers for Fragile {
    fn answer(&self, list: &ListId, ask: Ask<'_>) -> Result<Told, TodoError> {
        if let Ask::Items = ask {
            assert!(self.1.swap(true, Ordering::SeqCst), "breaks once");
        }
        self.0.answer(list, ask)
    }
}

/// Lists in a Home Assistant that is away, and how often they were asked for.
pub struct Distant(pub Arc<MemoryLists>, pub AtomicBool, pub AtomicUsize);

impl Answers for Distant {
    fn answer(&self, list: &ListId, ask: Ask<'_>) -> Result<Told, TodoError> {
        self.2.fetch_add(1, Ordering::SeqCst);
        if self.1.load(Ordering::SeqCst) {
            return Err(TodoError::Away("Home Assistant is away".into()));
        }
        self.0.answer(list, ask)
    }
}

/// Hears what the household is told.
#[derive(Default)]
pub struct Ears(pub Mutex<Vec<Notice>>);

impl Herald for Ears {
    fn tell(&self, notice: Notice, _: &NotifyOptions) {
        self.0.lock().unwrap().push(notice);
    }
}

/// A store in memory whose disk can be full.
#[derive(Default)]
pub struct Disk {
    pub full: AtomicBool,
    pub saved: Mutex<Vec<Change>>,
}

impl Store for Disk {
    fn commit(&self, changes: Vec<Change>) -> Boxed<'_, Result<(), String>> {
        let full = self.full.load(Ordering::SeqCst);
        if !full {
            self.saved.lock().unwrap().extend(changes);
        }
        Box::pin(async move {
            if full {
                Err("The disk is full.".into())
            } else {
                Ok(())
            }
        })
    }

    fn history(&self, _: ZoneId, _: Timestamp, _: u32) -> Boxed<'_, Result<Vec<Reading>, String>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn copy(&self) -> Boxed<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}
