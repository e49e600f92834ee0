//! Tokens: made and revoked by their users and by administrators. The secret leaves once, when the
//! token is made; only its hash is kept.

use crate::domain::text::{self, NAME_LIMIT};
use crate::domain::{Millis, Refusal, RefusalCode, TokenId, UserId, Viewer};
use crate::store::tokens::{self, NewToken};
use crate::store::{Failure, Store, Tx, users};
use base64::Engine;

/// Valid tokens of one user at the most.
const VALID_TOKENS: i64 = 100;

/// The secret of a new token, to be shown once.
#[derive(Clone)]
pub struct NewSecret(pub String);

impl NewSecret {
    /// 256 random bits, with a prefix by which scanners know a leaked one.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bits = [0u8; 32];
        getrandom::fill(&mut bits)?;
        let text = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bits);
        Ok(Self(format!("us_{text}")))
    }
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// For whom; `None`: for the viewer.
    pub user: Option<UserId>,
    /// What it is for.
    pub name: String,
    /// When it ends by itself; `None`: never.
    pub expires_at: Option<Millis>,
}

/// Makes a token, for the viewer or, by an administrator, for anybody. It may not outlive the token
/// by which it is asked for: whoever was let in for a day is not let in for ever.
pub async fn create_token(
    store: &Store,
    viewer: &Viewer,
    request: TokenRequest,
    secret: NewSecret,
) -> Result<TokenId, Failure> {
    let name = text::name("The name", &request.name, NAME_LIMIT)
        .map_err(|error| Refusal::invalid("input.name", format!("{error}.")))?;
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            let user = request.user.unwrap_or(viewer.user_id);
            if user != viewer.user_id && !users::is_admin(tx, viewer.user_id)? {
                let message = "Only administrators make tokens for others.";
                let refusal = Refusal::new(RefusalCode::Forbidden, message);
                return Err(refusal.at("input.userId").into());
            }
            if let Some(at) = request.expires_at.filter(|at| *at <= tx.now()) {
                let message = format!(
                    "The instant is {} s in the past: expected one to come, or null for a token \
                     that does not expire.",
                    (tx.now().0 - at.0) / 1_000
                );
                return Err(Refusal::invalid("input.expiresAt", message).into());
            }
            if let Some(ends) = viewer.token_ends
                && request.expires_at.is_none_or(|at| at > ends)
            {
                let ends = jiff::Timestamp::from_millisecond(ends.0)
                    .map_or_else(|_| "its end".to_owned(), |it| it.to_string());
                let message = format!(
                    "The token that this request carries ends at {ends}, and one that it makes may \
                     not outlive it: expected an instant until then."
                );
                return Err(Refusal::invalid("input.expiresAt", message).into());
            }
            keep(tx, user, &name, &secret, request.expires_at)
        })
        .await
}

/// Keeps a token for a user, if the user may have one more.
pub fn keep(
    tx: &Tx<'_>,
    user: UserId,
    name: &str,
    secret: &NewSecret,
    expires_at: Option<Millis>,
) -> Result<TokenId, Failure> {
    let at = "input.userId";
    let unknown = || Refusal::not_found(at, "There is no such user.");
    let owner = users::find(tx, user)?.ok_or_else(unknown)?;
    if !owner.active {
        let message = format!(
            "“{}” is deactivated, so no token of theirs would be accepted: activate the user first.",
            owner.name
        );
        return Err(Refusal::new(RefusalCode::Conflict, message).at(at).into());
    }
    if tokens::count_valid(tx, user)? >= VALID_TOKENS {
        let message = format!(
            "“{}” has {VALID_TOKENS} valid tokens, the most that a user may have: revoke one first.",
            owner.name
        );
        return Err(Refusal::new(RefusalCode::Conflict, message).at(at).into());
    }
    let token = NewToken {
        user,
        name,
        secret: &secret.0,
        expires_at,
    };
    Ok(tokens::add(tx, &token)?)
}

/// Ends a token of the viewer's or, by an administrator, of anybody; a second time changes nothing.
pub async fn revoke_token(store: &Store, viewer: &Viewer, id: TokenId) -> Result<(), Failure> {
    let viewer = viewer.clone();
    store
        .write(move |tx| {
            let unknown = || Refusal::not_found("id", "There is no such token.");
            let token = tokens::by_ids(tx, [id])?.pop().ok_or_else(unknown)?;
            if token.user != viewer.user_id && !users::is_admin(tx, viewer.user_id)? {
                return Err(unknown().into());
            }
            tokens::revoke(tx, id)?;
            Ok(())
        })
        .await
}
