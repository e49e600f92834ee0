//! Users of an identity provider: JSON Web Tokens that an OpenID Connect issuer signed.
//!
//! It says who a token names and whether that may be believed: signed by one of the issuer's keys
//! with an algorithm that the administrator allows, made by that issuer for this server, in its
//! time. Which user of ours that is, and whether they may come in, is not decided here. Only public
//! keys are known to it, so that no token can be made with what it holds.

mod crypto;
mod fetch;
mod keys;
#[cfg(test)]
mod tests;

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, Validation};
use keys::Keys;
use serde_json::{Map, Value};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::AbortHandle;

pub use fetch::Source;

/// Seconds by which the clocks of issuer and server may differ.
const LEEWAY: u64 = 30;
/// Bytes of a token; real ones have one or two thousand.
const TOKEN_LIMIT: usize = 16 * 1024;
/// Characters of a user's name.
const NAME_LIMIT: usize = 255;

/// Which tokens are believed, and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What `iss` must be.
    pub issuer: String,
    /// What `aud` must be or contain.
    pub audience: String,
    /// Where the issuer's public keys are.
    pub keys: Source,
    /// With what a token may be signed.
    pub algorithms: Vec<SigningAlgorithm>,
    /// The claim that names the user.
    pub user_claim: String,
    /// The claim that names the user's roles, if the issuer decides on these.
    pub role_claim: Option<String>,
    /// The values of that claim that make an administrator.
    pub admin_roles: Vec<String>,
}

/// An asymmetric algorithm: there is none in which the key that checks could also sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningAlgorithm(Algorithm);

impl SigningAlgorithm {
    const ALL: [&str; 9] = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
    ];
}

impl FromStr for SigningAlgorithm {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.contains(&name).then(|| name.parse().ok());
        let algorithm = known.flatten().map(Self);
        algorithm.ok_or_else(|| format!("expected one of {}", Self::ALL.join(", ")))
    }
}

/// Whom a token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user's name.
    pub user: String,
    /// Whether the issuer makes them an administrator; `None` if it is not asked.
    pub admin: Option<bool>,
    /// When the token was made, in seconds, if it says so.
    pub issued_at: Option<i64>,
    /// For how long the token is still believed.
    pub lasts: Duration,
}

/// Why a token is not believed: for the log, since whoever sent it is told nothing.
#[derive(Debug, thiserror::Error)]
pub enum Disbelief {
    /// It is too long to be looked at.
    #[error("it has more than {TOKEN_LIMIT} bytes")]
    TooLong,
    /// The issuer has no such key.
    #[error("no key of the issuer fits it")]
    UnknownKey,
    /// Something is wrong with it.
    #[error("{0}")]
    Invalid(#[from] Error),
    /// Its claims do not name a user.
    #[error("the claim {0} is no name of 1 to {NAME_LIMIT} characters without space around it")]
    NoUser(String),
}

impl Disbelief {
    /// Whether it was believed before its time was over.
    pub fn has_expired(&self) -> bool {
        matches!(self, Self::Invalid(error) if *error.kind() == ErrorKind::ExpiredSignature)
    }
}

/// Checks tokens; keeps the issuer's keys up to date as long as it lives.
pub struct Verifier {
    settings: Settings,
    /// But for the algorithm, which is one of the settings'.
    validation: Validation,
    keys: Arc<Keys>,
    refreshing: AbortHandle,
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.refreshing.abort();
    }
}

impl Verifier {
    /// Gets the issuer's keys and begins. A file must be there; an issuer that cannot be reached now
    /// is asked again later.
    pub async fn start(settings: Settings) -> Result<Self, String> {
        crypto::install();
        let keys = Keys::load(settings.keys.clone()).await?;
        let refreshing = tokio::spawn(keys::refresh_for_ever(Arc::clone(&keys))).abort_handle();
        let mut validation = Validation {
            leeway: LEEWAY,
            validate_nbf: true,
            ..Validation::default()
        };
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        Ok(Self {
            settings,
            validation,
            keys,
            refreshing,
        })
    }

    /// Whether a token has the form of a JWT; tokens of our own have not.
    pub fn is_jwt(token: &str) -> bool {
        token.bytes().filter(|byte| *byte == b'.').count() == 2
    }

    /// What its tokens have in `iss`.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Whom a token names.
    pub async fn verify(&self, token: &str) -> Result<Identity, Disbelief> {
        if token.len() > TOKEN_LIMIT {
            return Err(Disbelief::TooLong);
        }
        let header = jsonwebtoken::decode_header(token)?;
        let allowed = &self.settings.algorithms;
        if !allowed.contains(&SigningAlgorithm(header.alg)) {
            return Err(Error::from(ErrorKind::InvalidAlgorithm).into());
        }
        // What is critical must be understood, and no such extension is.
        if header.crit.is_some() {
            return Err(Error::from(ErrorKind::InvalidToken).into());
        }
        let key = self.keys.find(header.kid.as_deref(), header.alg).await;
        let key = key.ok_or(Disbelief::UnknownKey)?;
        let mut validation = self.validation.clone();
        validation.algorithms = vec![header.alg];
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation)?;
        self.identity(&claims.claims)
    }

    fn identity(&self, claims: &Map<String, Value>) -> Result<Identity, Disbelief> {
        let name = &self.settings.user_claim;
        let user = claim(claims, name).and_then(Value::as_str);
        // Trimmed, two names at the issuer would be one user here.
        let plain = |user: &&str| {
            let length = user.chars().count();
            let bare = user.trim() == *user;
            bare && (1..=NAME_LIMIT).contains(&length) && !user.chars().any(char::is_control)
        };
        let Some(user) = user.filter(plain) else {
            return Err(Disbelief::NoUser(name.clone()));
        };
        let makes_admin = |value: &Value| {
            let role = value.as_str();
            role.is_some_and(|role| self.settings.admin_roles.iter().any(|it| it == role))
        };
        let admin = self.settings.role_claim.as_deref().map(|name| {
            let roles = claim(claims, name);
            roles.is_some_and(|roles| match roles {
                Value::Array(roles) => roles.iter().any(makes_admin),
                role => makes_admin(role),
            })
        });
        Ok(Identity {
            user: user.to_owned(),
            admin,
            issued_at: claims
                .get("iat")
                .and_then(Value::as_f64)
                .map(|at| at as i64),
            lasts: lasts(claims),
        })
    }
}

/// For how long claims that were found good are still believed: to the end of the last second in
/// which the leeway covers them.
fn lasts(claims: &Map<String, Value>) -> Duration {
    let ends = claims
        .get("exp")
        .and_then(Value::as_f64)
        .unwrap_or_default();
    let until = (ends.round() as u64).saturating_add(LEEWAY + 1);
    Duration::from_secs(until.saturating_sub(jsonwebtoken::get_current_timestamp()))
}

/// A claim by its name or, as in `realm_access.roles`, by a path.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        claim(claims.get(first)?.as_object()?, rest)
    })
}
