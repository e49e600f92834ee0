//! The server, which dies and lives again at another address.

use crate::support::client::{Client, Gone};
use crate::support::server::{Process, TOKEN, World};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The server and who knows where it is.
pub(super) struct Host {
    database: PathBuf,
    process: Option<Process>,
    place: watch::Sender<State>,
}

/// Where the server is now, and which versions of structures are the last that come.
#[derive(Clone)]
pub(super) struct State {
    address: SocketAddr,
    last_versions: Option<HashMap<String, i64>>,
}

/// Finds the server.
#[derive(Clone)]
pub(super) struct Place(watch::Receiver<State>);

impl Place {
    /// A connection, as soon as there is one.
    pub(super) async fn connect(&self) -> Client {
        loop {
            let address = self.0.borrow().address;
            match Client::try_connect(address, TOKEN).await {
                Ok(client) => return client,
                Err(Gone) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// The last version of a structure, once nothing changes any more.
    pub(super) fn last_version(&self, structure: &str) -> Option<i64> {
        let state = self.0.borrow();
        Some(state.last_versions.as_ref()?[structure])
    }

    /// Waits until nothing changes any more.
    pub(super) async fn over(&mut self) {
        let over = |state: &State| state.last_versions.is_some();
        let _ = self.0.wait_for(over).await;
    }
}

impl Host {
    pub(super) fn start(world: &World) -> Self {
        let database = world.database();
        let process = Process::spawn(&database);
        let (place, _) = watch::channel(State {
            address: process.address,
            last_versions: None,
        });
        Self {
            database,
            process: Some(process),
            place,
        }
    }

    pub(super) fn place(&self) -> Place {
        Place(self.place.subscribe())
    }

    /// Ends the server, by a kill or as an operator would, and starts it again.
    pub(super) fn end_and_start_again(&mut self, kill: bool) {
        let process = self.process.take().expect("the server runs");
        if kill {
            process.kill();
        } else {
            assert_eq!(process.terminate(), Some(0), "the server stops cleanly");
        }
        let process = Process::spawn(&self.database);
        let address = process.address;
        self.place.send_modify(|state| state.address = address);
        self.process = Some(process);
    }

    /// The server's resident memory in kilobytes, read now and again until `end`.
    pub(super) async fn watch_memory(&self, end: Instant) -> Vec<u64> {
        let process = self.process.as_ref().expect("the server runs");
        let pause = end.saturating_duration_since(Instant::now()) / 60;
        let mut read = Vec::new();
        while Instant::now() < end {
            tokio::time::sleep(pause).await;
            read.extend(process.memory());
        }
        read
    }

    /// Lets followers end at the given versions.
    pub(super) fn say_that_it_is_over(&self, versions: HashMap<String, i64>) {
        self.place
            .send_modify(|state| state.last_versions = Some(versions));
    }

    pub(super) fn stop(mut self) {
        let process = self.process.take().expect("the server runs");
        assert_eq!(process.terminate(), Some(0), "the server stops cleanly");
    }
}
