//! The issuer's keys, and when they are asked for again.
//!
//! Every ten minutes; and when a token names a key that is not known, since that is how an issuer
//! begins to use a new one, but at most every half minute, since anyone may name any key. Whoever
//! uses a known key never waits for a fetch. A fetch that fails leaves the keys as they are.

use super::crypto::fits;
use super::fetch::Source;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

const PERIOD: Duration = Duration::from_secs(10 * 60);
const PAUSE: Duration = Duration::from_secs(30);
/// Keys of a set that are looked at.
const KEYS: usize = 100;

/// A key that checks signatures.
struct Key {
    id: Option<String>,
    algorithm: Option<KeyAlgorithm>,
    key: DecodingKey,
}

/// The keys as they are known now.
pub(super) struct Keys {
    source: Source,
    known: RwLock<Arc<Vec<Key>>>,
    /// When the last fetch began; held during a fetch.
    fetched: Mutex<Option<Instant>>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// Keeps keys up to date; never ends.
pub(super) async fn refresh_for_ever(keys: Arc<Keys>) {
    loop {
        sleep(PERIOD).await;
        keys.refresh(Duration::ZERO).await;
    }
}

impl Source {
    /// Refuses a file without keys; an address is not asked.
    pub async fn refuse_early(&self) -> Result<(), String> {
        match self {
            Self::File(_) => Keys::load(self.clone()).await.map(drop),
            Self::Url(_) => Ok(()),
        }
    }
}

impl Keys {
    pub(super) async fn load(source: Source) -> Result<Arc<Self>, String> {
        let keys = Self {
            source,
            known: RwLock::default(),
            fetched: Mutex::new(None),
        };
        match (keys.fetch().await, &keys.source) {
            (Err(error), Source::File(_)) => return Err(error),
            (Err(error), Source::Url(_)) => tracing::warn!("{error}; tokens of the issuer wait"),
            (Ok(()), _) => {}
        }
        Ok(Arc::new(keys))
    }

    /// The key that a token names. One that names none means the only one that fits.
    pub(super) async fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        if let Some(key) = self.find_known(id, algorithm) {
            return Some(key);
        }
        self.refresh(PAUSE).await;
        self.find_known(id, algorithm)
    }

    fn find_known(&self, id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        let known = Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner));
        let wanted = KeyAlgorithm::from(algorithm);
        let mut fitting = known.iter().filter(|key| {
            let meant = key.algorithm.is_none_or(|it| it == wanted);
            let named = id.is_none() || key.id.as_deref() == id;
            meant && named && fits(algorithm, &key.key)
        });
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Some(key.key.clone()),
            _ => None,
        }
    }

    /// Asks for the keys again, unless that was done within the pause or is being done: then it
    /// waits for that.
    pub(super) async fn refresh(&self, pause: Duration) {
        let asked = Instant::now();
        let mut fetched = self.fetched.lock().await;
        if fetched.is_some_and(|at| at > asked || asked - at < pause) {
            return;
        }
        *fetched = Some(Instant::now());
        if let Err(error) = self.fetch().await {
            tracing::warn!("{error}; the keys known before stay in use");
        }
    }

    async fn fetch(&self) -> Result<(), String> {
        let refuse =
            |reason: String| format!("the keys at {} cannot be read: {reason}", self.source);
        let bytes = self.source.read().await.map_err(refuse)?;
        let set: KeySet = serde_json::from_slice(&bytes)
            .map_err(|error| refuse(format!("expected a JSON object with \"keys\": {error}")))?;
        let keys: Vec<Key> = set.keys.into_iter().take(KEYS).filter_map(read).collect();
        if keys.is_empty() {
            return Err(refuse(
                "none of them is a public key for signatures".to_owned(),
            ));
        }
        tracing::debug!(keys = keys.len(), source = %self.source, "keys of the issuer");
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }
}

/// A key that can be used here; sets also hold keys for other purposes and of other kinds.
fn read(key: serde_json::Value) -> Option<Key> {
    let key: Jwk = serde_json::from_value(key).ok()?;
    let usable = match &key.algorithm {
        AlgorithmParameters::RSA(_) => true,
        AlgorithmParameters::EllipticCurve(it) => {
            matches!(it.curve, EllipticCurve::P256 | EllipticCurve::P384)
        }
        AlgorithmParameters::OctetKeyPair(it) => it.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    let signs = key.common.public_key_use.as_ref();
    let signs = signs.is_none_or(|it| *it == PublicKeyUse::Signature);
    let made = DecodingKey::from_jwk(&key).ok();
    Some(Key {
        key: made.filter(|_| usable && signs)?,
        algorithm: key.common.key_algorithm,
        id: key.common.key_id,
    })
}
