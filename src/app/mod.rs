//! The wiring: opens the store, joins jobs with synchronizers and the API with both, serves, stops.
//!
//! The one place that sees everything, so that the parts need not see each other.

mod api;
mod limits;
mod lock;
mod metrics;
mod overlaps;
mod probes;
mod rights;
mod work;

pub use lock::Lock;

use crate::clock::Clock;
use crate::config::Config;
use crate::graphql::service::Service;
use crate::graphql::{self, Api, Synchronizers};
use crate::http::{self, Exposition, Gate, Hosts, HttpConfig, HttpState, Shutdown};
use crate::jobs::{Jobs, Runner};
use crate::oidc::Verifier;
use crate::store::Store;
use crate::telemetry::metrics::{OperationMetrics, TransportMetrics};
use anyhow::Context;
use metrics::Metrics;
use rights::Rights;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Refuses what keeps a server from starting and can be seen before it starts: without the network,
/// a port or the database.
pub async fn refuse_early(config: &Config) -> anyhow::Result<()> {
    lock::require_folder(&config.database)?;
    match &config.jwt {
        Some(settings) => settings
            .keys
            .refuse_early()
            .await
            .map_err(anyhow::Error::msg),
        None => Ok(()),
    }
}

/// A server that runs.
pub struct Server {
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    store: Store,
    service: Service,
    shutdown: Shutdown,
    stop_jobs: watch::Sender<bool>,
    runner: JoinHandle<()>,
    serving: JoinHandle<()>,
    _lock: Lock,
}

impl Server {
    /// Starts a server; it answers as soon as this returns.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        // First of all, so that a port in use is told before a database is made.
        let listener = bind(config.listen).await?;
        let address = listener.local_addr()?;
        let metrics_listener = match config.operations.metrics_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let issuer = match config.jwt.clone() {
            Some(settings) => Some(
                Verifier::start(settings)
                    .await
                    .map_err(anyhow::Error::msg)?,
            ),
            None => None,
        };
        let lock = Lock::take(&config.database)?;
        let patience = limits::of_the_store(&config);
        let store = Store::open_with(&config.database, Clock::system(), patience).await?;
        let jobs = Jobs::new(
            store.clone(),
            Arc::new(work::Synchronization::new(store.clone())),
        )
        .with_queue(limits::of_the_queue(&config));
        let operations = OperationMetrics::default();
        let transports = TransportMetrics::default();
        let api = api::join(&store, &jobs, &config).await?;
        let usable = api.info.synchronizers_enabled;
        let of_jobs = usable.then(|| jobs.metrics());
        let metrics = Metrics::new(&store, of_jobs, &operations, &transports);
        let metrics: Arc<dyn Exposition> = Arc::new(metrics);
        let runner = Runner::new(jobs.clone(), config.jobs);
        let recovered = runner.recover().await?;
        if recovered > 0 {
            tracing::info!(recovered, "jobs that were interrupted wait again");
        }
        let (stop_jobs, stopping) = watch::channel(false);
        let runner = tokio::spawn(runner.run(stopping.clone()));
        let shutdown = Shutdown::new();
        let rights = Rights::watch(&store).await?;
        let http = Arc::new(HttpConfig {
            hosts: Hosts::of_listener(address.ip(), &config.web.allowed_hosts),
            ..limits::of_transports(&config)
        });
        let service = service(api, &config, operations)?;
        let state = HttpState {
            service: service.clone(),
            authenticator: Arc::new(probes::Tokens::new(store.clone(), rights, issuer)),
            readiness: Arc::new(probes::Ready {
                store: store.clone(),
                jobs,
                runner: runner.abort_handle(),
                stopping,
            }),
            exposition: Arc::clone(&metrics),
            metrics: transports,
            gate: Gate::new(&http),
            config: Arc::clone(&http),
            shutdown: shutdown.clone(),
        };
        let router = http::router(state, http::playground::router());
        let metrics_address = match metrics_listener {
            Some(listener) => {
                let address = listener.local_addr()?;
                let router = http::metrics_router(metrics);
                let config = Arc::clone(&http);
                tokio::spawn(http::serve(listener, router, config, shutdown.clone()));
                Some(address)
            }
            None => None,
        };
        let serving = tokio::spawn(http::serve(listener, router, http, shutdown.clone()));
        Ok(Self {
            address,
            metrics_address,
            store,
            service,
            shutdown,
            stop_jobs,
            runner,
            serving,
            _lock: lock,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it serves metrics, if that is an address of their own.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// The store behind it.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What all its transports execute operations through.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Begins to stop: it is not ready any more and starts no job, but still answers.
    pub fn retire(&self) {
        self.stop_jobs.send_replace(true);
    }

    /// Stops: no new jobs, running ones reach a safe point, subscriptions are completed.
    pub async fn stop(self) {
        self.retire();
        if let Err(error) = self.runner.await {
            tracing::error!(%error, "the job runner broke off");
        }
        self.shutdown.begin();
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "serving broke off");
        }
        self.store.close().await;
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("cannot listen on {address}"))
}

/// Shows what may be used of the API.
fn service(api: Api, config: &Config, operations: OperationMetrics) -> anyhow::Result<Service> {
    let schema = graphql::schema(api.clone());
    let all = graphql::sdl(Synchronizers::Shown);
    let usable = api.info.synchronizers_enabled;
    let mut builder = Service::builder(schema, all).trusting(graphql::trusting_schema(api.clone()));
    if !usable {
        builder = builder.showing_only(graphql::sdl(Synchronizers::Hidden), api::SWITCHED_OFF);
    }
    builder
        .limits(limits::of_operations(config))
        .sharing(graphql::SHARED)
        .observed_by(Arc::new(metrics::Operations(operations)))
        .providing(move |viewer, data| graphql::provide(&api, viewer, data))
        .build()
        .context("the schema cannot be served")
}
