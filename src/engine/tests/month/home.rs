//! The home around the engine: rooms with messes, cameras that show them, an
//! AI that sees them and words them anew each time, people's lists.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use image::{ImageFormat, Rgb, RgbImage};
use jiff::Timestamp;

use super::{MESSES, ROOMS, service::list_of, words};
use crate::{
    clock::Clock,
    domain::{
        check::{Assessment, CheckError, ErrorClass, Finding},
        notification::{Notice, NotifyOptions},
        provider::{Class, Failure, ModelFacts, Usage},
        score::Score,
        task::Priority,
        todo::ListId,
    },
    engine::tests::household_world::list::List,
    ports::{
        Answered, Boxed, Camera, Canary, Herald, Inbox, Message, Proof, Provider, Question, Terms,
        TodoError,
    },
    selftest::test_home::lists::{Answers, Ask, Told},
};

/// What is so in the home, and what the service did there.
pub struct Home {
    pub state: Mutex<State>,
    pub lists: BTreeMap<ListId, List>,
    pub clock: Clock,
}

#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that a step changes"
)]
pub struct State {
    /// Room and mess.
    pub messes: BTreeSet<(usize, usize)>,
    /// The names of the rooms now.
    pub names: [&'static str; ROOMS],
    /// Which words the AI uses, see `words`.
    pub language: usize,
    /// New tasks must be seen twice.
    pub cautious: bool,
    /// The AI is wrong now and then.
    pub noisy: bool,
    pub away: bool,
    pub camera_broken: bool,
    pub provider_down: bool,
    pub inbox: Option<Inbox>,
    pub looks: Vec<(Timestamp, usize)>,
    /// Nothing can be written down, so that a start forgets what was counted.
    pub disk_full: bool,
    /// Questions to the AI that could be counted.
    pub asks: Vec<Timestamp>,
    pub told: Vec<(Timestamp, Notice)>,
    pub rng: fastrand::Rng,
}

impl Home {
    pub fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap())
    }

    /// Home Assistant tells of a list, if it is there.
    pub fn push(&self, list: &ListId, fresh: bool) {
        let inbox = self.with(|s| s.inbox.clone().filter(|_| !s.away));
        if let Some(inbox) = inbox {
            let items = self.lists[list].person(|s| s.shelf.items.clone());
            let list = list.clone();
            // A full inbox loses a push, as a slow connection would.
            let _ = inbox.try_send(Message::ListSeen { list, items, fresh });
        }
    }
}

impl Answers for Home {
    fn answer(&self, list: &ListId, ask: Ask<'_>) -> Result<Told, TodoError> {
        if self.with(|s| s.away) {
            return Err(TodoError::Away("Home Assistant is away".into()));
        }
        let told = self.lists[list].answer(list, ask)?;
        if matches!(told, Told::Done) {
            self.push(list, false);
        }
        Ok(told)
    }
}

fn failed(class: ErrorClass, sentence: &str) -> CheckError {
    CheckError {
        class,
        sentence: sentence.into(),
    }
}

pub struct Eye(pub Arc<Home>);

impl Camera for Eye {
    fn capture<'a>(&'a self, source: &'a str) -> Boxed<'a, Result<Bytes, CheckError>> {
        let room: usize = source.trim_start_matches("camera.").parse().unwrap();
        let now = self.0.clock.now();
        let picture = self.0.with(|s| {
            s.looks.push((now, room));
            if s.away {
                return Err(failed(ErrorClass::Paused, "Home Assistant restarts."));
            }
            if s.camera_broken {
                return Err(failed(ErrorClass::Camera, "The camera is broken."));
            }
            let here = s.messes.iter().filter(|(r, _)| *r == room);
            Ok(picture(here.map(|(_, mess)| *mess).collect()))
        });
        Box::pin(async { picture })
    }
}

/// A small picture of a room with these messes: a block for each.
fn picture(messes: BTreeSet<usize>) -> Bytes {
    static DRAWN: OnceLock<Mutex<HashMap<BTreeSet<usize>, Bytes>>> = OnceLock::new();
    let drawn = DRAWN.get_or_init(Mutex::default);
    let mut drawn = drawn.lock().unwrap();
    let draw = |messes: &BTreeSet<usize>| {
        let picture = RgbImage::from_fn(32, 20, |x, y| {
            let tile = if (x / 2 + y / 2) % 2 == 0 { 90 } else { 150 };
            let lies = messes.iter().any(|mess| {
                let (left, top) = (4 + 6 * *mess as u32, 6);
                (left..left + 5).contains(&x) && (top..top + 7).contains(&y)
            });
            let shade = if lies { (x * 31 + y * 17) % 120 } else { tile };
            Rgb([shade as u8, if lies { 20 } else { shade as u8 }, 60])
        });
        let mut png = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).unwrap();
        Bytes::from(png.into_inner())
    };
    if let Some(picture) = drawn.get(&messes) {
        return picture.clone();
    }
    let picture = draw(&messes);
    drawn.insert(messes, picture.clone());
    picture
}

/// An AI that sees what is there. It words what it finds in one of several
/// ways, forgets now and then what it was told is known, and errs.
pub struct Ai(pub Arc<Home>);

impl Ai {
    fn judge(&self, question: &Question) -> Result<Assessment, Failure> {
        let now = self.0.clock.now();
        self.0.with(|s| {
            if !s.disk_full {
                s.asks.push(now);
            }
            if s.provider_down {
                return Err(Failure::new(Class::Server, "The AI is down."));
            }
            let room = s.names.iter().position(|n| *n == question.zone_name);
            let room = room.expect("a room of this home");
            let (mut remain, mut done, mut told) = (vec![], vec![], BTreeSet::new());
            for known in &question.known {
                let mess = words::mess_of(s.language, &known.title).expect("our own words");
                let forgets = s.noisy && s.rng.u8(..) < 25;
                if forgets {
                    continue;
                }
                told.insert(mess);
                let there = s.messes.contains(&(room, mess));
                let errs = s.noisy && s.rng.u8(..) < 5;
                if there && !errs {
                    remain.push(known.id);
                } else {
                    let sure = if there {
                        0.7
                    } else {
                        s.rng.choice([0.4, 0.7, 0.95]).unwrap()
                    };
                    done.push((known.id, sure));
                }
            }
            let mut new = Vec::new();
            for mess in (0..MESSES).filter(|mess| !told.contains(mess)) {
                if s.messes.contains(&(room, mess)) {
                    let ways = words::ways(s.language, mess);
                    new.push(Finding {
                        title: ways[s.rng.usize(..ways.len())].into(),
                        confidence: 0.7,
                        priority: Priority::Normal,
                        region: None,
                    });
                }
            }
            let left = s.messes.iter().filter(|(r, _)| *r == room).count();
            Ok(Assessment {
                score: Score::clamped(100.0 - 20.0 * left as f32),
                confidence: s.rng.choice([0.4, 0.7, 0.95]).unwrap(),
                summary: "A room.".into(),
                remain,
                done,
                new,
                provider: "ai".into(),
                method: "test".into(),
                needs_second_look: s.cautious,
                impressions: Vec::new(),
            })
        })
    }
}

impl Provider for Ai {
    fn name(&self) -> &'static str {
        "ai"
    }

    fn model(&self) -> &'static str {
        ""
    }

    fn patience(&self) -> Duration {
        Duration::from_mins(1)
    }

    fn ask(&self, question: Arc<Question>, _: Terms) -> Boxed<'_, Result<Answered, Failure>> {
        let answered = self.judge(&question).map(|assessment| Answered {
            assessment,
            usage: Usage::default(),
            model: ModelFacts::default(),
        });
        Box::pin(async { answered })
    }

    fn prove(&self, _: Arc<Canary>, _: Terms) -> Boxed<'_, Result<Proof, Failure>> {
        unreachable!("it was proven before")
    }

    fn inspect(&self, _: Terms) -> Boxed<'_, Result<ModelFacts, Failure>> {
        Box::pin(async { Ok(ModelFacts::default()) })
    }
}

pub struct Ears(pub Arc<Home>);

impl Herald for Ears {
    fn tell(&self, notice: Notice, _: &NotifyOptions) {
        let now = self.0.clock.now();
        self.0.with(|s| s.told.push((now, notice)));
    }
}

impl Home {
    /// A person does something on a list, and Home Assistant tells of it.
    pub fn on_list(&self, list: &ListId, act: impl FnOnce(&mut super::list::ListState)) {
        self.lists[list].person(|s| {
            act(s);
            s.shelf.drop_ticked();
        });
        self.push(list, false);
    }

    pub fn set_away(&self, away: bool) {
        self.with(|s| s.away = away);
        for list in self.lists.values() {
            list.state.lock().unwrap().away = away;
        }
    }
}

/// Two lists, of any kind that things can be put on and taken off again.
pub fn some_lists(rng: &mut fastrand::Rng) -> BTreeMap<ListId, List> {
    let kinds = [127, 7, 5, 69, 67, 3];
    (0..2)
        .map(|n| {
            (
                list_of(n),
                List::of(rng.choice(kinds).unwrap_or(127), rng.bool()),
            )
        })
        .collect()
}
