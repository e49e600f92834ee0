//! Serving a listener until shutdown, and then until what runs has ended.
//!
//! Connections are served here and not by axum's own loop, since that one limits neither how many
//! there are nor how long a client may take: to send a request's head, or to take an answer.

use std::{convert::Infallible, io, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, extract::Request};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;

use super::{
    HttpConfig, Shutdown,
    gate::{Connections, Peer},
    reserve,
    shutdown::Guard,
};

/// Pause after which connections are accepted again, when the process has no file left for one.
const EXHAUSTED: Duration = Duration::from_secs(1);

/// Serves until the shutdown begins. Then no connection is accepted any more, subscriptions are
/// completed, running requests may end; this returns when all did, or after the time to drain.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: Arc<HttpConfig>,
    shutdown: Shutdown,
) {
    let drain = config.drain_timeout;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(config.head_timeout)
        .max_buf_size(config.head_limit);
    let server = Server {
        connections: Connections::new(&config),
        http,
        service: TowerToHyperService::new(router),
        send_timeout: config.send_timeout,
    };
    tokio::select! {
        never = server.accept(&listener, &shutdown) => match never {},
        () = shutdown.begun() => drop(listener),
    }
    if timeout(drain, shutdown.drained()).await.is_err() {
        tracing::warn!(
            ?drain,
            "connections were still open at the end of the drain"
        );
    }
}

struct Server {
    connections: Connections,
    http: http1::Builder,
    service: TowerToHyperService<Router>,
    send_timeout: Duration,
}

impl Server {
    async fn accept(&self, listener: &TcpListener, shutdown: &Shutdown) -> Infallible {
        loop {
            match listener.accept().await {
                Ok((stream, from)) => self.open(stream, from.ip(), shutdown.guard()),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted");
                    sleep(EXHAUSTED).await;
                }
            }
        }
    }

    fn open(&self, stream: TcpStream, from: IpAddr, guard: Guard) {
        match self.connections.admit(from) {
            Ok(connection) => {
                let peer = Peer::new(from, connection);
                self.serve(stream, peer, guard);
            }
            Err(reason) => {
                let Some(connection) = self.connections.reserve(from) else {
                    tracing::warn!(reason, "a connection is cut");
                    return;
                };
                let peer = Peer::new(from, connection);
                let (http, service) = (self.http.clone(), self.service.clone());
                tokio::spawn(async move {
                    reserve::serve(http, service, stream, peer, reason).await;
                    drop(guard);
                });
            }
        }
    }

    fn serve(&self, stream: TcpStream, peer: Peer, mut guard: Guard) {
        // Small answers and events leave at once instead of waiting for more to send.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.send_timeout));
        let service = self.service.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer.clone());
            service.call(request)
        });
        let connection = self
            .http
            .serve_connection(TokioIo::new(Box::pin(stream)), service)
            .with_upgrades();
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            let result = tokio::select! {
                result = connection.as_mut() => result,
                () = guard.begun() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = result {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
}

/// Whether an error concerns one connection, which has gone, and not the listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionRefused | ConnectionAborted | ConnectionReset
    )
}
