//! Wrong tokens: how many an address may try.
//!
//! An address that tried too many waits before its next token is looked at, so that guessing is
//! slow and costs no reading. Behind a proxy that is not known as one, all clients have the same
//! address; so a token that was good lately is looked at nevertheless, and a guesser locks nobody
//! out who is in. Nor does a script that goes on with a token it has lost: to try the same one again
//! is no guess, and does not count.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{peer::network, rate::Rate};

/// Tokens of each sort that are remembered; more are forgotten all at once.
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
    /// Tokens that were wrong when last seen.
    wrong: HashSet<u64>,
}

/// Remembers a token; tells whether it was not remembered before.
fn remember(token: u64, among: &mut HashSet<u64>) -> bool {
    if among.contains(&token) {
        return false;
    }
    if among.len() >= REMEMBERED {
        among.clear();
    }
    among.insert(token)
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
        remember(token, &mut self.lock().good);
    }

    /// Notes that a token was wrong; if it was one too many, tells for how long to wait.
    pub(super) fn was_wrong(&self, from: IpAddr, token: &str) -> Result<(), Duration> {
        let Some(wrong) = &self.wrong else {
            return Ok(());
        };
        let (from, token) = (network(from), self.hasher.hash_one(token));
        let mut memory = self.lock();
        memory.good.remove(&token);
        if !remember(token, &mut memory.wrong) {
            return Ok(());
        }
        let verdict = wrong.take(&from, 1);
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
        for guess in ["guess 1", "guess 2", "guess 1", "guess 2"] {
            assert_eq!(attempts.was_wrong(here, guess), Ok(()), "{guess}");
            assert_eq!(attempts.may_try(here, guess), Ok(()), "{guess}");
        }
        assert!(attempts.was_wrong(here, "guess 3").is_err());
        assert!(attempts.may_try(here, "guess 3").is_err());
        assert!(attempts.may_try(here, "unknown, and perhaps good").is_err());
        assert_eq!(attempts.may_try(here, "good"), Ok(()));
        assert_eq!(attempts.may_try(there, "guess 4"), Ok(()));
        assert!(attempts.was_wrong(here, "good").is_err(), "revoked since");
        assert!(attempts.may_try(here, "good").is_err());
    }

    #[test]
    fn without_a_limit_nothing_is_remembered() {
        let attempts = Attempts::new(0);
        let here = "10.0.0.1".parse().unwrap();
        attempts.was_good("good");
        for guess in 0..1_000 {
            assert_eq!(attempts.was_wrong(here, &guess.to_string()), Ok(()));
        }
        let memory = attempts.lock();
        assert!(memory.good.is_empty() && memory.wrong.is_empty());
        drop(memory);
        assert_eq!(attempts.may_try(here, "guess"), Ok(()));
    }
}
