//! Wrong tokens: how many an address may try.
//!
//! An address that tried too many waits before its next token is looked at, so that guessing is
//! slow and costs no reading. Behind a proxy that is not known as one, all clients have the same
//! address; so a token that was good lately is looked at nevertheless, and a guesser locks nobody
//! out who is in.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{peer::network, rate::Rate};

/// Good tokens that are remembered; more are forgotten all at once.
const REMEMBERED: usize = 16_384;

pub(super) struct Attempts {
    wrong: Option<Rate<IpAddr>>,
    memory: Mutex<Memory>,
    hasher: RandomState,
}

#[derive(Default)]
struct Memory {
    /// Addresses that wait, and until when.
    waiting: HashMap<IpAddr, Instant>,
    /// Tokens that were good when last seen, as keyed hashes.
    good: HashSet<u64>,
}

impl Attempts {
    /// `per_minute` wrong tokens from an address; zero: as many as it likes.
    pub(super) fn new(per_minute: u32) -> Self {
        Self {
            wrong: Rate::new(per_minute, Duration::from_secs(60)),
            memory: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    /// Whether a token may be looked at now; if not, after which time.
    pub(super) fn may_try(&self, from: IpAddr, token: &str) -> Result<(), Duration> {
        let memory = self.lock();
        let Some(until) = memory.waiting.get(&network(from)) else {
            return Ok(());
        };
        let wait = until.saturating_duration_since(Instant::now());
        if wait.is_zero() || memory.good.contains(&self.hasher.hash_one(token)) {
            return Ok(());
        }
        Err(wait)
    }

    /// Notes that a token was good.
    pub(super) fn was_good(&self, token: &str) {
        if self.wrong.is_none() {
            return;
        }
        let token = self.hasher.hash_one(token);
        let mut memory = self.lock();
        if memory.good.len() >= REMEMBERED && !memory.good.contains(&token) {
            memory.good.clear();
        }
        memory.good.insert(token);
    }

    /// Notes that a token was wrong; if it was one too many, tells for how long to wait.
    pub(super) fn was_wrong(&self, from: IpAddr, token: &str) -> Result<(), Duration> {
        let Some(wrong) = &self.wrong else {
            return Ok(());
        };
        let from = network(from);
        let verdict = wrong.take(&from, 1);
        let mut memory = self.lock();
        memory.good.remove(&self.hasher.hash_one(token));
        if let Err(wait) = verdict {
            let now = Instant::now();
            memory.waiting.retain(|_, until| *until > now);
            memory.waiting.insert(from, now + wait);
        }
        verdict
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_after_too_many_wrong_tokens_but_good_ones_pass() {
        let attempts = Attempts::new(2);
        let [here, there]: [IpAddr; 2] = ["10.0.0.1", "10.0.0.2"].map(|it| it.parse().unwrap());
        attempts.was_good("good");
        for _ in 0..2 {
            assert_eq!(attempts.was_wrong(here, "bad"), Ok(()));
            assert_eq!(attempts.may_try(here, "bad"), Ok(()));
        }
        assert!(attempts.was_wrong(here, "bad").is_err());
        assert!(attempts.may_try(here, "bad").is_err());
        assert!(attempts.may_try(here, "unknown, and perhaps good").is_err());
        assert_eq!(attempts.may_try(here, "good"), Ok(()));
        assert_eq!(attempts.may_try(there, "bad"), Ok(()));
        assert!(attempts.was_wrong(here, "good").is_err(), "revoked since");
        assert!(attempts.may_try(here, "good").is_err());
    }

    #[test]
    fn without_a_limit_nothing_is_remembered() {
        let attempts = Attempts::new(0);
        let here = "10.0.0.1".parse().unwrap();
        attempts.was_good("good");
        for _ in 0..1_000 {
            assert_eq!(attempts.was_wrong(here, "bad"), Ok(()));
        }
        assert!(attempts.lock().good.is_empty());
        assert_eq!(attempts.may_try(here, "bad"), Ok(()));
    }
}
