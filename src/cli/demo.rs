//! `understory demo`: a server with a throw-away database that has something to see in it.

mod data;

use super::CliError;
use super::serve::{Signals, drain_delay, say, start, start_telemetry, stop_on_signal};
use super::token;
use crate::clock::Clock;
use crate::config::{CommonOptions, Feature, UnknownVariable};
use crate::domain::JobId;
use crate::store::users::Role;
use crate::store::{Store, StoreError, jobs};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

#[derive(clap::Args)]
pub(super) struct Demo {
    #[command(flatten)]
    options: CommonOptions,
}

/// The user whose token the demo's link carries.
const USER: &str = "demo";

const PAUSE: Duration = Duration::from_millis(20);
/// A machine that is slower than this shows the demo before it is complete.
const PATIENCE: Duration = Duration::from_secs(20);

impl Demo {
    pub(super) async fn run(self, unknown: &[UnknownVariable]) -> Result<ExitCode, CliError> {
        let folder = Folder::make()?;
        let database = folder.0.join("demo.db");
        let config = self.options.serving(database, &[Feature::Synchronizers])?;
        let telemetry = start_telemetry(&config, unknown)?;
        let (token, job) = fill(&config.database, &folder.0).await?;
        let signals = Signals::listen()?;
        let delay = drain_delay(&config);
        let server = start(config).await?;
        wait_for(server.store(), job).await?;
        let address = server.address();
        say(&format!("playground: http://{address}/#token={token}"));
        say("Everything is in a throw-away database: stop with Ctrl+C, and it is gone.");
        let code = stop_on_signal(server, signals, delay).await;
        telemetry.stop().await;
        drop(folder);
        code
    }
}

async fn fill(database: &Path, folder: &Path) -> Result<(String, JobId), CliError> {
    let store = Store::open(database, Clock::system()).await?;
    let token = token::create(
        &store,
        USER.to_owned(),
        Role::Admin,
        "demo".to_owned(),
        None,
    )
    .await?;
    let job = data::fill(&store, folder, &token)
        .await
        .map_err(CliError::Failed)?;
    store.close().await;
    Ok((token, job))
}

/// Who opens the demo's link finds it complete.
async fn wait_for(store: &Store, job: JobId) -> Result<(), CliError> {
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        let found = store.read(move |tx| jobs::find(tx, job)).await;
        let found = found.map_err(|error: StoreError| CliError::Failed(error.to_string()))?;
        if found.is_none_or(|job| job.state.is_ended()) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
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
