//! `understory token`: makes, lists and revokes tokens, directly in the database.

use super::CliError;
use crate::clock::Clock;
use crate::config::DatabaseOptions;
use crate::domain::Millis;
use crate::domain::text::{self, NAME_LIMIT};
use crate::store::Store;
use crate::store::users::{self, Role, TokenInfo};
use base64::Engine;
use clap::{Subcommand, ValueEnum};
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
            } => {
                let role = match role {
                    RoleName::Admin => Role::Admin,
                    RoleName::Member => Role::Member,
                };
                println!("{}", create(&store, user, role, expires).await?);
                ExitCode::SUCCESS
            }
            TokenCommand::List => {
                for token in store.read(users::tokens).await? {
                    println!("{}", describe(&token, store.clock().now()));
                }
                ExitCode::SUCCESS
            }
            TokenCommand::Revoke { id } => {
                if !store.write(move |tx| users::revoke_token(tx, id)).await? {
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

/// Makes a token of 256 random bits for a user.
pub(super) async fn create(
    store: &Store,
    user: String,
    role: Role,
    lifetime: Option<i64>,
) -> Result<String, CliError> {
    let mut secret = [0u8; 32];
    getrandom::fill(&mut secret).map_err(|error| CliError::Failed(error.to_string()))?;
    let token = format!(
        "us_{}",
        base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(secret)
    );
    let kept = token.clone();
    let name = user.clone();
    let known = store.read(move |tx| users::find_by_name(tx, &name)).await?;
    if let Some(known) = known.filter(|known| known.role != role) {
        return Err(CliError::Failed(format!(
            "{user} is known with the role {}, which a new token does not change",
            known.role.name().to_lowercase()
        )));
    }
    store
        .write(move |tx| {
            let id = users::ensure(tx, &user, role)?;
            let expires_at = lifetime.map(|millis| Millis(tx.now().0.saturating_add(millis)));
            users::add_token(tx, id, &kept, expires_at)
        })
        .await?;
    Ok(token)
}

fn name(text: &str) -> Result<String, String> {
    text::line("the user's name", text, NAME_LIMIT).map_err(|error| error.0)
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

fn describe(token: &TokenInfo, now: Millis) -> String {
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
        "{}\t{}\tmade {}\t{state}",
        token.id,
        token.user,
        day(token.created_at)
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
