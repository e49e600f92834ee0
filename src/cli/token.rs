//! `understory token`: makes, lists and revokes tokens, directly in the database.

use super::{CliError, output};
use crate::accounts::{self, NewSecret};
use crate::clock::Clock;
use crate::config::DatabaseOptions;
use crate::domain::text::{self, NAME_LIMIT};
use crate::domain::{Millis, Refusal, TokenId, UserId};
use crate::store::Store;
use crate::store::tokens::{self, Token as Stored};
use crate::store::users::{self, Role};
use crate::store::{Failure, StoreError, Tx};
use clap::{Subcommand, ValueEnum};
use std::collections::HashMap;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Token {
    #[command(flatten)]
    database: DatabaseOptions,
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Make a token for a user, who is made too if there is none; prints it once
    Create {
        /// The user's name
        #[arg(long, value_name = "NAME", value_parser = name)]
        user: String,
        /// What the user may do everywhere
        #[arg(long)]
        role: RoleName,
        /// How long the token is valid, such as 90d, 12h or 30m [default: for ever]
        #[arg(long, value_name = "TIME", value_parser = lifetime, allow_hyphen_values = true)]
        expires: Option<i64>,
        /// What the token is for
        #[arg(long, value_name = "TEXT", value_parser = purpose, default_value = "command line")]
        name: String,
    },
    /// List tokens, never their secrets
    List,
    /// End a token
    Revoke {
        /// Its number in the list
        #[arg(value_parser = number, allow_hyphen_values = true)]
        id: i64,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    Admin,
    Member,
}

impl Token {
    pub(super) async fn run(self) -> Result<ExitCode, CliError> {
        let path = self.database.database;
        if !matches!(self.command, TokenCommand::Create { .. }) && !path.exists() {
            return Err(CliError::Failed(format!(
                "there is no database {}",
                path.display()
            )));
        }
        let store = Store::open(&path, Clock::system()).await?;
        let done = match self.command {
            TokenCommand::Create {
                user,
                role,
                expires,
                name,
            } => {
                let role = match role {
                    RoleName::Admin => Role::Admin,
                    RoleName::Member => Role::Member,
                };
                output::line(create(&store, user, role, name, expires).await?)?;
                ExitCode::SUCCESS
            }
            TokenCommand::List => {
                let now = store.clock().now();
                let found = store.read(newest).await?.into_iter();
                let lines = found.map(|(token, user)| describe(&token, &user, now) + "\n");
                output::write(&lines.collect::<String>())?;
                ExitCode::SUCCESS
            }
            TokenCommand::Revoke { id } => {
                if !store
                    .write(move |tx| tokens::revoke(tx, TokenId(id)))
                    .await?
                {
                    let message =
                        format!("there is no valid token {id}: see `understory token list`");
                    return Err(CliError::Failed(message));
                }
                ExitCode::SUCCESS
            }
        };
        store.close().await;
        Ok(done)
    }
}

/// Tokens that a list shows.
const LISTED: usize = 1_000;

/// The newest tokens, each with the name of its user.
fn newest(tx: &Tx<'_>) -> Result<Vec<(Stored, String)>, StoreError> {
    let found = tokens::page(tx, None, None, LISTED)?;
    let users = users::by_ids(tx, found.iter().map(|token| token.user))?;
    let names: HashMap<UserId, String> = users.into_iter().map(|it| (it.id, it.name)).collect();
    let named = |token: Stored| {
        let name = names.get(&token.user).cloned().unwrap_or_default();
        (token, name)
    };
    Ok(found.into_iter().map(named).collect())
}

/// Makes a token for a user, who is made too if there is none.
pub(super) async fn create(
    store: &Store,
    user: String,
    role: Role,
    name: String,
    lifetime: Option<i64>,
) -> Result<String, CliError> {
    let secret = NewSecret::random().map_err(|error| CliError::Failed(error.to_string()))?;
    let kept = secret.clone();
    let made = store.write(move |tx| {
        let id = match users::find_by_name(tx, &user)? {
            None => accounts::make_user(tx, &user, role)?,
            Some(known) if known.role == role => known.id,
            Some(known) => {
                let message = format!(
                    "{user} is known with the role {}, which a new token does not change",
                    known.role.name().to_lowercase()
                );
                return Err(Refusal::invalid("role", message).into());
            }
        };
        let expires_at = lifetime.map(|millis| Millis(tx.now().0.saturating_add(millis)));
        accounts::keep(tx, id, &name, &kept, expires_at)
    });
    match made.await {
        Ok(_) => Ok(secret.0),
        Err(Failure::Refused(refusal)) => Err(CliError::Failed(refusal.message)),
        Err(Failure::Store(error)) => Err(error.into()),
    }
}

fn name(text: &str) -> Result<String, String> {
    text::name("the user's name", text, NAME_LIMIT).map_err(|error| error.0)
}

fn purpose(text: &str) -> Result<String, String> {
    text::name("the token's name", text, NAME_LIMIT).map_err(|error| error.0)
}

fn number(text: &str) -> Result<i64, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| {
        "expected the number of a token, as `understory token list` shows".to_owned()
    })
}

/// Milliseconds of a time such as `90d`.
fn lifetime(text: &str) -> Result<i64, String> {
    let expected =
        || "expected a number from 1 to 36500 with a unit: d, h or m, such as 90d".to_owned();
    let unit = text.chars().last().ok_or_else(expected)?;
    let minutes = match unit {
        'd' => 24 * 60,
        'h' => 60,
        'm' => 1,
        _ => return Err(expected()),
    };
    let number: i64 = text[..text.len() - unit.len_utf8()]
        .parse()
        .map_err(|_| expected())?;
    if !(1..=36_500).contains(&number) {
        return Err(expected());
    }
    Ok(number * minutes * 60_000)
}

fn describe(token: &Stored, user: &str, now: Millis) -> String {
    let day = |at: Millis| {
        jiff::Timestamp::from_millisecond(at.0)
            .map_or_else(|_| "?".to_owned(), |it| it.strftime("%F").to_string())
    };
    let state = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!("revoked {}", day(at)),
        (None, Some(at)) if at <= now => format!("expired {}", day(at)),
        (None, Some(at)) => format!("valid until {}", day(at)),
        (None, None) => "valid".to_owned(),
    };
    format!(
        "{}\t{user}\tmade {}\t{state}\t{}",
        token.id,
        day(token.created_at),
        token.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_has_a_number_and_a_unit() {
        assert_eq!(lifetime("90d").unwrap(), 90 * 24 * 3_600_000);
        assert_eq!(lifetime("30m").unwrap(), 1_800_000);
        for bad in [
            "",
            "d",
            "-1d",
            "0d",
            "9",
            "9w",
            "1.5d",
            "99999999999d",
            "9é",
        ] {
            assert!(lifetime(bad).is_err(), "{bad}");
        }
    }
}
