//! How often something may happen, for each of many keys.
//!
//! The arithmetic is governor's: a key may save up a burst, which comes back at a steady rate. What
//! is kept of a key that has its whole burst again is dropped now and then, so memory holds those
//! who were here lately.

use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::HashMapStateStore,
};

/// Looks at many keys are followed by one sweep over all that are kept.
const SWEEP_EVERY: u32 = 4_096;

pub(super) struct Rate<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, HashMapStateStore<K>, DefaultClock>,
    burst: NonZeroU32,
    looks: AtomicU32,
}

impl<K: Hash + Eq + Clone> Rate<K> {
    /// `burst` at once, and again as time goes by: all of it within `refill`. `None` if either is
    /// zero, which stands for no limit.
    pub(super) fn new(burst: u32, refill: Duration) -> Option<Self> {
        let burst = NonZeroU32::new(burst)?;
        let quota = Quota::with_period(refill / burst.get())?.allow_burst(burst);
        Some(Self {
            limiter: RateLimiter::hashmap(quota),
            burst,
            looks: AtomicU32::new(0),
        })
    }

    /// Takes some of what a key has left; if that is too little, takes nothing and tells for how
    /// long to wait.
    pub(super) fn take(&self, key: &K, amount: u32) -> Result<(), Duration> {
        if self.looks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        // More than a whole burst would never be granted, so it counts as one.
        let amount = NonZeroU32::new(amount).map_or(NonZeroU32::MIN, |it| it.min(self.burst));
        match self.limiter.check_key_n(key, amount) {
            Ok(Err(not_until)) => Err(not_until.wait_time_from(DefaultClock::default().now())),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn each_key_has_a_burst_of_its_own() {
        let rate = Rate::new(3, HOUR).unwrap();
        assert_eq!(rate.take(&"a", 2), Ok(()));
        assert!(rate.take(&"a", 2).is_err(), "only one is left");
        assert_eq!(rate.take(&"a", 1), Ok(()));
        let wait = rate.take(&"a", 1).unwrap_err();
        assert!(wait > HOUR / 4 && wait <= HOUR / 3, "{wait:?}");
        assert_eq!(rate.take(&"b", 9), Ok(()), "all that it can ever have");
        assert!(rate.take(&"b", 1).is_err());
    }

    #[test]
    fn zero_is_no_limit() {
        assert!(Rate::<u8>::new(0, HOUR).is_none());
    }

    #[test]
    fn keys_that_were_not_seen_lately_are_forgotten() {
        let rate = Rate::new(1, Duration::from_millis(1)).unwrap();
        for key in 0..SWEEP_EVERY - 1 {
            rate.take(&key, 1).unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
        rate.take(&u32::MAX, 1).unwrap();
        assert_eq!(rate.limiter.len(), 1);
    }
}
