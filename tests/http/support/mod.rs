//! A server on a free port, and the plainest clients that show every byte.

pub(crate) mod client;
pub(crate) mod schema;
pub(crate) mod socket;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use futures_util::{FutureExt, future::BoxFuture};
use tokio::{net::TcpListener, task::JoinHandle};
use understory::{
    domain::{Admission, Denial, UserId, Viewer},
    graphql::service::{Limits, Service},
    http::{
        Authenticator, Exposition, Gate, HttpConfig, HttpState, Readiness, Shutdown, Verdict,
        router, serve,
    },
    telemetry::metrics::{Format, TransportMetrics},
};

/// The token that is good until [`Tokens::revoke`].
pub(crate) const TOKEN: &str = "good-token";

/// The token of another user.
pub(crate) const OTHER_TOKEN: &str = "other-token";
/// The token of an administrator, which stays good.
pub(crate) const ADMIN_TOKEN: &str = "admin-token";

/// Knows two tokens.
#[derive(Default)]
pub(crate) struct Tokens {
    revoked: std::sync::atomic::AtomicBool,
    expires: std::sync::Mutex<Option<std::time::Instant>>,
    changes: tokio::sync::watch::Sender<()>,
}

impl Tokens {
    /// Ends the token, which nobody is told.
    pub(crate) fn revoke(&self) {
        self.revoked
            .store(true, std::sync::atomic::Ordering::SeqCst);
    }

    /// Lets the token end by itself, of which only sessions that are opened from now on know.
    pub(crate) fn expire_in(&self, time: Duration) {
        *self.expires.lock().unwrap() = Some(std::time::Instant::now() + time);
    }

    /// Tells that tokens may have ended.
    pub(crate) fn tell(&self) {
        self.changes.send_replace(());
    }
}

impl Authenticator for Tokens {
    fn changes(&self) -> tokio::sync::watch::Receiver<()> {
        self.changes.subscribe()
    }

    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Verdict, String>> {
        let revoked = self.revoked.load(std::sync::atomic::Ordering::SeqCst);
        let expires = *self.expires.lock().unwrap();
        let lasts = expires.map(|at| at.saturating_duration_since(std::time::Instant::now()));
        let admit = |id, name: &str, admin| {
            let viewer = Viewer {
                user_id: UserId(id),
                name: name.to_owned(),
                admin,
                token_ends: None,
            };
            Ok(Ok(Admission { viewer, lasts }))
        };
        let found = match token {
            TOKEN if revoked => Ok(Err(Denial::Revoked)),
            TOKEN if lasts.is_some_and(|left| left.is_zero()) => Ok(Err(Denial::Expired)),
            TOKEN => admit(1, "Ada", false),
            OTHER_TOKEN => admit(2, "Bob", false),
            ADMIN_TOKEN => admit(3, "Root", true),
            "broken" => Err("the store is away".to_owned()),
            _ => Ok(Err(Denial::Unknown)),
        };
        std::future::ready(found).boxed()
    }
}

struct NotReady;

impl Readiness for NotReady {
    fn ready(&self) -> BoxFuture<'_, Result<(), String>> {
        std::future::ready(Err("the scheduler does not run".to_owned())).boxed()
    }
}

struct OneMetric;

impl Exposition for OneMetric {
    fn write(&self, format: Format) -> BoxFuture<'_, Result<String, String>> {
        std::future::ready(Ok(format!("{format:?} 1\n"))).boxed()
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: Shutdown,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) running: JoinHandle<()>,
}

/// Times short enough for tests.
pub(crate) fn config() -> HttpConfig {
    HttpConfig {
        request_timeout: Duration::from_millis(500),
        init_timeout: Duration::from_millis(300),
        ping_interval: Duration::from_millis(200),
        send_timeout: Duration::from_millis(500),
        drain_timeout: Duration::from_secs(2),
        ..HttpConfig::default()
    }
}

pub(crate) async fn start() -> Server {
    start_with(config()).await
}

pub(crate) async fn start_with(config: HttpConfig) -> Server {
    start_within(config, Limits::default()).await
}

pub(crate) async fn start_within(config: HttpConfig, limits: Limits) -> Server {
    let schema = schema::build();
    let sdl = schema.sdl();
    let service = Service::builder(schema, sdl)
        .limits(limits)
        .build()
        .unwrap();
    let (shutdown, tokens) = (Shutdown::new(), Arc::new(Tokens::default()));
    let config = Arc::new(config);
    let state = HttpState {
        service,
        authenticator: Arc::clone(&tokens) as _,
        readiness: Arc::new(NotReady),
        exposition: Arc::new(OneMetric),
        metrics: TransportMetrics::default(),
        gate: Gate::new(&config),
        config: Arc::clone(&config),
        shutdown: shutdown.clone(),
    };
    let pages = Router::new()
        .route("/", axum::routing::get(|| async { "<!doctype html>" }))
        .route(
            "/panic",
            axum::routing::get(|| async { panic!("a page panicked on purpose") as () }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let running = tokio::spawn(serve(
        listener,
        router(state, pages),
        config,
        shutdown.clone(),
    ));
    Server {
        address,
        shutdown,
        tokens,
        running,
    }
}
