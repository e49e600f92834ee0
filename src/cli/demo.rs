//! `understory demo`: a server with a throw-away database that has something to see in it.

mod data;

use super::CliError;
use super::serve::{say, start, start_logs, stop_on_signal};
use super::token;
use crate::clock::Clock;
use crate::config::{Feature, ServeOptions};
use crate::store::Store;
use crate::store::users::Role;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Demo {
    /// A TOML file with the options below as keys
    #[arg(long, value_name = "FILE", env = "UNDERSTORY_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: ServeOptions,
}

/// The user whose token the demo's link carries.
const USER: &str = "demo";

impl Demo {
    pub(super) async fn run(mut self) -> Result<ExitCode, CliError> {
        let folder = Folder::make()?;
        self.options.database = Some(folder.0.join("demo.db"));
        self.options.enable = vec![Feature::Synchronizers];
        let config = self.options.complete(self.config.as_deref())?;
        start_logs(config.log_format);
        let token = fill(&config.database, &folder.0).await?;
        let server = start(config).await?;
        let address = server.address();
        say(&format!("playground: http://{address}/#token={token}"));
        say("Everything is in a throw-away database: stop with Ctrl+C, and it is gone.");
        let code = stop_on_signal(server).await;
        drop(folder);
        code
    }
}

async fn fill(database: &Path, folder: &Path) -> Result<String, CliError> {
    let store = Store::open(database, Clock::system()).await?;
    let token = token::create(&store, USER.to_owned(), Role::Admin, None).await?;
    data::fill(&store, folder, &token)
        .await
        .map_err(CliError::Failed)?;
    store.close().await;
    Ok(token)
}

/// A folder that goes away with the demo.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Result<Self, CliError> {
        let mut random = [0u8; 8];
        getrandom::fill(&mut random).map_err(|error| CliError::Failed(error.to_string()))?;
        let name = format!("understory-demo-{:016x}", u64::from_le_bytes(random));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)
            .map_err(|error| CliError::Failed(format!("{}: {error}", path.display())))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "the demo's folder could not be removed");
        }
    }
}
