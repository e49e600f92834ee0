//! An identity provider, as far as users go: whom it names comes in, is made at first sight, and has
//! the role that it says.
//!
//! Most sign-ins bring no news and only read. What one changes is logged, for it is nobody's request
//! here. The last administrator stays one whatever the provider says, or nobody could undo it.

use crate::domain::{Denial, Role, UserId, Viewer, user_name};
use crate::store::users::{self, User};
use crate::store::{Store, StoreError, Tx};
use std::sync::{Mutex, PoisonError};

/// Lets in whom a provider names.
pub struct Provider {
    store: Store,
    issuer: String,
    /// The last administrator of whom the log has told that they stay one: each request would.
    kept: Mutex<Option<UserId>>,
}

/// What a token says of a user's role, and when it was made, in seconds, if it tells.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// The role.
    pub role: Role,
    /// When.
    pub at: Option<i64>,
}

/// What a sign-in means for the user whom it names.
enum Step {
    /// Nothing.
    Stays(User),
    /// Another role, which the last administrator does not get.
    StaysAdmin(User),
    /// The same role as before, told by a newer token.
    Confirms(User),
    /// Another role.
    Changes(User, Role),
    /// The user is made.
    Comes(Role),
    /// The name is none that a user may have, for this reason.
    Unfit(String),
}

impl Provider {
    /// A provider by the name that its tokens have for it.
    #[must_use]
    pub fn new(store: Store, issuer: String) -> Self {
        Self {
            store,
            issuer,
            kept: Mutex::default(),
        }
    }

    /// The user of a name. A role that is given is the user's from now on, unless a newer token has
    /// told of another; without one they keep theirs, and who is new is a member.
    pub async fn admit(
        &self,
        name: &str,
        told: Option<Told>,
    ) -> Result<Result<Viewer, Denial>, StoreError> {
        let named = name.to_owned();
        let look = move |tx: &Tx<'_>| step(tx, &named, told);
        let user = match self.store.read(look.clone()).await? {
            Step::Confirms(_) | Step::Changes(..) | Step::Comes(_) => {
                self.take(look, name.to_owned(), told).await?
            }
            step => self.user_of(step),
        };
        Ok(user.and_then(|user| match user.active {
            false => Err(Denial::Deactivated),
            true => Ok(Viewer {
                user_id: user.id,
                name: user.name,
                admin: user.role == Role::Admin,
                token_ends: None,
            }),
        }))
    }

    /// Takes the step that is due once nobody else writes, and tells of it once it is made.
    async fn take(
        &self,
        look: impl FnOnce(&Tx<'_>) -> Result<Step, StoreError> + Send + 'static,
        name: String,
        told: Option<Told>,
    ) -> Result<Result<User, Denial>, StoreError> {
        let write = move |tx: &Tx<'_>| {
            let step = look(tx)?;
            if let Step::Changes(_, role) | Step::Comes(role) = step {
                users::ensure(tx, &name, role)?;
            }
            let user = users::find_by_name(tx, &name)?;
            if let (
                Step::Confirms(_) | Step::Changes(..) | Step::Comes(_),
                Some(user),
                Some(told),
            ) = (&step, &user, told)
            {
                users::role_was_told(tx, user.id, told.at)?;
            }
            Ok::<_, StoreError>((step, user))
        };
        let (step, user) = self.store.write(write).await?;
        let issuer = self.issuer.as_str();
        match (step, user) {
            (Step::Changes(was, _), Some(user)) => {
                let (id, from, to) = (user.id.0, was.role.name(), user.role.name());
                tracing::info!(user = id, from, to, issuer, "the issuer changed a role");
                Ok(Ok(user))
            }
            (Step::Comes(_), Some(user)) => {
                let (id, role) = (user.id.0, user.role.name());
                tracing::info!(user = id, role, issuer, "the issuer brought a new user");
                Ok(Ok(user))
            }
            (step, _) => Ok(self.user_of(step)),
        }
    }

    fn user_of(&self, step: Step) -> Result<User, Denial> {
        match step {
            Step::Stays(user) | Step::Confirms(user) | Step::Changes(user, _) => Ok(user),
            Step::StaysAdmin(user) => {
                self.warn_once(&user);
                Ok(user)
            }
            Step::Comes(_) => Err(Denial::Unknown),
            Step::Unfit(reason) => {
                tracing::warn!(
                    reason,
                    issuer = self.issuer,
                    "a user of the issuer is refused"
                );
                Err(Denial::Unknown)
            }
        }
    }

    fn warn_once(&self, user: &User) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.replace(user.id) != Some(user.id) {
            tracing::warn!(
                user = user.id.0,
                from = Role::Admin.name(),
                to = Role::Member.name(),
                issuer = self.issuer,
                "the issuer's role is not taken on: this is the last active administrator, and \
                 nobody could undo it"
            );
        }
    }
}

fn step(tx: &Tx<'_>, name: &str, told: Option<Told>) -> Result<Step, StoreError> {
    let Some(user) = users::find_by_name(tx, name)? else {
        if let Err(error) = user_name::accept(name) {
            return Ok(Step::Unfit(error.0));
        }
        return Ok(match users::find_alike(tx, name)? {
            Some(known) => Step::Unfit(format!("the name could be taken for user {}", known.id.0)),
            None => Step::Comes(told.map_or(Role::Member, |told| told.role)),
        });
    };
    let Some(told) = told.filter(|_| user.active) else {
        return Ok(Step::Stays(user));
    };
    // A token that says nothing of its time is older than all that do.
    let newest = users::role_told_at(tx, user.id)?;
    Ok(match told.role == user.role {
        _ if told.at < newest => Step::Stays(user),
        true if told.at > newest => Step::Confirms(user),
        true => Step::Stays(user),
        false if users::is_last_admin(tx, &user)? => Step::StaysAdmin(user),
        false => Step::Changes(user, told.role),
    })
}
