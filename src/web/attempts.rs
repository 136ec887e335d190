//! Wrong passwords: counted per peer, and after a few nobody listens to that
//! peer for a while, not even if it guesses right.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Wrong passwords that a peer has within a window.
const ALLOWED: u32 = 5;
const WINDOW: Duration = Duration::from_mins(1);
/// Peers remembered at a time.
const PEERS: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Right,
    Wrong,
    /// Ask again after so long.
    TooMany(Duration),
}

#[derive(Debug, Default)]
pub struct Attempts {
    /// Locked for the length of one comparison, never across an await.
    wrong: Mutex<HashMap<IpAddr, Wrong>>,
}

#[derive(Debug, Clone, Copy)]
struct Wrong {
    count: u32,
    since: Instant,
}

impl Attempts {
    /// Compares, unless the peer has guessed too often. One lock around look
    /// and count, so that guesses made at the same time count too.
    pub fn attempt(&self, peer: IpAddr, now: Instant, right: impl FnOnce() -> bool) -> Verdict {
        let peer = household(peer);
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.retain(|_, w| now.duration_since(w.since) < WINDOW);
        let before = wrong.get(&peer).copied();
        if let Some(w) = before.filter(|w| w.count >= ALLOWED) {
            return Verdict::TooMany(WINDOW.saturating_sub(now.duration_since(w.since)));
        }
        if right() {
            wrong.remove(&peer);
            return Verdict::Right;
        }
        if before.is_none() && wrong.len() >= PEERS {
            return Verdict::TooMany(WINDOW);
        }
        let w = wrong.entry(peer).or_insert(Wrong {
            count: 0,
            since: now,
        });
        w.count += 1;
        Verdict::Wrong
    }
}

/// An IPv6 household owns a /64: its addresses count as one.
fn household(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_five_wrong_ones_even_the_right_one_waits() {
        let attempts = Attempts::default();
        let peer: IpAddr = "192.168.1.9".parse().unwrap();
        for _ in 0..ALLOWED {
            let verdict = attempts.attempt(peer, Instant::now(), || false);
            assert_eq!(verdict, Verdict::Wrong);
        }
        let right = |peer: &str| {
            let peer = peer.parse().unwrap();
            attempts.attempt(peer, Instant::now(), || true)
        };
        assert_eq!(right("192.168.1.9"), Verdict::TooMany(WINDOW));
        assert_eq!(right("192.168.1.10"), Verdict::Right);
        tokio::time::advance(WINDOW).await;
        assert_eq!(right("192.168.1.9"), Verdict::Right);
    }

    #[tokio::test(start_paused = true)]
    async fn the_right_one_forgives_the_wrong_ones() {
        let attempts = Attempts::default();
        let peer: IpAddr = "192.168.1.9".parse().unwrap();
        for _ in 0..20 {
            attempts.attempt(peer, Instant::now(), || false);
            attempts.attempt(peer, Instant::now(), || false);
            let verdict = attempts.attempt(peer, Instant::now(), || true);
            assert_eq!(verdict, Verdict::Right);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_household_of_ipv6_addresses_is_one_peer_and_memory_is_bounded() {
        let attempts = Attempts::default();
        let wrong = |bits: u128| {
            let peer = Ipv6Addr::from_bits(bits).into();
            attempts.attempt(peer, Instant::now(), || false)
        };
        for host in 0..u128::from(ALLOWED) {
            assert_eq!(wrong(0x2001 << 112 | host), Verdict::Wrong);
        }
        assert_eq!(wrong(0x2001 << 112 | 0xff), Verdict::TooMany(WINDOW));
        for network in 0..2 * PEERS as u128 {
            wrong(0x2002 << 112 | network << 64);
        }
        assert_eq!(attempts.wrong.lock().unwrap().len(), PEERS);
    }
}
