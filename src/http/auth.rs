//! Who asks: bearer tokens, on HTTP requests and on WebSockets.
//!
//! Every operation needs a token, introspection too. What a token is and where it is kept is not
//! known here.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use futures_util::future::BoxFuture;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::{HttpState, refusal::Refusal};
use crate::{
    domain::{Admission, Denial, Viewer},
    graphql::service::code,
};

/// The least time between two looks at a token whose own end has come: clocks differ a little, and
/// what tells of tokens may be away just then.
const PAUSE: Duration = Duration::from_millis(200);

/// Finds the user of a token.
pub trait Authenticator: Send + Sync {
    /// Turns whenever a token may have ended, or a user have another role: then open sessions are
    /// looked at again.
    fn changes(&self) -> watch::Receiver<()>;

    /// Whom the token lets in now, or why nobody; the error, which is logged and not shown, if that
    /// cannot be told now.
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Verdict, String>>;
}

/// What a token is worth.
pub type Verdict = Result<Admission, Denial>;

/// A viewer with the token by which they came, to check it again later.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) viewer: Arc<Viewer>,
    token: Arc<str>,
    /// When the token ends by itself, if it does.
    ends: Option<Instant>,
}

impl Session {
    /// Opens a session, if the token is good.
    pub(super) async fn open(
        authenticator: &dyn Authenticator,
        token: &str,
    ) -> Result<Result<Self, Denial>, String> {
        let verdict = authenticator.authenticate(token).await?;
        Ok(verdict.map(|admission| Self::of(admission, token.into())))
    }

    fn of(admission: Admission, token: Arc<str>) -> Self {
        let until = |left: Duration| Instant::now().checked_add(left.max(PAUSE));
        Self {
            viewer: Arc::new(admission.viewer),
            token,
            ends: admission.lasts.and_then(until),
        }
    }

    /// The session as it is by now, if the token is still good. While that cannot be told, it stays
    /// as it was.
    pub(super) async fn renew(&self, authenticator: &dyn Authenticator) -> Result<Self, Denial> {
        match authenticator.authenticate(&self.token).await {
            Ok(verdict) => verdict.map(|admission| Self::of(admission, Arc::clone(&self.token))),
            Err(_) => Ok(Self {
                ends: self.ends.map(|at| at.max(Instant::now() + PAUSE)),
                ..self.clone()
            }),
        }
    }

    /// Resolves when the token may have ended by itself.
    pub(super) async fn overdue(&self) {
        match self.ends {
            Some(at) => sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}

/// Resolves when sessions are to be looked at again.
pub(super) async fn changed(changes: &mut watch::Receiver<()>) {
    // Without a sender there is no change to hear of.
    if changes.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Opens the session of an HTTP request.
pub(super) async fn session(state: &HttpState, parts: &Parts) -> Result<Session, Refusal> {
    let token = header_token(&parts.headers)?;
    let from = state.gate.client(parts);
    state.gate.may_try(from, token)?;
    match Session::open(&*state.authenticator, token).await {
        Ok(found) => {
            state.gate.tried(from, token, found.is_ok())?;
            found.map_err(denied)
        }
        Err(error) => {
            tracing::error!(error, "tokens cannot be checked");
            Err(Refusal::unavailable(
                "Tokens cannot be checked just now; try again later.",
            ))
        }
    }
}

/// The one bearer token among the headers.
fn header_token(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let token = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().and_then(bearer_token),
        _ => None,
    };
    token.ok_or_else(|| {
        unauthenticated("Expected one header \"Authorization: Bearer <token>\".")
            .with_header(header::WWW_AUTHENTICATE, "Bearer")
    })
}

/// The refusal of a token.
pub(super) fn denied(denial: Denial) -> Refusal {
    unauthenticated(format!("Expected a valid token: {denial}."))
        .with_header(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
}

fn unauthenticated(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, message)
}

/// The token of `Bearer <token>`.
pub(super) fn bearer_token(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim_start();
    let plain = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    (scheme.eq_ignore_ascii_case("Bearer") && plain).then_some(token)
}

/// The token in the payload of `connection_init`: `token`, or `Authorization` with or without
/// `Bearer`.
pub(super) fn payload_token(payload: &serde_json::Map<String, serde_json::Value>) -> Option<&str> {
    let text = |name: &str| payload.get(name).and_then(|value| value.as_str());
    let token = text("token")
        .or_else(|| text("Authorization"))
        .or_else(|| text("authorization"))?;
    let token = token.trim();
    let token = bearer_token(token).unwrap_or(token);
    (!token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_tokens_are_read_strictly_but_for_the_case() {
        for (value, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer abc", Some("abc")),
            ("BEARER  abc ", Some("abc")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Bearer a b", None),
            ("Basic abc", None),
            ("abc", None),
            ("", None),
        ] {
            assert_eq!(bearer_token(value), token, "{value:?}");
        }
    }

    #[test]
    fn payloads_carry_the_token_in_three_ways() {
        for (payload, token) in [
            (serde_json::json!({"token": "abc"}), Some("abc")),
            (
                serde_json::json!({"Authorization": "Bearer abc"}),
                Some("abc"),
            ),
            (serde_json::json!({"authorization": "abc"}), Some("abc")),
            (serde_json::json!({"token": ""}), None),
            (serde_json::json!({"token": 5}), None),
            (serde_json::json!({}), None),
        ] {
            assert_eq!(
                payload_token(payload.as_object().unwrap()),
                token,
                "{payload}"
            );
        }
    }
}
