//! Several claims at one broker, moved by hand: whatever the order of events,
//! two never serve for long, and one always does in the end.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;
use proptest::prelude::*;
use tokio::time::Instant;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A broker with its retained claim and everybody who is connected.
struct Table {
    now: Instant,
    retained: Vec<u8>,
    players: Vec<Player>,
}

struct Player {
    claim: Claim,
    connected: bool,
    inbox: VecDeque<(String, Vec<u8>, bool)>,
    told: Option<Rival>,
}

impl Table {
    fn new(instances: &[&str]) -> Self {
        let players = instances.iter().map(|name| Player {
            claim: life(name, 0),
            connected: false,
            inbox: VecDeque::new(),
            told: None,
        });
        Self {
            now: Instant::now(),
            retained: vec![],
            players: players.collect(),
        }
    }

    fn connect(&mut self, who: usize) {
        let (now, retained) = (self.now, self.retained.clone());
        let player = &mut self.players[who];
        player.connected = true;
        player.inbox.clear();
        player.claim.connected(now);
        if !retained.is_empty() {
            let topic = player.claim.topics.claim();
            player.inbox.push_back((topic, retained, true));
        }
    }

    fn disconnect(&mut self, who: usize) {
        self.players[who].connected = false;
        self.players[who].inbox.clear();
    }

    /// A new life of the same installation.
    fn restart(&mut self, who: usize) {
        let name = self.players[who].claim.instance().to_owned();
        let age = self.now.elapsed().as_secs() as i64;
        self.players[who].claim = life(&name, age);
        self.connect(who);
    }

    /// Carries what is said to everybody, until nobody says anything more.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            let said = self
                .players
                .iter_mut()
                .find_map(|player| player.connected.then(|| player.claim.say()).flatten());
            if let Some((topic, payload, retain)) = said {
                if retain {
                    self.retained.clone_from(&payload);
                }
                for player in self.players.iter_mut().filter(|p| p.connected) {
                    player
                        .inbox
                        .push_back((topic.clone(), payload.clone(), false));
                }
                continue;
            }
            let waiting = self.players.iter().position(|p| !p.inbox.is_empty());
            let Some(who) = waiting else { return };
            let player = &mut self.players[who];
            let Some((topic, payload, retained)) = player.inbox.pop_front() else {
                return;
            };
            let verdict = player.claim.heard(&topic, &payload, retained, self.now);
            self.obey(who, verdict);
        }
        panic!("they never stop talking");
    }

    /// Somebody writes to the claim's topic.
    fn overwrite(&mut self, payload: &str) {
        self.retained = payload.as_bytes().to_vec();
        for player in self.players.iter_mut().filter(|p| p.connected) {
            let message = (player.claim.topics.claim(), self.retained.clone(), false);
            player.inbox.push_back(message);
        }
    }

    fn obey(&mut self, who: usize, verdict: Verdict) {
        match verdict {
            Verdict::Nothing => {}
            Verdict::Serve => self.players[who].told = None,
            Verdict::Wait(rival) => self.players[who].told = Some(rival),
            Verdict::Reconnect => self.connect(who),
        }
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += SECOND;
            for who in 0..self.players.len() {
                if self.players[who].connected {
                    let verdict = self.players[who].claim.tick(self.now);
                    self.obey(who, verdict);
                }
            }
            self.settle();
        }
    }

    fn serving(&self) -> Vec<usize> {
        let serves = |p: &Player| p.connected && p.claim.serves();
        (0..self.players.len())
            .filter(|who| serves(&self.players[*who]))
            .collect()
    }
}

fn life(name: &str, began: i64) -> Claim {
    let topics = Topics::new("aicleaner_v3", "homeassistant");
    let since = Timestamp::from_second(1_790_000_000 + began).unwrap();
    Claim::new(topics, name.to_owned(), Patience::default(), since)
}

fn minutes(n: u64) -> Duration {
    Duration::from_mins(n)
}

#[test]
fn the_first_serves_and_a_second_stays_passive_and_says_so() {
    let mut table = Table::new(&["first", "other"]);
    table.connect(0);
    table.settle();
    assert_eq!(table.serving(), [0]);
    table.connect(1);
    table.settle();
    assert_eq!(table.serving(), [0]);
    let rival = table.players[1].told.clone().unwrap();
    assert!(rival.alive && table.players[1].claim.watches());
    let sentence = table.players[1].claim.sentence(&rival);
    assert!(
        sentence.contains("first") && sentence.contains("device_id"),
        "{sentence}"
    );
    // For days.
    table.pass(minutes(3000));
    assert_eq!(table.serving(), [0]);
}

#[test]
fn a_restart_of_the_first_is_not_its_end_but_a_long_absence_is() {
    let mut table = Table::new(&["first", "other"]);
    table.connect(0);
    table.settle();
    table.connect(1);
    table.settle();
    table.disconnect(0);
    table.pass(minutes(4));
    table.restart(0);
    table.settle();
    assert_eq!(table.serving(), [0]);

    table.disconnect(0);
    table.pass(minutes(6));
    assert_eq!(table.serving(), [1]);
    // Who comes back finds the place taken.
    table.restart(0);
    table.settle();
    assert_eq!(table.serving(), [1]);
}

#[test]
fn the_same_installation_serves_again_at_once() {
    let mut table = Table::new(&["only"]);
    table.connect(0);
    table.settle();
    table.restart(0);
    table.settle();
    assert_eq!(table.serving(), [0]);
}

#[test]
fn what_an_old_installation_left_holds_up_a_minute_at_most() {
    let mut table = Table::new(&["old", "new"]);
    table.connect(0);
    table.settle();
    table.disconnect(0);
    table.connect(1);
    table.settle();
    assert_eq!(table.serving(), [] as [usize; 0]);
    table.pass(Duration::from_secs(21));
    assert!(!table.players[1].told.as_ref().unwrap().alive);
    table.pass(Duration::from_secs(40));
    assert_eq!(table.serving(), [1]);
}

#[test]
fn a_broker_that_forgets_does_not_change_who_serves() {
    let mut table = Table::new(&["first", "other"]);
    table.connect(0);
    table.settle();
    table.connect(1);
    table.settle();
    table.retained.clear();
    // The second is back before the first.
    table.connect(1);
    table.settle();
    table.pass(Duration::from_secs(30));
    table.connect(0);
    table.settle();
    assert_eq!(table.serving(), [0]);
    table.pass(minutes(20));
    assert_eq!(table.serving(), [0]);
}

#[test]
fn a_copy_of_the_data_folder_takes_a_name_of_its_own() {
    let mut table = Table::new(&["twin", "twin"]);
    table.connect(0);
    table.settle();
    // Of one name there is one connection at a broker.
    table.disconnect(0);
    table.restart(1);
    table.settle();
    table.connect(0);
    table.settle();
    table.pass(minutes(1));
    let names = [0, 1].map(|who| table.players[who].claim.instance().to_owned());
    assert_ne!(names[0], names[1]);
    assert_eq!(table.serving().len(), 1);
}

#[test]
fn a_claim_taken_back_frees_the_place() {
    let mut table = Table::new(&["first", "other"]);
    table.connect(0);
    table.settle();
    table.connect(1);
    table.settle();
    table.disconnect(0);
    table.retained.clear();
    let topic = table.players[1].claim.topics.claim();
    table.players[1].inbox.push_back((topic, vec![], false));
    table.settle();
    assert_eq!(table.serving(), [1]);
}

#[test]
fn nonsense_under_the_topics_changes_nothing() {
    let mut claim = life("a", 0);
    let now = Instant::now();
    claim.connected(now);
    let topic = claim.topics.claim();
    for nonsense in ["{}", "null", "offline", "{\"instance\":1}"] {
        let verdict = claim.heard(&topic, nonsense.as_bytes(), true, now);
        assert_eq!(verdict, Verdict::Nothing, "{nonsense}");
    }
    assert_eq!(claim.tick(now + LOOK), Verdict::Serve);
}

#[test]
fn what_somebody_wrote_over_our_claim_is_put_right() {
    let mut table = Table::new(&["first", "other"]);
    table.connect(0);
    table.settle();
    let ours = table.retained.clone();
    for spoilt in ["nonsense", "{}", &deed("", "s", "2026-11-01T00:00:00Z")] {
        // Many times over: it is said seldom all the same.
        for _ in 0..1000 {
            table.overwrite(spoilt);
        }
        table.pass(5 * SECOND);
        assert_eq!(table.retained, ours, "{spoilt}");
    }
    table.connect(1);
    table.settle();
    assert_eq!(table.serving(), [0]);
}

#[test]
fn one_whose_clock_is_wrong_does_not_unseat_the_one_that_serves() {
    let mut table = Table::new(&["first"]);
    table.connect(0);
    table.settle();
    let late = deed("late", "s", "1970-01-01T00:00:05Z");
    table.overwrite(&late);
    table.settle();
    assert_eq!(table.serving(), [0]);
    assert!(String::from_utf8_lossy(&table.retained).contains("first"));
    // And the other way round: two of such clocks still have an order.
    let mut lost = Table::new(&["lost"]);
    lost.players[0].claim = Claim::new(
        Topics::new("aicleaner_v3", "homeassistant"),
        "lost".into(),
        Patience::default(),
        Timestamp::from_second(60).unwrap(),
    );
    lost.connect(0);
    lost.settle();
    lost.overwrite(&late);
    lost.settle();
    assert_eq!(lost.serving(), [] as [usize; 0]);
}

#[test]
fn only_a_name_is_taken_for_an_instance() {
    let long = "a".repeat(65);
    for name in ["", "<b>", "a\\nb", "a b", &long] {
        let mut table = Table::new(&["first"]);
        table.retained = deed(name, "s", "2026-01-01T00:00:00Z").into_bytes();
        table.connect(0);
        table.settle();
        assert_eq!(table.serving(), [0], "{name}");
        // Older than ours, and alive.
        table.overwrite(&deed(name, "s", "2026-01-01T00:00:00Z"));
        table.settle();
        assert_eq!(table.serving(), [0], "{name}");
    }
}

fn deed(instance: &str, session: &str, since: &str) -> String {
    format!(r#"{{"instance":"{instance}","session":"{session}","since":"{since}"}}"#)
}

#[derive(Debug, Clone)]
enum Move {
    Connect(usize),
    Disconnect(usize),
    Restart(usize),
    Forget,
    Pass(u64),
}

fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        (0..3_usize).prop_map(Move::Connect),
        (0..3_usize).prop_map(Move::Disconnect),
        (0..3_usize).prop_map(Move::Restart),
        Just(Move::Forget),
        (1..400_u64).prop_map(Move::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn never_two_and_always_one_in_the_end(moves in prop::collection::vec(any_move(), 1..40)) {
        let mut table = Table::new(&["aa", "bb", "cc"]);
        for step in moves {
            match step {
                Move::Connect(who) => table.connect(who),
                Move::Disconnect(who) => table.disconnect(who),
                Move::Restart(who) => table.restart(who),
                Move::Forget => table.retained.clear(),
                Move::Pass(seconds) => table.pass(Duration::from_secs(seconds)),
            }
            table.settle();
            prop_assert!(table.serving().len() <= 1, "{:?} serve", table.serving());
        }
        table.connect(0);
        table.settle();
        table.pass(minutes(12));
        prop_assert_eq!(table.serving().len(), 1);
    }
}
